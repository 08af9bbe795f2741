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
  article_id: code | What published the claim.
  title: text | The title of the article, or a description in our own words.
  publisher: text | Who published it.
  published_on: date | When, or the first day of the month or year if no more is known.
  published_on_precision: code | day, month or year, as precisely as it is known.
  url: URL | Where it can be read, if it can.
  as_of: date | The day on which the claim is judged as known then; by default the last that published_on may mean.
  claim_id: code | The claim.
  statement: text | What is claimed, in our own words.
  metric: code | What is measured.
  reporter_code: code | The economy whose statistics the evidence uses (ISO 3166 alpha-3).
  partner_code: code | The economy on the other side (ISO 3166 alpha-3).
  flow: code | export or import, where the metric does not say it.
  valuation: code | FOB, CIF, or FOB-CIF for a balance.
  period_start: date | First day of the period.
  period_end: date | Last day of the period.
  period_type: code | annual, year_to_date, point, forecast, event_date or event_order.
  comparator: code | How the evidence is compared; docs/claims.md has the list.
  claimed_value: own unit | The claimed number in full units; null if the claim is no number.
  claimed_text: text | The claimed value as registered.
  unit: text | Its unit (USD, CNY, %).
  printed_scale: code | The power of ten that it was printed in.
  printed_decimals: count | Decimals that are printed, in the unit that is printed.
  tolerance: own unit | How far the figures may lie from it and still support it, in full units.
  names_reporter: true/false | The sentence says whose statistics it rests on.
  evidence_sql: SQL | The question whose answer is held against the claimed value.
  alternate_reporter_code: code | The economy whose statistics the second question uses (ISO 3166 alpha-3).
  alternate_sql: SQL | The same question by another reporter's statistics.
  alternate_compare: code | same if its answer is held against the claimed value, sign if only its sign counts.
  alternate_unit: text | The unit of its answer.
  second_reading_source: text | Another official source of the same reporter's figure of the same period.
  second_reading_sql: SQL | The question that gives its figure.
  remark_sql: SQL | The questions whose answers are told beside the verdict.
  look_again_on: date | When the claim is worth reading again.
  not_checkable_reason: text | Why no figure can answer it.
  note: text | What is uncertain about it.
*/
select
    article_id,
    title,
    publisher,
    published_on,
    published_on_precision,
    url,
    as_of,
    claim_id,
    statement,
    metric,
    reporter_code,
    partner_code,
    flow,
    valuation,
    period_start,
    period_end,
    period_type,
    comparator,
    claimed_value,
    claimed_text,
    unit,
    printed_scale,
    printed_decimals,
    tolerance,
    names_reporter,
    evidence_sql,
    alternate_reporter_code,
    alternate_sql,
    alternate_compare,
    alternate_unit,
    second_reading_source,
    second_reading_sql,
    remark_sql,
    look_again_on,
    not_checkable_reason,
    note
from reference.claims
