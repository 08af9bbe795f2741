/*
what: >-
  What changed a reporter's balance with a partner from one year to another: exports lost or gained against imports
  gained or lost. Every pair and year that has a balance, against the year before and, once a pair, the last year on
  record against the first. marts.balance_change_between answers for any two years and by product.
grain: [reporter_code, partner_code, from_year, to_year]
columns:
  reporter_code: code | The economy whose statistics these are (ISO 3166 alpha-3).
  partner_code: code | The economy it traded with (ISO 3166 alpha-3).
  from_year: year | The earlier year.
  to_year: year | The later year.
  span: code | year for a year against the one before, all for the last year against the first.
  balance_from_usd: US$ | Exports less imports in the earlier year.
  balance_to_usd: US$ | Exports less imports in the later year.
  balance_change_usd: US$ | balance_to_usd less balance_from_usd, in whole cents.
  exports_change_usd: US$ | What exports added to the balance, or took from it.
  imports_change_usd: US$ | The change in imports; growth takes from the balance.
  exports_contribution_pct: percent | exports_change_usd, share of the change in the balance.
  imports_contribution_pct: percent | The change in imports with its sign turned, share of the change in the balance.
  driver: >-
    code | What moved the balance most the way it went: exports_lost, imports_gained, exports_gained or imports_lost;
    null if it did not move.
  snapshot_ids: list | The snapshots the figures stand in, between commas.
*/
with balances as (
    select
        reporter_code,
        partner_code,
        year,
        -- Whole cents: below 2^53 they add up in any order without a remainder.
        round(100 * exports_usd) as exports_cents,
        round(100 * imports_usd) as imports_cents,
        min(year) over (partition by reporter_code, partner_code) as first_year,
        max(year) over (partition by reporter_code, partner_code) as last_year,
        snapshot_ids
    from marts.trade_balance_annual
    where is_complete
),

changes as (
    select
        later.reporter_code,
        later.partner_code,
        earlier.year as from_year,
        later.year as to_year,
        case when earlier.year = later.year - 1 then 'year' else 'all' end as span,
        (earlier.exports_cents - earlier.imports_cents) / 100 as balance_from_usd,
        (later.exports_cents - later.imports_cents) / 100 as balance_to_usd,
        later.exports_cents - earlier.exports_cents as exports_change_cents,
        later.imports_cents - earlier.imports_cents as imports_change_cents,
        case
            when earlier.snapshot_ids = later.snapshot_ids then later.snapshot_ids
            else array_to_string(
                list_sort(
                    list_distinct(string_split(concat(earlier.snapshot_ids, ', ', later.snapshot_ids), ', '))
                ), ', '
            )
        end as snapshot_ids
    from balances as later
    inner join balances as earlier
        on
            later.reporter_code = earlier.reporter_code
            and later.partner_code = earlier.partner_code
            and later.year > earlier.year
            and (
                earlier.year = later.year - 1
                or (earlier.year = earlier.first_year and later.year = later.last_year)
            )
)

select
    reporter_code,
    partner_code,
    from_year,
    to_year,
    span,
    balance_from_usd,
    balance_to_usd,
    (exports_change_cents - imports_change_cents) / 100 as balance_change_usd,
    exports_change_cents / 100 as exports_change_usd,
    imports_change_cents / 100 as imports_change_usd,
    100 * exports_change_cents / nullif(exports_change_cents - imports_change_cents, 0) as exports_contribution_pct,
    -100 * imports_change_cents / nullif(exports_change_cents - imports_change_cents, 0) as imports_contribution_pct,
    case
        when exports_change_cents < imports_change_cents
            then case when -exports_change_cents > imports_change_cents then 'exports_lost' else 'imports_gained' end
        when exports_change_cents > imports_change_cents
            then case when exports_change_cents > -imports_change_cents then 'exports_gained' else 'imports_lost' end
    end as driver,
    snapshot_ids
from changes
