/*
what: >-
  The verdict on each registered claim by the figures known when it was published and by the figures known now.
  `bilateral query` with evidence_sql returns observed_value; with `--as-of` and the day it returns observed_value_then.
subject: claims
grain: [claim_id]
figures: [verdict]
example: |-
  select claim_id, statement, claimed_text, observed_text, verdict, verdict_then, reason
  from marts.claim_verdicts
  order by published_on desc limit 10
columns:
- article_id, claim_id, statement, published_on, as_of, metric, reporter_code (of the evidence)
- partner_code (on the other side), period_start, period_end, period_type, comparator, claimed_value, claimed_text, unit
- tolerance, observed_value, observed_text, alternate_reporter_code
- alternate_reporter_value: own unit | The answer of alternate_sql now, in full units of alternate_unit; a number.
- alternate_unit
- alternate_reporter_text: text | The answer of alternate_sql now, of any type.
- second_reading_source
- second_reading_value: own unit | The answer of second_reading_sql now, in full units.
- is_null_if_false: >-
    true/false | The evidence returns null although the figures are available, because the thing claimed does not exist.
- verdict: >-
    code | By today's figures: supported, supported_rounded (equal as printed, rounded or cut), differs_in_last_digit
    (within one printed digit, or between two official readings), contradicted, reporter_dependent (another reporter's
    statistics say otherwise), pending (the period is not over, or its figures are not available yet), not_held or
    not_checkable. A claim that was right by figures revised since keeps its verdict_then.
- reason (with numbers)
- observed_value_then: own unit | The evidence's answer on the day of as_of, in full units; a number.
- observed_text_then: text | The evidence's answer on the day of as_of, of any type.
- verdict_then: code | The verdict by the figures available on the day of as_of.
- reason_then, look_again_on, evidence_sql, alternate_sql, second_reading_sql, remark_sql
- snapshot_ids: list | The snapshots that contain the rows read by the evidence.
- evidence_error: text | The evidence that fails and the error; a warehouse with one is not published.
*/
select
    claims.*,
    verdicts.* exclude (claim_id)
from core.claims as claims
left join analysis.claim_verdicts as verdicts using (claim_id)
