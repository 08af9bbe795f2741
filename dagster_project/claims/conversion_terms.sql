-- The tolerance of a period's converted US$, the original currency, and whether the original figures are provisional.
select
    converted.tolerance_pct,
    max(printed.currency_code),
    case when bool_or(printed.observation_status = 'P') then 'provisional figures' else 'figures' end
from core.converted_goods_trade($reporter, $partner) as converted
inner join core.goods_trade_national_currency as printed
    on
        printed.reporter_code = $reporter and printed.partner_code = $partner
        and printed.frequency = 'M' and printed.known_to is null
        and printed.period_start between $start and $end
        -- For a year at its average rate, only the figure of December (January to December) is converted.
        and (printed.rate_basis = 'customs_month' or printed.period_end = $end)
where converted.period_start = $start and converted.period_end = $end
group by converted.tolerance_pct
