/*
what: >-
  The year in progress, forecast from its first months: exports, imports and balance of the pairs that have a stored
  model, from each month on, for closed years as well. The forecast is the equal mean of three that stand beside it: the
  rest of last year added to the year to date, last year times the growth of the year to date, and the airline model.
  Its 80% interval is the size that four in five of the past errors at the same month did not exceed. These are
  estimates, not figures of a publisher; they rest on the figures as they are known today, unless basis says otherwise.
subject: balance
grain: [reporter_code, partner_code, series, year, origin_month]
required: [nowcast_usd, is_open, basis, snapshot_ids]
example: |-
  select series, year, origin_month, year_to_date_usd, low_usd, nowcast_usd, high_usd, interval_years
  from marts.year_nowcasts
  where reporter_code = 'KOR' and partner_code = 'CHN' and is_open
  order by series, origin_month desc limit 3
columns:
- reporter_code, partner_code
- series (of a forecast)
- year: year | The forecast year.
- origin_month: count | The last month that the forecast uses, 1 to 11.
- is_open: true/false | The year has not closed, so there is no outcome yet.
- year_to_date_usd: US$ | The sum of January to the origin month.
- nowcast_usd: US$ | The forecast of the year, the mean of the three.
- low_usd: US$ | Lower end of the 80% interval; null with fewer than eight past years.
- high_usd: US$ | Upper end of the 80% interval; null with fewer than eight past years.
- interval_years: count | The number of past years whose errors make the interval.
- seasonal_naive_usd: US$ | The year to date, and the remaining months of the year before.
- ytd_growth_usd: US$ | The year before, times the growth of the year to date; of the balance by its flows.
- airline_usd: US$ | The year to date, and the airline model's forecast of the rest.
- actual_usd: US$ | The outcome, twelve months added up; null while the year is open.
- error_pct: >-
    percent | The forecast less the outcome, as a share of the outcome; of the balance as a share of the sum of exports
    and imports.
- seasonal_naive_error_pct: percent | The error of the seasonal naive forecast, as in error_pct.
- ytd_growth_error_pct: percent | The error of last year times growth to date, as in error_pct.
- airline_error_pct: percent | The error of the airline model, as in error_pct.
- is_hit: true/false | The outcome lies in the interval; null without an outcome or an interval.
- basis: code | today if the forecast rests on the figures as they are known today.
- snapshot_ids: list | The snapshots of the months on which it rests.
*/
with altered as (
    select entry
    from analysis.sealed_forecasts
    where ledger_status = 'altered'
),

months as (
    select
        trade.reporter_code,
        trade.partner_code,
        trade.flow,
        year(trade.period_start) as year,
        month(trade.period_start) as month,
        trade.period_start,
        trade.value_usd,
        trade.is_joint_month,
        trade.snapshot_id
    from core.goods_trade_monthly as trade
    semi join analysis.airline_forecasts as followed
        on
            trade.reporter_code = followed.reporter_code and trade.partner_code = followed.partner_code
            and trade.flow = followed.flow
    -- Without a whole ledger no forecast is published, since none could be held against those under seal.
    anti join altered on true
),

to_date as (
    select
        *,
        sum(value_usd) over this_year as to_date_usd,
        count(*) over this_year as month_count,
        list(snapshot_id) over this_year as snapshots,
        sum(value_usd) over (partition by reporter_code, partner_code, flow, year) as year_usd,
        count(*) over (partition by reporter_code, partner_code, flow, year) as year_count,
        list(snapshot_id) over (partition by reporter_code, partner_code, flow, year) as year_snapshots
    from months
    window this_year as (partition by reporter_code, partner_code, flow, year order by month)
),

flows as (
    select
        now.reporter_code,
        now.partner_code,
        now.flow,
        now.year,
        now.month as origin_month,
        now.to_date_usd,
        now.to_date_usd + before.year_usd - before.to_date_usd as seasonal_naive,
        before.year_usd * now.to_date_usd / before.to_date_usd as ytd_growth,
        now.to_date_usd + rests.rest_usd as airline,
        (seasonal_naive + ytd_growth + airline) / 3 as nowcast,
        case when now.year_count = 12 then now.year_usd end as actual,
        flatten([now.snapshots, before.year_snapshots]) as snapshots
    from to_date as now
    inner join to_date as before
        on
            now.reporter_code = before.reporter_code and now.partner_code = before.partner_code
            and now.flow = before.flow and now.month = before.month and now.year = before.year + 1
    inner join analysis.airline_forecasts as rests
        on
            now.reporter_code = rests.reporter_code and now.partner_code = rests.partner_code
            and now.flow = rests.flow and now.period_start = rests.period_start
    where
        now.month < 12 and now.month_count = now.month and before.year_count = 12
        -- Half of two months that are released together is not a month.
        and not (now.month = 1 and now.is_joint_month)
),

series as (
    select
        * exclude (flow),
        flow || 's' as series,
        -- Errors are shares of the outcome, so that past sizes hold for today's.
        actual as scale,
        nowcast as size
    from flows
    union all by name
    select
        reporter_code,
        partner_code,
        'balance' as series,
        exports.year,
        exports.origin_month,
        exports.to_date_usd - imports.to_date_usd as to_date_usd,
        exports.seasonal_naive - imports.seasonal_naive as seasonal_naive,
        exports.ytd_growth - imports.ytd_growth as ytd_growth,
        exports.airline - imports.airline as airline,
        exports.actual - imports.actual as actual,
        exports.nowcast - imports.nowcast as nowcast,
        exports.actual + imports.actual as scale,
        exports.nowcast + imports.nowcast as size,
        flatten([exports.snapshots, imports.snapshots]) as snapshots
    from flows as exports
    inner join flows as imports using (reporter_code, partner_code, year, origin_month)
    where exports.flow = 'export' and imports.flow = 'import'
),

errors as (
    select
        series.reporter_code,
        series.partner_code,
        series.series,
        series.year,
        series.origin_month,
        -- Of a flow the error of the logarithm, of the balance its share of the trade both ways.
        case
            when series.series = 'balance' then abs(past.nowcast - past.actual) / past.size
            else abs(ln(past.nowcast / past.actual))
        end as error
    from series
    inner join series as past
        on
            series.reporter_code = past.reporter_code and series.partner_code = past.partner_code
            and series.series = past.series and series.origin_month = past.origin_month
            and series.year > past.year and past.actual is not null
),

placed as (
    select
        *,
        row_number() over same_origin as place,
        1 + 0.8 * (count(*) over (partition by reporter_code, partner_code, series, year, origin_month) - 1) as wanted
    from errors
    window same_origin as (partition by reporter_code, partner_code, series, year, origin_month order by error)
),

-- The 80th percentile lies between two errors, nearer to the one that it is nearer to.
intervals as (
    select
        reporter_code,
        partner_code,
        series,
        year,
        origin_month,
        count(*) as interval_years,
        sum(case when abs(place - wanted) < 1 then error * (1 - abs(place - wanted)) end) as width
    from placed
    group by all
)

select
    series.reporter_code,
    series.partner_code,
    series.series,
    series.year,
    series.origin_month,
    series.actual is null as is_open,
    series.to_date_usd as year_to_date_usd,
    series.nowcast as nowcast_usd,
    case
        when coalesce(intervals.interval_years, 0) < 8 then null
        when series.series = 'balance' then series.nowcast - intervals.width * series.size
        else series.nowcast * exp(-intervals.width)
    end as low_usd,
    case
        when coalesce(intervals.interval_years, 0) < 8 then null
        when series.series = 'balance' then series.nowcast + intervals.width * series.size
        else series.nowcast * exp(intervals.width)
    end as high_usd,
    coalesce(intervals.interval_years, 0) as interval_years,
    series.seasonal_naive as seasonal_naive_usd,
    series.ytd_growth as ytd_growth_usd,
    series.airline as airline_usd,
    series.actual as actual_usd,
    100 * (series.nowcast - series.actual) / series.scale as error_pct,
    100 * (series.seasonal_naive - series.actual) / series.scale as seasonal_naive_error_pct,
    100 * (series.ytd_growth - series.actual) / series.scale as ytd_growth_error_pct,
    100 * (series.airline - series.actual) / series.scale as airline_error_pct,
    series.actual between low_usd and high_usd as is_hit,
    'today' as basis,
    list_sort(list_distinct(series.snapshots)) as snapshot_ids
from series
left join intervals using (reporter_code, partner_code, series, year, origin_month)
