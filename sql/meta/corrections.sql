/*
what: >-
  Figures that a source has wrong and that the safe tables therefore leave out, with the reason and whether the source
  still shows them.
grain: [correction_id]
columns:
  correction_id: code | The correction, and the name of its file.
  source: code | The publisher of the figure.
  dataset: code | The publisher's dataset; null if every dataset of the publisher has the figure.
  reporter_code: code | The economy whose statistics these are.
  partner_code: code | The economy it traded with.
  flow: code | export or import, as the reporter sees it.
  frequency: code | A annual, M monthly.
  period_start: date | First day of the period.
  observed_value_usd: US$ | The wrong figure, as the source showed it when the correction was written.
  current_value_usd: US$ | The figure that the source shows now, the wrong one if a dataset still has it; null if none.
  is_current: true/false | The source still shows the wrong figure, so the correction applies.
  action: code | What is done with the figure (exclude, the safe tables leave it out).
  reason: text | Why the figure is held to be wrong.
  evidence: text | What it was compared with.
*/
with shown as (
    select
        corrections.correction_id,
        observations.value_usd,
        abs(observations.value_usd - corrections.observed_value_usd)
        <= corrections.tolerance_pct / 100 * corrections.observed_value_usd as is_wrong
    from reference.corrections as corrections
    inner join core.goods_trade_observations as observations
        on
            corrections.source = observations.source
            and observations.dataset = coalesce(corrections.dataset, observations.dataset)
            and corrections.reporter_code = observations.reporter_code
            and corrections.partner_code = observations.partner_code
            and corrections.flow = observations.flow
            and corrections.frequency = observations.frequency
            and corrections.period_start = observations.period_start
    where
        observations.classification = 'TOTAL'
        and observations.known_to is null
        and observations.value_usd is not null
),

current_values as (
    select
        correction_id,
        coalesce(max(case when is_wrong then value_usd end), max(value_usd)) as value_usd,
        max(case when is_wrong then 1 else 0 end) = 1 as is_wrong
    from shown
    group by correction_id
)

select
    corrections.correction_id,
    corrections.source,
    corrections.dataset,
    corrections.reporter_code,
    corrections.partner_code,
    corrections.flow,
    corrections.frequency,
    corrections.period_start,
    corrections.observed_value_usd,
    current_values.value_usd as current_value_usd,
    coalesce(current_values.is_wrong, false) as is_current,
    corrections.action,
    corrections.reason,
    corrections.evidence
from reference.corrections as corrections
left join current_values on corrections.correction_id = current_values.correction_id
