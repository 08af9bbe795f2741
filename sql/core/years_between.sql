/*
what: >-
  The years that a question covers, one row each, from since_year to until_year. If until_year is null it is the last
  available year; if since_year is null, it is until_year less years_back. Without a last year there are no rows.
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
