/*
what: >-
  Every available figure of goods trade: every source, every level of product, every vintage. A figure that a later
  snapshot repeats has one row; a figure that it changes has two rows, and the earlier row has the day on which it
  ended. The value at the end of a day counts: of two snapshots on one day, the later.
grain: [
  source, dataset, reporter_code, partner_code, flow, classification, product_code, frequency, period_start, known_from
]
required: [coverage, snapshot_id]
sliced_by: period_start
columns:
- source, dataset, reporter_code, partner_code (or the world), flow, classification, level, product_code, frequency
- period_start, period_end, value_usd, net_weight_kg, valuation, observation_status (any), coverage, correction_id
- snapshot_id (of the first)
- rate_date (of a figure), rate_snapshot_id, known_from, known_to
*/
with figures as (
    select *
    from feeds
),

-- A figure can have several vintages only in a period that several snapshots of a dataset cover.
periods as (
    select
        source,
        dataset,
        period_start,
        min(snapshot_id) != max(snapshot_id) as has_vintages
    from figures
    group by all
),

dated as (
    select
        figures.* exclude (observation_status),
        case
            when
                figures.observation_status = 'A'
                and snapshots.known_from < make_date(
                    year(figures.period_start) + 1, cast(publishers.closes_in_month as integer) + 1, 1
                )
                then 'P'
            else figures.observation_status
        end as observation_status,
        snapshots.known_from,
        snapshots.retrieved_at,
        periods.has_vintages
    from figures
    left join periods using (source, dataset, period_start)
    -- Until its publisher has closed the year a month is provisional.
    left join reference.publishers as publishers using (source, dataset)
    inner join reference.snapshots as snapshots on figures.snapshot_id = snapshots.snapshot_id
    union all by name
    -- A figure printed in another currency is known in US$ once its rate is, and changes with the rate.
    select
        printed.* exclude (known_to),
        snapshots.retrieved_at,
        true as has_vintages
    from core.goods_trade_national_currency as printed
    inner join reference.snapshots as snapshots using (snapshot_id)
    where printed.value_usd is not null
),

days as (
    select *
    from dated
    where has_vintages is distinct from false
    qualify
        lead(known_from) over (
            partition by
                source, dataset, reporter_code, partner_code, flow, classification, product_code, frequency,
                period_start
            order by known_from, retrieved_at, snapshot_id
        ) is distinct from known_from
),

compared as (
    select
        days.*,
        lag(observation_status) over vintages as earlier_status,
        lag(value_usd) over vintages as earlier_value_usd,
        lag(net_weight_kg) over vintages as earlier_net_weight_kg
    from days
    window vintages as (
        partition by
            source, dataset, reporter_code, partner_code, flow, classification, product_code, frequency, period_start
        order by known_from
    )
),

vintages as (
    select
        * exclude (retrieved_at, has_vintages, earlier_status, earlier_value_usd, earlier_net_weight_kg),
        lead(known_from) over (
            partition by
                source, dataset, reporter_code, partner_code, flow, classification, product_code, frequency,
                period_start
            order by known_from
        ) as known_to
    from compared
    where
        earlier_status is null
        or earlier_status is distinct from observation_status
        or earlier_value_usd is distinct from value_usd
        or earlier_net_weight_kg is distinct from net_weight_kg
    union all by name
    select * exclude (retrieved_at, has_vintages)
    from dated
    where not has_vintages
),

-- Figures of periods that a correction names, with the correction.
questioned as (
    select
        figures.source,
        figures.dataset,
        figures.reporter_code,
        figures.partner_code,
        figures.flow,
        figures.classification,
        figures.frequency,
        figures.period_start,
        figures.snapshot_id,
        corrections.correction_id,
        bool_or(corrections.covers_every_partner) as covers_every_partner,
        bool_or(figures.partner_code = corrections.partner_code) as is_named,
        bool_or(
            figures.partner_code = corrections.partner_code
            and abs(figures.value_usd - corrections.observed_value_usd)
            <= corrections.tolerance_pct / 100 * corrections.observed_value_usd
        ) as is_as_seen
    from figures
    inner join reference.corrections as corrections
        using (source, reporter_code, flow, frequency, period_start)
    where
        figures.dataset = coalesce(corrections.dataset, figures.dataset)
        and figures.classification = 'TOTAL'
        and figures.value_usd is not null
    group by all
),

-- If a period is wrong for every partner, it is wrong throughout a snapshot that shows one of the wrong figures.
judged as (
    select
        *,
        bool_or(is_as_seen) over (partition by snapshot_id, correction_id, period_start) as is_wrong_in_snapshot
    from questioned
),

wrong as (
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        classification,
        frequency,
        period_start,
        snapshot_id,
        min(correction_id) as correction_id
    from judged
    where is_as_seen or (covers_every_partner and not is_named and is_wrong_in_snapshot)
    group by all
)

select
    vintages.*,
    wrong.correction_id
from vintages
left join wrong
    using (source, dataset, reporter_code, partner_code, flow, classification, frequency, period_start, snapshot_id)
