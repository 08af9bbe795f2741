"""List the figures available for each pair of economies, and add a pair to `bilateral.toml`: `bilateral pairs`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any

import duckdb
import typer
from typer import Argument, Option

from dagster_project import publication
from dagster_project.cli import console
from dagster_project.cli.options import FormatOption, declare_command
from dagster_project.database import fetch_records
from dagster_project.errors import BilateralError
from dagster_project.files import atomic_write
from dagster_project.project import Project
from dagster_project.reference import economies

app = typer.Typer(help="List the figures available for each pair of economies, or add a pair to bilateral.toml.")

SHOWN = 20
SQL = Path(__file__).with_name("pairs.sql")
COLUMNS = ("pair", "years", "months", "both sides", "vintages", "products")
# The words for the figures that a source can fetch, by one of the items that it offers.
KINDS = {
    "TOTAL": "all goods",
    "8542": "products that bilateral.toml names",
    "END_USE": "goods by end use",
    "S": "services",
    "services": "parts of GDP",
}
# The words for the state of a publisher's key.
KEYS = {
    "not needed": "none needed",
    "set": "set",
    "optional": "not set: smaller responses",
    "missing": "not set: no request is sent",
}


@declare_command(app.callback(invoke_without_command=True), needs="file")
def list_pairs(
    project: Project,
    of: str | None = Option(None, metavar="ECONOMY", help="List only the pairs of this economy, by name or code."),
    every: bool = Option(False, "--all", help=f"List every pair. Default: the first {SHOWN}."),
    form: FormatOption = "table",
) -> None:
    """List the figures available for each pair: years, months, years that both economies report, vintages, products.

    The row KOR-CHN, for example, has Korea's statistics of its trade with China. Vintages are the number of days on
    which figures became known or changed. The pairs of bilateral.toml come first, then the pairs with the most figures.
    """
    with publication.open_published(project) as connection:
        rows = _list_coverage(project, connection, economies.find_code(connection, of) if of else None)
    if form != "table":
        console.print_rows(rows, form)
        return
    hint = "--all lists every pair, and so do --format csv and json"
    console.print_records(COLUMNS, map(itemgetter(*COLUMNS), rows), limit=None if every else SHOWN, hint=hint)


def _list_coverage(
    project: Project, connection: duckdb.DuckDBPyConnection, economy: str | None
) -> list[dict[str, Any]]:
    """List the coverage of each pair, or of one economy's pairs; the pairs of the settings come first."""
    from dagster_project import settings

    chosen = ["-".join(pair) for one in settings.list_pairs(project) for pair in (one, one[::-1])]
    return fetch_records(connection, SQL.read_text(encoding="utf-8"), {"economy": economy, "pairs": chosen})


@declare_command(app.command("add"), needs="checkout")
def add_pair(
    project: Project,
    first: str = Argument(metavar="ECONOMY", help="An economy, by name or code."),
    second: str = Argument(metavar="PARTNER", help="Its trading partner."),
) -> None:
    """Add a pair to bilateral.toml, and list the figures that a refresh can fetch for it, with the API keys needed."""
    import tomlkit

    from dagster_project.refresh.planning import read_settings

    with publication.open_published(project) as connection:
        reporter, partner = (economies.find_code(connection, text) for text in (first, second))
        held = [row for row in _list_coverage(project, connection, reporter) if partner in row["pair"].split("-")]
    pair, configuration = f"{reporter}-{partner}", project.configuration
    if reporter == partner or "WLD" in (reporter, partner):
        raise BilateralError(f"{pair} is not a pair of two economies.", remedy="Name two economies, not the world.")
    if (reporter, partner) not in read_settings(project).directions:
        content = tomlkit.parse(configuration.read_text(encoding="utf-8"))
        content["pairs"].append(pair)
        with atomic_write(configuration) as half:
            half.write_text(tomlkit.dumps(content), encoding="utf-8")
    console.print_done(f"{pair} is in {configuration}")
    console.print_section("Available now")
    console.print_records(COLUMNS, map(itemgetter(*COLUMNS), held)) if held else console.print_text("Nothing.")
    console.print_section("Figures that a refresh can fetch")
    console.print_records(["dataset", "figures", "statistics of", "asked", "key"], _list_offers(project, pair))
    console.print_text(
        "\n`bilateral refresh --dry-run` lists the requests. `bilateral refresh && bilateral build` fetches and "
        "publishes the figures, and writes the report on the pair."
    )


def _list_offers(project: Project, pair: str) -> Iterator[list[str]]:
    """List the figures that each dataset can have for a pair, and whether a refresh would request them."""
    from dagster_project import sources
    from dagster_project.cli.refreshing import ASKED
    from dagster_project.refresh.state import list_states

    one, other = pair.split("-")
    for state in list_states(project, os.environ, datetime.now(UTC)):
        offer = sources.find_dataset(state.dataset).offer
        reporters = [
            reporter
            for reporter, partner in ((one, other), (other, one))
            if offer and reporter in (offer.reporters or pair) and partner in (offer.partners or pair)
        ]
        if offer and reporters:
            kind = next((word for item, word in KINDS.items() if any(re.fullmatch(i, item) for i in offer.items)), "")
            spans = " and ".join({"A": "years", "M": "months"}[one] for one in offer.frequencies)
            since = f"{kind}, {spans} from {offer.since}"
            yield [state.dataset, since, ", ".join(reporters), ASKED[state.stopped], KEYS[state.key]]
