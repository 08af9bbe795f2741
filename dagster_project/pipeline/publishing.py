"""Write the metadata of a publication and its pages.

Here: the description of a publication, and the tables of `meta` that are written last. Not here: the checks before a
publication (`tables`, `audit`), and replacing the published file (`publication`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version

import duckdb

from dagster_project import publication
from dagster_project.audit.results import CheckResult
from dagster_project.catalog import Catalog
from dagster_project.engines.work_file import CATALOG, WorkFile, read_all_types
from dagster_project.errors import BilateralError
from dagster_project.pipeline.records import Records
from dagster_project.publication import Publication, changes, dictionary, freshness, meta, page

CONTENT_SCHEMAS = ("staging", "core", "marts")


def describe_publication(
    catalog: Catalog, file: WorkFile, records: Records, results: Sequence[CheckResult], now: datetime
) -> Publication:
    """Describe the publication that a work file becomes if it is published `now`; `results` are those of its audit."""
    recorded = {name: row for name, row in records.tables.items() if name.partition(".")[0] in CONTENT_SCHEMAS}
    # Views and macros have no rows, so their text is hashed.
    held = [(name, row.content_hash) for name, row in recorded.items()]
    held += [(name, view.fingerprint) for name, view in catalog.views.items()]
    content_hash = hashlib.sha256(repr(sorted(held)).encode()).hexdigest()
    ((set_aside,),) = file.connection.execute(
        "select count(distinct (snapshot_id, row_number)) from meta.quarantine"
    ).fetchall()
    return Publication(
        publication_id=f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}Z-{content_hash[:8]}",
        published_at=now,
        content_hash=content_hash,
        table_count=sum(not catalog.models[name].is_macro for name in recorded),
        check_count=len(results),
        warning_count=sum(result.status == "failed" and result.severity == "warning" for result in results),
        quarantined_row_count=set_aside,
        bilateral_version=version("bilateral"),
        duckdb_version=duckdb.__version__,
    )


def find_published(catalog: Catalog, records: Records, made: Publication) -> Publication | None:
    """Return the current publication if its content is that of `made` and nobody has changed its file; else None."""
    name = records.get_publication_id()
    current = None if name is None else publication.find_intact(catalog.project, name)
    if current is None:
        return None
    same = replace(made, publication_id=current.publication_id, published_at=current.published_at) == current
    return current if same else None


def write_metadata(
    catalog: Catalog,
    file: WorkFile,
    made: Publication,
    results: Sequence[CheckResult],
) -> dict[str, str]:
    """Write the views, comments and tables of `meta` into the work file; return the HTML pages by name."""
    file.set_not_null(model for model in catalog.models.values() if not model.is_macro)
    file.create_views(catalog.views.values())
    every = [*catalog.views.values(), *catalog.models.values()]
    described = dictionary.list_entries(every, read_all_types(file.connection))
    file.write_rows("meta.columns", dictionary.make_rows(described))
    # Store the time without a zone, because some clients need an extra package to read times with one.
    at = made.published_at.astimezone(UTC).replace(tzinfo=None)
    fields = vars(made) | {"published_at": at, "schema_version": meta.SCHEMA_VERSION}
    row = [fields[name] for name in meta.PUBLICATION.columns]
    file.write_rows("meta.publication", meta.PUBLICATION.make_rows([row]))
    file.write_rows("meta.freshness", freshness.make_rows(file.connection, catalog.models))
    _write_changes(catalog, file)
    for table in meta.WRITTEN:
        file.write_comments(f"meta.{table.name}", table.what, table.docs)
    return {
        publication.PAGE: page.render_audit_page(file.connection, made, results),
        publication.DICTIONARY: dictionary.render_dictionary(described),
    }


def _write_changes(catalog: Catalog, file: WorkFile) -> None:
    """Write `meta.changes`: the differences from the current published file."""
    published, connection, models = catalog.project.published_file, file.connection, catalog.models.values()
    why = "There is no earlier publication."
    try:
        if published.exists():
            changes.attach_file(connection, published, "earlier")
            changes.find_changes(connection, CATALOG, "earlier", models)
            copy_changes(connection, CATALOG, "earlier")
            why = ""
    except (BilateralError, duckdb.Error) as error:
        # An unreadable published file must not stop a build.
        why = f"The previous publication cannot be read: {str(error).splitlines()[0]}"
    if why:
        changes.find_changes(connection, CATALOG, None, models, why)
    connection.execute(f"create or replace table meta.changes as from {changes.TABLE} order by all")
    connection.execute("detach database if exists earlier")


def copy_changes(connection: duckdb.DuckDBPyConnection, later: str, earlier: str) -> None:
    """Copy the changes that `earlier` recorded, if `later` has the same contents and no changes were found."""
    names = ", ".join(meta.CHANGES.types)
    contents = "select content_hash from {}.meta.publication"
    with suppress(duckdb.Error):  # An early version of Bilateral did not write these tables.
        connection.execute(
            f"insert into {changes.TABLE} select {names} from {earlier}.meta.changes "
            f"where not exists (from {changes.TABLE}) and ({contents.format(later)}) = ({contents.format(earlier)})"
        )
