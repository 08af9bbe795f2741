"""A claim without SQL becomes one SELECT of the claimed figure."""

from __future__ import annotations

import duckdb
import pytest

from dagster_project.claims.evaluator import Evaluator
from dagster_project.claims.evidence import check_select
from dagster_project.metrics import load_metrics
from tests.claims.making_claims import judge, told


def test_a_surplus_that_grew_says_nothing_of_a_deficit_that_did(evaluator: Evaluator) -> None:
    # By China's statistics Korea has a surplus in both years.
    verdict, reason = told(judge(evaluator, "balance KOR CHN 2025 = deficit rose 62.6%"))
    assert verdict == "supported_rounded"
    assert "China's statistics are missing for at least one of the periods compared." in reason
    assert "By China's statistics South Korea had a surplus in 2024 and 2025." in reason


def test_a_deficit_that_grew_by_so_much_in_korean_is_a_difference(evaluator: Evaluator) -> None:
    # 11.17 billion in 2025 less 6.87 in 2024.
    assert told(judge(evaluator, "무역적자 KOR CHN 2025 = 43억 달러 증가했다"))[1].startswith(
        "South Korea's statistics give a fall of US$4.302bn in the balance, which rounds to US$4.3bn."
    )


@pytest.mark.parametrize("name", sorted(name for name, metric in load_metrics().items() if metric.figures))
def test_every_metric_may_be_asked_as_evidence(one: duckdb.DuckDBPyConnection, evaluator: Evaluator, name: str) -> None:
    check_select(one, f"select max(value) from ({load_metrics()[name].figures}) as figures", evaluator.models)
