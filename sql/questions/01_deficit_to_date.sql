/*
number: 1
question: Is this year's deficit to date larger than in the same months of last year?
name: deficit_to_date
arises: held and (held[0].is_deficit or held[0].prior_year_balance_to_date_usd < 0)
read: >-
  One row for the year you name. If you name no year, the table starts with the latest year that has figures; if that
  year cannot be compared with the year before, earlier years follow until one can. Two years are compared over the
  same months, up to the last month that is available in both. For a year that cannot be compared, the row shows a
  balance reported in the press, if there is one.
limits: >-
  Goods only, exports FOB less imports CIF (US imports at customs value), as the reporter counts them. A sum is given
  only if each of its months is available in both years. Months are not adjusted for season or holidays; comparing the
  same months of two years needs no adjustment except for Lunar New Year in January and February. If the months of a
  year came through several channels, they were read on different days and their sum is provisional.
parameters:
  reporter: KOR | The economy whose statistics are used (ISO 3166 alpha-3).
  partner: CHN | The economy it trades with (ISO 3166 alpha-3).
  year: the last year available | The year that is compared with the one before.
columns:
- year
- to_month: count | The last month of both sums; 12 for a whole year.
- balance_to_date_usd: US$ | The balance from January to that month.
- prior_year_balance_to_date_usd: US$ | The balance of the same months of the year before.
- change_usd: US$ | `balance_to_date_usd` less `prior_year_balance_to_date_usd`.
- is_deficit: true/false | The year's balance to date is a deficit; null where figures fail the coverage check.
- is_larger_deficit: >-
    true/false | The year's balance to date is a deficit, and larger than the year before's if that had one; null where
    figures fail the coverage check.
- partner_shows_other_sign: >-
    true/false | For a whole year: the partner's figures give the opposite sign (marts.trade_balance_annual).
- partner_balance_to_date_usd: US$ | The balance to date by the partner's figures, its imports less its exports.
- partner_rate_date: date | The day of the last rate that converted the partner's figures; null if published in US$.
- rate_date: date | The day of the last rate that converted the year's sum into US$; null if published in US$.
- observation_status: code | SDMX status of the year's sum, A normal, E estimated or P provisional.
- vintages: text | Datasets and the days from which the year's sum was known (`dataset@day`), separated by commas.
- prior_year_observation_status: code | SDMX status of the sum of the year before.
- prior_year_vintages: text | Datasets and days of the sum of the year before, in the form of vintages.
- basis: code | months if months were added up, years if only whole years are available.
- printed_balance_usd: US$ | For a year that cannot be compared, the printed balance since January that runs longest.
- printed_until: date | The last day of the printed balance.
- printed_by: text | Who printed the balance.
- is_answered: true/false | Both sums are available, and no figures of either year fail the coverage check.
- snapshot_ids
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code,
        cast(getvariable('year') as integer) as asked_year
),

months as (
    select
        balances.*,
        year(balances.period_start) as year,
        month(balances.period_start) as month
    from asked
    inner join marts.trade_balance_monthly as balances
        on asked.reporter_code = balances.reporter_code and asked.partner_code = balances.partner_code
    where balances.balance_usd is not null
),

years as (
    select balances.*
    from asked
    inner join marts.trade_balance_annual as balances
        on asked.reporter_code = balances.reporter_code and asked.partner_code = balances.partner_code
    where balances.is_complete
),

-- Of each month the readings that it is made of.
readings as (
    select
        year(figures.period_start) as year,
        month(figures.period_start) as month,
        figures.flow,
        figures.observation_status,
        concat(figures.source, '/', figures.dataset) as channel,
        concat(figures.source, '/', figures.dataset, '@', snapshots.known_from) as vintage
    from asked
    inner join core.goods_trade_monthly as figures
        on asked.reporter_code = figures.reporter_code and asked.partner_code = figures.partner_code
    inner join meta.snapshots as snapshots on figures.snapshot_id = snapshots.snapshot_id
),

-- What is joined of several channels is provisional, as in core.goods_trade_annual_candidates. Of A, E and P the last
-- in the alphabet is the least certain.
readings_to_date as (
    select
        months.year,
        months.month as to_month,
        case
            when
                count(distinct readings.channel) filter (where readings.flow = 'export') > 1
                or count(distinct readings.channel) filter (where readings.flow = 'import') > 1
                then 'P'
            else max(readings.observation_status)
        end as observation_status,
        string_agg(distinct readings.vintage, ', ' order by readings.vintage) as vintages
    from months
    inner join readings on months.year = readings.year and months.month >= readings.month
    group by months.year, months.month
),

sums as (
    select
        months.year,
        months.month as to_month,
        months.balance_ytd_usd as balance_usd,
        months.prior_year_balance_ytd_usd as prior_year_balance_usd,
        'months' as basis,
        max(months.rate_date) as rate_date,
        max(own.observation_status) as observation_status,
        max(own.vintages) as vintages,
        max(previous.observation_status) as prior_year_observation_status,
        max(previous.vintages) as prior_year_vintages,
        list_sort(list_distinct(flatten(array_agg(summed.snapshot_ids)))) as snapshot_ids
    from months
    inner join months as summed
        on months.year - summed.year in (0, 1) and months.month >= summed.month
    left join readings_to_date as own on months.year = own.year and months.month = own.to_month
    left join readings_to_date as previous on months.year - 1 = previous.year and months.month = previous.to_month
    where months.balance_ytd_usd is not null and months.prior_year_balance_ytd_usd is not null
    group by months.year, months.month, months.balance_ytd_usd, months.prior_year_balance_ytd_usd
    union all
    select
        years.year,
        12 as to_month,
        years.balance_usd,
        earlier.balance_usd as prior_year_balance_usd,
        'years' as basis,
        years.rate_date,
        years.observation_status,
        years.vintages,
        earlier.observation_status as prior_year_observation_status,
        earlier.vintages as prior_year_vintages,
        list_sort(list_distinct(flatten([years.snapshot_ids, earlier.snapshot_ids]))) as snapshot_ids
    from years
    inner join years as earlier on years.year - 1 = earlier.year
),

-- Of each year the longest comparison; of two of twelve months that of months.
compared as (
    select
        sums.*,
        own.year is not null or previous.year is not null as is_thin,
        string_split(concat_ws(',', previous.year, own.year), ',') as thin_years
    from sums
    left join years as own on sums.year = own.year and own.coverage_status = 'insufficient'
    left join years as previous on sums.year - 1 = previous.year and previous.coverage_status = 'insufficient'
    qualify row_number() over (partition by sums.year order by sums.to_month desc, sums.basis asc) = 1
),

-- The year asked about; or from the last that can be compared to the last of which anything is held.
bounds as (
    select
        coalesce(
            asked.asked_year,
            max(compared.year) filter (where not compared.is_thin),
            max(compared.year),
            max(months.year)
        ) as first_year,
        coalesce(asked.asked_year, greatest(max(compared.year), max(months.year))) as last_year
    from asked
    left join compared on true
    left join months on true
    group by asked.asked_year
),

shown as (
    select unnest(range(first_year, last_year + 1)) as year
    from bounds
),

calendar_months as (
    select unnest(range(1, 13)) as month
),

-- The months of the year and of the one before, as far as the year is held.
calendar as (
    select
        shown.year,
        shown.year - back.years as month_year,
        calendar_months.month
    from shown
    cross join (values (0), (1)) as back (years)
    cross join calendar_months
    left join months on shown.year = months.year
    group by shown.year, back.years, calendar_months.month
    having calendar_months.month <= coalesce(max(months.month), 12)
),

gaps as (
    select
        calendar.year,
        list(
            strftime(make_date(calendar.month_year, calendar.month, 1), '%Y-%m')
            order by calendar.month_year, calendar.month
        ) as months
    from calendar
    left join months on calendar.month_year = months.year and calendar.month = months.month
    where months.year is null
    group by calendar.year
),

printed as (
    select figures.*
    from asked
    inner join core.printed_goods_balances(asked.reporter_code, asked.partner_code) as figures on true
    qualify
        row_number() over (
            partition by figures.year
            order by figures.period_end desc, figures.published_on desc nulls last, figures.figure_id asc
        ) = 1
),

partners_own as (
    select held.*
    from marts.balances_to_date((select partner_code from asked), (select reporter_code from asked)) as held
)

select
    shown.year,
    compared.to_month,
    compared.balance_usd as balance_to_date_usd,
    compared.prior_year_balance_usd as prior_year_balance_to_date_usd,
    compared.balance_usd - compared.prior_year_balance_usd as change_usd,
    case when not compared.is_thin then compared.balance_usd < 0 end as is_deficit,
    case
        when not compared.is_thin
            then compared.balance_usd < 0 and compared.balance_usd < compared.prior_year_balance_usd
    end as is_larger_deficit,
    whole.partner_shows_other_sign,
    -partners_own.balance_usd as partner_balance_to_date_usd,
    partners_own.rate_date as partner_rate_date,
    compared.rate_date,
    compared.observation_status,
    compared.vintages,
    compared.prior_year_observation_status,
    compared.prior_year_vintages,
    compared.basis,
    printed.balance_usd as printed_balance_usd,
    printed.period_end as printed_until,
    printed.publisher as printed_by,
    compared.year is not null and not compared.is_thin as is_answered,
    case when compared.is_thin then 'too_thin' when compared.year is null then 'not_held' end as missing_code,
    case missing_code
        when 'too_thin' then [concat('goods/A/', asked.reporter_code, '/export+import/', asked.partner_code, '/TOTAL')]
        when 'not_held' then [concat('goods/M/', asked.reporter_code, '/export+import/', asked.partner_code, '/TOTAL')]
    end as missing_series,
    case missing_code when 'too_thin' then compared.thin_years when 'not_held' then gaps.months end as missing_periods,
    list_sort(
        list_distinct(flatten([compared.snapshot_ids, partners_own.snapshot_ids, [printed.snapshot_id]]))
    ) as snapshot_ids
from asked
left join shown on true
left join compared on shown.year = compared.year
left join years as whole on shown.year = whole.year and compared.to_month = 12
left join partners_own
    on last_day(make_date(compared.year, compared.to_month, 1)) = partners_own.until
left join gaps on shown.year = gaps.year
left join printed on shown.year = printed.year and compared.year is null
order by shown.year desc

/*
{% set last = held[0] %}
{% set later = rows | rejectattr("is_answered") | selectattr("year", "ge", last.year) | list %}
{% set thin = later | rejectattr("balance_to_date_usd", "none") | map(attribute="year") | list %}
{% set unlike = later | selectattr("balance_to_date_usd", "none") | list %}
{% set whole = last.to_month == 12 %}
{# With two surpluses the question whether a deficit is larger does not arise, nor does it for an earlier year. #}
{% set arises = last.is_deficit or last.prior_year_balance_to_date_usd < 0 %}
{{ ("yes: " if last.is_larger_deficit else "no: ") if arises and not later }}
{{ "in" if whole or last.to_month == 1 else "from" }}
{{ last.year if whole else "January to " ~ last.to_month | month ~ " " ~ last.year }}
{%- if asked.year is not number %}, the last {{ "year" if whole else "months" }} that can be compared
    {{- "," }}{% endif %}
{{ reporter }} had {{ last.balance_to_date_usd | balance }} with {{ partner }}, after
{{ last.prior_year_balance_to_date_usd | balance }} in {{ "" if whole else "the same months of " }}{{ last.year - 1 }};
{% if last.partner_balance_to_date_usd is not none %}
    {{ partner | possessive }} figures for {{ last.year if whole else months(last.year, 1, last.to_month) }}
    {%- if last.partner_rate_date %}, converted into US$ at {{ last.partner_rate_date | rates }},{% endif %}
    show {{ last.partner_balance_to_date_usd | balance }} for {{ reporter }};
{% endif %}
{% if unlike %}
    for {{ unlike | map(attribute="year") | listed }} no comparison with the year before is possible, because not all
    figures for the same months are available;
    {% for row in unlike | rejectattr("printed_balance_usd", "none") %}
        for {{ row.year if row.printed_until.month == 12 and row.printed_until.day == 31
            else "the year up to " ~ row.printed_until | day }},
        {{ row.printed_by | cited }} is the only source of both exports and imports, and implies
        {{ row.printed_balance_usd | printed_balance | replace(" of ", " of about ") }};
    {% endfor %}
{% endif %}
{% if thin %}
    for {{ thin | listed }} no comparison with the year before is possible, because the figures are too incomplete;
{% endif %}
{% if last.partner_shows_other_sign and last.partner_balance_to_date_usd is none %}
    {{ partner | possessive }} available figures show
    {{ "a surplus" if last.balance_to_date_usd < 0 else "a deficit" }} for {{ reporter }} in {{ last.year }} instead;
{% endif %}
{% set soft, prior_soft = last.observation_status == "P", last.prior_year_observation_status == "P" %}
{% set alike = soft and prior_soft and last.vintages | readings == last.prior_year_vintages | readings %}
{% set they_are = reporter | possessive ~ " figures for " %}
{% if soft %}
    {{ they_are }}{{ (([last.year - 1] if alike else []) + [last.year]) | listed }} are provisional
    ({{ last.vintages | readings }})
    {%- if prior_soft and not alike %}, and so are those for {{ last.year - 1 }} ({{ last.prior_year_vintages | readings
        }}){% endif %};
{% elif prior_soft %}
    {{ they_are }}{{ last.year - 1 }} are provisional ({{ last.prior_year_vintages | readings }});
{% endif %}
{% if last.rate_date %}
    {{ they_are if not soft else "those for " if prior_soft else "they" }}{{ last.year if prior_soft or not soft }} were
    converted into US$ at {{ last.rate_date | rates }};
{% endif %}
*/
