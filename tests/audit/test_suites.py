"""The form of a suite, and the errors for a malformed one."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections import Counter
from typing import Any

import pytest

from dagster_project.audit.suites import load_suites, parse_suite
from dagster_project.catalog import Catalog
from dagster_project.errors import BilateralError
from dagster_project.files import load_yaml
from dagster_project.project import Project

GOOD = """
name: marts.apples
meta: {why: Apples are sold by the dozen.}
expectations:
  - type: unexpected_rows_expectation
    severity: critical
    kwargs:
      unexpected_rows_query: |
        select apple_id from {batch}
        where not regexp_matches(apple_id, '^[0-9]{{6}}$')
    meta: {check: numbers_have_six_digits}
    notes: A shorter number is no apple.
  - type: expect_table_row_count_to_be_between
    severity: warning
    kwargs: {min_value: 12}
    meta: {check: there_is_a_dozen}
    notes: Fewer are not sold.
"""


def test_a_suite_is_read_as_it_is_written() -> None:
    suite = parse_suite(GOOD, table="marts.apples")

    assert suite.why == "Apples are sold by the dozen."
    assert [e.check for e in suite.expectations] == ["numbers_have_six_digits", "there_is_a_dozen"]
    assert [e.severity for e in suite.expectations] == ["critical", "warning"]
    assert suite.expectations[0].query is not None
    assert suite.expectations[1].query is None
    assert suite.expectations[1].kwargs == {"min_value": 12}
    assert suite.reads == frozenset()


def test_a_suite_knows_which_other_tables_it_reads() -> None:
    where = "from {batch} inner join core.trees using (tree_id) anti join staging.kosis__pears using (tree_id)"
    suite = parse_suite(GOOD.replace("from {batch}", where), table="marts.apples")

    assert suite.reads == {"core.trees", "staging.kosis__pears"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "name: marts.apples",
            "name: marts.pears",
            "expectations/marts/apples.yml: expected the name marts.apples, got marts.pears",
        ),
        ("name: marts.apples", "name: marts.apples\nsuite: x", "unknown fields suite"),
        ("severity: warning", "severity: fatal", "check there_is_a_dozen: unknown severity 'fatal'"),
        ("    notes: Fewer are not sold.\n", "", "check there_is_a_dozen lacks notes"),
        ("notes: Fewer are not sold.", "notes: ''", "`notes` is empty"),
        ("    meta: {check: there_is_a_dozen}\n", "", "expectation 2 lacks meta"),
        ("{check: there_is_a_dozen}", "{check: A Dozen}", "'A Dozen' is not a valid name of a check"),
        (
            "{check: there_is_a_dozen}",
            "{check: numbers_have_six_digits}",
            "two checks with the name numbers_have_six_digits",
        ),
        ("{check: there_is_a_dozen}", "{check: there_is_a_dozen, owner: me}", "unknown fields owner"),
        ("six_digits}", "six_digits, sliced_by: tree}", "cannot have sliced_by 'tree'"),
        ("a_dozen}", "a_dozen, known: {rows: 2}}", "check there_is_a_dozen, known lacks cause"),
        ("six_digits}", "six_digits, known: {rows: 2, cause: So.}}", "a critical rule cannot have `known` rows"),
        ("a_dozen}", "a_dozen, sliced_by: year}", "check there_is_a_dozen: a rule of the type"),
        ("kwargs: {min_value: 12}", "kwargs: [12]", "check there_is_a_dozen: kwargs is not a mapping"),
        ("{batch}", "marts.apples", "must have exactly {batch}"),
        ("{{6}}", "{6}", "must have exactly {batch}"),
        ("{{6}}", "{{6}", "unclosed brace"),
        ("severity: warning", "severity: warning\n    mostly: 0.9", "unknown fields mostly"),
        ("name: marts.apples", "name: [", "is not YAML"),
    ],
)
def test_a_malformed_suite_is_refused_with_its_place(old: str, new: str, said: str) -> None:
    assert old in GOOD

    with pytest.raises(BilateralError) as refused:
        parse_suite(GOOD.replace(old, new), table="marts.apples")

    assert said in refused.value.message
    assert "expectations/marts/apples.yml" in refused.value.message
    assert refused.value.remedy


@pytest.mark.parametrize("nothing", ["[]", "{}", "null"])
def test_a_suite_without_expectations_would_pass_anything_and_is_refused(nothing: str) -> None:
    with pytest.raises(BilateralError, match="has no expectations"):
        parse_suite(f"name: marts.apples\nexpectations: {nothing}", table="marts.apples")


def test_every_model_has_a_suite_and_every_suite_a_model() -> None:
    project = Project.find()
    models = {m.name for m in Catalog(project).models.values() if not m.is_macro and m.schema != "meta"}
    audited = models | {"meta.quarantine", "meta.corrections", "meta.figure_sources", "meta.snapshots"}

    assert set(load_suites(project)) == audited


def test_suites_of_the_project_say_why() -> None:
    for suite in load_suites(Project.find()).values():
        assert suite.why, f"{suite.table} does not say what it guards against"


def test_a_rule_in_short_is_the_rule_in_full() -> None:
    full = parse_suite(GOOD, table="marts.apples")
    old = """  - type: unexpected_rows_expectation
    severity: critical
    kwargs:
      unexpected_rows_query: |
        select apple_id from {batch}
        where not regexp_matches(apple_id, '^[0-9]{{6}}$')
"""
    new = """  - unexpected_rows: |
      select apple_id from {batch}
      where not regexp_matches(apple_id, '^[0-9]{{6}}$')
"""
    assert old in GOOD
    assert parse_suite(GOOD.replace(old, new), table="marts.apples") == full


@pytest.mark.parametrize(
    ("grain", "kind", "kwargs"),
    [
        (["apple_id"], "expect_column_values_to_be_unique", {"column": "apple_id"}),
        (["tree_id", "day"], "expect_compound_columns_to_be_unique", {"column_list": ["tree_id", "day"]}),
    ],
)
def test_a_key_is_the_grain_of_the_header(grain: list[str], kind: str, kwargs: dict[str, object]) -> None:
    text = GOOD + "  - {unique: an_apple_is_sold_once, notes: It is eaten once.}\n"
    rule = parse_suite(text, table="marts.apples", grain=grain).expectations[-1]
    assert (rule.check, rule.type, rule.kwargs) == ("an_apple_is_sold_once", kind, kwargs)
    assert (rule.severity, rule.notes) == ("critical", "It is eaten once.")
    with pytest.raises(BilateralError, match="expectation 3: `unique` needs a grain in the header"):
        parse_suite(text, table="marts.apples")


def test_a_rule_of_several_suites_is_named_alone() -> None:
    shared: dict[str, dict[str, Any]] = {
        "apples_are_round (in autumn)": {"unexpected_rows": "select 1 from {batch}", "notes": "Pears are not."},
        "there_are_apples": {"type": "expect_table_row_count_to_equal", "kwargs": {"value": 1}, "notes": "Or none."},
    }
    text = GOOD + "  - apples_are_round (in autumn), there_are_apples\n"
    rules = parse_suite(text, table="marts.apples", shared=shared).expectations[2:]
    assert [(rule.check, rule.severity) for rule in rules] == [
        ("apples_are_round", "critical"),
        ("there_are_apples", "critical"),
    ]
    with pytest.raises(BilateralError, match=r"rules.yml has no rule apples_are_round \(in autumn\), there_are_apples"):
        parse_suite(text, table="marts.apples")
    with pytest.raises(BilateralError, match=r"round \(in May\)\. It has apples_are_round \(in autumn\)\. Write"):
        parse_suite(text.replace("autumn", "May"), table="marts.apples", shared=shared)


def test_every_shared_rule_is_of_several_suites_and_written_in_none() -> None:
    expectations = Project.find().expectations
    shared = load_yaml((expectations / "rules.yml").read_text(encoding="utf-8"))
    entries = [
        entry
        for path in sorted(expectations.glob("*/*.yml"))
        for entry in load_yaml(path.read_text(encoding="utf-8"))["expectations"]
    ]
    named = Counter(name for entry in entries if isinstance(entry, str) for name in entry.split(", "))
    assert set(named) == set(shared)
    assert [name for name, count in named.items() if count < 2] == []
    in_full = [
        {**rule, "meta": {"check": name.partition(" (")[0]} | rule.get("meta", {})} for name, rule in shared.items()
    ]
    assert [rule for rule in in_full if rule in entries] == []


def test_suites_load_without_great_expectations_or_sqlalchemy() -> None:
    script = """
        import sys
        from dagster_project.audit import results, suites
        from dagster_project.project import Project
        assert suites.load_suites(Project.find())
        print(sorted({m.partition(".")[0] for m in sys.modules} & {"great_expectations", "sqlalchemy", "pandas"}))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "entry",
    [
        "{unique: an_apple_is_sold_once, notes: It is eaten once., kwargs: {column_list: [a, b]}}",
        "{unexpected_rows: select 1 from {batch}, notes: None., type: expect_table_row_count_to_equal}",
    ],
)
def test_a_short_form_does_not_stand_beside_the_long_one(entry: str) -> None:
    text = GOOD + f"  - {entry.replace('select 1 from {batch}', 'select 1')}\n"
    with pytest.raises(BilateralError, match="cannot be used together"):
        parse_suite(text, table="marts.apples", grain=["apple_id"])
