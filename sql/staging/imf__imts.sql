/*
what: >-
  Goods trade by reporter and partner, years and months, as the IMF's service answers. It counts in whole US$, whatever
  its SCALE says, and marks what its staff estimated.
grain: [reporter_code, partner_code, flow, classification, product_code, frequency, period_start, snapshot_id]
required: [period_end, valuation, observation_status]
sliced_by: period_start = try_cast(rpad(period, 10, '-01-01') as date)
feeds: [core.goods_trade_observations]
columns:
- source, dataset, reporter_label, partner_label, reporter_code, partner_code (or the world), flow, classification
- level, product_code, frequency, period_start, period_end, value_usd, net_weight_kg, valuation
- observation_status (any), coverage, snapshot_id, row_number
*/
-- The IMF writes ISO 3166 codes, except for a few that the list of codes translates.
with codes as (
    select
        code,
        economy_code,
        exclusion_reason
    from staging.economy_codes
    where scheme = 'imf_code'
    union all
    select
        iso.code,
        iso.economy_code,
        iso.exclusion_reason
    from staging.economy_codes as iso
    left join staging.economy_codes as own on own.scheme = 'imf_code' and iso.code = own.code
    where iso.scheme = 'iso3' and own.code is null
),

flows as (
    select
        received.reporter_code as reporter_label,
        received.partner_code as partner_label,
        case received.indicator_code when 'XG_FOB_USD' then 'export' when 'MG_CIF_USD' then 'import' end as flow,
        received.frequency,
        cast(rpad(received.period, 10, '-01-01') as date) as period_start,
        cast(received.value_usd as double) as value_usd,
        case
            when received.value_usd is null then 'M'
            when received.observation_status in ('A', 'E', 'P') then received.observation_status
            when received.observation_status = 'F' then 'E'
            -- Reported, raw, reported and put into dollars, mixed: the IMF marks most of the world's figures as mixed.
            when received.derivation_type in ('O', 'R', 'OU', 'M') then 'A'
            when received.derivation_type is not null then 'E'
            else 'A'
        end as observation_status,
        received.snapshot_id,
        received.row_number
    from raw.imf__imts as received
)

select
    'imf' as source,
    'imts' as dataset,
    reporters.economy_code as reporter_code,
    partners.economy_code as partner_code,
    flows.*,
    'TOTAL' as classification,
    0 as level,
    'TOTAL' as product_code,
    case flows.frequency
        when 'A' then make_date(year(flows.period_start), 12, 31)
        else last_day(flows.period_start)
    end as period_end,
    cast(null as double) as net_weight_kg,
    case flows.flow when 'export' then 'FOB' else 'CIF' end as valuation,
    'complete' as coverage
from flows
left join codes as reporters on flows.reporter_label = reporters.code
left join codes as partners on flows.partner_label = partners.code
where
    reporters.exclusion_reason is null
    and partners.exclusion_reason is null
    and coalesce(reporters.economy_code != partners.economy_code, true)
