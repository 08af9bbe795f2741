"""What runs the models: one interface, an implementation an engine.

Here: the interface. `engines.duckdb` is the default and the only one so far. Not here: what a model says (`models`),
whether its table is right (`audit`), who may see it (`publication`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from dagster_project.models import Model
from dagster_project.raw import RawTable
from dagster_project.rows import Rows


@dataclass(frozen=True)
class Table:
    """A table that was made.

    Args:
        name: `schema.table`.
        row_count: Its rows.
        content_hash: A hash of its rows that does not depend on their order.
        types: The type of each column, by name, in order.
    """

    name: str
    row_count: int
    content_hash: str
    types: dict[str, str]


class Engine(Protocol):
    """Makes tables out of models, next to the inputs they read."""

    def attach_raw(self, raw: RawTable) -> None:
        """Makes a dataset readable as `raw.<source>__<dataset>`."""

    def attach_reference(self, tables: Iterable[Rows]) -> None:
        """Makes the reference tables readable as `reference.<name>`."""

    def run(self, model: Model) -> Table | None:
        """Makes the model's table, in place of an earlier one; a macro makes none."""
