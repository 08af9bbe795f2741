/*
what: >-
  China's goods trade by partner and month in yuan, as its customs prints it in the monthly bulletin: the month, which
  is a first release, and the year to date, which carries what was revised since. The source counts in 10,000 yuan.
grain: [reporter_code, partner_code, flow, period_start, snapshot_id]
required: [value_cny, value_ytd_cny, valuation]
columns:
- source, dataset, reporter_label, partner_label, reporter_code, partner_code (or the world), flow, period_start (month)
- period_end (month), currency_code
- value_cny: CNY | Value of the goods in the month.
- value_ytd_cny: CNY | Value of the goods from January to the month.
- total_cny: CNY | Exports and imports of the month, as printed.
- total_ytd_cny: CNY | Exports and imports from January to the month, as printed.
- valuation
- observation_status: code | SDMX status, P provisional; all of them are first releases.
- snapshot_id, row_number
*/
with flows as (
    select
        partner_name as partner_label,
        both_flows.flow,
        cast(month || '-01' as date) as period_start,
        round(
            cast(case flow when 'export' then exports_10k_cny else imports_10k_cny end as double) * 1e4, 0
        ) as value_cny,
        round(
            cast(case flow when 'export' then exports_ytd_10k_cny else imports_ytd_10k_cny end as double) * 1e4, 0
        ) as value_ytd_cny,
        round(cast(total_10k_cny as double) * 1e4, 0) as total_cny,
        round(cast(total_ytd_10k_cny as double) * 1e4, 0) as total_ytd_cny,
        snapshot_id,
        row_number
    from raw.gacc__goods_monthly
    cross join (values ('export'), ('import')) as both_flows (flow)
)

select
    'gacc' as source,
    'goods_monthly' as dataset,
    'CHN' as reporter_label,
    'CHN' as reporter_code,
    partners.economy_code as partner_code,
    flows.*,
    last_day(flows.period_start) as period_end,
    'CNY' as currency_code,
    case flows.flow when 'export' then 'FOB' else 'CIF' end as valuation,
    'P' as observation_status
from flows
left join staging.economy_codes as partners
    on partners.scheme = 'gacc_name' and flows.partner_label = partners.code
where
    partners.exclusion_reason is null
    and partners.economy_code is distinct from 'CHN'
