/*
number: 6
question: Price or volume?
name: price_or_volume
read: >-
  The rows split the change in the value of products that have a weight in both years into the effect of the value
  per kilogram and the effect of the weight; the two add up to the change. For exports and imports, one row
  compares the months of an unfinished year with the same months of the year before, one compares the last year with the
  first, and one compares each year with the year before. A column gives the share of all goods that a row covers.
limits: >-
  A value per kilogram moves with the mix of goods as well as with prices, and for chips or ships the weight says little
  about how much was sold. Another base year may give another split. The split uses the logarithmic mean Divisia method.
  Products missing from one of the two years, or without a weight in it, are left out. Goods only, as the reporter
  counts them.
parameters:
  reporter: KOR | The economy whose statistics are used (ISO 3166 alpha-3).
  partner: CHN | The economy it trades with (ISO 3166 alpha-3).
  product: all with a weight | One product instead, by its code in the Harmonized System.
  from_year: the first with a weight | The earliest year shown.
  to_year: the last with a weight | The latest year shown.
columns:
- flow, from_year, to_year
- to_month: count | Both years are from January to this month; 12 for whole years.
- product_code: code | The product; BASKET for several together.
- product: text | The product's name; up to three names of products together, joined with a plus.
- product_codes: list | The codes of the products together, separated by commas.
- from_usd, to_usd
- change_usd: US$ | `to_usd` less `from_usd`.
- price_effect_usd: US$ | The amount added by the change in the value of a kilogram.
- volume_effect_usd: US$ | The amount added by the change in the weight.
- unit_value_change_pct: percent | Change in the value of a kilogram; for several products, of all of them together.
- weight_change_pct: percent | Change in the weight.
- larger_effect: code | price (the unit value) or volume (the weight), whichever effect is larger.
- share_of_total_pct: percent | The products' share of all goods of the flow in the later year, where it is known.
- is_same_edition: >-
    true/false | Both years use one edition of the classification; if not, a code may cover other goods.
- source
- is_answered: true/false | Value and weight are available for both years.
- snapshot_ids
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code,
        cast(getvariable('product') as varchar) as product_code,
        cast(getvariable('from_year') as integer) as from_year,
        cast(getvariable('to_year') as integer) as to_year
),

flows as (
    select unnest(['export', 'import']) as flow
),

-- Of the levels that are held the one that most trade has a weight at, the finer of two.
years as (
    select
        annual.*,
        12 as to_month,
        starts_with(annual.comparison, 'the same edition') as is_same_edition
    from asked
    inner join marts.price_volume_annual as annual
        on
            asked.reporter_code = annual.reporter_code
            and asked.partner_code = annual.partner_code
            and coalesce(asked.product_code, 'BASKET') = annual.product_code
    qualify
        row_number() over (
            partition by annual.flow, annual.from_year, annual.to_year
            order by annual.to_usd desc, annual.level desc
        ) = 1
),

-- What is in a basket; a basket of one is that product.
members as (
    select
        annual.flow,
        annual.from_year,
        annual.to_year,
        annual.level,
        case when count(*) = 1 then max(annual.product_code) end as product_code,
        case when count(*) <= 3 then string_agg(annual.product, ' + ' order by annual.product_code) end as product,
        string_agg(annual.product_code, ', ' order by annual.product_code) as product_codes
    from asked
    inner join marts.price_volume_annual as annual
        on asked.reporter_code = annual.reporter_code and asked.partner_code = annual.partner_code
    where annual.product_code != 'BASKET'
    group by annual.flow, annual.from_year, annual.to_year, annual.level
),

months as (
    select
        monthly.*,
        year(monthly.period_start) as year,
        month(monthly.period_start) as month
    from asked
    inner join marts.price_volume_monthly as monthly
        on
            asked.reporter_code = monthly.reporter_code
            and asked.partner_code = monthly.partner_code
            and coalesce(asked.product_code, monthly.product_code) = monthly.product_code
    where monthly.change_usd is not null
),

month_totals as (
    select
        goods.flow,
        year(goods.period_start) as year,
        month(goods.period_start) as month,
        goods.value_usd
    from asked
    inner join core.goods_trade_monthly as goods
        on asked.reporter_code = goods.reporter_code and asked.partner_code = goods.partner_code
),

-- A year from January on, as far as each of its months is held.
to_date as (
    select
        months.flow,
        months.year - 1 as from_year,
        months.year as to_year,
        max(months.month) as to_month,
        'to_date' as span,
        case when count(distinct months.product_code) = 1 then max(months.product_code) else 'BASKET' end
            as product_code,
        case
            when count(distinct months.product_code) <= 3 then string_agg(distinct months.product, ' + ')
            else concat('All ', count(distinct months.product_code), ' with a weight in both years')
        end as product,
        string_agg(distinct months.product_code, ', ' order by months.product_code) as product_codes,
        sum(months.prior_year_value_usd) as from_usd,
        sum(months.value_usd) as to_usd,
        sum(round(100 * months.change_usd)) / 100 as change_usd,
        sum(round(100 * months.price_effect_usd)) / 100 as price_effect_usd,
        sum(round(100 * months.volume_effect_usd)) / 100 as volume_effect_usd,
        sum(months.prior_year_value_usd / months.prior_year_unit_value) as from_weight_kg,
        sum(months.net_weight_kg) as to_weight_kg,
        bool_and(months.is_same_edition) as is_same_edition,
        max(months.source) as source,
        list_sort(list_distinct(flatten(array_agg(months.snapshot_ids)))) as snapshot_ids
    from months
    group by months.flow, months.year, months.level
    having count(distinct months.month) = max(months.month) and max(months.month) < 12
    qualify
        row_number() over (partition by months.flow, months.year order by sum(months.value_usd) desc, months.level desc)
        = 1
),

to_date_totals as (
    select
        to_date.flow,
        to_date.to_year,
        sum(month_totals.value_usd) as total_usd
    from to_date
    inner join month_totals
        on
            to_date.flow = month_totals.flow
            and to_date.to_year = month_totals.year
            and to_date.to_month >= month_totals.month
    group by to_date.flow, to_date.to_year, to_date.to_month
    having count(*) = to_date.to_month
),

spans as (
    select
        years.* exclude (product_code, product),
        coalesce(members.product_code, years.product_code) as product_code,
        coalesce(members.product, years.product) as product,
        coalesce(members.product_codes, years.product_code) as product_codes
    from years
    left join members
        on
            years.product_code = 'BASKET'
            and years.flow = members.flow
            and years.from_year = members.from_year
            and years.to_year = members.to_year
            and years.level = members.level
    union all by name
    select
        to_date.*,
        100 * to_date.to_usd / nullif(to_date_totals.total_usd, 0) as share_of_total_pct
    from to_date
    left join to_date_totals using (flow, to_year)
),

held as (
    select spans.*
    from asked
    inner join spans
        on
            spans.from_year >= coalesce(asked.from_year, spans.from_year)
            and spans.to_year <= coalesce(asked.to_year, spans.to_year)
),

-- How much of all goods the last years speak of.
covered as (
    select
        flow,
        from_year,
        to_year,
        share_of_total_pct
    from held
    where to_month = 12
    qualify row_number() over (partition by flow order by to_year desc, from_year desc) = 1
)

select
    flows.flow,
    held.* exclude (flow),
    100 * (
        (held.to_usd / held.to_weight_kg) / nullif(held.from_usd / held.from_weight_kg, 0) - 1
    ) as unit_value_change_pct,
    100 * (held.to_weight_kg / nullif(held.from_weight_kg, 0) - 1) as weight_change_pct,
    case
        when abs(held.price_effect_usd) >= abs(held.volume_effect_usd) then 'price'
        when held.volume_effect_usd is not null then 'volume'
    end as larger_effect,
    held.flow is not null as is_answered,
    case
        when held.flow is null or (asked.product_code is null and coalesce(covered.share_of_total_pct, 0) < 95)
            then 'no_weight'
    end as missing_code,
    case
        when missing_code is not null
            then
                [
                    concat(
                        'goods/A/', asked.reporter_code, '/', flows.flow, '/', asked.partner_code, '/',
                        coalesce(asked.product_code, 'HS')
                    )
                ]
    end as missing_series,
    case
        when missing_code is not null and covered.flow is not null
            then [cast(covered.from_year as varchar), cast(covered.to_year as varchar)]
    end as missing_periods
from asked
cross join flows
left join held on flows.flow = held.flow
left join covered on flows.flow = covered.flow
order by flows.flow asc, held.span != 'to_date' asc, held.span != 'all' asc, held.to_year desc

/*
{% macro what(row) %}
    {%- set codes, names = row.product_codes.split(", "), row.product.split(" + ") %}
    {%- if names | length < codes | length %}the {{ codes | length }} products whose weights are available for both
        years
    {%- else %}{{ names | map("label") | listed }} (HS {{ codes | listed }}){% endif %}
{% endmacro %}
{# The products without their codes, of which a sentence before this one speaks. #}
{% macro called(row) %}{{ what(row).split(" (HS ")[0] }}{% endmacro %}
{% macro split(row, whose) %}
    {% set price, volume = row.price_effect_usd, row.volume_effect_usd %}
    {% if row.to_month == 12 %}
        from {{ row.from_year }} to {{ row.to_year }} {{ whose }} {{ "rose" if row.change_usd > 0 else "fell" }} by
        {{ row.change_usd | abs | usd }}
    {%- else %}{{ whose }} were {{ row.change_usd | abs | usd }} {{ "higher" if row.change_usd > 0 else "lower" }} in
        {{ months(row.to_year, 1, row.to_month) }} than in the same months of {{ row.from_year }}
    {%- endif %}: a {{ "higher" if price >= 0 else "lower" }} value per kilogram
    {{ "added" if price >= 0 else "took away" }} {{ price | abs | usd }}
    {{- " and" if (price >= 0) == (volume >= 0) else ", but" }} a {{ "greater" if volume >= 0 else "smaller" }} weight
    {{ "added" if volume >= 0 else "took away" }} {{ volume | abs | usd }}
    {% if row.to_month == 12 and row.is_same_edition is false %}; the customs classification was revised between
        {{ row.from_year }} and {{ row.to_year }}, so the same code may cover different goods in the two years
    {%- endif %}
{% endmacro %}
{# Another base year may turn the sign of the change, so compare each year with the year before, too. #}
{% macro yearly(found, span, flow) %}
    {% set went = namespace(up=[], down=[], first=span.from_year) %}
    {% for row in found if row.to_month == 12 and row.to_year - row.from_year == 1 %}
        {% set went.first = [went.first, row.from_year] | min %}
        {% if row.change_usd >= 0 %}{% set went.up = [row.to_year] + went.up %}
        {% else %}{% set went.down = [row.to_year] + went.down %}
        {% endif %}
    {% endfor %}
    {% if went.up | length + went.down | length > 1 %}
        compared with the year before, these {{ flow }}s {{ "rose in " ~ went.up | listed if went.up }}
        {{ "and" if went.up and went.down }} {{ "fell in " ~ went.down | listed if went.down }};
    {% endif %}
    {% if asked.from_year is number and asked.from_year < went.first %}
        weights of these products are available from {{ went.first }} on;
    {% endif %}
    {% if went.first < span.from_year %}
        the change in these {{ flow }}s over the whole period from {{ went.first }} to {{ span.to_year }} is not split
        into price and volume;
    {% endif %}
{% endmacro %}
{% set unsplit = [] %}
{% for flow, way in (("export", "to"), ("import", "from")) %}
    {% set of_flow = held | selectattr("flow", "eq", flow) | list %}
    {% set shares = of_flow | map(attribute="share_of_total_pct") | reject("none") | list %}
    {% set trade = reporter | possessive ~ " " ~ flow ~ "s " ~ way ~ " " ~ partner %}
    {% if not of_flow %}
        no weights are available for {{ trade }}, so these cannot be split{{ " into price and volume" if not unsplit }}
        {{- ", either" if unsplit }};
        {{- unsplit.append(flow) or "" }}
    {% elif shares and shares | max < 1 and not (asked.product or "") | int %}
        {{- unsplit.append(flow) or "" }}
        {% set codes = (of_flow | map(attribute="product_codes") | join(", ")).split(", ") | unique | list %}
        {% set names = (of_flow | map(attribute="product") | join(" + ")).split(" + ") | unique | list %}
        {% set most = shares | max | percent(2) %}
        {{ trade }} cannot be split into price and volume;
        weights are available only for
        {{ names | map("label") | listed if names | length == codes | length < 3 else codes | length ~ " products" -}}
        {{- ", among them " ~ names[:2] | map("label") | listed if names | length == codes | length > 2 }};
        {{ "these " ~ codes | length ~ " products together" if codes | length > 1 else "this product" }} made up
        {{ "at most" if "less" not in most }} {{ most }} of {{ trade }} in each year for which the share is known;
    {% else %}
        {% set newest = of_flow[0] if of_flow[0].to_month < 12 %}
        {% set span = of_flow | selectattr("to_month", "eq", 12) | first %}
        {% set last = span or newest %}
        {% set whose, there = reporter | possessive ~ " " ~ flow ~ "s of ", " " ~ way ~ " " ~ partner %}
        {{ split(newest or span, whose ~ what(newest or span) ~ there) }};
        {% if newest and span %}
            {{ split(span, "these " ~ flow ~ "s" if newest.product_codes == span.product_codes
                else whose ~ what(span) ~ there) }};
        {% endif %}
        {{ yearly(of_flow, span, flow) if span }}
        {% if last.share_of_total_pct %}
            {{ called(last) }} made up
            {{ last.share_of_total_pct | percent(2 if last.share_of_total_pct < 0.05 else 1) }} of
            {{ trade }} in {{ last.to_year }};
        {% else %}
            the share of {{ called(last) }} in {{ reporter | possessive }} total {{ flow }}s {{ way }} {{ partner }} is
            not available;
        {% endif %}
    {% endif %}
{% endfor %}
{% if unsplit | length < 2 %}
    a value per kilogram is not a price: it changes with the mix of goods as well as with prices, and these figures
    cannot separate the two effects;
{% endif %}
*/
