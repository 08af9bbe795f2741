"""Stars, unions by name and `feeds` are expanded, and give the same rows as DuckDB's own."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from dagster_project.catalog import Catalog
from dagster_project.errors import BilateralError
from dagster_project.models import DIALECT, expansion, reading
from dagster_project.models.header import read_grain
from dagster_project.models.lineage import trace_columns
from dagster_project.project import Project

KNOWN = {"core.trade": ("year", "flow", "usd"), "core.names": ("flow", "name"), "core.kilos": ("flow", "kg", "year")}
TABLES = """
create schema core;
create table core.trade as
    from (values (2020, 'export', 1.0), (2021, 'import', 2.0), (2022, null, 3.0)) t(year, flow, usd);
create table core.names as from (values ('export', 'Exports'), ('other', 'Others')) t(flow, name);
create table core.kilos as from (values ('export', 10, 2020), ('import', 20, 2023)) t(flow, kg, year);
"""
HEADER = (
    "/*\nwhat: A table.\ngrain: [year]\n{header}columns:\n  year: year | The year.\n  usd: own unit | A value.\n*/\n"
)


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("select * from core.trade", "SELECT trade.year, trade.flow, trade.usd FROM core.trade"),
        (
            "select t.* exclude (flow), 1 as one from core.trade as t",
            "SELECT t.year, t.usd, 1 AS one FROM core.trade AS t",
        ),
        (
            "select * replace (usd * 2 as usd) from core.trade",
            "SELECT trade.year, trade.flow, usd * 2 AS usd FROM core.trade",
        ),
        (
            "select * from core.trade left join core.names using (flow)",
            "SELECT trade.year, flow, trade.usd, names.name FROM core.trade LEFT JOIN core.names USING (flow)",
        ),
        (
            "select names.*, trade.usd from core.trade left join core.names using (flow)",
            "SELECT names.flow, names.name, trade.usd FROM core.trade LEFT JOIN core.names USING (flow)",
        ),
        (
            "select * from core.trade join core.kilos using (year, flow) join core.names using (flow)",
            (
                "SELECT year, flow, trade.usd, kilos.kg, names.name FROM core.trade "
                "JOIN core.kilos USING (year, flow) JOIN core.names USING (flow)"
            ),
        ),
        (
            "select * from core.trade full join core.kilos using (year, flow)",
            "SELECT year, flow, trade.usd, kilos.kg FROM core.trade FULL JOIN core.kilos USING (year, flow)",
        ),
        (
            "select * from core.trade semi join core.names using (flow)",
            "SELECT trade.year, trade.flow, trade.usd FROM core.trade SEMI JOIN core.names USING (flow)",
        ),
        (
            "select flow, usd from core.trade union all by name select kg, flow from core.kilos",
            "SELECT flow, usd, NULL AS kg FROM core.trade UNION ALL SELECT flow, NULL AS usd, kg FROM core.kilos",
        ),
        (
            (
                "with mixed as (select * from core.trade union all by name select * from core.kilos "
                "union all by name select name, flow from core.names) select * from mixed"
            ),
            (
                "WITH mixed AS (SELECT trade.year, trade.flow, trade.usd, NULL AS kg, NULL AS name FROM core.trade "
                "UNION ALL SELECT kilos.year, kilos.flow, NULL AS usd, kilos.kg, NULL AS name FROM core.kilos "
                "UNION ALL SELECT NULL AS year, flow, NULL AS usd, NULL AS kg, name FROM core.names) "
                "SELECT mixed.year, mixed.flow, mixed.usd, mixed.kg, mixed.name FROM mixed"
            ),
        ),
        (
            "select usd, flow from core.trade union by name (select kg, flow from core.kilos union select 1, 'other')",
            (
                "SELECT usd, flow, NULL AS kg FROM core.trade UNION SELECT NULL AS usd, flow, kg FROM "
                "(SELECT kg, flow FROM core.kilos UNION SELECT 1, 'other') AS part"
            ),
        ),
        (
            "select v.*, names.name from (values (1, 'export')) as v (n, flow) join core.names using (flow)",
            "SELECT v.n, v.flow, names.name FROM (VALUES (1, 'export')) AS v(n, flow) JOIN core.names USING (flow)",
        ),
        ("select count(*) from core.trade", "SELECT COUNT(*) FROM core.trade"),
    ],
)
def test_it_is_spelled_out_and_means_the_same(select: str, expected: str) -> None:
    written = parse_one(select, dialect=DIALECT)
    assert isinstance(written, exp.Query)
    expansion.expand_query(written, KNOWN)
    assert written.sql(dialect=DIALECT) == expected
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        (mine, names), (theirs, wanted) = (
            (sorted(rows.fetchall(), key=str), rows.columns)
            for rows in (connection.sql(expected), connection.sql(select))
        )
    assert (mine, names) == (theirs, wanted)


def test_the_columns_of_an_unknown_table_have_to_be_named() -> None:
    with pytest.raises(SqlglotError, match=r"columns of reference\.years, which are not declared"):
        expansion.expand_query(parse_one("select * from reference.years", dialect=DIALECT), KNOWN)  # type: ignore[arg-type]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Make a project with two tables that feed a third, with different columns in different orders."""
    for name, header, select in (
        ("staging/a", "feeds: [core.all_of_it]\n", "select 1 as usd, 2020 as year"),
        ("staging/b", "feeds: [core.all_of_it]\n", "select 2021 as year, 2 as usd"),
        ("staging/c", "", "select 2022 as year, 3 as usd"),
        ("core/all_of_it", "", "with figures as (select * from feeds) select * from figures"),
    ):
        write(tmp_path, name, HEADER.format(header=header) + select)
    return Project.at(tmp_path)


def write(root: Path, name: str, text: str) -> None:
    path = root / "sql" / f"{name}.sql"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_table_that_says_what_it_feeds_is_read_there(project: Project) -> None:
    found = reading.load_models(project)
    fed = found["core.all_of_it"]
    assert fed.depends_on == {"staging.a", "staging.b"}
    assert list(found) == ["staging.a", "staging.b", "staging.c", "core.all_of_it"]
    assert trace_columns(fed, found) == {
        "year": [("staging.a", "year"), ("staging.b", "year")],
        "usd": [("staging.a", "usd"), ("staging.b", "usd")],
    }
    with duckdb.connect() as connection:
        connection.execute("create schema staging")
        for name in ("staging.a", "staging.b"):
            connection.execute(f"create table {name} as {found[name].select}")
        assert sorted(connection.sql(fed.select).fetchall()) == [(2020, 1), (2021, 2)]


def test_columns_come_in_the_order_of_the_header(project: Project) -> None:
    first = reading.load_models(project)["staging.a"]
    assert duckdb.sql(first.select).columns == ["year", "usd"]


def test_what_a_star_brings_beyond_the_header_is_left_out(project: Project) -> None:
    write(
        project.root,
        "staging/d",
        HEADER.format(header="") + "with t as (select 9 as a, 1 as usd, 2 as year) select * from t",
    )
    write(project.root, "staging/e", HEADER.format(header="") + "select * from reference.years")
    found = reading.load_models(project, {"reference.years": ("year", "usd", "note")})
    assert duckdb.sql(found["staging.d"].select).fetchall() == [(2, 1)]
    assert found["staging.e"].expanded.named_selects == ["year", "usd"]


def test_a_template_gives_what_the_header_does_not_and_reads_the_rows(project: Project) -> None:
    shared = "/*\nwhat: A form.\ngrain: [year]\ncolumns: ['year, usd']\nfeeds: [core.all_of_it]\n*/\n"
    write(project.root, "templates/thousands", shared + "select r.year, 1000 * r.kusd as usd from rows as r")
    listed = "columns: {year: year | The year., usd: US$ | What came in.}\n"
    own = "/*\nwhat: Sales.\ntemplate: thousands\n" + listed + "*/\nselect 2024 as year, 5 as kusd"
    write(project.root, "staging/d", own)
    model = reading.load_models(project)["staging.d"]
    assert (model.what, model.grain, model.feeds) == ("Sales.", ("year",), ("core.all_of_it",))
    assert duckdb.sql(model.select).fetchall() == [(2024, 5000)]
    assert read_grain(project.sql / "staging" / "d.sql") == ("year",)
    write(project.root, "staging/d", own.replace("thousands", "millions"))
    with pytest.raises(BilateralError, match=r"there is no template 'millions' in sql/templates"):
        reading.load_models(project)


@pytest.mark.parametrize(
    ("name", "header", "select", "complaint"),
    [
        ("staging/c", "feeds: [core.none]\n", "select 1 as year, 2 as usd", r"c\.sql feeds core\.none, which no model"),
        ("core/all_of_it", "", "select 1 as year, 2 as usd", r"lacks `feeds`, but staging\.a, staging\.b feed it"),
        ("core/other", "", "select year, usd from feeds", r"core/other\.sql reads `feeds`, which nothing feeds"),
        ("staging/c", "", "select *, 1 as more from staging.a", "produced but not documented: more"),
        ("staging/c", "", "select * exclude (usd) from staging.a", "documented but not produced: usd"),
        ("staging/c", "", "select *, 1 as usd from staging.a", r"a star repeats columns: usd"),
        ("staging/c", "", "select * from reference.years", r"reference\.years, which are not declared"),
        (
            "staging/c",
            "",
            "select * from staging.a union all by name select 1 as year, 2 as more",
            "produced but not documented: more",
        ),
    ],
)
def test_what_does_not_fit_is_refused(project: Project, name: str, header: str, select: str, complaint: str) -> None:
    write(project.root, name, HEADER.format(header=header) + select)
    with pytest.raises(BilateralError, match=complaint):
        reading.load_models(project)


def test_every_model_of_the_project_can_be_spelled_out() -> None:
    project = Project.find()
    for model in Catalog(project).models.values():
        spelled = model.expanded
        assert spelled.named_selects == [column.name for column in model.columns], model.name
        stars = [star for star in spelled.find_all(exp.Star) if not isinstance(star.parent, exp.Count)]
        assert stars == [], model.name
        assert not any(union.args.get("by_name") for union in spelled.find_all(exp.SetOperation)), model.name
