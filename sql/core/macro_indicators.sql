/*
what: >-
  World Development Indicators by economy and year, as known now. No groups of economies.
grain: [economy_code, indicator_code, year]
figures: [value]
required: [unit, snapshot_id]
columns:
  economy_code: code | The economy (ISO 3166 alpha-3).
  indicator_code: code | The indicator, in the World Bank's codes.
  indicator_label: text | What it measures.
  year: year | The year.
  value: own unit | The value, in `unit`.
  unit: text | The unit of the value.
  source: code | The publisher.
  dataset: code | The publisher's dataset.
  snapshot_id: code | The snapshot the value stands in.
  known_from: date | The day from which the value counts as known.
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
