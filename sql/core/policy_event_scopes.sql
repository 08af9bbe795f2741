/*
what: >-
  What a policy event covers.
grain: [event_id, classification, product_code]
columns:
  event_id: code | The event.
  classification: code | HS for goods by product, EBOPS for services by item, SCOPE for a word such as goods or all.
  product_code: code | The product, the item, or the word.
*/
with named as (
    select
        event_id,
        trim(unnest(string_split(scope_codes, ';'))) as scope
    from staging.register__policy_event_stages
    where is_current
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
from named
