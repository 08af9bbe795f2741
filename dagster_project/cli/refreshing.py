"""The commands about publishers: `bilateral refresh` and `bilateral sources`.

Here: their options, and how the result of a refresh is shown. Not here: the refresh itself (`refresh`).
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from dagster_project.cli import console, formats
from dagster_project.cli.context import project_of
from dagster_project.errors import BilateralError
from dagster_project.project import Project

if TYPE_CHECKING:
    from dagster_project.refresh.planning import Plan
    from dagster_project.refresh.result import Result

# Refusals shown in full; the rest are where these are.
SHOWN = 10
ASKED = {
    None: "yes",
    "off": "no, turned off",
    "setting": "no, wrong setting",
    "no key": "no, without key",
    "pause": "no, for now",
    "by hand": "no, handed in",
}


def refresh(
    context: typer.Context,
    codes: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE]...", help="The publishers to ask; all by default.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day to ask for, whatever is held.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day to ask for; today by default.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Ask for whole spans again, and not only for what is still revised.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Ask again for what was answered in the last 20 hours, too.")
    ] = False,
    trust: Annotated[
        bool,
        typer.Option(
            "--trust",
            help="Accept responses that lack held figures or have another scale; look at what was refused first.",
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List the requests and send none.")] = False,
) -> None:
    """Fetch what is new from the publishers. Accepted responses go into the archive, refused ones are kept aside.

    bilateral.toml says what to ask for, and keys come from the environment (`bilateral sources`). A publisher whose key
    is missing is skipped. The exit code is 1 if a response was refused.
    """
    from dagster_project.refresh.planning import Options, plan
    from dagster_project.refresh.run import refresh as run

    project = project_of(context)
    options = Options(since=_day(since), until=_day(until), full=full, again=again, trust=trust)
    if dry_run:
        _show_plan(plan(project, codes, options))
        return
    with console.progress() as on_step:
        results = run(
            project,
            codes,
            options,
            on_step=lambda code, subject, total: on_step(f"Asking {code}", subject, total),
            on_wait=lambda code: console.err.print(f"Another refresh is asking {code}: waiting for it to end."),
        )
    # Who is turned off is of interest only to those who asked for it.
    _show_results([one for one in results if codes or one.stopped != "off"], project)


def sources(context: typer.Context, form: formats.FormatOption = "table") -> None:
    """List the publishers' datasets: whether a refresh asks for each, with what key, and how fresh its figures are."""
    from dagster_project.refresh.state import handed_in, keys, states

    now = datetime.now(UTC)
    found = [*states(project_of(context), os.environ, now), *handed_in(project_of(context), now.date())]
    rows = [
        [
            state.dataset,
            ASKED[state.stopped],
            state.key,
            state.committed,
            state.fetched,
            state.newest.newest_period if state.newest else None,
            state.newest.due_on if state.newest else None,
            state.in_words,
            f"{state.asked_at:%Y-%m-%d %H:%M}" if state.asked_at else None,
            state.result,
        ]
        for state in found
    ]
    names = [
        "dataset",
        "asked",
        "key",
        "committed",
        "fetched",
        "newest",
        "next due",
        "freshness",
        "last asked",
        "last result",
    ]
    console.records(names, rows, form)
    if form != "table":
        return
    for variable, needed, how in keys(os.environ):
        console.echo(f"[bold]{variable}[/] ({needed})  {escape(how)}")


def _show_plan(plans: list[Plan]) -> None:
    for planned in plans:
        code = planned.source.code
        if planned.skipped:
            console.echo(f"[yellow]–[/] {code}: {escape(planned.skipped)}")
            continue
        waiting = [one for one in planned.requests if one.answered_at is None]
        already = len(planned.requests) - len(waiting)
        answered = f", {already} answered already" if already else ""
        console.out.print(
            f"[bold]{code}[/]: {console.plural(len(waiting), 'request')}{answered}{_duration(planned, len(waiting))}",
            highlight=False,
        )
        for one in waiting:
            console.out.print(
                f"  {one.request.dataset}  [bold]{escape(one.request.subject)}[/]  [dim]{escape(one.address)}[/]",
                highlight=False,
                soft_wrap=True,
            )


def _duration(planned: Plan, waiting: int) -> str:
    assert planned.source.api is not None
    api = planned.source.api
    seconds = waiting / api.per_second
    told = f", at {api.per_second:g} a second" if seconds < 60 else f", {timedelta(seconds=round(seconds))} at least"
    return told + (f", {api.per_day:,} a day at most" if api.per_day and waiting > api.per_day else "")


def _show_results(results: list[Result], project: Project) -> None:
    from dagster_project.refresh.planning import TROUBLING

    asked = [result for result in results if result.planned]
    if asked:
        console.records(
            [
                *("dataset", "answered", "requests", "received", "new", "changed", "withdrawn", "confirmed"),
                *("refused", "snapshots"),
            ],
            [
                [
                    result.dataset,
                    f"{result.answered + result.already}/{result.planned}",
                    result.requests,
                    console.size(result.bytes),
                    result.new,
                    result.changed,
                    result.withdrawn,
                    result.confirmed,
                    len(result.refusals),
                    len(result.archived),
                ]
                for result in asked
            ],
            "table",
        )
    for note in dict.fromkeys(f"{result.source}: {note}" for result in results for note in result.notes):
        console.echo(f"[yellow]![/] {escape(note)}")
    set_aside = sum(result.set_aside for result in results)
    if set_aside:
        console.out.print(
            f"[yellow]![/] {console.plural(set_aside, 'row')} will be set aside: they break their contract "
            "(meta.quarantine, after a build).",
            highlight=False,
        )
    why = {(result.source, result.skipped): result.stopped for result in results if result.skipped}
    for (code, reason), stopped in why.items():
        mark = "[red]✗[/]" if stopped in TROUBLING else "[yellow]–[/]"
        console.echo(f"{mark} {code}: {escape(str(reason))}")
    unanswered = [(result.dataset, one) for result in results for one in result.unanswered]
    for dataset, reason in unanswered[:SHOWN]:
        console.err.print(f"[red]✗[/] {dataset} {escape(reason)}", highlight=False, soft_wrap=True)
    refusals = [refusal for result in results for refusal in result.refusals]
    for refusal in refusals[:SHOWN]:
        console.err.print(
            f"[red]✗[/] {refusal.dataset} [bold]{escape(refusal.subject)}[/]: {escape(refusal.reason)}\n"
            f"  [dim]{escape(str(refusal.folder))}[/]",
            highlight=False,
            soft_wrap=True,
        )
    archived = sum(len(result.archived) for result in results)
    if archived:
        console.done(f"{console.plural(archived, 'new snapshot')}: `bilateral build` takes them in.")
    elif asked and not refusals and not any(result.stopped for result in asked):
        console.done("The publishers have nothing new.")
    _raise_what_failed(results, project)


def _raise_what_failed(results: list[Result], project: Project) -> None:
    refusals = [refusal for result in results for refusal in result.refusals]
    if refusals:
        raise BilateralError(
            f"{console.plural(len(refusals), 'response')} {'was' if len(refusals) == 1 else 'were'} refused and kept "
            f"in {project.refused}, with the reason; what is held stays in force.",
            remedy="Read reason.yml beside it. A passing trouble is over when you refresh again; if the "
            "publisher has changed its form or figures, see docs/refresh.md.",
        )
    silent = list(dict.fromkeys(one.source for one in results if one.unanswered or one.stopped == "silence"))
    if silent:
        raise BilateralError(
            f"No response came from {', '.join(silent)}; what is held stays in force.",
            remedy="Look at the network, and refresh again: what was answered is not asked again.",
        )
    if any(result.stopped == "key" for result in results):
        raise BilateralError("A key was not accepted.", remedy="Set it again, or take it out of the environment.")
    others = list(dict.fromkeys(one.source for one in results if one.stopped in {"setting", "address"}))
    if others:
        raise BilateralError(f"{', '.join(others)} gave nothing.", remedy="The lines above say why; mend that.")


def _day(value: datetime | None) -> date | None:
    return value.date() if value else None
