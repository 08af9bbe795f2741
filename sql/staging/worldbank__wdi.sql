/*
what: >-
  World Development Indicators by economy, aggregate and year, every available release. A row without a value means
  that a figure of an earlier release was withdrawn; economies and years that never had a value have no row.
grain: [indicator_code, economy_code, year, snapshot_id]
required: [observation_status]
columns:
- source, dataset
- economy_code: code | The economy or aggregate (ISO 3166 alpha-3, or the World Bank's code where ISO has none).
- economy_label: text | The economy or aggregate as the source writes it.
- indicator_code, year (calendar)
- value: own unit | The value, in the unit of the indicator (core.macro_indicators names it); null if it was withdrawn.
- observation_status: code | SDMX status, A normal or M withdrawn.
- snapshot_id (of the row), row_number (in the snapshot)
*/
with dated as (
    select
        received.*,
        snapshots.known_from,
        lag(received.value) over (
            partition by received.indicator_code, received.economy_code, received.year
            order by snapshots.known_from, snapshots.retrieved_at, received.snapshot_id
        ) as earlier_value
    from raw.worldbank__wdi as received
    left join reference.snapshots as snapshots using (snapshot_id)
)

select
    'worldbank' as source,
    'wdi' as dataset,
    dated.* exclude (economy_code, year, value),
    economies.economy_code,
    dated.economy_code as economy_label,
    cast(dated.year as integer) as year,
    cast(dated.value as double) as value,
    case when dated.value is null then 'M' else 'A' end as observation_status
from dated
left join staging.economy_codes as economies
    on economies.scheme = 'iso3' and dated.economy_code = economies.code
where
    economies.exclusion_reason is null
    -- The API has a row for every economy and year it was asked about.
    and (dated.value is not null or dated.earlier_value is not null)
