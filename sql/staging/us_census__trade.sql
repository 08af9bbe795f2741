/*
what: >-
  US exports f.a.s. and general imports at customs value by partner and month, of all goods and by chapter of the
  Harmonized System, as the Census Bureau's API answers; empty until a refresh fetches it. Imports for consumption are
  in staging.us_census__trade_for_consumption.
template: goods
sliced_by: period_start = try_cast(month || '-01' as date)
*/
select
    'us_census' as source,
    'trade' as dataset,
    'iso3' as reporter_scheme,
    'USA' as reporter_label,
    'us_census' as partner_scheme,
    cty_code as partner_label,
    flow,
    'M' as frequency,
    cast(month || '-01' as date) as period_start,
    case
        when commodity_code = '-' then 'TOTAL'
        when period_start >= make_date(2022, 1, 1) then 'HS2022'
        when period_start >= make_date(2017, 1, 1) then 'HS2017'
        else 'HS2012'
    end as classification,
    case commodity_code when '-' then 'TOTAL' else commodity_code end as product_code,
    cast(value_usd as double) as value_usd,
    cast(null as double) as net_weight_kg,
    'complete' as coverage,
    snapshot_id,
    row_number
from raw.us_census__trade
where commodity_level in ('-', 'HS2')
