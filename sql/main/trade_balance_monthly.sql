/*
what: >-
  Goods trade of a reporter with a partner by month and its balance, with names, beside the year to date and the same
  months of the year before. Months of a year that is not over add up to no year: is_complete_year says which years have
  twelve, and balance_ytd_usd with prior_year_balance_ytd_usd compare the same months. Many months have few of a
  reporter's partners (partner_count), which then add up to no total of its trade.
grain: [reporter_code, partner_code, year, month]
example: |-
  select year, month, balance_usd, balance_ytd_usd, prior_year_balance_ytd_usd
  from trade_balance_monthly
  where reporter = 'South Korea' and partner = 'China'
  order by year desc, month desc limit 12
columns:
- reporter_code, reporter, partner_code, partner, year
- month: month | The month, 1 to 12.
- exports_usd, imports_usd, balance_usd, exports_ytd_usd, imports_ytd_usd, balance_ytd_usd, prior_year_balance_ytd_usd
- ytd_basis: >-
    code | summed if the months add up to the year to date; published if the source prints it with revisions, so that
    the months need not add up.
- balance_12m_usd: US$ | Balance of the twelve months to this one, with these revisions.
- exports_yoy_pct, imports_yoy_pct
- is_complete: true/false | Both flows of the month are known.
- is_complete_year: >-
    true/false | Both flows of all twelve months of the year are known; December's year to date is the year.
- partner_count: count | Partners that are held of the reporter in the month, in the flow that has fewer.
- is_comparable_month, rate_date, exports_source, imports_source, snapshot_ids (in meta.snapshots)
*/
with coverage as (
    select
        reporter_code,
        period_start,
        min(partner_count) as partner_count
    from marts.trade_coverage
    where frequency = 'M'
    group by all
),

named as (
    select
        balances.*,
        coverage.partner_count,
        reporters.name as reporter,
        partners.name as partner,
        cast(year(balances.period_start) as integer) as year,
        cast(month(balances.period_start) as integer) as month
    from marts.trade_balance_monthly as balances
    left join coverage using (reporter_code, period_start)
    left join core.economies as reporters on balances.reporter_code = reporters.economy_code
    left join core.economies as partners on balances.partner_code = partners.economy_code
)

select
    *,
    balance_usd is not null as is_complete,
    -- With the names among the partitions a condition on them is applied before.
    count(balance_usd) over (partition by reporter_code, reporter, partner_code, partner, year) = 12
        as is_complete_year
from named
order by reporter_code, partner_code, year, month
