"""Evidence as of an earlier day runs again only if the figures known on that day have changed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.claims.evaluator import Evaluator
from dagster_project.claims.evidence import StoredAnswers, Value
from dagster_project.history import History
from tests.claims.making_claims import article, dollars, small, warehouse

TABLES = ("core.trade_observations", "marts.balances")


def judge(connection: duckdb.DuckDBPyConnection, path: Path) -> tuple[object, object]:
    """Judge a claim as a build does; return the values observed today and on the day of publication."""
    answers = StoredAnswers(path)
    (found,) = Evaluator(connection, small(), answers=answers).evaluate_all((article(dollars(55.6)),))
    assert found.error is None
    answers.write_file()
    return found.values.observed, found.observed_then


def test_an_answer_is_known_until_a_figure_of_its_day_is_another_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, opened = tmp_path / "answers" / "code.json", list[date]()
    open_day = History.open_day

    def count(history: History, moment: date, *given: Any) -> duckdb.DuckDBPyConnection:
        opened.append(moment)
        return open_day(history, moment, *given)

    monkeypatch.setattr(History, "open_day", count)
    with warehouse() as connection:

        def revise(table: str) -> None:
            connection.execute(f"create or replace table {table} as {small()[table].select}")

        assert judge(connection, path) == (pytest.approx(55.9e9), pytest.approx(55.6e9))
        assert len(opened) == 1
        # News of 2025 leave the end of 2023 as it was.
        connection.execute("update raw.figures set known_to = date '2025-01-01' where snapshot_id = 'a/second/2'")
        connection.execute("insert into raw.figures values ('KOR', 2018, 163e9, 100e9, 'a/3', date '2025-01-01', null)")
        for table in TABLES:
            revise(table)
        assert judge(connection, path) == (pytest.approx(63e9), pytest.approx(55.6e9))
        assert len(opened) == 1
        connection.execute("update raw.figures set exports_usd = 162e9 where snapshot_id = 'a/first/1'")
        revise("core.trade_observations")
        assert judge(connection, path) == (pytest.approx(63e9), pytest.approx(55.5e9))
        assert len(opened) == 2
        assert judge(connection, path.with_name("other.json")) == (pytest.approx(63e9), pytest.approx(55.5e9))
        assert len(opened) == 3
    assert [file.name for file in path.parent.iterdir()] == ["other.json"]


@pytest.mark.parametrize("value", [-18.04, 3, "deficit", True, False, date(2023, 12, 31), None])
def test_an_answer_comes_back_as_it_was(tmp_path: Path, value: Value | None) -> None:
    def refuse() -> Value | None:
        raise AssertionError("It is known.")

    path = tmp_path / "code.json"
    first = StoredAnswers(path)
    assert first.recall_answer("question", lambda: value) == value
    first.write_file()
    again = StoredAnswers(path).recall_answer("question", refuse)
    assert (again, type(again)) == (value, type(value))
