/*
what: >-
  Goods trade of a reporter with a partner by product and year, with names. The rows of a pair, flow and year never
  overlap and add up to total_usd, whatever number of digits their codes have: a subheading is left out where its own
  heading has a row, and the part that no product explains is a row of its own, RESIDUAL. Each pair, flow and year has
  one classification, with all products if a source has all of them, with the available ones if none has. The total is
  that of the products' publisher; trade and trade_balance may use another publisher's: where status is complete the two
  are at most 2% apart. Products that exceed their total are left out. marts.product_trade_annual has every
  classification and level, and products whose total is not known.
grain: [reporter_code, partner_code, flow, year, product_code]
example: |-
  select year, product, value_usd, share_pct, total_usd, source
  from products
  where reporter = 'South Korea' and partner = 'China' and flow = 'export' and product_code = '8542'
  order by year
columns:
- category, reporter_code, reporter, partner_code, partner, flow, year, classification (any)
- product_code (or the rest of the total), product, value_usd (or a residual), share_pct (of total_usd)
- total_usd: US$ | All goods of the pair, flow and year.
- total_basis: >-
    code | own if the products' publisher prints the total, summed if the products cover all goods and are added up,
    reported if they do not cover all goods and the total is that of trade.
- is_residual
- is_complete_detail: true/false | The products cover all goods; status says whether that is confirmed.
- status: >-
    code | complete if the products agree with another figure for all goods within 2%, unconfirmed if there is no other
    figure (they agree with the publisher's own within 1%, or are the total), incomplete if they do not cover all goods.
- source: code | The short name of the figure's source; null for a residual.
- snapshot_ids: >-
    list | The snapshots that contain the figure (meta.snapshots); null for a residual, which is made of all the others.
*/
with detailed as (
    select
        reporter_code,
        partner_code,
        flow,
        year,
        classification,
        level,
        is_complete_detail
    from marts.product_trade_annual
    where status != 'excluded' and total_usd is not null
    group by all
),

-- One classification each: one that covers all goods if possible, with the most digits.
chosen as (
    select
        * exclude (level),
        case when is_complete_detail then level end as level
    from detailed
    qualify
        row_number() over (
            partition by reporter_code, partner_code, flow, year
            order by is_complete_detail desc, classification desc, level desc
        ) = 1
),

held as (
    select products.*
    from marts.product_trade_annual as products
    inner join chosen
        using (reporter_code, partner_code, flow, year, classification, is_complete_detail)
    where
        products.level = coalesce(chosen.level, products.level)
        and not products.is_residual and products.status != 'excluded' and products.total_usd is not null
),

parts as (
    select held.*
    from held
    left join held as whole
        on
            held.reporter_code = whole.reporter_code
            and held.partner_code = whole.partner_code
            and held.flow = whole.flow
            and held.year = whole.year
            and held.level > whole.level
            and starts_with(held.product_code, whole.product_code)
    where whole.product_code is null
    -- Products that exceed the total cannot be parts of it.
    qualify
        sum(held.value_usd) over (partition by held.reporter_code, held.partner_code, held.flow, held.year)
        <= held.total_usd + 0.01
),

parted as (
    select * exclude (level, share_pct, net_weight_kg, total_source, reported_usd, reason, basis, origin)
    from parts
    union all by name
    select
        reporter_code,
        partner_code,
        flow,
        year,
        classification,
        'RESIDUAL' as product_code,
        'What the products do not explain' as product,
        round(max(total_usd) - sum(value_usd), 2) as value_usd,
        max(total_usd) as total_usd,
        total_basis,
        true as is_residual,
        is_complete_detail,
        status
    from parts
    group by all
)

select
    'goods' as category,
    parted.*,
    reporters.name as reporter,
    partners.name as partner,
    100 * parted.value_usd / nullif(parted.total_usd, 0) as share_pct
from parted
left join core.economies as reporters on parted.reporter_code = reporters.economy_code
left join core.economies as partners on parted.partner_code = partners.economy_code
order by parted.reporter_code, parted.partner_code, parted.flow, parted.year, parted.product_code
