"""Fetch new figures from publishers and list the datasets: the commands `refresh` and `sources`.

The package `refresh` sends the requests and checks the responses; this module shows the results.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from rich.filesize import decimal
from rich.markup import escape
from typer import Argument, Option

from dagster_project.cli import console
from dagster_project.cli.options import FormatOption
from dagster_project.errors import raise_fault
from dagster_project.project import Project

if TYPE_CHECKING:
    from dagster_project.refresh.planning import Plan
    from dagster_project.refresh.result import Result

SHOWN_REFUSALS = 10
ASKED = {
    None: "yes",
    "off": "no, turned off",
    "setting": "no, wrong setting",
    "no key": "no, key missing",
    "pause": "no, paused",
    "by hand": "no, handed in",
}


def refresh(
    project: Project,
    codes: list[str] | None = Argument(None, metavar="[SOURCE]...", help="The publishers to ask. Default: all."),
    since: datetime | None = Option(None, formats=["%Y-%m-%d"], help="The first day to ask for."),
    until: datetime | None = Option(None, formats=["%Y-%m-%d"], help="The last day to ask for. Default: today."),
    full: bool = Option(False, "--full", help="Ask for all periods again, not only for new and recent ones."),
    again: bool = Option(False, "--again", help="Repeat requests that got a response in the last 20 hours."),
    trust: bool = Option(
        False,
        "--trust",
        help="Accept responses that lack stored figures or changed in scale; read the refused responses first.",
    ),
    dry_run: bool = Option(False, "--dry-run", help="List the requests without sending them."),
) -> None:
    """Fetch new figures from the publishers. Accepted responses become snapshots; refused ones are kept apart.

    bilateral.toml says which figures to request. API keys come from environment variables, which `bilateral sources`
    lists; a publisher whose key is missing is skipped. The exit code is 1 if a response was refused.
    """
    from dagster_project.refresh.planning import Options, plan_refresh
    from dagster_project.refresh.run import run_refresh

    first, last = (day.date() if day else None for day in (since, until))
    options = Options(since=first, until=last, full=full, again=again, trust=trust)
    if dry_run:
        for planned in plan_refresh(project, codes, options):
            _print_plan(planned)
        return
    with console.show_progress() as on_step:
        results = run_refresh(
            project,
            codes,
            options,
            on_step=lambda code, subject, total: on_step(f"Asking {code}", subject, total),
            on_wait=lambda code: console.err.print(f"Waiting for another refresh of {code} to end."),
        )
    # Show publishers that are turned off only if they were named.
    asked = [result for result in results if codes or result.stopped != "off"]
    _print_results(asked)
    _raise_failures(asked, project)


def sources(project: Project, form: FormatOption = "table") -> None:
    """List the datasets, each with its API key, the freshness of its figures, and whether a refresh requests it."""
    from dagster_project.refresh.state import list_handed_in, list_missing_keys, list_states

    now = datetime.now(UTC)
    rows = [
        {
            "dataset": state.dataset,
            "asked": ASKED[state.stopped],
            "key": state.key,
            "committed": state.committed,
            "fetched": state.fetched,
            "newest": state.newest and state.newest.newest_period,
            "next due": state.newest and state.newest.due_on,
            "freshness": state.in_words,
            "last asked": state.asked_at and f"{state.asked_at:%Y-%m-%d %H:%M}",
            "last result": state.result,
        }
        for state in (*list_states(project, os.environ, now), *list_handed_in(project, now.date()))
    ]
    console.print_rows(rows, form)
    if form == "table":
        for variable, needed, how in list_missing_keys(os.environ):
            console.print_text(f"[bold]{variable}[/] ({needed})  {escape(how)}")


def _print_plan(plan: Plan) -> None:
    code, api = plan.source.code, plan.source.api
    if plan.skipped or api is None:
        console.print_text(f"[yellow]–[/] {code}: {escape(plan.skipped or '')}")
        return
    waiting = [planned for planned in plan.requests if planned.answered_at is None]
    answered = len(plan.requests) - len(waiting)
    seconds = len(waiting) / api.per_second
    facts = [
        console.format_count(len(waiting), "request") + (f", {answered} answered already" if answered else ""),
        f"{api.per_second:g} a second" if seconds < 60 else f"at least {timedelta(seconds=round(seconds))}",
    ]
    if api.per_day and len(waiting) > api.per_day:
        facts.append(f"at most {api.per_day:,} a day")
    console.print_text(f"[bold]{code}[/]: {', '.join(facts)}")
    for planned in waiting:
        subject, address = escape(planned.request.subject), escape(planned.address)
        console.print_line(f"  {planned.request.dataset}  [bold]{subject}[/]  [dim]{address}[/]")


def _print_results(results: list[Result]) -> None:
    from dagster_project.refresh.planning import TROUBLING

    asked = [result for result in results if result.planned]
    rows = [
        {
            "dataset": result.dataset,
            "answered": f"{result.answered + result.already}/{result.planned}",
            "requests": result.requests,
            "received": decimal(result.bytes),
            "new": result.new,
            "changed": result.changed,
            "withdrawn": result.withdrawn,
            "confirmed": result.confirmed,
            "refused": len(result.refusals),
            "snapshots": len(result.archived),
        }
        for result in asked
    ]
    if rows:
        console.print_rows(rows)
    for note in dict.fromkeys(f"{result.source}: {note}" for result in results for note in result.notes):
        console.print_text(f"[yellow]![/] {escape(note)}")
    if set_aside := sum(result.set_aside for result in results):
        console.print_text(
            f"[yellow]![/] {console.format_count(set_aside, 'row')} will be set aside because they break the contract "
            "of their dataset (see meta.quarantine after a build)."
        )
    why = {(result.source, result.skipped): result.stopped for result in results if result.skipped}
    for (code, reason), stopped in why.items():
        mark = "[red]✗[/]" if stopped in TROUBLING else "[yellow]–[/]"
        console.print_text(f"{mark} {code}: {escape(str(reason))}")
    unanswered = [f"{result.dataset} {escape(reason)}" for result in results for reason in result.unanswered]
    refused = [
        f"{refusal.dataset} [bold]{escape(refusal.subject)}[/]: {escape(refusal.reason)}\n"
        f"  [dim]{escape(str(refusal.folder))}[/]"
        for result in results
        for refusal in result.refusals
    ]
    for line in (*unanswered[:SHOWN_REFUSALS], *refused[:SHOWN_REFUSALS]):
        console.print_line(f"[red]✗[/] {line}", console.err)
    if archived := sum(len(result.archived) for result in results):
        console.print_done(f"{console.format_count(archived, 'new snapshot')}: `bilateral build` publishes them.")
    elif asked and not refused and not any(result.stopped for result in asked):
        console.print_done("The publishers have no new figures.")


def _raise_failures(results: list[Result], project: Project) -> None:
    count = sum(len(result.refusals) for result in results)
    silent = dict.fromkeys(result.source for result in results if result.unanswered or result.stopped == "silence")
    others = dict.fromkeys(result.source for result in results if result.stopped in {"setting", "address"})
    rejecting = sorted({result.source for result in results if result.stopped == "key"})
    refused = f"{console.format_count(count, 'response')} {'was' if count == 1 else 'were'} refused"
    raise_fault(
        (
            count,
            f"{refused} and kept in {project.refused}; the stored figures stay in use.",
            "Read reason.yml beside the response. If the fault was temporary, refresh again; else see docs/refresh.md.",
        ),
        (
            silent,
            f"No response came from {', '.join(silent)}; the stored figures stay in use.",
            "Check the network, and refresh again; requests that got a response are not repeated.",
        ),
        (
            rejecting,
            f"The key was rejected by {', '.join(rejecting)}.",
            f"Correct or unset {', '.join(f'BILATERAL_{code.upper()}_KEY' for code in rejecting)}.",
        ),
        (others, f"Nothing was fetched from {', '.join(others)}.", "Correct the settings that the lines above name."),
    )
