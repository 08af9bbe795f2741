/*
what: >-
  The other designs' estimates for each estimate, and each unstable row, in marts.policy_event_effects: other windows,
  other base years, other estimators, and the declared design without each of its donors. None of them decides anything;
  together they are the range around the estimate.
subject: events
grain: [event_id, stage, event_date, series, method, window_months, base_months, left_out_code]
required: [assumes, snapshot_id]
columns:
- event_id, stage, event_date, series
- method: >-
    code | difference_in_differences (equal weights), synthetic_control (weights that fit the periods before), or
    synthetic_did (weights of others and of periods).
- assumes: >-
    code | parallel_trends (the series would have moved like the mean of comparable series), same_weights (the weighted
    others would have kept moving as it did) or weighted_trends (parallel to the weighted others, over the weighted
    periods).
- window_months
- base_months: count | Months before the stage that give the seasonal pattern, or to which the weights are fitted.
- left_out_code: code | The donor that is left out; none if all donors are used.
- estimate_pct: percent | This design's estimate.
- is_same_sign: true/false | The estimate has the sign of the declared design's; null where that has no estimate.
- conclusion: >-
    code | fall, rise, none (not significant, whatever the power) or untestable by the same test; null for the weighted
    estimators.
- placebo_rank: rank | The rank of the series among itself and its placebos; null for the weighted estimators.
- placebo_count, placebo_p_value, snapshot_id (of a stage)
*/
select
    effects.*,
    case effects.method
        when 'difference_in_differences' then 'parallel_trends'
        when 'synthetic_control' then 'same_weights'
        when 'synthetic_did' then 'weighted_trends'
    end as assumes,
    (effects.estimate_pct > 0) = (declared.estimate_pct > 0) as is_same_sign,
    declared.snapshot_id
from analysis.policy_event_effects as effects
inner join marts.policy_event_effects as declared using (event_id, stage, event_date, series)
where not effects.is_primary
