/*
what: >-
  What goods trade did when an agreement of core.agreements came into force that the register of events does not have:
  over a year on either side, beyond what other partners' trade did, or why there is no estimate. The methods and their
  limits are those of marts.policy_event_effects; none of them proves a cause.
grain: [agreement_id, series, method]
example: |-
  select agreement, in_force_on, partner_code, flow, method, estimate_pct, status, reason
  from marts.agreement_effects
  where reporter_code = 'KOR' and method != 'none'
  order by in_force_on desc limit 10
columns:
  agreement_id: code | The agreement.
  agreement: text | What it is called.
  in_force_on: date | The day from which it is in force; the first of the month or year where no more is known.
  series: text | The series, in one text; of what is not held, what it would have been.
  frequency: code | M or A; null if no series is held.
  reporter_code: code | The economy whose statistics the series is (ISO 3166 alpha-3).
  partner_code: code | The economy it traded with (ISO 3166 alpha-3).
  flow: code | export or import, as the reporter sees it.
  method: code | difference_in_differences or synthetic_control; none if nothing could be asked.
  estimate_pct: percent | The estimate; null unless status is estimated.
  ci_low_pct: percent | Lower end of its interval.
  ci_high_pct: percent | Upper end of its interval.
  placebo_rank: rank | The series' place among itself and its placebos, 1 the most unusual; null without placebos.
  n_donors: count | Other partners that it was compared with.
  donors: list | They, with their weights where they have some, between commas.
  status: code | estimated, or why not, as in marts.policy_event_effects.
  reason: text | Why there is no estimate.
*/
select
    agreements.agreement_id,
    agreements.agreement,
    agreements.in_force_on,
    effects.series,
    effects.frequency,
    effects.reporter_code,
    effects.partner_code,
    effects.flow,
    effects.method,
    effects.estimate_pct,
    effects.ci_low_pct,
    effects.ci_high_pct,
    effects.placebo_rank,
    effects.n_donors,
    effects.donors,
    effects.status,
    effects.reason
from core.agreements as agreements
inner join analysis.policy_event_effects as effects on agreements.agreement_id = effects.event_id
