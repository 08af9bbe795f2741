/*
what: >-
  The weight of services in each economy for which it is known: the rest of GDP after agriculture and industry, and its
  rank among the economies in one release. The rest is larger than services where GDP includes net taxes on products, as
  in Korea. Where the share of services itself is available, it has columns of its own with its own release; quote that
  share. Few economies have it; marts.services_in_gdp_annual compares them.
subject: composition
grain: [economy_code, year]
required: [source, snapshot_ids]
columns:
- economy_code, year, agriculture_share_pct, industry_share_pct
- rest_share_pct: >-
    percent | The rest of GDP after agriculture and industry: services and usually net taxes on products; null unless
    one release has both.
- rest_shown_until: date | The last available release that shows agriculture and industry.
- rank_shown_until: date | The release used for the year's ranks, the latest of those that show the most economies.
- rest_rank: rank | 1 is the largest rest in that release; null if the release does not show this economy's rest.
- economy_count: count | The number of economies that have a rank in the year.
- services_share_pct, services_basis
- services_shown_until: date | The last available release that shows the share of services.
- status: code | services, rest_only, or services_only where agriculture or industry is not available.
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
        -- Both parts were shown from the later known_from to the earlier shown_until.
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
