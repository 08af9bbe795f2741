"""Declare an asset for each dataset with an API, and the job that asks the publishers for new figures.

Here: declarations for `refresh`. Not here: planning and sending requests, and schedules (`automation`). Dagster
observes these assets and cannot materialize them, so "Materialize all" builds without the network.
"""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import dagster as dg

from dagster_project.defs.common import (
    JSON_LOGS,
    REFRESH_TAGS,
    UPDATE_JOB,
    build_refresh_key,
    find_declaration,
    find_executor,
    find_project,
    link_code,
)
from dagster_project.defs.resources import Warehouse
from dagster_project.errors import BilateralError
from dagster_project.sources import Dataset, Source, list_sources

if TYPE_CHECKING:
    from dagster_project.refresh.result import Result

ANSWERED = "answered"

Event = dg.ObserveResult | dg.AssetCheckResult


class RefreshConfig(dg.Config):
    """The options of a refresh that runs in Dagster.

    `since` and `until` are the first and the last year to request; without them, a refresh requests all that may be new
    or revised. `full` requests all periods again; `again` repeats requests answered in the last 20 hours.
    """

    since: int | None = None
    until: int | None = None
    full: bool = False
    again: bool = False


def build_publisher_asset(source: Source, dataset: Dataset) -> dg.AssetsDefinition:
    """Declare a publisher's dataset as an asset upstream of its snapshots; observing it fetches new figures."""
    asset = build_refresh_key(dataset.path)

    @dg.multi_observable_source_asset(  # type: ignore[untyped-decorator]
        name=dataset.table,
        specs=[
            dg.AssetSpec(
                key=asset,
                group_name="refresh",
                description=(
                    f"{dataset.title}, as {source.title} offers it. Observing it asks for new figures and archives "
                    "them. A response that breaks a rule is refused, and the last good snapshot stays in use."
                ),
                kinds={"http"},
                tags={"source": source.code},
                metadata={
                    "publisher": dg.MetadataValue.url(source.homepage),
                    **link_code(find_declaration(source.code), find_project().configuration),
                },
            )
        ],
        check_specs=[
            dg.AssetCheckSpec(
                ANSWERED, asset=asset, description="The publisher answered, and no response had to be refused."
            )
        ],
    )
    def asked(context: dg.AssetExecutionContext, config: RefreshConfig, warehouse: Warehouse) -> Iterator[Event]:
        metadata, wrong = _ask_publisher(context, source, dataset, config, warehouse)
        yield dg.ObserveResult(asset_key=asset, metadata=metadata)
        yield dg.AssetCheckResult(
            asset_key=asset, check_name=ANSWERED, passed=wrong is None, description=wrong, metadata=metadata
        )
        # A run that also builds goes on with the figures of the other publishers.
        if wrong is not None and context.run.job_name != UPDATE_JOB:
            raise dg.Failure(wrong, metadata=metadata, allow_retries=False)

    made: dg.AssetsDefinition = asked
    return made


def _ask_publisher(
    context: dg.AssetExecutionContext, source: Source, dataset: Dataset, config: RefreshConfig, warehouse: Warehouse
) -> tuple[dict[str, Any], str | None]:
    """Refresh a dataset; return the metadata for Dagster, and the failure if there is one."""
    from dagster_project.refresh.planning import Options
    from dagster_project.refresh.retry import PROMPT
    from dagster_project.refresh.run import run_refresh

    options = Options(
        since=None if config.since is None else date(config.since, 1, 1),
        until=None if config.until is None else date(config.until, 12, 31),
        full=config.full,
        again=config.again,
        datasets={dataset.path},
        # The sensor `retry_refresh` asks a publisher that is down again, in another run.
        retries=PROMPT,
    )
    try:
        (result,) = run_refresh(
            warehouse.project,
            [source.code],
            options,
            on_step=lambda _code, subject, total: context.log.info("%s (%s requests)", subject, total),
            on_wait=lambda code: context.log.info("Another refresh asks %s: waiting for its end.", code),
        )
    except BilateralError as error:
        return {}, str(error)
    if result.skipped:
        context.log.warning("%s: %s", result.source, result.skipped)
    return _describe_result(result), _describe_failure(result)


def _describe_result(result: "Result") -> dict[str, Any]:
    """Build the metadata that Dagster shows for the result of a refresh."""
    counts = "planned requests retries bytes new changed withdrawn confirmed nothing set_aside"
    metadata: dict[str, Any] = {name: getattr(result, name) for name in counts.split()}
    metadata |= {
        "refused": len(result.refusals),
        "archived": dg.MetadataValue.md("\n".join(f"- `{name}`" for name in result.archived) or "nothing new"),
    }
    for name, lines in (
        ("notes", result.notes),
        ("unanswered", result.unanswered),
        ("refusals", [f"{one.subject}: {one.reason} (`{one.folder}`)" for one in result.refusals]),
    ):
        if lines:
            metadata[name] = dg.MetadataValue.md("\n".join(f"- {line}" for line in lines))
    if result.skipped:
        metadata["skipped"] = result.skipped
    return metadata


def _describe_failure(result: "Result") -> str | None:
    """Describe the failure of a refresh that a person must look into; return None if there is none."""
    if result.refusals:
        refused = "1 response was" if len(result.refusals) == 1 else f"{len(result.refusals)} responses were"
        return f"{refused} refused; earlier snapshots stay in use. The first reason: {result.refusals[0].reason}"
    return (result.skipped or result.unanswered[0]) if result.failed else None


def list_live() -> list[tuple[Source, Dataset]]:
    """List the datasets that a refresh can fetch, each with its source."""
    return [
        (source, dataset) for source in list_sources() for dataset in source.datasets if dataset.name in source.live
    ]


PUBLISHERS = dg.AssetSelection.assets(*(build_refresh_key(dataset.path) for _, dataset in list_live()))

refresh_sources = dg.define_asset_job(
    "refresh_sources",
    selection=PUBLISHERS,
    config=JSON_LOGS,
    executor_def=find_executor(),
    tags=REFRESH_TAGS,
    description="Asks every publisher for new figures, and builds nothing.",
)


@dg.definitions
def refreshing() -> dg.Definitions:
    return dg.Definitions(
        assets=[build_publisher_asset(source, dataset) for source, dataset in list_live()], jobs=[refresh_sources]
    )
