/*
number: 10
question: The balance without them?
name: balance_without_semiconductors
read: >-
  A row a year: the balance, exports and imports of integrated circuits (HS 8542), and the balance without either. Where
  only their exports are held, those alone are taken out, and is_bound is true: the balance without chips is then no
  lower than balance_without_usd, and higher by whatever chips were imported. An open year is shown as far as everything
  is held, from from_month to to_month.
limits: >-
  An account, and not what would have been: without chips to sell, chips and machines to make them would not have been
  bought either. Where imports are not held the bound may lie far below the balance, since the same firms ship chips
  both ways between their plants. Goods only, exports FOB and imports CIF, as the reporter counts them.
parameters:
  reporter: KOR | The economy whose balance it is (ISO 3166 alpha-3).
  partner: CHN | The economy it trades with (ISO 3166 alpha-3).
  product: 8542 | Another heading or chapter of the Harmonized System to take out.
  from_year: ten years before to_year | The first year shown.
  to_year: the last year of which the product's exports are held | The last year shown.
columns:
  year: year | The year.
  from_month: count | The first month in all sums; 1 of a whole year.
  to_month: count | The last month in all sums; 12 of a whole year.
  month_count: count | The months in all sums; 12 of a whole year.
  product_code: code | The product that is taken out.
  product: text | What it is.
  balance_usd: US$ | Exports less imports of all goods.
  product_exports_usd: US$ | Exports of the product; null unless all of it is held.
  product_imports_usd: US$ | Imports of the product; null unless all of it is held.
  balance_without_usd: US$ | The balance without the product, or without its exports alone if is_bound.
  is_bound: true/false | Only the exports are taken out, so that the balance without the product is no lower.
  balance_sign: code | surplus, deficit or balanced.
  sign_without: code | The sign without the product; null if the bound does not say.
  sign_changes: true/false | Taking the product out turns the sign; null if the bound does not say.
  is_answered: true/false | There is a balance without the product, or a bound of it.
  missing: text | Which figures are not held, and what would bring them.
  snapshot_ids: list | The snapshots the figures stand in.
series:
  balance_usd: All goods
  balance_without_usd: Without the product
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code,
        coalesce(getvariable('product'), '8542') as product_code,
        cast(getvariable('from_year') as integer) as from_year,
        cast(getvariable('to_year') as integer) as to_year
),

-- The product, or all that is part of it, by year (month 0) and by month.
codes as (
    select
        year(products.period_start) as year,
        0 as month,
        products.flow,
        products.classification,
        products.level,
        products.value_usd,
        products.snapshot_id
    from asked
    inner join core.product_trade_annual as products
        on
            asked.reporter_code = products.reporter_code
            and asked.partner_code = products.partner_code
            and starts_with(products.product_code, asked.product_code)
    where
        starts_with(products.classification, 'HS')
        and (products.is_complete_detail or asked.product_code = products.product_code)
    union all
    select
        year(products.period_start) as year,
        month(products.period_start) as month,
        products.flow,
        products.classification,
        products.level,
        products.value_usd,
        products.snapshot_id
    from asked
    inner join core.product_trade_monthly as products
        on
            asked.reporter_code = products.reporter_code
            and asked.partner_code = products.partner_code
            and starts_with(products.product_code, asked.product_code)
    where
        starts_with(products.classification, 'HS')
        and (products.is_complete_detail or asked.product_code = products.product_code)
),

-- Codes of one length and edition add up.
flows as (
    select
        year,
        month,
        flow,
        sum(value_usd) as value_usd,
        list_sort(list_distinct(array_agg(snapshot_id))) as snapshot_ids
    from codes
    group by year, month, flow, classification, level
    qualify row_number() over (partition by year, month, flow order by level asc, classification desc) = 1
),

balances as (
    select
        balances.year,
        0 as month,
        balances.balance_usd,
        balances.snapshot_ids
    from asked
    inner join marts.trade_balance_annual as balances
        on asked.reporter_code = balances.reporter_code and asked.partner_code = balances.partner_code
    where balances.is_complete
    union all
    select
        year(balances.period_start) as year,
        month(balances.period_start) as month,
        balances.balance_usd,
        balances.snapshot_ids
    from asked
    inner join marts.trade_balance_monthly as balances
        on asked.reporter_code = balances.reporter_code and asked.partner_code = balances.partner_code
    where balances.balance_usd is not null
),

-- Twelve months of a flow are its year, where its publisher has none.
years_of_flow as (
    select
        year,
        flow,
        value_usd,
        snapshot_ids,
        1 as choice
    from flows
    where month = 0
    union all
    select
        year,
        flow,
        sum(value_usd) as value_usd,
        list_sort(list_distinct(flatten(array_agg(snapshot_ids)))) as snapshot_ids,
        2 as choice
    from flows
    where month > 0
    group by year, flow
    having count(*) = 12
),

whole as (
    select
        balances.year,
        1 as from_month,
        12 as to_month,
        12 as month_count,
        balances.balance_usd,
        exports.value_usd as product_exports_usd,
        imports.value_usd as product_imports_usd,
        list_sort(
            list_distinct(flatten([balances.snapshot_ids, exports.snapshot_ids, imports.snapshot_ids]))
        ) as snapshot_ids,
        case when exports.value_usd is null then 3 else 1 end as choice
    from balances
    left join years_of_flow as exports on balances.year = exports.year and exports.flow = 'export'
    left join years_of_flow as imports on balances.year = imports.year and imports.flow = 'import'
    where balances.month = 0
    qualify
        row_number() over (
            partition by balances.year
            order by coalesce(exports.choice, 3) asc, coalesce(imports.choice, 3) asc
        ) = 1
),

-- Of other years the months of which the balance and the product's exports are held.
months as (
    select
        balances.year,
        min(balances.month) as from_month,
        max(balances.month) as to_month,
        count(*) as month_count,
        sum(balances.balance_usd) as balance_usd,
        sum(exports.value_usd) as product_exports_usd,
        case when count(imports.value_usd) = count(*) then sum(imports.value_usd) end as product_imports_usd,
        list_sort(
            list_distinct(
                flatten(array_agg(flatten([balances.snapshot_ids, exports.snapshot_ids, imports.snapshot_ids])))
            )
        ) as snapshot_ids,
        2 as choice
    from balances
    inner join flows as exports
        on balances.year = exports.year and balances.month = exports.month and exports.flow = 'export'
    left join flows as imports
        on balances.year = imports.year and balances.month = imports.month and imports.flow = 'import'
    where balances.month > 0
    group by balances.year
),

chosen as (
    select *
    from (
        select * from whole
        union all
        select * from months
    ) as periods
    qualify row_number() over (partition by year order by choice) = 1
),

bounds as (
    select
        coalesce(asked.to_year, max(chosen.year)) as last_year,
        coalesce(asked.from_year, coalesce(asked.to_year, max(chosen.year)) - 10) as first_year
    from asked
    left join chosen on chosen.choice < 3
    group by asked.from_year, asked.to_year
),

years as (
    select unnest(range(first_year, last_year + 1)) as year
    from bounds
),

answers as (
    select
        years.year,
        chosen.from_month,
        chosen.to_month,
        chosen.month_count,
        chosen.balance_usd,
        chosen.product_exports_usd,
        chosen.product_imports_usd,
        chosen.balance_usd - chosen.product_exports_usd
        + coalesce(chosen.product_imports_usd, 0) as balance_without_usd,
        case when chosen.product_exports_usd is not null then chosen.product_imports_usd is null end as is_bound,
        chosen.snapshot_ids
    from years
    left join chosen on years.year = chosen.year
),

signs as (
    select
        *,
        case sign(balance_usd) when 1 then 'surplus' when -1 then 'deficit' when 0 then 'balanced' end as balance_sign,
        case
            when not is_bound
                then
                    case sign(balance_without_usd)
                        when 1 then 'surplus' when -1 then 'deficit' when 0 then 'balanced'
                    end
            when balance_without_usd > 0 then 'surplus'
        end as sign_without,
        case
            when balance_usd is null then 'balance'
            when balance_without_usd is null then 'product'
            when is_bound then 'imports'
        end as lacking
    from answers
),

-- Years that lack the same are said together.
lacking_years as (
    select
        lacking,
        case
            when max(year) - min(year) > 1 and max(year) - min(year) + 1 = count(distinct year)
                then concat(min(year), ' to ', max(year))
            else string_agg(distinct year, ', ' order by year)
        end as years
    from signs
    where lacking is not null
    group by lacking
)

select
    signs.year,
    signs.from_month,
    signs.to_month,
    signs.month_count,
    asked.product_code,
    coalesce(labels.label, concat('HS ', asked.product_code)) as product,
    signs.balance_usd,
    signs.product_exports_usd,
    signs.product_imports_usd,
    signs.balance_without_usd,
    signs.is_bound,
    signs.balance_sign,
    signs.sign_without,
    signs.balance_sign != signs.sign_without as sign_changes,
    signs.balance_without_usd is not null as is_answered,
    case
        when signs.lacking = 'balance'
            then concat(
                'Not held of ', lacking_years.years, ': both flows of all goods of ', asked.reporter_code, ' with ',
                asked.partner_code, '. ',
                case asked.reporter_code
                    when 'KOR' then '`bilateral refresh kcs` brings them (BILATERAL_KCS_KEY), and so does '
                    else 'What brings them is '
                end,
                '`bilateral refresh imf` (no key), with the pair ', asked.reporter_code, '-', asked.partner_code,
                ' (or world = true) in bilateral.toml.'
            )
        when signs.balance_without_usd is null or signs.is_bound
            then concat(
                'Not held of ', coalesce(lacking_years.years, 'any year'), ': HS ', asked.product_code, ' in the ',
                case when signs.is_bound then 'imports' else 'exports and imports' end,
                ' of ', asked.reporter_code,
                case when signs.is_bound then ' from ' else ' to and from ' end,
                asked.partner_code, '. ',
                case asked.reporter_code
                    when 'KOR'
                        then concat(
                            '`bilateral refresh kcs` brings both flows by month (BILATERAL_KCS_KEY), and `bilateral '
                            'refresh comtrade` by year'
                        )
                    else 'What brings them is `bilateral refresh comtrade`'
                end,
                ' (BILATERAL_COMTRADE_KEY, or its preview), with ', asked.reporter_code, '-', asked.partner_code,
                ' among the pairs, ', asked.product_code, ' among the products and an early enough first_year in '
                'bilateral.toml.'
            )
        when signs.month_count < 12
            then concat(
                'Not held of ', signs.year, ': more than ', signs.month_count, ' months of both flows of HS ',
                asked.product_code, ' and of all goods of ', asked.reporter_code, ' with ', asked.partner_code, '. ',
                case asked.reporter_code
                    when 'KOR' then 'As they are published, `bilateral refresh kcs` brings them (BILATERAL_KCS_KEY).'
                    else '`bilateral refresh imf` brings all goods (no key).'
                end
            )
    end as missing,
    signs.snapshot_ids
from asked
left join signs on true
left join lacking_years on signs.lacking = lacking_years.lacking
left join core.products as labels on labels.classification = 'HS' and asked.product_code = labels.product_code
order by signs.year desc
