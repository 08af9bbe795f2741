"""Make a warehouse as after a refresh: a publisher's rows go through the models that read them.

Here: adding rows to the stored figures, and running in memory the models between them and the questions. Not here: the
rows (`test_after_refresh`), fetching them (`tests/refresh`), and models that they do not affect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from graphlib import TopologicalSorter

from dagster_project import questions
from dagster_project.catalog import Catalog
from dagster_project.project import Project
from dagster_project.questions import Answer, Question, gaps
from dagster_project.reference.rows import COLUMNS, Rows
from dagster_project.sources import find_dataset
from tests.sql.bench import Bench, Engine

# The day on which the test's answers were fetched, after all that is committed.
FETCHED = date(2027, 9, 1)


class Refreshed:
    """A warehouse of a few economies, with rows that a refresh fetched.

    Args:
        built: The warehouse built from the committed snapshots.
        economies: The economies whose figures are kept; without others the models run fast.
        received: The fetched rows of each dataset, by its path; columns that are left out are null.
        asked: The questions that will be asked.
    """

    def __init__(
        self,
        built: Project,
        economies: Sequence[str],
        received: Mapping[str, Iterable[Mapping[str, object]]],
        asked: Sequence[Question],
    ) -> None:
        self.bench = Bench(Engine())
        self.known = Catalog(built).models
        self.economies = [*economies, "WLD"]
        self.questions = {question.name: question for question in asked}
        connection = self.bench.engine.connection
        connection.execute(f"attach '{built.warehouse / 'bilateral.duckdb'}' as held (read_only)")
        self._reference(built, received)
        for path, rows in received.items():
            self._receive(path, rows)
        reached = self._reached({find_dataset(path).table for path in received})
        beside = {"core.economies", "meta.snapshots", "meta.figure_sources", "meta.quarantine", *gaps.TABLES}
        wanted = {table for question in asked for table in question.reads} | beside
        for name in self._order(wanted, reached):
            if name in reached:
                self.bench.run(name)
                self._keep(name)
            elif name in self.known:
                self._view(name)

    def ask(self, name: str, **given: str | int) -> Answer:
        """Answer a question."""
        return questions.ask_question(self.bench.engine.connection, self.questions[name], given)

    def _reference(self, built: Project, received: Mapping[str, object]) -> None:
        for table in Catalog(built).reference_tables():
            if table.name == "snapshots":
                table = Rows(table.name, table.columns, [*table.rows, *(self._snapshot(path) for path in received)])
            self.bench.engine.write_rows(f"reference.{table.name}", table)
            self.bench.tables.add(f"reference.{table.name}")

    def _snapshot(self, path: str) -> list[object]:
        source, _, name = path.partition("/")
        known = {
            "snapshot_id": f"{path}/fetched",
            "source": source,
            "dataset": name,
            "retrieved_at": f"{FETCHED} 00:00:00",
            "known_from": str(FETCHED),
            "edition": "2025-12" if source == "oecd_wto" else None,
        }
        return [known.get(column) for column in COLUMNS["snapshots"]]

    def _receive(self, path: str, rows: Iterable[Mapping[str, object]]) -> None:
        """Make the raw table of a dataset."""
        names = [column.name for column in find_dataset(path).columns]
        table = Rows(
            find_dataset(path).table,
            dict.fromkeys([*names, "snapshot_id"], "varchar") | {"row_number": "bigint"},
            [
                [*(None if row.get(name) is None else str(row[name]) for name in names), f"{path}/fetched", number]
                for number, row in enumerate(rows, 1)
            ],
        )
        self.bench.engine.write_rows(f"raw.{table.name}", table)
        self.bench.tables.add(f"raw.{table.name}")

    def _reached(self, raw: set[str]) -> set[str]:
        """List the models that the new rows affect; macros, which are no tables, are always defined again."""
        reached = {f"raw.{table}" for table in raw}
        for name, model in self.known.items():
            if model.depends_on & reached:
                reached.add(name)
        macros = {name for name, model in self.known.items() if model.is_macro}
        return {name for name in reached if name in self.known} | macros | {"meta.snapshots", "meta.figure_sources"}

    def _order(self, wanted: set[str], reached: set[str]) -> list[str]:
        """Sort the tables that the questions need, each after those that it reads."""
        needs: dict[str, frozenset[str]] = {}
        left = set(wanted)
        while left:
            name = left.pop()
            needs[name] = self.known[name].depends_on if name in reached else frozenset()
            left |= {need for need in needs[name] if need in self.known and need not in needs}
        return list(TopologicalSorter(needs).static_order())

    def _view(self, name: str) -> None:
        """Create a view of a stored table."""
        self.bench.engine.connection.execute(f"create view {name} as select * from held.{name} {self._of(name)}")
        self.bench.tables.add(name)

    def _keep(self, name: str) -> None:
        """Add the stored rows of a staging table to its new ones."""
        if name.startswith("staging."):
            self.bench.engine.connection.execute(
                f"insert into {name} by name select * from held.{name} {self._of(name)}"
            )

    def _of(self, name: str) -> str:
        if not {"reporter_code", "partner_code"} <= {column.name for column in self.known[name].columns}:
            return ""
        listed = ", ".join(f"'{economy}'" for economy in self.economies)
        return f"where reporter_code in ({listed}) and partner_code in ({listed})"
