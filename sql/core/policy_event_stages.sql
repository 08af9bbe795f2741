/*
what: >-
  Dated stages of policy events.
grain: [event_id, stage, event_date]
columns:
  event_id: code | The event.
  stage: code | How far it has come (announced, signed, in_force, implemented, removed and others).
  event_date: date | The day; the first of the month or year where only that is known.
  date_precision: code | day, month or year, how much of the date is known.
  stage_title: text | What happened.
  evaluation: code | In the sense of Global Trade Alert, red harmful, amber unclear, green liberalising.
  note: text | What is uncertain about it.
  snapshot_id: code | The snapshot it stands in.
*/
select
    event_id,
    stage,
    event_date,
    date_precision,
    stage_title,
    evaluation,
    note,
    snapshot_id
from staging.register__policy_event_stages
where is_current
