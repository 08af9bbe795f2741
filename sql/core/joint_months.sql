/*
what: >-
  Which months a reporter releases together, by source and span of years: one of them alone compares with nothing. The
  one list that every table and analysis reads. A source of such a reporter that prints them apart is in it too, without
  months, for the years in which that was seen.
grain: [reporter_code, source, valid_from_year]
required: [reason]
example: |-
  select source, valid_from_year, valid_to_year, first_month, last_month, reason
  from core.joint_months
  where reporter_code = 'CHN'
columns:
- reporter_code, source
- valid_from_year: year | The first year it holds for.
- valid_to_year
- first_month: count | The first of the months released together; null where they are printed apart.
- last_month: count | The last of them; null where they are printed apart.
- reason (in short)
*/
select
    * exclude (first_month, last_month),
    cast(from_year as integer) as valid_from_year,
    coalesce(cast(to_year as integer), 9999) as valid_to_year,
    cast(first_month as integer) as first_month,
    cast(last_month as integer) as last_month
from reference.joint_months
