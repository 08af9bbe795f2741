"""Sources and datasets are found by name; an error names an undeclared one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dagster_project import sources
from dagster_project.errors import BilateralError
from dagster_project.sources import declaration_files


def test_each_file_is_a_source_whose_datasets_are_found_by_their_paths() -> None:
    assert [source.code for source in sources.list_sources()] == declaration_files.list_codes()
    for dataset in sources.list_datasets():
        assert sources.find_dataset(dataset.path) is dataset
        assert dataset in sources.find_source(dataset.source).datasets


def test_an_api_fills_the_datasets_that_are_live_and_has_settings() -> None:
    assert sources.is_live("kcs/goods_monthly")
    assert not sources.is_live("register/published_figures")
    assert not sources.is_live("nobody/goods")
    assert set(sources.list_settings()) == {source.code for source in sources.list_sources() if source.live}


def test_what_is_not_declared_is_named() -> None:
    with pytest.raises(BilateralError, match="no source called nobody"):
        sources.find_source("nobody")
    with pytest.raises(BilateralError, match="No source declares a dataset called kcs/nothing"):
        sources.find_dataset("kcs/nothing")


def test_a_live_source_without_a_module_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    still = next(source for source in sources.list_sources() if not source.live)
    monkeypatch.setattr(sources, "read_source", lambda _code: replace(still, live=("any",)))
    with pytest.raises(BilateralError, match=f"{still.code}.yml has live datasets, but"):
        sources._load_source(still.code)
