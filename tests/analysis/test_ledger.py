"""A ledger takes each forecast once, goes on from the committed one, and names the entry that was altered."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.analysis import ledger, read_columns
from dagster_project.files import read_text
from dagster_project.pipeline import build_warehouse
from dagster_project.project import Project
from tests import making


def publish(project: Project, *nowcasts: float) -> None:
    """Publish a file whose sealed forecasts are those of the ledger and the given ones."""
    project.published_file.unlink(missing_ok=True)
    sealed = len(ledger.read_ledger(project))
    with duckdb.connect(str(project.published_file)) as file:
        file.execute("create schema marts")
        columns = ", ".join(f"{name} {kind}" for name, kind in read_columns("sealed_forecasts").items())
        file.execute(f"create table marts.sealed_forecasts ({columns})")
        for number, nowcast in enumerate(nowcasts, start=1):
            row = dict.fromkeys(ledger.FIELDS, 1) | {"entry": sealed + number, "nowcast_usd": nowcast}
            file.execute(
                f"insert into marts.sealed_forecasts by name select {', '.join(f'{v} as {k}' for k, v in row.items())}"
            )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    found = replace(Project.find(), warehouse=tmp_path)
    found.reference.mkdir()
    return found


def read_rows(project: Project) -> list[list[Any]]:
    return list(ledger.compute_rows(None, project))  # type: ignore[arg-type]


def test_the_same_figures_add_nothing_and_the_chain_goes_on(project: Project) -> None:
    publish(project, 5.0, 6.0)
    assert ledger.seal_forecasts(project) == 2
    assert ledger.seal_forecasts(project) == 0
    # What was sealed here is committed; a later publication goes on from it in a file of its own.
    project.sealed_forecasts.rename(project.reference / "forecasts.jsonl")
    publish(project, 7.0)
    assert ledger.seal_forecasts(project) == 1
    first, second, third = ledger.read_ledger(project)
    assert (first["previous"], second["previous"], third["previous"]) == ("", first["hash"], second["hash"])
    assert [row[:3] for row in read_rows(project)] == [[n, "sealed", None] for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('"nowcast_usd": 6.0', '"nowcast_usd": 6.5', id="a figure"),
        pytest.param('"previous"', '"before"', id="the link"),
        pytest.param("{", "", id="no JSON"),
    ],
)
def test_an_altered_entry_is_named_and_nothing_is_sealed(old: str, new: str, project: Project) -> None:
    publish(project, 5.0, 6.0, 7.0)
    ledger.seal_forecasts(project)
    lines = read_text(project.sealed_forecasts).splitlines()
    lines[1] = lines[1].replace(old, new)
    project.sealed_forecasts.write_text("\n".join(lines))
    (row,) = read_rows(project)
    assert row[:3] == [0, "altered", "Entry 2 of forecasts.jsonl in archive/ was altered."]
    assert ledger.seal_forecasts(project) == 0


def test_an_entry_that_was_forged_with_its_hash_breaks_the_chain(project: Project) -> None:
    publish(project, 5.0, 6.0)
    ledger.seal_forecasts(project)
    first, second = (json.loads(line) for line in read_text(project.sealed_forecasts).splitlines())
    first["nowcast_usd"] = 5.5
    first["hash"] = ledger.hash_entry(first)
    project.sealed_forecasts.write_text("\n".join(map(json.dumps, (first, second))))
    assert read_rows(project)[0][2] == "Entry 2 of forecasts.jsonl in archive/ was altered."


@pytest.mark.long
def test_a_build_of_the_committed_figures_seals_nothing_anew(built: Project) -> None:
    """The committed ledger has the forecasts of the committed figures, so a fresh clone's tree stays clean."""
    assert not built.sealed_forecasts.exists()
    with duckdb.connect(str(built.published_file), read_only=True) as published:
        ((count,),) = published.execute("select count(*) from marts.sealed_forecasts where status = 'open'").fetchall()
    assert count == len(ledger.read_ledger(built)) > 0


@pytest.mark.long
def test_a_forecast_of_a_closed_year_is_scored_and_an_altered_one_is_named(built: Project, tmp_path: Path) -> None:
    project = making.copy_of(built, tmp_path / "warehouse")
    # A forecast of 2025 that was sealed when the year was open.
    file = project.reference / "forecasts.jsonl"
    entries = [json.loads(line) for line in read_text(file).splitlines()]
    past = next(entry for entry in entries if (entry["reporter_code"], entry["series"]) == ("KOR", "exports"))
    past = past | {"year": 2025, "nowcast_usd": 128e9, "low_usd": 120e9, "high_usd": 136e9, "sealed_on": "2025-08-20"}
    past["previous"] = entries[-1]["hash"]
    past["hash"] = ledger.hash_entry(past)
    project.archive.mkdir(exist_ok=True)
    project.sealed_forecasts.write_text(json.dumps(past) + "\n")
    build_warehouse(project)
    query = "select entry, status, is_hit, actual_usd, error_pct from marts.sealed_forecasts where year = 2025"
    with duckdb.connect(str(project.published_file), read_only=True) as published:
        (row,) = published.execute(query).fetchall()
    assert row[:3] == (len(entries) + 1, "scored", True)
    # Korea's exports to China of 2025 were US$130.77bn.
    assert row[3:] == (pytest.approx(130.771e9, rel=1e-4), pytest.approx(100 * (128 / 130.771 - 1), abs=0.01))
    assert len(ledger.read_ledger(project)) == len(entries) + 1

    project.sealed_forecasts.write_text(json.dumps(past | {"nowcast_usd": 131e9}) + "\n")
    _, results = build_warehouse(project)
    (warned,) = [result for result in results if result.check == "the_ledger_is_whole"]
    assert (warned.status, warned.severity) == ("failed", "warning")
    with duckdb.connect(str(project.published_file), read_only=True) as published:
        counts = [
            published.execute(f"select count(*) from marts.{name}").fetchone()[0]
            for name in ("year_nowcasts", "nowcast_record", "trade_balance_annual", "trade_balance_monthly_adjusted")
        ]
        said = published.execute("select status, reason from marts.sealed_forecasts").fetchall()
    assert counts[:2] == [0, 0]
    assert min(counts[2:]) > 1000
    assert said == [("altered", "Entry 1 of forecasts.jsonl in archive/ was altered.")]
