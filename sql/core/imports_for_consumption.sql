/*
what: >-
  US imports for consumption, which leave customs for use, at customs value and without freight, with the duty
  calculated on them, by industry and by chapter; every vintage. General imports count goods on arrival instead: never
  join the two into one series. Sum over products only within one classification.
grain: [reporter_code, partner_code, classification, product_code, period_start, source, dataset, known_from]
required: [value_usd, duty_usd, snapshot_id]
example: |-
  select year(period_start) as year, 100 * sum(duty_usd) / sum(value_usd) as duty_pct
  from core.imports_for_consumption
  where partner_code = 'CHN' and classification = 'NAICS3' and known_to is null
  group by all order by year
columns:
- reporter_code, partner_code (or the world), classification (of imports for consumption)
- product_code (of imports for consumption), period_start (month), value_usd (for consumption), duty_usd, source
- dataset, snapshot_id (of the first), known_from, known_to
*/
with figures as (
    select *
    from feeds
),

-- Of two snapshots of one day, the later counts.
days as (
    select
        figures.*,
        snapshots.known_from
    from figures
    inner join reference.snapshots as snapshots using (snapshot_id)
    qualify
        lead(snapshots.known_from) over (
            partition by
                figures.source, figures.dataset, reporter_code, partner_code, classification, product_code, period_start
            order by snapshots.known_from, snapshots.retrieved_at, snapshot_id
        ) is distinct from snapshots.known_from
),

compared as (
    select
        *,
        lag(value_usd) over vintages as earlier_value_usd,
        lag(duty_usd) over vintages as earlier_duty_usd
    from days
    window vintages as (
        partition by source, dataset, reporter_code, partner_code, classification, product_code, period_start
        order by known_from
    )
)

select
    *,
    lead(known_from) over (
        partition by source, dataset, reporter_code, partner_code, classification, product_code, period_start
        order by known_from
    ) as known_to
from compared
where
    earlier_value_usd is null
    or earlier_value_usd is distinct from value_usd
    or earlier_duty_usd is distinct from duty_usd
