/* Coverage findings for a pair: flows that are incomplete or far from the partner's figures, the balance, or imports
   at another valuation than CIF. */
select
    year,
    coalesce(coverage_status = 'insufficient', false) as is_thin,
    coalesce(partner_shows_other_sign, false) as shows_other_sign,
    regexp_replace(
        says,
        '(Exports|Imports) of (\d{4}): No other figure is available to check the year, and most of (.+?) were (.+?); '
        || 'in (\d{4}) (\S+) is ',
        '\1 of \2 cannot be checked against another figure, and in most of \3 the figures were \4: '
        || 'in \5 they were \6, ',
        'g'
    ) as says
from (
    select
        reporter_code,
        partner_code,
        cast(null as varchar) as flow,
        year,
        coverage_status,
        partner_shows_other_sign,
        case
            when coverage_reason like 'By the partner''s %'
                then replace(replace(coverage_reason, 'the balance is a', 'the reporter had a'), '.', ' in ' || year || '.')
            when coverage_reason like 'Exports: %' or coverage_reason like 'Imports: %'
                then regexp_replace(coverage_reason, '(Exports|Imports): ', '\1 of ' || year || ': ', 'g')
            else 'Coverage of ' || year || ': ' || coverage_reason
        end as says
    from marts.trade_balance_annual
    union all
    select
        reporter_code,
        partner_code,
        flow,
        year(period_start) as year,
        coverage_status,
        null as partner_shows_other_sign,
        case flow when 'export' then 'Exports of ' else 'Imports of ' end || year(period_start) || ': ' || coverage_reason
            as says
    from core.goods_trade_coverage
    where coverage_status in ('insufficient', 'apart')
    union all
    select
        declared.reporter_code,
        $partner as partner_code,
        flows.flow,
        unnest($years) as year,
        null as coverage_status,
        null as partner_shows_other_sign,
        'Imports are at customs value, without freight and insurance.' as says
    from core.valuations as declared
    cross join (values (null), ('import')) as flows (flow)
    where declared.flow = 'import' and declared.valuation = 'CUSTOMS'
) as findings
where
    reporter_code = $reporter
    and partner_code = $partner
    and flow is not distinct from $flow
    and list_contains($years, year)
    and says is not null
order by year desc
