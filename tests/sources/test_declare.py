"""The declarations in dagster_project/sources agree with themselves and with what is committed."""

from __future__ import annotations

import re

from dagster_project.project import Project
from dagster_project.sources import list_datasets, list_sources

KINDS = {"text", "integer", "number", "year", "month", "date"}


def test_a_dataset_is_well_formed() -> None:
    for declared in list_datasets():
        columns = {column.name: column for column in declared.columns}
        assert len(columns) == len(declared.columns), declared.path
        assert declared.key, declared.path
        assert set(declared.key) <= set(columns), declared.path
        assert all(columns[name].required for name in declared.key), f"{declared.path}: a key has no empty field"
        assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in (*columns, declared.name)), declared.path
        for column in declared.columns:
            assert column.kind in KINDS, (declared.path, column.name)
            assert column.description.endswith("."), (declared.path, column.name)
            if column.kind == "number" and re.search(r"exports|imports|^value_[km]?usd", column.name):
                assert column.minimum == 0, f"{declared.path}: a trade value is never negative"


def test_a_source_owns_its_datasets() -> None:
    for source in list_sources():
        assert source.datasets
        assert {declared.source for declared in source.datasets} == {source.code}


def test_a_dataset_has_its_model_and_its_suite() -> None:
    root, tables = Project.find().root, [declared.table for declared in list_datasets()]
    files = [f"sql/staging/{table}.sql" for table in tables] + [f"expectations/staging/{table}.yml" for table in tables]
    assert [file for file in files if not (root / file).is_file()] == []


def test_a_source_is_explained_on_a_page_that_is_listed_or_at_the_top_of_its_file() -> None:
    root = Project.find().root
    pages = root / "docs" / "sources"
    listed = (pages / "README.md").read_text(encoding="utf-8")
    for source in list_sources():
        head = (root / "dagster_project" / "sources" / f"{source.code}.yml").read_text(encoding="utf-8")
        has_page = (pages / f"{source.code}.md").is_file()
        assert has_page == (f"({source.code}.md)" in listed), f"list {source.code}.md in docs/sources/README.md"
        assert has_page or len(head.partition("\ntitle:")[0]) > 200, (
            f"explain the source at the top of {source.code}.yml"
        )


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
        "us_census": ("query", "key", "", False),
    }
