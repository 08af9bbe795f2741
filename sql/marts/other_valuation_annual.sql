/*
what: >-
  A reporter's goods trade with a partner by year at a valuation that the safe tables do not use (core.valuations): for
  the United States, imports CIF as reported to the United Nations, where the safe tables have general imports at
  customs value. Some printed numbers use this valuation. It is the same trade, so never add the two or join them into
  one series.
subject: balance
grain: [reporter_code, partner_code, year]
required: [valuation, declared_valuation, snapshot_ids]
example: |-
  select year, imports_usd, declared_imports_usd, imports_premium_pct, balance_usd, declared_balance_usd
  from marts.other_valuation_annual
  where reporter_code = 'USA' and partner_code = 'CHN'
  order by year desc
columns:
- reporter_code, partner_code, year
- valuation: code | The valuation of exports and imports here, such as FOB-CIF.
- declared_valuation: code | The valuation in the safe tables, such as FOB-CUSTOMS.
- exports_usd, imports_usd, balance_usd
- declared_imports_usd: US$ | Imports in core.goods_trade_annual; null without them.
- declared_balance_usd: US$ | The balance in marts.trade_balance_annual; null without a flow.
- imports_premium_pct: percent | imports_usd less declared_imports_usd, as a share of the latter.
- observation_status (of two flows)
- source: code | The publisher of the figures at this valuation.
- snapshot_ids
*/
with figures as (
    select
        observations.reporter_code,
        observations.partner_code,
        observations.flow,
        cast(year(observations.period_start) as integer) as year,
        observations.value_usd,
        observations.valuation,
        observations.observation_status,
        observations.source,
        observations.snapshot_id,
        observations.valuation != declared.valuation as is_other,
        precedence.metric,
        precedence.precedence_rank
    from core.goods_trade_observations as observations
    inner join core.economies as partners
        on observations.partner_code = partners.economy_code and not partners.is_aggregate
    inner join core.valuations as declared using (reporter_code, flow)
    inner join core.source_precedence as precedence using (frequency, reporter_code, flow, source, dataset)
    where
        precedence.metric in ('goods_total', 'goods_evidence')
        and observations.frequency = 'A'
        and observations.classification = 'TOTAL'
        and observations.known_to is null
        and observations.correction_id is null
        and observations.value_usd is not null
        and observations.reporter_code != observations.partner_code
    -- Of several datasets of one source, the newest.
    qualify
        row_number() over (
            partition by
                observations.source, observations.reporter_code, observations.partner_code, observations.flow,
                observations.period_start
            order by precedence.precedence_rank asc, observations.known_from desc, observations.dataset asc
        ) = 1
),

-- What the reporter sends in goes before a sum of its products (goods_evidence).
sources as (
    select
        reporter_code,
        partner_code,
        year,
        source
    from figures
    where is_other
    qualify
        row_number() over (
            partition by reporter_code, partner_code, year
            order by metric desc, precedence_rank asc, source asc
        ) = 1
),

-- Both flows of the source: a balance is of one publisher.
pairs as (
    select
        figures.reporter_code,
        figures.partner_code,
        figures.year,
        figures.source,
        max(figures.value_usd) filter (where figures.flow = 'export') as exports_usd,
        max(figures.value_usd) filter (where figures.flow = 'import') as imports_usd,
        max(figures.valuation) filter (where figures.flow = 'export') as exports_valuation,
        max(figures.valuation) filter (where figures.flow = 'import') as imports_valuation,
        -- Of A, E and P the last in the alphabet is the least certain.
        max(figures.observation_status) as observation_status,
        list_sort(list_distinct(array_agg(figures.snapshot_id))) as snapshot_ids
    from figures
    inner join sources using (reporter_code, partner_code, year, source)
    group by figures.reporter_code, figures.partner_code, figures.year, figures.source
),

safe as (
    select
        reporter_code,
        partner_code,
        cast(year(period_start) as integer) as year,
        max(value_usd) filter (where flow = 'export') as declared_exports_usd,
        max(value_usd) filter (where flow = 'import') as declared_imports_usd,
        list_sort(list_distinct(flatten(array_agg(snapshot_ids)))) as safe_ids
    from core.goods_trade_annual
    group by reporter_code, partner_code, year(period_start)
),

declared as (
    select
        reporter_code,
        max(valuation) filter (where flow = 'export') as declared_exports,
        max(valuation) filter (where flow = 'import') as declared_imports
    from core.valuations
    group by reporter_code
)

select
    pairs.* exclude (snapshot_ids),
    concat(
        coalesce(pairs.exports_valuation, declared.declared_exports), '-',
        coalesce(pairs.imports_valuation, declared.declared_imports)
    ) as valuation,
    concat(declared.declared_exports, '-', declared.declared_imports) as declared_valuation,
    pairs.exports_usd - pairs.imports_usd as balance_usd,
    safe.declared_imports_usd,
    safe.declared_exports_usd - safe.declared_imports_usd as declared_balance_usd,
    100 * (pairs.imports_usd / nullif(safe.declared_imports_usd, 0) - 1) as imports_premium_pct,
    list_sort(list_distinct(flatten([pairs.snapshot_ids, safe.safe_ids]))) as snapshot_ids
from pairs
inner join declared using (reporter_code)
left join safe using (reporter_code, partner_code, year)
