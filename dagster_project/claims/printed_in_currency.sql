-- The annual exports, imports, balance or total trade ($3) of a pair in the currency in which they were printed.
select min(currency_code), year(period_start),
    sum(case when flow = 'import' and $3 = 'balance' then -published_value else published_value end)
from core.goods_trade_national_currency
where reporter_code = $1 and partner_code = $2 and classification = 'TOTAL' and frequency = 'A' and known_to is null
    and ($3 in ('balance', 'total_trade') or concat(flow, 's') = $3)
group by period_start
having count(*) = case when $3 in ('balance', 'total_trade') then 2 else 1 end
