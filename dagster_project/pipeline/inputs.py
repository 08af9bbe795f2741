"""What a build is made from: raw and reference tables, attached to the engine and hashed.

Here: each input once a build, and the state of it that is kept for the next. Not here: the reading of snapshots
(`raw`), the making of reference tables (`reference`), and analyses, which are worked out of tables (`tables`).
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
    """The inputs of a build.

    Args:
        catalog: What is built.
        engine: What they are attached to.
    """

    def __init__(self, catalog: Catalog, engine: DuckDB) -> None:
        self._catalog = catalog
        self._project = catalog.project
        self._engine = engine
        self._received: dict[str, RawTable] = {}
        self._datasets = {f"raw.{dataset.table}": dataset for dataset in list_datasets()}
        # What is set aside to see whether it helps, beside what was decided.
        self._tried: tuple[SetAside, ...] = ()

    @cached_property
    def snapshots(self) -> dict[str, list[Snapshot]]:
        """The snapshots of each dataset, looked up once, so that a refresh meanwhile changes nothing halfway."""
        return snapshots.find_all_snapshots(self._project)

    def try_without(self, decisions: Iterable[SetAside] = ()) -> None:
        """Read on as if something were set aside as well, in place of what was tried before."""
        before, self._tried = self._tried, tuple(decisions)
        self.read_again(one.dataset for one in (*before, *self._tried))

    def read_again(self, dataset_paths: Iterable[str]) -> None:
        """Forget what was read of datasets, since other decisions stand about them."""
        for path in dataset_paths:
            self._received.pop(f"raw.{path.replace('/', '__')}", None)

    def receive_all(self, on_each: Callable[[str], None] = lambda _path: None) -> list[RawTable]:
        """Verify and read every snapshot, several datasets at a time."""
        waiting = [dataset for name, dataset in self._datasets.items() if name not in self._received]
        with ThreadPoolExecutor(max_workers=2, thread_name_prefix="read") as pool:
            for received in pool.map(self._receive_dataset, waiting):
                on_each(received.dataset.path)
                self._attach_received(received)
        every = [self._received[name] for name in self._datasets]
        self._engine.attach_quarantine(every)
        return every

    def hash_input(self, name: str, reader: str) -> str:
        """Return the hash of an input; it is read now if it has not been.

        Args:
            name: The input, `raw.…` or `reference.…`.
            reader: The model that reads it.

        Raises:
            BilateralError: There is no such input.
        """
        if name == "raw.quarantine":
            return "".join(received.fingerprint for received in self.receive_all())
        if name.startswith("reference."):
            if name not in self._references:
                raise BilateralError(
                    f"{reader} reads {name}, which does not exist.",
                    remedy="Mend the name in its SQL.",
                )
            return self._references[name]
        if name not in self._datasets:
            raise BilateralError(
                f"{reader} reads {name}, which no source offers.", remedy="Declare it in dagster_project/sources/."
            )
        if name not in self._received:
            self._attach_received(self._receive_dataset(self._datasets[name]))
        return self._received[name].fingerprint

    def row_count(self, name: str) -> int:
        """Return the rows of a raw table that has been read."""
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
        """The hash of each reference table, by name; they are attached on the way."""
        tables = {f"reference.{table.name}": table for table in self._catalog.reference_tables(self.snapshots)}
        self._engine.attach_reference(tables.values())
        looked_up = tables[LOOKED_UP]
        remember_state(self._project, LOOKED_UP, looked_up.fingerprint, looked_up.row_hashes())
        return {name: table.fingerprint for name, table in tables.items()}
