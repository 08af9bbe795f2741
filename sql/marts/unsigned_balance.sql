/*
what: >-
  The reason why a reporter's balance with a partner has no sign in a year: a flow is missing, or figures fail the
  coverage check. One row if the balance has no sign, also for a year without any figures; no row if it has one.
subject: balance
grain: [year]
parameters: [reporter, partner, balance_year]
example: |-
  select year, missing_series, is_thin
  from marts.unsigned_balance('KAZ', 'CHN', 2021)
columns:
- year
- missing_series: >-
    text | The missing flows, or both flows if they fail the coverage check, as `goods/A/KOR/export/CHN/TOTAL`.
- is_thin: >-
    true/false | Both flows are available but fail the coverage check (coverage_status in marts.trade_balance_annual).
*/
with held as (
    select
        max(exports_usd) as exports_usd,
        max(imports_usd) as imports_usd,
        max(balance_sign) as balance_sign,
        coalesce(bool_or(coverage_status = 'insufficient'), false) as is_thin
    from marts.trade_balance_annual
    where reporter_code = reporter and partner_code = partner and year = balance_year
)

select
    balance_year as year,
    concat(
        'goods/A/', reporter, '/',
        case
            when held.exports_usd is null and held.imports_usd is not null then 'export'
            when held.imports_usd is null and held.exports_usd is not null then 'import'
            else 'export+import'
        end,
        '/', partner, '/TOTAL'
    ) as missing_series,
    held.is_thin
from held
where held.balance_sign is null
