/*
what: >-
  Japan's years forecast from the figures as they were known then, in yen: its ministry's monthly prints are the only
  vintages here that reach back over closed years. An open year in a print is a year to date. Only the two naive
  forecasts can be made, since the airline model needs 25 months, which the prints have from 2023 on; the mean is of
  those two. Each error stands beside that of the same forecast from the figures of today.
subject: balance
grain: [reporter_code, partner_code, series, year, origin_month]
required: [known_from, nowcast_jpy, nowcast_today_jpy]
example: |-
  select series, origin_month, count(*) as years, avg(abs(error_pct)), avg(abs(error_today_pct))
  from marts.nowcasts_as_known
  where partner_code = 'CHN'
  group by all
  order by all
columns:
- reporter_code, partner_code (or the world)
- series: text | exports or imports.
- year: year | The forecast year.
- origin_month: count | The last month that the forecast uses.
- known_from: date | The day from which the print with that month was known.
- seasonal_naive_jpy: JPY | The year to date, and the remaining months of the year before, as known then.
- ytd_growth_jpy: JPY | The year before, times the growth of the year to date, as known then.
- nowcast_jpy: JPY | The mean of the two.
- nowcast_today_jpy: JPY | The mean of the two forecasts from today's figures.
- actual_jpy: JPY | The outcome as it is known today; null while the year is open.
- error_pct: percent | The forecast less the outcome, as a share of the outcome.
- error_today_pct: percent | The error of the forecast from today's figures.
*/
with prints as (
    select
        printed.reporter_code,
        printed.partner_code,
        printed.flow,
        year(printed.period_start) as year,
        month(printed.period_start) as month,
        printed.value_ytd_jpy as value_jpy,
        snapshots.known_from
    from staging.jp_mof__goods_annual_commodities as printed
    inner join reference.snapshots as snapshots using (snapshot_id)
    where printed.level = 0
),

-- The first print of each year to date, and the last one.
months as (
    select
        reporter_code,
        partner_code,
        flow,
        year,
        month,
        min(known_from) as known_from,
        arg_min(value_jpy, known_from) as first_jpy,
        arg_max(value_jpy, known_from) as last_jpy
    from prints
    group by all
),

-- The year before as it stood on the day of the print.
origins as (
    select
        now.reporter_code,
        now.partner_code,
        now.flow,
        now.year,
        now.month as origin_month,
        now.known_from,
        now.first_jpy,
        now.last_jpy,
        before.first_jpy as before_first_jpy,
        before.last_jpy as before_last_jpy,
        arg_max(whole.value_jpy, whole.known_from) as whole_jpy
    from months as now
    inner join months as before
        on
            now.reporter_code = before.reporter_code and now.partner_code = before.partner_code
            and now.flow = before.flow and now.month = before.month and now.year = before.year + 1
    inner join prints as whole
        on
            now.reporter_code = whole.reporter_code and now.partner_code = whole.partner_code
            and now.flow = whole.flow and now.year = whole.year + 1 and whole.month = 12
            and now.known_from >= whole.known_from
    where now.month < 12
    group by all
),

years as (
    select
        reporter_code,
        partner_code,
        flow,
        year,
        last_jpy as year_jpy
    from months
    where month = 12
)

select
    origins.reporter_code,
    origins.partner_code,
    origins.flow || 's' as series,
    origins.year,
    origins.origin_month,
    origins.known_from,
    origins.first_jpy + origins.whole_jpy - origins.before_first_jpy as seasonal_naive_jpy,
    origins.whole_jpy * origins.first_jpy / origins.before_first_jpy as ytd_growth_jpy,
    (seasonal_naive_jpy + ytd_growth_jpy) / 2 as nowcast_jpy,
    (
        origins.last_jpy + before.year_jpy - origins.before_last_jpy
        + before.year_jpy * origins.last_jpy / origins.before_last_jpy
    ) / 2 as nowcast_today_jpy,
    years.year_jpy as actual_jpy,
    100 * (nowcast_jpy / years.year_jpy - 1) as error_pct,
    100 * (nowcast_today_jpy / years.year_jpy - 1) as error_today_pct
from origins
inner join years as before
    on
        origins.reporter_code = before.reporter_code and origins.partner_code = before.partner_code
        and origins.flow = before.flow and origins.year = before.year + 1
left join years
    on
        origins.reporter_code = years.reporter_code and origins.partner_code = years.partner_code
        and origins.flow = years.flow and origins.year = years.year
