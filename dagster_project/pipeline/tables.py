"""Make the outdated tables of a build.

Here: the hashes of a table's inputs. Not here: running SQL (`engines`), computing analyses (`analyses`), and the slices
of a table that a change affects (`incremental`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from dagster_project.catalog import Catalog
from dagster_project.engines import Table
from dagster_project.engines.duckdb import DuckDB
from dagster_project.engines.work_file import read_all_types
from dagster_project.errors import BilateralError
from dagster_project.incremental.changes import Changes
from dagster_project.incremental.slices import get_model_slicing
from dagster_project.models import Model
from dagster_project.pipeline.analyses import Analyses, hash_text
from dagster_project.pipeline.inputs import Inputs
from dagster_project.pipeline.records import Recorded, Records
from dagster_project.publication.causes import CODE


class Tables:
    """The tables of a build, which are made again only if they are outdated."""

    def __init__(self, catalog: Catalog, engine: DuckDB, inputs: Inputs, records: Records) -> None:
        self._catalog = catalog
        self._models = catalog.models
        self._engine = engine
        self._inputs = inputs
        self._records = records
        self.analyses = Analyses(catalog, engine, records, self.hash_content)
        self.changes = Changes(catalog.project, engine.connection, catalog.models, self._count_rows)

    def is_current(self, name: str) -> bool:
        """Return whether a table exists and was made from the current inputs by the current model."""
        known, model = self._records.tables.get(name), self._models[name]
        return (
            known is not None
            and known.inputs == self.hash_inputs(model)
            and (model.is_macro or self._engine.has_table(name, known.content_hash))
        )

    def make_if_outdated(self, name: str) -> Table | None:
        """Make the table or macro of a model unless it is current; return the table, or None for a macro."""
        if not self.is_current(name):
            known, inputs = self._records.tables.get(name), self.hash_inputs(self._models[name])
            if (
                known is None
                or not self.changes.is_unaffected_by_lookups(name, known.inputs, inputs)
                or not self._engine.has_table(name, known.content_hash)
            ):
                return self.make_table(name)
            self._records.record_table(self._describe_known(name), inputs)
        return None if self._models[name].is_macro else self._describe_known(name)

    def _describe_known(self, name: str) -> Table:
        known = self._records.tables[name]
        return Table(name, known.row_count, known.content_hash, self._types[name])

    @cached_property
    def _types(self) -> dict[str, dict[str, str]]:
        """The column types of each table, read once; `make_table` renews the types of the tables that it makes."""
        return read_all_types(self._engine.connection)

    def make_table(self, name: str) -> Table | None:
        """Make the table or macro of a model; return the table, or None for a macro.

        A large table keeps the slices that changed inputs do not affect, if these slices can be determined.

        Raises:
            BilateralError: A table that the model reads has not been made, or the SELECT fails.
        """
        model = self._models[name]
        inputs = self.hash_inputs(model)
        for analysis in self._catalog.list_analyses(name):
            self.analyses.attach_analysis(analysis)
        known = self._records.tables.get(name)
        slicing = get_model_slicing(model, self._models)
        values = None
        if slicing is not None and known is not None and known.inputs.keys() == inputs.keys():
            values = self.changes.find_slices_of_model(name, slicing, known.inputs, inputs)
        with self._engine.begin_transaction():
            table = None
            before = self.changes.hash_slices(name, slicing, values) if known is not None else None
            if slicing is not None and values is not None and known is not None:
                old = Table(name, known.row_count, known.content_hash, {})
                table = self._engine.renew_slices(model, old, slicing, values)
            if table is None:
                before = before if values is None else None
                table = self._engine.make_table(model, slicing)
            # A macro has no rows, so its text is hashed.
            made = table or Table(name, 0, model.fingerprint, {})
            self._types[name] = made.types
            self._records.record_table(made, inputs)
            if known is not None and known.content_hash != made.content_hash:
                after = None if before is None else self.changes.hash_slices(name, slicing, values)
                self.changes.record_change(name, known.content_hash, before, after)
        return table

    def require_current(self) -> None:
        """Raise `BilateralError` unless every table exists and was made from the current inputs."""
        recorded = self._records.tables
        # In the order of the build, so that the inputs of a table are checked before it.
        current: dict[str, Recorded] = {}
        for name, model in self._models.items():
            if name not in recorded:
                raise BilateralError(f"{name} has not been made.", remedy="Run the whole build before you publish.")
            if recorded[name].inputs != self.hash_inputs(model, current):
                raise BilateralError(
                    f"{name} is older than its inputs: its SQL, its snapshots or a table that it reads has changed.",
                    remedy="Make the table again, or run the whole build.",
                )
            current[name] = recorded[name]

    def hash_inputs(self, model: Model, recorded: Mapping[str, Recorded] | None = None) -> dict[str, str]:
        """Hash a model's code and, from the records `recorded`, the tables that it reads; return the hashes by name."""
        code = f"{self._engine.version} {model.fingerprint}"
        read = {name: self._hash_input(name, model, recorded) for name in sorted(model.depends_on)}
        return {CODE: hash_text(code)} | read

    def hash_content(self, name: str, recorded: Mapping[str, Recorded] | None = None) -> str | None:
        """Return a hash of a table's content, or of a macro's inputs; None if it has not been made."""
        known = (self._records.tables if recorded is None else recorded).get(name)
        if known is None:
            return None
        return hash_text(repr(sorted(known.inputs.items()))) if self._models[name].is_macro else known.content_hash

    def _hash_input(self, needed: str, model: Model, recorded: Mapping[str, Recorded] | None) -> str:
        """Return a hash of an input or a table that a model reads."""
        schema, _, table = needed.partition(".")
        if schema in {"raw", "reference"}:
            return self._inputs.hash_input(needed, model.name)
        if schema == "analysis":
            return self._catalog.analyses[table].fingerprint
        if (content := self.hash_content(needed, recorded)) is None:
            raise BilateralError(
                f"{model.name} reads {needed}, which has not been made yet.",
                remedy="Make that table first, or run the whole build.",
            )
        return content

    def _count_rows(self, name: str) -> int:
        known = self._records.tables.get(name)
        return known.row_count if known is not None else self._inputs.row_count(name)
