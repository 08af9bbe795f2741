"""Provide the inputs of a build: raw and reference tables, attached to the engine and hashed.

Here: reading each input once per build, and storing its state for the next build. Not here: reading snapshots (`raw`),
making reference tables (`reference`), and analyses, which are computed from tables (`analyses`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

from dagster_project import raw, snapshots
from dagster_project.catalog import Catalog
from dagster_project.engines.duckdb import DuckDB
from dagster_project.errors import BilateralError
from dagster_project.incremental.changes import LOOKED_UP
from dagster_project.incremental.states import remember_state
from dagster_project.raw import RawTable
from dagster_project.snapshots import Snapshot
from dagster_project.snapshots.set_aside import SetAside, find_decisions
from dagster_project.sources import Dataset, list_datasets


class Inputs:
    """The raw and reference tables from which a build makes its tables, with their hashes."""

    def __init__(self, catalog: Catalog, engine: DuckDB) -> None:
        self._catalog = catalog
        self._project = catalog.project
        self._engine = engine
        self._received: dict[str, RawTable] = {}
        self._datasets = {f"raw.{dataset.table}": dataset for dataset in list_datasets()}
        # The decisions to set rows aside on trial, besides the recorded decisions.
        self._tried: tuple[SetAside, ...] = ()

    @cached_property
    def snapshots(self) -> dict[str, list[Snapshot]]:
        """The snapshots of each dataset, listed once, so that a refresh during the build has no effect on the build."""
        return snapshots.find_all_snapshots(self._project)

    def try_without(self, decisions: Iterable[SetAside] = ()) -> None:
        """Set aside the rows of `decisions`, instead of the rows of the previous call."""
        before, self._tried = self._tried, tuple(decisions)
        self.forget_datasets(one.dataset for one in (*before, *self._tried))

    def forget_datasets(self, dataset_paths: Iterable[str]) -> None:
        """Forget the rows of datasets, so that they are read again, under the decisions that now hold."""
        for path in dataset_paths:
            self._received.pop(f"raw.{path.replace('/', '__')}", None)

    def receive_all(self, on_each: Callable[[str], None] = lambda _path: None) -> list[RawTable]:
        """Verify and read every snapshot; read several datasets in parallel."""
        waiting = [dataset for name, dataset in self._datasets.items() if name not in self._received]
        with ThreadPoolExecutor(max_workers=2, thread_name_prefix="read") as pool:
            for received in pool.map(self._receive_dataset, waiting):
                on_each(received.dataset.path)
                self._attach_received(received)
        every = [self._received[name] for name in self._datasets]
        self._engine.attach_quarantine(every)
        return every

    def hash_input(self, name: str, reader: str) -> str:
        """Return the hash of a raw or reference table, which is read first if necessary.

        Raises:
            BilateralError: The table does not exist; the message names the model that reads it.
        """
        if name == "raw.quarantine":
            return "".join(received.fingerprint for received in self.receive_all())
        if name.startswith("reference."):
            if name not in self._references:
                raise BilateralError(
                    f"{reader} reads {name}, which does not exist.",
                    remedy="Correct the name in its SQL.",
                )
            return self._references[name]
        if name not in self._datasets:
            raise BilateralError(
                f"{reader} reads {name}, which no source declares.", remedy="Declare it in dagster_project/sources/."
            )
        if name not in self._received:
            self._attach_received(self._receive_dataset(self._datasets[name]))
        return self._received[name].fingerprint

    def row_count(self, name: str) -> int:
        """Return the number of rows of a raw table; 0 if it was not read."""
        return self._received[name].row_count if name in self._received else 0

    def _receive_dataset(self, dataset: Dataset) -> RawTable:
        decisions = [
            *find_decisions(self._project, dataset.path),
            *(one for one in self._tried if one.dataset == dataset.path),
        ]
        return raw.receive_dataset(self._project, dataset, self.snapshots[dataset.path], decisions)

    def _attach_received(self, received: RawTable) -> None:
        name = f"raw.{received.dataset.table}"
        self._received[name] = received
        remember_state(self._project, name, received.fingerprint, received.made_of)
        self._engine.attach_raw(received)

    @cached_property
    def _references(self) -> dict[str, str]:
        """The hash of each reference table by name; the first access attaches the tables."""
        tables = {f"reference.{table.name}": table for table in self._catalog.reference_tables(self.snapshots)}
        self._engine.attach_reference(tables.values())
        looked_up = tables[LOOKED_UP]
        remember_state(self._project, LOOKED_UP, looked_up.fingerprint, looked_up.row_hashes())
        return {name: table.fingerprint for name, table in tables.items()}
