/*
what: >-
  Goods trade that a publisher prints in its own currency, as printed, and its value in US$. A year is December's year
  to date; an earlier year to date is never a year. Where customs have a rate for each month (core.customs_rates), a
  month is converted at it. The year to date includes revisions of its months, so its US$ value is the sum of its steps,
  each the printed year to date less that of the month before, at the rate of its month; the months' US$ values need not
  add up to it. If either part of a step is missing, neither the step nor any later month of the year has a US$ year to
  date. Where a publisher prints the year to date alone, only the year is converted, at the average rate of the year
  (World Bank, core.macro_indicators_observations). Without a rate there is no US$ value, but the printed figure is
  kept. A figure has a row for each day on which it changed, in its own currency or in US$.
  core.goods_trade_observations has the US$ values.
grain: [
  source, dataset, reporter_code, partner_code, flow, classification, product_code, frequency, period_start, known_from
]
required: [currency_code, rate_basis, conversion_status, valuation, observation_status, snapshot_id]
example: |-
  select period_start, flow, published_value, rate_date, exchange_rate, value_usd, published_ytd_value, value_ytd_usd
  from core.goods_trade_national_currency
  where reporter_code = 'CHN' and partner_code = 'KOR' and frequency = 'M' and known_to is null
  order by period_start desc, flow limit 12
columns:
- source, dataset, reporter_code, partner_code (or the world), flow, classification, level, product_code, frequency
- period_start, period_end, currency_code
- published_value: >-
    own unit | The figure as printed, in units of the currency; for a year, December's year to date; null for a month of
    which only the year to date is printed.
- published_ytd_value: own unit | The year to date up to the month, as printed; null for a year.
- summed_value: own unit | For a year, the sum of its twelve printed months; null for a month, and without all twelve.
- rate_basis: >-
    code | customs_month if customs' rate of each month converts it, year_average if the average rate of the year does.
- rate_date (of a figure)
- exchange_rate: ratio | The rate of rate_date; for a year, the published figure divided by its US$ value.
- rate_snapshot_id
- value_usd: US$ | The figure in US$; null without a rate.
- value_ytd_usd: >-
    US$ | The year to date up to the month, each step of the printed year to date at the rate of its month; null for a
    year, and without a step or a rate.
- conversion_status: >-
    code | converted, no_rate (a rate is missing) or months_missing (for a year, a step of the year to date is missing).
- is_derived
- valuation
- observation_status: code | SDMX status of the printed figure, P provisional, A normal.
- coverage
- snapshot_id: code | The snapshot that first showed the figure; for a year, the one that last changed a step of it.
- known_from: date | The day from which the figure and its US$ value count as known unchanged.
- known_to
*/
with received as (
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        period_start,
        period_end,
        currency_code,
        value_cny,
        value_ytd_cny,
        value_ytd_jpy,
        is_derived,
        valuation,
        observation_status,
        snapshot_id,
        classification,
        level,
        product_code,
        coverage,
        rate_basis
    from feeds
),

-- The value at the end of a day counts.
days as (
    select
        received.* exclude (
            value_cny, value_ytd_cny, value_ytd_jpy, is_derived, classification, level, product_code, coverage,
            rate_basis, observation_status
        ),
        received.value_cny as published_value,
        coalesce(received.value_ytd_cny, received.value_ytd_jpy) as published_ytd_value,
        coalesce(received.is_derived, false) as is_derived,
        coalesce(received.classification, 'TOTAL') as classification,
        coalesce(received.level, 0) as level,
        coalesce(received.product_code, 'TOTAL') as product_code,
        coalesce(received.coverage, 'complete') as coverage,
        coalesce(received.rate_basis, 'customs_month') as rate_basis,
        year(received.period_start) as year,
        month(received.period_start) as month,
        snapshots.known_from,
        case
            when
                received.observation_status is null
                and snapshots.known_from >= make_date(
                    year(received.period_start) + 1, cast(publishers.closes_in_month as integer) + 1, 1
                )
                then 'A'
            else 'P'
        end as observation_status
    from received
    left join reference.publishers as publishers using (source, dataset)
    inner join reference.snapshots as snapshots on received.snapshot_id = snapshots.snapshot_id
    qualify
        row_number() over (
            partition by
                received.source, received.dataset, received.reporter_code, received.partner_code, received.flow,
                coalesce(received.product_code, 'TOTAL'), received.period_start, snapshots.known_from
            order by snapshots.retrieved_at desc, received.snapshot_id desc
        ) = 1
),

compared as (
    select
        *,
        lag(known_from) over figures as earlier_from,
        lag(published_value) over figures as earlier_value,
        lag(published_ytd_value) over figures as earlier_ytd_value,
        lag(observation_status) over figures as earlier_status
    from days
    window figures as (
        partition by source, dataset, reporter_code, partner_code, flow, classification, product_code, period_start
        order by known_from
    )
),

printed as (
    select
        * exclude (earlier_from, earlier_value, earlier_ytd_value, earlier_status),
        lead(known_from) over (
            partition by source, dataset, reporter_code, partner_code, flow, classification, product_code, period_start
            order by known_from
        ) as known_to
    from compared
    where
        earlier_from is null
        or earlier_value is distinct from published_value
        or earlier_ytd_value is distinct from published_ytd_value
        or earlier_status is distinct from observation_status
),

-- The days on which a figure of a year, or a rate of it, changed.
moments as (
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        year,
        known_from as moment
    from printed
    where rate_basis = 'customs_month'
    union
    select
        printed.source,
        printed.dataset,
        printed.reporter_code,
        printed.partner_code,
        printed.flow,
        printed.year,
        rates.known_from as moment
    from printed
    inner join core.customs_rates as rates using (currency_code, period_start)
    where rates.known_from > printed.known_from
),

-- A year's months as they stood at the end of each of these days.
states as (
    select
        printed.* exclude (known_from, known_to),
        moments.moment,
        rates.exchange_rate,
        rates.rate_date,
        rates.snapshot_id as rate_snapshot_id,
        concat(printed.known_from, ' ', printed.snapshot_id) as changed_by,
        case
            when printed.month = 1 then printed.published_ytd_value
            when lag(printed.month) over months = printed.month - 1
                then printed.published_ytd_value - lag(printed.published_ytd_value) over months
        end as step_cny
    from moments
    inner join printed
        on
            moments.source = printed.source
            and moments.dataset = printed.dataset
            and moments.reporter_code = printed.reporter_code
            and moments.partner_code = printed.partner_code
            and moments.flow = printed.flow
            and moments.year = printed.year
            and moments.moment >= printed.known_from
            and (moments.moment < printed.known_to or printed.known_to is null)
    left join core.customs_rates as rates
        on
            printed.currency_code = rates.currency_code
            and printed.period_start = rates.period_start
            and moments.moment >= rates.known_from
            and (moments.moment < rates.known_to or rates.known_to is null)
    window months as (
        partition by
            printed.source, printed.dataset, printed.reporter_code, printed.partner_code, printed.flow, printed.year,
            moments.moment
        order by printed.period_start
    )
),

to_date as (
    select
        *,
        sum(published_value) over months as summed_value,
        sum(step_cny / nullif(exchange_rate, 0)) over months as steps_usd,
        count(*) over months as month_count,
        count(step_cny) over months as step_count,
        count(step_cny / nullif(exchange_rate, 0)) over months as converted_count,
        max(changed_by) over months as last_changed_by
    from states
    window months as (
        partition by source, dataset, reporter_code, partner_code, flow, year, moment
        order by period_start
    )
),

-- Average rates of years; before the first release there is none.
year_rates as (
    select
        economy_code,
        year,
        value,
        snapshot_id,
        known_from,
        known_to
    from core.macro_indicators_observations
    where indicator_code = 'PA.NUS.FCRF'
    union all by name
    select distinct
        reporter_code as economy_code,
        year,
        date '1900-01-01' as known_from
    from printed
),

-- December's year to date, with the average rate of the year as it stood on each day on which either changed.
averaged as (
    select
        printed.* exclude (published_value, known_from, known_to),
        rates.value as exchange_rate,
        rates.snapshot_id as rate_snapshot_id,
        greatest(printed.known_from, rates.known_from) as moment
    from printed
    inner join year_rates as rates
        on
            printed.reporter_code = rates.economy_code
            and printed.year = rates.year
            and coalesce(printed.known_to > rates.known_from, true)
            and coalesce(printed.known_from < rates.known_to, true)
    where printed.rate_basis = 'year_average' and printed.month = 12
    qualify
        row_number() over (
            partition by
                printed.source, printed.dataset, printed.reporter_code, printed.partner_code, printed.flow,
                printed.classification, printed.product_code, printed.year, moment
            order by rates.known_from desc
        ) = 1
),

figures as (
    select
        * replace (cast(null as double) as summed_value),
        'M' as frequency,
        round(published_value / nullif(exchange_rate, 0), 0) as value_usd,
        case when converted_count = month then round(steps_usd, 0) end as value_ytd_usd,
        case when exchange_rate is null then 'no_rate' else 'converted' end as conversion_status
    from to_date
    union all by name
    -- The year is published when December is.
    select
        * replace (
            case when month_count = 12 then summed_value end as summed_value,
            make_date(year, 1, 1) as period_start,
            false as is_derived,
            case when converted_count = 12 then published_ytd_value / nullif(round(steps_usd, 0), 0) end
                as exchange_rate,
            case when converted_count = 12 then rate_date end as rate_date,
            case when converted_count = 12 then rate_snapshot_id end as rate_snapshot_id,
            substr(last_changed_by, 12) as snapshot_id,
            published_ytd_value as published_value,
            cast(null as double) as published_ytd_value
        ),
        'A' as frequency,
        case when converted_count = 12 then round(steps_usd, 0) end as value_usd,
        case
            when step_count < 12 then 'months_missing'
            when converted_count < 12 then 'no_rate'
            else 'converted'
        end as conversion_status
    from to_date
    where month = 12
    union all by name
    select
        * exclude (known_from, known_to),
        known_from as moment,
        'M' as frequency,
        'no_rate' as conversion_status
    from printed
    where rate_basis = 'year_average'
    union all by name
    select
        * replace (make_date(year, 1, 1) as period_start, cast(null as double) as published_ytd_value),
        'A' as frequency,
        published_ytd_value as published_value,
        case when exchange_rate is not null then period_end end as rate_date,
        round(published_ytd_value / nullif(exchange_rate, 0), 2) as value_usd,
        case when exchange_rate is null then 'no_rate' else 'converted' end as conversion_status
    from averaged
),

followed as (
    select
        *,
        lag(moment) over vintages as earlier_moment,
        lag(published_value) over vintages as earlier_value,
        lag(published_ytd_value) over vintages as earlier_ytd_value,
        lag(summed_value) over vintages as earlier_summed_value,
        lag(value_usd) over vintages as earlier_usd,
        lag(value_ytd_usd) over vintages as earlier_ytd_usd,
        lag(rate_date) over vintages as earlier_rate_date,
        lag(observation_status) over vintages as earlier_status
    from figures
    window vintages as (
        partition by
            source, dataset, reporter_code, partner_code, flow, classification, product_code, frequency, period_start
        order by moment
    )
)

select
    *,
    moment as known_from,
    lead(moment) over (
        partition by
            source, dataset, reporter_code, partner_code, flow, classification, product_code, frequency, period_start
        order by moment
    ) as known_to
from followed
where
    earlier_moment is null
    or earlier_value is distinct from published_value
    or earlier_ytd_value is distinct from published_ytd_value
    or earlier_summed_value is distinct from summed_value
    or earlier_usd is distinct from value_usd
    or earlier_ytd_usd is distinct from value_ytd_usd
    or earlier_rate_date is distinct from rate_date
    or earlier_status is distinct from observation_status
