/*
what: >-
  Shares of a component in GDP, every vintage: as the World Bank reports them, and services as the rest after
  agriculture and industry of one release, for the economies where that is valid
  (warehouse/reference/services_residual_economies.csv). Two shares are of one vintage if both were shown on one day:
  known_from of each is not after shown_until of the other.
grain: [economy_code, year, component, basis, known_from]
required: [observation_status, snapshot_id]
columns:
- economy_code (or a group), year, component
- share_pct: percent | Value added of the component as a share of GDP; null if the source has withdrawn it.
- basis, observation_status, source, dataset
- snapshot_id: code | The snapshot that first showed the share; for a derived share, the newer of the two.
- known_from (of the share)
- known_to: >-
    date | The day on which another share replaced this one, or the source dropped it; null for the current share.
- shown_until: >-
    date | The last available release that shows the share; for a derived share, the last that shows both its parts.
*/
with reported as (
    select
        observations.*,
        indicators.component,
        observations.value as share_pct
    from core.macro_indicators_observations as observations
    inner join core.indicators as indicators using (indicator_code)
    -- The source writes 0 for years without a breakdown (Brazil before 1981, Venezuela 1991–2011).
    where
        indicators.component is not null
        and coalesce(observations.value != 0, true)
),

-- A share can be derived while both of its parts were shown.
derived as (
    select
        agriculture.economy_code,
        agriculture.year,
        'services' as component,
        100 - agriculture.share_pct - industry.share_pct as share_pct,
        'derived' as basis,
        'A' as observation_status,
        agriculture.source,
        agriculture.dataset,
        case
            when agriculture.known_from > industry.known_from then agriculture.snapshot_id
            else industry.snapshot_id
        end as snapshot_id,
        greatest(agriculture.known_from, industry.known_from) as known_from,
        least(agriculture.shown_until, industry.shown_until) as shown_until
    from reported as agriculture
    inner join reported as industry
        on
            agriculture.component = 'agriculture'
            and industry.component = 'industry'
            and agriculture.share_pct is not null
            and industry.share_pct is not null
            and agriculture.economy_code = industry.economy_code
            and agriculture.year = industry.year
            and agriculture.shown_until >= industry.known_from
            and agriculture.known_from <= industry.shown_until
    inner join reference.services_residual_economies as economies
        on agriculture.economy_code = economies.economy_code
),

-- The day from which the source no longer had a figure for a part.
gone as (
    select
        economy_code,
        year,
        known_to as gone_on
    from reported
    where component in ('agriculture', 'industry')
    qualify
        share_pct is not null
        and known_to is not null
        and lead(share_pct) over (partition by economy_code, year, component order by known_from) is null
),

endings as (
    select
        derived.economy_code,
        derived.year,
        derived.known_from,
        min(gone.gone_on) as gone_on
    from derived
    inner join gone using (economy_code, year)
    where gone.gone_on > derived.known_from
    group by all
)

select
    * exclude (indicator_code, value, unit),
    'reported' as basis
from reported
union all by name
-- A derived share stays until both parts are shown again or one is gone; a release of only one part does not change it.
select
    derived.*,
    least(
        lead(derived.known_from) over (partition by derived.economy_code, derived.year order by derived.known_from),
        endings.gone_on
    ) as known_to
from derived
left join endings using (economy_code, year, known_from)
