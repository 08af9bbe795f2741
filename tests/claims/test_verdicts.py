"""A verdict follows the claim, the figures and the other side's, and says why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import pytest

from dagster_project.claims.evaluator import Evaluator
from dagster_project.claims.evidence import list_snapshots
from dagster_project.claims.schema import Claim
from dagster_project.claims.tables import build_claim_record, build_verdict_record
from dagster_project.claims.verdicts import ClaimResult, EvidenceValues, judge_claim
from dagster_project.errors import BilateralError
from dagster_project.history import History
from tests.claims.making_claims import BALANCE, ROWS, article, claim, dollars, small, warehouse

TODAY = date(2026, 9, 15)
OTHER = {"reporter": "CHN", "evidence": BALANCE.replace("KOR", "CHN").replace("max(", "-max(")}


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    made = warehouse()
    yield made
    made.close()


def ask(connection: duckdb.DuckDBPyConnection, asked: Claim, **given: Any) -> ClaimResult:
    return Evaluator(connection, small()).evaluate_all((article(asked, **given),))[0]


def words(asked: ClaimResult) -> tuple[str | None, str | None]:
    return asked.verdict.verdict if asked.verdict else None, asked.verdict_then.verdict if asked.verdict_then else None


def test_a_claim_is_judged_by_what_was_known_then_and_by_what_is_known_now(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    asked = ask(connection, dollars(55.6))
    # What was right when it was written is no contradiction, and its reason says what became of it.
    assert words(asked) == ("supported", "supported")
    assert asked.values.observed == pytest.approx(55.9e9)
    assert asked.observed_then == pytest.approx(55.6e9)
    assert asked.verdict is not None
    assert asked.verdict.reason == (
        "The claim was right when published; the figure has since been revised to a surplus of US$55.9bn. "
        "As of 2023-12-31: The figures give a surplus of US$55.6bn, exactly as claimed."
    )
    wrong_then = ask(connection, dollars(55.8))
    assert words(wrong_then)[0] == "differs_in_last_digit"
    assert asked.snapshot_ids == ("a/second/2",)


def test_another_claimed_value_tolerance_or_snapshot_is_another_verdict(connection: duckdb.DuckDBPyConnection) -> None:
    assert words(ask(connection, dollars(55.9)))[0] == "supported"
    assert words(ask(connection, dollars(55.3, tolerance={"absolute": 0.6})))[0] == "supported"
    assert words(ask(connection, dollars(55.3, tolerance={"absolute": 0.2})))[0] == "contradicted"
    assert words(ask(connection, dollars(56, 0)))[0] == "supported_rounded"
    revised = warehouse(ROWS.replace("162.4e9", "162.1e9"))
    assert words(ask(revised, dollars(55.6)))[0] == "supported"


def test_a_figure_that_was_not_held_is_pending_then(connection: duckdb.DuckDBPyConnection) -> None:
    asked = ask(connection, dollars(-18.0, evidence=BALANCE.replace("2018", "2023")))
    assert words(asked) == ("supported", "pending")
    assert asked.verdict_then is not None
    assert (
        asked.verdict_then.reason
        == "The figures for 2018-01-01 to 2018-12-31 as they stood on 2023-12-31 are not available."
    )
    assert asked.observed_then is None


def test_a_figure_that_is_not_in_is_pending(connection: duckdb.DuckDBPyConnection) -> None:
    asked = ask(connection, dollars(10.0, evidence=BALANCE.replace("2018", "2025")))
    assert words(asked) == ("pending", "pending")
    assert asked.verdict is not None
    assert asked.verdict.reason == "No figures for 2018-01-01 to 2018-12-31 are available yet."


@pytest.mark.parametrize(
    ("end", "verdict"), [(date(2026, 12, 31), "pending"), (TODAY, "pending"), (date(2026, 9, 14), "supported")]
)
def test_a_forecast_waits_until_its_period_is_over(end: date, verdict: str) -> None:
    period = {"start": date(2026, 1, 1), "end": end}
    forecast = dollars(55.6, period_type="forecast", period=period)
    found = judge_claim(forecast, EvidenceValues(55.6e9), today=TODAY)
    assert found.verdict == verdict
    if verdict == "pending":
        assert f"its period runs to {end}" in found.reason
        assert "So far the figures give a surplus of US$55.6bn." in found.reason
    # What is no forecast is judged by what there is.
    assert judge_claim(dollars(55.6, period=period), EvidenceValues(55.6e9), today=TODAY).verdict == "supported"


def test_today_is_the_newest_day_of_the_figures_and_not_of_the_clock(connection: duckdb.DuckDBPyConnection) -> None:
    assert Evaluator(connection, small()).today == date(2024, 6, 1)
    until: dict[str, Any] = {"period_type": "forecast", "period": {"start": date(2024, 1, 1), "end": date(2024, 6, 30)}}
    assert words(ask(connection, dollars(55.9, **until)))[0] == "pending"
    until["period"] = {"start": date(2024, 1, 1), "end": date(2024, 5, 31)}
    assert words(ask(connection, dollars(55.9, **until)))[0] == "supported"


@pytest.mark.parametrize(
    ("names_reporter", "compare", "observed", "other", "verdict"),
    [
        # The other side's figures bear the claim out, or not.
        (False, "same", 55.6e9, 55.6e9, "supported"),
        (False, "same", 55.6e9, 95.8e9, "reporter_dependent"),
        (True, "same", 55.6e9, 95.8e9, "supported"),
        (False, "same", 95.8e9, 55.6e9, "reporter_dependent"),
        (True, "same", 95.8e9, 55.6e9, "contradicted"),
        (False, "same", 95.8e9, 90.0e9, "contradicted"),
        # Only their sign counts: 95.8 is a surplus, too.
        (False, "sign", 55.6e9, 95.8e9, "supported"),
        (False, "sign", 55.6e9, -1.0e9, "reporter_dependent"),
        (True, "sign", 55.6e9, -1.0e9, "supported"),
        (False, "sign", 95.8e9, 55.6e9, "contradicted"),
        # A digit off is no contradiction of the other side's.
        (False, "sign", 55.7e9, 95.8e9, "differs_in_last_digit"),
        (False, "sign", 55.7e9, -1.0e9, "reporter_dependent"),
        (True, "sign", 55.7e9, -1.0e9, "differs_in_last_digit"),
        (False, "same", 55.7e9, 95.8e9, "reporter_dependent"),
        # They are not in.
        (False, "same", 55.6e9, None, "supported"),
        (False, "same", 95.8e9, None, "contradicted"),
        (False, "same", None, 55.6e9, "pending"),
    ],
)
def test_the_other_side_says_otherwise(
    names_reporter: bool, compare: str, observed: float | None, other: float | None, verdict: str
) -> None:
    claimed = dollars(55.6, names_reporter=names_reporter, alternate={**OTHER, "compare": compare})
    found = judge_claim(claimed, EvidenceValues(observed, other), today=TODAY)
    assert found.verdict == verdict
    assert observed is None or "CHN's statistics" in found.reason


def test_the_reason_names_both_sides_numbers() -> None:
    claimed = dollars(55.6, alternate={**OTHER, "compare": "sign"})
    assert judge_claim(claimed, EvidenceValues(55.636e9, -1.2e9), today=TODAY).reason == (
        "The figures give a surplus of US$55.64bn, which rounds to US$55.6bn. CHN's statistics show the opposite, a "
        "deficit of US$1.2bn."
    )
    named = dollars(55.6, reporter="KOR", names_reporter=True, alternate=OTHER)
    assert judge_claim(named, EvidenceValues(55.6e9, 95.8e9), today=TODAY, names={"KOR": "Korea"}).reason == (
        "Korea's statistics give a surplus of US$55.6bn, exactly as claimed. CHN's statistics give a "
        "surplus of US$95.8bn, US$40.2bn larger than the claimed US$55.6bn. "
        "The claim rests on Korea's statistics, so it is judged by them."
    )
    flip = claim(comparator="sign_change", claimed_value=True, alternate=OTHER)
    assert judge_claim(flip, EvidenceValues(True, False), today=TODAY).reason == (
        "The figures show a switch between surplus and deficit, as claimed. CHN's statistics show no switch between "
        "surplus and deficit, contrary to the claim."
    )
    quoted = claim(comparator="sign_change", claimed_value=True, alternate={**OTHER, "called": "China's words of 2024"})
    assert judge_claim(quoted, EvidenceValues(True, False), today=TODAY).reason.endswith(
        "China's words of 2024 show no switch between surplus and deficit, contrary to the claim."
    )


def test_an_order_names_its_events() -> None:
    order: dict[str, Any] = {"period_type": "event_order", "claimed_value": 0, "item": "E008-E007.implemented"}
    titles = {"E007": "The deployment", "E008": "The curbs"}
    values = EvidenceValues("2016-08/2017-04-26")
    after, before = (claim(comparator=word, **order) for word in ("after", "before"))
    first = "irst came The curbs (2016-08), then The deployment (2017-04-26)"
    assert judge_claim(after, values, today=TODAY, names=titles).reason == f"The order was the reverse: f{first}."
    assert judge_claim(before, values, today=TODAY, names=titles).reason == f"F{first}, as claimed."
    assert judge_claim(after, values, today=TODAY).reason == (
        "The order was the reverse: first came the event that the claim puts later (2016-08), then the event that the "
        "claim puts first (2017-04-26)."
    )


def test_the_other_side_speaks_in_its_own_unit() -> None:
    claimed = dollars(55.6, alternate={**OTHER, "compare": "sign", "unit": "CNY"})
    found = judge_claim(claimed, EvidenceValues(55.6e9, 260e9), today=TODAY)
    assert found.verdict == "supported"
    assert found.reason.endswith("CHN's statistics also show a surplus of CNY 260.0bn.")
    row = build_claim_record(article(claimed), claimed)
    assert (row["unit"], row["alternate_unit"]) == ("USD", "CNY")


def test_the_other_side_is_asked_as_of_the_day_too(connection: duckdb.DuckDBPyConnection) -> None:
    asked = ask(connection, dollars(55.6, alternate={**OTHER, "compare": "sign"}))
    assert asked.values.alternate == pytest.approx(95.8e9)
    assert asked.verdict_then is not None
    assert (
        asked.verdict_then.reason == "The figures give a surplus of US$55.6bn, exactly as claimed. "
        "China's statistics also show a surplus of US$95.8bn."
    )
    assert asked.snapshot_ids == ("a/second/2", "b/first/3")


def test_what_cannot_be_checked_says_why(connection: duckdb.DuckDBPyConnection) -> None:
    asked = ask(connection, claim(evidence=None, not_checkable="There is no survey."))
    assert words(asked) == ("not_checkable", "not_checkable")
    assert asked.verdict is not None
    assert asked.verdict.reason == "There is no survey."


SURPLUS = {"says": "China has {}.", "evidence": BALANCE.replace("KOR", "CHN"), "unit": "USD", "scale": "billion"}


def test_what_is_told_beside_a_verdict_is_told_as_of_the_day_too(connection: duckdb.DuckDBPyConnection) -> None:
    later = {**SURPLUS, "says": "Korea has {}.", "evidence": BALANCE.replace("2018", "2023")}
    for kind in (dollars(55.6), claim(evidence=None, not_checkable="There is no survey.")):
        asked = ask(connection, kind.model_copy(update={"remarks": claim(claimed_value=1, unit="USD",
            remarks=[SURPLUS, later]).remarks}))  # fmt: skip
        assert asked.verdict is not None
        assert asked.verdict_then is not None
        assert asked.verdict.reason.endswith(" China has −US$96bn. Korea has −US$18bn.")
        # Korea's 2023 was not held on the day, and nothing is said of it.
        assert asked.verdict_then.reason.endswith(" China has −US$96bn.")
        assert {"b/first/3", "a/second/2"} <= set(asked.snapshot_ids)
        row = build_claim_record(asked.article, asked.claim)
        for sql, value in zip(row["remark_sql"].split(";"), (-95.8e9, -18.0e9), strict=True):
            assert connection.execute(sql).fetchone() == (pytest.approx(value),)


def test_a_second_official_reading_is_asked_then_and_now(connection: duckdb.DuckDBPyConnection) -> None:
    # Korea has 55.6 by the first snapshot and 55.9 by the second, which the program here is told to be another source.
    first = (
        "select max(exports_usd - imports_usd) from core.trade_observations where reporter_code = 'KOR' and year = {}"
    )
    second = {"source": "A bank", "evidence": f"{first.format(2018)} and known_to is not null"}
    asked = ask(connection, dollars(55.75, 2, second_reading=second))
    assert asked.verdict is not None
    assert asked.verdict.verdict == "differs_in_last_digit"
    assert asked.verdict.reason == (
        "The figures give a surplus of US$55.90bn, and A bank gives US$55.60bn: "
        "the claimed US$55.75bn lies between the two."
    )
    assert asked.values.second == pytest.approx(55.6e9)
    # On the day there was one reading.
    assert asked.verdict_then is not None
    assert asked.verdict_then.verdict == "contradicted"
    row = build_verdict_record(asked)
    assert (row["second_reading_value"], row["is_null_if_false"]) == (pytest.approx(55.6e9), False)


def test_what_a_program_works_out_has_a_verdict_now_and_none_then(connection: duckdb.DuckDBPyConnection) -> None:
    effect = claim(
        comparator="sign", claimed_value="negative", unit="%", evidence="select max(estimate_pct) from marts.effects"
    )
    asked = ask(connection, effect)
    assert words(asked) == ("supported", "not_checkable")
    assert asked.verdict_then is not None
    assert "computed by a program" in asked.verdict_then.reason


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"evidence": "select max(balance_usd) from marts.absent"}, "claim balance: evidence: there is no table"),
        ({"evidence": "select absent from marts.balances"}, "claim balance: evidence: the SELECT fails: Binder Error"),
        (
            {"evidence": "select max(name) from core.economies"},
            "claim balance: evidence: the SELECT gives 'Korea', but equals",
        ),
        (
            {"evidence": "select max(55.9e9) from marts.balances"},
            "claim balance: evidence: the answer of the SELECT does not depend",
        ),
        (
            {"evidence": "select max(value) from core.published_figures"},
            "claim balance: evidence: the SELECT reads no table but core.published_figures",
        ),
        (
            {"remarks": [{"says": "It is {}.", "evidence": "select 1"}]},
            "claim balance: remarks.0.evidence: the SELECT reads no table of core or marts",
        ),
        (
            {"second_reading": {"source": "A bank", "evidence": "select max(name) from core.economies"}},
            "claim balance: second_reading.evidence: the SELECT gives 'Korea', but equals",
        ),
        ({"alternate": {"evidence": "select now()"}}, "claim balance: alternate.evidence: the SELECT uses now"),
    ],
)
def test_a_failing_evidence_has_no_verdict_but_an_error(
    connection: duckdb.DuckDBPyConnection, given: dict[str, Any], said: str
) -> None:
    asked = ask(connection, dollars(55.9, **given))
    assert words(asked) == (None, None)
    assert asked.error is not None
    assert asked.error.message.startswith(said)
    assert asked.error.remedy
    row = build_verdict_record(asked)
    assert row["verdict"] is None
    assert row["evidence_error"]


def test_one_failing_evidence_leaves_the_others_their_verdicts(connection: duckdb.DuckDBPyConnection) -> None:
    both = article(claim(claim_id="a", claimed_value=1992, evidence="selec"), dollars(55.9, claim_id="b"))
    failing, fine = Evaluator(connection, small()).evaluate_all((both,))
    assert failing.error is not None
    assert words(fine)[0] == "supported"


def test_an_evidence_that_was_stopped_stops_the_build_since_the_next_may_end(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    endless = (
        "select count(*) from core.economies, range(1000000) as a, range(1000000) as b where a.range + b.range = -1"
    )
    evaluator = Evaluator(connection, small(), seconds=0.1)
    with pytest.raises(BilateralError, match="claim balance: evidence: the SELECT took more than"):
        evaluator.evaluate_all((article(claim(comparator="count", claimed_value=1, evidence=endless)),))


@pytest.mark.parametrize(
    ("sql", "snapshots"),
    [
        (BALANCE, {"a/second/2"}),
        (
            "select max(exports_usd) from core.trade_observations where reporter_code = 'KOR'",
            {"a/first/1", "a/second/2"},
        ),
        ("select (select max(balance_usd) from marts.balances where reporter_code = 'CHN') / 2", {"b/first/3"}),
        ("select count(*) from core.economies", set()),
        # Rows behind a `with` of its own are not told apart: all of the table's.
        (
            "with b as (select * from marts.balances) select max(b.balance_usd) from b, marts.balances as c",
            {"a/second/2", "b/first/3"},
        ),
        # Nor those of a SELECT that reads an outer row.
        (
            """
            select count(*) from core.economies as e
            where exists (select 1 from marts.balances as b where b.reporter_code = e.economy_code and b.year = 2023)
            """,
            {"a/second/2", "b/first/3"},
        ),
    ],
)
def test_snapshots_are_those_of_the_rows_that_are_looked_at(
    connection: duckdb.DuckDBPyConnection, sql: str, snapshots: set[str]
) -> None:
    assert list_snapshots(connection, [sql], small()) == snapshots


def test_evidence_that_only_duckdb_understands_has_a_verdict_now_and_then(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    odd = "from marts.balances select max(balance_usd) where reporter_code = 'KOR' and year == 2018 and 1_0 // 3 = 3"
    asked = ask(connection, dollars(55.9, evidence=odd))
    assert words(asked) == ("supported", "contradicted")
    assert asked.snapshot_ids == ("a/second/2",)


def test_numbers_stand_in_full_units_in_the_tables(connection: duckdb.DuckDBPyConnection) -> None:
    paper = article(dollars(55.8, tolerance={"relative_pct": 1}, evidence=f"{BALANCE}\n"))
    row = build_claim_record(paper, paper.claims[0])
    assert (row["claimed_value"], row["claimed_text"], row["printed_decimals"]) == (55.8e9, "55.8", 1)
    assert row["tolerance"] == pytest.approx(0.558e9)
    assert (row["published_on"], row["published_on_precision"]) == (date(2023, 12, 1), "month")
    assert row["as_of"] == date(2023, 12, 31)
    assert row["evidence_sql"].endswith("year = 2018")
    (asked,) = Evaluator(connection, small()).evaluate_all((paper,))
    found = build_verdict_record(asked)
    assert (found["observed_value"], found["verdict"]) == (pytest.approx(55.9e9), "supported")
    # What is stored can be pasted.
    assert connection.execute(row["evidence_sql"]).fetchone() == (found["observed_value"],)
    then = History(connection, small()).open_day(row["as_of"], ["marts.balances"])
    assert then.execute(row["evidence_sql"]).fetchone() == (found["observed_value_then"],)
