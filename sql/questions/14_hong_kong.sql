/*
number: 14
question: Does counting trade with Hong Kong change the sign of the balance?
name: hong_kong
read: >-
  One row a year: the balance with the partner alone, with the place through which much of that trade passes (for
  China, Hong Kong), and with both. Counting all trade with that place shows the largest possible effect: whether it
  would turn a deficit into a surplus or the reverse, and what share of that trade would be enough to do so. Other
  columns show these balances by the statistics of the partner and of the place through which the trade passes. A
  partner without such a place has only the balance with the partner. A balance whose figures are too incomplete
  counts as neither deficit nor surplus.
limits: >-
  This is a bound, not a better balance: it includes goods that the reporter ships through Hong Kong to third places,
  and goods that China buys through Hong Kong from elsewhere are not Korea's. Goods that Hong Kong reports sending on
  between the two are shown in columns of their own once a refresh has fetched them, and added to no balance: much of
  them is already in the balances. The entrepot of each partner is declared, not estimated.
parameters:
  reporter: KOR | The economy whose balance it is (ISO 3166 alpha-3).
  partner: CHN | The economy it trades with (ISO 3166 alpha-3).
  from_year: ten years before the last | The first year shown.
  to_year: the last year available | The last year shown.
columns:
- year, entrepot_code
- passing_code: code | Where `entrepot_code` is null, the entrepot that is declared for the reporter.
- own_entrepot_code: code | The one of the two economies that is itself an entrepot, as Hong Kong is.
- balance_usd (with the partner)
- entrepot_balance_usd: US$ | The reporter's balance with the entrepot.
- balance_with_entrepot_usd: US$ | The sum of `balance_usd` and `entrepot_balance_usd`.
- balance_sign: >-
    code | surplus, deficit or balanced with the partner alone; null where figures fail the coverage check.
- sign_with_entrepot: code | surplus, deficit or balanced with both; null where figures fail the coverage check.
- sign_changes: true/false | Adding all trade with the entrepot turns the sign; null without both signs.
- turning_share_pct: percent | The share of `entrepot_balance_usd` at which the sign turns; null if all of it does not.
- turning_flow_pct: >-
    percent | The share if only one flow is counted: the part of the exports to the entrepot that turns a deficit, or of
    the imports from it that turns a surplus.
- balance_mirror_usd (implied)
- mirror_with_entrepot_usd: US$ | The balance with both that the partner's and the entrepot's statistics imply.
- signs_agree_with_entrepot: true/false | Both balances, with the entrepot added, have the same sign.
- sent_on_to_partner_usd: US$ | The reporter's goods that the entrepot sent on to the partner, if known with rates.
- sent_on_to_reporter_usd: US$ | The partner's goods that the entrepot sent on to the reporter, if known with rates.
- is_answered: true/false | The reporter's balances with both are available and have a sign, or no entrepot is declared.
- snapshot_ids
series:
  balance_usd: "With {partner}"
  balance_with_entrepot_usd: "With {partner} and Hong Kong"
  balance_mirror_usd: "With {partner}, as {partner} reports it"
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code,
        cast(getvariable('from_year') as integer) as from_year,
        cast(getvariable('to_year') as integer) as to_year
),

-- Whether there is such a place between the two.
places as (
    select count(*) > 0 as is_declared
    from asked
    inner join marts.entrepot_balance_annual as declared
        on asked.partner_code = declared.partner_code and asked.reporter_code != declared.entrepot_code
),

-- The place that is declared for the reporter, whose goods to and from the partner pass through it as well.
passing as (
    select max(declared.entrepot_code) as passing_code
    from asked
    inner join core.entrepots as declared
        on asked.reporter_code = declared.partner_code and asked.partner_code != declared.entrepot_code
),

-- Which of the two is such a place itself.
itself as (
    select min(declared.entrepot_code) as own_entrepot_code
    from asked
    inner join core.entrepots as declared
        on declared.entrepot_code in (asked.reporter_code, asked.partner_code)
),

every_year as (
    select balances.*
    from asked
    inner join marts.entrepot_balance_annual as balances
        on asked.reporter_code = balances.reporter_code and asked.partner_code = balances.partner_code
    union all by name
    select
        balances.year,
        balances.balance_usd,
        balances.balance_sign,
        balances.snapshot_ids
    from asked
    inner join places on not places.is_declared
    inner join marts.trade_balance_annual as balances
        on
            asked.reporter_code = balances.reporter_code
            and asked.partner_code = balances.partner_code
            and balances.is_complete
),

balances as (
    select every_year.*
    from asked
    inner join every_year on true
    qualify
        every_year.year <= coalesce(asked.to_year, every_year.year)
        and every_year.year >= coalesce(
            asked.from_year, coalesce(asked.to_year, max(every_year.year) over ()) - 10
        )
),

-- The balances that a year needs: with the place, and if that is held, the two that the others tell.
needed as (
    select
        balances.year,
        1 as place,
        asked.reporter_code,
        balances.entrepot_code as partner_code
    from asked
    cross join balances
    where balances.entrepot_code is not null and balances.balance_with_entrepot_usd is null
    union all
    select
        balances.year,
        2 as place,
        balances.entrepot_code as reporter_code,
        asked.reporter_code as partner_code
    from asked
    cross join balances
    where balances.balance_with_entrepot_usd is not null and balances.mirror_with_entrepot_usd is null
    union all
    select
        balances.year,
        3 as place,
        asked.partner_code as reporter_code,
        asked.reporter_code as partner_code
    from asked
    cross join balances
    where balances.balance_with_entrepot_usd is not null and balances.mirror_with_entrepot_usd is null
),

lacks as (
    select
        needed.year,
        list(unsigned.missing_series order by needed.place) filter (where not unsigned.is_thin) as not_held_series,
        list(unsigned.missing_series order by needed.place) filter (where unsigned.is_thin) as thin_series
    from needed
    inner join
        marts.unsigned_balance(needed.reporter_code, needed.partner_code, needed.year) as unsigned
        on true
    group by needed.year
),

answers as (
    select
        balances.* exclude (snapshot_ids),
        case when balances.entrepot_code is null then passing.passing_code end as passing_code,
        itself.own_entrepot_code,
        through.exports_usd as entrepot_exports_usd,
        through.imports_usd as entrepot_imports_usd,
        there.value_usd as sent_on_to_partner_usd,
        back.value_usd as sent_on_to_reporter_usd,
        list_sort(list_distinct(list_concat(balances.snapshot_ids, [there.snapshot_id, back.snapshot_id])))
            as snapshot_ids,
        coalesce(direct.coverage_status = 'insufficient', false) as is_thin,
        lacks.not_held_series,
        lacks.thin_series
    from asked
    cross join balances
    cross join passing
    cross join itself
    left join lacks on balances.year = lacks.year
    left join marts.trade_balance_annual as through
        on
            asked.reporter_code = through.reporter_code
            and balances.entrepot_code = through.partner_code
            and balances.year = through.year
    left join marts.trade_balance_annual as direct
        on
            asked.reporter_code = direct.reporter_code
            and asked.partner_code = direct.partner_code
            and balances.year = direct.year
    left join core.re_exports_annual as there
        on
            coalesce(balances.entrepot_code, passing.passing_code) = there.entrepot_code and balances.year = there.year
            and asked.reporter_code = there.origin_code and asked.partner_code = there.destination_code
    left join core.re_exports_annual as back
        on
            coalesce(balances.entrepot_code, passing.passing_code) = back.entrepot_code and balances.year = back.year
            and asked.partner_code = back.origin_code and asked.reporter_code = back.destination_code
)

select
    answers.*,
    case when answers.sign_changes then -100 * answers.balance_usd / nullif(answers.entrepot_balance_usd, 0) end
        as turning_share_pct,
    case
        when answers.sign_changes and answers.balance_usd < 0
            then -100 * answers.balance_usd / nullif(answers.entrepot_exports_usd, 0)
        when answers.sign_changes then 100 * answers.balance_usd / nullif(answers.entrepot_imports_usd, 0)
    end as turning_flow_pct,
    answers.year is not null
    and not answers.is_thin
    and (answers.balance_with_entrepot_usd is not null or answers.entrepot_code is null) as is_answered,
    case
        when answers.year is null then 'not_held'
        when answers.is_thin then 'too_thin'
        when answers.not_held_series is not null then 'not_held'
        when answers.thin_series is not null then 'too_thin'
    end as missing_code,
    case
        when answers.year is null or answers.is_thin
            then [concat('goods/A/', asked.reporter_code, '/export+import/', asked.partner_code, '/TOTAL')]
        else coalesce(answers.not_held_series, answers.thin_series)
    end as missing_series,
    case when missing_code is not null and answers.year is not null then [cast(answers.year as varchar)] end
        as missing_periods
from asked
left join answers on true
order by answers.year desc

/*
{% set last = held[0] %}
{% if last.entrepot_code is none %}
    {{ reporter }} had {{ last.balance_usd | balance }} with {{ partner }} in {{ last.year }};
    {% if last.passing_code %}
        some goods traded between {{ reporter }} and {{ partner }} pass through {{ names[last.passing_code] }}, but are
        not counted in this balance
        {{- ", because figures on them are not available"
            if last.sent_on_to_partner_usd is none and last.sent_on_to_reporter_usd is none }};
    {% elif last.own_entrepot_code %}
        much of {{ names[last.own_entrepot_code] | possessive }} trade consists of re-exports, goods that only pass
        through, so this balance does not show what the two economies produce and use;
    {% else %}
        Bilateral lists no place
        {{- "" if "HKG" in (asked.reporter, asked.partner) else ", such as Hong Kong," }} through which much of the
        trade between {{ reporter }} and {{ partner }} passes, so no trade is added to this balance;
    {% endif %}
{% else %}
    {% set turned = held | selectattr("sign_changes") | list %}
    {% set shown = turned | first or last %}
    {% set place = names[last.entrepot_code] %}
    {{ reporter | possessive }} {{ (shown.balance_usd | balance).removeprefix("a ") }} with {{ partner }} in
    {{ shown.year }} would become {{ shown.balance_with_entrepot_usd | balance }} if all its trade with {{ place }}
    counted as trade with {{ partner }};
    that would be the largest possible effect, because not all goods traded with {{ place }} go on to {{ partner }} or
    come from there;
    {% if held | length > 1 %}
        {% set deficits = turned | selectattr("balance_usd", "lt", 0) | list | length %}
        {% set effect = "change who had the surplus" if 0 < deficits < turned | length or not turned
            else "turn the deficit into a surplus" if deficits else "turn the surplus into a deficit" %}
        of the {{ held | length }} years {{ held | map(attribute="year") | years }}, counting trade with {{ place }}
        would {{ effect }} {{ "in all" if turned | length == held | length
            else "only in " ~ turned | map(attribute="year") | listed if turned else "in none" }};
    {% endif %}
    {% if turned %}
        {% set of_exports = shown.balance_usd < 0 %}
        the {{ "deficit" if of_exports else "surplus" }} of {{ shown.year }} would become a
        {{ "surplus" if of_exports else "deficit" }} if more than {{ shown.turning_share_pct | percent }} of the trade
        with {{ place }}, exports and imports alike, counted as trade with {{ partner }}
        {%- if shown.turning_flow_pct is not none %}, or, if only {{ "exports" if of_exports else "imports" }} counted,
        more than {{ shown.turning_flow_pct | percent }} of them{% endif %};
    {% endif %}
    {% for code, what in (
        ("not_held", "not all figures on trade with " ~ place ~ " are available"),
        ("too_thin", "the figures are too incomplete")
    ) %}
        {% set untested = rows | rejectattr("is_answered") | selectattr("missing_code", "eq", code)
            | map(attribute="year") | list %}
        {{ "the effect cannot be calculated for " ~ untested | listed ~ ", because " ~ what ~ ";" if untested }}
    {% endfor %}
    {% set mirrored = held | rejectattr("mirror_with_entrepot_usd", "none") | list %}
    {% if mirrored %}
        {% set agreeing = mirrored | selectattr("signs_agree_with_entrepot") | list | length %}
        with {{ place }} added, {{ reporter | possessive }} and {{ partner | possessive }} figures
        {{ "agree" if agreeing else "disagree" }} on who had the surplus in
        {{ mirrored[0].year ~ ", the only year that both report" if mirrored | length == 1
            else (agreeing ~ " of the " if 0 < agreeing < mirrored | length else "all ")
            ~ mirrored | length ~ " years that both report" }};
    {% endif %}
{% endif %}
*/
