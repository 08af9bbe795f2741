/*
what: >-
  A partner's share and rank in all exports or imports of a reporter, by year, with names. Partners are only economies:
  not the world, a group, a rest or the reporter's own returned goods, so no value includes another; status and
  partners_share_pct say how much of world_value_usd they make. All partners of a reporter, year and flow come from one
  source; trade_balance chooses its source pair by pair.
grain: [reporter_code, partner_code, flow, year]
example: |-
  select year, partner, value_usd, share_pct, partner_rank
  from trade_partners
  where reporter = 'China' and flow = 'import' and year = 2015
  order by share_pct desc limit 10
columns:
- category, reporter_code, reporter, partner_code, partner, flow, year, value_usd (held)
- share_pct: percent | The partner's share of the reporter's trade with the world; null if no total is published.
- partner_rank: rank | 1 is the largest; null unless every partner is listed and nine tenths of the total are named.
- share_change_points: >-
    percentage points | share_pct less that of the year before; null without that year or if it has another publisher.
- partner_count: count | The number of partners that the source has for the year and flow.
- partners_share_pct: percent | The share of these partners and the reporter's own returned goods in the total.
- world_value_usd
- world_source: code | The source of world_value_usd.
- status: >-
    code | complete if the source lists every partner, some_partners if it does not, partners_exceed_total, or no_total.
- reason, source (in short), snapshot_ids (in meta.snapshots)
*/
select
    'goods' as category,
    shares.* exclude (partner_kind, world_publisher_code, publisher_code),
    reporters.name as reporter,
    partners.name as partner
from marts.partner_share_annual as shares
left join core.economies as reporters on shares.reporter_code = reporters.economy_code
left join core.economies as partners on shares.partner_code = partners.economy_code
where shares.partner_kind = 'economy'
order by shares.reporter_code, shares.partner_code, shares.flow, shares.year
