/*
what: >-
  The months that a reporter releases together, by source and span of years: a single one of them cannot be compared.
  Every table and analysis reads this list. A source of such a reporter that publishes the months separately is listed,
  too, without months, for the years in which that was seen.
grain: [reporter_code, source, valid_from_year]
required: [reason]
example: |-
  select source, valid_from_year, valid_to_year, first_month, last_month, reason
  from core.joint_months
  where reporter_code = 'CHN'
columns:
- reporter_code, source
- valid_from_year: year | The first year to which the row applies.
- valid_to_year
- first_month: count | The first month released together with others; null if months are published separately.
- last_month: count | The last month released together with others; null if months are published separately.
- reason (in short)
*/
select
    * exclude (first_month, last_month),
    cast(from_year as integer) as valid_from_year,
    coalesce(cast(to_year as integer), 9999) as valid_to_year,
    cast(first_month as integer) as first_month,
    cast(last_month as integer) as last_month
from reference.joint_months
