/*
number: 8
question: Weaker demand or lost share in the partner's imports?
name: demand_or_share
read: >-
  The first row is the period you asked about. Rows marked base compare the last year of the period with other earlier
  years, and rows marked year compare each year of the period with the year before. Rows marked later show later years,
  which are not compared, because only other publishers have them. Years before a sudden doubling or halving of the
  share are left out, because what is counted may have changed. The effect of demand is how much the partner's imports
  from the reporter would have changed if only the partner's total imports had changed; the effect of the share is the
  rest of the change.
limits: >-
  The figures are the partner's imports in US$ at current prices. Their publishers label them CIF, but those that the
  IMF passes on may be customs values. Figures of two publishers are not compared. Some publishers count non-monetary
  gold in only some years. Dearer oil counts as more demand; these are values, not quantities. The reporter's exports
  may show something else. Constant market shares are arithmetic, not a cause: a share may be lost through the price,
  the product or a factory that moved. The effects of single years need not add up to those of the whole period,
  because each is computed at the mean of its own two years. A share is of the partner's total imports. If the
  publisher of the imports by supplier gives no total, the WTO's is used, which may be more recent.
parameters:
  reporter: KOR | The economy whose sales are asked about (ISO 3166 alpha-3).
  partner: CHN | The economy whose imports they are (ISO 3166 alpha-3).
  from_year: five years before to_year | The earlier year.
  to_year: the last year that one publisher has together with from_year | The later year.
columns:
- span: >-
    code | whole for the span asked about, base for another base year, year for one year of the span, later for a year
    after it.
- from_year, to_year
- change_usd: US$ | The change in the partner's imports from the reporter; null between two publishers.
- demand_effect_usd: US$ | The part of the change due to the partner's imports from everyone.
- share_effect_usd: US$ | The part of the change due to the reporter's share in them.
- from_share_pct: percent | The reporter's share in all imports of the partner in the earlier year.
- to_share_pct: percent | The reporter's share in all imports of the partner in the later year.
- from_rank: rank | The reporter's rank in the earlier year.
- to_rank: rank | The reporter's rank in the later year.
- larger_effect: code | demand or share, whichever effect is larger.
- from_publisher_code: code | The publisher of the earlier year's figure.
- publisher_code: code | The publisher of the later year's figure.
- world_publisher_code: code | The publisher of both years' totals; null if the years have different publishers.
- jump_year: year | The last year, up to `to_year`, in which the share more than doubled or halved; null if none.
- mirror_value_usd: >-
    US$ | For the whole span, the reporter's recorded exports to the partner in the later year, where the partner's
    figure is less than half or more than twice that (core.goods_trade_coverage).
- of_mirror_pct: percent | The partner's figure as a share of `mirror_value_usd`.
- is_answered: true/false | The partner's imports from the reporter and from everyone are available for both years.
- snapshot_ids
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code
),

-- The figure of each publisher of the pair; the one of the list has a rank.
offers as (
    select offers.*
    from asked
    inner join marts.import_shares_by_publisher(asked.partner_code, asked.reporter_code) as offers on true
),

held_years as (
    select coalesce(list(year), []) as years
    from offers
    where is_of_list
),

-- Two years side by side are one publisher's, and of one publisher's total.
pairs as (
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
        earlier.publisher_code as from_publisher_code,
        later.publisher_code,
        later.world_publisher_code,
        later.is_of_list and earlier.is_of_list as is_of_list,
        later.share_pct > 2 * earlier.share_pct or earlier.share_pct > 2 * later.share_pct as is_jump,
        later.value_usd as to_value_usd,
        list_sort(list_distinct(flatten([earlier.snapshot_ids, later.snapshot_ids]))) as snapshot_ids
    from offers as later
    inner join offers as earlier
        on
            later.publisher_code = earlier.publisher_code
            and later.world_publisher_code = earlier.world_publisher_code
            and later.year > earlier.year
),

last_years as (
    select
        coalesce(
            cast(getvariable('to_year') as integer),
            max(pairs.to_year),
            max(offers.year)
        ) as to_year
    from offers
    left join pairs
        on coalesce(cast(getvariable('from_year') as integer), pairs.to_year - 5) = pairs.from_year
),

years as (
    select
        asked.reporter_code,
        asked.partner_code,
        last_years.to_year,
        coalesce(cast(getvariable('from_year') as integer), last_years.to_year - 5) as from_year
    from asked
    cross join last_years
),

whole as (
    select pairs.*
    from years
    inner join pairs on years.from_year = pairs.from_year and years.to_year = pairs.to_year
    order by pairs.is_of_list desc, pairs.publisher_code asc, pairs.world_publisher_code asc
    limit 1
),

jumps as (
    select max(pairs.to_year) as jump_year
    from whole
    inner join pairs using (publisher_code, world_publisher_code)
    where pairs.is_jump and pairs.to_year <= whole.to_year and pairs.from_year = pairs.to_year - 1
),

changes as (
    select
        'whole' as span,
        whole.*
    from whole
    union all by name
    -- The last year against each base year that the same publishers have: a conclusion that turns with it is none.
    select
        'base' as span,
        pairs.*
    from whole
    cross join jumps
    inner join pairs using (publisher_code, world_publisher_code, to_year)
    where
        least(whole.from_year, whole.to_year - 10) <= pairs.from_year
        and coalesce(jumps.jump_year, 0) <= pairs.from_year
        -- The whole span, and the last of its years, have rows of their own.
        and pairs.from_year not in (whole.from_year, whole.to_year - 1)
    union all by name
    select
        'year' as span,
        pairs.*
    from whole
    inner join pairs using (publisher_code, world_publisher_code)
    where
        pairs.from_year >= whole.from_year
        and pairs.to_year <= whole.to_year
        and pairs.from_year = pairs.to_year - 1
        -- A span of one year is its only step.
        and whole.to_year - whole.from_year > 1
    union all by name
    -- Two years of two publishers stand side by side, and are not compared.
    select
        'whole' as span,
        years.from_year,
        years.to_year,
        earlier.share_pct as from_share_pct,
        later.share_pct as to_share_pct,
        earlier.publisher_code as from_publisher_code,
        later.publisher_code,
        case when earlier.world_publisher_code = later.world_publisher_code then later.world_publisher_code end
            as world_publisher_code,
        later.value_usd as to_value_usd,
        list_sort(list_distinct(flatten([earlier.snapshot_ids, later.snapshot_ids]))) as snapshot_ids
    from years
    inner join offers as earlier on years.from_year = earlier.year and earlier.is_of_list
    inner join offers as later on years.to_year = later.year and later.is_of_list
    where years.from_year < years.to_year and not exists (select 1 from whole)
    union all by name
    select
        'later' as span,
        offers.year as to_year,
        offers.share_pct as to_share_pct,
        offers.partner_rank as to_rank,
        offers.publisher_code,
        offers.world_publisher_code,
        offers.value_usd as to_value_usd,
        offers.snapshot_ids
    from whole
    inner join offers on whole.to_year < offers.year and offers.is_of_list
    where getvariable('to_year') is null
)

select
    spans.span,
    changes.* exclude (span, from_year, to_year),
    case when spans.span = 'whole' then years.from_year else changes.from_year end as from_year,
    coalesce(changes.to_year, years.to_year) as to_year,
    changes.change_cents / 100 as change_usd,
    changes.demand_cents / 100 as demand_effect_usd,
    (changes.change_cents - changes.demand_cents) / 100 as share_effect_usd,
    case
        when abs(demand_effect_usd) >= abs(share_effect_usd) then 'demand'
        when share_effect_usd is not null then 'share'
    end as larger_effect,
    case when spans.span = 'whole' then jumps.jump_year end as jump_year,
    case
        when spans.span != 'whole' then null
        when not changes.to_value_usd between coverage.partner_value_usd / 2 and 2 * coverage.partner_value_usd
            then coverage.partner_value_usd
    end as mirror_value_usd,
    100 * changes.to_value_usd / nullif(mirror_value_usd, 0) as of_mirror_pct,
    changes.to_share_pct is not null as is_answered,
    case when changes.to_share_pct is null then 'not_held' end as missing_code,
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
            then
                nullif(
                    string_split(
                        concat_ws(
                            ',',
                            case when not list_contains(held_years.years, years.from_year) then years.from_year end,
                            case when not list_contains(held_years.years, years.to_year) then years.to_year end
                        ),
                        ','
                    ),
                    ['']
                )
    end as missing_periods
from years
cross join jumps
cross join held_years
cross join (values ('whole'), ('base'), ('year'), ('later')) as spans (span)
left join changes on spans.span = changes.span
left join core.goods_trade_coverage as coverage
    on
        years.partner_code = coverage.reporter_code
        and years.reporter_code = coverage.partner_code
        and coverage.flow = 'import'
        and years.to_year = year(coverage.period_start)
-- The span asked about has a row even if it is not held.
where spans.span = 'whole' or changes.span is not null
order by
    spans.span != 'whole' asc, spans.span != 'base' asc, spans.span = 'later' asc, to_year desc, from_year asc

/*
{% set whole = rows[0] %}
{% if not whole.is_answered %}
    the available figures do not answer the question: {{ missing[0] }};
{% elif whole.change_usd is none %}
    {{ reporter }} supplied {{ whole.from_share_pct | percent }} of {{ partner | possessive }} imports in
    {{ whole.from_year }} (source: {{ whole.from_publisher_code | publisher }}) and
    {{ whole.to_share_pct | percent }} in {{ whole.to_year }} (source: {{ whole.publisher_code | publisher }});
    these two shares cannot be compared, because no publisher has both years with comparable totals;
{% else %}
    {% macro moved(usd) %}{{ "added" if usd >= 0 else "took away" }} {{ usd | abs | usd }}{% endmacro %}
    {% macro sources(row) %}
        {%- set total = row.world_publisher_code %}
        {{- "(source: " ~ row.publisher_code | publisher if total in (none, row.publisher_code) else "(sources: "
            ~ row.publisher_code | publisher ~ ", and " ~ total | publisher ~ " for total imports" }})
    {%- endmacro %}
    {% set moved_by = (whole.to_share_pct - whole.from_share_pct) | abs %}
    {% set moved_share, is_slight = moved_by >= 0.05, moved_by < [0.05, whole.from_share_pct / 10] | min %}
    {% set shares = [whole.from_share_pct, whole.to_share_pct] %}
    {% set demand, share = whole.demand_effect_usd, whole.share_effect_usd %}
    {{ partner | possessive }} imports from {{ reporter }} {{ "rose" if whole.change_usd > 0 else "fell" }} by
    {{ whole.change_usd | abs | usd }} from {{ whole.from_year }} to {{ whole.to_year }}
    {{ sources(whole) }};
    the {{ "rise" if demand >= 0 else "fall" }} in {{ partner | possessive }} total imports, oil included,
    {{ moved(demand) }}{{ ", and" if (demand >= 0) == (share >= 0) else ", but" }}
    the {{ "slight " if is_slight }}{{ "rise" if share >= 0 else "fall" }} in {{ reporter | possessive }} share of
    these imports, from
    {{ (shares | map("percent", 2) if shares | max < 0.01
        else shares | percents(1 if moved_share else 2)) | join(" to ") }},
    {{ moved(share) }};
    {% if whole.mirror_value_usd is not none %}
        the imports from {{ reporter }} that {{ partner }} reports for {{ whole.to_year }} are
        {{ "only " ~ whole.of_mirror_pct | percent ~ " of" if whole.of_mirror_pct < 100
            else (whole.of_mirror_pct / 100) | decimal ~ " times" }}
        the {{ whole.mirror_value_usd | usd }} of exports to {{ partner }} that {{ reporter }} reports;
    {% endif %}
    {% if whole.jump_year is not none and whole.jump_year > whole.from_year %}
        {% set step = held | selectattr("to_year", "eq", whole.jump_year)
            | selectattr("from_year", "eq", whole.jump_year - 1) | first %}
        {{ reporter | possessive }} share
        {{ "more than doubled" if step.to_share_pct > step.from_share_pct else "fell by more than half" }} in
        {{ whole.jump_year }}, perhaps because what is counted changed (some publishers count gold in only some years);
    {% else %}
        {% set lost, kept, gained = [], [], [] %}
        {% for row in held if row.span != "later" and row.to_year == whole.to_year %}
            {% set points = row.to_share_pct - row.from_share_pct %}
            {% set side = lost if points <= -0.05 else gained if points >= 0.05 else kept %}
            {{- side.append(row.from_year) or "" -}}
        {% endfor %}
        {% set sides = [] %}
        {% if lost %}{{ sides.append("lower than in " ~ lost | listed) or "" }}{% endif %}
        {% if kept %}{{ sides.append("almost unchanged from " ~ kept | listed) or "" }}{% endif %}
        {% if gained %}{{ sides.append("higher than in " ~ gained | listed) or "" }}{% endif %}
        {% if sides | length > 1 %}
            {{ reporter | possessive }} share in {{ whole.to_year }} was {{ sides[:-1] | join(", ") ~ ", and "
                ~ sides[-1] }};
        {% elif (lost + kept + gained) | length > 1 %}
            {{ reporter | possessive }} share in {{ whole.to_year }} was
            {{ "lower than in" if lost else "higher than in" if gained else "almost unchanged from" }} each of the years
            {{ (lost + kept + gained) | listed }};
        {% endif %}
    {% endif %}
    {% set later = held | selectattr("span", "eq", "later") | sort(attribute="to_year") | list %}
    {% if later %}
        {{ reporter | possessive }} share was
        {% for row in later %}
            {{- "" if loop.first else " and" if loop.last else "," }} {{ row.to_share_pct | percent }} in
            {{ row.to_year }}
            {{- "" if not loop.last and sources(row) == sources(loop.nextitem) else " " ~ sources(row) }}
        {%- endfor %};
        {% set same = later | selectattr("publisher_code", "eq", whole.publisher_code) | list %}
        {% if same %}
            {{ "because total imports come from another publisher," if not same
                | selectattr("world_publisher_code", "eq", whole.world_publisher_code) | list }}
            {{ "these shares" if later | length > 1 else "this share" }}
        {% else %}
            {{ "these figures come" if later | length > 1 else "this figure comes" }} from another publisher and
        {% endif %}
        cannot be compared with {{ "that of" if same else "the share in" }} {{ whole.to_year }};
    {% endif %}
{% endif %}
*/
