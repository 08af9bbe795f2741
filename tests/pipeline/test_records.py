"""A work file records what its tables were made from, and the results of their audits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dagster_project.audit.results import CheckResult, read_checks
from dagster_project.audit.suites import Expectation, Suite
from dagster_project.engines.work_file import WorkFile
from dagster_project.pipeline import open_build
from dagster_project.pipeline.records import Records
from dagster_project.project import Project


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
    """Each is kept until then in memory; a result replaces the earlier one of its rule, and rules that are gone go."""
    rule = Expectation("key", "expect_column_values_to_be_unique", "critical", {"column": "a"}, "-")
    suites = {"core.trade": Suite("core.trade", (rule,))}
    passed = CheckResult("core.trade", "key", rule.type, "critical", "passed", unexpected_count=0, notes="-")
    failed = replace(passed, status="failed", unexpected_count=1, sample=[{"a": 1}])
    other = replace(passed, check="gone")
    with WorkFile(tmp_path / "work.duckdb") as file:
        records = Records(file, suites)
        records.record_checks([(passed, "first"), (other, "first")])
        records.record_checks([(failed, "second")])
        assert read_checks(file.connection, suites) == []
        records.write_checks()
        records.write_checks()
    with WorkFile(tmp_path / "work.duckdb") as file:
        records = Records(file, suites)
        assert [audit_hash for _, audit_hash in records.list_checks("core.trade")] == ["first", "second"]
        records.forget_others([])
        assert records.list_checks() == [(replace(failed, query=rule.write_query("core.trade")), "second")]
        records.write_checks()
        assert len(read_checks(file.connection, suites)) == 1
