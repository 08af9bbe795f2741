/*
number: 24
question: How is the year likely to end?
name: year_in_progress
arises: held
read: >-
  The balance, exports and imports have one row each for every month of the year so far, the latest first: the year to
  date, the forecast of the year made from it with its 80% interval, and the three forecasts that it averages. Other
  columns show how far forecasts made in the same month of earlier years were off on average, and how many outcomes lay
  within the interval. A forecast is not a publisher's figure.
limits: >-
  The forecast rests on the pair's past months and nothing else: it knows of no tariff and no price of chips. Its
  record rests on the figures as they are known today, not as they were known then, because earlier releases of these
  months are not available; it is therefore a little better than it could have been. Fifteen years are few: 12 of 15
  outcomes are expected to fall within an 80% interval, and 9 to 14 would surprise nobody.
parameters:
  reporter: KOR | The economy whose statistics are used (ISO 3166 alpha-3).
  partner: CHN | The economy it trades with (ISO 3166 alpha-3).
columns:
- series (of a forecast)
- year
- origin_month: count | The last month that the forecast uses.
- year_to_date_usd: US$ | The sum of January to that month.
- nowcast_usd: US$ | The forecast of the year, the mean of three.
- low_usd: US$ | Lower end of the 80% interval.
- high_usd: US$ | Upper end of the 80% interval.
- seasonal_naive_usd: US$ | The year to date, and the remaining months of the year before.
- ytd_growth_usd: US$ | The year before, times the growth of the year to date.
- airline_usd: US$ | The year to date, and the airline model's forecast of the rest.
- origin_count: count | The number of closed years that were forecast from this month.
- mape_pct: percent | The mean size of these forecasts' errors; of the balance as a share of exports and imports.
- better_naive_mape_pct: percent | The mean size of the errors of the better of the two naive forecasts.
- is_mean_worse: true/false | The mean was less accurate than the better naive forecast.
- hit_count: count | The number of outcomes in the interval.
- interval_count: count | The number of years with an interval.
- is_answered: true/false | The year is forecast.
- snapshot_ids
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code
),

latest as (
    select forecasts.*
    from asked
    inner join marts.year_nowcasts as forecasts using (reporter_code, partner_code)
    where forecasts.is_open
    qualify forecasts.year = max(forecasts.year) over ()
),

of_this_year as (
    select count(*) as month_count
    from asked
    inner join core.goods_trade_monthly as months using (reporter_code, partner_code)
    where year(months.period_start) = (select max(year) filter (where is_open) from marts.year_nowcasts)
)

select
    latest.series,
    latest.year,
    latest.origin_month,
    latest.year_to_date_usd,
    latest.nowcast_usd,
    latest.low_usd,
    latest.high_usd,
    latest.seasonal_naive_usd,
    latest.ytd_growth_usd,
    latest.airline_usd,
    coalesce(record.origin_count, 0) as origin_count,
    record.mape_pct,
    record.better_naive_mape_pct,
    record.is_mean_worse,
    record.hit_count,
    record.interval_count,
    latest.nowcast_usd is not null as is_answered,
    case
        when latest.nowcast_usd is not null then null
        when of_this_year.month_count > 0 then 'no_model'
        else 'no_forecast'
    end as missing_code,
    case
        when missing_code is not null
            then [concat('goods/M/', asked.reporter_code, '/export+import/', asked.partner_code, '/TOTAL')]
    end as missing_series,
    cast(null as varchar[]) as missing_periods,
    latest.snapshot_ids
from asked
cross join of_this_year
left join latest using (reporter_code, partner_code)
left join marts.nowcast_record as record using (reporter_code, partner_code, series, origin_month)
order by latest.origin_month desc, latest.series = 'balance' desc, latest.series asc

/*
{% macro range(row) %}
    {%- if row.low_usd > 0 %}{{ row.low_usd | usd }} to {{ row.high_usd | usd }}
    {%- elif row.high_usd < 0 %}{{ row.high_usd | abs | usd }} to {{ row.low_usd | abs | usd }}
    {%- else %}{{ row.low_usd | balance }} to {{ row.high_usd | balance }}{% endif %}
{%- endmacro %}
{% macro way(row) %}{{ {"exports": "to", "imports": "from"}.get(row.series, "with") }} {{ partner }}{% endmacro %}
{% macro name(row) %}{{ "the " if row.series == "balance" }}{{ row.series }}{% endmacro %}
{% set shown = held | selectattr("origin_month", "eq", held[0].origin_month) | list %}
{% set row = shown[0] %}
based on the figures for {{ "January" if row.origin_month == 1 else "January to " ~ row.origin_month | month }},
{% if row.series == "balance" %}
    {{ reporter }} is forecast to have {{ row.nowcast_usd | balance }} {{ way(row) }} in {{ row.year }}
{% else %}
    {{ reporter | possessive }} {{ row.series }} {{ way(row) }} in {{ row.year }} are forecast at
    {{ row.nowcast_usd | usd }}
{% endif %}
{%- if row.low_usd is not none %} (80% interval: {{ range(row) }}){% endif %};
{% for row in shown[1:] %}
    {{ ("its " ~ row.series ~ " " ~ way(row) ~ " are forecast at") if loop.first else "and its " ~ row.series ~ " at" }}
    {{ row.nowcast_usd | usd }}{% if row.low_usd is not none %} ({{ range(row) }}){% endif %}
{% endfor %};
{% set past = shown | selectattr("origin_count") | list %}
{% set checked = past | selectattr("interval_count") | list %}
{% if past %}
    in {{ past[0].origin_count | counted("earlier year") }}, forecasts from the figures for the same
    {{ "month" if past[0].origin_month == 1 else "months" }} missed
    {# The balance comes first in the rows, and last in the sentence. #}
    {% for row in past[1:] + past[:1] %}
        {{- "" if loop.first else " and" if loop.last else "," }} {{ name(row) }} by {{ row.mape_pct | percent }}
        {{- " on average" if loop.first }}{{ " of exports plus imports" if row.series == "balance" -}}
    {% endfor %};
{% endif %}
{% if checked %}
    the outcome fell within the 80% interval in
    {% for row in checked %}
        {{- "" if loop.first else " and in" if loop.last else ", in" }} {{ row.hit_count }}
        {{- " of " ~ row.interval_count | counted("year") if loop.first }}
        {{- " for " ~ name(row) if checked | length > 1 -}}
    {% endfor %};
{% endif %}
{% for row in past if row.is_mean_worse %}
    for {{ name(row) }}, the better of two simple forecasts was off by {{ row.better_naive_mape_pct | percent }} on
    average, less than the forecasts made here;
{% endfor %}
*/
