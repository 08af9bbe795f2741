/*
what: >-
  Korea's goods trade with a partner by month and end use, in customs' own classification ("by nature", five digits), as
  Korea Customs publishes it. Exports and imports have classifications of their own: a code means different goods in
  them. Each figure is in one class, so the classes of a flow add up to all goods. Exports FOB, imports CIF.
template: goods
*/
select
    'kcs' as source,
    'goods_monthly_end_use' as dataset,
    'iso3' as reporter_scheme,
    'KOR' as reporter_label,
    'iso2' as partner_scheme,
    case flow when '수출' then 'export' when '수입' then 'import' end as flow,
    'M' as frequency,
    cast(month || '-01' as date) as period_start,
    case flow when '수출' then 'KCS_ENDUSE_EXPORT' when '수입' then 'KCS_ENDUSE_IMPORT' end as classification,
    partner_iso2 as partner_label,
    end_use_code as product_code,
    cast(value_usd as double) as value_usd,
    cast(net_weight_kg as double) as net_weight_kg,
    'complete' as coverage,
    snapshot_id,
    row_number
from raw.kcs__goods_monthly_end_use
