"""The tables in `meta` that describe a build itself: what it holds, how it was audited, when it was published.

Here: their columns and documentation. Not here: the rows, and the tables of `meta` that are models like any other
(`sql/meta`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dagster_project.models import ColumnDoc
from dagster_project.reference.rows import Rows


@dataclass(frozen=True)
class MetaTable:
    """A table of `meta` that Python writes: for each column its type, its unit and its meaning."""

    name: str
    what: str
    columns: Mapping[str, tuple[str, str, str]]
    grain: tuple[str, ...]
    example: str

    @property
    def types(self) -> dict[str, str]:
        return {name: kind for name, (kind, _, _) in self.columns.items()}

    @property
    def docs(self) -> tuple[ColumnDoc, ...]:
        return tuple(ColumnDoc(name, unit, meaning) for name, (_, unit, meaning) in self.columns.items())

    def rows(self, rows: Iterable[Iterable[object]]) -> Rows:
        return Rows(self.name, self.types, [list(row) for row in rows])


TABLE_HASHES = MetaTable(
    "table_hashes",
    "What each table holds, as hashes: two builds of the same snapshots by the same code have the same ones.",
    {
        "table_name": ("varchar", "text", "The table or table macro, with its schema."),
        "row_count": ("bigint", "count", "Its rows; 0 for a macro."),
        "content_hash": ("varchar", "code", "A hash of its rows that does not depend on their order."),
        "input_hash": ("varchar", "code", "A hash of its SQL and of everything it was made from."),
    },
    grain=("table_name",),
    example="select table_name, row_count, content_hash from meta.table_hashes order by row_count desc limit 10",
)

CHECKS = MetaTable(
    "checks",
    "Every expectation that this publication was audited by, and what came of it.",
    {
        "table_name": ("varchar", "text", "The table that was audited, with its schema."),
        "check_name": ("varchar", "text", "The expectation's name, unique for the table."),
        "expectation_type": ("varchar", "text", "The kind of expectation, in the words of Great Expectations."),
        "severity": ("varchar", "text", "critical stops a publication; warning is reported."),
        "status": ("varchar", "code", "passed, failed, or crashed if the rule itself could not run, which stops too."),
        "observed_value": ("varchar", "own unit", "What was observed, where the expectation observes a value."),
        "unexpected_count": ("bigint", "count", "Rows that break the expectation."),
        "sample": ("varchar", "text", "Up to ten of those rows, as JSON."),
        "notes": ("varchar", "text", "Why the expectation must hold."),
        "known_cause": ("varchar", "text", "Of a known irregularity, why these rows break it; else empty."),
        "audit_hash": ("varchar", "code", "A hash of the expectation and of what the tables held that it looked at."),
    },
    grain=("table_name", "check_name"),
    example="select table_name, check_name, severity, notes from meta.checks where status != 'passed'",
)

COLUMNS = MetaTable(
    "columns",
    "The data dictionary: every column of every table and view, with its type, its unit and its meaning.",
    {
        "schema_name": ("varchar", "text", "The schema."),
        "table_name": ("varchar", "text", "The table, the view or the table macro, without its schema."),
        "column_name": ("varchar", "text", "The column."),
        "position": ("integer", "count", "Its place in the table, from 1."),
        "data_type": ("varchar", "text", "Its DuckDB type; null for a macro's."),
        "unit": ("varchar", "text", "The unit of its values, or what kind of value it holds."),
        "meaning": ("varchar", "text", "What it says."),
        "is_key": ("boolean", "true/false", "It is one of the columns that make a row unique."),
    },
    grain=("schema_name", "table_name", "column_name"),
    example="select schema_name, table_name, column_name, meaning from meta.columns where meaning ilike '%surplus%'",
)

PUBLICATION = MetaTable(
    "publication",
    "This publication: one row.",
    {
        "publication_id": ("varchar", "code", "The publication: the time it was made and the start of content_hash."),
        "published_at": ("timestamp", "time", "When the build was published, in UTC."),
        "content_hash": ("varchar", "code", "One hash of every table in staging, core and marts, and of every view."),
        "bilateral_version": ("varchar", "text", "The version of Bilateral that built it."),
        "duckdb_version": ("varchar", "text", "The version of DuckDB that wrote it; hashes compare within a version."),
        "table_count": ("bigint", "count", "Tables in staging, core and marts."),
        "check_count": ("bigint", "count", "Expectations that were checked."),
        "warning_count": ("bigint", "count", "Expectations of severity warning that failed."),
        "quarantined_row_count": ("bigint", "count", "Rows of the snapshots that were set aside."),
    },
    grain=("publication_id",),
    example="select publication_id, table_count, check_count, warning_count from meta.publication",
)

INPUTS = MetaTable(
    "inputs",
    "What each table was made from, as hashes: which of them differ tells why a table is another.",
    {
        "table_name": ("varchar", "text", "The table or table macro, with its schema."),
        "input_name": ("varchar", "text", "What it reads, with its schema; sql is its own code, and the engine's."),
        "input_hash": ("varchar", "code", "A hash of that."),
    },
    grain=("table_name", "input_name"),
    example="select input_name, input_hash from meta.inputs where table_name = 'marts.trade_balance_annual'",
)

CHANGES = MetaTable(
    "changes",
    "What figures, verdicts and results of rules differ from the last publication of other contents. No rows: none.",
    {
        "compared_with": ("varchar", "code", "The publication before; null if there is none to compare with."),
        "table_name": ("varchar", "text", "The table, with its schema; meta.checks for rules."),
        "key": ("varchar", "text", "The row: the columns of the table's key, as JSON."),
        "column_name": ("varchar", "text", "The column; null if the table was not compared."),
        "unit": ("varchar", "text", "The unit of the column."),
        "change": (
            "varchar",
            "code",
            "added, revised, withdrawn; not_compared for a table that was not; not_listed for the least over 100,000.",
        ),
        "previous_value": ("double", "own unit", "The figure in the publication before."),
        "value": ("double", "own unit", "The figure now; with not_listed how many changes are not listed."),
        "difference": ("double", "own unit", "value less previous_value."),
        "difference_pct": ("double", "percent", "The difference in per cent of the previous value's amount."),
        "previous_text": ("varchar", "text", "The verdict or the result before."),
        "value_text": ("varchar", "text", "The verdict or the result now."),
        "is_flip": ("boolean", "true/false", "The figure changed its sign, or the verdict or result is another."),
        "cause": (
            "varchar",
            "code",
            "publisher, correction, person (figures set aside), precedence (of sources), code, reference, unknown.",
        ),
        "reason": (
            "varchar",
            "text",
            "The snapshots, corrections, decisions, tables or files that are behind it; or why nothing was compared.",
        ),
    },
    grain=("table_name", "key", "column_name"),
    example="select table_name, key, column_name, previous_value, value, cause from meta.changes where is_flip",
)

FRESHNESS = MetaTable(
    "freshness",
    "How far the figures of each dataset reach, and when its publisher releases the next: hold today against due_on "
    "and late_from. Where is_live is false they are copies that nobody refreshes, and nothing is late.",
    {
        "source": ("varchar", "code", "The source's short name."),
        "dataset": ("varchar", "code", "The source's dataset."),
        "frequency": ("varchar", "code", "A annual, M monthly."),
        "reporter_code": ("varchar", "code", "The economy whose statistics these are; null if the dataset names none."),
        "newest_period": ("varchar", "text", "The last year or month with a figure."),
        "next_period": ("varchar", "text", "The one after it."),
        "due_on": ("date", "date", "The day by which the publisher releases it; null if it keeps no known calendar."),
        "late_from": ("date", "date", "The day from which that is late."),
        "is_live": ("boolean", "true/false", "A refresh can bring it; other figures came by hand."),
    },
    grain=("source", "dataset", "frequency", "reporter_code"),
    example="select source, dataset, newest_period, due_on, current_date >= late_from as is_late\n"
    "from meta.freshness where is_live",
)

WRITTEN = (TABLE_HASHES, CHECKS, COLUMNS, PUBLICATION, INPUTS, CHANGES, FRESHNESS)
