/*
what: >-
  The part of a reporter's trade with the world that the warehouse has by partner, by year and by month. Ranks over
  partners are given only where the available partners make at least nine tenths of the reporter's published total.
subject: balance
grain: [reporter_code, frequency, period_start, flow]
required: [coverage_reason]
sliced_by: period_start
columns:
- reporter_code, frequency, period_start, flow
- partner_count: count | The number of available partners, economies only.
- insufficient_count: >-
    count | The number of these partners whose figure is insufficient (core.goods_trade_coverage); years only.
- partners_usd: US$ | The sum of the available partners.
- own_goods_usd: US$ | The reporter's own returned goods, which are in the total; null where none are named.
- total_usd: US$ | The reporter's published total; null where none is available.
- unattributed_usd: US$ | total_usd less partners_usd and own_goods_usd.
- partners_share_pct: percent | partners_usd and own_goods_usd as a share of the published total.
- total_source
- coverage_status: code | sufficient from 90%, insufficient below, unknown without a published total.
- coverage_reason: text | The reason for coverage_status.
*/
with held as (
    select
        trade.reporter_code,
        'A' as frequency,
        trade.period_start,
        trade.flow,
        count(*) as partner_count,
        count(*) filter (where coverage.coverage_status = 'insufficient') as insufficient_count,
        sum(round(trade.value_usd)) as partners_usd
    from core.goods_trade_annual as trade
    left join core.goods_trade_coverage as coverage
        using (reporter_code, partner_code, flow, period_start)
    group by all
    union all
    select
        reporter_code,
        'M' as frequency,
        period_start,
        flow,
        count(*) as partner_count,
        cast(null as bigint) as insufficient_count,
        sum(round(value_usd)) as partners_usd
    from core.goods_trade_monthly
    group by all
),

totals as (
    select
        *,
        'A' as frequency
    from core.goods_trade_world_annual
    union all by name
    select observations.*
    from core.goods_trade_observations as observations
    inner join core.source_precedence as precedence using (reporter_code, flow, source, dataset)
    where
        precedence.metric = 'goods_total'
        and precedence.frequency = 'M'
        and year(observations.period_start) between precedence.valid_from_year and precedence.valid_to_year
        and observations.partner_code = 'WLD'
        and observations.classification = 'TOTAL'
        and observations.frequency = 'M'
        and observations.known_to is null
        and observations.correction_id is null
        and observations.value_usd is not null
    qualify
        row_number() over (
            partition by observations.reporter_code, observations.flow, observations.period_start
            order by
                precedence.precedence_rank asc, observations.known_from desc, observations.source asc,
                observations.dataset asc
        ) = 1
),

own_goods as (
    select
        *,
        'A' as frequency
    from core.goods_trade_annual_candidates
    where choice = 1 and reporter_code = partner_code
),

shares as (
    select
        held.*,
        own_goods.value_usd as own_goods_usd,
        totals.value_usd as total_usd,
        totals.source as total_source,
        totals.value_usd - held.partners_usd - coalesce(own_goods.value_usd, 0) as unattributed_usd,
        100 * (held.partners_usd + coalesce(own_goods.value_usd, 0)) / nullif(totals.value_usd, 0)
            as partners_share_pct
    from held
    left join own_goods using (reporter_code, frequency, period_start, flow)
    left join totals using (reporter_code, frequency, period_start, flow)
)

select
    * exclude (partner_count, insufficient_count),
    cast(partner_count as integer) as partner_count,
    cast(insufficient_count as integer) as insufficient_count,
    case
        when partners_share_pct >= 90 then 'sufficient'
        when partners_share_pct < 90 then 'insufficient'
        else 'unknown'
    end as coverage_status,
    case
        when partners_share_pct is null
            then concat(
                cast(partner_count as varchar), case when partner_count = 1 then ' partner is' else ' partners are' end,
                ' available, but no published total to compare with.'
            )
        else concat(
            cast(partner_count as varchar), case when partner_count = 1 then ' partner is' else ' partners are' end,
            ' available, with ', cast(cast(round(partners_share_pct) as integer) as varchar),
            '% of the reporter''s published total.'
        )
    end as coverage_reason
from shares
