"""The published tables as a Data Package: Parquet and CSV with descriptions, as far as the terms allow.

Here: choosing the rows that may be passed on, writing them, and `datapackage.json` (Data Package v2). Not here: what
terms say, which `terms.yml` does by their names, and the words about tables and columns, which the published file has.

A row is passed on if every snapshot that it names may be. A table that does not name those of its figures, and is made
of a dataset that may not be passed on, stays out whole.
"""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project import publication
from dagster_project.database import fetch_records, quote_literal
from dagster_project.errors import BilateralError
from dagster_project.files import load_yaml, remove_at_end
from dagster_project.history import WORDS
from dagster_project.models import upstream
from dagster_project.project import Project
from dagster_project.publication.html import render_page
from dagster_project.snapshots import hash_file
from dagster_project.sources import find_source, list_datasets

if TYPE_CHECKING:
    import duckdb

    from dagster_project.models import Model

Row = Mapping[str, Any]

TERMS = Path(__file__).with_name("terms.yml")
README = Path(__file__).parent / "pages" / "package.md.j2"
FILE, NAME = "datapackage.json", "bilateral"
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
# What says where figures come from belongs to all of them, and holds none itself.
BESIDE = "meta.figure_sources"
SOURCES = """
    select title, url as path, coalesce(nullif(edition, ''), cast(known_from as varchar)) as version,
        snapshot_id as name, known_from, 'sha256:' || sha256 as hash, citation, licence_name as licence, obtained
    from meta.snapshots
    where list_contains($used, snapshot_id)
    order by snapshot_id
"""
TYPES = {
    "VARCHAR": "string",
    "DOUBLE": "number",
    "INTEGER": "integer",
    "BIGINT": "integer",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "VARCHAR[]": "array",
}


@dataclass(frozen=True)
class Terms:
    """What terms say about passing figures on.

    Args:
        is_passed_on: Whether it may be done.
        why: The reason if not.
        code: A code of the terms, if they have one.
        read: The page that says so, where it is not that of the terms.
    """

    is_passed_on: bool
    why: str = "Its terms are not among those that are known to allow it."
    code: str | None = None
    read: str | None = None


@dataclass(frozen=True)
class Exported:
    """The result of an export: the tables with their rows, and what stayed out, as `datapackage.json` has both."""

    folder: Path
    resources: Sequence[Row]
    left_out: Sequence[Row]


@cache
def load_terms() -> dict[str, Terms]:
    """Read what each of the terms says, by name."""
    known = load_yaml(TERMS.read_text(encoding="utf-8"))
    return {one.pop("name"): Terms(**one) for one in known}


def write_package(project: Project, models: Mapping[str, Model], folder: Path) -> Exported:
    """Write the package of the published file.

    Args:
        project: Whose published file.
        models: The models that its tables are made by.
        folder: Where to; it is empty, does not exist, or holds an earlier package, which is replaced.

    Raises:
        BilateralError: Something else is in the folder.
    """
    import duckdb

    folder = folder.resolve()
    if folder.exists() and not _is_replaceable(folder):
        raise BilateralError(f"{folder} holds something else than a package.", remedy="Name an empty or a new folder.")
    with publication.open_published(project):
        pass
    # Apart from other readers in this process, since this connection writes files.
    with duckdb.connect() as connection, remove_at_end(folder.with_name(f".{folder.name}.passing")) as half:
        connection.execute(f"attach {quote_literal(project.published_file)} as published (read_only)")
        connection.execute("use published")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        content = _Package(connection, models, half).write_tables()
        described = json.dumps(content, indent=2, ensure_ascii=False, default=str)
        (half / FILE).write_text(f"{described}\n", encoding="utf-8")
        (half / "README.md").write_text(_render_readme(content), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        half.replace(folder)
    return Exported(folder, content["resources"], content["left_out"])


def _is_replaceable(folder: Path) -> bool:
    """Return whether a folder is empty or holds a package."""
    if not folder.is_dir():
        return False
    if not any(folder.iterdir()):
        return True
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("name") == NAME


class _Package:
    """A package on its way into a folder.

    Args:
        connection: The published file.
        models: The models that its tables are made by.
        folder: Where to.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, models: Mapping[str, Model], folder: Path) -> None:
        self.connection = connection
        self.models = models
        self.folder = folder
        self.snapshots = {
            row["snapshot_id"]: row for row in self._query_rows("from meta.snapshots order by snapshot_id")
        }
        # The snapshots that may not be passed on, and how many rows stay out because of them, by dataset.
        self.withheld: dict[str, list[Row]] = defaultdict(list)
        self.rows_left_out: dict[str, dict[str, int]] = defaultdict(dict)
        for row in self.snapshots.values():
            if not _find_terms(row["licence_name"]).is_passed_on:
                self.withheld[f"{row['source']}/{row['dataset']}"].append(row)
        self.tables_left_out: list[Row] = []

    def write_tables(self) -> dict[str, Any]:
        """Write every table, and return what describes them."""
        tables = self._query_rows(
            "select schema_name || '.' || table_name as name, comment from duckdb_tables() "
            f"where database_name = current_database() and (schema_name in ('core', 'marts') or name = '{BESIDE}') "
            f"order by name = '{BESIDE}', schema_name, table_name"
        )
        resources = [found for table in tables if (found := self._write_table(table["name"], table["comment"]))]
        used = sorted({one["name"] for resource in resources for one in resource.get("sources", ())})
        (made,) = self._query_rows("from meta.publication")
        return {
            "$schema": PROFILE,
            "name": NAME,
            "id": made["publication_id"],
            "title": "Bilateral: trade between economies, from official figures",
            "description": "Tables of the published warehouse, those rows that the publishers' terms let pass on. "
            "`left_out` says what is not here and how to fetch it.",
            "version": made["bilateral_version"],
            "created": f"{made['published_at']:%Y-%m-%dT%H:%M:%SZ}",
            "licenses": self._describe_licences(used),
            "sources": self._query_rows(SOURCES, used=used),
            "resources": resources,
            "left_out": [*(self._describe_left_out(path) for path in self.withheld), *self.tables_left_out],
        }

    def _write_table(self, table: str, comment: str) -> dict[str, Any] | None:
        """Write a table in both forms, and return the resource that describes it; None if it stays out whole."""
        columns = self._query_rows(
            "select column_name, data_type, unit, meaning, is_key from meta.columns "
            "where schema_name || '.' || table_name = $table order by position",
            table=table,
        )
        named = self._list_snapshot_columns(table, columns)
        has_figures = any(column["unit"] not in WORDS for column in columns)
        if table != BESIDE and not named and has_figures and (through := self._find_withheld_under(table)):
            why = f"The rows do not name the snapshots of their figures, which rest in part on {', '.join(through)}: "
            how = f'`bilateral build`, then `bilateral query "from {table}"`.'
            self.tables_left_out.append({"table": table, "why": f"{why}those may not be passed on.", "how": how})
            return None
        for path, snapshots in self.withheld.items() if named else ():
            ((count,),) = self._fetch_rows(f"select count(*) from {table} where {_match_snapshots(named, snapshots)}")
            if count:
                self.rows_left_out[path][table] = count
        every = [row for snapshots in self.withheld.values() for row in snapshots]
        where = f"where not ({_match_snapshots(named, every)})" if named else ""
        keys = [column["column_name"] for column in columns if column["is_key"]]
        rows = f"from {table} {where} order by {', '.join(keys)}"
        plain = ", ".join(
            f"to_json({c['column_name']}) as {c['column_name']}" if c["data_type"] == "VARCHAR[]" else c["column_name"]
            for c in columns
        )
        stem = f"data/{table.replace('.', '/')}"
        (self.folder / stem).parent.mkdir(parents=True, exist_ok=True)
        parquet, csv = f"{stem}.parquet", f"{stem}.csv"
        self._fetch_rows(f"copy ({rows}) to {quote_literal(self.folder / parquet)} (format parquet, compression zstd)")
        ((count,),) = self._fetch_rows(
            f"copy (select {plain} {rows}) to {quote_literal(self.folder / csv)} (format csv, header)"
        )
        there = (
            self._fetch_rows(f"select distinct unnest({_list_snapshots(named)}) from (select * {rows})")
            if named
            else []
        )
        used = sorted({name for (name,) in there} & self.snapshots.keys())
        rests_on = {
            "licenses": self._describe_licences(used),
            "sources": [{"title": self.snapshots[name]["title"], "name": name} for name in used],
        }
        return {
            "name": table.replace(".", "-").replace("_", "-"),
            "type": "table",
            "title": table,
            "description": comment,
            "path": csv,
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            **self._measure_file(csv),
            "rows": count,
            "parquet": {"path": parquet, **self._measure_file(parquet)},
            "schema": {
                "fieldsMatch": "exact",
                "fields": [_describe_field(column) for column in columns],
                "primaryKey": keys,
                "missingValues": [""],
            },
            **(rests_on if used else {}),
            "checks": self._describe_checks(table),
        }

    def _list_snapshot_columns(self, table: str, columns: Sequence[Row]) -> list[Row]:
        """Return the columns that name the snapshots of a row's figures."""
        named = [column for column in columns if "snapshot_id" in column["column_name"]]
        estimates = table in self.models and any(one.startswith("analysis.") for one in self.models[table].depends_on)
        if estimates and all(column["data_type"] != "VARCHAR[]" for column in named):
            # An estimate names the snapshot of the event, and not those of the figures that it is worked out of.
            return []
        return [] if table == BESIDE else named

    def _find_withheld_under(self, table: str) -> list[str]:
        """Return the datasets under a table that may not be passed on."""
        below = upstream(self.models, table) if table in self.models else ()
        return [one.path for one in list_datasets() if f"raw.{one.table}" in below and one.path in self.withheld]

    def _measure_file(self, path: str) -> dict[str, Any]:
        file = self.folder / path
        return {"bytes": file.stat().st_size, "hash": f"sha256:{hash_file(file)}"}

    def _describe_checks(self, table: str) -> dict[str, Any]:
        of_table = "from meta.checks where table_name = $table and status"
        failed = f"select check_name, severity, notes {of_table} != 'passed' order by check_name"
        (held,) = self._query_rows(f"select count(*) as held {of_table} = 'passed'", table=table)
        return held | {"failed": self._query_rows(failed, table=table)}

    def _describe_licences(self, snapshots: Iterable[str]) -> list[dict[str, str]]:
        rows = [self.snapshots[name] for name in snapshots]
        found = {row["licence_name"]: row["licence_url"] for row in rows}
        return [
            {"title": name, "path": address} | ({"name": code} if (code := _find_terms(name).code) else {})
            for name, address in sorted(found.items())
        ]

    def _describe_left_out(self, path: str) -> dict[str, Any]:
        """Describe a dataset that may not be passed on, and how to fetch it."""
        row = self.withheld[path][0]
        offered, terms = find_source(row["source"]), _find_terms(row["licence_name"])
        how = f"{row['url']}; the copy that was read here: {row['obtained']}."
        if offered.api is not None:
            key = f" with {offered.key_variable}" if offered.api.key is not None else ""
            how = f"`bilateral refresh {offered.code}`{key}, or {how}"
        return {
            "dataset": path,
            "title": row["title"],
            "licence": {"title": row["licence_name"], "path": row["licence_url"]},
            "why": terms.why,
            **({"read": terms.read} if terms.read else {}),
            "how": how,
            "rows": dict(sorted(self.rows_left_out[path].items())),
        }

    def _query_rows(self, sql: str, **given: Any) -> list[dict[str, Any]]:
        return fetch_records(self.connection, sql, given or None)

    def _fetch_rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()


def _list_snapshots(columns: Sequence[Row]) -> str:
    """Return SQL for the snapshots that a row names in some columns, as one list."""
    lists = (f"{c['column_name']}" if c["data_type"] == "VARCHAR[]" else f"[{c['column_name']}]" for c in columns)
    return f"flatten([{', '.join(lists)}])"


def _match_snapshots(columns: Sequence[Row], snapshots: Iterable[Row]) -> str:
    """Return the SQL condition "row names any of these snapshots"."""
    listed = ", ".join(f"'{row['snapshot_id']}'" for row in snapshots)
    return f"list_has_any({_list_snapshots(columns)}, [{listed}]::varchar[])"


def _find_terms(licence: str) -> Terms:
    return load_terms().get(licence, Terms(is_passed_on=False))


def _describe_field(column: Row) -> dict[str, Any]:
    return {
        "name": column["column_name"],
        "type": TYPES.get(column["data_type"], "any"),
        "description": column["meaning"],
        "unit": column["unit"],
        **({"constraints": {"required": True}} if column["is_key"] else {}),
    }


def _render_readme(content: Mapping[str, Any]) -> str:
    """Render what stays out, with those that share a reason and a way to fetch them together, and the terms."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in content["left_out"]:
        name = one.get("dataset") or one["table"]
        groups[one["why"], one["how"].replace(name, "TABLE")].append(name)
    return render_page(README, content=content, groups=groups, file=FILE)
