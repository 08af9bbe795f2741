"""Dagster's job makes the tables with the engine that its configuration names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from dagster_project import pipeline
from dagster_project.definitions import defs as load_defs
from dagster_project.engines import Settings
from dagster_project.engines.duckdb import DuckDB
from dagster_project.errors import BilateralError
from dagster_project.project import WAREHOUSE_VARIABLE, Project
from tests import making
from tests.engines.cluster import OPTIONS, WHY_NOT

TABLES = ("staging/kosis__goods_annual", "staging/economy_codes")


def run(
    tables: tuple[str, ...], warehouse: dict[str, Any], *, raise_on_error: bool = True
) -> dg.ExecuteInProcessResult:
    """Run the job that makes tables, with this configuration of the warehouse."""
    with dg.DagsterInstance.ephemeral() as instance:
        return (
            load_defs()
            .resolve_job_def("build_warehouse")
            .execute_in_process(
                instance=instance,
                run_config={"resources": {"warehouse": {"config": warehouse}}},
                asset_selection=[dg.AssetKey(table.split("/")) for table in tables],
                raise_on_error=raise_on_error,
            )
        )


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = making.checkout(tmp_path / "warehouse")
    monkeypatch.setenv(WAREHOUSE_VARIABLE, str(made.warehouse))
    return made


def test_what_the_configuration_says_reaches_the_engine(where: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Settings] = []

    def opened(_project: Project, settings: Settings) -> DuckDB:
        asked.append(settings)
        raise BilateralError("far enough")

    monkeypatch.setattr(pipeline, "open_engine", opened)
    engine: dict[str, Any] = {
        "engine": "spark",
        "master": "spark://host:7077",
        "options": {"spark.executor.memory": "8g"},
    }
    result = run(("staging/economy_codes",), {**engine, "memory": "4GiB"}, raise_on_error=False)
    assert not result.success
    assert asked == [Settings(**engine, memory="4GiB")]


@pytest.mark.long
@pytest.mark.longest
@pytest.mark.skipif(WHY_NOT is not None, reason=str(WHY_NOT))
def test_a_run_on_spark_makes_the_tables_of_a_run_on_duckdb(where: Project) -> None:
    hashes = {}
    settings: dict[str, dict[str, Any]] = {
        "duckdb": {},
        "spark": {"engine": "spark", "master": "local[2]", "options": OPTIONS},
    }
    for name, warehouse in settings.items():
        events = run(TABLES, warehouse).get_asset_materialization_events()
        hashes[name] = {
            event.asset_key.to_user_string(): event.materialization.metadata["content_hash"].value for event in events
        }
    assert set(hashes["spark"]) == set(TABLES)
    assert hashes["spark"] == hashes["duckdb"]
    assert (where.archive / "spark" / "staging.kosis__goods_annual").is_dir()
