"""The command `bilateral brief`: what the newest month of a pair shows, for a newsroom or a desk.

Here: its options and the choice of the form. Not here: the content of the brief (`report.brief`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from rich.markup import escape
from typer import Argument, Option

from dagster_project import publication
from dagster_project.cli import console, formats
from dagster_project.errors import BilateralError
from dagster_project.files import atomic_write
from dagster_project.project import Project

FORMS = {"txt": "text", "md": "text", "json": "json", "html": "html", "htm": "html"}


def brief(
    project: Project,
    reporter: str | None = Argument(None, help="The economy whose statistics to use. Default: the first pair's."),
    partner: str | None = Argument(None, help="Its trading partner."),
    form: Annotated[Literal["text", "json"], Option("--format", "-f", help="The format of the output.")] = "text",
    output: Annotated[
        Path | None, Option("--output", "-o", dir_okay=False, help="Write to this .html, .txt, .md or .json file.")
    ] = None,
) -> None:
    """Write the brief of a pair: its newest month in sentences to paste, what changed, revisions, and the forecast."""
    from dagster_project.report import brief as room
    from dagster_project.report.page import choose_pair
    from dagster_project.report.pair import Pair

    ending = output.suffix.lower().removeprefix(".") if output else ""
    if output is not None:
        formats.require_folder(output)
        if ending not in FORMS:
            raise BilateralError(
                f"The ending of {output} names no known format.", remedy="End it in .html, .txt, .md or .json."
            )
    with publication.open_published(project) as connection:
        pair = Pair(project, connection, *choose_pair(project, connection, reporter, partner))
        found = room.compile_brief(pair)
        text = room.render_brief(pair, found) if FORMS.get(ending) == "html" else room.render_text(found)
    if FORMS.get(ending, form) == "json":
        kept = ({name: one[name] for name in ("part", "text", "source")} for one in found["sentences"])
        record = found | {"sentences": list(kept), "figures": room.list_figure_ids(found)}
        formats.write_json(record, output)
    elif output is None:
        # A line that is not wrapped can be pasted.
        console.print_line(escape(text.rstrip()))
    else:
        with atomic_write(output) as half:
            half.write_text(text, encoding="utf-8")
    if output is not None:
        console.print_done(str(output))
