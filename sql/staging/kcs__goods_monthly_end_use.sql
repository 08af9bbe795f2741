/*
what: >-
  Korea's goods trade with a partner by month and end use, in customs' own classification ("by nature", five digits), as
  Korea Customs publishes it. Exports and imports have classifications of their own: a code means different goods in
  them. Each figure is in one class, so the classes of a flow add up to all goods. Exports FOB, imports CIF.
grain: [reporter_code, partner_code, flow, classification, product_code, period_start, snapshot_id]
feeds: [core.goods_trade_observations]
required: [period_end, valuation, observation_status]
columns:
- source, dataset, reporter_label, partner_label, reporter_code, partner_code (or the world), flow, classification
- level
- product_code: code | The class.
- frequency, period_start, period_end, value_usd, net_weight_kg, valuation, observation_status, coverage, snapshot_id
- row_number
*/
with flows as (
    select
        partner_iso2 as partner_label,
        end_use_code as product_code,
        case flow when '수출' then 'export' when '수입' then 'import' end as flow,
        cast(month || '-01' as date) as period_start,
        cast(value_usd as double) as value_usd,
        cast(net_weight_kg as double) as net_weight_kg,
        snapshot_id,
        row_number
    from raw.kcs__goods_monthly_end_use
)

select
    'kcs' as source,
    'goods_monthly_end_use' as dataset,
    'KOR' as reporter_label,
    'KOR' as reporter_code,
    partners.economy_code as partner_code,
    flows.*,
    case flows.flow when 'export' then 'KCS_ENDUSE_EXPORT' when 'import' then 'KCS_ENDUSE_IMPORT' end as classification,
    cast(length(flows.product_code) as integer) as level,
    'M' as frequency,
    last_day(flows.period_start) as period_end,
    case flows.flow when 'export' then 'FOB' else 'CIF' end as valuation,
    case when flows.value_usd is null then 'M' else 'A' end as observation_status,
    'complete' as coverage
from flows
left join staging.economy_codes as partners
    on partners.scheme = 'iso2' and flows.partner_label = partners.code
where
    partners.exclusion_reason is null
    and partners.economy_code is distinct from 'KOR'
