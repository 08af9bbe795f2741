/*
what: >-
  Imports for consumption by partner, product and year, with the duty charged and the partner's share of the reporter's
  imports of the product from all partners; TOTAL has all products of the classification together. The shares show how
  trade moved between partners; those of an open year use only its available months.
subject: events
grain: [reporter_code, partner_code, classification, product_code, year]
required: [month_count, is_whole_year, imports_usd, duty_usd, snapshot_ids]
example: |-
  select year, partner_code, round(share_pct, 1) as share_pct, round(duty_rate_pct, 1) as duty_rate_pct
  from marts.duty_charged_annual
  where partner_code in ('CHN', 'MEX', 'VNM') and classification = 'NAICS3' and product_code = 'TOTAL' and year >= 2017
  order by partner_code, year
columns:
- reporter_code, partner_code (or the world), classification (of imports for consumption)
- product_code (or all of a classification)
- year
- month_count: count | The months of the year in which the reporter imported from any partner.
- is_whole_year: true/false | All twelve months are available.
- imports_usd (for consumption)
- duty_usd
- duty_rate_pct
- share_pct: percent | The partner's share of imports_usd from all partners, of the product in the same months.
- share_change_points: >-
    percentage points | share_pct less that of the year before; null unless both years are whole.
- snapshot_ids
*/
with years as (
    select
        reporter_code,
        partner_code,
        classification,
        product_code,
        cast(year(period_start) as integer) as year,
        sum(imports_usd) as imports_usd,
        sum(duty_usd) as duty_usd,
        list_sort(list_distinct(flatten(array_agg(snapshot_ids)))) as snapshot_ids
    from marts.duty_charged_monthly
    group by all
),

covered as (
    select
        reporter_code,
        classification,
        cast(year(period_start) as integer) as year,
        cast(count(distinct period_start) as integer) as month_count
    from marts.duty_charged_monthly
    where partner_code = 'WLD' and product_code = 'TOTAL'
    group by all
),

shares as (
    select
        years.*,
        covered.month_count,
        covered.month_count = 12 as is_whole_year,
        100 * years.duty_usd / nullif(years.imports_usd, 0) as duty_rate_pct,
        100 * years.imports_usd / nullif(world.imports_usd, 0) as share_pct
    from years
    inner join covered using (reporter_code, classification, year)
    left join years as world
        on
            world.partner_code = 'WLD'
            and years.reporter_code = world.reporter_code
            and years.classification = world.classification
            and years.product_code = world.product_code
            and years.year = world.year
)

select
    *,
    case
        when lag(year) over in_order = year - 1 and is_whole_year and lag(is_whole_year) over in_order
            then share_pct - lag(share_pct) over in_order
    end as share_change_points
from shares
window in_order as (partition by reporter_code, partner_code, classification, product_code order by year)
