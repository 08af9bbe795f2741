/*
what: >-
  A source's figures of goods as core.goods_trade_observations takes them in. A model selects `rows`: the labels of
  reporter and partner with the scheme that staging.economy_codes knows each by, the flow, the classification and code
  of the product, the figures, and how often they come. Economies, levels, last days, valuations and the status follow.
grain: [reporter_code, partner_code, flow, classification, product_code, period_start, snapshot_id]
feeds: [core.goods_trade_observations]
required: [period_end, valuation, observation_status]
columns:
- source, dataset, reporter_label, partner_label, reporter_code, partner_code (or the world), flow, classification
- level, product_code, frequency, period_start, period_end, value_usd, net_weight_kg, valuation, observation_status
- coverage, snapshot_id, row_number
*/
select
    received.*,
    reporters.economy_code as reporter_code,
    partners.economy_code as partner_code,
    cast(case received.product_code when 'TOTAL' then 0 else length(received.product_code) end as integer) as level,
    case received.frequency
        when 'A' then make_date(year(received.period_start), 12, 31)
        else last_day(received.period_start)
    end as period_end,
    coalesce(stated.valuation, case received.flow when 'export' then 'FOB' else 'CIF' end) as valuation,
    case when received.value_usd is null then 'M' else 'A' end as observation_status
from rows as received
left join staging.economy_codes as reporters
    on received.reporter_scheme = reporters.scheme and received.reporter_label = reporters.code
left join staging.economy_codes as partners
    on received.partner_scheme = partners.scheme and received.partner_label = partners.code
left join reference.source_valuations as stated
    on
        received.source = stated.source
        and stated.dataset in ('*', received.dataset)
        and reporters.economy_code = stated.reporter_code
        and received.flow = stated.flow
        and year(received.period_start) between coalesce(cast(stated.valid_from_year as integer), 0)
        and coalesce(cast(stated.valid_to_year as integer), 9999)
where
    reporters.exclusion_reason is null
    and partners.exclusion_reason is null
    and coalesce(reporters.economy_code != partners.economy_code, true)
