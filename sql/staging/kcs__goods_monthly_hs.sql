/*
what: >-
  Korea's exports and imports of Harmonized System headings and subheadings with a partner by month, with weight, as
  Korea Customs publishes them. Only selected ones are available, so their sum is not a total.
template: goods
sliced_by: period_start = try_cast(month || '-01' as date)
*/
select
    'kcs' as source,
    'goods_monthly_hs' as dataset,
    'iso3' as reporter_scheme,
    'KOR' as reporter_label,
    'iso2' as partner_scheme,
    partner_iso2 as partner_label,
    both_flows.flow,
    'M' as frequency,
    cast(month || '-01' as date) as period_start,
    case
        when period_start >= make_date(2022, 1, 1) then 'HS2022'
        when period_start >= make_date(2017, 1, 1) then 'HS2017'
        when period_start >= make_date(2012, 1, 1) then 'HS2012'
        when period_start >= make_date(2007, 1, 1) then 'HS2007'
        when period_start >= make_date(2002, 1, 1) then 'HS2002'
        else 'HS1996'
    end as classification,
    hs_code as product_code,
    cast(case flow when 'export' then exports_usd else imports_usd end as double) as value_usd,
    cast(case flow when 'export' then exports_kg else imports_kg end as double) as net_weight_kg,
    'selected' as coverage,
    snapshot_id,
    row_number
from raw.kcs__goods_monthly_hs
cross join (values ('export'), ('import')) as both_flows (flow)
-- In a copy without imports they are unknown, not withdrawn; a row without exports was withdrawn.
where flow = 'export' or imports_usd is not null or exports_usd is null
