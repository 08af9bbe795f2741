/*
what: >-
  Goods trade of a reporter with a partner by month and its balance, with names, and the balance for the year to date
  and for the same months of the year before. Months of an unfinished year do not add up to a year: is_complete_year
  marks years with twelve, and balance_ytd_usd and prior_year_balance_ytd_usd compare the same months. Many months have
  few of a reporter's partners (partner_count), so their sum is not the reporter's total trade.
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
    code | summed if the months are added up to the year to date; published if the source prints it with revisions, so
    the months need not add up to it.
- balance_12m_usd: US$ | Balance of the twelve months up to this one, with the revisions in published years to date.
- exports_yoy_pct, imports_yoy_pct
- is_complete: true/false | Both flows of the month are known.
- is_complete_year: >-
    true/false | Both flows of all twelve months of the year are known; December's year to date is the year.
- partner_count: count | The number of the reporter's partners available in the month, in the flow that has fewer.
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
    -- The names are in PARTITION BY so that DuckDB can apply a filter on them before the window.
    count(balance_usd) over (partition by reporter_code, reporter, partner_code, partner, year) = 12
        as is_complete_year
from named
order by reporter_code, partner_code, year, month
