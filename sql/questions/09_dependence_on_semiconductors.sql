/*
number: 9
question: How dependent are exports on semiconductors?
name: dependence_on_semiconductors
read: >-
  One row a year: exports of integrated circuits (HS 8542), exports of all goods in the same months, and the first as
  a share of the second. For an unfinished year, only the months with both figures are used, so compare its share with
  those of whole years with care. Where figures cover only part of this product group, the share is a minimum, and a
  column names the codes covered.
limits: >-
  Only integrated circuits and their parts; diodes, transistors and solar cells (8541) and the machines that make
  chips (8486) are not included. The three large subheadings (854231, 854232, 854239) were 99.8% of Korea's exports of
  8542 to China in 2024. The share is of value: if the price of memory doubles, dependence rises without one more chip
  sold (question 6). The figures for the product and for all goods may have been read on different days. Exports are
  not earnings: chips contain imports, too.
parameters:
  reporter: KOR | The economy whose exports they are (ISO 3166 alpha-3).
  partner: CHN | The economy that it exports to (ISO 3166 alpha-3).
  product: 8542 | Another heading or chapter of the Harmonized System to ask the same about.
  from_year: ten years before to_year | The first year shown.
  to_year: the last year for which the product's exports are available | The last year shown.
columns:
- year
- value_usd: US$ | Exports of the product, or of its available part.
- total_usd: US$ | Exports of all goods in the same months.
- share_pct: percent | `value_usd` as a share of `total_usd`; a minimum where only a part of the product is available.
- share_change_points: percentage points | The share less that of the year before, if both are whole years.
- from_month: count | The first month in both sums; 1 for a whole year.
- to_month: count | The last month in both sums; 12 for a whole year.
- month_count: count | The number of months in both sums; 12 for a whole year.
- product_code (of a product), product (in short)
- part_held: list | The subheadings that are added up, where they are not the whole product; null if it is whole.
- is_provisional: true/false | The reporter calls all goods of the year, or of one of its months, provisional.
- source: code | The publisher of the product's exports.
- is_answered: true/false | The whole product and all goods are available for the same months.
- snapshot_ids
series:
  share_pct: "The product's share in what {reporter} exports to {partner}"
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code,
        coalesce(getvariable('product'), '8542') as product_code,
        cast(getvariable('from_year') as integer) as from_year,
        cast(getvariable('to_year') as integer) as to_year
),

periods as (
    select periods.*
    from asked
    inner join
        core.product_trade_periods(asked.reporter_code, asked.partner_code, asked.product_code) as periods
        on periods.flow = 'export'
),

totals as (
    select
        year(goods.period_start) as year,
        0 as month,
        goods.value_usd,
        goods.observation_status = 'P' as is_provisional,
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
        goods.observation_status = 'P' as is_provisional,
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
    union all by name
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
    union all by name
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
        sum(totals.value_usd) as total_usd,
        bool_or(totals.is_provisional) as is_provisional,
        list_sort(
            list_distinct(
                flatten(
                    array_agg(list_concat(periods.snapshot_ids, totals.snapshot_ids))
                    filter (where totals.month is not null)
                )
            )
        ) as snapshot_ids,
        3 as choice
    from periods
    left join totals on periods.year = totals.year and periods.month = totals.month
    where periods.month > 0 and periods.is_whole
    group by periods.year
),

chosen as (
    select
        candidates.* replace (
            coalesce(candidates.total_usd, totals.value_usd) as total_usd,
            coalesce(candidates.is_provisional, totals.is_provisional) as is_provisional,
            list_sort(list_distinct(flatten([candidates.snapshot_ids, totals.snapshot_ids]))) as snapshot_ids
        )
    from candidates
    left join totals on candidates.choice != 3 and candidates.year = totals.year and totals.month = 0
    qualify
        row_number() over (
            partition by candidates.year
            order by coalesce(candidates.total_usd, totals.value_usd) is null asc, candidates.choice asc
        ) = 1
),

years as (
    select years.year
    from asked
    inner join core.years_between(asked.from_year, asked.to_year, (select max(year) from chosen), 10) as years on true
),

answers as (
    select
        years.year,
        chosen.* exclude (year) replace (coalesce(chosen.is_whole, false) as is_whole),
        case when not chosen.is_whole then chosen.codes end as part_held,
        100 * chosen.value_usd / nullif(chosen.total_usd, 0) as share_pct,
        coalesce(chosen.is_whole and chosen.total_usd is not null, false) as is_answered
    from years
    left join chosen on years.year = chosen.year
)

select
    answers.* exclude (is_answered),
    asked.product_code,
    coalesce(labels.label, concat('HS ', asked.product_code)) as product,
    case
        when answers.is_answered and answers.month_count = 12 and earlier.is_answered and earlier.month_count = 12
            then answers.share_pct - earlier.share_pct
    end as share_change_points,
    coalesce(answers.is_answered, false) as is_answered,
    case
        when answers.part_held is not null and answers.share_pct is not null then 'some_products'
        when not coalesce(answers.is_whole, false) or answers.total_usd is null then 'not_held'
        when answers.month_count < 12 then 'in_part'
    end as missing_code,
    case
        when missing_code is null then null
        when not coalesce(answers.is_whole, false)
            then [concat('goods/A/', asked.reporter_code, '/export/', asked.partner_code, '/', asked.product_code)]
        when answers.total_usd is null
            then [concat('goods/A/', asked.reporter_code, '/export/', asked.partner_code, '/TOTAL')]
        else
            [
                concat('goods/M/', asked.reporter_code, '/export/', asked.partner_code, '/', asked.product_code),
                concat('goods/M/', asked.reporter_code, '/export/', asked.partner_code, '/TOTAL')
            ]
    end as missing_series,
    case when missing_code is not null and answers.year is not null then [cast(answers.year as varchar)] end
        as missing_periods
from asked
left join answers on true
left join answers as earlier on answers.year - 1 = earlier.year
left join core.products as labels on labels.classification = 'HS' and asked.product_code = labels.product_code
order by answers.year desc

/*
{% set product = rows[0].product | label ~ " (HS " ~ rows[0].product_code ~ ")" %}
{% set exports = reporter | possessive ~ " exports to " ~ partner %}
{% set whole = held | selectattr("month_count", "eq", 12) | list %}
{% set open = held | selectattr("month_count", "lt", 12) | first %}
{% if whole %}
    {{ product }} made up {{ whole[0].share_pct | percent }} of {{ exports }} in {{ whole[0].year }}, or
    {{ whole[0].value_usd | usd }} of {{ whole[0].total_usd | usd }}
    {{- " (provisional)" if whole[0].is_provisional }};
{% endif %}
{% if whole | length > 1 %}
    {% set low, high = whole | min(attribute="share_pct"), whole | max(attribute="share_pct") %}
    in the years with complete figures ({{ whole | map(attribute="year") | listed }}), this share ranged from
    {{ low.share_pct | percent }} in {{ low.year }} to {{ high.share_pct | percent }} in {{ high.year }};
{% endif %}
{% if open %}
    {{ "in" if open.from_month == open.to_month else "from" }} {{ months(open.year, open.from_month, open.to_month) }},
    {{ "the share was " ~ open.share_pct | percent if whole
        else product ~ " made up " ~ open.share_pct | percent ~ " of " ~ exports }}
    {{- " (provisional)" if open.is_provisional }};
{% endif %}
{% for part, found in rows | selectattr("part_held") | groupby("part_held") %}
    {% set least = found | rejectattr("share_pct", "none") | list %}
    {% if least %}
        {% set low, high = least | min(attribute="share_pct"), least | max(attribute="share_pct") %}
        {% set count = part.split(", ") | length %}
        for {{ least | map(attribute="year") | listed }}, figures are available only for {{ count }} type
        {{- "s" if count > 1 }} of these products, which alone made up
        {{ low.share_pct | percent if least | length == 1 else "between " ~ low.share_pct | percent ~ " (" ~ low.year
            ~ ") and " ~ high.share_pct | percent ~ " (" ~ high.year ~ ")" }} of {{ exports }};
    {% endif %}
{% endfor %}
*/
