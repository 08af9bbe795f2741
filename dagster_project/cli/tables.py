"""List, describe and query the published tables: the commands `tables`, `describe` and `query`."""

from __future__ import annotations

from pathlib import Path

import duckdb
from rich.markup import escape
from typer import Argument, Option

from dagster_project import publication
from dagster_project.claims.query_limits import EvidenceMemoryError, limit_question
from dagster_project.cli import console, formats, questions
from dagster_project.cli.options import AsOfOption, FileFormatOption, FormatOption, OutputOption, open_as_of, read_input
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.publication import versions

MOST_SHOWN = 1_000_000_000
# DuckDB's default schema, which SQL need not name.
MAIN = "main"
# Every table, view and macro of a published file, with its description.
CATALOG = """
    select schema_name, table_name as name, '' as parameters, estimated_size as rows, comment
    from duckdb_tables()
    where database_name = current_database()
    union all
    select schema_name, view_name, '', null, comment
    from duckdb_views()
    where database_name = current_database() and not internal
    union all
    select schema_name, function_name, '(' || array_to_string(parameters, ', ') || ')', null, comment
    from duckdb_functions()
    where database_name = current_database() and function_type = 'table_macro' and not internal
"""


def query(
    project: Project,
    sql: str | None = Argument(None, help="The SQL. Default, or with -: standard input."),
    sql_file: Path | None = Option(None, "--sql-file", "-i", help="A file with the SQL.", exists=True, dir_okay=False),
    form: FileFormatOption = "table",
    output: OutputOption = None,
    limit: int = Option(100, min=0, max=MOST_SHOWN, help="The most rows of a table to show; 0 shows all."),
    as_of: AsOfOption = None,
) -> None:
    """Run a SELECT on the published warehouse, read-only; with `--as-of`, on the figures known by the end of a day."""
    if sql_file is not None and sql is not None:
        raise BilateralError("The SQL was given twice, in a file and as an argument.", remedy="Give it once.")
    if sql is None or sql == "-":
        sql = read_input(sql_file or "-", "Give the SELECT as an argument, or a file that has it with --sql-file.")
    form = formats.choose_format(form, output)
    with publication.open_published(project) as connection, open_as_of(project, connection, as_of, sql) as then:
        try:
            # Lock the settings, so that a user's statement cannot change them, such as the limit of memory.
            then.execute("set lock_configuration = true")
            with limit_question(then):
                statements = connection.extract_statements(sql)
                if len(statements) != 1:
                    raise BilateralError(
                        f"Expected one SELECT, got {len(statements)} statements.", remedy="Run one at a time."
                    )
                # Fetch one row more than the limit, so that `print_records` can say that there are more.
                names, rows = console.fetch_rows(then.execute(sql), limit + 1 if form == "table" and limit else None)
        except EvidenceMemoryError as error:
            raise BilateralError(error.message[0].upper() + error.message[1:], remedy=error.remedy) from None
        except duckdb.Error as error:
            if isinstance(error, duckdb.CatalogException):
                from dagster_project.catalog import Catalog

                catalog = Catalog(project)
                versions.raise_if_missing(error, [*catalog.models, *catalog.views])
            # Keep the suggestion in DuckDB's message, and leave out the line of SQL that it quotes.
            raise BilateralError(
                " ".join(str(error).partition("\nLINE ")[0].split()),
                remedy="`bilateral tables` lists the tables, `bilateral describe TABLE` the columns of one.",
            ) from error
        if output is not None and form == "xlsx":
            from dagster_project.questions import list_vintages

            vintages = list_vintages(connection, [dict(zip(names, row, strict=True)) for row in rows])
            sources = {"sources": questions.list_sources(vintages)} if vintages else {}
            formats.write_workbook(output, {"answer": (names, rows)} | sources)
        else:
            console.print_records(names, rows, form, limit=limit or None, output=output)
    if output is not None:
        console.print_done(str(output))


def tables(
    project: Project,
    every: bool = Option(False, "--all", help="Also list the staging tables."),
    form: FormatOption = "table",
) -> None:
    """List the tables and views of the published warehouse, each with its number of rows; the views come first."""
    with publication.open_published(project) as connection:
        found = connection.execute(
            f"""
            select * from ({CATALOG})
            where $every or schema_name != 'staging'
            order by list_position(['{MAIN}', 'marts', 'core', 'staging', 'meta'], schema_name),
                schema_name = '{MAIN}' and not starts_with(name, 'trade_balance'), name
            """,
            {"every": every},
        ).fetchall()
        rows = [
            [
                f"{'' if schema == MAIN else f'{schema}.'}{name}{parameters}",
                connection.table(name).count("*").fetchall()[0][0] if schema == MAIN else count,
                f"{(what or '').split('. ')[0].removesuffix('.')}.",
            ]
            for schema, name, parameters, count, what in found
        ]
    console.print_records(["table", "rows", "what"], rows, form)


def describe(
    project: Project,
    table: str = Argument(help="The table or view, for example trade_balance or marts.trade_balance_annual."),
    form: FormatOption = "table",
) -> None:
    """Describe a table or view and each of its columns."""
    schema, _, name = table.rpartition(".")
    with publication.open_published(project) as connection:
        listed = connection.execute(f"select schema_name, name, comment from ({CATALOG})").fetchall()
        if not schema and any(entry[:2] == (MAIN, name) for entry in listed):
            schema = MAIN
        rows = connection.execute(
            """
            select column_name, data_type, unit, case when is_key then 'yes' else '' end as key, meaning, schema_name
            from meta.columns
            where table_name = $name and ($schema = '' or schema_name = $schema)
            order by schema_name, position
            """,
            {"name": name, "schema": schema},
        ).fetchall()
    if not rows:
        others = {f"{where}.{known}".removeprefix(f"{MAIN}."): known for where, known, _ in listed if known != name}
        console.find_named(others, table, "table", "See `bilateral tables`.")
    if form == "table":
        schema = rows[0][5]
        what = next((text for *key, text in listed if key == [schema, name]), None)
        console.print_text(f"[bold]{escape(f'{schema}.{name}'.removeprefix(f'{MAIN}.'))}[/]  {escape(what or '')}\n")
    console.print_records(["column", "type", "unit", "key", "meaning"], [row[:5] for row in rows], form)
