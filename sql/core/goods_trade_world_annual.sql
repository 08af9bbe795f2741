/*
what: >-
  A reporter's trade in goods with the whole world by year, as known now: the total that a publisher prints, from the
  source that stands first in core.source_precedence for goods_world. It is what shares are taken of, and is never the
  partners added up. No groups of economies.
grain: [reporter_code, flow, period_start]
columns:
  reporter_code: code | The economy whose statistics these are (ISO 3166 alpha-3).
  flow: code | export or import, as the reporter sees it.
  period_start: date | First day of the year.
  period_end: date | Last day of the year.
  value_usd: US$ | Value of the goods.
  valuation: code | FOB or CIF.
  observation_status: code | SDMX status, A normal; of a sum, that of the least certain month.
  basis: code | published if the source gives the year, summed if it is the world's twelve months added up here.
  source: code | The publisher; worldbank for the WTO's totals, which it passes on.
  dataset: code | The publisher's dataset.
  precedence_reason: text | Why this source stands where it does.
  snapshot_ids: list | Every snapshot that the figure stands in.
*/
select
    * exclude (precedence_rank, choice, known_from),
    make_date(year(period_start), 12, 31) as period_end
from core.goods_trade_world_annual_candidates
where choice = 1
