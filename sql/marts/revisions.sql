/*
what: >-
  Revisions: each figure of goods, services, shares of GDP and indicators that a source changed, withdrew or restored,
  with the previous value and the release that changed it. A first release is not a revision, nor is a change that left
  the value as it was.
subject: mirror
grain: [metric, source, dataset, series, frequency, period_start, known_from]
required: [change, unit, previous_snapshot_id, snapshot_id]
example: |-
  select series, period_start, change, previous_value, value, revision_pct, known_from
  from marts.revisions
  order by known_from desc, abs(revision_pct) desc limit 10
sliced_by: period_start
columns:
- metric: code | goods_trade, services_trade, gdp_component or indicator.
- source, dataset
- series: >-
    text | The series in words: reporter, partner, flow and product of goods or services, or economy and component or
    indicator.
- reporter_code: code | The economy whose figure it is (ISO 3166 alpha-3).
- partner_code: code | The reporter's partner (ISO 3166 alpha-3), or WLD; null where there is no trade.
- flow: code | export or import, as the reporter sees it; null where there is no trade.
- item_code: code | The product, the service, the component of GDP or the indicator.
- frequency, period_start
- change: >-
    code | revised to another value, withdrawn, or restored after it was withdrawn; re_estimated in a new edition;
    mended, where meta.corrections lists the previous value as wrong.
- previous_value: own unit | The previous value, in `unit`; null if it had been withdrawn.
- value: own unit | The new value, in `unit`; null if it was withdrawn.
- unit: text | The unit of both values.
- revision: own unit | value less previous_value, in `unit`.
- revision_pct: percent | The revision as a share of the size of previous_value.
- previous_known_from: date | The day from which the previous value counted as known.
- known_from (of the value)
- days_since_previous: days | The number of days for which the previous value was current.
- correction_id: code | The correction in meta.corrections that lists the previous value as wrong, if any.
- previous_snapshot_id: code | The snapshot that first showed the previous value.
- snapshot_id (of the first value)
*/
with goods_vintages as (
    select
        later.* exclude (correction_id),
        'goods_trade' as metric,
        concat_ws(' ', later.reporter_code, later.partner_code, later.flow, later.classification, later.product_code)
            as series,
        later.product_code as item_code,
        case when later.correction_id is null then earlier.correction_id end as correction_id,
        earlier.value_usd as previous_value,
        later.value_usd as value,
        'US$' as unit,
        earlier.known_from as previous_known_from,
        earlier.snapshot_id as previous_snapshot_id
    from core.goods_trade_observations as earlier
    inner join core.goods_trade_observations as later
        using (
            source, dataset, reporter_code, partner_code, flow, classification, product_code, frequency, period_start
        )
    where
        earlier.known_to = later.known_from
        and earlier.known_to is not null
    union all by name
    -- Years printed in another currency that were revised before their rate was known.
    select
        later.*,
        'goods_trade' as metric,
        concat_ws(' ', later.reporter_code, later.partner_code, later.flow, later.classification, later.product_code)
            as series,
        later.product_code as item_code,
        earlier.published_value as previous_value,
        later.published_value as value,
        later.currency_code as unit,
        earlier.known_from as previous_known_from,
        earlier.snapshot_id as previous_snapshot_id
    from core.goods_trade_national_currency as earlier
    inner join core.goods_trade_national_currency as later
        using (
            source, dataset, reporter_code, partner_code, flow, classification, product_code, frequency, period_start
        )
    where
        earlier.known_to = later.known_from
        and later.frequency = 'A'
        and later.value_usd is null
),

-- A vintage may repeat a value with another status or weight, so a value counts from the first vintage that shows it.
goods_values as (
    select
        *,
        coalesce(
            sum(case when previous_value is distinct from value then 1 else 0 end) over (
                partition by source, dataset, series, frequency, period_start
                order by known_from rows between unbounded preceding and 1 preceding
            ),
            0
        ) as changes_before
    from goods_vintages
),

goods as (
    select
        * exclude (previous_known_from, previous_snapshot_id, changes_before),
        first_value(previous_known_from) over stood as previous_known_from,
        first_value(previous_snapshot_id) over stood as previous_snapshot_id
    from goods_values
    window stood as (
        partition by source, dataset, series, frequency, period_start, changes_before
        order by known_from
    )
),

services as (
    select
        later.*,
        'services_trade' as metric,
        concat_ws(
            ' ', later.reporter_code, later.partner_code, later.flow, later.service_item_code, later.value_basis
        ) as series,
        later.service_item_code as item_code,
        'A' as frequency,
        make_date(later.year, 1, 1) as period_start,
        coalesce(earlier.edition != later.edition, false) as is_new_edition,
        earlier.value_usd as previous_value,
        later.value_usd as value,
        'US$' as unit,
        earlier.known_from as previous_known_from,
        earlier.snapshot_id as previous_snapshot_id
    from core.services_trade_observations as earlier
    inner join core.services_trade_observations as later
        using (source, dataset, reporter_code, partner_code, flow, service_item_code, year, value_basis)
    where
        earlier.known_to = later.known_from
        and earlier.known_to is not null
),

shares as (
    select
        later.*,
        'gdp_component' as metric,
        concat_ws(' ', later.economy_code, later.component, later.basis) as series,
        later.economy_code as reporter_code,
        later.component as item_code,
        'A' as frequency,
        make_date(later.year, 1, 1) as period_start,
        earlier.share_pct as previous_value,
        later.share_pct as value,
        '% of GDP' as unit,
        earlier.known_from as previous_known_from,
        earlier.snapshot_id as previous_snapshot_id
    from core.gdp_components_observations as earlier
    inner join core.gdp_components_observations as later
        using (economy_code, year, component, basis)
    where
        earlier.known_to = later.known_from
        and earlier.known_to is not null
),

indicators as (
    select
        later.*,
        'indicator' as metric,
        concat_ws(' ', later.economy_code, later.indicator_code) as series,
        later.economy_code as reporter_code,
        later.indicator_code as item_code,
        'A' as frequency,
        make_date(later.year, 1, 1) as period_start,
        earlier.value as previous_value,
        earlier.known_from as previous_known_from,
        earlier.snapshot_id as previous_snapshot_id
    from core.macro_indicators_observations as earlier
    inner join core.macro_indicators_observations as later
        using (economy_code, indicator_code, year)
    -- The shares of GDP are included above.
    inner join core.indicators as names using (indicator_code)
    where
        names.component is null
        and earlier.known_to = later.known_from
        and earlier.known_to is not null
),

changes as (
    select * from goods
    union all by name
    select * from services
    union all by name
    select * from shares
    union all by name
    select * from indicators
)

select
    *,
    case
        when value is null then 'withdrawn'
        when previous_value is null then 'restored'
        when correction_id is not null then 'mended'
        when is_new_edition then 're_estimated'
        else 'revised'
    end as change,
    value - previous_value as revision,
    100 * (value - previous_value) / nullif(abs(previous_value), 0) as revision_pct,
    date_diff('day', previous_known_from, known_from) as days_since_previous
from changes
where previous_value is distinct from value
