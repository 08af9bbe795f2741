/*
what: >-
  US imports for consumption at customs value and the duty calculated on them, as core.imports_for_consumption takes
  them in. A model selects `rows`: the partner's label with the scheme that staging.economy_codes knows it by, the
  classification and code of the product, the month and both amounts as text.
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
    received.dataset,
    'USA' as reporter_code,
    partners.economy_code as partner_code,
    received.classification,
    received.product_code,
    cast(received.month || '-01' as date) as period_start,
    cast(received.value_text as double) as value_usd,
    cast(received.duty_text as double) as duty_usd,
    received.snapshot_id,
    received.row_number
from rows as received
left join staging.economy_codes as partners
    on received.partner_scheme = partners.scheme and received.partner_label = partners.code
