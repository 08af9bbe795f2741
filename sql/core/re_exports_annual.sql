/*
what: >-
  Re-exports of an entrepot, by origin and destination, as known now. The goods are in the entrepot's own trade
  with both economies, and may be in their trade with each other: never add them to either. US$ values use the average
  of the year's months (core.exchange_rates). The table is empty until a refresh fetches it.
grain: [entrepot_code, origin_code, destination_code, year]
required: [currency_code, published_value, source, dataset, snapshot_id, known_from]
columns:
- entrepot_code: code | The economy that re-exports the goods (ISO 3166 alpha-3).
- origin_code, destination_code, year (calendar), currency_code
- published_value: own unit | The value FOB at the entrepot, as printed, in units of the currency.
- value_usd: US$ | The value in US$; null without the rates of twelve months.
- source, dataset, snapshot_id (of the newest), known_from (of the snapshot)
*/
with newest as (
    select
        passed.*,
        snapshots.known_from
    from staging.cnsd__re_exports_annual as passed
    inner join reference.snapshots as snapshots using (snapshot_id)
    qualify
        row_number() over (
            partition by passed.entrepot_code, passed.origin_code, passed.destination_code, passed.year
            order by snapshots.known_from desc, snapshots.retrieved_at desc, passed.snapshot_id desc
        ) = 1
),

rates as (
    select
        currency_code,
        cast(year(period_start) as integer) as year,
        avg(exchange_rate) as exchange_rate
    from core.exchange_rates
    group by currency_code, cast(year(period_start) as integer)
    having count(*) = 12
)

select
    newest.* exclude (row_number),
    round(newest.published_value / nullif(rates.exchange_rate, 0), 0) as value_usd
from newest
left join rates using (currency_code, year)
where newest.published_value is not null
