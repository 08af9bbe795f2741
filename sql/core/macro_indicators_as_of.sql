/*
what: >-
  Every value of a World Development Indicator as it was known at the end of a day: macro_indicators_observations
  without values that were not yet known or already replaced.
grain: [economy_code, indicator_code, year]
parameters: [moment]
example: |-
  select indicator_code, year, value, unit, known_from
  from core.macro_indicators_as_of(current_date)
  where economy_code = 'KOR'
  order by year desc limit 10
columns:
- economy_code (or a group), indicator_code, year, value (in its unit), unit (of the value), observation_status, source
- dataset, snapshot_id (of the first value), known_from (of the value)
*/
select * exclude (known_to, shown_until)
from core.macro_indicators_observations
where known_from <= moment and (known_to is null or known_to > moment)
