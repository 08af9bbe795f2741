"""Register all commands of `bilateral`, in the order of its help, and define those that build, check and document."""

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
    exports,
    judge,
    pairs,
    published,
    questions,
    refreshing,
    snapshots,
    tables,
)
from dagster_project.cli.options import Locations, declare_command, parse_assignments
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
def store_locations(
    context: typer.Context,
    warehouse: Path | None = Option(
        None, envvar=WAREHOUSE_VARIABLE, help="The folder of the warehouse. Default: warehouse/ of the checkout."
    ),
    snapshots: Path | None = Option(
        None, envvar=SNAPSHOTS_VARIABLE, help="The folder of snapshots. Default: snapshots/ of the warehouse."
    ),
    file: Path | None = Option(
        None,
        envvar=FILE_VARIABLE,
        metavar="FILE",
        help="The published file, for commands that only read. Default: bilateral.duckdb of the warehouse.",
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
    fresh: bool = Option(False, "--fresh", help="Make and audit every table, even if it has not changed."),
    engine: str = Option("duckdb", help="The engine that makes the tables: duckdb or spark."),
    master: str | None = Option(None, help="Spark's master, such as spark://host:7077. Default: this machine."),
    option: list[str] | None = Option(None, help="A setting of Spark, as name=value; can be repeated."),
    memory: str | None = Option(None, help="DuckDB's memory limit, such as 4GiB; beyond it, DuckDB uses the disk."),
    keep: int | None = Option(
        None,
        min=0,
        help="How many earlier publications this build and later ones keep for `bilateral rollback`; 0 keeps none. "
        f"Default: {publication.KEPT}.",
    ),
) -> None:
    """Build, audit and publish the warehouse from its snapshots. Only tables whose inputs changed are made again."""
    from dagster_project.audit.results import summarize_results
    from dagster_project.engines import Settings
    from dagster_project.notify import left_out
    from dagster_project.pipeline import AuditFailed, build_warehouse

    options = parse_assignments(option or (), "name=value")
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
    page = made.get_folder(project) / publication.PAGE
    for path in filter(None, (project.published_file, report, project.published_dictionary, page)):
        console.print_path(f"  {path}")
    _print_first_answer(project)
    left_out.require_sound(project)


def _print_first_answer(project: Project) -> None:
    """Print the number of changes, the balance of Korea with China, and the commands to try next."""
    from dagster_project.publication.page import FIRST_ANSWER

    with publication.open_published(project) as connection:
        ((changed, flips),) = connection.execute(
            "select count(*) filter (key is not null), count(*) filter (is_flip) from meta.changes"
        ).fetchall()
        answer = console.fetch_rows(
            connection.execute(
                "select year, exports_usd / 1e6 as exports_musd, imports_usd / 1e6 as imports_musd, "
                "balance_usd / 1e6 as balance_musd, sign_flipped, first_deficit_since "
                f"from ({FIRST_ANSWER}) where year >= 2014"
            )
        )
    if changed:
        console.print_text(
            f"{console.format_count(changed, 'change')} since the last publication, of which {flips} changed a sign, "
            "a verdict or the result of a rule (`bilateral diff`)."
        )
    console.print_text("\n[bold]Korea's goods trade with China, as Korea reports it[/] (million US$)")
    console.print_records(*answer)
    # Name the command by its path if its environment is not active, so that the lines can be pasted.
    command = "bilateral" if shutil.which("bilateral") else os.path.relpath(sys.argv[0])
    console.print_line(f"\nAsk it of China's statistics: [cyan]{command} ask balance China Korea[/]")
    console.print_line(f"List what else there is:      [cyan]{command} questions[/], [cyan]{command} tables[/]")


def check(
    project: Project,
    every: bool = Option(False, "--all", help="Also list the expectations that passed."),
) -> None:
    """Audit the published warehouse again. The exit code is 1 if a critical expectation fails or any crashes."""
    from dagster_project.audit.auditor import Auditor
    from dagster_project.audit.results import select_blocking, summarize_results
    from dagster_project.audit.suites import load_suites
    from dagster_project.engines.work_file import describe_table

    suites = load_suites(project)
    with publication.open_published(project) as connection, Auditor(connection) as auditor:
        hashes = connection.execute("select table_name, content_hash from meta.table_hashes where row_count > 0")
        changed = [
            name
            for name, content_hash in hashes.fetchall()
            if describe_table(connection, name).content_hash != content_hash
        ]
        results = [result for suite in suites.values() for result in auditor.audit_suite(suite)]
    if every:
        passed = [[each.table, each.check, each.severity, each.notes] for each in results if each.status == "passed"]
        console.print_records(["table", "expectation", "severity", "why"], passed)
    console.print_failures(result for result in results if result.status != "passed")
    audit = summarize_results((result.severity, result.status, result.cause) for result in results)
    console.print_text(f"{len(suites)} tables: {audit}.")
    if changed:
        raise BilateralError(
            f"The published file was changed after its publication: {', '.join(changed)}.",
            remedy="Run `bilateral build`.",
        )
    if failed := select_blocking(results):
        count = console.format_count(len(failed), "expectation")
        raise BilateralError(
            f"{count} failed, which would block a publication: see above.",
            remedy="If the failing rows are wrong, set them aside as docs/refresh.md describes.",
        )


def write_data_docs(
    project: Project,
    folder: Path = Argument(Path("data-docs"), help="The folder for the pages."),
) -> None:
    """Write Great Expectations' Data Docs of the published warehouse. Their styles load from other hosts."""
    from dagster_project.audit import data_docs

    # Test whether the folder can be written: Great Expectations' own error about it is a page long.
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
    from dagster_project.questions import load_questions
    from dagster_project.report import documentation

    if check_only and (stale := documentation.list_stale(project)):
        raise BilateralError(
            f"Out of date: {', '.join(str(path.relative_to(project.root)) for path in stale)}.",
            remedy="Run `bilateral docs` and commit what it writes.",
        )
    if not project.published_file.exists():
        console.print_text("docs/pictures/balance.svg was not drawn again: no warehouse is published.", "dim")
    for path in () if check_only else documentation.write_pages(project):
        console.print_done(str(path.relative_to(project.root)))
    load_questions(project)


app.add_typer(snapshots.app, name="snapshots")
app.add_typer(claims.app, name="claims")
app.add_typer(pairs.app, name="pairs")
app.add_typer(snapshots.decisions, name="set-aside")
declare_command(app.command())(build)
declare_command(app.command(), needs="file", speaks=True)(questions.questions)
declare_command(app.command(), needs="file", speaks=True)(questions.ask)
declare_command(app.command(), needs="file", speaks=True)(questions.brief)
declare_command(app.command(), needs="file")(published.forecasts)
declare_command(app.command(), needs="file", speaks=True)(published.report)
declare_command(app.command(), needs="file", speaks=True)(published.cite)
declare_command(app.command("prove"), needs="checkout")(exports.write_proof)
declare_command(app.command(), needs="checkout")(exports.export)
declare_command(app.command(), needs="checkout")(exports.site)
declare_command(app.command())(refreshing.refresh)
declare_command(app.command())(refreshing.sources)
# A claimed value may begin with a minus, like an option.
declare_command(app.command(context_settings={"ignore_unknown_options": True}), needs="file", speaks=True)(judge.judge)
declare_command(app.command(), needs="file", speaks=True)(judge.article)
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
    """Run the command of a command line, given as words, and return its exit code.

    Typer builds every command of an app before it runs one, which is slow, so the other commands are removed first.
    """
    named = [one for one in app.registered_commands if (one.name or one.callback.__name__) in words]  # type: ignore[union-attr]
    named_groups = [one for one in app.registered_groups if one.name in words]
    if named or named_groups:
        app.registered_commands, app.registered_groups = named, named_groups
    code: int | None = app(args=list(words), standalone_mode=False)
    return code
