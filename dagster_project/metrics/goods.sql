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
    months.reporter_code,
    months.partner_code,
    months.flow,
    strftime(months.period_start, '%Y-%m') as period,
    months.value_usd,
    months.observation_status,
    readings.known_from,
    [months.snapshot_id] as snapshot_ids
from core.goods_trade_monthly as months
-- A figure published in another currency is known in US$ from the day of the rate, which may be after its snapshot.
inner join core.goods_trade_observations as readings
    on
        readings.classification = 'TOTAL'
        and readings.frequency = 'M'
        and readings.known_to is null
        and months.source = readings.source
        and months.dataset = readings.dataset
        and months.reporter_code = readings.reporter_code
        and months.partner_code = readings.partner_code
        and months.flow = readings.flow
        and months.period_start = readings.period_start
