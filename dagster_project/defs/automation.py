"""Declare the build jobs, a schedule for each publisher, and two sensors; schedules and sensors start switched off.

Here: which runs are launched, and when. Not here: a publisher's calendar, which its source declares, and the reasons to
ask a publisher again (`refresh`).
"""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import dagster as dg
import duckdb

from dagster_project import publication, snapshots
from dagster_project.defs.common import (
    JSON_LOGS,
    PUBLICATION,
    REFRESH_TAGS,
    REPORT,
    UNFINISHED,
    UPDATE_JOB,
    build_refresh_key,
    find_project,
)
from dagster_project.defs.refresh import PUBLISHERS
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.sources import Source, find_source, list_sources
from dagster_project.sources.calendar import Releases

# Minutes to wait before each attempt of a day after a failed refresh.
WAITS = (5, 15, 60, 240)
# The tag of runs that ask a publisher again, to which its code is appended.
AGAIN = "bilateral/again_"
# The hour in Seoul by which releases are out, and the number of days by which weekends and holidays delay them.
HOUR, LATER = 18, 3

# A run selects only these assets; its step makes and audits every outdated table, and reports the changed ones.
BUILT = (PUBLICATION, REPORT)
BUILDS = dg.AssetSelection.assets(*BUILT)

build_warehouse = dg.define_asset_job(
    "build_warehouse",
    selection=BUILDS,
    config=JSON_LOGS,
    executor_def=dg.in_process_executor,
    description="Reads every snapshot, makes and audits every outdated table, and publishes, in one run.",
)

update_warehouse = dg.define_asset_job(
    UPDATE_JOB,
    selection=BUILDS | PUBLISHERS,
    config=JSON_LOGS,
    executor_def=dg.in_process_executor,
    tags=REFRESH_TAGS,
    description=(
        "Asks the publishers for new figures, then builds and publishes. A publisher that fails has a failed check; "
        "the figures of the others are published."
    ),
)


def _request_update(codes: list[str], **tags: str) -> dg.RunRequest:
    """Request a run of `update_warehouse` that asks only the publishers with these codes."""
    asked = [build_refresh_key(f"{code}/{name}") for code in codes for name in find_source(code).live]
    return dg.RunRequest(asset_selection=[*asked, *BUILT], run_config=JSON_LOGS, tags=tags)


def list_crons(one: Source) -> list[str]:
    """List the cron expressions of a publisher: the one in its environment variable, or else those of its calendar."""
    named = os.environ.get(f"BILATERAL_{one.code.upper()}_CRON")
    if named:
        return [named]
    assert one.releases is not None, "a source with an API declares its releases"
    days = [day for day in (one.releases.provisional, one.releases.day) if day is not None]
    return [f"0 {HOUR} {each.cron}" for each in (one.releases, *(_shift_release(one.releases, day) for day in days))]


def _shift_release(releases: Releases, day: int) -> Releases:
    """Move a calendar's releases to the day `LATER` days after `day`. Months have 28 days: the 1st follows the 28th."""
    over, day = divmod(day + LATER - 1, 28)
    months = tuple((month - 1 + over) % 12 + 1 for month in releases.months)
    return replace(releases, day=day + 1, months=months, provisional=None)


def build_schedule(one: Source) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=f"update_{one.code}",
        job=update_warehouse,
        cron_schedule=list_crons(one),
        execution_timezone="Asia/Seoul",
        description=(
            f"Asks {one.title} when its calendar has new figures, then builds. Each run asks for its whole window "
            "again, so no figure is lost if a tick is missed."
        ),
    )
    def update() -> dg.RunRequest | dg.SkipReason:
        from dagster_project.refresh.planning import plan_refresh

        (planned,) = plan_refresh(find_project(), [one.code])
        return dg.SkipReason(planned.skipped) if planned.skipped else _request_update([one.code])

    return update


@dg.sensor(job=update_warehouse, minimum_interval_seconds=30)
def retry_refresh(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Ask publishers again, at most four times a day, if they did not answer, were busy or demanded a pause."""
    from dagster_project.refresh.state import list_unfinished

    if context.instance.get_runs_count(dg.RunsFilter(tags=REFRESH_TAGS, statuses=UNFINISHED)):
        return dg.SkipReason("A refresh is running.")
    now = datetime.now(UTC)
    again, waiting = [], []
    for one in list_unfinished(find_project(), os.environ, now):
        mine = dg.RunsFilter(tags={AGAIN + one.source: "yes"}, created_after=now - timedelta(days=1))
        tried = context.instance.get_runs_count(mine)
        if tried >= len(WAITS):
            waiting.append(f"{one.source}: asked again {tried} times within a day ({one.why})")
            continue
        due = max(one.until, one.ended + timedelta(minutes=WAITS[tried]))
        if due <= now:
            again.append(one.source)
        else:
            waiting.append(f"{one.source}: again at {due:%Y-%m-%d %H:%M} UTC ({one.why})")
    if again:
        return _request_update(again, **{AGAIN + code: "yes" for code in again})
    return dg.SkipReason("; ".join(waiting) or "Every publisher answered when it was last asked.")


@dg.sensor(job=build_warehouse, minimum_interval_seconds=30)
def changed_snapshots(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Build when the snapshots differ from the published ones, once for each change."""
    if context.instance.get_runs_count(dg.RunsFilter(job_name=UPDATE_JOB, statuses=UNFINISHED)):
        return dg.SkipReason("A run that refreshes is not over; it builds at its end.")
    where = find_project()
    found = [snapshot for every in snapshots.find_all_snapshots(where).values() for snapshot in every]
    if {snapshot.id for snapshot in found} == _read_published_ids(where):
        context.update_cursor("")
        return dg.SkipReason("The publication was built from the present snapshots.")
    now = snapshots.hash_snapshots(found)
    if context.cursor == now:
        return dg.SkipReason("A build from these snapshots was already requested.")
    context.update_cursor(now)
    # Without a run key, so that a snapshot that was removed and put back also counts as a change.
    return dg.RunRequest(run_config=JSON_LOGS)


def _read_published_ids(where: Project) -> set[str] | None:
    """Read the IDs of the published snapshots; return None if there is no publication."""
    try:
        with publication.open_published(where) as connection:
            return {row[0] for row in connection.execute("select snapshot_id from meta.snapshots").fetchall()}
    except (BilateralError, duckdb.Error):
        return None


@dg.definitions
def automation() -> dg.Definitions:
    return dg.Definitions(
        jobs=[build_warehouse, update_warehouse],
        schedules=[build_schedule(one) for one in list_sources() if one.live],
        sensors=[retry_refresh, changed_snapshots],
    )
