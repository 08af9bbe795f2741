/*
what: >-
  Visitors who arrived in an economy by nationality and month, as known now. They are persons, not trade; what they
  spend is a part of travel in core.services_trade.
grain: [economy_code, visitor_code, period_start]
figures: [arrivals]
example: |-
  select period_start, arrivals, traveller_arrivals, known_from
  from core.visitor_arrivals_monthly
  where economy_code = 'KOR' and visitor_code = 'CHN' and year(period_start) = 2017
  order by period_start
columns:
  economy_code: code | The economy that they came to (ISO 3166 alpha-3).
  visitor_code: code | The visitors' nationality (ISO 3166 alpha-3), or WLD for all.
  period_start: date | First day of the month.
  period_end: date | Last day of the month.
  arrivals: persons | Visitors who arrived in the month, as the source counts them, crews among them.
  traveller_arrivals: persons | Those with an age, which crews of ships and aircraft have not.
  source: code | The publisher.
  dataset: code | The publisher's dataset.
  snapshot_id: code | The snapshot that showed the figure first.
  known_from: date | The day from which the figure counts as known.
*/
with readings as (
    select
        arrivals.economy_code,
        arrivals.visitor_code,
        arrivals.period_start,
        arrivals.period_end,
        arrivals.arrivals,
        arrivals.traveller_arrivals,
        arrivals.source,
        arrivals.dataset,
        min(snapshots.known_from) as known_from,
        max(snapshots.known_from) as last_read,
        max(snapshots.retrieved_at) as last_retrieved,
        arg_min(arrivals.snapshot_id, snapshots.known_from) as snapshot_id
    from staging.kto__arrivals_monthly as arrivals
    inner join reference.snapshots as snapshots using (snapshot_id)
    group by all
)

select * exclude (last_read, last_retrieved)
from readings
qualify
    row_number() over (
        partition by economy_code, visitor_code, period_start
        order by last_read desc, last_retrieved desc, arrivals asc, traveller_arrivals asc
    ) = 1
