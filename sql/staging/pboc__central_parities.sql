/*
what: >-
  The central parity of the yuan by which China's customs converts the trade of a month: that of the third Wednesday of
  the month before, or of the fourth where the third is a holiday.
grain: [currency_code, period_start, snapshot_id]
columns:
- source, dataset, currency_code, period_start (month of trade), period_end (month of trade), rate_date (of the rate)
- rule: code | third_wednesday or fourth_wednesday, of the month before.
- exchange_rate, snapshot_id, row_number
*/
select
    * exclude (rate_date),
    'pboc' as source,
    'central_parities' as dataset,
    'CNY' as currency_code,
    cast(trade_month || '-01' as date) as period_start,
    last_day(cast(trade_month || '-01' as date)) as period_end,
    cast(rate_date as date) as rate_date,
    cast(cny_per_usd as double) as exchange_rate
from raw.pboc__central_parities
