"""The figures that hand-written pages print are those of the warehouse."""

from __future__ import annotations

import pytest

from dagster_project import publication
from dagster_project.project import Project

ROOT = Project.find().root
METHODS, IMF = "docs/methods.md", "docs/sources/imf.md"
# A page, what it prints with a place for each figure, which is shown without its sign, and the query that gives them.
PRINTED = [
    (
        METHODS,
        "were {:.1f}% above the year before in the six months that followed, and {:.1f}% in twelve",
        """
        select estimate_pct from marts.policy_event_effects
        where event_id = 'E007' and stage = 'partial' and series = 'goods/M/KOR/export/CHN/TOTAL'
            and method = 'before_after'
        order by window_months
        """,
    ),
    (
        METHODS,
        "they are {:.1f}% and {:.1f}% lower, and zero lies well inside both intervals",
        """
        select estimate_pct from marts.policy_event_effects
        where event_id = 'E007' and stage = 'partial' and series = 'goods/M/CHN/import/KOR/TOTAL'
            and method = 'difference_in_differences' and estimate_pct < 0 and ci_high_pct > 5
        order by window_months
        """,
    ),
    (
        METHODS,
        """
        fell by {:.1f}%, to {:.1f}% below what the growth of four other partners gives (95% interval {:.1f}% to
        {:.1f}%), whichever of the four is left out. The fall alone is hardly more than the spread of a series that had
        doubled in three years ({:.1f}% to {:.1f}%)
        """,
        """
        with found as (
            select method, estimate_pct, ci_low_pct, ci_high_pct from marts.policy_event_effects
            where event_id = 'E009' and stage = 'implemented' and product_code = 'SD' and window_months = 12
                and ci_level_pct = 95 and (method = 'before_after' or leave_one_out_beyond_zero_count = 4)
        )
        select unnest([one.estimate_pct, other.estimate_pct, other.ci_high_pct, other.ci_low_pct, one.ci_high_pct,
            one.ci_low_pct])
        from found as one
        inner join found as other on one.method = 'before_after' and other.method = 'difference_in_differences'
        """,
    ),
    (
        METHODS,
        """
        A fall of {:.1f}%, where other partners grew: {:.1f}% less than they ({:.1f}% to {:.1f}%), whichever is left out
        """,
        """
        with found as (
            select method, estimate_pct, ci_low_pct, ci_high_pct from marts.policy_event_effects
            where event_id = 'E008' and product_code = 'SK' and window_months = 12
                and ci_level_pct = 95 and (method = 'before_after' or leave_one_out_beyond_zero_count = 4)
        )
        select unnest([one.estimate_pct, other.estimate_pct, other.ci_high_pct, other.ci_low_pct])
        from found as one
        inner join found as other on one.method = 'before_after' and other.method = 'difference_in_differences'
        """,
    ),
    (
        METHODS,
        "and one in {:.0f} is the least level that four placebos can show",
        """
        select distinct placebo_count + 1 from marts.policy_event_effects
        where event_id in ('E008', 'E009') and stage = 'implemented' and product_code in ('SD', 'SK')
            and method = 'difference_in_differences' and window_months = 12
            and status = 'estimated' and placebo_rank = 1
        """,
    ),
    (
        IMF,
        """
        exports from {:.0f}% below (Britain) to {:.0f}% above (France), imports from {:.0f}% below (Singapore) to
        {:.0f}% above (the Netherlands)
        """,
        """
        select gap_pct from meta.corrections
        where (flow, partner_code)
            in (('export', 'GBR'), ('export', 'FRA'), ('import', 'SGP'), ('import', 'NLD'))
            and gap_pct in (select unnest([min(gap_pct), max(gap_pct)]) from meta.corrections group by flow)
        order by flow, gap_pct
        """,
    ),
]


@pytest.mark.parametrize(("page", "text", "query"), PRINTED)
def test_a_page_prints_what_the_warehouse_gives(built: Project, page: str, text: str, query: str) -> None:
    with publication.reading(built) as connection:
        figures = [abs(value) for (value,) in connection.execute(query).fetchall()]
    assert len(figures) == text.count("{")
    said = " ".join(text.split()).format(*figures)
    assert said in " ".join((ROOT / page).read_text(encoding="utf-8").split())
