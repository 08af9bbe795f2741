/*
number: 12
question: Intermediate, capital or consumer goods?
name: end_use
read: >-
  One row for each year and class of use, for exports and for imports, with its value and its share of all goods. The
  rows of a year add up to all exports or all imports; goods in no class have a row of their own. A column names the
  classification. If all subheadings of the Harmonized System are available, they are converted to the broad economic
  categories of the United Nations (BEC4_END_USE) or UNCTAD's stages of processing (UNCTAD_STAGE). If not, Korea
  Customs' own classes are shown (KCS_ENDUSE). Compare figures only within one classification. The last rows are
  balances in intermediate goods reported by the press.
limits: >-
  A subheading has one use in a classification, whoever buys it: a chip is intermediate in a factory and in a shop.
  Customs' classes of imports are consumer goods, raw materials and capital goods, and count chips and other parts as
  capital goods; its classes of exports are kinds of industry, not uses, so they do not answer the question and are
  shown only for lack of others. Passenger cars and motor spirit have several uses (SEVERAL).
parameters:
  reporter: KOR | The economy whose statistics are used (ISO 3166 alpha-3).
  partner: CHN | The economy it trades with (ISO 3166 alpha-3).
  from_year: five years before to_year | The first year shown.
  to_year: the last year sorted by use | The last year shown.
columns:
- year
- flow: code | export or import, as the reporter sees it; balance for a printed balance.
- scheme: code | BEC4_END_USE, UNCTAD_STAGE or KCS_ENDUSE; printed for a statement in print.
- class_code: code | The class in that scheme; RESIDUAL is the rest.
- class: text | The name of the class.
- value_usd: US$ | Value of the goods; for a balance, exports less imports.
- share_pct: percent | The value's share of all goods of the flow.
- total_usd: US$ | All goods of the flow.
- origin: text | The data that the figures were made from.
- reason: text | How the sum of the classified goods compares with the total.
- source: text | The publisher of the products, or who printed the balance.
- is_answered: true/false | The class is a use and all goods are classified, or the row is a printed balance.
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

-- Customs' classes have five digits, of which the first is the use of an import, or the industry of an export.
sorted as (
    select
        trade.year,
        trade.flow,
        case when starts_with(trade.classification, 'KCS') then 'KCS_ENDUSE' else trade.classification end as scheme,
        trade.classification,
        case
            when starts_with(trade.classification, 'KCS') and not trade.is_residual
                then substr(trade.product_code, 1, 1)
            else trade.product_code
        end as class_code,
        bool_and(trade.is_complete_detail) as is_complete,
        sum(trade.value_usd) as value_usd,
        max(trade.total_usd) as total_usd,
        max(trade.origin) as origin,
        max(trade.reason) as reason,
        max(trade.source) as source,
        list_sort(list_distinct(flatten(array_agg(trade.snapshot_ids)))) as snapshot_ids
    from asked
    inner join marts.product_trade_annual as trade
        on asked.reporter_code = trade.reporter_code and asked.partner_code = trade.partner_code
    where
        (trade.is_complete_detail or trade.status = 'excluded')
        and (
            trade.classification in ('BEC4_END_USE', 'UNCTAD_STAGE')
            or (starts_with(trade.classification, 'KCS_ENDUSE') and trade.level = 5)
        )
    group by trade.year, trade.flow, trade.classification, class_code
),

-- One scheme a year and flow, rather one that agrees with the total.
chosen as (
    select *
    from sorted
    qualify
        dense_rank() over (
            partition by year, flow
            order by is_complete desc, case scheme when 'BEC4_END_USE' then 1 when 'UNCTAD_STAGE' then 2 else 3 end
        ) = 1
),

bounds as (
    select
        coalesce(asked.to_year, max(chosen.year)) as last_year,
        coalesce(asked.from_year, greatest(coalesce(asked.to_year, max(chosen.year)) - 5, min(chosen.year)))
            as first_year
    from asked
    left join chosen on true
    group by asked.from_year, asked.to_year
),

years as (
    select unnest(range(first_year, last_year + 1)) as year
    from bounds
),

-- What is asked about, whether anything is sorted or not.
answers as (
    select
        chosen.* exclude (flow, year),
        years.year,
        flows.flow,
        case
            when chosen.class_code = 'RESIDUAL' then 'What no class explains'
            else coalesce(labels.label, chosen.class_code)
        end as class,
        100 * chosen.value_usd / nullif(chosen.total_usd, 0) as share_pct,
        coalesce(chosen.is_complete and chosen.classification != 'KCS_ENDUSE_EXPORT', false) as is_answered
    from flows
    left join years on true
    left join chosen on years.year = chosen.year and flows.flow = chosen.flow
    left join core.products as labels
        on chosen.classification = labels.classification and chosen.class_code = labels.product_code
),

printed as (
    select
        year(figures.period_start) as year,
        figures.value,
        figures.publisher,
        figures.snapshot_id
    from asked
    inner join core.published_figures as figures
        on asked.reporter_code = figures.reporter_code and asked.partner_code = figures.partner_code
    where
        figures.metric = 'intermediate_goods_balance'
        and figures.unit = 'USD'
        and month(figures.period_start) = 1
        and figures.period_end = make_date(year(figures.period_start), 12, 31)
        and year(figures.period_start) >= coalesce(asked.from_year, year(figures.period_start))
        and year(figures.period_start) <= coalesce(asked.to_year, year(figures.period_start))
),

shown as (
    select
        answers.*,
        case when not answers.is_answered then 'not_held' end as missing_code,
        case
            when missing_code is not null
                then [concat('goods/A/', asked.reporter_code, '/', answers.flow, '/', asked.partner_code, '/END_USE')]
        end as missing_series,
        case when missing_code is not null and answers.year is not null then [cast(answers.year as varchar)] end
            as missing_periods
    from asked
    cross join answers
    union all by name
    select
        year,
        'balance' as flow,
        'printed' as scheme,
        'INTERMEDIATE' as class_code,
        'Intermediate goods' as class,
        value as value_usd,
        publisher as source,
        true as is_answered,
        [snapshot_id] as snapshot_ids
    from printed
)

select *
from shown
order by
    coalesce(scheme = 'printed', false) asc, year desc, flow asc, class_code = 'RESIDUAL' asc, value_usd desc,
    class_code asc

/*
{% set schemes = {
    "BEC4_END_USE": "broad economic categories",
    "UNCTAD_STAGE": "UNCTAD's stages of processing",
    "KCS_ENDUSE": "Korea Customs' classes",
} %}
{% for flow, way in (("export", "to"), ("import", "from")) %}
    {% set of_flow = held | selectattr("flow", "eq", flow) | list %}
    {% if of_flow %}
        {{ reporter | possessive }} {{ flow }}s {{ way }} {{ partner }} in {{ of_flow[0].year }} were
        {# A rest that rounds to 0.0% is left out. #}
        {% for row in of_flow if row.year == of_flow[0].year and row.share_pct | abs >= 0.05 %}
            {{- "" if loop.first else ", " }}{{ row.share_pct | percent }} {{ row.class | label -}}
        {% endfor %}
        ({{ schemes[of_flow[0].scheme] }});
    {% endif %}
{% endfor %}
{% set lacking = ["export", "import"] | reject("in", held | map(attribute="flow") | list) | list %}
{% if lacking %}
    figures on {{ reporter | possessive }}
    {{ "trade with" if lacking | length > 1 else "exports to" if lacking[0] == "export" else "imports from" }}
    {{ partner }} by end use are not available;
{% endif %}
{% set printed = rows | selectattr("scheme", "eq", "printed") | list %}
{% if printed %}
    {{ printed[0].source }} reported that {{ reporter | possessive }} trade with {{ partner }} in intermediate goods had
    {% for row in printed | reverse %}
        {# The second of two surpluses is "and US$25.9bn". #}
        {% set balance = row.value_usd | printed_balance %}
        {% set is_alike = not loop.first and (loop.previtem.value_usd < 0) == (row.value_usd < 0) %}
        {{- "" if loop.first else " and" }} {{ (balance | string).split(" of ")[1] if is_alike else balance }} in
        {{ row.year -}}
    {% endfor %};
{% endif %}
*/
