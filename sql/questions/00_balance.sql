/*
number: 0
question: What were exports, imports and the balance, year by year?
name: balance
read: >-
  A row a year, of all that are held or those asked for, the latest first. The balance is exports less imports, as the
  reporter counts them; the partner may count otherwise (question 13). A balance whose figures are too thin for it has
  no sign. known_from is the day on which the figures were there as they stand.
limits: >-
  Goods only, exports FOB and imports CIF. A year of which a flow is not held has no balance, and nothing is filled in.
  A year made of months that were read on different days is provisional (P). Where the source changes from one year to
  the next, so may what it counts: marts.trade_balance_annual says why each was chosen.
parameters:
  reporter: KOR | The economy whose statistics are used (ISO 3166 alpha-3, or its name).
  partner: CHN | The economy it trades with (ISO 3166 alpha-3, or its name).
  from_year: the first year held | The first year shown.
  to_year: the last year held | The last year shown.
columns:
  year: year | The year.
  exports_usd: US$ | Exports of goods, FOB.
  imports_usd: US$ | Imports of goods, CIF.
  balance_usd: US$ | Exports less imports; null unless both are known.
  source: code | The publisher of the figures, or the channel that passes them on; two are exports' and imports'.
  known_from: date | The day as of which the last of the figures was known.
  balance_sign: code | surplus, deficit or balanced; null without a balance or where the figures are too thin.
  sign_flipped: true/false | The sign differs from the year before; null if either year has no sign.
  first_deficit_since: year | In a deficit that follows a surplus, the year of the deficit before it.
  observation_status: code | SDMX status of the less certain flow, A normal, E estimated or P provisional.
  vintages: text | Each dataset and the day as of which the figures were known (`dataset@day`), between commas.
  is_answered: true/false | The balance is held, and its figures are not too thin.
  missing: text | Which flow is not held, and what would bring it; or why the figures are too thin.
  snapshot_ids: list | The snapshots the figures stand in, between commas.
series:
  balance_usd: Balance
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code,
        cast(getvariable('from_year') as integer) as from_year,
        cast(getvariable('to_year') as integer) as to_year
),

held as (
    select balances.*
    from asked
    inner join marts.trade_balance_annual as balances
        on asked.reporter_code = balances.reporter_code and asked.partner_code = balances.partner_code
),

-- Every year between the first and the last, so that a gap is seen; those asked for, whatever is held.
bounds as (
    select
        coalesce(asked.from_year, least(min(held.year), asked.to_year)) as first_year,
        coalesce(asked.to_year, greatest(max(held.year), asked.from_year)) as last_year
    from asked
    left join held on true
    group by asked.from_year, asked.to_year
),

years as (
    select unnest(range(first_year, last_year + 1)) as year
    from bounds
),

shown as (
    select
        years.year as shown_year,
        held.*,
        case
            when held.balance_usd is not null then null
            when held.exports_usd is not null then 'imports'
            when held.imports_usd is not null then 'exports'
            else 'both flows'
        end as lacking
    from years
    left join held on years.year = held.year
),

-- The years that lack the same are named together.
named as (
    select
        *,
        string_agg(shown_year, ', ') over (
            partition by lacking
            order by shown_year
            rows between unbounded preceding and unbounded following
        ) as lacking_years
    from shown
),

-- Figures that a source prints and a rule sets aside.
set_aside as (
    select *
    from
        core.goods_trade_set_aside_between(
            coalesce(getvariable('reporter'), 'KOR'), coalesce(getvariable('partner'), 'CHN')
        )
)

select
    named.shown_year as year,
    named.exports_usd,
    named.imports_usd,
    named.balance_usd,
    nullif(
        concat_ws(
            ', ',
            named.exports_source,
            case when named.imports_source is distinct from named.exports_source then named.imports_source end
        ),
        ''
    ) as source,
    cast(list_max(regexp_extract_all(named.vintages, '@([0-9-]+)', 1)) as date) as known_from,
    named.balance_sign,
    named.sign_flipped,
    named.first_deficit_since,
    named.observation_status,
    named.vintages,
    named.balance_sign is not null as is_answered,
    case
        when named.balance_usd is not null and named.balance_sign is null
            then concat(
                'The figures of ', asked.reporter_code, ' with ', asked.partner_code, ' are too thin in ',
                named.shown_year, ' for the sign of a balance. ', named.coverage_reason
            )
        when named.balance_usd is null
            then concat(
                'Not held of goods trade of ', asked.reporter_code, ' with ', asked.partner_code, ': ',
                coalesce(named.lacking, 'both flows'), ' of ', coalesce(named.lacking_years, 'any year'), '. ',
                case asked.reporter_code
                    when 'KOR' then '`bilateral refresh kcs` brings them (BILATERAL_KCS_KEY), and so does '
                    else 'What brings them is '
                end,
                '`bilateral refresh imf` (no key), with the pair ', asked.reporter_code, '-', asked.partner_code,
                ' (or world = true) in bilateral.toml.',
                case
                    when
                        named.shown_year is null
                        or named.shown_year between set_aside.first_year and set_aside.last_year
                        then set_aside.said
                end
            )
    end as missing,
    named.snapshot_ids
from asked
cross join set_aside
left join named on true
order by named.shown_year desc
