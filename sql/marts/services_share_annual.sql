/*
what: >-
  The share of services in a pair's trade, item by item, and the partner's share and rank in the reporter's services
  with all economies. The change from the year before is split into demand and share as in marts.market_share_change, to
  the cent, within one value basis and vintage. Customs' goods and balanced services are compiled differently, and
  services sold by a branch abroad are in neither.
subject: services
grain: [reporter_code, partner_code, flow, service_item_code, year, value_basis]
required: [status, source, snapshot_ids]
columns:
- reporter_code (of services), partner_code, flow, service_item_code, service_item, is_derived_item, year, value_basis
- value_usd (of services)
- goods_usd: US$ | The pair's goods in the same flow and year, as the reporter reports them; null if not available.
- share_of_trade_pct: percent | The item's share of all services and goods of the pair and flow.
- share_of_services_pct, world_value_usd (of the item)
- partner_share_pct: percent | The partner's share of the reporter's trade with the world in the item.
- rank_vintage: >-
    text | The release used for the ranks of the item, flow, year and basis: the latest of those that show the most
    partners.
- partner_rank: >-
    rank | 1 is the largest partner in that release, which need not be the largest of all; null if the release does not
    show this partner's figure.
- partner_count: count | The number of partners that have a rank.
- change_status: >-
    code | compared; other_vintage if the year before is available only from another publisher or in another vintage, so
    that the change is null; or no_year_before.
- share_change_points: percentage points | partner_share_pct less that of the year before.
- change_usd: US$ | The value less that of the year before, in whole cents.
- demand_effect_usd, share_effect_usd, edition, vintage
- status: code | complete, or the missing figures (no_world, no_goods, no_total, or several of these).
- source (of services), snapshot_ids
*/
with items as (
    select
        trade.* exclude (source_reason, snapshot_id),
        max(case when trade.service_item_code = 'S' then trade.value_usd end) over (
            partition by
                trade.reporter_code, trade.partner_code, trade.flow, trade.year, trade.value_basis, trade.source,
                trade.vintage
        ) as services_usd,
        goods.value_usd as goods_usd,
        100 * trade.value_usd / nullif(trade.world_value_usd, 0) as partner_share_pct,
        -- Release days written as text sort in date order.
        case
            when trade.edition is null then coalesce(cast(observations.known_from as varchar), trade.vintage)
            else trade.vintage
        end as first_vintage,
        observations.known_from,
        list_sort(list_distinct(flatten([[trade.snapshot_id], goods.snapshot_ids]))) as snapshot_ids
    from marts.services_trade_annual as trade
    left join core.goods_trade_annual as goods
        on
            trade.reporter_code = goods.reporter_code
            and trade.partner_code = goods.partner_code
            and trade.flow = goods.flow
            and make_date(trade.year, 1, 1) = goods.period_start
    left join core.services_trade_observations as observations
        on
            observations.known_to is null
            and trade.reporter_code = observations.reporter_code
            and trade.partner_code = observations.partner_code
            and trade.flow = observations.flow
            and trade.service_item_code = observations.service_item_code
            and trade.year = observations.year
            and trade.value_basis = observations.value_basis
            and trade.snapshot_id = observations.snapshot_id
),

-- The releases that contain the current figures.
releases as (
    select
        reporter_code,
        flow,
        service_item_code,
        year,
        value_basis,
        source,
        edition,
        vintage,
        max(known_from) as known_from
    from items
    group by all
),

-- An edition shows its own figures; a release without a name also shows every figure that it repeats.
release_sizes as (
    select
        releases.*,
        count(*) as figure_count
    from releases
    inner join items using (reporter_code, flow, service_item_code, year, value_basis, source)
    where
        coalesce(releases.edition, '') = coalesce(items.edition, '')
        and releases.vintage between items.first_vintage and items.vintage
    group by all
),

-- For each item and year the release that shows the most partners; in a tie, the latest.
rank_releases as (
    select *
    from release_sizes
    qualify
        row_number() over (
            partition by reporter_code, flow, service_item_code, year, value_basis
            order by figure_count desc, known_from desc, vintage desc, source asc
        ) = 1
),

placed as (
    select
        items.*,
        rank_releases.vintage as rank_vintage,
        case
            when
                items.source = rank_releases.source
                and coalesce(items.edition, '') = coalesce(rank_releases.edition, '')
                and rank_releases.vintage between items.first_vintage and items.vintage
                then items.value_usd
        end as ranked_usd
    from items
    left join rank_releases using (reporter_code, flow, service_item_code, year, value_basis)
),

ranked as (
    select
        placed.*,
        case
            when ranked_usd is not null
                then cast(
                    rank() over (
                        partition by reporter_code, flow, service_item_code, year, value_basis
                        order by ranked_usd desc nulls last
                    ) as integer
                )
        end as partner_rank,
        cast(
            count(ranked_usd) over (partition by reporter_code, flow, service_item_code, year, value_basis) as integer
        ) as partner_count
    from placed
),

-- The year before, whatever its vintage.
before as (
    select
        ranked.*,
        earlier.year is not null as has_year_before,
        ranked.source = earlier.source and ranked.vintage = earlier.vintage as is_one_vintage,
        earlier.value_usd as earlier_usd,
        earlier.world_value_usd as earlier_world_usd,
        earlier.partner_share_pct as earlier_share_pct
    from ranked
    left join items as earlier
        on
            ranked.reporter_code = earlier.reporter_code
            and ranked.partner_code = earlier.partner_code
            and ranked.flow = earlier.flow
            and ranked.service_item_code = earlier.service_item_code
            and ranked.year = earlier.year + 1
            and ranked.value_basis = earlier.value_basis
),

changes as (
    select
        before.*,
        case
            when is_one_vintage then 'compared'
            when has_year_before then 'other_vintage'
            else 'no_year_before'
        end as change_status,
        case when is_one_vintage then partner_share_pct - earlier_share_pct end as share_change_points,
        case when is_one_vintage then round(100 * value_usd) - round(100 * earlier_usd) end as change_cents,
        case
            when is_one_vintage
                then round(
                    (world_value_usd - earlier_world_usd) * (partner_share_pct + earlier_share_pct) / 2
                )
        end as demand_cents
    from before
)

select
    *,
    100 * value_usd / nullif(services_usd + goods_usd, 0) as share_of_trade_pct,
    change_cents / 100 as change_usd,
    demand_cents / 100 as demand_effect_usd,
    (change_cents - demand_cents) / 100 as share_effect_usd,
    case
        when world_value_usd is not null and goods_usd is not null and services_usd is not null then 'complete'
        else concat_ws(
            ', ',
            case when world_value_usd is null then 'no_world' end,
            case when goods_usd is null then 'no_goods' end,
            case when services_usd is null then 'no_total' end
        )
    end as status
from changes
