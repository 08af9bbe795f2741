/*
number: 20
question: How much did the last releases revise the last twelve months, and did any claim's verdict change?
name: last_revisions
read: >-
  The first two rows show how far the latest releases revised exports and imports of the last twelve months. The other
  rows are published claims about the two economies whose verdict today differs from the verdict by the figures known on
  the day they were published. A column says whether a publisher has revised a figure since, or whether the figures only
  came here later.
limits: >-
  A figure that was read only once cannot show a change: read it again (`bilateral refresh`) before you conclude that
  nothing was revised. A verdict that was pending then was not wrong; the figures were not available yet. Nor was a
  publisher wrong whose figures we first read years later: the figures available on the day may have been another
  publisher's.
parameters:
  reporter: KOR | The economy whose statistics are used (ISO 3166 alpha-3).
  partner: CHN | The economy it trades with (ISO 3166 alpha-3).
columns:
- subject: code | exports, imports, or claim.
- from_month: date | The first of up to twelve available months; for a claim, the start of its period.
- to_month: date | The last of up to twelve available months; for a claim, the end of its period.
- month_count: count | The number of months that are available.
- revised_month_count: count | The number of months that were revised.
- value_before_usd: US$ | The months' sum before each month's last change.
- value_usd: US$ | The months' sum now.
- revision_usd: US$ | `value_usd` less `value_before_usd`.
- revision_pct: percent | The revision as a share of `value_before_usd`.
- release_count: count | The number of stored snapshots of the datasets that contain the months.
- claim_count: count | The number of registered claims that name both economies.
- claim_id
- statement: text | The claim in a sentence.
- verdict_then: code | The claim's verdict by the figures available when it was published.
- verdict: code | The claim's verdict now.
- was_answered_then: true/false | The claim had an answer then, which has changed; false if the figures came later.
- change_cause: >-
    code | revised if the evidence's publisher changed one of its figures after the claim, otherwise later_copy; null
    for flows.
- reason: text | The reason for the verdict now.
- is_answered: true/false | More than one release can be compared; for a claim, always.
- snapshot_ids
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code
),

flows as (
    select
        unnest(['export', 'import']) as flow,
        concat(flow, 's') as subject
),

months as (
    select figures.*
    from asked
    inner join core.goods_trade_monthly as figures
        on asked.reporter_code = figures.reporter_code and asked.partner_code = figures.partner_code
    qualify
        figures.period_start > max(figures.period_start) over () - interval 12 month
),

-- Of each month the last time that it changed.
revisions as (
    select revised.*
    from asked
    inner join marts.revisions as revised
        on asked.reporter_code = revised.reporter_code and asked.partner_code = revised.partner_code
    where
        revised.metric = 'goods_trade'
        and revised.item_code = 'TOTAL'
        and revised.frequency = 'M'
        and revised.change = 'revised'
    qualify
        row_number() over (
            partition by revised.source, revised.dataset, revised.flow, revised.period_start
            order by revised.known_from desc
        ) = 1
),

releases as (
    select
        source,
        dataset,
        count(*) as release_count
    from meta.snapshots
    group by source, dataset
),

sums as (
    select
        flows.subject,
        flows.flow,
        min(months.period_start) as from_month,
        max(months.period_start) as to_month,
        count(months.period_start) as month_count,
        count(revisions.period_start) as revised_month_count,
        sum(months.value_usd) as value_usd,
        -- What was read once cannot have been seen to change.
        case
            when count(revisions.period_start) > 0 or min(releases.release_count) > 1
                then coalesce(sum(revisions.revision), 0)
        end as revision_usd,
        min(releases.release_count) as release_count,
        list_sort(
            list_distinct(flatten(array_agg([months.snapshot_id, revisions.previous_snapshot_id])))
        ) as snapshot_ids
    from flows
    left join months on flows.flow = months.flow
    left join revisions
        on
            months.source = revisions.source
            and months.dataset = revisions.dataset
            and months.flow = revisions.flow
            and months.period_start = revisions.period_start
    left join releases on months.source = releases.source and months.dataset = releases.dataset
    group by flows.subject, flows.flow
),

-- Exports and imports that are missing for the same reason are one gap.
gaps as (
    select
        *,
        case
            when revision_usd is not null then null
            when month_count = 0 then 'not_held'
            else 'one_release'
        end as missing_code,
        string_agg(flow, '+') over (
            partition by missing_code
            order by flow rows between unbounded preceding and unbounded following
        ) as missing_flows
    from sums
),

registered as (
    select cast(count(verdicts.claim_id) as integer) as claim_count
    from asked
    left join marts.claim_verdicts as verdicts
        on
            verdicts.reporter_code in (asked.reporter_code, asked.partner_code)
            and verdicts.partner_code in (asked.reporter_code, asked.partner_code)
),

claims as (
    select
        verdicts.*,
        -- A value that was known on the day, and that the same publisher has since replaced.
        case
            when exists (
                select 1
                from marts.revisions as revised
                where
                    revised.reporter_code in (verdicts.reporter_code, verdicts.alternate_reporter_code)
                    and (
                        revised.partner_code is null
                        or revised.partner_code in (asked.reporter_code, asked.partner_code)
                    )
                    and revised.period_start between verdicts.period_start and verdicts.period_end
                    and revised.previous_known_from <= verdicts.as_of
                    and revised.known_from > verdicts.as_of
                    and revised.change != 'mended'
                    and list_contains(verdicts.snapshot_ids, revised.snapshot_id)
            ) then 'revised'
            else 'later_copy'
        end as change_cause
    from asked
    inner join marts.claim_verdicts as verdicts
        on
            verdicts.reporter_code in (asked.reporter_code, asked.partner_code)
            and verdicts.partner_code in (asked.reporter_code, asked.partner_code)
    where verdicts.verdict != verdicts.verdict_then
)

select
    gaps.subject,
    gaps.from_month,
    gaps.to_month,
    gaps.month_count,
    gaps.revised_month_count,
    gaps.value_usd - gaps.revision_usd as value_before_usd,
    gaps.value_usd,
    gaps.revision_usd,
    100 * gaps.revision_usd / nullif(gaps.value_usd - gaps.revision_usd, 0) as revision_pct,
    gaps.release_count,
    registered.claim_count,
    gaps.revision_usd is not null as is_answered,
    gaps.missing_code,
    case
        when gaps.missing_code is not null
            then
                [
                    concat(
                        'goods/M/', asked.reporter_code, '/', gaps.missing_flows, '/', asked.partner_code, '/TOTAL'
                    )
                ]
    end as missing_series,
    null as missing_periods,
    gaps.snapshot_ids
from asked
cross join gaps
cross join registered
union all by name
select
    'claim' as subject,
    period_start as from_month,
    period_end as to_month,
    claim_id,
    statement,
    verdict_then,
    verdict,
    verdict_then not in ('pending', 'not_held', 'not_checkable') as was_answered_then,
    change_cause,
    reason,
    true as is_answered,
    snapshot_ids
from claims
order by was_answered_then desc nulls first, subject asc, claim_id asc

/*
{% set flows = rows | rejectattr("subject", "eq", "claim") | list %}
{% set unseen = flows | rejectattr("is_answered") | map(attribute="subject") | list %}
{% if unseen %}
    only one release of the figures on {{ reporter | possessive }} {{ unseen | join(" and ") }} for the last months is
    available, so no revision can be shown;
{% endif %}
{% set shown = flows | selectattr("is_answered") | list %}
{% set is_one = shown | map(attribute="from_month") | unique | list | length == 1
    and shown | map(attribute="to_month") | unique | list | length == 1 %}
{% for group in ([shown] if is_one else shown | batch(1)) %}
    {% set first, last = group[0].from_month, group[0].to_month %}
    {% set revised = group | selectattr("revised_month_count") | list %}
    for
    {{ months(last.year, first.month, last.month) if first.year == last.year
        else first.month | month ~ " " ~ first.year ~ " to " ~ last.month | month ~ " " ~ last.year }},
    the latest releases
    {% for row in group %}
        {{ "" if loop.first else "and" if revised else "or" }}
        {% set verb = "did not revise" if not row.revised_month_count else "raised" if row.revision_usd > 0
            else "lowered" %}
        {{ verb if loop.changed(verb) }}
        {{ "those for its " ~ row.subject if not loop.first else "the figures for " ~ reporter | possessive ~ " " ~
            row.subject ~ (" to " if row.subject == "exports" else " from ") ~ partner }}
        {% if row.revised_month_count %}
            by {{ row.revision_usd | abs | usd }}{{ " in total" if row == revised[0] and row.month_count > 1 }}
            ({{ row.revision_pct | abs | percent(2) }})
        {% endif %}
    {%- endfor %};
    {% for row in revised if row.month_count > 1 %}
        {% if loop.first %}of the {{ row.month_count | int }} months,{% endif %}
        {{ "" if loop.first else "and" }} {{ row.revised_month_count | int }}
        {{- (" was" if row.revised_month_count == 1 else " were") ~ " revised" if loop.first }}
        {{- " for " ~ row.subject if group | length > 1 }}
    {%- endfor %};
{% endfor %}
{% set changed = rows | selectattr("subject", "eq", "claim") | list %}
{% set answered = changed | selectattr("was_answered_then") | list %}
{% set revised = answered | selectattr("change_cause", "eq", "revised") | map(attribute="statement") | list %}
{% set late = answered | rejectattr("change_cause", "eq", "revised") | map(attribute="statement") | list %}
{% if flows[0].claim_count %}
    {% set count = revised | length %}
    {{ (count if count else "no") }} {{ "verdict on a claim has" if count < 2 else "verdicts on claims have" }} changed
    because a publisher revised its figures
    {{- ": “" ~ revised | map("trim", ".") | join("”, “") ~ "”" if revised }};
{% else %}
    no claims about trade between {{ reporter }} and {{ partner }} have been judged;
{% endif %}
{% if late %}
    {{ late | length | counted("claim") }} would have a different verdict if judged by the figures known when
    {{ "it was" if late | length == 1 else "they were" }} published, but not because of a revision:
    “{{ late | map("trim", ".") | join("”, “") }}”;
{% endif %}
*/
