/*
what: >-
  The quality of the seasonal adjustment of a reporter's months with a partner, by flow: the method and its model, the
  quality measures of X-13ARIMA-SEATS, tests for remaining effects of weekdays, working days and holidays, the largest
  revision of earlier months by the last one, and the distance from STL, a second method.
subject: balance
grain: [reporter_code, partner_code, flow]
required: [method, parameters, status]
example: |-
  select flow, method, m7, trading_days_p, working_days_t, new_year_t, chuseok_t, largest_revision_pct
  from marts.seasonal_diagnostics
  where reporter_code = 'KOR' and partner_code = 'CHN'
columns:
- reporter_code, partner_code, flow
- method: code | X-13 for a series with a stored model, otherwise STL.
- parameters: text | The X-13 model (orders, groups of regressors, outliers), or the parameters of STL.
- status: code | adjusted, weak_season (M7 above 1, withheld), too_few_years or not_among_largest.
- month_count: count | The number of months that were adjusted.
- span_start: date | The first month that was adjusted.
- span_end: date | The last month that was adjusted.
- m7: ratio | X-13's measure of how clearly the season differs from noise; above 1 the series is withheld.
- q: ratio | The overall measure of quality of X-13; above 1 is poor.
- trading_days_p: >-
    ratio | The p-value of the joint F test of weekdays in the adjusted months; up to 0.05, such an effect remains.
- working_days_t: ratio | The t value of the reporter's working days in the adjusted months.
- new_year_t: ratio | The t value of Lunar New Year in the adjusted months.
- chuseok_t: ratio | The t value of Chuseok in the adjusted months.
- is_calendar_left: >-
    true/false | One of the tests finds something: p up to 0.05, or a t value of 2 or more (2.6 for a holiday).
- largest_revision_pct: percent | The largest revision of the last 36 months when the last month was added.
- stl_gap_median_pct: percent | The median distance of STL from the adjusted months.
- stl_gap_largest_pct: percent | The largest distance of STL from the adjusted months.
*/
with gaps as (
    select
        *,
        100 * abs(stl_usd / adjusted_usd - 1) as gap_pct
    from analysis.seasonally_adjusted
),

months as (
    select
        *,
        row_number() over (partition by reporter_code, partner_code, flow order by gap_pct asc nulls last) as place,
        count(gap_pct) over (partition by reporter_code, partner_code, flow) as gap_count
    from gaps
),

series as (
    select
        reporter_code,
        partner_code,
        flow,
        max(method) as method,
        max(parameters) as parameters,
        coalesce(
            max(status) filter (where status in ('adjusted', 'weak_season')),
            max(status) filter (where period_start is null)
        ) as status,
        count(stl_usd) as month_count,
        max(span_start) as span_start,
        max(span_end) as span_end,
        max(m7) as m7,
        max(q) as q,
        max(trading_days_p) as trading_days_p,
        max(working_days_t) as working_days_t,
        max(new_year_t) as new_year_t,
        max(chuseok_t) as chuseok_t,
        max(largest_revision_pct) as largest_revision_pct,
        avg(gap_pct) filter (where 2 * place between gap_count and gap_count + 2) as stl_gap_median_pct,
        max(gap_pct) as stl_gap_largest_pct
    from months
    group by all
)

select
    *,
    trading_days_p <= 0.05 or coalesce(abs(working_days_t) >= 2, false)
    or coalesce(greatest(abs(new_year_t), abs(chuseok_t)) >= 2.6, false) as is_calendar_left
from series
