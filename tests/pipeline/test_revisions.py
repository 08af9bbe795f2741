"""A small consistent revision is published; one without its total causes a failure or a warning."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from dagster_project import publication
from dagster_project.audit.results import CheckResult, select_blocking
from dagster_project.pipeline import build_warehouse, open_build
from dagster_project.project import Project
from dagster_project.snapshots.set_aside import SetAside
from tests import making
from tests.pipeline.revising import (
    AGRICULTURE,
    FIGURES,
    NEXT_RESPONSE,
    NOT_ASKED,
    Response,
    Row,
    answer_first,
    choose,
    held,
    requests,
)

WDI = "worldbank/wdi"
SEEDS = [int(seed) for seed in os.environ.get("BILATERAL_SEED", "1").split(",")]


def test_each_dataset_of_the_settings_is_revised() -> None:
    """All but interventions, which have no figures."""
    assert set(requests(Project.find())) == {*FIGURES, "gta/interventions"}
    assert NOT_ASKED.isdisjoint(FIGURES)


@pytest.fixture(scope="module")
def asked_once(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Make a warehouse after a first refresh with the committed settings."""
    where = making.copy_of(built, tmp_path_factory.mktemp("revised") / "warehouse")
    answer_first(where)
    assert _publish(where) == []
    return where


@pytest.fixture
def where(asked_once: Project, tmp_path: Path) -> Project:
    return making.copy_of(asked_once, tmp_path / "warehouse")


@pytest.fixture(scope="module")
def shares(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Make a warehouse with only the tables made from the World Bank's figures."""
    folder = tmp_path_factory.mktemp("shares")
    whole = making.copy_of(built, folder / "warehouse")
    tables = ("marts.services_value_added_annual", "core.macro_indicators")
    made = making.part_of(whole, folder / "checkout", *tables)
    made.configuration.write_text(Project.find().configuration.read_text(encoding="utf-8"), encoding="utf-8")
    return made


def _responses(where: Project) -> dict[str, Response]:
    asked = requests(where)
    return {path: held(where, path, asked[path]) for path in FIGURES}


def _publish(where: Project) -> list[SetAside]:
    decisions: list[SetAside] = []
    build_warehouse(where, on_decision=decisions.append)
    return decisions


def _figure(responses: Mapping[str, Response], path: str, **key: str) -> Row:
    return next(row for row in responses[path].rows.values() if key.items() <= row.items())


def _newly_named(where: Project, revise: Mapping[str, tuple[Mapping[str, str], str]]) -> list[CheckResult]:
    """Return the results of a build after figures, but not their totals, were revised."""
    responses = _responses(where)
    for path, (key, column) in revise.items():
        responses[path].revise(_figure(responses, path, **key), column, 1.02, derives=False)
        responses[path].archive(where, NEXT_RESPONSE)
    with open_build(where) as work:
        work.inputs.receive_all()
        found = work.run_steps(work.catalog.models, work.catalog.suites)
        return [result for step in found for result in step.results or [] if not result.passed]


@pytest.mark.longest
@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_small_revision_of_each_dataset_and_indicator_is_published(where: Project, seed: int) -> None:
    """All at once; where a build has to set one aside, it finds out which."""
    responses = _responses(where)
    chosen = list(choose(responses, seed))
    assert len(chosen) >= 20
    for response, column, row, factor in chosen:
        response.revise(row, column, factor)
    sealed = {path: response.archive(where, NEXT_RESPONSE) for path, response in responses.items()}
    assert _publish(where) == []
    with publication.open_published(where) as connection:
        published = {one for (one,) in connection.execute("select snapshot_id from meta.snapshots").fetchall()}
        ((moved,),) = connection.execute(
            "select count(distinct (source, dataset)) from marts.revisions where known_from = $day",
            {"day": NEXT_RESPONSE},
        ).fetchall()
    assert {snapshot.id for snapshot in sealed.values()} <= published
    # Rates and re-exports are no series of marts.revisions.
    assert moved == len(FIGURES) - 2


@pytest.mark.longest
@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_figure_whose_total_stays_behind_is_noticed(where: Project) -> None:
    found = _newly_named(
        where,
        {
            WDI: ({"economy_code": "CHN", "indicator_code": AGRICULTURE, "year": "2022"}, "value"),
            "imf/imts": (
                {"reporter_code": "KOR", "partner_code": "CHN", "indicator_code": "XG_FOB_USD", "period": "2019-05"},
                "value_usd",
            ),
            "kcs/goods_monthly": ({"partner_iso2": "CN", "month": "2024-05"}, "exports_usd"),
            "kosis/goods_monthly": ({"partner_name": "중국", "month": "2021-05"}, "exports_kusd"),
            "bok/services_annual": ({"partner_code": "CHN", "flow": "EXP", "year": "2019"}, "value_musd"),
        },
    )
    rows = {result.check: result.sample for result in found}
    assert {result.check for result in select_blocking(found)} == {"exports_less_imports_make_the_printed_balance"}
    assert [row["year"] for row in rows["a_reported_share_moves_with_its_parts"]] == [2022]
    assert [row["year"] for row in rows["the_months_make_the_year"]] == [2021]
    assert [(row["source"], row["partners"]) for row in rows["a_part_is_not_revised_without_its_total"]] == [
        ("bok", "CHN")
    ]
    # The months of the IMF no longer make the year that others have.
    assert ("imts", "2019-01-01") in {(row["other_dataset"], row["widest_period"]) for row in rows["sources_agree"]}


@pytest.fixture
def agriculture(shares: Project) -> Response:
    asked = {path: found for path, found in requests(shares).items() if path == WDI}
    return held(shares, WDI, [one for one in asked[WDI] if one.subject in {AGRICULTURE, "NV.IND.TOTL.ZS"}])


@pytest.mark.long
def test_chinas_agriculture_is_revised_by_three_thousandths(shares: Project, agriculture: Response) -> None:
    """As large as the revision of July 2026: in a refresh that asks about few of the world's economies."""
    row = _figure({WDI: agriculture}, WDI, economy_code="CHN", indicator_code=AGRICULTURE, year="2024")
    agriculture.revise(row, "value", 1.003)
    agriculture.archive(shares, NEXT_RESPONSE)
    with open_build(shares) as work:
        steps = list(work.run_steps(work.catalog.models, work.catalog.suites))
        ((ranked, count, services),) = work.file.connection.execute(
            "select rest_rank, economy_count, services_share_pct from marts.services_value_added_annual "
            "where economy_code = 'CHN' and year = 2024"
        ).fetchall()
    assert select_blocking(result for step in steps for result in step.results or []) == []
    # It is of a later release than the ranks, and has none until that release shows all economies.
    assert (ranked, count > 150, 55 < services < 58) == (None, True, True)
