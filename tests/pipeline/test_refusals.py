"""Bad input causes a clear error or goes to quarantine, and is never published."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dagster_project.audit.results import CheckResult
from dagster_project.errors import BilateralError
from dagster_project.models import find_upstream
from dagster_project.pipeline import Build, build_warehouse, open_build
from dagster_project.project import Project
from tests import making

Rows = list[dict[str, str]]
KOSIS = "kosis/goods_annual"
DOTS = "imf/goods_monthly"


def only(change: Callable[[dict[str, str]], None], **where: str) -> Callable[[Rows], Rows]:
    """Return a function that changes only the rows with these values."""

    def apply(rows: Rows) -> Rows:
        chosen = [row for row in rows if all(row[name] == value for name, value in where.items())]
        assert chosen, where
        for row in chosen:
            change(row)
        return rows

    return apply


def make(work: Build, *tables: str) -> None:
    """Make tables, the tables that their rules read, and everything upstream, if outdated."""
    work.inputs.receive_all()
    wanted = set(tables).union(*(work.catalog.suites[table].reads for table in tables if table in work.catalog.suites))
    needed = wanted.union(*(find_upstream(work.catalog.models, name) for name in wanted))
    for name in work.catalog.models:
        if name in needed:
            work.tables.make_if_outdated(name)


def verdicts(work: Build, table: str) -> list[CheckResult]:
    """Return the results of a table's current state; run only rules without a result."""
    work.audit.record_results(table, work.audit.auditor.audit_suite(*work.audit.select_rules(table)))
    return work.audit.get_results(table)


def blocking(project: Project, *tables: str) -> list[CheckResult]:
    """List the results on these tables that would stop a publication."""
    with open_build(project) as work:
        make(work, *tables)
        return [result for table in tables for result in verdicts(work, table) if result.blocks]


@pytest.mark.long
def test_an_unmapped_economy_that_is_excluded_by_name_does_not(project: Project) -> None:
    making.edit(project, DOTS, only(lambda row: row.update(partner_name="Ruritania"), partner_name="Japan"))
    codes = project.reference / "economy_codes.csv"
    codes.write_text(codes.read_text() + "imf_name,Ruritania,,It is a novel.,\n")
    assert not blocking(project, "staging.imf__goods_monthly")


@pytest.mark.long
def test_a_negative_value_is_set_aside_and_reaches_no_table(project: Project) -> None:
    making.edit(project, KOSIS, only(lambda row: row.update(imports_usd="-5"), partner_code="USA", year="2023"))
    with open_build(project) as work:
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
def test_a_key_that_stands_twice_is_set_aside_and_the_next_source_answers(project: Project) -> None:
    making.edit(
        project, KOSIS, lambda rows: [*rows, *(r for r in rows if (r["partner_code"], r["year"]) == ("CHN", "2018"))]
    )
    with open_build(project) as work:
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
def test_a_year_of_eleven_months_is_no_year(project: Project) -> None:
    making.edit(
        project,
        DOTS,
        lambda rows: [
            row
            for row in rows
            if (row["reporter_name"], row["partner_name"], row["month"]) != ("Japan", "Germany", "2015-12")
        ],
    )
    with open_build(project) as work:
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
def test_a_figure_in_thousands_stops_the_build(project: Project) -> None:
    def thousands(row: dict[str, str]) -> None:
        row["exports_usd"] = str(int(row["exports_usd"]) // 1000)

    making.edit(project, KOSIS, only(thousands, partner_code="JPN", year="2015"))
    tables = ("staging.kosis__goods_annual", "core.goods_trade_observations", "core.goods_trade_annual")
    stopping = {result.check for result in blocking(project, *tables)}
    assert any("scale" in check or "jump" in check for check in stopping)


@pytest.mark.long
def test_a_correction_ends_by_itself_when_the_source_mends_the_figure(project: Project) -> None:
    making.edit(
        project,
        DOTS,
        only(
            lambda row: row.update(value_musd="10589.664"),
            reporter_name="South Korea",
            partner_name="China",
            month="2017-04",
            flow="export",
        ),
    )
    with open_build(project) as work:
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
def test_a_suite_for_a_table_that_nobody_makes_is_named(project: Project) -> None:
    (project.sql / "core" / "product_trade_monthly.sql").unlink()
    with pytest.raises(BilateralError, match=r"No model makes the table of the suite core\.product_trade_monthly"):
        build_warehouse(project)


@pytest.mark.long
def test_a_broken_model_is_named(project: Project) -> None:
    making.replace_text(project.sql / "marts" / "policy_timeline.sql", "from core.", "from core.no_such_")
    with pytest.raises(BilateralError, match=r"marts\.policy_timeline reads core\.no_such_"):
        build_warehouse(project)
