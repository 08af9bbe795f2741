/*
what: >-
  Shares of a component in GDP by economy and year, as known now: one share each, by core.source_precedence. Of a
  reported and a derived share the newer counts, and of two of one day the reported one. No groups of economies.
grain: [economy_code, year, component]
required: [basis, snapshot_id]
columns:
  economy_code: code | The economy (ISO 3166 alpha-3).
  year: year | The year.
  component: code | agriculture, industry, manufacturing (part of industry) or services.
  share_pct: percent | Value added of the component, share of GDP.
  basis: code | reported by the source, or derived here from other components.
  source: code | The publisher.
  dataset: code | The publisher's dataset.
  precedence_reason: text | Why the source and the basis stand where they do.
  snapshot_id: code | The snapshot the share stands in; of a derived one, the newer of the two.
  known_from: date | The day from which the share counts as known.
  shown_until: date | The last release held that shows it.
*/
select
    observations.* exclude (observation_status, known_to),
    precedence.reason as precedence_reason
from core.gdp_components_observations as observations
inner join core.economies as economies using (economy_code)
inner join core.source_precedence as precedence using (source, dataset, basis)
where
    not economies.is_aggregate
    and precedence.metric = 'gdp_component'
    and observations.economy_code = precedence.reporter_code
    and observations.year between precedence.valid_from_year and precedence.valid_to_year
    and observations.known_to is null and observations.share_pct is not null
qualify
    row_number() over (
        partition by observations.economy_code, observations.year, observations.component
        order by precedence.precedence_rank asc, observations.known_from desc, observations.basis desc
    ) = 1
