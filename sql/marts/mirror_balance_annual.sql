/*
what: >-
  The balance by the reporter's statistics and the balance that its partner's statistics imply, for every year in which
  both report both flows. If each reports a deficit of its own, they disagree about the sign.
subject: mirror
grain: [reporter_code, partner_code, year]
required: [balance_reported_usd, balance_mirror_usd, snapshot_ids]
columns:
- reporter_code (of a balance), partner_code, year, balance_reported_usd, balance_mirror_usd
- balance_reported_sign: >-
    code | surplus, deficit or balanced by the reporter's figures; null where they fail the coverage check
    (marts.trade_balance_annual says why).
- balance_mirror_sign: >-
    code | surplus, deficit or balanced for the reporter by the partner's figures; null where they fail the coverage
    check.
- signs_agree, gap_usd
- relative_gap_pct: percent | gap_usd as a share of the pair's trade (exports and imports) as the reporter reports it.
- cumulated_gap_usd, gap_share_pct, observation_status (of two sides), snapshot_ids
*/
select
    reported.reporter_code,
    reported.partner_code,
    reported.year,
    reported.balance_usd as balance_reported_usd,
    -mirror.balance_usd as balance_mirror_usd,
    reported.balance_sign as balance_reported_sign,
    case mirror.balance_sign
        when 'surplus' then 'deficit'
        when 'deficit' then 'surplus'
        else mirror.balance_sign
    end as balance_mirror_sign,
    case
        when reported.balance_sign is not null and mirror.balance_sign is not null
            then sign(reported.balance_usd) = sign(-mirror.balance_usd)
    end as signs_agree,
    reported.balance_usd + mirror.balance_usd as gap_usd,
    100 * (reported.balance_usd + mirror.balance_usd) / nullif(reported.exports_usd + reported.imports_usd, 0)
        as relative_gap_pct,
    -- Sums are of whole tenths of a cent, so they do not depend on the order of adding.
    sum(round(1000 * (reported.balance_usd + mirror.balance_usd))) over (
        partition by reported.reporter_code, reported.partner_code
        order by reported.year
    ) / 1000 as cumulated_gap_usd,
    100 * abs(round(1000 * (reported.balance_usd + mirror.balance_usd))) / nullif(
        sum(abs(round(1000 * (reported.balance_usd + mirror.balance_usd)))) over (
            partition by reported.reporter_code, reported.partner_code
        ), 0
    ) as gap_share_pct,
    -- Of A, E and P the last in the alphabet is the least certain.
    greatest(reported.observation_status, mirror.observation_status) as observation_status,
    list_sort(list_distinct(flatten([reported.snapshot_ids, mirror.snapshot_ids]))) as snapshot_ids
from marts.trade_balance_annual as reported
inner join marts.trade_balance_annual as mirror
    on
        reported.reporter_code = mirror.partner_code
        and reported.partner_code = mirror.reporter_code
        and reported.year = mirror.year
where reported.is_complete and mirror.is_complete
