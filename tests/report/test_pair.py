"""The names and figures of a pair are read once."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from dagster_project import metrics
from dagster_project.project import Project
from dagster_project.report import pair as room
from dagster_project.report.pair import Pair


@pytest.fixture
def pair() -> Iterator[Pair]:
    with duckdb.connect() as connection:
        connection.execute(
            "create schema core; create schema meta; create table core.economies as select * from (values ('KOR', "
            "'South Korea'), ('USA', 'United States')) as economies (economy_code, name); create table "
            "meta.publication as select 'p1' as publication_id"
        )
        yield Pair(Project.find(), connection, "USA", "KOR")


def test_economies_have_their_names_and_their_article(pair: Pair) -> None:
    assert (pair.reporter_name, pair.partner_name) == ("the United States", "South Korea")
    assert Pair(pair.project, pair.connection, "KOR", "PSE").partner_name == "PSE"
    assert pair.publication["publication_id"] == "p1"


def test_a_query_takes_the_pair_and_more_where_it_names_them(pair: Pair) -> None:
    assert pair.query_rows("select $reporter as one, $year as year", year=2023) == [{"one": "USA", "year": 2023}]
    assert pair.query_rows("select 1 as one") == [{"one": 1}]


def test_labels_of_columns_name_the_pair(pair: Pair) -> None:
    labels = " ".join(column.label for table in room._load_tables() for column in pair.list_columns(table))
    assert "South Korea" in labels
    assert "{" not in labels


def test_figures_of_a_metric_are_read_once(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []

    def read(_connection: duckdb.DuckDBPyConnection, metric: metrics.Metric, *sides: str) -> list[metrics.Figure]:
        asked.append((metric.name, *sides))
        return []

    monkeypatch.setattr(metrics, "read_figures", read)
    for _ in range(2):
        assert pair.get_figures("balance") == {}
        assert pair.get_figures("gdp_share.services", of="KOR") == {}
    assert asked == [("balance", "USA", "KOR"), ("gdp_share", "KOR", metrics.NOBODY)]
