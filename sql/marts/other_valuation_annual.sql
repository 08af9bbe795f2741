/*
what: >-
  A reporter's goods trade with a partner by year at a valuation that the safe tables do not take (core.valuations): for
  the United States imports CIF, as they report them to the United Nations, beside general imports at customs value. It
  is the other basis of a printed number, and no other trade: never add the two, or follow one with the other.
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
with others as (
    select
        observations.reporter_code,
        observations.partner_code,
        observations.flow,
        cast(year(observations.period_start) as integer) as year,
        observations.value_usd,
        observations.valuation,
        observations.observation_status,
        observations.source,
        observations.snapshot_id
    from core.goods_trade_observations as observations
    inner join core.economies as partners
        on observations.partner_code = partners.economy_code and not partners.is_aggregate
    inner join core.valuations as declared
        on
            observations.reporter_code = declared.reporter_code
            and observations.flow = declared.flow
            and observations.valuation != declared.valuation
    inner join core.source_precedence as precedence
        on
            observations.frequency = precedence.frequency
            and observations.reporter_code = precedence.reporter_code
            and observations.flow = precedence.flow
            and observations.source = precedence.source
            and observations.dataset = precedence.dataset
    where
        precedence.metric in ('goods_total', 'goods_evidence')
        and observations.frequency = 'A'
        and observations.classification = 'TOTAL'
        and observations.known_to is null
        and observations.correction_id is null
        and observations.value_usd is not null
        and observations.reporter_code != observations.partner_code
    qualify
        row_number() over (
            partition by
                observations.reporter_code, observations.partner_code, observations.flow, observations.period_start
            -- What the reporter sends in goes before a sum of its products.
            order by
                precedence.metric desc, precedence.precedence_rank asc, observations.known_from desc,
                observations.source asc, observations.dataset asc
        ) = 1
),

safe as (
    select
        reporter_code,
        partner_code,
        cast(year(period_start) as integer) as year,
        max(value_usd) filter (where flow = 'export') as exports_usd,
        max(value_usd) filter (where flow = 'import') as imports_usd,
        max(valuation) filter (where flow = 'export') as exports_valuation,
        max(valuation) filter (where flow = 'import') as imports_valuation,
        max(observation_status) filter (where flow = 'export') as exports_status,
        max(observation_status) filter (where flow = 'import') as imports_status,
        list_sort(list_distinct(flatten(array_agg(snapshot_ids)))) as snapshot_ids
    from core.goods_trade_annual
    group by reporter_code, partner_code, year(period_start)
),

pairs as (
    select
        reporter_code,
        partner_code,
        year,
        max(value_usd) filter (where flow = 'export') as exports_usd,
        max(value_usd) filter (where flow = 'import') as imports_usd,
        max(valuation) filter (where flow = 'export') as exports_valuation,
        max(valuation) filter (where flow = 'import') as imports_valuation,
        max(observation_status) filter (where flow = 'export') as exports_status,
        max(observation_status) filter (where flow = 'import') as imports_status,
        string_agg(distinct source, ', ' order by source) as source,
        list_sort(list_distinct(array_agg(snapshot_id))) as snapshot_ids
    from others
    group by reporter_code, partner_code, year
),

declared as (
    select
        reporter_code,
        concat(max(case flow when 'export' then valuation end), '-', max(case flow when 'import' then valuation end))
            as declared_valuation,
        max(case flow when 'export' then valuation end) as exports_valuation,
        max(case flow when 'import' then valuation end) as imports_valuation
    from core.valuations
    group by reporter_code
)

select
    pairs.reporter_code,
    pairs.partner_code,
    pairs.year,
    concat(
        coalesce(pairs.exports_valuation, declared.exports_valuation), '-',
        coalesce(pairs.imports_valuation, declared.imports_valuation)
    ) as valuation,
    declared.declared_valuation,
    coalesce(pairs.exports_usd, safe.exports_usd) as exports_usd,
    coalesce(pairs.imports_usd, safe.imports_usd) as imports_usd,
    coalesce(pairs.exports_usd, safe.exports_usd) - coalesce(pairs.imports_usd, safe.imports_usd) as balance_usd,
    safe.imports_usd as declared_imports_usd,
    safe.exports_usd - safe.imports_usd as declared_balance_usd,
    100 * (pairs.imports_usd / nullif(safe.imports_usd, 0) - 1) as imports_premium_pct,
    -- Of A, E and P the last in the alphabet is the least certain.
    greatest(
        coalesce(pairs.exports_status, safe.exports_status), coalesce(pairs.imports_status, safe.imports_status)
    ) as observation_status,
    pairs.source,
    list_sort(list_distinct(flatten([pairs.snapshot_ids, safe.snapshot_ids]))) as snapshot_ids
from pairs
inner join declared using (reporter_code)
left join safe using (reporter_code, partner_code, year)
