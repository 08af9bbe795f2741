"""Declare a check for each dataset with an API: its figures are as recent as its publisher's releases.

Here: the checks, and how Dagster shows the state of a dataset. Not here: when a period is due (`sources.calendar`), and
the reason for a delay (`refresh.state`). A dataset without an API is never late, because no refresh updates it.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from dagster_project.defs.common import build_table_key, find_declaration, link_code
from dagster_project.defs.resources import Warehouse
from dagster_project.refresh.state import State, list_states
from dagster_project.sources import find_dataset, list_sources

NAME = "reaches_as_far_as_the_publisher"


def describe_freshness(state: State) -> dg.AssetCheckResult:
    """Convert the state of a dataset into the result of its check: a warning if figures are later than usual."""
    newest = state.newest
    metadata: dict[str, dg.RawMetadataValue] = {"freshness": state.in_words, "last_result": state.result}
    if newest is not None:
        metadata |= {"newest_period": newest.newest_period, "next_period": newest.next_period}
        metadata |= {name: str(day) for name in ("due_on", "late_from") if (day := getattr(newest, name))}
    return dg.AssetCheckResult(
        asset_key=build_table_key(f"staging.{find_dataset(state.dataset).table}"),
        check_name=NAME,
        passed=state.freshness != "late",
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{state.dataset} is {state.in_words}",
        metadata=metadata,
    )


@dg.multi_asset_check(
    name="freshness",
    specs=[
        dg.AssetCheckSpec(
            name=NAME,
            asset=build_table_key(f"staging.{declared.table}"),
            description="The last year or month that is published against the publisher's calendar.",
            metadata=link_code(find_declaration(source.code)),
        )
        for source in list_sources()
        for declared in source.datasets
        if declared.name in source.live
    ],
    can_subset=True,
)
def freshness(context: dg.AssetCheckExecutionContext, warehouse: Warehouse) -> Iterator[dg.AssetCheckResult]:
    asked = context.selected_asset_check_keys
    for state in list_states(warehouse.project, os.environ, datetime.now(UTC)):
        result = describe_freshness(state)
        if dg.AssetCheckKey(build_table_key(f"staging.{find_dataset(state.dataset).table}"), NAME) in asked:
            yield result
