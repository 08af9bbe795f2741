/*
what: >-
  Forecasts under seal, as publications made them, and their outcomes: each entry of the ledger, a chain of hashes that
  no later build can change, and the latest forecasts of this publication, which it seals. An entry is scored when its
  year has closed. If the ledger was altered, the only row names the entry, and no forecast is published.
subject: balance
grain: [entry]
required: [status]
example: |-
  select series, year, origin_month, nowcast_usd, low_usd, high_usd, actual_usd, error_pct, is_hit, status
  from marts.sealed_forecasts
  where reporter_code = 'KOR' and partner_code = 'CHN'
  order by entry
columns:
- entry: count | The number of the entry in the ledger; 0 if the ledger was altered.
- status: code | open, scored once the year has closed, or altered.
- reason: text | How the ledger was altered; null if it is whole.
- reporter_code, partner_code
- series (of a forecast)
- year: year | The forecast year.
- origin_month: count | The last month that the forecast uses.
- year_to_date_usd: US$ | The sum of January to the origin month.
- nowcast_usd: US$ | The forecast of the year, in whole dollars.
- low_usd: US$ | Lower end of the 80% interval.
- high_usd: US$ | Upper end of the 80% interval.
- seasonal_naive_usd: US$ | The year to date, and the remaining months of the year before.
- ytd_growth_usd: US$ | The year before, times the growth of the year to date.
- airline_usd: US$ | The year to date, and the airline model's forecast of the rest.
- actual_usd: US$ | The outcome, twelve months added up; null while the year is open.
- error_pct: >-
    percent | The forecast less the outcome, as a share of the outcome; of the balance as a share of the sum of exports
    and imports.
- is_hit: true/false | The outcome lies in the interval.
*/
with latest as (
    select
        reporter_code,
        partner_code,
        series,
        year,
        origin_month,
        round(year_to_date_usd) as year_to_date_usd,
        round(nowcast_usd) as nowcast_usd,
        round(low_usd) as low_usd,
        round(high_usd) as high_usd,
        round(seasonal_naive_usd) as seasonal_naive_usd,
        round(ytd_growth_usd) as ytd_growth_usd,
        round(airline_usd) as airline_usd
    from marts.year_nowcasts
    where is_open
    qualify
        row_number() over (partition by reporter_code, partner_code, series order by year desc, origin_month desc) = 1
),

forecasts as (
    select * from analysis.sealed_forecasts
    union all by name
    select
        (select count(*) from analysis.sealed_forecasts)
        + row_number() over (order by latest.reporter_code, latest.partner_code, latest.series) as entry,
        'sealed' as ledger_status,
        latest.*
    from latest
    -- The same forecast is sealed once; revised figures make another one.
    anti join analysis.sealed_forecasts as sealed
        on
            latest.reporter_code = sealed.reporter_code and latest.partner_code = sealed.partner_code
            and latest.series = sealed.series and latest.year = sealed.year
            and latest.origin_month = sealed.origin_month
            and latest.year_to_date_usd = sealed.year_to_date_usd and latest.nowcast_usd = sealed.nowcast_usd
),

years as (
    select
        reporter_code,
        partner_code,
        year(period_start) as year,
        sum(value_usd) filter (where flow = 'export') as exports,
        sum(value_usd) filter (where flow = 'import') as imports,
        count(*) filter (where flow = 'export') = 12 as has_exports,
        count(*) filter (where flow = 'import') = 12 as has_imports
    from core.goods_trade_monthly
    group by all
),

outcomes as (
    select
        reporter_code,
        partner_code,
        'exports' as series,
        year,
        exports as actual_usd,
        exports as scale
    from years
    where has_exports
    union all by name
    select
        reporter_code,
        partner_code,
        'imports' as series,
        year,
        imports as actual_usd,
        imports as scale
    from years
    where has_imports
    union all by name
    select
        reporter_code,
        partner_code,
        'balance' as series,
        year,
        exports - imports as actual_usd,
        exports + imports as scale
    from years
    where has_exports and has_imports
)

select
    forecasts.* exclude (ledger_status),
    case
        when forecasts.ledger_status = 'altered' then 'altered'
        when outcomes.actual_usd is null then 'open'
        else 'scored'
    end as status,
    outcomes.actual_usd,
    100 * (forecasts.nowcast_usd - outcomes.actual_usd) / outcomes.scale as error_pct,
    outcomes.actual_usd between forecasts.low_usd and forecasts.high_usd as is_hit
from forecasts
left join outcomes using (reporter_code, partner_code, series, year)
