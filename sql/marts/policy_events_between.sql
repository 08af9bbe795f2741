/*
what: >-
  Policy events that concern the trade of two economies, one row each at its first stage in effect: events of the
  register of events, and agreements that it lacks. One of the two acts, and the other, or the world, is affected. A
  security shock is not a trade measure: if the affected economy answered one of those that act with a restriction other
  than a tariff within two years (a tariff answers tariffs), the shock concerns only those two.
subject: events
grain: [event_id]
parameters: [one, other]
example: |-
  select event_date, date_precision, title, stage_title
  from marts.policy_events_between('KOR', 'USA')
  order by event_date limit 10
columns:
- event_id: code | The event's ID; an agreement that only core.agreements has is listed under its number there.
- title (in words), event_date (as known), date_precision (of the event), stage, stage_title, evaluation
*/
with listed as (
    select
        *,
        string_split(implementing, ', ') as acting_codes,
        string_split(affected, ', ') as touched_codes
    from marts.policy_timeline
    where source = 'register'
    union all by name
    select
        agreement_id as event_id,
        agreement as title,
        in_force_on as event_date,
        date_precision,
        'in_force' as stage,
        'Enters into force' as stage_title,
        'trade_agreement' as event_class,
        'green' as evaluation,
        string_split(side_codes, ', ') as acting_codes,
        string_split(other_side_codes, ', ') as touched_codes
    from core.agreements
    where event_id is null
),

-- Restrictions with which one of the two economies answered a shock by the other.
answered as (
    select
        shocks.event_id,
        bool_or(
            (list_contains(answers.acting_codes, one) and list_contains(answers.touched_codes, other))
            or (list_contains(answers.acting_codes, other) and list_contains(answers.touched_codes, one))
        ) as is_between_them
    from listed as shocks
    inner join listed as answers
        on
            list_has_any(shocks.touched_codes, answers.acting_codes)
            and list_has_any(shocks.acting_codes, answers.touched_codes)
            and shocks.event_date <= answers.event_date
            and shocks.event_date + interval 2 year >= answers.event_date
    where
        shocks.event_class = 'security_shock' and answers.evaluation = 'red'
        -- Tariffs answer tariffs.
        and answers.event_class != 'tariff'
    group by shocks.event_id
),

concerning as (
    select listed.*
    from listed
    left join answered on listed.event_id = answered.event_id
    where
        coalesce(answered.is_between_them, true)
        and (
            (
                list_contains(listed.acting_codes, one)
                and (list_contains(listed.touched_codes, other) or list_contains(listed.touched_codes, 'WLD'))
            )
            or (
                list_contains(listed.acting_codes, other)
                and (list_contains(listed.touched_codes, one) or list_contains(listed.touched_codes, 'WLD'))
            )
        )
)

select *
from concerning
qualify
    row_number() over (
        partition by event_id
        order by
            stage in ('implemented', 'in_force', 'partial', 'amended', 'suspended', 'removed') desc, event_date asc,
            stage asc
    ) = 1
