/*
what: >-
  The same figure in several sources: the figure in the safe tables and the figure of each other source that should
  agree with it, for all goods by year and month, and for services as reported. A published year is also compared with
  its twelve months added up. core.source_tolerances declares the allowed difference. Corrected figures are in
  meta.corrections and not here.
subject: mirror
grain: [
  metric, reporter_code, partner_code, flow, item_code, frequency, period_start, other_source, other_dataset,
  other_basis
]
required: [
  chosen_usd, chosen_reason, other_usd, tolerance_pct, tolerance_reason, is_documented, is_above_tolerance,
  chosen_snapshot_ids, other_snapshot_ids
]
sliced_by: period_start
columns:
- metric: code | goods_total or services.
- reporter_code, partner_code, flow
- item_code: code | TOTAL for all goods, or the service.
- frequency, period_start
- chosen_source: code | The publisher of the figure in the safe tables.
- chosen_dataset: code | The dataset of that figure.
- chosen_basis: code | published, or summed from twelve months; for services, the value basis.
- chosen_usd: US$ | The figure in the safe tables.
- chosen_reason: text | Why this figure was chosen.
- other_source: code | The publisher of the other figure.
- other_dataset: code | The dataset of the other figure.
- other_basis: code | published, or summed from twelve months; for services, the value basis.
- other_usd: US$ | The other figure.
- gap_usd: US$ | other_usd less chosen_usd.
- gap_pct: percent | The gap as a share of chosen_usd.
- tolerance_pct: percent | The allowed difference as a share of chosen_usd.
- tolerance_reason: text | The reason for the tolerance.
- is_documented: true/false | The tolerance is that of a documented case, or the other figure is below its products.
- is_above_tolerance: >-
    true/false | The difference exceeds the tolerance and is not negligible; false for a figure below its products,
    which is known to be too low.
- chosen_snapshot_ids: list | The snapshots that contain the chosen figure.
- other_snapshot_ids: list | The snapshots that contain the other figure.
*/
with pairs as (
    select
        'goods_total' as metric,
        chosen.reporter_code,
        chosen.partner_code,
        chosen.flow,
        'TOTAL' as item_code,
        'A' as frequency,
        chosen.period_start,
        chosen.source as chosen_source,
        chosen.dataset as chosen_dataset,
        chosen.basis as chosen_basis,
        chosen.value_usd as chosen_usd,
        chosen.precedence_reason as chosen_reason,
        others.source as other_source,
        others.dataset as other_dataset,
        others.basis as other_basis,
        others.value_usd as other_usd,
        coalesce(others.is_below_products, false) as is_below_products,
        chosen.snapshot_ids as chosen_snapshot_ids,
        others.snapshot_ids as other_snapshot_ids
    from core.goods_trade_annual_candidates as others
    inner join core.goods_trade_annual_candidates as chosen
        using (reporter_code, partner_code, flow, period_start)
    where
        others.choice > 1
        and chosen.choice = 1
    union all
    select
        'goods_total' as metric,
        chosen.reporter_code,
        chosen.partner_code,
        chosen.flow,
        'TOTAL' as item_code,
        'M' as frequency,
        chosen.period_start,
        chosen.source as chosen_source,
        chosen.dataset as chosen_dataset,
        'published' as chosen_basis,
        chosen.value_usd as chosen_usd,
        chosen.precedence_reason as chosen_reason,
        others.source as other_source,
        others.dataset as other_dataset,
        'published' as other_basis,
        others.value_usd as other_usd,
        false as is_below_products,
        [chosen.snapshot_id] as chosen_snapshot_ids,
        [others.snapshot_id] as other_snapshot_ids
    from core.goods_trade_observations as others
    inner join core.goods_trade_monthly as chosen
        using (reporter_code, partner_code, flow, valuation, period_start)
    where
        others.classification = 'TOTAL'
        and others.frequency = 'M'
        and others.known_to is null
        and others.correction_id is null
        and others.value_usd is not null
        and (others.source != chosen.source or others.dataset != chosen.dataset)
    union all
    select
        'services' as metric,
        chosen.reporter_code,
        chosen.partner_code,
        chosen.flow,
        chosen.service_item_code as item_code,
        'A' as frequency,
        make_date(chosen.year, 1, 1) as period_start,
        chosen.source as chosen_source,
        chosen.dataset as chosen_dataset,
        chosen.value_basis as chosen_basis,
        chosen.value_usd as chosen_usd,
        chosen.precedence_reason as chosen_reason,
        others.source as other_source,
        others.dataset as other_dataset,
        others.value_basis as other_basis,
        others.value_usd as other_usd,
        false as is_below_products,
        [chosen.snapshot_id] as chosen_snapshot_ids,
        [others.snapshot_id] as other_snapshot_ids
    from core.services_trade_observations as others
    inner join core.services_trade as chosen
        on
            others.known_to is null
            and others.value_usd is not null
            -- Balanced and estimated values belong to one edition each and need not agree.
            and others.value_basis = 'reported'
            and chosen.value_basis = 'reported'
            and (others.source != chosen.source or others.dataset != chosen.dataset)
            and others.reporter_code = chosen.reporter_code
            and others.partner_code = chosen.partner_code
            and others.flow = chosen.flow
            and others.service_item_code = chosen.service_item_code
            and others.year = chosen.year
),

judged as (
    select
        pairs.*,
        tolerances.tolerance_rank,
        tolerances.tolerance_pct,
        tolerances.tolerance_usd,
        tolerances.reason as tolerance_reason
    from pairs
    inner join core.source_tolerances as tolerances
        on
            pairs.metric = tolerances.metric
            and tolerances.frequency in ('*', pairs.frequency)
            and tolerances.reporter_code in ('*', pairs.reporter_code)
            and tolerances.partner_code in ('*', pairs.partner_code)
            and tolerances.flow in ('*', pairs.flow)
            and year(pairs.period_start) between tolerances.valid_from_year and tolerances.valid_to_year
            and (
                (
                    tolerances.source in ('*', pairs.chosen_source)
                    and tolerances.other_source in ('*', pairs.other_source)
                )
                or (
                    tolerances.source in ('*', pairs.other_source)
                    and tolerances.other_source in ('*', pairs.chosen_source)
                )
            )
    qualify
        row_number() over (
            partition by
                pairs.metric, pairs.reporter_code, pairs.partner_code, pairs.flow, pairs.item_code, pairs.frequency,
                pairs.period_start, pairs.other_source, pairs.other_dataset, pairs.other_basis
            order by tolerances.tolerance_rank asc, tolerances.tolerance_pct desc, tolerances.reason asc
        ) = 1
)

select
    * exclude (tolerance_rank, tolerance_usd, tolerance_reason, is_below_products),
    other_usd - chosen_usd as gap_usd,
    100 * (other_usd - chosen_usd) / nullif(chosen_usd, 0) as gap_pct,
    case
        when is_below_products then 'The figure is below the sum of its reporter''s products and therefore not used.'
        else tolerance_reason
    end as tolerance_reason,
    tolerance_rank = 1 or is_below_products as is_documented,
    abs(other_usd - chosen_usd) > greatest(tolerance_usd, tolerance_pct / 100 * chosen_usd) and not is_below_products
        as is_above_tolerance
from judged
