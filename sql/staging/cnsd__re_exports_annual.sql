/*
what: >-
  Goods that Hong Kong re-exports, by where they were made and where they were sent, as its statistics department counts
  them; the source counts in thousands of HK$.
grain: [origin_code, destination_code, year, snapshot_id]
columns:
- source, dataset
- entrepot_code: code | HKG, which sends them on (ISO 3166 alpha-3).
- origin_code, destination_code, year (calendar)
- currency_code: code | HKD, the currency of the value (ISO 4217).
- published_value: own unit | The value FOB Hong Kong, HK$; null if it was withdrawn.
- snapshot_id, row_number
*/
select
    'cnsd' as source,
    're_exports_annual' as dataset,
    'HKG' as entrepot_code,
    origins.economy_code as origin_code,
    destinations.economy_code as destination_code,
    cast(passed.year as integer) as year,
    'HKD' as currency_code,
    round(cast(passed.value_khkd as double) * 1e3, 0) as published_value,
    passed.snapshot_id,
    passed.row_number
from raw.cnsd__re_exports_annual as passed
left join staging.economy_codes as origins
    on origins.scheme = 'iso2' and passed.origin_iso2 = origins.code
left join staging.economy_codes as destinations
    on destinations.scheme = 'iso2' and passed.destination_iso2 = destinations.code
