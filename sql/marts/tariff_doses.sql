/*
what: >-
  The rise of the duty on each product of a partner (its dose) and the change of its imports, for each window of
  warehouse/reference/tariff_windows.csv, and for the same windows some years earlier, when no tariff changed. The
  regressions in marts.tariff_dose_effects use these figures. The lines of the tariff lists are not available, so a
  product is a chapter or an industry.
subject: events
grain: [window_id, years_earlier, product_code]
required: [
  reporter_code, partner_code, classification, weights, base_start, after_end, trade_usd, dose_points, response_log,
  snapshot_ids
]
example: |-
  select window_id, product_code, dose_points, response_log
  from marts.tariff_doses
  where reporter_code = 'USA' and partner_code = 'CHN' and years_earlier = 0
  order by dose_points desc
  limit 10
columns:
- window_id
- years_earlier
- reporter_code
- partner_code: code | The economy whose goods met the duty (ISO 3166 alpha-3).
- classification (of imports for consumption)
- product_code (of imports for consumption)
- weights
- base_start
- base_end
- after_start
- after_end
- trade_usd: US$ | The geometric mean of the partner's imports in the base and after.
- dose_points: >-
    percentage points | The rise of the duty charged on the partner's goods, less that on other origins' goods, in the
    window itself; a placebo has the same doses.
- response_log: ratio | The logarithm of the growth of imports from the partner, less that of other origins.
- snapshot_ids
*/
with spans as (
    select
        reporter_code,
        partner_code,
        classification,
        min(period_start) as first_month,
        max(period_start) as last_month
    from core.imports_for_consumption
    where known_to is null
    group by all
),

-- Tariffs of a reporter that took effect, on whom.
steps as (
    select
        unnest(string_split(implementing, ', ')) as reporter_code,
        string_split(affected, ', ') as affected_codes,
        event_date
    from core.policy_event_stages
    where
        event_class = 'tariff' and source = 'register'
        and stage in ('implemented', 'in_force', 'partial', 'amended', 'suspended', 'removed')
),

dated as (
    select
        * replace (
            cast(base_start || '-01' as date) as base_start,
            cast(base_end || '-01' as date) as base_end,
            cast(after_start || '-01' as date) as after_start,
            cast(after_end || '-01' as date) as after_end
        )
    from reference.tariff_windows
),

shifted as (
    select
        dated.window_id,
        dated.reporter_code,
        dated.partner_code,
        dated.classification,
        dated.left_out,
        dated.weights,
        cast(years.years_earlier as integer) as years_earlier,
        make_date(year(dated.base_start) - years.years_earlier, month(dated.base_start), 1) as base_start,
        make_date(year(dated.base_end) - years.years_earlier, month(dated.base_end), 1) as base_end,
        make_date(year(dated.after_start) - years.years_earlier, month(dated.after_start), 1) as after_start,
        make_date(year(dated.after_end) - years.years_earlier, month(dated.after_end), 1) as after_end
    from dated
    cross join (
        values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13), (14), (15)
    ) as years (years_earlier)
),

-- Earlier windows in which a step fell are no placebos.
disturbed as (
    select distinct
        shifted.window_id,
        shifted.years_earlier
    from shifted
    inner join steps
        on
            shifted.reporter_code = steps.reporter_code
            and shifted.base_start <= steps.event_date
            and last_day(shifted.after_end) >= steps.event_date
            and (
                list_contains(steps.affected_codes, shifted.partner_code)
                or list_contains(steps.affected_codes, 'WLD')
            )
    where shifted.years_earlier > 0
),

quiet as (
    select shifted.*
    from shifted
    inner join spans using (reporter_code, partner_code, classification)
    left join disturbed using (window_id, years_earlier)
    where
        shifted.base_start >= spans.first_month
        and shifted.after_end <= spans.last_month
        and disturbed.window_id is null
),

sides as (
    select
        quiet.window_id,
        quiet.years_earlier,
        quiet.weights,
        quiet.reporter_code,
        quiet.partner_code,
        quiet.classification,
        quiet.base_start,
        quiet.base_end,
        quiet.after_start,
        quiet.after_end,
        figures.product_code,
        figures.period_start >= quiet.after_start as is_after,
        count(distinct figures.period_start) as month_count,
        sum(case when figures.partner_code = 'WLD' then 0 else figures.value_usd end) as own_usd,
        sum(case when figures.partner_code = 'WLD' then 0 else figures.duty_usd end) as own_duty_usd,
        sum(case when figures.partner_code = 'WLD' then figures.value_usd else -figures.value_usd end) as others_usd,
        sum(case when figures.partner_code = 'WLD' then figures.duty_usd else -figures.duty_usd end) as others_duty_usd,
        list_sort(list_distinct(array_agg(figures.snapshot_id))) as snapshot_ids
    from quiet
    inner join core.imports_for_consumption as figures
        on
            quiet.reporter_code = figures.reporter_code
            and quiet.classification = figures.classification
            and (quiet.partner_code = figures.partner_code or figures.partner_code = 'WLD')
            and (
                figures.period_start between quiet.base_start and quiet.base_end
                or figures.period_start between quiet.after_start and quiet.after_end
            )
            and not list_contains(string_split(coalesce(quiet.left_out, ''), ';'), figures.product_code)
    where figures.known_to is null
    group by all
    -- Products with imports of less than a million US$ a month move by single shipments.
    having own_usd >= 1e6 * month_count and others_usd >= 1e6 * month_count
),

changes as (
    select
        base.* exclude (is_after, month_count, own_usd, own_duty_usd, others_usd, others_duty_usd, snapshot_ids),
        sqrt(base.own_usd * after.own_usd) as trade_usd,
        100 * (
            after.own_duty_usd / after.own_usd - base.own_duty_usd / base.own_usd
            - after.others_duty_usd / after.others_usd + base.others_duty_usd / base.others_usd
        ) as rise_points,
        ln(after.own_usd / base.own_usd) - ln(after.others_usd / base.others_usd) as response_log,
        list_sort(list_distinct(flatten([base.snapshot_ids, after.snapshot_ids]))) as snapshot_ids
    from sides as base
    inner join sides as after
        on
            base.window_id = after.window_id
            and base.years_earlier = after.years_earlier
            and base.product_code = after.product_code
    where not base.is_after and after.is_after
)

select
    changes.*,
    doses.rise_points as dose_points
from changes
inner join changes as doses
    on doses.years_earlier = 0 and changes.window_id = doses.window_id and changes.product_code = doses.product_code
