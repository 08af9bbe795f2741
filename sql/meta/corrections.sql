/*
what: >-
  Figures that a source has wrong and that the safe tables therefore leave out, with the reason and whether the source
  still shows them.
grain: [correction_id]
columns:
  correction_id: code | The correction, and the name of its file.
  source: code | The publisher of the figure.
  dataset: code | The publisher's dataset.
  reporter_code: code | The economy whose statistics these are.
  partner_code: code | The economy it traded with.
  flow: code | export or import, as the reporter sees it.
  frequency: code | A annual, M monthly.
  period_start: date | First day of the period.
  observed_value_usd: US$ | The wrong figure, as the source showed it when the correction was written.
  current_value_usd: US$ | The figure that the source shows now; null if it shows none.
  is_current: true/false | The source still shows the wrong figure, so the correction applies.
  action: code | What is done with the figure (exclude, the safe tables leave it out).
  reason: text | Why the figure is held to be wrong.
  evidence: text | What it was compared with.
*/
with current_values as (
    select
        source,
        dataset,
        reporter_code,
        partner_code,
        flow,
        frequency,
        period_start,
        max(value_usd) as value_usd
    from core.goods_trade_observations
    where classification = 'TOTAL' and known_to is null
    group by source, dataset, reporter_code, partner_code, flow, frequency, period_start
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
    coalesce(
        abs(current_values.value_usd - corrections.observed_value_usd)
        <= corrections.tolerance_pct / 100 * corrections.observed_value_usd,
        false
    ) as is_current,
    corrections.action,
    corrections.reason,
    corrections.evidence
from reference.corrections as corrections
left join current_values
    on
        corrections.source = current_values.source
        and corrections.dataset = current_values.dataset
        and corrections.reporter_code = current_values.reporter_code
        and corrections.partner_code = current_values.partner_code
        and corrections.flow = current_values.flow
        and corrections.frequency = current_values.frequency
        and corrections.period_start = current_values.period_start
