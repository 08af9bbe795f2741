/*
what: >-
  Public claims, one row a claim, with the publisher and the verdict by the figures, now and as they were on the day.
  A verdict is about the words of the claim; reason names the figures that it rests on and whose they are.
grain: [claim_id]
example: |-
  select publisher, published_on, statement, claimed_value, observed_value, unit, verdict
  from claims
  where verdict = 'contradicted'
  order by published_on
columns:
- claim_id, statement, publisher (of an article), title, published_on, published_on_precision, url, metric
- reporter_code (of the evidence), reporter, partner_code (on the other side), partner
- period_start: date | First day of the period that the claim is about.
- period_end: date | Last day of the period that the claim is about.
- period_type, claimed_value, observed_value
- unit: text | The unit of claimed_value and observed_value (USD, CNY, %).
- claimed_text, observed_text
- verdict: >-
    code | By today's figures: supported, supported_rounded (equal as printed), differs_in_last_digit, contradicted,
    reporter_dependent (another reporter's statistics say otherwise), pending, not_held or not_checkable.
- reason (with numbers)
- verdict_then: code | The verdict by the figures available on the day of as_of.
- reason_then, as_of, evidence_sql
- snapshot_ids: list | The snapshots that contain the rows read by the evidence (meta.snapshots).
*/
select
    verdicts.*,
    claims.publisher,
    claims.title,
    claims.published_on_precision,
    claims.url,
    reporters.name as reporter,
    partners.name as partner
from marts.claim_verdicts as verdicts
inner join core.claims as claims using (claim_id)
left join core.economies as reporters on verdicts.reporter_code = reporters.economy_code
left join core.economies as partners on verdicts.partner_code = partners.economy_code
order by verdicts.published_on, verdicts.claim_id
