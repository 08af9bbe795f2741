/*
what: >-
  Goods trade by product, as known now, both years and months; core.product_trade_annual and _monthly have one frequency
  each. One figure each: from a source with complete products, so that they can be summed; if none has them, from the
  source that ranks first in core.source_precedence. Sum over products only within one classification and level, and
  only where is_complete_detail; selected products are never a total.
grain: [reporter_code, partner_code, flow, frequency, period_start, classification, product_code]
figures: [value_usd]
sliced_by: period_start
columns:
- reporter_code, partner_code, flow, frequency, period_start, period_end, classification (of products)
- level (of the product), product_code (of a product), value_usd (held), net_weight_kg, is_complete_detail
- coverage (of products), total_usd (of the source), valuation, observation_status (always normal), source, dataset
- precedence_reason, snapshot_id
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
    left join core.valuations as declared using (reporter_code, flow)
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
        and coalesce(observations.valuation = declared.valuation, true)
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
