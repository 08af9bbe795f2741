/*
what: >-
  Figures that exist only in prose, as printed. They are never mixed into the trade tables.
grain: [figure_id]
required: [metric, unit, as_printed, publisher, snapshot_id]
columns:
- figure_id, metric, reporter_code (of a printed figure), partner_code (or the world), flow (of the metric)
- period_start, period_end, value, unit, printed_decimals, printed_digit, as_printed, publisher
- basis: code | customs or balance_of_payments, by its publisher; null if that is not a statistical authority.
- is_official: >-
    true/false | The figure is that of the responsible authority, whoever quotes it; false for a table that its readers
    may edit (Wikipedia).
- published_on (exactly)
- is_provisional: >-
    true/false | The figure was printed before the authority closed the year and stopped revising it; null if not known.
- difference_cause: code | The cause of a difference from our figure, where it is known.
- difference_explanation: text | The cause in words.
- url, note, snapshot_id
*/
select
    figures.*,
    case
        when as_printed like '%tn' then 1e12
        when as_printed like '%bn' then 1e9
        when as_printed like '%×100m' then 1e8
        when as_printed like '%m' then 1e6
        when as_printed like '%k' then 1e3
        else 1
    end / cast('1e' || cast(printed_decimals as varchar) as double) as printed_digit,
    publishers.basis,
    coalesce(publishers.is_official = 'true', false) as is_official,
    published_on < make_date(year(period_end) + 1, cast(publishers.closes_in_month as integer) + 1, 1)
        as is_provisional,
    causes.cause as difference_cause,
    causes.explanation as difference_explanation
from staging.register__published_figures as figures
left join reference.printed_publishers as publishers on starts_with(figures.publisher, publishers.publisher_prefix)
left join reference.printed_differences as causes using (figure_id)
where is_current
qualify row_number() over (partition by figure_id order by length(publishers.publisher_prefix) desc nulls last) = 1
