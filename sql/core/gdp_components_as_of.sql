/*
what: >-
  Shares of a component in GDP as they were known at the end of a day, one share each by core.source_precedence.
grain: [economy_code, year, component]
parameters: [moment]
example: |-
  select component, share_pct, basis, known_from
  from core.gdp_components_as_of(date '2026-05-15')
  where economy_code = 'CHN' and year = 2024
columns:
- economy_code (or a group), year, component, share_pct, basis, snapshot_id (of the first), known_from (of the share)
*/
select observations.*
from core.gdp_components_observations as observations
inner join core.source_precedence as precedence using (source, dataset, basis)
where
    precedence.metric = 'gdp_component'
    and observations.economy_code = precedence.reporter_code
    and observations.year between precedence.valid_from_year and precedence.valid_to_year
    and observations.share_pct is not null
    and observations.known_from <= moment
    and (observations.known_to is null or observations.known_to > moment)
qualify
    row_number() over (
        partition by observations.economy_code, observations.year, observations.component
        order by precedence.precedence_rank asc, observations.known_from desc, observations.basis desc
    ) = 1
