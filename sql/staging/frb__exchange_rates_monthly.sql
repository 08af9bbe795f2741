/*
what: >-
  The price of a US dollar by month, averages of the daily rates in the Federal Reserve's release H.10.
grain: [currency_code, period_start, snapshot_id]
columns:
- source, dataset
- series_code: code | FRED's code of the series.
- currency_code, period_start (month), period_end (month), exchange_rate, snapshot_id, row_number
*/
select
    *,
    'frb' as source,
    'exchange_rates_monthly' as dataset,
    case series_code when 'EXCHUS' then 'CNY' when 'EXKOUS' then 'KRW' end as currency_code,
    cast(month || '-01' as date) as period_start,
    last_day(cast(month || '-01' as date)) as period_end,
    cast(units_per_usd as double) as exchange_rate
from raw.frb__exchange_rates_monthly
