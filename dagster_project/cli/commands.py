"""The commands, in the order in which a user meets them.

Here: options, and the calls they lead to. Not here: work or layout.
"""

from __future__ import annotations

import os
import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from dagster_project import publication
from dagster_project.cli import (
    article,
    claims,
    console,
    formats,
    judge,
    mcp,
    published,
    questions,
    refreshing,
    reporting,
    set_aside,
    snapshots,
    tables,
)
from dagster_project.cli.context import Locations, locations_of, project_of, with_file
from dagster_project.errors import BilateralError
from dagster_project.files import temporary
from dagster_project.project import FILE_VARIABLE, SNAPSHOTS_VARIABLE, WAREHOUSE_VARIABLE

app = typer.Typer(
    help="Build, check and query a warehouse of trade between economies, made of official figures.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(snapshots.app, name="snapshots")
app.add_typer(claims.app, name="claims")
app.add_typer(set_aside.app, name="set-aside")


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"bilateral {version('bilateral')}\n")
        raise typer.Exit


@app.callback()
def everywhere(
    context: typer.Context,
    warehouse: Annotated[
        Path | None,
        typer.Option(envvar=WAREHOUSE_VARIABLE, help="The warehouse's folder. Default: that of the checkout."),
    ] = None,
    snapshots: Annotated[
        Path | None,
        typer.Option(envvar=SNAPSHOTS_VARIABLE, help="The snapshots' folder. Default: that of the warehouse."),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            envvar=FILE_VARIABLE,
            metavar="FILE",
            help="The published file to read, for commands that only read. Default: that of the warehouse.",
        ),
    ] = None,
    _version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Show the version and exit.")
    ] = False,
) -> None:
    source = context.get_parameter_source("file")
    asked = source is not None and source.name == "COMMANDLINE"
    context.obj = Locations(warehouse, snapshots, file, is_asked_for=asked)


@app.command()
def build(
    context: typer.Context,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Make and audit every table, whether it has changed or not.")
    ] = False,
    engine: Annotated[str, typer.Option(help="What makes the tables: duckdb or spark.")] = "duckdb",
    master: Annotated[
        str | None, typer.Option(help="Spark's master, such as spark://host:7077; this machine by default.")
    ] = None,
    option: Annotated[
        list[str] | None, typer.Option(help="A setting of Spark, as name=value; may be given again.")
    ] = None,
    memory: Annotated[
        str | None, typer.Option(help="The most memory for DuckDB, such as 4GiB; beyond it, it spills to disk.")
    ] = None,
    keep: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="How many earlier publications to keep for `bilateral rollback`, in this build and later ones. "
            f"0 keeps no copy at all. Default: {publication.KEPT}.",
        ),
    ] = None,
) -> None:
    """Build, audit and publish the warehouse from its snapshots. Only what has changed is made again."""
    from dagster_project.audit.results import summarize
    from dagster_project.build import AuditFailed
    from dagster_project.build import build as build_all
    from dagster_project.engines import Settings
    from dagster_project.publication.page import FIRST_ANSWER

    project = project_of(context)
    settings = Settings(engine=engine, memory=memory, master=master, options=_options(option or []))
    try:
        with console.progress() as on_step:
            made, results = build_all(
                project,
                settings,
                fresh=fresh,
                keep=keep,
                on_step=on_step,
                on_decision=set_aside.report_decision,
                on_wait=lambda: console.err.print("Another build is running in this warehouse: waiting for it to end."),
            )
            on_step("report", str(project.report), 1)
            report = reporting.after(project, made.publication_id)
    except AuditFailed as failed:
        console.failures(failed.results)
        raise
    said = summarize((result.severity, result.status, result.cause) for result in results)
    console.done(
        f"Published [bold]{made.publication_id}[/]: {made.table_count} tables; {said} (`bilateral status`); "
        f"{console.plural(made.quarantined_row_count, 'row')} set aside"
        f"{' (meta.quarantine)' if made.quarantined_row_count else ''}.",
    )
    for path in (project.published_file, report, project.published_dictionary, made.page(project)):
        if path:
            console.path(f"  {path}")
    # As the user has to type it: the environment that holds the command need not be active.
    command = escape("bilateral" if shutil.which("bilateral") else os.path.relpath(sys.argv[0]))
    with publication.reading(project) as connection:
        ((changed, flips),) = connection.execute(
            "select count(*) filter (key is not null), count(*) filter (is_flip) from meta.changes"
        ).fetchall()
        if changed:
            console.echo(
                f"{console.plural(changed, 'change')} since the publication before, {flips} of them flips of a "
                "sign, a verdict or a rule (`bilateral diff`)."
            )
        console.echo("\n[bold]Korea's goods trade with China, as Korea reports it[/] (million US$)")
        found = connection.execute(
            f"""
            select year, exports_usd / 1e6 as exports_musd, imports_usd / 1e6 as imports_musd,
                balance_usd / 1e6 as balance_musd, sign_flipped, first_deficit_since
            from ({FIRST_ANSWER})
            where year >= 2014
            """
        )
        console.records(*console.fetched(found), "table")
    console.echo(
        f"\nAsk the next question: [cyan]{command} ask balance China Korea[/]\n"
        f"See what there is:     [cyan]{command} questions[/], [cyan]{command} tables[/]"
    )


app.command()(with_file(questions.questions))
app.command()(with_file(questions.ask))
app.command()(with_file(reporting.report))
app.command()(with_file(reporting.cite))
app.command()(with_file(reporting.export))
app.command()(refreshing.refresh)
app.command("sources")(refreshing.sources)
# A value may begin with a minus.
app.command(context_settings={"ignore_unknown_options": True})(with_file(judge.judge))
app.command()(with_file(article.article))
app.command()(judge.metrics)
app.command()(with_file(mcp.mcp))


@app.command()
@with_file
def check(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="List the expectations that held, too.")] = False,
) -> None:
    """Audit the published warehouse again. The exit code is 1 if a critical expectation fails or any crashes."""
    from dagster_project.audit.auditor import Auditor
    from dagster_project.audit.results import blocking, summarize
    from dagster_project.audit.suites import load_suites
    from dagster_project.engines.work_file import describe as describe_table

    # The suites are a checkout's, whatever file is audited.
    project = locations_of(context).checkout()
    suites = load_suites(project)
    with publication.reading(project) as connection, Auditor(connection) as auditor:
        changed = [
            name
            for name, content_hash in connection.execute(
                "select table_name, content_hash from meta.table_hashes where row_count > 0"
            ).fetchall()
            if describe_table(connection, name).content_hash != content_hash
        ]
        results = [result for suite in suites.values() for result in auditor.audit(suite)]
    held = [result for result in results if result.status == "passed"]
    if every:
        rows = [[result.table, result.check, result.severity, result.notes] for result in held]
        console.records(["table", "expectation", "severity", "why"], rows, "table")
    console.failures(result for result in results if result.status != "passed")
    failed = blocking(results)
    said = summarize((result.severity, result.status, result.cause) for result in results)
    console.echo(f"{len(suites)} tables: {said}.")
    if changed:
        raise BilateralError(
            f"The published file was changed after its publication: {', '.join(changed)}.",
            remedy="Run `bilateral build`.",
        )
    if failed:
        raise BilateralError(f"{console.plural(len(failed), 'expectation')} failed that would block a publication.")


def _options(given: list[str]) -> dict[str, str]:
    for text in given:
        if "=" not in text:
            raise BilateralError(f"The option {text!r} is not of the form name=value.")
    return {name: value for name, _, value in (text.partition("=") for text in given)}


app.command()(with_file(tables.query))
app.command()(with_file(tables.tables))
app.command()(with_file(tables.describe))


app.command()(with_file(published.status))
app.command()(published.diff)


@app.command()
def publications(context: typer.Context, form: formats.FormatOption = "table") -> None:
    """List the publications that are kept, newest first."""
    project = project_of(context)
    current = publication.current_id(project)
    rows = [
        [
            "→" if made.publication_id == current else "",
            made.publication_id,
            f"{made.published_at:%Y-%m-%d %H:%M:%S} UTC",
            made.check_count,
            made.warning_count,
        ]
        for made in publication.publications(project)
    ]
    if not rows:
        raise BilateralError("No publication is kept yet.", remedy="Run `bilateral build` first.")
    console.records(["", "publication", "published", "expectations", "warnings"], rows, form)
    if form == "table":
        console.path(f"The audit of each: {project.publications}/<publication>/audit.html")


@app.command()
def rollback(
    context: typer.Context,
    publication_id: Annotated[
        str | None, typer.Argument(help="Which publication; by default the one before the current.")
    ] = None,
) -> None:
    """Publish an earlier publication again."""
    project = project_of(context)
    made = publication.roll_back(project, publication_id)
    console.done(f"{made.publication_id} is published again.")
    reporting.after(project, made.publication_id)


@app.command("data-docs")
def data_docs(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where to write the pages.")] = Path("data-docs"),
) -> None:
    """Write Great Expectations' Data Docs of the published warehouse. Their styles load from other hosts."""
    from dagster_project.audit.data_docs import write_data_docs

    project = project_of(context)
    # Great Expectations would tell at length that it cannot write there.
    with temporary(folder / ".tried") as tried:
        folder.mkdir(parents=True, exist_ok=True)
        tried.touch()
    with publication.reading(project) as connection:
        index = write_data_docs(project, connection, folder)
    console.done(escape(str(index)))


@app.command()
def docs(
    context: typer.Context,
    check_only: Annotated[bool, typer.Option("--check", help="Only check whether the pages are current.")] = False,
) -> None:
    """Write the generated pages of docs/, and the picture of the balance from the published figures."""
    from dagster_project.report import documentation

    project = project_of(context)
    if check_only and (stale := documentation.list_stale(project)):
        raise BilateralError(
            f"Out of date: {', '.join(str(path.relative_to(project.root)) for path in stale)}.",
            remedy="Run `bilateral docs` and commit what it writes.",
        )
    if not project.published_file.exists():
        console.echo("docs/pictures/balance.svg is left as it is: nothing is published to draw it from.", "dim")
    for path in () if check_only else documentation.write_pages(project):
        console.done(str(path.relative_to(project.root)))
