/*
what: >-
  Shares of a component in GDP as they were known on a day.
grain: [economy_code, year, component]
parameters: [moment]
columns:
  economy_code: code | The economy (ISO 3166 alpha-3), or the World Bank's code for a group.
  year: year | The year.
  component: code | agriculture, industry, manufacturing (part of industry) or services.
  share_pct: percent | Value added of the component, share of GDP.
  basis: code | reported by the source, or derived here from other components.
  snapshot_id: code | The snapshot that showed the share first.
  known_from: date | The day from which the share counts as known.
*/
select
    economy_code,
    year,
    component,
    share_pct,
    basis,
    snapshot_id,
    known_from
from core.gdp_components_observations
where known_from <= moment and (known_to is null or known_to > moment)
qualify
    row_number() over (
        partition by economy_code, year, component
        order by known_from desc, basis desc
    ) = 1
