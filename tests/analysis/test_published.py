"""What the committed figures give: held against what publishers print, and against SQL over the same figures."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from dagster_project.project import Project


@pytest.fixture(scope="module")
def published(built: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(built.published_file), read_only=True) as connection:
        yield connection


def test_travel_from_korea_fell_by_a_third_and_by_more_than_elsewhere(published: duckdb.DuckDBPyConnection) -> None:
    """US$8,173m to 5,577m is -31.8%; the other partners' mean change, by SQL, is taken from it."""
    found = dict(
        published.execute(
            "select method, estimate_pct from marts.policy_event_effects where event_id = 'E009' "
            "and stage = 'implemented' and flow = 'import' and window_months = 12 and status = 'estimated'"
        ).fetchall()
    )
    assert found["before_after"] == pytest.approx(-31.8, abs=0.1)
    (apart,) = published.execute("""
        with changes as (
            select partner_code,
                ln(max(value_usd) filter (where year = 2017) / max(value_usd) filter (where year = 2016)) as change
            from core.services_trade
            where reporter_code = 'CHN' and flow = 'import' and service_item_code = 'SD' and value_basis = 'balanced'
            group by partner_code
        )
        select 100 * (exp(max(change) filter (where partner_code = 'KOR')
            - avg(change) filter (where partner_code != 'KOR')) - 1)
        from changes
    """).fetchone() or (None,)
    assert found["difference_in_differences"] == pytest.approx(apart, rel=1e-4)
    assert -35 < found["difference_in_differences"] < -20


def test_goods_hardly_moved_when_launchers_arrived(published: duckdb.DuckDBPyConnection) -> None:
    """Korea's exports to China grew in 2017 by 14% (US$124.4bn to 142.1bn, Korea Customs), whatever the news said."""
    rows = published.execute(
        "select method, window_months, estimate_pct, ci_low_pct, ci_high_pct from marts.policy_event_effects "
        "where event_id = 'E007' and stage = 'partial' and reporter_code = 'KOR' and partner_code = 'CHN' "
        "and flow = 'export' and frequency = 'M' and status = 'estimated'"
    ).fetchall()
    found = {row[:2]: row[2:] for row in rows}
    change, low, _ = found["before_after", 12]
    assert change > low > 0
    for method in ("difference_in_differences", "synthetic_control"):
        estimate, low, high = found[method, 12]
        assert low < 0 < high
        assert -15 < estimate < 5


def test_what_the_figures_cannot_answer_is_refused(published: duckdb.DuckDBPyConnection) -> None:
    refused = {
        status for (status,) in published.execute("select distinct status from marts.policy_event_effects").fetchall()
    }
    assert {"estimated", "series_ends", "overlaps", "no_series", "scope_not_measurable", "poor_fit"} <= refused
    # Other partners' months end in 2020, so that of events since 2025 nothing is set against a counterfactual.
    methods = published.execute(
        "select distinct method from marts.policy_event_effects "
        "where event_date >= date '2025-01-01' and status = 'estimated'"
    ).fetchall()
    assert methods == [("before_after",)]


def test_the_lunar_new_year_is_seen_where_it_is_kept(published: duckdb.DuckDBPyConnection) -> None:
    rows = dict(
        published.execute(
            "select exports_holiday, count(*) from marts.trade_balance_monthly_adjusted "
            "where reporter_code = 'KOR' and partner_code = 'CHN' and exports_status = 'adjusted' group by all"
        ).fetchall()
    )
    assert set(rows) == {"removed"}
    (kept,) = published.execute(
        "select count(*) from marts.trade_balance_monthly_adjusted where reporter_code = 'FRA' "
        "and partner_code = 'DEU' and exports_holiday != 'not_kept'"
    ).fetchone() or (None,)
    assert kept == 0


def test_the_crisis_of_2008_is_a_break_and_nobody_calls_an_event_its_cause(
    published: duckdb.DuckDBPyConnection,
) -> None:
    (change,) = published.execute(
        "select level_change_pct from marts.trade_breaks where reporter_code = 'KOR' and partner_code = 'CHN' "
        "and series = 'imports' and break_start between date '2008-09-01' and date '2009-01-01'"
    ).fetchone() or (None,)
    assert change < -25
    near = published.execute(
        "select event_ids from marts.trade_breaks where reporter_code = 'KOR' and partner_code = 'CHN' "
        "and series = 'exports' and break_start between date '2015-10-01' and date '2016-03-01'"
    ).fetchall()
    assert near
    assert all("E005" in listed for (listed,) in near)
