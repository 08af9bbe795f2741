/*
what: >-
  World Development Indicators by economy, aggregate and year, every release that is here.
grain: [indicator_code, economy_code, year, snapshot_id]
columns:
  source: code | The publisher.
  dataset: code | The publisher's dataset.
  economy_code: code | The economy or aggregate (ISO 3166 alpha-3, or the World Bank's code where ISO has none).
  economy_label: text | The economy or aggregate as the source writes it.
  indicator_code: code | The World Bank's code of the indicator.
  year: year | The calendar year.
  value: own unit | The value, in the unit of the indicator (core.macro_indicators names it).
  snapshot_id: code | The snapshot that holds the row.
  row_number: count | The row's place in the snapshot, from 1.
*/
select
    'worldbank' as source,
    'wdi' as dataset,
    economies.economy_code,
    received.economy_code as economy_label,
    received.indicator_code,
    cast(received.year as integer) as year,
    cast(received.value as double) as value,
    received.snapshot_id,
    received.row_number
from raw.worldbank__wdi as received
left join staging.economy_codes as economies
    on economies.scheme = 'iso3' and received.economy_code = economies.code
where economies.exclusion_reason is null
