-- Values that authorities printed of a flow and period, with at least a claim's digits, the nearest value first.
select publisher, figure_id, value
from core.published_figures
where is_official and basis = 'customs' and unit = 'USD' and list_contains($1, metric) and reporter_code = $2
    and partner_code = $3 and period_start = $4 and period_end = $5 and printed_digit <= $6
order by abs(value - $7), published_on desc nulls last, figure_id
