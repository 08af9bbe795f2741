/*
what: >-
  China's imports of goods from each partner by year, CIF, from the IMF.
template: goods
*/
select
    'imf' as source,
    'goods_annual_chn_imports' as dataset,
    'imf_name' as reporter_scheme,
    reporter_name as reporter_label,
    'imf_name' as partner_scheme,
    partner_name as partner_label,
    'import' as flow,
    'A' as frequency,
    make_date(cast(year as integer), 1, 1) as period_start,
    'TOTAL' as classification,
    'TOTAL' as product_code,
    cast(imports_usd as double) as value_usd,
    cast(null as double) as net_weight_kg,
    'complete' as coverage,
    snapshot_id,
    row_number
from raw.imf__goods_annual_chn_imports
