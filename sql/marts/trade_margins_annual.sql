/*
what: >-
  Fewer products, or less of each: the change in a reporter's trade with a partner from one year to another, split into
  the extensive margin (products that entered or left) and the intensive margin (products traded in both years). Each
  available year is compared with the previous available one, and the last complete year with the first. The parts add
  up to the change in whole cents. Read a margin together with its level: a section of goods hardly ever enters or
  leaves. Where a year's products do not cover all products the margins are null and reason says why.
subject: products
grain: [reporter_code, partner_code, flow, classification, level, from_year, to_year]
required: [reason, comparison, source, snapshot_ids]
columns:
- reporter_code, partner_code, flow
- classification: code | The classification and its edition in which both years are compared.
- level (of the product), from_year, to_year
- span: >-
    code | year for a year against the one before, gap if the years in between are missing, all for the last against the
    first.
- from_usd: US$ | All goods in the earlier year.
- to_usd: US$ | All goods in the later year.
- change_usd, entered_count, left_count, continued_count
- unmatched_count: >-
    count | The number of products traded in one year that the other year's figures cannot show: its edition has no code
    for them, or the reporter lists them with none of at least three partners up to a year and with most of them in the
    next, as China lists gold from 2015 on.
- entered_usd
- left_usd: US$ | The trade lost with products that left; never above zero.
- continued_usd
- unmatched_usd: >-
    US$ | The change in the products of unmatched_count; in neither margin. In the other year their goods are under a
    code that continued, or under none.
- residual_usd
- extensive_usd: US$ | The extensive margin, entered_usd and left_usd.
- extensive_pct: percent | The extensive margin's share of the change; null if trade did not move.
- intensive_pct
- is_complete_detail: true/false | The products of both years cover all goods.
- status: code | complete, unconfirmed, incomplete or excluded, the worse of the two years, or missing without a second.
- reason, comparison
- source: code | The publisher of the later year's products.
- snapshot_ids
*/
with held as (
    select
        reporter_code,
        partner_code,
        flow,
        classification,
        level,
        year,
        min(status) as status,
        min(reason) as reason,
        -- The edition that the figures were converted from; null if they were made in this one.
        min(
            case when contains(origin, 'by the conversion tables') then substr(origin, strpos(origin, 'HS'), 6) end
        ) as edition,
        min(source) as source,
        list_sort(list_distinct(flatten(array_agg(snapshot_ids)))) as snapshot_ids,
        round(100 * max(coalesce(reported_usd, total_usd))) as total_cents,
        bool_and(is_complete_detail) as is_complete_detail
    from marts.product_trade_annual
    group by all
),

years as (
    select
        *,
        lag(year) over (
            partition by reporter_code, partner_code, flow, classification, level
            order by year
        ) as year_before,
        min(year) over detail as first_year,
        max(year) over detail as last_year,
        min(case when is_complete_detail then year end) over detail as first_complete_year,
        max(case when is_complete_detail then year end) over detail as last_complete_year
    from held
    window detail as (partition by reporter_code, partner_code, flow, classification, level)
),

bounded as (
    select
        *,
        case when first_complete_year < last_complete_year then first_complete_year else first_year end as start_year,
        case when first_complete_year < last_complete_year then last_complete_year else last_year end as end_year
    from years
),

pairs as (
    select
        *,
        coalesce(year_before, year - 1) as from_year
    from bounded
    where year_before is not null or first_year = last_year
    union all
    select
        *,
        start_year as from_year
    from bounded
    where year = end_year and start_year < year_before
),

spans as (
    select
        later.reporter_code,
        later.partner_code,
        later.flow,
        later.classification,
        later.level,
        later.from_year,
        later.year as to_year,
        case
            when later.from_year = later.year - 1 then 'year'
            when later.from_year = later.start_year and later.year = later.end_year then 'all'
            else 'gap'
        end as span,
        earlier.total_cents as from_cents,
        later.total_cents as to_cents,
        earlier.edition as from_edition,
        later.edition as to_edition,
        coalesce(earlier.is_complete_detail and later.is_complete_detail, false) as is_complete_detail,
        case
            when earlier.status is null then 'missing'
            when 'incomplete' in (earlier.status, later.status) then 'incomplete'
            when 'excluded' in (earlier.status, later.status) then 'excluded'
            when 'unconfirmed' in (earlier.status, later.status) then 'unconfirmed'
            else 'complete'
        end as status,
        case
            when earlier.status is null
                then concat('No other year in ', later.classification, ' can be compared with ', later.year, '.')
            when earlier.reason = later.reason then concat(earlier.year, ' and ', later.year, ': ', later.reason)
            else concat(earlier.year, ': ', earlier.reason, ' ', later.year, ': ', later.reason)
        end as reason,
        case
            when earlier.status is null then 'one year alone'
            when coalesce(earlier.edition, later.edition) is null
                then concat('the same edition, ', later.classification)
            when earlier.edition = later.edition
                then concat(
                    later.edition, ' as ', later.classification, ', by the conversion tables of the United Nations'
                )
            else concat(
                coalesce(earlier.edition, earlier.classification), ' against ',
                coalesce(later.edition, later.classification), ' as ', later.classification,
                ', by the conversion tables of the United Nations'
            )
        end as comparison,
        later.source,
        list_sort(list_distinct(flatten([earlier.snapshot_ids, later.snapshot_ids]))) as snapshot_ids
    from pairs as later
    left join bounded as earlier
        on
            later.reporter_code = earlier.reporter_code
            and later.partner_code = earlier.partner_code
            and later.flow = earlier.flow
            and later.classification = earlier.classification
            and later.level = earlier.level
            and later.from_year = earlier.year
),

-- The codes to which figures of an edition can be converted.
correlated as (
    select distinct
        editions.edition as other_edition,
        editions.classification,
        editions.level,
        case editions.classification
            when 'HS2012' then substr(correlations.hs2012_code, 1, editions.level)
            when 'SITC4' then substr(correlations.sitc4_division, 1, editions.level)
            when 'BEC4' then correlations.bec4_code
            when 'BEC4_END_USE' then correlations.bec4_end_use
            else correlations.unctad_stage_code
        end as product_code
    from (
        select distinct
            edition,
            classification,
            level
        from held
        where edition is not null
    ) as editions
    inner join core.product_correlations as correlations
        on correlations.level = 6 and editions.edition between correlations.first_edition and correlations.last_edition
),

traded as (
    select
        spans.reporter_code,
        spans.partner_code,
        spans.flow,
        spans.classification,
        spans.level,
        spans.from_year,
        spans.to_year,
        products.product_code,
        sum(case when products.year = spans.from_year then round(100 * products.value_usd) else 0 end) as from_cents,
        sum(case when products.year = spans.to_year then round(100 * products.value_usd) else 0 end) as to_cents,
        -- The edition behind the year in which the product is not traded.
        case
            when count(case when products.year = spans.to_year then 1 end) = 0 then max(spans.to_edition)
            else max(spans.from_edition)
        end as other_edition
    from spans
    inner join marts.product_trade_annual as products
        using (reporter_code, partner_code, flow, classification, level)
    where
        (spans.from_year = products.year or spans.to_year = products.year)
        and spans.is_complete_detail and not products.is_residual and products.value_usd > 0
    group by all
),

-- The number of partners with which a reporter lists a product, among those with complete products, and its first year.
listed as (
    select
        reporter_code,
        flow,
        classification,
        level,
        product_code,
        year,
        count(distinct partner_code) as partner_count,
        min(year) over (partition by reporter_code, flow, classification, level, product_code) as first_listed_year
    from marts.product_trade_annual
    where is_complete_detail and not is_residual and value_usd > 0
    group by reporter_code, flow, classification, level, product_code, year
),

partners as (
    select
        reporter_code,
        flow,
        classification,
        level,
        year,
        count(distinct partner_code) as partner_count
    from held
    where is_complete_detail
    group by reporter_code, flow, classification, level, year
),

-- Products that a reporter lists with no partner up to a year and with most in the next: its list has changed.
new_on_list as (
    select
        listed.reporter_code,
        listed.flow,
        listed.classification,
        listed.level,
        listed.product_code,
        listed.first_listed_year
    from listed
    inner join partners
        using (reporter_code, flow, classification, level, year)
    inner join partners as before
        on
            listed.reporter_code = before.reporter_code
            and listed.flow = before.flow
            and listed.classification = before.classification
            and listed.level = before.level
            and listed.year = before.year + 1
    where
        listed.year = listed.first_listed_year
        and least(listed.partner_count, before.partner_count) >= 3
        and 2 * listed.partner_count >= partners.partner_count
),

moves as (
    select
        traded.*,
        traded.to_cents - traded.from_cents as change_cents,
        case
            when traded.from_cents > 0 and traded.to_cents > 0 then 'continued'
            when traded.other_edition is not null and correlated.other_edition is null then 'unmatched'
            when traded.from_year < new_on_list.first_listed_year and traded.from_cents = 0 then 'unmatched'
            when traded.to_cents > 0 then 'entered'
            else 'left'
        end as move
    from traded
    left join correlated using (other_edition, classification, level, product_code)
    left join new_on_list using (reporter_code, flow, classification, level, product_code)
),

margins as (
    select
        reporter_code,
        partner_code,
        flow,
        classification,
        level,
        from_year,
        to_year,
        cast(count(case when move = 'entered' then 1 end) as integer) as entered_count,
        cast(count(case when move = 'left' then 1 end) as integer) as left_count,
        cast(count(case when move = 'continued' then 1 end) as integer) as continued_count,
        cast(count(case when move = 'unmatched' then 1 end) as integer) as unmatched_count,
        sum(case when move = 'entered' then change_cents else 0 end) as entered_cents,
        sum(case when move = 'left' then change_cents else 0 end) as left_cents,
        sum(case when move = 'continued' then change_cents else 0 end) as continued_cents,
        sum(case when move = 'unmatched' then change_cents else 0 end) as unmatched_cents,
        sum(change_cents) as products_cents
    from moves
    group by all
)

select
    spans.* exclude (from_year),
    cast(spans.from_year as integer) as from_year,
    spans.from_cents / 100 as from_usd,
    spans.to_cents / 100 as to_usd,
    (spans.to_cents - spans.from_cents) / 100 as change_usd,
    margins.entered_count,
    margins.left_count,
    margins.continued_count,
    margins.unmatched_count,
    margins.entered_cents / 100 as entered_usd,
    margins.left_cents / 100 as left_usd,
    margins.continued_cents / 100 as continued_usd,
    margins.unmatched_cents / 100 as unmatched_usd,
    (spans.to_cents - spans.from_cents - margins.products_cents) / 100 as residual_usd,
    (margins.entered_cents + margins.left_cents) / 100 as extensive_usd,
    100 * (margins.entered_cents + margins.left_cents) / nullif(spans.to_cents - spans.from_cents, 0) as extensive_pct,
    100 * margins.continued_cents / nullif(spans.to_cents - spans.from_cents, 0) as intensive_pct
from spans
left join margins
    using (reporter_code, partner_code, flow, classification, level, from_year, to_year)
