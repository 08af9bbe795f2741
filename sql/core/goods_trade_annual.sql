/*
what: >-
  Goods trade of a reporter with a partner by year, as known now: one figure each, from the source that ranks first in
  core.source_precedence. No groups of economies, no products, so it is safe to sum over partners and years. A figure is
  published for the year by a source, or is the sum of twelve months of which none is missing or corrected; customs' own
  months, whoever passes them on, are preferred to another publisher's year. The sum of products that a reporter sent to
  the United Nations is preferred to another publisher's figure.
grain: [reporter_code, partner_code, flow, period_start]
required: [period_end, value_usd, valuation, observation_status, basis, source, snapshot_id, vintages]
sliced_by: period_start
columns:
- reporter_code, partner_code, flow, period_start (year), period_end (year), value_usd (held), net_weight_kg
- world_value_usd: US$ | The reporter's trade with the world in the same flow and year, where the same source has it.
- valuation, observation_status (not missing), basis (of a year)
- source: code | The publisher, or the channel that passes its figure on.
- dataset, publisher_code, precedence_reason (of this source), rate_date (of a year), snapshot_id (or of a sum)
- snapshot_ids: list | Every snapshot that contains the figure, its exchange rate or the world's figure.
- vintages
*/
with world as (
    select *
    from core.goods_trade_observations
    where
        partner_code = 'WLD'
        and classification = 'TOTAL'
        and frequency = 'A'
        and known_to is null
        and correction_id is null
        and value_usd is not null
    -- Of two datasets of one publisher, take the one known last.
    qualify
        row_number() over (
            partition by source, reporter_code, flow, period_start
            order by known_from desc, dataset asc
        ) = 1
)

select
    chosen.* exclude (precedence_rank, is_below_products, choice, known_from, snapshot_ids),
    make_date(year(chosen.period_start), 12, 31) as period_end,
    world.value_usd as world_value_usd,
    list_sort(list_distinct(flatten([chosen.snapshot_ids, [world.snapshot_id]]))) as snapshot_ids
from core.goods_trade_annual_candidates as chosen
left join world using (source, reporter_code, flow, valuation, period_start)
-- An economy's own returned goods are not trade with a partner.
where chosen.choice = 1 and chosen.reporter_code != chosen.partner_code
