/*
what: >-
  Korea's exports and imports of Harmonized System headings and subheadings with a partner by month, with weight, as
  Korea Customs publishes them. Only selected ones are held, so their sum is no total.
grain: [reporter_code, partner_code, flow, classification, product_code, period_start, snapshot_id]
required: [period_end, valuation, observation_status]
sliced_by: period_start = try_cast(month || '-01' as date)
feeds: [core.goods_trade_observations]
columns:
- source, dataset, reporter_label, partner_label, reporter_code, partner_code (or the world), flow, classification
- level, product_code, frequency, period_start, period_end, value_usd, net_weight_kg, valuation, observation_status
- coverage, snapshot_id, row_number
*/
with flows as (
    select
        partner_iso2 as partner_label,
        hs_code as product_code,
        both_flows.flow,
        cast(month || '-01' as date) as period_start,
        cast(case flow when 'export' then exports_usd else imports_usd end as double) as value_usd,
        cast(case flow when 'export' then exports_kg else imports_kg end as double) as net_weight_kg,
        snapshot_id,
        row_number
    from raw.kcs__goods_monthly_hs
    cross join (values ('export'), ('import')) as both_flows (flow)
    -- A copy without imports says nothing of them, not that they are missing; a row without exports was withdrawn.
    where flow = 'export' or imports_usd is not null or exports_usd is null
)

select
    'kcs' as source,
    'goods_monthly_hs' as dataset,
    'KOR' as reporter_label,
    'KOR' as reporter_code,
    partners.economy_code as partner_code,
    flows.*,
    case
        when flows.period_start >= make_date(2022, 1, 1) then 'HS2022'
        when flows.period_start >= make_date(2017, 1, 1) then 'HS2017'
        when flows.period_start >= make_date(2012, 1, 1) then 'HS2012'
        when flows.period_start >= make_date(2007, 1, 1) then 'HS2007'
        when flows.period_start >= make_date(2002, 1, 1) then 'HS2002'
        else 'HS1996'
    end as classification,
    cast(length(flows.product_code) as integer) as level,
    'M' as frequency,
    last_day(flows.period_start) as period_end,
    case flows.flow when 'export' then 'FOB' else 'CIF' end as valuation,
    case when flows.value_usd is null then 'M' else 'A' end as observation_status,
    'selected' as coverage
from flows
left join staging.economy_codes as partners
    on partners.scheme = 'iso2' and flows.partner_label = partners.code
where
    partners.exclusion_reason is null
    and partners.economy_code is distinct from 'KOR'
