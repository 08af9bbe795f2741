"""Write Great Expectations' own pages of an audit (Data Docs), for people who know them.

Here: Data Docs, written on request. Not here: the audit page of a publication (`publication.page`). Data Docs load
their styles from other hosts, so they cannot be kept as a record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_project.audit.auditor import Auditor
from dagster_project.audit.suites import load_suites
from dagster_project.audit.translation import convert_rule, import_great_expectations
from dagster_project.errors import BilateralError

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from dagster_project.project import Project

SITE = "site"


def write_data_docs(project: Project, connection: duckdb.DuckDBPyConnection, out_dir: Path) -> Path:
    """Audit every table again and write Data Docs into `out_dir`; return the page to open first.

    Raises:
        BilateralError: The warehouse lacks a table that has a suite, or a suite cannot run at all.
    """
    gx = import_great_expectations()
    from great_expectations.datasource.fluent.interfaces import TestConnectionError
    from great_expectations.exceptions.exceptions import GreatExpectationsError

    with Auditor(connection) as auditor:
        context = auditor.context
        store = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(out_dir.resolve())}
        # Ephemeral contexts have a default site in a temporary folder.
        for site in context.get_site_names():
            context.delete_data_docs_site(site)
        index = {"class_name": "DefaultSiteIndexBuilder"}
        context.add_data_docs_site(
            SITE, {"class_name": "SiteBuilder", "store_backend": store, "site_index_builder": index}
        )
        for suite in load_suites(project).values():
            try:
                rules = gx.ExpectationSuite(
                    name=suite.table, expectations=[convert_rule(rule) for rule in suite.expectations]
                )
                definition = gx.ValidationDefinition(
                    name=suite.table,
                    data=auditor.get_batch_definition(suite.table),
                    suite=context.suites.add(rules),
                )
                context.validation_definitions.add(definition).run(result_format="BASIC")
            except (GreatExpectationsError, TestConnectionError) as error:
                raise BilateralError(
                    f"Data Docs cannot be written for {suite.table}: {str(error).splitlines()[0]}",
                    remedy="Run `bilateral check` first: it names the rule that crashes.",
                ) from error
        pages = context.build_data_docs(site_names=[SITE])
    if not pages:
        raise BilateralError("Great Expectations wrote no pages.", remedy=f"Check that {out_dir} can be written.")
    return out_dir / "index.html"
