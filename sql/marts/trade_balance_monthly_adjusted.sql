/*
what: >-
  A reporter's goods trade with a partner by month, adjusted for season, working days and moving holidays so that
  consecutive months can be compared. Pairs with a stored model are adjusted by X-13ARIMA-SEATS, the others by STL,
  which does not take out working days. The longest stretch without a gap, of at least five years, is adjusted; the
  other months are listed with the reason why they are not. An adjusted year does not add up exactly to the reported
  year, and adjusted figures change a little when months are added. marts.seasonal_diagnostics has the tests,
  docs/methods.md the method.
subject: balance
grain: [reporter_code, partner_code, period_start]
required: [is_joint_month, method, parameters]
columns:
- reporter_code, partner_code, period_start (month), exports_usd, imports_usd, balance_usd
- exports_adjusted_usd: >-
    US$ | Exports without season, working days and holidays; for China's January and February, half of their sum,
    because China releases them together.
- imports_adjusted_usd: US$ | Imports without season, working days and holidays, with the same rule.
- balance_adjusted_usd: US$ | Adjusted exports less adjusted imports; null unless both are known.
- exports_adjusted_change_pct: percent | Change of the adjusted exports over the month before.
- imports_adjusted_change_pct: percent | Change of the adjusted imports over the month before.
- exports_trend_usd: US$ | The trend of exports, without irregular movements.
- imports_trend_usd: US$ | The trend of imports, without irregular movements.
- exports_seasonal_pct: percent | The effect of the season on this month's exports.
- imports_seasonal_pct: percent | The effect of the season on this month's imports.
- exports_holiday_pct: percent | The effect of Lunar New Year, and with X-13 of Chuseok, on this month's exports.
- imports_holiday_pct: percent | The effect of Lunar New Year, and with X-13 of Chuseok, on this month's imports.
- exports_working_days_pct: percent | The effect of working days on this month's exports; 0 with STL.
- imports_working_days_pct: percent | The effect of working days on this month's imports; 0 with STL.
- exports_stl_usd: US$ | Exports adjusted by STL, the second opinion.
- imports_stl_usd: US$ | Imports adjusted by STL, the second opinion.
- working_days: days | The reporter's working days in the month; null where its holidays are not available.
- exports_per_day_yoy_pct: >-
    percent | Change of exports per working day over the same month of the year before, as Korea's ministry of trade
    prints it.
- imports_per_day_yoy_pct: percent | Change of imports per working day over the same month of the year before.
- exports_holiday: >-
    code | Moving holidays in exports: removed, not_seen (the figures show no effect) or not_kept (neither economy
    celebrates Lunar New Year).
- imports_holiday: code | Moving holidays in imports, with the same codes.
- exports_status: >-
    code | adjusted, weak_season (M7 above 1, withheld), too_few_years (under five without a gap), outside_span (beyond
    a gap), not_positive (no logarithm) or not_among_largest (of the 5,000 series that are adjusted).
- imports_status: code | The status of imports, with the same codes.
- exports_span_start: date | First month of the stretch of exports that was adjusted.
- exports_span_end: date | Last month of the stretch of exports that was adjusted.
- imports_span_start: date | First month of the stretch of imports that was adjusted.
- imports_span_end: date | Last month of the stretch of imports that was adjusted.
- is_joint_month: true/false | The month was adjusted together with others released with it (core.joint_months).
- exports_method: code | X-13 or STL.
- imports_method: code | X-13 or STL.
- method: code | The method of exports, or else of imports.
- parameters: text | The parameters of that method.
- exports_source, imports_source
- snapshot_ids: >-
    list | The snapshots that the figures depend on; for an adjusted month those of the whole series, from which each of
    its figures is computed.
*/
with adjusted as (
    select
        reporter_code,
        partner_code,
        period_start,
        max(adjusted_usd) filter (where flow = 'export') as exports_adjusted_usd,
        max(adjusted_usd) filter (where flow = 'import') as imports_adjusted_usd,
        max(trend_usd) filter (where flow = 'export') as exports_trend_usd,
        max(trend_usd) filter (where flow = 'import') as imports_trend_usd,
        max(seasonal_pct) filter (where flow = 'export') as exports_seasonal_pct,
        max(seasonal_pct) filter (where flow = 'import') as imports_seasonal_pct,
        max(holiday_pct) filter (where flow = 'export') as exports_holiday_pct,
        max(holiday_pct) filter (where flow = 'import') as imports_holiday_pct,
        max(working_days_pct) filter (where flow = 'export') as exports_working_days_pct,
        max(stl_usd) filter (where flow = 'export') as exports_stl_usd,
        max(method) filter (where flow = 'export') as exports_method,
        max(holiday) filter (where flow = 'export') as exports_holiday,
        max(working_days_pct) filter (where flow = 'import') as imports_working_days_pct,
        max(stl_usd) filter (where flow = 'import') as imports_stl_usd,
        max(method) filter (where flow = 'import') as imports_method,
        max(holiday) filter (where flow = 'import') as imports_holiday,
        max(status) filter (where flow = 'export') as exports_status,
        max(status) filter (where flow = 'import') as imports_status,
        max(span_start) filter (where flow = 'export') as exports_span_start,
        max(span_end) filter (where flow = 'export') as exports_span_end,
        max(span_start) filter (where flow = 'import') as imports_span_start,
        max(span_end) filter (where flow = 'import') as imports_span_end,
        bool_or(is_joint_month) as is_joint_month,
        min_by(parameters, flow) as parameters
    from analysis.seasonally_adjusted
    where period_start is not null
    group by all
),

-- A series that is not adjusted has one row, without a month.
unadjusted as (
    select
        reporter_code,
        partner_code,
        max(status) filter (where flow = 'export') as exports_status,
        max(status) filter (where flow = 'import') as imports_status,
        max(method) filter (where flow = 'export') as exports_method,
        max(method) filter (where flow = 'import') as imports_method,
        bool_or(is_joint_month) as is_joint_month,
        min_by(parameters, flow) as parameters
    from analysis.seasonally_adjusted
    where period_start is null
    group by all
),

series as (
    select
        reporter_code,
        partner_code,
        list_sort(list_distinct(flatten(array_agg(snapshot_ids)))) as snapshot_ids
    from marts.trade_balance_monthly
    group by all
)

select
    months.* exclude (snapshot_ids),
    adjusted.* exclude (
        reporter_code, partner_code, period_start, exports_status, imports_status, is_joint_month, exports_method,
        imports_method, parameters
    ),
    days.working_days,
    100 * ((1 + months.exports_yoy_pct / 100) * days_before.working_days / days.working_days - 1)
        as exports_per_day_yoy_pct,
    100 * ((1 + months.imports_yoy_pct / 100) * days_before.working_days / days.working_days - 1)
        as imports_per_day_yoy_pct,
    adjusted.exports_adjusted_usd - adjusted.imports_adjusted_usd as balance_adjusted_usd,
    -- The adjusted months have no gap.
    100 * (adjusted.exports_adjusted_usd / lag(adjusted.exports_adjusted_usd) over by_month - 1)
        as exports_adjusted_change_pct,
    100 * (adjusted.imports_adjusted_usd / lag(adjusted.imports_adjusted_usd) over by_month - 1)
        as imports_adjusted_change_pct,
    case
        when months.exports_usd is null or adjusted.exports_status is not null then adjusted.exports_status
        when months.exports_usd <= 0 then 'not_positive'
        else unadjusted.exports_status
    end as exports_status,
    case
        when months.imports_usd is null or adjusted.imports_status is not null then adjusted.imports_status
        when months.imports_usd <= 0 then 'not_positive'
        else unadjusted.imports_status
    end as imports_status,
    coalesce(
        adjusted.is_joint_month, unadjusted.is_joint_month and month(months.period_start) <= 2, false
    ) as is_joint_month,
    case when months.exports_usd is not null then coalesce(adjusted.exports_method, unadjusted.exports_method) end
        as exports_method,
    case when months.imports_usd is not null then coalesce(adjusted.imports_method, unadjusted.imports_method) end
        as imports_method,
    coalesce(
        adjusted.exports_method, unadjusted.exports_method, adjusted.imports_method, unadjusted.imports_method
    ) as method,
    coalesce(adjusted.parameters, unadjusted.parameters) as parameters,
    case
        when adjusted.exports_adjusted_usd is not null or adjusted.imports_adjusted_usd is not null
            then series.snapshot_ids
        else months.snapshot_ids
    end as snapshot_ids
from marts.trade_balance_monthly as months
left join adjusted using (reporter_code, partner_code, period_start)
left join unadjusted using (reporter_code, partner_code)
left join series using (reporter_code, partner_code)
left join core.working_days as days
    on months.reporter_code = days.economy_code and months.period_start = days.period_start
left join core.working_days as days_before
    on
        months.reporter_code = days_before.economy_code
        and months.period_start = days_before.period_start + interval 1 year
window by_month as (
    partition by months.reporter_code, months.partner_code order by months.period_start
)
