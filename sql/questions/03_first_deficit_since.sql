/*
number: 3
question: The first deficit since when?
name: first_deficit_since
arises: held and 0 < held[0].deficit_years < held[0].signed_years
read: >-
  A row for each deficit that ended a run of surpluses, the latest first; first_deficit_since is the year of the deficit
  before it. Without such a deficit one row says what the sign has been.
limits: >-
  Goods only, as the reporter counts them; the partner may count otherwise (question 13). A year of which a flow is
  missing has no balance, one whose figures are too thin has no sign, and what lies beyond such a gap is not said to be
  known.
parameters:
  reporter: KOR | The economy whose statistics are used (ISO 3166 alpha-3).
  partner: CHN | The economy it trades with (ISO 3166 alpha-3).
columns:
  deficit_year: year | The year of the deficit; null if none ended a run of surpluses.
  balance_usd: US$ | The balance of that year.
  first_deficit_since: year | The year of the deficit before it; null if there was none or nobody knows.
  surplus_years_between: count | Years of surplus between the two.
  first_year: year | The first year of which the sign is known.
  last_year: year | The last year of which the sign is known.
  last_sign: code | surplus, deficit or balanced, in that last year.
  signed_years: count | Years of which the sign is known.
  deficit_years: count | Those of them that are a deficit.
  uncertain_flip_year: >-
    year | The last year of deficit after one of surplus that another publisher has, and none that holds both has it so.
  partner_shows_other_sign: true/false | The partner's figures give that year's balance another sign.
  partner_printed_usd: US$ | That year's balance as the partner was quoted with it in print, if its flows are not held.
  partner_printed_by: text | Who printed that.
  unsigned_years: count | Years whose figures are too thin for a sign.
  unsigned_reason: text | What was found about the last of them.
  is_answered: true/false | The balances that the answer needs are held.
  snapshot_ids: list | The snapshots the balances stand in.
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
        lag(balances.balance_sign) over (order by balances.year) as earlier_sign
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
    span.first_year,
    span.last_year,
    span.last_sign,
    cast(span.signed_years as integer) as signed_years,
    cast(span.deficit_years as integer) as deficit_years,
    span.uncertain_flip_year,
    flips.partner_shows_other_sign,
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
{% set with_a_sign = "with a sign" if row.unsigned_years else "held" %}
{% set last_is = "the last year " ~ with_a_sign ~ ", " ~ row.last_year ~ ", is "
    ~ ("" if row.last_sign == "balanced" else "a ") ~ row.last_sign %}
{% if row.deficit_year is not none %}
    {{ reporter | possessive }} deficit with {{ partner }} in {{ row.deficit_year }}
    {%- set is = "is" if row.last_sign == "deficit" else "was" %}
    {%- if row.first_deficit_since is none %} {{ is }} the first on record, which begins in {{ row.first_year }} and may
    have gaps
    {%- else %}, {{ row.balance_usd | abs | usd }}, {{ is }} the first since {{ row.first_deficit_since }}, after
    {{ row.surplus_years_between | counted("year") }} of surplus
    {%- endif %};
    {{ last_is ~ ";" if row.last_sign != "deficit" }}
{% elif row.deficit_years == row.signed_years %}
    {{ reporter }} had a deficit with {{ partner }} in
    {{ span ~ ", the one year " ~ with_a_sign if row.signed_years == 1
        else "every year " ~ with_a_sign ~ " of " ~ span }};
    no deficit among them is the first since another;
{% elif row.uncertain_flip_year is not none %}
    not known: {{ reporter | possessive }} balance with {{ partner }} turns from a surplus to a deficit in
    {{ row.uncertain_flip_year }}, where the publisher of the figures changes, and none that holds both years has it so;
    the last year, {{ row.last_year }}, is a {{ row.last_sign }};
{% else %}
    {% set has_gaps = row.signed_years < row.last_year - row.first_year + 1 %}
    {% if row.deficit_years == 0 %}
        {{ reporter }} had no deficit with {{ partner }} in
        {{ "any year " ~ with_a_sign ~ " of " ~ span if row.signed_years > 1 else span ~ ", the one year "
            ~ with_a_sign }};
    {% else %}
    {{ reporter }} had no deficit with {{ partner }} that {{ "is known to have ended" if has_gaps else "ended" }} a run
    of surpluses in {{ span }};
    {% endif %}
    {{ last_is }};
{% endif %}
{% if row.partner_shows_other_sign %}
    with {{ partner | possessive }} figures in place of {{ reporter | possessive }}, the sign of
    {{ row.deficit_year }} would be the other;
{% endif %}
{% if row.partner_printed_usd is not none %}
    {{ partner | possessive }} statistics of {{ row.deficit_year }} are not held;
    what is quoted of its exports and imports ({{ row.partner_printed_by }}) leaves about
    {{ -row.partner_printed_usd | printed_balance }} of its own;
{% endif %}
{% if row.unsigned_years %}
    figures fail a check of coverage in {{ row.unsigned_years }} of the years held, so that they have no sign;
{% endif %}
*/
