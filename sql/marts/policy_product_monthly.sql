/*
what: >-
  Monthly trade in the products that a policy event names, with the event's dates: for each event that names a product
  with available months, the trade of the economies that it concerns. The table only combines figures and dates; it does
  not show what caused what, and exporters ship ahead of an announced licence.
subject: events
grain: [event_id, reporter_code, partner_code, flow, product_code, period_start]
required: [value_usd, source, snapshot_ids]
columns:
- event_id (in core.policy_events), event_title
- announced_on: date | The day of the event's first announcement, if that is known.
- implemented_on: date | The day on which the event first took effect, if it did.
- reporter_code, partner_code, flow, classification (any)
- product_code: code | The product, with as many digits as both the event's scope and the figures have.
- product, period_start (month)
- months_since: months | Months since the event took effect, or was announced; 0 is that month, before it is negative.
- value_usd (held), net_weight_kg, unit_value
- partner_share_pct: percent | The partner's share among the partners available for the product and month.
- partner_count: count | The number of partners that are available for the product and month.
- before_mean_usd: >-
    US$ | Mean of the twelve months before the announcement, or before it took effect; null unless all are available.
- index_to_before: ratio | value_usd divided by before_mean_usd.
- source, snapshot_ids (and of the event)
*/
with dates as (
    select
        event_id,
        min(case when stage = 'announced' then event_date end) as announced_on,
        min(case when stage = 'implemented' then event_date end) as implemented_on
    from core.policy_event_stages
    group by event_id
),

events as (
    select
        events.event_id,
        events.title as event_title,
        dates.announced_on,
        dates.implemented_on,
        coalesce(dates.implemented_on, dates.announced_on) as started_on,
        -- Trade reacts to an announcement before the measure takes effect.
        least(
            coalesce(dates.announced_on, dates.implemented_on), coalesce(dates.implemented_on, dates.announced_on)
        ) as known_on,
        scopes.product_code as scope_code,
        events.snapshot_id
    from core.policy_events as events
    inner join dates using (event_id)
    inner join core.policy_event_scopes as scopes using (event_id)
    where scopes.classification = 'HS' and coalesce(dates.announced_on, dates.implemented_on) is not null
),

-- An event concerns trade of the economies that act with those affected, and trade of those affected.
concerned as (
    select
        event_id,
        count(case when economy_code = 'WLD' then 1 end) > 0 as touches_all,
        list(economy_code) as economies
    from core.policy_event_jurisdictions
    group by event_id
),

-- Only the products that an event names; the others are most of the table and belong to no event.
codes as (
    select distinct product_code
    from core.product_trade_monthly
    where starts_with(classification, 'HS')
),

named as (
    select distinct codes.product_code
    from codes
    inner join events
        on starts_with(codes.product_code, events.scope_code) or starts_with(events.scope_code, codes.product_code)
),

months as (
    select
        products.*,
        -- Rounded so that the result does not depend on the order of adding.
        round(sum(products.value_usd) over of_a_month, 2) as partners_usd,
        cast(count(*) over of_a_month as integer) as partner_count
    from core.product_trade_monthly as products
    inner join named using (product_code)
    -- Reporters that no event names have no row below. Each window has one reporter, so leaving them out is safe.
    where
        starts_with(products.classification, 'HS')
        and products.reporter_code in (select economy_code from core.policy_event_jurisdictions)
    window of_a_month as (
        partition by
            products.reporter_code, products.flow, products.classification, products.product_code,
            products.period_start
    )
),

beside as (
    select distinct
        events.* exclude (scope_code, snapshot_id),
        events.snapshot_id as event_snapshot_id,
        months.*
    from events
    inner join months
        on
            starts_with(months.product_code, events.scope_code)
            or starts_with(events.scope_code, months.product_code)
    inner join concerned using (event_id)
    where
        list_contains(concerned.economies, months.reporter_code)
        and (concerned.touches_all or list_contains(concerned.economies, months.partner_code))
),

measured as (
    select
        *,
        cast(12 * (year(period_start) - year(started_on)) + month(period_start) - month(started_on) as integer)
            as months_since,
        12 * (year(period_start) - year(known_on)) + month(period_start) - month(known_on) as months_since_known
    from beside
),

means as (
    select
        event_id,
        reporter_code,
        partner_code,
        flow,
        product_code,
        round(avg(value_usd), 2) as before_mean_usd
    from measured
    where months_since_known between -12 and -1
    group by all
    having count(*) = 12
)

select
    measured.*,
    products.label as product,
    measured.value_usd / nullif(measured.net_weight_kg, 0) as unit_value,
    100 * measured.value_usd / nullif(measured.partners_usd, 0) as partner_share_pct,
    means.before_mean_usd,
    measured.value_usd / nullif(means.before_mean_usd, 0) as index_to_before,
    list_sort(list_distinct([measured.snapshot_id, measured.event_snapshot_id])) as snapshot_ids
from measured
left join means using (event_id, reporter_code, partner_code, flow, product_code)
left join core.products as products using (classification, product_code)
