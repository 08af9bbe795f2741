"""The commands, in the order in which a user meets them.

Here: the list of commands, the options before them, and the commands about building. Not here: work or layout.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import typer
from typer import Argument, Option

from dagster_project import publication
from dagster_project.cli import (
    claims,
    console,
    judge,
    published,
    questions,
    refreshing,
    snapshots,
    tables,
)
from dagster_project.cli.options import Locations, declare_command
from dagster_project.errors import BilateralError
from dagster_project.files import remove_at_end
from dagster_project.project import FILE_VARIABLE, SNAPSHOTS_VARIABLE, WAREHOUSE_VARIABLE, Project

app = typer.Typer(
    help="Build, check and query a warehouse of trade between economies, made of official figures.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        sys.stdout.write(f"bilateral {version('bilateral')}\n")
        raise typer.Exit


@app.callback()
def keep_locations(
    context: typer.Context,
    warehouse: Path | None = Option(
        None, envvar=WAREHOUSE_VARIABLE, help="The warehouse's folder. Default: that of the checkout."
    ),
    snapshots: Path | None = Option(
        None, envvar=SNAPSHOTS_VARIABLE, help="The snapshots' folder. Default: that of the warehouse."
    ),
    file: Path | None = Option(
        None,
        envvar=FILE_VARIABLE,
        metavar="FILE",
        help="The published file to read, for commands that only read. Default: that of the warehouse.",
    ),
    _version: bool = Option(
        False, "--version", is_eager=True, callback=_print_version, help="Show the version and exit."
    ),
) -> None:
    source = context.get_parameter_source("file")
    is_typed = source is not None and source.name == "COMMANDLINE"
    context.obj = Locations(warehouse, snapshots, file, is_file_typed=is_typed)


def build(
    project: Project,
    fresh: bool = Option(False, "--fresh", help="Make and audit every table, whether it has changed or not."),
    engine: str = Option("duckdb", help="What makes the tables: duckdb or spark."),
    master: str | None = Option(None, help="Spark's master, such as spark://host:7077; this machine by default."),
    option: list[str] | None = Option(None, help="A setting of Spark, as name=value; may be given again."),
    memory: str | None = Option(None, help="The most memory for DuckDB, such as 4GiB; beyond it, it spills to disk."),
    keep: int | None = Option(
        None,
        min=0,
        help="How many earlier publications to keep for `bilateral rollback`, in this build and later ones. "
        f"0 keeps no copy at all. Default: {publication.KEPT}.",
    ),
) -> None:
    """Build, audit and publish the warehouse from its snapshots. Only what has changed is made again."""
    from dagster_project.audit.results import summarize_results
    from dagster_project.engines import Settings
    from dagster_project.pipeline import AuditFailed, build_warehouse

    if wrong := [text for text in option or () if "=" not in text]:
        raise BilateralError(f"The option {wrong[0]!r} is not of the form name=value.")
    options = dict(text.split("=", 1) for text in option or ())
    try:
        with console.show_progress() as on_step:
            made, results = build_warehouse(
                project,
                Settings(engine=engine, memory=memory, master=master, options=options),
                fresh=fresh,
                keep=keep,
                on_step=on_step,
                on_decision=snapshots.print_decision,
                on_wait=lambda: console.err.print("Another build is running in this warehouse: waiting for it to end."),
            )
            on_step("report", str(project.report), 1)
            report = published.draw_reports(project, made.publication_id)
    except AuditFailed as failed:
        console.print_failures(failed.results)
        raise
    audit = summarize_results((result.severity, result.status, result.cause) for result in results)
    console.print_done(
        f"Published {made.publication_id}: {made.table_count} tables; {audit} (`bilateral status`); "
        f"{console.format_count(made.quarantined_row_count, 'row')} set aside"
        f"{' (meta.quarantine)' if made.quarantined_row_count else ''}.",
    )
    for path in filter(None, (project.published_file, report, project.published_dictionary, made.get_page(project))):
        console.print_path(f"  {path}")
    _print_first_answer(project)


def _print_first_answer(project: Project) -> None:
    """Print what has changed, the balance that a first question is about, and how to ask the next."""
    from dagster_project.publication.page import FIRST_ANSWER

    with publication.open_published(project) as connection:
        ((changed, flips),) = connection.execute(
            "select count(*) filter (key is not null), count(*) filter (is_flip) from meta.changes"
        ).fetchall()
        found = connection.execute(
            f"""
            select year, exports_usd / 1e6 as exports_musd, imports_usd / 1e6 as imports_musd,
                balance_usd / 1e6 as balance_musd, sign_flipped, first_deficit_since
            from ({FIRST_ANSWER})
            where year >= 2014
            """
        )
        answer = console.fetch_rows(found)
    if changed:
        console.print_text(
            f"{console.format_count(changed, 'change')} since the publication before, {flips} of them flips of a "
            "sign, a verdict or a rule (`bilateral diff`)."
        )
    console.print_text("\n[bold]Korea's goods trade with China, as Korea reports it[/] (million US$)")
    console.print_records(*answer)
    # As the user has to type it: the environment that holds the command need not be active.
    command = "bilateral" if shutil.which("bilateral") else os.path.relpath(sys.argv[0])
    console.print_text("")
    console.print_line(f"Ask the next question: [cyan]{command} ask balance China Korea[/]")
    console.print_line(f"See what there is:     [cyan]{command} questions[/], [cyan]{command} tables[/]")


def check(
    project: Project,
    every: bool = Option(False, "--all", help="List the expectations that held, too."),
) -> None:
    """Audit the published warehouse again. The exit code is 1 if a critical expectation fails or any crashes."""
    from dagster_project.audit.auditor import Auditor
    from dagster_project.audit.results import select_blocking, summarize_results
    from dagster_project.audit.suites import load_suites
    from dagster_project.engines.work_file import describe_table

    suites = load_suites(project)
    with publication.open_published(project) as connection, Auditor(connection) as auditor:
        changed = [
            name
            for name, content_hash in connection.execute(
                "select table_name, content_hash from meta.table_hashes where row_count > 0"
            ).fetchall()
            if describe_table(connection, name).content_hash != content_hash
        ]
        results = [result for suite in suites.values() for result in auditor.audit_suite(suite)]
    if every:
        held = [[one.table, one.check, one.severity, one.notes] for one in results if one.status == "passed"]
        console.print_records(["table", "expectation", "severity", "why"], held)
    console.print_failures(result for result in results if result.status != "passed")
    failed = select_blocking(results)
    audit = summarize_results((result.severity, result.status, result.cause) for result in results)
    console.print_text(f"{len(suites)} tables: {audit}.")
    if changed:
        raise BilateralError(
            f"The published file was changed after its publication: {', '.join(changed)}.",
            remedy="Run `bilateral build`.",
        )
    if failed:
        count = console.format_count(len(failed), "expectation")
        raise BilateralError(f"{count} failed that would block a publication.")


def write_data_docs(
    project: Project,
    folder: Path = Argument(Path("data-docs"), help="Where to write the pages."),
) -> None:
    """Write Great Expectations' Data Docs of the published warehouse. Their styles load from other hosts."""
    from dagster_project.audit import data_docs

    # Great Expectations would tell at length that it cannot write there.
    with remove_at_end(folder / ".tried") as tried:
        folder.mkdir(parents=True, exist_ok=True)
        tried.touch()
    with publication.open_published(project) as connection:
        console.print_done(str(data_docs.write_data_docs(project, connection, folder)))


def write_docs(
    project: Project,
    check_only: bool = Option(False, "--check", help="Only check whether the pages are current."),
) -> None:
    """Write the generated pages of docs/, and the picture of the balance from the published figures."""
    from dagster_project.report import documentation

    if check_only and (stale := documentation.list_stale(project)):
        raise BilateralError(
            f"Out of date: {', '.join(str(path.relative_to(project.root)) for path in stale)}.",
            remedy="Run `bilateral docs` and commit what it writes.",
        )
    if not project.published_file.exists():
        console.print_text("docs/pictures/balance.svg is left as it is: nothing is published to draw it from.", "dim")
    for path in () if check_only else documentation.write_pages(project):
        console.print_done(str(path.relative_to(project.root)))


app.add_typer(snapshots.app, name="snapshots")
app.add_typer(claims.app, name="claims")
app.add_typer(snapshots.decisions, name="set-aside")
declare_command(app.command())(build)
declare_command(app.command(), needs="file")(questions.questions)
declare_command(app.command(), needs="file")(questions.ask)
declare_command(app.command(), needs="file")(published.report)
declare_command(app.command(), needs="checkout")(published.cite)
declare_command(app.command(), needs="checkout")(published.export)
declare_command(app.command())(refreshing.refresh)
declare_command(app.command())(refreshing.sources)
# A value may begin with a minus.
declare_command(app.command(context_settings={"ignore_unknown_options": True}), needs="file")(judge.judge)
declare_command(app.command(), needs="file")(judge.article)
app.command()(judge.metrics)
declare_command(app.command(), needs="file")(published.mcp)
declare_command(app.command(), needs="checkout")(check)
declare_command(app.command(), needs="file")(tables.query)
declare_command(app.command(), needs="file")(tables.tables)
declare_command(app.command(), needs="file")(tables.describe)
declare_command(app.command(), needs="file")(published.status)
declare_command(app.command())(published.diff)
declare_command(app.command())(published.publications)
declare_command(app.command())(published.rollback)
declare_command(app.command("data-docs"))(write_data_docs)
declare_command(app.command("docs"))(write_docs)


def run_command(words: Sequence[str]) -> int | None:
    """Run the command that is named among the words of a command line.

    Typer builds every command that an app has. If any is named, the app is left with those that are.
    """
    commands, groups = app.registered_commands, app.registered_groups
    named = [one for one in commands if (one.name or one.callback.__name__) in words]  # type: ignore[union-attr]
    named_groups = [one for one in groups if one.name in words]
    if named or named_groups:
        app.registered_commands, app.registered_groups = named, named_groups
    code: int | None = app(args=list(words), standalone_mode=False)
    return code
