/*
number: 26
question: How far can first figures be trusted?
name: first_figures
arises: held
read: >-
  One row for each source and length of time between two releases, for exports and for imports: how many figures were
  compared, how many changed, the average revision up or down, and the average size regardless of direction. Rows that
  begin with a first release come first; in the others, figures may have been revised before they were first read
  here.
limits: >-
  Only figures that appear in several releases of a source are counted, and an average of few cases says little. Whether
  revisions are news (the first figure was the best that could be said) or noise is judged only with twenty cases or
  more. The record of one source says nothing about another.
parameters:
  reporter: KOR | The economy whose statistics are used (ISO 3166 alpha-3).
  partner: CHN | The economy it trades with (ISO 3166 alpha-3).
columns:
- source
- frequency
- flow
- is_first_print: true/false | The first available value was known within 150 days after the period ended.
- horizon: code | month, quarter, half_year, year or later.
- partner_count: count | The number of partners whose figures were compared.
- case_count: count | The number of figures that were compared.
- revised_count: count | The number of compared figures that changed.
- up_count: count | The number of compared figures that were revised upwards.
- mean_revision_pct: percent | The mean revision, with its sign.
- mean_absolute_revision_pct: percent | The mean size of the revisions.
- revision_kind: code | news, noise, neither or too_few.
- is_of_reporter: true/false | The source gives this reporter's trade with the partner.
- is_answered: true/false | A source of the reporter's trade with the partner has a record.
- snapshot_ids
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code
),

own as (
    select
        observations.source,
        observations.dataset,
        observations.flow,
        list_sort(list_distinct(array_agg(observations.snapshot_id))) as snapshot_ids
    from asked
    inner join core.goods_trade_observations as observations using (reporter_code, partner_code)
    where observations.product_code = 'TOTAL'
    group by all
),

records as (
    select
        record.*,
        own.snapshot_ids
    from marts.revision_record as record
    inner join own using (source, dataset, flow)
)

select
    records.source,
    records.frequency,
    records.flow,
    records.is_first_print,
    records.horizon,
    records.partner_count,
    records.case_count,
    records.revised_count,
    records.up_count,
    records.mean_revision_pct,
    records.mean_absolute_revision_pct,
    records.revision_kind,
    records.source is not null as is_of_reporter,
    records.source is not null as is_answered,
    case when records.source is null then 'one_release' end as missing_code,
    case
        when missing_code is not null
            then [concat('goods/M/', asked.reporter_code, '/export+import/', asked.partner_code, '/TOTAL')]
    end as missing_series,
    cast(null as varchar[]) as missing_periods,
    records.snapshot_ids
from asked
left join records on true
order by
    records.is_first_print desc, records.source asc, records.frequency asc, records.flow asc, records.horizon asc

/*
{% set words = {"month": "about a month", "quarter": "about three months", "half_year": "about half a year",
    "year": "about a year", "later": "more than a year"} %}
{% set shown = held | selectattr("is_first_print") | list or held %}
{% set groups = [] %}
{% for horizon in words %}
    {% for row in shown if row.horizon == horizon %}
        {% set alike = shown | selectattr("horizon", "eq", horizon) | selectattr("source", "eq", row.source) |
            selectattr("frequency", "eq", row.frequency) | list %}
        {{- groups.append(alike) or "" if alike not in groups }}
    {% endfor %}
{% endfor %}
{# The shortest two times after the release, each for exports and imports. #}
{% for group in groups[:2] %}
    {% set revised = group | selectattr("revised_count") | list %}
    {{ words[group[0].horizon] }} after the first {{ "available " if not group[0].is_first_print }}release,
    {% for row in group %}
        {{- "" if loop.first else " and" }}
        {{ "all" if row.revised_count == row.case_count > 1 else (row.revised_count or "none") ~ " of" }}
        {{ row.case_count | counted("figure") }} on
        {{ "its" if not loop.first else reporter | possessive }}
        {{ "monthly" if row.frequency == "M" else "annual" }} {{ row.flow }}s
        {%- if loop.first or row.partner_count != group[0].partner_count %}
            {{ "to" if row.flow == "export" else "from" }} {{ row.partner_count | counted("partner") }}
        {%- endif %}
    {%- endfor %} had been revised
    {{- " (source: " ~ group[0].source | publisher ~ ")" if loop.changed(group[0].source) }};
    {% for row in revised %}
        {{ "regardless of direction, revisions averaged" if loop.first else "and" }}
        {{ row.mean_absolute_revision_pct | percent(2) }} for {{ row.flow }}s
    {%- endfor %}
    {{- ", counting unrevised figures as zero" if revised and group | sum(attribute="case_count") >
        group | sum(attribute="revised_count") }};
    {% for row in revised %}
        {{ "on balance," if loop.first else "and" }} {{ row.flow }} figures {{ "were" if loop.first }}
        {{ "lowered" if row.mean_revision_pct < 0 else "raised" }} by {{ row.mean_revision_pct | abs | percent(2) }}
    {%- endfor %};
{% endfor %}
*/
