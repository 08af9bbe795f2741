/*
what: >-
  Every figure of a reporter's trade with the whole world in a year that core.goods_trade_world_annual could use, as
  known now: the total that a publisher prints, never a sum of partners. It includes trade attributed to no partner.
grain: [reporter_code, flow, period_start, source, dataset, basis]
required: [observation_status, precedence_rank, precedence_reason, choice, known_from, snapshot_ids]
sliced_by: year
columns:
- reporter_code, flow, period_start (year), value_usd (held), valuation, observation_status (or of a sum)
- basis (of the world), source, dataset, precedence_rank, precedence_reason, choice
- known_from: date | The day from which the figure counts as known; for a sum, the latest day of its months.
- snapshot_ids (and of its rate)
*/
with known as (
    select *
    from core.goods_trade_observations
    where
        partner_code = 'WLD'
        and classification = 'TOTAL'
        and known_to is null
        and correction_id is null
        and value_usd is not null
),

figures as (
    select
        *,
        'published' as basis,
        list_sort(list_distinct([snapshot_id, rate_snapshot_id])) as snapshot_ids
    from known
    where frequency = 'A'
    union all by name
    select
        source,
        dataset,
        reporter_code,
        flow,
        make_date(year(period_start), 1, 1) as period_start,
        'summed' as basis,
        round(sum(value_usd), 2) as value_usd,
        min(valuation) as valuation,
        -- Of A, E and P the last in the alphabet is the least certain.
        max(observation_status) as observation_status,
        max(known_from) as known_from,
        list_sort(list_distinct(array_agg(snapshot_id))) as snapshot_ids
    from known
    where frequency = 'M'
    group by source, dataset, reporter_code, flow, year(period_start)
    having count(*) = 12
    union all by name
    -- The WTO's totals, which the World Bank passes on.
    select
        source,
        dataset,
        economy_code as reporter_code,
        case indicator_code when 'TX.VAL.MRCH.CD.WT' then 'export' else 'import' end as flow,
        make_date(year, 1, 1) as period_start,
        'published' as basis,
        value as value_usd,
        case indicator_code when 'TX.VAL.MRCH.CD.WT' then 'FOB' else 'CIF' end as valuation,
        'A' as observation_status,
        known_from,
        [snapshot_id] as snapshot_ids
    from core.macro_indicators
    -- A total of zero was rounded down.
    where indicator_code in ('TX.VAL.MRCH.CD.WT', 'TM.VAL.MRCH.CD.WT') and value > 0
)

select
    figures.*,
    precedence.precedence_rank,
    precedence.reason as precedence_reason,
    row_number() over (
        partition by figures.reporter_code, figures.flow, figures.period_start
        order by
            precedence.precedence_rank asc, figures.known_from desc, figures.source asc, figures.dataset asc,
            figures.basis asc
    ) as choice
from figures
left join core.valuations as declared using (reporter_code, flow)
inner join core.source_precedence as precedence using (reporter_code, flow, source, dataset, basis)
where
    precedence.metric = 'goods_world'
    and coalesce(figures.valuation = declared.valuation, true)
    and precedence.frequency = 'A'
    and year(figures.period_start) between precedence.valid_from_year and precedence.valid_to_year
