/*
what: >-
  The price of a US dollar, a Hong Kong dollar and a yuan in won by month, averages of the daily basic rates, from the
  Bank of Korea's ECOS.
grain: [base_currency_code, period_start, snapshot_id]
columns:
- source, dataset
- base_currency_code: code | The currency that is priced, USD, HKD or CNY (ISO 4217).
- currency_code: code | KRW, the currency of the price (ISO 4217).
- period_start (month), period_end (month)
- exchange_rate: ratio | Won for a unit of the currency that is priced; null if it was withdrawn.
- snapshot_id, row_number
*/
select
    *,
    'bok' as source,
    'exchange_rates_monthly' as dataset,
    case item_code when '0000001' then 'USD' when '0000015' then 'HKD' when '0000053' then 'CNY' end
        as base_currency_code,
    'KRW' as currency_code,
    cast(month || '-01' as date) as period_start,
    last_day(cast(month || '-01' as date)) as period_end,
    cast(won_per_unit as double) as exchange_rate
from raw.bok__exchange_rates_monthly
