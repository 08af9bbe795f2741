/*
what: >-
  The average price of a US dollar in a month, as known now. The Federal Reserve's rate is used first, and the Bank of
  Korea's where there is none, because the two are fixed at different hours and are 0.1 to 0.4% apart. The Bank of Korea
  quotes the yuan and the Hong Kong dollar in won: its rate for a US dollar is the quotient of two averages.
grain: [currency_code, period_start]
figures: [exchange_rate]
columns:
- currency_code, period_start (month), period_end (month), exchange_rate
- rate_type: code | average; of the daily rates of the month.
- source, dataset
- snapshot_id: code | The snapshot that first showed the rate; for a quotient, the later one.
- known_from (of the rate)
*/
with quotes as (
    select
        *,
        'USD' as base_currency_code
    from staging.frb__exchange_rates_monthly
    union all by name
    select *
    from staging.bok__exchange_rates_monthly
),

readings as (
    select
        quotes.* exclude (series_code, snapshot_id, row_number),
        min(snapshots.known_from) as known_from,
        max(snapshots.known_from) as last_read,
        max(snapshots.retrieved_at) as last_retrieved,
        arg_min(quotes.snapshot_id, snapshots.known_from) as snapshot_id
    from quotes
    inner join reference.snapshots as snapshots using (snapshot_id)
    group by all
),

-- Use the newest reading of each publisher.
newest as (
    select *
    from readings
    qualify
        row_number() over (
            partition by source, base_currency_code, currency_code, period_start
            order by last_read desc, last_retrieved desc, exchange_rate asc
        ) = 1
),

rates as (
    select *
    from newest
    where base_currency_code = 'USD'
    union all by name
    select
        priced.base_currency_code as currency_code,
        priced.period_start,
        priced.period_end,
        dollars.exchange_rate / nullif(priced.exchange_rate, 0) as exchange_rate,
        priced.source,
        priced.dataset,
        case when dollars.known_from > priced.known_from then dollars.snapshot_id else priced.snapshot_id end
            as snapshot_id,
        greatest(priced.known_from, dollars.known_from) as known_from
    from newest as priced
    inner join newest as dollars using (source, currency_code, period_start)
    where priced.base_currency_code != 'USD' and dollars.base_currency_code = 'USD'
)

select
    *,
    'average' as rate_type
from rates
where exchange_rate is not null
qualify row_number() over (partition by currency_code, period_start order by source = 'frb' desc, source asc) = 1
