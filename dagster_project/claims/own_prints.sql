-- Values of a flow and period that customs counted, printed with at least a claim's digits: official prints first, then
-- the nearest value.
select publisher, figure_id, value, is_official
from core.published_figures
where basis = 'customs' and unit = 'USD' and list_contains($1, metric) and reporter_code = $2
    and partner_code = $3 and period_start = $4 and period_end = $5 and printed_digit <= $6
order by is_official desc, abs(value - $7), published_on desc nulls last, figure_id
