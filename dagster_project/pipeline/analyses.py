"""Compute the analyses that the tables of a build are made from.

Here: when an analysis is computed, and by which process. Not here: computing its rows (`analysis`), and the other
process (`engines.analysis_process`).

An analysis takes seconds, and its code is Python, which runs only one thread at a time. So another process computes it,
as early as possible, while the build makes and audits tables that do not need it. An analysis that reads many rows is
left to the process of the build, because copying these rows would take too long.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from pathlib import Path

from dagster_project import publication
from dagster_project.analysis import Analysis
from dagster_project.catalog import Catalog
from dagster_project.engines.analysis_process import AnalysisProcess, write_analysis
from dagster_project.engines.duckdb import FEW_ROWS, DuckDB
from dagster_project.models import find_upstream
from dagster_project.pipeline.records import Records


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
        # The files that the process was asked for, by the name of the analysis.
        self._requested: dict[str, Path] = {}

    def choose_next(self, unmade: Sequence[str]) -> str:
        """Choose a table to make now: first one that leads to an analysis, last one that waits for an analysis."""
        left = set(unmade)
        ready = [name for name in unmade if left.isdisjoint(self._catalog.models[name].depends_on)]
        return min(ready, key=lambda name: (self._is_waiting(name), name not in self._needed))

    def start_analyses(self, unmade: Collection[str]) -> None:
        """Ask the other process for each analysis that a table of `unmade` needs, if the tables it reads are made."""
        for name in unmade:
            for analysis in self._catalog.list_analyses(name):
                if not analysis.is_separable or not analysis.reads.isdisjoint(unmade):
                    continue
                file = self._find_file(analysis)
                is_known = file.exists() or file == self._requested.get(analysis.name)
                row_count = sum(self._records.tables[read].row_count for read in analysis.reads)
                if not is_known and row_count <= FEW_ROWS and self._may_have_changed(name, analysis):
                    self._process.start_analysis(self._engine, analysis, file)
                    self._requested[analysis.name] = file

    def attach_analysis(self, analysis: Analysis) -> None:
        """Attach the rows of an analysis; compute them unless an earlier build stored them in a file."""
        file = self._find_file(analysis)
        if not file.exists():
            if file == self._requested.get(analysis.name):
                self._process.finish_analysis(file)
            else:
                write_analysis(self._engine, analysis, self._catalog.models, file)
            stored = sorted(file.parent.glob("*.parquet"), key=lambda one: one.stat().st_mtime_ns, reverse=True)
            for earlier in stored[publication.KEPT + 1 :]:
                earlier.unlink()
        self._engine.attach_analysis(analysis.name, file)

    def close(self) -> None:
        """End the other process."""
        self._process.close()

    @cached_property
    def _needed(self) -> set[str]:
        """The tables that an analysis of the other process reads, and those from which these tables are made."""
        models, analyses = self._catalog.models, self._catalog.analyses.values()
        read = {name for analysis in analyses if analysis.is_separable for name in analysis.reads & models.keys()}
        return read.union(*(find_upstream(models, name) for name in read))

    def _is_waiting(self, name: str) -> bool:
        """Return whether a model reads an analysis that the other process is still computing."""
        files = [self._requested.get(analysis.name) for analysis in self._catalog.list_analyses(name)]
        return any(file is not None and not file.exists() for file in files)

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
