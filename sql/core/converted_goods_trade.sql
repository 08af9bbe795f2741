/*
what: >-
  The months, years to date and years of a pair whose figures in core.goods_trade_monthly and core.goods_trade_annual
  are converted from the reporter's own currency into US$, with the day of the last rate and the largest expected
  distance from the figure that the source prints in US$.
grain: [period_start, period_end]
parameters: [reporter, partner]
example: |-
  select period_start, period_end, rate_date, tolerance_pct
  from core.converted_goods_trade('CHN', 'KOR')
  order by period_end desc
columns:
- period_start, period_end
- rate_date: date | The day of the rate; for a year or a year to date, that of its last month.
- tolerance_pct: percent | The largest expected distance of each flow's US$ value from the source's printed figure.
- source: code | The publisher of the figures.
*/
with chosen as (
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        'M' as frequency,
        period_start
    from core.goods_trade_monthly
    union all
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        'A' as frequency,
        period_start
    from core.goods_trade_annual
)

-- Each month and year as printed, and from February to November the year to date, which is a period of its own.
select
    case when spans.is_to_date then make_date(year(printed.period_start), 1, 1) else printed.period_start end
        as period_start,
    printed.period_end,
    max(printed.rate_date) as rate_date,
    arg_min(tolerances.tolerance_pct, tolerances.tolerance_rank) as tolerance_pct,
    min(printed.source) as source
from core.goods_trade_national_currency as printed
inner join chosen
    using (source, dataset, reporter_code, partner_code, flow, frequency, period_start)
cross join (values (false), (true)) as spans (is_to_date)
inner join core.source_tolerances as tolerances
    on
        tolerances.metric = 'conversion'
        and tolerances.reporter_code = reporter
        and tolerances.partner_code in (partner, '*')
        and printed.source = tolerances.source
        and case when spans.is_to_date then 'A' else printed.frequency end = tolerances.frequency
where
    printed.reporter_code = reporter
    and printed.partner_code = partner
    and printed.classification = 'TOTAL'
    and printed.known_to is null
    and case
        when spans.is_to_date
            then
                printed.frequency = 'M'
                and month(printed.period_start) between 2 and 11
                and printed.value_ytd_usd is not null
        else printed.value_usd is not null
    end
group by all
