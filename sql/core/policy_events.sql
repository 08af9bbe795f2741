/*
what: >-
  Policy events, one row each; their dates are in core.policy_event_stages.
grain: [event_id]
columns:
  event_id: code | The event.
  title: text | Its title.
  event_class: code | The kind of event, in the terms of Global Trade Alert and DESTA where they have one.
  evaluation: code | Of its first stage, red harmful, amber unclear, green liberalising.
  first_stage_date: date | Date of its first stage.
  last_stage_date: date | Date of its latest stage.
  stage_count: count | Its stages.
  snapshot_id: code | The snapshot it stands in.
*/
select
    event_id,
    arg_min(title, event_date) as title,
    arg_min(event_class, event_date) as event_class,
    arg_min(evaluation, event_date) as evaluation,
    min(event_date) as first_stage_date,
    max(event_date) as last_stage_date,
    count(*) as stage_count,
    max(snapshot_id) as snapshot_id
from staging.register__policy_event_stages
where is_current
group by event_id
