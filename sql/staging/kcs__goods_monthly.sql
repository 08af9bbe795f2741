/*
what: >-
  Korea's goods trade with a partner by month, as Korea Customs publishes it. Exports FOB, imports CIF.
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
  balance_usd: US$ | The balance that customs prints beside both flows.
  valuation: code | FOB for exports, CIF for imports.
  observation_status: code | SDMX status, A normal or M missing.
  coverage: code | complete if the source covers every product or all goods, selected if only some products.
  snapshot_id: code | The snapshot the figure stands in.
  row_number: count | The row it stands in, from 1.
*/
with flows as (
    select
        partner_iso2 as partner_label,
        both_flows.flow,
        cast(month || '-01' as date) as period_start,
        cast(case flow when 'export' then exports_usd else imports_usd end as double) as value_usd,
        cast(balance_usd as double) as balance_usd,
        snapshot_id,
        row_number
    from raw.kcs__goods_monthly
    cross join (values ('export'), ('import')) as both_flows (flow)
)

select
    'kcs' as source,
    'goods_monthly' as dataset,
    'KOR' as reporter_label,
    'KOR' as reporter_code,
    partners.economy_code as partner_code,
    flows.*,
    'TOTAL' as classification,
    0 as level,
    'TOTAL' as product_code,
    'M' as frequency,
    last_day(flows.period_start) as period_end,
    cast(null as double) as net_weight_kg,
    case flows.flow when 'export' then 'FOB' else 'CIF' end as valuation,
    case when flows.value_usd is null then 'M' else 'A' end as observation_status,
    'complete' as coverage
from flows
left join staging.economy_codes as partners
    on partners.scheme = 'iso2' and flows.partner_label = partners.code
where
    partners.exclusion_reason is null
    and partners.economy_code is distinct from 'KOR'
