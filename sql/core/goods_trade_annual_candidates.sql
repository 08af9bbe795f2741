/*
what: >-
  Every figure of all goods in a year that core.goods_trade_annual could use, as known now, with the rank of its source
  in core.source_precedence. It is published for the year, or the sum of twelve months of which none is missing or
  corrected, or the sum of twelve months of one publisher that came through several channels, each from the newest, or
  the sum of all products. All goods are at least the sum of their products: a figure more than 2% below the products
  that its reporter sent to the United Nations ranks behind them. No groups of economies, and no figures listed in
  core.goods_trade_set_aside; a reporter that is its own partner has returned goods (re-imports).
grain: [reporter_code, partner_code, flow, period_start, source, dataset, basis]
required: [
  value_usd, valuation, observation_status, precedence_rank, precedence_reason, is_below_products, choice, known_from,
  snapshot_id, vintages
]
sliced_by: year
columns:
- reporter_code, partner_code, flow, period_start (year), value_usd (held), net_weight_kg, valuation
- observation_status: code | SDMX status, A normal; for a sum, that of the least certain month; P if months are joined.
- basis (of a year), source, dataset, publisher_code, precedence_rank, precedence_reason
- is_below_products: >-
    true/false | A sum of the reporter's products, which ranks before it, is more than 2% higher: the figure lacks goods
    or freight, or counts goods by the economy from which they were sent.
- rate_date (of a year), choice
- known_from: >-
    date | The day from which the figure, and its exchange rate if it was converted, count as known; for a sum, the
    latest day; for a sum of products, not before the figure that it replaces.
- snapshot_id (or of a sum)
- snapshot_ids: >-
    list | Every snapshot that contains the figure or its exchange rate; for a sum of products also those of the figure
    that it replaces.
- vintages
*/
with known as (
    select observations.*
    from core.goods_trade_observations as observations
    inner join core.economies as partners
        on observations.partner_code = partners.economy_code and not partners.is_aggregate
    left join core.valuations as declared using (reporter_code, flow)
    left join core.goods_trade_set_aside as set_aside
        on
            observations.frequency = 'A'
            and observations.source = set_aside.source
            and observations.dataset = set_aside.dataset
            and observations.reporter_code = set_aside.reporter_code
            and observations.partner_code = set_aside.partner_code
            and observations.flow = set_aside.flow
            and observations.period_start = set_aside.period_start
    where
        coalesce(observations.valuation = declared.valuation, true)
        and observations.classification = 'TOTAL'
        and observations.known_to is null
        and observations.correction_id is null
        and set_aside.rule is null
        and observations.value_usd is not null
),

-- The months of a year from one snapshot, preferred to those from several.
parts as (
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        year(period_start) as year,
        snapshot_id,
        sum(value_usd) as value_usd,
        sum(net_weight_kg) as net_weight_kg,
        count(*) as month_count,
        count(net_weight_kg) as weight_count,
        min(valuation) as valuation,
        -- Of A, E and P the last in the alphabet is the least certain: one provisional month makes a provisional year.
        max(observation_status) as observation_status,
        max(known_from) as known_from
    from known
    where frequency = 'M'
    group by all
),

publishers as (
    select distinct
        source,
        dataset,
        publisher_code
    from core.source_precedence
    where metric = 'goods_total'
),

-- For each month the newest reading of the publisher's channels.
channels as (
    select
        known.*,
        publishers.publisher_code
    from known
    inner join publishers using (source, dataset)
    where known.frequency = 'M'
    qualify
        row_number() over (
            partition by
                publishers.publisher_code, known.reporter_code, known.partner_code, known.flow,
                known.period_start
            order by known.known_from desc, known.source asc, known.dataset asc
        ) = 1
),

channel_parts as (
    select
        publisher_code,
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        year(period_start) as year,
        snapshot_id,
        known_from,
        sum(value_usd) as value_usd,
        count(*) as month_count,
        min(valuation) as valuation
    from channels
    group by all
),

-- Datasets that have every product, and evidence, the figures that somebody has added up from them.
detailed as (
    select distinct
        source,
        dataset,
        metric = 'goods_evidence' as is_added_up
    from core.source_precedence
    where basis = 'products'
),

-- Codes of one length do not overlap. Withheld goods are in no product, so the largest sum is the best.
product_sums as (
    select
        products.source,
        products.dataset,
        products.reporter_code,
        products.partner_code,
        products.flow,
        products.period_start,
        products.classification,
        products.level,
        sum(round(100 * products.value_usd)) / 100 as value_usd,
        min(products.valuation) as valuation,
        max(products.observation_status) as observation_status,
        max(products.known_from) as known_from,
        max(products.snapshot_id) as snapshot_id,
        list_sort(list_distinct(array_agg(products.snapshot_id))) as snapshot_ids
    from core.goods_trade_observations as products
    inner join detailed using (source, dataset)
    inner join core.economies as partners
        on products.partner_code = partners.economy_code and not partners.is_aggregate
    left join core.valuations as declared using (reporter_code, flow)
    where
        coalesce(products.valuation = declared.valuation, true)
        and products.frequency = 'A'
        and products.classification != 'TOTAL'
        and products.coverage = 'complete'
        and products.known_to is null
        and products.correction_id is null
        and products.value_usd is not null
    group by all
),

candidates as (
    select
        known.*,
        case when detailed.is_added_up then 'products' else 'published' end as basis,
        list_sort(list_distinct([known.snapshot_id, known.rate_snapshot_id])) as snapshot_ids,
        concat(known.source, '/', known.dataset, '@', known.known_from) as vintages
    from known
    left join detailed using (source, dataset)
    where known.frequency = 'A'
    union all by name
    select
        * exclude (classification, level),
        cast(null as double) as net_weight_kg,
        'products' as basis,
        concat(source, '/', dataset, '@', known_from) as vintages
    from product_sums
    qualify
        row_number() over (
            partition by source, dataset, reporter_code, partner_code, flow, period_start
            order by value_usd desc, classification desc, level asc
        ) = 1
    union all by name
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        make_date(year, 1, 1) as period_start,
        'summed' as basis,
        sum(value_usd) as value_usd,
        case when sum(weight_count) = 12 then sum(net_weight_kg) end as net_weight_kg,
        min(valuation) as valuation,
        max(observation_status) as observation_status,
        max(known_from) as known_from,
        max(snapshot_id) as snapshot_id,
        list_sort(list_distinct(array_agg(snapshot_id))) as snapshot_ids,
        string_agg(concat(source, '/', dataset, '@', known_from), ', ' order by snapshot_id) as vintages
    from parts
    group by source, dataset, reporter_code, partner_code, flow, year
    having sum(month_count) = 12
    union all by name
    -- Readings of different days are provisional until one of them has the whole year.
    select
        publisher_code as source,
        min(dataset) as dataset,
        reporter_code,
        partner_code,
        flow,
        make_date(year, 1, 1) as period_start,
        'joined' as basis,
        sum(value_usd) as value_usd,
        cast(null as double) as net_weight_kg,
        min(valuation) as valuation,
        'P' as observation_status,
        max(known_from) as known_from,
        max(snapshot_id) as snapshot_id,
        list_sort(list_distinct(array_agg(snapshot_id))) as snapshot_ids,
        string_agg(concat(source, '/', dataset, '@', known_from), ', ' order by snapshot_id) as vintages
    from channel_parts
    group by publisher_code, reporter_code, partner_code, flow, year
    having sum(month_count) = 12 and count(distinct concat(source, '/', dataset)) > 1
),

ranked as (
    select
        candidates.*,
        precedence.publisher_code,
        precedence.metric,
        precedence.precedence_rank,
        precedence.reason as precedence_reason
    from candidates
    inner join core.source_precedence as precedence using (reporter_code, flow, source, dataset, basis)
    where
        precedence.metric in ('goods_total', 'goods_evidence')
        and precedence.frequency = 'A'
        and year(candidates.period_start) between precedence.valid_from_year and precedence.valid_to_year
),

-- A sum more than 5% below another reading does not cover all products.
bounded as (
    select
        *,
        max(case when basis != 'products' then value_usd end) over figure as highest_usd,
        max(case when basis = 'products' then value_usd end) over (
            partition by reporter_code, partner_code, flow, period_start
            order by precedence_rank
            range between unbounded preceding and 1 preceding
        ) as products_usd
    from ranked
    window figure as (partition by reporter_code, partner_code, flow, period_start)
),

judged as (
    select
        * exclude (highest_usd, products_usd),
        basis != 'products' and coalesce(value_usd < 0.98 * products_usd, false) as is_below_products
    from bounded
    where basis != 'products' or coalesce(value_usd >= 0.95 * highest_usd, true)
),

-- Evidence replaces only a figure that is below it, and only where no source of a higher rank has one.
needed as (
    select
        * exclude (metric),
        metric = 'goods_evidence' as is_evidence,
        max(case when is_below_products then 1 else 0 end) over figure as has_short,
        min(case when metric = 'goods_total' and not is_below_products then precedence_rank end) over figure
            as first_rank,
        max(case when is_below_products then known_from end) over figure as replaced_from,
        flatten(array_agg(case when is_below_products then snapshot_ids end) over figure) as replaced_ids
    from judged
    window figure as (partition by reporter_code, partner_code, flow, period_start)
)

select
    * exclude (is_evidence, has_short, first_rank, replaced_from, replaced_ids)
    replace (
        case when is_evidence then greatest(known_from, replaced_from) else known_from end as known_from,
        case
            when is_evidence then list_sort(list_distinct(flatten([snapshot_ids, replaced_ids]))) else snapshot_ids
        end as snapshot_ids
    ),
    row_number() over (
        partition by reporter_code, partner_code, flow, period_start
        order by is_below_products asc, precedence_rank asc, known_from desc, source asc, dataset asc, basis asc
    ) as choice
from needed
where not is_evidence or (has_short = 1 and coalesce(first_rank > precedence_rank, true))
