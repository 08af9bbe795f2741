/*
what: >-
  The years that a question covers, one row each, from since_year to until_year. If until_year is null it is the last
  available year; if since_year is null it lies years_back before until_year. No rows without a last year.
grain: [year]
parameters: [since_year, until_year, last_year_held, years_back]
example: |-
  select year
  from core.years_between(null, null, 2025, 3)
  order by year
columns:
- year
*/
select unnest(
    range(
        coalesce(since_year, coalesce(until_year, last_year_held) - years_back),
        coalesce(until_year, last_year_held) + 1
    )
) as year
