/*
what: >-
  Policy events, one row each; their dates are in core.policy_event_stages. What both this project's register and Global
  Trade Alert know stands twice, once for each.
grain: [event_id]
required: [source, title, event_class, evaluation, snapshot_id]
columns:
  event_id: code | The event.
  source: code | Whose event it is, register or gta.
  title: text | Its title.
  event_class: code | The kind of event, in the terms of Global Trade Alert and DESTA where they have one.
  evaluation: code | Of its first stage, red harmful, amber unclear, green liberalising.
  first_stage_date: date | Date of its first stage.
  last_stage_date: date | Date of its latest stage.
  stage_count: count | Its stages.
  snapshot_id: code | The snapshot it stands in.
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
