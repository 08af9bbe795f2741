/*
what: >-
  Goods trade of a reporter with a partner by month, as known now: one figure each, from the source that ranks first in
  core.source_precedence. No groups of economies, no products, no corrected months, so it is safe to sum.
grain: [reporter_code, partner_code, flow, period_start]
required: [period_end, observation_status, source, snapshot_id]
sliced_by: period_start
columns:
- reporter_code, partner_code, flow, period_start (month), period_end (month), value_usd (held)
- value_ytd_usd: >-
    US$ | The year to date up to the month, where the source publishes it in its own currency
    (core.goods_trade_national_currency); null elsewhere, where the months add up to it.
- net_weight_kg, valuation
- is_joint_month: >-
    true/false | The source releases the month only together with others (core.joint_months), so it cannot be compared
    alone.
- rate_date, observation_status (not missing), source, dataset, precedence_reason (of this source), snapshot_id
*/
select
    observations.*,
    printed.value_ytd_usd,
    joint_months.first_month is not null as is_joint_month,
    precedence.reason as precedence_reason
from core.goods_trade_observations as observations
inner join core.economies as partners
    on observations.partner_code = partners.economy_code and not partners.is_aggregate
left join core.valuations as declared using (reporter_code, flow)
inner join core.source_precedence as precedence using (reporter_code, flow, source, dataset)
left join core.goods_trade_national_currency as printed
    on
        printed.known_to is null
        and printed.classification = 'TOTAL'
        and observations.frequency = printed.frequency
        and observations.source = printed.source
        and observations.dataset = printed.dataset
        and observations.reporter_code = printed.reporter_code
        and observations.partner_code = printed.partner_code
        and observations.flow = printed.flow
        and observations.period_start = printed.period_start
left join core.joint_months as joint_months
    on
        observations.reporter_code = joint_months.reporter_code
        and observations.source = joint_months.source
        and year(observations.period_start) between joint_months.valid_from_year and joint_months.valid_to_year
        and month(observations.period_start) between joint_months.first_month and joint_months.last_month
where
    precedence.metric = 'goods_total'
    and precedence.frequency = 'M'
    and precedence.basis = 'published'
    and year(observations.period_start) between precedence.valid_from_year and precedence.valid_to_year
    and coalesce(observations.valuation = declared.valuation, true)
    and observations.classification = 'TOTAL'
    and observations.frequency = 'M'
    and observations.known_to is null
    and observations.correction_id is null
    and observations.value_usd is not null
qualify
    row_number() over (
        partition by
            observations.reporter_code, observations.partner_code, observations.flow, observations.period_start
        order by
            precedence.precedence_rank asc, observations.known_from desc, observations.source asc,
            observations.dataset asc
    ) = 1
