"""The commands `bilateral pairs`: what is available of each pair of economies, and adding a pair to `bilateral.toml`.

Here: their options, and how a pair is shown. Not here: what is available (`marts.pair_coverage`), what a source can
fetch (`sources`), and the settings (`settings`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer
from typer import Argument, Option

from dagster_project import publication, settings
from dagster_project.cli import console
from dagster_project.cli.options import FormatOption, declare_command
from dagster_project.errors import BilateralError
from dagster_project.files import atomic_write
from dagster_project.project import Project
from dagster_project.reference import economies

if TYPE_CHECKING:
    from dagster_project.sources import Brings

app = typer.Typer(help="List what is available of each pair of economies, or add a pair to bilateral.toml.")

SHOWN = 20
# The statistics of a reporter with a partner in a row for people: spans, and in brackets what they lack.
OVERVIEW = """
    select
        concat(reporter_code, '-', partner_code) as pair,
        first_year || '–' || last_year || coalesce(' without ' || missing_years, '') as years,
        strftime(first_month, '%Y-%m') || '–' || strftime(last_month, '%Y-%m')
        || coalesce(' without ' || missing_months, '') as months,
        both_sides_first_year || '–' || both_sides_last_year as "both sides",
        vintage_count as vintages,
        products
    from ({chosen})
"""
CHOSEN = """
    select * from marts.pair_coverage
    where $economy is null or $economy in (reporter_code, partner_code)
    order by coalesce(list_position($pairs, concat(reporter_code, '-', partner_code)), 1000),
        both_sides_year_count + year_count + month_count / 12 desc, reporter_code, partner_code
"""
# What a source can bring, by an item that it offers.
KINDS = {
    "TOTAL": "all goods",
    "8542": "products that bilateral.toml names",
    "END_USE": "goods by end use",
    "S": "services",
    "services": "parts of GDP",
}
KEYS = {
    "not needed": "none needed",
    "set": "set",
    "optional": "not set: smaller answers",
    "missing": "not set: nothing is asked",
}


@declare_command(app.callback(invoke_without_command=True), needs="file")
def list_pairs(
    project: Project,
    of: str | None = Option(None, metavar="ECONOMY", help="List only the pairs of this economy, by name or code."),
    every: bool = Option(False, "--all", help=f"List every pair. Default: the first {SHOWN}."),
    form: FormatOption = "table",
) -> None:
    """List what is available of each pair: years, months, products, the years of both sides, and vintages.

    A row has the statistics of the first economy with the second. The pairs of bilateral.toml come first, then those of
    which most is available.
    """
    chosen = [pair for one in settings.list_pairs(project) for pair in (one, one[::-1])]
    with publication.open_published(project) as connection:
        economy = economies.find_code(connection, of) if of else None
        values = {"economy": economy, "pairs": ["-".join(pair) for pair in chosen]}
        sql = OVERVIEW.format(chosen=CHOSEN) if form == "table" else CHOSEN
        names, rows = console.fetch_rows(connection.execute(sql, values))
    limit = None if every else SHOWN
    console.print_records(
        names, rows, form, limit=limit, hint="--all lists every pair, and so do --format csv and json"
    )


@declare_command(app.command("add"), needs="checkout")
def add_pair(
    project: Project,
    first: str = Argument(metavar="ECONOMY", help="An economy, by name or code."),
    second: str = Argument(metavar="PARTNER", help="Its trading partner."),
) -> None:
    """Add a pair to bilateral.toml, and tell what the sources will bring of it, and what they do without a key."""
    import tomlkit

    from dagster_project.refresh.planning import read_settings

    with publication.open_published(project) as connection:
        reporter, partner = (economies.find_code(connection, text) for text in (first, second))
        values = {"economy": reporter, "pairs": []}
        both = f"select * from ({CHOSEN}) where '{partner}' in (reporter_code, partner_code)"
        held = console.fetch_rows(connection.execute(OVERVIEW.format(chosen=both), values))
    pair, configuration = f"{reporter}-{partner}", project.configuration
    if (reporter, partner) in read_settings(project).directions:
        raise BilateralError(f"{configuration.name} has the pair {pair} already.", remedy="See `bilateral pairs`.")
    if reporter == partner or "WLD" in (reporter, partner):
        raise BilateralError(f"{pair} is not a pair of two economies.", remedy="Name two economies.")
    content = tomlkit.parse(configuration.read_text(encoding="utf-8"))
    content["pairs"].append(pair)
    with atomic_write(configuration) as half:
        half.write_text(tomlkit.dumps(content), encoding="utf-8")
    console.print_done(f"{pair} is in {configuration}")
    console.print_section("Available now")
    console.print_records(*held) if held[1] else console.print_text("Nothing; build after a refresh.")
    console.print_section("What the sources will bring")
    console.print_records(["dataset", "brings", "statistics of", "asked", "key"], _list_offers(project, pair))
    console.print_text(
        "\n`bilateral refresh --dry-run` lists the requests. `bilateral refresh && bilateral build` takes the figures "
        "in, and writes the report of the pair."
    )


def _list_offers(project: Project, pair: str) -> Iterator[list[str]]:
    """List what each dataset can bring of a pair, and whether a refresh would ask for it."""
    from dagster_project import sources
    from dagster_project.cli.refreshing import ASKED
    from dagster_project.refresh.state import list_states

    for state in list_states(project, os.environ, datetime.now(UTC)):
        brings = sources.find_dataset(state.dataset).brings
        reporters = _list_reporters(brings, pair) if brings else []
        if brings and reporters:
            kind = next((word for item, word in KINDS.items() if any(re.fullmatch(i, item) for i in brings.items)), "")
            spans = " and ".join({"A": "years", "M": "months"}[one] for one in brings.frequencies)
            since = f"{kind}, {spans} from {brings.since}"
            yield [state.dataset, since, ", ".join(reporters), ASKED[state.stopped], KEYS[state.key]]


def _list_reporters(brings: Brings, pair: str) -> list[str]:
    """List the economies of a pair whose statistics a source can bring."""
    one, other = pair.split("-")
    return [
        reporter
        for reporter, partner in ((one, other), (other, one))
        if reporter in (brings.reporters or pair) and partner in (brings.partners or pair)
    ]
