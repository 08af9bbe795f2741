/*
number: 1
question: Is this year's deficit to date larger than in the same months of last year?
name: deficit_to_date
read: >-
  A row a year: the one asked about, or the last of which anything is held and those before it, back to the last that
  can be compared. Two years are compared over the same months, to the last month held of both. What somebody printed of
  a year that cannot be compared stands beside it and is not mixed in.
limits: >-
  Goods only, exports FOB less imports CIF, as the reporter counts them. A sum is there only if every month in it is
  held, of both years. Months are not adjusted for season or holidays; the same months of two years need no adjustment
  but for Lunar New Year in January and February.
parameters:
  reporter: KOR | The economy whose statistics are used (ISO 3166 alpha-3).
  partner: CHN | The economy it trades with (ISO 3166 alpha-3).
  year: the last year held | The year that is compared with the one before.
columns:
  year: year | The year.
  to_month: count | The last month of both sums; 12 for a whole year.
  balance_to_date_usd: US$ | The balance from January to that month.
  prior_year_balance_to_date_usd: US$ | The balance of the same months of the year before.
  change_usd: US$ | The first less the second.
  is_deficit: true/false | The year's balance to date is a deficit.
  is_larger_deficit: true/false | It is a deficit, and larger than that of the year before, if that was one.
  basis: code | months, added up, or years, where only whole years are held.
  printed_balance_usd: US$ | Of a year that cannot be compared, the longest balance from January on that was printed.
  printed_until: date | The last day of that.
  printed_by: text | Who printed it.
  is_answered: true/false | Both sums are held.
  missing: text | Which months are not held, and what would bring them.
  snapshot_ids: list | The snapshots the figures stand in, between commas.
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

sums as (
    select
        months.year,
        months.month as to_month,
        months.balance_ytd_usd as balance_usd,
        months.prior_year_balance_ytd_usd as prior_year_balance_usd,
        'months' as basis,
        string_agg(summed.snapshot_ids, ', ') as snapshot_ids
    from months
    inner join months as summed
        on months.year - summed.year in (0, 1) and months.month >= summed.month
    where months.balance_ytd_usd is not null and months.prior_year_balance_ytd_usd is not null
    group by months.year, months.month, months.balance_ytd_usd, months.prior_year_balance_ytd_usd
    union all
    select
        years.year,
        12 as to_month,
        years.balance_usd,
        earlier.balance_usd as prior_year_balance_usd,
        'years' as basis,
        concat_ws(', ', years.snapshot_ids, earlier.snapshot_ids) as snapshot_ids
    from years
    inner join years as earlier on years.year - 1 = earlier.year
),

-- Of each year the longest comparison; of two of twelve months that of months.
compared as (
    select *
    from sums
    qualify row_number() over (partition by year order by to_month desc, basis asc) = 1
),

-- The year asked about; or from the last that can be compared to the last of which anything is held.
bounds as (
    select
        coalesce(asked.asked_year, max(compared.year), max(months.year)) as first_year,
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
        string_agg(
            strftime(make_date(calendar.month_year, calendar.month, 1), '%Y-%m'), ' '
            order by calendar.month_year, calendar.month
        ) as months
    from calendar
    left join months on calendar.month_year = months.year and calendar.month = months.month
    where months.year is null
    group by calendar.year
),

printed as (
    select
        figures.*,
        year(figures.period_start) as year
    from asked
    inner join core.published_figures as figures
        on asked.reporter_code = figures.reporter_code and asked.partner_code = figures.partner_code
    where
        figures.metric = 'goods_balance'
        and figures.unit = 'USD'
        -- The balance of payments counts goods otherwise than customs do.
        and figures.publisher not like 'Bank of Korea%'
        and month(figures.period_start) = 1
        and year(figures.period_start) = year(figures.period_end)
    qualify
        row_number() over (
            partition by year(figures.period_start)
            order by figures.period_end desc, figures.published_on desc nulls last, figures.figure_id asc
        ) = 1
)

select
    shown.year,
    compared.to_month,
    compared.balance_usd as balance_to_date_usd,
    compared.prior_year_balance_usd as prior_year_balance_to_date_usd,
    compared.balance_usd - compared.prior_year_balance_usd as change_usd,
    compared.balance_usd < 0 as is_deficit,
    compared.balance_usd < 0 and compared.balance_usd < compared.prior_year_balance_usd as is_larger_deficit,
    compared.basis,
    printed.value as printed_balance_usd,
    printed.period_end as printed_until,
    printed.publisher as printed_by,
    compared.year is not null as is_answered,
    case
        when compared.year is null
            then concat(
                'Not held of goods trade of ', asked.reporter_code, ' with ', asked.partner_code, ': ',
                coalesce(gaps.months, 'any month'), '. ',
                case asked.reporter_code
                    when 'KOR' then '`bilateral refresh kcs` brings them (BILATERAL_KCS_KEY), and so does '
                    else 'What brings them is '
                end,
                '`bilateral refresh imf` (no key), with the pair ', asked.reporter_code, '-', asked.partner_code,
                ' (or world = true) in bilateral.toml.'
            )
    end as missing,
    array_to_string(
        list_sort(list_distinct(string_split(concat_ws(', ', compared.snapshot_ids, printed.snapshot_id), ', '))), ', '
    ) as snapshot_ids
from asked
left join shown on true
left join compared on shown.year = compared.year
left join gaps on shown.year = gaps.year
left join printed on shown.year = printed.year and compared.year is null
order by shown.year desc
