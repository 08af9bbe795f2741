/*
what: >-
  Pairs of years whose figures of all goods in core.goods_trade_annual come from two publishers and are therefore not
  compared. The row has both years from one publisher, the first in precedence that has both, or nulls if there is
  none. A figure below the sum of its products is not compared with one that is not. Years from one publisher,
  through whatever channel, are compared as they are and not listed here.
grain: [reporter_code, partner_code, flow, from_year, to_year]
example: |-
  select reporter_code, partner_code, flow, from_year, to_year, from_usd, to_usd, source
  from core.goods_trade_comparisons
  limit 10
columns:
- reporter_code, partner_code, flow, from_year, to_year
- from_source: code | The publisher of the earlier year in core.goods_trade_annual, whatever channel passed it on.
- to_source: code | The publisher of the later year in core.goods_trade_annual, whatever channel passed it on.
- from_usd: US$ | The earlier year from the publisher of both years; null if no publisher has both.
- to_usd: US$ | The later year from the publisher of both years; null if no publisher has both.
- source: code | The publisher of both years; null if there is none.
- snapshot_ids
*/
with candidates as (
    select
        * exclude (source),
        cast(year(period_start) as integer) as year,
        publisher_code as source,
        coalesce(is_below_products, false) as is_below
    from core.goods_trade_annual_candidates
),

two_publishers as (
    select
        later.reporter_code,
        later.partner_code,
        later.flow,
        earlier.year as from_year,
        later.year as to_year,
        earlier.source as from_source,
        later.source as to_source
    from candidates as later
    inner join candidates as earlier using (reporter_code, partner_code, flow)
    where
        later.year > earlier.year
        and later.source != earlier.source
        and later.choice = 1 and earlier.choice = 1
),

in_common as (
    select
        years.*,
        earlier.value_usd as from_usd,
        later.value_usd as to_usd,
        later.source,
        list_sort(list_distinct(flatten([earlier.snapshot_ids, later.snapshot_ids]))) as snapshot_ids
    from two_publishers as years
    inner join candidates as later using (reporter_code, partner_code, flow)
    inner join candidates as earlier
        on
            years.reporter_code = earlier.reporter_code
            and years.partner_code = earlier.partner_code
            and years.flow = earlier.flow
            and years.from_year = earlier.year
            and later.source = earlier.source
            and later.is_below = earlier.is_below
    where years.to_year = later.year
    qualify
        row_number() over (
            partition by years.reporter_code, years.partner_code, years.flow, years.from_year, years.to_year
            order by later.choice asc, earlier.choice asc
        ) = 1
)

select
    years.*,
    in_common.from_usd,
    in_common.to_usd,
    in_common.source,
    in_common.snapshot_ids
from two_publishers as years
left join in_common using (reporter_code, partner_code, flow, from_year, to_year)
