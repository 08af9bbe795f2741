"""A table is made again for other snapshots only if it can look them up."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from dagster_project.catalog import Catalog
from dagster_project.incremental.changes import LOOKED_UP, Changes
from dagster_project.incremental.states import remember_state
from dagster_project.project import Project
from tests import making

WDI, KOSIS = "worldbank/wdi/first", "kosis/goods_monthly/first"


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
    assert changes.has_same_lookups(table, before, before | {LOOKED_UP: "now"}) is is_same
    assert not changes.has_same_lookups(table, before, before | {LOOKED_UP: "now", "raw.worldbank__wdi": "y"})
    assert not changes.has_same_lookups(table, before, before | {LOOKED_UP: "unknown"})


def test_models_look_snapshots_up_by_their_id() -> None:
    models = Catalog(Project.find()).models.values()
    looking = [model for model in models if LOOKED_UP in model.depends_on and model.schema != "meta"]
    assert looking
    for model in looking:
        joins = re.findall(
            rf"{LOOKED_UP} as snapshots\s+(using \(snapshot_id\)|on \w+\.snapshot_id = snapshots)", model.select
        )
        assert len(joins) == model.select.count(LOOKED_UP), model.name
