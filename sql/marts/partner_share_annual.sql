/*
what: >-
  A partner's share and rank in all that a reporter exports or imports, beside its rivals, by year. All partners of a
  year and flow come from one source, which has the world's figure or nearly every partner, so that a figure may differ
  from the one in marts.trade_balance_annual, whose source is chosen pair by pair.
grain: [reporter_code, partner_code, flow, year]
columns:
  reporter_code: code | The economy whose statistics these are (ISO 3166 alpha-3).
  partner_code: code | The economy it traded with (ISO 3166 alpha-3).
  flow: code | export or import, as the reporter sees it.
  year: year | The year.
  value_usd: US$ | Value of the goods.
  world_value_usd: US$ | The reporter's trade with the world in the flow.
  world_basis: code | reported by the source, or summed over the partners.
  share_pct: percent | The partner's share of the reporter's trade with the world.
  partner_rank: rank | 1 is the largest partner; null where too many partners are missing to tell.
  partner_count: count | Partners that the source has for the year and flow.
  partners_share_pct: percent | What those partners make of the world's figure; the rest is not attributed.
  share_change_points: >-
    percentage points | share_pct less that of the year before; null without it, or if that is from another source.
  source: code | The publisher.
  snapshot_ids: list | The snapshots the figures stand in, between commas.
*/
with known as (
    select
        observations.reporter_code,
        observations.partner_code,
        observations.flow,
        cast(year(observations.period_start) as integer) as year,
        observations.value_usd,
        observations.source,
        observations.dataset,
        observations.snapshot_id,
        observations.known_from,
        precedence.precedence_rank,
        partners.is_aggregate
    from core.goods_trade_observations as observations
    inner join core.economies as partners on observations.partner_code = partners.economy_code
    -- A source that is not named there gives no total.
    left join core.source_precedence as precedence
        on
            precedence.metric = 'goods_total'
            and precedence.frequency = 'A'
            and precedence.basis = 'published'
            and observations.reporter_code = precedence.reporter_code
            and observations.flow = precedence.flow
            and observations.source = precedence.source
            and observations.dataset = precedence.dataset
            and year(observations.period_start) between precedence.valid_from_year and precedence.valid_to_year
    where
        observations.frequency = 'A'
        and observations.classification = 'TOTAL'
        and observations.known_to is null
        and observations.correction_id is null
        and observations.value_usd is not null
        and (not partners.is_aggregate or partners.economy_code = 'WLD')
),

figures as (
    select *
    from known
    where not is_aggregate and precedence_rank is not null
    -- Of two datasets of one publisher, what became known last.
    qualify
        row_number() over (
            partition by source, reporter_code, partner_code, flow, year
            order by known_from desc, dataset asc
        ) = 1
),

worlds as (
    select *
    from known
    where is_aggregate
    qualify
        row_number() over (
            partition by source, reporter_code, flow, year
            order by known_from desc, dataset asc
        ) = 1
),

sources as (
    select
        figures.reporter_code,
        figures.flow,
        figures.year,
        figures.source,
        count(*) as partner_count,
        min(figures.precedence_rank) as precedence_rank,
        -- Rounded, so that the order of adding leaves no trace.
        round(sum(figures.value_usd), 2) as partners_usd,
        max(worlds.value_usd) as reported_world_usd,
        min(figures.snapshot_id) as first_snapshot_id,
        max(figures.snapshot_id) as last_snapshot_id,
        max(worlds.snapshot_id) as world_snapshot_id
    from figures
    left join worlds
        on
            figures.reporter_code = worlds.reporter_code
            and figures.flow = worlds.flow
            and figures.year = worlds.year
            and figures.source = worlds.source
    group by figures.reporter_code, figures.flow, figures.year, figures.source
    -- Fewer than a hundred partners are some partners, and their sum is no world.
    having max(worlds.value_usd) is not null or count(*) >= 100
),

chosen as (
    select
        *,
        coalesce(reported_world_usd, partners_usd) as world_value_usd,
        concat_ws(
            ', ', first_snapshot_id, case when last_snapshot_id != first_snapshot_id then last_snapshot_id end,
            case when world_snapshot_id not in (first_snapshot_id, last_snapshot_id) then world_snapshot_id end
        ) as snapshot_ids
    from sources
    qualify
        row_number() over (
            partition by reporter_code, flow, year
            order by partner_count desc, precedence_rank asc, source asc
        ) = 1
),

shares as (
    select
        figures.reporter_code,
        figures.partner_code,
        figures.flow,
        figures.year,
        figures.value_usd,
        chosen.world_value_usd,
        case when chosen.reported_world_usd is null then 'summed' else 'reported' end as world_basis,
        100 * figures.value_usd / nullif(chosen.world_value_usd, 0) as share_pct,
        case
            when chosen.partners_usd >= 0.9 * chosen.world_value_usd
                then rank() over (
                    partition by figures.reporter_code, figures.flow, figures.year
                    order by figures.value_usd desc
                )
        end as partner_rank,
        chosen.partner_count,
        100 * chosen.partners_usd / nullif(chosen.world_value_usd, 0) as partners_share_pct,
        chosen.source,
        chosen.snapshot_ids
    from figures
    inner join chosen
        on
            figures.reporter_code = chosen.reporter_code
            and figures.flow = chosen.flow
            and figures.year = chosen.year
            and figures.source = chosen.source
)

select
    reporter_code,
    partner_code,
    flow,
    year,
    value_usd,
    world_value_usd,
    world_basis,
    share_pct,
    partner_rank,
    partner_count,
    partners_share_pct,
    case
        when
            lag(year) over partner_years = year - 1
            and lag(source) over partner_years = source
            and lag(world_basis) over partner_years = world_basis
            then share_pct - lag(share_pct) over partner_years
    end as share_change_points,
    source,
    snapshot_ids
from shares
window partner_years as (partition by reporter_code, partner_code, flow order by year)
