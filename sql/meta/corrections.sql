/*
what: >-
  Wrong figures of a source, which the safe tables leave out, with the reason, whether the source still shows them, and
  the value of the month that the year implies.
grain: [correction_id, partner_code]
required: [is_current, reason, evidence]
example: |-
  select correction_id, partner_code, flow, period_start, observed_value_usd, implied_value_usd, gap_pct, reason
  from meta.corrections
  where partner_code = 'CHN'
columns:
- correction_id: code | The correction's ID, which is also the name of its file.
- source (in short)
- dataset: code | The source's dataset; null if every dataset of the source has the figure.
- reporter_code, partner_code
- covers_every_partner: >-
    true/false | The period is wrong for every partner, including partners whose figure was not seen then.
- flow, frequency, period_start
- observed_value_usd: >-
    US$ | The wrong figure, as the source showed it when the correction was written; null for a partner that the
    correction covers without naming a figure.
- current_value_usd: >-
    US$ | The figure that the source shows now, the wrong one if a dataset still has it; null if it shows none.
- is_current: true/false | The source still shows the wrong figure, so the correction applies.
- implied_value_usd: >-
    US$ | The year of core.goods_trade_annual less the dataset's other eleven months; null for a year, and where one of
    these months is missing.
- gap_pct: percent | The difference of current_value_usd from implied_value_usd.
- action: code | The treatment of the figure (exclude, the safe tables leave it out).
- reason: text | The reason to consider the figure wrong.
- evidence: text | The figures that it was compared with.
*/
with known as (
    select *
    from core.goods_trade_observations
    where classification = 'TOTAL' and known_to is null and value_usd is not null
),

shown as (
    select
        corrections.*,
        known.dataset as shown_dataset,
        known.value_usd,
        coalesce(known.correction_id = corrections.correction_id, false) as is_current
    from reference.corrections as corrections
    left join known
        on
            corrections.source = known.source
            and known.dataset = coalesce(corrections.dataset, known.dataset)
            and corrections.reporter_code = known.reporter_code
            and corrections.partner_code = known.partner_code
            and corrections.flow = known.flow
            and corrections.frequency = known.frequency
            and corrections.period_start = known.period_start
    union all
    -- Partners that a correction covers but does not name.
    select
        corrections.* replace (known.partner_code as partner_code, cast(null as double) as observed_value_usd),
        known.dataset as shown_dataset,
        known.value_usd,
        true as is_current
    from known
    inner join reference.corrections as corrections using (correction_id)
    left join reference.corrections as others
        on known.correction_id = others.correction_id and known.partner_code = others.partner_code
    where others.correction_id is null
),

figures as (
    select *
    from shown
    qualify
        row_number() over (
            partition by correction_id, partner_code
            order by is_current desc, value_usd desc nulls last, shown_dataset asc
        ) = 1
),

-- The other eleven months of the year in the same dataset.
rests as (
    select
        figures.correction_id,
        figures.partner_code,
        sum(known.value_usd) as value_usd
    from figures
    inner join known using (source, reporter_code, partner_code, flow, frequency)
    where
        figures.shown_dataset = known.dataset
        and year(figures.period_start) = year(known.period_start)
        and figures.frequency = 'M' and known.period_start != figures.period_start
    group by all
    having count(*) = 11
),

implied as (
    select
        figures.*,
        round(years.value_usd - rests.value_usd, 2) as implied_value_usd
    from figures
    left join rests using (correction_id, partner_code)
    left join core.goods_trade_annual as years
        on
            figures.reporter_code = years.reporter_code
            and figures.partner_code = years.partner_code
            and figures.flow = years.flow
            and year(figures.period_start) = year(years.period_start)
)

select
    * exclude (shown_dataset, value_usd),
    value_usd as current_value_usd,
    100 * (value_usd - implied_value_usd) / nullif(implied_value_usd, 0) as gap_pct
from implied
