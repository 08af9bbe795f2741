"""Asking the publishers: an asset a live dataset, and the job and schedule that refresh them.

Here: declarations over `refresh`. Not here: which questions there are or how they are asked. A build neither needs
these assets nor runs them: it stays offline.
"""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import dagster as dg

from dagster_project.defs.common import OWNERS, REFRESH_GROUP, code, project, refresh_key, workers
from dagster_project.defs.resources import Warehouse
from dagster_project.sources import Dataset, Source, sources

if TYPE_CHECKING:
    from dagster_project.refresh.engine import Result

YEARS = dg.TimeWindowPartitionsDefinition(cron_schedule="0 0 1 1 *", start="1990", fmt="%Y", end_offset=1)
# These are asked for a list or a file as a whole, whatever the year.
WITHOUT_YEARS = frozenset({"gta", "oecd_wto"})


class Asking(dg.Config):
    """How a refresh asks: for whole spans again, or again for what was answered in the last hours."""

    full: bool = False
    again: bool = False


def refresh_asset(source: Source, dataset: Dataset) -> dg.AssetsDefinition:
    """A dataset at its publisher: materializing it asks for what is new."""
    assert source.api is not None
    by_year = source.code not in WITHOUT_YEARS
    years = " The current year asks for all that may be new or changed; other years ask for just these again."

    @dg.asset(
        key=refresh_key(dataset.path),
        group_name=REFRESH_GROUP,
        description=(
            f"{dataset.title}. Asks {source.title} and archives what is new. An answer that breaks a rule is kept "
            f"aside and fails the run; the last good snapshot stays in force.{years if by_year else ''}"
        ),
        kinds={"http"},
        owners=OWNERS,
        partitions_def=YEARS if by_year else None,
        backfill_policy=dg.BackfillPolicy.single_run() if by_year else None,
        # For a publisher that is down for longer than the engine waits.
        retry_policy=dg.RetryPolicy(max_retries=2, delay=300, backoff=dg.Backoff.EXPONENTIAL),
        metadata={
            "publisher": dg.MetadataValue.url(source.homepage),
            **code(project().root / "dagster_project" / "sources" / f"{source.code}.py", project().configuration),
        },
    )
    def asset(context: dg.AssetExecutionContext, config: Asking, warehouse: Warehouse) -> dg.MaterializeResult:  # type: ignore[type-arg]
        from dagster_project.refresh.engine import Options, refresh

        since, until = _span(context) if by_year else (None, None)
        options = Options(since=since, until=until, full=config.full, again=config.again, datasets={dataset.path})
        (result,) = refresh(
            warehouse.project,
            [source.code],
            options,
            on_step=lambda _code, subject, total: context.log.info("%s (%s questions)", subject, total),
            on_wait=lambda code: context.log.info("Another refresh is asking %s: waiting for it to end.", code),
        )
        return _shown(context, result)

    return asset


def _span(context: dg.AssetExecutionContext) -> tuple[date | None, date | None]:
    """The days of the years that are asked for; none if it is the current year, for which the engine knows better."""
    window = context.partition_time_window
    first, last = window.start.date(), date(window.end.year - 1, 12, 31)
    return (None, None) if first.year == datetime.now(UTC).year else (first, last)


def _shown(context: dg.AssetExecutionContext, result: "Result") -> dg.MaterializeResult:  # type: ignore[type-arg]
    """The result as Dagster shows it.

    Raises:
        dg.Failure: An answer was refused, or the key was.
    """
    metadata: dict[str, dg.RawMetadataValue] = {
        name: getattr(result, name)
        for name in ("questions", "requests", "retries", "bytes", "new", "changed", "confirmed", "nothing", "set_aside")
    }
    metadata |= {
        "refused": len(result.refusals),
        "archived": dg.MetadataValue.md("\n".join(f"- `{name}`" for name in result.archived) or "nothing new"),
    }
    if result.notes:
        metadata["notes"] = dg.MetadataValue.md("\n".join(f"- {note}" for note in result.notes))
    if result.skipped:
        metadata["skipped"] = result.skipped
        context.log.warning("%s: %s", result.source, result.skipped)
    if result.refusals:
        metadata["refusals"] = dg.MetadataValue.md(
            "\n".join(f"- {one.subject}: {one.reason} (`{one.folder}`)" for one in result.refusals)
        )
    if result.failed:
        first = f"The first: {result.refusals[0].reason}" if result.refusals else ""
        raise dg.Failure(
            f"{len(result.refusals)} answers were refused; what is held stays in force. {first}"
            if result.refusals
            else str(result.skipped),
            metadata=metadata,
            # Silence may pass. What was refused for its content comes again as it is.
            allow_retries=result.stopped == "silence",
        )
    return dg.MaterializeResult(metadata=metadata)


refresh_sources = dg.define_asset_job(
    "refresh_sources",
    selection=dg.AssetSelection.groups(REFRESH_GROUP),
    executor_def=workers(),
    description="Asks every publisher for what is new. The sensor changed_snapshots builds from what came.",
)


@dg.schedule(
    job=refresh_sources,
    cron_schedule="0 6 16 * *",
    execution_timezone="Asia/Seoul",
    description="Before the monthly build, after Korea's customs service releases the month before.",
)
def monthly_refresh(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Asks for the current year, which stands for all that may be new or changed."""
    return dg.RunRequest(partition_key=f"{context.scheduled_execution_time.year}")


@dg.definitions
def refreshing() -> dg.Definitions:
    return dg.Definitions(
        assets=[
            refresh_asset(source, dataset)
            for source in sources()
            for dataset in source.datasets
            if dataset.name in source.live
        ],
        jobs=[refresh_sources],
        schedules=[monthly_refresh],
    )
