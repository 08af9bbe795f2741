/*
what: >-
  The coverage check: how complete a reporter's annual figure with a partner is. Where the partner reports the same
  flow, the two figures are compared: a figure below half or above twice the partner's is incomplete or counts something
  else, and the balance has no sign if the partner's figure in its place would turn it. Where the partner does not
  report, the figure is compared with another tabulation of the same records, the reporter's published total, and its
  own other years.
grain: [reporter_code, partner_code, flow, period_start]
required: [coverage_status, coverage_reason]
columns:
- reporter_code, partner_code, flow, period_start (year)
- value_usd: US$ | The figure, as in core.goods_trade_annual.
- other_value_usd: US$ | The sum that WITS makes of the same records, where the figure is UN Comtrade's.
- other_ratio: ratio | value_usd divided by other_value_usd; below 0.7 the figure fails the check.
- partners_share_pct: >-
    percent | The share of all the reporter's available partners and its own returned goods in its published total; from
    95 on, no large trade lacks a partner.
- total_share_pct: percent | The figure as a share of the reporter's published total.
- usual_share_pct: >-
    percent | The lesser of the highest total_share_pct of the four years before and of the four years after. A share
    below half of it fails, if usual_share_pct is 5 or more and neither the partner nor another tabulation has a figure.
- partner_value_usd: >-
    US$ | The partner's figure for the same flow; without one, the sum that WITS makes of the partner's records, unless
    that is below half of the figure.
- partner_ratio: ratio | value_usd divided by partner_value_usd; below 0.5 or above 2 the two are far apart.
- partner_turns_sign: >-
    true/false | With partner_value_usd in its place the balance would have another sign; null without that figure or
    without the other flow.
- coverage_status: >-
    code | insufficient if the figure is too incomplete, or counts something else, for the balance to have a sign; apart
    if it is below half or above twice the partner's figure, which does not turn the sign; sufficient if a check was
    passed and none failed; unchecked if there was nothing to compare it with.
- coverage_check: >-
    code | The deciding check: partner, other_source, total, own_years, or earlier_years (the year cannot be checked,
    and most of the last three years that could be checked failed); null if unchecked.
- coverage_reason: text | The result of the check in words.
*/
with figures as (
    select
        *,
        cast(year(period_start) as integer) as year
    from core.goods_trade_annual
),

-- Tabulations without figures of their own: sums over products of records that other sources pass on.
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

-- Named trade: the partners, and the reporter's own returned goods.
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
        -- A tabulation may lack goods without a product code: it can show that a figure is too low, not too high.
        coalesce(
            mirror.value_usd, case when shares.value_usd <= 2 * mirror_others.value_usd then mirror_others.value_usd end
        ) as partner_value_usd,
        mirror.value_usd is null as is_partner_from_wits,
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

ratios as (
    select
        held.*,
        -- Null unless there is a year on either side.
        case
            when held.share_before_pct < held.share_after_pct then held.share_before_pct
            when held.share_before_pct >= held.share_after_pct then held.share_after_pct
        end as usual_share_pct,
        held.value_usd / nullif(held.other_value_usd, 0) as other_ratio,
        held.value_usd / nullif(held.partner_value_usd, 0) as partner_ratio,
        held.value_usd < 0.5 * held.partner_value_usd or held.value_usd > 2 * held.partner_value_usd as is_far_apart,
        sign(held.value_usd - held.opposite_usd) != sign(held.partner_value_usd - held.opposite_usd)
            as partner_turns_sign
    from held
),

texts as (
    select
        *,
        concat('US$', case
            when value_usd < 10000 then cast(cast(round(value_usd) as integer) as varchar)
            when value_usd < 9.99995e8 then concat(cast(round(value_usd / 1e6, 2) as varchar), 'm')
            else concat(cast(round(value_usd / 1e9, 2) as varchar), 'bn')
        end) as value_text,
        concat('US$', case
            when partner_value_usd < 10000 then cast(cast(round(partner_value_usd) as integer) as varchar)
            when partner_value_usd < 9.99995e8 then concat(cast(round(partner_value_usd / 1e6, 2) as varchar), 'm')
            else concat(cast(round(partner_value_usd / 1e9, 2) as varchar), 'bn')
        end) as partner_text
    from ratios
),

checks as (
    select
        *,
        case
            when other_ratio < 0.7 then 'other_source'
            when partner_value_usd is not null then 'partner'
            when other_ratio is not null then 'other_source'
            when partners_share_pct >= 95 then 'total'
            when usual_share_pct >= 5 and total_share_pct < 0.5 * usual_share_pct then 'own_years'
        end as own_check,
        case
            when other_ratio < 0.7 then true
            -- Null if the two are far apart and there is no balance whose sign could turn.
            when partner_value_usd is not null then is_far_apart and partner_turns_sign
            when other_ratio is not null or partners_share_pct >= 95 then false
            else coalesce(usual_share_pct >= 5 and total_share_pct < 0.5 * usual_share_pct, false)
        end as has_failed,
        case
            when other_ratio < 0.7 or partner_value_usd is null
                then concat(
                    value_text, ' is ', cast(round(100 * other_ratio, 1) as varchar),
                    '% of the figure in another table of the same records'
                )
            else concat(
                value_text, ' is ',
                case
                    when value_usd > 2 * partner_value_usd
                        then concat(coalesce(cast(round(partner_ratio, 1) as varchar), 'many'), ' times the ')
                    else concat(cast(round(100 * partner_ratio, 1) as varchar), '% of the ')
                end,
                case
                    when is_partner_from_wits then 'total that WITS sums up from the partner''s records'
                    else concat(partner_text, ' that the partner reports')
                end
            )
        end as comparison
    from texts
),

-- The last three years up to this one that could be checked against another publisher's figure.
checked as (
    select
        *,
        2 * sum(case when has_failed then 1 else 0 end) over last_three > count(*) over last_three as has_mostly_failed,
        lead(year) over (partition by reporter_code, partner_code, flow order by year) as next_year
    from checks
    where own_check in ('partner', 'other_source') and has_failed is not null
    window
        last_three as (
            partition by reporter_code, partner_code, flow
            order by year
            rows between 2 preceding and current row
        )
),

judged as (
    select
        checks.*,
        checked.year as checked_year,
        checked.comparison as checked_comparison,
        coalesce(checks.own_check, case when checked.has_mostly_failed then 'earlier_years' end) as coverage_check,
        case
            when checks.has_failed then 'insufficient'
            when checks.is_far_apart then 'apart'
            when checks.own_check is not null then 'sufficient'
            when checked.has_mostly_failed then 'insufficient'
            else 'unchecked'
        end as coverage_status
    from checks
    left join checked
        on
            checks.reporter_code = checked.reporter_code
            and checks.partner_code = checked.partner_code
            and checks.flow = checked.flow
            and checks.year >= checked.year
            and checks.year < coalesce(checked.next_year, 9999)
)

select
    *,
    case
        when coverage_check is null then 'No other figure is available to check this one.'
        when coverage_check = 'total'
            then concat(
                'All partners together make ', cast(cast(round(partners_share_pct) as integer) as varchar),
                '% of the reporter''s published total.'
            )
        when coverage_check = 'other_source' then concat(comparison, '.')
        when coverage_check = 'own_years'
            then concat(
                'The partner''s share in the reporter''s total falls to ',
                cast(cast(round(100 * total_share_pct / usual_share_pct) as integer) as varchar),
                '% of its level before and after, and no other publisher confirms it.'
            )
        when coverage_check = 'partner'
            then concat(
                comparison,
                case
                    when coverage_status = 'insufficient' then ', which would turn the sign of the balance.'
                    when coverage_status = 'apart' and opposite_usd is null then ', and the other flow is missing.'
                    when coverage_status = 'apart' then ', which would not turn the sign of the balance.'
                    when partner_turns_sign
                        then ', which would turn the sign of the balance; the reporter''s sign is kept.'
                    else '.'
                end
            )
        else concat(
            'No other figure is available to check the year, and most of the last years that could be checked were ',
            'too incomplete; in ',
            cast(checked_year as varchar), ' ', checked_comparison, '.'
        )
    end as coverage_reason
from judged
