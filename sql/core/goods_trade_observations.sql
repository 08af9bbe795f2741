/*
what: >-
  Every figure of goods trade that is held: every source, every level of product, every vintage. A figure that a later
  snapshot repeats is one row; one that it changes is two, and the earlier has the day on which it ended.
grain: [
  source, dataset, reporter_code, partner_code, flow, classification, product_code, frequency, period_start, known_from
]
columns:
  source: code | The publisher.
  dataset: code | The publisher's dataset.
  reporter_code: code | The economy whose statistics these are (ISO 3166 alpha-3).
  partner_code: code | The economy it traded with (ISO 3166 alpha-3), or WLD for the world.
  flow: code | export or import, as the reporter sees it.
  classification: code | The classification of products and its edition; TOTAL for all goods.
  level: count | Digits of the product code; 0 for all goods.
  product_code: code | The product; TOTAL for all goods.
  frequency: code | A annual, M monthly.
  period_start: date | First day of the period.
  period_end: date | Last day of the period.
  value_usd: US$ | Value of the goods; null if the source has no figure.
  net_weight_kg: kg | Net weight, where the source has it.
  valuation: code | FOB for exports, CIF for imports.
  observation_status: code | SDMX status, A normal or M missing.
  coverage: code | complete if the source covers every product or all goods, selected if only some products.
  correction_id: code | The correction in meta.corrections that takes the figure out of the safe tables, if one does.
  snapshot_id: code | The snapshot that showed the figure first.
  known_from: date | The day from which the figure counts as known.
  known_to: date | The day on which another figure took its place; null for what is known now.
*/
with figures as (
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        classification,
        level,
        product_code,
        frequency,
        period_start,
        period_end,
        value_usd,
        net_weight_kg,
        valuation,
        observation_status,
        coverage,
        snapshot_id
    from staging.comtrade__goods_annual
    union all
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        classification,
        level,
        product_code,
        frequency,
        period_start,
        period_end,
        value_usd,
        net_weight_kg,
        valuation,
        observation_status,
        coverage,
        snapshot_id
    from staging.comtrade__goods_annual_hs6_selected
    union all
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        classification,
        level,
        product_code,
        frequency,
        period_start,
        period_end,
        value_usd,
        net_weight_kg,
        valuation,
        observation_status,
        coverage,
        snapshot_id
    from staging.comtrade__goods_annual_sitc4
    union all
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        classification,
        level,
        product_code,
        frequency,
        period_start,
        period_end,
        value_usd,
        net_weight_kg,
        valuation,
        observation_status,
        coverage,
        snapshot_id
    from staging.imf__goods_annual_chn_imports
    union all
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        classification,
        level,
        product_code,
        frequency,
        period_start,
        period_end,
        value_usd,
        net_weight_kg,
        valuation,
        observation_status,
        coverage,
        snapshot_id
    from staging.imf__goods_monthly
    union all
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        classification,
        level,
        product_code,
        frequency,
        period_start,
        period_end,
        value_usd,
        net_weight_kg,
        valuation,
        observation_status,
        coverage,
        snapshot_id
    from staging.kcs__goods_monthly
    union all
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        classification,
        level,
        product_code,
        frequency,
        period_start,
        period_end,
        value_usd,
        net_weight_kg,
        valuation,
        observation_status,
        coverage,
        snapshot_id
    from staging.kcs__goods_monthly_hs
    union all
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        classification,
        level,
        product_code,
        frequency,
        period_start,
        period_end,
        value_usd,
        net_weight_kg,
        valuation,
        observation_status,
        coverage,
        snapshot_id
    from staging.kosis__goods_annual
    union all
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        classification,
        level,
        product_code,
        frequency,
        period_start,
        period_end,
        value_usd,
        net_weight_kg,
        valuation,
        observation_status,
        coverage,
        snapshot_id
    from staging.kosis__goods_annual_world
    union all
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        classification,
        level,
        product_code,
        frequency,
        period_start,
        period_end,
        value_usd,
        net_weight_kg,
        valuation,
        observation_status,
        coverage,
        snapshot_id
    from staging.kosis__goods_monthly
    union all
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        classification,
        level,
        product_code,
        frequency,
        period_start,
        period_end,
        value_usd,
        net_weight_kg,
        valuation,
        observation_status,
        coverage,
        snapshot_id
    from staging.unctad__goods_annual_sitc3
    union all
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        classification,
        level,
        product_code,
        frequency,
        period_start,
        period_end,
        value_usd,
        net_weight_kg,
        valuation,
        observation_status,
        coverage,
        snapshot_id
    from staging.wits__goods_annual_products
    union all
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        classification,
        level,
        product_code,
        frequency,
        period_start,
        period_end,
        value_usd,
        net_weight_kg,
        valuation,
        observation_status,
        coverage,
        snapshot_id
    from staging.wits__goods_annual_summary
),

dated as (
    select
        figures.*,
        snapshots.known_from,
        lag(figures.observation_status) over vintages as earlier_status,
        lag(figures.value_usd) over vintages as earlier_value_usd,
        lag(figures.net_weight_kg) over vintages as earlier_net_weight_kg
    from figures
    inner join reference.snapshots as snapshots on figures.snapshot_id = snapshots.snapshot_id
    window vintages as (
        partition by
            figures.source, figures.dataset, figures.reporter_code, figures.partner_code, figures.flow,
            figures.classification, figures.product_code, figures.frequency, figures.period_start
        order by snapshots.known_from, figures.snapshot_id
    )
),

changes as (
    select *
    from dated
    where
        earlier_status is null
        or earlier_status is distinct from observation_status
        or earlier_value_usd is distinct from value_usd
        or earlier_net_weight_kg is distinct from net_weight_kg
)

select
    changes.source,
    changes.dataset,
    changes.reporter_code,
    changes.partner_code,
    changes.flow,
    changes.classification,
    changes.level,
    changes.product_code,
    changes.frequency,
    changes.period_start,
    changes.period_end,
    changes.value_usd,
    changes.net_weight_kg,
    changes.valuation,
    changes.observation_status,
    changes.coverage,
    corrections.correction_id,
    changes.snapshot_id,
    changes.known_from,
    lead(changes.known_from) over (
        partition by
            changes.source, changes.dataset, changes.reporter_code, changes.partner_code, changes.flow,
            changes.classification, changes.product_code, changes.frequency, changes.period_start
        order by changes.known_from, changes.snapshot_id
    ) as known_to
from changes
left join reference.corrections as corrections
    on
        changes.classification = 'TOTAL'
        and changes.source = corrections.source
        and changes.dataset = corrections.dataset
        and changes.reporter_code = corrections.reporter_code
        and changes.partner_code = corrections.partner_code
        and changes.flow = corrections.flow
        and changes.frequency = corrections.frequency
        and changes.period_start = corrections.period_start
        and abs(changes.value_usd - corrections.observed_value_usd)
        <= corrections.tolerance_pct / 100 * corrections.observed_value_usd
