/*
what: >-
  All trade of a reporter with a partner by year, flow and category in one shape: goods from customs, services from the
  balance of payments as totals (the table services has the items). Each row is one figure, so a sum over partners,
  years or categories counts nothing twice; but few pairs have services (has_both_categories), and not every year has
  every partner (has_nearly_all_partners). One economy's exports are its partner's imports, the same goods reported
  twice: add up only one flow or one reporter.
grain: [category, reporter_code, partner_code, flow, year]
example: |-
  select year, category, flow, value_usd, value_basis, source, known_from
  from trade
  where reporter = 'South Korea' and partner = 'China' and year >= 2019
  order by year, category, flow
columns:
- category: code | goods or services.
- reporter_code, reporter, partner_code, partner, flow, year
- value_usd: US$ | Value of the trade.
- valuation: code | FOB for exports of goods, CIF or CUSTOMS for their imports; null for services.
- value_basis: >-
    code | reported for goods. For services reported, estimated or balanced between the two reporters, the same in all
    years of a pair.
- has_both_categories: true/false | Both goods and services of the pair, flow and year are available.
- has_nearly_all_partners: >-
    true/false | The available partners make at least nine tenths of the reporter's published total in the category,
    flow and year; null where no total is available.
- coverage_status: >-
    code | For goods, how the figure compares with other figures for the flow: sufficient, apart, insufficient or
    unchecked (core.goods_trade_coverage); null for services.
- coverage_reason: text | The result of that comparison; null for services.
- observation_status: code | SDMX status of goods, A normal, E estimated or P provisional; null for services.
- source: code | The short name of the publisher, or of the channel that passes its figure on.
- dataset (of the source)
- known_from: date | The day from which the figure is known; for a sum, the latest such day of its parts.
- snapshot_ids (in meta.snapshots)
*/
with goods as (
    select
        'goods' as category,
        goods.*,
        'reported' as value_basis,
        cast(year(goods.period_start) as integer) as year,
        coverage.coverage_status,
        coverage.coverage_reason,
        chosen.known_from
    from core.goods_trade_annual as goods
    inner join core.goods_trade_annual_candidates as chosen using (reporter_code, partner_code, flow, period_start)
    left join core.goods_trade_coverage as coverage using (reporter_code, partner_code, flow, period_start)
    where chosen.choice = 1
),

totals as (
    select
        'goods' as category,
        reporter_code,
        flow,
        cast(year(period_start) as integer) as year,
        nullif(coverage_status, 'unknown') = 'sufficient' as has_nearly_all_partners
    from marts.trade_coverage
    where frequency = 'A'
    union all
    select
        'services' as category,
        trade.reporter_code,
        trade.flow,
        trade.year,
        sum(trade.value_usd) >= 0.9 * max(trade.world_value_usd) as has_nearly_all_partners
    from core.services_trade as trade
    inner join core.services_bases using (reporter_code, partner_code, value_basis)
    where trade.service_item_code = 'S'
    group by all
),

services as (
    select
        'services' as category,
        trade.*,
        snapshots.known_from,
        [trade.snapshot_id] as snapshot_ids
    from core.services_trade as trade
    inner join core.services_bases using (reporter_code, partner_code, value_basis)
    left join meta.snapshots as snapshots using (snapshot_id)
    where trade.service_item_code = 'S'
),

flows as (
    select * from goods
    union all by name
    select * from services
),

named as (
    select
        flows.*,
        reporters.name as reporter,
        partners.name as partner,
        totals.has_nearly_all_partners
    from flows
    left join totals using (category, reporter_code, flow, year)
    left join core.economies as reporters on flows.reporter_code = reporters.economy_code
    left join core.economies as partners on flows.partner_code = partners.economy_code
)

select
    *,
    count(*) over (partition by reporter_code, reporter, partner_code, partner, flow, year) = 2
        as has_both_categories
from named
order by category, reporter_code, partner_code, flow, year
