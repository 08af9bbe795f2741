/*
what: >-
  China's exports of graphite, gallium and germanium by subheading of the Harmonized System, partner and month, as sent
  to UN Comtrade, for the partners that the copy has. Weights of 2017 are left out: they are the values over one unit
  value for all partners.
grain: [reporter_code, partner_code, flow, classification, product_code, period_start, snapshot_id]
feeds: [core.goods_trade_observations]
required: [period_end, valuation, observation_status]
columns:
- source, dataset, reporter_label, partner_label, reporter_code, partner_code (or the world), flow, classification
- level, product_code, frequency, period_start, period_end, value_usd, net_weight_kg, valuation, observation_status
- coverage, snapshot_id, row_number
*/
with flows as (
    select
        reporter_code as reporter_label,
        partner_code as partner_label,
        product_code,
        case flow_code when 'X' then 'export' when 'M' then 'import' end as flow,
        cast(concat(month, '-01') as date) as period_start,
        cast(value_usd as double) as value_usd,
        -- No weight stands for none; and a weight that was reckoned from the value says nothing about the price.
        case
            when month >= '2018-01' and cast(net_weight_kg as double) > 0 then cast(net_weight_kg as double)
        end as net_weight_kg,
        snapshot_id,
        row_number
    from raw.comtrade__goods_monthly_hs6_selected
)

select
    'comtrade' as source,
    'goods_monthly_hs6_selected' as dataset,
    reporters.economy_code as reporter_code,
    partners.economy_code as partner_code,
    flows.*,
    case when flows.period_start >= make_date(2022, 1, 1) then 'HS2022' else 'HS2017' end as classification,
    cast(length(flows.product_code) as integer) as level,
    'M' as frequency,
    last_day(flows.period_start) as period_end,
    case flows.flow when 'export' then 'FOB' else 'CIF' end as valuation,
    case when flows.value_usd is null then 'M' else 'A' end as observation_status,
    'selected' as coverage
from flows
left join staging.economy_codes as reporters
    on reporters.scheme = 'comtrade' and flows.reporter_label = reporters.code
left join staging.economy_codes as partners
    on partners.scheme = 'comtrade' and flows.partner_label = partners.code
where
    reporters.exclusion_reason is null
    and partners.exclusion_reason is null
    and coalesce(reporters.economy_code != partners.economy_code, true)
