/*
number: 4
question: Which products explain the change in the balance between two years?
name: products_behind_the_change
read: >-
  One row for each product and flow, beginning with the product that moved the balance most; exports add to the
  balance and imports take from it. The rows add up to the change in the balance: for exports and for imports, one row
  adds up the products after the tenth, and another has the part of the change that the available products do not
  explain.
limits: >-
  A contribution says where the change arose, not why. Where only some products are available, the unexplained part is
  all the rest, and its products are unknown; where it is 99% or more of what moved the balance, no product is named.
  Codes are compared only within one edition of a classification. The figures are the reporter's; the partner may
  publish all products where the reporter's are incomplete: ask with the two economies exchanged.
parameters:
  reporter: KOR | The economy whose statistics are used (ISO 3166 alpha-3).
  partner: CHN | The economy it trades with (ISO 3166 alpha-3).
  from_year: the year before to_year | The earlier year.
  to_year: the last year with both flows | The later year.
columns:
- place: rank | The product's rank; 1 moved the balance most; null for OTHER and RESIDUAL.
- product (in short), flow
- contribution_usd: US$ | The amount that the product added to the balance, or took from it if negative.
- contribution_pct: percent | The product's share of the balance's change; above 0 it moved the balance that way.
- product_code: code | The product; OTHER, RESIDUAL, or TOTAL where no product is available.
- from_year, to_year, balance_change_usd, balance_from_usd, balance_to_usd
- is_provisional: true/false | The reporter calls the balance of one of the two years provisional.
- residual_pct: >-
    percent | The part that cannot be split by product, of all movements of the balance up and down; the same in every
    row.
- classification: code | The classification of the products and its edition.
- is_complete_detail: true/false | The available products cover all goods.
- is_answered: true/false | The row names a product.
- snapshot_ids
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code
),

balances as (
    select
        balances.year,
        balances.balance_usd,
        balances.balance_sign,
        balances.observation_status
    from asked
    inner join marts.trade_balance_annual as balances
        on asked.reporter_code = balances.reporter_code and asked.partner_code = balances.partner_code
    where balances.is_complete
),

years as (
    select
        asked.reporter_code,
        asked.partner_code,
        coalesce(cast(getvariable('to_year') as integer), max(balances.year)) as to_year,
        coalesce(
            cast(getvariable('from_year') as integer),
            coalesce(cast(getvariable('to_year') as integer), max(balances.year)) - 1
        ) as from_year
    from asked
    left join balances on true
    group by asked.reporter_code, asked.partner_code
),

lacking as (
    select
        coalesce(
            nullif(
                string_split(
                    concat_ws(
                        ',',
                        case when from_year not in (select balances.year from balances) then from_year end,
                        case when to_year not in (select balances.year from balances) then to_year end
                    ),
                    ','
                ),
                ['']
            ),
            [cast(from_year as varchar), cast(to_year as varchar)]
        ) as periods
    from years
),

-- Neighbouring years have what is held, whole or not; any two years have only what is whole.
changes as (
    select
        changed.*,
        1 as choice
    from years
    inner join marts.balance_change_by_product as changed using (reporter_code, partner_code, from_year, to_year)
    union all by name
    select
        *,
        classification != 'TOTAL' as is_complete_detail,
        2 as choice
    from
        marts.balance_change_between(
            coalesce(getvariable('reporter'), 'KOR'),
            coalesce(getvariable('partner'), 'CHN'),
            (select from_year from years),
            (select to_year from years)
        )
),

-- The whole breakdown before one in part, the finer before the coarser, the newer edition before an older.
chosen as (
    select changes.*
    from changes
    qualify
        dense_rank() over (
            order by
                changes.is_complete_detail desc, changes.classification = 'TOTAL' asc, changes.level desc,
                starts_with(changes.classification, 'HS') desc, changes.classification desc, changes.choice asc
        ) = 1
),

ranked as (
    select
        *,
        case
            when product_code not in ('RESIDUAL', 'TOTAL')
                then
                    row_number() over (
                        partition by product_code in ('RESIDUAL', 'TOTAL')
                        order by abs(contribution_usd) desc, product_code asc, flow asc
                    )
        end as place
    from chosen
),

rows_shown as (
    select
        case when place <= 10 then place end as place,
        case when place > 10 then 'OTHER' else product_code end as product_code,
        case
            when place > 10 then 'All other products'
            else coalesce(product, concat(classification, ' ', product_code))
        end as product,
        flow,
        classification,
        is_complete_detail,
        max(balance_change_usd) as balance_change_usd,
        -- Whole cents add up without a remainder.
        sum(round(100 * contribution_usd)) / 100 as contribution_usd,
        sum(abs(round(100 * contribution_usd))) as moved_cents,
        list_sort(list_distinct(flatten(array_agg(snapshot_ids)))) as snapshot_ids
    from ranked
    group by all
),

-- The balances of both years are given if they have the products' change, and each is certainly a surplus or a deficit.
ends as (
    select
        earlier.year as from_year,
        later.year as to_year,
        earlier.balance_usd as balance_from_usd,
        later.balance_usd as balance_to_usd
    from balances as earlier
    cross join balances as later
    where earlier.balance_sign is not null and later.balance_sign is not null
)

select
    rows_shown.*,
    100 * rows_shown.contribution_usd / nullif(rows_shown.balance_change_usd, 0) as contribution_pct,
    years.from_year,
    years.to_year,
    ends.balance_from_usd,
    ends.balance_to_usd,
    exists(
        select 1
        from balances
        where balances.year in (years.from_year, years.to_year) and balances.observation_status = 'P'
    ) as is_provisional,
    100 * sum(case when rows_shown.product_code in ('RESIDUAL', 'TOTAL') then rows_shown.moved_cents end) over ()
    / nullif(sum(rows_shown.moved_cents) over (), 0) as residual_pct,
    coalesce(
        rows_shown.is_complete_detail or rows_shown.product_code not in ('RESIDUAL', 'TOTAL'), false
    ) as is_answered,
    case
        when
            rows_shown.product_code is null
            or (not rows_shown.is_complete_detail and rows_shown.product_code in ('RESIDUAL', 'TOTAL'))
            then 'not_held'
    end as missing_code,
    case
        when missing_code is not null
            then
                [
                    concat(
                        'goods/A/', years.reporter_code, '/', coalesce(rows_shown.flow, 'export+import'), '/',
                        years.partner_code, '/', case when rows_shown.product_code is null then 'TOTAL' else 'AG6' end
                    )
                ]
    end as missing_series,
    case
        when missing_code is not null and years.from_year is not null
            then
                case
                    when rows_shown.product_code is null then lacking.periods
                    else [cast(years.from_year as varchar), cast(years.to_year as varchar)]
                end
    end as missing_periods
from years
cross join lacking
left join rows_shown on true
left join ends
    on
        years.from_year = ends.from_year and years.to_year = ends.to_year
        and abs(ends.balance_to_usd - ends.balance_from_usd - rows_shown.balance_change_usd) < 1e6
order by rows_shown.place asc nulls last, rows_shown.product_code asc, rows_shown.flow asc

/*
{% set first = rows[0] %}
{% set whole = first.is_complete_detail %}
{# A contribution to the balance has the sign of an export's change and the opposite sign of an import's. #}
{% set before, after, change = first.balance_from_usd, first.balance_to_usd, first.balance_change_usd %}
{% if before is none %}
    {{ reporter | possessive }} balance with {{ partner }} {{ "improved" if change > 0 else "worsened" }} by
    {{ change | abs | usd }} from {{ first.from_year }} to {{ first.to_year }}
{% else %}
    {% set alike = before * after > 0 %}
    {{ reporter | possessive }} {{ ("surplus" if after > 0 else "deficit") if alike else "balance" }} with {{ partner }}
    {{ "swung" if not alike else ("grew" if change > 0 else "shrank") if after > 0
        else "narrowed" if change > 0 else "widened" }} by {{ change | abs | usd }}, from
    {{ before | abs | usd if alike else before | balance }} in {{ first.from_year }} to
    {{ after | abs | usd if alike else after | balance }} in {{ first.to_year }}
{% endif %}
{{- " (provisional)" if first.is_provisional }};
{% set named = ((rows if whole or first.residual_pct < 99 else []) | rejectattr("place", "none") | list)[:3] %}
{% set span = "from " ~ first.from_year ~ " to " ~ first.to_year %}
{% if not whole %}
    figures by product cover only part of this trade
    {{- " and explain too little of the change for products to be named" if not named }};
{% endif %}
{% for row in named %}
    {% if loop.first %}{{ "among the products with figures, " if not whole -}}
        the largest change{{ "s" if loop.length > 1 }} {{ span }} {{ "were" if loop.length > 1 else "was" }} in
    {%- elif loop.last %} and{% else %},{% endif %}
    {{ row.flow }}s of {{ row.product | label }} ({{ "up" if (row.flow == "export") == (row.contribution_usd >= 0)
        else "down" }} {{ row.contribution_usd | abs | usd }})
{%- endfor %};
{% for row in rows if row.product_code == "RESIDUAL" and not whole %}
    {% if loop.first %}{{ span ~ " " if not named }}{{ row.flow }}s of all other products, for which there are no
    separate figures,
    {%- else %} and {{ row.flow }}s of them{% endif %}
    {{ "rose" if (row.flow == "export") == (row.contribution_usd >= 0) else "fell" }} by
    {{ row.contribution_usd | abs | usd -}}
{% endfor %};
*/
