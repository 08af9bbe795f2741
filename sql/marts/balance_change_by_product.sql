/*
what: >-
  Each product's contribution to the change in a reporter's balance with a partner. The rows of a pair, two years,
  classification and level add up, in whole cents, to the change in the balance; a row RESIDUAL for each flow is the
  part that the products do not explain. Each year is compared with the year before, and the last year of a
  classification with the first; marts.balance_change_between compares any two years. Where only some products are
  available, the last year is the last that has a product in common with the first, the residual is all the rest, and
  the totals of both years come from one publisher, as in marts.balance_change_by_flow.
subject: products
grain: [reporter_code, partner_code, from_year, to_year, classification, level, product_code, flow]
required: [comparison, source, snapshot_ids]
columns:
- reporter_code, partner_code, from_year, to_year, classification (of the later year), level (of the product)
- product_code (or the rest of a flow), flow, product, from_usd, to_usd, contribution_usd
- contribution_pct: percent | The product's share of the change in the balance; null if the balance did not move.
- contribution_rank: rank | 1 moved the balance most, up or down; null for residuals.
- change: code | exports_gained, exports_lost, imports_gained, imports_lost or none.
- balance_from_usd, balance_to_usd, balance_change_usd, is_residual
- is_complete_detail: true/false | The products cover all goods in both years and flows.
- comparison, source (of products), snapshot_ids
*/
with complete as (
    select
        reporter_code,
        partner_code,
        year,
        classification,
        level,
        max(coalesce(reported_usd, total_usd)) filter (where flow = 'export') as exports_usd,
        max(coalesce(reported_usd, total_usd)) filter (where flow = 'import') as imports_usd,
        max(origin) as origin,
        min(source) as source,
        list_sort(list_distinct(flatten(array_agg(snapshot_ids)))) as snapshot_ids,
        true as is_complete_detail
    from marts.product_trade_annual as products
    where products.is_complete_detail and products.is_residual
    group by reporter_code, partner_code, year, classification, level
    having count(*) = 2
),

-- Some products, and a balance to compare them with.
incomplete as (
    select
        products.reporter_code,
        products.partner_code,
        products.year,
        products.classification,
        products.level,
        max(balances.exports_usd) as exports_usd,
        max(balances.imports_usd) as imports_usd,
        max(products.origin) as origin,
        min(products.source) as source,
        list_sort(
            list_distinct(flatten(array_agg(flatten([products.snapshot_ids, balances.snapshot_ids]))))
        ) as snapshot_ids,
        false as is_complete_detail
    from marts.product_trade_annual as products
    inner join marts.trade_balance_annual as balances using (reporter_code, partner_code, year)
    where
        balances.is_complete
        and products.status = 'incomplete' and not products.is_residual and starts_with(products.classification, 'HS')
    group by
        products.reporter_code, products.partner_code, products.year, products.classification, products.level
),

every_year as (
    select *
    from complete
    union all by name
    select *
    from incomplete
),

years as (
    select
        *,
        -- Complete products are compared within one edition; subheadings converted to HS2012 count as one edition.
        case when is_complete_detail then classification else 'HS' end as family
    from every_year
),

bounded as (
    select
        *,
        round(100 * exports_usd) as exports_cents,
        round(100 * imports_usd) as imports_cents,
        min(year) over detail as first_year,
        max(year) over detail as last_year
    from years
    window detail as (partition by reporter_code, partner_code, is_complete_detail, family, level)
),

spans as (
    select
        later.* exclude (snapshot_ids),
        earlier.classification as from_classification,
        earlier.year as from_year,
        later.year as to_year,
        coalesce(round(100 * exports.from_usd), earlier.exports_cents) as from_exports_cents,
        coalesce(round(100 * imports.from_usd), earlier.imports_cents) as from_imports_cents,
        coalesce(round(100 * exports.to_usd), later.exports_cents) as to_exports_cents,
        coalesce(round(100 * imports.to_usd), later.imports_cents) as to_imports_cents,
        list_sort(
            list_distinct(
                flatten([earlier.snapshot_ids, later.snapshot_ids, exports.snapshot_ids, imports.snapshot_ids])
            )
        ) as snapshot_ids
    from bounded as later
    inner join bounded as earlier
        using (reporter_code, partner_code, is_complete_detail, family, level)
    -- Complete products have totals of their own; incomplete ones use the warehouse's.
    left join core.goods_trade_comparisons as exports
        on
            exports.flow = 'export'
            and not later.is_complete_detail
            and later.reporter_code = exports.reporter_code
            and later.partner_code = exports.partner_code
            and earlier.year = exports.from_year
            and later.year = exports.to_year
    left join core.goods_trade_comparisons as imports
        on
            imports.flow = 'import'
            and not later.is_complete_detail
            and later.reporter_code = imports.reporter_code
            and later.partner_code = imports.partner_code
            and earlier.year = imports.from_year
            and later.year = imports.to_year
    where
        later.year > earlier.year
        and (
            earlier.year = later.year - 1
            -- Where some products are missing, the last year may share none with the first: `answered` finds the last
            -- year that does.
            or (earlier.year = earlier.first_year and (later.year = later.last_year or not later.is_complete_detail))
        )
        and (exports.reporter_code is null or exports.source is not null)
        and (imports.reporter_code is null or imports.source is not null)
),

-- A product in only one of the two years had no trade in the other if the detail is complete; otherwise it is unknown.
sides as (
    select
        spans.reporter_code,
        spans.partner_code,
        spans.from_year,
        spans.to_year,
        spans.classification,
        spans.level,
        spans.is_complete_detail,
        products.product_code,
        products.flow,
        sum(case when products.year = spans.from_year then round(100 * products.value_usd) else 0 end) as from_cents,
        sum(case when products.year = spans.to_year then round(100 * products.value_usd) else 0 end) as to_cents,
        count(*) as year_count
    from spans
    inner join marts.product_trade_annual as products using (reporter_code, partner_code, level)
    where
        (
            (spans.from_year = products.year and spans.from_classification = products.classification)
            or (spans.to_year = products.year and spans.classification = products.classification)
        )
        and not products.is_residual
    group by all
),

explained as (
    select *
    from sides
    where is_complete_detail or year_count = 2
),

-- Two years without a product in common are left out.
common as (
    select distinct
        reporter_code,
        partner_code,
        from_year,
        to_year,
        classification,
        level,
        is_complete_detail
    from explained
),

-- Compare each year with the one before, and the last with the first.
answered as (
    select * exclude (is_complete_detail)
    from common
    qualify
        from_year = to_year - 1
        or to_year = max(to_year) over (
            partition by
                reporter_code, partner_code, level, from_year, is_complete_detail,
                case when is_complete_detail then classification end
        )
),

sums as (
    select
        spans.reporter_code,
        spans.partner_code,
        spans.from_year,
        spans.to_year,
        spans.classification,
        spans.level,
        flows.flow,
        case flows.flow when 'export' then spans.from_exports_cents else spans.from_imports_cents end
        - coalesce(sum(explained.from_cents), 0) as from_cents,
        case flows.flow when 'export' then spans.to_exports_cents else spans.to_imports_cents end
        - coalesce(sum(explained.to_cents), 0) as to_cents
    from spans
    inner join answered
        using (reporter_code, partner_code, from_year, to_year, classification, level)
    cross join (values ('export'), ('import')) as flows (flow)
    left join explained using (reporter_code, partner_code, from_year, to_year, classification, level, flow)
    group by
        spans.reporter_code, spans.partner_code, spans.from_year, spans.to_year, spans.classification, spans.level,
        flows.flow, spans.from_exports_cents, spans.from_imports_cents, spans.to_exports_cents, spans.to_imports_cents
),

lines as (
    select
        * exclude (is_complete_detail, year_count),
        case flow when 'export' then to_cents - from_cents else from_cents - to_cents end as contribution_cents,
        false as is_residual
    from explained
    inner join answered using (reporter_code, partner_code, from_year, to_year, classification, level)
    union all by name
    select
        *,
        'RESIDUAL' as product_code,
        case flow when 'export' then to_cents - from_cents else from_cents - to_cents end as contribution_cents,
        true as is_residual
    from sums
)

select
    lines.* exclude (from_cents, to_cents, contribution_cents),
    case when lines.is_residual then 'What the products do not explain' else products.label end as product,
    lines.from_cents / 100 as from_usd,
    lines.to_cents / 100 as to_usd,
    lines.contribution_cents / 100 as contribution_usd,
    100 * lines.contribution_cents / nullif(
        (spans.to_exports_cents - spans.to_imports_cents) - (spans.from_exports_cents - spans.from_imports_cents), 0
    ) as contribution_pct,
    case
        when not lines.is_residual
            then row_number() over (
                partition by
                    lines.reporter_code, lines.partner_code, lines.from_year, lines.to_year, lines.classification,
                    lines.level, lines.is_residual
                order by abs(lines.contribution_cents) desc, lines.product_code asc, lines.flow asc
            )
    end as contribution_rank,
    case
        when lines.to_cents = lines.from_cents then 'none'
        else concat(lines.flow, 's_', case when lines.to_cents > lines.from_cents then 'gained' else 'lost' end)
    end as change,
    (spans.from_exports_cents - spans.from_imports_cents) / 100 as balance_from_usd,
    (spans.to_exports_cents - spans.to_imports_cents) / 100 as balance_to_usd,
    (
        (spans.to_exports_cents - spans.to_imports_cents) - (spans.from_exports_cents - spans.from_imports_cents)
    ) / 100 as balance_change_usd,
    spans.is_complete_detail,
    case
        when lines.is_residual then 'what is left of all goods'
        when spans.from_classification != spans.classification
            then concat(
                spans.from_classification, ' against ', spans.classification,
                case
                    when unchanged.product_code is null
                        then ': the code covers other goods, by the conversion tables of the United Nations'
                    else ': the same goods, by the conversion tables of the United Nations'
                end
            )
        when spans.origin is null or spans.origin = 'twelve months'
            then concat('the same edition, ', lines.classification)
        else concat(lines.classification, ' made of ', spans.origin)
    end as comparison,
    spans.source,
    spans.snapshot_ids
from lines
inner join spans using (reporter_code, partner_code, from_year, to_year, classification, level)
left join core.product_correlations as unchanged
    on
        spans.from_classification != spans.classification
        and lines.product_code = unchanged.product_code
        and spans.from_classification between unchanged.first_edition and unchanged.last_edition
        and spans.classification between unchanged.first_edition and unchanged.last_edition
left join core.products as products
    on lines.classification = products.classification and lines.product_code = products.product_code
