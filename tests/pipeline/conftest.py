"""A part of the warehouse for tests of builds: continued, stopped, published or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_project.pipeline import build_warehouse
from dagster_project.project import Project
from tests import making

# Enough for what tests of builds change: balances of goods with all sources behind them, products, services, events and
# revisions.
TABLES = (
    *("marts.trade_balance_annual", "marts.trade_balance_monthly", "core.goods_trade_as_of", "marts.revisions"),
    *("core.products", "core.product_trade_monthly", "core.services_trade_observations"),
    *("marts.gdp_composition_annual", "marts.policy_timeline", "core.policy_event_jurisdictions"),
)


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Build a part of the committed snapshots' warehouse."""
    folder = tmp_path_factory.mktemp("plain")
    made = making.part_without_claims(making.checkout(folder / "warehouse"), folder / "checkout", *TABLES)
    build_warehouse(made)
    return made


@pytest.fixture
def project(plain: Project, tmp_path: Path) -> Project:
    """Copy that warehouse, with a copy of sql/ and expectations/ that a test may edit."""
    return making.copy_code(making.copy_of(plain, tmp_path / "warehouse"), tmp_path / "checkout")
