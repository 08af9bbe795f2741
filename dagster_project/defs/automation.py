"""When a build runs by itself: the job, a schedule and a sensor.

Here: the three. Not here: fetching (`refresh`); a build reads only snapshots that are there.
"""

import hashlib
from collections.abc import Iterator

import dagster as dg

from dagster_project import snapshots
from dagster_project.defs.common import REFRESH_GROUP, project

build_warehouse = dg.define_asset_job(
    "build_warehouse",
    selection=dg.AssetSelection.all() - dg.AssetSelection.groups(REFRESH_GROUP),
    config={"resources": {"warehouse": {"config": {"audits": True}}}},
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
    """Builds when a snapshot was added, changed or taken away."""
    digest = hashlib.sha256()
    for found in snapshots.find_all(project()).values():
        digest.update(snapshots.fingerprint(found).encode())
    now = digest.hexdigest()
    if context.cursor == now:
        yield dg.SkipReason("The snapshots are the ones of the last build that this sensor asked for.")
        return
    context.update_cursor(now)
    # No run key: a snapshot that is put back is a change like any other.
    yield dg.RunRequest()
