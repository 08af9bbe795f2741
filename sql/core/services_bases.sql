/*
what: >-
  The value basis that all services of a pair are shown in: of several the one that it has in most years, so that no
  series changes it midway, and of as many years reported before balanced before estimated.
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
