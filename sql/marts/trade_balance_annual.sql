/*
what: >-
  A reporter's goods trade with a partner by year and its balance, every pair that is held. The sign belongs to the
  reporter: its exports are valued FOB, its imports CIF, and the partner's statistics may say otherwise
  (marts.mirror_balance_annual). A year of which a flow is missing has no balance.
grain: [reporter_code, partner_code, year]
columns:
  reporter_code: code | The economy whose statistics these are (ISO 3166 alpha-3).
  partner_code: code | The economy it traded with (ISO 3166 alpha-3).
  year: year | The year.
  exports_usd: US$ | Exports of goods, FOB.
  imports_usd: US$ | Imports of goods, CIF.
  balance_usd: US$ | Exports less imports; null unless both are known.
  balance_sign: code | surplus, deficit or balanced; null without a balance.
  sign_flipped: true/false | The sign differs from the year before; null if either year has no balance.
  deficit_streak_years: count | Years of deficit in a row up to this one; 0 in a year without deficit.
  first_deficit_since: >-
    year | In a deficit that follows a surplus, the year of the deficit before it; null if there was none, or if a year
    between the two has no balance, so that nobody knows.
  surplus_rank: rank | 1 is the pair's largest surplus on record; null without a surplus.
  is_complete: true/false | Both flows are known for the whole year.
  observation_status: code | SDMX status of the less certain flow, A normal, E estimated or P provisional.
  vintages: text | Each dataset and the day as of which the figures were known (`dataset@day`), between commas.
  world_exports_usd: US$ | The reporter's exports to the world, where the same source has them.
  world_imports_usd: US$ | The reporter's imports from the world, where the same source has them.
  exports_source: code | The publisher of the exports.
  imports_source: code | The publisher of the imports.
  exports_source_reason: text | Why the exports come from there.
  imports_source_reason: text | Why the imports come from there.
  snapshot_ids: list | The snapshots the figures stand in, between commas.
*/
with years as (
    select
        reporter_code,
        partner_code,
        cast(year(period_start) as integer) as year,
        max(value_usd) filter (where flow = 'export') as exports_usd,
        max(value_usd) filter (where flow = 'import') as imports_usd,
        max(world_value_usd) filter (where flow = 'export') as world_exports_usd,
        max(world_value_usd) filter (where flow = 'import') as world_imports_usd,
        max(source) filter (where flow = 'export') as exports_source,
        max(source) filter (where flow = 'import') as imports_source,
        -- Of A, E and P the last in the alphabet is the least certain.
        max(observation_status) as observation_status,
        array_to_string(list_sort(list_distinct(string_split(string_agg(vintages, ', '), ', '))), ', ') as vintages,
        array_to_string(
            list_sort(list_distinct(string_split(string_agg(snapshot_ids, ', '), ', '))), ', '
        ) as snapshot_ids
    from core.goods_trade_annual
    group by reporter_code, partner_code, year(period_start)
),

balances as (
    select
        reporter_code,
        partner_code,
        year,
        exports_usd - imports_usd as balance_usd,
        sign(exports_usd - imports_usd) as direction,
        -- The same for all years of an unbroken series, and another after a year without a balance.
        year - row_number() over (partition by reporter_code, partner_code order by year) as series
    from years
    where exports_usd is not null and imports_usd is not null
),

signs as (
    select
        balances.*,
        lag(direction) over (partition by reporter_code, partner_code, series order by year) as earlier_direction,
        max(case when direction < 0 then year end) over (
            partition by reporter_code, partner_code, series
            order by year
            rows between unbounded preceding and 1 preceding
        ) as earlier_deficit_year,
        -- The same for all deficits of an unbroken run, and another for those of any other run.
        year - row_number() over (partition by reporter_code, partner_code, direction order by year) as run,
        case
            when direction > 0
                then rank() over (partition by reporter_code, partner_code, direction order by balance_usd desc)
        end as surplus_rank
    from balances
),

answers as (
    select
        reporter_code,
        partner_code,
        year,
        balance_usd,
        case when direction > 0 then 'surplus' when direction < 0 then 'deficit' else 'balanced' end as balance_sign,
        direction != earlier_direction as sign_flipped,
        case
            when direction < 0
                then row_number() over (partition by reporter_code, partner_code, direction, run order by year)
            else 0
        end as deficit_streak_years,
        case when direction < 0 and earlier_direction > 0 then earlier_deficit_year end as first_deficit_since,
        surplus_rank
    from signs
)

select
    years.reporter_code,
    years.partner_code,
    years.year,
    years.exports_usd,
    years.imports_usd,
    answers.balance_usd,
    answers.balance_sign,
    answers.sign_flipped,
    answers.deficit_streak_years,
    answers.first_deficit_since,
    answers.surplus_rank,
    answers.balance_usd is not null as is_complete,
    years.observation_status,
    years.vintages,
    years.world_exports_usd,
    years.world_imports_usd,
    years.exports_source,
    years.imports_source,
    exports.precedence_reason as exports_source_reason,
    imports.precedence_reason as imports_source_reason,
    years.snapshot_ids
from years
left join answers
    on
        years.reporter_code = answers.reporter_code
        and years.partner_code = answers.partner_code
        and years.year = answers.year
left join core.goods_trade_annual as exports
    on
        exports.flow = 'export'
        and years.reporter_code = exports.reporter_code
        and years.partner_code = exports.partner_code
        and years.year = year(exports.period_start)
left join core.goods_trade_annual as imports
    on
        imports.flow = 'import'
        and years.reporter_code = imports.reporter_code
        and years.partner_code = imports.partner_code
        and years.year = year(imports.period_start)
