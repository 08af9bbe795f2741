/*
what: >-
  The record of the forecasts in marts.year_nowcasts over the last fifteen closed years with a forecast, by the last
  month that they use: the mean size of the errors of the mean and of the three forecasts that it averages, and how many
  outcomes lay in the 80% interval. is_mean_worse marks the months from which the better naive forecast beat the mean.
subject: balance
grain: [reporter_code, partner_code, series, origin_month]
required: [origin_count, mape_pct, is_mean_worse, basis]
example: |-
  select series, origin_month, origin_count, mape_pct, better_naive_mape_pct, is_mean_worse, hit_count, interval_count
  from marts.nowcast_record
  where reporter_code = 'KOR' and partner_code = 'CHN'
  order by series, origin_month
columns:
- reporter_code, partner_code
- series (of a forecast)
- origin_month: count | The last month that the forecasts use, 1 to 11.
- first_year: year | The first forecast year of the record.
- last_year: year | The last forecast year of the record.
- origin_count: count | The number of forecasts, one a year.
- mape_pct: percent | The mean size of the errors; of the balance as a share of the sum of exports and imports.
- seasonal_naive_mape_pct: percent | The mean size of the errors of the seasonal naive forecast.
- ytd_growth_mape_pct: percent | The mean size of the errors of last year times growth to date.
- airline_mape_pct: percent | The mean size of the errors of the airline model.
- better_naive_mape_pct: percent | The smaller of seasonal_naive_mape_pct and ytd_growth_mape_pct.
- is_mean_worse: true/false | The mean was less accurate than the better naive forecast.
- hit_count: count | The number of outcomes in the interval.
- interval_count: count | The number of forecasts with an interval.
- basis: code | today if the forecasts rest on the figures as they are known today.
*/
with latest as (
    select
        *,
        dense_rank() over (partition by reporter_code, partner_code, series order by year desc) as place
    from marts.year_nowcasts
    where not is_open
)

select
    reporter_code,
    partner_code,
    series,
    origin_month,
    min(year) as first_year,
    max(year) as last_year,
    count(*) as origin_count,
    round(avg(abs(error_pct)), 9) as mape_pct,
    round(avg(abs(seasonal_naive_error_pct)), 9) as seasonal_naive_mape_pct,
    round(avg(abs(ytd_growth_error_pct)), 9) as ytd_growth_mape_pct,
    round(avg(abs(airline_error_pct)), 9) as airline_mape_pct,
    least(seasonal_naive_mape_pct, ytd_growth_mape_pct) as better_naive_mape_pct,
    mape_pct > better_naive_mape_pct as is_mean_worse,
    count(*) filter (where is_hit) as hit_count,
    count(is_hit) as interval_count,
    max(basis) as basis
from latest
where place <= 15
group by all
