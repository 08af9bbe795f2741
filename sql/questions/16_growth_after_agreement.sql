/*
number: 16
question: Did trade grow after the agreement came into force beyond that of comparable partners?
name: growth_after_agreement
read: >-
  Exports and imports, as each economy reports them, have one row each by month (twelve months before and after the
  agreement) and by year (three years before and after). Of several agreements between two economies, the one with the
  fewest members is used. The estimate is how far trade rose above (plus) or fell below (minus) the trade of comparable
  partners. The conclusion says whether the estimate is significant at the 10% level by itself, and the power is the
  chance that a rise of 25% would have been found significant.
limits: >-
  None of these estimates proves a cause: they are effects only if trade with the other partners would have developed
  alike (docs/methods.md). Traders take up an agreement slowly and its tariffs fall over years; the three-year window
  is not used where another measure takes effect in it. With this many tests, about one in ten is significant by
  chance; the q values correct for that. The list of agreements comes from the register of policy events and, for
  other agreements of Korea and China, from the DESTA database. If only the year is known, no effect is estimated.
parameters:
  reporter: KOR | One economy (ISO 3166 alpha-3).
  partner: CHN | The other economy (ISO 3166 alpha-3).
  event: the agreement between the two with the fewest members | The agreement, by its event_id or agreement_id.
columns:
- event_id: code | The agreement, in core.policy_events or core.agreements.
- agreement
- in_force_on: date | The day from which the agreement is in force; the first of the year if only the year is known.
- date_precision
- member_count: count | The number of economies that the agreement binds.
- whose_statistics: code | The economy whose statistics the series is (ISO 3166 alpha-3).
- flow (of that economy)
- frequency: code | M for months, A for years.
- method, estimate_pct (or null)
- conclusion: >-
    code | fall or rise (significant by itself), none (not significant, high power), uninformative (not significant, low
    power), or untestable.
- ci_low_pct, ci_high_pct
- power_of_20_pct: >-
    percent | The chance that a rise by 25%, as large in logarithms as a fall by 20%, would have been found significant.
- is_beyond_zero: true/false | The estimate is significant and above zero; null without an estimate.
- placebo_rank: rank | The rank of the series among itself and its placebos; 1 is the most unusual.
- designs_low_pct, designs_high_pct, others
- status: code | estimated, or why not.
- reason (of no estimate), is_answered, snapshot_ids
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code,
        cast(getvariable('event') as varchar) as event_id
),

sides as (
    select
        reporter_code as one_code,
        partner_code as other_code
    from asked
    union all
    select
        partner_code as one_code,
        reporter_code as other_code
    from asked
),

-- Every agreement in force between the two, of the register and of DESTA.
agreements as (
    select distinct
        stages.event_id,
        events.title,
        stages.event_date as in_force_on,
        stages.date_precision,
        cast(
            len(
                list_distinct(
                    list_concat(string_split(stages.implementing, ', '), string_split(stages.affected, ', '))
                )
            ) as integer
        ) as member_count,
        stages.snapshot_id
    from sides
    inner join core.policy_event_stages as stages
        on
            list_contains(string_split(stages.implementing, ', '), sides.one_code)
            and list_contains(string_split(stages.affected, ', '), sides.other_code)
    inner join core.policy_events as events on stages.event_id = events.event_id
    where stages.event_class = 'trade_agreement' and stages.stage = 'in_force' and stages.source = 'register'
    union all by name
    select distinct
        listed.agreement_id as event_id,
        listed.agreement as title,
        listed.in_force_on,
        listed.date_precision,
        listed.member_count
    from sides
    inner join core.agreements as listed
        on
            list_contains(string_split(listed.side_codes, ', '), sides.one_code)
            and list_contains(string_split(listed.other_side_codes, ', '), sides.other_code)
    where listed.event_id is null
),

own as (
    select agreements.*
    from asked
    inner join agreements on coalesce(asked.event_id, agreements.event_id) = agreements.event_id
    qualify
        row_number() over (
            order by agreements.member_count asc, agreements.in_force_on desc, agreements.event_id asc
        ) = 1
),

estimates as (
    select *
    from marts.policy_event_effects
    where stage = 'in_force' and domain = 'goods' and product_code = 'TOTAL'
    union all by name
    select
        *,
        agreement_id as event_id,
        in_force_on as event_date
    from marts.agreement_effects
),

effects as (
    select
        own.*,
        found.* exclude (event_id, snapshot_id, in_force_on)
    from asked
    cross join own
    left join estimates as found
        on
            own.event_id = found.event_id
            and own.in_force_on = found.event_date
            and list_sort([asked.reporter_code, asked.partner_code])
            = list_sort([found.reporter_code, found.partner_code])
),

-- The snapshots of the months and years around it.
figures as (
    select
        effects.event_id,
        effects.reporter_code,
        effects.flow,
        effects.frequency,
        list_sort(
            list_distinct(flatten(array_agg(coalesce(years.snapshot_ids, [months.snapshot_id]))))
        ) as snapshot_ids
    from effects
    left join core.goods_trade_monthly as months
        on
            effects.frequency = 'M'
            and effects.reporter_code = months.reporter_code
            and effects.partner_code = months.partner_code
            and effects.flow = months.flow
            and abs(year(effects.in_force_on) - year(months.period_start)) <= 5
    left join core.goods_trade_annual as years
        on
            effects.frequency = 'A'
            and effects.reporter_code = years.reporter_code
            and effects.partner_code = years.partner_code
            and effects.flow = years.flow
            and abs(year(effects.in_force_on) - year(years.period_start)) <= 20
    group by effects.event_id, effects.reporter_code, effects.flow, effects.frequency
)

select
    effects.* exclude (snapshot_id, status),
    effects.title as agreement,
    effects.reporter_code as whose_statistics,
    case when effects.estimate_pct is not null then effects.conclusion = 'rise' end as is_beyond_zero,
    effects.n_donors as others,
    coalesce(effects.status, case when effects.event_id is null then 'no_agreement' else 'no_series' end) as status,
    effects.estimate_pct is not null as is_answered,
    case
        when effects.event_id is null then 'no_agreement'
        when effects.status = 'date_too_vague' then 'day_unknown'
        when coalesce(effects.status, 'no_series') in ('no_series', 'series_ends', 'too_few_before', 'gap')
            then 'too_short'
    end as missing_code,
    case missing_code
        when 'no_agreement' then [concat('agreement/', asked.reporter_code, '/', asked.partner_code)]
        when 'day_unknown' then [concat('agreement/', effects.event_id)]
        when 'too_short'
            then
                [
                    concat(
                        'goods/', coalesce(effects.frequency, 'A'), '/',
                        coalesce(effects.reporter_code, asked.reporter_code), '/',
                        coalesce(effects.flow, 'export+import'), '/',
                        coalesce(effects.partner_code, asked.partner_code), '/TOTAL'
                    ),
                    concat('agreement/', effects.event_id)
                ]
    end as missing_series,
    case
        when missing_code is not null and effects.event_id is not null
            then [cast(year(effects.in_force_on) as varchar)]
    end as missing_periods,
    list_sort(list_distinct(flatten([[effects.snapshot_id], figures.snapshot_ids]))) as snapshot_ids
from asked
left join effects on true
left join figures
    on
        effects.event_id = figures.event_id
        and effects.reporter_code = figures.reporter_code
        and effects.flow = figures.flow
        and effects.frequency = figures.frequency
order by effects.frequency desc, effects.reporter_code asc, effects.flow asc, effects.method asc

/*
{% set beyond = held | selectattr("is_beyond_zero") | list | length %}
{% set estimates = held | map(attribute="estimate_pct") | list %}
{% set powers = held | rejectattr("is_beyond_zero") | map(attribute="power_of_20_pct") | list %}
{% set years = "three years" if held | map(attribute="frequency") | unique | list == ["A"] else "year" %}
{% set between = "trade in goods between " ~ reporter ~ " and " ~ partner %}
{% set unstable = rows | selectattr("status", "eq", "unstable") | list %}
{% set overlapped = rows | selectattr("status", "eq", "overlaps") | list | length %}
{% set others = rows | length - held | length - unstable | length - overlapped %}
{% set since = rows[0].agreement ~ " came into force on " ~ rows[0].in_force_on | day %}
{% macro way(pct, up, down) %}{{ pct | abs | percent }} {{ up if pct >= 0 else down }}{% endmacro %}
{% macro series(row) %}
    {%- set own = row.whose_statistics == asked.reporter %}
    {{- (reporter if own else partner) | possessive }} {{ "monthly" if row.frequency == "M" else "annual" }}
    {{ row.flow }}s {{ "to" if row.flow == "export" else "from" }} {{ partner if own else reporter }}
{%- endmacro %}
{# Of a text such as -6.4%. #}
{% macro change(pct, is_significant) %}
    {%- set size = ("fall of " if pct.startswith("-") else "rise of ") ~ pct[1:] %}
    {{- "a " ~ ("significant " if is_significant == "yes") ~ size
        ~ (" that is not significant" if is_significant == "no") }}
{%- endmacro %}
{% if not held %}
    no effect on {{ between }} can be estimated for the time when the {{ since }};
    {{ rows | map(attribute="reason") | unique | map("trim", ".") | join("; ") }};
{% elif held | length == 1 %}
    by the one estimate, in the {{ years }} after the {{ since }}, {{ series(held[0]) }} were
    {{ way(estimates[0], "higher", "lower") }} than trade with comparable partners would suggest
    {{- ", a statistically significant rise" if beyond
        else ", but this difference is not statistically significant" if estimates[0] > 0 }};
{% else %}
    {{ beyond or "not one" }} of the {{ held | length }} estimates used {{ "show" if beyond > 1 else "shows" }} that
    {{ between }} grew significantly more than trade with comparable partners in the {{ years }} after the {{ since }};
    the estimates range from {{ way(estimates | min, "above", "below") }} to
    {{ way(estimates | max, "above", "below") }} the level that trade with comparable partners would suggest
    {%- set ends = held | map(attribute="ci_low_pct") | list + held | map(attribute="ci_high_pct") | list %}
    {%- if none not in ends %}, and their confidence intervals from {{ way(ends | min, "above", "below") }} to
    {{ way(ends | max, "above", "below") }} it{% endif %};
{% endif %}
{% if powers %}
    had {{ "they" if held | length == 1 else "trade" }} been 25% above
    {{ "the level that trade with comparable partners would suggest" if held | length == 1 else "that level" }}, the
    chance of finding a significant rise would have been {{ powers | min | percent }}
    {%- if powers | min != powers | max %} to {{ powers | max | percent }}, depending on the estimate{% endif %}
    {{- ", so this result says little" if powers | max < 80 }};
{% endif %}
{% if held %}
    {% for row in unstable %}
        an estimate for {{ series(row) }}
        {# It depends on IND, one of the 9 economies in the comparison: -6.4% with it, but -7.7% without it (…). #}
        {% set donor, found = row.reason.split("depends on ")[1].split(", one of the ") %}
        {% set count, found = found.split(" economies in the comparison: ") %}
        {% set pct, rest = found.split(" with it, but ") %}
        {% set other, turned = rest.split(" without it (") %}
        {% set before, after = {"significant": ("no", "yes"), "not significant": ("yes", "no")}.get(
            turned.split(")")[0], ("", "")) %}
        {# Two significant estimates may have opposite signs. #}
        {% set before = before if pct[:1] == other[:1] else "" %}
        {% set called = names[donor] if donor in names else donor %}
        is not used, because it depends on {{ called }}, one of the {{ count }} economies in the comparison: with
        {{ called }} it is {{ change(pct, before) }}, but without {{ called }} {{ change(other, after) }};
    {% endfor %}
    {% if overlapped %}
        no estimate was made from {{ overlapped | counted("other set") }} of figures on trade between the two economies,
        because another measure took effect in the same period;
    {% endif %}
    {% if others %}
        no estimate was possible from {{ others | counted("other set") }} of figures on trade between the two economies;
    {% endif %}
{% endif %}
{{ "this estimate does" if held | length == 1 else "these estimates do" }} not prove that the agreement changed trade,
or that it did not;
*/
