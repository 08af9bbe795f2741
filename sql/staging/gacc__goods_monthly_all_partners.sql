/*
what: >-
  China's goods trade with all partners by month in yuan, as its customs prints it in the monthly bulletin: the month
  and the year to date, to 10,000 yuan. A month without a bulletin stays missing.
grain: [reporter_code, partner_code, flow, period_start, snapshot_id]
feeds: [core.goods_trade_national_currency]
required: [value_cny, value_ytd_cny, valuation]
columns:
- source, dataset, reporter_label, partner_label, reporter_code, partner_code (or the world), flow, period_start (month)
- period_end (month), currency_code
- value_cny: CNY | Value of the goods in the month.
- value_ytd_cny: CNY | Value of the goods from January to the month.
- is_derived
- valuation
- observation_status: code | SDMX status, P provisional; all of them are first releases.
- snapshot_id, row_number
*/
with flows as (
    select
        partner_name as partner_label,
        both_flows.flow,
        cast(month || '-01' as date) as period_start,
        cast(case flow when 'export' then exports_10k_cny else imports_10k_cny end as double) * 1e4 as value_cny,
        cast(case flow when 'export' then exports_ytd_10k_cny else imports_ytd_10k_cny end as double) * 1e4
            as value_ytd_cny,
        snapshot_id,
        row_number
    from raw.gacc__goods_monthly_all_partners
    cross join (values ('export'), ('import')) as both_flows (flow)
)

select
    'gacc' as source,
    'goods_monthly_all_partners' as dataset,
    'CHN' as reporter_label,
    'CHN' as reporter_code,
    partners.economy_code as partner_code,
    flows.*,
    last_day(flows.period_start) as period_end,
    'CNY' as currency_code,
    false as is_derived,
    case flows.flow when 'export' then 'FOB' else 'CIF' end as valuation,
    'P' as observation_status
from flows
left join staging.economy_codes as partners
    on partners.scheme = 'gacc_name' and flows.partner_label = partners.code
where
    partners.exclusion_reason is null
    and partners.economy_code is distinct from 'CHN'
    and flows.value_cny is not null
    and flows.value_ytd_cny is not null
