/*
what: >-
  Each partner's share and rank in all exports or imports of a reporter, by year. Shares are of the total that the
  reporter publishes; trade attributed to no partner is a row of its own, _X, so the rows of a year add up to the total.
  All partners of a year and flow come from one source, so a figure may differ from that in marts.trade_balance_annual,
  whose source is chosen pair by pair; a figure below the sum of its products is replaced by that of
  core.goods_trade_annual. Where no total is published there is no share.
subject: balance
grain: [reporter_code, partner_code, flow, year]
required: [partner_kind, value_usd, status, reason, source, publisher_code, snapshot_ids]
example: |-
  select year, partner_code, partner_kind, value_usd, share_pct, partner_rank
  from marts.partner_share_annual
  where reporter_code = 'CHN' and flow = 'import' and year = 2015
  order by value_usd desc limit 10
columns:
- reporter_code
- partner_code: code | The economy that the reporter traded with (ISO 3166 alpha-3), or _X for the rest of the total.
- partner_kind: >-
    code | economy, own_goods for a reporter's own returned goods, not_allocated for trade attributed to no partner, or
    not_held if the rest also includes partners that are not available.
- flow, year
- value_usd: >-
    US$ | Value of the goods at the reporter's one valuation (core.valuations). A rest is negative where the partners
    exceed the total.
- world_value_usd
- world_source: code | The source of the total, the partners' publisher where it has one; worldbank for the WTO.
- world_publisher_code: code | The total's publisher; it differs where world_source is a channel that passes it on.
- share_pct: >-
    percent | The partner's share of the reporter's trade with the world; null for a rest below zero, and
    for a figure above the total.
- partner_rank: >-
    rank | 1 is the largest other economy; null unless every partner is listed and nine tenths are named, and where the
    trade attributed to no partner could hide a larger one.
- partner_count: count | The number of other economies that the source has for the year and flow.
- partners_share_pct: percent | The share of these economies and the reporter's own returned goods in the total.
- share_change_points: >-
    percentage points | share_pct less that of the year before; null for a rest, without that year, or if its figure or
    its total has another publisher, whatever channel passed it on.
- status: >-
    code | complete if the source lists every partner (a hundred of them, or thirty that make nine tenths of the total),
    some_partners if it does not, partners_exceed_total by more than a tenth of a per cent, or no_total.
- reason
- source: code | The source of the figure; for a rest, that of the partners.
- publisher_code, snapshot_ids
*/
with figures as (
    select
        figures.reporter_code,
        figures.partner_code,
        figures.flow,
        cast(year(figures.period_start) as integer) as year,
        figures.source as list_source,
        figures.publisher_code as list_publisher_code,
        coalesce(chosen.value_usd, figures.value_usd) as value_usd,
        coalesce(chosen.source, figures.source) as source,
        coalesce(chosen.publisher_code, figures.publisher_code) as publisher_code,
        figures.choice,
        figures.precedence_rank,
        coalesce(chosen.snapshot_ids, figures.snapshot_ids) as snapshot_ids
    from core.goods_trade_annual_candidates as figures
    left join core.goods_trade_annual_candidates as chosen
        on
            figures.is_below_products
            and chosen.choice = 1
            and figures.reporter_code = chosen.reporter_code
            and figures.partner_code = chosen.partner_code
            and figures.flow = chosen.flow
            and figures.period_start = chosen.period_start
    -- Of several datasets of one publisher, take the first in order.
    qualify
        row_number() over (
            partition by
                figures.source, figures.reporter_code, figures.partner_code, figures.flow, figures.period_start
            order by figures.choice
        ) = 1
),

publishers as (
    select distinct
        source,
        dataset,
        publisher_code
    from core.source_precedence
    where metric = 'goods_world'
),

worlds as (
    select
        totals.*,
        cast(year(totals.period_start) as integer) as year,
        publishers.publisher_code
    from core.goods_trade_world_annual_candidates as totals
    inner join publishers using (source, dataset)
    qualify
        row_number() over (
            partition by publishers.publisher_code, totals.reporter_code, totals.flow, totals.period_start
            order by totals.choice
        ) = 1
),

source_sizes as (
    select
        reporter_code,
        flow,
        year,
        list_source as source,
        min(list_publisher_code) as publisher_code,
        cast(count(*) as integer) as partner_count,
        min(precedence_rank) as best_rank,
        -- Sums are of whole tenths of a cent, so they do not depend on the order of adding.
        sum(round(1000 * value_usd)) / 1000 as partners_usd,
        list_sort(list_distinct(flatten(array_agg(snapshot_ids)))) as snapshot_ids
    from figures
    where partner_code != reporter_code
    group by all
),

-- The source that has the most partners; in a tie, the first in order.
sources as (
    select *
    from source_sizes
    qualify
        row_number() over (
            partition by reporter_code, flow, year
            order by partner_count desc, best_rank asc, source asc
        ) = 1
),

-- A reporter's own returned goods belong to no other economy, but count as named, whoever publishes them.
own_goods as (
    select *
    from figures
    where partner_code = reporter_code and choice = 1
),

years as (
    select
        sources.* exclude (snapshot_ids),
        -- No rounding to cents: publishers print tenths, and engines round half a cent differently.
        round(1000 * (sources.partners_usd + coalesce(own_goods.value_usd, 0))) / 1000 as named_usd,
        coalesce(same.value_usd, other.value_usd) as world_value_usd,
        coalesce(same.source, other.source) as world_source,
        coalesce(same.publisher_code, other.publisher_code) as world_publisher_code,
        list_sort(
            list_distinct(
                flatten([sources.snapshot_ids, own_goods.snapshot_ids, coalesce(same.snapshot_ids, other.snapshot_ids)])
            )
        ) as snapshot_ids
    from sources
    left join own_goods using (reporter_code, flow, year)
    -- The total of the partners' own publisher has their vintage; without it, take the first in order.
    left join worlds as same
        on
            sources.reporter_code = same.reporter_code
            and sources.flow = same.flow
            and sources.year = same.year
            and sources.publisher_code = same.publisher_code
    left join worlds as other
        on
            sources.reporter_code = other.reporter_code
            and sources.flow = other.flow
            and sources.year = other.year
            and other.choice = 1
),

measured as (
    select
        *,
        100 * named_usd / nullif(world_value_usd, 0) as partners_share_pct
    from years
),

explained as (
    select
        *,
        case
            when world_value_usd is null then 'no_total'
            -- A tenth of a per cent is rounding.
            when partners_share_pct > 100.1 then 'partners_exceed_total'
            when partner_count >= 100 or (partner_count >= 30 and partners_share_pct >= 90) then 'complete'
            else 'some_partners'
        end as status
    from measured
),

lines as (
    select
        figures.reporter_code,
        figures.flow,
        figures.year,
        figures.partner_code,
        case when figures.partner_code = figures.reporter_code then 'own_goods' else 'economy' end as partner_kind,
        figures.value_usd,
        figures.source,
        figures.publisher_code
    from figures
    inner join explained using (reporter_code, flow, year)
    where (
        (figures.partner_code != figures.reporter_code and figures.list_source = explained.source)
        or (figures.partner_code = figures.reporter_code and figures.choice = 1)
    )
    union all
    select
        reporter_code,
        flow,
        year,
        '_X' as partner_code,
        case status when 'some_partners' then 'not_held' else 'not_allocated' end as partner_kind,
        round(1000 * (world_value_usd - named_usd)) / 1000 as value_usd,
        source,
        publisher_code
    from explained
    where world_value_usd is not null
),

shares as (
    select
        lines.*,
        explained.* exclude (reporter_code, flow, year, source, publisher_code),
        case
            when lines.value_usd between 0 and explained.world_value_usd
                then 100 * lines.value_usd / nullif(explained.world_value_usd, 0)
        end as share_pct,
        case
            when
                explained.status != 'some_partners' and explained.partners_share_pct >= 90
                and lines.partner_kind = 'economy'
                -- Trade attributed to no partner may hide a larger one, such as Russia in Korea's imports.
                and lines.value_usd > explained.world_value_usd - explained.named_usd
                then rank() over (
                    partition by lines.reporter_code, lines.flow, lines.year, lines.partner_kind
                    order by lines.value_usd desc
                )
        end as partner_rank,
        case explained.status
            when 'no_total'
                then concat('No published total of ', lines.reporter_code, '''s ', lines.flow, 's is available.')
            when 'partners_exceed_total'
                then concat(
                    'The partners of ', explained.source, ' make ', round(explained.partners_share_pct, 2),
                    '% of the total of ', explained.world_source, ': two readings of one year.'
                )
            when 'some_partners'
                then concat(
                    explained.partner_count, ' of the partners are available; the rest is trade of other partners and ',
                    'trade attributed to no partner.'
                )
            else concat(
                explained.partner_count, ' partners, ', round(explained.partners_share_pct, 2), '% of the total of ',
                explained.world_source, '; the rest is attributed to no partner.'
            )
        end as reason
    from lines
    inner join explained using (reporter_code, flow, year)
)

select
    *,
    case
        when
            lag(year) over partner_years = year - 1
            and lag(publisher_code) over partner_years = publisher_code
            and lag(world_publisher_code) over partner_years = world_publisher_code
            and partner_kind in ('economy', 'own_goods')
            then share_pct - lag(share_pct) over partner_years
    end as share_change_points
from shares
window partner_years as (partition by reporter_code, partner_code, flow order by year)
