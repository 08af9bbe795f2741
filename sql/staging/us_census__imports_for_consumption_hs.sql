/*
what: >-
  US imports for consumption at customs value and the duty calculated on them, by partner, chapter of the Harmonized
  System and month, as the Census Bureau's API gave them.
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
    'imports_for_consumption_hs' as dataset,
    'USA' as reporter_code,
    partners.economy_code as partner_code,
    'HS2' as classification,
    hs_code as product_code,
    cast(month || '-01' as date) as period_start,
    cast(value_usd as double) as value_usd,
    cast(duty_usd as double) as duty_usd,
    snapshot_id,
    row_number
from raw.us_census__imports_for_consumption_hs
left join staging.economy_codes as partners on partners.scheme = 'iso3' and partner_code = partners.code
