/*
what: >-
  Stages of policy events by date, with the economies that act and are affected, the products covered and links to the
  texts. An event in both this project's register and Global Trade Alert is listed twice, once for each.
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
- event_date (as known), date_precision (of the event), event_id, source (of the event), title (of the event), stage
- stage_title, event_class, evaluation, implementing, affected, scope
- source_urls: list | The addresses where the stage can be read, separated by spaces.
- note, snapshot_id (of the event)
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
