"""When a build runs by itself: the job, a schedule and a sensor.

Here: the three. Not here: fetching (`refresh`); a build reads only snapshots that are there.
"""

from collections.abc import Iterator

import dagster as dg
import duckdb

from dagster_project import publication, snapshots
from dagster_project.defs.common import REFRESH_GROUP, project
from dagster_project.errors import BilateralError
from dagster_project.project import Project

build_warehouse = dg.define_asset_job(
    "build_warehouse",
    selection=dg.AssetSelection.all() - dg.AssetSelection.groups(REFRESH_GROUP),
    executor_def=dg.in_process_executor,
    description="Reads every snapshot, builds and audits every table that has to be, and publishes, in one run.",
)

monthly_build = dg.ScheduleDefinition(
    name="monthly_build",
    job=build_warehouse,
    cron_schedule="0 9 16 * *",
    execution_timezone="Asia/Seoul",
    description="The morning after Korea's customs service releases the month before, on about the 15th.",
)


@dg.sensor(job=build_warehouse, minimum_interval_seconds=60)
def changed_snapshots(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Builds when the snapshots are others than the published ones, whoever built those; once for each change."""
    where = project()
    found = [snapshot for every in snapshots.find_all(where).values() for snapshot in every]
    if {snapshot.id for snapshot in found} == _published(where):
        context.update_cursor("")
        yield dg.SkipReason("What is published was built from the snapshots that are there.")
        return
    now = snapshots.fingerprint(found)
    if context.cursor == now:
        yield dg.SkipReason("A build from these snapshots was asked for.")
        return
    context.update_cursor(now)
    # No run key: a snapshot that is put back is a change like any other.
    yield dg.RunRequest()


def _published(where: Project) -> set[str] | None:
    """The snapshots that the publication was built from, whose ids are hashes; None if there is no publication."""
    try:
        with publication.reading(where) as connection:
            return {row[0] for row in connection.execute("select snapshot_id from meta.snapshots").fetchall()}
    except (BilateralError, duckdb.Error):
        return None
