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
from dagster_project.cli import claims, files, questions, refreshing, reporting, show, snapshots
from dagster_project.cli.places import Places, project_of, reads
from dagster_project.errors import BilateralError
from dagster_project.project import FILE_VARIABLE, SNAPSHOTS_VARIABLE, WAREHOUSE_VARIABLE
from dagster_project.written import passing

app = typer.Typer(
    help="Trade between economies, from official figures: build the warehouse, trust it, ask it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(snapshots.app, name="snapshots")
app.add_typer(claims.app, name="claims")

# DuckDB's own schema, whose names need none before them.
MAIN = "main"


def _tell_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"bilateral {version('bilateral')}\n")
        raise typer.Exit


@app.callback()
def everywhere(
    context: typer.Context,
    warehouse: Annotated[
        Path | None, typer.Option(envvar=WAREHOUSE_VARIABLE, help="The warehouse's folder, if not the checkout's own.")
    ] = None,
    snapshots: Annotated[
        Path | None, typer.Option(envvar=SNAPSHOTS_VARIABLE, help="The snapshots' folder, if not the warehouse's own.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            envvar=FILE_VARIABLE,
            metavar="FILE",
            help="A published file to read, if not the warehouse's own; commands that only read take it.",
        ),
    ] = None,
    _version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_tell_version, help="Say which version this is.")
    ] = False,
) -> None:
    source = context.get_parameter_source("file")
    asked = source is not None and source.name == "COMMANDLINE"
    context.obj = Places(warehouse, snapshots, file, is_asked_for=asked)


@app.command()
def build(
    context: typer.Context,
    fresh: Annotated[bool, typer.Option("--fresh", help="Make and audit every table, changed or not.")] = False,
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
            help="How many earlier publications stay for `bilateral rollback`, from now on; 0 leaves no copies at all. "
            f"At first it is {publication.KEPT}.",
        ),
    ] = None,
) -> None:
    """Build, audit and publish the warehouse from its snapshots; only what changed is made again."""
    from dagster_project.build import AuditFailed
    from dagster_project.build import build as build_all
    from dagster_project.engines import Settings
    from dagster_project.publication.page import FIRST_ANSWER

    project = project_of(context)
    settings = Settings(engine=engine, memory=memory, master=master, options=_options(option or []))
    try:
        with show.progress() as on_step:
            made, results = build_all(
                project,
                settings,
                fresh=fresh,
                keep=keep,
                on_step=on_step,
                on_wait=lambda: show.errors.print("Another build is running in this warehouse: waiting for it to end."),
            )
            on_step("report", str(project.report), 1)
            report = reporting.after(project, made.publication_id)
    except AuditFailed as failed:
        show.findings(failed.results)
        raise
    held = sum(result.status == "passed" for result in results)
    noted = sum(result.status == "failed" and result.severity == "info" for result in results)
    show.console.print(
        f"[bold green]✓[/] Published [bold]{made.publication_id}[/]: {made.table_count} tables, "
        f"{held} of {made.check_count} expectations held, {show.counted(made.warning_count, 'warning')} and "
        f"{show.counted(noted, 'note')} (`bilateral status`), "
        f"{show.counted(made.quarantined_row_count, 'row')} set aside"
        f"{' (meta.quarantine)' if made.quarantined_row_count else ''}.",
        highlight=False,
    )
    show.console.print(
        escape(
            "\n".join(f"  {path}" for path in (project.published_file, report, project.published_dictionary) if path)
            + f"\n  {made.page(project)}"
        ),
        style="dim",
        highlight=False,
        soft_wrap=True,
    )
    # As the user has to type it: the environment that holds the command need not be active.
    command = "bilateral" if shutil.which("bilateral") else os.path.relpath(sys.argv[0])
    show.console.print("\n[bold]Korea's goods trade with China, as Korea reports it[/] (million US$)")
    with publication.reading(project) as connection:
        found = connection.execute(
            f"""
            select year, exports_usd / 1e6 as exports_musd, imports_usd / 1e6 as imports_musd,
                balance_usd / 1e6 as balance_musd, sign_flipped, first_deficit_since
            from ({FIRST_ANSWER})
            where year >= 2014
            """
        )
        show.records([column[0] for column in found.description or []], found.fetchall(), "table")
    show.console.print(
        f"\nAsk the next question: [cyan]{escape(command)} ask balance China Korea[/]\n"
        f"See what there is:     [cyan]{escape(command)} questions[/], [cyan]{escape(command)} tables[/]",
        highlight=False,
        soft_wrap=True,
    )


app.command()(reads(questions.questions))
app.command()(reads(questions.ask))
app.command()(reads(reporting.report))
app.command()(reads(reporting.cite))
app.command()(reads(reporting.export))
app.command()(refreshing.refresh)
app.command("sources")(refreshing.sources)


@app.command()
def check(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="List the expectations that held, too.")] = False,
) -> None:
    """Audit the published warehouse again; exit code 1 if a critical expectation fails or one crashes."""
    from dagster_project.audit.auditor import Auditor
    from dagster_project.audit.results import blocking
    from dagster_project.audit.suites import load_suites
    from dagster_project.engines.work_file import describe as describe_table

    project = project_of(context)
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
        show.records(
            ["table", "expectation", "severity", "why"],
            [[r.table, r.check, r.severity, r.notes] for r in held],
            "table",
        )
    show.findings(result for result in results if result.status != "passed")
    stopping = blocking(results)
    show.console.print(
        f"{len(held)} of {len(results)} expectations held in {len(suites)} tables; "
        f"{len(results) - len(held) - len(stopping)} did not and stop nothing.",
        highlight=False,
    )
    if changed:
        raise BilateralError(
            f"Somebody has written to the published file: {', '.join(changed)}.", remedy="Run `bilateral build`."
        )
    if stopping:
        raise BilateralError(f"{show.counted(len(stopping), 'expectation')} failed that would stop a publication.")


def _options(given: list[str]) -> dict[str, str]:
    for text in given:
        if "=" not in text:
            raise BilateralError(f"The option {text!r} is not of the form name=value.")
    return {name: value for name, _, value in (text.partition("=") for text in given)}


@app.command()
@reads
def query(
    context: typer.Context,
    sql: Annotated[str | None, typer.Argument(help="The SQL; - or nothing reads it from standard input.")] = None,
    sql_file: Annotated[
        Path | None, typer.Option("--sql-file", "-i", help="A file with the SQL.", exists=True, dir_okay=False)
    ] = None,
    form: Annotated[files.FileFormat, typer.Option("--format", "-f", help="How to give the rows.")] = "table",
    output: files.OutputOption = None,
    limit: Annotated[int, typer.Option(min=0, help="Rows of a table to show; 0 shows all.")] = 100,
) -> None:
    """Ask the published warehouse in SQL, read-only."""
    import duckdb

    if sql_file is not None and sql is not None:
        raise BilateralError("There is a question in the file and one beside it.", remedy="Give one of the two.")
    if sql_file is not None:
        sql = sql_file.read_text(encoding="utf-8")
    elif sql is None or sql == "-":
        sql = sys.stdin.read()
    form = files.chosen(form, output)
    with publication.reading(project_of(context)) as connection:
        try:
            asked = connection.extract_statements(sql)
            if len(asked) != 1:
                raise BilateralError(f"That is {len(asked)} questions.", remedy="Ask one SELECT at a time.")
            found = connection.execute(sql)
            names = [column[0] for column in found.description or []]
            # A table for a person is cut; one row more than it shows tells that it was.
            rows = found.fetchmany(limit + 1) if form == "table" and limit else found.fetchall()
        except duckdb.Error as error:
            raise BilateralError(
                show.reason(error), remedy="(`bilateral tables` and `bilateral describe TABLE` say what there is.)"
            ) from error
        if output is not None:
            questions.write(connection, names, rows, form, output)
            return
    assert form != "xlsx"
    show.records(names, rows, form, limit=limit or None)


@app.command()
@reads
def tables(context: typer.Context, form: files.FormatOption = "table") -> None:
    """List the tables and views of the published warehouse, with their rows: the views for first questions first."""
    with publication.reading(project_of(context)) as connection:
        # What a name without a schema means in SQL is shown without one.
        views = connection.execute(
            "select view_name, comment from duckdb_views() "
            "where database_name = current_database() and not internal "
            "order by not starts_with(view_name, 'trade_balance'), view_name"
        ).fetchall()
        counted = [(name, connection.table(name).count("*").fetchall()[0][0], what) for name, what in views]
        found = connection.execute(
            """
            select tables.schema_name || '.' || tables.table_name as "table", tables.estimated_size as rows,
                tables.comment as what
            from (
                select schema_name, table_name, estimated_size, comment
                from duckdb_tables()
                where database_name = current_database()
                union all
                select schema_name, function_name || '(' || array_to_string(parameters, ', ') || ')', null, comment
                from duckdb_functions()
                where database_name = current_database() and function_type = 'table_macro' and not internal
            ) as tables
            order by list_position(['marts', 'core', 'staging', 'meta'], tables.schema_name), tables.table_name
            """
        ).fetchall()
    rows = [[table, count, show.first_sentence(what)] for table, count, what in [*counted, *found]]
    show.records(["table", "rows", "what"], rows, form)


@app.command()
@reads
def describe(
    context: typer.Context,
    table: Annotated[
        str, typer.Argument(help="The table or view, for example trade_balance or marts.trade_balance_annual.")
    ],
    form: files.FormatOption = "table",
) -> None:
    """Say what a table or view is and what each column means."""
    schema, _, name = table.rpartition(".")
    with publication.reading(project_of(context)) as connection:
        if not schema:
            # As in SQL, a name without a schema is that of a view if there is one.
            views = connection.execute("select view_name from duckdb_views() where not internal").fetchall()
            schema = MAIN if (name,) in views else ""
        rows = connection.execute(
            """
            select column_name, data_type, unit, case when is_key then 'yes' else '' end as key, meaning, schema_name
            from meta.columns
            where table_name = $name and ($schema = '' or schema_name = $schema)
            order by schema_name, position
            """,
            {"name": name, "schema": schema},
        ).fetchall()
        known = connection.execute("select distinct schema_name || '.' || table_name from meta.columns").fetchall()
        what = connection.execute(
            """
            select comment from duckdb_tables() where table_name = $name and ($schema = '' or schema_name = $schema)
            union all
            select comment from duckdb_views() where view_name = $name and ($schema = '' or schema_name = $schema)
            union all
            select comment from duckdb_functions()
            where function_name = $name and ($schema = '' or schema_name = $schema)
            """,
            {"name": name, "schema": schema},
        ).fetchone()
    if not rows:
        from difflib import get_close_matches

        every = [one for (one,) in sorted(known)]
        of_schema = [one for one in every if one.startswith(f"{schema}.")]
        names = {one.partition(".")[2]: one for one in of_schema or every}
        near = [names[one].removeprefix(f"{MAIN}.") for one in get_close_matches(name, names, n=3, cutoff=0.6)]
        raise BilateralError(
            f"There is no table {table}.",
            remedy=f"Did you mean {', '.join(near)}?" if near else "See `bilateral tables`.",
        )
    if form == "table":
        whole = escape(name if rows[0][5] == MAIN else f"{rows[0][5]}.{name}")
        show.say(f"[bold]{whole}[/]  {escape(what[0] if what else '')}\n")
    show.records(["column", "type", "unit", "key", "meaning"], [row[:5] for row in rows], form)


@app.command()
@reads
def status(context: typer.Context) -> None:
    """Say what is published, how its audit went, and whether snapshots have changed since."""
    from dagster_project.snapshots import find_all

    project = project_of(context)
    with publication.reading(project) as connection:
        found = connection.execute("select * from meta.publication")
        row = dict(zip([column[0] for column in found.description or []], found.fetchone() or (), strict=True))
        built_from = {row[0] for row in connection.execute("select snapshot_id from meta.snapshots").fetchall()}
        failed = connection.execute(
            "select severity, table_name, check_name, notes from meta.checks where status <> 'passed' "
            "order by severity desc, table_name, check_name"
        ).fetchall()
    row["published_at"] = f"{row['published_at']:%Y-%m-%d %H:%M:%S} UTC"
    show.fields(row)
    # Of a file that lies elsewhere nobody knows here which snapshots and publications are newer.
    snapshots_here = {} if project.file is not None else find_all(project)
    here = {snapshot.id for found_ones in snapshots_here.values() for snapshot in found_ones}
    if here and here != built_from:
        show.console.print(
            f"[yellow]Snapshots have changed since: {len(here - built_from)} new, {len(built_from - here)} gone. "
            "Run `bilateral build`.[/]",
            highlight=False,
        )
    kept = [made.publication_id for made in publication.publications(project)]
    if row["publication_id"] in kept[1:]:
        show.console.print(f"[yellow]A newer publication is kept: {kept[0]}.[/]", highlight=False)
    if failed:
        show.console.print("\n[bold]Expectations that did not hold, and stop nothing[/]")
        for severity, table, check, notes in failed:
            show.say(f"[yellow]{severity}[/] {escape(table)}: [bold]{escape(check)}[/]")
            show.say(escape(notes), "dim", indent=2)


@app.command()
def publications(context: typer.Context, form: files.FormatOption = "table") -> None:
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
    show.records(["", "publication", "published", "expectations", "warnings"], rows, form)
    if form == "table":
        show.console.print(
            f"Each has its audit: {escape(str(project.publications))}/<publication>/audit.html",
            style="dim",
            highlight=False,
            soft_wrap=True,
        )


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
    show.console.print(f"[bold green]✓[/] {made.publication_id} is published again.", highlight=False)
    reporting.after(project, made.publication_id)


@app.command("data-docs")
def data_docs(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where to write the pages.")] = Path("data-docs"),
) -> None:
    """Write Great Expectations' own Data Docs of the published warehouse (their styles load from other hosts)."""
    from dagster_project.audit.data_docs import write_data_docs

    project = project_of(context)
    # Great Expectations would tell at length that it cannot write there.
    with passing(folder / ".tried") as tried:
        folder.mkdir(parents=True, exist_ok=True)
        tried.touch()
    with publication.reading(project) as connection:
        index = write_data_docs(project, connection, folder)
    show.console.print(f"[bold green]✓[/] {escape(str(index))}", highlight=False, soft_wrap=True)


@app.command()
def docs(
    context: typer.Context,
    check_only: Annotated[bool, typer.Option("--check", help="Only say whether the pages are current.")] = False,
) -> None:
    """Write the generated pages of docs/ and, from the published figures, the picture of the balance."""
    from dagster_project.report import documentation

    project = project_of(context)
    if check_only and (stale := documentation.stale(project)):
        raise BilateralError(
            f"Out of date: {', '.join(str(path.relative_to(project.root)) for path in stale)}.",
            remedy="Run `bilateral docs` and commit what it writes.",
        )
    if not project.published_file.exists():
        show.say("docs/pictures/balance.svg is left as it is: nothing is published to draw it from.", "dim")
    for path in () if check_only else documentation.write(project):
        show.console.print(f"[bold green]✓[/] {path.relative_to(project.root)}", highlight=False)
