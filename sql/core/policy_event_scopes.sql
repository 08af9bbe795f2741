/*
what: >-
  The products and services that a policy event covers.
grain: [event_id, classification, product_code]
columns:
- event_id
- classification: code | HS for goods by product as the register codes them, HS2022 and CPC21 for the products and
    sectors of Global Trade Alert, EBOPS for services by item, SCOPE for a word such as goods or all.
- product_code: code | The product, the sector, the item, or the word; unstated where the source names nothing.
*/
with named as (
    select
        event_id,
        unnest(string_split(scope_codes, ';')) as scope
    from staging.register__policy_event_stages
    where is_current
),

scopes as (
    select
        event_id,
        trim(scope) as scope
    from named
),

listed as (
    select
        event_id,
        'HS2022' as classification,
        unnest(string_split(product_codes, ';')) as product_code
    from staging.gta__interventions
    where is_current and product_codes is not null
    union all
    select
        event_id,
        'CPC21' as classification,
        unnest(string_split(sector_codes, ';')) as product_code
    from staging.gta__interventions
    where is_current and sector_codes is not null
    union all
    select
        event_id,
        'SCOPE' as classification,
        'unstated' as product_code
    from staging.gta__interventions
    where is_current and product_codes is null and sector_codes is null
)

select distinct
    event_id,
    case
        when starts_with(scope, 'EBOPS:') then 'EBOPS'
        when starts_with(scope, 'HS') then 'HS'
        else 'SCOPE'
    end as classification,
    case
        when starts_with(scope, 'EBOPS:') then substr(scope, 7)
        when starts_with(scope, 'HS') then substr(scope, 3)
        else scope
    end as product_code
from scopes
union all
select
    event_id,
    classification,
    product_code
from listed
