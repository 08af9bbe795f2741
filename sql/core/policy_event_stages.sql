/*
what: >-
  Dated stages of policy events, from this project's register and from Global Trade Alert. One event may be a ban at one
  stage and a duty of the other economy at another, so class, economies and scope are those of the stage. An event in
  both sources is listed twice, once for each.
grain: [event_id, stage, event_date]
required: [source, date_precision, stage_title, evaluation, snapshot_id]
columns:
- event_id, source (of the event), stage, event_date (as known), date_precision (of the event), stage_title, event_class
- evaluation, implementing, affected, scope, note, snapshot_id (of the event)
*/
with chapters as (
    -- Where products are named, the sectors of goods only repeat them.
    select distinct
        scopes.event_id,
        case scopes.classification
            when 'HS2022' then 'HS' || substr(scopes.product_code, 1, 2)
            when 'CPC21' then 'CPC' || scopes.product_code
            else scopes.product_code
        end as scope
    from core.policy_event_scopes as scopes
    inner join staging.gta__interventions as interventions using (event_id)
    where
        interventions.is_current
        and (scopes.classification != 'CPC21' or interventions.product_codes is null or scopes.product_code >= '500')
),

covered as (
    select
        event_id,
        string_agg(scope, ', ' order by scope) as scope
    from chapters
    group by event_id
),

dated as (
    select
        event_id,
        'announced' as stage,
        announced_on as event_date
    from staging.gta__interventions
    where is_current
    union all
    select
        event_id,
        'implemented' as stage,
        implemented_on as event_date
    from staging.gta__interventions
    where is_current and implemented_on is not null
    union all
    select
        event_id,
        'removed' as stage,
        removed_on as event_date
    from staging.gta__interventions
    where is_current and removed_on is not null
)

select
    *,
    array_to_string(list_sort(string_split(implementing_codes, ';')), ', ') as implementing,
    array_to_string(list_sort(string_split(affected_codes, ';')), ', ') as affected,
    array_to_string(list_sort(string_split(scope_codes, ';')), ', ') as scope
from staging.register__policy_event_stages
where is_current
union all by name
select
    dated.event_id,
    interventions.source,
    dated.stage,
    dated.event_date,
    'day' as date_precision,
    interventions.intervention_type || ': ' || dated.stage as stage_title,
    interventions.event_class,
    interventions.evaluation,
    array_to_string(list_sort(string_split(interventions.implementing_codes, ';')), ', ') as implementing,
    array_to_string(list_sort(string_split(interventions.affected_codes, ';')), ', ') as affected,
    covered.scope,
    'Affected economies: ' || lower(interventions.affected_basis) || '.' as note,
    interventions.snapshot_id
from dated
inner join staging.gta__interventions as interventions using (event_id)
left join covered using (event_id)
where interventions.is_current
