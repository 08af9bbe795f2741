/*
what: >-
  Goods trade by product, as known now, years and months alike; the tables of one frequency are
  core.product_trade_annual and _monthly. One figure each: of a source whose products are complete, so that they can be
  summed, else of the source that stands first in core.source_precedence. Sum over products only within one
  classification and level, and only where is_complete_detail; selected products are never a total.
grain: [reporter_code, partner_code, flow, frequency, period_start, classification, product_code]
figures: [value_usd]
sliced_by: period_start
columns:
  reporter_code: code | The economy whose statistics these are (ISO 3166 alpha-3).
  partner_code: code | The economy it traded with (ISO 3166 alpha-3).
  flow: code | export or import, as the reporter sees it.
  frequency: code | A annual, M monthly.
  period_start: date | First day of the period.
  period_end: date | Last day of the period.
  classification: code | The classification of products and its edition.
  level: count | Digits of the product code.
  product_code: code | The product.
  value_usd: US$ | Value of the goods.
  net_weight_kg: kg | Net weight, where the source has it.
  is_complete_detail: >-
    true/false | The source covers every product at this level, and what it has adds up to its own total within 1%,
    where it gives one.
  coverage: code | complete if the source covers every product, selected if only some products.
  total_usd: US$ | The source's own total of the pair, flow and period, where it gives one.
  valuation: code | FOB for exports, CIF for imports.
  observation_status: code | SDMX status, A normal.
  source: code | The publisher.
  dataset: code | The publisher's dataset.
  precedence_reason: text | Why the source stands where it does.
  snapshot_id: code | The snapshot the figure stands in.
*/
with known as (
    select *
    from core.goods_trade_observations
    where known_to is null and value_usd is not null
),

totals as (
    select
        *,
        value_usd as total_usd
    from known
    where classification = 'TOTAL'
),

details as (
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        frequency,
        period_start,
        classification,
        level,
        sum(value_usd) as detail_usd
    from known
    where classification != 'TOTAL'
    group by all
),

products as (
    select
        observations.*,
        observations.coverage = 'complete'
        and coalesce(abs(details.detail_usd - totals.total_usd) <= 0.01 * totals.total_usd, true) as is_complete_detail,
        totals.total_usd,
        precedence.precedence_rank,
        precedence.reason as precedence_reason
    from core.goods_trade_observations as observations
    inner join core.economies as partners
        on observations.partner_code = partners.economy_code and not partners.is_aggregate
    inner join details
        using (source, dataset, reporter_code, partner_code, flow, frequency, period_start, classification, level)
    inner join core.source_precedence as precedence
        using (frequency, reporter_code, flow, source, dataset)
    left join totals
        using (source, dataset, reporter_code, partner_code, flow, frequency, period_start)
    where
        precedence.metric = 'goods_product'
        and precedence.basis = 'published'
        and year(observations.period_start) between precedence.valid_from_year and precedence.valid_to_year
        and observations.classification != 'TOTAL'
        and observations.known_to is null
        and observations.correction_id is null
        and observations.value_usd is not null
)

select * exclude (correction_id, known_from, known_to, precedence_rank)
from products
qualify
    row_number() over (
        partition by
            reporter_code, partner_code, flow, frequency, period_start, classification, product_code
        order by is_complete_detail desc, precedence_rank asc, known_from desc, source asc, dataset asc
    ) = 1
