/*
what: >-
  Price and volume effects for products whose weight is known: the change in value from one year to another, split by
  the logarithmic mean Divisia method into the amounts added by the unit value and by the weight, without a remainder. A
  row BASKET combines all products of a level and has their indices of unit values. A unit value per kilogram moves with
  the mix of goods as well as with prices.
subject: products
grain: [reporter_code, partner_code, flow, from_year, to_year, level, product_code]
required: [comparison, source, snapshot_ids]
columns:
- reporter_code, partner_code, flow, from_year, to_year, span, level (of the product)
- product_code: code | The product; BASKET is all products with a weight in both years.
- product, classification (of the later year), from_usd, to_usd
- from_weight_kg: kg | Net weight in the earlier year.
- to_weight_kg: kg | Net weight in the later year.
- from_unit_value: US$ a kg | Value divided by weight in the earlier year.
- to_unit_value: US$ a kg | Value divided by weight in the later year.
- change_usd, price_effect_usd, volume_effect_usd
- laspeyres_price_index: ratio | Unit values at the weights of the earlier year; 1 means no change.
- paasche_price_index: ratio | Unit values at the weights of the later year.
- fisher_price_index: ratio | The geometric mean of the Laspeyres and Paasche indices; for one product all are the same.
- share_of_total_pct: percent | The value's share of total_usd in marts.product_trade_annual in the later year.
- comparison, source, snapshot_ids
*/
with products as (
    select
        *,
        min(year) over one_product as first_year,
        max(year) over one_product as last_year
    from marts.product_trade_annual
    where
        not is_residual
        and basis in ('reported', 'summed')
        and value_usd > 0
        and net_weight_kg > 0
    window one_product as (partition by reporter_code, partner_code, flow, level, product_code)
),

pairs as (
    select
        later.reporter_code,
        later.partner_code,
        later.flow,
        earlier.year as from_year,
        later.year as to_year,
        later.level,
        later.product_code,
        later.product,
        later.classification,
        earlier.classification as from_classification,
        round(100 * earlier.value_usd) as from_cents,
        round(100 * later.value_usd) as to_cents,
        earlier.net_weight_kg as from_weight_kg,
        later.net_weight_kg as to_weight_kg,
        earlier.value_usd / earlier.net_weight_kg as from_unit_value,
        later.value_usd / later.net_weight_kg as to_unit_value,
        -- The logarithmic mean of the two values; equal values are their own mean.
        case
            when earlier.value_usd = later.value_usd then later.value_usd
            else (later.value_usd - earlier.value_usd) / ln(later.value_usd / earlier.value_usd)
        end as mean_usd,
        later.total_usd,
        later.source,
        list_sort(list_distinct(flatten([earlier.snapshot_ids, later.snapshot_ids]))) as snapshot_ids
    from products as later
    inner join products as earlier using (reporter_code, partner_code, flow, level, product_code)
    where
        substr(later.classification, 1, 2) = substr(earlier.classification, 1, 2)
        and later.year > earlier.year
        and (
            later.year = earlier.year + 1
            or (later.year = later.last_year and earlier.year = earlier.first_year)
        )
),

effects as (
    select
        pairs.*,
        round(100 * pairs.mean_usd * ln(pairs.to_unit_value / pairs.from_unit_value)) as price_cents,
        case
            when pairs.from_classification = pairs.classification
                then concat('the same edition, ', pairs.classification)
            when unchanged.product_code is not null
                then concat(
                    pairs.from_classification, ' against ', pairs.classification,
                    ': the same goods, by the conversion tables of the United Nations'
                )
            else concat(
                pairs.from_classification, ' against ', pairs.classification,
                ': the code covers other goods, by the conversion tables of the United Nations'
            )
        end as comparison
    from pairs
    left join core.product_correlations as unchanged
        on
            pairs.product_code = unchanged.product_code
            and pairs.from_classification between unchanged.first_edition and unchanged.last_edition
            and pairs.classification between unchanged.first_edition and unchanged.last_edition
),

lines as (
    select
        * exclude (from_classification, from_unit_value, to_unit_value, mean_usd),
        to_unit_value / from_unit_value as laspeyres_price_index,
        to_unit_value / from_unit_value as paasche_price_index
    from effects
    union all by name
    select
        reporter_code,
        partner_code,
        flow,
        from_year,
        to_year,
        level,
        'BASKET' as product_code,
        concat('All ', count(*), ' with a weight in both years') as product,
        max(classification) as classification,
        sum(from_cents) as from_cents,
        sum(to_cents) as to_cents,
        round(sum(from_weight_kg), 3) as from_weight_kg,
        round(sum(to_weight_kg), 3) as to_weight_kg,
        sum(price_cents) as price_cents,
        -- Rounded so that the result does not depend on the order of adding.
        round(
            sum(to_unit_value * from_weight_kg) / sum(from_unit_value * from_weight_kg), 12
        ) as laspeyres_price_index,
        round(sum(to_unit_value * to_weight_kg) / sum(from_unit_value * to_weight_kg), 12) as paasche_price_index,
        max(total_usd) as total_usd,
        max(comparison) as comparison,
        max(source) as source,
        list_sort(list_distinct(flatten(array_agg(snapshot_ids)))) as snapshot_ids
    from effects
    group by all
)

select
    * exclude (from_cents, to_cents, total_usd, price_cents),
    case when to_year = from_year + 1 then 'year' else 'all' end as span,
    from_cents / 100 as from_usd,
    to_cents / 100 as to_usd,
    from_cents / 100 / from_weight_kg as from_unit_value,
    to_cents / 100 / to_weight_kg as to_unit_value,
    (to_cents - from_cents) / 100 as change_usd,
    price_cents / 100 as price_effect_usd,
    (to_cents - from_cents - price_cents) / 100 as volume_effect_usd,
    sqrt(laspeyres_price_index * paasche_price_index) as fisher_price_index,
    to_cents / nullif(total_usd, 0) as share_of_total_pct
from lines
