"""The results of an audit, summarized in a line."""

from __future__ import annotations

import pytest

from dagster_project.audit.results import summarize_results


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ([("critical", "passed", ""), ("warning", "passed", "")], "all 1 critical checks passed"),
        (
            [("critical", "passed", "")] * 2 + [("warning", "failed", "So."), ("warning", "failed", "")],
            "all 2 critical checks passed; 1 other found known irregularities; 1 new warning",
        ),
        (
            [("critical", "failed", ""), ("warning", "crashed", "")],
            "2 checks stop a publication",
        ),
    ],
)
def test_an_audit_in_a_line(results: list[tuple[str, str, str]], said: str) -> None:
    assert summarize_results(results) == said
