/*
what: >-
  Dated stages of policy events. One event may be a ban at one stage and a duty of the other side at another, so class,
  sides and scope are those of the stage.
grain: [event_id, stage, event_date]
columns:
  event_id: code | The event.
  stage: code | How far it has come (announced, signed, in_force, implemented, removed and others).
  event_date: date | The day; the first of the month or year where only that is known.
  date_precision: code | day, month or year, how much of the date is known.
  stage_title: text | What happened.
  event_class: code | The kind of measure, in the terms of Global Trade Alert and DESTA where they have one.
  evaluation: code | In the sense of Global Trade Alert, red harmful, amber unclear, green liberalising.
  implementing: list | Economies that act at this stage (ISO 3166 alpha-3), between commas.
  affected: list | Economies that it touches, between commas; WLD for all.
  scope: list | What it covers, between commas; HS and a code, EBOPS and an item, or a word.
  note: text | What is uncertain about it.
  snapshot_id: code | The snapshot it stands in.
*/
select
    event_id,
    stage,
    event_date,
    date_precision,
    stage_title,
    event_class,
    evaluation,
    array_to_string(list_sort(string_split(implementing_codes, ';')), ', ') as implementing,
    array_to_string(list_sort(string_split(affected_codes, ';')), ', ') as affected,
    array_to_string(list_sort(string_split(scope_codes, ';')), ', ') as scope,
    note,
    snapshot_id
from staging.register__policy_event_stages
where is_current
