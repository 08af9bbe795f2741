"""Write a site for any static host: reports, data to query without a download, a catalogue, lasting addresses.

Here: the folder of the site, the rows that it may contain, its reports and its small DuckDB file. In other modules:
pages whose address has a day (`addresses`), SDMX and the files that describe the site (`catalogue`). Not here: choosing
rows by the publishers' terms (`report.package`), the content of reports (`report.page`), and serving the folder.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project import publication
from dagster_project.database import quote_literal, set_utc
from dagster_project.errors import BilateralError
from dagster_project.files import read_stored_json, replace_folder
from dagster_project.languages import LANGUAGES, use_language
from dagster_project.report import package, page
from dagster_project.report.pair import Pair
from dagster_project.settings import list_pairs
from dagster_project.site import addresses, catalogue

if TYPE_CHECKING:
    import duckdb

    from dagster_project.catalog import Catalog

RECORD = "site.json"
# The tables about the publication that have no figures; the others stay empty.
ABOUT = ("checks", "columns", "publication", "snapshots")


def write_site(catalog: Catalog, folder: Path, address: str = "") -> dict[str, Any]:
    """Write the site of the published file, and return the content of its `datapackage.json`.

    An earlier site in the folder is replaced, but its dated pages stay, and also its URL unless `address` is set.

    Raises:
        BilateralError: The folder contains something else, or nothing is published.
    """
    import duckdb

    project, folder = catalog.project, folder.resolve()
    with publication.open_published(project) as published:
        names = dict(published.execute("select economy_code, name from core.economies").fetchall())
        publishers = dict(published.execute("select snapshot_id, publisher from meta.figure_sources").fetchall())
    with replace_folder(folder) as half:
        earlier = read_stored_json(folder / RECORD)
        if not isinstance(earlier, dict) and folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
            raise BilateralError(f"{folder} is neither empty nor a site.", remedy="Name an empty or a new folder.")
        earlier = earlier or {"address": "", "publications": []}
        pairs = list_pairs(project)
        with duckdb.connect() as connection:
            connection.execute("attach ':memory:' as passing; set enable_progress_bar = false")
            set_utc(connection)
            chosen = package.Package(connection, project, catalog.models, half, is_site=True)
            content = chosen.write_tables()
            _complete_passing(connection, catalog)
            _write_small(connection, catalog, half / "bilateral.duckdb")
            flows = catalogue.write_sdmx(connection, half / "sdmx", content)
            drawn = [Pair(project, connection, *one) for one in pairs]
            for language in LANGUAGES:
                (half / language).mkdir()
                with use_language(language):
                    for pair in (replace(one, answers={}) for one in drawn):
                        html = page.render_pair(pair, is_site=True)
                        (half / language / f"{pair.reporter}-{pair.partner}.html").write_text(html, encoding="utf-8")
                        addresses.write_answers(pair, half)
                    addresses.write_articles(connection, half)
            known = {figure.id: figure for pair in drawn for figure in pair.list_figures()}
        addresses.keep_earlier(folder, half, chosen.withheld)
        addresses.write_figures(folder, half, known.values(), names, chosen)
        if project.published_dictionary.exists():
            shutil.copyfile(project.published_dictionary, half / project.published_dictionary.name)
        record = {
            "address": (address or earlier["address"]).rstrip("/"),
            "publications": list(dict.fromkeys([*earlier["publications"], content["id"]])),
        }
        (half / RECORD).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
        newest = addresses.mark_newer(half)
        shown = {"flows": flows, "pairs": pairs, "names": names, "newest": newest, "publishers": publishers}
        catalogue.write_catalogue(half, content, **record, **shown, example=next(iter(known), ""))
    return content


def _complete_passing(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    """Add macros and the tables of `meta`, which reports read, to `passing`, the catalog with the site's rows."""
    connection.execute("use passing")
    tables = "select table_name from duckdb_tables() where schema_name = 'meta' group by all having count(*) = 1"
    for (name,) in connection.execute(tables).fetchall():
        limit = "" if name in ABOUT else "limit 0"
        connection.execute(f"create view meta.{name} as from published.meta.{name} {limit}")
    for model in catalog.models.values():
        if model.is_macro:
            connection.execute(f"create macro {model.name}({', '.join(model.parameters)}) as table {model.select}")


def _write_small(connection: duckdb.DuckDBPyConnection, catalog: Catalog, file: Path) -> None:
    """Write the published views as tables of a small DuckDB file, only for the economies of the configured pairs."""
    # DuckDB from 1.2 on opens it.
    connection.execute(f"attach {quote_literal(file)} as small (storage_version 'v1.2.0', block_size 16384)")
    codes = ", ".join(sorted({quote_literal(code) for pair in list_pairs(catalog.project) for code in pair}))
    for view in catalog.views.values():
        columns = {column.name for column in view.columns}
        ids = "snapshot_ids" if "snapshot_ids" in columns else "[snapshot_id]"
        # A row without snapshots is the rest of others, which may not be redistributed.
        where = f"len({ids}) > 0 and not list_has_any({ids}, getvariable('withheld'))"
        for side in columns & {"reporter_code", "partner_code", "economy_code"}:
            where += f" and coalesce({side} in ({codes}), true)"
        select = f"from published.{view.name} where {where} order by {', '.join(view.grain)}"
        connection.execute(f"create table small.{view.table} as {select}")
        connection.execute(f"comment on table small.{view.table} is {quote_literal(view.what)}")
    for name in ("publication", "figure_sources"):
        connection.execute(f"create table small.{name} as from published.meta.{name}")
    connection.execute("detach small")
