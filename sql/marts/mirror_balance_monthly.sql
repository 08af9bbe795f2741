/*
what: >-
  The balance of a month by the reporter's statistics and the balance that its partner's statistics imply, for every
  month in which both report both flows. Values are in US$, and also in an economy's own currency if it publishes in
  that. If a month's exchange rate is not available yet, that economy's balance has no US$ value, but a known sign.
subject: mirror
grain: [reporter_code, partner_code, period_start]
required: [balance_reported_sign, balance_mirror_sign, status, reported_source, mirror_source, snapshot_ids]
columns:
- reporter_code (of a balance), partner_code, period_start (month), exports_reported_usd, imports_reported_usd
- exports_mirror_usd, imports_mirror_usd, balance_reported_usd, balance_mirror_usd, gap_usd
- reported_currency_code: code | The currency of the reporter's source, if not US$ (ISO 4217).
- balance_reported_national: own unit | The reporter's balance in that currency, as published.
- mirror_currency_code: code | The currency of the partner's source, if not US$ (ISO 4217).
- balance_mirror_national: own unit | The partner's imports less its exports in that currency, as published.
- balance_reported_sign: code | surplus, deficit or balanced by the reporter's figures.
- balance_mirror_sign: code | surplus, deficit or balanced for the reporter by the partner's figures.
- signs_agree: >-
    true/false | Both have the same sign; null for a month that either releases only together with other months.
- status: >-
    code | in_usd if both balances are known in US$; no_rate if the month's exchange rate is not available, so one of
    them has no US$ value; joint_month if either economy releases the month only together with others
    (core.joint_months).
- reported_source, mirror_source, snapshot_ids
*/
with in_usd as (
    select
        reporter_code,
        partner_code,
        period_start,
        max(value_usd) filter (where flow = 'export') as exports_usd,
        max(value_usd) filter (where flow = 'import') as imports_usd,
        bool_or(is_joint_month) as is_joint_month,
        string_agg(distinct source, ', ' order by source) as source,
        list_sort(list_distinct(array_agg(snapshot_id))) as snapshot_ids
    from core.goods_trade_monthly
    group by all
    having count(*) = 2
),

printed as (
    select
        reporter_code,
        partner_code,
        period_start,
        min(currency_code) as currency_code,
        max(published_value) filter (where flow = 'export')
        - max(published_value) filter (where flow = 'import') as balance_national,
        min(source) as source,
        list_sort(list_distinct(array_agg(snapshot_id))) as snapshot_ids
    from core.goods_trade_national_currency
    where frequency = 'M' and classification = 'TOTAL' and published_value is not null and known_to is null
    group by all
    having count(*) = 2
),

sides as (
    select
        coalesce(in_usd.reporter_code, printed.reporter_code) as reporter_code,
        coalesce(in_usd.partner_code, printed.partner_code) as partner_code,
        coalesce(in_usd.period_start, printed.period_start) as period_start,
        in_usd.exports_usd,
        in_usd.imports_usd,
        in_usd.exports_usd - in_usd.imports_usd as balance_usd,
        coalesce(in_usd.is_joint_month, false) as is_joint_month,
        -- A national-currency balance comes from the same publisher as the US$ balance.
        case when coalesce(in_usd.source = printed.source, true) then printed.currency_code end as currency_code,
        case when coalesce(in_usd.source = printed.source, true) then printed.balance_national end as balance_national,
        sign(coalesce(in_usd.exports_usd - in_usd.imports_usd, printed.balance_national)) as direction,
        coalesce(in_usd.source, printed.source) as source,
        list_sort(
            list_distinct(
                flatten(
                    [
                        in_usd.snapshot_ids,
                        case when coalesce(in_usd.source = printed.source, true) then printed.snapshot_ids end
                    ]
                )
            )
        ) as snapshot_ids
    from in_usd
    full join printed using (reporter_code, partner_code, period_start)
)

select
    reported.reporter_code,
    reported.partner_code,
    reported.period_start,
    reported.exports_usd as exports_reported_usd,
    reported.imports_usd as imports_reported_usd,
    mirror.imports_usd as exports_mirror_usd,
    mirror.exports_usd as imports_mirror_usd,
    reported.balance_usd as balance_reported_usd,
    -mirror.balance_usd as balance_mirror_usd,
    reported.balance_usd + mirror.balance_usd as gap_usd,
    reported.currency_code as reported_currency_code,
    reported.balance_national as balance_reported_national,
    mirror.currency_code as mirror_currency_code,
    -mirror.balance_national as balance_mirror_national,
    case reported.direction when 1 then 'surplus' when -1 then 'deficit' when 0 then 'balanced' end
        as balance_reported_sign,
    case mirror.direction when 1 then 'deficit' when -1 then 'surplus' when 0 then 'balanced' end
        as balance_mirror_sign,
    case
        when not reported.is_joint_month and not mirror.is_joint_month then reported.direction = -mirror.direction
    end as signs_agree,
    case
        when reported.is_joint_month or mirror.is_joint_month then 'joint_month'
        when reported.balance_usd is null or mirror.balance_usd is null then 'no_rate'
        else 'in_usd'
    end as status,
    reported.source as reported_source,
    mirror.source as mirror_source,
    list_sort(list_distinct(flatten([reported.snapshot_ids, mirror.snapshot_ids]))) as snapshot_ids
from sides as reported
inner join sides as mirror
    on
        reported.reporter_code = mirror.partner_code
        and reported.partner_code = mirror.reporter_code
        and reported.period_start = mirror.period_start
