/*
number: 3
question: The first deficit since when?
name: first_deficit_since
arises: held and 0 < held[0].deficit_years < held[0].signed_years
read: >-
  One row for each deficit that ended a run of surpluses, latest first, with the year of the deficit before it.
  If there is none, a single row says whether the available years had deficits or surpluses.
limits: >-
  Goods only, as the reporter counts them; the partner's figures may differ (question 13). A year for which exports or
  imports are not available has no balance, a year whose figures fail the coverage check counts as neither deficit nor
  surplus, and a result that depends on such a year is marked as uncertain.
parameters:
  reporter: KOR | The economy whose statistics are used (ISO 3166 alpha-3).
  partner: CHN | The economy it trades with (ISO 3166 alpha-3).
columns:
  deficit_year: year | The year of the deficit; null if none ended a run of surpluses.
  balance_usd: US$ | The balance of that year.
  first_deficit_since: year | The year of the deficit before it; null if there was none or it is not known.
  surplus_years_between: count | Years of surplus between the two.
  earlier_deficit_year: year | The last deficit before, also where the sign of a year between the two is not known.
  first_year: year | The first year whose sign is known.
  last_year: year | The last year whose sign is known.
  last_sign: code | surplus, deficit or balanced, in `last_year`.
  signed_years: count | The number of years whose sign is known.
  deficit_years: count | The number of those years that have a deficit.
  uncertain_flip_year: >-
    year | The last deficit year that follows a surplus year of another publisher, where no publisher of both years
    shows that change.
  partner_shows_other_sign: true/false | The partner's figures give the balance of `deficit_year` another sign.
  partner_lacks_flow: true/false | The partner's figures of `deficit_year` have one flow only.
  partner_printed_usd: US$ | The balance of `deficit_year` by the partner's quoted figures, if its flows are missing.
  partner_printed_by: text | Who printed the partner's figures.
  unsigned_years: count | The number of years whose figures fail the coverage check.
  unsigned_reason: text | The result of the coverage check for the last of those years.
  is_answered: true/false | The balances that the answer needs are available.
  snapshot_ids: list | The snapshots that contain the balances.
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code
),

balances as (
    select
        balances.*,
        lag(balances.year) over (order by balances.year) as earlier_year,
        lag(balances.balance_sign) over (order by balances.year) as earlier_sign,
        max(case when balances.balance_sign = 'deficit' then balances.year end) over (
            order by balances.year rows between unbounded preceding and 1 preceding
        ) as earlier_deficit_year
    from asked
    inner join marts.trade_balance_annual as balances
        on asked.reporter_code = balances.reporter_code and asked.partner_code = balances.partner_code
    where balances.is_complete
),

span as (
    select
        min(year) filter (where balance_sign is not null) as first_year,
        max(year) filter (where balance_sign is not null) as last_year,
        arg_max(balance_sign, year) filter (where balance_sign is not null) as last_sign,
        count(*) as years_held,
        count(balance_sign) as signed_years,
        count(*) filter (where balance_sign = 'deficit') as deficit_years,
        max(year) filter (
            where
            balance_sign = 'deficit' and earlier_sign = 'surplus' and earlier_year = year - 1
            and sign_flipped is null
        ) as uncertain_flip_year,
        count(*) filter (where balance_sign is null) as unsigned_years,
        arg_max(coverage_reason, year) filter (where balance_sign is null) as unsigned_reason,
        list(cast(year as varchar) order by year) filter (where balance_sign is null) as unsigned_list,
        list_sort(list_distinct(flatten(array_agg(snapshot_ids)))) as snapshot_ids
    from balances
),

flips as (
    select
        year,
        balance_usd,
        first_deficit_since,
        earlier_deficit_year,
        partner_shows_other_sign
    from balances
    where balance_sign = 'deficit' and sign_flipped
),

-- What the partner was quoted with for a whole year of which not both its flows are held.
printed as (
    select figures.*
    from asked
    inner join core.printed_goods_balances(
        coalesce(getvariable('partner'), 'CHN'), coalesce(getvariable('reporter'), 'KOR')
    ) as figures on figures.period_end = make_date(figures.year, 12, 31)
    left join marts.trade_balance_annual as partners_own
        on
            asked.partner_code = partners_own.reporter_code
            and asked.reporter_code = partners_own.partner_code
            and figures.year = partners_own.year
            and partners_own.is_complete
    where partners_own.year is null
    qualify
        row_number() over (
            partition by figures.year
            order by figures.published_on desc nulls last, figures.figure_id asc
        ) = 1
)

select
    flips.year as deficit_year,
    flips.balance_usd,
    flips.first_deficit_since,
    flips.year - flips.first_deficit_since - 1 as surplus_years_between,
    flips.earlier_deficit_year,
    span.first_year,
    span.last_year,
    span.last_sign,
    cast(span.signed_years as integer) as signed_years,
    cast(span.deficit_years as integer) as deficit_years,
    span.uncertain_flip_year,
    flips.partner_shows_other_sign,
    flips.partner_shows_other_sign and flips.year not in (
        select mirror.year
        from marts.mirror_balance_annual as mirror
        where mirror.reporter_code = asked.reporter_code and mirror.partner_code = asked.partner_code
    ) as partner_lacks_flow,
    -printed.balance_usd as partner_printed_usd,
    printed.publisher as partner_printed_by,
    cast(span.unsigned_years as integer) as unsigned_years,
    span.unsigned_reason,
    span.first_year is not null as is_answered,
    case
        when span.first_year is null and span.years_held > 0 then 'too_thin'
        when span.first_year is null then 'not_held'
    end as missing_code,
    case
        when missing_code is not null
            then [concat('goods/A/', asked.reporter_code, '/export+import/', asked.partner_code, '/TOTAL')]
    end as missing_series,
    case when missing_code is not null then span.unsigned_list end as missing_periods,
    case
        when printed.year is null then span.snapshot_ids
        else list_sort(list_distinct(list_append(span.snapshot_ids, printed.snapshot_id)))
    end as snapshot_ids
from asked
cross join span
left join flips on true
left join printed on flips.year = printed.year
order by deficit_year desc

/*
{% set row = rows[0] %}
{% set span = [row.first_year, row.last_year] | years %}
{% set with_a_sign = "with " ~ ("usable " if row.unsigned_years) ~ "figures" %}
{% set last_is = "in " ~ row.last_year ~ ", the last year " ~ with_a_sign ~ ", "
    ~ reporter ~ " had " ~ ("balanced trade" if row.last_sign == "balanced" else "a " ~ row.last_sign) %}
{% if row.deficit_year is not none %}
    {% if row.first_deficit_since is none and row.earlier_deficit_year %}
        {{ reporter | possessive }} deficit with {{ partner }} in {{ row.deficit_year }},
        {{ row.balance_usd | abs | usd }}, was the first known since {{ row.earlier_deficit_year }}; it is unknown who
        had the surplus in some of the years between;
    {% elif row.first_deficit_since is none %}
        {{ reporter | possessive }} deficit with {{ partner }} in {{ row.deficit_year }} was the first on record; the
        record begins in {{ row.first_year }} and may have gaps;
    {% else %}
        {% set is_known = not row.uncertain_flip_year and row.signed_years == row.last_year - row.first_year + 1 %}
        {% set deficit = reporter | possessive ~ " deficit with " ~ partner ~ " in " ~ row.deficit_year %}
        {% if is_known and row.last_sign != "deficit" %}
            {{ reporter | possessive }} balance with {{ partner }} last turned from surplus to deficit in
            {{ row.deficit_year }};
            {% set deficit = "the deficit of that year" %}
        {% endif %}
        {{ deficit }}, {{ row.balance_usd | abs | usd }}, was the first since {{ row.first_deficit_since }}, after
        {{ row.surplus_years_between | counted("year") if row.surplus_years_between > 1 else "a single year" }} of
        surplus;
    {% endif %}
    {{ last_is ~ ";" if row.last_sign != "deficit" }}
{% elif row.deficit_years == row.signed_years %}
    {{ reporter }} had a deficit with {{ partner }} in
    {{ span ~ ", the only year " ~ with_a_sign if row.signed_years == 1
        else "every year " ~ with_a_sign ~ " (" ~ span ~ "), so none of its deficits followed a surplus" }};
{% elif row.uncertain_flip_year is not none %}
    not known: {{ reporter | possessive }} balance with {{ partner }} turns from a surplus to a deficit in
    {{ row.uncertain_flip_year }}, but the figures for that year and the year before come from different publishers, and
    no publisher with figures for both years shows the turn;
    {{ last_is }};
{% else %}
    {% set has_gaps = row.signed_years < row.last_year - row.first_year + 1 %}
    {% if row.deficit_years == 0 %}
        {{ reporter }} had no deficit with {{ partner }} in
        {{ "any year " ~ with_a_sign ~ " (" ~ span ~ ")" if row.signed_years > 1 else span ~ ", the only year "
            ~ with_a_sign }};
    {% elif row.deficit_years == 1 %}
        {{ reporter | possessive }} only deficit with {{ partner }} in {{ span }}
        {{ "is not known to have come" if has_gaps else "did not come" }} right after a year of surplus;
    {% else %}
        none of {{ reporter | possessive }} deficits with {{ partner }} in {{ span }}
        {{ "is known to have come" if has_gaps else "came" }} right after a year of surplus;
    {% endif %}
    {{ last_is ~ ";" if row.deficit_years }}
{% endif %}
{% if row.partner_lacks_flow %}
    {{ partner | possessive }} figures for {{ row.deficit_year }} cover only exports or only imports, and with them in
    place of {{ reporter | possessive }} the deficit would turn into a surplus;
{% elif row.partner_shows_other_sign %}
    {{ partner | possessive }} figures show a surplus for {{ reporter }} in {{ row.deficit_year }} instead;
{% endif %}
{% if row.partner_printed_usd is not none %}
    {{ partner | possessive }} figures for {{ row.deficit_year }}, available only from
    {{ row.partner_printed_by | cited }}, show
    {{ row.partner_printed_usd | printed_balance | replace(" of ", " of about ") }} for {{ reporter }}
    {{- " instead" if row.partner_printed_usd > 0 }};
{% endif %}
{% if row.unsigned_years
    and (row.deficit_year is none or row.first_deficit_since is not none or not row.earlier_deficit_year) %}
    in {{ row.unsigned_years | counted("other year") }} the figures are too incomplete to show who had the surplus;
{% endif %}
*/
