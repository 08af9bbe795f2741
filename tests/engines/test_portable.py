"""What `sql/` may use, so that Spark runs it too; neither Spark nor Java is needed to see it.

Here: a list of what has been seen to mean the same on both engines, and the uses of it that do not. Looked at is what
Spark gets: a model's SQL with stars and unions by name spelled out (`models.expansion`). Not here: whether Spark makes
the same tables (`test_spark`); what is on the list was seen there.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlglot import exp, parse_one

from dagster_project.catalog import Catalog
from dagster_project.engines.spark import is_listed_in_order
from dagster_project.models import DIALECT
from dagster_project.project import Project

# Parts of a query, by sqlglot's names.
PARTS = frozenset(
    """
    Add Alias And Between Boolean CTE Case Column DPipe DataType Distinct Div EQ Filter From GT GTE Group Having
    Identifier If In Interval Is Join LT LTE Like Literal Mul NEQ Neg Not Null NullSafeEQ NullSafeNEQ Or Order Ordered
    Paren Qualify Select Star Sub Subquery Table TableAlias Tuple Union Values Var Where Window WindowSpec With
    """.split()  # noqa: SIM905 - a word a line would be long
)
# Functions, by sqlglot's names.
FUNCTIONS = frozenset(
    """
    Abs ArgMax ArgMin Array ArrayAgg ArrayContains ArrayDistinct ArraySort ArrayToString Avg Cast Coalesce Concat
    ConcatWs Contains Count DateDiff DateFromParts Day DenseRank Exp Explode FirstValue Flatten GenerateSeries Greatest
    GroupConcat Lag LastDay Lead Least Left Length Ln LogicalAnd LogicalOr Lower Max Min Month Nullif Pad Rank
    RegexpFullMatch RegexpLike Round RowNumber Sign Split Sqrt StartsWith StrPosition Substring Sum TimestampTrunc Trim
    Year
    """.split()  # noqa: SIM905 - as above
)
WHAT_TO_DO = "If Spark makes the same of it (make spark, then tests/engines/test_spark.py), put it on the list."


def strangers(tree: exp.Expr) -> Iterator[str]:
    """List the parts of a query that Spark cannot run, or may understand differently."""
    for node in tree.walk():
        kind = type(node).__name__
        if isinstance(node, exp.Anonymous):
            yield f"{node.name.lower()}()"
        elif kind not in PARTS | FUNCTIONS:
            yield kind
        elif isinstance(node, exp.Table) and isinstance(node.this, exp.Func):
            yield f"{type(node.this).__name__} as a table"
        elif isinstance(node, exp.Join) and node.args.get("method"):
            yield f"{node.args['method']} join"
        elif isinstance(node, exp.Filter) and isinstance(node.this, exp.GroupConcat):
            yield "filter of string_agg"
        elif isinstance(node, exp.Star) and any(node.args.values()):
            yield "* except or replace"
        elif isinstance(node, exp.SetOperation) and node.args.get("by_name"):
            yield "by name"
        elif isinstance(node, exp.DataType) and node.is_type(exp.DType.DECIMAL):
            yield "decimal: its division keeps few digits there"
        elif (
            isinstance(node, exp.Order)
            and isinstance(node.parent, exp.Func | exp.Distinct)
            # It keeps its order, and of distinct values the one that is translated.
            and not (
                isinstance(node.parent, exp.GroupConcat)
                and (not isinstance(node.this, exp.Distinct) or is_listed_in_order(node.parent))
            )
        ):
            yield f"order by in {type(node.parent).__name__}: the order is lost there"


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        (
            "select a, sum(b) filter (where c) over (order by d) from core.t qualify rank() over (order by a) = 1",
            [],
        ),
        ("select string_agg(distinct a, ', ' order by a) from core.t", []),
        (
            "select string_agg(distinct a, ', ' order by a desc) from core.t",
            ["order by in GroupConcat: the order is lost there"],
        ),
        ("select string_agg(distinct a, ', ' order by a) filter (where b) from core.t", ["filter of string_agg"]),
        ("select string_agg(a, ', ' order by b desc) from core.t", []),
        ("select median(a) from core.t", ["Median"]),
        ("select quantile_cont(a, 0.5) from core.t", ["PercentileCont"]),
        ("select regexp_extract_all(a, 'b') from core.t", ["RegexpExtractAll"]),
        ("select getvariable('a')", ["getvariable()"]),
        ("select * from core.t asof join core.u on t.a >= u.a", ["ASOF join"]),
        ("select * from core.t pivot (sum(a) for b in ('c'))", ["Pivot"]),
        ("select * from (unpivot core.t on a, b into name c value d)", ["Pivot", "UnpivotColumns"]),
        ("select columns('a.*') from core.t", ["Columns"]),
        ("select * exclude (a) from core.t", ["* except or replace"]),
        ("select * replace (1 as a) from core.t", ["* except or replace"]),
        ("select 1 as a union by name select 2 as a", ["by name"]),
        ("select [a + 1 for a in b] from core.t", ["Comprehension"]),
        ("select map {'a': 1}", ["PropertyEQ", "Struct", "ToMap"]),
        ("select a[1] from core.t", ["Bracket"]),
        ("select a from generate_series(0, 9) as numbers (a)", ["GenerateSeries as a table"]),
        ("select listed.a from core.t cross join unnest(t.b) as listed (a)", ["Unnest"]),
        (
            "select cast(a as decimal(18, 2)) / b from core.t",
            ["DataTypeParam", "decimal: its division keeps few digits there"],
        ),
        ("select list(a order by b) from core.t", ["order by in ArrayAgg: the order is lost there"]),
    ],
)
def test_what_spark_does_not_run_or_understands_otherwise_is_found(select: str, expected: list[str]) -> None:
    assert sorted(set(strangers(parse_one(select, dialect=DIALECT)))) == expected


def test_every_model_keeps_to_what_both_engines_run() -> None:
    project = Project.find()
    made = Catalog(project).models.values()
    found = {model.name: sorted(set(strangers(model.expanded))) for model in made if not model.is_macro}
    assert {name: strange for name, strange in found.items() if strange} == {}, WHAT_TO_DO
