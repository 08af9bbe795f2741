/*
number: 25
question: How does the last month compare with the month before, adjusted for seasonal and working-day effects?
name: adjusted_month
arises: held
read: >-
  One row a month for thirteen months, latest first: exports and imports as reported, and adjusted for the season,
  working days and moving holidays. Two more columns give the change of the adjusted figure from the month before, and
  the change per working day from the same month of the year before, as Korea's trade ministry reports it.
limits: >-
  Adjusted months are estimates, and the latest ones change most when a month is added. Months that are adjusted with
  the method STL keep the effect of working days.
parameters:
  reporter: KOR | The economy whose statistics are used (ISO 3166 alpha-3).
  partner: CHN | The economy it trades with (ISO 3166 alpha-3).
columns:
- period_start (month), exports_usd, imports_usd
- exports_adjusted_usd: US$ | Exports without season, working days and holidays.
- imports_adjusted_usd: US$ | Imports without season, working days and holidays.
- exports_adjusted_change_pct: percent | Change of the adjusted exports over the month before.
- imports_adjusted_change_pct: percent | Change of the adjusted imports over the month before.
- exports_per_day_yoy_pct: percent | Change of exports per working day over the same month of the year before.
- imports_per_day_yoy_pct: percent | Change of imports per working day over the same month of the year before.
- working_days: days | The reporter's working days in the month.
- method: code | X-13 or STL.
- is_answered: true/false | The month is adjusted.
- snapshot_ids
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code
)

select
    months.period_start,
    months.exports_usd,
    months.imports_usd,
    months.exports_adjusted_usd,
    months.imports_adjusted_usd,
    months.exports_adjusted_change_pct,
    months.imports_adjusted_change_pct,
    months.exports_per_day_yoy_pct,
    months.imports_per_day_yoy_pct,
    months.working_days,
    months.exports_method as method,
    months.period_start is not null as is_answered,
    case when months.period_start is null then 'too_few_months' end as missing_code,
    case
        when missing_code is not null
            then [concat('goods/M/', asked.reporter_code, '/export+import/', asked.partner_code, '/TOTAL')]
    end as missing_series,
    cast(null as varchar[]) as missing_periods,
    months.snapshot_ids
from asked
left join marts.trade_balance_monthly_adjusted as months
    on
        asked.reporter_code = months.reporter_code
        and asked.partner_code = months.partner_code
        and months.exports_adjusted_usd is not null
        and months.imports_adjusted_usd is not null
order by months.period_start desc
limit 13

/*
{% macro moved(exports, imports, than) %}
    {{- "rose" if exports > 0 else "fell" }} by {{ exports | abs | percent }} from {{ than }} and its imports
    {%- if (exports > 0) != (imports > 0) %} {{ "rose" if imports > 0 else "fell" }}{% endif %} by
    {{ imports | abs | percent }}
{%- endmacro %}
{% set last = held[0] %}
{% set month, year = last.period_start.month | month, last.period_start.year %}
in {{ month }} {{ year }} {{ reporter | possessive }} exports to {{ partner }}
{{ moved(last.exports_adjusted_change_pct, last.imports_adjusted_change_pct, "the month before") }},
{{ "adjusted for seasonal and working-day effects" if last.method == "X-13" else "seasonally adjusted" }};
{% if last.exports_per_day_yoy_pct is not none %}
    per working day, its exports in {{ month }} {{ year }}
    {{ moved(last.exports_per_day_yoy_pct, last.imports_per_day_yoy_pct, month ~ " " ~ (year - 1)) }};
{% endif %}
*/
