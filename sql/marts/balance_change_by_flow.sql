/*
what: >-
  The change in a reporter's balance with a partner from one year to another, split into exports lost or gained and
  imports gained or lost. Every pair and year with a balance is compared with the year before and, once for each pair,
  the last recorded year with the first. Both years come from one publisher: where the chosen figures come from two, a
  publisher that has both years is used; if there is none, the row has both balances but no change. Where figures fail
  the coverage check, the row has a change but no driver. marts.balance_change_between compares any two years, also by
  product.
subject: balance
grain: [reporter_code, partner_code, from_year, to_year]
required: [balance_from_usd, balance_to_usd, exports_source, imports_source, snapshot_ids]
columns:
- reporter_code, partner_code, from_year, to_year, span, balance_from_usd, balance_to_usd
- change_status: >-
    code | chosen for the figures chosen by the warehouse, common_publisher where one or both flows come from another
    publisher in both years, no_common_publisher if no publisher has both years of a flow; too_thin if figures of either
    year fail the coverage check (coverage_status in marts.trade_balance_annual), whoever publishes them.
- exports_source (of both years), imports_source
- balance_change_usd: US$ | balance_to_usd less balance_from_usd, in whole cents; null without a comparison.
- exports_change_usd
- imports_change_usd: US$ | The change in imports; an increase takes from the balance.
- exports_contribution_pct: percent | exports_change_usd as a share of the balance's change; null if too_thin.
- imports_contribution_pct: >-
    percent | imports_change_usd with its sign reversed, as a share of the balance's change; null if too_thin.
- driver: >-
    code | The flow that moved the balance most in the direction in which it went: exports_lost, imports_gained,
    exports_gained or imports_lost; null if it did not move, there is no comparison or the status is too_thin.
- snapshot_ids
*/
with balances as (
    select
        *,
        min(year) over (partition by reporter_code, partner_code) as first_year,
        max(year) over (partition by reporter_code, partner_code) as last_year
    from marts.trade_balance_annual
    where is_complete
),

spans as (
    select
        later.reporter_code,
        later.partner_code,
        earlier.year as from_year,
        later.year as to_year,
        coalesce(earlier.coverage_status = 'insufficient', false)
        or coalesce(later.coverage_status = 'insufficient', false) as is_thin,
        exports.reporter_code is not null or imports.reporter_code is not null as is_of_two,
        (exports.reporter_code is null or exports.source is not null)
        and (imports.reporter_code is null or imports.source is not null) as is_comparable,
        -- If no publisher has both flows, the balances are those of the warehouse.
        -- In whole cents: below 2^53 they add up in any order without a remainder.
        round(100 * coalesce(case when is_comparable then exports.from_usd end, earlier.exports_usd))
            as from_exports_cents,
        round(100 * coalesce(case when is_comparable then imports.from_usd end, earlier.imports_usd))
            as from_imports_cents,
        round(100 * coalesce(case when is_comparable then exports.to_usd end, later.exports_usd)) as to_exports_cents,
        round(100 * coalesce(case when is_comparable then imports.to_usd end, later.imports_usd)) as to_imports_cents,
        case
            when exports.reporter_code is null then later.exports_source
            else coalesce(
                case when is_comparable then exports.source end, concat(exports.from_source, ' / ', exports.to_source)
            )
        end as exports_source,
        case
            when imports.reporter_code is null then later.imports_source
            else coalesce(
                case when is_comparable then imports.source end, concat(imports.from_source, ' / ', imports.to_source)
            )
        end as imports_source,
        list_sort(
            list_distinct(
                flatten([earlier.snapshot_ids, later.snapshot_ids, exports.snapshot_ids, imports.snapshot_ids])
            )
        ) as snapshot_ids
    from balances as later
    inner join balances as earlier using (reporter_code, partner_code)
    left join core.goods_trade_comparisons as exports
        on
            exports.flow = 'export'
            and later.reporter_code = exports.reporter_code
            and later.partner_code = exports.partner_code
            and earlier.year = exports.from_year
            and later.year = exports.to_year
    left join core.goods_trade_comparisons as imports
        on
            imports.flow = 'import'
            and later.reporter_code = imports.reporter_code
            and later.partner_code = imports.partner_code
            and earlier.year = imports.from_year
            and later.year = imports.to_year
    where
        later.year > earlier.year
        and (
            earlier.year = later.year - 1
            or (earlier.year = earlier.first_year and later.year = later.last_year)
        )
),

changes as (
    select
        *,
        case when is_comparable then to_exports_cents - from_exports_cents end as exports_change_cents,
        case when is_comparable then to_imports_cents - from_imports_cents end as imports_change_cents
    from spans
)

select
    *,
    case when from_year = to_year - 1 then 'year' else 'all' end as span,
    (from_exports_cents - from_imports_cents) / 100 as balance_from_usd,
    (to_exports_cents - to_imports_cents) / 100 as balance_to_usd,
    case
        when not is_comparable then 'no_common_publisher'
        when is_thin then 'too_thin'
        when is_of_two then 'common_publisher'
        else 'chosen'
    end as change_status,
    (exports_change_cents - imports_change_cents) / 100 as balance_change_usd,
    exports_change_cents / 100 as exports_change_usd,
    imports_change_cents / 100 as imports_change_usd,
    case
        when not is_thin then 100 * exports_change_cents / nullif(exports_change_cents - imports_change_cents, 0)
    end as exports_contribution_pct,
    case
        when not is_thin then -100 * imports_change_cents / nullif(exports_change_cents - imports_change_cents, 0)
    end as imports_contribution_pct,
    case
        when is_thin then null
        when exports_change_cents < imports_change_cents
            then case when -exports_change_cents > imports_change_cents then 'exports_lost' else 'imports_gained' end
        when exports_change_cents > imports_change_cents
            then case when exports_change_cents > -imports_change_cents then 'exports_gained' else 'imports_lost' end
    end as driver
from changes
