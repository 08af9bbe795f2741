/*
what: >-
  The one valuation of a reporter's flow in all years of the safe tables: core.goods_trade_annual and _monthly,
  core.goods_trade_world_annual, core.product_trade, and the tables made from them. So no sum, sign, share or rank mixes
  two valuations. Figures at another valuation are only in core.goods_trade_observations; marts.other_valuation_annual
  has their years.
grain: [reporter_code, flow]
required: [valuation, reason]
columns:
- reporter_code, flow, valuation
- reason: text | The reason for the valuation.
*/
select
    economies.economy_code as reporter_code,
    declared.flow,
    declared.valuation,
    declared.reason
from reference.valuations as declared
inner join core.economies as economies on declared.reporter_code in ('*', economies.economy_code)
-- A line for an economy goes before that for all.
qualify
    row_number() over (
        partition by economies.economy_code, declared.flow
        order by case declared.reporter_code when '*' then 2 else 1 end
    ) = 1
