"""Declare the report, the page for readers that is drawn after each publication.

Here: the asset. Not here: its content (`report`). A report that cannot be drawn does not fail the run: the log has the
reason, and the asset stays as it was. This step is the run's last, so it fails the run for two other reasons: no
publisher answered, or the build left out a file of questions or claims that it could not use.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from dagster_project import publication
from dagster_project.defs.common import PUBLICATION, REPORT, find_project, link_code, link_page
from dagster_project.defs.refresh import ANSWERED
from dagster_project.defs.resources import Warehouse
from dagster_project.errors import BilateralError
from dagster_project.project import Project


def describe_report(where: Project) -> dict[str, Any]:
    """Build the metadata that Dagster shows for the report."""
    return {"report": link_page(where, where.report), "bytes": where.report.stat().st_size}


def is_report_of(where: Project, publication_id: str) -> bool:
    """Return whether the report on the first pair was drawn from this publication."""
    from dagster_project.report import page as pages

    return pages.is_report_of(where.report, publication_id, pages.find_first_pair(where))


@dg.asset(
    key=REPORT,
    deps=[PUBLICATION],
    group_name="publication",
    description=(
        "A self-contained page, warehouse/report/index.html: charts, findings, claims and their verdicts, sources, "
        "missing figures, and the audit. `bilateral report` writes a page on any other pair, which each publication "
        "draws again."
    ),
    kinds={"html"},
    output_required=False,
    op_tags={"dagster/priority": "-2"},
    metadata=link_code(find_project().root / "dagster_project" / "report" / "page.py"),
)
def report(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
    # Imported here, because definitions must load quickly.
    from dagster_project.notify import left_out
    from dagster_project.report import page as pages

    where = warehouse.project
    try:
        current = str(publication.get_current_id(where))
        for one, other, language in pages.list_standing_reports(where):
            if not pages.is_report_of(pages.locate_report(where, one, other, language), current, (one, other)):
                pages.write_report(where, one, other, language=language)
    except Exception as error:  # noqa: BLE001 - no error in a report may undo a publication
        context.log.warning(
            "The report could not be drawn; the publication is valid. %s: %s", type(error).__name__, error
        )
    else:
        yield dg.MaterializeResult(data_version=dg.DataVersion(current), metadata=describe_report(where))
    events = context.instance.all_logs(context.run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    results = [event.get_dagster_event().asset_check_evaluation_data for event in events]
    if {one.passed for one in results if one.check_name == ANSWERED} == {False}:
        raise dg.Failure("No publisher answered, so this run built without new figures.", allow_retries=False)
    try:
        left_out.require_sound(where)
    except BilateralError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
