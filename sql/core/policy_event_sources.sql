/*
what: >-
  Where each stage of a policy event can be read.
grain: [event_id, stage, event_date, source_url]
columns:
  event_id: code | The event.
  stage: code | The stage.
  event_date: date | The stage's date.
  source_url: URL | The source; for a table that is no page, its name.
*/
with named as (
    select
        event_id,
        stage,
        event_date,
        trim(unnest(string_split(source_urls, ' | '))) as source_url
    from staging.register__policy_event_stages
    where is_current
)

select distinct
    event_id,
    stage,
    event_date,
    source_url
from named
