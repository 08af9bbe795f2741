"""The declarations in dagster_project/sources agree with themselves and with what is committed."""

from __future__ import annotations

import re
from datetime import date

import pytest

from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.sources import Dataset, Source, find_dataset, list_datasets, list_sources
from dagster_project.sources.calendar import Releases

KINDS = {"text", "integer", "number", "year", "month", "date"}


@pytest.mark.parametrize("declared", list_datasets(), ids=lambda declared: declared.path)
def test_a_dataset_is_well_formed(declared: Dataset) -> None:
    columns = {column.name: column for column in declared.columns}
    assert len(columns) == len(declared.columns)
    assert declared.key
    assert set(declared.key) <= set(columns)
    assert all(columns[name].required for name in declared.key), "a key has no empty field"
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in (*columns, declared.name))
    for column in declared.columns:
        assert column.kind in KINDS
        assert column.description.endswith(".")
        if column.kind == "number" and re.search(r"exports|imports|^value_[km]?usd", column.name):
            assert column.minimum == 0, "a trade value is never negative"


def test_a_source_owns_its_datasets() -> None:
    for source in list_sources():
        assert source.datasets
        assert {declared.source for declared in source.datasets} == {source.code}


@pytest.mark.parametrize("declared", list_datasets(), ids=lambda declared: declared.path)
def test_a_dataset_has_its_model_and_its_suite(declared: Dataset) -> None:
    root = Project.find().root
    for file in (f"sql/staging/{declared.table}.sql", f"expectations/staging/{declared.table}.yml"):
        assert (root / file).is_file(), f"write {file}"


def test_a_source_has_a_page_that_is_listed() -> None:
    pages = Project.find().root / "docs" / "sources"
    listed = (pages / "README.md").read_text(encoding="utf-8")
    for source in list_sources():
        assert (pages / f"{source.code}.md").is_file(), f"write docs/sources/{source.code}.md"
        assert f"({source.code}.md)" in listed, f"list {source.code}.md in docs/sources/README.md"


def test_paths_and_tables_are_unique() -> None:
    assert len({declared.path for declared in list_datasets()}) == len(list_datasets())
    assert len({declared.table for declared in list_datasets()}) == len(list_datasets())


def test_each_key_goes_where_its_publisher_wants_it() -> None:
    keys = {source.code: source.api.key for source in list_sources() if source.api is not None and source.api.key}
    assert {code: (key.place, key.name, key.prefix, key.required) for code, key in keys.items()} == {
        "bok": ("path", "key", "", True),
        "comtrade": ("header", "Ocp-Apim-Subscription-Key", "", False),
        "gta": ("header", "Authorization", "APIKey ", True),
        "kcs": ("query", "serviceKey", "", True),
        "kosis": ("query", "apiKey", "", True),
    }


def test_an_unknown_dataset_is_named() -> None:
    with pytest.raises(BilateralError, match="nowhere/nothing"):
        find_dataset("nowhere/nothing")


@pytest.mark.parametrize("source", list_sources(), ids=lambda source: source.code)
def test_a_calendar_has_its_days_in_every_month_of_a_release(source: Source) -> None:
    releases = source.releases
    if releases is None:
        assert not source.live, "say when the publisher releases what is asked for"
        return
    assert 1 <= (releases.provisional or 1) <= releases.day <= 28
    assert list(releases.months) == sorted({*releases.months} & {*range(1, 13)})
    assert releases.grace >= 0
    # Every frequency of what is asked for has its lag; what has no periods is not due.
    brought = {
        frequency for declared in source.datasets if declared.brings for frequency in declared.brings.frequencies
    }
    assert brought <= set(releases.lags)


@pytest.mark.parametrize(
    ("releases", "period", "due"),
    [
        (Releases({"M": 1}, day=15), "2026-11", date(2026, 12, 15)),
        (Releases({"M": 1}, day=15), "2026-12", date(2027, 1, 15)),
        (Releases({"A": 6, "M": 3}, day=1), "2025", date(2026, 6, 1)),
        (Releases({"A": 7}, day=1, months=(1, 4, 7, 10)), "2025", date(2026, 7, 1)),
        # The next release after the lag, in the following year if need be.
        (Releases({"A": 8}, day=1, months=(1, 4, 7)), "2025", date(2027, 1, 1)),
        (Releases({"A": 12}, day=15, months=(12,)), "2024", date(2025, 12, 15)),
        (Releases({"A": 6}, day=25), "2026-11", None),
        (Releases({}, day=1), "2026", None),
    ],
)
def test_a_period_is_due_on_the_day_of_its_release(releases: Releases, period: str, due: date | None) -> None:
    assert releases.find_due_day(period) == due


def test_a_calendar_is_a_cron_line() -> None:
    assert Releases({"M": 1}, day=15, provisional=1).cron == "1,15 * *"
    assert Releases({"A": 7}, day=1, months=(1, 4, 7, 10)).cron == "1 1,4,7,10 *"
