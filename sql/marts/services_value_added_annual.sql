/*
what: >-
  How much of an economy is services, among all economies of which it can be told: what agriculture and industry leave
  of GDP, and its rank among those that one release shows. It is more than services where net taxes on products stand
  between the two, as in Korea; where the share of services itself is held it stands beside it with its own release, and
  it is the one to quote. Few economies have that one; marts.services_in_gdp_annual compares them.
subject: composition
grain: [economy_code, year]
required: [source, snapshot_ids]
columns:
- economy_code, year, agriculture_share_pct, industry_share_pct
- rest_share_pct: >-
    percent | What the two leave, services and as a rule net taxes on products; null without both from one release.
- rest_shown_until: date | The last release held that shows both parts of the rest.
- rank_shown_until: >-
    date | The release that the ranks of the year are of, the latest of those that show the most economies.
- rest_rank: rank | 1 has the largest rest of the economies of that release; null if it does not show this one's rest.
- economy_count: count | Economies that have a rank in the year.
- services_share_pct, services_basis
- services_shown_until: date | The last release held that shows the share of services.
- status: code | services, rest_only, or services_only where agriculture or industry is not held.
- source, snapshot_ids (of shares)
*/
with parts as (
    select
        economy_code,
        year,
        max(case when component = 'agriculture' then share_pct end) as agriculture_share_pct,
        max(case when component = 'industry' then share_pct end) as industry_share_pct,
        max(case when component = 'services' then share_pct end) as services_share_pct,
        max(case when component = 'services' then basis end) as services_basis,
        max(case when component = 'services' then shown_until end) as services_shown_until,
        -- Both parts were shown from the later of the two days to the earlier.
        max(case when component != 'services' then known_from end) as rest_known_from,
        min(case when component != 'services' then shown_until end) as rest_shown_until,
        max(source) as source,
        list_sort(list_distinct(array_agg(snapshot_id))) as snapshot_ids
    from marts.gdp_composition_annual
    where component in ('agriculture', 'industry', 'services')
    group by economy_code, year
),

rests as (
    select
        *,
        case
            when rest_known_from <= rest_shown_until then 100 - agriculture_share_pct - industry_share_pct
        end as rest_share_pct
    from parts
),

releases as (
    select
        year,
        rest_shown_until,
        count(*) as shown_count
    from rests
    where rest_share_pct is not null
    group by year, rest_shown_until
),

vintages as (
    select
        year,
        rest_shown_until as rank_shown_until
    from releases
    qualify
        row_number() over (
            partition by year
            order by shown_count desc, rest_shown_until desc
        ) = 1
),

ranked as (
    select
        rests.*,
        vintages.rank_shown_until,
        case
            when vintages.rank_shown_until between rests.rest_known_from and rests.rest_shown_until
                then rests.rest_share_pct
        end as ranked_pct
    from rests
    left join vintages using (year)
    where rests.rest_share_pct is not null or rests.services_share_pct is not null
)

select
    * exclude (rest_known_from, rest_shown_until, ranked_pct),
    case when rest_share_pct is not null then rest_shown_until end as rest_shown_until,
    case
        when ranked_pct is not null
            then cast(
                rank() over (
                    partition by year
                    order by ranked_pct desc nulls last
                ) as integer
            )
    end as rest_rank,
    cast(count(ranked_pct) over (partition by year) as integer) as economy_count,
    case
        when rest_share_pct is null then 'services_only'
        when services_share_pct is null then 'rest_only'
        else 'services'
    end as status
from ranked
