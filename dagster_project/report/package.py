"""The published tables as a Data Package: Parquet and CSV with descriptions, as far as the terms allow.

Here: which rows may be passed on, writing them, and `datapackage.json` (Data Package v2). Not here: what terms say,
which `terms.yml` does by their names, and the words about tables and columns, which are those of the published file.

A row is passed on if every snapshot that it names may be. A table that does not name those of its figures, and is made
of a dataset that may not be passed on, stays out whole.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project import publication
from dagster_project.database import literal, records
from dagster_project.errors import BilateralError
from dagster_project.files import load_yaml, temporary
from dagster_project.history import WORDS
from dagster_project.models import upstream
from dagster_project.project import Project
from dagster_project.snapshots import sha256
from dagster_project.sources import datasets, source

if TYPE_CHECKING:
    import duckdb

    from dagster_project.models import Model

TERMS = Path(__file__).with_name("terms.yml")
FILE, NAME = "datapackage.json", "bilateral"
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
# What says where figures come from belongs to all of them, and holds none itself.
BESIDE = "meta.figure_sources"
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
    resources: Sequence[Mapping[str, Any]]
    left_out: Sequence[Mapping[str, Any]]


@cache
def terms() -> dict[str, Terms]:
    """What each of the terms says, by name."""
    known = load_yaml(TERMS.read_text(encoding="utf-8"))
    return {one["name"]: Terms(**{key: value for key, value in one.items() if key != "name"}) for one in known}


def write(project: Project, models: Mapping[str, Model], folder: Path) -> Exported:
    """Writes the package of the published file.

    Args:
        project: Whose published file.
        models: The models that its tables are made by.
        folder: Where to; it is empty, not there yet, or holds an earlier package, which is replaced.

    Raises:
        BilateralError: Something else is in the folder.
    """
    import duckdb

    folder = folder.resolve()
    if folder.exists() and not _is_ours(folder):
        raise BilateralError(f"{folder} holds something else than a package.", remedy="Name an empty or a new folder.")
    with publication.reading(project):
        pass
    # Apart from other readers in this process, since this connection writes files.
    connection = duckdb.connect()
    try:
        connection.execute(f"attach {literal(project.published_file)} as published (read_only)")
        connection.execute("use published")
        with temporary(folder.with_name(f".{folder.name}.passing")) as half:
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir(parents=True)
            package = _Package(connection, models, half)
            content = package.write()
            (half / FILE).write_text(
                json.dumps(content, indent=2, ensure_ascii=False, default=str) + "\n", encoding="utf-8"
            )
            (half / "README.md").write_text(_readme(content), encoding="utf-8")
            shutil.rmtree(folder, ignore_errors=True)
            half.replace(folder)
    finally:
        connection.close()
    return Exported(folder, content["resources"], content["left_out"])


def _is_ours(folder: Path) -> bool:
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
    """A package on its way into a folder."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, models: Mapping[str, Model], folder: Path) -> None:
        self.connection = connection
        self.models = models
        self.folder = folder
        self.snapshots = {row["snapshot_id"]: row for row in self._rows("from meta.snapshots order by snapshot_id")}
        self.withheld = {name: row for name, row in self.snapshots.items() if not _of(row["licence_name"]).is_passed_on}
        self.left_out: dict[str, dict[str, int]] = {}

    def write(self) -> dict[str, Any]:
        """Writes every table; what describes them."""
        made = self._rows("from meta.publication")[0]
        whole: list[dict[str, Any]] = []
        resources = [resource for name in self._tables() if (resource := self._resource(name, whole)) is not None]
        used = sorted({name for resource in resources for name in resource.pop("snapshots")})
        return {
            "$schema": PROFILE,
            "name": NAME,
            "id": made["publication_id"],
            "title": "Bilateral: trade between economies, from official figures",
            "description": "Tables of the published warehouse, those rows that the publishers' terms let pass on. "
            "`left_out` says what is not here and how to fetch it.",
            "version": made["bilateral_version"],
            "created": f"{made['published_at']:%Y-%m-%dT%H:%M:%SZ}",
            "licenses": _licences(self.snapshots[name] for name in used),
            "sources": [self._source(name) for name in used],
            "resources": resources,
            "left_out": [*self._datasets_left_out(), *whole],
        }

    def _tables(self) -> list[str]:
        found = self.connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where schema_name in ('core', 'marts') "
            "and database_name = current_database() order by schema_name, table_name"
        ).fetchall()
        return [name for (name,) in found] + [BESIDE]

    def _resource(self, table: str, whole: list[dict[str, Any]]) -> dict[str, Any] | None:
        columns = self._rows(
            "select column_name, data_type, unit, meaning, is_key from meta.columns "
            "where schema_name || '.' || table_name = $table order by position",
            table=table,
        )
        named = [column for column in columns if "snapshot_id" in column["column_name"]]
        if self._is_worked_out(table) and all(column["data_type"] != "VARCHAR[]" for column in named):
            # It says in which snapshot an event stands, and not in which the figures do that it is worked out of.
            named = []
        has_figures = any(column["unit"] not in WORDS for column in columns)
        if not named and has_figures and (through := self._made_of_withheld(table)):
            whole.append(
                {
                    "table": table,
                    "why": "The rows do not name the snapshots of their figures, which rest in part on "
                    f"{', '.join(through)}: those may not be passed on.",
                    "how": f'`bilateral build`, then `bilateral query "from {table}"`.',
                }
            )
            return None
        if table == BESIDE:
            named = []
        where = f"where not ({_names_one_of(named, self.withheld)})" if named else ""
        keys = [column["column_name"] for column in columns if column["is_key"]]
        rows = f"from {table} {where} order by {', '.join(keys)}"
        stem = table.replace(".", "/")
        (self.folder / "data" / stem).parent.mkdir(parents=True, exist_ok=True)
        parquet, csv = (self.folder / "data" / f"{stem}.{ending}" for ending in ("parquet", "csv"))
        self.connection.execute(f"copy ({rows}) to {literal(parquet)} (format parquet, compression zstd)")
        plain = ", ".join(
            f"to_json({c['column_name']}) as {c['column_name']}" if c["data_type"] == "VARCHAR[]" else c["column_name"]
            for c in columns
        )
        self.connection.execute(f"copy (select {plain} {rows}) to {literal(csv)} (format csv, header)")
        (count,) = self.connection.execute(f"select count(*) from ({rows})").fetchone() or (0,)
        (comment,) = self.connection.execute(
            "select comment from duckdb_tables() where schema_name || '.' || table_name = $table",
            {"table": table},
        ).fetchone() or (None,)
        snapshots = self._snapshots_in(rows, named)
        self._count_left_out(table, named)
        return {
            "name": table.replace(".", "-").replace("_", "-"),
            "type": "table",
            "title": table,
            "description": comment,
            "path": csv.relative_to(self.folder).as_posix(),
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "bytes": csv.stat().st_size,
            "hash": f"sha256:{sha256(csv)}",
            "rows": count,
            "parquet": {
                "path": parquet.relative_to(self.folder).as_posix(),
                "bytes": parquet.stat().st_size,
                "hash": f"sha256:{sha256(parquet)}",
            },
            "schema": {
                "fieldsMatch": "exact",
                "fields": [_field(column) for column in columns],
                "primaryKey": keys,
                "missingValues": [""],
            },
            **(
                {
                    "licenses": _licences(self.snapshots[name] for name in snapshots),
                    "sources": [{"title": self.snapshots[name]["title"], "name": name} for name in snapshots],
                }
                if snapshots
                else {}
            ),
            "checks": self._checks(table),
            "snapshots": snapshots,
        }

    def _is_worked_out(self, table: str) -> bool:
        return table in self.models and any(one.startswith("analysis.") for one in self.models[table].depends_on)

    def _made_of_withheld(self, table: str) -> list[str]:
        """The datasets under a table that may not be passed on."""
        below = upstream(self.models, table) if table in self.models else ()
        withheld = {f"{row['source']}/{row['dataset']}" for row in self.withheld.values()}
        return [offered.path for offered in datasets() if f"raw.{offered.table}" in below and offered.path in withheld]

    def _snapshots_in(self, rows: str, named: Sequence[Mapping[str, Any]]) -> list[str]:
        if not named:
            return []
        text = f"select distinct unnest({_named_in(named)}) from (select * {rows})"
        return sorted({name for (name,) in self.connection.execute(text).fetchall()} & self.snapshots.keys())

    def _count_left_out(self, table: str, named: Sequence[Mapping[str, Any]]) -> None:
        """Counts for each dataset the rows that stay out because of it."""
        of: dict[str, list[str]] = {}
        for snapshot, row in self.withheld.items() if named else ():
            of.setdefault(f"{row['source']}/{row['dataset']}", []).append(snapshot)
        for path, snapshots in of.items():
            ((count,),) = self.connection.execute(
                f"select count(*) from {table} where {_names_one_of(named, snapshots)}"
            ).fetchall()
            if count:
                self.left_out.setdefault(path, {})[table] = count

    def _datasets_left_out(self) -> Iterator[dict[str, Any]]:
        seen = set()
        for row in self.withheld.values():
            path = f"{row['source']}/{row['dataset']}"
            if path in seen:
                continue
            seen.add(path)
            offered = source(row["source"])
            how = f"{row['url']}; the copy that was read here: {row['obtained']}."
            if offered.api is not None:
                key = f" with {offered.key_variable}" if offered.api.key is not None else ""
                how = f"`bilateral refresh {offered.code}`{key}, or {how}"
            yield {
                "dataset": path,
                "title": row["title"],
                "licence": {"title": row["licence_name"], "path": row["licence_url"]},
                "why": _of(row["licence_name"]).why,
                **({"read": read} if (read := _of(row["licence_name"]).read) else {}),
                "how": how,
                "rows": dict(sorted(self.left_out.get(path, {}).items())),
            }

    def _checks(self, table: str) -> dict[str, Any]:
        found = self._rows(
            "select check_name, severity, status, notes from meta.checks where table_name = $table order by check_name",
            table=table,
        )
        return {
            "held": sum(row["status"] == "passed" for row in found),
            "failed": [
                {name: row[name] for name in ("check_name", "severity", "notes")}
                for row in found
                if row["status"] != "passed"
            ],
        }

    def _source(self, name: str) -> dict[str, Any]:
        row = self.snapshots[name]
        return {
            "title": row["title"],
            "path": row["url"],
            "version": str(row["edition"] or row["known_from"]),
            "name": name,
            "known_from": row["known_from"],
            "hash": f"sha256:{row['sha256']}",
            "citation": row["citation"],
            "licence": row["licence_name"],
            "obtained": row["obtained"],
        }

    def _rows(self, sql: str, **given: Any) -> list[dict[str, Any]]:
        return records(self.connection, sql, given or None)


def _named_in(columns: Sequence[Mapping[str, Any]]) -> str:
    """The snapshots that a row names in some columns, as one list."""
    lists = (f"{c['column_name']}" if c["data_type"] == "VARCHAR[]" else f"[{c['column_name']}]" for c in columns)
    return f"flatten([{', '.join(lists)}])"


def _names_one_of(columns: Sequence[Mapping[str, Any]], snapshots: Iterable[str]) -> str:
    """What holds for rows that name one of some snapshots in one of some columns."""
    listed = ", ".join(f"'{snapshot}'" for snapshot in sorted(snapshots))
    return f"list_has_any({_named_in(columns)}, [{listed}]::varchar[])"


def _of(licence: str) -> Terms:
    return terms().get(licence, Terms(is_passed_on=False))


def _licences(rows: Iterator[Mapping[str, Any]]) -> list[dict[str, str]]:
    found = {row["licence_name"]: row["licence_url"] for row in rows}
    return [
        {"title": name, "path": address} | ({"name": code} if (code := _of(name).code) else {})
        for name, address in sorted(found.items())
    ]


def _field(column: Mapping[str, Any]) -> dict[str, Any]:
    kind = TYPES.get(column["data_type"], "any")
    return {
        "name": column["column_name"],
        "type": kind,
        "description": column["meaning"],
        "unit": column["unit"],
        **({"constraints": {"required": True}} if column["is_key"] else {}),
    }


def _readme(content: Mapping[str, Any]) -> str:
    about = (
        f"Publication {content['id']}. `{FILE}` describes every table and column; each table is there as CSV and as "
        "Parquet. `meta.figure_sources` says of each snapshot who published it and on what terms."
    )
    lines = [f"# {content['title']}", "", about, "", "## Not here", ""]
    groups: dict[tuple[str, str], list[str]] = {}
    for one in content["left_out"]:
        name = one.get("dataset") or one["table"]
        groups.setdefault((one["why"], one["how"].replace(name, "TABLE")), []).append(f"`{name}`")
    lines += [
        f"* {', '.join(names)}: {why} How to fetch {'it' if len(names) == 1 else 'them'}: "
        f"{how.replace('TABLE', names[0].strip('`')) if len(names) == 1 else how}"
        for (why, how), names in groups.items()
    ] or ["Nothing: all terms let the figures pass on."]
    lines += ["", "## Terms", ""]
    lines += [f"* [{one['title']}]({one['path']})" for one in content["licenses"]]
    return "\n".join(lines) + "\n"
