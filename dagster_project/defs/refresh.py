"""Asking the publishers: an asset and an op for each live dataset, and the job and schedule that refresh them.

Here: declarations over `refresh`. Not here: which requests there are or how they are asked. Dagster cannot materialize
these assets, so "Materialize all" builds, and stays offline; the job records on them what it was answered.
"""

from datetime import date
from typing import TYPE_CHECKING, Any

import dagster as dg

from dagster_project.defs.common import OWNERS, REFRESH_GROUP, code, project, refresh_key, workers
from dagster_project.defs.resources import Warehouse
from dagster_project.sources import Dataset, Source, sources

if TYPE_CHECKING:
    from dagster_project.refresh.result import Result


class Asking(dg.Config):
    """How a refresh asks.

    From `since` to `until`, years, it asks for just these; without both for all that may be new or changed. `full` asks
    for whole spans again, `again` for what was answered in the last hours.
    """

    since: int | None = None
    until: int | None = None
    full: bool = False
    again: bool = False


def publisher_asset(source: Source, dataset: Dataset) -> dg.AssetSpec:
    """A dataset at its publisher: upstream of its snapshots, and nothing that a build could materialize."""
    return dg.AssetSpec(
        key=refresh_key(dataset.path),
        group_name=REFRESH_GROUP,
        description=f"{dataset.title}, as {source.title} offers it. The job refresh_sources asks for what is new.",
        kinds={"http"},
        owners=OWNERS,
        tags={"source": source.code},
        metadata={
            "publisher": dg.MetadataValue.url(source.homepage),
            **code(project().root / "dagster_project" / "sources" / f"{source.code}.py", project().configuration),
        },
    )


def refresh_op(source: Source, dataset: Dataset) -> dg.OpDefinition:
    """Asks the publisher of a dataset for what is new."""

    @dg.op(
        name=refresh_key(dataset.path).path[-1],
        out=dg.Out(dg.Nothing),
        description=(
            f"{dataset.title}. Asks {source.title} and archives what is new. A response that breaks a rule is kept "
            "aside and fails the run; the last good snapshot stays in force."
        ),
        # For a publisher that is down for longer than a refresh waits.
        retry_policy=dg.RetryPolicy(max_retries=2, delay=300, backoff=dg.Backoff.EXPONENTIAL),
    )
    def asked(context: dg.OpExecutionContext, config: Asking, warehouse: Warehouse) -> None:
        from dagster_project.refresh.planning import Options
        from dagster_project.refresh.run import refresh

        options = Options(
            since=None if config.since is None else date(config.since, 1, 1),
            until=None if config.until is None else date(config.until, 12, 31),
            full=config.full,
            again=config.again,
            datasets={dataset.path},
        )
        (result,) = refresh(
            warehouse.project,
            [source.code],
            options,
            on_step=lambda _code, subject, total: context.log.info("%s (%s requests)", subject, total),
            on_wait=lambda code: context.log.info("Another refresh is asking %s: waiting for it to end.", code),
        )
        context.log_event(dg.AssetMaterialization(refresh_key(dataset.path), metadata=_shown(context, result)))

    return asked


def _shown(context: dg.OpExecutionContext, result: "Result") -> dict[str, Any]:
    """The result as Dagster shows it.

    Raises:
        dg.Failure: A response was refused, or the key was.
    """
    metadata: dict[str, Any] = {
        name: getattr(result, name)
        for name in (
            "planned",
            "requests",
            "retries",
            "bytes",
            "new",
            "changed",
            "withdrawn",
            "confirmed",
            "nothing",
            "set_aside",
        )
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
            f"{len(result.refusals)} responses were refused; what is held stays in force. {first}"
            if result.refusals
            else str(result.skipped),
            metadata=metadata,
            # Silence may pass. What was refused for its content comes again as it is.
            allow_retries=result.stopped == "silence",
        )
    return metadata


def live() -> list[tuple[Source, Dataset]]:
    """What can be asked for."""
    return [(source, dataset) for source in sources() for dataset in source.datasets if dataset.name in source.live]


@dg.job(
    executor_def=workers(),
    description="Asks every publisher for what is new. The sensor changed_snapshots builds from what came.",
)
def refresh_sources() -> None:
    for source, dataset in live():
        refresh_op(source, dataset)()


monthly_refresh = dg.ScheduleDefinition(
    name="monthly_refresh",
    job=refresh_sources,
    cron_schedule="0 6 16 * *",
    execution_timezone="Asia/Seoul",
    description="Before the monthly build, after Korea's customs service releases the month before.",
)


@dg.definitions
def refreshing() -> dg.Definitions:
    return dg.Definitions(
        assets=[publisher_asset(source, dataset) for source, dataset in live()],
        jobs=[refresh_sources],
        schedules=[monthly_refresh],
    )
