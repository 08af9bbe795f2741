"""A failing rule stops a build; a result stays valid until its rule or its tables change."""

from __future__ import annotations

import pytest

from dagster_project.errors import BilateralError
from dagster_project.pipeline import AuditFailed, build_warehouse, open_build
from dagster_project.project import Project
from dagster_project.snapshots import hash_file
from tests import making
from tests.pipeline.test_refusals import KOSIS, only

NO_CHINA = """
  - unexpected_rows: select economy_code from {batch} where economy_code = 'CHN'
    meta: {check: there_is_no_china}
    notes: A rule that does not hold.
"""


def test_what_fails_its_audit_is_named_and_leaves_the_publication(project: Project) -> None:
    before = hash_file(project.published_file)
    suite = project.expectations / "core" / "economies.yml"
    suite.write_text(suite.read_text(encoding="utf-8") + NO_CHINA, encoding="utf-8")
    with pytest.raises(AuditFailed) as caught:
        build_warehouse(project)
    (stopped,) = caught.value.results
    assert (stopped.table, stopped.check) == ("core.economies", "there_is_no_china")
    assert [row["economy_code"] for row in stopped.sample] == ["CHN"]
    assert hash_file(project.published_file) == before
    assert "there_is_no_china" in project.failed_audit.read_text(encoding="utf-8")


@pytest.mark.long
def test_a_2023_that_turns_positive_stops_the_build_by_name_and_leaves_the_publication(project: Project) -> None:
    before = hash_file(project.published_file)
    making.edit(
        project, KOSIS, only(lambda row: row.update(exports_usd="162125000000"), partner_code="CHN", year="2023")
    )
    with pytest.raises(AuditFailed) as caught:
        build_warehouse(project)
    stopped = {result.check: result for result in caught.value.results}
    assert "marts.trade_balance_annual" in {result.table for result in caught.value.results}
    named = [check for check in stopped if "2023" in check]
    assert named
    assert any(row.get("year") == 2023 for check in named for row in stopped[check].sample)
    assert any(KOSIS in str(row.get("snapshot_ids")) for check in named for row in stopped[check].sample)
    assert hash_file(project.published_file) == before
    page = project.failed_audit.read_text()
    assert all(check in page for check in named)
    assert KOSIS in page


@pytest.mark.long
def test_a_verdict_is_good_only_for_the_rule_and_the_tables_it_was_given_on(project: Project) -> None:
    suite = project.expectations / "marts" / "gdp_composition_annual.yml"
    making.replace_text(suite, "    meta: {check", "    severity: warning\n    meta: {check")
    with (
        open_build(project) as work,
        pytest.raises(BilateralError, match=r"composition_annual was not audited since it was last made"),
    ):
        work.publish_build()
    making.replace_text(suite, "    severity: warning\n", "")
    with open_build(project) as work:
        read = next(
            table for suite in work.catalog.suites.values() for table in suite.reads if table.startswith("core.")
        )
        assert not any(work.audit.select_rules(name)[0].expectations for name in work.catalog.suites)
        work.records.tables[read] = work.records.tables[read]._replace(content_hash="another content")
        waiting = {
            (name, rule.check) for name in work.catalog.suites for rule in work.audit.select_rules(name)[0].expectations
        }
        assert waiting == {
            (name, rule.check)
            for name, suite in work.catalog.suites.items()
            for rule in suite.expectations
            if read in {name, *rule.reads}
        }
