/*
what: >-
  Every value of a World Development Indicator as it was known at the end of a day: macro_indicators_observations
  without what was not yet known and what had already been replaced.
grain: [economy_code, indicator_code, year]
parameters: [moment]
example: |-
  select indicator_code, year, value, unit, known_from
  from core.macro_indicators_as_of(current_date)
  where economy_code = 'KOR'
  order by year desc limit 10
columns:
  economy_code: code | The economy (ISO 3166 alpha-3), or the World Bank's code for a group.
  indicator_code: code | The indicator, in the World Bank's codes.
  year: year | The year.
  value: own unit | The value, in `unit`; null if the source had withdrawn it.
  unit: text | The unit of the value.
  observation_status: code | SDMX status, A normal or M missing.
  source: code | The publisher.
  dataset: code | The publisher's dataset.
  snapshot_id: code | The snapshot that showed the value first.
  known_from: date | The day from which the value counts as known.
*/
select * exclude (known_to, shown_until)
from core.macro_indicators_observations
where known_from <= moment and (known_to is null or known_to > moment)
