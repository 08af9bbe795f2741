/*
number: 27
question: What does the last month show?
name: last_month
arises: held
read: >-
  Each row is one sentence. The last month is compared with the month before and with the same month a year before,
  and the year to date with the same months a year before. Where figures allow, further rows give the change adjusted
  for the season and working days, the partner's figures for the month, the revisions in the newest release and the
  forecast of the year.
limits: >-
  Goods only, exports FOB less imports CIF (US imports at customs value), as the reporter counts them. Two months of
  one year differ by season and working days, so changes from the month before are those of adjusted figures. A
  revision shows only if an earlier release of the same months is available. Changes and adjusted figures are computed
  here, and a forecast is not a publisher's figure.
parameters:
  reporter: KOR | The economy whose statistics are used (ISO 3166 alpha-3).
  partner: CHN | The economy it trades with (ISO 3166 alpha-3).
columns:
- part: code | month, year_before, year_to_date, adjusted, partner, revisions, forecast or newer_months.
- from_month: date | The first month that the row is about.
- to_month: date | The last month that the row is about.
- exports_usd: US$ | Exports in these months; of revisions, the sum of the revised months now.
- imports_usd: US$ | Imports in these months; of revisions, the sum of the revised months now.
- balance_usd: US$ | Their difference; of a forecast, the balance of the whole year.
- before_month: date | The last of the months that they are compared with.
- before_exports_usd: US$ | Exports in the months compared; of revisions, the same months before the release.
- before_imports_usd: US$ | Imports in the months compared; of revisions, the same months before the release.
- before_balance_usd: US$ | Their difference.
- exports_change_pct: percent | Change of exports; of the part adjusted, of the adjusted figures.
- imports_change_pct: percent | Change of imports; of the part adjusted, of the adjusted figures.
- exports_per_day_pct: percent | Change of exports per working day over the same month of the year before.
- imports_per_day_pct: percent | Change of imports per working day over the same month of the year before.
- working_days: days | The reporter's working days in the month.
- is_other_length: >-
    true/false | The month has more or fewer working days than that of the year before, as follows from the changes of
    exports, of which the one per working day differs from the other by more than a twentieth of a percentage point.
- method: code | X-13 or STL, of adjusted figures.
- low_usd: US$ | Lower end of the forecast's 80% interval.
- high_usd: US$ | Upper end of the forecast's 80% interval.
- hit_count: count | The number of outcomes in the interval.
- interval_count: count | The number of years with an interval.
- month_count: count | The number of revised months, or of months that are behind the newest of all pairs.
- known_from: date | The day of the release that revised.
- rate_date
- has_sign: true/false | The pair's figures pass the coverage check, so that a balance has a sign.
- is_comparable: true/false | The month is released on its own; China's January and February are not.
- is_computed: true/false | The row is adjusted or forecast here.
- is_answered: true/false | The row has figures.
- snapshot_ids
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code
),

months as (
    select trade.*
    from asked
    inner join marts.trade_balance_monthly as trade using (reporter_code, partner_code)
),

last_month as (
    select
        max(period_start) as last_start,
        max(period_start) - interval 1 month as month_before,
        max(period_start) - interval 1 year as year_before
    from months
),

newest as (
    select
        months.*,
        last_month.month_before,
        last_month.year_before
    from months
    inner join last_month on months.period_start = last_month.last_start
),

-- As the last year that was checked: figures that fail the coverage check give a balance no sign.
checked as (
    select coalesce(arg_max(balances.coverage_status, balances.year), 'unchecked') != 'insufficient' as has_sign
    from asked
    inner join marts.trade_balance_annual as balances using (reporter_code, partner_code)
),

adjusted as (
    select figures.*
    from asked
    inner join marts.trade_balance_monthly_adjusted as figures using (reporter_code, partner_code)
),

held as (
    select figures.*
    from asked
    inner join core.goods_trade_monthly as figures using (reporter_code, partner_code)
),

-- The day of the newest release of each dataset that the pair's months come from.
releases as (
    select
        observations.source,
        observations.dataset,
        max(observations.known_from) as known_from
    from asked
    inner join core.goods_trade_observations as observations using (reporter_code, partner_code)
    where observations.frequency = 'M' and observations.product_code = 'TOTAL'
    group by observations.source, observations.dataset
),

revised as (
    select
        held.flow,
        held.period_start,
        revisions.value,
        revisions.previous_value,
        revisions.known_from,
        [revisions.snapshot_id, revisions.previous_snapshot_id] as snapshot_ids
    from held
    inner join releases using (source, dataset)
    inner join marts.revisions as revisions
        on
            held.source = revisions.source
            and held.dataset = revisions.dataset
            and held.reporter_code = revisions.reporter_code
            and held.partner_code = revisions.partner_code
            and held.flow = revisions.flow
            and held.period_start = revisions.period_start
            and releases.known_from = revisions.known_from
    where
        revisions.metric = 'goods_trade'
        and revisions.item_code = 'TOTAL'
        and revisions.frequency = 'M'
        and revisions.change = 'revised'
),

calendar as (
    select
        last_start,
        unnest(generate_series(make_date(year(last_start) - 1, 1, 1), last_start, interval 1 month)) as period_start
    from last_month
),

-- The months of both years up to the last month.
to_date as (
    select
        list(strftime(calendar.period_start, '%Y-%m') order by calendar.period_start)
        filter (where months.balance_usd is null) as lacking,
        flatten(array_agg(months.snapshot_ids) filter (where months.balance_usd is not null)) as snapshot_ids
    from calendar
    left join months on calendar.period_start = months.period_start
    where month(calendar.period_start) <= month(calendar.last_start)
),

parts as (
    select
        1 as place,
        'month' as part,
        newest.period_start as from_month,
        newest.period_start as to_month,
        newest.exports_usd,
        newest.imports_usd,
        newest.balance_usd,
        before.period_start as before_month,
        before.exports_usd as before_exports_usd,
        before.imports_usd as before_imports_usd,
        before.balance_usd as before_balance_usd,
        newest.rate_date,
        newest.is_comparable_month as is_comparable,
        flatten([newest.snapshot_ids, before.snapshot_ids]) as snapshot_ids
    from newest
    left join months as before on newest.month_before = before.period_start
    union all by name
    select
        2 as place,
        'year_before' as part,
        newest.period_start as from_month,
        newest.period_start as to_month,
        newest.exports_usd,
        newest.imports_usd,
        newest.balance_usd,
        before.period_start as before_month,
        before.exports_usd as before_exports_usd,
        before.imports_usd as before_imports_usd,
        before.balance_usd as before_balance_usd,
        newest.exports_yoy_pct as exports_change_pct,
        newest.imports_yoy_pct as imports_change_pct,
        adjusted.exports_per_day_yoy_pct as exports_per_day_pct,
        adjusted.imports_per_day_yoy_pct as imports_per_day_pct,
        adjusted.working_days,
        abs(adjusted.exports_per_day_yoy_pct - newest.exports_yoy_pct) > 0.05 as is_other_length,
        newest.rate_date,
        newest.is_comparable_month as is_comparable,
        case
            when newest.is_comparable_month and newest.exports_yoy_pct is null and newest.imports_yoy_pct is null
                then [strftime(newest.year_before, '%Y-%m')]
        end as lacking,
        flatten([newest.snapshot_ids, before.snapshot_ids]) as snapshot_ids
    from newest
    left join months as before on newest.year_before = before.period_start
    left join adjusted on newest.period_start = adjusted.period_start
    union all by name
    select
        3 as place,
        'year_to_date' as part,
        make_date(year(newest.period_start), 1, 1) as from_month,
        newest.period_start as to_month,
        newest.exports_ytd_usd as exports_usd,
        newest.imports_ytd_usd as imports_usd,
        newest.balance_ytd_usd as balance_usd,
        cast(newest.year_before as date) as before_month,
        newest.prior_year_exports_ytd_usd as before_exports_usd,
        newest.prior_year_imports_ytd_usd as before_imports_usd,
        newest.prior_year_balance_ytd_usd as before_balance_usd,
        100 * (newest.exports_ytd_usd / nullif(newest.prior_year_exports_ytd_usd, 0) - 1) as exports_change_pct,
        100 * (newest.imports_ytd_usd / nullif(newest.prior_year_imports_ytd_usd, 0) - 1) as imports_change_pct,
        newest.rate_date,
        case
            when newest.balance_ytd_usd is null or newest.prior_year_balance_ytd_usd is null then to_date.lacking
        end as lacking,
        to_date.snapshot_ids
    from newest
    cross join to_date
    where month(newest.period_start) > 1
    union all by name
    select
        4 as place,
        'adjusted' as part,
        newest.period_start as from_month,
        newest.period_start as to_month,
        adjusted.exports_adjusted_usd as exports_usd,
        adjusted.imports_adjusted_usd as imports_usd,
        cast(newest.month_before as date) as before_month,
        adjusted.exports_adjusted_change_pct as exports_change_pct,
        adjusted.imports_adjusted_change_pct as imports_change_pct,
        adjusted.method,
        adjusted.snapshot_ids
    from newest
    inner join adjusted on newest.period_start = adjusted.period_start
    where adjusted.exports_adjusted_change_pct is not null and adjusted.imports_adjusted_change_pct is not null
    union all by name
    select
        5 as place,
        'partner' as part,
        newest.period_start as from_month,
        newest.period_start as to_month,
        partners.imports_usd as exports_usd,
        partners.exports_usd as imports_usd,
        -partners.balance_usd as balance_usd,
        partners.rate_date,
        case when partners.period_start is null then [strftime(newest.period_start, '%Y-%m')] end as lacking,
        partners.snapshot_ids
    from newest
    left join marts.trade_balance_monthly as partners
        on
            newest.reporter_code = partners.partner_code
            and newest.partner_code = partners.reporter_code
            and newest.period_start = partners.period_start
    union all by name
    select
        6 as place,
        'revisions' as part,
        min(period_start) as from_month,
        max(period_start) as to_month,
        sum(value) filter (where flow = 'export') as exports_usd,
        sum(value) filter (where flow = 'import') as imports_usd,
        sum(previous_value) filter (where flow = 'export') as before_exports_usd,
        sum(previous_value) filter (where flow = 'import') as before_imports_usd,
        count(distinct period_start) as month_count,
        max(known_from) as known_from,
        flatten(array_agg(snapshot_ids)) as snapshot_ids
    from revised
    having count(*) > 0
    union all by name
    select
        7 as place,
        'forecast' as part,
        make_date(forecasts.year, 1, 1) as from_month,
        newest.period_start as to_month,
        forecasts.nowcast_usd as balance_usd,
        forecasts.low_usd,
        forecasts.high_usd,
        record.hit_count,
        record.interval_count,
        forecasts.snapshot_ids
    from newest
    inner join marts.year_nowcasts as forecasts
        on
            newest.reporter_code = forecasts.reporter_code
            and newest.partner_code = forecasts.partner_code
            and year(newest.period_start) = forecasts.year
            and month(newest.period_start) = forecasts.origin_month
    left join marts.nowcast_record as record
        on
            forecasts.reporter_code = record.reporter_code
            and forecasts.partner_code = record.partner_code
            and forecasts.series = record.series
            and forecasts.origin_month = record.origin_month
    where forecasts.is_open and forecasts.series = 'balance'
    union all by name
    select
        8 as place,
        'newer_months' as part,
        newest.period_start as from_month,
        max(every.period_start) as to_month,
        date_diff('month', newest.period_start, max(every.period_start)) as month_count,
        list_transform(
            generate_series(newest.period_start, max(every.period_start), interval 1 month)[2:],
            lambda later: strftime(later, '%Y-%m')
        ) as lacking
    from newest
    cross join core.goods_trade_monthly as every
    group by newest.period_start
    having date_diff('month', newest.period_start, max(every.period_start)) > 2
)

select
    parts.part,
    parts.from_month,
    parts.to_month,
    parts.exports_usd,
    parts.imports_usd,
    parts.balance_usd,
    parts.before_month,
    parts.before_exports_usd,
    parts.before_imports_usd,
    parts.before_balance_usd,
    parts.exports_change_pct,
    parts.imports_change_pct,
    parts.exports_per_day_pct,
    parts.imports_per_day_pct,
    parts.working_days,
    parts.is_other_length,
    parts.method,
    parts.low_usd,
    parts.high_usd,
    parts.hit_count,
    parts.interval_count,
    parts.month_count,
    parts.known_from,
    parts.rate_date,
    checked.has_sign,
    parts.is_comparable,
    parts.part in ('adjusted', 'forecast') as is_computed,
    parts.part is not null and parts.lacking is null as is_answered,
    case when not is_answered then 'not_held' end as missing_code,
    case
        when missing_code is not null
            then
                [
                    case
                        when parts.part = 'partner'
                            then
                                concat(
                                    'goods/M/', asked.partner_code, '/export+import/', asked.reporter_code, '/TOTAL'
                                )
                        else concat('goods/M/', asked.reporter_code, '/export+import/', asked.partner_code, '/TOTAL')
                    end
                ]
    end as missing_series,
    parts.lacking as missing_periods,
    list_sort(list_distinct(parts.snapshot_ids)) as snapshot_ids
from asked
cross join checked
left join parts on true
order by parts.place

/*
{% macro month(day) %}{{ day.month | month }} {{ day.year }}{% endmacro %}
{% macro moved(pct) %}{{ "rose" if pct > 0 else "fell" }} by {{ pct | abs | percent }}{% endmacro %}
{# A verb of both flows stands once: exports rose by 6.2% and imports by 0.5%. #}
{% macro flows(exports, imports) %}
    {%- if exports is none %}imports {{ moved(imports) }}
    {%- else %}exports {{ moved(exports) }}
        {%- if imports is not none %} and imports {{ "by " ~ imports | abs | percent
            if (exports > 0) == (imports > 0) else moved(imports) }}{% endif %}
    {%- endif %}
{%- endmacro %}
{# The earlier balance: of the same sign, "one of US$3.58bn". #}
{% macro earlier_balance(now, before) %}{{ "one of " ~ before | abs | usd if now * before > 0 else before | balance
    }}{% endmacro %}
{% for row in rows if row.part %}
    {% set here = month(row.to_month) %}
    {% set rates = " (converted into US$ at " ~ row.rate_date | rates ~ ")" if row.rate_date else "" %}
    {% if row.part == "month" %}
        {{ reporter }}
        {%- if row.exports_usd is not none %} exported goods worth {{ row.exports_usd | usd }} to
        {%- else %} imported goods worth {{ row.imports_usd | usd }} from{% endif %} {{ partner }} in {{ here }}
        {%- if row.balance_usd is none %}, and its {{ "imports" if row.imports_usd is none else "exports" }} of that
            month are not available
        {%- else %} and imported {{ row.imports_usd | usd }}
            {%- if row.has_sign %}, {{ row.balance_usd | balance }}
                {{- " (all figures are rounded)" if row.exports_usd | rounded_apart(row.imports_usd, row.balance_usd) }}
                {%- if row.is_comparable and row.before_balance_usd is not none %}, after
                    {{ earlier_balance(row.balance_usd, row.before_balance_usd) }} in
                    {{ month(row.before_month) }}{% endif %}
            {%- else %}{{ rates }}, but the figures are too incomplete to show who had the surplus{% endif %}
        {%- endif %}{{ rates if row.has_sign or row.balance_usd is none }};
    {% elif row.part == "year_before" and not row.is_comparable %}
        {{ here }} cannot be compared with the year before, because {{ reporter }} releases January and February
        together;
    {% elif row.part == "year_before" and not row.is_answered %}
        {{ here }} is not compared with the year before, because the figures for {{ row.to_month.month | month }}
        {{ row.to_month.year - 1 }} are not available;
    {% elif row.part == "year_before" %}
        compared with {{ month(row.before_month) }}, {{ flows(row.exports_change_pct, row.imports_change_pct) }}
        {%- if row.is_other_length and row.exports_per_day_pct is not none and row.imports_per_day_pct is not none %}
            {{- "" }} (per working day, {{ flows(row.exports_per_day_pct, row.imports_per_day_pct) }})
        {%- endif %};
    {% elif row.part == "year_to_date" and not row.is_answered %}
        {{ "the whole of " ~ row.to_month.year if row.to_month.month == 12 else "January to " ~ here }} is not compared
        with the year before, because figures for some months of {{ row.to_month.year - 1 }} or
        {{ row.to_month.year }} are not available;
    {% elif row.part == "year_to_date" %}
        {% set is_whole = row.to_month.month == 12 %}
        {% set earlier = ("" if is_whole else "the same months of ") ~ row.before_month.year %}
        {{ "in " ~ row.to_month.year if is_whole else "from January to " ~ here }}
        {% if row.has_sign %}
            {{ reporter }} had {{ row.balance_usd | balance }}, after
            {{ earlier_balance(row.balance_usd, row.before_balance_usd) }} in {{ earlier }}, as
            {{ flows(row.exports_change_pct, row.imports_change_pct) }}
        {% else %}
            {{ flows(row.exports_change_pct, row.imports_change_pct) }} from {{ earlier }}
        {% endif %};
    {% elif row.part == "adjusted" %}
        {{ "adjusted for seasonal and working-day effects" if row.method == "X-13" else "seasonally adjusted" }},
        {{ flows(row.exports_change_pct, row.imports_change_pct) }} from
        {{ row.before_month.month | month }} to {{ here }};
    {% elif row.part == "partner" and not row.is_answered %}
        {{ partner | possessive }} own figures for {{ here }} are not available, so only
        {{ reporter | possessive }} are shown;
    {% elif row.part == "partner" %}
        by {{ partner | possessive }} figures
        {% if row.balance_usd is not none and row.has_sign %}
            {{ reporter }} had {{ row.balance_usd | balance }} in {{ here }}
        {% elif row.balance_usd is not none %}
            {{ reporter }} exported goods worth {{ row.exports_usd | usd }} to {{ partner }} in {{ here }} and imported
            {{ row.imports_usd | usd }}
        {% elif row.exports_usd is not none %}
            {{ reporter }} exported goods worth {{ row.exports_usd | usd }} to {{ partner }} in {{ here }}
        {% else %}
            {{ reporter }} imported goods worth {{ row.imports_usd | usd }} from {{ partner }} in {{ here }}
        {% endif %}{{ rates }};
    {% elif row.part == "revisions" %}
        {% set first = row.from_month %}
        {% set span = (row.to_month.year - first.year) * 12 + row.to_month.month - first.month + 1 %}
        {% set shifts = [("exports", row.exports_usd, row.before_exports_usd),
            ("imports", row.imports_usd, row.before_imports_usd)] | rejectattr(1, "none") | list %}
        {{ reporter | possessive }} release of {{ row.known_from | day }} revised its figures for
        {% if span == 1 %}{{ here }}
        {%- else %}
            {{- "every month" if row.month_count == span else row.month_count | int ~ " of the " ~ span ~ " months" }}
            from {{ first.month | month }} {{ first.year if first.year != row.to_month.year }} to {{ here }}
        {%- endif %}: it
        {% for flow, now, before in shifts %}
            {{ "and" if not loop.first }}
            {{ ("raised" if now > before else "lowered")
                if loop.first or (now > before) != (shifts[0][1] > shifts[0][2]) }}
            {{ flow }} by {{ (now - before) | abs | usd }} {{ "in total" if loop.first and span > 1 }}
        {% endfor %};
    {% elif row.part == "forecast" %}
        based on the figures for
        {{ "January" if row.to_month.month == 1 else "January to " ~ row.to_month.month | month }},
        {{ reporter }} is forecast to have {{ row.balance_usd | balance }} in {{ row.from_month.year }}
        {%- if row.low_usd is not none %} (80% interval:
            {% if row.low_usd > 0 %}{{ row.low_usd | usd }} to {{ row.high_usd | usd }}
            {%- elif row.high_usd < 0 %}{{ row.high_usd | abs | usd }} to {{ row.low_usd | abs | usd }}
            {%- else %}{{ row.low_usd | balance }} to {{ row.high_usd | balance }}{% endif %}
            {{- ")" }}
            {%- if row.interval_count %}. In
                {{ "each" if row.hit_count == row.interval_count else row.hit_count }} of the
                {{ row.interval_count | counted("earlier year") }} tested, the outcome fell within the 80% interval
            {%- endif %}
        {%- endif %};
    {% else %}
        no monthly figures after {{ month(row.from_month) }} are available;
    {% endif %}
{% endfor %}
*/
