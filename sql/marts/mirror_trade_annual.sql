/*
what: >-
  One flow as two economies tell it: what the reporter reports, and what its partner reports of the same goods, for
  every year of which both are held. Exports are FOB and the partner's imports CIF, so a gap of some per cent is no
  error.
grain: [reporter_code, partner_code, year, flow]
columns:
  reporter_code: code | The economy whose flow it is (ISO 3166 alpha-3).
  partner_code: code | The economy it traded with (ISO 3166 alpha-3).
  year: year | The year.
  flow: code | export or import, as the reporter sees it.
  reported_usd: US$ | What the reporter reports.
  mirror_usd: US$ | What the partner reports of the same flow (its imports for the reporter's exports, and the reverse).
  gap_usd: US$ | reported_usd less mirror_usd.
  gap_ratio: ratio | reported_usd over mirror_usd; 1 is agreement.
  reported_valuation: code | FOB or CIF.
  mirror_valuation: code | CIF or FOB, the other one.
  reported_source: code | The publisher of what the reporter reports.
  mirror_source: code | The publisher of what the partner reports.
  snapshot_ids: list | The snapshots the figures stand in, between commas.
*/
select
    reported.reporter_code,
    reported.partner_code,
    cast(year(reported.period_start) as integer) as year,
    reported.flow,
    reported.value_usd as reported_usd,
    mirror.value_usd as mirror_usd,
    reported.value_usd - mirror.value_usd as gap_usd,
    reported.value_usd / nullif(mirror.value_usd, 0) as gap_ratio,
    reported.valuation as reported_valuation,
    mirror.valuation as mirror_valuation,
    reported.source as reported_source,
    mirror.source as mirror_source,
    array_to_string(
        list_sort(list_distinct(string_split(concat(reported.snapshot_ids, ', ', mirror.snapshot_ids), ', '))), ', '
    ) as snapshot_ids
from core.goods_trade_annual as reported
inner join core.goods_trade_annual as mirror
    on
        reported.reporter_code = mirror.partner_code
        and reported.partner_code = mirror.reporter_code
        and reported.flow != mirror.flow
        and reported.period_start = mirror.period_start
