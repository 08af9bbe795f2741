"""Bad input ends in a clear error or in quarantine, and never in what readers see."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dagster_project import publication, snapshots
from dagster_project.audit.results import CheckResult
from dagster_project.errors import BilateralError
from dagster_project.models import upstream
from dagster_project.pipeline import AuditFailed, Build, build_warehouse, open_build
from dagster_project.project import Project
from dagster_project.snapshots import hash_file
from tests import making

Rows = list[dict[str, str]]
KOSIS = "kosis/goods_annual"
DOTS = "imf/goods_monthly"
NO_CHINA = """
  - unexpected_rows: select economy_code from {batch} where economy_code = 'CHN'
    meta: {check: there_is_no_china}
    notes: A rule that does not hold.
"""


def only(change: Callable[[dict[str, str]], None], **where: str) -> Callable[[Rows], Rows]:
    """Changes the rows that have these values."""

    def apply(rows: Rows) -> Rows:
        chosen = [row for row in rows if all(row[name] == value for name, value in where.items())]
        assert chosen, where
        for row in chosen:
            change(row)
        return rows

    return apply


def make(work: Build, *tables: str) -> None:
    """Makes tables, and those that their rules look at, with all that they are made from, as far as they have to be."""
    work.inputs.receive_all()
    wanted = set(tables).union(*(work.catalog.suites[table].reads for table in tables if table in work.catalog.suites))
    needed = wanted.union(*(upstream(work.catalog.models, name) for name in wanted))
    for name in work.catalog.models:
        if name in needed:
            work.tables.make_if_outdated(name)


def verdicts(work: Build, table: str) -> list[CheckResult]:
    """The results of a table as it stands; only those that lack a verdict are asked for."""
    work.audit.record_results(table, work.audit.auditor.audit_suite(*work.audit.select_rules(table)))
    return work.audit.get_results(table)


def blocking(project: Project, *tables: str) -> list[CheckResult]:
    """What on these tables would stop a publication."""
    with open_build(project) as work:
        make(work, *tables)
        return [result for table in tables for result in verdicts(work, table) if result.blocks]


def test_what_fails_its_audit_is_named_and_leaves_the_publication(warehouse: Project, tmp_path: Path) -> None:
    """The same with few tables, and a rule that does not hold."""
    before = hash_file(warehouse.published_file)
    metas = ("meta.corrections", "meta.figure_sources", "meta.quarantine", "meta.snapshots")
    part = making.part_of(warehouse, tmp_path / "checkout", "core.economies", *metas)
    suite = part.expectations / "core" / "economies.yml"
    suite.write_text(suite.read_text(encoding="utf-8") + NO_CHINA, encoding="utf-8")
    with pytest.raises(AuditFailed) as caught:
        build_warehouse(part)
    (stopped,) = caught.value.results
    assert (stopped.table, stopped.check) == ("core.economies", "there_is_no_china")
    assert [row["economy_code"] for row in stopped.sample] == ["CHN"]
    assert hash_file(part.published_file) == before
    assert "there_is_no_china" in part.failed_audit.read_text(encoding="utf-8")


@pytest.mark.long
def test_a_2023_that_turns_positive_stops_the_build_by_name_and_leaves_the_publication(warehouse: Project) -> None:
    before = hash_file(warehouse.published_file)
    making.edit(
        warehouse, KOSIS, only(lambda row: row.update(exports_usd="162125000000"), partner_code="CHN", year="2023")
    )
    with pytest.raises(AuditFailed) as caught:
        build_warehouse(warehouse)
    stopped = {result.check: result for result in caught.value.results}
    assert "marts.trade_balance_annual" in {result.table for result in caught.value.results}
    named = [check for check in stopped if "2023" in check]
    assert named
    assert any(row.get("year") == 2023 for check in named for row in stopped[check].sample)
    assert any(KOSIS in str(row.get("snapshot_ids")) for check in named for row in stopped[check].sample)
    assert hash_file(warehouse.published_file) == before
    page = warehouse.failed_audit.read_text()
    assert all(check in page for check in named)
    assert KOSIS in page


def test_bytes_that_do_not_match_their_manifest_stop_the_build(warehouse: Project) -> None:
    before = hash_file(warehouse.published_file)
    (snapshot,) = snapshots.find_snapshots(warehouse, KOSIS)
    snapshot.data.write_bytes(snapshot.data.read_bytes() + b"\n")
    with pytest.raises(BilateralError, match=snapshot.id):
        build_warehouse(warehouse)
    assert hash_file(warehouse.published_file) == before


@pytest.mark.long
def test_an_unmapped_economy_stops_the_build(warehouse: Project) -> None:
    making.edit(
        warehouse, DOTS, only(lambda row: row.update(partner_name="Ruritania"), partner_name="Japan", month="2015-03")
    )
    said = r"imf__goods_monthly has \d+ rows without partner_code: .*snapshot_id=imf/.*partner_label=Ruritania"
    with pytest.raises(BilateralError, match=said):
        blocking(warehouse, "staging.imf__goods_monthly")


@pytest.mark.long
def test_an_unmapped_economy_that_is_excluded_by_name_does_not(warehouse: Project) -> None:
    making.edit(warehouse, DOTS, only(lambda row: row.update(partner_name="Ruritania"), partner_name="Japan"))
    codes = warehouse.reference / "economy_codes.csv"
    codes.write_text(codes.read_text() + "imf_name,Ruritania,,It is a novel.,\n")
    assert not blocking(warehouse, "staging.imf__goods_monthly")


def test_a_negative_value_is_set_aside_and_reaches_no_table(warehouse: Project) -> None:
    making.edit(warehouse, KOSIS, only(lambda row: row.update(imports_usd="-5"), partner_code="USA", year="2023"))
    with open_build(warehouse) as work:
        make(work, "meta.quarantine", "core.goods_trade_observations")
        ask = work.file.connection.execute
        set_aside = ask("select column_name, value, reason from meta.quarantine").fetchall()
        reached = ask(
            "select count(*) from core.goods_trade_observations where reporter_code = 'KOR' and partner_code = 'USA' "
            "and source = 'kosis' and frequency = 'A' and period_start = date '2023-01-01'"
        ).fetchone()
    assert set_aside == [("imports_usd", "-5", "it is below 0")]
    assert reached == (0,)


@pytest.mark.long
def test_a_key_that_stands_twice_is_set_aside_and_the_next_source_answers(warehouse: Project) -> None:
    making.edit(
        warehouse, KOSIS, lambda rows: [*rows, *(r for r in rows if (r["partner_code"], r["year"]) == ("CHN", "2018"))]
    )
    with open_build(warehouse) as work:
        make(work, "meta.quarantine", "core.goods_trade_annual")
        (count,) = work.file.connection.execute("select count(*) from meta.quarantine").fetchone() or (0,)
        (answered,) = work.file.connection.execute(
            "select distinct source, dataset, basis from core.goods_trade_annual "
            "where reporter_code = 'KOR' and partner_code = 'CHN' and period_start = date '2018-01-01'"
        ).fetchall()
    assert count == 2
    # The next source in the stated precedence answers, and says that it is another.
    assert answered == ("kosis", "goods_monthly", "summed")


@pytest.mark.long
def test_a_year_of_eleven_months_is_no_year(warehouse: Project) -> None:
    making.edit(
        warehouse,
        DOTS,
        lambda rows: [
            row
            for row in rows
            if (row["reporter_name"], row["partner_name"], row["month"]) != ("Japan", "Germany", "2015-12")
        ],
    )
    with open_build(warehouse) as work:
        make(work, "marts.trade_balance_annual")
        years = work.file.connection.execute(
            "select year(period_start) from core.goods_trade_annual where reporter_code = 'JPN' "
            "and partner_code = 'DEU' and source = 'imf' order by 1"
        ).fetchall()
        complete = work.file.connection.execute(
            "select count(*) from marts.trade_balance_annual where reporter_code = 'JPN' and partner_code = 'DEU' "
            "and year = 2015 and balance_usd is not null"
        ).fetchone()
    assert {year for (year,) in years} == set(range(2011, 2021)) - {2015}
    assert complete == (0,)


@pytest.mark.long
def test_a_figure_in_thousands_stops_the_build(warehouse: Project) -> None:
    def thousands(row: dict[str, str]) -> None:
        row["exports_usd"] = str(int(row["exports_usd"]) // 1000)

    making.edit(warehouse, KOSIS, only(thousands, partner_code="JPN", year="2015"))
    tables = ("staging.kosis__goods_annual", "core.goods_trade_observations", "core.goods_trade_annual")
    stopping = {result.check for result in blocking(warehouse, *tables)}
    assert any("scale" in check or "jump" in check for check in stopping)


@pytest.mark.long
def test_a_snapshot_with_another_column_stops_the_build(warehouse: Project) -> None:
    (snapshot,) = snapshots.find_snapshots(warehouse, "kcs/goods_monthly")
    text = gzip.decompress(snapshot.data.read_bytes()).decode().replace("exports_usd", "export_dollars")
    snapshot.data.write_bytes(gzip.compress(text.encode(), mtime=0))
    snapshots.seal_snapshot(snapshot.folder)
    with pytest.raises(BilateralError, match=r"missing \['exports_usd'\], unknown \['export_dollars'\]"):
        build_warehouse(warehouse)


@pytest.mark.long
def test_a_correction_ends_by_itself_when_the_source_mends_the_figure(warehouse: Project) -> None:
    making.edit(
        warehouse,
        DOTS,
        only(
            lambda row: row.update(value_musd="10589.664"),
            reporter_name="South Korea",
            partner_name="China",
            month="2017-04",
            flow="export",
        ),
    )
    with open_build(warehouse) as work:
        make(work, "meta.corrections", "core.goods_trade_observations")
        mended = work.file.connection.execute(
            "select flow, partner_code from meta.corrections where not is_current"
        ).fetchall()
        applied = work.file.connection.execute(
            "select correction_id from core.goods_trade_observations where source = 'imf' and reporter_code = 'KOR' "
            "and partner_code = 'CHN' and flow = 'export' and period_start = date '2017-04-01' and known_to is null"
        ).fetchone()
        told = [result for result in verdicts(work, "meta.corrections") if result.status == "failed"]
    assert mended == [("export", "CHN")]
    assert applied == (None,)
    assert told
    assert not any(result.blocks for result in told)


@pytest.mark.long
def test_nothing_is_published_that_was_not_made_or_not_audited_as_it_stands(warehouse: Project) -> None:
    with open_build(warehouse, fresh=True) as work:
        with pytest.raises(BilateralError, match="has not been made"):
            work.publish_build()
        with pytest.raises(BilateralError, match="has not been made yet"):
            work.tables.make_table("marts.trade_balance_annual")
        make(work, *work.catalog.models)
        with pytest.raises(BilateralError, match="has changed since its audit"):
            work.publish_build()


@pytest.mark.long
def test_a_table_older_than_its_inputs_is_not_published(warehouse: Project) -> None:
    with open_build(warehouse) as work:
        # The work file that the last build left is whole.
        work.tables.require_current()
        work.audit.require_audited()
    making.edit(warehouse, KOSIS, only(lambda row: row.update(exports_usd="1"), partner_code="ABW", year="2000"))
    with open_build(warehouse) as work:
        table = "staging.kosis__goods_annual"
        assert work.tables.hash_inputs(work.catalog.models[table]) != work.records.tables[table].inputs
        # The first one named may be another: what reads the list of snapshots is older than it, too.
        with pytest.raises(BilateralError, match=r"staging\.\w+ is older than its inputs"):
            work.publish_build()
    assert publication.get_current_id(warehouse) is not None


def copy_of_the_code(warehouse: Project, tmp_path: Path) -> Project:
    """The same warehouse under a copy of sql/ and expectations/ that a test may edit."""
    for name in ("sql", "expectations"):
        shutil.copytree(warehouse.root / name, tmp_path / "checkout" / name)
    return Project.at(tmp_path / "checkout", warehouse=warehouse.warehouse)


def edit_text(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.long
def test_a_verdict_is_good_only_for_the_rule_and_the_tables_it_was_given_on(warehouse: Project, tmp_path: Path) -> None:
    project = copy_of_the_code(warehouse, tmp_path)
    suite = project.expectations / "marts" / "gdp_composition_annual.yml"
    edit_text(suite, "    meta: {check", "    severity: warning\n    meta: {check")
    with (
        open_build(project) as work,
        pytest.raises(BilateralError, match=r"composition_annual has changed since its audit"),
    ):
        work.publish_build()
    edit_text(suite, "    severity: warning\n", "")
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


@pytest.mark.long
def test_a_table_that_is_not_made_yet_crashes_its_rules_and_nothing_else(warehouse: Project) -> None:
    with open_build(warehouse, fresh=True) as work:
        results = verdicts(work, "marts.trade_balance_annual")
        assert {result.status for result in results} == {"crashed"}
        make(work, *work.catalog.models)
        with pytest.raises(BilateralError, match="has changed since its audit"):
            work.publish_build()


@pytest.mark.long
def test_a_macro_that_was_changed_is_made_again_before_it_is_published(warehouse: Project, tmp_path: Path) -> None:
    project = copy_of_the_code(warehouse, tmp_path)
    edit_text(project.sql / "core" / "goods_trade_as_of.sql", "known_from <= moment", "known_from < moment")
    with open_build(project) as work, pytest.raises(BilateralError, match=r"core\.goods_trade_as_of is older"):
        work.publish_build()


@pytest.mark.long
def test_a_table_whose_model_is_gone_is_not_published(warehouse: Project, tmp_path: Path) -> None:
    project = copy_of_the_code(warehouse, tmp_path)
    (project.sql / "marts" / "published_figure_checks.sql").unlink()
    (project.expectations / "marts" / "published_figure_checks.yml").unlink()
    with open_build(project) as work:
        work.publish_build()
    with publication.open_published(project) as connection:
        listed = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
        audited = {name for (name,) in connection.execute("select table_name from meta.checks").fetchall()}
    assert "trade_balance_annual" in listed
    assert "published_figure_checks" not in listed
    assert "marts.published_figure_checks" not in audited


@pytest.mark.long
def test_a_suite_for_a_table_that_nobody_makes_is_named(warehouse: Project, tmp_path: Path) -> None:
    project = copy_of_the_code(warehouse, tmp_path)
    (project.sql / "marts" / "published_figure_checks.sql").unlink()
    with pytest.raises(
        BilateralError, match=r"suite marts\.published_figure_checks looks at marts\.published_figure_checks"
    ):
        build_warehouse(project)


@pytest.mark.long
def test_a_broken_model_is_named(warehouse: Project, tmp_path: Path) -> None:
    project = copy_of_the_code(warehouse, tmp_path)
    edit_text(project.sql / "marts" / "policy_timeline.sql", "from core.", "from core.no_such_")
    with pytest.raises(BilateralError, match=r"marts\.policy_timeline reads core\.no_such_"):
        build_warehouse(project)
