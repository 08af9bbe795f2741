/*
number: 5
question: Did exports or imports change the balance more?
name: exports_or_imports
read: >-
  The first row is the period you asked about. Rows marked base compare the last year of the period with other earlier
  years, and rows marked year compare each year of the period with the year before. Exports of two years are compared
  only if one publisher has both, and so are imports. If the first year cannot be compared, the answer starts from the
  next one that can. A column names what moved the balance most: lost exports, more imports, more exports, fewer
  imports, or exports and imports about equally.
limits: >-
  This is arithmetic in US$ at current prices, not a cause: a higher price of imports counts as more imports (question
  6). Goods only, exports FOB and imports CIF (US imports at customs value), as the reporter counts them.
parameters:
  reporter: KOR | The economy whose statistics are used (ISO 3166 alpha-3).
  partner: CHN | The economy it trades with (ISO 3166 alpha-3).
  from_year: five years before to_year | The earlier year.
  to_year: the last year with both flows | The later year.
columns:
- span: code | whole for the span asked about, base for another base year, year for one year of the span.
- from_year, to_year
- balance_change_usd: US$ | The later balance less the earlier; null if the two years have different publishers.
- exports_change_usd
- imports_change_usd: US$ | The change in imports, which takes from the balance.
- driver: >-
    code | The flow that moved the balance most in the direction in which it went; both if exports and imports moved it
    the same way, the smaller amount is at least 80% of the larger, and they differ by less than 1% of the greater flow,
    as two sources for one flow may (core.source_tolerances); null where figures fail the coverage check.
- exports_contribution_pct: percent | Exports' share of the change.
- imports_contribution_pct: percent | Imports' share of the change.
- balance_from_usd, balance_to_usd, exports_source (of both years), imports_source
- from_observation_status: >-
    code | SDMX status of the earlier year's less certain flow, A normal, E estimated or P provisional; where another
    publisher's figures are compared, still that of the figures chosen in marts.trade_balance_annual.
- to_observation_status: code | The same status for the later year.
- is_answered: >-
    true/false | Both flows of both years are available, each flow from one publisher, and neither year fails the
    coverage check.
- snapshot_ids
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code
),

balances as (
    select balances.*
    from asked
    inner join marts.trade_balance_annual as balances
        on asked.reporter_code = balances.reporter_code and asked.partner_code = balances.partner_code
    where balances.is_complete
),

years as (
    select
        coalesce(cast(getvariable('to_year') as integer), max(year)) as to_year,
        coalesce(
            cast(getvariable('from_year') as integer),
            coalesce(cast(getvariable('to_year') as integer), max(year)) - 5
        ) as from_year
    from balances
),

-- The whole span, each of its years, and the bases that its last year can be compared with: a conclusion that turns
-- with the base year is none. A span that is two of these is the first.
spans as (
    select
        from_year,
        to_year,
        min_by(span, place) as span
    from (
        select
            *,
            'whole' as span,
            1 as place
        from years
        union all by name
        select
            unnest(range(from_year, to_year)) as from_year,
            unnest(range(from_year + 1, to_year + 1)) as to_year,
            'year' as span,
            2 as place
        from years
        union all by name
        select
            balances.year as from_year,
            years.to_year,
            'base' as span,
            3 as place
        from years
        inner join balances on balances.year between least(years.from_year, years.to_year - 10) and years.to_year - 1
    ) as every_span
    group by from_year, to_year
),

span_years as (
    select from_year as year
    from spans
    union
    select to_year as year
    from spans
),

-- Why a year has no sign: a flow that is not held, or figures that are too thin.
lacks as (
    select unsigned.*
    from asked
    cross join span_years
    inner join
        marts.unsigned_balance(asked.reporter_code, asked.partner_code, span_years.year) as unsigned
        on true
),

-- Both years of a flow from one publisher: as they are chosen, or from one that holds both.
compared as (
    select
        spans.span,
        spans.from_year,
        spans.to_year,
        coalesce(exports.from_usd, earlier.exports_usd) as from_exports_usd,
        coalesce(exports.to_usd, later.exports_usd) as to_exports_usd,
        coalesce(imports.from_usd, earlier.imports_usd) as from_imports_usd,
        coalesce(imports.to_usd, later.imports_usd) as to_imports_usd,
        case
            when exports.flow is null then exports_now.publisher_code
            else coalesce(exports.source, concat(exports.from_source, ' / ', exports.to_source))
        end as exports_source,
        case
            when imports.flow is null then imports_now.publisher_code
            else coalesce(imports.source, concat(imports.from_source, ' / ', imports.to_source))
        end as imports_source,
        earlier.observation_status as from_observation_status,
        later.observation_status as to_observation_status,
        nullif(
            concat_ws(
                '+',
                case when exports.flow is not null and exports.source is null then 'export' end,
                case when imports.flow is not null and imports.source is null then 'import' end
            ),
            ''
        ) as flows_of_two,
        string_split(
            concat_ws(
                ',',
                case when earlier.coverage_status = 'insufficient' then spans.from_year end,
                case when later.coverage_status = 'insufficient' then spans.to_year end
            ),
            ','
        ) as thin_years,
        coalesce(earlier_lack.missing_series, later_lack.missing_series) as lacking_series,
        string_split(
            concat_ws(
                ',',
                case when earlier_lack.missing_series = lacking_series then spans.from_year end,
                case when later_lack.missing_series = lacking_series then spans.to_year end
            ),
            ','
        ) as lacking_years,
        list_sort(
            list_distinct(
                flatten([earlier.snapshot_ids, later.snapshot_ids, exports.snapshot_ids, imports.snapshot_ids])
            )
        ) as snapshot_ids
    from spans
    cross join asked
    left join balances as earlier on spans.from_year = earlier.year
    left join balances as later on spans.to_year = later.year
    left join core.goods_trade_annual as exports_now
        on
            asked.reporter_code = exports_now.reporter_code
            and asked.partner_code = exports_now.partner_code
            and exports_now.flow = 'export'
            and spans.to_year = year(exports_now.period_start)
    left join core.goods_trade_annual as imports_now
        on
            asked.reporter_code = imports_now.reporter_code
            and asked.partner_code = imports_now.partner_code
            and imports_now.flow = 'import'
            and spans.to_year = year(imports_now.period_start)
    left join lacks as earlier_lack on spans.from_year = earlier_lack.year and not earlier_lack.is_thin
    left join lacks as later_lack on spans.to_year = later_lack.year and not later_lack.is_thin
    left join core.goods_trade_comparisons as exports
        on
            asked.reporter_code = exports.reporter_code
            and asked.partner_code = exports.partner_code
            and exports.flow = 'export'
            and spans.from_year = exports.from_year
            and spans.to_year = exports.to_year
    left join core.goods_trade_comparisons as imports
        on
            asked.reporter_code = imports.reporter_code
            and asked.partner_code = imports.partner_code
            and imports.flow = 'import'
            and spans.from_year = imports.from_year
            and spans.to_year = imports.to_year
),

changes as (
    select
        *,
        case
            when flows_of_two is null then (round(100 * to_exports_usd) - round(100 * from_exports_usd)) / 100
        end as exports_change_usd,
        case
            when flows_of_two is null then (round(100 * to_imports_usd) - round(100 * from_imports_usd)) / 100
        end as imports_change_usd,
        from_exports_usd - from_imports_usd as balance_from_usd,
        to_exports_usd - to_imports_usd as balance_to_usd,
        (round(100 * exports_change_usd) - round(100 * imports_change_usd)) / 100 as balance_change_usd
    from compared
),

-- Another base that cannot be compared is nothing that the answer lacks.
listed as (
    select *
    from changes
    where span != 'base' or (balance_change_usd is not null and thin_years = [''])
)

select
    changes.*,
    case
        when changes.thin_years != [''] then null
        when
            changes.exports_change_usd * changes.imports_change_usd < 0
            and abs(changes.exports_change_usd + changes.imports_change_usd)
            < greatest(changes.to_exports_usd, changes.to_imports_usd) / 100
            and least(abs(changes.exports_change_usd), abs(changes.imports_change_usd))
            >= 0.8 * greatest(abs(changes.exports_change_usd), abs(changes.imports_change_usd))
            then 'both'
        when changes.balance_change_usd < 0 and -changes.exports_change_usd >= changes.imports_change_usd
            then 'exports_lost'
        when changes.balance_change_usd < 0 then 'imports_gained'
        when changes.balance_change_usd > 0 and changes.exports_change_usd >= -changes.imports_change_usd
            then 'exports_gained'
        when changes.balance_change_usd > 0 then 'imports_lost'
    end as driver,
    100 * changes.exports_change_usd / nullif(changes.balance_change_usd, 0) as exports_contribution_pct,
    -100 * changes.imports_change_usd / nullif(changes.balance_change_usd, 0) as imports_contribution_pct,
    changes.balance_change_usd is not null and changes.thin_years = [''] as is_answered,
    case
        when changes.balance_change_usd is not null and changes.thin_years != [''] then 'too_thin'
        when changes.flows_of_two is not null then 'two_publishers'
        when changes.balance_change_usd is null then 'not_held'
    end as missing_code,
    case
        when missing_code = 'not_held' and changes.lacking_series is not null then [changes.lacking_series]
        when missing_code is not null
            then
                [
                    concat(
                        'goods/A/', asked.reporter_code, '/',
                        case when missing_code = 'two_publishers' then changes.flows_of_two else 'export+import' end,
                        '/', asked.partner_code, '/TOTAL'
                    )
                ]
    end as missing_series,
    case missing_code
        when 'too_thin' then changes.thin_years
        when 'two_publishers' then [cast(changes.from_year as varchar), cast(changes.to_year as varchar)]
        when 'not_held' then nullif(changes.lacking_years, [''])
    end as missing_periods
from asked
left join listed as changes on true
order by changes.span != 'whole' asc, changes.span != 'base' asc, changes.to_year desc, changes.from_year asc

/*
{% set whole = rows[0] %}
{% macro because(row) %}
    {% if row.driver == "both" %}because exports {{ "rose and imports fell" if row.balance_change_usd > 0
        else "fell and imports rose" }} by similar amounts
    {% else %}mainly because {{ {
        "exports_gained": "exports rose", "exports_lost": "exports fell",
        "imports_gained": "imports rose", "imports_lost": "imports fell",
    }[row.driver] }}
    {%- endif %}
{%- endmacro %}
{% set to_the_last = held | selectattr("to_year", "eq", whole.to_year) | sort(attribute="from_year") | list %}
{# If the base year asked for cannot be compared, use the first later one that can. #}
{% set told = whole if whole.is_answered else to_the_last | selectattr("from_year", "gt", whole.from_year) | first %}
{% if not told %}
    {{ missing[0] }};
{% else %}
    {% set before, after = told.balance_from_usd, told.balance_to_usd %}
    {% set grew = told.balance_change_usd > 0 %}
    {% set alike = before * after > 0 %}
    {% set went = ("grew" if grew else "shrank") if [before, after] | min > 0 else "narrowed" if grew else "widened" %}
    from {{ told.from_year }} to {{ told.to_year }}
    {{ reporter | possessive }} {{ ("surplus" if after > 0 else "deficit") if alike else "balance" }} with {{ partner }}
    {{ went if alike else "swung" }} by {{ told.balance_change_usd | abs | usd }}, from
    {{ before | abs | usd if alike else before | balance }} to {{ after | abs | usd if alike else after | balance }}
    {{- " (rounded)" if after | rounded_apart(before, told.balance_change_usd) }};
    in that time exports {{ "rose" if told.exports_change_usd > 0 else "fell" }} by
    {{ told.exports_change_usd | abs | usd }} and imports
    {{ ("rose" if told.imports_change_usd > 0 else "fell")
        if (told.exports_change_usd > 0) != (told.imports_change_usd > 0) }} by {{ told.imports_change_usd | abs | usd
        }}
    (source: {{ [told.exports_source, told.imports_source] | unique | map("publisher") | listed }});
    {% if not whole.is_answered %}
        the comparison starts from {{ told.from_year }}, the first year after {{ whole.from_year }} that can be compared
        with {{ whole.to_year }}:
        {{ "the figures on " ~ whole.missing_series[0].split("/")[3] | replace("+", "s and ") ~ "s for "
            ~ whole.from_year ~ " and " ~ whole.to_year ~ " come from different publishers"
            if whole.missing_code == "two_publishers"
            else "the figures for " ~ whole.from_year ~ " are too incomplete" if whole.missing_code == "too_thin"
            else "figures on exports or imports for " ~ whole.from_year ~ " are missing" }};
    {% endif %}
    {% set bases = to_the_last | rejectattr("driver", "none") | list %}
    {# The balance is called a deficit or a surplus if it was one in all these years. #}
    {% set every = [after] + bases | map(attribute="balance_from_usd") | list %}
    {% set kind = "surplus" if every | min > 0 else "deficit" if every | max < 0 else "balance" %}
    {% set better = bases | selectattr("balance_change_usd", "gt", 0) | list %}
    {% set worse = bases | selectattr("balance_change_usd", "le", 0) | list %}
    {% if bases | map(attribute="driver") | unique | list | length > 1 %}
        whether exports or imports changed the balance more depends on the year with which {{ told.to_year }} is
        compared;
    {% endif %}
    {% for some in ([better, worse] if better | length > worse | length else [worse, better]) if some %}
        {% if bases == [told] %}
            the {{ kind }} {{ ("improved" if grew else "worsened") if kind == "balance" else went }} {{ because(told) }}
        {% else %}
            {{ "the " ~ kind ~ " in " ~ told.to_year if loop.first else "it" }} was
            {% set compared = {"surplus": ("larger", "smaller"), "deficit": ("smaller", "larger"),
                "balance": ("better", "worse")}[kind][0 if some == better else 1] %}
            {% for _, found in some | groupby("driver") %}
                {% set years = found | map(attribute="from_year") | list %}
                {{ "and" if loop.last and loop.length > 1 }} {{ compared }} than in
                {% if years | length == bases | length > 2 and years | max - years | min == years | length - 1 %}
                    any year from {{ years | min }} to {{ years | max -}}
                {% else %}{{ years | listed("or") }}
                {%- endif %}
                {{- "," if loop.length == 1 }} {{ because(found[0]) }}{{ "," if not loop.last }}
            {% endfor %}
        {% endif %};
    {% endfor %}
    {% set soft = [told.from_year] if told.from_observation_status == "P" else [] %}
    {% set soft = soft + ([told.to_year] if told.to_observation_status == "P" else []) %}
    {% if soft %}{{ reporter | possessive }} figures for {{ soft | listed }} are provisional;{% endif %}
{% endif %}
*/
