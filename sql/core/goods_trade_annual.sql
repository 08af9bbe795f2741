/*
what: >-
  Goods trade of a reporter with a partner by year, as known now: one figure each, from the source that stands first
  in warehouse/reference/source_precedence.csv. No groups of economies, no products, so it is safe to sum over
  partners and years. A figure is one that a source publishes for the year, or the sum of twelve months of which none
  is missing or corrected.
grain: [reporter_code, partner_code, flow, period_start]
columns:
  reporter_code: code | The economy whose statistics these are (ISO 3166 alpha-3).
  partner_code: code | The economy it traded with (ISO 3166 alpha-3).
  flow: code | export or import, as the reporter sees it.
  period_start: date | First day of the year.
  period_end: date | Last day of the year.
  value_usd: US$ | Value of the goods.
  net_weight_kg: kg | Net weight, where the source has it.
  world_value_usd: US$ | The reporter's trade with the world in the same flow and year, where the same source has it.
  valuation: code | FOB for exports, CIF for imports.
  observation_status: code | SDMX status, A normal.
  basis: code | published if the source gives the year, summed if it is twelve months added up here.
  source: code | The publisher.
  dataset: code | The publisher's dataset.
  precedence_reason: text | Why this source stands where it does.
  snapshot_id: code | The snapshot the figure stands in; of a sum, one of them.
  snapshot_ids: list | Every snapshot that the figure and the world's stand in, between commas.
*/
with known as (
    select
        observations.source,
        observations.dataset,
        observations.reporter_code,
        observations.partner_code,
        observations.flow,
        observations.frequency,
        observations.period_start,
        observations.value_usd,
        observations.net_weight_kg,
        observations.valuation,
        observations.observation_status,
        observations.snapshot_id
    from core.goods_trade_observations as observations
    where
        observations.classification = 'TOTAL'
        and observations.known_to is null
        and observations.correction_id is null
        and observations.value_usd is not null
),

candidates as (
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        'published' as basis,
        period_start,
        value_usd,
        net_weight_kg,
        valuation,
        observation_status,
        snapshot_id,
        snapshot_id as snapshot_ids
    from known
    where frequency = 'A'
    union all
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        'summed' as basis,
        make_date(year(period_start), 1, 1) as period_start,
        sum(value_usd) as value_usd,
        case when count(net_weight_kg) = 12 then sum(net_weight_kg) end as net_weight_kg,
        valuation,
        -- Of A, E and P the last in the alphabet is the least certain: one provisional month makes a provisional year.
        max(observation_status) as observation_status,
        max(snapshot_id) as snapshot_id,
        string_agg(distinct snapshot_id, ', ' order by snapshot_id) as snapshot_ids
    from known
    where frequency = 'M'
    group by source, dataset, reporter_code, partner_code, flow, valuation, year(period_start)
    having count(distinct period_start) = 12
),

precedence as (
    select
        rules.reporter_code,
        rules.flow,
        rules.source,
        rules.dataset,
        rules.basis,
        cast(rules.rank as integer) as precedence_rank,
        coalesce(cast(rules.valid_from_year as integer), 0) as valid_from_year,
        coalesce(cast(rules.valid_to_year as integer), 9999) as valid_to_year,
        rules.reason
    from reference.source_precedence as rules
    where rules.metric = 'goods_total' and rules.frequency = 'A'
),

-- An economy that the list names has its own order; the others share that of '*'.
reporters as (
    select
        candidates.reporter_code,
        coalesce(max(precedence.reporter_code), '*') as listed_as
    from candidates
    left join precedence on candidates.reporter_code = precedence.reporter_code
    group by candidates.reporter_code
),

chosen as (
    select
        candidates.*,
        precedence.reason as precedence_reason
    from candidates
    inner join reporters on candidates.reporter_code = reporters.reporter_code
    inner join precedence
        on
            reporters.listed_as = precedence.reporter_code
            and precedence.flow in ('*', candidates.flow)
            and candidates.source = precedence.source
            and candidates.dataset = precedence.dataset
            and candidates.basis = precedence.basis
            and year(candidates.period_start) between precedence.valid_from_year and precedence.valid_to_year
    qualify
        row_number() over (
            partition by
                candidates.reporter_code, candidates.partner_code, candidates.flow, candidates.period_start
            order by precedence.precedence_rank, candidates.source, candidates.dataset
        ) = 1
),

world as (
    select
        source,
        reporter_code,
        flow,
        period_start,
        max(value_usd) as world_value_usd,
        arg_max(snapshot_id, value_usd) as world_snapshot_id
    from known
    where partner_code = 'WLD' and frequency = 'A'
    group by source, reporter_code, flow, period_start
)

select
    chosen.reporter_code,
    chosen.partner_code,
    chosen.flow,
    chosen.period_start,
    make_date(year(chosen.period_start), 12, 31) as period_end,
    chosen.value_usd,
    chosen.net_weight_kg,
    world.world_value_usd,
    chosen.valuation,
    chosen.observation_status,
    chosen.basis,
    chosen.source,
    chosen.dataset,
    chosen.precedence_reason,
    chosen.snapshot_id,
    array_to_string(
        list_sort(list_distinct(string_split(concat_ws(', ', chosen.snapshot_ids, world.world_snapshot_id), ', '))),
        ', '
    ) as snapshot_ids
from chosen
inner join core.economies as partners on chosen.partner_code = partners.economy_code and not partners.is_aggregate
left join world
    on
        chosen.source = world.source
        and chosen.reporter_code = world.reporter_code
        and chosen.flow = world.flow
        and chosen.period_start = world.period_start
