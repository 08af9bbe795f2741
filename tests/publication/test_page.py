"""The page about an audit names what stopped a publication before anything else."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest

from dagster_project import publication
from dagster_project.audit.results import CheckResult
from dagster_project.project import Project
from dagster_project.publication.page import render_audit_page

STOPPED = CheckResult(
    table="marts.trade",
    check="none_is_negative",
    expectation_type="unexpected_rows_expectation",
    severity="critical",
    status="failed",
    observed="3 rows",
    unexpected_count=3,
    sample=[{"reporter_code": "KOR", "value_usd": -1234.5}],
    query=None,
    message=None,
    notes="Trade is not < 0.",
)
WARNED = replace(STOPPED, check="none_is_large", severity="warning")


def test_what_stopped_a_publication_is_shown_with_its_rows(published: duckdb.DuckDBPyConnection) -> None:
    text = render_audit_page(published, None, [WARNED, STOPPED])
    assert "<h1>An audit that stopped a publication</h1>" in text
    assert '<b class="good">0</b>of 1 blocking rules passed' in text
    stopped, _, warned = text.partition("Warnings without a known cause</h2>")
    assert "none_is_negative" in stopped
    assert "<td>KOR</td><td>-1,234</td>" in stopped
    assert "Trade is not &lt; 0." in stopped
    assert "none_is_large" in warned
    assert "as Korea reports it" not in text


@pytest.mark.long
@pytest.mark.parametrize(
    ("cause", "heading"), [("", "Warnings without a known cause"), ("Rounding.", "Known irregularities")]
)
def test_a_publication_is_shown_with_its_balances_and_claims(
    built: Project, published: duckdb.DuckDBPyConnection, cause: str, heading: str
) -> None:
    (made,) = publication.list_publications(built)
    text = render_audit_page(published, made, [replace(WARNED, cause=cause)])
    assert made.publication_id in text
    assert f"<h2>{heading}</h2>" in text
    assert "What stopped it" not in text
    # Korea Customs: −18,039.7 million in 2023, the first deficit since 1992.
    assert '<td class="n">−18,040</td>' in text
    assert "sign changes: first deficit since 1992" in text
    assert "contradicted" in text
