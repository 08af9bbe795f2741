/*
what: >-
  Shares of a component in GDP by economy and year, as known now: one share each, by core.source_precedence. Where a
  share is both reported and derived, the newer one is used; on the same day, the reported one. No groups of economies.
grain: [economy_code, year, component]
required: [basis, snapshot_id]
columns:
- economy_code, year, component, share_pct, basis, source, dataset, precedence_reason, snapshot_id (of a share)
- known_from (of the share), shown_until
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
