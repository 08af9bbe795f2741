/*
what: >-
  Goods trade that a publisher prints in its own currency, as printed, and what it is in US$. A month is converted at
  the average rate of the month. A year is December's year to date, which carries the months' revisions; in US$ it is
  the months' US$ scaled to it. Without the rate of a month there are no US$, of the month or of its year; the printed
  figure stands all the same. core.goods_trade_observations has the figures in US$.
grain: [source, dataset, reporter_code, partner_code, flow, frequency, period_start, snapshot_id]
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
  snapshot_id: code | The snapshot the figure stands in; of a year, that of December.
  known_from: date | The day from which the printed figure counts as known.
  known_to: date | The day on which a later snapshot took its place; null for what is known now.
  usd_known_from: date | The day from which it is known in US$, which needs the rates too; null without US$.
*/
with months as (
    select
        printed.source,
        printed.dataset,
        printed.reporter_code,
        printed.partner_code,
        printed.flow,
        printed.period_start,
        printed.period_end,
        printed.currency_code,
        printed.value_cny as published_value,
        printed.value_ytd_cny as published_ytd_value,
        rates.exchange_rate,
        round(printed.value_cny / nullif(rates.exchange_rate, 0), 0) as value_usd,
        printed.valuation,
        printed.observation_status,
        printed.snapshot_id,
        snapshots.known_from,
        greatest(snapshots.known_from, rates.known_from) as usd_known_from,
        lead(snapshots.known_from) over (
            partition by
                printed.source, printed.dataset, printed.reporter_code, printed.partner_code, printed.flow,
                printed.period_start
            order by snapshots.known_from, snapshots.retrieved_at, printed.snapshot_id
        ) as known_to
    from staging.gacc__goods_monthly as printed
    inner join reference.snapshots as snapshots on printed.snapshot_id = snapshots.snapshot_id
    left join core.exchange_rates as rates
        on printed.currency_code = rates.currency_code and printed.period_start = rates.period_start
),

years as (
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        make_date(year(period_start), 1, 1) as period_start,
        currency_code,
        max(case when month(period_start) = 12 then published_ytd_value end) as published_value,
        sum(published_value) as summed_value,
        sum(value_usd) as summed_usd,
        count(*) as month_count,
        count(value_usd) as converted_count,
        min(valuation) as valuation,
        max(observation_status) as observation_status,
        max(case when month(period_start) = 12 then snapshot_id end) as snapshot_id,
        max(known_from) as known_from,
        max(usd_known_from) as usd_known_from
    from months
    where known_to is null
    group by source, dataset, reporter_code, partner_code, flow, make_date(year(period_start), 1, 1), currency_code
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
from months
union all
select
    source,
    dataset,
    reporter_code,
    partner_code,
    flow,
    'A' as frequency,
    period_start,
    make_date(year(period_start), 12, 31) as period_end,
    currency_code,
    published_value,
    summed_value,
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
    valuation,
    observation_status,
    snapshot_id,
    known_from,
    cast(null as date) as known_to,
    case when converted_count = 12 then usd_known_from end as usd_known_from
from years
-- The year is out when December is.
where published_value is not null
