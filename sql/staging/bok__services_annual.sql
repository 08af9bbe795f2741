/*
what: >-
  Korea's receipts and payments for services by partner and year, from its central bank; million US$ become US$ here.
grain: [reporter_code, partner_code, flow, service_item_code, year, value_basis, snapshot_id]
feeds: [core.services_trade_observations]
columns:
- source, dataset, reporter_code, reporter_label, partner_code (or the world in services), partner_label, flow
- service_item_code (EBOPS), year (calendar), value_usd (of services or withdrawn)
- value_basis: code | reported; the compiler's own figure.
- edition: text | The edition; null, since the bank names none.
- snapshot_id (of the row), row_number (in the snapshot)
*/
select
    'bok' as source,
    'services_annual' as dataset,
    reporters.economy_code as reporter_code,
    received.reporter_code as reporter_label,
    partners.economy_code as partner_code,
    received.partner_code as partner_label,
    case received.flow when 'EXP' then 'export' when 'IMP' then 'import' end as flow,
    received.item_code as service_item_code,
    cast(received.year as integer) as year,
    round(cast(received.value_musd as double) * 1000000, 2) as value_usd,
    'reported' as value_basis,
    snapshots.edition,
    received.snapshot_id,
    received.row_number
from raw.bok__services_annual as received
left join staging.economy_codes as reporters
    on reporters.scheme = 'iso3' and received.reporter_code = reporters.code
left join staging.economy_codes as partners
    on partners.scheme = 'iso3' and received.partner_code = partners.code
inner join reference.snapshots as snapshots using (snapshot_id)
where
    reporters.exclusion_reason is null
    and partners.exclusion_reason is null
