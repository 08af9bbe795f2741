/*
number: 11
question: How did trade in battery materials and other critical minerals change?
name: critical_minerals
read: >-
  One row for each product, reporting economy and direction of trade. Where monthly figures around a measure are
  available, the year before its announcement is compared with up to twelve months from the month in which it took
  effect; the months in between are left out. The peak since the announcement shows whether buyers stocked up. Without
  monthly figures, the last available year is compared with the first.
limits: >-
  The products are a choice, listed in the SQL: graphite, lithium, cobalt and nickel compounds and the salts that
  cathodes are made of as battery materials; gallium and germanium, rare earths, tungsten, molybdenum, antimony and
  magnesium as the others. Most codes also cover other goods, so none shows one metal alone. The sentences compare no
  trade below a million US$ a month both before and after, and name at most four products by year. A change after a
  measure need not be caused by it; exporters ship ahead of a licence. Where only some products of an economy are
  available, a missing year says nothing about the size of the trade. From one edition of the Harmonized System to the
  next a code may lose goods, as 811292 lost hafnium and rhenium in 2022.
parameters:
  reporter: KOR | One economy (ISO 3166 alpha-3).
  partner: CHN | The other economy (ISO 3166 alpha-3).
columns:
- product_code: code | The product; null in the row that lists the missing products.
- product (in short)
- is_battery_material: true/false | The product goes into batteries, though it may have other uses, too.
- whose_statistics: code | The economy that reports the trade (ISO 3166 alpha-3).
- flow (of that economy)
- frequency: code | M for months around a measure, A for years.
- event_id: code | The measure; null for years.
- event: text | The measure's title; null for years.
- announced_on: date | The day of the measure's announcement.
- implemented_on: date | The day on which the measure took effect.
- from_period: date | The first month of the year before the measure, or the first year.
- to_period: date | The first month from the measure on, or the last year.
- period_count: count | The number of months from the measure on, or of available years.
- from_usd: US$ | Trade a month in the year before, or in the first year.
- to_usd: US$ | Trade a month from the measure on, or in the last year.
- change_pct: percent | The change from `from_usd` to `to_usd`.
- unit_value_change_pct: percent | The change of the value per kilogram, where weights are available.
- weight_change_pct: percent | The change of the weight.
- peak_period: date | The month since the announcement, or the year, with the most trade.
- peak_usd: US$ | Trade in `peak_period`.
- last_period: date | The last month or year available.
- is_answered: true/false | Both periods of the comparison are available.
- snapshot_ids
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code
),

-- Headings and subheadings of the Harmonized System; one that begins with a code is part of it.
minerals as (
    select
        listed.code,
        listed.is_battery_material
    from
        (
            values
            ('2504', true), ('3801', true), ('2822', true), ('282520', true), ('282540', true), ('282590', true),
            ('283324', true), ('283691', true), ('284190', true), ('8105', true), ('811292', false), ('280530', false),
            ('2846', false), ('2611', false), ('8101', false), ('2613', false), ('8102', false), ('261710', false),
            ('8110', false), ('8104', false)
        ) as listed (code, is_battery_material)
),

months as (
    select
        trade.*,
        minerals.code,
        minerals.is_battery_material,
        coalesce(trade.announced_on, trade.implemented_on) as known_on,
        coalesce(trade.implemented_on, trade.announced_on) as started_on
    from asked
    inner join marts.policy_product_monthly as trade
        on
            (asked.reporter_code = trade.reporter_code and asked.partner_code = trade.partner_code)
            or (asked.reporter_code = trade.partner_code and asked.partner_code = trade.reporter_code)
    inner join minerals on starts_with(trade.product_code, minerals.code)
),

before as (
    select
        event_id,
        reporter_code,
        flow,
        product_code,
        min(period_start) as from_period,
        avg(value_usd) as from_usd,
        sum(value_usd) / nullif(sum(net_weight_kg), 0) as from_unit_value_usd
    from months
    where
        period_start >= date_trunc('month', known_on) - interval 12 month
        and period_start < date_trunc('month', known_on)
    group by event_id, reporter_code, flow, product_code
    having count(*) = 12
),

since as (
    select
        event_id,
        reporter_code,
        flow,
        product_code,
        min(period_start) filter (where months_since between 0 and 11) as to_period,
        count(*) filter (where months_since between 0 and 11) as period_count,
        avg(value_usd) filter (where months_since between 0 and 11) as to_usd,
        sum(value_usd) filter (where months_since between 0 and 11)
        / nullif(sum(net_weight_kg) filter (where months_since between 0 and 11), 0) as to_unit_value_usd,
        arg_max(period_start, value_usd) as peak_period,
        max(value_usd) as peak_usd,
        max(period_start) as last_period
    from months
    where period_start >= date_trunc('month', known_on)
    group by event_id, reporter_code, flow, product_code
),

around_measures as (
    select
        months.product_code,
        max(months.product) as product,
        months.is_battery_material,
        months.code,
        months.reporter_code as whose_statistics,
        months.flow,
        'M' as frequency,
        months.event_id,
        max(months.announced_on) as announced_on,
        max(months.implemented_on) as implemented_on,
        before.* exclude (event_id, reporter_code, flow, product_code),
        since.* exclude (event_id, reporter_code, flow, product_code),
        list_sort(list_distinct(flatten(array_agg(months.snapshot_ids)))) as snapshot_ids
    from months
    inner join before using (event_id, reporter_code, flow, product_code)
    inner join since using (event_id, reporter_code, flow, product_code)
    where since.period_count > 0
    group by all
),

-- Of each product the shortest code that is held, as its publisher has it.
years as (
    select
        trade.reporter_code,
        trade.flow,
        trade.product_code,
        trade.product,
        minerals.code,
        minerals.is_battery_material,
        trade.year,
        trade.value_usd,
        trade.value_usd / nullif(trade.net_weight_kg, 0) as unit_value_usd,
        trade.snapshot_ids
    from asked
    inner join marts.product_trade_annual as trade
        on
            (asked.reporter_code = trade.reporter_code and asked.partner_code = trade.partner_code)
            or (asked.reporter_code = trade.partner_code and asked.partner_code = trade.reporter_code)
    inner join minerals on starts_with(trade.product_code, minerals.code)
    where
        starts_with(trade.classification, 'HS')
        and not trade.is_residual
        and coalesce(trade.origin, '') not like '%conversion tables%'
    qualify
        rank() over (
            partition by trade.reporter_code, trade.flow, minerals.code
            order by length(trade.product_code) asc
        ) = 1
),

by_year as (
    select
        product_code,
        arg_max(product, year) as product,
        is_battery_material,
        code,
        reporter_code as whose_statistics,
        flow,
        'A' as frequency,
        make_date(min(year), 1, 1) as from_period,
        make_date(max(year), 1, 1) as to_period,
        count(*) as period_count,
        arg_min(value_usd, year) as from_usd,
        arg_max(value_usd, year) as to_usd,
        case when count(unit_value_usd) = count(*) then arg_min(unit_value_usd, year) end as from_unit_value_usd,
        case when count(unit_value_usd) = count(*) then arg_max(unit_value_usd, year) end as to_unit_value_usd,
        make_date(arg_max(year, value_usd), 1, 1) as peak_period,
        max(value_usd) as peak_usd,
        make_date(max(year), 1, 1) as last_period,
        list_sort(list_distinct(flatten(array_agg(snapshot_ids)))) as snapshot_ids
    from years
    group by product_code, is_battery_material, code, reporter_code, flow
    having count(*) > 1
),

held as (
    select *
    from around_measures
    union all by name
    select *
    from by_year
    anti join around_measures using (code, whose_statistics, flow)
),

lacking as (
    select
        list(
            concat('goods/A/', asked.reporter_code, '/export+import/', asked.partner_code, '/', minerals.code)
            order by minerals.is_battery_material desc, minerals.code asc
        ) as series
    from asked
    cross join minerals
    left join held on minerals.code = held.code
    where held.code is null
),

-- What is held, and a row that says what is not.
rows_shown as (
    select *
    from held
    union all by name
    select series as lacking_series
    from lacking
    where series is not null
)

select
    rows_shown.*,
    events.title as event,
    100 * (rows_shown.to_usd / nullif(rows_shown.from_usd, 0) - 1) as change_pct,
    100 * (
        rows_shown.to_unit_value_usd / nullif(rows_shown.from_unit_value_usd, 0) - 1
    ) as unit_value_change_pct,
    100 * (
        (rows_shown.to_usd / nullif(rows_shown.to_unit_value_usd, 0))
        / nullif(rows_shown.from_usd / nullif(rows_shown.from_unit_value_usd, 0), 0) - 1
    ) as weight_change_pct,
    rows_shown.product_code is not null as is_answered,
    case when rows_shown.product_code is null then 'not_held' end as missing_code,
    case when missing_code is not null then rows_shown.lacking_series end as missing_series,
    null as missing_periods
from rows_shown
left join core.policy_events as events on rows_shown.event_id = events.event_id
order by
    rows_shown.product_code is null asc, rows_shown.frequency desc, rows_shown.is_battery_material desc,
    rows_shown.last_period desc, rows_shown.to_usd desc, rows_shown.product_code asc

/*
{% macro traded(some) %}
    {% set row, own = some[0], asked.reporter == some[0].whose_statistics %}
    {{- (reporter if own else partner) | possessive }} {{ row.flow }}s of
    {% for row in some %}
        {{- "" if loop.first else " and" if loop.last else "," }} {{ row.product | label }} (HS {{ row.product_code }})
    {%- endfor %}
    {{ "to" if row.flow == "export" else "from" }} {{ partner if own else reporter }}
{% endmacro %}
{% macro name(row) -%}
    {{ "the " if row.event.startswith("United States") }}
    {{- row.event | replace("antimony to the United States", "antimony to the United States and its tighter checks on"
        ~ " graphite exports there") }}
{%- endmacro %}
{% set around = held | selectattr("frequency", "eq", "M") | list %}
{% for event_id in around | map(attribute="event_id") | unique %}
    {% set rows_around, small = around | selectattr("event_id", "eq", event_id) | list, {} %}
    {% set announced_on, implemented_on = rows_around[0].announced_on, rows_around[0].implemented_on %}
    {% set is_later = announced_on and implemented_on and announced_on != implemented_on %}
    {% set before = "in the year before" ~ (" the announcement" if is_later else "") %}
    {{ name(rows_around[0]) }}{{ ", announced on " ~ announced_on | day ~ "," if is_later }}
    {{ "took effect" if implemented_on else "came" }} on {{ (implemented_on or announced_on) | day }};
    {% for row in rows_around %}
        {% set after = ("in " if row.period_count == 1 else "in the " ~ row.period_count ~ " months "
            ~ ("with figures " if row.period_count < 12 else "") ~ "from ")
            ~ months(row.to_period.year, row.to_period.month, row.to_period.month)
            ~ (" on" if 1 < row.period_count < 12) %}
        {# With less than a million US$ a month before and after, a single shipment makes a change. #}
        {% if [row.from_usd, row.to_usd] | max < 1e6 %}
            {% set key = (row.whose_statistics, row.flow, after) %}
            {{- small.setdefault(key, []).append(row) or "" }}
        {% else %}
            {{ traded([row]) }} {{ "rose" if row.change_pct > 0 else "fell" }} by {{ row.change_pct | abs | percent }}
            {{- " in value" if row.weight_change_pct is not none }}, from {{ row.from_usd | usd }} a month {{ before }}
            to {{ row.to_usd | usd }}{{ " a month" if row.period_count > 1 }} {{ after }}
            {%- if row.weight_change_pct is not none %},
                {{ "and" if (row.weight_change_pct > 0) == (row.change_pct > 0)
                    else "but rose" if row.weight_change_pct > 0 else "but fell" }} by
                {{ row.weight_change_pct | abs | percent }} in weight
            {%- endif %};
            {% if row.peak_period < row.to_period %}
                from the announcement on, these {{ row.flow }}s peaked in
                {{ months(row.peak_period.year, row.peak_period.month, row.peak_period.month) }}, before the measure
                took effect, at {{ (row.peak_usd / row.from_usd) | decimal }} times the monthly average of the year
                before the announcement;
            {% endif %}
        {% endif %}
    {% endfor %}
    {% for (whose, flow, after), some in small.items() %}
        {{ traded(some) }} are too small to compare: {{ "each" if some[1:] else "they" }} averaged less than US$1m a
        month both {{ before }} and {{ after }};
    {% endfor %}
{% endfor %}
{% set years = held | selectattr("frequency", "eq", "A") | list %}
{% set newest = years | map(attribute="to_period.year") | max if years else 0 %}
{% for row in (years | selectattr("to_period.year", "ge", newest - 1) | sort(attribute="to_usd", reverse=true))[:4] %}
    {% set first, last, peak = row.from_period.year, row.to_period.year, row.peak_period.year %}
    {% set unheld = last - first + 1 - row.period_count %}
    {% set is_within = peak not in [first, last] %}
    {{ traded([row]) }} {{ "rose" if row.to_usd > row.from_usd else "fell" }} from {{ row.from_usd | usd }} in
    {{ first }} to {{ row.to_usd | usd }} in {{ last }}
    {{- ", peaking at " ~ row.peak_usd | usd ~ " in " ~ peak if is_within and not unheld }}
    {{- "; the highest available figure was " ~ row.peak_usd | usd ~ ", in " ~ peak ~ ", and " ~ unheld ~ " of the "
        ~ (last - first - 1) ~ " years between " ~ first ~ " and " ~ last ~ (" has" if unheld == 1 else " have")
        ~ " no figures" if is_within and unheld }}
    {{- ", with no figures for " ~ ("" if unheld == last - first - 1 else unheld ~ " of ") ~ "the "
        ~ ("year" if last - first == 2 else (last - first - 1) ~ " years") ~ " in between" if unheld and not is_within
        }};
{% endfor %}
{% if held %}most of the customs codes used here also cover other goods;{% endif %}
*/
