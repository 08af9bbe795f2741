/*
what: >-
  Every value of a World Development Indicator that is held, every vintage. A value that a later release repeats is
  one row; one that it changes is two, and the earlier has the day on which it ended.
grain: [economy_code, indicator_code, year, known_from]
columns:
  economy_code: code | The economy (ISO 3166 alpha-3), or the World Bank's code for a group.
  indicator_code: code | The indicator, in the World Bank's codes.
  year: year | The year.
  value: own unit | The value, in `unit`.
  unit: text | The unit of the value.
  source: code | The publisher.
  dataset: code | The publisher's dataset.
  snapshot_id: code | The snapshot that showed the value first.
  known_from: date | The day from which the value counts as known.
  known_to: date | The day on which another value took its place; null for what is known now.
*/
with dated as (
    select
        figures.source,
        figures.dataset,
        figures.economy_code,
        figures.indicator_code,
        figures.year,
        figures.value,
        figures.snapshot_id,
        snapshots.known_from,
        lag(figures.value) over (
            partition by figures.economy_code, figures.indicator_code, figures.year
            order by snapshots.known_from, figures.snapshot_id
        ) as earlier_value
    from staging.worldbank__wdi as figures
    inner join reference.snapshots as snapshots on figures.snapshot_id = snapshots.snapshot_id
),

changes as (
    select *
    from dated
    where earlier_value is null or earlier_value != value
)

select
    changes.economy_code,
    changes.indicator_code,
    changes.year,
    changes.value,
    indicators.unit,
    changes.source,
    changes.dataset,
    changes.snapshot_id,
    changes.known_from,
    lead(changes.known_from) over (
        partition by changes.economy_code, changes.indicator_code, changes.year
        order by changes.known_from, changes.snapshot_id
    ) as known_to
from changes
left join reference.indicators as indicators on changes.indicator_code = indicators.indicator_code
