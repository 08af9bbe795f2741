-- The original currency of a converted figure, and the day of the last exchange rate.
select currency_code, max(rate_date)
from core.goods_trade_national_currency
where value_usd is not null
    and $reporter in (reporter_code, partner_code) and $partner in (reporter_code, partner_code)
    and frequency = if(length($period) = 4, 'A', 'M') and starts_with(cast(period_start as varchar), $period)
    and known_from <= $as_of and coalesce(known_to > $as_of, true) and list_contains($named, snapshot_id)
group by all
