"""Declare a check for each dataset with an API: its figures are as recent as its publisher's releases.

Here: the checks, and how Dagster shows the state of a dataset. Not here: when a period is due (`sources.calendar`), and
the reason for a delay (`refresh.state`). A dataset without an API is never late, because no refresh updates it.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from dagster_project.defs.common import build_table_key, find_declaration, link_code
from dagster_project.defs.refresh import list_live
from dagster_project.defs.resources import Warehouse
from dagster_project.refresh.state import State, list_states
from dagster_project.sources import find_dataset

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
        for source, declared in list_live()
    ],
    can_subset=True,
)
def freshness(context: dg.AssetCheckExecutionContext, warehouse: Warehouse) -> Iterator[dg.AssetCheckResult]:
    asked = {key.asset_key for key in context.selected_asset_check_keys}
    results = map(describe_freshness, list_states(warehouse.project, os.environ, datetime.now(UTC)))
    yield from (result for result in results if result.asset_key in asked)
