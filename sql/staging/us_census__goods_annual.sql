/*
what: >-
  US exports f.a.s. and general imports at customs value by partner and year, as the Census Bureau's country pages stood
  on several days; the source counts in millions of US$. A year that was open on the day of a print is a year to date,
  and not here.
template: goods
*/
select
    'us_census' as source,
    'goods_annual' as dataset,
    'iso3' as reporter_scheme,
    'USA' as reporter_label,
    'iso3' as partner_scheme,
    partner_code as partner_label,
    both_flows.flow,
    'A' as frequency,
    make_date(cast(year as integer), 1, 1) as period_start,
    'TOTAL' as classification,
    'TOTAL' as product_code,
    round(cast(case flow when 'export' then exports_musd else imports_musd end as double) * 1e6, 0) as value_usd,
    cast(null as double) as net_weight_kg,
    'complete' as coverage,
    snapshot_id,
    row_number
from raw.us_census__goods_annual
cross join (values ('export'), ('import')) as both_flows (flow)
where through_month >= year || '-12'
