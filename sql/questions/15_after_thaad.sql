/*
number: 15
question: Did sales of travel, audiovisual services or cosmetics fall more than comparable sales after THAAD?
name: after_thaad
arises: rows[0].status != "no_measure"
read: >-
  One row for each series of travel, audiovisual services or cosmetics. The estimate is how far the series fell below
  (minus) or rose above comparable series, over twelve months or three years. The conclusion says whether the estimate
  is significant at the 10% level by itself, and the q value whether it still is once all tests are taken into
  account. If an estimate is not significant, the power is the chance that a fall of 20% would have been detected.
  Monthly travel counts travellers; yearly travel is what they spent. Where there is no estimate, the row says why.
limits: >-
  The estimate is an effect only if the series would have moved like the comparable ones (docs/methods.md), and does not
  prove a cause: the deployment, the ban on group tours and the quarrel around them fell into the same months and cannot
  be separated. The yearly services are balanced figures, partly modelled, for few partners, and the trade agreement of
  2015 takes effect in their window. Cosmetics were never banned by name: their row compares the growth from 2016 to
  2017 with that of the other available partners' sales together, and is not a test.
parameters:
  reporter: KOR | The economy whose sales are asked about (ISO 3166 alpha-3).
  partner: CHN | The economy that buys them (ISO 3166 alpha-3).
columns:
- line: code | travel, audiovisual or cosmetics.
- series: text | The series, with the economy whose statistics it is, the flow and the product.
- estimate_pct (or null)
- conclusion: >-
    code | fall or rise (significant by itself), none (not significant, high power), uninformative (not significant, low
    power), or untestable; null without a test.
- event_id: code | The measure; null for cosmetics.
- event: text | The measure's title; null for cosmetics.
- event_date: date | The day from which the measure counts.
- method: code | difference_in_differences, or growth_beside_others.
- own_change_pct: percent | The change of the series itself.
- others_change_pct: percent | The change of the other partners' sales together; null except for cosmetics.
- ci_low_pct: percent | Lower end of the estimate's interval; null where too few comparable series allow an interval.
- ci_high_pct, ci_level_pct
- placebo_rank: rank | The rank of the series among itself and its placebos; 1 is the most unusual.
- placebo_count: count | The number of other series treated as if the measure had hit them.
- q_value: ratio | `placebo_rank` / (`placebo_count` + 1), corrected for all hypotheses that were tested.
- hypothesis_count: count | The number of hypotheses that were tested.
- power_of_20_pct: percent | The chance that a fall by 20% would have been estimated and found significant.
- designs_low_pct, designs_high_pct, others
- status: >-
    code | estimated, or why not: no_measure if none of the measures was between the two, or as in
    marts.policy_event_effects.
- reason: text | Why there is no estimate, or no interval.
- is_answered, snapshot_ids
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code
),

lines as (
    select listed.*
    from
        (
            values ('travel', 'E009', 'SD'), ('audiovisual', 'E008', 'SK'), ('cosmetics', null, '55')
        ) as listed (line, event_id, product_code)
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
        effects.*,
        effects.n_donors as others,
        list_sort(list_distinct(array_agg(coalesce(arrivals.snapshot_id, figures.snapshot_id)))) as snapshot_ids
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
    left join core.visitor_arrivals_monthly as arrivals
        on
            effects.domain = 'arrivals'
            and effects.reporter_code = arrivals.economy_code
            and effects.partner_code = arrivals.visitor_code
    left join marts.services_trade_annual as figures
        on
            effects.domain = 'services'
            and effects.reporter_code = figures.reporter_code
            and effects.partner_code = figures.partner_code
            and effects.flow = figures.flow
            and effects.product_code = figures.service_item_code
    where effects.stage = 'implemented'
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
        100 * (sum(after_usd) filter (where is_asked) / sum(before_usd) filter (where is_asked) - 1) as own_change_pct,
        100 * (sum(after_usd) filter (where not is_asked) / sum(before_usd) filter (where not is_asked) - 1)
            as others_change_pct,
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
    select * replace (list_sort(list_distinct(flatten([[snapshot_id], snapshot_ids]))) as snapshot_ids)
    from services
    union all by name
    select
        date '2017-01-01' as event_date,
        'growth_beside_others' as method,
        'estimated' as status,
        growth.*
    from growth
    where estimate_pct is not null
)

select
    lines.line,
    lines.event_id,
    events.title as event,
    answers.* exclude (event_id, status, reason),
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
    case when missing_code is not null then [cast(year(measures.first_on) as varchar)] end as missing_periods
from asked
cross join lines
cross join measures
left join core.policy_events as events on lines.event_id = events.event_id
left join answers on lines.event_id is not distinct from answers.event_id
order by lines.line desc, answers.event_date asc, answers.series asc

/*
{% set lines = {
    "travel": "travel", "audiovisual": "audiovisual and cultural services", "cosmetics": "cosmetics"
} %}
{% set goods = {
    "SITC4 55": "perfume, cosmetics and cleansing goods (SITC 55)",
    "HS33": "essential oils, perfume and cosmetics (HS 33)",
} %}
{% macro went(change) %}{{ "rose" if change >= 0 else "fell" }} by {{ change | abs | percent }}{% endmacro %}
{# The ends of a range on one side of zero share a word: 40.0% to 73.7% lower. #}
{% macro span(low, high) %}
    {%- set ends = [low, high] | map("percent") | map("replace", "−", "") | list %}
    {{- ends[1] if high < 0 else ends[0] ~ (" lower" if low < 0 else "") }} to
    {{ ends[0] ~ " lower" if high < 0 else ends[1] ~ " higher" }}
{%- endmacro %}
{% if rows[0].status == "no_measure" %}
    the question does not apply to {{ reporter | possessive }} exports to {{ partner }}: the measures in the dispute
    over the THAAD missile defence ({{ rows | map(attribute="event") | select | unique | listed }}) were taken by China
    against South Korea;
{% else %}
{% for line, what in lines.items() %}
    {% set answered = rows | selectattr("line", "eq", line) | selectattr("is_answered") | list %}
    {% if not answered %}
        the available figures do not show whether {{ reporter | possessive }} exports of {{ what }} to {{ partner }}
        fell;
    {% endif %}
    {% for row in answered %}
        {% if row.method == "growth_beside_others" %}
            from 2016 to 2017, {{ partner | possessive }} imports of {{ goods[row.series.split("/")[-1]] }} from
            {{ reporter }} {{ went(row.own_change_pct) }}, and those from {{ row.others | counted("other partner") }}
            together {{ went(row.others_change_pct) }}; this comparison of imports is not a statistical test;
        {% else %}
            {% set of_arrivals = row.series.startswith("arrivals/") %}
            {% set used = row.reason and row.reason.startswith("The estimate covers ") %}
            {% set told = "the number of visitors from " ~ partner ~ " to " ~ reporter if of_arrivals
                else partner | possessive ~ " imports of " ~ what ~ " from " ~ reporter %}
            {% set it, were = ("the number of visitors", "was") if of_arrivals else ("these imports", "were") %}
            in the {{ "12 months from " ~ row.event_date.month | month if of_arrivals else "three years from" }}
            {{ row.event_date.year }}, {{ told }} {{ were }} {{ row.estimate_pct | abs | percent }}
            {{ "lower" if row.estimate_pct < 0 else "higher" }} than would be expected from
            {{ "the numbers of visitors from " if of_arrivals }}{{ row.others }}
            {{ "other economies" if of_arrivals else "comparable series" }}
            {%- if row.ci_low_pct is not none %} ({{ row.ci_level_pct | percent(0) }} interval:
            {{ span(row.ci_low_pct, row.ci_high_pct) }}){% endif %};
            {% if row.conclusion == "fall" %}
                taken alone, this fall is statistically significant,
                {{ "and it still is" if row.q_value <= 0.1 else "but it is not" }} when all
                {{ row.hypothesis_count }} tests are taken into account, some of which may show a fall by chance;
            {% elif row.conclusion == "untestable" %}
                only {{ row.placebo_count }} unaffected series can be compared with {{ it }}, too few for a test;
            {% else %}
                this is not a statistically significant fall;
            {% endif %}
            {% if row.conclusion != "untestable" %}
                compared with the usual ups and downs of each series, the gap between actual and expected
                {{ "visitors" if of_arrivals else "imports" }} is the
                {{ row.placebo_rank | ordinal ~ " " if row.placebo_rank > 1 }}largest among
                {{ row.placebo_count + 1 }} {{ "economies" if of_arrivals else "series" }}, {{ row.placebo_count }} of
                which the measures did not affect;
            {% endif %}
            {% if row.conclusion not in ("rise", "untestable") %}
                had {{ it }} fallen by a fifth, the test would have had a {{ row.power_of_20_pct | percent }} chance of
                detecting the fall
                {{- ", so this result says little" if row.conclusion == "uninformative" }};
            {% endif %}
            compared with the {{ "same months of the year" if of_arrivals else "three years" }} before, {{ it }}
            {{ went(row.own_change_pct) }};
            by other methods, {{ it }} {{ were }} {{ span(row.designs_low_pct, row.designs_high_pct) }} than expected;
            {{ row.reason.split(";")[0] ~ ";" if used }}
        {% endif %}
    {% endfor %}
{% endfor %}
these figures do not prove that the measures caused a change;
{% endif %}
*/
