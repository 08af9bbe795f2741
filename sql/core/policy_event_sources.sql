/*
what: >-
  The sources of each stage of a policy event.
grain: [event_id, stage, event_date, source_url]
columns:
- event_id, stage, event_date
- source_url: URL | The source's address; for a table without a page, its name.
*/
with named as (
    select
        event_id,
        stage,
        event_date,
        unnest(string_split(source_urls, ' | ')) as source_url
    from staging.register__policy_event_stages
    where is_current
    union all
    select
        stages.event_id,
        stages.stage,
        stages.event_date,
        unnest([interventions.intervention_url, interventions.state_act_url]) as source_url
    from core.policy_event_stages as stages
    inner join staging.gta__interventions as interventions using (event_id)
    where interventions.is_current
)

select distinct
    event_id,
    stage,
    event_date,
    trim(source_url) as source_url
from named
