"""An engine is chosen by its name, and settings that are not its own are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_project.engines import Settings, open_engine
from dagster_project.engines.duckdb import DuckDB
from dagster_project.errors import BilateralError
from tests import making


def test_duckdb_opens_the_work_file(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    engine = open_engine(project, Settings())
    assert isinstance(engine, DuckDB)
    engine.close()
    assert project.work_file.exists()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Settings(engine="oracle"), "no engine 'oracle'"),
        (Settings(master="spark://host:7077"), "the engine is duckdb"),
        (Settings(options={"spark.executor.memory": "8g"}), "the engine is duckdb"),
    ],
)
def test_what_no_engine_takes_is_named(tmp_path: Path, settings: Settings, said: str) -> None:
    with pytest.raises(BilateralError, match=said):
        open_engine(making.project(tmp_path), settings)


@pytest.mark.parametrize(
    ("memory", "is_valid"), [("4GiB", True), ("50 %", True), ("512 mb", True), ("lots", False), ("4", False)]
)
def test_memory_is_a_number_and_its_unit(memory: str, is_valid: bool) -> None:
    if is_valid:
        assert Settings(memory=memory).memory == memory
    else:
        with pytest.raises(BilateralError, match="Invalid amount of memory"):
            Settings(memory=memory)
