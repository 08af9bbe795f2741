/*
what: >-
  The change of imports from a partner, relative to those from other origins, for each percentage point of duty on a
  product: a regression over products for each window of warehouse/reference/tariff_windows.csv, or the reason why there
  is no estimate. A placebo compares the same duties with the changes of earlier years. Changes that all products share
  are not included, and trade that moved to other origins counts twice. docs/methods.md describes the design.
subject: events
grain: [window_id, years_earlier]
required: [kind, event_ids, reporter_code, partner_code, classification, weights, status]
example: |-
  select window_id, kind, base_start, after_end, round(estimate_pct, 2) as estimate_pct, conclusion, status, reason
  from marts.tariff_dose_effects
  order by window_id, years_earlier
columns:
- window_id
- years_earlier
- kind: code | declared (it alone decides), other (another choice of the same question), or placebo.
- event_ids: list | The events whose tariffs took effect in the window, separated by semicolons.
- reporter_code
- partner_code: code | The economy whose goods met the duty (ISO 3166 alpha-3).
- classification (of imports for consumption)
- weights
- base_start
- base_end
- after_start
- after_end
- product_count: count | The products of the regression.
- dose_low_points: percentage points | The rise of the duty that a quarter of the products stayed below.
- dose_high_points: percentage points | The rise of the duty that a quarter of the products exceeded.
- estimate_pct: >-
    percent | The change of imports from the partner, beside other origins', for one point of duty more; null without an
    estimate.
- ci_low_pct: percent | Lower end of its interval of 90%.
- ci_high_pct: percent | Upper end of its interval of 90%.
- p_value: ratio | The chance of a slope so far from zero if the dose had no part in it.
- conclusion: code | fall or rise (significant at 10%), or none.
- placebo_count: count | The number of earlier windows without a tariff step.
- placebos_that_move: count | Those in which the same doses go with a significant change.
- leave_one_out_low_pct: percent | The lowest estimate with one product left out.
- leave_one_out_high_pct: percent | The highest estimate with one product left out.
- designs_low_pct, designs_high_pct
- design_count: count | The number of other designs with an estimate; null except for a declared one.
- status: >-
    code | estimated, placebo, or why not: no_figures, too_few_products, doses_alike (all products met nearly the same
    rise), too_few_placebos, placebos_move (the doses go with changes of earlier years, too) or unstable (without one
    product the conclusion is another).
- reason: text | Why there is no estimate; for one, why its window was chosen.
- snapshot_ids
*/
with windows as (
    select distinct
        window_id,
        years_earlier,
        base_start,
        base_end,
        after_start,
        after_end
    from marts.tariff_doses
),

held as (
    select
        window_id,
        list_sort(list_distinct(flatten(array_agg(snapshot_ids)))) as snapshot_ids
    from marts.tariff_doses
    where years_earlier = 0
    group by window_id
),

placebos as (
    select
        window_id,
        cast(count(*) as integer) as placebo_count,
        cast(count(*) filter (where conclusion != 'none') as integer) as placebos_that_move
    from analysis.tariff_dose_effects
    where status = 'placebo'
    group by window_id
),

described as (
    select
        designs.window_id,
        coalesce(found.years_earlier, 0) as years_earlier,
        case
            when found.years_earlier > 0 then 'placebo'
            when designs.is_declared = 'true' then 'declared'
            else 'other'
        end as kind,
        designs.event_ids,
        designs.reporter_code,
        designs.partner_code,
        designs.classification,
        designs.weights,
        coalesce(windows.base_start, cast(designs.base_start || '-01' as date)) as base_start,
        coalesce(windows.base_end, cast(designs.base_end || '-01' as date)) as base_end,
        coalesce(windows.after_start, cast(designs.after_start || '-01' as date)) as after_start,
        coalesce(windows.after_end, cast(designs.after_end || '-01' as date)) as after_end,
        found.product_count,
        found.dose_low_points,
        found.dose_high_points,
        found.estimate_pct,
        found.ci_low_pct,
        found.ci_high_pct,
        found.p_value,
        found.conclusion,
        found.leave_one_out_low_pct,
        found.leave_one_out_high_pct,
        coalesce(found.status, 'no_figures') as status,
        case
            when found.window_id is null then 'This warehouse lacks imports for consumption of some months.'
            when found.status = 'estimated' then designs.reason
            else found.reason
        end as reason,
        -- Estimates that a reason speaks against are not shown; of other designs one that hangs on a product is.
        found.status in ('estimated', 'placebo') or (found.status = 'unstable' and designs.is_declared != 'true')
            as is_shown
    from reference.tariff_windows as designs
    left join analysis.tariff_dose_effects as found using (window_id)
    left join windows on designs.window_id = windows.window_id and found.years_earlier = windows.years_earlier
),

shown as (
    select
        * replace (
            case when is_shown then estimate_pct end as estimate_pct,
            case when is_shown then ci_low_pct end as ci_low_pct,
            case when is_shown then ci_high_pct end as ci_high_pct,
            case when is_shown then p_value end as p_value,
            case when is_shown then conclusion end as conclusion,
            case when is_shown or status = 'unstable' then leave_one_out_low_pct end as leave_one_out_low_pct,
            case when is_shown or status = 'unstable' then leave_one_out_high_pct end as leave_one_out_high_pct
        )
    from described
),

ranges as (
    select
        event_ids,
        reporter_code,
        partner_code,
        min(estimate_pct) as designs_low_pct,
        max(estimate_pct) as designs_high_pct,
        cast(count(estimate_pct) as integer) as design_count
    from shown
    where kind = 'other'
    group by all
)

select
    shown.*,
    held.snapshot_ids,
    case when shown.kind != 'placebo' then placebos.placebo_count end as placebo_count,
    case when shown.kind != 'placebo' then placebos.placebos_that_move end as placebos_that_move,
    case when shown.kind = 'declared' then ranges.designs_low_pct end as designs_low_pct,
    case when shown.kind = 'declared' then ranges.designs_high_pct end as designs_high_pct,
    case when shown.kind = 'declared' then coalesce(ranges.design_count, 0) end as design_count
from shown
left join held using (window_id)
left join placebos using (window_id)
left join ranges using (event_ids, reporter_code, partner_code)
