"""A short run of every kind of fault, and that each would tell."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from typer.main import get_command

from dagster_project import publication
from dagster_project.cli import commands
from dagster_project.project import Project
from dagster_project.refresh import client
from dagster_project.refresh.secrets import Secret
from dagster_project.sources import find_dataset
from tests.faults import torture
from tests.faults.corrupting import GROSS_SERIES, Cell
from tests.faults.kind import kinds
from tests.faults.kinds import cells, disks

KINDS = kinds()
SEED = 20261126
SHORT = {
    "responses": 1000,
    "files": 60,
    "keys": 40,
    "queries": 15,
    "refreshes": 40,
    "cells": 1,
    "series": 1,
    "publications": 4,
    "mutants": 4,
    "rules": 30,
    "disks": 2,
    "servers": 15,
}


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", KINDS)
def test_a_kind_of_fault_comes_out_as_it_has_to(name: str, built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILATERAL_BUILT", str(built.warehouse))
    tally = torture.run_round(KINDS[name], SEED, SHORT.get(name, 40))
    assert tally.cases
    assert [(one.cause, one.case) for one in tally.failures] == []


@pytest.mark.long
def test_a_round_is_the_same_for_its_seed() -> None:
    one, other = (torture.run_round(KINDS["responses"], SEED, 200) for _ in range(2))
    assert (one.cases, one.causes, one.outcomes) == (other.cases, other.causes, other.outcomes)


@pytest.mark.long
def test_a_reader_that_raises_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dagster_project.sources.bok.check_records", lambda found, _single=(): list(found))
    # A list of something else than records is rare, and ends the search.
    assert any(torture.run_round(KINDS["responses"], seed, 400).causes for seed in range(15))


@pytest.mark.long
def test_a_key_that_is_not_blanked_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Open(Secret):
        def blank_text(self, text: str) -> str:
            return text

        def blank_bytes(self, content: bytes) -> bytes:
            return content

    monkeypatch.setattr(client, "Secret", Open)
    assert torture.run_round(KINDS["keys"], SEED, 20).causes


@pytest.mark.long
def test_a_file_that_is_read_as_it_stands_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def trusting(text: str, *_: object, **__: object) -> object:
        return yaml.safe_load(text)

    monkeypatch.setattr("dagster_project.files.load_yaml", trusting)
    assert any(torture.run_round(KINDS["files"], seed, 40).causes for seed in range(SEED, SEED + 8))


@pytest.mark.longest
@pytest.mark.long
@pytest.mark.timeout(600)
def test_most_gross_cells_are_caught() -> None:
    tally = torture.run_round(KINDS["cells"], SEED, 12)
    assert tally.causes == {}
    assert sum(tally.outcomes.values()) == 12
    assert cells.share(tally.outcomes, "gross") >= 0.8, tally.survivors
    assert cells.share(tally.outcomes, "fine") >= 0.3, tally.survivors


@pytest.mark.parametrize(
    ("path", "column", "code", "is_money"),
    [
        ("kcs/goods_monthly_hs", "exports_usd", {}, True),
        ("kcs/goods_monthly_hs", "exports_kg", {}, False),
        ("gacc/goods_monthly", "imports_10k_cny", {}, True),
        ("frb/exchange_rates_monthly", "units_per_usd", {}, False),
        ("worldbank/wdi", "value", {"indicator_code": "TM.VAL.MRCH.CD.WT"}, True),
        ("worldbank/wdi", "value", {"indicator_code": "NV.IND.TOTL.ZS"}, False),
    ],
)
def test_only_money_gets_another_currency(path: str, column: str, code: dict[str, str], is_money: bool) -> None:
    kind = find_dataset(path)
    period = next(one.name for one in kind.columns if one.kind in {"year", "month"})
    rows = [dict.fromkeys(kind.key, "") | code | {period: f"{year}", column: "2"} for year in range(2000, 2010)]
    GROSS_SERIES["another currency"](Cell(rows, 0, column, kind, random.Random(1)))
    assert {row[column] for row in rows} == {"14" if is_money else "2"}


@pytest.mark.long
def test_a_publication_that_is_half_a_file_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    publish = publication.publish_file

    def torn(project: Project, *given: Any, **options: Any) -> None:
        publish(project, *given, **options)
        content = project.published_file.read_bytes()
        project.published_file.unlink()
        project.published_file.write_bytes(content[: len(content) // 2])

    monkeypatch.setattr(publication, "publish_file", torn)
    causes = torture.run_round(KINDS["publications"], SEED, 2).causes
    assert any(cause.startswith("a reader: ") for cause in causes)
    assert any(not cause.startswith("a reader: ") for cause in causes)


def test_a_disk_is_full_under_every_command() -> None:
    def list_commands(command: Any, words: str = "") -> Iterator[str]:
        parts = getattr(command, "commands", {})
        if not parts or getattr(command, "invoke_without_command", False):
            yield words
        for name, part in parts.items():
            yield from list_commands(part, f"{words} {name}".strip())

    every = list_commands(get_command(commands.app))
    assert [words for words in every if not any(f"{one} ".startswith(f"{words} ") for one in disks.COMMANDS)] == []


def test_the_page_about_the_last_run_is_current() -> None:
    root = Project.find().root
    record = yaml.safe_load((root / torture.RECORD).read_text(encoding="utf-8"))
    assert (root / torture.PAGE).read_text(encoding="utf-8") == torture.page(record)
