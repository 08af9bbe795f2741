/*
number: 8
question: Weaker demand or lost share in the partner's imports?
name: demand_or_share
read: >-
  The first row is the span asked about (span whole); below it stand the same last year against other base years of the
  same publishers, ten years back (base), and its years against the year before (year). demand_effect_usd is what the
  partner would have bought more or less from the reporter had it only changed its imports from everyone;
  share_effect_usd is what the reporter's share in them added or took. The two add up to change_usd.
limits: >-
  The partner's statistics, CIF, in US$ at current prices: dearer oil counts as more demand, and no quantity is meant.
  They may tell another story than the reporter's exports. Constant market shares are an
  account and no cause: a lost share may be the price, the product or a factory that moved. The effects of the years
  need not add up to those of the whole, since each is taken at the mean of its own two years. Shares are of the total
  that the partner publishes; where the suppliers' publisher prints none, it is the WTO's, which may be a later reading.
parameters:
  reporter: KOR | The economy whose sales are asked about (ISO 3166 alpha-3).
  partner: CHN | The economy whose imports they are (ISO 3166 alpha-3).
  from_year: five years before to_year | The earlier year.
  to_year: the last that one publisher has beside from_year | The later year.
columns:
  span: code | whole for the span asked about, base for another base year of it, year for a year of it.
  from_year: year | The earlier year.
  to_year: year | The later year.
  change_usd: US$ | The change in the partner's imports from the reporter.
  demand_effect_usd: US$ | What of it comes from the partner's imports from everyone.
  share_effect_usd: US$ | What of it comes from the reporter's share in them.
  from_share_pct: percent | The reporter's share in all imports of the partner in the earlier year.
  to_share_pct: percent | The same in the later year.
  from_rank: rank | The reporter's rank in the earlier year.
  to_rank: rank | The reporter's rank in the later year.
  larger_effect: code | demand or share, whichever moved more.
  publisher_code: code | The publisher of both years' suppliers; null if they have different ones.
  world_publisher_code: code | The publisher of both years' totals; null if they have different ones.
  is_answered: true/false | The partner's imports from the reporter and from everyone are held for both years.
  snapshot_ids: list | The snapshots the figures stand in.
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code
),

last_years as (
    select
        asked.reporter_code,
        asked.partner_code,
        coalesce(
            cast(getvariable('to_year') as integer),
            max(later.year) filter (where earlier.year is not null),
            max(later.year)
        ) as to_year
    from asked
    left join marts.partner_share_annual as later
        on
            asked.partner_code = later.reporter_code
            and asked.reporter_code = later.partner_code
            and later.flow = 'import'
            and later.share_pct is not null
    -- Two years side by side are one publisher's, unless others are asked for.
    left join marts.partner_share_annual as earlier
        on
            later.reporter_code = earlier.reporter_code
            and later.partner_code = earlier.partner_code
            and later.flow = earlier.flow
            and later.publisher_code = earlier.publisher_code
            and later.world_publisher_code = earlier.world_publisher_code
            and coalesce(cast(getvariable('from_year') as integer), later.year - 5) = earlier.year
            and later.year > earlier.year
    group by asked.reporter_code, asked.partner_code
),

-- Materialized for clients before 1.4, which find a circle where a macro is asked about it.
years as materialized (
    select
        reporter_code,
        partner_code,
        to_year,
        coalesce(cast(getvariable('from_year') as integer), to_year - 5) as from_year
    from last_years
),

-- The last year against each base year that the same publishers have: a conclusion that turns with it is none.
bases as (
    select
        earlier.year as from_year,
        later.year as to_year,
        round(100 * later.value_usd) - round(100 * earlier.value_usd) as change_cents,
        round((later.world_value_usd - earlier.world_value_usd) * (later.share_pct + earlier.share_pct) / 2)
            as demand_cents,
        earlier.share_pct as from_share_pct,
        later.share_pct as to_share_pct,
        earlier.partner_rank as from_rank,
        later.partner_rank as to_rank,
        later.publisher_code,
        later.world_publisher_code,
        list_sort(list_distinct(flatten([earlier.snapshot_ids, later.snapshot_ids]))) as snapshot_ids
    from years
    inner join marts.partner_share_annual as later
        on
            years.partner_code = later.reporter_code
            and years.reporter_code = later.partner_code
            and years.to_year = later.year
    inner join marts.partner_share_annual as earlier
        on
            later.reporter_code = earlier.reporter_code
            and later.partner_code = earlier.partner_code
            and later.flow = earlier.flow
            and later.publisher_code = earlier.publisher_code
            and later.world_publisher_code = earlier.world_publisher_code
            and later.year > earlier.year
            and least(years.from_year, years.to_year - 10) <= earlier.year
    where
        later.flow = 'import' and later.share_pct is not null and earlier.share_pct is not null
        -- The whole span, and the last of its years, have rows of their own.
        and earlier.year not in (years.from_year, years.to_year - 1)
),

changes as (
    select
        'whole' as span,
        between_years.partner_code,
        between_years.from_year,
        between_years.to_year,
        between_years.change_usd,
        between_years.demand_effect_usd,
        between_years.share_effect_usd,
        between_years.from_share_pct,
        between_years.to_share_pct,
        between_years.from_rank,
        between_years.to_rank,
        between_years.publisher_code,
        between_years.world_publisher_code,
        between_years.snapshot_ids
    from
        marts.market_share_between(
            coalesce(getvariable('partner'), 'CHN'),
            'import',
            (select from_year from years),
            (select to_year from years)
        ) as between_years
    inner join asked on between_years.partner_code = asked.reporter_code
    union all
    select
        'base' as span,
        years.reporter_code as partner_code,
        bases.from_year,
        bases.to_year,
        bases.change_cents / 100 as change_usd,
        bases.demand_cents / 100 as demand_effect_usd,
        (bases.change_cents - bases.demand_cents) / 100 as share_effect_usd,
        bases.from_share_pct,
        bases.to_share_pct,
        bases.from_rank,
        bases.to_rank,
        bases.publisher_code,
        bases.world_publisher_code,
        bases.snapshot_ids
    from years
    inner join bases on true
    union all
    select
        'year' as span,
        steps.partner_code,
        steps.from_year,
        steps.to_year,
        steps.change_usd,
        steps.demand_effect_usd,
        steps.share_effect_usd,
        steps.from_share_pct,
        steps.to_share_pct,
        steps.from_rank,
        steps.to_rank,
        steps.publisher_code,
        steps.world_publisher_code,
        steps.snapshot_ids
    from years
    inner join marts.market_share_change as steps
        on
            years.partner_code = steps.reporter_code
            and years.reporter_code = steps.partner_code
            and steps.flow = 'import'
            and steps.span = 'year'
            and years.from_year <= steps.from_year
            and years.to_year >= steps.to_year
    -- A span of one year is its only step.
    where years.to_year - years.from_year > 1
)

select
    spans.span,
    coalesce(changes.from_year, years.from_year) as from_year,
    coalesce(changes.to_year, years.to_year) as to_year,
    changes.change_usd,
    changes.demand_effect_usd,
    changes.share_effect_usd,
    changes.from_share_pct,
    changes.to_share_pct,
    changes.from_rank,
    changes.to_rank,
    case
        when abs(changes.demand_effect_usd) >= abs(changes.share_effect_usd) then 'demand'
        when changes.share_effect_usd is not null then 'share'
    end as larger_effect,
    changes.publisher_code,
    changes.world_publisher_code,
    changes.change_usd is not null as is_answered,
    case when changes.change_usd is null then 'not_held' end as missing_code,
    case
        when missing_code is not null
            then
                [
                    concat('goods/A/', years.partner_code, '/import/', years.reporter_code, '/TOTAL'),
                    concat('goods/A/', years.partner_code, '/import/WLD/TOTAL')
                ]
    end as missing_series,
    case
        when missing_code is not null and years.from_year is not null
            then [cast(years.from_year as varchar), cast(years.to_year as varchar)]
    end as missing_periods,
    changes.snapshot_ids
from years
cross join (values ('whole'), ('base'), ('year')) as spans (span)
left join changes on spans.span = changes.span
-- The span asked about has a row even if it is not held, and then no other base does.
where spans.span = 'whole' or changes.span is not null
qualify spans.span != 'base' or coalesce(bool_or(changes.span = 'whole') over (), false)
order by spans.span != 'whole' asc, spans.span != 'base' asc, changes.to_year desc, changes.from_year asc

/*
{% set whole = rows[0] %}
{% macro moved(usd) %}{{ "added" if usd >= 0 else "took" }} {{ usd | abs | usd }}{% endmacro %}
{% if not whole.is_answered %}
    not to be said from what is held. {{ missing[0] }} Other spans are held, and stand below.
{% else %}
    {{ partner | possessive }} imports from {{ reporter }} {{ "rose" if whole.change_usd > 0 else "fell" }} by
    {{ whole.change_usd | abs | usd }} from {{ whole.from_year }} to {{ whole.to_year }}: the change in all that
    {{ partner }} imported, in US$ at current prices and oil included, {{ moved(whole.demand_effect_usd) }}, and the
    share of {{ reporter }}, which went from {{ [whole.from_share_pct, whole.to_share_pct] | percents | join(" to ") }},
    {{ moved(whole.share_effect_usd) }};
    {% set bases = held | selectattr("to_year", "eq", whole.to_year) | list %}
    {% set lost = bases | selectattr("share_effect_usd", "lt", 0) | map(attribute="from_year") | list %}
    {% set kept = bases | selectattr("share_effect_usd", "ge", 0) | map(attribute="from_year") | list %}
    {% if whole.publisher_code is none or whole.world_publisher_code is none %}
        the figures of the two years are of different publishers;
    {% elif lost and kept %}
        whether the share fell depends on the base year: in {{ whole.to_year }} it was lower than in
        {{ lost | listed }}, but not than in {{ kept | listed }};
    {% elif bases | length > 1 %}
        in {{ whole.to_year }} the share was {{ "lower than in every" if lost else "not lower than in any" }} base year
        compared, {{ (lost or kept) | listed }};
    {% endif %}
{% endif %}
*/
