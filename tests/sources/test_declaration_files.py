"""A file of YAML becomes the declaration of a source, or an error that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_project.errors import BilateralError
from dagster_project.sources import Column, declaration_files

DECLARED = """\
title: A source
publisher: Its publisher
homepage: https://example.org
releases: {lags: {A: 7}, day: 1, months: [1, 7]}
datasets:
  trade:
    title: Trade
    key: [year]
    offer: {domain: goods, frequencies: [A], items: {TOTAL: ""}, since: 2000}
    columns:
      year: year | The calendar year.
      value_usd: number, optional, at least 0, at most 9 | The value, US$.
      flow: text, one of export import | The flow.
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(declaration_files, "FOLDER", tmp_path)
    declaration_files.read_source.cache_clear()
    declaration_files._read_file.cache_clear()
    return tmp_path


@pytest.fixture(autouse=True, scope="module")
def _forget() -> object:
    """Forget the declarations of these tests at the end."""
    yield
    declaration_files.read_source.cache_clear()
    declaration_files._read_file.cache_clear()


def test_a_column_has_a_kind_limits_and_a_meaning(folder: Path) -> None:
    (folder / "example.yml").write_text(DECLARED)
    assert declaration_files.list_codes() == ["example"]
    source, dataset = declaration_files.read_source("example"), declaration_files.read_dataset("example/trade")
    assert (source.live, source.api, source.datasets) == ((), None, (dataset,))
    assert dataset.columns == (
        Column("year", "year", "The calendar year."),
        Column("value_usd", "number", "The value, US$.", required=False, minimum=0, maximum=9),
        Column("flow", "text", "The flow.", values=("export", "import")),
    )
    assert source.releases is not None
    assert source.releases.months == (1, 7)
    assert dataset.offer is not None
    assert dataset.offer.frequencies == ("A",)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("number, optional", "decimal, optional", "column value_usd has an unknown type 'decimal'"),
        ("at most 9", "below 9", "column value_usd has an unknown limit 'below 9'"),
        ("homepage", "address", "missing fields: homepage; unknown fields: address"),
        ("offer", "ofer", r"trade is not a dataset: missing fields: none; unknown fields: ofer"),
        ("year | The", "year, The", "column year: expected ' | '"),
        ("datasets:", "live: [traed]\ndatasets:", "`live` names traed, which `datasets` lacks"),
        ("since: 2000", "since: 2000, until: 2001", "unexpected keyword argument 'until'"),
        ("datasets:\n", "datasets:\n- [", "is not YAML"),
    ],
)
def test_what_is_declared_otherwise_is_named(folder: Path, right: str, wrong: str, said: str) -> None:
    (folder / "example.yml").write_text(DECLARED.replace(right, wrong))
    with pytest.raises(BilateralError, match=said) as raised:
        declaration_files.read_source("example")
    assert "example.yml" in str(raised.value)


def test_terms_of_an_api_that_lack_a_field_are_named(folder: Path) -> None:
    (folder / "example.yml").write_text(DECLARED + "api: {base: https://example.org}\n")
    with pytest.raises(BilateralError, match="it lacks the field 'licence'"):
        declaration_files.read_api("example", settings=None, plan=None, read=None)  # type: ignore[arg-type]
