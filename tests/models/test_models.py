"""A model says what it is, what it reads and what each column means; a model that does not is refused."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from dagster_project import models
from dagster_project.catalog import Catalog
from dagster_project.errors import BilateralError
from dagster_project.files import load_yaml
from dagster_project.models import Model, header, reading
from dagster_project.models.lineage import trace_columns
from dagster_project.project import Project
from dagster_project.publication import meta
from tests import making

HEADER = """/*
what: A balance.
grain: [year]
columns:
  year: year | The year.
  balance_usd: US$ | Exports less imports.
*/
"""
SELECT = """with flows as (select year, exports_usd, imports_usd from core.trade)

select flows.year, flows.exports_usd - flows.imports_usd as balance_usd
from flows
left join reference.years as years on flows.year = years.year
"""


def every_model() -> dict[str, Model]:
    """Load the tables, macros and views of the project."""
    tables = Catalog(Project.find()).models
    return {**tables, **reading.load_views(Project.find(), tables)}


def parse(text: str, table: str = "balance") -> Model:
    return making.parse_model(text, schema="marts", table=table)


def test_a_model_is_read_from_its_header_and_its_select() -> None:
    model = parse(HEADER + SELECT)
    assert model.name == "marts.balance"
    assert model.what == "A balance."
    assert model.grain == ("year",)
    assert [(c.name, c.unit, c.meaning) for c in model.columns][1] == ("balance_usd", "US$", "Exports less imports.")
    assert model.depends_on == {"core.trade", "reference.years"}
    assert not model.is_macro


def test_a_column_named_alone_is_what_the_glossary_says() -> None:
    glossary = {"year": "year | The year.", "usd": "US$ | Usual.", "usd (net)": "US$ | Less | what is sent back."}
    listed = ["year, usd (net)", {"kind": "code | A kind."}]
    found = header.read_columns(listed, glossary, "sql/marts/balance.sql")
    assert [(one.name, one.unit, one.meaning) for one in found] == [
        ("year", "year", "The year."),
        ("usd", "US$", "Less | what is sent back."),
        ("kind", "code", "A kind."),
    ]
    with pytest.raises(BilateralError, match=r"column usd \(gross\): expected `unit \| meaning`, got ''"):
        header.read_columns(["usd (gross)"], glossary, "sql/marts/balance.sql")
    with pytest.raises(BilateralError, match="lists usd twice"):
        header.read_columns(["usd, usd (net)"], glossary, "sql/marts/balance.sql")


def test_a_meaning_stands_once() -> None:
    """A header names a column alone where the glossary has its meaning, and the glossary has what several name.

    What leans on the line above it ("null likewise") is described in its header, in up to three of them.
    """
    project = Project.find()
    glossary = header.read_glossary(project.sql)
    listed = [
        load_yaml(path.read_text(encoding="utf-8").split("*/")[0].partition("/*")[2]).get("columns", [])
        for path in sorted(project.sql.glob("*/*.sql"))
    ]
    entries = [entry for columns in listed for entry in (columns if isinstance(columns, list) else [columns])]
    named = Counter(name for entry in entries if isinstance(entry, str) for name in entry.split(", "))
    assert set(named) == set(glossary)
    assert [name for name, count in named.items() if count < 2] == []
    described = Counter(
        (name.partition(" (")[0], " ".join(text.split()))
        for texts in (glossary, *(entry for entry in entries if isinstance(entry, dict)))
        for name, text in texts.items()
    )
    assert [one for one, count in described.items() if count > 3] == []


def test_lineage_goes_through_ctes_to_the_tables() -> None:
    assert trace_columns(parse(HEADER + SELECT), {}) == {
        "year": [("core.trade", "year")],
        "balance_usd": [("core.trade", "exports_usd"), ("core.trade", "imports_usd")],
    }


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (SELECT, "expected a block comment"),
        (HEADER.replace("what: A balance.\n", "") + SELECT, "missing fields: what"),
        (HEADER.replace("A balance.", "A: balance: of") + SELECT, "is not YAML"),
        (HEADER.replace("US$ | Exports less imports.", "Exports less imports.") + SELECT, "Write `unit | meaning`"),
        (HEADER.replace("columns:", "sliced_by: flow\ncolumns:") + SELECT, "cannot be sliced by flow"),
        (HEADER.replace("columns:", "sliced_by: period_start\ncolumns:") + SELECT, "cannot be sliced by period_start"),
        (HEADER.replace("columns:", "sliced_by: year\nlookback: a year\ncolumns:") + SELECT, "Write it as `12 years`"),
        (HEADER.replace("columns:", "lookback: 1 year\ncolumns:") + SELECT, "cannot be sliced by None"),
        (HEADER.replace("grain: [year]", "grain: [month]") + SELECT, "names month, but `columns` does not list it"),
        (HEADER.replace("columns:", "required: [year]\ncolumns:") + SELECT, "Do not repeat a column of the grain"),
        (
            HEADER.replace("  balance_usd: US$ | Exports less imports.\n", "") + SELECT,
            "but not documented: balance_usd",
        ),
        (HEADER + SELECT.replace(" as balance_usd", " as surplus_usd"), "but not produced: balance_usd"),
        (HEADER + SELECT.replace("core.trade", "trade"), "reads trade without a schema"),
        (HEADER + "select year, from", "is not valid SQL"),
        (HEADER + "delete from core.trade", "expected a SELECT, got DELETE"),
    ],
)
def test_a_malformed_model_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(BilateralError, match=complaint) as caught:
        parse(text)
    assert "sql/marts/balance.sql" in str(caught.value)


def simple(name: str, *needs: str) -> Model:
    schema, table = name.split(".")
    tables = ", ".join(needs) or "raw.thing"
    text = f"/*\nwhat: A table.\ngrain: [a]\ncolumns:\n  a: code | A.\n*/\nselect 1 as a from {tables}"
    return making.parse_model(text, schema=schema, table=table)


def test_models_come_after_what_they_read() -> None:
    order = models.sort_models([simple("marts.c", "core.b"), simple("core.b", "staging.a"), simple("staging.a")])
    assert [model.name for model in order] == ["staging.a", "core.b", "marts.c"]
    assert models.find_upstream({m.name: m for m in order}, "marts.c") == {"core.b", "staging.a", "raw.thing"}


def test_a_circle_and_a_table_that_nobody_makes_are_refused() -> None:
    with pytest.raises(BilateralError, match="depend on each other"):
        models.sort_models([simple("core.a", "core.b"), simple("core.b", "core.a")])
    with pytest.raises(BilateralError, match="of a later schema"):
        models.sort_models([simple("core.a", "marts.b"), simple("marts.b")])
    with pytest.raises(BilateralError, match=r"reads core\.absent, which no model makes"):
        models.sort_models([simple("core.a", "core.absent")])


def test_a_view_reads_tables_of_the_file_and_nothing_else(tmp_path: Path) -> None:
    tables = {model.name: model for model in (simple("core.a"), simple("marts.b", "core.a"))}
    (tmp_path / "sql" / "main").mkdir(parents=True)
    file = tmp_path / "sql" / "main" / "answer.sql"
    header = "/*\nwhat: A view.\ngrain: [a]\nexample: |-\n  select a\n  from answer\ncolumns:\n  a: code | A.\n*/\n"
    file.write_text(header + "select b.a from marts.b")
    (view,) = reading.load_views(Project.at(tmp_path), tables).values()
    assert (view.name, view.example) == ("main.answer", "select a\nfrom answer")
    file.write_text(header + "select thing.a from raw.thing")
    with pytest.raises(BilateralError, match=r"main\.answer reads raw\.thing, which no model makes"):
        reading.load_views(Project.at(tmp_path), tables)


def test_an_example_does_not_decide_what_a_table_holds() -> None:
    assert (
        parse(HEADER.replace("grain:", "example: select 1\ngrain:") + SELECT).fingerprint
        == parse(HEADER + SELECT).fingerprint
    )


def test_every_model_of_the_project_is_well_formed_and_names_are_kept_apart() -> None:
    found = every_model()
    assert {model.schema for model in found.values()} == {*models.SCHEMAS, models.VIEWS}
    assert all(column.meaning.endswith(".") or "(" in column.meaning for m in found.values() for column in m.columns)


def test_the_same_quantity_has_the_same_unit_everywhere() -> None:
    units: dict[str, set[str]] = {}
    for columns in [*(model.columns for model in every_model().values()), *(table.docs for table in meta.WRITTEN)]:
        for column in columns:
            units.setdefault(column.name, set()).add(column.unit)
    assert {name: found for name, found in units.items() if len(found) > 1} == {}


def test_a_moment_is_no_date_in_meta() -> None:
    units = {"date": "date", "timestamp": "time"}
    for table in meta.WRITTEN:
        for name, (kind, unit, _) in table.columns.items():
            assert units.get(kind) == (unit if unit in units.values() else None), f"{table.name}.{name}"


@pytest.mark.parametrize(("ending", "unit"), [("_usd", "US$"), ("_kg", "kg"), ("_pct", "percent")])
def test_the_unit_is_in_the_name(ending: str, unit: str) -> None:
    for model in every_model().values():
        for column in model.columns:
            assert column.name.endswith(ending) == (column.unit == unit), f"{model.name}.{column.name}"


@pytest.mark.long
def test_columns_of_a_model_trace_to_documented_columns_of_tables_that_it_reads() -> None:
    found = every_model()
    for model in found.values():
        for table, column in set().union(*trace_columns(model, found).values()):
            assert table in model.depends_on, f"{model.name} traces to {table}"
            if table in found:
                assert column in {c.name for c in found[table].columns}, f"{model.name} reads {table}.{column}"


def test_a_model_file_is_found_by_its_place(tmp_path: Path) -> None:
    (tmp_path / "sql" / "marts").mkdir(parents=True)
    (tmp_path / "sql" / "core").mkdir()
    (tmp_path / "sql" / "marts" / "balance.sql").write_text(HEADER + SELECT)
    trade = HEADER.replace("balance_usd: US$ | Exports less imports.", "exports_usd: US$ | X.\n  imports_usd: US$ | M.")
    (tmp_path / "sql" / "core" / "trade.sql").write_text(trade + "select year, exports_usd, imports_usd from raw.t")
    assert list(reading.load_models(Project.at(tmp_path))) == ["core.trade", "marts.balance"]
