-- By flow, the largest revision of the pair's figures as a share, and the quantile $3 of the reporter's revisions.
-- Without a revision on record, the largest of all reporters counts; for a first release ($4) the reporter's quantile.
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
