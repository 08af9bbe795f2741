/*
what: >-
  Visitors who arrived in an economy by nationality and month, as known now. They are persons, not trade; their spending
  is a part of travel in core.services_trade.
grain: [economy_code, visitor_code, period_start]
figures: [arrivals]
example: |-
  select period_start, arrivals, traveller_arrivals, known_from
  from core.visitor_arrivals_monthly
  where economy_code = 'KOR' and visitor_code = 'CHN' and year(period_start) = 2017
  order by period_start
columns:
- economy_code (of arrival), visitor_code, period_start (month), period_end (month), arrivals, traveller_arrivals
- source, dataset, snapshot_id (of the first), known_from
*/
with received as (
    select
        source,
        dataset,
        economy_code,
        visitor_code,
        period_start,
        period_end,
        arrivals,
        traveller_arrivals,
        snapshot_id
    from feeds
),

readings as (
    select
        received.* exclude (snapshot_id),
        min(snapshots.known_from) as known_from,
        max(snapshots.known_from) as last_read,
        max(snapshots.retrieved_at) as last_retrieved,
        arg_min(received.snapshot_id, snapshots.known_from) as snapshot_id
    from received
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
