/*
what: >-
  Trade in services of a reporter with a partner by item and year, with names. The rows of a pair, flow and year never
  overlap and add up to total_usd: the twelve main items, and the part that they do not explain as a row of its own,
  RESIDUAL. Each pair has one value basis, the same as in trade. marts.services_trade_annual has every item and basis.
grain: [reporter_code, partner_code, flow, year, service_item_code]
example: |-
  select year, flow, service_item, value_usd, share_pct, value_basis
  from services
  where reporter = 'China' and partner = 'South Korea' and year = 2019
  order by flow, value_usd desc
columns:
- category: code | services.
- reporter_code: code | The economy under whose name the figures are published (ISO 3166 alpha-3).
- reporter, partner_code, partner, flow, year
- service_item_code: code | The service, in EBOPS 2010 as BaTIS codes it; RESIDUAL is the rest of the total.
- service_item
- value_usd: US$ | Value of the services; for the residual, total_usd less the items.
- share_pct (of total_usd)
- total_usd: US$ | All services of the pair, flow and year.
- is_residual: true/false | The row is the rest of the total, or the whole total where no item is available.
- value_basis: code | reported, estimated or balanced between the two reporters, the same in all years of a pair.
- vintage: >-
    text | The edition; without one, the day of the last available release that shows the figure. Compare only within
    one vintage.
- source (in short)
- snapshot_ids: list | The snapshots that contain the figure and total_usd (meta.snapshots).
*/
with held as (
    select trade.*
    from marts.services_trade_annual as trade
    inner join core.services_bases using (reporter_code, partner_code, value_basis)
),

totals as (
    select * from held
    where service_item_code = 'S'
),

-- Items of the first level do not overlap; an item of another vintage than the total is not part of it.
items as (
    select held.*
    from held
    inner join core.service_items as named using (service_item_code)
    inner join totals using (reporter_code, partner_code, flow, year, source, vintage)
    where
        named.level = 1
        and not named.is_derived
),

explained as (
    select
        reporter_code,
        partner_code,
        flow,
        year,
        sum(value_usd) as value_usd,
        list(snapshot_id) as snapshot_ids
    from items
    group by all
),

parted as (
    select
        * exclude (source, value_basis, vintage),
        [snapshot_id] as snapshot_ids
    from items
    union all by name
    select
        totals.reporter_code,
        totals.partner_code,
        totals.flow,
        totals.year,
        'RESIDUAL' as service_item_code,
        'What the items do not explain' as service_item,
        totals.value_usd - coalesce(explained.value_usd, 0) as value_usd,
        coalesce(explained.snapshot_ids, []) as snapshot_ids
    from totals
    left join explained using (reporter_code, partner_code, flow, year)
)

select
    'services' as category,
    parted.* exclude (snapshot_ids),
    reporters.name as reporter,
    partners.name as partner,
    -- Sums of rounded figures may be a dollar more than their total.
    greatest(100 * parted.value_usd / nullif(totals.value_usd, 0), 0) as share_pct,
    totals.value_usd as total_usd,
    parted.service_item_code = 'RESIDUAL' as is_residual,
    totals.value_basis,
    totals.vintage,
    totals.source,
    list_sort(list_distinct(list_append(parted.snapshot_ids, totals.snapshot_id))) as snapshot_ids
from parted
inner join totals using (reporter_code, partner_code, flow, year)
left join core.economies as reporters on parted.reporter_code = reporters.economy_code
left join core.economies as partners on parted.partner_code = partners.economy_code
order by parted.reporter_code, parted.partner_code, parted.flow, parted.year, parted.service_item_code
