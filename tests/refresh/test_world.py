"""One setting requests every economy, and the tables then answer for a pair that no setting names."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dagster_project import publication, questions
from dagster_project.pipeline import build_warehouse
from dagster_project.project import Project
from dagster_project.refresh.planning import Options, plan_refresh, read_settings
from dagster_project.sources import imf, oecd_wto, worldbank
from tests import making
from tests.refresh.publishers.imf import EMPTY, EXPORTS, message
from tests.refresh.running import FakeTime, ask
from tests.refresh.running import project as configured
from tests.refresh.server import Reply, Server

WORLD = 'pairs = ["KOR-CHN"]\nworld = true\n[worldbank]\nindicators = ["NV.AGR.TOTL.ZS"]\n'
BOTH = "XG_FOB_USD+MG_CIF_USD"
# Laos' exports are the IMF's own figures; what the others say is invented.
SAID = {
    "LAO": {**EXPORTS, ("LAO", "MG_CIF_USD", "THA", "A"): {"2019": "3000000000"}},
    "THA": {
        ("THA", "MG_CIF_USD", "LAO", "A"): {"2019": "2500000000"},
        ("THA", "XG_FOB_USD", "LAO", "A"): {"2019": "2900000000"},
    },
}


def always(_subject: str) -> tuple[date, date]:
    return date(2019, 1, 1), date(2020, 12, 31)


def test_everybody_is_asked_about_everybody(tmp_path: Path) -> None:
    settings = read_settings(configured(tmp_path, WORLD))
    everyone = settings.everyone
    assert {"KOR", "CHN", "TWN", "XKX", "LAO"} <= set(everyone)
    # What is no more, and what is a group, is not asked for.
    assert not {"SUN", "YUG", "WLD", "EUU"} & set(everyone)
    asked = {request.subject: request for request in imf.plan_requests(settings, always, False)}
    assert list(asked) == [f"{reporter}-everyone {frequency}" for frequency in ("A", "M") for reporter in everyone]
    partners = asked["XKX-everyone A"].only["partner_code"]
    assert asked["XKX-everyone A"].path == f"/data/IMF.STA,IMTS/KOS.{BOTH}.{'+'.join(partners)}.A"
    assert len(partners) == len(set(partners)) == len(everyone)
    assert {"G001", "WBG", "CHN"} <= set(partners)
    assert "KOS" not in partners
    # Addresses of more than two thousand characters are turned away here and there.
    assert max(len(request.path) for request in asked.values()) < 1500


def test_others_are_asked_about_everybody_at_once(tmp_path: Path) -> None:
    settings = read_settings(configured(tmp_path, WORLD))
    (indicator,) = worldbank.plan_requests(settings, always, False)
    assert indicator.path == "/country/all/indicator/NV.AGR.TOTL.ZS"
    assert indicator.only == {"indicator_code": ("NV.AGR.TOTL.ZS",)}
    (services,) = oecd_wto.plan_requests(settings, always, False)
    assert services.only["reporter_code"] == settings.everyone


def test_the_world_is_off_until_it_is_turned_on() -> None:
    assert read_settings(Project.find()).world is False


@pytest.fixture
def project(warehouse: Project, tmp_path: Path) -> Project:
    """Copy the part of the built warehouse that the test reads, with minimal settings plus one line."""
    (thirteen,) = (one for one in questions.load_questions(warehouse) if one.number == 13)
    tables = (*making.SMALL, "marts.mirror_trade_annual", *thirteen.reads)
    made = making.part_without_claims(warehouse, tmp_path / "checkout", *tables)
    made.configuration.write_text(WORLD + '[imf]\nfrequencies = ["A"]\n', encoding="utf-8")
    return made


@pytest.mark.long
def test_the_tables_answer_for_a_pair_that_nobody_named(project: Project, server: Server) -> None:
    everyone = read_settings(project).everyone
    options = Options(environment={"BILATERAL_IMF_URL": f"{server.address}/base"}, clock=FakeTime().clock)
    (planned,) = plan_refresh(project, ["imf"], options)
    routes = {
        one.address.removeprefix(server.address): Reply(message(SAID[one.request.subject[:3]]))
        for one in planned.requests
        if one.request.subject[:3] in SAID
    }
    server.route(routes, otherwise=Reply(EMPTY))
    (result,) = ask(project, server, "imf")
    assert (result.requests, result.nothing, result.refusals) == (len(everyone), len(everyone) - len(SAID), [])
    build_warehouse(project)
    with publication.open_published(project) as published:
        (balance,) = published.sql(
            "select year, exports_usd, balance_usd from marts.trade_balance_annual "
            "where reporter_code = 'LAO' and partner_code = 'THA'"
        ).fetchall()
        (mirror,) = published.sql(
            "select reported_usd, mirror_usd from marts.mirror_trade_annual "
            "where reporter_code = 'LAO' and partner_code = 'THA' and flow = 'export' and year = 2019"
        ).fetchall()
        (thirteen,) = (one for one in questions.load_questions(Project.find()) if one.number == 13)
        (row,) = questions.ask_question(
            published, thirteen, {"reporter": "LAO", "partner": "THA", "from_year": 2019}
        ).rows
    assert balance == (2019, 2_406_848_899, 2_406_848_899 - 3_000_000_000)
    assert mirror == (2_406_848_899, 2_500_000_000)
    assert (row["year"], row["balance_mirror_usd"], row["signs_agree"]) == (2019, -400_000_000, True)
    assert row["is_answered"]
