/*
what: >-
  Economies that act in a policy event, and economies that it affects.
grain: [event_id, economy_code, role]
columns:
- event_id
- economy_code: code | The economy (ISO 3166 alpha-3); WLD where all are affected.
- role: code | implementing or affected.
*/
with events as (
    select
        event_id,
        implementing_codes,
        affected_codes
    from staging.register__policy_event_stages
    where is_current
    union all
    select
        event_id,
        implementing_codes,
        affected_codes
    from staging.gta__interventions
    where is_current
),

named as (
    select
        event_id,
        unnest(string_split(implementing_codes, ';')) as economy_code,
        'implementing' as role
    from events
    union all
    select
        event_id,
        unnest(string_split(affected_codes, ';')) as economy_code,
        'affected' as role
    from events
)

select distinct
    event_id,
    trim(economy_code) as economy_code,
    role
from named
