-- Values that authorities of the partner printed of a flow, the total or the balance of a period, from the reporter's
-- view: its exports are the partner's imports, and its balance is the partner's imports less the partner's exports.
with prints as (
    select
        publisher,
        is_official,
        metric,
        case
            when $1 = 'balance' and metric = 'goods_exports' then -value
            when metric = case $1 when 'export' then 'goods_imports' when 'import' then 'goods_exports' else metric end
                then value
        end as value
    from core.published_figures
    where basis = 'customs' and unit = 'USD' and reporter_code = $2 and partner_code = $3
        and period_start = $4 and period_end = $5 and metric in ('goods_exports', 'goods_imports')
)

select publisher, sum(value) as value
from prints
where value is not null
group by publisher, is_official
having count(*) = count(distinct metric) and count(*) = case when $1 in ('export', 'import') then 1 else 2 end
order by is_official desc, publisher
