"""No false verdict: another unit, currency, sign, operator, item or year is refused or contradicted.

The figures are those of the committed snapshots: Korea's customs have exports of 124.818 billion dollars to China in 2023,
19.88% less than in 2022; a surplus of 55.636 billion in 2018 and a deficit of 18.040 billion in 2023.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from dagster_project import publication
from dagster_project.catalog import Catalog
from dagster_project.claims import lines
from dagster_project.claims.evaluator import Evaluator
from dagster_project.claims.verdicts import ClaimResult
from dagster_project.errors import BilateralError
from dagster_project.project import Project


@pytest.fixture(scope="module")
def evaluator(built: Project) -> Iterator[Evaluator]:
    with publication.reading(built) as connection:
        yield Evaluator(connection, Catalog(built).models)


def judge(evaluator: Evaluator, line: str, on: str = "2026-10-01", **given: Any) -> ClaimResult:
    row = {
        "claim": line,
        "published_on": on,
        "names_reporter": whose[0] if (whose := re.findall(r"[A-Z]{3}", line)) else "KOR",
        **given,
    }
    article = lines.article(evaluator.connection, row, where="x", published_on=date(2026, 10, 1))
    found = evaluator.evaluate(article, article.claims[0])
    if found.error is not None:
        raise found.error
    return found


def verdict_of(evaluator: Evaluator, line: str, on: str = "2026-10-01") -> str:
    """The verdict, or that the claim is refused."""
    try:
        found = judge(evaluator, line, on)
    except BilateralError:
        return "refused"
    assert found.verdict is not None
    return found.verdict.verdict


JUDGED = {
    # Money is compared in the currency that was printed, at a rate that is held.
    "exports KOR CHN 2023 = €124.8 billion": "refused",
    "exports KOR CHN 2023 = A$124.8 billion": "refused",
    "exports KOR CHN 2023 = HK$124.8 billion": "refused",
    "exports KOR CHN 2023 = £124.8 billion": "refused",
    "exports KOR CHN 2023 = ¥124.8 billion": "refused",
    "exports KOR CHN 2023 = 124.8 billion yen": "refused",
    "exports KOR CHN 2023 = 1248억 엔": "refused",
    "exports KOR CHN 2023 = 124.8 billion Canadian dollars": "refused",
    "exports KOR CHN 2023 = 124.8 billion won": "contradicted",
    "exports KOR CHN 2023 = 124.8 billion yuan": "contradicted",
    "exports KOR CHN 2023 = 163 trillion won": "supported",
    "exports KOR CHN 2023 = more than 162 trillion won": "not_checkable",
    "exports KOR CHN 2023 = more than 150 trillion won": "supported",
    "exports KOR CHN 2022->2023 = fell by 40 trillion won": "refused",
    # What is counted or measured otherwise is none of the metric's.
    "exports KOR CHN 2023 = 124.8 billion people": "refused",
    "수출 한국 중국 2023년 = 1248억 명": "refused",
    "visitor_arrivals KOR CHN 2016 = $8.07 million": "refused",
    "trade_rank KOR CHN 2023 = 1%": "refused",
    "trade_rank KOR CHN 2023 = $1": "refused",
    "export_share KOR CHN 2023 = $19.7": "refused",
    "export_share KOR CHN 2023 = second": "refused",
    "exports KOR CHN 2023 = third": "refused",
    "exports KOR CHN 2023 = 3 years": "refused",
    "gdp_growth CHN 2024 = twofold": "refused",
    # A denial is no claim.
    "exports KOR CHN 2023 != $124.8bn": "refused",
    "exports KOR CHN 2023 ≠ $124.8bn": "refused",
    "exports KOR CHN 2023 <> $124.8bn": "refused",
    "exports KOR CHN 2023 =! $124.8bn": "refused",
    "exports KOR CHN 2023 = not $124.8bn": "refused",
    # A bound is asked of the figure itself.
    "exports KOR CHN 2023 < $124bn": "contradicted",
    "exports KOR CHN 2023 < $124.8bn": "contradicted",
    "exports KOR CHN 2023 > $124.8bn": "supported",
    "exports KOR CHN 2023 >= $125bn": "contradicted",
    "exports KOR CHN 2023 ≥ $125bn": "contradicted",
    "exports KOR CHN 2023 <= $125bn": "supported",
    "exports KOR CHN 2023 = more than $125bn": "contradicted",
    "exports KOR CHN 2023 = nearly $125bn": "supported",
    "수출 한국 중국 2023년 = 1248억 달러 미만": "contradicted",
    "수출 한국 중국 2023년 = 1249억 달러 미만": "supported",
    "수출 한국 중국 2023년 = 1250억 달러 이상": "contradicted",
    "수출 한국 중국 2023년 = 1248억 달러를 넘었다": "supported",
    "exports KOR CHN 2023 = fell more than 20%": "contradicted",
    "exports KOR CHN 2023 = fell more than 19%": "supported",
    "exports KOR CHN 2023 = fell less than 20%": "supported",
    "exports_growth KOR CHN 2023 >= -20%": "supported",
    "exports_growth KOR CHN 2023 <= -20%": "contradicted",
    "balance KOR CHN 2023 = deficit of more than $18bn": "supported",
    "balance KOR CHN 2023 = deficit of more than $18.1bn": "contradicted",
    "balance KOR CHN 2023 > -$18bn": "contradicted",
    "balance KOR CHN 2023 at_least = -18bn": "refused",
    "exports KOR CHN 2023 more_than = about $120bn": "refused",
    # What is never below zero has no sign, and the accountant's bracket is one.
    "exports KOR CHN 2023 = -$124.8bn": "refused",
    "exports KOR CHN 2023 = ($124.8bn)": "refused",
    "exports KOR CHN 2023 = deficit of $124.8bn": "refused",
    "exports KOR CHN 2023 = surplus": "refused",
    "gdp_share.services CHN 2024 = -57%": "refused",
    "visitor_arrivals KOR CHN 2016 = -8.07 million": "refused",
    "balance KOR CHN 2018 = (55.6bn)": "contradicted",
    "balance KOR CHN 2023 = (18.0bn)": "supported_rounded",
    "balance KOR CHN 2023 = $(18.0) billion": "supported_rounded",
    "balance KOR CHN 2023 = surplus of -$18bn": "refused",
    # A deficit in trade is one of the balance.
    "교역 한국 중국 2023년 31년 만에 처음으로 적자": "supported",
    "total_trade KOR CHN 2023 = deficit of $18.0bn": "supported_rounded",
    # What must hold of each.
    "surplus_rank KOR CHN 2010-2018 each 1": "supported",
    "surplus_rank KOR CHN 2013-2019 each 1": "contradicted",
    "surplus_rank KOR CHN 2018-2024 each 1": "contradicted",
    "trade_rank KOR CHN 2010-2023 each 1": "supported",
    "exports KOR CHN 2017-2023 each more than $120bn": "supported",
    "exports KOR CHN 2017-2023 each more than $130bn": "contradicted",
    "balance KOR CHN 2023-2025 each deficit of more than $5bn": "supported",
    "exports KOR CHN 2017-2023 each $124.8bn": "refused",
    # A part of a month is held by nobody here.
    "exports KOR CHN 2024-03-01..2024-03-10 = $3bn": "not_held",
    "exports KOR CHN the first ten days of March 2024 = $10.5bn": "not_held",
    "수출 한국 중국 2024년 3월 1~10일 = 30억 달러": "not_held",
    # Per cent is no percentage point.
    "exports_growth KOR CHN 2023 = fell 19.9 percentage points": "refused",
    "exports KOR CHN 2023 = fell 19.9%p": "refused",
    "export_share KOR CHN 2022->2023 = fell 3.1%": "contradicted",
    "export_share KOR CHN 2022->2023 = fell 3.05 percentage points": "supported_rounded",
    "export_share KOR CHN 2023 = fell 19.7%": "contradicted",
    "gdp_growth CHN 2024 = 5.0 percentage points": "contradicted",
    # The zeros of a long number are rounding; another basis is named.
    "visitor_arrivals_all KOR CHN 2016 = 8,070,000 people": "supported_rounded",
    "exports KOR CHN 2023 = $124,800,000,000": "supported_rounded",
    "exports KOR CHN 2023 = $124,900,000,000": "differs_in_last_digit",
    "exports KOR CHN 2023 = $125,300,000,000": "contradicted",
    "visitor_arrivals KOR CHN 2016 = 8,070,000": "supported_rounded",
    # Which way it went is claimed beside to how much.
    "exports KOR CHN 2023 = rose to $124.8bn": "contradicted",
    "exports KOR CHN 2023 = fell to $124.8bn": "supported_rounded",
    "balance KOR CHN 2024 = deficit rose to $6.9bn": "contradicted",
    "balance KOR CHN 2024 = deficit fell to $6.9bn": "supported_rounded",
    "gdp_growth CHN 2022 = fell 3.1%": "contradicted",
    "exports_growth KOR CHN 2023 = rose 19.9%": "contradicted",
    "balance KOR CHN 2018->2023 sign_change from deficit to surplus": "contradicted",
    "balance KOR CHN 2018->2023 sign_change from surplus to deficit": "supported",
    "balance KOR CHN 2018->2023 sign_change to surplus": "contradicted",
    "balance KOR CHN 2022->2023 = deficit rose 1,500%": "contradicted",
    "balance KOR CHN 2023 = fell $31bn": "refused",
    # How long.
    "balance KOR CHN 2023-01 first_in deficit 31 years": "refused",
    "balance KOR CHN 2025 streak deficit more than 3 years": "contradicted",
    "balance KOR CHN 2025 streak deficit at least 3 years": "supported",
    "balance KOR CHN 2025 streak deficit $3bn": "refused",
    # An event, and a stage of it.
    "event_date E005.removed = 2015-06": "refused",
    "event_date E999 = 2015-06": "refused",
    "event_date E005.signed = 2015-06": "supported",
    "event_date E005.signed = 2015-12": "contradicted",
    "event_order E008-E007.implemented before": "supported",
    "event_order E008-E007.implemented = banana": "refused",
    # Digits without end.
    "exports KOR CHN 2023 = $" + "9" * 400: "refused",
    "exports KOR CHN " + "9" * 400 + " = $5bn": "refused",
}


@pytest.mark.parametrize(("line", "verdict"), JUDGED.items())
def test_what_is_said_is_judged_or_refused_as_it_deserves(evaluator: Evaluator, line: str, verdict: str) -> None:
    assert verdict_of(evaluator, line) == verdict
