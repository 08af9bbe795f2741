/*
what: >-
  US imports for consumption at customs value and the duty calculated on them, by partner, product and month, as the
  Census Bureau's API answers; empty until a refresh fetches it.
grain: [reporter_code, partner_code, classification, product_code, period_start, snapshot_id]
feeds: [core.imports_for_consumption]
required: [value_usd, duty_usd]
columns:
- source, dataset, reporter_code, partner_code (or the world), classification (of imports for consumption)
- product_code (of imports for consumption), period_start (month), value_usd (for consumption), duty_usd, snapshot_id
- row_number
*/
select
    'us_census' as source,
    'trade' as dataset,
    'USA' as reporter_code,
    partners.economy_code as partner_code,
    case received.commodity_level when 'NA3' then 'NAICS3' else 'HS2' end as classification,
    received.commodity_code as product_code,
    cast(received.month || '-01' as date) as period_start,
    cast(received.consumption_usd as double) as value_usd,
    cast(received.duty_usd as double) as duty_usd,
    received.snapshot_id,
    received.row_number
from raw.us_census__trade as received
left join staging.economy_codes as partners on partners.scheme = 'us_census' and received.cty_code = partners.code
where
    received.flow = 'import'
    and received.commodity_level != '-'
    and received.consumption_usd is not null
    and received.duty_usd is not null
