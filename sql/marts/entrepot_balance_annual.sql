/*
what: >-
  A reporter's balance with a partner alone, and with the partner and the entrepot that their goods pass through (China
  and Hong Kong), with the effect on the sign, by the reporter's statistics and by those of the other two. Goods that
  the reporter ships through the entrepot to third parties are included, so this is a bound, not a better balance.
subject: balance
grain: [reporter_code, partner_code, year]
required: [balance_usd, reason, snapshot_ids]
columns:
- reporter_code (of a balance), partner_code, entrepot_code, year, balance_usd (with the partner)
- entrepot_balance_usd: US$ | The reporter's balance with the entrepot; null if it is not available.
- balance_with_entrepot_usd: US$ | The sum of balance_usd and entrepot_balance_usd.
- balance_sign: code | surplus, deficit or balanced with the partner alone; null where figures fail the coverage check.
- sign_with_entrepot: code | surplus, deficit or balanced with both; null where figures fail the coverage check.
- sign_changes: true/false | Adding the entrepot turns the sign.
- balance_mirror_usd (implied)
- entrepot_mirror_usd: US$ | The balance with the entrepot that the entrepot's statistics imply.
- mirror_with_entrepot_usd: US$ | The sum of balance_mirror_usd and entrepot_mirror_usd.
- signs_agree_with_entrepot: true/false | The two balances with the entrepot added have the same sign.
- status: code | both_sides, reporter_only, or no_entrepot if the reporter's trade with it is not available.
- reason: text | The missing figures, or a statement that nothing is missing.
- snapshot_ids
*/
with balances as (
    select
        direct.* exclude (snapshot_ids),
        entrepots.entrepot_code,
        through.balance_usd as entrepot_balance_usd,
        -partners_own.balance_usd as balance_mirror_usd,
        -entrepots_own.balance_usd as entrepot_mirror_usd,
        list_sort(
            list_distinct(
                flatten(
                    [
                        direct.snapshot_ids, through.snapshot_ids, partners_own.snapshot_ids,
                        entrepots_own.snapshot_ids
                    ]
                )
            )
        ) as snapshot_ids
    from marts.trade_balance_annual as direct
    inner join core.entrepots as entrepots using (partner_code)
    left join marts.trade_balance_annual as through
        on
            direct.reporter_code = through.reporter_code
            and entrepots.entrepot_code = through.partner_code
            and direct.year = through.year
            and through.balance_sign is not null
    left join marts.trade_balance_annual as partners_own
        on
            direct.partner_code = partners_own.reporter_code
            and direct.reporter_code = partners_own.partner_code
            and direct.year = partners_own.year
            and partners_own.balance_sign is not null
    left join marts.trade_balance_annual as entrepots_own
        on
            entrepots.entrepot_code = entrepots_own.reporter_code
            and direct.reporter_code = entrepots_own.partner_code
            and direct.year = entrepots_own.year
            and entrepots_own.balance_sign is not null
    where
        direct.reporter_code != entrepots.entrepot_code
        and direct.is_complete and direct.reporter_code != direct.partner_code
),

sums as (
    select
        *,
        balance_usd + entrepot_balance_usd as balance_with_entrepot_usd,
        balance_mirror_usd + entrepot_mirror_usd as mirror_with_entrepot_usd
    from balances
)

select
    *,
    case
        when balance_sign is null then null
        when balance_with_entrepot_usd > 0 then 'surplus'
        when balance_with_entrepot_usd < 0 then 'deficit'
        when balance_with_entrepot_usd = 0 then 'balanced'
    end as sign_with_entrepot,
    case when balance_sign is not null then sign(balance_usd) != sign(balance_with_entrepot_usd) end as sign_changes,
    case when balance_sign is not null then sign(balance_with_entrepot_usd) = sign(mirror_with_entrepot_usd) end
        as signs_agree_with_entrepot,
    case
        when balance_with_entrepot_usd is null then 'no_entrepot'
        when mirror_with_entrepot_usd is null then 'reporter_only'
        else 'both_sides'
    end as status,
    case
        when balance_with_entrepot_usd is null
            then concat('This warehouse has no balance of ', reporter_code, ' with ', entrepot_code, ' for the year.')
        when mirror_with_entrepot_usd is null
            then concat(
                'This warehouse does not have the figures of ',
                case when balance_mirror_usd is null then partner_code else '' end,
                case when balance_mirror_usd is null and entrepot_mirror_usd is null then ' and ' else '' end,
                case when entrepot_mirror_usd is null then entrepot_code else '' end,
                ' for the year.'
            )
        else 'Nothing is missing.'
    end as reason
from sums
