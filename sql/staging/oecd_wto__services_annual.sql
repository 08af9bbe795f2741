/*
what: >-
  China's trade in services by partner, item and year, balanced by the OECD and the WTO between the two reporters.
grain: [reporter_code, partner_code, flow, service_item_code, year, value_basis, snapshot_id]
feeds: [core.services_trade_observations]
required: [value_usd]
columns:
- source, dataset, reporter_code, reporter_label, partner_code (or the world in services), partner_label, flow
- service_item_code (EBOPS), year (calendar), value_usd (of services alike)
- value_basis: code | balanced; both reporters' figures made into one.
- edition (re-estimated), snapshot_id (of the row), row_number (in the snapshot)
*/
select
    'oecd_wto' as source,
    'services_annual' as dataset,
    reporters.economy_code as reporter_code,
    received.reporter_name as reporter_label,
    partners.economy_code as partner_code,
    received.partner_name as partner_label,
    case received.flow when 'Exports' then 'export' when 'Imports' then 'import' end as flow,
    received.item_code as service_item_code,
    cast(received.year as integer) as year,
    cast(received.value_usd as double) as value_usd,
    'balanced' as value_basis,
    snapshots.edition,
    received.snapshot_id,
    received.row_number
from raw.oecd_wto__services_annual as received
left join staging.economy_codes as reporters
    on reporters.scheme = 'batis_name' and received.reporter_name = reporters.code
left join staging.economy_codes as partners
    on partners.scheme = 'batis_name' and received.partner_name = partners.code
inner join reference.snapshots as snapshots using (snapshot_id)
where
    reporters.exclusion_reason is null
    and partners.exclusion_reason is null
