/*
number: 19
question: The reporter's rank and share in the partner's imports, over time, beside its rivals?
name: rank_in_imports
read: >-
  A row a year: the reporter's share and rank in all that the partner imports, and the five largest others with their
  shares. partner_count says among how many it is ranked.
limits: >-
  The partner's statistics, CIF, by origin. A share counts value, so that an oil price moves it without a chip sold
  less. All suppliers of a year come from one source, and the share is of the total that the partner publishes:
  not_named_pct of it names no supplier. Where the suppliers' publisher prints no total it is the WTO's, which may be a
  later reading; then not_named_pct may fall below zero. The partner's own goods that come back to it are part of the
  total and are not ranked. Where few suppliers are held there is a share and no rank.
parameters:
  reporter: KOR | The economy whose rank is asked about (ISO 3166 alpha-3).
  partner: CHN | The economy whose imports they are (ISO 3166 alpha-3).
  from_year: twelve years before the last | The first year shown.
  to_year: the last year held | The last year shown.
columns:
  year: year | The year.
  value_usd: US$ | The partner's imports from the reporter, CIF.
  share_pct: percent | Their share of all its imports.
  share_change_points: percentage points | The share less that of the year before.
  partner_rank: rank | The reporter's rank; 1 is the largest supplier; null where too few suppliers are held.
  partner_count: count | Suppliers that are held for the year.
  rivals: list | The five largest others with their shares, between commas; null where there is no rank.
  world_value_usd: US$ | All imports of the partner, as published.
  not_named_pct: percent | What of them is no named or held supplier's.
  source: code | The source of the suppliers.
  world_source: code | The source of the total.
  publisher_code: code | The publisher whose figures the suppliers' are, where the source is a channel of it.
  world_publisher_code: code | The publisher whose figure the total is.
  is_answered: true/false | The partner's imports from the reporter and its published total are held.
  snapshot_ids: list | The snapshots the figures stand in.
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

years as (
    select *
    from
        core.years_between(
            cast(getvariable('from_year') as integer),
            cast(getvariable('to_year') as integer),
            (
                select max(year) from suppliers
                where is_asked
            ),
            12
        )
)

select
    years.year,
    suppliers.value_usd,
    suppliers.share_pct,
    suppliers.share_change_points,
    suppliers.partner_rank,
    suppliers.partner_count,
    rivals.rivals,
    suppliers.world_value_usd,
    100 - suppliers.partners_share_pct as not_named_pct,
    suppliers.source,
    suppliers.world_source,
    suppliers.publisher_code,
    suppliers.world_publisher_code,
    suppliers.year is not null as is_answered,
    case when suppliers.year is null then 'not_held' end as missing_code,
    case
        when missing_code is not null
            then
                [
                    concat('goods/A/', asked.partner_code, '/import/', asked.reporter_code, '/TOTAL'),
                    concat('goods/A/', asked.partner_code, '/import/WLD/TOTAL')
                ]
    end as missing_series,
    case when missing_code is not null and years.year is not null then [cast(years.year as varchar)] end
        as missing_periods,
    suppliers.snapshot_ids
from asked
left join years on true
left join suppliers on years.year = suppliers.year and suppliers.is_asked
left join rivals on years.year = rivals.year
order by years.year desc

/*
{% set last, first = held[0], held | last %}
{{ reporter }} had {{ last.share_pct | percent }} of all that {{ partner }} imported in {{ last.year }}
{%- if last.partner_rank is not none %}, {{ last.partner_rank | ordinal }} of {{ last.partner_count }}{% endif %}
{%- if first.year != last.year %}, and {{ first.share_pct | percent }}
    {{ "" if first.partner_rank is none else "(" ~ first.partner_rank | ordinal ~ ")" }} in {{ first.year }}
    {% set other_total = last.world_publisher_code != first.world_publisher_code %}
    {% if last.publisher_code != first.publisher_code %}by another publisher's figure{{ "s" if other_total }}
    {% elif other_total %}of another publisher's total
    {% endif %}
{% endif %};
{% set ranked = held | rejectattr("partner_rank", "none") | list %}
{% if not ranked %}
    too few of its rivals are held to rank it.
{% else %}
    {% set best, worst = ranked | min(attribute="partner_rank"), ranked | max(attribute="partner_rank") %}
    {% set led = ranked | selectattr("partner_rank", "eq", 1) | map(attribute="year") | list %}
    {% if rows | length > 1 %}
        of {{ rows | map(attribute="year") | years }} it can be ranked in {{ ranked | map(attribute="year") | listed }}:
        {% if led | length == ranked | length %}it was first {{ "in all" if led | length > 1 }}
        {% elif led %}it was first in {{ led | listed }} and {{ worst.partner_rank | ordinal }} at worst
        {% elif best.partner_rank == worst.partner_rank %}it was {{ best.partner_rank | ordinal }}
        {% else %}it was {{ best.partner_rank | ordinal }} at best ({{ best.year }}) and
            {{ worst.partner_rank | ordinal }} at worst ({{ worst.year }})
        {% endif %};
    {% endif %}
    its rivals in {{ ranked[0].year }}:
    {% for rival in ranked[0].rivals.split(", ") %}
        {{- "" if loop.first else "," }} {{ names.get(rival[:3], rival[:3]) }}{{ rival[3:] -}}
    {% endfor %}.
{% endif %}
*/
