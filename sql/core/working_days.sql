/*
what: >-
  The working days of an economy by month: weekdays without public holidays, and in Korea half a day for each Saturday
  without one, as its ministry of trade counts. Future days use the holidays that the law provides.
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
- holidays_from: text | The package with the holidays.
*/
select
    economy_code,
    cast(month as date) as period_start,
    cast(working_days as double) as working_days,
    source as holidays_from
from reference.working_days
