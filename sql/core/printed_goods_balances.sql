/*
what: >-
  Printed balances of a reporter's goods trade with a partner in US$, from January to a day of the same year, and
  exports less imports where one publisher printed both but no balance. The balance of payments counts goods differently
  from customs, so its printed figures are not included.
grain: [figure_id]
parameters: [reporter, partner]
example: |-
  select year, balance_usd, publisher
  from core.printed_goods_balances('KOR', 'CHN')
  order by year
columns:
- figure_id: code | The figure's ID; for exports less imports, that of the exports.
- year
- period_end: date | The last day that the figure covers.
- balance_usd: US$ | Exports less imports; a deficit is negative.
- publisher, published_on (exactly), snapshot_id
*/
with printed as (
    select *
    from core.published_figures
    where
        reporter_code = reporter
        and partner_code = partner
        and unit = 'USD'
        and basis is distinct from 'balance_of_payments'
        and month(period_start) = 1
        and year(period_start) = year(period_end)
)

select
    figure_id,
    year(period_start) as year,
    period_end,
    value as balance_usd,
    publisher,
    published_on,
    snapshot_id
from printed
where metric = 'goods_balance'
union all by name
select
    exports.figure_id,
    year(exports.period_start) as year,
    exports.period_end,
    -- A figure printed in billions has no digits below a dollar.
    round(exports.value - imports.value, 0) as balance_usd,
    exports.publisher,
    exports.published_on,
    exports.snapshot_id
from printed as exports
inner join printed as imports using (publisher, period_start, period_end)
left join printed as balances
    on
        balances.metric = 'goods_balance'
        and exports.period_start = balances.period_start
        and exports.period_end = balances.period_end
where exports.metric = 'goods_exports' and imports.metric = 'goods_imports' and balances.figure_id is null
