/*
what: >-
  How far first figures were revised, by source, flow and horizon: each figure that several snapshots have is a case,
  revised or not, at each horizon by its last value there. Only what snapshots of the same dataset have is counted, with
  the number of cases; a source of which one snapshot is available has no record. Years to date are not compared.
subject: mirror
grain: [source, dataset, frequency, flow, is_first_print, horizon]
required: [case_count, revised_count, up_count, mean_revision_pct, mean_absolute_revision_pct, revision_kind]
example: |-
  select source, frequency, flow, horizon, case_count, revised_count, mean_revision_pct, mean_absolute_revision_pct
  from marts.revision_record
  where is_first_print
  order by source, frequency, flow, horizon
columns:
- source, dataset, frequency
- flow: code | export or import, as the reporter sees it; indicator for indicators and shares of GDP.
- is_first_print: >-
    true/false | The first available value was known within 150 days after the period ended; otherwise it may have been
    revised before.
- horizon: >-
    code | The time from the first available value to the compared one: month (up to 45 days), quarter (135), half_year
    (270), year (450) or later.
- from_period: date | The first period of the cases.
- to_period: date | The last period of the cases.
- partner_count: count | The number of pairs of reporter and partner, or of economies, among the cases.
- case_count: count | The number of figures that were compared.
- revised_count: count | The number of compared figures that changed.
- up_count: count | The number of compared figures that were revised upwards.
- mean_revision_pct: percent | The mean revision, with its sign.
- mean_absolute_revision_pct: percent | The mean size of the revisions, unrevised figures included.
- largest_revision_pct: percent | The largest size of a revision.
- revision_kind: >-
    code | news if revisions go with the later growth and not with the first, noise in the reverse case (Mankiw and
    Shapiro 1986), neither, or too_few with fewer than twenty cases whose growth over a year was known.
*/
with in_dollars as (
    select *
    from staging.kosis__goods_monthly
    union all by name
    select *
    from staging.us_census__goods_monthly
    union all by name
    select *
    from staging.us_census__goods_annual
),

received as (
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        frequency,
        period_start,
        value_usd as value,
        snapshot_id
    from in_dollars
    union all
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        'A' as frequency,
        make_date(year(period_start), 1, 1) as period_start,
        value_ytd_jpy as value,
        snapshot_id
    from staging.jp_mof__goods_annual_commodities
    where level = 0 and month(period_start) = 12
    union all
    select
        source,
        dataset,
        economy_code as reporter_code,
        indicator_code as partner_code,
        'indicator' as flow,
        'A' as frequency,
        make_date(year, 1, 1) as period_start,
        value,
        snapshot_id
    from staging.worldbank__wdi
),

-- The value at the end of a day counts.
readings as (
    select
        received.* exclude (snapshot_id),
        snapshots.known_from,
        case
            when received.frequency = 'A' then make_date(year(received.period_start), 12, 31)
            else last_day(received.period_start)
        end as period_end
    from received
    inner join reference.snapshots as snapshots using (snapshot_id)
    where received.value > 0
    qualify
        row_number() over (
            partition by
                received.source, received.dataset, received.reporter_code, received.partner_code, received.flow,
                received.frequency, received.period_start, snapshots.known_from
            order by snapshots.retrieved_at desc, snapshots.snapshot_id desc
        ) = 1
),

firsts as (
    select *
    from readings
    qualify
        row_number() over (
            partition by source, dataset, reporter_code, partner_code, flow, frequency, period_start
            order by known_from
        ) = 1
),

cases as (
    select
        firsts.*,
        later.value as later_value,
        date_diff('day', firsts.period_end, firsts.known_from) <= 150 as is_first_print,
        case
            when date_diff('day', firsts.known_from, later.known_from) <= 45 then 'month'
            when date_diff('day', firsts.known_from, later.known_from) <= 135 then 'quarter'
            when date_diff('day', firsts.known_from, later.known_from) <= 270 then 'half_year'
            when date_diff('day', firsts.known_from, later.known_from) <= 450 then 'year'
            else 'later'
        end as horizon
    from firsts
    inner join readings as later
        using (source, dataset, reporter_code, partner_code, flow, frequency, period_start)
    where later.known_from > firsts.known_from
    qualify
        row_number() over (
            partition by
                firsts.source, firsts.dataset, firsts.reporter_code, firsts.partner_code, firsts.flow,
                firsts.frequency, firsts.period_start, horizon
            order by later.known_from desc
        ) = 1
),

grown as (
    select
        cases.*,
        100 * (cases.later_value / cases.value - 1) as revision_pct,
        cases.value / before.value as first_growth,
        cases.later_value / before.value as later_growth
    from cases
    left join readings as before
        on
            cases.source = before.source and cases.dataset = before.dataset
            and cases.reporter_code = before.reporter_code and cases.partner_code = before.partner_code
            and cases.flow = before.flow and cases.frequency = before.frequency
            and cast(cases.period_start - interval 1 year as date) = before.period_start
            and cases.known_from >= before.known_from
    -- The year before as it was known on the day of the first value.
    qualify
        row_number() over (
            partition by
                cases.source, cases.dataset, cases.reporter_code, cases.partner_code, cases.flow, cases.frequency,
                cases.period_start, cases.horizon
            order by before.known_from desc nulls last
        ) = 1
),

counted as (
    select
        source,
        dataset,
        frequency,
        flow,
        is_first_print,
        horizon,
        min(period_start) as from_period,
        max(period_start) as to_period,
        count(distinct reporter_code || case flow when 'indicator' then '' else partner_code end) as partner_count,
        count(*) as case_count,
        count(*) filter (where abs(revision_pct) > 1e-6) as revised_count,
        count(*) filter (where revision_pct > 1e-6) as up_count,
        -- Rounded, since a sum of doubles depends on the order of adding.
        round(avg(revision_pct), 9) as mean_revision_pct,
        round(avg(abs(revision_pct)), 9) as mean_absolute_revision_pct,
        round(max(abs(revision_pct)), 9) as largest_revision_pct,
        count(first_growth) as grown_count,
        sum(revision_pct) filter (where first_growth is not null) as revised,
        sum(revision_pct * revision_pct) filter (where first_growth is not null) as revised_squared,
        sum(first_growth) as first_grown,
        sum(first_growth * first_growth) as first_squared,
        sum(revision_pct * first_growth) as first_product,
        sum(later_growth) as later_grown,
        sum(later_growth * later_growth) as later_squared,
        sum(revision_pct * later_growth) as later_product
    from grown
    group by all
),

spread as (
    select
        *,
        grown_count * revised_squared - revised * revised as revised_spread,
        grown_count * first_squared - first_grown * first_grown as first_spread,
        grown_count * later_squared - later_grown * later_grown as later_spread,
        grown_count * first_product - revised * first_grown as first_together,
        grown_count * later_product - revised * later_grown as later_together
    from counted
),

-- The squared correlations of revisions with the first and with the later growth.
correlated as (
    select
        *,
        first_together * first_together / nullif(first_spread * revised_spread, 0) as first_share,
        later_together * later_together / nullif(later_spread * revised_spread, 0) as later_share
    from spread
)

select
    source,
    dataset,
    frequency,
    flow,
    is_first_print,
    horizon,
    from_period,
    to_period,
    partner_count,
    case_count,
    revised_count,
    up_count,
    mean_revision_pct,
    mean_absolute_revision_pct,
    largest_revision_pct,
    -- A correlation is told from zero where its t value exceeds 2.
    case
        when grown_count < 20 then 'too_few'
        when later_share * (grown_count + 2) > 4 and coalesce(first_share * (grown_count + 2) <= 4, true) then 'news'
        when first_share * (grown_count + 2) > 4 and coalesce(later_share * (grown_count + 2) <= 4, true) then 'noise'
        else 'neither'
    end as revision_kind
from correlated
