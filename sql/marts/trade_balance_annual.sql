/*
what: >-
  A reporter's goods trade with a partner by year and its balance, every pair that is held. The sign belongs to the
  reporter: its exports are valued FOB, its imports CIF, and the partner's statistics may say otherwise
  (marts.mirror_balance_annual). A year of which a flow is missing has no balance. A balance whose figures are too thin
  for it has no sign, and so no flip, no streak and no rank.
subject: balance
grain: [reporter_code, partner_code, year]
figures: [exports_usd, imports_usd, balance_usd]
required: [snapshot_ids]
example: |-
  select year, exports_usd, imports_usd, balance_usd, sign_flipped, first_deficit_since, surplus_rank
  from marts.trade_balance_annual
  where reporter_code = 'KOR' and partner_code = 'CHN'
  order by year desc limit 10
columns:
  reporter_code: code | The economy whose statistics these are (ISO 3166 alpha-3).
  partner_code: code | The economy it traded with (ISO 3166 alpha-3).
  year: year | The year.
  exports_usd: US$ | Exports of goods, FOB.
  imports_usd: US$ | Imports of goods, CIF.
  balance_usd: US$ | Exports less imports; null unless both are known.
  balance_sign: code | surplus, deficit or balanced; null without a balance or where coverage_status is insufficient.
  sign_flipped: >-
    true/false | The sign differs from the year before; null if either year has no sign, or if the two are of two
    publishers and no publisher that holds both has it so.
  deficit_streak_years: >-
    count | Years of deficit in a row on record up to this one; 0 in a year without deficit, null in one without a sign.
  first_deficit_since: >-
    year | In a deficit that follows a surplus, the year of the deficit before it; null if there was none, or if a year
    between the two has no sign, so that nobody knows.
  surplus_rank: >-
    rank | 1 is the pair's largest surplus on record; null without a surplus, or where one that has no sign is larger.
  partner_surplus_rank: >-
    rank | 1 is the reporter's largest surplus with any partner in the year; null without a surplus, or where the
    partners held are not nearly all (marts.trade_coverage) or the exports of no named partner could hide a larger one.
  partner_deficit_rank: rank | 1 is the reporter's largest deficit with any partner in the year; null likewise.
  partner_trade_rank: >-
    rank | 1 is the reporter's largest trade, exports and imports together, with any partner in the year; null where the
    partners held are not nearly all, or where what no named partner has could hide a larger one.
  coverage_status: >-
    code | insufficient if either flow is in core.goods_trade_coverage, sufficient if both are, else unchecked; null
    without a balance.
  coverage_reason: text | What was found about the flows, where coverage_status is insufficient.
  is_complete: true/false | Both flows are known for the whole year.
  observation_status: code | SDMX status of the less certain flow, A normal, E estimated or P provisional.
  vintages: text | Each dataset and the day as of which the figures were known (`dataset@day`), between commas.
  world_exports_usd: US$ | The reporter's exports to the world, where the same source has them.
  world_imports_usd: US$ | The reporter's imports from the world, where the same source has them.
  exports_source: code | The publisher of the exports, or the channel that passes them on.
  imports_source: code | The same of the imports.
  exports_source_reason: text | Why the exports come from there.
  imports_source_reason: text | Why the imports come from there.
  snapshot_ids: list | The snapshots the figures stand in.
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
        list_sort(list_distinct(flatten(array_agg(snapshot_ids)))) as snapshot_ids
    from core.goods_trade_annual
    group by reporter_code, partner_code, year(period_start)
),

coverage as (
    select
        reporter_code,
        partner_code,
        cast(year(period_start) as integer) as year,
        case
            when count(*) filter (where coverage_status = 'insufficient') > 0 then 'insufficient'
            when count(*) filter (where coverage_status in ('sufficient', 'short')) = 2 then 'sufficient'
            else 'unchecked'
        end as coverage_status,
        string_agg(
            case
                when coverage_status = 'insufficient'
                    then concat(case flow when 'export' then 'Exports: ' else 'Imports: ' end, coverage_reason)
            end, ' '
            order by flow
        ) as coverage_reason
    from core.goods_trade_coverage
    group by reporter_code, partner_code, year(period_start)
),

-- Reporters and years of which nearly all partners are held, in both flows.
ranked_years as (
    select
        reporter_code,
        cast(year(period_start) as integer) as year,
        max(unattributed_usd) filter (where flow = 'export') as unattributed_exports_usd,
        max(unattributed_usd) filter (where flow = 'import') as unattributed_imports_usd
    from marts.trade_coverage
    where frequency = 'A' and coverage_status = 'sufficient' and insufficient_count = 0
    group by reporter_code, year(period_start)
    having count(*) = 2
),

balances as (
    select
        years.reporter_code,
        years.partner_code,
        years.year,
        years.exports_usd,
        years.imports_usd,
        years.exports_usd - years.imports_usd as balance_usd,
        sign(years.exports_usd - years.imports_usd) as direction,
        -- The same for all years of an unbroken series, and another after a year without a sign.
        years.year
        - row_number() over (partition by years.reporter_code, years.partner_code order by years.year) as series
    from years
    left join coverage using (reporter_code, partner_code, year)
    where
        years.exports_usd is not null
        and years.imports_usd is not null
        and coverage.coverage_status is distinct from 'insufficient'
),

-- The largest surplus that a pair would have in a year without a sign.
unsigned as (
    select
        years.reporter_code,
        years.partner_code,
        max(years.exports_usd - years.imports_usd) as largest_usd
    from years
    inner join coverage using (reporter_code, partner_code, year)
    where coverage.coverage_status = 'insufficient'
    group by all
),

-- A year and the one before it that are of two publishers, in a flow or in both, as one publisher has them.
common as (
    select
        later.reporter_code,
        later.partner_code,
        later.year,
        sign(
            case when exports.flow is null then earlier.exports_usd else exports.from_usd end
            - case when imports.flow is null then earlier.imports_usd else imports.from_usd end
        ) as earlier_direction,
        sign(
            case when exports.flow is null then later.exports_usd else exports.to_usd end
            - case when imports.flow is null then later.imports_usd else imports.to_usd end
        ) as direction
    from balances as later
    inner join balances as earlier
        on
            later.reporter_code = earlier.reporter_code
            and later.partner_code = earlier.partner_code
            and later.year = earlier.year + 1
    left join core.goods_trade_comparisons as exports
        on
            exports.flow = 'export'
            and later.reporter_code = exports.reporter_code
            and later.partner_code = exports.partner_code
            and earlier.year = exports.from_year
            and later.year = exports.to_year
    left join core.goods_trade_comparisons as imports
        on
            imports.flow = 'import'
            and later.reporter_code = imports.reporter_code
            and later.partner_code = imports.partner_code
            and earlier.year = imports.from_year
            and later.year = imports.to_year
    where exports.flow is not null or imports.flow is not null
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
        end as surplus_rank,
        rank() over (partition by reporter_code, year, direction order by abs(balance_usd) desc) as partner_rank,
        -- Goods that come back to where they were made have no place among the partners.
        case
            when partner_code != reporter_code
                then rank() over (
                    partition by reporter_code, year, partner_code = reporter_code
                    order by exports_usd + imports_usd desc
                )
        end as trade_rank
    from balances
),

flips as (
    select
        signs.*,
        case
            when signs.direction = signs.earlier_direction or common.year is null
                then signs.direction != signs.earlier_direction
            -- Another publisher, and not another sign, unless one that holds both years has it too.
            when common.direction != common.earlier_direction then true
        end as sign_flipped
    from signs
    left join common using (reporter_code, partner_code, year)
),

answers as (
    select
        flips.* exclude (surplus_rank),
        case
            when flips.direction > 0 then 'surplus' when flips.direction < 0 then 'deficit' else 'balanced'
        end as balance_sign,
        case
            when flips.direction < 0
                then
                    row_number() over (
                        partition by flips.reporter_code, flips.partner_code, flips.direction, flips.run
                        order by flips.year
                    )
            else 0
        end as deficit_streak_years,
        case
            when flips.direction < 0 and flips.earlier_direction > 0 and flips.sign_flipped
                then flips.earlier_deficit_year
        end as first_deficit_since,
        case
            when unsigned.largest_usd is null or flips.balance_usd >= unsigned.largest_usd then flips.surplus_rank
        end as surplus_rank
    from flips
    left join unsigned using (reporter_code, partner_code)
)

select
    years.*,
    years.exports_usd - years.imports_usd as balance_usd,
    answers.balance_sign,
    answers.sign_flipped,
    answers.deficit_streak_years,
    answers.first_deficit_since,
    answers.surplus_rank,
    case
        when
            answers.direction > 0
            and years.exports_usd - years.imports_usd > ranked_years.unattributed_exports_usd
            then answers.partner_rank
    end as partner_surplus_rank,
    case
        when
            answers.direction < 0
            and years.imports_usd - years.exports_usd > ranked_years.unattributed_imports_usd
            then answers.partner_rank
    end as partner_deficit_rank,
    case
        when
            years.exports_usd + years.imports_usd
            > ranked_years.unattributed_exports_usd + ranked_years.unattributed_imports_usd
            then answers.trade_rank
    end as partner_trade_rank,
    case when years.exports_usd is not null and years.imports_usd is not null then coverage.coverage_status end
        as coverage_status,
    case when years.exports_usd is not null and years.imports_usd is not null then coverage.coverage_reason end
        as coverage_reason,
    years.exports_usd is not null and years.imports_usd is not null as is_complete,
    exports.precedence_reason as exports_source_reason,
    imports.precedence_reason as imports_source_reason
from years
left join answers using (reporter_code, partner_code, year)
left join coverage using (reporter_code, partner_code, year)
left join ranked_years using (reporter_code, year)
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
