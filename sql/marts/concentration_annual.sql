/*
what: >-
  The concentration of a reporter's trade with a partner in products, by year, flow, classification and level. Read an
  index together with its level: a hundred divisions look less concentrated than ten sections. Where the available
  products are not all products there is no index, and reason says why.
subject: products
grain: [reporter_code, partner_code, flow, year, classification, level]
required: [reason, source, snapshot_ids]
sliced_by: year
columns:
- reporter_code, partner_code, flow, year, classification (any), level (of the product)
- herfindahl_index: ratio | The Herfindahl–Hirschman index, the sum of squared shares of the total, 1 for one product.
- equivalent_products: count of equals | The number of products of equal size that would have the same index.
- top_product_code: code | The largest product.
- top_product: text | The largest product's name.
- top_share_pct: percent | The largest product's share of the total.
- top_five_share_pct: percent | The share of the five largest products.
- product_count: count | The number of products with trade.
- products_share_pct: percent | The products' share of the total; the rest has no product and is not in the index.
- is_complete_detail: true/false | The products cover all goods.
- status: code | complete, unconfirmed, incomplete or excluded, as in marts.product_trade_annual.
- reason, source, snapshot_ids
*/
with held as (
    select
        reporter_code,
        partner_code,
        flow,
        year,
        classification,
        level,
        min(status) as status,
        min(reason) as reason,
        min(source) as source,
        list_sort(list_distinct(flatten(array_agg(snapshot_ids)))) as snapshot_ids,
        bool_and(is_complete_detail) as is_complete_detail
    from marts.product_trade_annual
    group by all
),

shares as (
    select
        *,
        products.share_pct / 100 as share,
        row_number() over (
            partition by
                products.reporter_code, products.partner_code, products.flow, products.year, products.classification,
                products.level
            order by products.value_usd desc, products.product_code asc
        ) as place
    from marts.product_trade_annual as products
    where
        products.is_complete_detail and not products.is_residual and products.value_usd > 0
        and products.share_pct is not null
),

indices as (
    select
        reporter_code,
        partner_code,
        flow,
        year,
        classification,
        level,
        -- Rounded so that the result does not depend on the order of adding.
        round(sum(share * share), 12) as herfindahl_index,
        round(100 * sum(share), 10) as products_share_pct,
        max(case when place = 1 then product_code end) as top_product_code,
        max(case when place = 1 then product end) as top_product,
        100 * max(share) as top_share_pct,
        round(100 * sum(case when place <= 5 then share end), 10) as top_five_share_pct,
        cast(count(*) as integer) as product_count
    from shares
    group by all
)

select
    *,
    1 / nullif(indices.herfindahl_index, 0) as equivalent_products
from held
left join indices using (reporter_code, partner_code, flow, year, classification, level)
