"""Slips are found and named: another period, scale, currency, side or unit."""

from __future__ import annotations

import pytest

from benchmarks.claims import measure
from dagster_project.claims.evaluator import Evaluator
from dagster_project.files import load_yaml
from tests.claims.making_claims import judge, told


@pytest.mark.parametrize("one", ["period", "scale", "currency", "other_reporter", "sign", "partial", "cumulative",
                                 "metric", "coverage", "percent", "basis"])  # fmt: skip
def test_each_slip_has_planted_errors(one: str) -> None:
    kinds = load_yaml((measure.FOLDER / "errors.yml").read_text(encoding="utf-8"))
    assert len(next(kind["claims"] for kind in kinds if kind["diagnosis"] == one)) >= 3


@pytest.mark.parametrize(
    "line",
    [
        "balance KOR CHN 2018 = $59.3bn",  # of no year
        "balance KOR CHN 2018 = $57.1 million",  # nor a thousandth
        "exports KOR CHN 2018 = $1,300bn",  # nor in yuan
        "balance KOR CHN 2018 = $93.1bn",  # nor China's
        "balance KOR CHN 2018 = deficit of $53.2bn",  # nor with another sign
        "balance KOR CHN 2025 = deficit of $3.9bn",  # nor of some months
        "exports KOR CHN 2025-11 = $113.1bn",  # nor cumulative
        "exports KOR CHN 2023 = $139.1bn",  # nor imports
        "exports_with_services KOR CHN 2019 = $141.9bn",  # nor goods
        "export_share KOR CHN 2022->2023 = fell 4.71%",  # nor points
        "visitor_arrivals KOR CHN 2016 = 8.41 million",  # nor with crews
    ],
)
def test_only_what_is_found_is_said(evaluator: Evaluator, line: str) -> None:
    found = judge(evaluator, line)
    assert told(found)[0] == "contradicted"
    assert found.diagnosis is None
    assert " It is " not in told(found)[1]


def test_a_reason_says_what_the_number_is(evaluator: Evaluator) -> None:
    assert told(judge(evaluator, "balance KOR CHN 2018 = $62.8bn"))[1].endswith(
        "The claimed number is the figure for 2013."
    )
    assert told(judge(evaluator, "balance KOR CHN 2018 = $95.8bn"))[1].endswith("The number is China's figure.")
    word, reason = told(judge(evaluator, "visitor_arrivals KOR CHN 2016 = 8.07 million"))
    assert word == "supported_rounded"
    assert reason.endswith("The number is another figure of the same period: arrivals with crews.")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("exports KOR CHN 2023 = $124.8", "word billion is missing"),
        ("exports KOR CHN 2023 = $124,818", "word million is missing"),
        ("수출 한국 중국 2023년 = 1248 달러", "(억) is missing"),
        ("방한객 한국 중국 2016년 = 775 명", "(만) is missing"),
    ],
)
def test_a_forgotten_scale_is_found(evaluator: Evaluator, line: str, said: str) -> None:
    found = judge(evaluator, line)
    assert found.diagnosis is not None
    assert found.diagnosis.code == "scale"
    assert told(found)[1].endswith(f"{said}.")
