/*
what: >-
  The estimated effect of each stage of a policy event of the register on each series that it could move, by the one
  design declared for that kind of series, or the reason why there is no estimate. It is an effect only if the series
  would have moved like the comparable ones; none proves a cause. marts.policy_event_sensitivity has the estimates of
  the other designs. docs/methods.md describes the design, the test and its measured size.
subject: events
grain: [event_id, stage, event_date, series]
required: [status, snapshot_id]
columns:
- event_id, stage, event_date, series
- domain: code | goods, services, or arrivals (travellers who come to the reporter, in persons).
- frequency (monthly first), reporter_code (of a series)
- partner_code: code | The economy that the reporter traded with, or from which travellers came (ISO 3166 alpha-3).
- flow: code | export or import, as the reporter sees it; arrivals are an export.
- product_code: code | TOTAL for all goods, HS and a code, or an item of services (EBOPS 2010, S for all).
- method
- assumes: >-
    code | parallel_trends (the series would have moved like the mean of comparable series); null with method none.
- window_months
- base_months: count | Months before the stage that give the seasonal pattern; 0 with method none.
- effect_from: date | First day of the first period that counts as after the stage.
- estimate_pct
- own_change_pct: percent | The change of the series itself; also given where the estimate depends on one donor.
- donor_change_pct: percent | The average change of the comparable series (donors).
- conclusion: >-
    code | fall or rise (significant at the level of the test, by itself), none (not significant, where a fall by 20%
    would have been found with a chance of 80% or more), uninformative (not significant, with a smaller chance), or
    untestable (too few placebos for a level of 10%). An unstable row has a conclusion if every version of the estimate
    gives the same.
- ci_low_pct: percent | Lower end of the estimate's interval, from the placebos; null where there are too few.
- ci_high_pct, ci_level_pct
- placebo_rank: >-
    rank | The rank of the series among itself and its placebos, whatever the sign; 1 is the most unusual for the series
    itself.
- placebo_count
- placebo_p_value: ratio | placebo_rank / (placebo_count + 1), the smallest p-value that so many placebos support.
- attainable_level_pct: percent | The level of the test, the largest up to 10% that so many placebos allow.
- time_placebo_rank: rank | The rank of the effect among those of the series one, two and more windows earlier.
- time_placebo_count: count | The number of these earlier windows.
- q_value: >-
    ratio | placebo_p_value corrected for all hypotheses that are tested here and in marts.agreement_effects (Benjamini
    and Hochberg). A series from effect_from on is one hypothesis, however many events test it, with the largest of
    their p-values. Null without a test.
- hypothesis_count
- designs_low_pct: percent | The lowest estimate of any other design; also for an unstable row.
- designs_high_pct: percent | The highest estimate of any other design; also for an unstable row.
- design_count: count | The number of other designs.
- leave_one_out_low_pct: percent | The lowest estimate with one donor left out; also for an unstable row.
- leave_one_out_high_pct: percent | The highest estimate with one donor left out; also for an unstable row.
- most_influential_donor_code: code | The donor whose omission changes the estimate most.
- estimate_without_it_pct: percent | The estimate without that donor.
- power_of_5_pct: percent | The chance that a fall by 5% would have been estimated and found significant.
- power_of_10_pct: percent | The chance that a fall by 10% would have been estimated and found significant.
- power_of_20_pct: percent | The chance for a fall by 20%, or a rise by 25%, which is as large in logarithms.
- n_donors, donors
- pre_period_count: count | The number of earlier windows without a measure, which show what is usual for the series.
- pre_period_fit_pct: percent | The usual distance of the donors from the series in these windows (root mean square).
- status: >-
    code | estimated, or why not: unstable (leaving out one donor changes the estimate's sign or its conclusion),
    poor_fit (the donors did not follow the series before), repeats (another stage of the event has the same periods),
    no_series, scope_not_measurable, series_ends, too_few_before, gap, date_too_vague, overlaps (another measure takes
    effect in the window) or too_few_donors.
- reason: text | The reason why there is no estimate, or a caution for its reader.
- other_event_ids: list | Other events in the window that could have moved the series, separated by commas.
- snapshot_id (of a stage)
*/
select
    effects.* exclude (left_out_code, is_primary),
    case effects.method when 'difference_in_differences' then 'parallel_trends' end as assumes,
    stages.snapshot_id
from analysis.policy_event_effects as effects
inner join core.policy_event_stages as stages using (event_id, stage, event_date)
where effects.is_primary
