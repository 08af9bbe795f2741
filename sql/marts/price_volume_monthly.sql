/*
what: >-
  A product's value, weight and unit value by month, and the change in value over the same month of the year before,
  split into the amounts added by the unit value and by the weight (the logarithmic mean Divisia method, without a
  remainder). A unit value per kilogram moves with the mix of goods as well as with prices.
subject: products
grain: [reporter_code, partner_code, flow, level, product_code, period_start]
required: [source, snapshot_ids]
sliced_by: period_start
lookback: 12 months
columns:
- reporter_code, partner_code, flow, classification (any), level (of the product), product_code (of a product), product
- period_start (month), value_usd (held), net_weight_kg, unit_value
- prior_year_value_usd: US$ | Value in the same month of the year before.
- prior_year_unit_value: US$ a kg | Unit value in the same month of the year before.
- change_usd: US$ | value_usd less prior_year_value_usd, in whole cents.
- price_effect_usd, volume_effect_usd
- unit_value_yoy_pct: percent | Growth of the unit value over the same month of the year before.
- weight_yoy_pct: percent | Growth of the weight over the same month of the year before.
- is_same_edition: true/false | Both months use one edition of the classification; null without the earlier month.
- source, snapshot_ids
*/
with months as (
    select
        *,
        value_usd / net_weight_kg as unit_value
    from core.product_trade_monthly
    where value_usd > 0 and net_weight_kg > 0
),

pairs as (
    select
        months.*,
        earlier.classification as earlier_classification,
        earlier.value_usd as prior_year_value_usd,
        earlier.net_weight_kg as earlier_weight_kg,
        earlier.unit_value as prior_year_unit_value,
        earlier.snapshot_id as earlier_snapshot_id,
        round(100 * months.value_usd) - round(100 * earlier.value_usd) as change_cents,
        round(
            100 * ln(months.unit_value / earlier.unit_value)
            * case
                when earlier.value_usd = months.value_usd then months.value_usd
                else (months.value_usd - earlier.value_usd) / ln(months.value_usd / earlier.value_usd)
            end
        ) as price_cents
    from months
    left join months as earlier
        on
            months.reporter_code = earlier.reporter_code
            and months.partner_code = earlier.partner_code
            and months.flow = earlier.flow
            and months.level = earlier.level
            and months.product_code = earlier.product_code
            and substr(months.classification, 1, 2) = substr(earlier.classification, 1, 2)
            and months.period_start = make_date(year(earlier.period_start) + 1, month(earlier.period_start), 1)
)

select
    pairs.*,
    products.label as product,
    pairs.change_cents / 100 as change_usd,
    pairs.price_cents / 100 as price_effect_usd,
    (pairs.change_cents - pairs.price_cents) / 100 as volume_effect_usd,
    100 * (pairs.unit_value / pairs.prior_year_unit_value - 1) as unit_value_yoy_pct,
    100 * (pairs.net_weight_kg / pairs.earlier_weight_kg - 1) as weight_yoy_pct,
    pairs.classification = pairs.earlier_classification as is_same_edition,
    list_sort(list_distinct([pairs.earlier_snapshot_id, pairs.snapshot_id])) as snapshot_ids
from pairs
left join core.products as products using (classification, product_code)
