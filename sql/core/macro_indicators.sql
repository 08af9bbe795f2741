/*
what: >-
  World Development Indicators by economy and year, as known now. No groups of economies.
grain: [economy_code, indicator_code, year]
figures: [value]
required: [unit, snapshot_id]
columns:
- economy_code, indicator_code
- indicator_label: text | The indicator's name.
- year
- value: own unit | The value, in `unit`.
- unit (of the value), source, dataset, snapshot_id, known_from (of the value)
*/
select
    observations.* exclude (observation_status, known_to, shown_until),
    indicators.label as indicator_label
from core.macro_indicators_observations as observations
inner join core.economies as economies using (economy_code)
left join core.indicators as indicators using (indicator_code)
where
    not economies.is_aggregate
    and observations.known_to is null and observations.value is not null
