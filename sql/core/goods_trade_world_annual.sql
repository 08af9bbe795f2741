/*
what: >-
  A reporter's trade in goods with the whole world by year, as known now: the total that a publisher prints, from the
  source that ranks first in core.source_precedence for goods_world. Shares are of this total; it is never a sum of
  partners. No groups of economies.
grain: [reporter_code, flow, period_start]
columns:
- reporter_code, flow, period_start (year), period_end (year), value_usd (held), valuation
- observation_status (or of a sum), basis (of the world)
- source: code | The publisher; worldbank for the WTO's totals, which it passes on.
- dataset, precedence_reason (of this source), snapshot_ids (and of its rate)
*/
select
    * exclude (precedence_rank, choice, known_from),
    make_date(year(period_start), 12, 31) as period_end
from core.goods_trade_world_annual_candidates
where choice = 1
