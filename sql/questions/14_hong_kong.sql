/*
number: 14
question: Does counting Hong Kong change it?
name: hong_kong
read: >-
  A row a year: the balance with the partner alone, with the place that their goods pass through (Hong Kong, for China),
  and with both. sign_changes says whether adding it turns a deficit into a surplus or the reverse; the mirror columns
  say the same as the other two tell it.
limits: >-
  A bound and not a better balance: goods that the reporter ships through Hong Kong to third places are in it too, and
  what China buys through Hong Kong from elsewhere is not Korea's. Which place belongs to which partner is declared and
  not found out.
parameters:
  reporter: KOR | The economy whose balance it is (ISO 3166 alpha-3).
  partner: CHN | The economy it trades with (ISO 3166 alpha-3).
  from_year: ten years before the last | The first year shown.
  to_year: the last year held | The last year shown.
columns:
  year: year | The year.
  entrepot_code: code | The economy that their goods pass through (ISO 3166 alpha-3).
  balance_usd: US$ | The reporter's balance with the partner.
  entrepot_balance_usd: US$ | The reporter's balance with that economy.
  balance_with_entrepot_usd: US$ | The two together.
  balance_sign: code | surplus, deficit or balanced with the partner alone.
  sign_with_entrepot: code | surplus, deficit or balanced with both.
  sign_changes: true/false | Adding it turns the sign.
  balance_mirror_usd: US$ | The balance with the partner that the partner's statistics imply.
  mirror_with_entrepot_usd: US$ | The same with both, as those two tell it.
  signs_agree_with_entrepot: true/false | Reporter and mirror have the same sign once it is added to both.
  is_answered: true/false | The reporter's balances with both are held.
  missing: text | Which figures are not held, and what would bring them.
  snapshot_ids: list | The snapshots the figures stand in, between commas.
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code,
        cast(getvariable('from_year') as integer) as from_year,
        cast(getvariable('to_year') as integer) as to_year
),

balances as (
    select balances.*
    from asked
    inner join marts.entrepot_balance_annual as balances
        on asked.reporter_code = balances.reporter_code and asked.partner_code = balances.partner_code
    qualify
        balances.year <= coalesce(asked.to_year, balances.year)
        and balances.year >= coalesce(
            asked.from_year, coalesce(asked.to_year, max(balances.year) over ()) - 10
        )
)

select
    balances.year,
    balances.entrepot_code,
    balances.balance_usd,
    balances.entrepot_balance_usd,
    balances.balance_with_entrepot_usd,
    balances.balance_sign,
    balances.sign_with_entrepot,
    balances.sign_changes,
    balances.balance_mirror_usd,
    balances.mirror_with_entrepot_usd,
    balances.signs_agree_with_entrepot,
    balances.balance_with_entrepot_usd is not null as is_answered,
    case
        when balances.year is null
            then concat(
                'Not held: a place that goods between ', asked.reporter_code, ' and ', asked.partner_code, ' are known '
                'to pass through (warehouse/reference/entrepots.csv), or a year of their balance. What brings balances '
                'is `bilateral refresh imf` (no key), for the pairs in bilateral.toml.'
            )
        when balances.balance_with_entrepot_usd is null
            then concat(
                'Not held of ', balances.year, ': both flows of ', asked.reporter_code, ' with ',
                balances.entrepot_code, '. What brings them is `bilateral refresh imf` (no key), for the pairs and '
                'donors in bilateral.toml.'
            )
        when balances.mirror_with_entrepot_usd is null
            then concat(
                'Not held of ', balances.year, ': both flows of ', balances.entrepot_code, ' with ',
                asked.reporter_code,
                case
                    when balances.balance_mirror_usd is null
                        then concat(', and of ', asked.partner_code, ' with ', asked.reporter_code)
                end,
                '. What brings them is `bilateral refresh imf` (no key), with ', asked.reporter_code, '-',
                balances.entrepot_code, ' among the pairs in bilateral.toml.'
            )
    end as missing,
    balances.snapshot_ids
from asked
left join balances on true
order by balances.year desc
