/*
what: >-
  Which source gives the figure where several have it: for each metric, frequency, reporter, flow and span of years the
  sources in their order, each with its reason. The least rank goes first; of one rank, the figure that became known
  last. A source that is not named gives no figure. A reporter that warehouse/reference/source_precedence.csv names has
  an order of its own, the others share one.
grain: [metric, frequency, reporter_code, flow, source, dataset, basis, valid_from_year]
required: [publisher_code, precedence_rank, valid_to_year, reason]
columns:
- metric: >-
    code | goods_total, goods_world, goods_product, services or gdp_component; goods_evidence for what figures are held
    against, which gives one only in place of a figure below it.
- frequency, reporter_code
- flow: code | export or import, as the reporter sees it; none where there is no flow.
- source, dataset, publisher_code
- basis: >-
    code | Goods, published, summed of twelve months, joined of months that came through several channels of one
    publisher, or all products added up; services, the value basis; GDP, reported or derived.
- precedence_rank: rank | 1 goes first; evidence can only put back what ranks after it.
- valid_from_year, valid_to_year
- declared_for: code | The reporter that the rule is declared for; '*' for all that have no order of their own.
- reason: text | Why the source stands where it does.
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
