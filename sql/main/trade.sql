/*
what: >-
  All trade of a reporter with a partner by year, flow and category in one shape: goods as its customs report them,
  services as the balance of payments has them, in all (services has the items). Each is one figure, so that no sum over
  partners, years or categories counts one twice; but few pairs have services (has_both_categories), and not every year
  has every partner (has_nearly_all_partners). What one economy exports its partner imports: the same goods told twice,
  so add one flow or one reporter.
grain: [category, reporter_code, partner_code, flow, year]
example: |-
  select year, category, flow, value_usd, value_basis, source, known_from
  from trade
  where reporter = 'South Korea' and partner = 'China' and year >= 2019
  order by year, category, flow
columns:
  category: code | goods or services.
  reporter_code: code | The economy whose statistics these are (ISO 3166 alpha-3).
  reporter: text | The reporter's name in English.
  partner_code: code | The economy it traded with (ISO 3166 alpha-3).
  partner: text | The partner's name in English.
  flow: code | export or import, as the reporter sees it.
  year: year | The year.
  value_usd: US$ | Value of the trade.
  valuation: code | FOB for exports of goods, CIF for their imports; null for services.
  value_basis: >-
    code | reported for goods. For services reported, estimated or balanced between the two reporters, the same in all
    years of a pair.
  has_both_categories: true/false | Goods and services of the pair, flow and year are both held.
  has_nearly_all_partners: >-
    true/false | The partners held make nine tenths of what the reporter publishes as its total in the category, flow
    and year; null where no total is held to tell.
  observation_status: code | SDMX status of goods, A normal, E estimated or P provisional; null for services.
  source: code | The publisher, or the channel that passes its figure on.
  dataset: code | The publisher's dataset.
  known_from: date | The day as of which the figure is known; of a sum of several readings, the last of theirs.
  snapshot_id: code | The snapshot the figure stands in (meta.snapshots); of a sum, one of them.
*/
with goods as (
    select
        'goods' as category,
        reporter_code,
        partner_code,
        flow,
        cast(year(period_start) as integer) as year,
        value_usd,
        valuation,
        'reported' as value_basis,
        observation_status,
        source,
        dataset,
        cast(
            list_aggregate(regexp_extract_all(cast(vintages as varchar), '[0-9]{4}-[0-9]{2}-[0-9]{2}'), 'max') as date
        ) as known_from,
        snapshot_id
    from core.goods_trade_annual
),

-- Of several value bases the one that a pair has in most years, so that no series changes it midway.
bases as (
    select
        reporter_code,
        partner_code,
        value_basis
    from core.services_trade
    where service_item_code = 'S'
    group by reporter_code, partner_code, value_basis
    qualify
        row_number() over (
            partition by reporter_code, partner_code
            order by
                count(distinct year) desc,
                case value_basis when 'reported' then 1 when 'balanced' then 2 else 3 end
        ) = 1
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
    inner join bases
        on
            trade.reporter_code = bases.reporter_code
            and trade.partner_code = bases.partner_code
            and trade.value_basis = bases.value_basis
    where trade.service_item_code = 'S'
    group by trade.reporter_code, trade.flow, trade.year
),

services as (
    select
        'services' as category,
        trade.reporter_code,
        trade.partner_code,
        trade.flow,
        trade.year,
        trade.value_usd,
        cast(null as varchar) as valuation,
        trade.value_basis,
        cast(null as varchar) as observation_status,
        trade.source,
        trade.dataset,
        snapshots.known_from,
        trade.snapshot_id
    from core.services_trade as trade
    inner join bases
        on
            trade.reporter_code = bases.reporter_code
            and trade.partner_code = bases.partner_code
            and trade.value_basis = bases.value_basis
    left join meta.snapshots as snapshots on trade.snapshot_id = snapshots.snapshot_id
    where trade.service_item_code = 'S'
),

flows as (
    select * from goods
    union all
    select * from services
),

named as (
    select
        flows.*,
        reporters.name as reporter,
        partners.name as partner,
        totals.has_nearly_all_partners
    from flows
    left join totals
        on
            flows.category = totals.category
            and flows.reporter_code = totals.reporter_code
            and flows.flow = totals.flow
            and flows.year = totals.year
    left join core.economies as reporters on flows.reporter_code = reporters.economy_code
    left join core.economies as partners on flows.partner_code = partners.economy_code
)

select
    category,
    reporter_code,
    reporter,
    partner_code,
    partner,
    flow,
    year,
    value_usd,
    valuation,
    value_basis,
    count(*) over (partition by reporter_code, reporter, partner_code, partner, flow, year) = 2
        as has_both_categories,
    has_nearly_all_partners,
    observation_status,
    source,
    dataset,
    known_from,
    snapshot_id
from named
order by category, reporter_code, partner_code, flow, year
