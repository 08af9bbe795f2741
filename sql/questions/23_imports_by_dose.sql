/*
number: 23
question: Did imports from the partner fall more where the duty rose more?
name: imports_by_dose
arises: held
read: >-
  One row for each method, the one declared in advance first. The estimate is the change in imports from the partner,
  relative to those from other origins, for each percentage point of duty added to a product. The answer rests on the
  method declared in advance; the others show what other choices would give. Where there is no estimate, the row says
  why.
limits: >-
  The lines of the tariff lists are not available: a product is a chapter of the Harmonized System or an industry, and
  its duty is the duty actually charged, which also depends on what was still bought. What all products shared, such
  as a fall of all imports from the partner, is not in the estimate. Trade that moved to other origins counts on both
  sides. The estimate is an effect only if products with high and with low added duty would otherwise have moved
  alike, which the placebo years support and do not prove (docs/methods.md).
parameters:
  reporter: USA | The economy that charges the duty (ISO 3166 alpha-3).
  partner: CHN | The economy whose goods met it (ISO 3166 alpha-3).
columns:
- event_ids: list | The events whose tariffs took effect in the window, separated by semicolons.
- window_id
- kind: code | declared (it alone decides) or other (another choice of the same question).
- base_start
- after_end
- classification (of imports for consumption)
- weights
- product_count: count | The products of the regression.
- dose_low_points: percentage points | The rise of the duty that a quarter of the products stayed below.
- dose_high_points: percentage points | The rise of the duty that a quarter of the products exceeded.
- estimate_pct (or null)
- ci_low_pct
- ci_high_pct
- conclusion: code | fall or rise (significant), or none; null without an estimate.
- placebo_count: count | The number of earlier windows without a tariff step.
- placebos_that_move: count | Those in which the same doses go with a significant change.
- designs_low_pct, designs_high_pct
- status: code | estimated, or why not, as in marts.tariff_dose_effects.
- reason: text | Why there is no estimate; for one, why its window was chosen.
- is_answered, snapshot_ids
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'USA') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code
)

select
    effects.* exclude (snapshot_ids),
    effects.snapshot_ids,
    effects.estimate_pct is not null as is_answered,
    case when effects.window_id is null or effects.status = 'no_figures' then 'no_duty' end as missing_code,
    case
        when missing_code is not null
            then [concat('goods/M/', asked.reporter_code, '/import/', asked.partner_code, '/TOTAL')]
    end as missing_series,
    cast(null as varchar[]) as missing_periods
from asked
left join marts.tariff_dose_effects as effects
    on
        asked.reporter_code = effects.reporter_code
        and asked.partner_code = effects.partner_code
        and effects.kind != 'placebo'
order by effects.event_ids asc, effects.kind asc, effects.window_id asc

/*
{% macro range(low, high) %}
    {%- set ends = [low, high] | map("percent") | map("replace", "−", "") | list %}
    {{- "a fall of " if low < 0 else "a rise of " }}{{ ends[1] if high < 0 else ends[0] }} to
    {{ ends[0] if high < 0 else ends[1] if low >= 0 else "a rise of " ~ ends[1] }}
{%- endmacro %}
{% for row in rows if row.kind == "declared" %}
    {% set span = "from " ~ row.base_start.year ~ " to " ~ row.after_end.year %}
    {% if row.is_answered %}
        {{ span }}, each percentage point of duty added to a product went with a
        {{ "rise" if row.estimate_pct > 0 else "fall" }} of {{ row.estimate_pct | abs | percent }} in
        {{ reporter | possessive }} imports of it from {{ partner }}, relative to those from other suppliers (90%
        interval: {{ range(row.ci_low_pct, row.ci_high_pct) }}, {{ row.product_count }} products);
        {{ "this change is not statistically significant;" if row.conclusion == "none" }}
        {% set asked = rows | selectattr("event_ids", "eq", row.event_ids) %}
        {% set others = asked | selectattr("kind", "eq", "other") | list %}
        {% set count = others | selectattr("is_answered") | list | length %}
        {% if row.designs_low_pct is not none %}
            estimates by {{ count }} of {{ others | length }} other methods range from
            {{ range(row.designs_low_pct, row.designs_high_pct) }};
            {{ "the others yield no estimate;" if count < others | length }}
        {% endif %}
        as a check, the method was applied to {{ row.placebo_count }} earlier periods without tariff changes, and found
        {{ "a" if row.placebos_that_move else "no" }} statistically significant link between these imports and the later
        duties in {{ row.placebos_that_move or "any" }} of them;
    {% elif row.status == "doses_alike" %}
        there is no estimate for the change {{ span }}, because the duty rose by similar amounts on most products, so
        that these cannot be compared: by {{ row.dose_low_points | decimal }} to {{ row.dose_high_points | decimal }}
        percentage points on the middle half of them;
    {% elif row.status != "no_figures" %}
        there is no estimate for the change {{ span }}:
        {{ row.reason[:1] | lower ~ row.reason[1:] | replace(". ", "; ") | trim(".") }};
    {% endif %}
{% endfor %}
the tariff lists are more detailed than the figures, so a product here is a whole chapter of the customs code or an
industry;
these estimates do not prove that the duties caused a change in imports;
*/
