"""What each publisher offers, how it is asked, and how its responses are read.

Here: a file `<code>.yml` a source, which declares what it is and which datasets are taken from it; for one that is
asked over the network a module `<code>.py` beside it, which plans requests, reads responses and declares its `API`; and
the registry that finds them. `declare`, `declaration_files`, `calendar`, `responses` and `gateway` have what sources
share. Not here: the asking itself (`refresh`), bytes (`snapshots`), the contract's enforcement (`raw`), or what the
figures mean (`sql/staging`). No module outside this folder names a source: it is found here.
"""

from __future__ import annotations

import importlib
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from dagster_project.errors import BilateralError
from dagster_project.sources.declaration_files import list_codes, read_source
from dagster_project.sources.declare import (
    Api,
    Brings,
    Column,
    Dataset,
    Key,
    Reading,
    Request,
    Response,
    Source,
    Trouble,
    Unusable,
)

if TYPE_CHECKING:
    from dagster_project.settings import SourceSettings

__all__ = [
    "Api",
    "Brings",
    "Column",
    "Dataset",
    "Key",
    "Reading",
    "Request",
    "Response",
    "Source",
    "Trouble",
    "Unusable",
    "find_dataset",
    "find_source",
    "is_live",
    "list_datasets",
    "list_settings",
    "list_sources",
]


@cache
def list_sources() -> tuple[Source, ...]:
    """Return every source: each `<code>.yml` in this folder declares one.

    Raises:
        BilateralError: A source that is asked over the network has no module that declares its API.
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
            f"The datasets of {code} are live, but no module says how they are asked for: {error}.",
            remedy=f"Declare API = read_api(…) in dagster_project/sources/{code}.py, as its neighbours do.",
        ) from error


@cache
def list_datasets() -> tuple[Dataset, ...]:
    """Return every dataset of every source, by name."""
    return tuple(sorted((d for s in list_sources() for d in s.datasets), key=lambda d: d.path))


def find_source(code: str) -> Source:
    """Return the source of that code.

    Raises:
        BilateralError: There is none.
    """
    for candidate in list_sources():
        if candidate.code == code:
            return candidate
    raise BilateralError(
        f"There is no source called {code}.", remedy=f"There are {', '.join(s.code for s in list_sources())}."
    )


def is_live(path: str) -> bool:
    """Return whether an API fills the dataset called `source/name`, so that it may hold no snapshot yet."""
    code, _, name = path.partition("/")
    return any(name in candidate.live for candidate in list_sources() if candidate.code == code)


def find_dataset(path: str) -> Dataset:
    """Return the dataset called `source/name`.

    Raises:
        BilateralError: No source declares it.
    """
    for candidate in list_datasets():
        if candidate.path == path:
            return candidate
    raise BilateralError(
        f"No source declares a dataset called {path}.",
        remedy=f"Declare it in dagster_project/sources/, beside {', '.join(d.path for d in list_datasets()[:3])}, …",
    )


def list_settings() -> dict[str, type[SourceSettings]]:
    """Return the tables of `bilateral.toml`, one for each source that is asked over the network."""
    return {source.code: source.api.settings for source in list_sources() if source.api is not None}
