/* Services by year, for each item and each basis of its values. */
select
    reporter_code,
    partner_code,
    flow,
    service_item_code || '.' || value_basis as item,
    cast(year as varchar) as period,
    value_usd as value,
    'A' as observation_status,
    cast(null as date) as known_from,
    [snapshot_id] as snapshot_ids
from core.services_trade
