"""Make the World Bank's responses to a refresh from the stored figures, with the changes of a test.

Here: complete responses, which acceptance compares with the stored figures. Not here: the forms of a response
(`tests/refresh/publishers`).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import duckdb

from dagster_project import raw, snapshots
from dagster_project.project import Project
from dagster_project.refresh.planning import Options, plan_refresh
from dagster_project.sources import find_dataset
from tests.refresh.publishers.worldbank import NO_DATA, failure, page, row
from tests.refresh.server import Reply, Server

WDI = "worldbank/wdi"
JSON = {"Content-Type": "application/json"}
Changes = Mapping[tuple[str, str, str], float]


def answer(server: Server, where: Project, changes: Changes) -> None:
    """Make the server answer requests to the World Bank; `changes` has new values by indicator, economy and year."""
    held = _held(where) | {key: str(value) for key, value in changes.items()}
    (planned,) = plan_refresh(where, ["worldbank"], Options(environment={}, full=True))
    routes = {}
    for one in planned.requests:
        (indicator,), economies = one.request.only["indicator_code"], set(one.request.only["economy_code"])
        rows = [
            row(economy, year, float(value), indicator)
            for (of, economy, year), value in sorted(held.items())
            if of == indicator and economy in economies
        ]
        address = urlsplit(one.address)
        content = page(rows, lastupdated="2026-11-20") if rows else NO_DATA
        routes[f"{address.path.removeprefix('/v2')}?{address.query}"] = Reply(content, headers=JSON)
    server.route(routes, otherwise=Reply(failure("120", "no", "Not one of ours"), headers=JSON))


def _held(where: Project) -> dict[tuple[str, str, str], str]:
    """Read the newest figure of each indicator, economy and year."""
    known = {one.id: str(one.manifest.known_from) for one in snapshots.find_snapshots(where, WDI)}
    files = [str(file) for file in raw.receive_dataset(where, find_dataset(WDI)).files]
    every = duckdb.sql(
        f"select indicator_code, economy_code, year, value, snapshot_id from read_parquet({files}) where value <> ''"
    ).fetchall()
    return {(one[0], one[1], one[2]): one[3] for one in sorted(every, key=lambda one: known[one[4]])}
