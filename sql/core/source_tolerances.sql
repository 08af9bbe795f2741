/*
what: >-
  The largest expected difference between two sources of one figure, or between a figure converted into US$ and the one
  that its publisher prints; each with its reason. A larger difference needs a person. Of the rules that match two
  figures, the one with the lowest rank applies: a documented case first, then a rule for the two sources, then the
  general one; within a rank, the widest.
grain: [metric, frequency, reporter_code, partner_code, flow, source, other_source, valid_from_year, tolerance_rank]
required: [reason]
example: |-
  select metric, reporter_code, source, other_source, tolerance_pct, tolerance_usd, reason
  from core.source_tolerances
  order by metric, tolerance_rank
columns:
- metric: code | goods_total, services, or conversion (of a source's own currency into US$; A is a year to date, too).
- frequency: code | A annual, M monthly; '*' for both.
- reporter_code: code | The economy whose statistics these are (ISO 3166 alpha-3); '*' for any.
- partner_code: code | The economy that the reporter traded with (ISO 3166 alpha-3); '*' for any.
- flow: code | export or import, as the reporter sees it; '*' for both.
- source: code | One publisher; '*' for any.
- other_source: code | The other publisher, for a conversion that of the rate; '*' for any.
- valid_from_year, valid_to_year
- tolerance_rank: rank | 1 a documented case, 2 two sources, 3 all.
- tolerance_pct: percent | The allowed difference of the other figure, as a share of the chosen one.
- tolerance_usd: US$ | A difference that is negligible, whatever its share.
- reason (in short)
*/
select
    * exclude (valid_from_year, valid_to_year, tolerance_pct, tolerance_usd),
    coalesce(cast(valid_from_year as integer), 0) as valid_from_year,
    coalesce(cast(valid_to_year as integer), 9999) as valid_to_year,
    cast(rank as integer) as tolerance_rank,
    cast(tolerance_pct as double) as tolerance_pct,
    cast(tolerance_usd as double) as tolerance_usd
from reference.source_tolerances
