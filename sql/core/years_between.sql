/*
what: >-
  The years that a question is asked about, a row each: from since_year to until_year, where until_year is the last year
  held if it is null, and since_year lies years_back before it if it is null. No rows without a last year.
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
