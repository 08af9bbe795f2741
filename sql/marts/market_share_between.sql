/*
what: >-
  The change in a reporter's trade with each of its partners between any two years, split into demand and share as in
  marts.market_share_change, one row a partner. A partner with trade in only one year is included if the other year's
  source lists every partner, so its trade was zero; trade attributed to no partner is left out.
subject: balance
grain: [partner_code]
parameters: [reporter, direction, since_year, until_year]
example: |-
  select partner_code, from_share_pct, to_share_pct, share_effect_usd, from_rank, to_rank
  from marts.market_share_between('CHN', 'import', 2013, 2015)
  order by share_effect_usd desc limit 10
columns:
- reporter_code, partner_code, flow, from_year, to_year
- change_usd: US$ | Value in the later year less value in the earlier year, in whole cents.
- demand_effect_usd, share_effect_usd, from_share_pct, to_share_pct
- share_change_points: percentage points | to_share_pct less from_share_pct.
- from_rank, to_rank
- publisher_code: code | The publisher of both years' figures; null if they have two publishers and do not compare.
- world_publisher_code: code | The publisher of both years' totals; null if they have two.
- source: code | The source through which the figures came; null if the two years have different ones.
- world_source: code | The source through which the totals came; null if the two years have different ones.
- snapshot_ids
*/
with held as (
    select *
    from marts.partner_share_annual
    where
        reporter_code = reporter and flow = direction and year in (since_year, until_year)
        and partner_kind in ('economy', 'own_goods') and share_pct is not null
),

-- The same in every row of a year.
years as (
    select
        year,
        max(world_value_usd) as world_value_usd,
        max(world_source) as world_source,
        max(source) as source,
        max(publisher_code) as publisher_code,
        max(world_publisher_code) as world_publisher_code,
        min(status) != 'some_partners' as is_whole,
        list_sort(list_distinct(flatten(array_agg(snapshot_ids)))) as snapshot_ids
    from held
    where partner_kind = 'economy'
    group by year
),

worlds as (
    select
        earlier.world_value_usd as from_world_usd,
        later.world_value_usd as to_world_usd,
        case when earlier.source = later.source then later.source end as source,
        case when earlier.world_source = later.world_source then later.world_source end as world_source,
        case when earlier.publisher_code = later.publisher_code then later.publisher_code end as publisher_code,
        case when earlier.world_publisher_code = later.world_publisher_code then later.world_publisher_code end
            as world_publisher_code,
        earlier.is_whole as from_is_whole,
        later.is_whole as to_is_whole,
        list_sort(list_distinct(flatten([earlier.snapshot_ids, later.snapshot_ids]))) as snapshot_ids
    from years as earlier
    cross join years as later
    where earlier.year = since_year and later.year = until_year
),

partners as (
    select distinct partner_code
    from held
),

effects as (
    select
        partners.partner_code,
        round(100 * coalesce(later.value_usd, 0)) - round(100 * coalesce(earlier.value_usd, 0)) as change_cents,
        round(
            (worlds.to_world_usd - worlds.from_world_usd)
            * (coalesce(later.share_pct, 0) + coalesce(earlier.share_pct, 0)) / 2
        ) as demand_cents,
        coalesce(earlier.share_pct, 0) as from_share_pct,
        coalesce(later.share_pct, 0) as to_share_pct,
        earlier.partner_rank as from_rank,
        later.partner_rank as to_rank,
        worlds.*
    from partners
    cross join worlds
    left join held as earlier on partners.partner_code = earlier.partner_code and earlier.year = since_year
    left join held as later on partners.partner_code = later.partner_code and later.year = until_year
    where
        worlds.from_world_usd is not null and worlds.to_world_usd is not null
        and (earlier.partner_code is not null or worlds.from_is_whole)
        and (later.partner_code is not null or worlds.to_is_whole)
),

asked as (
    select
        reporter as reporter_code,
        direction as flow,
        since_year as from_year,
        until_year as to_year
)

select
    asked.*,
    effects.*,
    effects.change_cents / 100 as change_usd,
    effects.demand_cents / 100 as demand_effect_usd,
    (effects.change_cents - effects.demand_cents) / 100 as share_effect_usd,
    effects.to_share_pct - effects.from_share_pct as share_change_points
from effects
cross join asked
