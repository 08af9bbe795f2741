/*
number: 15
question: Did travel, audiovisual services or cosmetics fall after THAAD more than a counterfactual?
name: after_thaad
read: >-
  A row for each line of trade and method, over a year on either side of the measure that hit it. estimate_pct is how
  far the line fell below (minus) or rose above what the method expects without it; is_below_zero says whether all of
  its interval is a fall. Where the placebos are too few for placebo_p_value to reach 0.05, that is no finding. Every
  interval is one of 95%. An estimate that one other partner decides has the status unstable and no number. Of four
  placebos, rank 1 means that none of the other partners moved as unusually: one time in five that is chance.
limits: >-
  None of these is a cause. before_after is a change, whatever made it; the other methods are effects only if what they
  assume holds (docs/methods.md), and other things hit travel and entertainment in the same years. The services are
  balanced figures, in which both sides' accounts were reconciled, by year: one year stands on either side of a measure,
  and four other partners are few. No fewer than nineteen placebos can show a level of 5%, and a synthetic control of
  fewer has no interval of 95%. Cosmetics were never banned by name: their row sets the growth
  from 2016 to 2017 beside that of what the other partners held sold together, and has no interval.
parameters:
  reporter: KOR | The economy whose sales are asked about (ISO 3166 alpha-3).
  partner: CHN | The economy that buys them (ISO 3166 alpha-3).
columns:
  line: code | travel, audiovisual or cosmetics.
  event_id: code | The measure; null for cosmetics.
  event: text | Its title; null likewise.
  event_date: date | The day from which it counts.
  series: text | The series; whose statistics, which flow, which product.
  method: code | before_after, difference_in_differences, synthetic_control, or growth_beside_others.
  estimate_pct: percent | The estimate; null if there is none.
  ci_low_pct: percent | Lower end of its interval of 95%; null where so few others allow none.
  ci_high_pct: percent | Upper end of its interval of 95%.
  is_below_zero: true/false | The whole interval is below zero; null without one.
  placebo_rank: rank | The line's place among itself and its placebos, 1 the most unusual.
  placebo_count: count | Other partners that were treated as if the measure had hit them.
  placebo_p_value: ratio | placebo_rank over placebo_count and one; below 0.05 it is a finding at that level.
  others: count | Other partners that it was compared with.
  status: >-
    code | estimated, or why not: no_measure if none of the measures was between the two, or as in
    marts.policy_event_effects.
  reason: text | Why there is no estimate, or no interval.
  is_answered: true/false | There is an estimate.
  snapshot_ids: list | The snapshots the figures stand in.
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code
),

lines as (
    select
        'travel' as line,
        'E009' as event_id,
        'SD' as product_code
    union all
    select
        'audiovisual' as line,
        'E008' as event_id,
        'SK' as product_code
    union all
    select
        'cosmetics' as line,
        null as event_id,
        '55' as product_code
),

-- Whose measures on whom they were.
measures as (
    select
        bool_or(acting.economy_code = asked.partner_code and touched.economy_code = asked.reporter_code)
            as is_between_them,
        min(stages.event_date) as first_on
    from asked
    cross join core.policy_event_jurisdictions as acting
    inner join lines on acting.event_id = lines.event_id
    inner join core.policy_event_jurisdictions as touched
        on acting.event_id = touched.event_id and touched.role = 'affected'
    left join core.policy_event_stages as stages on acting.event_id = stages.event_id and stages.stage = 'implemented'
    where acting.role = 'implementing'
),

services as (
    select
        effects.event_id,
        effects.event_date,
        effects.series,
        effects.method,
        effects.estimate_pct,
        case when effects.ci_level_pct >= 95 then effects.ci_low_pct end as ci_low_pct,
        case when effects.ci_level_pct >= 95 then effects.ci_high_pct end as ci_high_pct,
        effects.placebo_rank,
        effects.placebo_count,
        effects.placebo_p_value,
        effects.n_donors as others,
        effects.status,
        case
            when effects.ci_level_pct < 95
                then concat('No interval of 95%: with ', effects.placebo_count, ' placebos there is none.')
            else effects.reason
        end as reason,
        effects.snapshot_id,
        list_sort(list_distinct(array_agg(figures.snapshot_id))) as snapshot_ids
    from asked
    inner join marts.policy_event_effects as effects
        on
            (
                effects.flow = 'import'
                and asked.partner_code = effects.reporter_code
                and asked.reporter_code = effects.partner_code
            )
            or (
                effects.flow = 'export'
                and asked.reporter_code = effects.reporter_code
                and asked.partner_code = effects.partner_code
            )
    inner join lines on effects.event_id = lines.event_id and effects.product_code = lines.product_code
    left join marts.services_trade_annual as figures
        on
            effects.reporter_code = figures.reporter_code
            and effects.partner_code = figures.partner_code
            and effects.flow = figures.flow
            and effects.product_code = figures.service_item_code
    where effects.stage = 'implemented' and effects.window_months in (0, 12)
    group by all
),

-- The year before the measures of 2017 and the year of them, of every partner with both.
cosmetics as (
    select
        products.reporter_code,
        case when products.classification = 'SITC4' then 'SITC4 55' else 'HS33' end as product,
        products.partner_code = asked.reporter_code as is_asked,
        max(products.value_usd) filter (where year(products.period_start) = 2016) as before_usd,
        max(products.value_usd) filter (where year(products.period_start) = 2017) as after_usd,
        list_sort(list_distinct(array_agg(products.snapshot_id))) as snapshot_ids
    from asked
    inner join measures on measures.is_between_them
    inner join core.product_trade_annual as products on asked.partner_code = products.reporter_code
    where
        products.flow = 'import'
        and (
            (products.classification = 'SITC4' and products.product_code = '55')
            or (starts_with(products.classification, 'HS') and products.product_code = '33')
        )
    group by products.reporter_code, product, products.partner_code, is_asked
    having before_usd > 0 and after_usd > 0
),

growth as (
    select
        concat('goods/A/', reporter_code, '/import/', product) as series,
        100 * (
            (sum(after_usd) filter (where is_asked) / sum(before_usd) filter (where is_asked))
            / (sum(after_usd) filter (where not is_asked) / sum(before_usd) filter (where not is_asked))
            - 1
        ) as estimate_pct,
        count(*) filter (where not is_asked) as others,
        list_sort(list_distinct(flatten(array_agg(snapshot_ids)))) as snapshot_ids
    from cosmetics
    group by reporter_code, product
    qualify row_number() over (order by estimate_pct is null asc, others desc, product asc) = 1
),

answers as (
    select
        event_id,
        event_date,
        series,
        method,
        estimate_pct,
        ci_low_pct,
        ci_high_pct,
        placebo_rank,
        placebo_count,
        placebo_p_value,
        others,
        status,
        reason,
        list_sort(list_distinct(flatten([[snapshot_id], snapshot_ids]))) as snapshot_ids
    from services
    union all
    select
        null as event_id,
        date '2017-01-01' as event_date,
        series,
        'growth_beside_others' as method,
        estimate_pct,
        null as ci_low_pct,
        null as ci_high_pct,
        null as placebo_rank,
        null as placebo_count,
        null as placebo_p_value,
        others,
        'estimated' as status,
        null as reason,
        snapshot_ids
    from growth
    where estimate_pct is not null
)

select
    lines.line,
    lines.event_id,
    events.title as event,
    answers.event_date,
    answers.series,
    answers.method,
    answers.estimate_pct,
    answers.ci_low_pct,
    answers.ci_high_pct,
    answers.ci_high_pct < 0 as is_below_zero,
    answers.placebo_rank,
    answers.placebo_count,
    answers.placebo_p_value,
    answers.others,
    case
        when not measures.is_between_them then 'no_measure'
        else coalesce(answers.status, 'no_series')
    end as status,
    case
        when measures.is_between_them then answers.reason
        else 'No measure of the partner on the reporter is among those after THAAD.'
    end as reason,
    answers.estimate_pct is not null as is_answered,
    case
        when
            measures.is_between_them
            and coalesce(answers.status, 'no_series') in ('no_series', 'series_ends', 'too_few_before', 'gap')
            and not bool_or(answers.estimate_pct is not null) over (partition by lines.line)
            then 'too_short'
    end as missing_code,
    case
        when missing_code is null then null
        when lines.event_id is null
            then [concat('goods/A/', asked.partner_code, '/import/', asked.reporter_code, '/33')]
        else [concat('services/A/', asked.reporter_code, '/export/', asked.partner_code, '/', lines.product_code)]
    end as missing_series,
    case when missing_code is not null then [cast(year(measures.first_on) as varchar)] end as missing_periods,
    answers.snapshot_ids
from asked
cross join lines
cross join measures
left join core.policy_events as events on lines.event_id = events.event_id
left join answers on lines.event_id is not distinct from answers.event_id
order by lines.line desc, answers.event_date asc, answers.method asc

/*
{% set lines = {
    "travel": "travel", "audiovisual": "audiovisual and cultural services", "cosmetics": "cosmetics"
} %}
{% set methods = {
    "difference_in_differences": "difference in differences", "synthetic_control": "synthetic control"
} %}
{% set level = 0.05 %}
{% if rows[0].status == "no_measure" %}
    no measure of {{ partner }} on {{ reporter }} is among those after THAAD
    ({{ rows | map(attribute="event") | select | unique | join("; ") }});
{% else %}
{% for line, what in lines.items() %}
    {% set of_line = rows | selectattr("line", "eq", line) | list %}
    {% set tests = of_line | selectattr("method", "in", methods) | list %}
    {% set estimated = tests | selectattr("is_answered") | list %}
    {% set beside = of_line | selectattr("is_answered") | selectattr("method", "eq", "growth_beside_others") | first %}
    {% set unstable = tests | selectattr("status", "eq", "unstable") | map(attribute="method") | list %}
    {# A rank among n placebos is no rarer than one in n + 1, so that fewer than nineteen never show a level of 5%. #}
    {% set placebos = (estimated | map(attribute="placebo_count") | select | max) or 0 %}
    {% set fell = estimated | selectattr("is_below_zero") | rejectattr("placebo_p_value", "none")
        | selectattr("placebo_p_value", "le", level) | list %}
    {% if beside %}
        {{ what }} grew {{ beside.estimate_pct | abs | percent }} {{ "more" if beside.estimate_pct > 0 else "less" }}
        than
        what {{ beside.others }} other partners sold together, which is no test
    {% elif not estimated %}
        of {{ what }} nothing can be said
    {% else %}
        {{ what }}
        {% if (placebos + 1) * level < 1 %}came
        {% else %}{{ "fell more" if fell else "cannot be said to have fallen more" }} than a counterfactual:
        {% endif %}
        {% for row in estimated %}
            {{- "" if loop.first else " and" }} {{ row.estimate_pct | abs | percent }}
            {{ "below" if row.estimate_pct < 0 else "above" }} what {{ row.others }} other partners' growth gives by
            {{ methods[row.method] -}}
        {% endfor %}
        {% if (placebos + 1) * level < 1 -%}
            , in one year; with {{ placebos | counted("placebo") }} no level below one in {{ placebos + 1 }} can be
            shown
        {% endif %}
    {% endif %}
    {% if unstable and not beside -%}
        , and the {{ unstable | map("replace", "_", " ") | join(" and ") }} hangs on one partner and is no estimate
    {% endif %};
{% endfor %}
none of this is a cause;
{% endif %}
*/
