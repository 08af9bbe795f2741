"""Make the models' tables with Apache Spark, for warehouses that outgrow one machine.

The SQL of the models is translated from DuckDB's dialect, and runs on the cluster that the settings name. The
tables are stored as Parquet on storage that all machines share, and copied into the work file, where DuckDB audits
them. The machines read the same raw Parquet as DuckDB, and run no Python. Each stored table has a hash of its rows in
its name, so that a later build can read it.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from sqlglot import exp

from dagster_project.database import quote_literal
from dagster_project.engines import Settings, Table
from dagster_project.engines.duckdb import DuckDB
from dagster_project.engines.work_file import make_refusal
from dagster_project.errors import BilateralError
from dagster_project.incremental.slices import Slicing, Value
from dagster_project.models import Model
from dagster_project.raw.parsed import write_parquet
from dagster_project.reference.rows import Rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# The name by which sqlglot knows Spark's SQL with `qualify`.
SPARK = "databricks"
# Increase this number when this module makes another table of the same SELECT, so that stored tables are made again.
MAKER_VERSION = 1

# The session settings with which SQL has the same results as in DuckDB.
REQUIRED = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
}
# The default session settings, which the options may override.
USUAL = {
    "spark.app.name": "bilateral",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # Codes and names repeat so much that a table is some thirty times as large in memory as its Parquet file. Spark
    # assumes the file's size, and would broadcast large tables to every machine as if they were code lists.
    "spark.sql.sources.fileCompressionFactor": "30",
}


class Spark(DuckDB):
    """The engine Spark, which makes the models' tables on a cluster.

    DuckDB reads the same inputs, to determine the types of a model's columns.

    Args:
        path: The work file.
        folder: The folder of the tables as Parquet, which every machine of the cluster sees under this path.
        settings: The master, and Spark's options.
    """

    def __init__(self, path: Path, folder: Path, settings: Settings) -> None:
        # Spark starts first, so that the work file is not left open if it fails.
        self.session = start_session(settings)
        super().__init__(path, memory=settings.memory)
        self._folder = folder
        # The content hash of each table that is a view of this session, by name.
        self._known: dict[str, str] = {}

    @property
    def version(self) -> str:
        return f"spark {self.session.version} sqlglot {version('sqlglot')} {MAKER_VERSION}"

    def attach_reference(self, tables: Iterable[Rows]) -> None:
        for table in tables:
            super().attach_reference([table])
            kept = self._folder / f"reference.{table.name}" / f"{table.fingerprint[:16]}.parquet"
            if not kept.exists():
                write_parquet(self.connection, f"from reference.{table.name}", kept)
            self._register_view(f"reference.{table.name}", [kept])

    def _attach_files(self, view: str, files: Sequence[Path]) -> None:
        super()._attach_files(view, files)
        self._register_view(view, files)

    def make_table(self, model: Model, slicing: Slicing | None = None) -> Table | None:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        if model.is_macro:
            return super().make_table(model)
        # DuckDB determines the types, so that the file is the same for both engines.
        self.run_statement(model, f"describe {model.select}")
        types = {row[0]: row[1] for row in self.connection.fetchall()}
        half = self._folder / model.name / ".half"
        for name in model.depends_on:
            self._register_table(name)
        try:
            self.session.sql(translate_select(model.expanded)).write.mode("overwrite").parquet(str(half))
        except (PySparkException, Py4JError) as error:
            raise make_refusal(model, str(error)) from error
        columns = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind in types.items())
        made = self.fill_table(model, f"select {columns} from read_parquet({quote_literal(f'{half}/*.parquet')})")
        self.forget_counts(model.name)
        for earlier in half.parent.iterdir():
            if earlier != half:
                shutil.rmtree(earlier)
        half.replace(self._get_folder(made.name, made.content_hash))
        self._made[made.name] = made.content_hash
        return made

    def renew_slices(self, model: Model, known: Table, slicing: Slicing, values: Collection[Value]) -> None:
        # A cluster has enough memory to make the whole table.
        return None

    def has_table(self, name: str, content_hash: str) -> bool:
        return self._get_folder(name, content_hash).is_dir()

    def close(self) -> None:
        self.session.stop()
        super().close()

    @cached_property
    def _made(self) -> dict[str, str]:
        """The content hash of each table that models can read."""
        return dict(self.connection.execute("select table_name, content_hash from meta.table_hashes").fetchall())

    def _get_folder(self, name: str, content_hash: str) -> Path:
        return self._folder / name / content_hash

    def _register_table(self, name: str) -> None:
        """Create the session's view of a table of this or an earlier build, unless it exists already."""
        if name in self._made and self._known.get(name) != self._made[name]:
            self._register_view(name, [self._get_folder(name, self._made[name])])
            self._known[name] = self._made[name]

    def _register_view(self, name: str, files: Iterable[Path]) -> None:
        frame = self.session.read.parquet(*(str(file) for file in files))
        frame.createOrReplaceTempView(name_view(name))


def start_session(settings: Settings) -> SparkSession:
    """Start a Spark session on the master of the settings. Default: this machine.

    Raises:
        BilateralError: pyspark or Java is not installed, or the master does not exist.
    """
    master = settings.master or "local[*]"
    if master.startswith("local"):
        # No other machine connects to this driver, so the name of this machine does not matter.
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise BilateralError(
            "Spark is not installed: the package pyspark is missing.",
            remedy="Run `make spark`, or install bilateral[spark].",
        ) from error
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        raise BilateralError("Spark needs Java, which is not installed.", remedy="Install Java 17, or set JAVA_HOME.")
    # Spark's errors are raised as exceptions, so its log need not print them with the state of the JVM.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    builder = SparkSession.builder.master(master)
    for name, value in {**USUAL, **settings.options, **REQUIRED}.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except (PySparkException, RuntimeError, OSError) as error:
        raise BilateralError(
            f"Spark does not start on {master}: {str(error).splitlines()[0]}",
            remedy="Correct --master (see docs/spark.md).",
        ) from error
    session.sparkContext.setLogLevel("OFF")
    if "spark.sql.shuffle.partitions" not in settings.options:
        session.conf.set("spark.sql.shuffle.partitions", str(2 * session.sparkContext.defaultParallelism))
    return session


def translate_select(select: exp.Query) -> str:
    """Translate a SELECT from DuckDB's dialect into Spark's, and replace each `schema.table` by its view's name."""
    tree: exp.Expr = select.copy()
    for table in tree.find_all(exp.Table):
        if table.db:
            if not table.alias:
                table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
            table.set("this", exp.to_identifier(name_view(f"{table.db}.{table.name}")))
            table.set("db", None)
    for rewrite in (_rewrite_listing, _drop_nulls, _cast_before_explode, _name_overlap):
        tree = tree.transform(rewrite)
    return tree.sql(dialect=SPARK, comments=False)


def _cast_before_explode(node: exp.Expression) -> exp.Expression:
    """Rewrite `cast(unnest(list) as text)` as `unnest(cast(list as text[]))`: Spark allows no cast around `explode`."""
    if not (isinstance(node, exp.Cast) and isinstance(node.this, exp.Explode)):
        return node
    kinds = exp.DataType(this=exp.DataType.Type.ARRAY, expressions=[node.to], nested=True)
    return exp.Explode(this=exp.Cast(this=node.this.this, to=kinds))


def _name_overlap(node: exp.Expression) -> exp.Expression:
    """Rewrite `list_has_any` as `arrays_overlap`, because sqlglot writes the operator `&&`, which Spark lacks."""
    if not isinstance(node, exp.ArrayOverlaps):
        return node
    return exp.Anonymous(this="arrays_overlap", expressions=[node.this, node.expression])


def _drop_nulls(node: exp.Expression) -> exp.Expression:
    """Drop nulls before `flatten` and `list_distinct`, as DuckDB does; Spark keeps them or gives null."""
    if isinstance(node, exp.Flatten | exp.ArrayDistinct) and not isinstance(node.this, exp.ArrayCompact):
        node.set("this", exp.ArrayCompact(this=node.this))
    return node


def _rewrite_listing(node: exp.Expression) -> exp.Expression:
    """Rewrite `string_agg(distinct x, …)`, because Spark 4.3 cannot run `listagg` beside `count(distinct)`."""
    if not (isinstance(node, exp.GroupConcat) and is_listed_in_order(node)):
        return node
    values = exp.func("array_sort", exp.func("collect_set", *node.this.this.expressions, dialect=SPARK), dialect=SPARK)
    joined = exp.func("array_join", values, node.args["separator"], dialect=SPARK)
    # Without values the result is null, as in DuckDB.
    return exp.Nullif(this=joined, expression=exp.Literal.string(""))


def is_listed_in_order(node: exp.GroupConcat) -> bool:
    """Return whether `string_agg` lists distinct values in ascending order, the order of Spark's `array_sort`."""
    ordered = node.this
    if not (isinstance(ordered, exp.Order) and isinstance(ordered.this, exp.Distinct)):
        return False
    (listed, *others), by = ordered.this.expressions, ordered.expressions
    return not others and len(by) == 1 and not by[0].args.get("desc") and by[0].this == listed


def name_view(name: str) -> str:
    """Return the name of `schema.table` in a Spark session."""
    return name.replace(".", "__", 1)
