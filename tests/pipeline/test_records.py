"""A work file records what its tables were made from, and the results of their audits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dagster_project.audit.results import CheckResult, read_checks
from dagster_project.pipeline import open_build
from dagster_project.project import Project
from tests import making

NOT_NULL = "expect_column_values_to_not_be_null"
MODEL = """/*
what: Codes.
grain: [code]
columns:
- code: code | A code.
*/
select economy_code as code from reference.economies
"""
SUITE = f"""
name: core.codes
expectations:
- {{type: {NOT_NULL}, severity: critical, kwargs: {{column: code}}, notes: "-", meta: {{check: code_is_there}}}}
"""


@pytest.mark.long
def test_what_a_table_was_made_from_is_recorded_with_it(project: Project) -> None:
    """Not only when it is published; a work file of a version that recorded less is made again."""
    name = "staging.economy_codes"
    with open_build(project) as work:
        work.file.connection.execute("delete from meta.inputs where table_name = $1", [name])
    with open_build(project) as work:
        assert not work.tables.is_current(name)
        work.tables.make_table(name)
    with open_build(project) as work:
        assert work.tables.is_current(name)
        assert work.records.tables[name].inputs == work.tables.hash_inputs(work.catalog.models[name])


def test_results_are_written_when_the_build_closes(tmp_path: Path) -> None:
    """A result replaces the earlier one of its rule; results of rules that are gone are forgotten."""
    project = making.project(tmp_path)
    for place, text in (("sql/core/codes.sql", MODEL), ("expectations/core/codes.yml", SUITE)):
        (project.root / place).parent.mkdir(parents=True, exist_ok=True)
        (project.root / place).write_text(text, encoding="utf-8")
    passed = CheckResult("core.codes", "code_is_there", NOT_NULL, "critical", "passed", unexpected_count=0, notes="-")
    failed = replace(passed, status="failed", unexpected_count=1, sample=[{"code": None}])
    with open_build(project) as work:
        work.records.record_checks([(passed, "first"), (replace(passed, check="gone"), "first")])
        work.records.record_checks([(failed, "second")])
        assert read_checks(work.file.connection, work.catalog.suites) == []
    with open_build(project) as work:
        assert work.records.list_checks() == [(failed, "second")]
