/*
what: >-
  Goods trade that a publisher prints in its own currency, as printed, and its value in US$. A month is converted at the
  rate that customs use for it (core.customs_rates). The year to date includes revisions of its months, so its US$ value
  is the sum of its steps, each the printed year to date less that of the month before, at the rate of its month; the
  months' US$ values need not add up to it. If either part of a step is missing, neither the step nor any later month of
  the year has a US$ year to date. A year is December's year to date. Without a rate there is no US$ value, but the
  printed figure is kept. A figure has a row for each day on which it changed, in its own currency or in US$.
  core.goods_trade_observations has the US$ values.
grain: [source, dataset, reporter_code, partner_code, flow, frequency, period_start, known_from]
required: [currency_code, published_value, conversion_status, valuation, snapshot_id]
example: |-
  select period_start, flow, published_value, rate_date, exchange_rate, value_usd, published_ytd_value, value_ytd_usd
  from core.goods_trade_national_currency
  where reporter_code = 'CHN' and partner_code = 'KOR' and frequency = 'M' and known_to is null
  order by period_start desc, flow limit 12
columns:
- source, dataset, reporter_code, partner_code, flow, frequency, period_start, period_end, currency_code
- published_value: own unit | The figure as printed, in units of the currency; for a year, December's year to date.
- published_ytd_value: own unit | The year to date up to the month, as printed; null for a year.
- summed_value: own unit | For a year, the sum of its twelve printed months; null for a month, and without all twelve.
- rate_date: date | The day of the month's rate; for a year, that of December. Null without a rate.
- exchange_rate: ratio | The rate of rate_date; for a year, the published figure divided by its US$ value.
- rate_snapshot_id: code | The snapshot that first showed that rate.
- value_usd: US$ | The figure in US$; null without a rate.
- value_ytd_usd: >-
    US$ | The year to date up to the month, each step of the printed year to date at the rate of its month; null for a
    year, and without a step or a rate.
- conversion_status: >-
    code | converted, no_rate (a rate is missing) or months_missing (for a year, a step of the year to date is missing).
- is_derived
- valuation
- observation_status: code | SDMX status of the printed figure, P provisional.
- snapshot_id: code | The snapshot that first showed the figure; for a year, the one that last changed a step of it.
- known_from: date | The day from which the figure and its US$ value count as known unchanged.
- known_to
*/
-- The value at the end of a day counts.
with days as (
    select
        printed.source,
        printed.dataset,
        printed.reporter_code,
        printed.partner_code,
        printed.flow,
        printed.period_start,
        printed.period_end,
        printed.currency_code,
        printed.value_cny,
        printed.value_ytd_cny,
        printed.is_derived,
        printed.valuation,
        printed.observation_status,
        printed.snapshot_id,
        year(printed.period_start) as year,
        month(printed.period_start) as month,
        snapshots.known_from
    from feeds as printed
    inner join reference.snapshots as snapshots using (snapshot_id)
    qualify
        row_number() over (
            partition by
                printed.source, printed.dataset, printed.reporter_code, printed.partner_code, printed.flow,
                printed.period_start, snapshots.known_from
            order by snapshots.retrieved_at desc, printed.snapshot_id desc
        ) = 1
),

compared as (
    select
        *,
        lag(known_from) over figures as earlier_from,
        lag(value_cny) over figures as earlier_value,
        lag(value_ytd_cny) over figures as earlier_ytd_value,
        lag(observation_status) over figures as earlier_status
    from days
    window figures as (
        partition by source, dataset, reporter_code, partner_code, flow, period_start
        order by known_from
    )
),

printed as (
    select
        * exclude (earlier_from, earlier_value, earlier_ytd_value, earlier_status),
        lead(known_from) over (
            partition by source, dataset, reporter_code, partner_code, flow, period_start
            order by known_from
        ) as known_to
    from compared
    where
        earlier_from is null
        or earlier_value is distinct from value_cny
        or earlier_ytd_value is distinct from value_ytd_cny
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
            when printed.month = 1 then printed.value_ytd_cny
            when lag(printed.month) over months = printed.month - 1
                then printed.value_ytd_cny - lag(printed.value_ytd_cny) over months
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
        sum(value_cny) over months as summed_value,
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

figures as (
    select
        * replace (cast(null as double) as summed_value),
        'M' as frequency,
        value_cny as published_value,
        value_ytd_cny as published_ytd_value,
        round(value_cny / nullif(exchange_rate, 0), 0) as value_usd,
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
            case when converted_count = 12 then value_ytd_cny / nullif(round(steps_usd, 0), 0) end as exchange_rate,
            case when converted_count = 12 then rate_date end as rate_date,
            case when converted_count = 12 then rate_snapshot_id end as rate_snapshot_id,
            substr(last_changed_by, 12) as snapshot_id
        ),
        'A' as frequency,
        value_ytd_cny as published_value,
        case when converted_count = 12 then round(steps_usd, 0) end as value_usd,
        case
            when step_count < 12 then 'months_missing'
            when converted_count < 12 then 'no_rate'
            else 'converted'
        end as conversion_status
    from to_date
    where month = 12
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
        partition by source, dataset, reporter_code, partner_code, flow, frequency, period_start
        order by moment
    )
)

select
    *,
    moment as known_from,
    lead(moment) over (
        partition by source, dataset, reporter_code, partner_code, flow, frequency, period_start
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
