/*
what: >-
  US imports for consumption at customs value and the duty calculated on them, by partner, product and month, as the
  Census Bureau's API answers; empty until a refresh fetches it.
template: consumption
*/
select
    'trade' as dataset,
    'us_census' as partner_scheme,
    cty_code as partner_label,
    case commodity_level when 'NA3' then 'NAICS3' else 'HS2' end as classification,
    commodity_code as product_code,
    month,
    consumption_usd as value_text,
    duty_usd as duty_text,
    snapshot_id,
    row_number
from raw.us_census__trade
where
    flow = 'import'
    and commodity_level != '-'
    and consumption_usd is not null
    and duty_usd is not null
