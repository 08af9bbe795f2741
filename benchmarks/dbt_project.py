"""What users would pick instead: dbt on DuckDB, with the same models and a test for each expectation.

Here: writing the project out of `sql/` and `expectations/`. Not here: installing or running dbt (`run`).

A model keeps its SELECT, but for the names of tables, which become references. A rule that selects unexpected rows is a
singular test as it stands: dbt, too, holds a test to have failed if its SELECT has rows. Severities stay: only what is
critical here is an error there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import dbt_tests
from benchmarks.inputs import Inputs
from dagster_project.audit.suites import Expectation, Suite

_NAME = re.compile(r"\b(staging|core|marts|meta|raw|reference|analysis)\.([a-z][a-z0-9_]*)\b")

_PROJECT = """name: bilateral
config-version: 2
profile: bilateral
flags: {send_anonymous_usage_stats: false}
models: {bilateral: {+materialized: table}}
"""
_PROFILES = """bilateral:
  target: here
  outputs:
    here: {{type: duckdb, path: "{file}", threads: {threads}, settings: {settings}}}
"""
_MACROS = """{% macro generate_schema_name(custom_schema_name, node) %}{{ custom_schema_name }}{% endmacro %}

{% materialization table_macro, adapter='duckdb' %}
  {% call statement('main') %}
    create or replace macro {{ this.schema }}.{{ this.identifier }}({{ config.get('parameters') }}) as table {{ sql }}
  {% endcall %}
  {{ return({'relations': []}) }}
{% endmaterialization %}
"""


@dataclass(frozen=True)
class Outcome:
    """What a run of dbt came to."""

    models: int
    tests: int
    warned: int
    failed: int


def write(
    folder: Path, inputs: Inputs, suites: Mapping[str, Suite], file: Path, *, threads: int, memory: str | None
) -> int:
    """Writes the project.

    Args:
        folder: Where to.
        inputs: The models and what they read.
        suites: The suite of each table.
        file: The DuckDB file that dbt makes.
        threads: How many models and tests it runs at once.
        memory: The most memory for DuckDB.

    Returns:
        How many tests the project has.
    """
    settings = f"{{memory_limit: {memory}}}" if memory else "{}"
    _put(folder / "dbt_project.yml", _PROJECT)
    _put(folder / "profiles.yml", _PROFILES.format(file=file, threads=threads, settings=settings))
    _put(folder / "macros" / "macros.sql", _MACROS)
    macros = {name for name, model in inputs.models.items() if model.is_macro}
    for name, select in inputs.selects.items():
        _put_model(folder, name, select, {})
    for name, model in inputs.models.items():
        how = {"materialized": "table_macro", "parameters": ", ".join(model.parameters)} if model.is_macro else {}
        _put_model(folder, name, _refer(model.select, model.depends_on, macros), how)
    tests = 0
    for suite in suites.values():
        for rule in suite.expectations:
            _put_test(folder, suite, rule, {suite.table, *rule.reads}, macros)
            tests += 1
    return tests


def outcome(folder: Path) -> Outcome:
    """What the last run of the project came to."""
    results: list[dict[str, Any]] = json.loads((folder / "target" / "run_results.json").read_text())["results"]
    models = [result for result in results if result["unique_id"].startswith("model.")]
    tests = [result for result in results if result["unique_id"].startswith("test.")]
    return Outcome(
        models=len(models),
        tests=len(tests),
        warned=sum(result["status"] == "warn" for result in tests),
        failed=sum(result["status"] not in {"success", "pass", "warn"} for result in results),
    )


def _put_model(folder: Path, name: str, select: str, how: Mapping[str, str]) -> None:
    schema, _, table = name.partition(".")
    settings = {"schema": schema, "alias": table, **how}
    given = ", ".join(f"{key}={value!r}" for key, value in settings.items())
    _put(folder / "models" / schema / f"{_called(name)}.sql", f"{{{{ config({given}) }}}}\n{select}\n")


def _put_test(folder: Path, suite: Suite, rule: Expectation, tables: set[str], macros: set[str]) -> None:
    severity = "error" if rule.severity == "critical" else "warn"
    _put(
        folder / "tests" / f"{_called(suite.table)}__{rule.check}.sql",
        f"{{{{ config(severity={severity!r}) }}}}\n{_refer(dbt_tests.query(rule, suite.table), tables, macros)}\n",
    )


def _refer(select: str, tables: Iterable[str], macros: set[str]) -> str:
    """The SELECT with the names of those tables as references."""
    known = set(tables)

    def reference(found: re.Match[str]) -> str:
        name = found[0]
        # A call of a macro names no database.
        return f"{{{{ ref({_called(name)!r}) }}}}" if name in known - macros else name

    needed = "".join(f"-- depends_on: {{{{ ref({_called(name)!r}) }}}}\n" for name in sorted(known & macros))
    return needed + _NAME.sub(reference, select)


def _called(name: str) -> str:
    """What dbt calls a table: its names know no schema."""
    return name.replace(".", "__")


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
