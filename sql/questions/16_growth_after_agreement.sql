/*
number: 16
question: Did trade grow after the agreement came into force beyond that of comparable partners?
name: growth_after_agreement
read: >-
  A row for each flow of goods as either side reports it and each method, over a year on either side of the agreement.
  estimate_pct is how far trade went beyond (plus) or stayed behind (minus) what other partners' trade did;
  is_beyond_zero says whether all of its interval is growth. marts.policy_event_effects has other windows.
limits: >-
  None of these is a cause: they are effects only if the others would have gone on alike (docs/methods.md). An agreement
  is used slowly and its tariffs fall over years; three years are not asked about where another measure takes effect
  in them. Among as many estimates some leave zero out of their interval by chance.
parameters:
  reporter: KOR | The one economy (ISO 3166 alpha-3).
  partner: CHN | The other (ISO 3166 alpha-3).
  event: the agreement between the two with the fewest members | The agreement, by its event_id.
columns:
  event_id: code | The agreement.
  agreement: text | What it is called.
  in_force_on: date | The day from which it is in force.
  whose_statistics: code | The economy whose statistics the series is (ISO 3166 alpha-3).
  flow: code | export or import, as that economy sees it.
  frequency: code | M for months, A for years.
  method: code | difference_in_differences or synthetic_control; none if nothing could be asked.
  estimate_pct: percent | The estimate; null if there is none.
  ci_low_pct: percent | Lower end of its interval.
  ci_high_pct: percent | Upper end of its interval.
  is_beyond_zero: true/false | The whole interval is above zero; null without one.
  placebo_rank: rank | The series' place among itself and its placebos, 1 the most unusual.
  others: count | Other partners that it was compared with.
  status: code | estimated, or why not.
  reason: text | Why there is no estimate.
  is_answered: true/false | There is an estimate.
  missing: text | Which figures are not held, and what would bring them.
  snapshot_ids: list | The snapshots the figures stand in, between commas.
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code,
        cast(getvariable('event') as varchar) as event_id
),

members as (
    select
        event_id,
        count(*) as member_count
    from core.policy_event_jurisdictions
    group by event_id
),

effects as (
    select
        found.*,
        events.title
    from asked
    inner join marts.policy_event_effects as found
        on
            found.reporter_code in (asked.reporter_code, asked.partner_code)
            and found.partner_code in (asked.reporter_code, asked.partner_code)
    inner join core.policy_events as events
        on found.event_id = events.event_id and events.event_class = 'trade_agreement'
    inner join members on found.event_id = members.event_id
    where
        found.stage = 'in_force'
        and found.domain = 'goods'
        and found.product_code = 'TOTAL'
        and found.method != 'before_after'
        and found.window_months in (0, 12)
        and coalesce(asked.event_id, found.event_id) = found.event_id
    qualify rank() over (order by members.member_count asc, found.event_date desc, found.event_id asc) = 1
),

-- The snapshots of the months and years around it.
figures as (
    select
        effects.event_id,
        effects.reporter_code,
        effects.flow,
        effects.frequency,
        string_agg(distinct coalesce(months.snapshot_id, years.snapshot_ids), ', ') as snapshot_ids
    from effects
    left join core.goods_trade_monthly as months
        on
            effects.frequency = 'M'
            and effects.reporter_code = months.reporter_code
            and effects.partner_code = months.partner_code
            and effects.flow = months.flow
            and abs(year(effects.event_date) - year(months.period_start)) <= 5
    left join core.goods_trade_annual as years
        on
            effects.frequency = 'A'
            and effects.reporter_code = years.reporter_code
            and effects.partner_code = years.partner_code
            and effects.flow = years.flow
            and abs(year(effects.event_date) - year(years.period_start)) <= 20
    group by effects.event_id, effects.reporter_code, effects.flow, effects.frequency
)

select
    effects.event_id,
    effects.title as agreement,
    effects.event_date as in_force_on,
    effects.reporter_code as whose_statistics,
    effects.flow,
    effects.frequency,
    effects.method,
    effects.estimate_pct,
    effects.ci_low_pct,
    effects.ci_high_pct,
    effects.ci_low_pct > 0 as is_beyond_zero,
    effects.placebo_rank,
    effects.n_donors as others,
    coalesce(effects.status, 'no_agreement') as status,
    effects.reason,
    effects.estimate_pct is not null as is_answered,
    case
        when effects.event_id is null
            then concat(
                'Not held: an agreement in force between ', asked.reporter_code, ' and ', asked.partner_code, ' in the '
                'register of events, which is kept by hand (docs/sources/register.md), or a series of theirs.'
            )
        when effects.status in ('no_series', 'series_ends', 'too_few_before', 'gap')
            then concat(
                'Not held around ', effects.event_date, ': goods trade of ', effects.reporter_code, ' with ',
                effects.partner_code, ' long enough. What brings it is `bilateral refresh imf` (no key), '
                'with the pair ', asked.reporter_code, '-', asked.partner_code, ' (or world = true) in bilateral.toml.'
            )
    end as missing,
    array_to_string(
        list_sort(list_distinct(string_split(concat_ws(', ', effects.snapshot_id, figures.snapshot_ids), ', '))), ', '
    ) as snapshot_ids
from asked
left join effects on true
left join figures
    on
        effects.event_id = figures.event_id
        and effects.reporter_code = figures.reporter_code
        and effects.flow = figures.flow
        and effects.frequency = figures.frequency
order by effects.frequency desc, effects.reporter_code asc, effects.flow asc, effects.method asc
