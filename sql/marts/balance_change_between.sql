/*
what: >-
  The change in a reporter's balance with a partner between any two years, by flow (classification TOTAL, both years
  from one publisher), and by product in each classification whose detail is complete in both years and flows. The rows
  of a classification and level add up, in whole cents, to balance_change_usd; RESIDUAL is the rest of a flow after the
  products.
subject: balance
grain: [classification, level, product_code, flow]
parameters: [reporter, partner, since_year, until_year]
example: |-
  select classification, product, flow, contribution_usd, contribution_pct
  from marts.balance_change_between('KOR', 'CHN', 2018, 2023)
  where classification = 'TOTAL'
columns:
- reporter_code, partner_code, from_year, to_year, classification, level, product_code (or the rest of a flow), flow
- product, contribution_usd
- contribution_pct: >-
    percent | The row's share of the change in the balance; null if that is zero or change_status is too_thin.
- balance_change_usd: US$ | The change in the balance, to which the rows of a classification and level add up.
- change_status: >-
    code | too_thin if figures of either year fail the coverage check (coverage_status in marts.trade_balance_annual),
    compared otherwise.
- snapshot_ids: list | The snapshots that contain the later year's figure, or the earlier year's where it has none.
*/
with asked as (
    select
        reporter as reporter_code,
        partner as partner_code,
        since_year as from_year,
        until_year as to_year
),

flows as (
    select
        'TOTAL' as classification,
        0 as level,
        'TOTAL' as product_code,
        'All goods' as product,
        balances.year,
        sides.flow,
        round(100 * case sides.flow when 'export' then balances.exports_usd else balances.imports_usd end) as cents,
        false as is_residual,
        balances.snapshot_ids
    from marts.trade_balance_annual as balances
    inner join asked using (reporter_code, partner_code)
    cross join (values ('export'), ('import')) as sides (flow)
    where
        balances.year in (asked.from_year, asked.to_year)
        and balances.is_complete
),

thin as (
    select count(*) > 0 as is_thin
    from marts.trade_balance_annual as balances
    inner join asked using (reporter_code, partner_code)
    where
        balances.year in (asked.from_year, asked.to_year)
        and balances.coverage_status = 'insufficient'
),

-- Both years of a flow come from one publisher, as in marts.balance_change_by_flow; otherwise there is no change.
compared_flows as (
    select
        flows.* exclude (cents, snapshot_ids),
        case
            when years.flow is null then flows.cents
            else round(100 * case when flows.year = asked.to_year then years.to_usd else years.from_usd end)
        end as cents,
        coalesce(years.snapshot_ids, flows.snapshot_ids) as snapshot_ids
    from flows
    cross join asked
    left join core.goods_trade_comparisons as years
        on
            asked.reporter_code = years.reporter_code
            and asked.partner_code = years.partner_code
            and asked.from_year = years.from_year
            and asked.to_year = years.to_year
            and flows.flow = years.flow
),

products as (
    select
        *,
        round(100 * value_usd) as cents,
        round(100 * coalesce(reported_usd, total_usd)) as total_cents
    from marts.product_trade_annual
    where
        reporter_code = reporter
        and partner_code = partner
        and year in (since_year, until_year)
        and is_complete_detail
),

every_row as (
    select
        *,
        cents as total_cents
    from compared_flows
    where cents is not null
    union all by name
    select *
    from products
),

held as (
    select
        classification,
        level,
        max(case when year = until_year and flow = 'export' then total_cents end)
        - max(case when year = until_year and flow = 'import' then total_cents end)
        - max(case when year = since_year and flow = 'export' then total_cents end)
        + max(case when year = since_year and flow = 'import' then total_cents end) as change_cents
    from every_row
    group by classification, level
    having count(distinct concat(year, flow)) = 4
),

signed as (
    select
        every_row.classification,
        every_row.level,
        every_row.product_code,
        every_row.flow,
        max(every_row.product) as product,
        sum(
            every_row.cents
            * case when every_row.year = until_year then 1 else -1 end
            * case when every_row.flow = 'export' then 1 else -1 end
        ) as contribution_cents,
        list_sort(list_distinct(flatten(array_agg(every_row.snapshot_ids)))) as snapshot_ids
    from every_row
    where not every_row.is_residual
    group by all
    union all by name
    -- The residual of each flow, computed from totals and products in whole cents to avoid rounding losses.
    select
        every_row.classification,
        every_row.level,
        'RESIDUAL' as product_code,
        every_row.flow,
        'What the products do not explain' as product,
        sum(
            case when every_row.is_residual then every_row.total_cents else -every_row.cents end
            * case when every_row.year = until_year then 1 else -1 end
            * case when every_row.flow = 'export' then 1 else -1 end
        ) as contribution_cents,
        list_sort(list_distinct(flatten(array_agg(every_row.snapshot_ids)))) as snapshot_ids
    from every_row
    where every_row.classification != 'TOTAL'
    group by all
)

select
    asked.*,
    signed.* exclude (contribution_cents),
    signed.contribution_cents / 100 as contribution_usd,
    case when not thin.is_thin then 100 * signed.contribution_cents / nullif(held.change_cents, 0) end
        as contribution_pct,
    held.change_cents / 100 as balance_change_usd,
    case when thin.is_thin then 'too_thin' else 'compared' end as change_status
from signed
inner join held using (classification, level)
cross join asked
cross join thin
