/*
what: >-
  Korea's trade with China in its largest subheadings of the Harmonized System, as sent to UN Comtrade. They cover 34
  to 45 per cent of exports and a few per cent of imports, so their sum is neither a total nor a basis for shares.
template: goods
*/
select
    'comtrade' as source,
    'goods_annual_hs6_selected' as dataset,
    'comtrade' as reporter_scheme,
    reporter_code as reporter_label,
    'comtrade' as partner_scheme,
    partner_code as partner_label,
    case flow_code when 'X' then 'export' when 'M' then 'import' end as flow,
    'A' as frequency,
    make_date(cast(year as integer), 1, 1) as period_start,
    case
        when period_start >= make_date(2022, 1, 1) then 'HS2022'
        when period_start >= make_date(2017, 1, 1) then 'HS2017'
        else 'HS2012'
    end as classification,
    product_code,
    cast(value_usd as double) as value_usd,
    cast(null as double) as net_weight_kg,
    'selected' as coverage,
    snapshot_id,
    row_number
from raw.comtrade__goods_annual_hs6_selected
