/*
number: 24
question: How is the year likely to end?
name: year_in_progress
arises: held
read: >-
  One row for each series (balance, exports, imports) and each month from which the year was forecast, the last month
  first: the year to date, the forecast of the year with its 80% interval, and the three forecasts that it averages.
  Beside it stands the record from the same month: how far earlier forecasts were off on average, and how many outcomes
  lay in their interval. A forecast is not a publisher's figure.
limits: >-
  The forecast rests on the pair's past months and nothing else: it knows of no tariff and no price of chips. Its
  record rests on the figures as they are known today, not as they were known then, since no vintages of these months
  are available; it is therefore a little better than it could have been. Fifteen years are few: 12 of 15 outcomes are
  expected to fall within an 80% interval, and 9 to 14 would surprise nobody.
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
    case when latest.nowcast_usd is null then 'no_forecast' end as missing_code,
    case
        when missing_code is not null
            then [concat('goods/M/', asked.reporter_code, '/export+import/', asked.partner_code, '/TOTAL')]
    end as missing_series,
    cast(null as varchar[]) as missing_periods,
    latest.snapshot_ids
from asked
left join latest using (reporter_code, partner_code)
left join marts.nowcast_record as record using (reporter_code, partner_code, series, origin_month)
order by latest.origin_month desc, latest.series = 'balance' desc, latest.series asc

/*
{% macro amount(row, value) %}{{ value | balance if row.series == "balance" else value | usd }}{% endmacro %}
{% for row in held | selectattr("origin_month", "eq", held[0].origin_month) %}
    based on the figures for {{ "January" if row.origin_month == 1 else "January to " ~ row.origin_month | month }},
    {{ reporter | possessive }} {{ row.series }}
    {{ "to" if row.series == "exports" else ("from" if row.series == "imports" else "with") }} {{ partner }} in
    {{ row.year }} {{ "is" if row.series == "balance" else "are" }} forecast at {{ amount(row, row.nowcast_usd) }}
    {%- if row.low_usd is not none %} (80% interval: {{ amount(row, row.low_usd) }} to
        {{ amount(row, row.high_usd) }}){% endif %};
    {% if row.origin_count %}
        forecasts from the same month of {{ row.origin_count | counted("earlier year") }} missed by
        {{ row.mape_pct | percent }} {{ "of exports plus imports " if row.series == "balance" }}on average
        {%- if row.interval_count %}; {{ row.hit_count }} of {{ row.interval_count }} outcomes fell within the interval
        {%- endif %};
        {% if row.is_mean_worse %}
            the better of two naive forecasts missed by {{ row.better_naive_mape_pct | percent }}, less than this one;
        {% endif %}
    {% endif %}
{% endfor %}
*/
