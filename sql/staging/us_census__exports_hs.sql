/*
what: US exports f.a.s. by partner, chapter of the Harmonized System and month, as the Census Bureau's API gave them.
template: goods
sliced_by: period_start = try_cast(month || '-01' as date)
*/
select
    'us_census' as source,
    'exports_hs' as dataset,
    'iso3' as reporter_scheme,
    'USA' as reporter_label,
    'iso3' as partner_scheme,
    partner_code as partner_label,
    'export' as flow,
    'M' as frequency,
    cast(month || '-01' as date) as period_start,
    case when period_start >= make_date(2017, 1, 1) then 'HS2017' else 'HS2012' end as classification,
    hs_code as product_code,
    cast(value_usd as double) as value_usd,
    cast(null as double) as net_weight_kg,
    'complete' as coverage,
    snapshot_id,
    row_number
from raw.us_census__exports_hs
