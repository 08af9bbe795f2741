/*
number: 9
question: How dependent are exports on semiconductors?
name: dependence_on_semiconductors
read: >-
  A row a year: exports of integrated circuits (HS 8542), all goods exported in the same months, and the share of the
  one in the other. An open year is shown as far as both are held, from from_month to to_month; compare its share with
  that of whole years knowing that. Where only part of the heading is held the share is a least one, and part_held
  names the subheadings.
limits: >-
  Integrated circuits and their parts alone; diodes, transistors and solar cells (8541) and the machines that make chips
  (8486) are not in it. The three large subheadings (854231, 854232, 854239) were 99.8% of Korea's exports of 8542 to
  China in 2024. It is value, so that a price of memory that doubles makes exports more dependent without a chip more
  (question 6). What is exported is not what is earned: chips are made of imports, too.
parameters:
  reporter: KOR | The economy whose exports they are (ISO 3166 alpha-3).
  partner: CHN | The economy that it exports to (ISO 3166 alpha-3).
  product: 8542 | Another heading or chapter of the Harmonized System to ask the same about.
  from_year: ten years before to_year | The first year shown.
  to_year: the last year of which the product's exports are held | The last year shown.
columns:
  year: year | The year.
  from_month: count | The first month in both sums; 1 of a whole year.
  to_month: count | The last month in both sums; 12 of a whole year.
  month_count: count | The months in both sums; 12 of a whole year.
  product_code: code | The product.
  product: text | What it is.
  part_held: list | The subheadings that are added up, where they are not all of the product; null if it is whole.
  value_usd: US$ | Exports of the product, or of the part held.
  total_usd: US$ | Exports of all goods in the same months.
  share_pct: percent | The first, of the second; of a part it is the least that the share can be.
  share_change_points: percentage points | The share less that of the year before, if both are of whole years.
  source: code | The publisher of the product's exports.
  is_answered: true/false | The whole product and all goods are held, of the same months.
  missing: text | Which figures are not held, and what would bring them.
  snapshot_ids: list | The snapshots the figures stand in.
series:
  share_pct: "The product's share in {reporter}'s exports to {partner}"
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code,
        coalesce(getvariable('product'), '8542') as product_code,
        cast(getvariable('from_year') as integer) as from_year,
        cast(getvariable('to_year') as integer) as to_year
),

-- The product and what is part of it, by year (month 0) and by month.
codes as (
    select
        year(products.period_start) as year,
        0 as month,
        products.classification,
        products.level,
        products.product_code,
        products.value_usd,
        products.is_complete_detail or asked.product_code = products.product_code as is_whole,
        products.source,
        products.snapshot_id
    from asked
    inner join core.product_trade_annual as products
        on
            asked.reporter_code = products.reporter_code
            and asked.partner_code = products.partner_code
            and starts_with(products.product_code, asked.product_code)
    where products.flow = 'export' and starts_with(products.classification, 'HS')
    union all
    select
        year(products.period_start) as year,
        month(products.period_start) as month,
        products.classification,
        products.level,
        products.product_code,
        products.value_usd,
        products.is_complete_detail or asked.product_code = products.product_code as is_whole,
        products.source,
        products.snapshot_id
    from asked
    inner join core.product_trade_monthly as products
        on
            asked.reporter_code = products.reporter_code
            and asked.partner_code = products.partner_code
            and starts_with(products.product_code, asked.product_code)
    where products.flow = 'export' and starts_with(products.classification, 'HS')
),

-- Codes of one length and edition add up: the whole product before a part of it.
periods as (
    select
        year,
        month,
        bool_and(is_whole) as is_whole,
        sum(value_usd) as value_usd,
        string_agg(product_code, ', ' order by product_code) as codes,
        max(source) as source,
        list_sort(list_distinct(array_agg(snapshot_id))) as snapshot_ids
    from codes
    group by year, month, classification, level
    qualify
        row_number() over (
            partition by year, month
            order by bool_and(is_whole) desc, level asc, classification desc
        ) = 1
),

totals as (
    select
        year(goods.period_start) as year,
        0 as month,
        goods.value_usd,
        goods.snapshot_ids
    from asked
    inner join core.goods_trade_annual as goods
        on asked.reporter_code = goods.reporter_code and asked.partner_code = goods.partner_code
    where goods.flow = 'export'
    union all
    select
        year(goods.period_start) as year,
        month(goods.period_start) as month,
        goods.value_usd,
        [goods.snapshot_id] as snapshot_ids
    from asked
    inner join core.goods_trade_monthly as goods
        on asked.reporter_code = goods.reporter_code and asked.partner_code = goods.partner_code
    where goods.flow = 'export'
),

-- A year as its publisher has it, of twelve months, of the months of which all goods are held, or of a part.
candidates as (
    select
        year,
        1 as from_month,
        12 as to_month,
        12 as month_count,
        12 as product_month_count,
        is_whole,
        value_usd,
        codes,
        source,
        snapshot_ids,
        case when is_whole then 1 else 4 end as choice
    from periods
    where month = 0
    union all
    select
        year,
        1 as from_month,
        12 as to_month,
        12 as month_count,
        12 as product_month_count,
        true as is_whole,
        sum(value_usd) as value_usd,
        max(codes) as codes,
        max(source) as source,
        list_sort(list_distinct(flatten(array_agg(snapshot_ids)))) as snapshot_ids,
        2 as choice
    from periods
    where month > 0 and is_whole
    group by year
    having count(*) = 12
    union all
    select
        periods.year,
        min(periods.month) filter (where totals.month is not null) as from_month,
        max(periods.month) filter (where totals.month is not null) as to_month,
        count(totals.month) as month_count,
        count(*) as product_month_count,
        true as is_whole,
        sum(periods.value_usd) filter (where totals.month is not null) as value_usd,
        max(periods.codes) as codes,
        max(periods.source) as source,
        list_sort(
            list_distinct(flatten(array_agg(periods.snapshot_ids) filter (where totals.month is not null)))
        ) as snapshot_ids,
        3 as choice
    from periods
    left join totals on periods.year = totals.year and periods.month = totals.month
    where periods.month > 0 and periods.is_whole
    group by periods.year
),

month_totals as (
    select
        periods.year,
        sum(totals.value_usd) as value_usd,
        list_sort(list_distinct(flatten(array_agg(totals.snapshot_ids)))) as snapshot_ids
    from periods
    inner join totals on periods.year = totals.year and periods.month = totals.month
    where periods.month > 0 and periods.is_whole
    group by periods.year
),

chosen as (
    select
        candidates.*,
        coalesce(month_totals.value_usd, totals.value_usd) as total_usd,
        list_sort(
            list_distinct(flatten([candidates.snapshot_ids, totals.snapshot_ids, month_totals.snapshot_ids]))
        ) as all_snapshot_ids
    from candidates
    left join totals on candidates.choice != 3 and candidates.year = totals.year and totals.month = 0
    left join month_totals on candidates.choice = 3 and candidates.year = month_totals.year
    qualify
        row_number() over (
            partition by candidates.year
            order by coalesce(month_totals.value_usd, totals.value_usd) is null asc, candidates.choice asc
        ) = 1
),

bounds as (
    select
        coalesce(asked.to_year, max(chosen.year)) as last_year,
        coalesce(asked.from_year, coalesce(asked.to_year, max(chosen.year)) - 10) as first_year
    from asked
    left join chosen on true
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
        chosen.product_month_count,
        coalesce(chosen.is_whole, false) as is_whole,
        case when not chosen.is_whole then chosen.codes end as part_held,
        chosen.value_usd,
        chosen.total_usd,
        100 * chosen.value_usd / nullif(chosen.total_usd, 0) as share_pct,
        chosen.source,
        chosen.all_snapshot_ids,
        coalesce(chosen.is_whole and chosen.total_usd is not null, false) as is_answered
    from years
    left join chosen on years.year = chosen.year
),

-- The years that lack the whole product, and the part of it that they have.
lacking as (
    select
        case
            when
                max(year) - min(year) > 1
                and max(year) - min(year) + 1 = count(distinct year)
                then concat(min(year), ' to ', max(year))
            else string_agg(distinct year, ', ' order by year)
        end as years,
        array_to_string(
            list_sort(list_distinct(string_split(string_agg(part_held, ', '), ', '))), ', '
        ) as codes
    from answers
    where not is_whole
)

select
    answers.year,
    answers.from_month,
    answers.to_month,
    answers.month_count,
    asked.product_code,
    coalesce(labels.label, concat('HS ', asked.product_code)) as product,
    answers.part_held,
    answers.value_usd,
    answers.total_usd,
    answers.share_pct,
    case
        when answers.is_answered and answers.month_count = 12 and earlier.is_answered and earlier.month_count = 12
            then answers.share_pct - earlier.share_pct
    end as share_change_points,
    answers.source,
    coalesce(answers.is_answered, false) as is_answered,
    case
        when not coalesce(answers.is_whole, false)
            then concat(
                'Not held of ', coalesce(lacking.years, 'any year'), ': the whole of HS ', asked.product_code,
                ' in the exports of ', asked.reporter_code, ' to ', asked.partner_code,
                case when lacking.codes != '' then concat(', of which only ', lacking.codes, ' are held') end,
                '. ',
                case asked.reporter_code
                    when 'KOR'
                        then concat(
                            '`bilateral refresh kcs` brings it by month (BILATERAL_KCS_KEY), and `bilateral refresh '
                            'comtrade` by year'
                        )
                    else 'What brings it is `bilateral refresh comtrade`'
                end,
                ' (BILATERAL_COMTRADE_KEY, or its preview), with ', asked.reporter_code, '-', asked.partner_code,
                ' among the pairs, ', asked.product_code, ' among the products and an early enough first_year in '
                'bilateral.toml.'
            )
        when answers.total_usd is null or answers.month_count < 12
            then concat(
                'Not held of ', answers.year, ': ',
                case
                    when answers.total_usd is null then 'all goods'
                    else concat(
                        'more than ', answers.month_count, ' months of both HS ', asked.product_code, ' and all goods'
                    )
                end,
                ' in the exports of ', asked.reporter_code, ' to ', asked.partner_code, '. ',
                case asked.reporter_code
                    when 'KOR'
                        then concat(
                            'As they are published, `bilateral refresh kcs` brings both (BILATERAL_KCS_KEY), and '
                            '`bilateral refresh imf` all goods (no key).'
                        )
                    else '`bilateral refresh imf` brings all goods (no key).'
                end
            )
    end as missing,
    answers.all_snapshot_ids as snapshot_ids
from asked
cross join lacking
left join answers on true
left join answers as earlier on answers.year - 1 = earlier.year
left join core.products as labels on labels.classification = 'HS' and asked.product_code = labels.product_code
order by answers.year desc
