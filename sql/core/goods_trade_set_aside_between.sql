/*
what: >-
  What core.goods_trade_set_aside has of a reporter's trade with a partner, in words: one row, whose columns are null
  where nothing of the pair is set aside.
grain: [first_year]
parameters: [reporter, partner]
example: |-
  select first_year, last_year, said
  from core.goods_trade_set_aside_between('KOR', 'TZA')
columns:
  first_year: year | The first year of which a figure is set aside.
  last_year: year | The last year of which one is.
  said: text | Which flows and years are set aside and why, a sentence or two each after a blank.
*/
with reasons as (
    select
        min(year(period_start)) as first_year,
        max(year(period_start)) as last_year,
        concat(
            case
                when count(distinct flow) = 2 then 'Exports and imports'
                when min(flow) = 'export' then 'Exports'
                else 'Imports'
            end,
            ' between ', min(year(period_start)), ' and ', max(year(period_start)),
            ' are printed, and set aside by rule. ', reason
        ) as said
    from core.goods_trade_set_aside
    where reporter_code = reporter and partner_code = partner
    group by reason
)

select
    cast(min(first_year) as integer) as first_year,
    cast(max(last_year) as integer) as last_year,
    ' ' || string_agg(said, ' ' order by said) as said
from reasons
