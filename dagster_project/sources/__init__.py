"""Find every source, and look up its datasets.

A file `<code>.yml` in this folder declares a source and the datasets taken from it. If the source is fetched over the
network, a module `<code>.py` beside the file plans the requests, parses the responses and declares the `API`. The other
modules are shared by all sources. No module outside this folder names a source.
"""

from __future__ import annotations

import importlib
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from dagster_project.errors import BilateralError
from dagster_project.sources.declaration_files import list_codes, read_source
from dagster_project.sources.declare import Api as Api
from dagster_project.sources.declare import Column as Column
from dagster_project.sources.declare import Dataset as Dataset
from dagster_project.sources.declare import Key as Key
from dagster_project.sources.declare import Offer as Offer
from dagster_project.sources.declare import ParsedResponse as ParsedResponse
from dagster_project.sources.declare import Request as Request
from dagster_project.sources.declare import Response as Response
from dagster_project.sources.declare import Source as Source
from dagster_project.sources.declare import Trouble as Trouble
from dagster_project.sources.declare import Unusable as Unusable

if TYPE_CHECKING:
    from dagster_project.settings import SourceSettings


@cache
def list_sources() -> tuple[Source, ...]:
    """List every source, one for each `<code>.yml` in this folder.

    Raises:
        BilateralError: A source with live datasets has no module that declares its API.
    """
    return tuple(_load_source(code) for code in list_codes())


def _load_source(code: str) -> Source:
    source = read_source(code)
    if not source.live:
        return source
    try:
        return replace(source, api=importlib.import_module(f"{__name__}.{code}").API)
    except (ModuleNotFoundError, AttributeError) as error:
        raise BilateralError(
            f"sources/{code}.yml has live datasets, but sources/{code}.py has no API to fetch them: {error}.",
            remedy=f"Declare API = read_api(…) in dagster_project/sources/{code}.py, like the modules beside it.",
        ) from error


@cache
def list_datasets() -> tuple[Dataset, ...]:
    """List every dataset of every source, sorted by name."""
    return tuple(sorted((d for s in list_sources() for d in s.datasets), key=lambda d: d.path))


def find_source(code: str) -> Source:
    """Return the source with a code, such as `comtrade`.

    Raises:
        BilateralError: No source has this code.
    """
    for candidate in list_sources():
        if candidate.code == code:
            return candidate
    raise BilateralError(
        f"There is no source called {code}.", remedy=f"The sources are {', '.join(s.code for s in list_sources())}."
    )


def is_live(path: str) -> bool:
    """Return whether an API fills the dataset `source/name`; such a dataset may have no snapshot yet."""
    code, _, name = path.partition("/")
    return any(name in candidate.live for candidate in list_sources() if candidate.code == code)


def find_dataset(path: str) -> Dataset:
    """Return the dataset with a path, such as `comtrade/goods`.

    Raises:
        BilateralError: No source declares this dataset.
    """
    for candidate in list_datasets():
        if candidate.path == path:
            return candidate
    raise BilateralError(
        f"No source declares a dataset called {path}.",
        remedy=f"Declare it in dagster_project/sources/, like {', '.join(d.path for d in list_datasets()[:3])}, …",
    )


def list_settings() -> dict[str, type[SourceSettings]]:
    """Map each table of a source in `bilateral.toml` to its settings class; only sources with an API have a table."""
    return {source.code: source.api.settings for source in list_sources() if source.api is not None}
