/*
what: >-
  Goods trade of a reporter with a partner by month, as known now: one figure each, from the source that stands first
  in warehouse/reference/source_precedence.csv. No groups of economies, no products, no corrected months, so it is
  safe to sum.
grain: [reporter_code, partner_code, flow, period_start]
columns:
  reporter_code: code | The economy whose statistics these are (ISO 3166 alpha-3).
  partner_code: code | The economy it traded with (ISO 3166 alpha-3).
  flow: code | export or import, as the reporter sees it.
  period_start: date | First day of the month.
  period_end: date | Last day of the month.
  value_usd: US$ | Value of the goods.
  net_weight_kg: kg | Net weight, where the source has it.
  valuation: code | FOB for exports, CIF for imports.
  observation_status: code | SDMX status, A normal.
  source: code | The publisher.
  dataset: code | The publisher's dataset.
  precedence_reason: text | Why this source stands where it does.
  snapshot_id: code | The snapshot the figure stands in.
*/
with candidates as (
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        period_start,
        period_end,
        value_usd,
        net_weight_kg,
        valuation,
        observation_status,
        snapshot_id
    from core.goods_trade_observations
    where
        classification = 'TOTAL'
        and frequency = 'M'
        and known_to is null
        and correction_id is null
        and value_usd is not null
),

precedence as (
    select
        rules.reporter_code,
        rules.flow,
        rules.source,
        rules.dataset,
        cast(rules.rank as integer) as precedence_rank,
        coalesce(cast(rules.valid_from_year as integer), 0) as valid_from_year,
        coalesce(cast(rules.valid_to_year as integer), 9999) as valid_to_year,
        rules.reason
    from reference.source_precedence as rules
    where rules.metric = 'goods_total' and rules.frequency = 'M'
),

-- An economy that the list names has its own order; the others share that of '*'.
reporters as (
    select
        candidates.reporter_code,
        coalesce(max(precedence.reporter_code), '*') as listed_as
    from candidates
    left join precedence on candidates.reporter_code = precedence.reporter_code
    group by candidates.reporter_code
)

select
    candidates.reporter_code,
    candidates.partner_code,
    candidates.flow,
    candidates.period_start,
    candidates.period_end,
    candidates.value_usd,
    candidates.net_weight_kg,
    candidates.valuation,
    candidates.observation_status,
    candidates.source,
    candidates.dataset,
    precedence.reason as precedence_reason,
    candidates.snapshot_id
from candidates
inner join core.economies as partners
    on candidates.partner_code = partners.economy_code and not partners.is_aggregate
inner join reporters on candidates.reporter_code = reporters.reporter_code
inner join precedence
    on
        reporters.listed_as = precedence.reporter_code
        and precedence.flow in ('*', candidates.flow)
        and candidates.source = precedence.source
        and candidates.dataset = precedence.dataset
        and year(candidates.period_start) between precedence.valid_from_year and precedence.valid_to_year
qualify
    row_number() over (
        partition by candidates.reporter_code, candidates.partner_code, candidates.flow, candidates.period_start
        order by precedence.precedence_rank, candidates.source, candidates.dataset
    ) = 1
