/* All goods by year and by month, for the metrics of goods, with the day from which each figure is known. */
select
    reporter_code,
    partner_code,
    flow,
    cast(year(period_start) as varchar) as period,
    value_usd,
    observation_status,
    known_from,
    snapshot_ids
from core.goods_trade_annual_candidates
where choice = 1 and reporter_code != partner_code
union all
select
    reporter_code,
    partner_code,
    flow,
    strftime(period_start, '%Y-%m') as period,
    value_usd,
    observation_status,
    known_from,
    [snapshot_id] as snapshot_ids
from core.goods_trade_monthly
