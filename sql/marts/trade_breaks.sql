/*
what: >-
  Breaks in the trend of trade: exports and imports by month, seasonally adjusted, and the balance's share of trade by
  year. One row for each break, or one row that reports no break or a series too short to search. Events of the register
  near a break that affect both economies are listed with it; that does not make them its cause. docs/methods.md
  describes the method.
subject: balance
grain: [reporter_code, partner_code, series, break_number]
required: [status, method, parameters]
columns:
- reporter_code, partner_code
- series: >-
    text | exports or imports (months, adjusted) or balance_share (years, exports less imports as a share of both).
- frequency (monthly first)
- break_number: count | The break's number in its series, from 1; 0 in a row that reports no break.
- break_start: date | First day of the first month or year after the break.
- level_before: own unit | The earlier trend's level at the break; US$ a month, or per cent of trade.
- level_after: own unit | The later trend's level at the break, in the same unit.
- level_change: own unit | level_after less level_before, in the same unit.
- level_change_pct: percent | level_change as a share of level_before; null for years, whose levels are per cent.
- growth_before_pct: percent | Twelve-month growth on the trend before the break; null for years, which have levels.
- growth_after_pct: percent | Twelve-month growth on the trend after the break; null for years.
- is_turning_point: true/false | Growth changes its sign at the break; null for years.
- gain_over_price: >-
    ratio | The loss of fit without this break, in multiples of the penalty for a break; at least 1, and a larger value
    is a clearer break. It is not a probability.
- break_count: count | The number of breaks found in the series.
- event_ids: >-
    list | Events of the register with a stage within three months of the break, or of its year, separated by commas.
- status: code | found, none_found or too_short.
- reason: text | Why the series was not searched.
- span_start: date | First day of the first period searched.
- span_end: date | First day of the last period searched.
- method: code | The method.
- parameters: text | The parameters of the method.
*/
with near as (
    select
        breaks.reporter_code,
        breaks.partner_code,
        breaks.series,
        breaks.break_number,
        string_agg(distinct stages.event_id, ', ' order by stages.event_id) as event_ids
    from analysis.trade_breaks as breaks
    inner join core.policy_event_stages as stages
        on
            stages.source = 'register'
            and year(stages.event_date) * 12 + month(stages.event_date)
            between year(breaks.break_start) * 12 + month(breaks.break_start) - 3
            and year(breaks.break_start) * 12 + month(breaks.break_start)
            + case breaks.frequency when 'M' then 3 else 14 end
    inner join core.policy_event_jurisdictions as reporters using (event_id)
    inner join core.policy_event_jurisdictions as partners using (event_id)
    where
        partners.economy_code in (breaks.partner_code, 'WLD')
        and (partners.economy_code != 'WLD' or reporters.economy_code != 'WLD')
        and reporters.economy_code in (breaks.reporter_code, 'WLD')
    group by all
)

select
    breaks.*,
    sign(breaks.growth_before_pct) != sign(breaks.growth_after_pct) as is_turning_point,
    near.event_ids
from analysis.trade_breaks as breaks
left join near using (reporter_code, partner_code, series, break_number)
