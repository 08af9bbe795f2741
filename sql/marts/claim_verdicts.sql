/*
what: >-
  What the figures say to each registered claim: as they stood when it was published, and as they stand now.
  `bilateral query` with evidence_sql gives observed_value, and with `--as-of` and the day observed_value_then.
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
- alternate_reporter_value: own unit | The number that they give now, in full units of alternate_unit.
- alternate_unit
- alternate_reporter_text: text | What they give now, whatever it is.
- second_reading_source
- second_reading_value: own unit | The number that it gives now, in full units.
- is_null_if_false: true/false | The evidence gives null, though the figures are in, since what is claimed is not there.
- verdict: >-
    code | By the figures of now: supported, supported_rounded (equal as printed, rounded or cut), differs_in_last_digit
    (within one printed digit, or between two official readings), contradicted, reporter_dependent (another reporter's
    statistics say otherwise), pending (not over, or the figures are not in yet), not_held or not_checkable; of what
    was right then and has been revised since the one of then.
- reason (with numbers)
- observed_value_then: own unit | The number that the evidence gave on the day of as_of, in full units.
- observed_text_then: text | What the evidence gave on that day, whatever it is.
- verdict_then: code | The verdict by the figures that were held by that day.
- reason_then, look_again_on, evidence_sql, alternate_sql, second_reading_sql, remark_sql
- snapshot_ids: list | The snapshots in which the rows stand that the evidence looks at.
- evidence_error: text | Which evidence fails and why; such a warehouse is not published.
*/
select
    claims.*,
    verdicts.* exclude (claim_id)
from core.claims as claims
left join analysis.claim_verdicts as verdicts using (claim_id)
