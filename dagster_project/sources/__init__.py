"""Define each source: its datasets, the requests to its publisher and the parsing of its responses.

Here: the registry, which finds every source. A file `<code>.yml` declares a source and the datasets taken from it. If
the source is fetched over the network, a module `<code>.py` beside it plans the requests, reads the responses and
declares its `API`. `declare`, `declaration_files`, `calendar`, `responses` and `gateway` are shared by all sources. Not
here: sending requests (`refresh`), storing bytes (`snapshots`), checking rows against the declaration (`raw`), or the
meaning of the figures (`sql/staging`). No module outside this folder names a source.
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
            f"{code} has live datasets, but its API cannot be imported: {error}.",
            remedy=f"Declare API = read_api(…) in dagster_project/sources/{code}.py, like the modules beside it.",
        ) from error


@cache
def list_datasets() -> tuple[Dataset, ...]:
    """List every dataset of every source, sorted by name."""
    return tuple(sorted((d for s in list_sources() for d in s.datasets), key=lambda d: d.path))


def find_source(code: str) -> Source:
    """Return the source with a code.

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
    """Return whether an API fills the dataset `source/name`, so that it may have no snapshot yet."""
    code, _, name = path.partition("/")
    return any(name in candidate.live for candidate in list_sources() if candidate.code == code)


def find_dataset(path: str) -> Dataset:
    """Return the dataset with a path `source/name`.

    Raises:
        BilateralError: No source declares it.
    """
    for candidate in list_datasets():
        if candidate.path == path:
            return candidate
    raise BilateralError(
        f"No source declares a dataset called {path}.",
        remedy=f"Declare it in dagster_project/sources/, like {', '.join(d.path for d in list_datasets()[:3])}, …",
    )


def list_settings() -> dict[str, type[SourceSettings]]:
    """List the settings class of each source that is fetched over the network, by its table in `bilateral.toml`."""
    return {source.code: source.api.settings for source in list_sources() if source.api is not None}
