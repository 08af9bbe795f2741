/*
what: >-
  The value basis used for all services of a pair: the basis that it has in most years, so that no series changes its
  basis midway; in a tie, reported before balanced before estimated.
grain: [reporter_code, partner_code]
columns:
- reporter_code (of services), partner_code, value_basis
*/
with held as (
    select
        reporter_code,
        partner_code,
        value_basis,
        count(distinct year) as year_count
    from core.services_trade
    where service_item_code = 'S'
    group by all
)

select *
from held
qualify
    row_number() over (
        partition by reporter_code, partner_code
        order by year_count desc, case value_basis when 'reported' then 1 when 'balanced' then 2 else 3 end
    ) = 1
