/*
what: >-
  The composition of GDP by economy and year, as known now. The components need not add up to 100, because GDP also
  includes net taxes on products, except where services are derived as the rest after the others. Compare two economies
  or years only if one release shows both: known_from of each is not after shown_until of the other. For services
  marts.services_in_gdp_annual has found that release.
subject: composition
grain: [economy_code, year, component]
figures: [share_pct]
required: [basis, source, known_from, snapshot_id]
example: |-
  select year, component, share_pct, basis, known_from, shown_until
  from marts.gdp_composition_annual
  where economy_code = 'CHN'
  order by year desc, component limit 12
columns:
- economy_code, year, component, share_pct, basis, source, source_reason, known_from (of the share), shown_until
- snapshot_id (of a share)
*/
select
    * exclude (dataset, precedence_reason),
    components.precedence_reason as source_reason
from core.gdp_components as components
