/* Coverage findings for a pair: flows that are incomplete or far from the partner's figures, or the balance. */
select
    year,
    coverage_status = 'insufficient' as is_thin,
    coalesce(partner_shows_other_sign, false) as shows_other_sign,
    concat('Coverage of ', year, ': ', coverage_reason) as says
from (
    select
        reporter_code,
        partner_code,
        cast(null as varchar) as flow,
        year,
        coverage_status,
        partner_shows_other_sign,
        coverage_reason
    from marts.trade_balance_annual
    union all
    select
        reporter_code,
        partner_code,
        flow,
        year(period_start) as year,
        coverage_status,
        null as partner_shows_other_sign,
        coverage_reason
    from core.goods_trade_coverage
    where coverage_status in ('insufficient', 'apart')
) as findings
where
    reporter_code = $reporter
    and partner_code = $partner
    and flow is not distinct from $flow
    and list_contains($years, year)
    and coverage_reason is not null
order by year desc
