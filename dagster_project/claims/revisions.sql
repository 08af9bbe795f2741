-- By flow, the largest share by which figures of a pair have been revised, and that of most of the reporter's ($3 of them).
-- Of whom no revision is on record the largest of all counts; soon after a period ($4) any of the reporter's does.
with by_flow as (
    select
        flow,
        max(size) filter (where reporter_code = $1 and partner_code = $2) as own,
        quantile_cont(size, $3) filter (where reporter_code = $1) as most,
        max(max(size)) over () as every
    from (select *, abs(revision_pct) / 100 as size from marts.revisions)
    where metric = 'goods_trade' and item_code = 'TOTAL' and flow is not null
    group by flow
)

select
    flow,
    coalesce(case when not $4 then own end, most, every) as of_pair,
    greatest(of_pair, coalesce(most, every)) as largest
from by_flow
