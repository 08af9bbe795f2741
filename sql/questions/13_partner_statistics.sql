/*
number: 13
question: Do both economies' statistics agree on who had the surplus?
name: partner_statistics
read: >-
  One row a year. Beside the reporter's own balance stands the same balance by the partner's statistics: the partner's
  imports less its exports. If one of the two is a deficit and the other a surplus, the statistics disagree. Where the
  partner's own figures for a year are missing, the row has those quoted in print, if there are any. A balance whose
  figures are too incomplete counts as neither deficit nor surplus (question 0).
limits: >-
  Both economies value exports FOB and imports CIF, so freight and insurance shift each one's balance toward a
  deficit; US imports are at customs value, without them. Figures published in national currency are converted into
  US$ month by month at the rates that the economy's customs use, or, where only years are published, at the average
  rate of the year. Figures reported in print are rounded. The two economies count trade that passes through a third
  place, such as Hong Kong in China's trade, differently (question 14). Neither is right, and their average is not
  either.
parameters:
  reporter: KOR | The economy whose balance it is (ISO 3166 alpha-3).
  partner: CHN | The economy whose statistics are the mirror (ISO 3166 alpha-3).
  from_year: >-
    the first year for which figures of both are available, or ten years before the last | The first year shown.
  to_year: the last year available | The last year shown.
columns:
- year, balance_reported_usd
- balance_mirror_usd: US$ | The partner's imports less its exports, as it reports them.
- gap_usd: US$ | `balance_reported_usd` less `balance_mirror_usd`.
- balance_reported_sign: >-
    code | surplus, deficit or balanced by the reporter's figures; null where they fail the coverage check.
- balance_mirror_sign: >-
    code | surplus, deficit or balanced for the reporter by the partner's figures; null where they fail the coverage
    check.
- signs_agree
- basis: code | held if both balances are available; printed if the partner's balance is only quoted.
- printed_by: text | Who printed the quoted balance.
- rate_date: >-
    date | The day of the last rate that converted the reporter's figures into US$, the last day of the year if the
    year's average did; null where it publishes US$.
- mirror_rate_date: date | The day of the last rate that converted the partner's figures, in the same form.
- observation_status (of two sides)
- is_answered: true/false | Both balances are known for the year, and both have a sign.
- snapshot_ids
series:
  balance_reported_usd: "As {reporter} reports it"
  balance_mirror_usd: "As {partner} reports it"
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code,
        cast(getvariable('from_year') as integer) as from_year,
        cast(getvariable('to_year') as integer) as to_year
),

-- Each side's figures, of which one flow may be all that is held.
sides as (
    select
        asked.reporter_code = balances.reporter_code as is_own,
        balances.*
    from asked
    inner join marts.trade_balance_annual as balances
        on
            (asked.reporter_code = balances.reporter_code and asked.partner_code = balances.partner_code)
            or (asked.partner_code = balances.reporter_code and asked.reporter_code = balances.partner_code)
),

reported as (
    select *
    from sides
    where is_own and is_complete
),

partners_own as (
    select
        year,
        -balance_usd as balance_mirror_usd,
        case balance_sign when 'surplus' then 'deficit' when 'deficit' then 'surplus' else balance_sign end
            as balance_mirror_sign,
        'held' as basis,
        rate_date as mirror_rate_date,
        snapshot_ids
    from sides
    where not is_own and is_complete
),

-- Of years that the partner's figures lack, what somebody printed of them.
mirrors as (
    select *
    from partners_own
    union all by name
    select
        figures.year,
        -figures.balance_usd as balance_mirror_usd,
        case sign(figures.balance_usd) when -1 then 'surplus' when 1 then 'deficit' else 'balanced' end
            as balance_mirror_sign,
        'printed' as basis,
        figures.publisher as printed_by,
        [figures.snapshot_id] as snapshot_ids
    from asked
    inner join core.printed_goods_balances(asked.partner_code, asked.reporter_code) as figures on true
    anti join partners_own on figures.year = partners_own.year
    where figures.period_end = make_date(figures.year, 12, 31)
    qualify
        row_number() over (
            partition by figures.year
            order by figures.published_on desc nulls last, figures.figure_id asc
        ) = 1
),

-- All years of both, and at least ten.
bounds as (
    select
        coalesce(asked.from_year, least(min(partners_own.year), max(reported.year) - 10)) as first_year,
        max(reported.year) as last_year
    from asked
    left join reported on coalesce(asked.to_year, reported.year) >= reported.year
    left join partners_own on reported.year = partners_own.year
    group by asked.from_year
),

years as (
    select years.year
    from asked
    cross join bounds
    inner join core.years_between(bounds.first_year, asked.to_year, bounds.last_year, 10) as years on true
),

balances as (
    select
        years.year,
        reported.balance_usd as balance_reported_usd,
        reported.balance_sign as balance_reported_sign,
        mirrors.* exclude (year, snapshot_ids),
        reported.rate_date,
        compared.observation_status,
        coalesce(
            compared.snapshot_ids, list_sort(list_distinct(flatten([reported.snapshot_ids, mirrors.snapshot_ids])))
        ) as snapshot_ids
    from asked
    cross join years
    left join mirrors on years.year = mirrors.year
    left join reported on years.year = reported.year
    left join marts.mirror_balance_annual as compared
        on
            asked.reporter_code = compared.reporter_code
            and asked.partner_code = compared.partner_code
            and years.year = compared.year
),

-- The two sides that a year needs, and what is the matter with them: not held, or too thin for a sign.
needed as (
    select
        years.year,
        asked.reporter_code,
        asked.partner_code,
        true as is_own
    from asked
    cross join years
    union all
    select
        years.year,
        asked.partner_code as reporter_code,
        asked.reporter_code as partner_code,
        false as is_own
    from asked
    cross join years
),

lacks as (
    select
        needed.year,
        list(unsigned.missing_series order by needed.is_own desc) filter (where not unsigned.is_thin)
            as not_held_series,
        list(unsigned.missing_series order by needed.is_own desc) filter (where unsigned.is_thin) as thin_series
    from needed
    inner join
        marts.unsigned_balance(needed.reporter_code, needed.partner_code, needed.year) as unsigned
        on true
    group by needed.year
)

select
    balances.year,
    balances.balance_reported_usd,
    balances.balance_mirror_usd,
    balances.balance_reported_usd - balances.balance_mirror_usd as gap_usd,
    balances.balance_reported_sign,
    balances.balance_mirror_sign,
    balances.balance_reported_sign = balances.balance_mirror_sign as signs_agree,
    balances.basis,
    balances.printed_by,
    balances.rate_date,
    balances.mirror_rate_date,
    balances.observation_status,
    balances.balance_reported_sign is not null and balances.balance_mirror_sign is not null as is_answered,
    case
        when lacks.not_held_series is not null or balances.year is null then 'not_held'
        when lacks.thin_series is not null then 'too_thin'
    end as missing_code,
    case
        when balances.year is null
            then [concat('goods/A/', asked.reporter_code, '/export+import/', asked.partner_code, '/TOTAL')]
        else coalesce(lacks.not_held_series, lacks.thin_series)
    end as missing_series,
    case when missing_code is not null and balances.year is not null then [cast(balances.year as varchar)] end
        as missing_periods,
    balances.snapshot_ids
from asked
left join balances on true
left join lacks on balances.year = lacks.year
order by balances.year desc

/*
{% set of_both = held | selectattr("basis", "eq", "held") | list %}
{% set whose = reporter | possessive ~ " and " ~ partner | possessive %}
{% if of_both %}
    {% set apart = of_both | rejectattr("signs_agree") | map(attribute="year") | list %}
    {% set others = of_both | length - apart | length %}
    {% set gaps = of_both | map(attribute="gap_usd") | map("abs") | list %}
    {% set furthest = of_both[gaps.index(gaps | max)] %}
    {% set thin = rows | selectattr("missing_code", "eq", "too_thin") | list %}
    {% set held_of_both = ("with usable figures from both (" if thin else "with figures from both (")
        ~ of_both | map(attribute="year") | listed ~ ")" %}
    {% if of_both | length == 1 %}
        in {{ furthest.year }}
        {{- "" if rows | length == 1 else ", the only year with figures from both," }} {{ whose }} statistics
        {{ "disagree" if apart else "agree" }} on who had the surplus, and the balances that they show are
        {{ furthest.gap_usd | abs | usd }} apart;
    {% else %}
        {% if apart and others %}
            of the {{ of_both | length }} years {{ held_of_both }}, {{ whose }} statistics disagree on who had the
            surplus in {{ apart | listed }}, and agree in the other {{ "one" if others == 1 else others }};
        {% else %}
            {{ whose }} statistics {{ "disagree" if apart else "agree" }} on who had the surplus in all
            {{ of_both | length }} years {{ held_of_both }};
        {% endif %}
        the balances that they show differ most in {{ furthest.year }}, by {{ furthest.gap_usd | abs | usd }};
    {% endif %}
{% endif %}
{% for row in held | selectattr("basis", "eq", "printed") %}
    {% set apart = of_both | rejectattr("signs_agree") | list %}
    {{ "the" if of_both else whose }} statistics
    {{ "also " if of_both and row.signs_agree != (apart | length > 0) -}}
    {{ "agree" if row.signs_agree else "disagree" }} on who had the surplus in {{ row.year }}:
    {{ reporter | possessive }} show {{ row.balance_reported_usd | balance }} for {{ reporter }},
    {{ "and" if row.signs_agree else "while" }} {{ partner | possessive }}, known only from
    {{ row.printed_by | cited }}, show {{ row.balance_mirror_usd | printed_balance }} for {{ reporter }};
{% endfor %}
{% set provisional = of_both | selectattr("observation_status", "eq", "P") | map(attribute="year") | list %}
{% if provisional %}
    some of the figures for {{ provisional | listed }} are provisional;
{% endif %}
{% for side, dated in ((reporter, "rate_date"), (partner, "mirror_rate_date")) %}
    {% set converted = of_both | rejectattr(dated, "none") | list %}
    {% if converted %}
        {{ side | possessive }} figures for {{ converted | map(attribute="year") | list | listed }} are converted into
        US$ at {{ converted | map(attribute=dated) | rates }};
    {% endif %}
{% endfor %}
{% for code, what in (
    ("not_held", "are not available"), ("too_thin", "are too incomplete to show who had the surplus")
) %}
    {% set lacking = rows | rejectattr("is_answered") | selectattr("missing_code", "eq", code) | list %}
    {% for own, other, owner in (
        (true, false, reporter | possessive ~ " figures on trade with " ~ partner),
        (false, true, partner | possessive ~ " figures on trade with " ~ reporter),
        (true, true, whose ~ " figures on their trade with each other"),
    ) %}
        {% set years = [] %}
        {% for row in lacking %}
            {% set series = row.missing_series | join(" ") %}
            {% set is_own, is_other = "/A/" ~ asked.reporter ~ "/" in series, "/A/" ~ asked.partner ~ "/" in series %}
            {% if is_own == own and is_other == other %}{{ years.append(row.year) or "" }}{% endif %}
        {% endfor %}
        {{ owner ~ " for " ~ years | listed ~ " " ~ what ~ ";" if years }}
    {% endfor %}
{% endfor %}
*/
