"""Export the published tables as a Data Package: Parquet and CSV, as far as the publishers' terms allow.

Here: choosing the rows that may be redistributed, writing them, and `datapackage.json` (Data Package v2). Not here: the
terms (`terms.yml`), the descriptions of tables and columns, which are in the published file, and the site that has the
same rows in Parquet (`dagster_project.site`).

A row is exported if every snapshot that it names may be redistributed. If the rows of a table do not name snapshots,
and the table is made from a dataset that may not be redistributed, the whole table is left out.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from dagster_project import publication
from dagster_project.database import fetch_records, quote_literal
from dagster_project.errors import BilateralError
from dagster_project.files import FORMULA, NUMBER, load_yaml, read_stored_json, replace_folder
from dagster_project.history import CODE_LIST_UNITS
from dagster_project.models import Model, find_upstream
from dagster_project.project import Project
from dagster_project.publication.html import render_page
from dagster_project.snapshots import hash_file
from dagster_project.sources import find_source, list_datasets

Row = Mapping[str, Any]
Codes = tuple[str, str] | None

TERMS = Path(__file__).with_name("terms.yml")
README = Path(__file__).parent / "pages" / "package.md.j2"
FILE, NAME = "datapackage.json", "bilateral"
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
UNKNOWN_TERMS: Row = {"is_passed_on": False, "why": "Its terms are not known to allow redistribution."}
# A reader of one pair fetches its groups of rows only, so they are small and the pair comes first.
PARQUET = "parquet, parquet_version v2, compression zstd, row_group_size 2048"
PAIR_FIRST = {"reporter_code": 0, "partner_code": 1}
# Tables of all sources and vintages, which a site leaves out.
BEHIND = ("_observations", "_candidates")
# The table of sources, which is always included: it has no figures.
BESIDE = "meta.figure_sources"
# Its rows name the snapshot of the printed figure, but not those of the figure that it is compared with.
HALF_NAMED = "marts.published_figure_checks"
TABLES = f"""
    select schema_name || '.' || table_name as name, comment
    from duckdb_tables()
    where database_name = current_database() and (schema_name in ('core', 'marts') or name = '{BESIDE}')
    order by name = '{BESIDE}', schema_name, table_name
"""
COLUMNS = """
    select column_name as name, data_type, unit, meaning, is_key
    from meta.columns
    where schema_name || '.' || table_name = $table
    order by position
"""
SOURCES = """
    select title, url as path, coalesce(nullif(edition, ''), cast(known_from as varchar)) as version,
        snapshot_id as name, known_from, 'sha256:' || sha256 as hash, citation, licence_name as licence, obtained
    from meta.snapshots
    where list_contains($used, snapshot_id)
    order by snapshot_id
"""
# How lists and texts stand in CSV; a text that a spreadsheet would run gets an apostrophe (`files.guard_formula`).
_FORMULA = f"regexp_matches({{0}}, {quote_literal(FORMULA)}) and not regexp_matches({{0}}, {quote_literal(NUMBER)})"
CSV_FORMS = {"VARCHAR[]": "to_json({0}) as {0}", "VARCHAR": f"if({_FORMULA}, '''' || {{0}}, {{0}}) as {{0}}"}
TYPES = {
    "VARCHAR": "string",
    "DOUBLE": "number",
    "INTEGER": "integer",
    "BIGINT": "integer",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "VARCHAR[]": "array",
}


@cache
def load_terms() -> dict[str, Row]:
    """Load terms of use by the name of the licence; each entry says whether redistribution is allowed."""
    return {terms["name"]: terms for terms in load_yaml(TERMS.read_text(encoding="utf-8"))}


def write_package(project: Project, models: Mapping[str, Model], folder: Path, pair: Codes = None) -> dict[str, Any]:
    """Write the package of the published file, and return its `datapackage.json`.

    The folder is new or empty, or contains an earlier package, which is replaced. With `pair`, only the trade of these
    two economies with each other is written.

    Raises:
        BilateralError: The folder contains something else.
    """
    folder = folder.resolve()
    if folder.exists() and not _is_replaceable(folder):
        found = f"{folder} is neither empty nor a data package."
        raise BilateralError(found, remedy="Name an empty or a new folder.")
    with publication.open_published(project):
        pass
    # Use a separate connection, because the readers' connections of this process may not write files.
    with duckdb.connect() as connection, replace_folder(folder) as half:
        connection.execute("attach ':memory:' as passing")
        content = Package(connection, project, models, half).write_tables(pair)
        (half / "README.md").write_text(_render_readme(content), encoding="utf-8")
    return content


def _is_replaceable(folder: Path) -> bool:
    """Return whether a folder is empty or contains a data package."""
    if not folder.is_dir():
        return False
    found = read_stored_json(folder / FILE)
    return not any(folder.iterdir()) or (isinstance(found, dict) and found.get("name") == NAME)


class Package:
    """The writer of a data package: the files and their description.

    `connection` has an empty catalog `passing`, which receives the rows that may be redistributed; the published file
    is attached as `published`. For a site, `passing` stores the rows, and neither CSV files nor the tables of all
    vintages (`BEHIND`) are written.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        project: Project,
        models: Mapping[str, Model],
        folder: Path,
        *,
        is_site: bool = False,
    ) -> None:
        self.connection, self.models, self.folder, self.is_site = connection, models, folder, is_site
        connection.execute(f"attach {quote_literal(project.published_file)} as published (read_only); use published")
        self.pair_filter = ""
        snapshots = self._query_rows("select *, source || '/' || dataset as path from meta.snapshots order by all")
        self.snapshots = {row["snapshot_id"]: row for row in snapshots}
        withheld = [row for row in snapshots if not find_terms(row["licence_name"])["is_passed_on"]]
        self.withheld = {row["snapshot_id"] for row in withheld}
        self.datasets_out = {row["path"]: _describe_left_out(row) for row in reversed(withheld)}
        self.tables_out: list[Row] = []
        listed = ", ".join(quote_literal(row["snapshot_id"]) for row in withheld)
        connection.execute(f"set variable withheld = [{listed}]::varchar[]")

    def write_tables(self, pair: Codes = None) -> dict[str, Any]:
        """Write every table, or the rows of a pair, and `datapackage.json`; return the content of that file."""
        if pair is not None:
            one, other = map(quote_literal, pair)
            self.pair_filter = f"where (reporter_code, partner_code) in (({one}, {other}), ({other}, {one}))"
        resources = [found for table in self._query_rows(TABLES) if (found := self._write_table(**table))]
        used = sorted({one["name"] for resource in resources for one in resource.get("sources", ())})
        (made,) = self._query_rows("from meta.publication")
        content = {
            "$schema": PROFILE,
            "name": NAME,
            "id": made["publication_id"],
            "title": f"Bilateral: trade between {' and '.join(pair or ['economies'])}, from official figures",
            "description": "Tables of the published warehouse, with the rows that the publishers' terms allow to "
            "redistribute. `left_out` lists the rest and how to fetch it.",
            "version": made["bilateral_version"],
            "created": f"{made['published_at']:%Y-%m-%dT%H:%M:%SZ}",
            "licenses": self._describe_licences(used),
            "sources": self._query_rows(SOURCES, used=used),
            "resources": resources,
            "left_out": [*reversed(self.datasets_out.values()), *self.tables_out],
        }
        described = json.dumps(content, indent=2, ensure_ascii=False, default=str)
        (self.folder / FILE).write_text(f"{described}\n", encoding="utf-8")
        return content

    def _write_table(self, name: str, comment: str) -> dict[str, Any] | None:
        """Write a table as Parquet and CSV, and return its description; None if the whole table is left out."""
        columns = self._query_rows(COLUMNS, table=name)
        is_of_pairs = {"reporter_code", "partner_code"} <= {column["name"] for column in columns}
        if self.pair_filter and not is_of_pairs and name != BESIDE:
            return None
        chosen = f"(from published.{name} {self.pair_filter if is_of_pairs else ''})"
        make = f"create table passing.{name} as from {chosen}"
        self.connection.execute(f"create schema if not exists passing.{name.partition('.')[0]}")
        lists = self._list_snapshot_columns(name, columns)
        has_figures = name != BESIDE and any(column["unit"] not in CODE_LIST_UNITS for column in columns)
        if has_figures and not lists and (through := self._list_withheld_inputs(name)):
            why = f"The rows do not name their snapshots, and some come from {', '.join(through)}"
            how = f'`bilateral build`, then `bilateral query "from {name}"`.'
            self.tables_out.append({"table": name, "why": f"{why}, which may not be redistributed.", "how": how})
            self.connection.execute(f"{make} limit 0")
            return None
        snapshots = f"flatten([{', '.join(lists)}])::varchar[]"
        self._count_left_out(name, snapshots, chosen)
        keys = [column["name"] for column in columns if column["is_key"]]
        order = ", ".join(sorted(keys, key=lambda key: PAIR_FIRST.get(key, 2)))
        self.connection.execute(f"{make} where not list_has_any({snapshots}, getvariable('withheld')) order by {order}")
        if self.is_site and name.endswith(BEHIND):
            why = "It has the figures of every source and vintage, and would double the site."
            self.tables_out.append({"table": name, "why": why, "how": "`bilateral export` writes it."})
            return None
        ((count,),) = self.connection.execute(f"select count(*) from passing.{name}").fetchall()
        if self.pair_filter and not count:
            return None
        plain = ", ".join(CSV_FORMS[c["data_type"]].format(c["name"]) for c in columns if c["data_type"] in CSV_FORMS)
        stem = f"data/{name.replace('.', '/')}"
        parquet = self._write_file(f"{stem}.parquet", f"from passing.{name}", PARQUET)
        files = {"format": "parquet", "mediatype": "application/vnd.apache.parquet", **parquet}
        if not self.is_site:
            csv = self._write_file(f"{stem}.csv", f"select * replace ({plain}) from passing.{name}", "csv, header")
            files = {"format": "csv", "mediatype": "text/csv", "encoding": "utf-8", **csv, "parquet": parquet}
        there = self._query_rows(f"select distinct unnest({snapshots}) as name from passing.{name}")
        used = sorted({row["name"] for row in there} & self.snapshots.keys())
        if not self.is_site:
            self.connection.execute(f"drop table passing.{name}")
        rests_on = {
            "licenses": self._describe_licences(used),
            "sources": [{"title": self.snapshots[one]["title"], "name": one} for one in used],
        }
        return {
            "name": name.replace(".", "-").replace("_", "-"),
            "type": "table",
            "title": name,
            "description": comment,
            **files,
            "rows": count,
            "schema": {
                "fieldsMatch": "exact",
                "fields": [_describe_field(column) for column in columns],
                "primaryKey": keys,
                "missingValues": [""],
            },
            **(rests_on if used else {}),
            "checks": self._describe_checks(name),
        }

    def _list_snapshot_columns(self, table: str, columns: Sequence[Row]) -> list[str]:
        """List the columns that name the snapshots of a row's figures, each as an SQL expression for a list."""
        named = [column for column in columns if "snapshot_id" in column["name"]]
        is_of_one = all(column["data_type"] != "VARCHAR[]" for column in named)
        model = self.models.get(table)
        # A row of an estimate names the snapshot of the event, but not the snapshots of the figures behind it.
        is_estimate = model is not None and any(one.startswith("analysis.") for one in model.depends_on)
        if table in {BESIDE, HALF_NAMED} or (is_estimate and is_of_one):
            return []
        return [c["name"] if c["data_type"] == "VARCHAR[]" else f"[{c['name']}]" for c in named]

    def _list_withheld_inputs(self, table: str) -> list[str]:
        """List the datasets that a table is made from and that may not be redistributed."""
        below = find_upstream(self.models, table) if table in self.models else ()
        return [one.path for one in list_datasets() if f"raw.{one.table}" in below and one.path in self.datasets_out]

    def _count_left_out(self, table: str, snapshots: str, chosen: str) -> None:
        """Count the rows of a table that are left out, for each dataset that may not be redistributed."""
        found = self._query_rows(
            f"""
            select source || '/' || dataset as path, count(distinct row) as rows
            from (select row_number() over () as row, unnest({snapshots}) as snapshot_id from {chosen})
            inner join meta.snapshots using (snapshot_id)
            where list_contains(getvariable('withheld'), snapshot_id)
            group by path
            """
        )
        for row in found:
            self.datasets_out[row["path"]]["rows"][table] = row["rows"]

    def _write_file(self, path: str, query: str, form: str) -> dict[str, Any]:
        """Write the rows of a query to a file, and return the file's path, size and hash."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        self.connection.execute(f"copy ({query}) to {quote_literal(file)} (format {form})")
        return {"path": path, "bytes": file.stat().st_size, "hash": f"sha256:{hash_file(file)}"}

    def _describe_checks(self, table: str) -> dict[str, Any]:
        of_table = "from meta.checks where table_name = $table and status"
        failed = f"select check_name, severity, notes {of_table} != 'passed' order by check_name"
        (held,) = self._query_rows(f"select count(*) as held {of_table} = 'passed'", table=table)
        return held | {"failed": self._query_rows(failed, table=table)}

    def _describe_licences(self, snapshots: Iterable[str]) -> list[dict[str, str]]:
        rows = {self.snapshots[one]["licence_name"]: self.snapshots[one] for one in snapshots}
        return [
            {"title": name, "path": row["licence_url"]} | ({"name": terms["code"]} if "code" in terms else {})
            for name, row in sorted(rows.items())
            for terms in [find_terms(row["licence_name"])]
        ]

    def _query_rows(self, sql: str, **given: Any) -> list[dict[str, Any]]:
        return fetch_records(self.connection, sql, given or None)


def find_terms(licence_name: str) -> Row:
    """Find the terms of use by the name of the licence in a snapshot's manifest."""
    return load_terms().get(licence_name, UNKNOWN_TERMS)


def _describe_left_out(snapshot: Row) -> dict[str, Any]:
    """Describe the dataset of a snapshot that may not be redistributed, and how to fetch it."""
    offered, terms = find_source(snapshot["source"]), find_terms(snapshot["licence_name"])
    how = f"{snapshot['url']}; the copy used here: {snapshot['obtained']}."
    if offered.api is not None:
        key = f" with {offered.key_variable}" if offered.api.key is not None else ""
        how = f"`bilateral refresh {offered.code}`{key}, or {how}"
    return {
        "dataset": snapshot["path"],
        "title": snapshot["title"],
        "licence": {"title": snapshot["licence_name"], "path": snapshot["licence_url"]},
        "why": terms["why"],
        **({"read": terms["read"]} if "read" in terms else {}),
        "how": how,
        "rows": {},
    }


def _describe_field(column: Row) -> dict[str, Any]:
    return {
        "name": column["name"],
        "type": TYPES.get(column["data_type"], "any"),
        "description": column["meaning"],
        "unit": column["unit"],
        **({"constraints": {"required": True}} if column["is_key"] else {}),
    }


def _render_readme(content: Mapping[str, Any]) -> str:
    """Render the README: what is left out, why, and how to fetch it; and the publishers' terms of use."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in content["left_out"]:
        name = one.get("dataset") or one["table"]
        groups[one["why"], one["how"].replace(name, "TABLE")].append(name)
    return render_page(README, content=content, groups=groups, file=FILE)
