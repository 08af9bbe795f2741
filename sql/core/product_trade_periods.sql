/*
what: >-
  A reporter's trade with a partner in one product of the Harmonized System, by year and by month: the product itself,
  or the sum of the codes of one length and edition that begin with its code. A whole product is preferred to a part,
  shorter codes to longer ones and a newer edition to an older one.
grain: [flow, year, month]
parameters: [reporter, partner, product]
example: |-
  select year, month, value_usd, codes
  from core.product_trade_periods('KOR', 'CHN', '8542')
  where flow = 'export' and month = 0
  order by year
columns:
- flow, year
- month: month | The month, 1 to 12; 0 for the whole year as published.
- is_whole: true/false | The sum covers the whole product.
- value_usd (held)
- codes: list | The codes that are added up, separated by commas.
- source, snapshot_ids
*/
with periods as (
    select
        *,
        year(period_start) as year,
        0 as month
    from core.product_trade_annual
    union all by name
    select
        *,
        year(period_start) as year,
        month(period_start) as month
    from core.product_trade_monthly
)

select
    flow,
    year,
    month,
    bool_and(is_complete_detail or product_code = product) as is_whole,
    sum(value_usd) as value_usd,
    string_agg(product_code, ', ' order by product_code) as codes,
    max(source) as source,
    list_sort(list_distinct(array_agg(snapshot_id))) as snapshot_ids
from periods
where
    reporter_code = reporter
    and partner_code = partner
    and starts_with(product_code, product)
    and starts_with(classification, 'HS')
group by flow, year, month, classification, level
qualify
    row_number() over (
        partition by flow, year, month
        order by bool_and(is_complete_detail or product_code = product) desc, level asc, classification desc
    ) = 1
