/*
what: >-
  The shares of services in GDP of two economies, from the latest release that shows both. Without such a release, the
  row has the two newest shares but no difference. A newer share of only one economy is shown in a column of its own and
  not used for the difference.
subject: services
grain: [economy_code, other_code, year]
columns:
- economy_code: code | The first economy (ISO 3166 alpha-3).
- other_code: code | The other economy (ISO 3166 alpha-3).
- year
- share_pct: percent | Services in the first economy's GDP, in the release of vintage_on; null without one.
- other_share_pct: percent | Services in the other economy's GDP, in the release of vintage_on; null without one.
- difference_points: percentage points | share_pct less other_share_pct.
- vintage_on, basis
- other_basis: code | The basis of the other economy's share.
- newest_share_pct: percent | Services in the first economy's GDP, as known now.
- newest_shown_until: date | The last available release that shows this share.
- other_newest_share_pct: percent | Services in the other economy's GDP, as known now.
- other_newest_shown_until: date | The last available release that shows this share.
- status: code | newest, superseded where a later release has another share for either economy, or no_common_vintage.
- reason: text | Which share is newer than the vintage, or why there is no vintage; null if both are the newest.
- snapshot_ids (of shares)
*/
with shares as (
    select
        observations.*,
        precedence.precedence_rank
    from core.gdp_components_observations as observations
    inner join core.source_precedence as precedence using (source, dataset, basis)
    where
        precedence.metric = 'gdp_component'
        and observations.economy_code = precedence.reporter_code
        and observations.year between precedence.valid_from_year and precedence.valid_to_year
        and observations.component = 'services' and observations.share_pct is not null
),

-- The last day on which both were shown; of two bases on that day, the one that both have.
shared as (
    select
        one.economy_code,
        other.economy_code as other_code,
        one.year,
        one.share_pct,
        other.share_pct as other_share_pct,
        least(one.shown_until, other.shown_until) as vintage_on,
        one.basis,
        other.basis as other_basis,
        one.snapshot_id,
        other.snapshot_id as other_snapshot_id
    from shares as one
    inner join shares as other
        on
            one.year = other.year
            and one.economy_code != other.economy_code
            and one.shown_until >= other.known_from
            and one.known_from <= other.shown_until
    qualify
        row_number() over (
            partition by one.economy_code, other.economy_code, one.year
            order by
                least(one.shown_until, other.shown_until) desc, one.precedence_rank + other.precedence_rank asc,
                case when one.basis = other.basis then 0 else 1 end asc, one.basis desc, other.basis desc
        ) = 1
),

newest as (
    select *
    from core.gdp_components
    where component = 'services'
),

pairs as (
    select
        one.economy_code,
        other.economy_code as other_code,
        one.year,
        shared.share_pct,
        shared.other_share_pct,
        shared.vintage_on,
        shared.basis,
        shared.other_basis,
        one.share_pct as newest_share_pct,
        one.shown_until as newest_shown_until,
        other.share_pct as other_newest_share_pct,
        other.shown_until as other_newest_shown_until,
        one.share_pct != shared.share_pct as is_superseded,
        other.share_pct != shared.other_share_pct as is_other_superseded,
        list_sort(
            list_distinct([shared.snapshot_id, shared.other_snapshot_id, one.snapshot_id, other.snapshot_id])
        ) as snapshot_ids
    from newest as one
    inner join newest as other using (year)
    left join shared
        on
            one.economy_code = shared.economy_code
            and other.economy_code = shared.other_code
            and one.year = shared.year
    where one.economy_code != other.economy_code
)

select
    * exclude (is_superseded, is_other_superseded),
    share_pct - other_share_pct as difference_points,
    case
        when vintage_on is null then 'no_common_vintage'
        when is_superseded or is_other_superseded then 'superseded'
        else 'newest'
    end as status,
    case
        when vintage_on is null
            then concat(
                'The share of ', economy_code, ' was last shown on ', newest_shown_until, ' and that of ', other_code,
                ' on ', other_newest_shown_until, '; no available release shows both.'
            )
        when is_superseded or is_other_superseded
            then concat(
                'A later release has another share of ',
                concat_ws(
                    ' and of ',
                    case when is_superseded then economy_code end,
                    case when is_other_superseded then other_code end
                ), '.'
            )
    end as reason
from pairs
