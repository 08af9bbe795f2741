"""Spark makes of the same `sql/` what DuckDB makes: on a cluster, with a worker lost on the way."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType

import duckdb
import pytest
from sqlglot import exp, parse_one
from typer.testing import CliRunner

from benchmarks import generate
from dagster_project.catalog import Catalog
from dagster_project.cli.commands import app
from dagster_project.engines import Settings, Table
from dagster_project.engines.spark import Spark, translate_select
from dagster_project.engines.work_file import describe_table
from dagster_project.errors import BilateralError
from dagster_project.incremental.slices import Slicing
from dagster_project.models import DIALECT, Model
from dagster_project.pipeline import build_warehouse
from dagster_project.project import HOME_VARIABLE, Project
from tests import making
from tests.engines.cluster import OPTIONS, WHY_NOT, Cluster

PROJECT = Project.find()
LOCAL = Settings(engine="spark", master="local[2]", options=OPTIONS)
GENERATED = 1_000_000
# The model that the cluster is at when it loses a worker.
LOST_AT = "core.goods_trade_observations"

needs_spark = pytest.mark.skipif(WHY_NOT is not None, reason=str(WHY_NOT))


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("select a from core.t", "SELECT a FROM core__t AS t"),
        ("select t.a from core.t as t", "SELECT t.a FROM core__t AS t"),
        (
            "select cast(unnest(generate_series(1, 3)) as integer) as n",
            "SELECT EXPLODE(CAST(SEQUENCE(1, 3) AS ARRAY<INT>)) AS n",
        ),
        (
            "select string_agg(distinct a, ', ' order by a) as all_of_it from core.t",
            "SELECT NULLIF(ARRAY_JOIN(ARRAY_SORT(COLLECT_SET(a)), ', '), '') AS all_of_it FROM core__t AS t",
        ),
        (
            "select list_sort(list_distinct(flatten([a]))) from core.t",
            "SELECT ARRAY_SORT(ARRAY_DISTINCT(ARRAY_COMPACT(FLATTEN(ARRAY_COMPACT(ARRAY(a)))))) FROM core__t AS t",
        ),
    ],
)
def test_a_select_is_put_into_sparks_words(select: str, expected: str) -> None:
    tree = parse_one(select, dialect=DIALECT)
    assert isinstance(tree, exp.Query)
    assert translate_select(tree) == expected


def test_without_pyspark_a_build_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    said = complaint(tmp_path, monkeypatch, "--engine", "spark")
    assert "pyspark is missing" in said
    assert "`make spark`" in said


def test_without_java_a_build_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As if it were installed, whether or not it is.
    for name, holds in (("pyspark", ""), ("pyspark.errors", "PySparkException"), ("pyspark.sql", "SparkSession")):
        module = ModuleType(name)
        setattr(module, holds, object)
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    said = complaint(tmp_path, monkeypatch, "--engine", "spark")
    assert "needs Java" in said
    assert "JAVA_HOME" in said


@pytest.mark.parametrize("words", [("--master", "spark://host:7077"), ("--option", "spark.executor.memory=8g")])
def test_what_is_said_to_spark_is_not_passed_over_by_duckdb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, str]
) -> None:
    assert "the engine is duckdb" in complaint(tmp_path, monkeypatch, *words)


def complaint(folder: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    """What a build in an empty warehouse complains of, as the command line prints it."""
    where = making.project(folder)
    shutil.copytree(PROJECT.reference, where.reference, dirs_exist_ok=True)
    monkeypatch.setenv(HOME_VARIABLE, str(where.root))
    done = CliRunner().invoke(app, ["build", *words])
    assert isinstance(done.exception, BilateralError)
    return str(done.exception)


@pytest.mark.long
@needs_spark
def test_spark_can_read_every_model_and_what_it_refuses_is_named(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    text = "/*\nwhat: Halves.\ngrain: [half]\ncolumns:\n  half: ratio | A half.\n*/\nselect no_such_function(1) as half"
    refused = making.parse_model(text, schema="core", table="halves")
    with closing(Spark(project.work_file, project.archive / "spark", LOCAL)) as engine:
        parse = engine.session._jsparkSession.sessionState().sqlParser().parsePlan
        for model in Catalog(PROJECT).models.values():
            parse(translate_select(model.expanded))
        with pytest.raises(BilateralError, match=r"core\.halves cannot be built"):
            engine.make_table(refused)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The committed snapshots, and a million generated rows beside them."""
    made = making.checkout(tmp_path / "warehouse")
    assert generate.generate(made, GENERATED, months=4) >= GENERATED
    return made


@pytest.mark.longest
@pytest.mark.long
@needs_spark
@pytest.mark.timeout(1800)
def test_a_cluster_that_loses_a_worker_makes_what_duckdb_makes(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, results = build_warehouse(project)
    ours = {(result.table, result.check): result for result in results}
    alone = tmp_path / "duckdb.duckdb"
    shutil.copyfile(project.published_file, alone)
    # A verdict is good for what a table holds, whoever made it: these are to be found again.
    with duckdb.connect(project.work_file) as work:
        work.execute("delete from meta.checks")
    (tmp_path / "cluster").mkdir()
    ran: list[str] = []
    done: list[str] = []
    done_at_the_kill: list[str] = []
    run = Spark.make_table

    with Cluster(tmp_path / "cluster") as cluster:

        def kill() -> None:
            done_at_the_kill.extend(done)
            cluster.kill_a_worker()

        def running(self: Spark, model: Model, slicing: Slicing | None = None) -> Table | None:
            ran.append(model.name)
            if model.name == LOST_AT:
                threading.Timer(0.5, kill).start()
            table = run(self, model, slicing)
            done.append(model.name)
            return table

        monkeypatch.setattr(Spark, "make_table", running)
        settings = Settings(engine="spark", master=cluster.url, options=OPTIONS)
        on_spark, results = build_warehouse(project, settings)
        assert len(cluster.workers) == 1
    # While the cluster was at a model, not between two.
    assert done_at_the_kill == ran[: ran.index(LOST_AT)]
    # Tables of another engine are not gone on from.
    assert set(ran) == set(Catalog(project).models)
    assert (on_spark.table_count, on_spark.check_count) == (made.table_count, made.check_count)
    theirs = {(result.table, result.check): result for result in results}
    assert {name: (r.status, r.unexpected_count, r.sample) for name, r in theirs.items()} == {
        name: (r.status, r.unexpected_count, r.sample) for name, r in ours.items()
    }
    with duckdb.connect() as connection:
        connection.execute(f"attach '{alone}' as ours (read_only)")
        connection.execute(f"attach '{project.published_file}' as theirs (read_only)")
        different = list(differences(connection, Catalog(project).models.values()))
        ((count,),) = connection.execute("select count(*) from theirs.core.product_trade").fetchall()
    assert different == []
    assert count > GENERATED / 2


def differences(connection: duckdb.DuckDBPyConnection, made: Iterable[Model]) -> Iterator[str]:
    """The tables of two attached files that differ: keys and texts exactly, numbers by a billionth."""
    for model in made:
        if model.is_macro:
            continue
        hashes, kinds = [], []
        for catalog in ("ours", "theirs"):
            connection.execute(f"use {catalog}")
            table = describe_table(connection, model.name)
            hashes.append(table.content_hash)
            kinds.append(table.types)
        if kinds[0] != kinds[1]:
            yield f"{model.name}: {kinds}"
        elif hashes[0] != hashes[1]:
            keys = " and ".join(f'a."{key}" is not distinct from b."{key}"' for key in model.grain)
            same = " and ".join(_same(name, kind) for name, kind in kinds[0].items() if name not in model.grain)
            ((count,),) = connection.execute(
                f"select count(*) from ours.{model.name} as a full join theirs.{model.name} as b on {keys} "
                f'where a."{model.grain[0]}" is distinct from b."{model.grain[0]}" or not ({same or "true"})'
            ).fetchall()
            if count:
                yield f"{model.name}: {count} rows"


def _same(name: str, kind: str) -> str:
    # A number that is printed, as in the reason of a verdict's figures, is one too.
    numbers = [f'try_cast({side}."{name}" as double)' for side in "ab"] if kind in {"DOUBLE", "VARCHAR"} else []
    exact = f'a."{name}" is not distinct from b."{name}"'
    return (
        f"({exact} or coalesce(abs({numbers[0]} - {numbers[1]}) <= 1e-9 * abs({numbers[0]}), false))"
        if numbers
        else exact
    )
