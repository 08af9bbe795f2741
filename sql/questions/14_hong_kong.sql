/*
number: 14
question: Does counting Hong Kong change it?
name: hong_kong
read: >-
  A row a year: the balance with the partner alone, with the place that their goods pass through (Hong Kong, for China),
  and with both. sign_changes says whether adding it turns a deficit into a surplus or the reverse; the mirror columns
  say the same as the other two tell it. Where no such place is declared between the two, the balance stands alone
  and entrepot_code is null: then none is counted, and nothing is missing. A balance whose figures are too thin has no
  sign.
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
  balance_sign: code | surplus, deficit or balanced with the partner alone; null where too thin to tell.
  sign_with_entrepot: code | surplus, deficit or balanced with both; null likewise.
  sign_changes: true/false | Adding it turns the sign; null likewise.
  balance_mirror_usd: US$ | The balance with the partner that the partner's statistics imply.
  mirror_with_entrepot_usd: US$ | The same with both, as those two tell it.
  signs_agree_with_entrepot: true/false | Reporter and mirror have the same sign once it is added to both.
  is_answered: true/false | The reporter's balances with both are held and have a sign, or there is no place to count.
  missing: text | Which flows are not held, and what would bring them; or why those held are too thin.
  snapshot_ids: list | The snapshots the figures stand in.
series:
  balance_usd: "With {partner}"
  balance_with_entrepot_usd: "With {partner} and Hong Kong"
  balance_mirror_usd: "With {partner}, as {partner} reports it"
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code,
        cast(getvariable('from_year') as integer) as from_year,
        cast(getvariable('to_year') as integer) as to_year
),

-- Whether there is such a place between the two.
places as (
    select count(*) > 0 as is_declared
    from asked
    inner join marts.entrepot_balance_annual as declared
        on asked.partner_code = declared.partner_code and asked.reporter_code != declared.entrepot_code
),

every_year as (
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
        balances.snapshot_ids
    from asked
    inner join marts.entrepot_balance_annual as balances
        on asked.reporter_code = balances.reporter_code and asked.partner_code = balances.partner_code
    union all
    select
        balances.year,
        null as entrepot_code,
        balances.balance_usd,
        null as entrepot_balance_usd,
        null as balance_with_entrepot_usd,
        balances.balance_sign,
        null as sign_with_entrepot,
        null as sign_changes,
        null as balance_mirror_usd,
        null as mirror_with_entrepot_usd,
        null as signs_agree_with_entrepot,
        balances.snapshot_ids
    from asked
    inner join places on not places.is_declared
    inner join marts.trade_balance_annual as balances
        on
            asked.reporter_code = balances.reporter_code
            and asked.partner_code = balances.partner_code
            and balances.is_complete
),

balances as (
    select every_year.*
    from asked
    inner join every_year on true
    qualify
        every_year.year <= coalesce(asked.to_year, every_year.year)
        and every_year.year >= coalesce(
            asked.from_year, coalesce(asked.to_year, max(every_year.year) over ()) - 10
        )
),

-- Years that lack the same are said together.
sides as (
    select
        balances.*,
        case when direct.coverage_status = 'insufficient' then direct.coverage_reason end as thin_reason,
        case
            when through.balance_sign is null
                then concat(
                    case
                        when through.coverage_status = 'insufficient' then 'figures that are not too thin'
                        when through.exports_usd is null and through.imports_usd is null then 'both flows'
                        when through.exports_usd is null then 'exports'
                        else 'imports'
                    end,
                    ' of ', asked.reporter_code, ' with ', balances.entrepot_code
                )
        end as lacking_through,
        case
            when entrepots_own.balance_sign is null
                then concat(
                    case
                        when entrepots_own.coverage_status = 'insufficient' then 'figures that are not too thin'
                        when entrepots_own.exports_usd is null and entrepots_own.imports_usd is null then 'both flows'
                        when entrepots_own.exports_usd is null then 'exports'
                        else 'imports'
                    end,
                    ' of ', balances.entrepot_code, ' with ', asked.reporter_code
                )
        end as lacking_entrepots_own,
        case
            when partners_own.balance_sign is null
                then concat(
                    case
                        when partners_own.coverage_status = 'insufficient' then 'figures that are not too thin'
                        when partners_own.exports_usd is null and partners_own.imports_usd is null then 'both flows'
                        when partners_own.exports_usd is null then 'exports'
                        else 'imports'
                    end,
                    ' of ', asked.partner_code, ' with ', asked.reporter_code
                )
        end as lacking_partners_own
    from asked
    inner join balances on true
    left join marts.trade_balance_annual as direct
        on
            asked.reporter_code = direct.reporter_code
            and asked.partner_code = direct.partner_code
            and balances.year = direct.year
    left join marts.trade_balance_annual as through
        on
            asked.reporter_code = through.reporter_code
            and balances.entrepot_code = through.partner_code
            and balances.year = through.year
    left join marts.trade_balance_annual as entrepots_own
        on
            balances.entrepot_code = entrepots_own.reporter_code
            and asked.reporter_code = entrepots_own.partner_code
            and balances.year = entrepots_own.year
    left join marts.trade_balance_annual as partners_own
        on
            asked.partner_code = partners_own.reporter_code
            and asked.reporter_code = partners_own.partner_code
            and balances.year = partners_own.year
),

lacks as (
    select
        *,
        case
            when entrepot_code is null then null
            when balance_with_entrepot_usd is null then lacking_through
            when mirror_with_entrepot_usd is null
                then concat_ws(' and ', lacking_entrepots_own, lacking_partners_own)
        end as lacking
    from sides
),

lacking_years as (
    select
        lacking,
        case
            when
                max(year) - min(year) > 1
                and max(year) - min(year) + 1 = count(distinct year)
                then concat(min(year), ' to ', max(year))
            else string_agg(distinct year, ', ' order by year)
        end as years
    from lacks
    where lacking is not null
    group by lacking
)

select
    lacks.year,
    lacks.entrepot_code,
    lacks.balance_usd,
    lacks.entrepot_balance_usd,
    lacks.balance_with_entrepot_usd,
    lacks.balance_sign,
    lacks.sign_with_entrepot,
    lacks.sign_changes,
    lacks.balance_mirror_usd,
    lacks.mirror_with_entrepot_usd,
    lacks.signs_agree_with_entrepot,
    lacks.year is not null
    and lacks.thin_reason is null
    and (lacks.balance_with_entrepot_usd is not null or lacks.entrepot_code is null) as is_answered,
    case
        when lacks.year is null
            then concat(
                'Not held of any year that is asked about: both flows of ', asked.reporter_code, ' with ',
                asked.partner_code, '. What brings them is `bilateral refresh imf` (no key), with the pair ',
                asked.reporter_code, '-', asked.partner_code, ' (or world = true) in bilateral.toml.'
            )
        when lacks.thin_reason is not null
            then concat(
                'The figures of ', asked.reporter_code, ' with ', asked.partner_code, ' are too thin in ', lacks.year,
                ' for the sign of a balance. ', lacks.thin_reason
            )
        when lacks.lacking is not null
            then concat(
                'Not held of ', lacking_years.years, ': ', lacks.lacking, '. What brings them is '
                '`bilateral refresh imf` (no key), with the pair ',
                asked.reporter_code, '-', lacks.entrepot_code, ' (or world = true) in bilateral.toml.'
            )
    end as missing,
    lacks.snapshot_ids
from asked
left join lacks on true
left join lacking_years on lacks.lacking = lacking_years.lacking
order by lacks.year desc
