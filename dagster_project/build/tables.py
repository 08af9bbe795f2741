"""The tables of a build: which are current, and the making of those that are not.

Here: what a table was made from, as a hash, and the analyses that models read. Not here: the making itself (`engines`),
and which slices a change can matter to (`incremental`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import partial

from dagster_project import publication
from dagster_project.analysis import Analysis
from dagster_project.build.inputs import Inputs
from dagster_project.build.records import Recorded, Records
from dagster_project.catalog import Catalog
from dagster_project.engines import Table
from dagster_project.engines.duckdb import DuckDB
from dagster_project.engines.work_file import types_of
from dagster_project.errors import BilateralError
from dagster_project.incremental.changes import Changes
from dagster_project.incremental.slices import Slicing, Value, of_model
from dagster_project.models import Model
from dagster_project.publication.causes import CODE
from dagster_project.reference.rows import Rows


class Tables:
    """The tables of a build.

    Args:
        catalog: What is built.
        engine: What makes them.
        inputs: What they are made from.
        records: What is recorded of them.
    """

    def __init__(self, catalog: Catalog, engine: DuckDB, inputs: Inputs, records: Records) -> None:
        self._catalog = catalog
        self._models = catalog.models
        self._engine = engine
        self._inputs = inputs
        self._records = records
        self.changes = Changes(catalog.project, engine.connection, catalog.models, self._row_count)

    def is_current(self, name: str) -> bool:
        """Whether the table is there, made of what its inputs hold now by the model as it is now."""
        if name not in self._records.tables:
            return False
        model, recorded = self._models[name], self._records.tables[name]
        return recorded.input_hash == self.input_hash(model) and (
            model.is_macro or self._engine.holds(name, recorded.content_hash)
        )

    def ensure(self, name: str) -> Table | None:
        """The current table, or macro, of a model; it is made only if it is not current.

        Raises:
            BilateralError: As `run` does.
        """
        if not self.is_current(name):
            return self.run(name)
        if self._models[name].is_macro:
            return None
        known = self._records.tables[name]
        return Table(name, known.row_count, known.content_hash, types_of(self._engine.connection, name))

    def run(self, name: str) -> Table | None:
        """Makes the table, or the macro, of a model.

        A large table of which it can be told which slices have changed is not made as a whole, but comes to the same.

        Raises:
            BilateralError: A table that it reads has not been made, or the SELECT fails.
        """
        model = self._models[name]
        input_hash = self.input_hash(model)
        for needed in sorted(model.depends_on):
            if needed.startswith("analysis."):
                self._work_out(self._catalog.analyses[needed.partition(".")[2]])
        known = self._records.tables.get(name)
        slicing = of_model(model, self._models)
        values = self._outdated(model, slicing)
        with self._engine.transaction():
            table = None
            before = self.changes.hashes(name, slicing, values) if known is not None else None
            if slicing is not None and values is not None and known is not None:
                old = Table(name, known.row_count, known.content_hash, {})
                table = self._engine.renew(model, old, slicing, values)
            if table is None:
                before = before if values is None else None
                table = self._engine.run(model, slicing)
            # A macro holds no rows: what it is, is its text.
            made = table or Table(name, 0, model.fingerprint, {})
            self._records.record(made, input_hash)
            if known is not None and known.content_hash != made.content_hash:
                after = None if before is None else self.changes.hashes(name, slicing, values)
                self.changes.note(name, known.content_hash, before, after)
        return table

    def require_current(self) -> None:
        """Refuses to go on unless every table is there and not older than its inputs.

        Raises:
            BilateralError: One is not.
        """
        recorded = self._records.tables
        # In order, so that what a table reads is known to be current before the table is looked at.
        current: dict[str, Recorded] = {}
        for name, model in self._models.items():
            if name not in recorded:
                raise BilateralError(f"{name} has not been made.", remedy="Run the whole build before you publish.")
            if recorded[name].input_hash != self.input_hash(model, current):
                raise BilateralError(
                    f"{name} is older than its inputs: its SQL, its snapshots or a table that it reads has changed.",
                    remedy="Make it again, or run the whole build.",
                )
            current[name] = recorded[name]

    def input_hash(self, model: Model, recorded: Mapping[str, Recorded] | None = None) -> str:
        """A hash of a model, of what makes it, and of all that it reads.

        Args:
            model: The model.
            recorded: What is known of the tables that it reads; by default all that is recorded.
        """
        return self._digest(model, {needed: self._gives(needed, model, recorded) for needed in model.depends_on})

    def made_from(self) -> Iterator[tuple[str, str, str]]:
        """Of each table and macro what it was made from, its own code included: table, input, hash."""
        for name, model in self._models.items():
            yield name, CODE, hashlib.sha256(f"{self._engine.version} {model.fingerprint}".encode()).hexdigest()
            for needed in sorted(model.depends_on):
                yield name, needed, self._gives(needed, model, None)

    def content(self, name: str, recorded: Mapping[str, Recorded] | None = None) -> str | None:
        """A hash of what a table holds, or for a macro of all that it would read; None if it is not made."""
        known = (self._records.tables if recorded is None else recorded).get(name)
        if known is None:
            return None
        return known.input_hash if self._models[name].is_macro else known.content_hash

    def _digest(self, model: Model, given: Mapping[str, str]) -> str:
        digest = hashlib.sha256(f"{self._engine.version} {model.fingerprint}".encode())
        for needed in sorted(model.depends_on):
            digest.update(f"{needed} {given[needed]}\n".encode())
        return digest.hexdigest()

    def _gives(self, needed: str, model: Model, recorded: Mapping[str, Recorded] | None) -> str:
        """A hash of what an input or a table gives to a model."""
        schema, _, table = needed.partition(".")
        if schema in {"raw", "reference"}:
            return self._inputs.fingerprint(needed, model.name)
        if schema == "analysis":
            return self._catalog.analyses[table].fingerprint
        if (content := self.content(needed, recorded)) is None:
            raise BilateralError(
                f"{model.name} reads {needed}, which has not been made yet.",
                remedy="Make it first, or run the whole build.",
            )
        return content

    def _outdated(self, model: Model, slicing: Slicing | None) -> frozenset[Value] | None:
        """Which slices of a model's table may differ from what it has to be; None if it is better made as a whole."""
        known = self._records.tables.get(model.name)
        if slicing is None or known is None:
            return None
        now = {needed: self._gives(needed, model, None) for needed in model.depends_on}
        return self.changes.of_model(model.name, slicing, known.input_hash, now, partial(self._digest, model))

    def _row_count(self, name: str) -> int:
        known = self._records.tables.get(name)
        return known.row_count if known is not None else self._inputs.row_count(name)

    def _work_out(self, analysis: Analysis) -> None:
        """Makes an analysis readable: its rows are kept, since some take longer than a whole build."""
        given = [(name, self.content(name)) for name in sorted(analysis.reads)]
        stem = hashlib.sha256(repr((analysis.fingerprint, given)).encode()).hexdigest()[:16]
        kept = self._catalog.project.analyses / analysis.name / f"{stem}.parquet"
        if not kept.exists():
            self._engine.write("analysis.worked_out", Rows(analysis.name, analysis.columns, []))
            # It reads on while what it found is written.
            with closing(self._engine.cursor()) as cursor:
                for rows in analysis.batches(cursor, self._models):
                    self._engine.append("analysis.worked_out", rows)
            self._engine.keep("analysis.worked_out", kept)
            self._engine.connection.execute("drop table analysis.worked_out")
            earlier = sorted(kept.parent.glob("*.parquet"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
            for file in earlier[publication.KEPT + 1 :]:
                file.unlink()
        self._engine.attach_analysis(analysis.name, kept)
