/*
number: 19
question: The reporter's rank and share in the partner's imports, over time, beside its rivals?
name: rank_in_imports
read: >-
  One row a year: the reporter's share and rank in the partner's total imports, and the five largest other suppliers
  with their shares. A column gives the number of suppliers ranked. Compare only the years marked as comparable: their
  figures by supplier come from one publisher, the one that covers most of the years shown.
limits: >-
  The figures are the partner's imports by origin. Their publishers label them CIF, but those that the IMF passes on
  may be customs values. Figures of two publishers are not compared. Some publishers count non-monetary gold in only
  some years. A share is of value: a change in the oil price moves it even if not one chip fewer is sold. All ranked
  suppliers come from one source; where the share comes from another source there is no rank. The share is of the
  partner's total imports, part of which is attributed to no supplier. If the publisher of the imports by supplier
  gives no total, the WTO's is used, which may be more recent; the part without a supplier may then be below zero. The
  partner's own goods that return to it are part of the total and are not ranked. Where few suppliers are available
  there is a share but no rank.
parameters:
  reporter: KOR | The economy whose rank is asked about (ISO 3166 alpha-3).
  partner: CHN | The economy whose imports they are (ISO 3166 alpha-3).
  from_year: twelve years before the last | The first year shown.
  to_year: the last year available | The last year shown.
columns:
- year
- value_usd: US$ | The partner's imports from the reporter, CIF as their publisher labels them.
- share_pct: percent | The share of `value_usd` in the partner's total imports.
- share_change_points: percentage points | The share less that of the year before.
- partner_rank: >-
    rank | The reporter's rank; 1 is the largest supplier; null where too few suppliers are available, or those are from
    another source.
- partner_count: count | The number of suppliers available for the year from one source.
- rivals: list | The five largest other suppliers with their shares, separated by commas; null without a rank.
- world_value_usd: US$ | The partner's total imports, as published.
- not_named_pct: percent | The part of the total imports of no named or available supplier.
- source: code | The source of the reporter's figure.
- world_source: code | The source of the total.
- publisher_code: code | The publisher of the figure, where the source is a channel that passes it on.
- world_publisher_code: code | The publisher of the total.
- is_compared: true/false | The figure and its total come from the publishers that have the most of the years shown.
- mirror_value_usd: >-
    US$ | The reporter's recorded exports to the partner, where the partner's figure is less than half or more than
    twice that (core.goods_trade_coverage).
- observation_status: code | SDMX status of the reporter's figure, A normal, E estimated or P provisional.
- rate_date: date | The day of the last rate that converted it into US$; null for figures published in US$.
- is_answered: true/false | The partner's imports from the reporter and its published total are available.
- snapshot_ids
series:
  share_pct: "Share of {reporter} in what {partner} imports"
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code,
        cast(getvariable('from_year') as integer) as from_year,
        cast(getvariable('to_year') as integer) as to_year
),

suppliers as (
    select
        shares.*,
        asked.reporter_code = shares.partner_code as is_asked,
        row_number() over (
            partition by shares.year, asked.reporter_code = shares.partner_code
            order by shares.share_pct desc, shares.partner_code asc
        ) as place
    from asked
    inner join marts.partner_share_annual as shares on asked.partner_code = shares.reporter_code
    where shares.flow = 'import' and shares.partner_kind = 'economy' and shares.share_pct is not null
),

rivals as (
    select
        year,
        string_agg(concat(partner_code, ' ', round(share_pct, 1), '%'), ', ' order by place) as rivals
    from suppliers
    where not is_asked and place <= 5 and partner_rank is not null
    group by year
),

last_years as (
    select max(year) as last_year
    from suppliers
    where is_asked
),

years as (
    select years.year
    from asked
    cross join last_years
    inner join core.years_between(asked.from_year, asked.to_year, last_years.last_year, 12) as years on true
),

-- The figure of each publisher of the pair; the one of the list has a rank.
offers as (
    select offers.*
    from asked
    inner join marts.import_shares_by_publisher(asked.partner_code, asked.reporter_code) as offers on true
),

-- Years side by side are one publisher's, and of one publisher's total: of those with the most years shown.
compared as (
    select
        offers.publisher_code,
        offers.world_publisher_code
    from offers
    inner join years on offers.year = years.year
    group by offers.publisher_code, offers.world_publisher_code
    order by count(*) desc, max(offers.year) desc, offers.publisher_code asc, offers.world_publisher_code asc
    limit 1
),

shares as (
    select
        offers.*,
        compared.publisher_code is not null as is_compared
    from offers
    left join compared
        on
            offers.publisher_code = compared.publisher_code
            and offers.world_publisher_code = compared.world_publisher_code
    qualify
        row_number() over (
            partition by offers.year
            order by compared.publisher_code is null asc, offers.is_of_list desc, offers.publisher_code asc
        ) = 1
),

changed as (
    select
        *,
        case
            when
                lag(year) over in_order = year - 1
                and lag(publisher_code) over in_order = publisher_code
                and lag(world_publisher_code) over in_order = world_publisher_code
                then share_pct - lag(share_pct) over in_order
        end as share_change_points
    from shares
    window in_order as (order by year)
)

select
    years.year,
    changed.* exclude (year),
    case when changed.is_of_list then rivals.rivals end as rivals,
    case when changed.is_of_list then 100 - changed.partners_share_pct end as not_named_pct,
    case
        when
            changed.value_usd < coverage.partner_value_usd / 2 or changed.value_usd > 2 * coverage.partner_value_usd
            then coverage.partner_value_usd
    end as mirror_value_usd,
    changed.year is not null as is_answered,
    case when changed.year is null then 'not_held' end as missing_code,
    case
        when missing_code is not null
            then
                [
                    concat('goods/A/', asked.partner_code, '/import/', asked.reporter_code, '/TOTAL'),
                    concat('goods/A/', asked.partner_code, '/import/WLD/TOTAL')
                ]
    end as missing_series,
    case when missing_code is not null and years.year is not null then [cast(years.year as varchar)] end
        as missing_periods
from asked
left join years on true
left join changed on years.year = changed.year
left join rivals on years.year = rivals.year
left join core.goods_trade_coverage as coverage
    on
        asked.partner_code = coverage.reporter_code
        and asked.reporter_code = coverage.partner_code
        and coverage.flow = 'import'
        and changed.year = year(coverage.period_start)
order by years.year desc

/*
{% macro told_by(row) -%}
    {%- set is_one = row.world_publisher_code == row.publisher_code -%}
    source{{ "" if is_one else "s" }}: {{ row.publisher_code | publisher }}
    {{- "" if is_one else ", and " ~ row.world_publisher_code | publisher ~ " for total imports" }}
{%- endmacro %}
{% macro beyond(ways) -%}
    {{ "less than half" if true not in ways else "more than twice" if false not in ways
        else "less than half or more than twice" }}
{%- endmacro %}
{% set last, series = held[0], held | selectattr("is_compared") | list %}
{{ reporter }} supplied {{ last.share_pct | percent }} of {{ partner | possessive }} imports in {{ last.year }}
{%- if last.partner_rank is not none %} and ranked {{ last.partner_rank | ordinal }} among
{{ last.partner_count }} suppliers{% endif %}
({{ "provisional, " if last.observation_status == "P" }}
{{- "converted into US$ at " ~ last.rate_date | rates ~ ", " if last.rate_date }}{{ told_by(last) }});
{% set newest, oldest = series[0], series | last %}
{% set jumps, ways = [], [] %}
{% for row in series if row.share_change_points is not none %}
    {% set before = row.share_pct - row.share_change_points %}
    {% if before > 2 * row.share_pct or row.share_pct > 2 * before %}{{ jumps.append(row.year) or "" }}
        {{- ways.append(row.share_pct > before) or "" }}{% endif %}
{% endfor %}
{% set others = held | rejectattr("is_compared") | list %}
{% if newest.year != oldest.year or newest.year != last.year %}
    {% set first = newest if jumps and newest.year != last.year else oldest %}
    {% set most = series | max(attribute="share_pct") %}
    {% set is_peak = not jumps and most.year not in (newest.year, oldest.year) and most.share_pct | round(1) not in (
        first.share_pct | round(1), newest.share_pct | round(1)) %}
    {% set is_two = newest.year not in (last.year, first.year) %}
    {{ "in the figures that cover the most years (" ~ told_by(newest) ~ ")," if newest.year != last.year }}
    its share was {{ first.share_pct | percent }} in {{ first.year }}
    {%- if is_peak %}{{ "," if is_two else " and" }} peaked at {{ most.share_pct | percent }} in {{ most.year }}
    {%- endif %}{% if is_two %} and {{ "was " if is_peak }}{{ newest.share_pct | percent }} in {{ newest.year }}
    {%- endif %};
{% endif %}
{% for what, found in (
    ("imports from " ~ reporter, others | rejectattr("publisher_code", "eq", newest.publisher_code)),
    ("total imports", others | selectattr("publisher_code", "eq", newest.publisher_code)),
) %}
    {% set found = found | map(attribute="year") | list %}
    {% if found %}
        figures on {{ partner | possessive }} {{ what }} in {{ found | listed }} come from another publisher, so
        {{ reporter | possessive }} share in {{ "these years" if found | length > 1 else "this year" }} is not compared
        with that in other years;
    {% endif %}
{% endfor %}
{% if jumps %}
    in {{ jumps | listed }} {{ reporter | possessive }} share was {{ beyond(ways) }} that of the year before, perhaps
    because the goods counted changed, so shares and ranks before and after are not compared;
{% endif %}
{% set far = held | rejectattr("mirror_value_usd", "none") | list %}
{% if far %}
    {% set ways = [] %}
    {% for row in far %}{{ ways.append(row.value_usd > row.mirror_value_usd) or "" }}{% endfor %}
    in {{ far | map(attribute="year") | listed }} {{ partner | possessive }} figures on imports from {{ reporter }} were
    {{ beyond(ways) }} {{ reporter | possessive }} figures on exports to {{ partner }}: {{ far[0].value_usd | usd }}
    against {{ far[0].mirror_value_usd | usd }}{% if far | length > 1 %} in {{ far[0].year }}{% endif %};
{% endif %}
{% set every = held | rejectattr("partner_rank", "none") | list %}
{% set ranked = every | selectattr("is_compared") | list %}
{% if not every %}
    figures are available for too few of {{ partner | possessive }} suppliers to rank {{ reporter }} among them.
{% else %}
    {% set newest, told = every[0], [every[0].year] if every[0].year == last.year else [] %}
    {% set is_series = ranked | length > 1 and not jumps %}
    {% set it = reporter if others or jumps or far else "it" %}
    {% set among = " among " ~ partner | possessive ~ " suppliers" %}
    {% if is_series %}
        {% set ranks = ranked | map(attribute="partner_rank") | list %}
        {% set best, worst = ranks | min, ranks | max %}
        {% set best_in = ranked | selectattr("partner_rank", "eq", best) | map(attribute="year") | list %}
        {% set last_of = ranked | selectattr("partner_rank", "eq", worst) | map(attribute="year") | list %}
        {{- told.extend(best_in + last_of) or "" }}
        {% if best == worst or best_in | length + last_of | length == ranked | length %}
            {{ it }} ranked
            {% for rank, years in ranked | groupby("partner_rank") %}
                {{- " and" if not loop.first }} {{ rank | ordinal }}{{ among if loop.first }} in
                {{ years | map(attribute="year") | listed }}
            {%- endfor %}
        {% else %}
            in {{ ranked | map(attribute="year") | listed }} {{ it }} ranked between {{ best | ordinal }} (in
            {{ best_in | listed }}) and {{ worst | ordinal }} (in {{ last_of | listed }}){{ among }}
        {% endif %};
    {% endif %}
    {% set it = "it" if is_series else it %}
    in {{ newest.year }}{{ ", the last year with a rank," if newest.year != last.year }}
    {% if newest.year not in told %}
        {{ it }} ranked {{ newest.partner_rank | ordinal }}{{ among if not is_series }}
        {{- "" if newest.is_compared else " (" ~ told_by(newest) ~ ")" }}, and
    {% endif %}
    {{ "its" if it == "it" or newest.year not in told else reporter | possessive }} largest rivals were
    {% for rival in newest.rivals.split(", ") %}
        {{- "" if loop.first else " and" if loop.last else "," }}
        {{- " " ~ names.get(rival[:3], rival[:3]) }} ({{ rival[4:] }}
        {{- " of " ~ partner | possessive ~ " imports" if loop.first }})
    {%- endfor %}.
{% endif %}
*/
