"""Claims about figures converted from yuan and yen are judged within the conversion's tolerance."""

from __future__ import annotations

import pytest

from dagster_project.claims.evaluator import Evaluator
from tests.claims.making_claims import judge, told


@pytest.mark.parametrize(
    ("line", "verdict", "reason"),
    [
        # As China's customs printed it; the sum of the months' steps is 0.0198% below. It, and what rounds to it, is
        # borne out no less than what lies nearer.
        (
            "total trade CHN KOR 2024 = $328.02bn",
            "supported",
            "US$328.02bn, which is the claimed US$328.02bn within the accuracy of the conversion (±US$0.06",
        ),
        (
            "total trade CHN KOR 2024 = $328.08bn",
            "supported",
            "US$328.02bn, which is the claimed US$328.08bn within the accuracy of the conversion (±US$0.06",
        ),
        ("total trade CHN KOR 2024 = $328.1bn", "supported_rounded", "US$328.08bn, wh"),
        (
            "total trade CHN KOR 2024 = $328bn",
            "supported",
            "US$328.0bn, which is the claimed US$328bn within the accuracy of the conversion (±US$0.06",
        ),
        (
            "total trade CHN KOR 2024 = $328.2bn",
            "contradicted",
            "China's statistics give US$328.02bn, US$0.18bn less than the claimed US$328.2bn.",
        ),
        ("total trade CHN KOR 2024 >= $328.05bn", "not_checkable", "too close to US$328.05bn for a verdict"),
        ("total trade CHN KOR 2024 > $327.9bn", "supported", "more than US$327.9bn"),
        ("total trade CHN KOR 2024 = $328.40bn", "contradicted", "US$0.38bn less than the claimed US$328.40bn."),
        # The bulletin of September 2024 in thousand US$: 11,449,450 and 15,764,893 with Korea, 13,243,467 from Japan.
        (
            "exports CHN KOR 2024-09 = $11.449bn",
            "supported",
            "which is the claimed US$11.449bn within the accuracy of the conversion",
        ),
        (
            "imports CHN JPN 2024-09 = $13.243bn",
            "supported",
            "which is the claimed US$13.243bn within the accuracy of the conversion",
        ),
        ("imports CHN KOR 2024-09 = $15.80bn", "contradicted", "US$0.037bn less than the claimed US$15.80bn."),
        # From January on: 108,015,758 and 132,026,958, which the months do not add up to.
        (
            "exports CHN KOR 2024-01..2024-09 = $108.016bn",
            "supported",
            "which is the claimed US$108.016bn within the accuracy of the conv",
        ),
        (
            "imports CHN KOR 2024-01..2024-09 = $132.027bn",
            "supported",
            "which is the claimed US$132.027bn within the accuracy of the conv",
        ),
        # Of a balance each flow may be off.
        (
            "balance CHN KOR 2024-01..2024-09 = -$24.0112bn",
            "reporter_dependent",
            "accuracy of the conversion (±US$0.048",
        ),
    ],
)
def test_converted_dollars_are_judged_within_what_the_conversion_leaves_open(
    evaluator: Evaluator, line: str, verdict: str, reason: str
) -> None:
    word, why = told(judge(evaluator, line))
    assert word == verdict
    assert reason in why
    assert "from provisional figures in yuan at the monthly rates set by customs" in why


def test_an_official_print_of_converted_dollars_is_a_second_reading(evaluator: Evaluator) -> None:
    """Between the two, what is claimed differs in its last digit."""
    found = judge(evaluator, "total trade CHN KOR 2024 = $328.08bn")
    assert "China Customs, in People's Daily Online, gives US$328.08bn, as claimed." in told(found)[1]
    assert "The US$ are converted from provisional figures in yuan" in told(found)[1]
    # A rounder claim is held against the print, too; a finer one is not.
    assert "People's Daily" in told(judge(evaluator, "total trade CHN KOR 2024 = $328.1bn"))[1]
    assert "People's Daily" not in told(judge(evaluator, "total trade CHN KOR 2024 = $328.081bn"))[1]


def test_dollars_that_are_printed_have_no_tolerance(evaluator: Evaluator) -> None:
    word, why = told(judge(evaluator, "balance KOR CHN 2024 = -$6.867bn"))
    assert word == "reporter_dependent"
    assert "rates of customs" not in why


@pytest.mark.parametrize(
    ("line", "verdict", "reason"),
    [
        # The ministry's final print of 2024 has exports to Korea of 7,025,292.909 million yen; 2023 had 6,581,861.782.
        ("exports JPN KOR 2024 = 7.025tn yen", "supported_rounded", "Japan's statistics give JPY 7.0253tn"),
        # In the currency of the print, no exchange rate leaves anything open.
        (
            "exports JPN KOR 2024 = 7.12tn yen",
            "contradicted",
            "give JPY 7.0253tn, JPY 0.0947tn less than the claimed JPY 7.12tn.",
        ),
        # GACC prints 1,293,094.641605 million yuan of imports from Korea for the year to December 2024.
        ("imports CHN KOR 2024 = 1.293tn yuan", "supported_rounded", "China's statistics give CNY 1.2931tn"),
        ("imports CHN KOR 2024 = 1.325tn yuan", "contradicted", "CNY 0.0319tn less than the claimed CNY 1.325tn."),
        # 1,290 may be rounded to tens of billions, 1,300 to hundreds, of which no more than 1.5% count.
        (
            "imports CHN KOR 2024 = 1290bn yuan",
            "supported",
            "give CNY 1,293.1bn, within CNY 5bn of the claimed CNY 1,290bn.",
        ),
        ("imports CHN KOR 2024 = 1320bn yuan", "contradicted", "CNY 26.9bn less than the claimed CNY 1,320bn."),
        # A bound is no rounded number.
        (
            "imports CHN KOR 2024 more_than 1290bn yuan",
            "supported",
            "give CNY 1,293.1bn, which is more than CNY 1,290bn.",
        ),
        ("imports CHN KOR 2024 more_than 1300bn yuan", "contradicted", "which is not more than CNY 1,300bn"),
        ("exports JPN KOR 2024 = JPY 6.58tn", "contradicted", "JPY 0.4453tn more than the claimed JPY 6.58tn."),
        ("exports JPN KOR 2024 = $46.4bn", "supported", "in yen at the average rate of 2024, with a tolerance of"),
        # In US$ it is a fall.
        ("exports JPN KOR 2024 = 6.7%", "supported_rounded", "The number is the growth in yen, the currency in which"),
        ("exports JPN KOR 2024 = 5.7%", "contradicted", "give a fall of 0.93%, not a rise of 5.7%."),
        # No monthly rate of the yen is held.
        ("exports JPN KOR 2020-06 = 300bn yen", "not_held", ""),
    ],
)
def test_years_in_yen_are_judged_in_yen_and_by_the_average_rate(
    evaluator: Evaluator, line: str, verdict: str, reason: str
) -> None:
    word, why = told(judge(evaluator, line))
    assert word == verdict, why
    assert reason in why
