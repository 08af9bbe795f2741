"""What each publisher offers, how it is asked, and how its responses are read.

Here: a module a publisher, which declares its `Source`, and the registry that finds them; `declare`, `calendar`,
`responses` and `gateway` have what they share. Not here: the asking itself (`refresh`), bytes (`snapshots`), the
contract's enforcement (`raw`), or what the figures mean (`sql/staging`). No module outside this folder names a source:
it is found here.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING

from dagster_project.errors import BilateralError
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
    "dataset",
    "datasets",
    "is_live",
    "source",
    "sources",
    "tables",
]

_SHARED = {"calendar", "declare", "gateway", "responses"}


@cache
def sources() -> tuple[Source, ...]:
    """Return every source: each module in this folder declares one, named `SOURCE`.

    Raises:
        BilateralError: One does not.
    """
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name not in _SHARED)
    found = tuple(getattr(importlib.import_module(f"{__name__}.{name}"), "SOURCE", None) for name in names)
    for name, source in zip(names, found, strict=True):
        if source is None or source.code != name:
            raise BilateralError(
                f"dagster_project/sources/{name}.py declares no source called {name}.",
                remedy=f'Give it a SOURCE = Source(code="{name}", …), as its neighbours have.',
            )
    return tuple(source for source in found if source is not None)


@cache
def datasets() -> tuple[Dataset, ...]:
    """Return every dataset of every source, by name."""
    return tuple(sorted((d for s in sources() for d in s.datasets), key=lambda d: d.path))


def source(code: str) -> Source:
    """Return the source of that code.

    Raises:
        BilateralError: There is none.
    """
    for candidate in sources():
        if candidate.code == code:
            return candidate
    raise BilateralError(
        f"There is no source called {code}.", remedy=f"There are {', '.join(s.code for s in sources())}."
    )


def is_live(path: str) -> bool:
    """Return whether an API fills the dataset called `source/name`, so that it may hold no snapshot yet."""
    code, _, name = path.partition("/")
    return any(name in candidate.live for candidate in sources() if candidate.code == code)


def dataset(path: str) -> Dataset:
    """Return the dataset called `source/name`.

    Raises:
        BilateralError: No source declares it.
    """
    for candidate in datasets():
        if candidate.path == path:
            return candidate
    raise BilateralError(
        f"No source declares a dataset called {path}.",
        remedy=f"Declare it in dagster_project/sources/, beside {', '.join(d.path for d in datasets()[:3])}, …",
    )


def tables() -> dict[str, type[SourceSettings]]:
    """Return the tables of `bilateral.toml`, one for each source that is asked over the network."""
    return {source.code: source.api.settings for source in sources() if source.api is not None}
