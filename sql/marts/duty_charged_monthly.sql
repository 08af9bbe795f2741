/*
what: >-
  The duty that was charged on imports for consumption, in per cent of their value, by partner, product and month, as
  known now; TOTAL has all products of the classification together. The rate depends on the decreed duties and on what
  was bought: goods that are not imported because of a duty pay none.
subject: events
grain: [reporter_code, partner_code, classification, product_code, period_start]
required: [imports_usd, duty_usd, source, snapshot_ids]
example: |-
  select period_start, round(duty_rate_pct, 1) as duty_rate_pct, round(imports_usd / 1e9, 1) as imports_bn
  from marts.duty_charged_monthly
  where partner_code = 'CHN' and classification = 'NAICS3' and product_code = 'TOTAL' and period_start >= '2024-12-01'
  order by period_start
columns:
- reporter_code, partner_code (or the world), classification (of imports for consumption)
- product_code (or all of a classification)
- period_start (month)
- imports_usd (for consumption)
- duty_usd
- duty_rate_pct
- source, dataset, snapshot_ids
*/
with figures as (
    select *
    from core.imports_for_consumption
    where known_to is null
    union all
    select * replace ('TOTAL' as product_code)
    from core.imports_for_consumption
    where known_to is null
),

months as (
    select
        reporter_code,
        partner_code,
        classification,
        product_code,
        period_start,
        source,
        dataset,
        sum(value_usd) as imports_usd,
        sum(duty_usd) as duty_usd,
        list_sort(list_distinct(array_agg(snapshot_id))) as snapshot_ids
    from figures
    group by all
)

select
    *,
    100 * duty_usd / nullif(imports_usd, 0) as duty_rate_pct
from months
