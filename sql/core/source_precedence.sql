/*
what: >-
  Which source is chosen where several have a figure: for each metric, frequency, reporter, flow and span of years the
  ranked sources, each with its reason. The lowest rank is used first; within one rank, the figure that became known
  last. A source that is not listed is not used. A reporter named in warehouse/reference/source_precedence.csv has an
  order of its own; the others share one.
grain: [metric, frequency, reporter_code, flow, source, dataset, basis, valid_from_year]
required: [publisher_code, precedence_rank, valid_to_year, reason]
columns:
- metric: >-
    code | goods_total, goods_world, goods_product, services or gdp_component; goods_evidence for figures used as a
    check, which only replace a figure below them.
- frequency, reporter_code
- flow: code | export or import, as the reporter sees it; none where there is no flow.
- source, dataset, publisher_code
- basis: >-
    code | For goods published, summed (twelve months), joined (months through several channels of one publisher) or
    products (all products added up); for services the value basis; for GDP reported or derived.
- precedence_rank: rank | 1 is used first; evidence only replaces a figure that ranks after it.
- valid_from_year, valid_to_year
- declared_for: code | The reporter for which the rule is declared; '*' for all without an order of their own.
- reason: text | The reason for the source's rank.
*/
with named as (
    select distinct
        metric,
        frequency,
        reporter_code
    from reference.source_precedence
    where reporter_code != '*'
)

select
    declared.* exclude (reporter_code, flow, valid_from_year, valid_to_year),
    economies.economy_code as reporter_code,
    coalesce(flows.flow, 'none') as flow,
    coalesce(publishers.publisher_code, declared.source) as publisher_code,
    cast(declared.rank as integer) as precedence_rank,
    coalesce(cast(declared.valid_from_year as integer), 0) as valid_from_year,
    coalesce(cast(declared.valid_to_year as integer), 9999) as valid_to_year,
    declared.reporter_code as declared_for
from reference.source_precedence as declared
inner join core.economies as economies on declared.reporter_code in ('*', economies.economy_code)
left join (values ('export'), ('import')) as flows (flow) on declared.flow in ('*', flows.flow)
left join reference.publishers as publishers using (source, dataset)
left join named
    on
        declared.metric = named.metric
        and declared.frequency = named.frequency
        and economies.economy_code = named.reporter_code
where declared.reporter_code != '*' or named.reporter_code is null
