/*
what: >-
  Policy events, one row each, with the names of the economies that act and of those affected, and all stages with their
  dates; counting rows counts events. An event in both this project's register and Global Trade Alert has two rows, one
  for each source. marts.policy_timeline has a row for each stage, with a link to the text.
grain: [event_id]
example: |-
  select year, month, title, stages, implementing
  from policy_events
  where source = 'register' and (list_contains(affected, 'South Korea') or list_contains(affected_codes, 'WLD'))
  order by first_stage_date
columns:
- event_id, source (of the event), title (of the event), event_class (of the event), evaluation (at first)
- year: year | The year of the event's first stage.
- month: month | The month of the first stage; null where only the year is known.
- first_stage_date: date | Date of the first stage; the first of the month or year where only that is known.
- last_stage_date
- stages: list | The stages in order, each with its date as precisely as it is known.
- implementing_codes: list | Economies that act (ISO 3166 alpha-3).
- implementing: list | Names in English of the economies that act.
- affected_codes: list | Economies affected (ISO 3166 alpha-3); WLD for all.
- affected: list | Names in English of the economies affected; World for all.
- snapshot_id (of the event)
*/
with stages as (
    select
        event_id,
        min(date_precision) filter (where event_date = first_date) as first_precision,
        list(
            concat(
                case date_precision
                    when 'day' then strftime(event_date, '%Y-%m-%d')
                    when 'month' then strftime(event_date, '%Y-%m')
                    else strftime(event_date, '%Y')
                end,
                ' ', stage
            )
            order by event_date, stage
        ) as stages
    from (
        select
            *,
            min(event_date) over (partition by event_id) as first_date
        from core.policy_event_stages
    ) as dated
    group by event_id
),

sides as (
    select
        jurisdictions.event_id,
        list(economies.economy_code order by economies.economy_code)
        filter (where jurisdictions.role = 'implementing') as implementing_codes,
        list(economies.name order by economies.economy_code)
        filter (where jurisdictions.role = 'implementing') as implementing,
        list(economies.economy_code order by economies.economy_code)
        filter (where jurisdictions.role = 'affected') as affected_codes,
        list(economies.name order by economies.economy_code)
        filter (where jurisdictions.role = 'affected') as affected
    from core.policy_event_jurisdictions as jurisdictions
    left join core.economies as economies using (economy_code)
    group by jurisdictions.event_id
)

select
    events.* exclude (stage_count),
    cast(year(events.first_stage_date) as integer) as year,
    case when stages.first_precision != 'year' then cast(month(events.first_stage_date) as integer) end as month,
    stages.stages,
    sides.* exclude (event_id)
from core.policy_events as events
left join stages using (event_id)
left join sides using (event_id)
order by events.first_stage_date, events.event_id
