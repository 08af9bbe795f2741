/*
number: 10
question: What is the balance without semiconductors?
name: balance_without_semiconductors
read: >-
  One row a year: the balance, exports and imports of integrated circuits (HS 8542), and the balance without both. Where
  only chip exports are available, only they are taken out, and a column says so: the true balance without chips is then
  better than shown, by the value of the imported chips. For an unfinished year, only the months with all these figures
  are used.
limits: >-
  This is arithmetic, not what would have happened: an economy that sold no chips would not have bought chips for them
  either, or the machines that make them. Where chip imports are missing, the bound may lie far below the balance,
  because the same firms ship chips both ways between their plants. The figures for the product and for all goods may
  have been read on different days. Goods only, exports FOB and imports CIF, as the reporter counts them.
parameters:
  reporter: KOR | The economy whose balance it is (ISO 3166 alpha-3).
  partner: CHN | The economy it trades with (ISO 3166 alpha-3).
  product: 8542 | Another heading or chapter of the Harmonized System to take out.
  from_year: ten years before to_year | The first year shown.
  to_year: the last year for which the product's exports are available | The last year shown.
columns:
- year
- from_month: count | The first month in all sums; 1 for a whole year.
- to_month: count | The last month in all sums; 12 for a whole year.
- month_count: count | The number of months in all sums; 12 for a whole year.
- product_code: code | The product that is taken out.
- product (in short)
- balance_usd: US$ | Exports less imports of all goods.
- product_exports_usd: US$ | Exports of the product; null unless the whole product is available.
- product_imports_usd: US$ | Imports of the product; null unless the whole product is available.
- balance_without_usd: US$ | The balance without the product, or without only its exports if `is_bound`.
- is_bound: >-
    true/false | Only the exports are taken out, so the balance without the product is at least `balance_without_usd`.
- is_provisional: true/false | The reporter calls the balance of the year, or of one of its months, provisional.
- balance_sign: code | surplus, deficit or balanced.
- sign_without: code | The sign without the product; null if the bound does not settle it.
- sign_changes: true/false | Taking the product out turns the sign; null if the bound does not settle it.
- is_answered: true/false | The balance without the product, or a bound for it, is available.
- snapshot_ids
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

flows as (
    select flows.*
    from asked
    inner join
        core.product_trade_periods(asked.reporter_code, asked.partner_code, asked.product_code) as flows
        on flows.is_whole
),

balances as (
    select
        balances.year,
        0 as month,
        balances.balance_usd,
        balances.observation_status = 'P' as is_provisional,
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
        exists(
            select 1
            from core.goods_trade_monthly as goods
            where
                balances.reporter_code = goods.reporter_code
                and balances.partner_code = goods.partner_code
                and balances.period_start = goods.period_start
                and goods.observation_status = 'P'
        ) as is_provisional,
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
        balances.is_provisional,
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
        bool_or(balances.is_provisional) as is_provisional,
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

last_years as (
    select max(year) as last_year
    from chosen
    where choice < 3
),

years as (
    select years.year
    from asked
    cross join last_years
    inner join core.years_between(asked.from_year, asked.to_year, last_years.last_year, 10) as years on true
),

signs as (
    select
        years.year,
        chosen.* exclude (year),
        chosen.balance_usd - chosen.product_exports_usd
        + coalesce(chosen.product_imports_usd, 0) as balance_without_usd,
        case when chosen.product_exports_usd is not null then chosen.product_imports_usd is null end as is_bound,
        case sign(chosen.balance_usd) when 1 then 'surplus' when -1 then 'deficit' when 0 then 'balanced' end
            as balance_sign,
        case
            when balance_without_usd > 0 then 'surplus'
            when is_bound then null
            when balance_without_usd < 0 then 'deficit'
            when balance_without_usd = 0 then 'balanced'
        end as sign_without,
        case
            when chosen.balance_usd is null then 'balance'
            when balance_without_usd is null then 'product'
            when is_bound then 'imports'
        end as lacking
    from years
    left join chosen on years.year = chosen.year
)

select
    signs.*,
    asked.product_code,
    coalesce(labels.label, concat('HS ', asked.product_code)) as product,
    signs.balance_sign != signs.sign_without as sign_changes,
    signs.balance_without_usd is not null as is_answered,
    case
        when signs.lacking is not null or signs.year is null then 'not_held'
        when signs.month_count < 12 then 'in_part'
    end as missing_code,
    case
        when missing_code is null then null
        when signs.lacking = 'balance'
            then [concat('goods/A/', asked.reporter_code, '/export+import/', asked.partner_code, '/TOTAL')]
        when signs.lacking = 'imports'
            then [concat('goods/A/', asked.reporter_code, '/import/', asked.partner_code, '/', asked.product_code)]
        when signs.lacking = 'product' or signs.year is null
            then
                [
                    concat(
                        'goods/A/', asked.reporter_code, '/export+import/', asked.partner_code, '/', asked.product_code
                    )
                ]
        else
            [
                concat('goods/M/', asked.reporter_code, '/export+import/', asked.partner_code, '/', asked.product_code),
                concat('goods/M/', asked.reporter_code, '/export+import/', asked.partner_code, '/TOTAL')
            ]
    end as missing_series,
    case when missing_code is not null and signs.year is not null then [cast(signs.year as varchar)] end
        as missing_periods
from asked
left join signs on true
left join core.products as labels on labels.classification = 'HS' and asked.product_code = labels.product_code
order by signs.year desc

/*
{% set product = held[0].product | label ~ " (HS " ~ held[0].product_code ~ ")" %}
{% set last = held | selectattr("month_count", "eq", 12) | first %}
{% set shown = [last, held[0]] if last and held[0].year != last.year else [held[0]] %}
{% for row in shown %}
    {% set when = row.year if row.month_count == 12 else months(row.year, row.from_month, row.to_month) %}
    {% set at = "in" if row.month_count == 12 or row.from_month == row.to_month else "from" %}
    {% if loop.first or row.is_bound != shown[0].is_bound %}
        without {{ "its exports of " if row.is_bound }}{{ product }}, {{ reporter }} would have had
        {{ row.balance_without_usd | balance }} with {{ partner }} {{ at }} {{ when }} instead of
    {% else %}{{ at }} {{ when }}, it would have had {{ row.balance_without_usd | balance }} instead of
    {% endif %}
    {{ row.balance_usd | balance }}{{ " (provisional)" if row.is_provisional }};
{% endfor %}
{% set bounds = shown | selectattr("is_bound") | list %}
{% if bounds %}
    {% set short = bounds | selectattr("balance_without_usd", "le", 0) | map(attribute="year") | list %}
    {% set every = bounds | length > 1 %}
    {{ reporter | possessive }} imports of these products from {{ partner }} are not taken out, because figures on them
    are not available;
    if these were taken out as well,
    {% if not short %}
        the {{ "surpluses" if every else "surplus" }} would be larger
    {%- elif short | length == bounds | length %}
        the {{ "deficits would be smaller, or even become surpluses" if every
            else "deficit would be smaller, or even become a surplus" }}
    {%- else %}
        {{ reporter | possessive }} balance with {{ partner }} would be better, and perhaps even a surplus in
        {{ short | listed }}
    {%- endif %};
{% endif %}
{% for sign, other in (("surplus", "deficit"), ("deficit", "surplus")) %}
    {% set turned = held | selectattr("sign_changes") | selectattr("balance_sign", "eq", sign)
        | map(attribute="year") | list %}
    {% if turned | reject("in", shown | map(attribute="year") | list) | list %}
        without these products, {{ reporter | possessive }} {{ sign }} with {{ partner }} in {{ turned | listed }} would
        have been a {{ other }};
    {% endif %}
{% endfor %}
*/
