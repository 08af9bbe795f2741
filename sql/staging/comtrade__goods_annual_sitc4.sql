/*
what: >-
  Goods trade by division of SITC, revision 4, as the reporter sends it to UN Comtrade; complete, so the divisions
  add up to all goods.
template: goods
*/
select
    'comtrade' as source,
    'goods_annual_sitc4' as dataset,
    'comtrade' as reporter_scheme,
    reporter_code as reporter_label,
    'comtrade' as partner_scheme,
    partner_code as partner_label,
    case flow_code when 'X' then 'export' when 'M' then 'import' end as flow,
    'A' as frequency,
    make_date(cast(year as integer), 1, 1) as period_start,
    'SITC4' as classification,
    product_code,
    cast(value_usd as double) as value_usd,
    cast(null as double) as net_weight_kg,
    'complete' as coverage,
    snapshot_id,
    row_number
from raw.comtrade__goods_annual_sitc4
