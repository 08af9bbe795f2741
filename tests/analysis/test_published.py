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


def test_travel_fell_by_more_than_elsewhere_whichever_partner_is_left_out(
    published: duckdb.DuckDBPyConnection,
) -> None:
    """Each of the four in turn, by SQL."""
    (low, high, most) = published.execute("""
        with changes as (
            select partner_code,
                ln(max(value_usd) filter (where year = 2017) / max(value_usd) filter (where year = 2016)) as change
            from core.services_trade
            where reporter_code = 'CHN' and flow = 'import' and service_item_code = 'SD' and value_basis = 'balanced'
            group by partner_code
        ),
        without as (
            select lefts.partner_code,
                100 * (exp(max(changes.change) filter (where changes.partner_code = 'KOR')
                - avg(changes.change) filter (where changes.partner_code != 'KOR')) - 1) as estimate
            from changes as lefts
            inner join changes on changes.partner_code != lefts.partner_code
            where lefts.partner_code != 'KOR'
            group by lefts.partner_code
        )
        select min(estimate), max(estimate),
            arg_max(partner_code, abs(estimate - (select avg(estimate) from without)))
        from without
    """).fetchone() or (None, None, None)
    found = published.execute(
        "select leave_one_out_low_pct, leave_one_out_high_pct, most_influential_donor_code, leave_one_out_count, "
        "leave_one_out_beyond_zero_count from marts.policy_event_effects where event_id = 'E009' "
        "and stage = 'implemented' and flow = 'import' and window_months = 12 and method = 'difference_in_differences'"
    ).fetchone()
    assert found == (pytest.approx(low, rel=1e-4), pytest.approx(high, rel=1e-4), most, 4, 4)


def test_goods_are_not_told_from_zero_after_thaad(published: duckdb.DuckDBPyConnection) -> None:
    """Korea's exports to China grew in 2017 by 14% (US$124.4bn to 142.1bn, Korea Customs), whatever the news said."""
    rows = published.execute(
        "select reporter_code, flow, method, window_months, status, ci_low_pct, ci_high_pct "
        "from marts.policy_event_effects where event_id = 'E007' and domain = 'goods' "
        "and list_sort([reporter_code, partner_code]) = ['CHN', 'KOR']"
    ).fetchall()
    compared = [row for row in rows if row[2] != "before_after" and row[4] == "estimated"]
    assert compared
    assert all(low < 0 < high for *_, low, high in compared)
    (change,) = published.execute(
        "select ci_low_pct from marts.policy_event_effects where event_id = 'E007' and stage = 'partial' "
        "and series = 'goods/M/KOR/export/CHN/TOTAL' and method = 'before_after' and window_months = 12"
    ).fetchone() or (None,)
    assert change > 0
    # April 2017 of the IMF is set aside for all other partners, and of Korea's months they have no other source.
    donors = published.execute(
        "select distinct status from marts.policy_event_effects where event_id = 'E007' and stage = 'partial' "
        "and reporter_code = 'KOR' and frequency = 'M' and partner_code = 'CHN' and method != 'before_after'"
    ).fetchall()
    assert donors == [("too_few_donors",)]


def test_controls_that_one_donor_decides_have_no_number(published: duckdb.DuckDBPyConnection) -> None:
    """Of Korea's imports from China and Japan by year the others are oil exporters, and one of them carries the fit."""
    rows = published.execute(
        "select event_id, partner_code, status, estimate_pct, reason from marts.policy_event_effects "
        "where reporter_code = 'KOR' and flow = 'import' and frequency = 'A' and method = 'synthetic_control' "
        "and product_code = 'TOTAL' and status in ('estimated', 'unstable') "
        "and partner_code in ('CHN', 'JPN')"
    ).fetchall()
    assert {row[0] for row in rows} >= {"E005", "E007", "E013"}
    assert {row[2:4] for row in rows} == {("unstable", None)}
    assert all("It hangs on " in row[4] for row in rows)


def test_what_the_figures_cannot_answer_is_refused(published: duckdb.DuckDBPyConnection) -> None:
    refused = {
        status for (status,) in published.execute("select distinct status from marts.policy_event_effects").fetchall()
    }
    assert {
        "estimated",
        "unstable",
        "series_ends",
        "overlaps",
        "no_series",
        "scope_not_measurable",
        "poor_fit",
    } <= refused
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
