/*
what: >-
  Policy events, one row for each stage; the register as it stood in each snapshot.
grain: [event_id, stage, event_date, snapshot_id]
required: [title, stage_title, event_class, date_precision, evaluation, scope_codes, is_current]
columns:
  source: code | The publisher; register is this project's own.
  dataset: code | The dataset.
  event_id: code | The event; its stages share it.
  title: text | What the event is.
  stage_title: text | What happened at this stage.
  event_class: code | The kind of measure at this stage.
  implementing_codes: list | Who acted (ISO 3166 alpha-3), between semicolons.
  affected_codes: list | Whom it touches (ISO 3166 alpha-3, WLD for all), between semicolons.
  stage: code | Where the measure stands at this stage.
  event_date: date | The date; the first day of the month or year where no more is known.
  date_precision: code | day, month or year.
  evaluation: code | green liberalises, amber is unclear, red restricts.
  scope_codes: list | What it covers, between semicolons; HS codes, EBOPS items, or a word.
  source_urls: list | Where it is documented, between vertical bars.
  note: text | What the sources leave open.
  is_current: true/false | The row is of the newest snapshot, which replaces those before it as a whole.
  snapshot_id: code | The snapshot that holds the row.
  row_number: count | The row's place in the snapshot, from 1.
*/
select
    'register' as source,
    'policy_event_stages' as dataset,
    received.* exclude (implementing, affected, event_date, scope),
    received.implementing as implementing_codes,
    received.affected as affected_codes,
    cast(rpad(received.event_date, 10, '-01') as date) as event_date,
    received.scope as scope_codes,
    dense_rank() over (
        order by snapshots.known_from desc, snapshots.retrieved_at desc, snapshots.snapshot_id desc
    ) = 1 as is_current
from raw.register__policy_event_stages as received
inner join reference.snapshots as snapshots using (snapshot_id)
