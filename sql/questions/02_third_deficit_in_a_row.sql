/*
number: 2
question: Is the latest annual deficit the third in a row, or could this year's be?
name: third_deficit_in_a_row
arises: rows[0].state == "on_course" or (held and held[0].state == "deficit")
read: >-
  One row a year: the last three whole years with both exports and imports, and any later years for which not all
  months are available. Only whole years count; an unfinished year is on course for a deficit if its balance to date is
  one, which may still change. A year whose figures are too incomplete counts as neither deficit nor surplus.
limits: >-
  Goods only, as the reporter counts them. A year added up from months that were read on different days is
  provisional; a column names the days. Where no month of an unfinished year is available, a balance reported in the
  press decides whether the year is on course; it is not an official series.
parameters:
  reporter: KOR | The economy whose statistics are used (ISO 3166 alpha-3).
  partner: CHN | The economy it trades with (ISO 3166 alpha-3).
columns:
- year
- state: >-
    code | For a whole year deficit, surplus or balanced, or too_thin if figures fail the coverage check; for an open
    year on_course (a deficit to date), not_on_course or not_known.
- balance_usd: US$ | The balance of the whole year; null for an open year.
- deficit_number: >-
    count | The year's place in a run of deficits, or the place it would have if it and the open years before it end as
    they stand; null without a deficit, or if an earlier year's sign is not known, as before the first on record.
- deficit_streak_years: >-
    count | For a whole year, the run of recorded deficits up to it; the run may be longer if `deficit_number` is null.
- deficits_since_year: year | For a whole year in deficit, the first recorded year of the run.
- is_third_in_a_row: >-
    true/false | At least the third whole year of deficit in a row; null for an open year, for a year that fails the
    coverage check, or if an earlier year's sign is not known and might be a deficit.
- partner_shows_other_sign: true/false | The partner's figures give the balance of a whole year another sign.
- partner_balance_usd: >-
    US$ | The balance by the partner's figures, its imports less its exports, for the whole year or up to the same day;
    as printed where the figures themselves are not available.
- partner_printed_by: text | Who printed that balance; null where the partner's figures are available.
- observation_status: code | SDMX status of a whole year, A normal, E estimated or P provisional.
- vintages: text | Datasets and the days from which a whole year was known (`dataset@day`), separated by commas.
- balance_to_date_usd: US$ | For an open year, the balance since January.
- to_date_until: date | The last day of the balance to date.
- to_date_source: text | held if made of available months; otherwise who printed it.
- is_answered: true/false | The balance of the whole year is available and its figures do not fail the coverage check.
- snapshot_ids
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code
),

known as (
    select balances.*
    from asked
    inner join marts.trade_balance_annual as balances
        on asked.reporter_code = balances.reporter_code and asked.partner_code = balances.partner_code
    where balances.is_complete
),

-- A run of deficits is whole if the sign of the year before it is known.
runs as (
    select
        known.year,
        coalesce(
            max(earlier.year) = known.year - known.deficit_streak_years
            and arg_max(earlier.balance_sign is not null, earlier.year),
            false
        ) as is_known
    from known
    left join known as earlier on known.year - known.deficit_streak_years >= earlier.year
    group by known.year, known.deficit_streak_years
),

whole as (
    select
        known.*,
        runs.is_known
    from known
    inner join runs on known.year = runs.year
    qualify row_number() over (order by known.year desc) <= 3
),

last_whole as (
    select
        max(year) as year,
        arg_max(deficit_streak_years, year) as streak,
        arg_max(is_known, year) as is_known
    from whole
),

to_date as (
    select
        held.*,
        'held' as source
    from marts.balances_to_date((select reporter_code from asked), (select partner_code from asked)) as held
    union all by name
    select
        printed.year,
        printed.balance_usd,
        printed.period_end as until,
        printed.publisher as source,
        [printed.snapshot_id] as snapshot_ids
    from asked
    inner join core.printed_goods_balances(asked.reporter_code, asked.partner_code) as printed on true
),

-- What is held comes before what was printed, and more of a year before less.
open_years as (
    select to_date.*
    from to_date
    inner join last_whole on to_date.year > last_whole.year
    qualify
        row_number() over (
            partition by to_date.year
            order by to_date.source = 'held' desc, to_date.until desc, to_date.source asc
        ) = 1
),

-- The partner's own figures, turned round: what is held comes before what was printed.
partners_own as (
    select
        until,
        -balance_usd as balance_usd,
        printed_by,
        snapshot_ids
    from (
        select held.*
        from marts.balances_to_date((select partner_code from asked), (select reporter_code from asked)) as held
        union all by name
        select
            printed.period_end as until,
            printed.balance_usd,
            printed.publisher as printed_by,
            printed.published_on,
            printed.figure_id,
            [printed.snapshot_id] as snapshot_ids
        from asked
        inner join core.printed_goods_balances(asked.partner_code, asked.reporter_code) as printed on true
    ) as figures
    qualify
        row_number() over (
            partition by until order by printed_by is not null asc, published_on desc nulls last, figure_id asc
        ) = 1
),

bounds as (
    select
        min(year) as first_year,
        max(year) as last_year
    from (
        select year from whole
        union all
        select year from open_years
    ) as years
),

shown as (
    select unnest(range(first_year, last_year + 1)) as year
    from bounds
),

states as (
    select
        shown.year,
        case
            when whole.year is not null then coalesce(whole.balance_sign, 'too_thin')
            when open_years.balance_usd < 0 then 'on_course'
            when open_years.balance_usd >= 0 then 'not_on_course'
            else 'not_known'
        end as state,
        whole.balance_usd,
        whole.deficit_streak_years,
        whole.is_known,
        whole.partner_shows_other_sign,
        partners_own.balance_usd as partner_balance_usd,
        partners_own.printed_by as partner_printed_by,
        whole.observation_status,
        whole.vintages,
        case when last_whole.is_known then last_whole.streak + shown.year - last_whole.year end as open_streak,
        bool_and(whole.year is not null or coalesce(open_years.balance_usd < 0, false)) over (
            order by shown.year
        ) as is_unbroken,
        open_years.balance_usd as balance_to_date_usd,
        open_years.until,
        open_years.source,
        whole.year is not null as is_whole,
        list_sort(
            list_distinct(
                flatten([coalesce(whole.snapshot_ids, open_years.snapshot_ids), partners_own.snapshot_ids])
            )
        ) as snapshot_ids
    from shown
    cross join last_whole
    left join whole on shown.year = whole.year
    left join open_years on shown.year = open_years.year
    left join partners_own
        on
            case when whole.year is null then open_years.until else make_date(shown.year, 12, 31) end
            = partners_own.until
)

select
    states.year,
    states.state,
    states.balance_usd,
    case
        when states.state = 'deficit' and states.is_known then states.deficit_streak_years
        when states.state = 'on_course' and states.is_unbroken then states.open_streak
    end as deficit_number,
    states.deficit_streak_years,
    case when states.deficit_streak_years > 0 then states.year - states.deficit_streak_years + 1 end
        as deficits_since_year,
    case
        when states.deficit_streak_years >= 3 or states.state != 'deficit' or states.is_known
            then states.deficit_streak_years >= 3
    end as is_third_in_a_row,
    states.partner_shows_other_sign,
    states.partner_balance_usd,
    states.partner_printed_by,
    states.observation_status,
    states.vintages,
    states.balance_to_date_usd,
    states.until as to_date_until,
    states.source as to_date_source,
    coalesce(states.is_whole and states.state != 'too_thin', false) as is_answered,
    case
        when states.state = 'too_thin' then 'too_thin'
        when not coalesce(states.is_whole, false) then 'not_held'
    end as missing_code,
    case
        when missing_code is not null
            then [concat('goods/A/', asked.reporter_code, '/export+import/', asked.partner_code, '/TOTAL')]
    end as missing_series,
    case when missing_code is not null and states.year is not null then [cast(states.year as varchar)] end
        as missing_periods,
    states.snapshot_ids
from asked
left join states on true
order by states.year desc

/*
{% set last = held[0] %}
{% set later = rows | selectattr("year", "gt", last.year) | list %}
{% set thin = later | selectattr("state", "eq", "too_thin") | map(attribute="year") | list %}
{% set named = last.year ~ ", the last whole year with " ~ ("usable " if thin) ~ "figures" %}
{# A year of unknown sign between the last whole year and an open year may have ended the run. #}
{% set unknown = later | selectattr("state", "eq", "not_known") | map(attribute="year") | list %}
{% set is_third = (last.deficit_number or last.deficit_streak_years) == 3 %}
{% set up_to = "up to " ~ last.year if thin or unknown %}
{% set yes = ("yes" if is_third else "the run is longer than three years") ~ (", " ~ up_to if up_to) %}
{% if last.state != "deficit" %}
    no: {{ reporter }} had {{ last.balance_usd | balance }} with {{ partner }} in {{ named }};
{% elif last.is_third_in_a_row and last.deficit_number %}
    {{ yes }}: {{ reporter | possessive }} deficit with {{ partner }} in {{ last.year }},
    {{ last.balance_usd | abs | usd }}, was its {{ last.deficit_number | ordinal }} annual deficit in a row;
{% elif last.is_third_in_a_row %}
    {{ yes }}: {{ reporter }} had a deficit with {{ partner }} in each of the {{ last.deficit_streak_years }} years
    from {{ last.deficits_since_year }} to {{ last.year }};
    there are no usable figures for {{ last.deficits_since_year - 1 }}, so the run may have begun earlier;
{% elif last.is_third_in_a_row is none %}
    not known: {{ reporter }} had {{ last.balance_usd | balance }} with {{ partner }} in {{ named }}, but there are no
    usable figures on its balance for {{ last.deficits_since_year - 1 }};
{% else %}
    {{ "not by " ~ last.year if up_to else "not yet" }}:
    {{ reporter | possessive }} deficit with {{ partner }} in {{ named }},
    {{ "was its " ~ last.deficit_number | ordinal ~ " in a row" if last.deficit_number > 1
        else "followed a year without a deficit" }};
{% endif %}
{# Of a year whose balance the partner's figures do not give, one of its flows turns the sign. #}
{% set turned = held | selectattr("partner_shows_other_sign") | list %}
{% set other = turned | rejectattr("partner_balance_usd", "none") | selectattr("partner_printed_by", "none")
    | map(attribute="year") | list %}
{% set one_flow = turned | map(attribute="year") | reject("in", other) | list %}
{% if one_flow %}
    {{ partner | possessive }} figures for {{ one_flow | listed }} cover only exports or only imports, and with them in
    place of {{ reporter | possessive }} a surplus would turn into a deficit, or a deficit into a surplus;
{% endif %}
{% if other %}
    {{ reporter | possessive }} and {{ partner | possessive }} statistics disagree on who had the surplus in
    {{ other | listed }};
{% endif %}
{% for row in held | rejectattr("partner_printed_by", "none") if row.partner_balance_usd * row.balance_usd < 0 %}
    {{ partner | possessive }} figures for {{ row.year }}, available only from
    {{ row.partner_printed_by | cited }},
    {{ "also " if other }}show {{ row.partner_balance_usd | printed_balance | replace(" of ", " of about ") }}
    for {{ reporter }}{{ "" if other else " instead" }};
{% endfor %}
{% if thin %}
    it is unknown who had the surplus in {{ thin | listed }}, because the figures are too incomplete to tell;
{% endif %}
{% if last.observation_status == "P" %}
    {{ reporter | possessive }} figures for {{ last.year }} are provisional ({{ last.vintages | readings }});
{% endif %}
{% if unknown %}
    no figures on {{ reporter | possessive }} balance for {{ unknown | listed }} are available;
{% endif %}
{% for row in later | rejectattr("balance_to_date_usd", "none") | reverse %}
    {% set is_over = row.to_date_until.month == 12 %}
    {% set own, other, until = row.balance_to_date_usd, row.partner_balance_usd, row.to_date_until.month %}
    {% if is_over %}in {{ row.year }}
    {% elif row.to_date_source == "held" %}
        {{ "in" if until == 1 else "from" }} {{ months(row.year, 1, until) }}
    {% else %}from 1 January to {{ row.to_date_until | day }}
    {% endif %}
    {{ reporter }} had {{ own | balance if row.to_date_source == "held" else own | printed_balance }} with {{ partner }}
    {{- "" if row.to_date_source == "held" else ", according to " ~ row.to_date_source | cited }}
    {%- if other is not none and row.partner_printed_by is none %}
        {{- " (" }}{{ other | abs | usd if own * other > 0 else other | balance }} by
        {{ partner | possessive }} figures)
    {%- endif %}
    {{- "" if not row.deficit_number else "; " ~ ("this" if is_over else "a deficit for the whole year")
        ~ " would be its " ~ row.deficit_number | ordinal ~ " in a row" }}
    {{- "" if is_over else "; no figures after " ~ until | month ~ " " ~ row.year ~ " are available" }};
{% endfor %}
*/
