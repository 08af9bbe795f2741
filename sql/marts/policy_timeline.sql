/*
what: >-
  Policy events in the order of their stages, with who acts, whom it touches, what it covers and where to read it.
grain: [event_id, stage, event_date]
columns:
  event_date: date | The day; the first of the month or year where only that is known.
  date_precision: code | day, month or year, how much of the date is known.
  event_id: code | The event.
  title: text | The event's title.
  stage: code | How far it has come (announced, signed, in_force, implemented, removed and others).
  stage_title: text | What happened.
  event_class: code | The kind of event, in the terms of Global Trade Alert and DESTA where they have one.
  evaluation: code | In the sense of Global Trade Alert, red harmful, amber unclear, green liberalising.
  implementing: list | Economies that act, between commas.
  affected: list | Economies that it touches, between commas; WLD for all.
  scope: list | What the event covers, between commas, each with its classification.
  source_urls: list | Where the stage can be read, between spaces.
  note: text | What is uncertain about it.
  snapshot_id: code | The snapshot it stands in.
*/
with jurisdictions as (
    select
        event_id,
        string_agg(economy_code, ', ' order by economy_code) filter (where role = 'implementing') as implementing,
        string_agg(economy_code, ', ' order by economy_code) filter (where role = 'affected') as affected
    from core.policy_event_jurisdictions
    group by event_id
),

scopes as (
    select
        event_id,
        string_agg(concat(classification, ':', product_code), ', ' order by classification, product_code) as scope
    from core.policy_event_scopes
    group by event_id
),

sources as (
    select
        event_id,
        stage,
        event_date,
        string_agg(source_url, ' ' order by source_url) as source_urls
    from core.policy_event_sources
    group by event_id, stage, event_date
)

select
    stages.event_date,
    stages.date_precision,
    stages.event_id,
    events.title,
    stages.stage,
    stages.stage_title,
    events.event_class,
    stages.evaluation,
    jurisdictions.implementing,
    jurisdictions.affected,
    scopes.scope,
    sources.source_urls,
    stages.note,
    stages.snapshot_id
from core.policy_event_stages as stages
inner join core.policy_events as events on stages.event_id = events.event_id
left join jurisdictions on stages.event_id = jurisdictions.event_id
left join scopes on stages.event_id = scopes.event_id
left join sources
    on
        stages.event_id = sources.event_id
        and stages.stage = sources.stage
        and stages.event_date = sources.event_date
