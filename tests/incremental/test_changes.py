"""A build's changes determine the slices of other tables to make again, or that a whole table must be made again."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import duckdb
import pytest

from dagster_project.catalog import Catalog
from dagster_project.incremental import changes
from dagster_project.incremental.changes import LOOKED_UP, Changes
from dagster_project.incremental.slices import Slicing, Value, get_model_slicing
from dagster_project.incremental.states import remember_state
from dagster_project.models import Model
from dagster_project.project import Project
from tests import making

WDI, KOSIS = "worldbank/wdi/first", "kosis/goods_monthly/first"
JANUARY, FEBRUARY, MARCH = (date(2024, month, 1) for month in (1, 2, 3))
HEADER = "/*\nwhat: A table.\ngrain: [period_start]\nsliced_by: period_start\n{more}columns:\n{columns}*/\n{select}"


def model(table: str, select: str, *columns: str, more: str = "") -> Model:
    listed = "".join(f"  {column}: code | A column.\n" for column in ("period_start", *columns))
    return making.parse_model(HEADER.format(more=more, columns=listed, select=select), schema="core", table=table)


MODELS = {
    one.name: one
    for one in (
        model("figures", "select period_start, snapshot_id, value from raw.figures", "snapshot_id", "value"),
        model("changed", "select period_start, value from core.figures", "value", more="lookback: 1 month\n"),
    )
}


@pytest.fixture
def tracked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Changes:
    """Make a work file with a figure for each of twelve months, in which every table counts as large."""
    monkeypatch.setattr(changes, "RENEWED_FROM", 1)
    connection = duckdb.connect()
    connection.execute(
        "create schema core; create table core.figures as select (date '2024-01-01' + interval (m) month)::date "
        "as period_start, 'a/b/' || m as snapshot_id, m as value from range(12) as months(m); "
        "create table core.changed as select period_start, value from core.figures"
    )
    return Changes(making.project(tmp_path), connection, MODELS, lambda _name: 12)


def slicing(name: str) -> Slicing:
    found = get_model_slicing(MODELS[name], MODELS)
    assert found is not None
    return found


def find(tracked: Changes, given: str = "one", now: str = "two") -> object:
    return tracked.find_slices_of_model(
        "core.changed", slicing("core.changed"), {"core.figures": given}, {"core.figures": now}
    )


def test_slices_that_differ_are_made_again_with_those_that_look_back_at_them(tracked: Changes) -> None:
    tracked.record_change("core.figures", "one", {"period_start": {JANUARY: 1}}, {"period_start": {JANUARY: 2}})
    assert find(tracked) == {JANUARY, FEBRUARY}
    assert "core.figures" in tracked
    assert tracked.get_hash_before("core.figures") == "one"
    assert find(tracked, now="one") == set()


def test_a_change_that_is_not_known_makes_the_whole_table_again(tracked: Changes) -> None:
    assert find(tracked) is None
    tracked.record_change("core.figures", "one", None, {"period_start": {JANUARY: 2}})
    assert find(tracked) is None
    # Since that change another one has come.
    tracked.record_change("core.figures", "two", {"period_start": {JANUARY: 1}}, {"period_start": {JANUARY: 2}})
    assert find(tracked, now="three") is None


def test_many_slices_are_made_as_a_whole(tracked: Changes) -> None:
    months: dict[Value, int] = {date(2024, month, 1): month for month in range(1, 13)}
    tracked.record_change("core.figures", "one", {"period_start": months}, {"period_start": {}})
    assert find(tracked) is None


def test_a_small_table_is_made_as_a_whole(tracked: Changes, monkeypatch: pytest.MonkeyPatch) -> None:
    tracked.record_change("core.figures", "one", {"period_start": {JANUARY: 1}}, {"period_start": {JANUARY: 2}})
    monkeypatch.setattr(changes, "RENEWED_FROM", 1000)
    assert find(tracked) is None


def test_a_snapshot_that_is_dated_anew_touches_the_slices_of_its_rows(tracked: Changes) -> None:
    remember_state(tracked.project, LOOKED_UP, "one", {"a/b/1": "old", "a/b/2": "same"})
    remember_state(tracked.project, LOOKED_UP, "two", {"a/b/1": "new", "a/b/2": "same"})
    given = ({LOOKED_UP: "one"}, {LOOKED_UP: "two"})
    found = tracked.find_slices_of_model("core.changed", slicing("core.changed"), *given)
    assert found == frozenset[Value]({FEBRUARY, MARCH})


def test_each_slice_has_a_hash_of_its_rows(tracked: Changes) -> None:
    hashed = tracked.hash_slices("core.figures", slicing("core.changed"), [JANUARY, MARCH])
    assert hashed is not None
    before = dict(hashed["period_start"])
    assert before.keys() == {JANUARY, MARCH}
    tracked.connection.execute("update core.figures set value = 7 where period_start = date '2024-03-01'")
    hashed = tracked.hash_slices("core.figures", slicing("core.changed"), [JANUARY, MARCH])
    assert hashed is not None
    assert {value for value in before if hashed["period_start"][value] != before[value]} == {MARCH}


@pytest.mark.parametrize(
    ("table", "new", "is_same"),
    [
        ("staging.worldbank__wdi", {"kosis/goods_monthly/second": "c"}, True),
        ("staging.worldbank__wdi", {"worldbank/wdi/second": "c"}, False),
        # An earlier snapshot is known from another day.
        ("staging.worldbank__wdi", {WDI: "c"}, False),
        ("core.macro_indicators_observations", {"worldbank/wdi/second": "c"}, False),
        ("core.macro_indicators_observations", {"kosis/goods_monthly/second": "c"}, True),
        # It lists all snapshots.
        ("meta.figure_sources", {"kosis/goods_monthly/second": "c"}, False),
    ],
)
def test_snapshots_of_other_datasets_are_not_looked_up(
    tmp_path: Path, table: str, new: dict[str, str], is_same: bool
) -> None:
    project = making.project(tmp_path)
    held = {WDI: "a", KOSIS: "b"}
    remember_state(project, LOOKED_UP, "before", held)
    remember_state(project, LOOKED_UP, "now", held | new)
    with duckdb.connect() as connection:
        changes = Changes(project, connection, Catalog(Project.find()).models, lambda _: 0)
    before = {LOOKED_UP: "before", "raw.worldbank__wdi": "x"}
    assert changes.is_unaffected_by_lookups(table, before, before | {LOOKED_UP: "now"}) is is_same
    assert not changes.is_unaffected_by_lookups(table, before, before | {LOOKED_UP: "now", "raw.worldbank__wdi": "y"})
    assert not changes.is_unaffected_by_lookups(table, before, before | {LOOKED_UP: "unknown"})


def test_models_look_snapshots_up_by_their_id() -> None:
    models = Catalog(Project.find()).models.values()
    looking = [model for model in models if LOOKED_UP in model.depends_on and model.schema != "meta"]
    assert looking
    for model in looking:
        joins = re.findall(
            rf"{LOOKED_UP} as snapshots\s+(using \(snapshot_id\)|on \w+\.snapshot_id = snapshots)", model.select
        )
        assert len(joins) == model.select.count(LOOKED_UP), model.name
