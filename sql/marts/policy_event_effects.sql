/*
what: >-
  What each stage of a policy event of the register did to each series that it could move, by the one design that is
  declared for its kind of series, or why there is no answer. It is an effect only if the series would have moved as
  those like it did; none proves a cause. marts.policy_event_sensitivity has what every other design says.
  docs/methods.md has the design, the test and its measured size.
subject: events
grain: [event_id, stage, event_date, series]
required: [status, snapshot_id]
columns:
- event_id, stage, event_date, series
- domain: code | goods, services, or arrivals (travellers who come to the reporter, in persons).
- frequency (monthly first), reporter_code (of a series)
- partner_code: code | The economy it traded with, or whose travellers came (ISO 3166 alpha-3).
- flow: code | export or import, as the reporter sees it; arrivals are an export.
- product_code: code | TOTAL for all goods, HS and a code, or an item of services (EBOPS 2010, S for all).
- method
- assumes: code | parallel_trends (it would have moved as those like it on average); null with method none.
- window_months
- base_months: count | Months before it whose seasons they are held against; 0 with method none.
- effect_from: date | First day of the first period that counts as after the stage.
- estimate_pct
- own_change_pct: percent | What the series itself did; also where the estimate hangs on one donor.
- donor_change_pct: percent | What those like it did on average.
- conclusion: >-
    code | fall or rise (significant at the level of the test, by itself), none (not significant, where a fall by 20%
    would have been found with a chance of 80% or more), uninformative (not significant, and with less chance), or
    untestable (too few placebos for a level of 10%). An unstable row has one where every version of it says the same.
- ci_low_pct: percent | Lower end of its interval, from the placebos; null where they are too few.
- ci_high_pct, ci_level_pct
- placebo_rank: rank | The series' place among itself and its placebos, either sign, 1 the most unusual for it.
- placebo_count
- placebo_p_value: ratio | placebo_rank over placebo_count and one, the least that so many placebos bear out.
- attainable_level_pct: percent | The level of the test, the largest up to 10% that so many placebos allow.
- time_placebo_rank: rank | Its place among itself and the same series one window before, two before and so on.
- time_placebo_count: count | How many of those there are.
- q_value: >-
    ratio | placebo_p_value corrected for all hypotheses that are tested here and in marts.agreement_effects (Benjamini
    and Hochberg). A series from effect_from on is one hypothesis, whichever events ask it, with the largest of their
    p-values. Null without a test.
- hypothesis_count
- designs_low_pct: percent | The lowest that another design says; also of an unstable row.
- designs_high_pct: percent | The highest that another design says; also of an unstable row.
- design_count: count | How many others there are.
- leave_one_out_low_pct: percent | The lowest estimate with one donor left out; also of an unstable row.
- leave_one_out_high_pct: percent | The highest estimate with one donor left out; also of an unstable row.
- most_influential_donor_code: code | The donor without which the estimate changes most.
- estimate_without_it_pct: percent | The estimate without that donor.
- power_of_5_pct: percent | The chance that a fall by 5% would have been estimated and found significant.
- power_of_10_pct: percent | The same of a fall by 10%.
- power_of_20_pct: percent | The same of a fall by 20%, or of a rise by 25%, which is as far in logarithms.
- n_donors, donors
- pre_period_count: count | Earlier windows without a measure that tell what is usual for the series.
- pre_period_fit_pct: percent | How far the others usually missed it in them (root mean square).
- status: >-
    code | estimated, or why not: unstable (without some one donor the estimate has the other sign or another
    conclusion), poor_fit (the others did not follow it before), repeats (another stage of the event has the same
    periods), no_series, scope_not_measurable, series_ends, too_few_before, gap, date_too_vague, overlaps (another
    measure takes effect in the window) or too_few_donors.
- reason: text | Why there is no estimate; or what a reader of one must know.
- other_event_ids: list | Other events in the window that could have moved the series, between commas.
- snapshot_id (of a stage)
*/
select
    effects.* exclude (left_out_code, is_primary),
    case effects.method when 'difference_in_differences' then 'parallel_trends' end as assumes,
    stages.snapshot_id
from analysis.policy_event_effects as effects
inner join core.policy_event_stages as stages using (event_id, stage, event_date)
where effects.is_primary
