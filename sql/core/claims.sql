/*
what: >-
  The register of claims: what was published, by whom and when, and the evidence that answers it. Numbers stand in full
  units; unit, printed_scale and printed_decimals say how they were printed.
grain: [claim_id]
required: [published_on, as_of, period_start]
example: |-
  select claim_id, publisher, published_on, statement, evidence_sql
  from core.claims
  order by published_on desc limit 10
columns:
- article_id, title, publisher (of an article), published_on, published_on_precision, url, as_of, claim_id, statement
- metric, reporter_code (of the evidence), partner_code (on the other side), flow (of the metric)
- valuation: code | FOB, CIF, or FOB-CIF for a balance.
- period_start, period_end, period_type, comparator, claimed_value, claimed_text, unit
- printed_scale: code | The power of ten that it was printed in.
- printed_decimals, tolerance
- names_reporter: true/false | The sentence says whose statistics it rests on.
- evidence_sql, alternate_reporter_code, alternate_sql
- alternate_compare: code | same if its answer is held against the claimed value, sign if only its sign counts.
- alternate_unit, second_reading_source, second_reading_sql, remark_sql, look_again_on
- not_checkable_reason: text | Why no figure can answer it.
- note
*/
select *
from reference.claims
