/*
what: >-
  Stages of policy events by date, with who acts, whom it touches, what it covers and where to read it.
subject: events
grain: [event_date, event_id, stage]
required: [
  date_precision, source, title, stage_title, event_class, evaluation, implementing, affected, scope, snapshot_id
]
example: |-
  select event_date, date_precision, title, stage, stage_title, source_urls
  from marts.policy_timeline
  where event_date >= date '2016-07-01' and source = 'register'
  order by event_date limit 10
columns:
  event_date: date | The day; the first of the month or year where only that is known.
  date_precision: code | day, month or year, how much of the date is known.
  event_id: code | The event.
  source: code | Whose event it is, register or gta; what both know stands twice.
  title: text | The event's title.
  stage: code | How far it has come (announced, signed, in_force, implemented, removed and others).
  stage_title: text | What happened.
  event_class: code | The kind of measure, in the terms of Global Trade Alert and DESTA where they have one.
  evaluation: code | In the sense of Global Trade Alert, red harmful, amber unclear, green liberalising.
  implementing: list | Economies that act at this stage, between commas.
  affected: list | Economies that it touches, between commas; WLD for all.
  scope: list | What it covers, between commas; HS and a code (only the chapters of Global Trade Alert's subheadings),
    EBOPS and an item, CPC and a group, or a word.
  source_urls: list | Where the stage can be read, between spaces.
  note: text | What is uncertain about it.
  snapshot_id: code | The snapshot it stands in.
*/
with sources as (
    select
        event_id,
        stage,
        event_date,
        string_agg(source_url, ' ' order by source_url) as source_urls
    from core.policy_event_sources
    group by event_id, stage, event_date
)

select
    stages.*,
    events.title,
    sources.source_urls
from core.policy_event_stages as stages
inner join core.policy_events as events using (event_id)
left join sources using (event_id, stage, event_date)
