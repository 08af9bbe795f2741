/*
what: >-
  Goods trade of a reporter with a partner by year or month, all goods and products of the Harmonized System, as the
  reporter sends it to UN Comtrade and its API answers. Exports FOB, imports CIF. Rows of one customs procedure, mode of
  transport, mode of supply or second partner are parts of a figure, and left out.
grain: [reporter_code, partner_code, flow, classification, product_code, frequency, period_start, snapshot_id]
required: [period_end, valuation, observation_status, coverage]
sliced_by: period_start = cast(try_strptime(rpad(period, 6, '01'), '%Y%m') as date)
feeds: [core.goods_trade_observations]
columns:
- source, dataset, reporter_label, partner_label, reporter_code, partner_code (or the world), flow, classification
- level, product_code, frequency, period_start, period_end, value_usd, net_weight_kg, valuation
- observation_status: >-
    code | SDMX status, A normal (reported, or added up from what was reported), E estimated or M missing.
- coverage: >-
    code | complete for all goods, and for products that make up at least 99% of them; selected for other products.
- snapshot_id, row_number
*/
with flows as (
    select
        reporter_code as reporter_label,
        partner_code as partner_label,
        case flow_code when 'X' then 'export' when 'M' then 'import' end as flow,
        classification_code,
        cmd_code as product_code,
        freq_code as frequency,
        -- A year is written as YYYY, a month as YYYYMM.
        make_date(
            cast(substr(period, 1, 4) as integer),
            case freq_code when 'M' then cast(substr(period, 5, 2) as integer) else 1 end,
            1
        ) as period_start,
        cast(primary_value as double) as value_usd,
        cast(net_wgt as double) as net_wgt,
        is_reported = 'true' or is_aggregate = 'true' as is_from_reports,
        snapshot_id,
        row_number
    from raw.comtrade__goods
    where
        flow_code in ('X', 'M')
        and partner2_code = '0'
        and customs_code = 'C00'
        and mos_code = '0'
        and mot_code = '0'
    -- A total that a response lists under another edition of the classification is not withdrawn.
    qualify
        row_number is not null
        or cmd_code != 'TOTAL'
        or count(row_number) over (
            partition by reporter_code, partner_code, flow_code, cmd_code, freq_code, period, snapshot_id
        ) = 0
),

-- All goods, and the products of each level together, whatever answers they came in; of several vintages the largest.
sizes as (
    select
        reporter_label,
        partner_label,
        flow,
        frequency,
        period_start,
        product_code,
        max(value_usd) as value_usd
    from flows
    group by all
),

levels as (
    select
        details.reporter_label,
        details.partner_label,
        details.flow,
        details.frequency,
        details.period_start,
        length(details.product_code) as digits,
        sum(details.value_usd) >= 0.99 * max(totals.value_usd) as is_complete
    from sizes as details
    inner join sizes as totals using (reporter_label, partner_label, flow, frequency, period_start)
    where
        totals.product_code = 'TOTAL'
        and details.product_code != 'TOTAL'
    group by all
)

select
    'comtrade' as source,
    'goods' as dataset,
    flows.* exclude (classification_code, net_wgt, is_from_reports),
    reporters.economy_code as reporter_code,
    partners.economy_code as partner_code,
    case
        when flows.product_code = 'TOTAL' then 'TOTAL'
        when flows.classification_code = 'H0' then 'HS1992'
        when flows.classification_code = 'H1' then 'HS1996'
        when flows.classification_code = 'H2' then 'HS2002'
        when flows.classification_code = 'H3' then 'HS2007'
        when flows.classification_code = 'H4' then 'HS2012'
        when flows.classification_code = 'H5' then 'HS2017'
        when flows.classification_code = 'H6' then 'HS2022'
    end as classification,
    case when flows.product_code = 'TOTAL' then 0 else cast(length(flows.product_code) as integer) end as level,
    case
        when flows.frequency = 'M' then last_day(flows.period_start)
        else make_date(year(flows.period_start), 12, 31)
    end as period_end,
    -- A weight of 0 means that there is no weight, as in totals.
    nullif(flows.net_wgt, 0) as net_weight_kg,
    case flows.flow when 'export' then 'FOB' else 'CIF' end as valuation,
    case
        when flows.value_usd is null then 'M'
        when flows.is_from_reports then 'A'
        else 'E'
    end as observation_status,
    case when flows.product_code = 'TOTAL' or levels.is_complete then 'complete' else 'selected' end as coverage
from flows
left join staging.economy_codes as reporters
    on reporters.scheme = 'comtrade' and flows.reporter_label = reporters.code
left join staging.economy_codes as partners
    on partners.scheme = 'comtrade' and flows.partner_label = partners.code
left join levels
    on
        flows.reporter_label = levels.reporter_label
        and flows.partner_label = levels.partner_label
        and flows.flow = levels.flow
        and flows.frequency = levels.frequency
        and flows.period_start = levels.period_start
        and length(flows.product_code) = levels.digits
        and flows.product_code != 'TOTAL'
where
    reporters.exclusion_reason is null
    and partners.exclusion_reason is null
    and coalesce(reporters.economy_code != partners.economy_code, true)
