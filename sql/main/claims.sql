/*
what: >-
  What was claimed in public, one row a claim, with who published it and what the figures say to it, now and as they
  stood on the day. A verdict is about the words of the claim; reason says which figures it rests on and whose.
grain: [claim_id]
example: |-
  select publisher, published_on, statement, claimed_value, observed_value, unit, verdict
  from claims
  where verdict = 'contradicted'
  order by published_on
columns:
  claim_id: code | The claim.
  statement: text | What is claimed, in our own words.
  publisher: text | Who published it.
  title: text | The title of the article, or a description in our own words.
  published_on: date | When, or the first day of the month or year if no more is known.
  published_on_precision: code | day, month or year, as precisely as it is known.
  url: URL | Where it can be read, if it can.
  metric: code | What is measured.
  reporter_code: code | The economy whose statistics the evidence uses (ISO 3166 alpha-3).
  reporter: text | The reporter's name in English.
  partner_code: code | The economy on the other side (ISO 3166 alpha-3).
  partner: text | The partner's name in English.
  period_start: date | First day of the period that the claim is about.
  period_end: date | Last day of it.
  period_type: code | annual, year_to_date, point, forecast, event_date or event_order.
  claimed_value: own unit | The claimed number in full units, such as US$; null if the claim is no number.
  observed_value: own unit | The number that the evidence gives now, in full units; null if it is no number.
  unit: text | The unit of both (USD, CNY, %).
  claimed_text: text | The claimed value as registered, in the scale in which it was printed.
  observed_text: text | What the evidence gives now, whatever it is.
  verdict: >-
    code | By the figures of now: supported, supported_rounded (equal as printed), differs_in_last_digit, contradicted,
    reporter_dependent (another reporter's statistics say otherwise), pending, not_held or not_checkable.
  reason: text | Why, with the numbers.
  verdict_then: code | The verdict by the figures that were held on the day of as_of.
  reason_then: text | Why, with the numbers.
  as_of: date | The day on which the claim is judged as known then.
  evidence_sql: SQL | The question whose answer is held against the claimed value.
  snapshot_ids: list | The snapshots in which the rows stand that the evidence looks at (meta.snapshots).
*/
select
    verdicts.claim_id,
    verdicts.statement,
    claims.publisher,
    claims.title,
    verdicts.published_on,
    claims.published_on_precision,
    claims.url,
    verdicts.metric,
    verdicts.reporter_code,
    reporters.name as reporter,
    verdicts.partner_code,
    partners.name as partner,
    verdicts.period_start,
    verdicts.period_end,
    verdicts.period_type,
    verdicts.claimed_value,
    verdicts.observed_value,
    verdicts.unit,
    verdicts.claimed_text,
    verdicts.observed_text,
    verdicts.verdict,
    verdicts.reason,
    verdicts.verdict_then,
    verdicts.reason_then,
    verdicts.as_of,
    verdicts.evidence_sql,
    verdicts.snapshot_ids
from marts.claim_verdicts as verdicts
inner join core.claims as claims using (claim_id)
left join core.economies as reporters on verdicts.reporter_code = reporters.economy_code
left join core.economies as partners on verdicts.partner_code = partners.economy_code
order by verdicts.published_on, verdicts.claim_id
