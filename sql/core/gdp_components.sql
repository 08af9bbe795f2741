/*
what: >-
  Shares of a component in GDP by economy and year, as known now. Of a reported and a derived share the newer counts,
  and of two of the same age the reported one. No groups of economies.
grain: [economy_code, year, component]
columns:
  economy_code: code | The economy (ISO 3166 alpha-3).
  year: year | The year.
  component: code | agriculture, industry, manufacturing (part of industry) or services.
  share_pct: percent | Value added of the component, share of GDP.
  basis: code | reported by the source, or derived here from other components.
  source: code | The publisher.
  snapshot_id: code | The snapshot the share stands in; of a derived one, the newer of the two.
  known_from: date | The day from which the share counts as known.
*/
select
    observations.economy_code,
    observations.year,
    observations.component,
    observations.share_pct,
    observations.basis,
    observations.source,
    observations.snapshot_id,
    observations.known_from
from core.gdp_components_observations as observations
inner join core.economies as economies
    on observations.economy_code = economies.economy_code and not economies.is_aggregate
where observations.known_to is null
qualify
    row_number() over (
        partition by observations.economy_code, observations.year, observations.component
        order by observations.known_from desc, observations.basis desc
    ) = 1
