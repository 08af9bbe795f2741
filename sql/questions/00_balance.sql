/*
number: 0
question: What were exports, imports and the balance, year by year?
name: balance
read: >-
  One row a year, latest first, for all available years or the years you name. The balance is exports less imports as
  the reporter counts them; the partner's figures may differ (question 13). Where the
  partner's figures say the opposite, a column marks the year. If the reporter's exports or imports in such a year are
  also less than half, or more than twice, what the partner records, the balance is called neither a deficit nor a
  surplus.
limits: >-
  Goods only, exports FOB and imports CIF, or at customs value for the United States. A year that lacks exports or
  imports has no balance; nothing is filled in. A year added up from months that were read on different days is
  provisional (P). Where the source changes from one year to the next, what is counted may change, too.
parameters:
  reporter: KOR | The economy whose statistics are used (ISO 3166 alpha-3, or its name).
  partner: CHN | The economy it trades with (ISO 3166 alpha-3, or its name).
  from_year: the first available year | The first year shown.
  to_year: the last available year | The last year shown.
columns:
- year, exports_usd, imports_usd, balance_usd
- source: code | The publisher or the channel that passes its figures on; if two are named, exports' comes first.
- known_from: date | The day from which all of the figures were known.
- balance_sign: >-
    code | surplus, deficit or balanced; null without a balance or where a flow fails the coverage check.
- sign_flipped: true/false | The sign differs from the year before; null if either year has no sign.
- first_deficit_since: year | For a deficit that follows a surplus, the year of the previous deficit.
- observation_status (of two flows), vintages, entrepot_code (either or none)
- coverage_status: >-
    code | insufficient, apart, sufficient, partly or unchecked: how the flows compare with other figures for them
    (marts.trade_balance_annual).
- coverage_reason: text | Why there is no sign, which flow is far from the partner's, or what sign the partner shows.
- partner_shows_other_sign: true/false | The partner's figures give the balance another sign than the reporter's.
- balance_mirror_usd: US$ | The partner's imports less its exports, as it reports them; null unless it reports both.
- mirror_printed_usd: >-
    US$ | The balance that the partner's quoted figures imply, for a year that lacks one of the partner's flows or both.
- mirror_printed_by: text | Who printed the partner's figures.
- mirror_observation_status: code | SDMX status of the partner's less certain flow.
- mirror_rate_date: date | The day of the last rate at which the partner's year was converted into US$.
- printed_balance_usd: US$ | The reporter's balance as printed, for a year that lacks one flow or both.
- printed_by: text | Who printed the balance.
- rate_date (of a year), valuation (of two flows)
- is_answered: true/false | The balance is available and its flows do not fail the coverage check.
- snapshot_ids
series:
  balance_usd: Balance
chart: balance
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code,
        cast(getvariable('from_year') as integer) as from_year,
        cast(getvariable('to_year') as integer) as to_year
),

held as (
    select balances.*
    from asked
    inner join marts.trade_balance_annual as balances
        on asked.reporter_code = balances.reporter_code and asked.partner_code = balances.partner_code
),

passing as (
    select max(entrepots.entrepot_code) as entrepot_code
    from asked
    inner join core.entrepots as entrepots
        on entrepots.entrepot_code in (asked.reporter_code, asked.partner_code)
),

-- The last of the days from which the chosen figures are known.
known as (
    select
        year(chosen.period_start) as year,
        max(chosen.known_from) as known_from
    from asked
    inner join core.goods_trade_annual_candidates as chosen
        on
            asked.reporter_code = chosen.reporter_code
            and asked.partner_code = chosen.partner_code
            and chosen.choice = 1
    group by year(chosen.period_start)
),

-- What either was quoted with for a whole year: the latest print of each.
printed as (
    select
        sides.is_own,
        figures.*
    from (
        select
            true as is_own,
            reporter_code,
            partner_code
        from asked
        union all
        select
            false as is_own,
            partner_code as reporter_code,
            reporter_code as partner_code
        from asked
    ) as sides
    inner join core.printed_goods_balances(sides.reporter_code, sides.partner_code) as figures
        on figures.period_end = make_date(figures.year, 12, 31)
    qualify
        row_number() over (
            partition by sides.is_own, figures.year order by figures.published_on desc nulls last, figures.figure_id asc
        ) = 1
),

-- Every year between the first and the last, so that a gap is seen; those asked for, whatever is held.
bounds as (
    select
        coalesce(asked.from_year, least(min(held.year), asked.to_year)) as first_year,
        coalesce(asked.to_year, greatest(max(held.year), max(printed.year), asked.from_year)) as last_year
    from asked
    left join held on true
    left join printed on printed.is_own
    group by asked.from_year, asked.to_year
),

years as (
    select unnest(range(first_year, last_year + 1)) as year
    from bounds
),

shown as (
    select
        years.year as shown_year,
        held.*,
        known.known_from,
        case
            when held.exports_usd is null and held.imports_usd is null then 'export+import'
            when held.exports_usd is null then 'export'
            when held.imports_usd is null then 'import'
        end as lacking
    from years
    left join held on years.year = held.year
    left join known on years.year = known.year
)

select
    shown.* exclude (year, snapshot_ids),
    shown.shown_year as year,
    nullif(
        concat_ws(
            ', ',
            shown.exports_source,
            case when shown.imports_source is distinct from shown.exports_source then shown.imports_source end
        ),
        ''
    ) as source,
    passing.entrepot_code,
    mirror.balance_mirror_usd,
    case when not coalesce(partners_own.is_complete, false) then -quoted.balance_usd end as mirror_printed_usd,
    case when mirror_printed_usd is not null then quoted.publisher end as mirror_printed_by,
    case when mirror.balance_mirror_usd is not null then partners_own.observation_status end
        as mirror_observation_status,
    case when mirror.balance_mirror_usd is not null then partners_own.rate_date end as mirror_rate_date,
    case when shown.balance_usd is null then printed.balance_usd end as printed_balance_usd,
    case when shown.balance_usd is null then printed.publisher end as printed_by,
    shown.balance_sign is not null as is_answered,
    case
        when shown.balance_usd is null then 'not_held'
        when shown.balance_sign is null then 'too_thin'
    end as missing_code,
    case
        when missing_code is not null
            then
                [
                    concat(
                        'goods/A/', asked.reporter_code, '/', coalesce(shown.lacking, 'export+import'), '/',
                        asked.partner_code, '/TOTAL'
                    )
                ]
    end as missing_series,
    case when missing_code is not null and shown.shown_year is not null then [cast(shown.shown_year as varchar)] end
        as missing_periods,
    list_sort(
        list_distinct(
            flatten(
                [
                    shown.snapshot_ids,
                    case when shown.partner_shows_other_sign then mirror.snapshot_ids end,
                    case when mirror_printed_usd is not null then [quoted.snapshot_id] end,
                    case when printed_balance_usd is not null then [printed.snapshot_id] end
                ]
            )
        )
    ) as snapshot_ids
from asked
cross join passing
left join shown on true
left join marts.mirror_balance_annual as mirror
    on
        asked.reporter_code = mirror.reporter_code
        and asked.partner_code = mirror.partner_code
        and shown.shown_year = mirror.year
left join marts.trade_balance_annual as partners_own
    on
        asked.partner_code = partners_own.reporter_code
        and asked.reporter_code = partners_own.partner_code
        and shown.shown_year = partners_own.year
left join printed on printed.is_own and shown.shown_year = printed.year
left join printed as quoted on not quoted.is_own and shown.shown_year = quoted.year
order by shown.shown_year desc

/*
{% set last = held[0] %}
{% set later = rows | selectattr("balance_usd", "none") | selectattr("year", "gt", last.year) | list %}
in {{ last.year }}{% if asked.to_year is not number %}, the latest year with
    {{ "usable " if rows | rejectattr("balance_usd", "none") | selectattr("year", "gt", last.year) | list -}}
    {{ "official " if later | rejectattr("printed_balance_usd", "none") | list }}statistics on both exports and imports
    {%- endif %}, {{ reporter }} had {{ last.balance_usd | balance }} with
{{ partner }}: exports were {{ last.exports_usd | usd }} and imports {{ last.imports_usd | usd }}
{{- " (rounded)" if last.exports_usd | rounded_apart(last.imports_usd, last.balance_usd) }};
{% set flip = held | selectattr("sign_flipped") | first %}
{% if flip %}
    {{ "up to " ~ last.year ~ ", " if asked.to_year is number }}the balance last turned
    {%- if flip.first_deficit_since %} from surplus to deficit in {{ flip.year }}, the first deficit since
        {{ flip.first_deficit_since }}
    {%- else %} to {{ "zero" if flip.balance_sign == "balanced" else "a " ~ flip.balance_sign }} in {{ flip.year }}
    {%- endif %};
{% elif held | length > 1 and held | map(attribute="balance_sign") | unique | list | length == 1 %}
    {% set all = held | map(attribute="year") | list %}
    {% set largest = (held | sort(attribute="balance_usd"))[0 if last.balance_usd < 0 else -1] %}
    it had {{ "balanced trade" if last.balance_sign == "balanced" else "a " ~ last.balance_sign }} in
    {% if all | length == 2 %}both {{ all | listed }}
    {%- else %}
        {{ "every year" if all | length == all[0] - all[-1] + 1
            else "all " ~ all | length ~ " years with usable figures" }} from {{ all[-1] }} to {{ all[0] -}}
        {%- if last.balance_usd %}; the largest
            {{- ", " ~ largest.balance_usd | abs | usd ~ "," if largest.year != last.year }} was in {{ largest.year }}
        {%- endif %}
    {%- endif %};
{% endif %}
{% set thin = rows | rejectattr("balance_usd", "none") | selectattr("balance_sign", "none") | map(attribute="year")
    | list %}
{% if thin %}
    it is unknown who had the surplus in {{ thin | listed }}, because the figures are too incomplete to tell;
{% endif %}
{% set turned = held | selectattr("partner_shows_other_sign") | list %}
{% set other = turned | rejectattr("balance_mirror_usd", "none") | list %}
{% set one_flow = turned | selectattr("balance_mirror_usd", "none") | map(attribute="year") | list %}
{% if one_flow %}
    {{ partner | possessive }} figures for {{ one_flow | listed }} cover only exports or only imports, and with them in
    place of {{ reporter | possessive }} a surplus would turn into a deficit, or a deficit into a surplus;
{% endif %}
{% if other %}
    {{ reporter | possessive }} and {{ partner | possessive }} statistics disagree on who had the surplus in
    {{ other | map(attribute="year") | listed }};
    {{ partner | possessive }} {{ "provisional " if other[0].mirror_observation_status == "P" -}}
    figures for {{ other[0].year }}
    {%- if other[0].mirror_rate_date %}, converted into US$ at {{ other[0].mirror_rate_date | rates }},{% endif %}
    imply {{ other[0].balance_mirror_usd | balance }} for {{ reporter }};
{% endif %}
{% for row in held | rejectattr("mirror_printed_usd", "none") if row.mirror_printed_usd * row.balance_usd < 0 %}
    {{ partner | possessive }} figures for {{ row.year }}, available only from {{ row.mirror_printed_by | cited }},
    {{ "also " if other }}show {{ row.mirror_printed_usd | printed_balance | replace(" of ", " of about ") }} for
    {{ reporter }}{{ "" if other else " instead" }};
{% endfor %}
{% set apart = held | selectattr("coverage_status", "eq", "apart")
    | rejectattr("partner_shows_other_sign", "none") | map(attribute="year") | list %}
{% if apart %}
    in {{ apart | listed }} {{ reporter | possessive }} exports or imports were less than half or more than twice what
    {{ partner }} records, but with {{ partner | possessive }} figures in their place the surplus would stay a
    surplus, or the deficit a deficit;
{% endif %}
{% if last.observation_status == "P" %}
    {{ reporter | possessive }} figures for {{ last.year }} are provisional ({{ last.vintages | readings }});
{% endif %}
{% if last.rate_date %}
    {{ "they" if last.observation_status == "P" else reporter | possessive ~ " figures for " ~ last.year }} were
    converted into US$ at {{ last.rate_date | rates }};
{% endif %}
{% set lacking = later | selectattr("printed_balance_usd", "none") | map(attribute="year") | list %}
{# The first sentence says so if no later year is available. #}
{% if lacking and (asked.to_year is number or later | length < rows[0].year - last.year
    or lacking | length < later | length) %}
    for {{ lacking | listed }}, figures on exports, on imports or on both are not available;
{% endif %}
{% for row in later | rejectattr("printed_balance_usd", "none") %}
    for {{ row.year }}, {{ row.printed_by | cited }} is the only source of both exports and imports, and implies
    {{ row.printed_balance_usd | printed_balance | replace(" of ", " of about ") }};
{% endfor %}
{% if last.entrepot_code %}
    much of {{ names[last.entrepot_code] | possessive }} trade only passes through it (re-exports), so the balance does
    not measure trade in goods that the two economies make or use themselves;
{% endif %}
*/
