/*
what: >-
  The available figures of each reporter's goods trade with each partner: years and months, gaps between them, products,
  years that the partner's statistics also have, and vintages. A year or month counts only if it has both flows. No
  groups of economies.
subject: balance
grain: [reporter_code, partner_code]
required: [year_count, month_count, both_sides_year_count, vintage_count, snapshot_ids]
example: |-
  select partner_code, first_month_start, last_month_start, missing_months
  from marts.pair_coverage
  where reporter_code = 'KOR' and missing_months is not null
columns:
- reporter_code, partner_code
- year_count: count | The number of years with exports and imports.
- first_year: year | The first year with both flows.
- last_year: year | The last year with both flows.
- missing_years: text | The years in between that lack a flow, such as 1991, 1996–1998; null if none does.
- month_count: count | The number of months with exports and imports.
- first_month_start: date | The first day of the first month with both flows.
- last_month_start: date | The first day of the last month with both flows.
- missing_months: text | The months in between that lack a flow, such as 2022-08–2025-06; null if none does.
- products: >-
    text | The classifications of the available products, with the digits of their codes and the years; `selected` if
    they do not make all goods.
- both_sides_year_count: count | The number of years with both flows in the statistics of both economies.
- both_sides_first_year: year | The first year with both flows in both statistics.
- both_sides_last_year: year | The last year with both flows in both statistics.
- vintage_count: count | The number of days on which a total of the reporter with the partner became known or changed.
- first_known_from: date | The first day on which a total became known.
- last_known_from: date | The last day on which a total became known or changed.
- sources: text | The sources of the totals, separated by commas.
- snapshot_ids
*/
with totals as (
    select
        observations.reporter_code,
        observations.partner_code,
        cast(count(distinct observations.known_from) as integer) as vintage_count,
        min(observations.known_from) as first_known_from,
        max(observations.known_from) as last_known_from,
        string_agg(distinct observations.source, ', ' order by observations.source) as sources,
        list_sort(list_distinct(array_agg(observations.snapshot_id))) as snapshot_ids
    from core.goods_trade_observations as observations
    inner join core.economies as partners
        on observations.partner_code = partners.economy_code and not partners.is_aggregate
    where
        observations.classification = 'TOTAL'
        and observations.value_usd is not null
        and observations.reporter_code != observations.partner_code
    group by all
),

years as (
    select
        reporter_code,
        partner_code,
        year,
        lag(year) over (partition by reporter_code, partner_code order by year) as earlier
    from marts.trade_balance_annual
    where balance_usd is not null
),

annual as (
    select
        reporter_code,
        partner_code,
        count(*) as year_count,
        min(year) as first_year,
        max(year) as last_year,
        string_agg(
            case
                when year - earlier = 2 then cast(year - 1 as varchar)
                when year - earlier > 2
                    then concat(cast(earlier + 1 as varchar), '–', cast(year - 1 as varchar))
            end, ', ' order by year
        ) as missing_years
    from years
    group by all
),

months as (
    select
        reporter_code,
        partner_code,
        period_start,
        lag(period_start) over (partition by reporter_code, partner_code order by period_start) as earlier
    from marts.trade_balance_monthly
    where balance_usd is not null
),

-- A gap begins the month after the earlier one and ends the month before this one.
gaps as (
    select
        *,
        left(cast(last_day(earlier) + 1 as varchar), 7) as gap_start,
        left(cast(period_start - 1 as varchar), 7) as gap_end
    from months
),

monthly as (
    select
        reporter_code,
        partner_code,
        count(*) as month_count,
        min(period_start) as first_month_start,
        max(period_start) as last_month_start,
        string_agg(
            case
                when gap_start = gap_end then gap_start
                when gap_start < gap_end then concat(gap_start, '–', gap_end)
            end, ', ' order by period_start
        ) as missing_months
    from gaps
    group by all
),

classified as (
    select
        reporter_code,
        partner_code,
        case when classification like 'HS%' then 'HS' else classification end as classification,
        level,
        min(year(period_start)) as first_year,
        max(year(period_start)) as last_year,
        count(distinct year(period_start)) as year_count,
        max(coverage) as coverage
    from core.product_trade_annual
    group by all
),

products as (
    select
        reporter_code,
        partner_code,
        string_agg(
            concat(
                classification, ' ', cast(level as varchar), case when level = 1 then ' digit ' else ' digits ' end,
                case coverage when 'selected' then 'selected ' else '' end,
                cast(first_year as varchar),
                case when last_year > first_year then concat('–', cast(last_year as varchar)) else '' end,
                case
                    when year_count <= last_year - first_year
                        then concat(' (', cast(year_count as varchar), ' years)')
                    else ''
                end
            ), ', ' order by classification, level
        ) as products
    from classified
    group by all
),

both_sides as (
    select
        years.reporter_code,
        years.partner_code,
        count(*) as both_sides_year_count,
        min(years.year) as both_sides_first_year,
        max(years.year) as both_sides_last_year
    from years
    inner join years as mirrored
        on
            years.reporter_code = mirrored.partner_code
            and years.partner_code = mirrored.reporter_code
            and years.year = mirrored.year
    group by all
)

select
    * replace (
        cast(coalesce(year_count, 0) as integer) as year_count,
        cast(coalesce(month_count, 0) as integer) as month_count,
        cast(coalesce(both_sides_year_count, 0) as integer) as both_sides_year_count
    )
from totals
left join annual using (reporter_code, partner_code)
left join monthly using (reporter_code, partner_code)
left join products using (reporter_code, partner_code)
left join both_sides using (reporter_code, partner_code)
