/*
number: 7
question: Fewer products or less of each?
name: fewer_products_or_less_of_each
read: >-
  One row for each flow and span of years: the change in trade, the part due to products that began or ceased to be
  traded, and the part due to products traded in both years. The rows use the most detailed product codes that cover
  all goods. The figures are the reporter's or, if those do not cover all goods, the partner's. The longest spans come
  first, then each year compared with the year before.
limits: >-
  The answer depends on the level of the codes: six-digit subheadings enter and leave, two-digit divisions hardly ever
  do, so at two digits nearly all the change is in products traded in both years, by construction. One-digit sections
  are shown but not counted as an answer. A product that entered need not be new; earlier trade may have been too
  small for customs to list. The change in products that only one of two editions of the codes has, or that one year's
  figures list for no partner, as often with gold, counts in neither part and is shown by itself.
parameters:
  reporter: KOR | The economy whose trade it is (ISO 3166 alpha-3).
  partner: CHN | The economy it trades with (ISO 3166 alpha-3).
  from_year: the first available | The earliest year shown.
  to_year: the last available | The latest year shown.
columns:
- flow
- whose_statistics: code | The economy whose statistics they are (ISO 3166 alpha-3).
- from_year, to_year, classification (any), level (of the product)
- change_usd: US$ | The change in trade.
- continued_usd, entered_usd
- left_usd: US$ | The trade lost with products that left.
- unmatched_usd: >-
    US$ | The change in products that one year's figures cannot show: its edition has no code for them, or it lists
    them with no partner.
- residual_usd
- extensive_pct: percent | The extensive margin's share of the change (products that entered and left).
- intensive_pct, entered_count, left_count, continued_count
- larger_margin: code | extensive or intensive, whichever is larger.
- comparison, source
- is_answered: true/false | Products of two or more digits cover all goods in both years.
- snapshot_ids
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code,
        cast(getvariable('from_year') as integer) as from_year,
        cast(getvariable('to_year') as integer) as to_year
),

flows as (
    select unnest(['export', 'import']) as flow
),

-- The reporter's own, and the partner's with the flows exchanged.
margins as (
    select
        case
            when asked.reporter_code = found.reporter_code then found.flow
            when found.flow = 'export' then 'import'
            else 'export'
        end as asked_flow,
        asked.reporter_code = found.reporter_code as is_own,
        found.*
    from asked
    inner join marts.trade_margins_annual as found
        on
            (asked.reporter_code = found.reporter_code and asked.partner_code = found.partner_code)
            or (asked.reporter_code = found.partner_code and asked.partner_code = found.reporter_code)
    where
        found.is_complete_detail
        and (starts_with(found.classification, 'HS') or starts_with(found.classification, 'SITC'))
        and found.from_year >= coalesce(asked.from_year, found.from_year)
        and found.to_year <= coalesce(asked.to_year, found.to_year)
),

-- Of each flow the finest level and one economy's statistics; of two years, rather the edition they were made in.
chosen as (
    select *
    from (
        select *
        from margins
        qualify dense_rank() over (partition by asked_flow order by level desc, is_own desc) = 1
    ) as finest
    qualify
        row_number() over (
            partition by asked_flow, from_year, to_year
            order by starts_with(comparison, 'the same edition') desc, classification desc
        ) = 1
)

select
    flows.flow,
    chosen.* exclude (flow),
    chosen.reporter_code as whose_statistics,
    case
        when abs(chosen.extensive_usd) > abs(chosen.continued_usd) then 'extensive'
        when chosen.continued_usd is not null then 'intensive'
    end as larger_margin,
    coalesce(chosen.level >= 2, false) as is_answered,
    case when coalesce(chosen.level < 6, true) then 'not_held' end as missing_code,
    case
        when missing_code is not null
            then [concat('goods/A/', asked.reporter_code, '/', flows.flow, '/', asked.partner_code, '/AG6')]
    end as missing_series,
    case
        when missing_code is not null
            then nullif(string_split(concat_ws(',', asked.from_year, asked.to_year), ','), [''])
    end as missing_periods
from asked
cross join flows
left join chosen on flows.flow = chosen.asked_flow
order by
    flows.flow asc, chosen.to_year - chosen.from_year > 1 desc, chosen.to_year - chosen.from_year desc,
    chosen.to_year desc

/*
{% macro went(usd) %}{{ "rose" if usd >= 0 else "fell" }} by {{ usd | abs | usd }}{% endmacro %}
{# The filter `counted` would lose which column the number is of. #}
{% macro some(count, thing, one) %}{{ one if count == 1 else "the " ~ count ~ " " ~ thing ~ "s" }}{% endmacro %}
{% set coarse = held | selectattr("level", "lt", 4) | map(attribute="level") | first %}
{% set named, cited = [], [] %}
{% for flow, way in (("export", "to"), ("import", "from")) %}
    {% set row = held | selectattr("flow", "eq", flow) | first %}
    {% if not row %}
        the available figures by product do not cover all of {{ reporter | possessive }} {{ flow }}s {{ way }}
        {{ partner }};
    {% else %}
        {% set rose = row.change_usd > 0 %}
        {% set own = row.whose_statistics == asked.reporter %}
        {% set goods = flow ~ "s" if own else "imports" if flow == "export" else "exports" %}
        {% set where = way ~ " " ~ partner if own else ("from " if flow == "export" else "to ") ~ reporter %}
        {% set thing = "product" if row.level >= 4 else "product group" %}
        {% set nearly = row.continued_usd and (row.continued_usd - row.change_usd) | abs < row.change_usd | abs / 100 %}
        {{ (reporter if own else partner) | possessive }} {{ goods }} {{ where }} {{ went(row.change_usd) }} from
        {{ row.from_year }} to {{ row.to_year }}
        {{- " (source: " ~ row.source | publisher ~ ")" if row.source not in cited }}
        {{- cited.append(row.source) or "" }}
        {%- if nearly %}, almost entirely through {{ thing }}s recorded in both years
        {%- elif row.level >= 4 %}, mainly through
            {{ ("higher" if rose else "lower") ~ " values of the same products" if row.larger_margin == "intensive"
                else "products recorded in only one of the two years" }}
        {%- endif %};
        {% if row.continued_usd and not nearly %}
            in {{ thing }}s recorded in both years, these {{ goods }} {{ went(row.continued_usd) }};
        {% endif %}
        {% set moved_usd = (row.entered_usd or 0) + (row.left_usd or 0) %}
        {% if (row.entered_count or row.left_count)
            and (row.level >= 4 or moved_usd | abs > row.change_usd | abs / 100) %}
            {{- named.append(row) or "" }}
            {% set years = [row.to_year, row.from_year] if row.entered_count else [row.from_year, row.to_year] %}
            {{ some(row.entered_count or row.left_count, thing, "the only " ~ thing) }} recorded in
            {{ years | join(" but not in ") }}
            {{- ", and " ~ some(row.left_count, thing, "the one") ~ " recorded in " ~ row.from_year ~ " but not in "
                ~ row.to_year ~ ", together" if row.entered_count and row.left_count }}
            {{ "added" if moved_usd >= 0 else "took" }} {{ moved_usd | abs | usd }}
            {{ "to" if moved_usd >= 0 else "from" }} these {{ goods }};
        {% endif %}
        {% if row.unmatched_usd and row.unmatched_usd | abs > row.change_usd | abs / 100 %}
            a {{ "rise" if row.unmatched_usd > 0 else "fall" }} of {{ row.unmatched_usd | abs | usd }} comes from
            {{ thing }}s that cannot be compared, because their codes or figures are missing for {{ row.from_year }} or
            {{ row.to_year }};
        {% endif %}
        {% if row.residual_usd and row.residual_usd | abs > row.change_usd | abs / 100 %}
            the changes by product add up to {{ row.residual_usd | abs | usd }}
            {{ "less" if (row.residual_usd > 0) == rose else "more" }} than the {{ "rise" if rose else "fall" }} in
            these {{ goods }} as a whole, perhaps because the total is more recent than the figures by product;
        {% endif %}
        {{ "each " ~ row.level ~ "-digit code counts as one product;" if row.level >= 4 }}
    {% endif %}
{% endfor %}
{% if coarse %}
    the available figures show only product groups ({{ coarse }}-digit codes), which are too broad to show whether the
    number of products changed or the value of each;
{% endif %}
{% if named %}
    a product{{ " group" if named[0].level < 4 }} recorded in only one of the two years may have been
    traded in the other year, too, under another code or in amounts too small to be listed;
{% endif %}
*/
