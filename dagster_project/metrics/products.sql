/*
Products of the Harmonized System by year and by month, in the newest edition that has them. A year is the publisher's
own figure, or else the sum of its twelve months; if a source covers all products, a missing month means no trade.
*/
with whole as (
    select
        reporter_code,
        partner_code,
        flow,
        classification,
        level,
        year(period_start) as year
    from core.product_trade
    where frequency = 'M' and is_complete_detail
    group by all
    having count(distinct period_start) = 12
),

figures as (
    select
        reporter_code,
        partner_code,
        flow,
        classification,
        product_code,
        case when frequency = 'A' then cast(year(period_start) as varchar) else strftime(period_start, '%Y-%m') end
            as period,
        value_usd,
        observation_status,
        [snapshot_id] as snapshot_ids,
        1 as choice
    from core.product_trade
    where value_usd is not null
    union all
    select
        months.reporter_code,
        months.partner_code,
        months.flow,
        months.classification,
        months.product_code,
        cast(year(months.period_start) as varchar) as period,
        round(sum(months.value_usd), 2) as value_usd,
        max(months.observation_status) as observation_status,
        array_agg(months.snapshot_id order by months.snapshot_id) as snapshot_ids,
        2 as choice
    from core.product_trade as months
    left join whole
        on
            months.reporter_code = whole.reporter_code
            and months.partner_code = whole.partner_code
            and months.flow = whole.flow
            and months.classification = whole.classification
            and months.level = whole.level
            and year(months.period_start) = whole.year
    where months.frequency = 'M'
    group by
        months.reporter_code, months.partner_code, months.flow, months.classification, months.product_code,
        year(months.period_start)
    having count(months.value_usd) = 12 or bool_or(whole.year is not null)
)

select
    reporter_code,
    partner_code,
    flow,
    product_code as item,
    period,
    value_usd as value,
    observation_status,
    cast(null as date) as known_from,
    snapshot_ids
from figures
where starts_with(classification, 'HS')
qualify
    row_number() over (
        partition by reporter_code, partner_code, flow, product_code, period order by classification desc, choice asc
    ) = 1
