"""A site is read in place: by its notebook, over a server with ranges, for few bytes, with the warehouse's figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import duckdb
import pytest

from dagster_project.project import Project
from tests.site.server import serve

NOTEBOOK = Project.find().root / "docs" / "site.ipynb"
pytestmark = pytest.mark.long


def test_the_notebook_reads_a_pair_for_few_bytes(
    site: Path, published: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = [cell for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    known: dict[str, Any] = {}
    sent = []
    with serve(site) as server:
        monkeypatch.setenv("BILATERAL_SITE", server.address)
        for cell in cells:
            before = server.sent
            exec("".join(cell["source"]), known)  # noqa: S102 - a page of this repository
            sent.append(server.sent - before)
    expected = published.execute(
        "select period_start, exports_usd, imports_usd from marts.trade_balance_monthly "
        "where reporter_code = 'KOR' and partner_code = 'CHN' order by period_start"
    ).fetchall()
    # The last months may rest on China's customs.
    assert len(known["months"]) > 250
    assert set(known["months"]) <= set(expected)
    months, figures = sent[2:4]
    assert 0 < months <= 700_000
    assert months < 0.15 * (site / "data" / "marts" / "trade_balance_monthly.parquet").stat().st_size
    assert 0 < figures <= 700_000
    ((name, value, unit, snapshots),) = known["figures"]
    assert name.startswith("balance/KOR/CHN/2023@")
    query = "from marts.trade_balance_annual where reporter_code = 'KOR' and partner_code = 'CHN' and year = 2023"
    assert (value,) == published.execute(f"select balance_usd {query}").fetchone()
    assert unit == "US$"
    assert snapshots
    assert known["left_out"]


def test_a_server_without_ranges_is_noticed(site: Path) -> None:
    """The count of bytes means something: the whole table is larger than what a pair costs."""
    with serve(site) as server:
        path = "data/marts/trade_balance_monthly.parquet"
        with urlopen(f"{server.address}/{path}") as answer:  # noqa: S310 - this machine's own server
            size = len(answer.read())
        assert server.sent == size == (site / path).stat().st_size
