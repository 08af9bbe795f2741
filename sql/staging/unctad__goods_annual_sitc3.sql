/*
what: >-
  Exports of goods by section of SITC, revision 3, between Korea or China and every partner, from UNCTAD's matrix; the
  source counts in thousands of US$.
grain: [reporter_code, partner_code, flow, classification, product_code, period_start, snapshot_id]
feeds: [core.goods_trade_observations]
required: [period_end, valuation, observation_status]
columns:
  source: code | The publisher.
  dataset: code | The publisher's dataset.
  reporter_label: text | The reporter as the source writes it.
  partner_label: text | The partner as the source writes it.
  reporter_code: code | The economy whose statistics these are (ISO 3166 alpha-3).
  partner_code: code | The economy it traded with (ISO 3166 alpha-3), or WLD for the world.
  flow: code | export or import, as the reporter sees it.
  classification: code | The classification of products and its edition; TOTAL for all goods.
  level: count | Digits of the product code; 0 for all goods.
  product_code: code | The product; TOTAL for all goods.
  frequency: code | A annual, M monthly.
  period_start: date | First day of the period.
  period_end: date | Last day of the period.
  value_usd: US$ | Value of the goods; null if the source has no figure.
  net_weight_kg: kg | Net weight, where the source has it.
  valuation: code | FOB for exports, CIF for imports.
  observation_status: code | SDMX status, A normal or M missing.
  coverage: code | complete if the source covers every product or all goods, selected if only some products.
  snapshot_id: code | The snapshot the figure stands in.
  row_number: count | The row it stands in, from 1.
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
