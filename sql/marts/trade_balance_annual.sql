/*
what: >-
  A reporter's goods trade with a partner by year and its balance, for every available pair. The sign is the reporter's:
  its exports are valued FOB, its imports CIF or, for the United States, at customs value, and the partner's statistics
  may differ (marts.mirror_balance_annual). A year without exports or imports has no balance. A balance whose figures
  fail the coverage check has no sign, and so no flip, no streak and no rank.
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
- reporter_code, partner_code, year, exports_usd, imports_usd, balance_usd, valuation (of two flows)
- balance_sign: code | surplus, deficit or balanced; null without a balance or where coverage_status is insufficient.
- sign_flipped: >-
    true/false | The sign differs from the year before; null if either year has no sign, or if the two years come from
    two publishers and no publisher of both years shows that change.
- deficit_streak_years: >-
    count | The number of recorded deficits in a row up to this year; 0 in a year without deficit, null without a sign.
- first_deficit_since: >-
    year | For a deficit that follows a surplus, the year of the previous deficit; null if there was none, or if a year
    in between has no sign, so that it is not known.
- surplus_rank: >-
    rank | 1 is the pair's largest surplus on record; null without a surplus, or where a balance without a sign is
    larger.
- partner_surplus_rank: >-
    rank | 1 is the reporter's largest surplus with any partner in the year; null without a surplus, where not nearly
    all partners are available (marts.trade_coverage), or where exports attributed to no partner could hide a larger
    one.
- partner_deficit_rank: >-
    rank | 1 is the reporter's largest deficit with any partner in the year; null under the same conditions.
- partner_trade_rank: >-
    rank | 1 is the reporter's largest trade, exports and imports together, with any partner in the year; null where not
    nearly all partners are available, or where trade attributed to no partner could hide a larger one.
- coverage_status: >-
    code | insufficient if either flow is insufficient in core.goods_trade_coverage, otherwise apart if either is,
    sufficient if both are, partly if one is and the other cannot be checked, unchecked if neither can; null without a
    balance.
- coverage_reason: >-
    text | The result of the coverage check: why there is no sign, where coverage_status is insufficient; otherwise
    which flow is below half or above twice the partner's figure, and which sign the partner's figures give.
- partner_shows_other_sign: >-
    true/false | With the partner's figures for the flows that it reports, the balance has another sign; the reporter's
    sign is kept. Null without a sign, if the partner reports neither flow, or if its figures fail the coverage check.
- is_complete, observation_status (of two flows), vintages, rate_date (of a year)
- world_exports_usd: US$ | The reporter's exports to the world, where the same source has them.
- world_imports_usd: US$ | The reporter's imports from the world, where the same source has them.
- exports_source, imports_source, exports_source_reason, imports_source_reason
- snapshot_ids: list | The snapshots with the figures, and with the partner's figures that coverage_reason quotes.
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
        max(precedence_reason) filter (where flow = 'export') as exports_source_reason,
        max(precedence_reason) filter (where flow = 'import') as imports_source_reason,
        max(rate_date) as rate_date,
        concat_ws(
            '-', max(valuation) filter (where flow = 'export'), max(valuation) filter (where flow = 'import')
        ) as valuation,
        -- Of A, E and P the last in the alphabet is the least certain.
        max(observation_status) as observation_status,
        array_to_string(list_sort(list_distinct(string_split(string_agg(vintages, ', '), ', '))), ', ') as vintages,
        list_sort(list_distinct(flatten(array_agg(snapshot_ids)))) as snapshot_ids
    from core.goods_trade_annual
    group by reporter_code, partner_code, year(period_start)
),

flows as (
    select
        *,
        cast(year(period_start) as integer) as year,
        concat(case flow when 'export' then 'Exports: ' else 'Imports: ' end, coverage_reason) as flow_reason,
        -- The largest value that the flow may have; null where it is not known.
        case
            when coverage_check not in ('own_years', 'earlier_years') or coverage_status != 'insufficient'
                then greatest(value_usd, partner_value_usd, other_value_usd)
        end as highest_usd,
        least(value_usd, partner_value_usd, other_value_usd) as lowest_usd
    from core.goods_trade_coverage
),

coverage as (
    select
        reporter_code,
        partner_code,
        year,
        case
            when count(*) filter (where coverage_status = 'insufficient') > 0 then 'insufficient'
            when count(*) filter (where coverage_status = 'apart') > 0 then 'apart'
            when count(*) filter (where coverage_status = 'sufficient') = 2 then 'sufficient'
            when count(*) filter (where coverage_status = 'sufficient') = 1 then 'partly'
            else 'unchecked'
        end as coverage_status,
        string_agg(case when coverage_status = 'insufficient' then flow_reason end, ' ' order by flow) as thin_reason,
        string_agg(case when coverage_status = 'apart' then flow_reason end, ' ' order by flow) as apart_reason,
        string_agg(
            case when coverage_status = 'sufficient' and partner_turns_sign then flow_reason end, ' '
            order by flow
        ) as turning_reason,
        sum(case flow when 'export' then coalesce(partner_value_usd, value_usd) end)
        - sum(case flow when 'import' then coalesce(partner_value_usd, value_usd) end) as by_partner_usd,
        count(partner_value_usd) as partner_flows,
        max(highest_usd) filter (where flow = 'export') as highest_exports_usd,
        max(highest_usd) filter (where flow = 'import') as highest_imports_usd,
        count(*) - count(highest_usd) as unbounded_flows,
        min(lowest_usd) filter (where flow = 'import') as lowest_imports_usd
    from flows
    group by reporter_code, partner_code, year
),

-- For balances without a sign, the largest exports and imports that the partner may have.
hidden as (
    select
        reporter_code,
        year,
        sum(unbounded_flows) = 0 as is_bounded,
        max(coalesce(highest_exports_usd, 0)) as exports_usd,
        max(coalesce(highest_imports_usd, 0)) as imports_usd,
        max(coalesce(highest_exports_usd, 0) + coalesce(highest_imports_usd, 0)) as trade_usd
    from coverage
    where coverage_status = 'insufficient'
    group by reporter_code, year
),

-- Reporters and years with nearly all partners in both flows, and the largest size that an unlisted partner may have.
ranked_years as (
    select
        held.reporter_code,
        held.year,
        greatest(held.unattributed_exports_usd, coalesce(hidden.exports_usd, 0)) as unranked_exports_usd,
        greatest(held.unattributed_imports_usd, coalesce(hidden.imports_usd, 0)) as unranked_imports_usd,
        greatest(held.unattributed_exports_usd + held.unattributed_imports_usd, coalesce(hidden.trade_usd, 0))
            as unranked_trade_usd
    from (
        select
            reporter_code,
            cast(year(period_start) as integer) as year,
            max(unattributed_usd) filter (where flow = 'export') as unattributed_exports_usd,
            max(unattributed_usd) filter (where flow = 'import') as unattributed_imports_usd
        from marts.trade_coverage
        where frequency = 'A' and coverage_status = 'sufficient'
        group by reporter_code, year(period_start)
        having count(*) = 2
    ) as held
    left join hidden using (reporter_code, year)
    where coalesce(hidden.is_bounded, true)
),

balances as (
    select
        years.*,
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

-- The sign that the partner's figures, for the flows that it reports, give to a balance that has a sign.
by_partner as (
    select
        balances.reporter_code,
        balances.partner_code,
        balances.year,
        sign(coverage.by_partner_usd) != balances.direction as shows_other_sign,
        case
            when sign(coverage.by_partner_usd) = balances.direction then null
            when coverage.partner_flows = 1 then coverage.turning_reason
            when coverage.by_partner_usd = 0 then 'By the partner''s statistics the balance is zero.'
            when coverage.by_partner_usd > 0 then 'By the partner''s statistics the balance is a surplus.'
            else 'By the partner''s statistics the balance is a deficit.'
        end as reason
    from balances
    inner join coverage using (reporter_code, partner_code, year)
    left join coverage as partners_own
        on
            balances.reporter_code = partners_own.partner_code
            and balances.partner_code = partners_own.reporter_code
            and balances.year = partners_own.year
    where coverage.partner_flows > 0 and partners_own.coverage_status is distinct from 'insufficient'
),

findings as (
    select
        coverage.reporter_code,
        coverage.partner_code,
        coverage.year,
        case
            when coverage.coverage_status = 'insufficient' then coverage.thin_reason
            else nullif(concat_ws(' ', coverage.apart_reason, by_partner.reason), '')
        end as coverage_reason,
        by_partner.shows_other_sign as partner_shows_other_sign
    from coverage
    inner join years using (reporter_code, partner_code, year)
    left join by_partner using (reporter_code, partner_code, year)
    where years.exports_usd is not null and years.imports_usd is not null
),

-- The largest surplus that a pair may have in a year without a sign.
unsigned as (
    select
        years.reporter_code,
        years.partner_code,
        max(
            coalesce(coverage.highest_exports_usd, years.exports_usd)
            - coalesce(coverage.lowest_imports_usd, years.imports_usd)
        ) as largest_usd
    from years
    inner join coverage using (reporter_code, partner_code, year)
    where coverage.coverage_status = 'insufficient'
    group by all
),

-- Two consecutive years whose flows come from two publishers, with the figures of one publisher that has both.
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
        -- A reporter's own returned goods have no rank among the partners.
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
            -- A change of publisher does not count as a change of sign unless a publisher of both years shows it, too.
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
    years.* exclude (snapshot_ids),
    list_sort(
        list_distinct(
            flatten(
                [
                    years.snapshot_ids,
                    -- The reason quotes the partner's figures.
                    case when findings.coverage_reason like '%that the partner reports%' then partners.snapshot_ids end
                ]
            )
        )
    ) as snapshot_ids,
    years.exports_usd - years.imports_usd as balance_usd,
    answers.balance_sign,
    answers.sign_flipped,
    answers.deficit_streak_years,
    answers.first_deficit_since,
    answers.surplus_rank,
    case
        when
            answers.direction > 0
            and years.exports_usd - years.imports_usd > ranked_years.unranked_exports_usd
            then answers.partner_rank
    end as partner_surplus_rank,
    case
        when
            answers.direction < 0
            and years.imports_usd - years.exports_usd > ranked_years.unranked_imports_usd
            then answers.partner_rank
    end as partner_deficit_rank,
    case
        when years.exports_usd + years.imports_usd > ranked_years.unranked_trade_usd then answers.trade_rank
    end as partner_trade_rank,
    case when years.exports_usd is not null and years.imports_usd is not null then coverage.coverage_status end
        as coverage_status,
    findings.coverage_reason,
    findings.partner_shows_other_sign,
    years.exports_usd is not null and years.imports_usd is not null as is_complete
from years
left join answers using (reporter_code, partner_code, year)
left join coverage using (reporter_code, partner_code, year)
left join findings using (reporter_code, partner_code, year)
left join ranked_years using (reporter_code, year)
left join years as partners
    on
        years.reporter_code = partners.partner_code
        and years.partner_code = partners.reporter_code
        and years.year = partners.year
