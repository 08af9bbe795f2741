/*
what: >-
  Annual figures that no safe table uses because a rule shows that they cannot be right: a copy that prints one flow as
  the other, or that counts a flow twice. They stay in core.goods_trade_observations. A figure that a person found to be
  wrong is in meta.corrections instead.
grain: [source, dataset, reporter_code, partner_code, flow, period_start]
required: [value_usd, rule, reason, snapshot_id]
example: |-
  select reporter_code, partner_code, flow, period_start, value_usd, rule, reason
  from core.goods_trade_set_aside
  order by reporter_code, partner_code, period_start limit 10
columns:
- source, dataset, reporter_code, partner_code, flow, period_start (year), value_usd (held)
- rule: code | identical_flows or counted_twice.
- reason: text | The finding of the rule.
- snapshot_id
*/
with known as (
    select
        *,
        year(period_start) as year
    from core.goods_trade_observations
    where
        classification = 'TOTAL'
        and frequency = 'A'
        and known_to is null
        and correction_id is null
        and value_usd > 0
),

identical as (
    select
        exports.source,
        exports.dataset,
        exports.reporter_code,
        exports.partner_code,
        exports.year,
        -- The same for all years of an unbroken run.
        exports.year - row_number() over (
            partition by exports.source, exports.dataset, exports.reporter_code, exports.partner_code
            order by exports.year
        ) as run
    from known as exports
    inner join known as imports
        using (source, dataset, reporter_code, partner_code, year, value_usd)
    where
        exports.flow = 'export'
        and imports.flow = 'import'
),

identical_years as (
    select
        identical.*,
        count(*) over (partition by source, dataset, reporter_code, partner_code, run) as run_years
    from identical
    qualify count(*) over (partition by source, dataset, reporter_code, partner_code, run) >= 3
),

-- Datasets in whole thousands of US$, apart from slips, in which about half of the figures are odd thousands.
in_thousands as (
    select
        source,
        dataset
    from known
    group by source, dataset
    having
        count(*) filter (where value_usd != 1000 * round(value_usd / 1000)) <= 0.01 * count(*)
        and count(*) filter (where value_usd != 2000 * round(value_usd / 2000))
        between 0.4 * count(*) and 0.6 * count(*)
),

-- Twenty figures of which at most one in twenty is odd are not chance: its probability is one in fifty thousand.
even as (
    select
        known.source,
        known.dataset,
        known.reporter_code,
        known.partner_code,
        known.flow,
        count(*) filter (where known.value_usd = 2000 * round(known.value_usd / 2000)) as even_years,
        count(*) as all_years
    from known
    inner join in_thousands using (source, dataset)
    group by all
    having
        count(*) >= 20
        and count(*) filter (where known.value_usd != 2000 * round(known.value_usd / 2000)) <= 0.05 * count(*)
),

-- Other figures for the same flow: from another source of the reporter, or from its partner.
confirmed as (
    select distinct
        figures.source,
        figures.dataset,
        figures.reporter_code,
        figures.partner_code,
        figures.flow,
        figures.year
    from known as figures
    inner join even using (source, dataset, reporter_code, partner_code, flow)
    inner join known as others
        on
            figures.source != others.source
            and figures.year = others.year
            and others.value_usd between 0.8 * figures.value_usd and 1.25 * figures.value_usd
            and (
                (
                    figures.reporter_code = others.reporter_code
                    and figures.partner_code = others.partner_code
                    and figures.flow = others.flow
                )
                or (
                    figures.reporter_code = others.partner_code
                    and figures.partner_code = others.reporter_code
                    and figures.flow != others.flow
                )
            )
)

select
    known.*,
    case when identical_years.year is not null then 'identical_flows' else 'counted_twice' end as rule,
    case
        when identical_years.year is not null
            then concat(
                'Exports and imports are equal to the dollar in ', cast(identical_years.run_years as varchar),
                ' years in a row: one of them was printed as the other.'
            )
        else concat(
            cast(even.even_years as varchar), ' of ', cast(even.all_years as varchar),
            ' figures of the flow are even thousands of US$, as in a flow that was counted twice, and no other source',
            ' confirms this one.'
        )
    end as reason
from known
left join identical_years using (source, dataset, reporter_code, partner_code, year)
left join even using (source, dataset, reporter_code, partner_code, flow)
left join confirmed using (source, dataset, reporter_code, partner_code, flow, year)
where identical_years.year is not null or (even.even_years is not null and confirmed.year is null)
