/*
what: >-
  Goods trade after an agreement of core.agreements that the register of events lacks came into force: the estimated
  difference from the trade of comparable partners, by the declared design of marts.policy_event_effects, or the reason
  why there is no estimate. It does not prove a cause.
subject: events
grain: [agreement_id, series]
required: [agreement, in_force_on, status]
example: |-
  select agreement, in_force_on, partner_code, flow, estimate_pct, conclusion, status, reason
  from marts.agreement_effects
  where reporter_code = 'KOR' and method != 'none'
  order by in_force_on desc limit 10
columns:
- agreement_id: code | The agreement's ID.
- agreement, in_force_on, series
- frequency: code | M or A; null if no series is available.
- reporter_code (of a series), partner_code, flow, method, estimate_pct
- conclusion: code | fall, rise, none, uninformative or untestable, as in marts.policy_event_effects.
- ci_low_pct, ci_high_pct
- placebo_rank: >-
    rank | The rank of the series among itself and its placebos; 1 is the most unusual; null without an estimate.
- placebo_count, placebo_p_value
- q_value: ratio | placebo_p_value corrected for all hypotheses tested, as in marts.policy_event_effects.
- hypothesis_count, designs_low_pct, designs_high_pct
- power_of_20_pct: percent | The chance that a fall by 20%, or a rise by 25%, would have been found.
- n_donors, donors
- status: code | estimated, or why not, as in marts.policy_event_effects.
- reason (of no estimate)
*/
select
    agreements.agreement_id,
    agreements.agreement,
    agreements.in_force_on,
    effects.*
from core.agreements as agreements
inner join analysis.policy_event_effects as effects on agreements.agreement_id = effects.event_id
where effects.is_primary
