/*
what: >-
  A reporter's goods trade with a partner by month and its balance, the year to date and rolling twelve months. A sum is
  given only if each of its months is available: gaps are not filled, and two years are compared on the same months. A
  year to date that the source publishes includes revisions that its months do not, so the months need not add up to it
  (ytd_basis).
subject: balance
grain: [reporter_code, partner_code, period_start]
figures: [exports_usd, imports_usd, balance_usd]
required: [snapshot_ids]
example: |-
  select period_start, balance_usd, balance_ytd_usd, prior_year_balance_ytd_usd, balance_12m_usd
  from marts.trade_balance_monthly
  where reporter_code = 'KOR' and partner_code = 'CHN'
  order by period_start desc limit 12
columns:
- reporter_code, partner_code, period_start (month), exports_usd, imports_usd, balance_usd, valuation (of two flows)
- exports_ytd_usd, imports_ytd_usd, balance_ytd_usd
- prior_year_exports_ytd_usd: US$ | Exports of the same months of the year before.
- prior_year_imports_ytd_usd: US$ | Imports of the same months of the year before.
- prior_year_balance_ytd_usd
- ytd_basis: >-
    code | summed if the months are added up to the year to date; published if the source prints it, in its own currency
    and with revisions, so the months need not add up to it; null without a year to date.
- balance_12m_usd: >-
    US$ | Balance of the twelve months up to this one; with published years to date, last year less its year to date up
    to the same month, plus this year's year to date.
- rate_date, exports_yoy_pct, imports_yoy_pct, is_comparable_month, exports_source, imports_source
- exports_source_reason, imports_source_reason, snapshot_ids
*/
with months as (
    select
        reporter_code,
        partner_code,
        period_start,
        year(period_start) as year,
        month(period_start) as month,
        year(period_start) * 12 + month(period_start) as month_number,
        max(value_usd) filter (where flow = 'export') as exports_usd,
        max(value_usd) filter (where flow = 'import') as imports_usd,
        max(value_ytd_usd) filter (where flow = 'export') as published_exports_ytd_usd,
        max(value_ytd_usd) filter (where flow = 'import') as published_imports_ytd_usd,
        max(rate_date) as rate_date,
        concat_ws(
            '-', max(valuation) filter (where flow = 'export'), max(valuation) filter (where flow = 'import')
        ) as valuation,
        max(source) filter (where flow = 'export') as exports_source,
        max(source) filter (where flow = 'import') as imports_source,
        max(precedence_reason) filter (where flow = 'export') as exports_source_reason,
        max(precedence_reason) filter (where flow = 'import') as imports_source_reason,
        coalesce(bool_or(is_joint_month), false) as is_joint_month,
        list_sort(list_distinct(array_agg(snapshot_id))) as snapshot_ids
    from core.goods_trade_monthly
    group by reporter_code, partner_code, period_start
),

sums as (
    select
        months.*,
        exports_usd - imports_usd as balance_usd,
        coalesce(
            published_exports_ytd_usd,
            case when count(exports_usd) over to_date = month then sum(exports_usd) over to_date end
        ) as exports_ytd_usd,
        coalesce(
            published_imports_ytd_usd,
            case when count(imports_usd) over to_date = month then sum(imports_usd) over to_date end
        ) as imports_ytd_usd,
        case
            when
                lag(month_number, 11) over pair = month_number - 11
                and count(exports_usd - imports_usd) over rolling = 12
                and count(rate_date) over rolling = 0
                then sum(exports_usd - imports_usd) over rolling
        end as summed_12m_usd
    from months
    window
        pair as (partition by reporter_code, partner_code order by month_number),
        to_date as (partition by reporter_code, partner_code, year order by month_number),
        rolling as (
            partition by reporter_code, partner_code
            order by month_number
            rows between 11 preceding and current row
        )
)

select
    sums.*,
    sums.exports_ytd_usd - sums.imports_ytd_usd as balance_ytd_usd,
    case
        when coalesce(sums.published_exports_ytd_usd, sums.published_imports_ytd_usd) is not null then 'published'
        when coalesce(sums.exports_ytd_usd, sums.imports_ytd_usd) is not null then 'summed'
    end as ytd_basis,
    -- Do not add up converted months: they lack the revisions that the year to date has.
    coalesce(
        sums.summed_12m_usd,
        sums.published_exports_ytd_usd - sums.published_imports_ytd_usd + case
            when sums.month = 12 then 0
            else
                last_year.published_exports_ytd_usd - last_year.published_imports_ytd_usd
                - (earlier.published_exports_ytd_usd - earlier.published_imports_ytd_usd)
        end
    ) as balance_12m_usd,
    earlier.exports_ytd_usd as prior_year_exports_ytd_usd,
    earlier.imports_ytd_usd as prior_year_imports_ytd_usd,
    earlier.exports_ytd_usd - earlier.imports_ytd_usd as prior_year_balance_ytd_usd,
    case
        when not sums.is_joint_month and not earlier.is_joint_month
            then 100 * (sums.exports_usd / nullif(earlier.exports_usd, 0) - 1)
    end as exports_yoy_pct,
    case
        when not sums.is_joint_month and not earlier.is_joint_month
            then 100 * (sums.imports_usd / nullif(earlier.imports_usd, 0) - 1)
    end as imports_yoy_pct,
    not sums.is_joint_month and not coalesce(earlier.is_joint_month, false) as is_comparable_month
from sums
left join sums as earlier
    on
        sums.reporter_code = earlier.reporter_code
        and sums.partner_code = earlier.partner_code
        and sums.month_number - 12 = earlier.month_number
left join sums as last_year
    on
        last_year.month = 12
        and sums.reporter_code = last_year.reporter_code
        and sums.partner_code = last_year.partner_code
        and sums.year - 1 = last_year.year
