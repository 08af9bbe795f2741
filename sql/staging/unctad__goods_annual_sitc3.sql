/*
what: >-
  Exports of goods by section of SITC, revision 3, between Korea or China and every partner, from UNCTAD's matrix; the
  source counts in thousands of US$.
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
        exporter_name as reporter_label,
        importer_name as partner_label,
        case product_code when 'All' then 'TOTAL' else product_code end as product_code,
        'export' as flow,
        make_date(cast(year as integer), 1, 1) as period_start,
        round(cast(exports_kusd as double) * 1e3, 0) as value_usd,
        snapshot_id,
        row_number
    from raw.unctad__goods_annual_sitc3
)

select
    'unctad' as source,
    'goods_annual_sitc3' as dataset,
    reporters.economy_code as reporter_code,
    partners.economy_code as partner_code,
    flows.*,
    case flows.product_code when 'TOTAL' then 'TOTAL' else 'SITC3' end as classification,
    cast(case flows.product_code when 'TOTAL' then 0 else length(flows.product_code) end as integer) as level,
    'A' as frequency,
    make_date(year(flows.period_start), 12, 31) as period_end,
    cast(null as double) as net_weight_kg,
    case flows.flow when 'export' then 'FOB' else 'CIF' end as valuation,
    case when flows.value_usd is null then 'M' else 'A' end as observation_status,
    'complete' as coverage
from flows
left join staging.economy_codes as reporters
    on reporters.scheme = 'unctad_name' and flows.reporter_label = reporters.code
left join staging.economy_codes as partners
    on partners.scheme = 'unctad_name' and flows.partner_label = partners.code
where
    reporters.exclusion_reason is null
    and partners.exclusion_reason is null
    and coalesce(reporters.economy_code != partners.economy_code, true)
