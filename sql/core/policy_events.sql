/*
what: >-
  Policy events, one row each; their dates are in core.policy_event_stages. An event in both this project's register and
  Global Trade Alert is listed twice, once for each.
grain: [event_id]
required: [source, title, event_class, evaluation, snapshot_id]
columns:
- event_id, source (of the event), title (of the event), event_class (of the event), evaluation (at first)
- first_stage_date: date | Date of the event's first stage.
- last_stage_date
- stage_count: count | The number of stages.
- snapshot_id (of the event)
*/
with titles as (
    select
        event_id,
        arg_min(title, event_date) as title
    from staging.register__policy_event_stages
    where is_current
    group by event_id
    union all
    select
        event_id,
        title
    from staging.gta__interventions
    where is_current
)

select
    stages.event_id,
    stages.source,
    titles.title,
    arg_min(stages.event_class, stages.event_date) as event_class,
    arg_min(stages.evaluation, stages.event_date) as evaluation,
    min(stages.event_date) as first_stage_date,
    max(stages.event_date) as last_stage_date,
    count(*) as stage_count,
    max(stages.snapshot_id) as snapshot_id
from core.policy_event_stages as stages
inner join titles using (event_id)
group by all
