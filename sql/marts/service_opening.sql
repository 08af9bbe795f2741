/*
what: >-
  Trade that an opening or a closing of services could affect: for each policy event that names services, the trade of
  its parties in each item that it covers, in the last year with available items, and the partner's share of it. It is
  the existing trade, not the trade to come: trade that a barrier prevents is in no figure. The register of events has
  no schedule of commitments, so "services" means every item. Sales by a branch abroad are not included.
subject: services
grain: [event_id, reporter_code, partner_code, flow, service_item_code]
required: [last_stage, status, reason, snapshot_ids]
columns:
- event_id (in core.policy_events), event_title
- last_stage: code | The last stage reached; of several stages on one day, the first in the alphabet.
- last_stage_on: date | The day of the last stage.
- reporter_code: code | The party whose statistics these are (ISO 3166 alpha-3).
- partner_code: code | The other party (ISO 3166 alpha-3).
- flow, service_item_code, service_item
- covered_by: code | The part of the event's scope that covers the item, an item or the word services.
- year: year | The year with the most available items; of several such years, the last.
- value_usd: US$ | Value of the services; null if not available.
- share_of_services_pct, world_value_usd (of the item)
- partner_share_pct: percent | The partner's share of world_value_usd.
- share_change_points: percentage points | partner_share_pct less that of the item's first year in the same vintage.
- since_year: year | The item's first year in the same vintage; null if there is only one year.
- value_basis, edition, vintage
- status: code | held, total_only (all services, but no item) or not_held.
- reason: text | The missing figures, or the nature of the figure.
- source: code | The publisher of the services; null without a figure.
- snapshot_ids (and of the event)
*/
with stages as (
    select
        event_id,
        stage,
        event_date,
        row_number() over (
            partition by event_id
            order by event_date desc, stage asc
        ) as place
    from core.policy_event_stages
),

scopes as (
    select
        event_id,
        max(case when product_code = 'services' then 1 else 0 end) as covers_all
    from core.policy_event_scopes
    where classification = 'EBOPS' or (classification = 'SCOPE' and product_code = 'services')
    group by event_id
),

parties as (
    select distinct
        acting.event_id,
        acting.economy_code as acting_code,
        touched.economy_code as touched_code
    from core.policy_event_jurisdictions as acting
    inner join core.policy_event_jurisdictions as touched using (event_id)
    where
        acting.economy_code != touched.economy_code
        and acting.role = 'implementing'
        and touched.role = 'affected'
        and acting.economy_code != 'WLD'
        and touched.economy_code != 'WLD'
),

pairs as (
    select
        event_id,
        acting_code as reporter_code,
        touched_code as partner_code
    from parties
    union
    select
        event_id,
        touched_code as reporter_code,
        acting_code as partner_code
    from parties
),

items as (
    select
        scopes.event_id,
        items.service_item_code,
        items.label,
        coalesce(named.product_code, 'services') as covered_by
    from scopes
    inner join core.service_items as items on not items.is_derived
    left join core.policy_event_scopes as named
        on
            scopes.event_id = named.event_id
            and named.classification = 'EBOPS'
            and items.service_item_code = named.product_code
    where scopes.covers_all = 1 or named.product_code is not null
),

sizes as (
    select
        reporter_code,
        partner_code,
        flow,
        year,
        value_basis,
        count(*) as item_count
    from marts.services_share_annual
    where not is_derived_item
    group by all
),

-- The year and basis with the most items; in a tie, the last year.
latest as (
    select *
    from sizes
    qualify
        row_number() over (
            partition by reporter_code, partner_code, flow
            order by item_count desc, year desc, value_basis asc
        ) = 1
),

shares as (
    select
        * exclude (share_change_points),
        partner_share_pct - first_value(partner_share_pct) over by_year as share_change_points,
        first_value(year) over by_year as since_year
    from marts.services_share_annual
    window by_year as (
        partition by reporter_code, partner_code, flow, service_item_code, value_basis, source, vintage
        order by year
    )
)

select
    items.event_id,
    events.title as event_title,
    stages.stage as last_stage,
    stages.event_date as last_stage_on,
    pairs.reporter_code,
    pairs.partner_code,
    flows.flow,
    items.service_item_code,
    items.label as service_item,
    items.covered_by,
    shares.year,
    shares.value_usd,
    shares.share_of_services_pct,
    shares.world_value_usd,
    shares.partner_share_pct,
    case when shares.since_year < shares.year then shares.share_change_points end as share_change_points,
    case when shares.since_year < shares.year then shares.since_year end as since_year,
    shares.value_basis,
    shares.edition,
    shares.vintage,
    case
        when shares.value_usd is null then 'not_held'
        when latest.item_count = 1 then 'total_only'
        else 'held'
    end as status,
    case
        when shares.value_usd is null
            then concat(
                'No services of ', pairs.reporter_code, ' with ', pairs.partner_code,
                ' are available in this item and flow.'
            )
        when latest.item_count = 1
            then concat(
                'For ', pairs.reporter_code, ' with ', pairs.partner_code, ' only the total of services is available.'
            )
        when shares.value_basis = 'balanced' then 'One figure for both economies, reconciled by the publisher.'
        else 'As the reporter reports it.'
    end as reason,
    shares.source,
    list_sort(list_distinct(flatten([shares.snapshot_ids, [events.snapshot_id]]))) as snapshot_ids
from items
inner join core.policy_events as events using (event_id)
inner join stages on items.event_id = stages.event_id and stages.place = 1
inner join pairs using (event_id)
cross join (values ('export'), ('import')) as flows (flow)
left join latest
    on
        pairs.reporter_code = latest.reporter_code
        and pairs.partner_code = latest.partner_code
        and flows.flow = latest.flow
left join shares
    on
        latest.reporter_code = shares.reporter_code
        and latest.partner_code = shares.partner_code
        and latest.flow = shares.flow
        and latest.year = shares.year
        and latest.value_basis = shares.value_basis
        and items.service_item_code = shares.service_item_code
-- Items without figures are left out, except the row for all services, which represents them.
where shares.value_usd is not null or items.service_item_code = 'S' or items.covered_by != 'services'
