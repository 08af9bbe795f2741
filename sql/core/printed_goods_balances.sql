/*
what: >-
  What was printed of a reporter's balance of goods with a partner in US$, from January to a day of the same year. The
  balance of payments counts goods otherwise than customs do, so what the Bank of Korea prints is not among it.
grain: [figure_id]
parameters: [reporter, partner]
example: |-
  select year, balance_usd, publisher
  from core.printed_goods_balances('KOR', 'CHN')
  order by year
columns:
  figure_id: code | The figure.
  year: year | The year.
  period_end: date | The last day of what the figure covers.
  balance_usd: US$ | Exports less imports; a deficit is negative.
  publisher: text | Who printed it.
  published_on: date | When.
  snapshot_id: code | The snapshot the figure stands in.
*/
select
    figure_id,
    year(period_start) as year,
    period_end,
    value as balance_usd,
    publisher,
    published_on,
    snapshot_id
from core.published_figures
where
    reporter_code = reporter
    and partner_code = partner
    and metric = 'goods_balance'
    and unit = 'USD'
    and publisher not like 'Bank of Korea%'
    and month(period_start) = 1
    and year(period_start) = year(period_end)
