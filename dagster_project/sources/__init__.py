"""What each publisher offers, in declarations.

Here: one module a publisher, holding its `Source` and its `Dataset`s with their columns, keys and limits. Not here:
bytes (`snapshots`), the reading of them (`raw`), or what the figures mean (`sql/staging`).
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache
from typing import Literal

from dagster_project.errors import BilateralError

Kind = Literal["text", "integer", "number", "year", "month", "date"]


@dataclass(frozen=True)
class Column:
    """A column as the publisher sends it, and what a value in it may be.

    Args:
        name: The column's name in the snapshot's header; a unit ends the name of a measure.
        kind: What the text must read as: `year` is YYYY, `month` YYYY-MM, `date` YYYY, YYYY-MM or YYYY-MM-DD.
        description: What it holds, in a few words.
        required: Whether an empty field is an error.
        minimum: The least a number may be; a trade value is never negative.
        maximum: The most a number may be.
        values: The only texts allowed, if the publisher has a closed list.
    """

    name: str
    kind: Kind
    description: str
    required: bool = True
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Dataset:
    """A table that a publisher offers.

    Args:
        source: The source's code, the first part of every name made from it.
        name: The dataset's own name, `entity_grain`.
        title: What it is, for a person.
        columns: Every column, in the order of the file.
        key: The columns that no two rows of one snapshot may share.
    """

    source: str
    name: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def table(self) -> str:
        """The name of its raw and staging tables."""
        return f"{self.source}__{self.name}"

    @property
    def path(self) -> str:
        return f"{self.source}/{self.name}"


@dataclass(frozen=True)
class Source:
    """A publisher.

    Args:
        code: Its short name in tables, files and assets.
        title: Its name for a person.
        homepage: Where it publishes.
        datasets: What this project takes from it.
    """

    code: str
    title: str
    homepage: str
    datasets: tuple[Dataset, ...]


@cache
def sources() -> tuple[Source, ...]:
    """Every source: each module in this folder declares one, named `SOURCE`."""
    modules = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(importlib.import_module(f"{__name__}.{name}").SOURCE for name in modules)


@cache
def datasets() -> tuple[Dataset, ...]:
    """Every dataset of every source, by name."""
    return tuple(sorted((d for s in sources() for d in s.datasets), key=lambda d: d.path))


def dataset(path: str) -> Dataset:
    """The dataset called `source/name`.

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
