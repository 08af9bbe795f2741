"""Steps lead from one balance to the next, and shares are of all goods."""

from __future__ import annotations

import duckdb
import pytest

from dagster_project.project import Project
from dagster_project.report import composition
from dagster_project.report.pair import Pair


@pytest.fixture(scope="module")
def pair(built: Project, published: duckdb.DuckDBPyConnection) -> Pair:
    return Pair(built, published, "KOR", "CHN")


def test_steps_lead_from_one_balance_to_the_other(pair: Pair) -> None:
    section = composition.write_steps(pair)
    assert section is not None
    first, *steps, last = section.tables[0].rows
    assert first["value"] + sum(step["value"] for step in steps) == pytest.approx(last["value"], abs=1)
    assert [step["label"] for step in steps if not step["is_held"]] == [
        "Lower exports: all other goods",
        "Higher imports",
    ]


def test_the_share_of_integrated_circuits_is_of_all_goods(pair: Pair) -> None:
    section = composition.write_chips(pair)
    assert section is not None
    rows = [row for row in section.tables[0].rows if row["share_pct"] is not None]
    assert len(rows) > 5
    for row in rows:
        assert row["share_pct"] == pytest.approx(100 * row["value_usd"] / row["total_usd"], rel=1e-9)


def test_taxes_are_the_rest_of_gdp_only_where_services_are_no_remainder(pair: Pair) -> None:
    """China's services are GDP without agriculture and industry; Korea's are measured, and net taxes are left."""
    section = composition.write_composition(pair)
    assert section is not None
    korea, china = section.pictures
    assert korea.subtitle == "Share of GDP, %. The rest is mainly net taxes on products."
    assert china.title.startswith("Services rose from")
    assert china.subtitle == "Share of GDP, %"
