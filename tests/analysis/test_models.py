"""Models read the rows of analyses: adjusted months beside published ones, events beside breaks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from dagster_project.analysis import breaks, events, seasonal
from dagster_project.reference.rows import Rows
from tests.sql.bench import Bench, Engine


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Engine() as engine:
        yield Bench(engine)


def worked_out(bench: Bench, name: str, columns: dict[str, str], *rows: dict[str, Any]) -> None:
    held = [[row.get(column) for column in columns] for row in rows]
    bench.engine.write_rows(f"analysis.{name}", Rows(name, columns, held))
    bench.tables.add(f"analysis.{name}")


def test_events_beside_a_break_are_near_it_and_touch_both_sides(bench: Bench) -> None:
    bench.check("""
        given core.policy_event_stages
        event_id source   stage     event_date
        E005     register in_force  2015-12-20
        E007     register announced 2016-07-08
        E003     register in_force  2016-01-01
        E012     register announced 2016-01-01
        G1       gta      announced 2016-01-01
        given core.policy_event_jurisdictions
        event_id economy_code role
        E005     CHN          implementing
        E005     KOR          affected
        E007     KOR          implementing
        E007     CHN          affected
        E003     CHN          implementing
        E003     WLD          affected
        E012     JPN          implementing
        E012     KOR          affected
        G1       KOR          implementing
        G1       CHN          affected
    """)
    shared = {"reporter_code": "KOR", "partner_code": "CHN", "growth_before_pct": -3.5, "growth_after_pct": 14.8}
    worked_out(
        bench,
        "trade_breaks",
        breaks.COLUMNS,
        {**shared, "series": "exports", "frequency": "M", "break_number": 1, "break_start": date(2015, 12, 1)},
        {**shared, "series": "imports", "frequency": "M", "break_number": 1, "break_start": date(2011, 10, 1)},
        {**shared, "series": "balance_share", "frequency": "A", "break_number": 1, "break_start": date(2015, 1, 1)},
    )
    bench.run("marts.trade_breaks")
    assert bench.ask("select series, event_ids, is_turning_point from marts.trade_breaks order by series") == [
        # The year 2015 and three months on either side.
        ("balance_share", "E003, E005", True),
        ("exports", "E003, E005", True),
        ("imports", None, True),
    ]


def test_a_month_of_which_one_flow_is_adjusted_has_no_adjusted_balance(bench: Bench) -> None:
    bench.check("""
        given marts.trade_balance_monthly
        reporter_code partner_code period_start exports_usd imports_usd balance_usd snapshot_ids
        KOR           CHN          2016-01-01   9           8           1           k
        KOR           CHN          2016-02-01   9           -           -           k
    """)
    month = {"reporter_code": "KOR", "partner_code": "CHN", "status": "adjusted", "holiday": "removed"}
    worked_out(
        bench,
        "seasonally_adjusted",
        seasonal.COLUMNS,
        {**month, "flow": "export", "period_start": date(2016, 1, 1), "adjusted_usd": 10.0},
        {**month, "flow": "import", "period_start": date(2016, 1, 1), "adjusted_usd": 7.0},
        {**month, "flow": "export", "period_start": date(2016, 2, 1), "adjusted_usd": 11.0},
    )
    bench.run("marts.trade_balance_monthly_adjusted")
    assert bench.ask(
        "select balance_usd, exports_adjusted_usd, balance_adjusted_usd, exports_status, imports_status "
        "from marts.trade_balance_monthly_adjusted order by period_start"
    ) == [(1.0, 10.0, 3.0, "adjusted", "adjusted"), (None, 11.0, None, "adjusted", None)]


def test_each_flow_of_each_pair_is_in_columns_of_its_own(bench: Bench) -> None:
    bench.given(
        "marts.trade_balance_monthly",
        """
        reporter_code partner_code period_start exports_usd imports_usd balance_usd exports_source imports_source snapshot_ids
        KOR           CHN          2016-01-01   9           4           5           kcs            gacc           "k, g"
        CHN           KOR          2016-01-01   5           8           -3          imf            kosis          i
        KOR           JPN          2016-02-01   2           1           1           kcs            kcs            j
        CHN           KOR          2016-02-01   -           8           -           imf            kosis          h
        """,  # noqa: E501
    )
    spans = {"export": (date(2000, 1, 1), date(2016, 1, 1)), "import": (date(2001, 1, 1), date(2016, 2, 1))}
    given = {("KOR", "CHN", "export"): 10, ("KOR", "CHN", "import"): 20, ("CHN", "KOR", "import"): 30}
    worked_out(
        bench,
        "seasonally_adjusted",
        seasonal.COLUMNS,
        *(
            {
                "reporter_code": reporter,
                "partner_code": partner,
                "flow": flow,
                "period_start": date(2016, 1, 1),
                "adjusted_usd": number + 1.0,
                "trend_usd": number + 2.0,
                "seasonal_pct": number + 3.0,
                "holiday_pct": number + 4.0,
                "holiday": f"{flow} of {reporter}",
                "status": f"{flow} adjusted",
                "span_start": spans[flow][0],
                "span_end": spans[flow][1],
                "method": f"of {reporter}",
            }
            for (reporter, partner, flow), number in given.items()
        ),
        {"reporter_code": "CHN", "partner_code": "KOR", "flow": "export", "status": "too_few_years"},
    )
    bench.run("marts.trade_balance_monthly_adjusted")
    shown = """
        select balance_usd, exports_adjusted_usd, imports_adjusted_usd, balance_adjusted_usd,
            exports_trend_usd, imports_trend_usd, exports_seasonal_pct, imports_seasonal_pct,
            exports_holiday_pct, imports_holiday_pct, exports_holiday, imports_holiday,
            exports_status, imports_status, exports_source, imports_source, exports_method, snapshot_ids,
            exports_span_start, exports_span_end, imports_span_start, imports_span_end
        from marts.trade_balance_monthly_adjusted where reporter_code = {} and partner_code = {} order by period_start
    """
    adjusted = ("export adjusted", "import adjusted")
    texts: tuple[Any, ...]
    texts = ("export of KOR", "import of KOR", *adjusted, "kcs", "gacc", "of KOR", ["g", "k"])
    assert bench.ask(shown.format("'KOR'", "'CHN'")) == [
        (5.0, 11.0, 21.0, -10.0, 12.0, 22.0, 13.0, 23.0, 14.0, 24.0, *texts, *spans["export"], *spans["import"])
    ]
    texts = (None, "import of CHN", "too_few_years", adjusted[1], "imf", "kosis", None, ["h", "i"])
    assert bench.ask(shown.format("'CHN'", "'KOR'")) == [
        (-3.0, None, 31.0, None, None, 32.0, None, 33.0, None, 34.0, *texts, None, None, *spans["import"]),
        (*(None,) * 14, "imf", "kosis", None, ["h"], *(None,) * 4),
    ]
    assert bench.ask(shown.format("'KOR'", "'JPN'")) == [(1.0, *(None,) * 13, "kcs", "kcs", None, ["j"], *(None,) * 4)]


def test_a_series_that_is_not_adjusted_says_why_in_each_month(bench: Bench) -> None:
    bench.check("""
        given marts.trade_balance_monthly
        reporter_code partner_code period_start exports_usd imports_usd snapshot_ids
        CHN           LAO          2016-02-01   9           0           k
        CHN           LAO          2016-03-01   9           -           k
    """)
    of = {"reporter_code": "CHN", "partner_code": "LAO", "is_joint_month": True, "method": "STL"}
    worked_out(
        bench,
        "seasonally_adjusted",
        seasonal.COLUMNS,
        {**of, "flow": "export", "status": "not_among_largest"},
        {**of, "flow": "import", "status": "too_few_years"},
    )
    bench.check("""
        expect marts.trade_balance_monthly_adjusted
        exports_status    imports_status exports_adjusted_usd is_joint_month exports_method imports_method
        not_among_largest not_positive   -                    true           STL            STL
        not_among_largest -              -                    false          STL            -
    """)


def test_the_declared_design_and_all_others_are_apart(bench: Bench) -> None:
    bench.check("""
        given core.policy_event_stages
        event_id source   stage     event_date snapshot_id
        E007     register announced 2016-07-08 register/a
    """)
    row: dict[str, Any] = {"event_id": "E007", "stage": "announced", "event_date": date(2016, 7, 8), "series": "goods"}
    declared = {"is_primary": True, "method": "difference_in_differences", "window_months": 12}
    worked_out(
        bench,
        "policy_event_effects",
        events.COLUMNS,
        {**row, **declared, "estimate_pct": -3.0},
        {**row, "series": "scope/finance", "is_primary": True, "method": "none"},
        *(
            {**row, "is_primary": False, "method": method, "left_out_code": "none", "estimate_pct": estimate}
            for method, estimate in (("synthetic_control", -7.0), ("synthetic_did", 1.0))
        ),
        {**row, **declared, "is_primary": False, "left_out_code": "IND", "estimate_pct": -2.0},
    )
    bench.check("""
        expect marts.policy_event_effects
        series        method                    assumes         snapshot_id
        goods         difference_in_differences parallel_trends register/a
        scope/finance none                      -               register/a
        expect marts.policy_event_sensitivity
        method                    assumes         left_out_code is_same_sign snapshot_id
        difference_in_differences parallel_trends IND           true         register/a
        synthetic_control         same_weights    none          true         register/a
        synthetic_did             weighted_trends none          false        register/a
    """)
