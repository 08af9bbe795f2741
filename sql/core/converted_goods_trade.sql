/*
what: >-
  The months, years to date and years of a pair whose figures in core.goods_trade_monthly and core.goods_trade_annual
  are converted from the reporter's own currency into US$, with the day of the last rate and how far the US$ may be from
  what the source prints in US$.
grain: [period_start, period_end]
parameters: [reporter, partner]
example: |-
  select period_start, period_end, rate_date, tolerance_pct
  from core.converted_goods_trade('CHN', 'KOR')
  order by period_end desc
columns:
- period_start, period_end
- rate_date: date | The day of the rate; of a year or a year to date, that of its last month.
- tolerance_pct: percent | How far the US$ may be from what the source prints, of each flow.
- source: code | The publisher of the figures.
*/
with periods as (
    select
        printed.source,
        printed.period_start,
        printed.period_end,
        printed.rate_date,
        'M' as frequency
    from core.goods_trade_national_currency as printed
    inner join core.goods_trade_monthly
        using (source, dataset, reporter_code, partner_code, flow, period_start)
    where
        printed.frequency = 'M' and printed.known_to is null and printed.value_usd is not null
        and printed.reporter_code = reporter and printed.partner_code = partner
    union all
    select
        printed.source,
        make_date(year(printed.period_start), 1, 1) as period_start,
        printed.period_end,
        printed.rate_date,
        'A' as frequency
    from core.goods_trade_national_currency as printed
    inner join core.goods_trade_monthly
        using (source, dataset, reporter_code, partner_code, flow, period_start)
    where
        printed.frequency = 'M' and printed.known_to is null and printed.value_ytd_usd is not null
        and month(printed.period_start) between 2 and 11
        and printed.reporter_code = reporter and printed.partner_code = partner
    union all
    select
        printed.source,
        printed.period_start,
        printed.period_end,
        printed.rate_date,
        'A' as frequency
    from core.goods_trade_national_currency as printed
    inner join core.goods_trade_annual
        using (source, dataset, reporter_code, partner_code, flow, period_start)
    where
        printed.frequency = 'A' and printed.known_to is null and printed.value_usd is not null
        and printed.reporter_code = reporter and printed.partner_code = partner
)

select
    periods.period_start,
    periods.period_end,
    max(periods.rate_date) as rate_date,
    arg_min(tolerances.tolerance_pct, tolerances.tolerance_rank) as tolerance_pct,
    min(periods.source) as source
from periods
inner join core.source_tolerances as tolerances
    on
        tolerances.metric = 'conversion'
        and tolerances.reporter_code = reporter
        and tolerances.partner_code in (partner, '*')
        and periods.source = tolerances.source
        and periods.frequency = tolerances.frequency
group by periods.period_start, periods.period_end
