/*
what: >-
  Balassa's (1965) index of revealed comparative advantage: the exporter's share of a product divided by its share of
  all goods, in one partner's market or in the world. Above 1 an advantage is revealed, whatever its cause. The sales of
  all economies are the market's own imports from the world, or the exports of all economies if at least a hundred are
  available; where neither is available, a row TOTAL says so. Products are compared as they are reported. All goods are
  the total that the source prints, or the sum of its products if that is larger: an exporter whose products make less
  than its total counts with the total.
subject: products
grain: [exporter_code, market_code, flow, year, classification, level, product_code]
required: [reason, source, snapshot_ids]
sliced_by: year
columns:
- exporter_code: code | The economy that sells (ISO 3166 alpha-3).
- market_code: code | The economy that buys (ISO 3166 alpha-3), or WLD for the world.
- flow: code | export as the economies that sell report it, import as the market reports it.
- year, classification (any), level (of the product)
- product_code: code | The product; TOTAL in a row without an index.
- product
- value_usd: US$ | The exporter's sales of the product in the market.
- exporter_total_usd: US$ | The exporter's total sales there, as the source prints them, or all products if larger.
- market_value_usd: US$ | All economies' sales of the product in the market.
- market_total_usd: US$ | All economies' total sales in the market.
- products_share_pct: >-
    percent | The share of the exporter's products in its total. The rest has no product: below 100 the indices are
    minimums.
- product_share_pct: percent | The exporter's share of the product in the market.
- total_share_pct: percent | The exporter's share of all goods in the market.
- rca_index: ratio | product_share_pct divided by total_share_pct.
- exporter_count: >-
    count | The number of economies whose exports to the market are available by product; null for figures that the
    market reports.
- status: >-
    code | complete, unconfirmed or partial (the products make at least half of the exporter's total) with an index;
    incomplete, excluded or no_denominator without one.
- reason, source, snapshot_ids
*/
with held as (
    select
        case flow when 'export' then reporter_code else partner_code end as exporter_code,
        case flow when 'export' then partner_code else reporter_code end as market_code,
        flow,
        year,
        classification,
        level,
        source,
        min(status) as status,
        min(reason) as reason,
        list_sort(list_distinct(flatten(array_agg(snapshot_ids)))) as snapshot_ids,
        round(100 * max(total_usd)) as total_cents,
        sum(case when is_residual then 0 else round(100 * value_usd) end) as product_cents,
        bool_and(is_complete_detail) as is_complete_detail
    from marts.product_trade_annual
    where basis in ('reported', 'summed')
    group by reporter_code, partner_code, flow, year, classification, level, source
),

-- The total for all goods printed by a source that covers every product; the partner is an economy or the world.
own_totals as (
    select
        case flow when 'export' then reporter_code else partner_code end as exporter_code,
        case flow when 'export' then partner_code else reporter_code end as market_code,
        flow,
        cast(year(period_start) as integer) as year,
        source,
        round(100 * max(total_usd)) as cents
    from core.product_trade_annual
    where coverage = 'complete' and total_usd is not null
    group by reporter_code, partner_code, flow, year(period_start), source
    union all by name
    select
        case flow when 'export' then reporter_code else 'WLD' end as exporter_code,
        case flow when 'export' then 'WLD' else reporter_code end as market_code,
        flow,
        cast(year(period_start) as integer) as year,
        source,
        round(100 * max(value_usd)) as cents
    from core.goods_trade_world_annual_candidates
    group by reporter_code, flow, year(period_start), source
),

-- A reporter's trade with the world by product.
worlds as (
    select
        *,
        cast(year(period_start) as integer) as year,
        round(100 * value_usd) as cents
    from core.goods_trade_observations
    where
        partner_code = 'WLD'
        and classification != 'TOTAL'
        and frequency = 'A'
        and coverage = 'complete'
        and known_to is null
        and correction_id is null
        and value_usd > 0
    -- Of two datasets of one publisher, take the one known last.
    qualify
        row_number() over (
            partition by source, reporter_code, flow, period_start, classification, product_code
            order by known_from desc, dataset asc
        ) = 1
),

world_snapshots as (
    select
        reporter_code,
        flow,
        year,
        classification,
        level,
        source,
        list_sort(list_distinct(array_agg(snapshot_id))) as snapshot_ids
    from worlds
    group by all
),

-- Exporters in a market and in the world, as either the exporter or the market reports them.
sellers as (
    select
        held.* exclude (status, reason, total_cents, product_cents, is_complete_detail),
        case
            when held.is_complete_detail then held.status
            when held.product_cents >= 0.5 * own_totals.cents then 'partial'
            else 'incomplete'
        end as status,
        case
            when held.is_complete_detail then held.reason
            else concat(
                'The products make ', round(100 * held.product_cents / own_totals.cents, 1), '% of the total that ',
                held.source, ' prints.'
            )
        end as reason
    from held
    left join own_totals using (exporter_code, market_code, flow, year, source)
    -- Products that exceed their total contradict it.
    where held.is_complete_detail or held.product_cents between 1 and own_totals.cents
    union all by name
    select
        reporter_code as exporter_code,
        'WLD' as market_code,
        * exclude (reporter_code),
        'unconfirmed' as status,
        'The products are those that the source lists as sold to the world.' as reason
    from world_snapshots
    where flow = 'export'
),

sales as (
    select
        sellers.exporter_code,
        sellers.market_code,
        products.flow,
        products.year,
        products.classification,
        products.level,
        products.product_code,
        round(100 * products.value_usd) as cents,
        products.source
    from marts.product_trade_annual as products
    inner join sellers using (flow, year, classification, level, source)
    where
        sellers.exporter_code
        = case products.flow when 'export' then products.reporter_code else products.partner_code end
        and sellers.market_code
        = case products.flow when 'export' then products.partner_code else products.reporter_code end
        and not products.is_residual and products.value_usd > 0 and products.basis in ('reported', 'summed')
    union all by name
    select
        *,
        reporter_code as exporter_code,
        'WLD' as market_code
    from worlds
    where flow = 'export'
),

counts as (
    select
        market_code,
        flow,
        year,
        classification,
        level,
        source,
        cast(count(*) as integer) as exporter_count,
        list_sort(list_distinct(flatten(array_agg(snapshot_ids)))) as snapshot_ids
    from sellers
    where flow = 'export'
    group by all
),

-- All economies' sales in a market: the sum of fewer than a hundred economies does not represent the world.
denominators as (
    select *
    from counts
    where exporter_count >= 100
    union all by name
    select
        reporter_code as market_code,
        * exclude (reporter_code)
    from world_snapshots
    where flow = 'import'
),

markets as (
    select
        market_code,
        flow,
        year,
        classification,
        level,
        source,
        product_code,
        sum(cents) as cents
    from sales
    where flow = 'export'
    group by all
    union all by name
    select
        *,
        reporter_code as market_code
    from worlds
    where flow = 'import'
),

exporter_totals as (
    select
        sales.exporter_code,
        sales.market_code,
        sales.flow,
        sales.year,
        sales.classification,
        sales.level,
        sales.source,
        sum(sales.cents) as product_cents,
        greatest(coalesce(max(own_totals.cents), 0), sum(sales.cents)) as cents
    from sales
    left join own_totals using (exporter_code, market_code, flow, year, source)
    group by all
),

market_totals as (
    select
        market_code,
        flow,
        year,
        classification,
        level,
        source,
        sum(cents) as cents
    from exporter_totals
    where flow = 'export'
    group by all
    union all by name
    select
        markets.market_code,
        markets.flow,
        markets.year,
        markets.classification,
        markets.level,
        markets.source,
        greatest(coalesce(max(own_totals.cents), 0), sum(markets.cents)) as cents
    from markets
    left join own_totals
        on
            own_totals.exporter_code = 'WLD'
            and markets.market_code = own_totals.market_code
            and markets.flow = own_totals.flow
            and markets.year = own_totals.year
            and markets.source = own_totals.source
    where markets.flow = 'import'
    group by all
),

answered as (
    select
        sellers.* exclude (snapshot_ids),
        denominators.exporter_count,
        exporter_totals.cents as exporter_cents,
        exporter_totals.product_cents,
        market_totals.cents as market_cents,
        list_sort(list_distinct(flatten([sellers.snapshot_ids, denominators.snapshot_ids]))) as snapshot_ids
    from sellers
    inner join denominators using (market_code, flow, year, classification, level, source)
    inner join market_totals using (market_code, flow, year, classification, level, source)
    inner join exporter_totals
        using (exporter_code, market_code, flow, year, classification, level, source)
    where sellers.status != 'incomplete'
),

-- Exporters without an index in a market, and exporters without an index in the world.
asked as (
    select * exclude (product_cents)
    from held
    union all by name
    select
        exporter_code,
        'WLD' as market_code,
        flow,
        year,
        classification,
        level,
        source,
        true as is_complete_detail,
        'no_denominator' as status,
        'Exports to the world by product are not available for a hundred economies.' as reason,
        list_sort(list_distinct(flatten(array_agg(snapshot_ids)))) as snapshot_ids
    from held
    where flow = 'export' and is_complete_detail
    group by exporter_code, flow, year, classification, level, source
)

select
    answered.* exclude (exporter_cents, product_cents, market_cents),
    sales.product_code,
    products.label as product,
    sales.cents / 100 as value_usd,
    answered.exporter_cents / 100 as exporter_total_usd,
    markets.cents / 100 as market_value_usd,
    answered.market_cents / 100 as market_total_usd,
    100 * answered.product_cents / answered.exporter_cents as products_share_pct,
    100 * sales.cents / markets.cents as product_share_pct,
    100 * answered.exporter_cents / answered.market_cents as total_share_pct,
    (sales.cents / markets.cents) / (answered.exporter_cents / answered.market_cents) as rca_index
from answered
inner join sales using (exporter_code, market_code, flow, year, classification, level, source)
left join markets using (market_code, flow, year, classification, level, source, product_code)
left join core.products as products using (classification, product_code)
union all by name
select
    asked.* exclude (status, reason),
    'TOTAL' as product_code,
    'All goods' as product,
    asked.total_cents / 100 as value_usd,
    asked.total_cents / 100 as exporter_total_usd,
    counts.exporter_count,
    case when asked.is_complete_detail then 'no_denominator' else asked.status end as status,
    case
        when not asked.is_complete_detail or asked.market_code = 'WLD' then asked.reason
        when asked.flow = 'import'
            then concat('Imports of ', asked.market_code, ' from the world by product are not available.')
        else concat(
            'Exports to ', asked.market_code, ' by product are available for ', counts.exporter_count,
            ' economies; at least a hundred are needed.'
        )
    end as reason
from asked
left join counts using (market_code, flow, year, classification, level, source)
left join answered using (exporter_code, market_code, flow, year, classification, level, source)
where answered.exporter_code is null
