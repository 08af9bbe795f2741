/*
what: >-
  What a US dollar costs in a month, as known now: the average of the month.
grain: [currency_code, period_start]
figures: [exchange_rate]
columns:
  currency_code: code | The currency (ISO 4217).
  period_start: date | First day of the month.
  period_end: date | Last day of the month.
  exchange_rate: ratio | Units of the currency for a US dollar.
  rate_type: code | average; of the daily rates of the month.
  source: code | The publisher.
  dataset: code | The publisher's dataset.
  snapshot_id: code | The snapshot that showed the rate first.
  known_from: date | The day from which the rate counts as known.
*/
with readings as (
    select
        rates.currency_code,
        rates.period_start,
        rates.period_end,
        rates.exchange_rate,
        rates.source,
        rates.dataset,
        min(snapshots.known_from) as known_from,
        max(snapshots.known_from) as last_read,
        max(snapshots.retrieved_at) as last_retrieved,
        arg_min(rates.snapshot_id, snapshots.known_from) as snapshot_id
    from staging.frb__exchange_rates_monthly as rates
    inner join reference.snapshots as snapshots using (snapshot_id)
    group by all
)

select
    * exclude (last_read, last_retrieved),
    'average' as rate_type
from readings
qualify
    row_number() over (
        partition by currency_code, period_start
        order by last_read desc, last_retrieved desc, exchange_rate asc
    ) = 1
