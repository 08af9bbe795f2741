"""The commands for readers: a report to look at, a figure to cite, a package to pass on.

Here: `bilateral report`, `bilateral cite`, `bilateral export`, and the report that a build leaves. Not here: what they
make (`report`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from typer import Argument, Option

from dagster_project import publication
from dagster_project.cli import console, formats
from dagster_project.cli.options import FormatOption, read_input
from dagster_project.errors import BilateralError
from dagster_project.project import Project

if TYPE_CHECKING:
    from dagster_project.report.citing import Citation


def report(
    project: Project,
    reporter: str | None = Option(None, help="Whose statistics, by name or code; by default the first pair's."),
    partner: str | None = Option(None, help="The economy it trades with."),
    output: Path | None = Option(
        None, "--output", "-o", dir_okay=False, help="The file; by default beside the warehouse's."
    ),
) -> None:
    """Write a page about a pair: charts, findings, claims, what is not held. It loads nothing from a network."""
    from dagster_project.reference.economies import find_code
    from dagster_project.report import page

    first = page.find_first_pair(project)
    with publication.open_published(project) as connection:
        whose = find_code(connection, reporter or first[0])
        pair = (whose, find_code(connection, partner or first[whose != first[1]]))
    if pair[0] == pair[1]:
        raise BilateralError(
            f"{pair[0]} does not trade with itself here.", remedy="Give a reporter and another partner."
        )
    if output is not None:
        if output.suffix.lower() not in {".html", ".htm"}:
            raise BilateralError(f"{output} is no name of a page.", remedy="End it in .html.")
        formats.require_folder(output)
    console.print_done(str(page.write_report(project, *pair, output)))


def cite(
    project: Project,
    identities: list[str] = Argument(
        metavar="ID...",
        help="The figures: metric/reporter/partner/period@day, as tables print them; - reads them from standard input.",
    ),
    form: FormatOption = "table",
) -> None:
    """Say what figures were on their days, what they rest on, how to cite them, and what they are now."""
    from dagster_project.catalog import Catalog
    from dagster_project.report import citing

    remedy = "Write one, or a line each to standard input."
    asked = [text for word in identities for text in (read_input(word, remedy).split() if word == "-" else [word])]
    if not asked:
        raise BilateralError("No identity was given.", remedy=remedy)
    with publication.open_published(project) as connection:
        found = citing.cite_figures(connection, Catalog(project).models, asked)
    records = [one.build_record() for one in found]
    if form == "json":
        formats.write_json(records[0] if identities == asked and len(records) == 1 else records)
    elif form == "csv":
        rows = [
            {name: value for name, value in record.items() if not isinstance(value, list | dict)}
            | {"now_value": one.now and one.now.value, "snapshot_ids": list(one.figure.snapshot_ids)}
            for record, one in zip(records, found, strict=True)
        ]
        formats.write_rows(list(rows[0]) if rows else [], [list(row.values()) for row in rows], form)
    else:
        for number, one in enumerate(found):
            if number:
                console.print_text("\n")
            _print_citation(one)


def _print_citation(found: Citation) -> None:
    console.print_text(f"[bold]{escape(found.title)}[/]: {escape(found.printed)}\n")
    console.print_fields(
        {
            "identity": found.figure.id,
            "value": found.printed,
            "status": found.figure.observation_status,
            "now": found.printed_now,
            "conversion": found.conversion,
            "coverage": found.coverage and found.coverage.partition(": ")[2],
            "what": found.metric.what,
        }
    )
    for row in found.snapshots:
        console.print_text(f"\n[bold]{escape(str(row['snapshot_id']))}[/]")
        licence = f"{row['licence_name']} ({row['licence_url']})"
        named = {"known from": row["known_from"], "publisher": row["publisher"], "sha256": row["sha256"]}
        console.print_fields({**named, "licence": licence, "address": row["url"]})
    console.print_text(f"\n[bold]Citation[/]\n{escape(found.text)}")
    console.print_code("BibTeX", found.bibtex)


def draw_reports(project: Project, publication_id: str) -> Path | None:
    """Draw the reports of a publication that are not drawn already; what goes wrong is said and ends nothing.

    Returns:
        The page of the first pair; None if it could not be drawn.
    """
    from dagster_project.report import page

    for pair in page.list_standing_pairs(project):
        target = page.locate_report(project, *pair)
        if page.is_report_of(target, publication_id, pair):
            continue
        try:
            page.write_report(project, *pair)
        except Exception as error:  # noqa: BLE001 - whatever it is, what is published stands
            # Better no page than one of another publication.
            target.unlink(missing_ok=True)
            reason = error.message if isinstance(error, BilateralError) else f"{type(error).__name__}: {error}"
            console.print_line(
                f"[yellow]The report {target.name} could not be drawn: {escape(reason)}[/] What is published stands; "
                "`bilateral report` tries again.",
                console.err,
            )
    return project.report if project.report.exists() else None


def export(
    project: Project,
    folder: Path = Argument(help="Where to write it: an empty or a new folder, or an earlier package."),
) -> None:
    """Write core and marts as a Data Package, Parquet and CSV, without what the terms do not let pass on."""
    from dagster_project.catalog import Catalog
    from dagster_project.report import package

    written = package.write_package(project, Catalog(project).models, folder)
    rows = sum(resource["rows"] for resource in written.resources)
    console.print_done(f"{written.folder}: {len(written.resources)} tables, {rows:,} rows", console.out)
    if written.left_out:
        console.print_text("\n[bold]Left out[/]")
        reasons: dict[str, list[str]] = {}
        for one in written.left_out:
            reasons.setdefault(one["why"], []).append(one.get("dataset") or one["table"])
        for why, names in reasons.items():
            console.print_text(f"• {escape(', '.join(names))}: {escape(why)}")
        console.print_text("datapackage.json says of each how to fetch it.", "dim")
