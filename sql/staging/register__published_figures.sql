/*
what: >-
  Figures as printed in releases and articles; the register as it stood in each snapshot.
grain: [figure_id, snapshot_id]
required: [metric, period_start, period_end, unit, printed_decimals, as_printed, publisher]
columns:
- source (or the register), dataset (of the register), figure_id, metric, reporter_code, reporter_label
- partner_code (or the world), partner_label, flow (of the metric), period_start, period_end, value, unit
- printed_decimals, as_printed
- publisher: text | The owner of the figure, and who printed it.
- published_on, published_on_precision, url
- note: text | A caution for the reader.
- is_current, snapshot_id (of the row), row_number (in the snapshot)
*/
select
    'register' as source,
    'published_figures' as dataset,
    received.* exclude (reporter_code, partner_code, period_start, period_end, value, published_on),
    reporters.economy_code as reporter_code,
    received.reporter_code as reporter_label,
    partners.economy_code as partner_code,
    received.partner_code as partner_label,
    cast(rpad(received.period_start, 10, '-01') as date) as period_start,
    case length(received.period_end)
        when 10 then cast(received.period_end as date)
        when 7 then last_day(cast(rpad(received.period_end, 10, '-01') as date))
        when 4 then cast(received.period_end || '-12-31' as date)
    end as period_end,
    cast(received.value as double) as value,
    cast(received.precision as integer) as printed_decimals,
    cast(rpad(received.published_on, 10, '-01') as date) as published_on,
    case length(received.published_on) when 10 then 'day' when 7 then 'month' when 4 then 'year' end
        as published_on_precision,
    dense_rank() over (
        order by snapshots.known_from desc, snapshots.retrieved_at desc, snapshots.snapshot_id desc
    ) = 1 as is_current
from raw.register__published_figures as received
left join staging.economy_codes as reporters
    on reporters.scheme = 'iso3' and received.reporter_code = reporters.code
left join staging.economy_codes as partners
    on partners.scheme = 'iso3' and received.partner_code = partners.code
inner join reference.snapshots as snapshots using (snapshot_id)
where
    reporters.exclusion_reason is null
    and partners.exclusion_reason is null
