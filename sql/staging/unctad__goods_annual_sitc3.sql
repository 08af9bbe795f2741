/*
what: >-
  Exports of goods by section of SITC, revision 3, between Korea or China and every partner, from UNCTAD's matrix; the
  source counts in thousands of US$.
template: goods
*/
select
    'unctad' as source,
    'goods_annual_sitc3' as dataset,
    'unctad_name' as reporter_scheme,
    exporter_name as reporter_label,
    'unctad_name' as partner_scheme,
    importer_name as partner_label,
    'export' as flow,
    'A' as frequency,
    make_date(cast(year as integer), 1, 1) as period_start,
    case product_code when 'All' then 'TOTAL' else 'SITC3' end as classification,
    case product_code when 'All' then 'TOTAL' else product_code end as product_code,
    round(cast(exports_kusd as double) * 1e3, 0) as value_usd,
    cast(null as double) as net_weight_kg,
    'complete' as coverage,
    snapshot_id,
    row_number
from raw.unctad__goods_annual_sitc3
