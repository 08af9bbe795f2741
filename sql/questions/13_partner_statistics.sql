/*
number: 13
question: Do the partner's statistics show the same sign?
name: partner_statistics
read: >-
  A row a year. balance_mirror_usd is what the partner's statistics say about the reporter's balance, its imports less
  its exports. Two deficits, each side reporting its own, are a disagreement: signs_agree is false. A year of which the
  partner's figures are not held has what the partner was quoted to have said, if anything. A side whose figures are too
  thin for the sign of a balance has none.
limits: >-
  Exports are valued FOB and imports CIF on both sides, so each side's balance leans to a deficit by what freight and
  insurance cost. China's years from 2024 on are first releases in yuan, December's year to date, in US$ at the months'
  average rates (core.goods_trade_national_currency); marts.mirror_balance_monthly has the months. Trade through third
  places, Hong Kong above all, is counted differently by the two (question 14). Neither side is right; never average
  them.
parameters:
  reporter: KOR | The economy whose balance it is (ISO 3166 alpha-3).
  partner: CHN | The economy whose statistics are the mirror (ISO 3166 alpha-3).
  from_year: ten years before the last | The first year shown.
  to_year: the last year held | The last year shown.
columns:
  year: year | The year.
  balance_reported_usd: US$ | The reporter's exports less its imports, as it reports them.
  balance_mirror_usd: US$ | The partner's imports less its exports, as it reports them.
  gap_usd: US$ | The first less the second.
  balance_reported_sign: code | surplus, deficit or balanced, as the reporter tells it; null where too thin to tell.
  balance_mirror_sign: code | surplus, deficit or balanced for the reporter, as the partner tells it; null likewise.
  signs_agree: true/false | Both have the same sign; null unless both have one.
  basis: code | held, or printed where the partner's balance is only what it was quoted to have said.
  printed_by: text | Who printed that.
  observation_status: code | SDMX status of the less certain side, A normal, E estimated or P provisional.
  is_answered: true/false | Both balances are known for the year, and both have a sign.
  missing: text | Which flows are not held, and what would bring them; or why those held are too thin.
  snapshot_ids: list | The snapshots the figures stand in.
series:
  balance_reported_usd: "As {reporter} reports it"
  balance_mirror_usd: "As {partner} reports it"
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code,
        cast(getvariable('from_year') as integer) as from_year,
        cast(getvariable('to_year') as integer) as to_year
),

-- Each side's figures, of which one flow may be all that is held.
own as (
    select balances.*
    from asked
    inner join marts.trade_balance_annual as balances
        on asked.reporter_code = balances.reporter_code and asked.partner_code = balances.partner_code
),

partners_own as (
    select balances.*
    from asked
    inner join marts.trade_balance_annual as balances
        on asked.partner_code = balances.reporter_code and asked.reporter_code = balances.partner_code
),

reported as (
    select *
    from own
    where is_complete
),

bounds as (
    select
        coalesce(asked.to_year, max(reported.year)) as last_year,
        coalesce(asked.from_year, coalesce(asked.to_year, max(reported.year)) - 10) as first_year
    from asked
    left join reported on true
    group by asked.from_year, asked.to_year
),

years as (
    select unnest(range(first_year, last_year + 1)) as year
    from bounds
),

printed as (
    select
        year(figures.period_start) as year,
        -figures.value as balance_mirror_usd,
        figures.publisher,
        figures.snapshot_id
    from asked
    inner join core.published_figures as figures
        on asked.partner_code = figures.reporter_code and asked.reporter_code = figures.partner_code
    where
        figures.metric = 'goods_balance'
        and figures.unit = 'USD'
        -- The balance of payments counts goods otherwise than customs do.
        and figures.publisher not like 'Bank of Korea%'
        and month(figures.period_start) = 1
        and figures.period_end = make_date(year(figures.period_start), 12, 31)
    qualify
        row_number() over (
            partition by year(figures.period_start)
            order by figures.published_on desc nulls last, figures.figure_id asc
        ) = 1
),

balances as (
    select
        years.year,
        reported.balance_usd as balance_reported_usd,
        reported.balance_sign as balance_reported_sign,
        case
            when partners_own.is_complete
                then
                    case partners_own.balance_sign
                        when 'surplus' then 'deficit' when 'deficit' then 'surplus' else partners_own.balance_sign
                    end
            when printed.balance_mirror_usd > 0 then 'surplus'
            when printed.balance_mirror_usd < 0 then 'deficit'
            when printed.balance_mirror_usd = 0 then 'balanced'
        end as balance_mirror_sign,
        case when reported.balance_sign is null then reported.coverage_reason end as reported_thin_reason,
        case when partners_own.balance_sign is null then partners_own.coverage_reason end as mirror_thin_reason,
        case
            when reported.year is null
                then concat(
                    case
                        when own.exports_usd is null and own.imports_usd is null then 'both flows'
                        when own.exports_usd is null then 'exports'
                        else 'imports'
                    end,
                    ' of ', asked.reporter_code, ' with ', asked.partner_code
                )
        end as lacking_reported,
        case
            when not coalesce(partners_own.is_complete, false)
                then concat(
                    case
                        when partners_own.exports_usd is null and partners_own.imports_usd is null then 'both flows'
                        when partners_own.exports_usd is null then 'exports'
                        else 'imports'
                    end,
                    ' of ', asked.partner_code, ' with ', asked.reporter_code
                )
        end as lacking_mirror,
        case when partners_own.is_complete then -partners_own.balance_usd else printed.balance_mirror_usd end
            as balance_mirror_usd,
        case when partners_own.is_complete then 'held' when printed.year is not null then 'printed' end as basis,
        case when not coalesce(partners_own.is_complete, false) then printed.publisher end as printed_by,
        mirror.observation_status,
        coalesce(
            mirror.snapshot_ids,
            list_sort(
                list_distinct(
                    flatten(
                        [
                            reported.snapshot_ids,
                            case
                                when partners_own.is_complete then partners_own.snapshot_ids else [printed.snapshot_id]
                            end
                        ]
                    )
                )
            )
        ) as snapshot_ids
    from asked
    cross join years
    left join own on years.year = own.year
    left join partners_own on years.year = partners_own.year
    left join reported on years.year = reported.year
    left join marts.mirror_balance_annual as mirror
        on
            asked.reporter_code = mirror.reporter_code
            and asked.partner_code = mirror.partner_code
            and years.year = mirror.year
    left join printed on years.year = printed.year
),

-- Years that lack the same are said together.
lacks as (
    select
        balances.*,
        case
            when balances.year is null then concat('both flows of ', asked.reporter_code, ' with ', asked.partner_code)
            else nullif(concat_ws(' and ', balances.lacking_reported, balances.lacking_mirror), '')
        end as lacking
    from asked
    left join balances on true
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
    lacks.balance_reported_usd,
    lacks.balance_mirror_usd,
    lacks.balance_reported_usd - lacks.balance_mirror_usd as gap_usd,
    lacks.balance_reported_sign,
    lacks.balance_mirror_sign,
    lacks.balance_reported_sign = lacks.balance_mirror_sign as signs_agree,
    lacks.basis,
    lacks.printed_by,
    lacks.observation_status,
    lacks.balance_reported_sign is not null and lacks.balance_mirror_sign is not null as is_answered,
    case
        when lacks.lacking is not null
            then concat(
                'Not held of ', coalesce(lacking_years.years, 'any year'), ': ', lacks.lacking,
                '. What brings them is `bilateral refresh imf` (no key), with the pair ',
                asked.reporter_code, '-', asked.partner_code, ' (or world = true) in bilateral.toml.'
            )
        when lacks.reported_thin_reason is not null or lacks.mirror_thin_reason is not null
            then concat_ws(
                ' ',
                concat('Too thin in ', lacks.year, ' for the sign of a balance:'),
                asked.reporter_code || ' with ' || asked.partner_code || '. ' || lacks.reported_thin_reason,
                asked.partner_code || ' with ' || asked.reporter_code || '. ' || lacks.mirror_thin_reason
            )
    end as missing,
    lacks.snapshot_ids
from asked
cross join lacks
left join lacking_years on lacks.lacking = lacking_years.lacking
order by lacks.year desc
