/*
what: >-
  What each stage of a policy event of the register did to each series that it could move, asked by three methods side
  by side, or why there is no answer. None of them proves a cause: before_after is a change, whatever made it;
  difference_in_differences and synthetic_control are effects only if the assumption holds that `assumes` names. Among
  as many estimates some leave zero out of their interval by chance. An estimate that one donor decides is none: each is
  left out in turn. docs/methods.md has the methods.
grain: [event_id, stage, event_date, series, method, window_months]
columns:
  event_id: code | The event.
  stage: code | How far it had come (announced, signed, in_force, implemented, removed and others).
  event_date: date | The stage's date.
  series: text | The series, in one text; of a question that could not be asked, what it would have been about.
  domain: code | goods or services.
  frequency: code | M or A.
  reporter_code: code | The economy whose statistics the series is (ISO 3166 alpha-3).
  partner_code: code | The economy it traded with (ISO 3166 alpha-3).
  flow: code | export or import, as the reporter sees it.
  product_code: code | TOTAL for all goods, HS and a code, or an item of services (EBOPS 2010, S for all).
  method: code | before_after, difference_in_differences or synthetic_control; none if nothing could be asked.
  assumes: >-
    code | nothing (it is a change, and no effect), parallel_trends (it would have moved as the others on average) or
    same_weights (the weighted others would have gone on moving as it did).
  window_months: count | Months that are compared on either side of the stage; 0 with method none.
  effect_from: date | First day of the first period that counts as after the stage.
  estimate_pct: percent | The estimate; null unless status is estimated.
  ci_low_pct: percent | Lower end of its interval.
  ci_high_pct: percent | Upper end of its interval.
  ci_level_pct: percent | How often such an interval holds the truth, if the assumption is right.
  placebo_rank: rank | The series' place among itself and its placebos, 1 the most unusual; null without placebos.
  placebo_count: count | Other partners that were treated as if the event had been theirs.
  placebo_p_value: ratio | placebo_rank over placebo_count and one.
  rmspe_ratio: ratio | Root mean squared error after the stage over that before it (synthetic control).
  n_donors: count | Other partners that it was compared with.
  donors: list | They, with their weights where they have some, between commas.
  pre_period_count: count | Months or years before the stage that were used.
  pre_period_fit_pct: percent | How far the others miss the series before the stage (root mean squared error).
  pre_period_explained_pct: percent | What part of the series' movement before the stage the weighted others follow.
  leave_one_out_low_pct: percent | The lowest estimate with one donor left out; also where status is unstable.
  leave_one_out_high_pct: percent | The highest estimate with one donor left out; also where status is unstable.
  leave_one_out_count: count | Donors that were left out in turn, as donors and as placebos; null of before_after.
  leave_one_out_beyond_zero_count: count | Of these estimates, those whose interval leaves zero out.
  most_influential_donor_code: code | The donor without which the estimate changes most.
  estimate_without_it_pct: percent | The estimate without that donor.
  status: >-
    code | estimated, or why not: unstable (without some one donor the estimate has the other sign, or zero leaves its
    interval or enters it, or the others do not follow the series before), no_series, scope_not_measurable,
    series_ends, too_few_before, gap, date_too_vague, overlaps (another measure takes effect in the window),
    too_few_donors or poor_fit.
  reason: text | Why there is no estimate; or what a reader of one must know.
  other_event_ids: list | Other events in the window that could have moved the series, between commas.
  snapshot_id: code | The snapshot in which the stage stands.
*/
select
    effects.event_id,
    effects.stage,
    effects.event_date,
    effects.series,
    effects.domain,
    effects.frequency,
    effects.reporter_code,
    effects.partner_code,
    effects.flow,
    effects.product_code,
    effects.method,
    case effects.method
        when 'before_after' then 'nothing'
        when 'difference_in_differences' then 'parallel_trends'
        when 'synthetic_control' then 'same_weights'
    end as assumes,
    effects.window_months,
    effects.effect_from,
    effects.estimate_pct,
    effects.ci_low_pct,
    effects.ci_high_pct,
    effects.ci_level_pct,
    effects.placebo_rank,
    effects.placebo_count,
    effects.placebo_p_value,
    effects.rmspe_ratio,
    effects.n_donors,
    effects.donors,
    effects.pre_period_count,
    effects.pre_period_fit_pct,
    effects.pre_period_explained_pct,
    effects.leave_one_out_low_pct,
    effects.leave_one_out_high_pct,
    effects.leave_one_out_count,
    effects.leave_one_out_beyond_zero_count,
    effects.most_influential_donor_code,
    effects.estimate_without_it_pct,
    effects.status,
    effects.reason,
    effects.other_event_ids,
    stages.snapshot_id
from analysis.policy_event_effects as effects
inner join core.policy_event_stages as stages
    on
        effects.event_id = stages.event_id
        and effects.stage = stages.stage
        and effects.event_date = stages.event_date
