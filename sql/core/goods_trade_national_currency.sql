/*
what: >-
  Goods trade that a publisher prints in its own currency, as printed, and what it is in US$. A month is converted at
  the average rate of the month. A year is December's year to date, which carries the months' revisions; in US$ it is
  the months' US$ scaled to it. Without the rate of a month there are no US$, of the month or of its year; the printed
  figure stands all the same. A figure that a later snapshot repeats is one row; one that it changes is two, and a year
  changes with December's year to date or with any of its months. core.goods_trade_observations has the figures in US$.
grain: [source, dataset, reporter_code, partner_code, flow, frequency, period_start, known_from]
required: [currency_code, published_value, conversion_status, valuation, snapshot_id]
example: |-
  select period_start, flow, currency_code, published_value, exchange_rate, value_usd
  from core.goods_trade_national_currency
  where reporter_code = 'CHN' and partner_code = 'KOR' and frequency = 'M' and known_to is null
  order by period_start desc, flow limit 12
columns:
  source: code | The publisher.
  dataset: code | The publisher's dataset.
  reporter_code: code | The economy whose statistics these are (ISO 3166 alpha-3).
  partner_code: code | The economy it traded with (ISO 3166 alpha-3).
  flow: code | export or import, as the reporter sees it.
  frequency: code | A annual, M monthly.
  period_start: date | First day of the period.
  period_end: date | Last day of the period.
  currency_code: code | The currency of the printed figure (ISO 4217).
  published_value: own unit | The figure as printed, in units of the currency; of a year December's year to date.
  summed_value: own unit | Of a year, its twelve printed months added up; null of a month.
  exchange_rate: ratio | The average rate of the month; of a year, the published figure over its US$.
  value_usd: US$ | The figure in US$; null without a rate.
  conversion_status: >-
    code | converted, no_rate (the rate of a month is not held) or months_missing (a year of which not every month is).
  valuation: code | FOB for exports, CIF for imports.
  observation_status: code | SDMX status of the printed figure, P provisional.
  snapshot_id: code | The snapshot that showed the figure first; of a year, the one that changed it last.
  known_from: date | The day from which the printed figure counts as known; of a year, the figure with its months.
  known_to: date | The day on which another figure took its place; null for what is known now.
  usd_known_from: date | The day from which it is known in US$, which needs the rates too; null without US$.
*/
-- Two printed figures that are revised apart: each month, and December's year to date.
with printed as (
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        'M' as frequency,
        period_start,
        period_end,
        currency_code,
        value_cny as published_value,
        valuation,
        observation_status,
        snapshot_id
    from staging.gacc__goods_monthly
    union all by name
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        'A' as frequency,
        make_date(year(period_start), 1, 1) as period_start,
        period_end,
        currency_code,
        value_ytd_cny as published_value,
        valuation,
        observation_status,
        snapshot_id
    from staging.gacc__goods_monthly
    where month(period_start) = 12
),

-- What counts is what stood at the end of a day.
days as (
    select
        printed.*,
        snapshots.known_from
    from printed
    inner join reference.snapshots as snapshots using (snapshot_id)
    qualify
        row_number() over (
            partition by
                printed.source, printed.dataset, printed.reporter_code, printed.partner_code, printed.flow,
                printed.frequency, printed.period_start, snapshots.known_from
            order by snapshots.retrieved_at desc, printed.snapshot_id desc
        ) = 1
),

compared as (
    select
        *,
        lag(known_from) over figures as earlier_from,
        lag(published_value) over figures as earlier_value,
        lag(observation_status) over figures as earlier_status
    from days
    window figures as (
        partition by source, dataset, reporter_code, partner_code, flow, frequency, period_start
        order by known_from
    )
),

vintages as (
    select
        compared.*,
        rates.exchange_rate,
        round(compared.published_value / nullif(rates.exchange_rate, 0), 0) as value_usd,
        greatest(compared.known_from, rates.known_from) as usd_known_from,
        lead(compared.known_from) over (
            partition by
                compared.source, compared.dataset, compared.reporter_code, compared.partner_code, compared.flow,
                compared.frequency, compared.period_start
            order by compared.known_from
        ) as known_to
    from compared
    left join core.exchange_rates as rates
        on
            compared.frequency = 'M'
            and compared.currency_code = rates.currency_code
            and compared.period_start = rates.period_start
    where
        compared.earlier_from is null
        or compared.earlier_value is distinct from compared.published_value
        or compared.earlier_status is distinct from compared.observation_status
),

changed_years as (
    select distinct
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        make_date(year(period_start), 1, 1) as period_start,
        known_from
    from vintages
),

-- A year as it stood on each day on which one of its figures changed.
years as (
    select
        changed_years.source,
        changed_years.dataset,
        changed_years.reporter_code,
        changed_years.partner_code,
        changed_years.flow,
        changed_years.period_start,
        changed_years.known_from,
        lead(changed_years.known_from) over (
            partition by
                changed_years.source, changed_years.dataset, changed_years.reporter_code, changed_years.partner_code,
                changed_years.flow, changed_years.period_start
            order by changed_years.known_from
        ) as known_to,
        min(parts.currency_code) as currency_code,
        max(parts.published_value) filter (where parts.frequency = 'A') as published_value,
        sum(parts.published_value) filter (where parts.frequency = 'M') as summed_value,
        sum(parts.value_usd) as summed_usd,
        count(*) filter (where parts.frequency = 'M') as month_count,
        count(parts.value_usd) as converted_count,
        min(parts.valuation) as valuation,
        max(parts.observation_status) as observation_status,
        max(parts.snapshot_id) filter (where parts.known_from = changed_years.known_from) as snapshot_id,
        max(parts.usd_known_from) as usd_known_from
    from changed_years
    inner join vintages as parts using (source, dataset, reporter_code, partner_code, flow)
    where
        year(changed_years.period_start) = year(parts.period_start)
        and changed_years.known_from >= parts.known_from
        and (changed_years.known_from < parts.known_to or parts.known_to is null)
    group by
        changed_years.source, changed_years.dataset, changed_years.reporter_code, changed_years.partner_code,
        changed_years.flow, changed_years.period_start, changed_years.known_from
)

select
    source,
    dataset,
    reporter_code,
    partner_code,
    flow,
    'M' as frequency,
    period_start,
    period_end,
    currency_code,
    published_value,
    cast(null as double) as summed_value,
    exchange_rate,
    value_usd,
    case when value_usd is null then 'no_rate' else 'converted' end as conversion_status,
    valuation,
    observation_status,
    snapshot_id,
    known_from,
    known_to,
    case when value_usd is not null then usd_known_from end as usd_known_from
from vintages
where frequency = 'M'
union all by name
select
    * exclude (summed_usd, month_count, converted_count, usd_known_from),
    'A' as frequency,
    make_date(year(period_start), 12, 31) as period_end,
    case
        when converted_count = 12
            then published_value / nullif(round(summed_usd * published_value / nullif(summed_value, 0), 0), 0)
    end as exchange_rate,
    case when converted_count = 12 then round(summed_usd * published_value / nullif(summed_value, 0), 0) end
        as value_usd,
    case
        when month_count < 12 then 'months_missing'
        when converted_count < 12 then 'no_rate'
        else 'converted'
    end as conversion_status,
    case when converted_count = 12 then greatest(known_from, usd_known_from) end as usd_known_from
from years
-- The year is out when December is.
where published_value is not null
