/*
what: >-
  China's exports of graphite, gallium and germanium by subheading of the Harmonized System, partner and month, as sent
  to UN Comtrade, for the partners that the copy has. Weights of 2017 are left out: they are the values over one unit
  value for all partners.
template: goods
*/
select
    'comtrade' as source,
    'goods_monthly_hs6_selected' as dataset,
    'comtrade' as reporter_scheme,
    reporter_code as reporter_label,
    'comtrade' as partner_scheme,
    partner_code as partner_label,
    case flow_code when 'X' then 'export' when 'M' then 'import' end as flow,
    'M' as frequency,
    cast(concat(month, '-01') as date) as period_start,
    case when period_start >= make_date(2022, 1, 1) then 'HS2022' else 'HS2017' end as classification,
    product_code,
    cast(value_usd as double) as value_usd,
    -- A weight of 0 means no weight; a weight computed from the value says nothing about the price.
    case
        when month >= '2018-01' and cast(net_weight_kg as double) > 0 then cast(net_weight_kg as double)
    end as net_weight_kg,
    'selected' as coverage,
    snapshot_id,
    row_number
from raw.comtrade__goods_monthly_hs6_selected
