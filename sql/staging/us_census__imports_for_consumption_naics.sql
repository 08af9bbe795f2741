/*
what: >-
  US imports for consumption at customs value and the duty calculated on them, by partner, industry (three digits of
  NAICS) and month, as the Census Bureau's API gave them.
template: consumption
*/
select
    'imports_for_consumption_naics' as dataset,
    'iso3' as partner_scheme,
    partner_code as partner_label,
    'NAICS3' as classification,
    naics_code as product_code,
    month,
    value_usd as value_text,
    duty_usd as duty_text,
    snapshot_id,
    row_number
from raw.us_census__imports_for_consumption_naics
