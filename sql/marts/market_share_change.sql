/*
what: >-
  The change in a reporter's trade with a partner from one year to another, split into the effect of the reporter's
  trade with all partners at an unchanged share (demand) and the effect of the partner's changed share (share). This is
  constant market shares in two parts, each at the mean of the two years, so they add up to the change without a
  remainder. Each year is compared with the year before and, once for each partner, the last year with the first;
  marts.market_share_between compares any two years.
subject: balance
grain: [reporter_code, partner_code, flow, from_year, to_year]
required: [publisher_code, world_publisher_code, source, world_source, snapshot_ids]
columns:
- reporter_code, partner_code, flow, from_year, to_year, span, from_usd, to_usd, change_usd, demand_effect_usd
- share_effect_usd, from_share_pct, to_share_pct, from_rank, to_rank
- publisher_code: code | The publisher of both years' figures.
- world_publisher_code: code | The publisher of both years' totals.
- source: >-
    code | The sources through which the two years came, separated by commas; several only for a publisher with several
    channels.
- world_source: code | The sources through which the two totals came, separated by commas.
- snapshot_ids
*/
with bounded as (
    select
        *,
        min(year) over partners as first_year,
        max(year) over partners as last_year
    from marts.partner_share_annual
    where partner_kind in ('economy', 'own_goods') and share_pct is not null
    window partners as (
        partition by reporter_code, partner_code, flow, publisher_code, world_publisher_code
    )
),

changes as (
    select
        later.reporter_code,
        later.partner_code,
        later.flow,
        earlier.year as from_year,
        later.year as to_year,
        earlier.value_usd as from_usd,
        later.value_usd as to_usd,
        round(100 * later.value_usd) - round(100 * earlier.value_usd) as change_cents,
        round(
            (later.world_value_usd - earlier.world_value_usd) * (later.share_pct + earlier.share_pct) / 2
        ) as demand_cents,
        earlier.share_pct as from_share_pct,
        later.share_pct as to_share_pct,
        earlier.partner_rank as from_rank,
        later.partner_rank as to_rank,
        later.publisher_code,
        later.world_publisher_code,
        case
            when earlier.source = later.source then later.source
            else concat(earlier.source, ', ', later.source)
        end as source,
        case
            when earlier.world_source = later.world_source then later.world_source
            else concat(earlier.world_source, ', ', later.world_source)
        end as world_source,
        list_sort(list_distinct(flatten([earlier.snapshot_ids, later.snapshot_ids]))) as snapshot_ids
    from bounded as later
    inner join bounded as earlier
        using (reporter_code, partner_code, flow, publisher_code, world_publisher_code)
    where
        later.year > earlier.year
        and (
            later.year = earlier.year + 1
            or (later.year = later.last_year and earlier.year = earlier.first_year)
        )
)

select
    * exclude (change_cents, demand_cents),
    case when to_year = from_year + 1 then 'year' else 'all' end as span,
    change_cents / 100 as change_usd,
    demand_cents / 100 as demand_effect_usd,
    (change_cents - demand_cents) / 100 as share_effect_usd
from changes
