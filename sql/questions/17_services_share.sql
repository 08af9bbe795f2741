/*
number: 17
question: What share of trade is services?
name: services_share
read: >-
  One row for each year and kind of value: services, goods, and the share of services in both together. Reported
  services are from the reporter's balance of payments; balanced services are estimates of the OECD and the WTO, which
  reconcile the figures of both economies. Compare years only if their values are of the same kind
  and from the same edition of the data.
limits: >-
  Goods are customs figures, exports FOB and imports CIF, so their freight counts as goods and not as services;
  re-exports are included. Each edition of balanced values re-estimates all years: do not join two editions into one
  series; a column names the one used. Services sold by a branch abroad are in neither kind.
parameters:
  reporter: KOR | The economy whose trade it is (ISO 3166 alpha-3).
  partner: CHN | The economy it trades with (ISO 3166 alpha-3).
  from_year: ten years before to_year | The first year shown.
  to_year: the last year for which services are available | The last year shown.
columns:
- year
- value_basis: code | reported, balanced, or estimated where nobody reported; null if no services are available.
- whose_statistics: code | The economy under whose name the services are published (ISO 3166 alpha-3).
- services_exports_usd: US$ | Services that the reporter sold to the partner.
- services_imports_usd: US$ | Services that the reporter bought from the partner.
- goods_exports_usd: US$ | Goods that the reporter sold to the partner, FOB.
- goods_imports_usd: US$ | Goods that the reporter bought from the partner, CIF.
- exports_share_pct: percent | The share of services in all that the reporter sold to the partner.
- imports_share_pct: percent | The share of services in all that the reporter bought from the partner.
- share_pct: percent | The share of services in both flows together.
- edition: text | The edition of the services, as the publisher names it.
- vintage: text | The edition; without one, the day of the last available release that shows the services.
- source (of services)
- goods_coverage_status: code | The coverage check's result for the two flows of goods (marts.trade_balance_annual).
- entrepot_code (either or none)
- is_answered: true/false | The share in at least one flow is known.
- snapshot_ids
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code,
        cast(getvariable('from_year') as integer) as from_year,
        cast(getvariable('to_year') as integer) as to_year
),

-- What the reporter has itself, and what the partner has with the flows exchanged.
services as (
    select
        trade.year,
        trade.value_basis,
        trade.reporter_code as whose_statistics,
        asked.reporter_code = trade.reporter_code as is_own,
        max(trade.value_usd) filter (where (trade.flow = 'export') = is_own) as services_exports_usd,
        max(trade.value_usd) filter (where (trade.flow = 'import') = is_own) as services_imports_usd,
        max(trade.edition) as edition,
        trade.vintage,
        trade.source,
        list_sort(list_distinct(array_agg(trade.snapshot_id))) as snapshot_ids
    from asked
    inner join marts.services_trade_annual as trade
        on
            (asked.reporter_code = trade.reporter_code and asked.partner_code = trade.partner_code)
            or (
                asked.reporter_code = trade.partner_code
                and asked.partner_code = trade.reporter_code
                and trade.value_basis = 'balanced'
            )
    where trade.service_item_code = 'S'
    group by all
),

-- Of a kind the one with both flows, the reporter's own before the partner's; an estimate only without another. The
-- flows of a row are of one vintage.
chosen as (
    select *
    from services
    qualify
        row_number() over (
            partition by year, value_basis
            order by services_exports_usd + services_imports_usd is null asc, is_own desc, vintage desc, source asc
        ) = 1
        and (
            value_basis != 'estimated'
            or count(*) filter (where value_basis != 'estimated') over (partition by year) = 0
        )
),

passing as (
    select max(entrepots.entrepot_code) as entrepot_code
    from asked
    inner join core.entrepots as entrepots
        on entrepots.entrepot_code in (asked.reporter_code, asked.partner_code)
),

years as (
    select years.year
    from asked
    inner join core.years_between(asked.from_year, asked.to_year, (select max(year) from chosen), 10) as years on true
),

shares as (
    select
        years.year,
        chosen.* exclude (year, snapshot_ids),
        goods.exports_usd as goods_exports_usd,
        goods.imports_usd as goods_imports_usd,
        100 * chosen.services_exports_usd
        / nullif(chosen.services_exports_usd + goods.exports_usd, 0) as exports_share_pct,
        100 * chosen.services_imports_usd
        / nullif(chosen.services_imports_usd + goods.imports_usd, 0) as imports_share_pct,
        100 * (chosen.services_exports_usd + chosen.services_imports_usd)
        / nullif(
            chosen.services_exports_usd + chosen.services_imports_usd + goods.exports_usd + goods.imports_usd, 0
        ) as share_pct,
        case
            when chosen.services_exports_usd is null and chosen.services_imports_usd is null then 'export+import'
            when chosen.services_exports_usd is null then 'export'
            when chosen.services_imports_usd is null then 'import'
        end as lacking_services,
        case
            when goods.exports_usd is null and goods.imports_usd is null then 'export+import'
            when goods.exports_usd is null then 'export'
            when goods.imports_usd is null then 'import'
        end as lacking_goods,
        goods.coverage_status as goods_coverage_status,
        passing.entrepot_code,
        list_sort(list_distinct(flatten([chosen.snapshot_ids, goods.snapshot_ids]))) as snapshot_ids
    from asked
    cross join years
    cross join passing
    left join chosen on years.year = chosen.year
    left join marts.trade_balance_annual as goods
        on
            asked.reporter_code = goods.reporter_code
            and asked.partner_code = goods.partner_code
            and years.year = goods.year
)

select
    shares.*,
    coalesce(shares.exports_share_pct, shares.imports_share_pct) is not null as is_answered,
    case
        when shares.year is null or shares.lacking_services is not null or shares.lacking_goods is not null
            then 'not_held'
    end as missing_code,
    case
        when missing_code is not null
            then
                string_split(
                    concat_ws(
                        ' ',
                        'services/A/' || asked.reporter_code || '/'
                        || case when shares.year is null then 'export+import' else shares.lacking_services end || '/'
                        || asked.partner_code || '/S',
                        'goods/A/' || asked.reporter_code || '/' || shares.lacking_goods || '/' || asked.partner_code
                        || '/TOTAL'
                    ),
                    ' '
                )
    end as missing_series,
    case when missing_code is not null and shares.year is not null then [cast(shares.year as varchar)] end
        as missing_periods
from asked
left join shares on true
order by shares.year desc, shares.value_basis desc

/*
{% set told = namespace(vintage=none) %}
{% macro kind(row, rest=", which reconcile both economies' figures") %}
    {%- if row.value_basis != "balanced" %}
        {{- reporter | possessive ~ " own figures" if row.value_basis == "reported" else "estimates of services" }}
    {%- elif told.vintage == row.vintage %}these estimates
    {%- else %}the {{ row.vintage | replace("in use in ", "") | spelled }} edition of
        {{ "these estimates" if told.vintage else "the OECD–WTO estimates of services" ~ rest }}
        {%- set told.vintage = row.vintage %}
    {%- endif %}
{%- endmacro %}
{% set both = held | rejectattr("share_pct", "none") | list %}
{% set newest, last, oldest = held[0], both | first, both | last %}
{# Within one kind of value, one publisher and one vintage alone. #}
{% set series = both | selectattr("value_basis", "eq", oldest.value_basis) | selectattr("source", "eq", oldest.source)
    | selectattr("vintage", "eq", oldest.vintage) | list if both else [] %}
{% set was, is = [oldest.share_pct, series[0].share_pct] | percents if both else (none, none) %}
{% set is_trend = series | length > 1 %}
{% set is_alike = is_trend and (last.year, last.value_basis) == (series[0].year, oldest.value_basis) %}
{% if both %}
    according to {{ kind(last) }}, services made up {{ is if is_alike else last.share_pct | percent }} of
    {{ "its" if last.value_basis == "reported" else reporter | possessive }} trade with {{ partner }} in
    {{ last.year }} ({{ last.exports_share_pct | percent }} of exports and {{ last.imports_share_pct | percent }} of
    imports)
    {%- if is_alike %}, {{ "up" if last.share_pct > oldest.share_pct else "down" }} from {{ was }} in {{ oldest.year }}
    {%- endif %};
{% endif %}
{% if newest.share_pct is none %}
    {% set sold = newest.exports_share_pct is not none %}
    {% set is_same = both and (last.value_basis, last.vintage) == (newest.value_basis, newest.vintage) %}
    {{ "according to " ~ kind(newest) ~ ", " if not is_same }}{{ "they" if is_same else "services" }} made up
    {{ (newest.exports_share_pct if sold else newest.imports_share_pct) | percent }} of {{ reporter | possessive }}
    {{ "exports to" if sold else "imports from" }} {{ partner }} in {{ newest.year }}
    {{- "; this share cannot be compared with those of " ~ last.year if both and not is_same }};
    figures on {{ reporter | possessive }} {{ "imports of services from" if sold else "exports of services to" }}
    {{ partner }} in {{ newest.year }} are not available;
{% endif %}
{% if is_trend and not is_alike %}
    {% set is_other = last.value_basis != oldest.value_basis %}
    according to {{ kind(oldest, "") ~ ", which differ from " ~ kind(last) if is_other else kind(oldest) }}, the share
    of services in {{ reporter | possessive }} trade with {{ partner }}
    {{ "rose" if series[0].share_pct > oldest.share_pct else "fell" }} from {{ was }} in {{ oldest.year }} to {{ is }}
    in {{ series[0].year }};
{% endif %}
{% if newest.entrepot_code %}
    the goods include re-exports, which only pass through {{ names[newest.entrepot_code] }}, so the shares of services
    do not show what the two economies make or use;
{% endif %}
{% set thin = held | selectattr("goods_coverage_status", "eq", "insufficient") | map(attribute="year") | list %}
{% if thin %}
    judging by {{ partner | possessive }} figures, {{ reporter | possessive }} figures on goods for {{ thin | listed }}
    are too incomplete, so the shares of services are just as uncertain;
{% endif %}
*/
