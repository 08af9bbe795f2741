"""Show the state and the changes of publications, draw reports, and cite figures.

The commands are `status`, `mcp`, `diff`, `publications`, `forecasts`, `rollback`, `report` and `cite`. The packages
`publication` and `report` compute their results; this module shows them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.markup import escape
from typer import Argument, Option

from dagster_project import publication
from dagster_project.cli import console, formats
from dagster_project.cli.options import FormatOption, read_input
from dagster_project.database import fetch_records
from dagster_project.errors import BilateralError
from dagster_project.languages import translate
from dagster_project.project import Project

if TYPE_CHECKING:
    from dagster_project.publication.freshness import NewestPeriod

UNITS = {"h": "hours", "d": "days", "w": "weeks"}
# The most by which the clocks of two machines may differ.
CLOCKS_APART = timedelta(hours=1)
FORECASTS = """
    select entry, reporter_code as reporter, partner_code as partner, series, year, origin_month as 'from month',
        round(nowcast_usd / 1e9, 1) as 'forecast bn US$', round(low_usd / 1e9, 1) as low,
        round(high_usd / 1e9, 1) as high, status, round(actual_usd / 1e9, 1) as outcome,
        round(error_pct, 1) as 'error %', is_hit as 'in interval', reason
    from marts.sealed_forecasts
    order by status, entry
"""


def parse_age(text: str) -> timedelta:
    """Parse an age in hours, days or weeks, such as 40d."""
    match = re.fullmatch(r"([0-9]+)([hdw])", text)
    if match is None:
        raise typer.BadParameter("expected a number and h (hours), d (days) or w (weeks), such as 40d")
    return timedelta(**{UNITS[match[2]]: int(match[1])})


def status(
    project: Project,
    max_age: timedelta | None = Option(
        None,
        metavar="AGE",
        parser=parse_age,
        help="Fail if the publication or the last accepted response is older than this (40d, 36h, 6w), or missing.",
    ),
) -> None:
    """Show the publication, its audit, the freshness of its figures, and the snapshots added or removed since."""
    from dagster_project.audit.results import read_checks
    from dagster_project.notify.left_out import list_faults
    from dagster_project.publication.freshness import read_freshness
    from dagster_project.snapshots import list_snapshot_ids

    with publication.open_published(project) as connection:
        (row,) = fetch_records(connection, "from meta.publication")
        built_from = {name for (name,) in connection.execute("select snapshot_id from meta.snapshots").fetchall()}
        results = [result for result, _ in read_checks(connection, {}) if not result.passed]
        set_aside = connection.execute(
            "select snapshot_id, reason from meta.quarantine where set_aside_by != 'person' and is_current "
            "group by all order by all"
        ).fetchall()
        held = read_freshness(connection)
    published_at = row["published_at"].replace(tzinfo=UTC)
    console.print_fields(row | {"published_at": f"{published_at:%Y-%m-%d %H:%M:%S} UTC"})
    # A file given by --file may have been built elsewhere, so it is not compared with the snapshots of this folder.
    here = set() if project.file else list_snapshot_ids(project)
    if here and here != built_from:
        console.print_text(
            f"[yellow]Snapshots have changed since: {len(here - built_from)} new, {len(built_from - here)} removed. "
            "Run `bilateral build`.[/]"
        )
    if project.failed_audit.exists():
        console.print_text(f"[yellow]The last build failed its audit, and was not published: {project.failed_audit}[/]")
    kept = [made.publication_id for made in publication.list_publications(project)]
    if row["publication_id"] in kept[1:]:
        console.print_text(f"[yellow]A newer publication is kept: {kept[0]}.[/]")
    _print_freshness(project, held, built_from)
    for title, is_known in (("Warnings without a known cause", False), ("Known irregularities", True)):
        if found := [result for result in results if bool(result.cause) == is_known]:
            console.print_section(f"{title} ({len(found)}{'; `bilateral check` shows the rows' if is_known else ''})")
            console.print_failures(found, to=console.out, with_rows=not is_known)
            for snapshot_id, reason in set_aside if any(each.table == "meta.quarantine" for each in found) else ():
                console.print_text(f"{escape(snapshot_id)}: {escape(reason)}", "dim", indent=2)
    if not project.file and (faults := list_faults(project)):
        console.print_section(f"Left out ({len(faults)})", *map(escape, faults), bullet="• ")
    if max_age is not None:
        _check_age(project, published_at, max_age)


def _print_freshness(project: Project, held: Sequence[NewestPeriod], built_from: Collection[str]) -> None:
    """Print the newest period and the next due day of each dataset that a refresh updates; count the other datasets."""
    from dagster_project.refresh.state import list_states

    now = datetime.now(UTC)
    rows: list[tuple[str, NewestPeriod | None, str]]
    if project.file is not None:
        # A file given by --file may have been built elsewhere, so the settings of this folder do not apply to it.
        rows = [(each.path, each, each.get_status(now.date())) for each in held if each.is_live]
    else:
        states = list_states(project, os.environ, now, (held, built_from))
        rows = [(state.dataset, state.newest, state.in_words) for state in states]
        silent = (state.dataset.partition("/")[0] for state in states if state.result == "no response")
        for code in dict.fromkeys(silent):
            console.print_text(f"[yellow]The last refresh got no response from {code}.[/]")
    cells = [[path, newest and newest.newest_period, newest and newest.due_on, words] for path, newest, words in rows]
    console.print_section("How fresh the figures are")
    console.print_records(["dataset", "newest", "next due", "freshness"], cells)
    count = console.format_count(len({each.path for each in held if not each.is_live}), "more dataset")
    console.print_text(f"{count} came as files, which no refresh updates.", "dim")


def _check_age(project: Project, published_at: datetime, limit: timedelta) -> None:
    """Check that neither the publication nor the last accepted response is older than `limit`.

    Raises:
        BilateralError: One of them is older, or no response has been accepted yet.
    """
    from dagster_project.refresh.log import Log

    def format_age(moment: datetime) -> str:
        return console.format_count((datetime.now(UTC) - moment).days, "day")

    oldest = datetime.now(UTC) - limit
    if published_at > datetime.now(UTC) + CLOCKS_APART:
        raise BilateralError(
            f"The publication is dated in the future, {published_at:%Y-%m-%d %H:%M} UTC, so its age is unknown.",
            remedy="Correct the clock of this machine, or of the machine that published, and build again.",
        )
    if published_at < oldest:
        raise BilateralError(
            f"The publication is {format_age(published_at)} old, older than --max-age allows.",
            remedy="Read the output of `bilateral refresh` and `bilateral build`, and check that their schedule runs.",
        )
    if project.file is not None:
        return
    with Log(project, read_only=True) as log:
        accepted = log.find_last_accepted()
    if accepted is None:
        raise BilateralError(
            "No refresh has accepted a response yet.",
            remedy="Run `bilateral refresh`; `bilateral sources` lists the publishers that it asks.",
        )
    if accepted < oldest:
        raise BilateralError(
            f"The last response was accepted {format_age(accepted)} ago, earlier than --max-age allows.",
            remedy="See the result of the last refresh in `bilateral sources`.",
        )


def mcp(project: Project) -> None:
    """Serve the published warehouse to programs that speak the Model Context Protocol, on standard input and output."""
    from dagster_project.cli.mcp import serve_tools

    serve_tools(project)


def diff(
    project: Project,
    earlier: str | None = Argument(
        None, metavar="[A]", help="The earlier publication. Default: the one before the later."
    ),
    later: str | None = Argument(None, metavar="[B]", help="The later publication. Default: the published one."),
    limit: int = Option(40, min=0, help="How many changes to show, the most important first; 0 shows all."),
    form: FormatOption = "table",
) -> None:
    """Compare two publications: show each change of a figure, a sign, a verdict or a rule's result, with its cause.

    `bilateral publications` lists the names of publications. The table meta.changes compares the last two publications.
    """
    from dagster_project.catalog import Catalog
    from dagster_project.publication import changes

    before, now = changes.find_two_publications(project, earlier, later)
    files = now.get_file(project), before.get_file(project)
    with changes.compare_files(*files, Catalog(project).models.values()) as connection:

        def fetch_query(query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
            return console.fetch_rows(connection.execute(query))

        if form != "table":
            console.print_records(*fetch_query(f"from {changes.TABLE} order by all"), form)
            return
        console.print_text(f"From [bold]{before.publication_id}[/] to [bold]{now.publication_id}[/]")
        names, counts = fetch_query(changes.query_counts(changes.TABLE))
        for table, *_, why in (row for row in counts if row[-1] is not None):
            console.print_text(f"[yellow]![/] {table} is not compared: {why}")
        counted = [row[:-1] for row in counts if row[-1] is None]
        if not counted:
            console.print_done("No compared figure, verdict or rule has changed.")
            return
        console.print_records(names[:-1], counted)
        console.print_text("")
        console.print_records(*fetch_query(changes.query_largest(changes.TABLE, None)), limit=limit or None)


def publications(project: Project, form: FormatOption = "table") -> None:
    """List the publications that are kept, newest first."""
    current = publication.get_current_id(project)
    rows = [
        {
            "": "→" if made.publication_id == current else "",
            "publication": made.publication_id,
            "published": f"{made.published_at:%Y-%m-%d %H:%M:%S} UTC",
            "expectations": made.check_count,
            "warnings": made.warning_count,
        }
        for made in publication.list_publications(project)
    ]
    if not rows:
        raise BilateralError("No publication is kept yet.", remedy="Run `bilateral build` first.")
    console.print_rows(rows, form)
    if form == "table":
        console.print_path(f"The audit of each: {project.publications}/<publication>/audit.html")


def forecasts(project: Project, form: FormatOption = "table") -> None:
    """List the forecasts that publications sealed (recorded for good), each with the error once its year is over."""
    with publication.open_published(project) as connection:
        names, rows = console.fetch_rows(connection.execute(FORECASTS))
    if rows and (reason := rows[0][-1]) is not None:
        raise BilateralError(
            f"{reason} So no forecast is shown.",
            remedy=f"Restore {project.sealed_forecasts} from a backup, and build again.",
        )
    console.print_records(names[:-1], [row[:-1] for row in rows], form)


def rollback(
    project: Project,
    publication_id: str | None = Argument(None, help="The publication. Default: the one before the current."),
) -> None:
    """Publish an earlier publication again."""
    made = publication.roll_back(project, publication_id)
    console.print_done(f"{made.publication_id} is published again.")
    draw_reports(project, made.publication_id)


def report(
    project: Project,
    reporter: str | None = Option(None, help="The economy whose statistics to use. Default: the first pair's."),
    partner: str | None = Option(None, help="Its trading partner."),
    output: Path | None = Option(None, "--output", "-o", dir_okay=False, help="The file. Default: in the warehouse."),
    with_proofs: bool = Option(False, "--proofs", help="Also write proofs of the headline figures, which it links."),
) -> None:
    """Write the report on two economies, a page of charts, findings and claims that loads nothing from a network."""
    from dagster_project.report import page

    with publication.open_published(project) as connection:
        pair = page.choose_pair(project, connection, reporter, partner)
    if output is not None:
        if output.suffix.lower() not in {".html", ".htm"}:
            raise BilateralError(f"The name {output} does not end in .html.", remedy="Choose another, such as a.html.")
        formats.require_folder(output)
    if with_proofs:
        from dagster_project.proof import prove_figures
        from dagster_project.report.pair import Pair

        folder = (output or project.report).parent / page.PROOFS
        folder.mkdir(parents=True, exist_ok=True)
        with publication.open_published(project) as connection:
            figure_ids = [one["figure"].id for one in page.list_headlines(Pair(project, connection, *pair))]
            for record, proof in prove_figures(project, connection, figure_ids):
                proof.write_zip(folder / f"{record['id'].replace('/', '-')}.zip")
    console.print_done(str(page.write_report(project, *pair, output)))


def cite(
    project: Project,
    figure_ids: list[str] = Argument(metavar="ID...", help="Figure IDs, as tables print them; - reads standard input."),
    with_proof: bool = Option(False, "--proof", help="Prove each figure, and name the digest of its proof."),
    form: FormatOption = "table",
) -> None:
    """Show for each figure its value on the day in its ID, its value now, its sources, and how to cite it."""
    from dagster_project.catalog import Catalog
    from dagster_project.report import citing

    remedy = "Give an ID, or - and one ID per line on standard input."
    asked = [text for word in figure_ids for text in (read_input(word, remedy).split() if word == "-" else [word])]
    if not asked:
        raise BilateralError("No figure ID was given.", remedy=remedy)
    with publication.open_published(project) as connection:
        records = citing.cite_figures(connection, Catalog(project).models, asked)
        if with_proof:
            from dagster_project.proof import prove_figures

            for record, (_, proof) in zip(records, prove_figures(project, connection, asked), strict=True):
                record["proof"] = proof.digest
                record["citation"] = f"{record['citation'].removesuffix('.')}, proof sha256:{proof.digest}."
    if form == "json":
        formats.write_json(records[0] if figure_ids == asked and len(records) == 1 else records)
    elif form == "csv":
        rows = [
            {name: value for name, value in record.items() if not isinstance(value, list | dict)}
            | {"now_value": (record["now"] or {}).get("value")}
            | {"snapshot_ids": [snapshot["snapshot_id"] for snapshot in record["snapshots"]]}
            for record in records
        ]
        console.print_rows(rows, form)
    else:
        for number, record in enumerate(records):
            if number:
                console.print_text("\n")
            _print_citation(record)


def _print_citation(record: Mapping[str, Any]) -> None:
    from dagster_project.report.citing import format_value

    value, now = format_value(record["value"], record["unit"]), record["now"]
    changed = now and translate("{value}, as {id}", value=format_value(now["value"], record["unit"]), id=now["id"])
    console.print_text(f"[bold]{escape(record['title'])}[/]: {escape(value)}\n")
    console.print_fields(
        {
            "ID": record["id"],
            "value": value,
            "status": record["observation_status"],
            "now": translate("the same") if record["is_same"] else changed or translate("none: it was withdrawn"),
            "conversion": record["conversion"],
            "proof": record.get("proof"),
            "coverage": record["coverage"] and record["coverage"].partition(": ")[2],
            "what": record["what"],
        }
    )
    for row in record["snapshots"]:
        console.print_section(row["snapshot_id"])
        named = {"known from": row["known_from"], "publisher": translate(row["publisher"]), "sha256": row["sha256"]}
        terms = f"{translate(row['licence_name'])} ({row['licence_url']})"
        console.print_fields({**named, "licence": terms, "address": row["url"]})
    console.print_section(translate("Citation"), translate(record["source"]), record["citation"])
    console.print_code("BibTeX", record["bibtex"])


def draw_reports(project: Project, publication_id: str) -> Path | None:
    """Draw the reports that do not show this publication yet; if one fails, print the error and go on.

    Returns:
        The page of the first pair; None if it could not be drawn.
    """
    from dagster_project.report import page

    for reporter, partner, language in page.list_standing_reports(project):
        target = page.locate_report(project, reporter, partner, language)
        if page.is_report_of(target, publication_id, (reporter, partner)):
            continue
        try:
            page.write_report(project, reporter, partner, language=language)
        except Exception as error:  # noqa: BLE001 - no error of a report may undo the publication
            # Remove the earlier report, because it has the figures of an earlier publication.
            target.unlink(missing_ok=True)
            reason = error.message if isinstance(error, BilateralError) else f"{type(error).__name__}: {error}"
            console.print_line(
                f"[yellow]The report {target.name} could not be drawn: {escape(reason)}[/] The warehouse is published. "
                "Run `bilateral report` to try again.",
                console.err,
            )
    return project.report if project.report.exists() else None
