/*
what: >-
  How complete a reporter's annual figure with a partner is. Reporters leave oil, gold, arms and confidential goods out
  by partner, and copies have holes: a balance made of such a figure has no sign. Each figure is held against another
  reading of the same records, the reporter's published total, its own years before and after, and the partner's figure.
grain: [reporter_code, partner_code, flow, period_start]
required: [coverage_status, coverage_reason]
columns:
  reporter_code: code | The economy whose statistics these are (ISO 3166 alpha-3).
  partner_code: code | The economy it traded with (ISO 3166 alpha-3).
  flow: code | export or import, as the reporter sees it.
  period_start: date | First day of the year.
  value_usd: US$ | The figure, as in core.goods_trade_annual.
  other_value_usd: US$ | What WITS sums up from the same records, where the figure is UN Comtrade's.
  other_ratio: ratio | value_usd over other_value_usd; below 0.7 it fails.
  partners_share_pct: >-
    percent | All partners held of the reporter and its own goods that came back, share of its published total; from 95
    nothing fails.
  total_share_pct: percent | The figure, share of the reporter's published total.
  usual_share_pct: >-
    percent | The lesser of the highest total_share_pct of the four years before and of the four years after. A share
    below half of it fails, unless the partner or another tabulation has it so, if it is 5 or more.
  partner_value_usd: US$ | What the partner reports of the same flow.
  partner_ratio: >-
    ratio | value_usd over partner_value_usd. Below 0.4 it fails if the partner's figure would turn the sign of the
    balance, in this year and in most of those checked within two years; not for trade that an entrepôt reports.
  coverage_status: >-
    code | sufficient if a check was passed and none failed, insufficient if one failed, short if it is below 0.4 of the
    partner's figure and that fails nothing, unchecked if there was nothing to hold it against. A year that nobody
    checks is insufficient after most of the last three checked were.
  coverage_check: >-
    code | What decided: total, other_source, own_years, partner, or earlier_years; null if unchecked.
  coverage_reason: text | What was found.
*/
with figures as (
    select
        reporter_code,
        partner_code,
        flow,
        period_start,
        cast(year(period_start) as integer) as year,
        value_usd,
        source
    from core.goods_trade_annual
),

-- Tabulations that give no figure of their own: what a source sums over products of the records that others pass on.
others as (
    select
        observations.reporter_code,
        observations.partner_code,
        observations.flow,
        observations.period_start,
        observations.value_usd
    from core.goods_trade_observations as observations
    inner join core.source_precedence as precedence
        using (frequency, source, dataset, reporter_code, flow)
    where
        precedence.metric = 'goods_evidence'
        and observations.classification = 'TOTAL'
        and observations.known_to is null
        and observations.correction_id is null
        and observations.value_usd > 0
),

-- What is named: the partners, and the reporter's own goods that came back to it.
named as (
    select
        reporter_code,
        flow,
        period_start,
        sum(round(value_usd)) as named_usd
    from core.goods_trade_annual_candidates
    where choice = 1
    group by all
),

totals as (
    select
        named.reporter_code,
        named.flow,
        cast(year(named.period_start) as integer) as year,
        world.value_usd as total_usd,
        100 * named.named_usd / nullif(world.value_usd, 0) as partners_share_pct
    from named
    inner join core.goods_trade_world_annual as world using (reporter_code, flow, period_start)
),

shares as (
    select
        figures.*,
        totals.partners_share_pct,
        100 * figures.value_usd / nullif(totals.total_usd, 0) as total_share_pct
    from figures
    left join totals using (reporter_code, flow, year)
),

held as (
    select
        shares.*,
        others.value_usd as other_value_usd,
        coalesce(mirror.value_usd, mirror_others.value_usd) as partner_value_usd,
        opposite.value_usd as opposite_usd,
        max(shares.total_share_pct) over before as share_before_pct,
        max(shares.total_share_pct) over after as share_after_pct
    from shares
    -- WITS sums up the records that economies send to UN Comtrade; the IMF has records of its own.
    left join others
        on
            shares.source = 'comtrade'
            and shares.reporter_code = others.reporter_code
            and shares.partner_code = others.partner_code
            and shares.flow = others.flow
            and shares.period_start = others.period_start
    left join figures as mirror
        on
            shares.reporter_code = mirror.partner_code
            and shares.partner_code = mirror.reporter_code
            and shares.flow != mirror.flow
            and shares.year = mirror.year
    left join others as mirror_others
        on
            shares.reporter_code = mirror_others.partner_code
            and shares.partner_code = mirror_others.reporter_code
            and shares.flow != mirror_others.flow
            and shares.period_start = mirror_others.period_start
    left join figures as opposite
        on
            shares.reporter_code = opposite.reporter_code
            and shares.partner_code = opposite.partner_code
            and shares.flow != opposite.flow
            and shares.year = opposite.year
    window
        before as (
            partition by shares.reporter_code, shares.partner_code, shares.flow
            order by shares.year
            range between 4 preceding and 1 preceding
        ),
        after as (
            partition by shares.reporter_code, shares.partner_code, shares.flow
            order by shares.year
            range between 1 following and 4 following
        )
),

hubs as (
    select distinct entrepot_code
    from core.entrepots
),

ratios as (
    select
        held.*,
        -- Null unless there is a year on either side.
        case
            when held.share_before_pct < held.share_after_pct then held.share_before_pct
            when held.share_before_pct >= held.share_after_pct then held.share_after_pct
        end as usual_share_pct,
        held.value_usd / held.other_value_usd as other_ratio,
        held.value_usd / nullif(held.partner_value_usd, 0) as partner_ratio,
        -- What an entrepôt reports belongs to whoever sent the goods or gets them.
        held.partner_value_usd >= 1e7 and hubs.entrepot_code is null as is_held_against_partner
    from held
    left join hubs on hubs.entrepot_code in (held.reporter_code, held.partner_code)
),

checks as (
    select
        ratios.*,
        other_ratio < 0.7 as fails_other_source,
        partners_share_pct >= 95 as passes_total,
        usual_share_pct >= 5
        and total_share_pct < 0.5 * usual_share_pct
        and coalesce(partner_ratio, 0) < 0.5
        and coalesce(other_ratio, 0) < 0.7 as fails_own_years,
        is_held_against_partner as is_checked_by_partner,
        is_held_against_partner
        and partner_ratio < 0.4
        and coalesce(
            case flow
                when 'export' then sign(value_usd - opposite_usd) != sign(partner_value_usd - opposite_usd)
                else sign(opposite_usd - value_usd) != sign(opposite_usd - partner_value_usd)
            end, false
        ) as falls_short_of_partner
    from ratios
),

persistent as (
    select
        checks.*,
        coalesce(falls_short_of_partner, false)
        and 2 * count(*) filter (where falls_short_of_partner) over around
        > count(*) filter (where is_checked_by_partner) over around as fails_partner
    from checks
    window
        around as (
            partition by reporter_code, partner_code, flow
            order by year
            range between 2 preceding and 2 following
        )
),

findings as (
    select
        persistent.*,
        case
            when fails_other_source then 'other_source'
            when passes_total then 'total'
            when fails_partner then 'partner'
            when other_ratio is not null then 'other_source'
            when is_checked_by_partner then 'partner'
        end as decided_by,
        coalesce(fails_other_source or (fails_partner and not coalesce(passes_total, false)), false) as has_failed,
        coalesce(fails_own_years, false) and not coalesce(passes_total, false) as has_hole
    from persistent
),

-- The last three years up to this one in which somebody else's figure was there.
checked as (
    select
        *,
        2 * sum(case when has_failed then 1 else 0 end) over last_three > count(*) over last_three as has_mostly_failed,
        lead(year) over (partition by reporter_code, partner_code, flow order by year) as next_year
    from findings
    where decided_by is not null
    window
        last_three as (
            partition by reporter_code, partner_code, flow
            order by year
            rows between 2 preceding and current row
        )
),

judged as (
    select
        findings.*,
        checked.year as checked_year,
        case
            when findings.has_failed then findings.decided_by
            when findings.has_hole then 'own_years'
            when findings.decided_by is not null then findings.decided_by
            when checked.has_mostly_failed then 'earlier_years'
        end as coverage_check,
        findings.has_failed
        or findings.has_hole
        or (findings.decided_by is null and coalesce(checked.has_mostly_failed, false)) as is_insufficient
    from findings
    left join checked
        on
            findings.reporter_code = checked.reporter_code
            and findings.partner_code = checked.partner_code
            and findings.flow = checked.flow
            and findings.year >= checked.year
            and findings.year < coalesce(checked.next_year, 9999)
)

select
    reporter_code,
    partner_code,
    flow,
    period_start,
    value_usd,
    other_value_usd,
    other_ratio,
    partners_share_pct,
    total_share_pct,
    usual_share_pct,
    partner_value_usd,
    partner_ratio,
    case
        when is_insufficient then 'insufficient'
        when coverage_check is null then 'unchecked'
        when coverage_check = 'partner' and partner_ratio < 0.4 then 'short'
        else 'sufficient'
    end as coverage_status,
    coverage_check,
    case
        when coverage_check is null then 'Nothing is held to check the figure against.'
        when coverage_check = 'total'
            then concat(
                'All partners together make ', cast(cast(round(partners_share_pct) as integer) as varchar),
                '% of the reporter''s published total.'
            )
        when coverage_check = 'other_source'
            then concat(
                'The figure is ', cast(cast(round(100 * other_ratio) as integer) as varchar),
                '% of what another tabulation of the same records has.'
            )
        when coverage_check = 'own_years'
            then concat(
                'The partner''s share in the reporter''s total falls to ',
                cast(cast(round(100 * total_share_pct / usual_share_pct) as integer) as varchar),
                '% of what it was before and is after, and nobody confirms it.'
            )
        when coverage_check = 'partner'
            then concat(
                'The figure is ', cast(cast(round(100 * partner_ratio) as integer) as varchar),
                '% of what the partner reports of the same flow',
                case
                    when is_insufficient then ', with which the balance would have another sign.'
                    when partner_ratio < 0.4 then ', which leaves the sign of the balance as it is.'
                    else '.'
                end
            )
        else concat(
            'Nothing is held to check the year against, and most of the last years checked, to ',
            cast(checked_year as varchar), ', were insufficient.'
        )
    end as coverage_reason
from judged
