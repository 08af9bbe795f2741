/*
what: >-
  The partner's share in a reporter's published total imports, by year and by each publisher of the imports from the
  partner. The publisher of the list of suppliers (marts.partner_share_annual) also has a rank.
subject: balance
grain: [year, publisher_code]
parameters: [reporter, partner]
example: |-
  select year, publisher_code, share_pct, partner_rank
  from marts.import_shares_by_publisher('CHN', 'KOR')
  order by year desc, publisher_code
columns:
- year
- value_usd: US$ | The reporter's imports from the partner.
- share_pct: percent | The share of value_usd in the reporter's total imports.
- partner_rank: rank | The partner's rank; 1 is the largest. Null where it has no rank or another publisher.
- partner_count: count | The number of suppliers in the list for the year.
- partners_share_pct: percent | The share of these suppliers and the reporter's own returned goods in the total.
- world_value_usd: US$ | All imports of the reporter, as published.
- world_source: code | The source of the total.
- world_publisher_code: code | The publisher of the total.
- source: code | The source of the figure.
- publisher_code: code | The publisher of the figure, where the source is a channel that passes it on.
- is_of_list: true/false | The figure comes from the publisher of the list of suppliers.
- observation_status (not missing)
- rate_date: date | The day of the last rate that converted the figure into US$; null for figures published in US$.
- snapshot_ids
*/
select
    lists.year,
    case when figures.publisher_code = lists.publisher_code then lists.value_usd else figures.value_usd end
        as value_usd,
    100 * case when figures.publisher_code = lists.publisher_code then lists.value_usd else figures.value_usd end
    / nullif(lists.world_value_usd, 0) as share_pct,
    case when figures.publisher_code = lists.publisher_code then lists.partner_rank end as partner_rank,
    lists.partner_count,
    lists.partners_share_pct,
    lists.world_value_usd,
    lists.world_source,
    lists.world_publisher_code,
    case when figures.publisher_code = lists.publisher_code then lists.source else figures.source end as source,
    figures.publisher_code,
    figures.publisher_code = lists.publisher_code as is_of_list,
    figures.observation_status,
    chosen.rate_date,
    list_sort(list_distinct(flatten([lists.snapshot_ids, figures.snapshot_ids]))) as snapshot_ids
from marts.partner_share_annual as lists
inner join core.goods_trade_annual_candidates as figures
    on
        lists.reporter_code = figures.reporter_code
        and lists.partner_code = figures.partner_code
        and lists.flow = figures.flow
        and lists.year = year(figures.period_start)
left join core.goods_trade_annual as chosen
    on
        figures.reporter_code = chosen.reporter_code
        and figures.partner_code = chosen.partner_code
        and figures.flow = chosen.flow
        and figures.period_start = chosen.period_start
        and figures.source = chosen.source
where
    lists.reporter_code = reporter
    and lists.partner_code = partner
    and lists.partner_kind = 'economy'
    and lists.flow = 'import'
    and lists.share_pct is not null
    and not figures.is_below_products
qualify row_number() over (partition by lists.year, figures.publisher_code order by figures.choice asc) = 1
