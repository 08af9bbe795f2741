/*
what: >-
  Start here: goods trade of a reporter with a partner by year and its balance, with names. The figures are the
  reporter's statistics; the partner's may differ (both_sides). A partner is one economy, never the world or a group;
  only where has_nearly_all_partners is true do the partners add up to about all trade of the reporter. A year that is
  not over is not included (trade_balance_monthly has its months).
grain: [reporter_code, partner_code, year]
example: |-
  select year, exports_usd, imports_usd, balance_usd, first_deficit_since, exports_source
  from trade_balance
  where reporter = 'South Korea' and partner = 'China'
  order by year desc
columns:
- reporter_code, reporter, partner_code, partner, year, exports_usd, imports_usd
- balance_usd: US$ | Exports less imports; null unless both are known. Read it with balance_sign.
- balance_sign: >-
    code | surplus, deficit or balanced; null without a balance, or where figures fail the coverage check
    (coverage_status is insufficient).
- sign_flipped: true/false | The sign differs from the year before; null where either sign is not known.
- first_deficit_since: >-
    year | For a deficit that follows a surplus, the year of the previous deficit; null if none is known.
- deficit_streak_years: count | The number of recorded deficits in a row up to this year; null without a sign.
- surplus_rank: rank | 1 is the pair's largest surplus on record.
- valuation (of two flows), is_complete
- coverage_status: >-
    code | insufficient if a flow is too incomplete, or counts something else, for a sign; apart if a flow is below half
    or above twice the partner's figure, which would not turn the sign; sufficient, partly or unchecked if both, one or
    neither flow could be checked.
- coverage_reason: >-
    text | Why there is no sign, which flow is far from the partner's, or which sign the partner's figures show.
- partner_shows_other_sign: >-
    true/false | The partner's figures give the balance another sign; the reporter's sign is kept. Null without a sign,
    or where the partner's figures do not settle it.
- has_nearly_all_partners: >-
    true/false | The available partners make at least nine tenths of the reporter's exports and of its imports in the
    year; null where no total is available.
- observation_status (of two flows), exports_source, imports_source, vintages, snapshot_ids (in meta.snapshots)
*/
with coverage as (
    select
        reporter_code,
        cast(year(period_start) as integer) as year,
        case
            when count(*) filter (where coverage_status = 'insufficient') > 0 then false
            when count(*) filter (where coverage_status = 'sufficient') = 2 then true
        end as has_nearly_all_partners
    from marts.trade_coverage
    where frequency = 'A'
    group by reporter_code, year(period_start)
)

select
    balances.*,
    reporters.name as reporter,
    partners.name as partner,
    coverage.has_nearly_all_partners
from marts.trade_balance_annual as balances
left join coverage using (reporter_code, year)
left join core.economies as reporters on balances.reporter_code = reporters.economy_code
left join core.economies as partners on balances.partner_code = partners.economy_code
order by balances.reporter_code, balances.partner_code, balances.year
