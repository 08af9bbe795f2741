/*
what: >-
  A reporter's goods trade with a partner by product and year, in each classification that is available or can be
  derived with the United Nations' conversion tables. Within a classification and level the rows of a pair, flow and
  year add up to total_usd: the part that the products do not explain is a row of its own, RESIDUAL. The total is that
  of the products' own publisher, so shares use one publisher's figures and lie between 0 and 100. Products that
  contradict the total are left out, and the residual says why. Products that do not cover all goods are not a
  breakdown; each has its share of the total where that is known.
subject: products
grain: [reporter_code, partner_code, year, flow, classification, level, product_code]
required: [value_usd, status, reason, basis, source, snapshot_ids]
example: |-
  select year, flow, classification, product_code, product, value_usd, share_pct, status
  from marts.product_trade_annual
  where reporter_code = 'KOR' and partner_code = 'CHN' and year = 2023 and level = 4
  order by flow, value_usd desc limit 10
sliced_by: year
columns:
- reporter_code, partner_code, year, flow, classification (any)
- level: count | Digits of the product code, or depth where a classification has no digits.
- product_code (or the rest of the total), product, value_usd (or a residual)
- share_pct: percent | The value's share of total_usd; null where no total is known or the products contradict it.
- net_weight_kg
- total_usd: US$ | All goods of the pair, flow and year; shares are of this total.
- total_basis: >-
    code | own if the products' publisher prints the total, summed if the products cover all goods and are added up,
    reported if they do not cover all goods, or contradict it, and the total is that of core.goods_trade_annual.
- total_source
- reported_usd: US$ | All goods in core.goods_trade_annual, with which the products are compared; null if it has none.
- is_residual
- is_complete_detail: true/false | The products cover all goods and agree with the total.
- status: code | complete, unconfirmed (no total to compare the products with), incomplete or excluded.
- reason
- basis: code | reported, summed (of months), rolled_up (of longer codes) or converted (from another classification).
- origin: text | The codes that a converted or rolled up figure was made from.
- source (of products), snapshot_ids
*/
-- Sums are rounded to the precision of their parts, so they do not depend on the order of adding.
-- A product without trade in a month has no row for it, so months are counted over all products.
with month_counts as (
    select
        reporter_code,
        partner_code,
        year(period_start) as year,
        flow,
        classification,
        level,
        count(distinct case when is_complete_detail then period_start end) as complete_month_count
    from core.product_trade_monthly
    group by all
    -- With fewer months no product has twelve.
    having count(distinct period_start) = 12
),

months as (
    select
        products.*,
        month_counts.complete_month_count
    from core.product_trade_monthly as products
    inner join month_counts using (reporter_code, partner_code, flow, classification, level)
    where year(products.period_start) = month_counts.year
),

figures as (
    select
        *,
        cast(year(period_start) as integer) as year,
        1 as choice,
        'reported' as basis,
        [snapshot_id] as snapshot_ids
    from core.product_trade_annual
    union all by name
    select
        reporter_code,
        partner_code,
        cast(year(period_start) as integer) as year,
        flow,
        classification,
        level,
        product_code,
        round(sum(value_usd), 2) as value_usd,
        case when count(net_weight_kg) = count(*) then round(sum(net_weight_kg), 3) end as net_weight_kg,
        min(complete_month_count) = 12 as is_complete_detail,
        2 as choice,
        'summed' as basis,
        'twelve months' as origin,
        max(source) as source,
        list_sort(list_distinct(array_agg(snapshot_id))) as snapshot_ids
    from months
    group by reporter_code, partner_code, year(period_start), flow, classification, level, product_code
    having count(*) = 12 or min(complete_month_count) = 12
),

-- Complete subheadings converted to other classifications. Codes that the tables leave open stay in the residual.
converted as (
    select
        figures.*,
        correlations.* exclude (product_code, level)
    from figures
    inner join core.product_correlations as correlations using (product_code)
    where
        figures.classification between correlations.first_edition and correlations.last_edition
        and figures.is_complete_detail and figures.level = 6 and starts_with(figures.classification, 'HS')
),

classes as (
    select
        converted.reporter_code,
        converted.partner_code,
        converted.year,
        converted.flow,
        targets.classification,
        targets.level,
        case targets.classification
            when 'HS2012' then converted.hs2012_code
            when 'SITC4' then converted.sitc4_division
            when 'BEC4' then converted.bec4_code
            when 'BEC4_END_USE' then converted.bec4_end_use
            else converted.unctad_stage_code
        end as product_code,
        converted.value_usd,
        converted.net_weight_kg,
        converted.classification as origin,
        converted.source,
        converted.snapshot_ids
    from converted
    cross join
        (
            values ('HS2012', 6), ('SITC4', 2), ('BEC4', 2), ('BEC4_END_USE', 1), ('UNCTAD_STAGE', 1)
        ) as targets (classification, level)
    where targets.classification != converted.classification
),

known as (
    select *
    from figures
    union all by name
    select
        reporter_code,
        partner_code,
        year,
        flow,
        classification,
        level,
        product_code,
        round(sum(value_usd), 2) as value_usd,
        case when count(net_weight_kg) = count(*) then round(sum(net_weight_kg), 3) end as net_weight_kg,
        true as is_complete_detail,
        4 as choice,
        'converted' as basis,
        concat(max(origin), ', by the conversion tables of the United Nations') as origin,
        max(source) as source,
        list_sort(list_distinct(flatten(array_agg(snapshot_ids)))) as snapshot_ids
    from classes
    where product_code is not null
    group by reporter_code, partner_code, year, flow, classification, level, product_code
),

-- Complete codes added up to shorter ones: subheadings to headings and chapters, divisions to sections.
rolled as (
    select
        known.reporter_code,
        known.partner_code,
        known.year,
        known.flow,
        known.classification,
        shorter.level,
        substr(known.product_code, 1, shorter.level) as product_code,
        round(sum(known.value_usd), 2) as value_usd,
        case when count(known.net_weight_kg) = count(*) then round(sum(known.net_weight_kg), 3) end as net_weight_kg,
        true as is_complete_detail,
        min(known.choice) + case when known.level - shorter.level > 2 then 6 else 5 end as choice,
        'rolled_up' as basis,
        concat(
            'codes of ', known.level, ' digits',
            case when min(known.choice) = 4 then concat(', ', max(known.origin)) else '' end
        ) as origin,
        max(known.source) as source,
        list_sort(list_distinct(flatten(array_agg(known.snapshot_ids)))) as snapshot_ids
    from known
    inner join (values ('HS', 4), ('HS', 2), ('SITC', 2), ('SITC', 1)) as shorter (family, level)
        on starts_with(known.classification, shorter.family) and known.level > shorter.level
    where known.is_complete_detail
    group by
        known.reporter_code, known.partner_code, known.year, known.flow, known.classification, known.level,
        shorter.level, substr(known.product_code, 1, shorter.level)
),

candidates as (
    select *
    from known
    union all by name
    select *
    from rolled
),

-- One way of making a level for all its products: the first way that covers all goods, otherwise the first.
preferred as (
    select
        *,
        choice
        + case
            when
                bool_and(is_complete_detail) over (
                    partition by reporter_code, partner_code, year, flow, classification, level, choice
                )
                then 0
            else 100
        end as preference
    from candidates
),

chosen as (
    select *
    from preferred
    qualify
        preference = min(preference) over (partition by reporter_code, partner_code, year, flow, classification, level)
),

details as (
    select
        reporter_code,
        partner_code,
        year,
        flow,
        classification,
        level,
        round(sum(value_usd), 2) as detail_usd,
        bool_and(is_complete_detail) as covers_all,
        min(basis) as basis,
        min(origin) as origin,
        min(source) as source,
        list_sort(list_distinct(flatten(array_agg(snapshot_ids)))) as snapshot_ids
    from chosen
    group by all
),

-- The total for all goods that the products' publisher prints.
own_totals as (
    select
        reporter_code,
        partner_code,
        cast(year(period_start) as integer) as year,
        flow,
        source,
        max(total_usd) as total_usd
    from core.product_trade_annual
    where total_usd is not null
    group by all
),

-- The figure to compare the products with: the safe total or, where that is made of products, the next figure.
reported as (
    select
        totals.reporter_code,
        totals.partner_code,
        totals.flow,
        totals.period_start,
        totals.value_usd as reported_usd,
        totals.source as reported_source,
        totals.snapshot_ids,
        coalesce(totals.basis = 'products', false) as is_total_of_products,
        case when totals.basis = 'products' then others.value_usd else totals.value_usd end as other_usd,
        case when totals.basis = 'products' then others.source else totals.source end as other_source
    from core.goods_trade_annual as totals
    left join core.goods_trade_annual_candidates as others
        on
            totals.basis = 'products'
            and others.choice = 2
            and totals.reporter_code = others.reporter_code
            and totals.partner_code = others.partner_code
            and totals.flow = others.flow
            and totals.period_start = others.period_start
),

known_totals as (
    select
        details.* exclude (snapshot_ids),
        reported.reported_usd,
        reported.reported_source,
        reported.other_usd,
        reported.other_source,
        own_totals.total_usd as own_usd,
        -- Of all classifications of one publisher's goods, the one that leaves out least.
        max(case when details.covers_all and details.basis in ('reported', 'summed') then details.detail_usd end) over (
            partition by details.reporter_code, details.partner_code, details.year, details.flow, details.source
        ) as all_products_usd,
        reported.is_total_of_products,
        coalesce(abs(reported.other_usd - details.detail_usd) <= 0.02 * reported.other_usd, false) as is_confirmed,
        list_sort(list_distinct(flatten([details.snapshot_ids, reported.snapshot_ids]))) as snapshot_ids
    from details
    left join reported
        on
            details.reporter_code = reported.reporter_code
            and details.partner_code = reported.partner_code
            and details.flow = reported.flow
            and reported.period_start = make_date(details.year, 1, 1)
    left join own_totals
        on
            details.reporter_code = own_totals.reporter_code
            and details.partner_code = own_totals.partner_code
            and details.flow = own_totals.flow
            and details.year = own_totals.year
            and details.source = own_totals.source
),

judged as (
    select
        *,
        case
            -- Parts may not exceed the whole; 1% is allowed for rounding.
            when not covers_all and detail_usd > 1.01 * coalesce(own_usd, reported_usd) then 'excluded'
            when not covers_all then 'incomplete'
            when is_confirmed then 'complete'
            when reported_usd is null or is_total_of_products then 'unconfirmed'
            else 'excluded'
        end as status
    from known_totals
),

held as (
    select
        *,
        case
            when status in ('complete', 'unconfirmed')
                then greatest(detail_usd, coalesce(all_products_usd, 0), coalesce(own_usd, 0))
            when status = 'excluded' and covers_all then reported_usd
            else coalesce(own_usd, reported_usd)
        end as total_usd,
        case
            when status in ('complete', 'unconfirmed')
                then case
                    when own_usd >= greatest(detail_usd, coalesce(all_products_usd, 0)) then 'own' else 'summed'
                end
            when own_usd is not null and not covers_all then 'own'
            when reported_usd is not null then 'reported'
        end as total_basis
    from judged
),

explained as (
    select
        *,
        case when total_basis = 'reported' then reported_source when total_basis is not null then source end
            as total_source,
        case
            when status = 'incomplete'
                then 'The available products do not cover all goods, or not all of their source''s own total.'
            when status = 'complete' then concat('The products add up to the total of ', other_source, ' within 2%.')
            when status = 'unconfirmed' and other_usd is not null
                then concat(
                    'The products are the total: US$', cast(round(detail_usd / 1e6) as bigint), 'm. That of ',
                    other_source, ' is US$', cast(round(other_usd / 1e6) as bigint), 'm.'
                )
            when status = 'unconfirmed' and own_usd is not null
                then 'The total is that of the products'' own publisher, within 1% of their sum.'
            when status = 'unconfirmed' then 'No source gives the total: it is the sum of the products.'
            else concat(
                'The products add up to US$', cast(round(detail_usd / 1e6) as bigint), 'm, the total of ',
                case when total_basis = 'own' then source else reported_source end, ' is US$',
                cast(round(total_usd / 1e6) as bigint), 'm: more than ', case when covers_all then 2 else 1 end,
                '% apart.'
            )
        end as reason
    from held
),

lines as (
    select
        reporter_code,
        partner_code,
        year,
        flow,
        classification,
        level,
        product_code,
        value_usd,
        net_weight_kg,
        false as is_residual,
        basis,
        origin
    from chosen
    union all by name
    select
        reporter_code,
        partner_code,
        year,
        flow,
        classification,
        level,
        'RESIDUAL' as product_code,
        round(total_usd - case when status = 'excluded' then 0 else detail_usd end, 2) as value_usd,
        true as is_residual,
        basis,
        origin
    from explained
    where total_usd is not null
)

select
    lines.*,
    case when lines.is_residual then 'What the products do not explain' else products.label end as product,
    case
        when explained.status != 'excluded' then 100 * lines.value_usd / nullif(explained.total_usd, 0)
    end as share_pct,
    explained.total_usd,
    explained.total_basis,
    explained.total_source,
    explained.reported_usd,
    explained.status in ('complete', 'unconfirmed') as is_complete_detail,
    explained.status,
    explained.reason,
    explained.source,
    explained.snapshot_ids
from lines
inner join explained using (reporter_code, partner_code, year, flow, classification, level)
left join core.products as products using (classification, product_code)
where lines.is_residual or explained.status != 'excluded'
