/*
what: >-
  The working days of an economy by month: weekdays that are no public holiday, and in Korea half of each Saturday that
  is none, as its ministry of trade counts them. Days to come follow the holidays that the law foresees.
grain: [economy_code, period_start]
required: [working_days]
example: |-
  select period_start, working_days
  from core.working_days
  where economy_code = 'KOR' and year(period_start) = 2025
  order by period_start
columns:
- economy_code: code | The economy (ISO 3166 alpha-3).
- period_start (month)
- working_days: days | The number of working days.
- source: text | The package with the holidays.
*/
select
    economy_code,
    cast(month as date) as period_start,
    cast(working_days as double) as working_days,
    source
from reference.working_days
