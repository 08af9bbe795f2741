/*
number: 21
question: What duty was charged on imports from the partner, month by month?
name: duty_charged
arises: held
read: >-
  One row a month, latest first: the duty charged, in per cent of the value of imports, beside the tariffs that took
  effect, rose, fell or ended in the month. The last two years are shown unless you name an earlier first year.
limits: >-
  The figures are imports for consumption at customs value, a different series from general imports. The duty is
  calculated on what was bought: goods that a tariff keeps out pay none, and goods under way when it took effect often
  paid the old rate. So the rate stays below the decreed one and follows it late. Refunds are not included. Only the
  US Census Bureau publishes it.
parameters:
  reporter: USA | The economy that charges the duty (ISO 3166 alpha-3).
  partner: CHN | The economy whose goods pay it (ISO 3166 alpha-3).
  from_year: the year before the last | The first year shown.
  to_year: the last year available | The last year shown.
columns:
- period_start (month)
- duty_rate_pct
- change_points: percentage points | `duty_rate_pct` less that of the month before.
- world_duty_rate_pct: percent | The duty charged on imports from all partners.
- imports_usd (for consumption)
- duty_usd
- tariff_steps: >-
    list | The tariffs on the partner that took effect, rose, fell or ended in the month; null if none did.
- is_answered: true/false | The duty is available.
- snapshot_ids
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'USA') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code,
        cast(getvariable('from_year') as integer) as from_year,
        cast(getvariable('to_year') as integer) as to_year
),

-- The classification with the newest month; its total has all products.
months as (
    select charged.*
    from asked
    inner join marts.duty_charged_monthly as charged
        on
            asked.reporter_code = charged.reporter_code
            and charged.product_code = 'TOTAL'
            and (asked.partner_code = charged.partner_code or charged.partner_code = 'WLD')
    qualify charged.classification = first_value(charged.classification) over (
        order by charged.period_start desc, charged.classification desc
    )
),

steps as (
    select
        date_trunc('month', stages.event_date) as period_start,
        string_agg(
            concat(stages.event_date, ' ', stages.event_id, ': ', stages.stage_title), '; '
            order by stages.event_date, stages.event_id
        ) as tariff_steps
    from asked
    inner join core.policy_event_stages as stages
        on
            stages.source = 'register'
            and stages.event_class = 'tariff'
            and stages.stage in ('implemented', 'in_force', 'partial', 'amended', 'suspended', 'removed')
            and list_contains(string_split(stages.implementing, ', '), asked.reporter_code)
            and list_has_any(string_split(stages.affected, ', '), [asked.partner_code, 'WLD'])
    group by all
),

rates as (
    select
        own.*,
        world.duty_rate_pct as world_duty_rate_pct,
        case
            when lag(own.period_start) over (order by own.period_start) = own.period_start - interval 1 month
                then own.duty_rate_pct - lag(own.duty_rate_pct) over (order by own.period_start)
        end as change_points,
        steps.tariff_steps
    from asked
    inner join months as own on asked.partner_code = own.partner_code
    left join months as world on world.partner_code = 'WLD' and own.period_start = world.period_start
    left join steps on own.period_start = steps.period_start
),

ends as (
    select max(year(period_start)) as last_year
    from rates
),

shown as (
    select rates.*
    from asked
    cross join ends
    inner join core.years_between(asked.from_year, asked.to_year, ends.last_year, 1) as years on true
    inner join rates on years.year = year(rates.period_start)
)

select
    shown.*,
    shown.duty_rate_pct is not null as is_answered,
    case when shown.duty_rate_pct is null then 'no_duty' end as missing_code,
    case
        when missing_code is not null
            then [concat('goods/M/', asked.reporter_code, '/import/', asked.partner_code, '/TOTAL')]
    end as missing_series,
    cast(null as varchar[]) as missing_periods
from asked
left join shown on true
order by shown.period_start desc

/*
{% macro month(row) %}{{ row.period_start.month | month }} {{ row.period_start.year }}{% endmacro %}
{% set last, first = held[0], held | last %}
the duty that {{ reporter }} charged on imports from {{ partner }} in {{ month(last) }} was
{{ last.duty_rate_pct | percent }} of their value
{%- if last.world_duty_rate_pct is not none %}, against {{ last.world_duty_rate_pct | percent }} on all imports
{%- endif %};
{% if held | length > 1 %}
    {% set most = held | max(attribute="duty_rate_pct") %}
    it was {{ first.duty_rate_pct | percent }} in {{ month(first) }}
    {%- if most.period_start not in (last.period_start, first.period_start) %} and peaked at
        {{ most.duty_rate_pct | percent }} in {{ month(most) }}
    {%- endif %};
    {% set stepped = held | selectattr("tariff_steps") | list %}
    {% if stepped and held | length > 2 %}
        {{ reporter | possessive }} tariffs on goods from {{ partner }} changed in {{ stepped | length }} of the
        {{ held | length }} months from {{ month(first) }} to {{ month(last) }};
    {% endif %}
{% endif %}
*/
