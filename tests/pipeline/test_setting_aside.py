"""After any accepted response a build can publish, and it sets aside no more than necessary."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dagster_project import publication, snapshots
from dagster_project.audit.results import select_blocking
from dagster_project.audit.suites import load_suites
from dagster_project.pipeline import AuditFailed, Build, build_warehouse, open_build
from dagster_project.pipeline.records import Step
from dagster_project.pipeline.setting_aside import SetAsideSearch
from dagster_project.project import Project
from dagster_project.refresh.planning import read_settings
from dagster_project.refresh.result import Result
from dagster_project.snapshots import set_aside
from dagster_project.snapshots.set_aside import SetAside
from tests import making
from tests.cli.test_commands import run
from tests.pipeline.test_refusals import only
from tests.refresh.publishers import kcs, kosis, worldbank
from tests.refresh.running import FakeTime, ask
from tests.refresh.server import Reply, Server, serving

KCS, WDI, KOSIS = "kcs/goods_monthly", "worldbank/wdi", "kosis/goods_monthly"
CONFIGURATION = """pairs = ["KOR-CHN", "KOR-VNM"]
[kcs]
products = []
end_use = false
[worldbank]
indicators = ["NV.AGR.TOTL.ZS"]
"""
# Korea's trade with China as customs has it, and an August that comes later.
MONTHS = {
    "2026-05": (18_883_273_656, 15_097_201_176),
    "2026-06": (20_002_319_069, 16_422_805_296),
    "2026-07": (21_681_183_695, 16_317_852_371),
    "2026-08": (20_412_345_678, 15_987_654_321),
}
DAY = datetime(2026, 9, 15, tzinfo=UTC)
SCALE = "set_aside/scale.yml"
VIETNAM = """
    select round(value, 1) from core.macro_indicators
    where economy_code = 'VNM' and year = 2024 and indicator_code = 'NV.AGR.TOTL.ZS'
"""
Months = Mapping[str, tuple[float, float]]
# By economy and year.
Shares = dict[tuple[str, str], float]


@pytest.fixture(scope="module")
def server() -> Iterable[Server]:
    with serving() as running:
        yield running


@pytest.fixture
def project(project: Project) -> Project:
    """Copy the warehouse without claims and analyses, with settings that request little."""
    project.configuration.write_text(CONFIGURATION, encoding="utf-8")
    return project


def customs(where: Project, server: Server, months: Months, at: datetime = DAY) -> Result:
    """Refresh Korea's trade with China since May 2026 from customs, which answer with these months."""
    items = [
        {
            **kcs.COUNTRY[0],
            "year": month.replace("-", "."),
            "expDlr": f"{exports:.0f}",
            "impDlr": f"{imports:.0f}",
            "balPayments": f"{exports - imports:.0f}",
        }
        for month, (exports, imports) in months.items()
    ]
    server.reply(Reply(kcs.body(items), headers={"Content-Type": kcs.XML}))
    span: dict[str, Any] = {"since": date(2026, 5, 1), "until": date(2026, 8, 31)}
    every = ask(where, server, "kcs", time=FakeTime(at), key="k0-7f3a-e21b", again=True, datasets={KCS}, **span)
    return replace(every[0], refusals=[one for one in every[0].refusals if one.subject == "KOR-CHN"])


def world_bank(where: Project, server: Server, changed: Shares, at: datetime = DAY) -> Result:
    """Refresh agriculture since 2022 from the World Bank, which answers with the stored figures and these changes."""
    economies = read_settings(where).economies
    with publication.open_published(where) as published:
        held = published.execute(
            "select economy_label, cast(year as varchar), arg_max(value, known_from) from staging.worldbank__wdi "
            "inner join meta.snapshots using (snapshot_id) where indicator_code = ? and year >= 2022 group by all",
            [worldbank.AGRICULTURE],
        ).fetchall()
    asks_all = read_settings(where).world
    values = {(economy, year): value for economy, year, value in held if asks_all or economy in economies} | changed
    rows = [worldbank.row(economy, year, value) for (economy, year), value in values.items()]
    server.reply(Reply(worldbank.page(rows, lastupdated=f"{at:%Y-%m-%d}")))
    span: dict[str, Any] = {"since": date(2022, 1, 1), "until": date(2026, 12, 31)}
    (result,) = ask(where, server, "worldbank", time=FakeTime(at), again=True, **span)
    return result


def times(months: Months, month: str, exports: float = 1, imports: float = 1) -> Months:
    return {**months, month: (months[month][0] * exports, months[month][1] * imports)}


def exports_of(where: Project) -> dict[str, float]:
    """Read Korea's exports to China since May 2026 from the core table, by month."""
    return dict(
        asked(
            where,
            "select strftime(period_start, '%Y-%m'), value_usd from core.goods_trade_monthly where flow = 'export' "
            "and reporter_code = 'KOR' and partner_code = 'CHN' and period_start >= date '2026-05-01'",
        )
    )


def asked(where: Project, query: str) -> list[tuple[Any, ...]]:
    with publication.open_published(where) as connection:
        return connection.execute(query).fetchall()


def page_of(where: Project) -> str:
    """Return the page about the audit of the current publication."""
    return (publication.list_publications(where)[0].get_folder(where) / publication.PAGE).read_text(encoding="utf-8")


def publish(where: Project) -> list[SetAside]:
    """Build and publish; return the decisions to set snapshots aside."""
    decisions: list[SetAside] = []
    build_warehouse(where, on_decision=decisions.append)
    return decisions


def warnings(where: Project) -> list[tuple[Any, ...]]:
    """Return the samples of the warning about figures set aside."""
    return asked(
        where, "select sample from meta.checks where check_name = 'nothing_was_set_aside' and status = 'failed'"
    )


@pytest.mark.longest
@pytest.mark.long
def test_a_thousandfold_cell_sets_its_response_aside_and_its_correction_lets_the_rest_in(
    project: Project, server: Server
) -> None:
    before, held = len(asked(project, "select * from meta.quarantine")), exports_of(project)
    wrong = times(MONTHS, "2026-07", exports=1000)
    assert customs(project, server, wrong).archived
    assert world_bank(project, server, {("VNM", "2024"): 11.5}).archived
    (decision,) = publish(project)
    assert (decision.dataset, decision.is_whole) == (KCS, True)
    assert "no_large_flow_jumps_a_thousandfold" in str(decision.rule)
    # The series stays as it was, the month that is new included; every other dataset is taken in.
    assert exports_of(project) == held
    assert asked(project, VIETNAM) == [(11.5,)]
    aside = "select column_name, value, set_aside_by from meta.quarantine where snapshot_id = ? order by row_number"
    with publication.open_published(project) as connection:
        found = connection.execute(aside, [decision.snapshots[0]]).fetchall()
    assert found == [("partner_iso2, month", f"CN | {month}", "build") for month in MONTHS]
    ((sample,),) = warnings(project)
    assert decision.snapshots[0] in sample
    # Who asks is told of the rule and the row.
    said = " ".join(run(project, "status").split())
    assert f"{decision.snapshots[0]}: {decision.rule}: {decision.reason}" in said
    assert "period_start 2026-07-01, value_usd 21681183695000.0" in decision.reason
    assert "no_large_flow_jumps_a_thousandfold" in page_of(project)
    # The decision is data: the next build finds nothing out.
    hashes = asked(project, "select table_name, content_hash from meta.table_hashes order by all")
    assert publish(project) == []
    assert asked(project, "select table_name, content_hash from meta.table_hashes order by all") == hashes
    # A publisher that repeats itself has no news. A person names the row, and the rest of the response is taken in.
    assert customs(project, server, wrong, DAY + timedelta(days=5)).archived == []
    named = ("-w", "partner_iso2=CN", "-w", "month=2026-07", "-w", f"exports_usd={wrong['2026-07'][0]:.0f}")
    run(project, "set-aside", "add", "scale", KCS, *named, "--reason", "A thousandfold.")
    assert publish(project) == []
    assert exports_of(project) == pytest.approx({month: exports for month, (exports, _) in MONTHS.items()}, rel=1e-6)
    assert set_aside.find_all_decisions(project) == [set_aside.read_decision(project.corrections / SCALE)]
    assert warnings(project) == []
    assert len(asked(project, "select * from meta.quarantine")) == before + 1


@pytest.mark.long
def test_an_interrupted_query_ends_the_build_and_sets_nothing_aside(
    project: Project, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_steps(*_: object) -> Iterator[Step]:
        # DuckDB raises this if Ctrl-C or a signal of Dagster's comes during a query.
        raise RuntimeError("Query interrupted")

    assert customs(project, server, MONTHS).archived
    monkeypatch.setattr(Build, "run_steps", run_steps)
    with pytest.raises(KeyboardInterrupt):
        build_warehouse(project)
    assert set_aside.find_all_decisions(project) == []


@pytest.mark.long
def test_the_next_response_is_tried_anew(project: Project, server: Server) -> None:
    customs(project, server, times(MONTHS, "2026-07", exports=1000))
    assert len(publish(project)) == 1
    mended = times(MONTHS, "2026-07", exports=1.001)
    assert customs(project, server, mended, DAY + timedelta(days=30)).archived
    assert publish(project) == []
    # KOSIS, whose reading stands where customs says the same again, has thousands of US$.
    assert exports_of(project) == pytest.approx({month: exports for month, (exports, _) in mended.items()}, abs=500)
    assert warnings(project) == []
    told = "select count(*) from marts.revisions where reporter_code = 'KOR' and greatest(value, previous_value) > 1e13"
    assert asked(project, told) == [(0,)]


@pytest.mark.longest
@pytest.mark.long
def test_without_the_decision_the_next_build_comes_to_the_same(project: Project, server: Server) -> None:
    customs(project, server, times(MONTHS, "2026-07", exports=1000))
    (decision,) = publish(project)
    decision.path.unlink()
    # The day may have changed meanwhile.
    assert [replace(one, decided_on=decision.decided_on) for one in publish(project)] == [decision]


@pytest.mark.longest
@pytest.mark.long
def test_a_mistake_and_its_correction_that_come_between_two_builds(project: Project, server: Server) -> None:
    customs(project, server, times(MONTHS, "2026-07", exports=1000))
    mended = times(MONTHS, "2026-07", exports=1.001)
    customs(project, server, mended, DAY + timedelta(days=30))
    (decision,) = publish(project)
    assert "/20260915T" in decision.snapshots[0]
    assert exports_of(project)["2026-07"] == pytest.approx(mended["2026-07"][0], abs=1)


@pytest.mark.longest
@pytest.mark.long
def test_a_revision_that_another_source_lacks_is_taken_in_with_a_warning(project: Project, server: Server) -> None:
    revised = times(MONTHS, "2026-07", exports=1.05)
    assert customs(project, server, revised).archived
    assert publish(project) == []
    assert exports_of(project)["2026-07"] == pytest.approx(revised["2026-07"][0], rel=1e-6)
    warned = "select status from meta.checks where check_name = 'sources_agree_on_korea_and_china'"
    assert asked(project, warned) == [("failed",)]


@pytest.mark.longest
@pytest.mark.long
def test_an_indicator_that_nobody_described_is_built_with_what_the_publisher_says(
    project: Project, server: Server
) -> None:
    code, name = "SL.UEM.TOTL.ZS", "Unemployment, total (% of total labor force) (modeled ILO estimate)"
    text = project.configuration.read_text()
    project.configuration.write_text(text.replace('"NV.AGR.TOTL.ZS"', f'"{code}"'))
    rows = [worldbank.row("CHN", "2024", 4.6, code), worldbank.row("KOR", "2024", 2.7, code)]
    server.reply(Reply(worldbank.page([{**row, "indicator": {"id": code, "value": name}} for row in rows])))
    assert ask(project, server, "worldbank", time=FakeTime(DAY))[0].archived
    assert publish(project) == []
    found = f"select economy_code, value, unit from core.macro_indicators where indicator_code = '{code}' order by 1"
    assert asked(project, found) == [("CHN", 4.6, "% of total labor force"), ("KOR", 2.7, "% of total labor force")]
    assert asked(project, f"select label from core.indicators where indicator_code = '{code}'") == [(name,)]


@pytest.mark.longest
@pytest.mark.long
def test_an_economy_that_nobody_mapped_costs_its_response_until_a_person_maps_it(
    project: Project, server: Server
) -> None:
    text = project.configuration.read_text()
    project.configuration.write_text(text.replace('"KOR-VNM"]', '"KOR-VNM"]\nworld = true'))
    assert world_bank(project, server, {("XYA", "2024"): 5.5, ("VNM", "2024"): 11.5}).archived
    assert customs(project, server, MONTHS).archived
    before = asked(project, VIETNAM)
    (decision,) = publish(project)
    assert decision.dataset == WDI
    assert "XYA" in decision.reason
    assert asked(project, VIETNAM) == before
    assert "2026-08" in exports_of(project)
    codes = project.reference / "economy_codes.csv"
    header, *_ = codes.read_text(encoding="utf-8").splitlines()
    given = {"scheme": "iso3", "code": "XYA", "exclusion_reason": "A group of economies."}
    codes.write_text(
        codes.read_text(encoding="utf-8") + ",".join(given.get(name, "") for name in header.split(",")) + "\n",
        encoding="utf-8",
    )
    assert publish(project) == []
    assert asked(project, VIETNAM) == [(11.5,)]


@pytest.mark.longest
@pytest.mark.long
def test_a_hole_in_a_series_is_a_warning_that_names_it(project: Project, server: Server) -> None:
    """`refresh kosis --since 2025-07` where the copy ends years before, and a response with a hole of its own."""
    country = {"C1": "13102103829E.VN", "C1_NM": "베트남", "C1_NM_ENG": "Viet Nam"}
    cells = [
        kosis.cell(month, item, 5_200_000, **country)
        for month in ("202507", "202508", "202510", "202511")
        for item in (kosis.EXPORTS, kosis.IMPORTS)
    ]
    shutil.rmtree(next(one.folder for one in snapshots.find_snapshots(project, KOSIS) if "18af00fd7e4d" in one.id))
    shutil.rmtree(next(one.folder for one in snapshots.find_snapshots(project, KOSIS) if "9c8dd0bbb10c" in one.id))
    build_warehouse(project)
    server.reply(Reply(kosis.body(cells)))
    span: dict[str, Any] = {"since": date(2025, 7, 1), "until": date(2025, 11, 30)}
    (result,) = ask(project, server, "kosis", time=FakeTime(DAY), key="k0-7f3a-e21b", **span)
    assert result.archived
    assert publish(project) == []
    ((status, severity, cause),) = asked(
        project,
        "select status, severity, known_cause from meta.checks "
        "where table_name = 'core.goods_trade_observations' and check_name = 'no_period_is_missing'",
    )
    # It is no known irregularity: more rows break the rule than are explained.
    assert (status, severity, cause) == ("failed", "warning", "")
    suite = load_suites(project)["core.goods_trade_observations"]
    (rule,) = [one for one in suite.expectations if one.check == "no_period_is_missing"]
    found = asked(
        project,
        "select partner_code, previous_start, period_start "
        f"from ({rule.write_query(suite.table)}) where source = 'kosis'",
    )
    assert set(found) == {("VNM", date(2025, 8, 1), date(2025, 10, 1))}


@pytest.mark.longest
@pytest.mark.long
def test_without_what_is_new_a_build_can_always_publish(project: Project, server: Server) -> None:
    """The proof: a rule that names no row and fails on any new figure leaves only the last resort, and that holds."""
    before = asked(project, "select content_hash from meta.publication")
    suite = project.expectations / "marts" / "trade_balance_annual.yml"
    suite.write_text(
        suite.read_text()
        + """
  - type: unexpected_rows_expectation
    severity: critical
    kwargs:
      unexpected_rows_query: |
        select new.count from (
            select count(distinct snapshot_id) as count from core.goods_trade_observations
            where snapshot_id like 'kcs/goods_monthly/2026%'
        ) as new
        cross join (select count(*) as count from {batch}) as every
        where new.count > 0
    meta: {check: nothing_is_new}
    notes: Only the last publication holds.
""",
        encoding="utf-8",
    )
    build_warehouse(project)
    assert customs(project, server, MONTHS).archived
    assert world_bank(project, server, {("VNM", "2024"): 11.5}).archived
    (decision,) = publish(project)
    # What is not the cause came back: the indicator.
    assert (decision.dataset, decision.is_whole) == (KCS, True)
    assert "marts.trade_balance_annual: nothing_is_new" in str(decision.rule)
    assert exports_of(project).keys() == {"2026-05", "2026-06", "2026-07"}
    assert asked(project, "select content_hash from meta.publication") != before
    assert asked(project, VIETNAM) == [(11.5,)]


@pytest.mark.longest
@pytest.mark.long
def test_a_response_that_can_no_longer_be_read_is_set_aside_if_it_is_new(project: Project, server: Server) -> None:
    assert customs(project, server, MONTHS).archived
    snapshot = snapshots.find_snapshots(project, KCS)[-1]
    snapshot.data.write_bytes(b"rotten")
    (decision,) = publish(project)
    assert (decision.snapshots, decision.is_whole) == ((snapshot.id,), True)
    assert "differ from its manifest" in decision.reason
    assert asked(
        project,
        f"select row_number, reason, set_aside_by, is_current from meta.quarantine where snapshot_id = '{snapshot.id}'",
    ) == [(0, f"{decision.rule}: {decision.reason}", "build", True)]
    said = " ".join(run(project, "status").split())
    assert snapshot.id in said
    assert "differ from its manifest" in said
    # The next refresh goes on, and what it brings is taken in.
    revised = times(MONTHS, "2026-08", exports=1.01)
    assert customs(project, server, revised, DAY + timedelta(days=30)).archived
    assert publish(project) == []
    assert exports_of(project)["2026-08"] == pytest.approx(revised["2026-08"][0], rel=1e-6)


@pytest.mark.longest
@pytest.mark.long
def test_what_was_published_already_is_the_maintainers_to_mend(project: Project, server: Server) -> None:
    """A figure of the last publication is never lost to a rule, nor a committed one."""
    assert customs(project, server, MONTHS).archived
    assert publish(project) == []
    before = publication.get_current_id(project)
    making.edit(
        project, "kosis/goods_annual", only(lambda row: row.update(exports_usd="5"), partner_code="CHN", year="2023")
    )
    assert customs(project, server, times(MONTHS, "2026-08", imports=1.01), DAY + timedelta(days=30)).archived
    with pytest.raises(AuditFailed):
        build_warehouse(project)
    assert publication.get_current_id(project) == before
    assert set_aside.find_all_decisions(project) == []


# What happens to a cell: nothing, a revision, a slip of scale, a figure from nowhere.
PLAUSIBLE = (1.0, 1.0, 1.0, 1.004, 0.995)
ANY = (*PLAUSIBLE, 1000.0, 0.001, 1e6, 30.0, 0.0)
CELLS = [(month, flow) for month in MONTHS for flow in ("export", "import")]
changes = st.dictionaries(st.sampled_from(CELLS), st.sampled_from(ANY), max_size=3)
shares = st.dictionaries(
    st.sampled_from(["2022", "2023", "2024", "2025"]),
    st.sampled_from([6.9, 7.2, 0.07, 690.0, 6900.0, -7.0]),
    max_size=2,
)
# Each month both publishers say something, and a build may follow.
histories = st.lists(st.tuples(changes, shares, st.booleans()), min_size=1, max_size=3)


@pytest.fixture(scope="module")
def part(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Make a warehouse with both publishers' tables up to core, which the examples use in turn."""
    folder = tmp_path_factory.mktemp("part")
    whole = making.copy_of(built, folder / "warehouse")
    tables = ("core.goods_trade_monthly", "core.macro_indicators", "core.gdp_components", "meta.quarantine")
    made = making.part_of(whole, folder / "checkout", *tables)
    made.configuration.write_text(CONFIGURATION, encoding="utf-8")
    return made


OBSERVED = """
    select source, dataset, reporter_code, partner_code, flow, classification, product_code, frequency,
        period_start, value_usd
    from core.goods_trade_observations where known_to is null and correction_id is null
"""


def _holds(where: Project, server: Server, history: Sequence[tuple[Any, Any, bool]]) -> None:
    """Refresh and build through a history; check every figure after each build."""
    shutil.rmtree(where.fetched, ignore_errors=True)
    sent: dict[tuple[str, str], list[float]] = {cell: [MONTHS[cell[0]][cell[1] == "import"]] for cell in CELLS}
    is_plausible = False
    told: list[Mapping[str, float]] = []
    at = DAY
    for place, (cells, years, builds) in enumerate(history):
        at += timedelta(days=30)
        values = {cell: round(MONTHS[cell[0]][cell[1] == "import"] * cells.get(cell, 1.0)) for cell in CELLS}
        months = {month: (values[month, "export"], values[month, "import"]) for month in MONTHS}
        if customs(where, server, months, at).refusals == []:
            for cell, value in values.items():
                sent[cell].append(value)
            is_plausible = all(cells.get(cell, 1.0) in PLAUSIBLE for cell in CELLS)
        if world_bank(where, server, {("CHN", year): value for year, value in years.items()}, at).refusals == []:
            told.append(years)
        if not builds and place < len(history) - 1:
            continue
        with open_build(where) as work:
            found = list(SetAsideSearch(work, work.catalog.models, work.catalog.suites).run_steps())
            assert select_blocking(result for step in found for result in step.results or []) == []
            _check(work.file.connection.execute, where, sent, is_plausible)
            _check_shares(work.file.connection.execute, where, told)


def _check(
    query: Callable[[str], Any], where: Project, sent: Mapping[tuple[str, str], list[float]], is_plausible: bool
) -> None:
    """Check that every figure is one that was sent; after a plausible response, that it is the last one."""
    touched = "(source = 'kcs' and dataset = 'goods_monthly' and partner_code = 'CHN')"
    others = set(query(f"select * from ({OBSERVED}) where not {touched}").fetchall())
    with publication.open_published(where) as published:
        assert others == set(published.execute(f"select * from ({OBSERVED}) where not {touched}").fetchall())
    held = {
        (f"{start:%Y-%m}", flow): value
        for flow, start, value in query(
            f"select flow, period_start, value_usd from ({OBSERVED}) where {touched}"
        ).fetchall()
    }
    for cell, values in sent.items():
        assert held.get(cell) in ([values[-1]] if is_plausible else [None, *values]), cell


def _check_shares(query: Callable[[str], Any], where: Project, told: Sequence[Mapping[str, float]]) -> None:
    touched = "(economy_code = 'CHN' and indicator_code = 'NV.AGR.TOTL.ZS' and year >= 2022)"
    shares = f"select year, value from core.macro_indicators where {touched}"
    others = f"select economy_code, indicator_code, year, value from core.macro_indicators where not {touched}"
    with publication.open_published(where) as published:
        assert set(query(others).fetchall()) == set(published.execute(others).fetchall())
        before = dict(published.execute(shares).fetchall())
    now = dict(query(shares).fetchall())
    for year in range(2022, 2026):
        ever = [before.get(year), *(values[str(year)] for values in told if str(year) in values)]
        assert now.get(year) in (None, *ever)
        # A response without a mistake is taken in: shares as they were, or a revision.
        if told and set(told[-1].values()) <= {6.9}:
            assert now.get(year) == told[-1].get(str(year), before.get(year))


@pytest.mark.long
def test_a_correction_lets_the_rest_of_a_response_in(part: Project, server: Server) -> None:
    shutil.rmtree(part.fetched, ignore_errors=True)
    assert customs(part, server, times(MONTHS, "2026-07", exports=1000)).archived
    (decision,), held = _decide(part)
    assert (decision.is_whole, "2026-08" in held) == (True, False)
    # The same again finds nothing out; a correction has the response tried once more.
    assert _decide(part) == ([], held)
    row = {"partner_iso2": "CN", "month": "2026-07", "exports_usd": "21681183695000"}
    correction = SetAside(KCS, "A thousandfold.", "person", DAY.date(), rows=(row,))
    path = correction.write_file(set_aside.get_persons_folder(part) / "scale.yml").path
    found, held = _decide(part)
    path.unlink()
    assert found == []
    assert held == {month: exports for month, (exports, _) in MONTHS.items()}


def _decide(where: Project) -> tuple[list[SetAside], dict[str, float]]:
    """Build without publishing; return the decisions, and Korea's exports to China by month."""
    decisions: list[SetAside] = []
    with open_build(where) as work:
        models, suites = work.catalog.models, work.catalog.suites
        found = list(SetAsideSearch(work, models, suites, on_decision=decisions.append).run_steps())
        assert select_blocking(result for step in found for result in step.results or []) == []
        held = work.file.connection.execute(
            f"select strftime(period_start, '%Y-%m'), value_usd from ({OBSERVED}) where source = 'kcs' "
            "and dataset = 'goods_monthly' and partner_code = 'CHN' and flow = 'export' "
            "and period_start >= date '2026-05-01'"
        ).fetchall()
    return decisions, dict(held)


SOME = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
)


@pytest.mark.long
@settings(SOME, max_examples=2)
@given(history=st.just([({("2026-07", "export"): 1000.0, ("2026-08", "import"): 1.004}, {"2024": 690.0}, True)]))
def test_whatever_passes_acceptance_one_history(part: Project, server: Server, history: Any) -> None:
    _holds(part, server, history)


@pytest.mark.longest
@pytest.mark.long
@pytest.mark.timeout(3600)
@settings(SOME, max_examples=25)
@given(history=histories)
def test_whatever_passes_acceptance_a_build_can_be_published(part: Project, server: Server, history: Any) -> None:
    _holds(part, server, history)
