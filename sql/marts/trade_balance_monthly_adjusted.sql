/*
what: >-
  A reporter's goods trade with a partner by month without the season and without Lunar New Year: what can be compared
  from one month to the next. Adjusted is the longest stretch without a gap, of at least five years; the other months
  stand here with the reason why not. An adjusted year does not add up to the reported one exactly, and adjusted
  figures change a little when months are added. docs/methods.md has the method.
subject: balance
grain: [reporter_code, partner_code, period_start]
required: [method, parameters]
columns:
- reporter_code, partner_code, period_start (month), exports_usd, imports_usd, balance_usd
- exports_adjusted_usd: >-
    US$ | Exports without season and holiday; of China's January and February, half of both, since it releases them
    together.
- imports_adjusted_usd: US$ | Imports without season and holiday, likewise.
- balance_adjusted_usd: US$ | Adjusted exports less adjusted imports; null unless both are known.
- exports_trend_usd: US$ | The trend of exports, without what is irregular.
- imports_trend_usd: US$ | The trend of imports, without what is irregular.
- exports_seasonal_pct: percent | What the season adds to exports of this month.
- imports_seasonal_pct: percent | What the season adds to imports of this month.
- exports_holiday_pct: percent | What Lunar New Year adds to exports of this month.
- imports_holiday_pct: percent | What Lunar New Year adds to imports of this month.
- exports_holiday: >-
    code | Lunar New Year in exports: removed, not_seen (the figures do not show it) or not_kept (by no economy of the
    pair).
- imports_holiday: code | Lunar New Year in imports, likewise.
- exports_status: >-
    code | adjusted, too_few_years (under five without a gap), outside_span (beyond a gap), not_positive (no
    logarithm) or not_among_largest (of the 5,000 series that are adjusted).
- imports_status: code | The same of imports.
- exports_span_start: date | First month of the stretch of exports that was adjusted.
- exports_span_end: date | Its last month.
- imports_span_start: date | First month of the stretch of imports that was adjusted.
- imports_span_end: date | Its last month.
- is_joint_month: true/false | A month adjusted together with others that it is released with (core.joint_months).
- method (any), parameters, exports_source, imports_source
- snapshot_ids: >-
    list | The snapshots the figures rest on: of an adjusted month those of the whole series, which each of its figures
    is worked out of.
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
        max(holiday) filter (where flow = 'export') as exports_holiday,
        max(holiday) filter (where flow = 'import') as imports_holiday,
        max(status) filter (where flow = 'export') as exports_status,
        max(status) filter (where flow = 'import') as imports_status,
        max(span_start) filter (where flow = 'export') as exports_span_start,
        max(span_end) filter (where flow = 'export') as exports_span_end,
        max(span_start) filter (where flow = 'import') as imports_span_start,
        max(span_end) filter (where flow = 'import') as imports_span_end,
        bool_or(is_joint_month) as is_joint_month,
        max(method) as method,
        max(parameters) as parameters
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
        bool_or(is_joint_month) as is_joint_month,
        max(method) as method,
        max(parameters) as parameters
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
        reporter_code, partner_code, period_start, exports_status, imports_status, is_joint_month, method, parameters
    ),
    adjusted.exports_adjusted_usd - adjusted.imports_adjusted_usd as balance_adjusted_usd,
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
    coalesce(adjusted.method, unadjusted.method) as method,
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
