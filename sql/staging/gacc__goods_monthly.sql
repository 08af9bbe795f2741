/*
what: >-
  China's goods trade by partner and month in yuan, as its customs prints it in the monthly bulletin: the month, which
  is a first release, and the year to date, which carries what was revised since. The source counts in 10,000 yuan.
  If only every second bulletin is available, a month between two is what their years to date leave for it.
grain: [reporter_code, partner_code, flow, period_start, snapshot_id]
feeds: [core.goods_trade_national_currency]
required: [value_cny, value_ytd_cny, valuation]
columns:
- source, dataset, reporter_label, partner_label, reporter_code, partner_code (or the world), flow, period_start (month)
- period_end (month), currency_code
- value_cny: CNY | Value of the goods in the month.
- value_ytd_cny: CNY | Value of the goods from January to the month.
- total_cny: CNY | Exports and imports of the month, as printed.
- total_ytd_cny: CNY | Exports and imports from January to the month, as printed.
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
),

-- The year to date before a printed month is the one after it less the month.
months as (
    select
        *,
        false as is_derived
    from flows
    union all by name
    select
        later.* replace (
            make_date(year(later.period_start), month(later.period_start) - 1, 1) as period_start,
            later.value_ytd_cny - later.value_cny - coalesce(earlier.value_ytd_cny, 0) as value_cny,
            later.value_ytd_cny - later.value_cny as value_ytd_cny,
            later.total_ytd_cny - later.total_cny - coalesce(earlier.total_ytd_cny, 0) as total_cny,
            later.total_ytd_cny - later.total_cny as total_ytd_cny
        ),
        true as is_derived
    from flows as later
    left join flows as earlier
        on
            later.partner_label = earlier.partner_label
            and later.flow = earlier.flow
            and later.snapshot_id = earlier.snapshot_id
            and year(later.period_start) = year(earlier.period_start)
            and month(later.period_start) = month(earlier.period_start) + 2
    left join flows as printed
        on
            later.partner_label = printed.partner_label
            and later.flow = printed.flow
            and year(later.period_start) = year(printed.period_start)
            and month(later.period_start) = month(printed.period_start) + 1
    where
        printed.snapshot_id is null
        and (earlier.snapshot_id is not null or month(later.period_start) = 2)
)

select
    'gacc' as source,
    'goods_monthly' as dataset,
    'CHN' as reporter_label,
    'CHN' as reporter_code,
    partners.economy_code as partner_code,
    months.*,
    last_day(months.period_start) as period_end,
    'CNY' as currency_code,
    case months.flow when 'export' then 'FOB' else 'CIF' end as valuation,
    'P' as observation_status
from months
left join staging.economy_codes as partners
    on partners.scheme = 'gacc_name' and months.partner_label = partners.code
where
    partners.exclusion_reason is null
    and partners.economy_code is distinct from 'CHN'
