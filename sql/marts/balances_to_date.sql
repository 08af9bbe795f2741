/*
what: >-
  A reporter's balance of goods with a partner from January to the end of each available month, and for each whole year;
  no rows for a year if its balance, or that of the year before, fails the coverage check.
subject: balance
grain: [until]
parameters: [reporter, partner]
example: |-
  select until, balance_usd
  from marts.balances_to_date('KOR', 'CHN')
  order by until desc
  limit 12
columns:
- year
- until: date | The last day of the sum.
- balance_usd: US$ | Exports less imports from January to that day; a deficit is negative.
- rate_date (of a year)
- snapshot_ids
*/
select
    balances.year,
    make_date(balances.year, 12, 31) as until,
    balances.balance_usd,
    balances.rate_date,
    balances.snapshot_ids
from marts.trade_balance_annual as balances
where balances.reporter_code = reporter and balances.partner_code = partner and balances.balance_sign is not null
union all
select
    year(balances.period_start) as year,
    last_day(balances.period_start) as until,
    balances.balance_ytd_usd as balance_usd,
    balances.rate_date,
    list_sort(list_distinct(flatten(array_agg(summed.snapshot_ids)))) as snapshot_ids
from marts.trade_balance_monthly as balances
inner join marts.trade_balance_monthly as summed
    on
        balances.reporter_code = summed.reporter_code
        and balances.partner_code = summed.partner_code
        and year(balances.period_start) = year(summed.period_start)
        and balances.period_start >= summed.period_start
left join marts.trade_balance_annual as thin
    on
        balances.reporter_code = thin.reporter_code
        and balances.partner_code = thin.partner_code
        and year(balances.period_start) - thin.year in (0, 1)
        and thin.coverage_status = 'insufficient'
where
    balances.reporter_code = reporter
    and balances.partner_code = partner
    and balances.balance_ytd_usd is not null
    and month(balances.period_start) < 12
    and thin.year is null
group by all
