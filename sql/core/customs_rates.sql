/*
what: >-
  The price of a US dollar at which customs convert a month's trade published in their own currency: the rate of one
  day, not an average of the month (core.exchange_rates). A rate that a later snapshot repeats has one row; a rate that
  it changes has two rows, and the earlier row has the day on which it ended.
grain: [currency_code, period_start, known_from]
required: [rate_date, exchange_rate, source, dataset, snapshot_id]
figures: [exchange_rate]
example: |-
  select period_start, rate_date, exchange_rate
  from core.customs_rates
  where currency_code = 'CNY' and known_to is null
  order by period_start desc limit 12
columns:
- currency_code, period_start (month of trade), period_end (month of trade), rate_date (of the rate), exchange_rate
- source, dataset, snapshot_id (of the first), known_from (of the rate), known_to
*/
-- The value at the end of a day counts.
with days as (
    select
        parities.* exclude (rule, row_number),
        snapshots.known_from
    from staging.pboc__central_parities as parities
    inner join reference.snapshots as snapshots using (snapshot_id)
    qualify
        row_number() over (
            partition by parities.currency_code, parities.period_start, snapshots.known_from
            order by snapshots.retrieved_at desc, parities.snapshot_id desc
        ) = 1
),

compared as (
    select
        *,
        lag(exchange_rate) over rates as earlier_rate,
        lag(rate_date) over rates as earlier_date
    from days
    window rates as (partition by currency_code, period_start order by known_from)
)

select
    * exclude (earlier_rate, earlier_date),
    lead(known_from) over (partition by currency_code, period_start order by known_from) as known_to
from compared
where earlier_rate is distinct from exchange_rate or earlier_date is distinct from rate_date
