/*
what: >-
  How much of an economy is services, among all economies of which it can be told: what agriculture and industry leave
  of GDP, and its rank. It is more than services where net taxes on products stand between the two, as in Korea; where
  the share of services itself is held it stands beside it, and it is the one to quote. Few economies have that one.
grain: [economy_code, year]
columns:
  economy_code: code | The economy (ISO 3166 alpha-3).
  economy_name: text | Its name.
  year: year | The year.
  agriculture_share_pct: percent | Agriculture, forestry and fishing in GDP.
  industry_share_pct: percent | Industry and construction in GDP.
  rest_share_pct: percent | What the two leave, services and as a rule net taxes on products; null without both.
  rest_rank: rank | 1 has the largest rest of all economies of the year.
  economy_count: count | Economies with a rest in the year.
  services_share_pct: percent | Services in GDP, where they are held or can be derived.
  services_basis: code | reported or derived, as in marts.gdp_composition_annual; null without them.
  status: code | services, rest_only, or services_only where agriculture or industry is not held.
  source: code | The publisher.
  snapshot_ids: list | The snapshots the shares stand in, between commas.
*/
with parts as (
    select
        economy_code,
        max(economy_name) as economy_name,
        year,
        max(case when component = 'agriculture' then share_pct end) as agriculture_share_pct,
        max(case when component = 'industry' then share_pct end) as industry_share_pct,
        max(case when component = 'services' then share_pct end) as services_share_pct,
        max(case when component = 'services' then basis end) as services_basis,
        max(source) as source,
        array_to_string(list_sort(list_distinct(array_agg(snapshot_id))), ', ') as snapshot_ids
    from marts.gdp_composition_annual
    where component in ('agriculture', 'industry', 'services')
    group by economy_code, year
),

rests as (
    select
        *,
        100 - agriculture_share_pct - industry_share_pct as rest_share_pct
    from parts
    where services_share_pct is not null or (agriculture_share_pct is not null and industry_share_pct is not null)
)

select
    economy_code,
    economy_name,
    year,
    agriculture_share_pct,
    industry_share_pct,
    rest_share_pct,
    case
        when rest_share_pct is not null
            then cast(
                rank() over (
                    partition by year
                    order by rest_share_pct desc nulls last
                ) as integer
            )
    end as rest_rank,
    cast(count(rest_share_pct) over (partition by year) as integer) as economy_count,
    services_share_pct,
    services_basis,
    case
        when rest_share_pct is null then 'services_only'
        when services_share_pct is null then 'rest_only'
        else 'services'
    end as status,
    source,
    snapshot_ids
from rests
