"""Compute the analyses that the tables of a build are made from.

Here: when an analysis is computed, and by which process. Not here: computing its rows (`analysis`), and the other
process (`engines.analysis_process`).

An analysis takes seconds, and its code is Python, which runs only one thread at a time. So another process computes it,
as early as possible, while the build makes and audits tables that do not need it. An analysis that reads many rows is
left to the process of the build, because copying these rows would take too long.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from functools import cached_property
from pathlib import Path

from dagster_project import publication
from dagster_project.analysis import Analysis
from dagster_project.catalog import Catalog
from dagster_project.engines.analysis_process import AnalysisProcess, write_analysis
from dagster_project.engines.duckdb import DuckDB
from dagster_project.models import SCHEMAS, find_upstream
from dagster_project.pipeline.records import Records

# The most rows of the tables that an analysis reads, if another process is to compute it.
COPIED_ROWS = 1_000_000


class Analyses:
    """The analyses of a build.

    Args:
        catalog: The models and analyses.
        engine: The engine with the tables that analyses read.
        records: The records of these tables.
        hash_content: The function that hashes the content of a table; it returns None if the table has not been made.
    """

    def __init__(
        self, catalog: Catalog, engine: DuckDB, records: Records, hash_content: Callable[[str], str | None]
    ) -> None:
        self._catalog = catalog
        self._engine = engine
        self._records = records
        self._hash_content = hash_content
        self._process = AnalysisProcess(catalog.project)

    def choose_next(self, unmade: AbstractSet[str]) -> str:
        """Choose the next table to make of `unmade`, which is in an order in which the tables can be made.

        Of a schema, tables that analyses need come first. Tables that wait for an analysis come last of all.
        """
        models = self._catalog.models

        def rank_table(name: str) -> tuple[bool, int, bool]:
            return self._is_waiting(name), SCHEMAS.index(models[name].schema), name not in self._needed

        return min((name for name in unmade if unmade.isdisjoint(models[name].depends_on)), key=rank_table)

    def request_analyses(self, unmade: AbstractSet[str]) -> None:
        """Request, from the other process, analyses that tables of `unmade` need, if the tables they read are made.

        The other process computes them in the order of the requests.
        """
        for name, analysis in self._separable:
            if name in unmade and analysis.reads <= self._records.tables.keys() and unmade.isdisjoint(analysis.reads):
                file = self._find_file(analysis)
                row_count = sum(self._records.tables[read].row_count for read in analysis.reads)
                is_known = file.exists() or self._process.has_request(file)
                if not is_known and row_count <= COPIED_ROWS and self._may_have_changed(name, analysis):
                    self._process.request_analysis(self._engine, analysis, file)

    def attach_analysis(self, analysis: Analysis) -> None:
        """Attach the rows of an analysis; compute them unless an earlier build stored them in a file."""
        file = self._find_file(analysis)
        if self._process.has_request(file):
            self._process.finish_analysis(file)
        elif not file.exists():
            write_analysis(self._engine, analysis, self._catalog.models, file)
        others = (other for other in file.parent.glob("*.parquet") if other != file)
        for earlier in sorted(others, key=lambda other: other.stat().st_mtime_ns, reverse=True)[publication.KEPT :]:
            earlier.unlink()
        self._engine.attach_analysis(analysis.name, file)

    def end_process(self) -> None:
        """End the other process, which starts again with the next request."""
        self._process.end_process()

    @cached_property
    def _separable(self) -> list[tuple[str, Analysis]]:
        """List the analyses that the other process can compute, each with a model that reads it."""
        every = [(name, analysis) for name in self._catalog.models for analysis in self._catalog.list_analyses(name)]
        return [(name, analysis) for name, analysis in every if analysis.is_separable]

    @cached_property
    def _needed(self) -> set[str]:
        """Find the tables that these analyses read, and those from which these tables are made."""
        read = {name for _, analysis in self._separable for name in analysis.reads & self._catalog.models.keys()}
        return read.union(*(find_upstream(self._catalog.models, name) for name in read))

    def _is_waiting(self, name: str) -> bool:
        """Return whether a model reads an analysis that the other process has not finished."""
        files = [self._find_file(analysis) for model, analysis in self._separable if model == name]
        return any(self._process.has_request(file) and not file.exists() for file in files)

    def _may_have_changed(self, name: str, analysis: Analysis) -> bool:
        """Return whether an analysis or its tables changed since a model's table was made from them."""
        known = self._records.tables.get(name)
        now = {read: self._hash_content(read) for read in analysis.reads}
        now[f"analysis.{analysis.name}"] = analysis.fingerprint
        return known is None or any(known.inputs.get(read) != content for read, content in now.items())

    def _find_file(self, analysis: Analysis) -> Path:
        """Return the Parquet file of an analysis of the current tables, which need not exist."""
        given = [(name, self._hash_content(name)) for name in sorted(analysis.reads)]
        stem = hash_text(repr((analysis.fingerprint, given)))[:16]
        return self._catalog.project.analyses / analysis.name / f"{stem}.parquet"


def hash_text(text: str) -> str:
    """Hash a text with SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()
