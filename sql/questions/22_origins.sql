/*
number: 22
question: From whom did the reporter buy in place of the partner?
name: origins
arises: held
read: >-
  One row for each supplier, the partner first and the others by the change in their share: the supplier's share of
  the reporter's imports for consumption in the two years, and the duty charged on its goods.
limits: >-
  These are shares of value, not of quantity: dearer oil raises the shares of oil exporters. A share says whose goods
  were bought, not where they were made: what another origin sells may have parts, or owners, from the partner. Only
  some origins are available; all others are one row. Of the publishers used here, only the US Census Bureau gives the
  duty by origin.
parameters:
  reporter: USA | The economy that buys (ISO 3166 alpha-3).
  partner: CHN | The economy that it buys less from (ISO 3166 alpha-3).
  from_year: the year before the first tariff on the partner | The earlier year.
  to_year: the last whole year | The later year.
columns:
- partner_code: code | The origin (ISO 3166 alpha-3); _X for all others.
- from_year, to_year
- from_share_pct: percent | The origin's share of the imports of the earlier year.
- to_share_pct: percent | The origin's share of the imports of the later year.
- share_change_points: percentage points | The change of the origin's share between the two years.
- from_duty_rate_pct: percent | The duty charged on the origin's goods in the earlier year.
- to_duty_rate_pct: percent | The duty charged on the origin's goods in the later year.
- is_asked: true/false | The origin is the partner that the question names.
- is_answered: true/false | Both years are available and whole.
- snapshot_ids
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'USA') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code,
        cast(getvariable('from_year') as integer) as from_year,
        cast(getvariable('to_year') as integer) as to_year
),

held as (
    select charged.*
    from asked
    inner join marts.duty_charged_annual as charged using (reporter_code)
    where charged.product_code = 'TOTAL' and charged.is_whole_year
    qualify charged.classification = first_value(charged.classification) over (
        order by charged.year desc, charged.classification desc
    )
),

first_steps as (
    select cast(min(year(stages.event_date)) as integer) as first_year
    from asked
    inner join core.policy_event_stages as stages
        on
            stages.source = 'register'
            and stages.event_class = 'tariff'
            and list_contains(string_split(stages.implementing, ', '), asked.reporter_code)
            and list_has_any(string_split(stages.affected, ', '), [asked.partner_code, 'WLD'])
),

ends as (
    select
        coalesce(asked.from_year, greatest(min(held.year), coalesce(first_steps.first_year - 1, min(held.year))))
            as from_year,
        coalesce(asked.to_year, max(held.year)) as to_year
    from asked
    cross join first_steps
    left join held on asked.partner_code = held.partner_code
    group by asked.from_year, asked.to_year, first_steps.first_year
),

others as (
    select
        year,
        '_X' as partner_code,
        sum(case when partner_code = 'WLD' then imports_usd else -imports_usd end) as imports_usd,
        sum(case when partner_code = 'WLD' then duty_usd else -duty_usd end) as duty_usd,
        100 - sum(case when partner_code != 'WLD' then share_pct end) as share_pct,
        list_sort(list_distinct(flatten(array_agg(snapshot_ids)))) as snapshot_ids
    from held
    group by year
),

origins as (
    select
        year,
        partner_code,
        share_pct,
        duty_rate_pct,
        snapshot_ids
    from held
    where partner_code != 'WLD'
    union all by name
    select
        year,
        partner_code,
        share_pct,
        100 * duty_usd / nullif(imports_usd, 0) as duty_rate_pct,
        snapshot_ids
    from others
),

changes as (
    select
        early.partner_code,
        ends.from_year,
        ends.to_year,
        early.share_pct as from_share_pct,
        late.share_pct as to_share_pct,
        late.share_pct - early.share_pct as share_change_points,
        early.duty_rate_pct as from_duty_rate_pct,
        late.duty_rate_pct as to_duty_rate_pct,
        list_sort(list_distinct(flatten([early.snapshot_ids, late.snapshot_ids]))) as snapshot_ids
    from ends
    inner join origins as early on ends.from_year = early.year
    inner join origins as late on ends.to_year = late.year and early.partner_code = late.partner_code
),

-- Without figures of the partner there is no answer.
known as (
    select changes.from_year
    from asked
    inner join changes using (partner_code)
),

answered as (
    select changes.*
    from known
    inner join changes using (from_year)
)

select
    answered.*,
    asked.partner_code = answered.partner_code as is_asked,
    answered.partner_code is not null as is_answered,
    case when answered.partner_code is null then 'no_duty' end as missing_code,
    case
        when missing_code is not null
            then [concat('goods/A/', asked.reporter_code, '/import/', asked.partner_code, '/TOTAL')]
    end as missing_series,
    cast(null as varchar[]) as missing_periods
from asked
left join answered on true
order by is_asked desc, answered.partner_code = '_X' asc, answered.share_change_points desc, answered.partner_code asc

/*
{% macro name(row) %}{{ names.get(row.partner_code, row.partner_code) }}{% endmacro %}
{% set own = held[0] %}
{% set others = held[1:] | rejectattr("partner_code", "eq", "_X") | list %}
{% if own.share_change_points < 0 %}
    {{ partner }} supplied {{ own.from_share_pct | percent }} of {{ reporter | possessive }} imports in
    {{ own.from_year }} and {{ own.to_share_pct | percent }} in {{ own.to_year }};
{% else %}
    {{ partner | possessive }} share of {{ reporter | possessive }} imports did not fall:
    it was {{ own.from_share_pct | percent }} in {{ own.from_year }} and {{ own.to_share_pct | percent }} in
    {{ own.to_year }};
{% endif %}
{% set risen = others | selectattr("share_change_points", "gt", 0) | list %}
{% if risen %}
    among {{ others | length | counted("other supplier") }} with figures, the share rose most for
    {% for row in risen[:3] -%}
        {{ "" if loop.first else (" and " if loop.last else ", ") -}}
        {{ name(row) }} (from {{ row.from_share_pct | percent }} to {{ row.to_share_pct | percent }})
    {%- endfor %};
{% endif %}
{% set is_same = "%.1f" | format(own.to_duty_rate_pct) == "%.1f" | format(own.from_duty_rate_pct) %}
the duty that {{ reporter }} charged on goods from {{ partner }}
{{ "was" if is_same else "rose from" if own.to_duty_rate_pct > own.from_duty_rate_pct else "fell from" }}
{{ own.from_duty_rate_pct | percent }} of their value in
{{ "both " ~ own.from_year ~ " and" if is_same else own.from_year ~ " to " ~ own.to_duty_rate_pct | percent ~ " in" }}
{{ own.to_year }};
*/
