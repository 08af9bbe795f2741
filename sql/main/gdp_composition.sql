/*
what: >-
  The composition of an economy's GDP: one row a year with the shares in columns, because manufacturing is part of
  industry and a sum of all shares has no meaning. GDP also includes net taxes on products, so the shares need not add
  up to 100. Two years or economies compare only if one release shows both: known_from of each is not after shown_until
  of the other.
grain: [economy_code, year]
example: |-
  select economy, year, agriculture_share_pct, industry_share_pct, services_share_pct, services_basis
  from gdp_composition
  where economy in ('China', 'South Korea') and services_share_pct is not null
  order by year desc, economy limit 10
columns:
- economy_code
- economy: text | The economy's name in English.
- year, agriculture_share_pct, industry_share_pct
- manufacturing_share_pct: percent | Manufacturing in GDP; it is part of industry.
- services_share_pct, services_basis
- is_one_release: true/false | One release shows all shares of the row.
- known_from: date | The day from which all of the shares count as known.
- shown_until: date | The earliest of the days on which a release last showed one of the shares.
- source: code | The source's short name, or several separated by commas.
- snapshot_ids (in meta.snapshots)
*/
select
    shares.economy_code,
    economies.name as economy,
    shares.year,
    max(shares.share_pct) filter (where shares.component = 'agriculture') as agriculture_share_pct,
    max(shares.share_pct) filter (where shares.component = 'industry') as industry_share_pct,
    max(shares.share_pct) filter (where shares.component = 'manufacturing') as manufacturing_share_pct,
    max(shares.share_pct) filter (where shares.component = 'services') as services_share_pct,
    max(shares.basis) filter (where shares.component = 'services') as services_basis,
    max(shares.known_from) <= min(shares.shown_until) as is_one_release,
    max(shares.known_from) as known_from,
    min(shares.shown_until) as shown_until,
    string_agg(distinct shares.source, ', ' order by shares.source) as source,
    list_sort(list(distinct shares.snapshot_id)) as snapshot_ids
from marts.gdp_composition_annual as shares
left join core.economies as economies using (economy_code)
group by all
order by shares.economy_code, shares.year
