/*
what: >-
  Every trade figure that an authority published, compared with the warehouse's figure for the same reporter, partner,
  flow, period and basis: as known now, as known when it was published, and in any other available reading or vintage.
  Figures that differ have a cause.
subject: mirror
grain: [figure_id]
required: [metric, as_printed, printed_value, agreement_status, snapshot_ids]
example: |-
  select figure_id, as_printed, held_value, agreement_status, cause, explanation
  from marts.published_figure_checks
  where agreement_status not in ('agrees', 'not_held')
  order by figure_id
columns:
- figure_id: code | The ID of the figure in core.published_figures.
- metric, reporter_code (of a printed figure), partner_code, flow (of the metric), period_start, period_end, unit
- as_printed
- printed_value: own unit | The figure as printed, in full units.
- printed_digit, publisher, published_on (exactly)
- basis: code | customs or balance_of_payments.
- held_value: own unit | The warehouse's figure as known now; null if it has none.
- held_source: code | The source of the warehouse's figure.
- held_basis: code | The basis of held_value, customs for goods or balance_of_payments for services; null without it.
- difference: own unit | printed_value less held_value.
- tolerance: own unit | The allowed distance of a conversion into US$ from the printed figure; null if not converted.
- agreement_status: >-
    code | agrees (at the printed precision, rounded or cut), agrees_then (as known when it was printed), converted
    (within the tolerance of a conversion), agrees_elsewhere (with another available reading or vintage), differs, or
    not_held.
- cause: >-
    code | Why a figure differs or agrees only with another reading: balance_of_payments (another basis), later_revision
    (an earlier vintage has it, or it was printed before the publisher closed the year), other_reading (another source
    of the reporter's figures has it), other_territory (one counts a dependency with the partner, the other apart) or
    as_quoted (only who quoted it is known); null if the cause is unknown or the
    figure agrees.
- explanation: text | The cause in words, if more is known.
- other_reading: text | The source and the day of the reading that agrees, where it is not the current one.
- snapshot_ids
*/
with figures as (
    select
        *,
        year(period_start) = year(period_end) as is_in_a_year,
        date_diff('month', period_start, period_end) + 1 as month_count,
        month(period_start) = 1 and month(period_end) = 12 and year(period_start) = year(period_end) as is_year
    from core.published_figures
    where is_official
),

-- The flows that make up each metric.
parts as (
    select
        figures.* exclude (flow),
        flows.flow,
        flows.factor,
        count(*) over (partition by figures.figure_id) as part_count
    from figures
    inner join (
        values
        ('goods_exports', 'export', 1),
        ('goods_imports', 'import', 1),
        ('goods_balance', 'export', 1),
        ('goods_balance', 'import', -1),
        ('goods_total_trade', 'export', 1),
        ('goods_total_trade', 'import', 1)
    ) as flows (metric, flow, factor)
        on figures.metric = flows.metric
),

years as (
    select
        parts.figure_id,
        sum(parts.factor * chosen.value_usd) as value,
        string_agg(distinct chosen.source, ', ' order by chosen.source) as source
    from parts
    inner join core.goods_trade_annual as chosen using (reporter_code, partner_code, flow, period_start)
    where parts.unit = 'USD' and parts.is_year
    group by parts.figure_id, parts.part_count
    having count(*) = parts.part_count
),

-- For a period since January use the year to date, which may be published; otherwise add up the months.
months as (
    select
        parts.figure_id,
        coalesce(
            case
                when
                    count(chosen.value_ytd_usd) filter (
                        where chosen.period_end = parts.period_end
                        and parts.period_start = make_date(year(parts.period_end), 1, 1)
                    ) = parts.part_count
                    then sum(parts.factor * chosen.value_ytd_usd) filter (where chosen.period_end = parts.period_end)
            end,
            sum(parts.factor * chosen.value_usd)
        ) as value,
        string_agg(distinct chosen.source, ', ' order by chosen.source) as source
    from parts
    inner join core.goods_trade_monthly as chosen using (reporter_code, partner_code, flow)
    where
        parts.unit = 'USD' and not parts.is_year
        and chosen.period_start between parts.period_start and parts.period_end
    group by parts.figure_id, parts.part_count, parts.month_count
    having count(*) = parts.part_count * parts.month_count
),

in_own_currency as (
    select
        parts.figure_id,
        sum(
            parts.factor
            * case
                when parts.month_count = 1 and month(parts.period_start) > 1 then printed.published_value
                else printed.published_ytd_value
            end
        ) as value,
        min(printed.source) as source
    from parts
    inner join core.goods_trade_national_currency as printed
        using (reporter_code, partner_code, flow, period_end)
    where
        printed.frequency = 'M' and printed.classification = 'TOTAL' and printed.known_to is null
        and parts.unit = printed.currency_code
        and (parts.month_count = 1 or (parts.is_in_a_year and month(parts.period_start) = 1))
    group by parts.figure_id, parts.part_count
    having count(*) = parts.part_count
),

growth as (
    select
        figures.figure_id,
        100 * (later.value_usd / nullif(earlier.value_usd, 0) - 1) as value,
        later.source
    from figures
    inner join core.goods_trade_annual as later using (reporter_code, partner_code, flow, period_start)
    inner join core.goods_trade_annual as earlier using (reporter_code, partner_code, flow)
    where
        figures.metric = 'yoy_growth' and figures.is_year
        and year(later.period_start) - 1 = year(earlier.period_start)
    union all
    select
        figures.figure_id,
        case figures.flow when 'export' then months.exports_yoy_pct else months.imports_yoy_pct end as value,
        case figures.flow when 'export' then months.exports_source else months.imports_source end as source
    from figures
    inner join marts.trade_balance_monthly as months using (reporter_code, partner_code, period_start)
    where figures.metric = 'yoy_growth' and figures.month_count = 1
),

services as (
    select
        figures.figure_id,
        sum(case trade.flow when 'export' then trade.value_usd else -trade.value_usd end) as value,
        min(trade.source) as source
    from figures
    inner join core.services_trade as trade using (reporter_code, partner_code)
    where
        figures.metric = 'services_balance' and figures.is_year
        and trade.service_item_code = 'S' and year(figures.period_start) = trade.year
    group by figures.figure_id
    having count(trade.value_usd) = 2
),

held as (
    select
        *,
        'customs' as basis
    from (
        select * from years
        union all
        select * from months
        union all
        select * from in_own_currency
        union all
        select *
        from growth
        where value is not null
    ) as goods
    union all
    select
        *,
        'balance_of_payments' as basis
    from services
),

-- The same figure in any source on every day on which it changed, and on the day of publication.
readings as (
    select
        parts.figure_id,
        parts.factor,
        parts.published_on,
        parts.part_count,
        parts.month_count,
        observations.source,
        observations.dataset,
        observations.frequency,
        observations.value_usd,
        observations.known_from,
        observations.known_to
    from parts
    inner join core.goods_trade_observations as observations using (reporter_code, partner_code, flow)
    where
        parts.unit = 'USD'
        and observations.period_start between parts.period_start and parts.period_end
        and parts.period_end >= observations.period_end
        and observations.classification = 'TOTAL'
        and observations.correction_id is null
        and observations.value_usd is not null
        -- Converted months are not added up.
        and (observations.frequency = 'A' or observations.rate_date is null or parts.month_count = 1)
),

moments as (
    select
        figure_id,
        known_from as moment
    from readings
    union
    select
        figure_id,
        published_on as moment
    from readings
    where published_on is not null
),

vintages as (
    select
        readings.figure_id,
        readings.source,
        readings.dataset,
        moments.moment,
        readings.published_on is not null and moments.moment = readings.published_on as is_then,
        sum(readings.factor * readings.value_usd) as value
    from readings
    inner join moments using (figure_id)
    where moments.moment >= readings.known_from and (moments.moment < readings.known_to or readings.known_to is null)
    group by
        readings.figure_id, readings.source, readings.dataset, readings.frequency, readings.published_on,
        readings.part_count, readings.month_count, moments.moment
    having
        count(*) = readings.part_count * case readings.frequency when 'A' then 1 else readings.month_count end
),

agreeing as (
    select
        vintages.figure_id,
        bool_or(vintages.is_then) as is_then,
        min(concat(vintages.source, '/', vintages.dataset, '@', vintages.moment)) as other_reading
    from vintages
    inner join figures using (figure_id)
    where abs(figures.value - vintages.value) <= 0.5000001 * figures.printed_digit
    group by vintages.figure_id
),

conversions as (
    select
        figures.figure_id,
        arg_min(tolerances.tolerance_pct, tolerances.tolerance_rank) as tolerance_pct
    from figures
    inner join held using (figure_id)
    inner join core.source_tolerances as tolerances
        on
            tolerances.metric = 'conversion'
            and held.source = tolerances.source
            and figures.reporter_code = tolerances.reporter_code
            and tolerances.partner_code in (figures.partner_code, '*')
            and tolerances.frequency = case when figures.month_count = 1 then 'M' else 'A' end
    where figures.unit = 'USD'
    group by figures.figure_id
),

gross as (
    select
        parts.figure_id,
        max(abs(chosen.exports_usd) + abs(chosen.imports_usd)) as gross_usd
    from parts
    inner join marts.trade_balance_annual as chosen using (reporter_code, partner_code)
    where parts.metric = 'goods_balance' and parts.is_year and year(parts.period_start) = chosen.year
    group by parts.figure_id
),

compared as (
    select
        figures.*,
        held.value as held_value,
        held.source as held_source,
        held.basis as held_basis,
        figures.value - held.value as difference,
        conversions.tolerance_pct / 100 * coalesce(gross.gross_usd, abs(held.value)) as tolerance,
        abs(figures.value - held.value) <= 0.5000001 * figures.printed_digit
        or (
            sign(figures.value) = sign(held.value)
            and abs(held.value) - abs(figures.value) between 0 and figures.printed_digit
        ) as agrees,
        coalesce(agreeing.is_then, false) as agrees_then,
        agreeing.other_reading,
        starts_with(agreeing.other_reading, concat(held.source, '/')) as is_earlier_vintage
    from figures
    left join held using (figure_id)
    left join agreeing using (figure_id)
    left join conversions using (figure_id)
    left join gross using (figure_id)
),

answers as (
    select
        *,
        case
            when held_value is null then 'not_held'
            when basis != held_basis then 'differs'
            when agrees then 'agrees'
            when abs(difference) <= tolerance then 'converted'
            when agrees_then then 'agrees_then'
            when other_reading is not null then 'agrees_elsewhere'
            else 'differs'
        end as agreement_status
    from compared
)

select
    answers.* exclude (other_reading),
    answers.value as printed_value,
    case
        when answers.agreement_status in ('agrees', 'converted', 'not_held') then null
        when answers.basis != answers.held_basis then answers.basis
        when answers.difference_cause is not null then answers.difference_cause
        when answers.is_earlier_vintage or answers.is_provisional then 'later_revision'
        when answers.agreement_status in ('agrees_then', 'agrees_elsewhere') then 'other_reading'
    end as cause,
    case
        when answers.agreement_status not in ('agrees', 'converted', 'not_held') then answers.difference_explanation
    end as explanation,
    case when answers.agreement_status in ('agrees_then', 'agrees_elsewhere') then answers.other_reading end
        as other_reading,
    [answers.snapshot_id] as snapshot_ids
from answers
