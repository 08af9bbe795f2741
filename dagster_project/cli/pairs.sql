-- The statistics of each reporter with each partner, with the spans as texts that name what they lack.
select
    concat(reporter_code, '-', partner_code) as pair,
    first_year || '–' || last_year || coalesce(' without ' || missing_years, '') as years,
    strftime(first_month_start, '%Y-%m') || '–' || strftime(last_month_start, '%Y-%m')
    || coalesce(' without ' || missing_months, '') as months,
    both_sides_first_year || '–' || both_sides_last_year as "both sides",
    vintage_count as vintages,
    *
from marts.pair_coverage
where $economy is null or $economy in (reporter_code, partner_code)
order by
    coalesce(list_position($pairs, pair), 1000),
    both_sides_year_count + year_count + month_count / 12 desc,
    pair
