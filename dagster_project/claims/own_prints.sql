-- What was printed of a flow and period by customs, at least as finely as a claim: official prints first, the nearest
-- to it before others.
select publisher, figure_id, value, is_official
from core.published_figures
where basis = 'customs' and unit = 'USD' and list_contains($1, metric) and reporter_code = $2
    and partner_code = $3 and period_start = $4 and period_end = $5 and printed_digit <= $6
order by is_official desc, abs(value - $7), published_on desc nulls last, figure_id
