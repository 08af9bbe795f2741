"""The published file as readers open it: its storage, and queries that people write without reading the docs.

Here: traps of the file, each with a query that could fall into it, and limits of older clients that show in this
version. Not here: older clients themselves (`make clients`), and publishing the file (`test_publication`).
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date
from pathlib import Path

import duckdb
import pytest
from sqlglot import exp, parse_one

from dagster_project import publication, questions, sources
from dagster_project.catalog import Catalog
from dagster_project.claims import register
from dagster_project.engines.duckdb import DuckDB
from dagster_project.errors import BilateralError
from dagster_project.models import DIALECT
from dagster_project.project import Project
from tests import making

PROJECT = Project.find()
MODELS = Catalog(PROJECT).models
SELECTS = {question.path.name: question.select for question in questions.load_questions(PROJECT)} | {
    model.name: model.select for model in MODELS.values()
}


def columns(connection: duckdb.DuckDBPyConnection, ending: str) -> list[tuple[str, str, str]]:
    """List the columns whose names end so: table, name and type."""
    return connection.execute(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns() "
        "where not internal and ends_with(column_name, $ending) order by all",
        {"ending": ending},
    ).fetchall()


# Storage


def test_a_client_of_1_2_can_open_it(published: duckdb.DuckDBPyConnection) -> None:
    version = "select tags['storage_version'] from duckdb_databases() where path is not null"
    assert published.execute(version).fetchone() == ("v1.2.0+",)
    assert published.execute("select block_size from pragma_database_size()").fetchone() == (65536,)


@pytest.mark.long
def test_everything_in_it_can_be_read_and_says_what_it_is(built: Project) -> None:
    client = Path(__file__).with_name("client.py")
    command = [sys.executable, str(client), str(built.published_file), str(built.sql / "questions")]
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    things = {name: summed for name, summed in found.items() if not name.endswith(".sql")}
    assert {name for name, (is_documented, *_) in things.items() if not is_documented} == set()
    assert {name.partition("(")[0] for name in things} >= MODELS.keys()
    assert {name for name in found if name.endswith(".sql")} == {q.path.name for q in questions.load_questions(built)}


def test_no_time_has_a_zone_which_python_clients_need_another_package_for(
    built: Project, published: duckdb.DuckDBPyConnection
) -> None:
    kinds = {kind for _, _, kind in columns(published, "")}
    assert {"TIMESTAMP", "VARCHAR[]"} <= kinds
    assert not {kind for kind in kinds if "ZONE" in kind}
    (made,) = publication.list_publications(built)
    published.execute("set timezone = 'Asia/Seoul'")
    assert published.execute("select published_at from meta.publication").fetchone() == (
        made.published_at.astimezone(UTC).replace(tzinfo=None),
    )


@pytest.mark.long
def test_what_a_header_requires_is_not_null_and_nothing_else_has_to_be(published: duckdb.DuckDBPyConnection) -> None:
    required = published.execute(
        "select schema_name || '.' || table_name, column_name from duckdb_columns() "
        "where not internal and not is_nullable"
    ).fetchall()
    keys = {(model.name, column) for model in MODELS.values() if not model.is_macro for column in model.required}
    assert set(required) == keys
    assert published.execute("select count(*) from core.source_precedence where flow = 'none'").fetchone() != (0,)


REQUIRING = """/*
what: A table.
grain: [a]
required: [b]
columns:
  a: code | A.
  b: code | B.
  snapshot_id: code | Where it comes from.
*/
select {} as a, {} as b, 'kosis/goods_annual/0123456789ab' as snapshot_id
"""


@pytest.mark.parametrize(("a", "b", "column"), [("null", "1", "a"), ("1", "null", "b"), ("null", "null", "a or b")])
def test_a_null_that_a_header_forbids_is_named_with_its_row_and_snapshot(a: str, b: str, column: str) -> None:
    model = making.parse_model(REQUIRING.format(a, b), schema="marts", table="thing")
    said = rf"marts\.thing has 1 rows? without {column}: .*snapshot_id=kosis/goods_annual/0123456789ab"
    with DuckDB() as engine:
        with pytest.raises(BilateralError, match=said):
            engine.make_table(model)
        # Nor does a part that is put in the place of another.
        whole = making.parse_model(REQUIRING.format(1, 1), schema="marts", table="thing")
        made = engine.make_table(whole)
        assert made is not None
        engine.set_not_null([whole])
        with pytest.raises(BilateralError, match=said):
            engine.replace_part(whole, made, "true", model.select)


def test_what_is_required_stays_so() -> None:
    model = making.parse_model(REQUIRING.format(1, 1), schema="marts", table="thing")
    with DuckDB() as engine:
        made = engine.make_table(model)
        assert made is not None
        engine.set_not_null([model])
        engine.set_not_null([model])
        assert engine.replace_part(model, made, "true", model.select).content_hash == made.content_hash
        for values in ("null, 1, ''", "1, null, ''"):
            with pytest.raises(duckdb.ConstraintException):
                engine.connection.execute(f"insert into marts.thing values ({values})")


# Sources of a figure


def test_lists_of_snapshots_are_lists_sorted_and_distinct_in_every_table(published: duckdb.DuckDBPyConnection) -> None:
    found = columns(published, "snapshot_ids")
    assert len({table for table, _, _ in found}) >= 29
    assert {kind for _, _, kind in found} == {"VARCHAR[]"}
    for table, column, _ in found:
        wrong = f"select count(*) from {table} where {column} != list_sort(list_distinct({column}))"
        assert published.execute(wrong).fetchone() == (0,), table


@pytest.mark.long
def test_a_join_on_the_snapshots_of_a_figure_loses_no_row(published: duckdb.DuckDBPyConnection) -> None:
    no_figure = {"marts.claim_verdicts", "main.claims", "core.goods_trade_comparisons", "main.products"}
    for table, column, _ in columns(published, "snapshot_ids"):
        lost = published.execute(
            f"""
            with figures as (select row_number() over () as figure, {column} as snapshot_ids from {table}),
            named as (select figure, unnest(snapshot_ids) as snapshot_id from figures),
            known as (select figure from named inner join meta.figure_sources using (snapshot_id))
            select count(*), count(*) filter (where len(figures.snapshot_ids) > 0)
            from figures
            anti join known on figures.figure = known.figure
            """
        ).fetchone()
        assert lost is not None
        # Nothing is lost of what rests on no figure: claims that none answers, years without a common publisher,
        # residuals.
        assert lost[1] == 0, table
        assert lost[0] == 0 or table in no_figure, table
        unknown = f"""
            select count(*) from (select unnest({column}) as snapshot_id from {table}) as named
            anti join meta.snapshots as snapshots on named.snapshot_id = snapshots.snapshot_id
        """
        assert published.execute(unknown).fetchone() == (0,), table


def test_every_single_snapshot_has_its_source_too(published: duckdb.DuckDBPyConnection) -> None:
    found = [table for table, column, _ in columns(published, "snapshot_id") if column == "snapshot_id"]
    assert len(found) > 30
    for table in found:
        named = f"(select snapshot_id from {table} where snapshot_id is not null)"
        unknown = f"select count(*) from {named} anti join meta.figure_sources using (snapshot_id)"
        assert published.execute(unknown).fetchone() == (0,), table


def test_a_figure_says_who_published_it_on_what_terms_and_since_when(published: duckdb.DuckDBPyConnection) -> None:
    found = published.execute(
        """
        with figures as (
            select balance_usd, unnest(snapshot_ids) as snapshot_id
            from marts.trade_balance_annual
            where reporter_code = 'KOR' and partner_code = 'CHN' and year = 2023
        )
        select distinct balance_usd, publisher, source_title, licence_name, known_from
        from figures
        inner join meta.figure_sources using (snapshot_id)
        """
    ).fetchall()
    assert found == [
        (
            -18_039_656_000.0,
            "Korea Customs Service",
            "Korean Statistical Information Service (KOSIS)",
            "KOSIS terms of use: free use and redistribution with the source named",
            date(2025, 6, 19),
        )
    ]


def test_the_publisher_is_the_one_that_the_order_of_sources_names(published: duckdb.DuckDBPyConnection) -> None:
    """Korea Customs' figures are its own through every channel, and nobody else's are."""
    named = published.execute("select source, dataset, publisher, source_title from meta.figure_sources").fetchall()
    whose = published.execute("select distinct source, dataset, publisher_code from core.source_precedence").fetchall()
    codes = {(source, dataset): code for source, dataset, code in whose}
    for source, dataset, publisher, title in named:
        assert publisher == sources.find_source(codes.get((source, dataset), source)).publisher
        assert title == sources.find_source(source).title
    customs = {source for source, _, publisher, _ in named if publisher == "Korea Customs Service"}
    assert customs == {"bok", "kcs", "kosis"}


def test_an_article_is_no_publication_of_this_file(built: Project, published: duckdb.DuckDBPyConnection) -> None:
    assert {table for table, _, _ in columns(published, "article_id")} == {"core.claims", "marts.claim_verdicts"}
    assert {table for table, _, _ in columns(published, "publication_id")} == {"meta.publication"}
    found = published.execute(
        "select article_id, count(*) from marts.claim_verdicts inner join core.claims using (article_id, claim_id) "
        "group by article_id"
    ).fetchall()
    registered = register.read_register(built.claims)
    assert sorted(found) == [(article.article_id, len(article.claims)) for article in registered]


# Older clients, as far as this one can tell


def hidden_orders(select: str) -> list[str]:
    """List the expressions that order a union and are no columns of its result, which DuckDB before 2.0 rejects."""
    found = []
    for union in parse_one(select, dialect=DIALECT).find_all(exp.SetOperation):
        order = union.args.get("order")
        for key in order.expressions if order is not None else ():
            if not (isinstance(key.this, exp.Column) and not key.this.table and key.this.name in union.named_selects):
                found.append(key.this.sql(DIALECT))
    return found


@pytest.mark.parametrize(
    ("select", "orders"),
    [
        ("select 1 as a union all select 2 order by a desc", []),
        ("select 1 as a union all select 2 order by a = 1", ["a = 1"]),
        ("select t.a from t union all select u.a from u order by t.a", ["t.a"]),
        ("select * from (select 1 as a union select 2 order by -a)", ["-a"]),
        ("select a from t order by a = 1", []),
    ],
)
def test_orders_that_older_clients_refuse_are_found(select: str, orders: list[str]) -> None:
    assert hidden_orders(select) == orders


def test_no_union_is_ordered_as_older_clients_refuse() -> None:
    assert {name: found for name, select in SELECTS.items() if (found := hidden_orders(select))} == {}
