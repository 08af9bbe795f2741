"""Each comparator says yes and no where a person with a pencil would."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dagster_project.claims.comparison import compare_value
from dagster_project.claims.evaluator import Evaluator
from dagster_project.claims.evidence import Value
from dagster_project.claims.query_limits import EvidenceError
from dagster_project.claims.statements import GRAMMAR, read_comparator
from dagster_project.claims.values import Comparator
from dagster_project.claims.verdicts import add_second_reading
from tests.claims.making_claims import claim, dollars, read_claim

BN = 1e9
PERCENT: dict[str, Any] = {"unit": "%", "decimals": 0}


@pytest.mark.parametrize(
    ("claimed", "decimals", "tolerance", "observed", "outcome", "reason"),
    [
        # The printed number itself; then the half of the last digit, either way, and just beyond it.
        (55.6, 1, None, 55.6, "supported", "a surplus of US$55.6bn, exactly as claimed"),
        (55.6, 1, None, 55.636463, "supported_rounded", "a surplus of US$55.64bn, which rounds to US$55.6bn"),
        (55.6, 1, None, 55.65, "supported_rounded", "a surplus of US$55.65bn, which rounds to US$55.6bn"),
        (55.7, 1, None, 55.65, "supported_rounded", "a surplus of US$55.65bn, which rounds to US$55.7bn"),
        # Beyond the half a number may have been cut, towards zero, until the next digit begins.
        (
            55.6,
            1,
            None,
            55.6501,
            "supported_rounded",
            "a surplus of US$55.6501bn, which is US$55.6bn with the last digits cut off",
        ),
        (55.6, 1, None, 55.6999, "supported_rounded", None),
        (-18.1, 1, None, -18.1999, "supported_rounded", None),
        # Nobody prints 30.97 as 30: the last digit of a small whole number is too much of it.
        (30, 0, None, 30.97, "contradicted", "a surplus of US$30.97bn, US$0.97bn larger than the claimed US$30bn"),
        (-30, 0, None, -30.97, "contradicted", None),
        (30, 0, None, 29.4, "contradicted", None),
        (30, 0, None, 30.4, "supported_rounded", None),
        (
            124,
            0,
            None,
            124.8,
            "supported_rounded",
            "a surplus of US$124.8bn, which is US$124bn with the last digits cut off",
        ),
        (57, 0, None, 57.6, "supported_rounded", None),
        # What is neither but no more than a digit away differs in it; on the edge it does, beyond it no more.
        (
            55.6,
            1,
            None,
            55.5499,
            "differs_in_last_digit",
            "a surplus of US$55.5499bn, not US$55.6bn: the claim is too high, but by no more than US$0.1bn",
        ),
        (55.6, 1, None, 55.7, "differs_in_last_digit", None),
        (55.6, 1, None, 55.5, "differs_in_last_digit", None),
        (
            55.6,
            1,
            None,
            55.7001,
            "contradicted",
            "a surplus of US$55.7001bn, US$0.1001bn larger than the claimed US$55.6bn",
        ),
        (55.6, 1, None, 55.4999, "contradicted", None),
        # Another sign is no other digit.
        (0.1, 1, None, -0.04, "contradicted", None),
        (-0.1, 1, None, 0.0, "contradicted", None),
        (0.0, 1, None, 0.09, "contradicted", None),
        # Below zero a half goes either way, too.
        (-18.0, 1, None, -18.039656, "supported_rounded", "a deficit of US$18.04bn, which rounds to US$18.0bn"),
        (-18.0, 1, None, -18.05, "supported_rounded", "a deficit of US$18.05bn, which rounds to US$18.0bn"),
        (-18.1, 1, None, -18.05, "supported_rounded", "a deficit of US$18.05bn, which rounds to US$18.1bn"),
        (
            -18.1,
            1,
            None,
            -18.039656,
            "differs_in_last_digit",
            "a deficit of US$18.04bn, not US$18.1bn: the claim is too high, but by no more than US$0.1bn",
        ),
        (18.0, 1, None, -18.0, "contradicted", "a deficit of US$18.0bn, not a surplus of US$18.0bn"),
        # A tolerance takes in what rounding does not, up to its edge.
        (-18.1, 1, {"absolute": 0.1}, -18.039656, "supported", None),
        (18.1, 1, {"absolute": 0.1}, 18.2, "supported", None),
        (18.1, 1, {"absolute": 0.1}, 18.2001, "contradicted", None),
        (200.0, 0, {"relative_pct": 1}, 198.0, "supported", None),
        (200.0, 0, {"relative_pct": 1}, 197.99, "contradicted", None),
        (200.0, 0, {"relative_pct": 1, "absolute": 5}, 195.0, "supported", None),
        # A tolerance narrower than the rounding leaves the rounding.
        (55.6, 1, {"absolute": 0.01}, 55.636463, "supported_rounded", None),
        (0.0, 1, None, 0.0, "supported", "a balance of US$0.0bn, exactly as claimed"),
    ],
)
def test_numbers_are_compared_as_printed(
    claimed: float, decimals: int, tolerance: Any, observed: float, outcome: str, reason: str | None
) -> None:
    found = compare_value(dollars(claimed, decimals, tolerance=tolerance), observed * BN)
    assert found.verdict == outcome
    assert reason is None or found.reason == f"The figures give {reason}."


def test_the_reason_of_a_tolerance_says_how_far_it_reaches() -> None:
    found = compare_value(dollars(55.5, tolerance={"absolute": 0.2}), 55.636463 * BN)
    assert found.reason == ("The figures give a surplus of US$55.64bn, within US$0.2bn of the claimed US$55.5bn.")


def test_the_last_digit_of_the_trade_associations_figures() -> None:
    # Korea Customs has a surplus of US$23,680.8m in 2020, of which the Korea International Trade Association prints
    # 23,680; and one of 24,284.8m in 2021, of which it prints 24,285.
    million = {"unit": "USD", "scale": "million"}
    assert compare_value(claim(claimed_value=23680, **million), 23680.8e6).reason == (
        "The figures give a surplus of US$23,680.8m, which is US$23,680m with the last digits cut off."
    )
    assert compare_value(claim(claimed_value=24285, **million), 24284.847e6).verdict == "supported_rounded"
    assert compare_value(claim(claimed_value=24283, **million), 24284.847e6).verdict == "contradicted"


def test_what_is_counted_has_no_last_digit() -> None:
    years = claim(claimed_value=11, unit="years")
    assert compare_value(years, 10).verdict == "contradicted"
    assert compare_value(years, 11.9).verdict == "supported_rounded"
    assert compare_value(claim(claimed_value=1.5, unit="persons", scale="million", decimals=1), 1.4e6).verdict == (
        "differs_in_last_digit"
    )


@pytest.mark.parametrize(
    ("claimed", "observed", "second", "outcome"),
    [
        # Korea Customs through KOSIS and through UN Comtrade on 2023; the trade association prints 18.1.
        (-18.1, -18.039656, -18.198307, "differs_in_last_digit"),
        # Farther from each than a digit, and between them, on their edges too.
        (-18.2, -18.04, -18.40, "differs_in_last_digit"),
        (-18.4, -18.04, -18.36, "differs_in_last_digit"),
        (-18.5, -18.04, -18.40, "contradicted"),
        (-17.9, -18.04, -18.40, "contradicted"),
        (0.1, -0.5, 0.4, "contradicted"),
        # A second reading takes no support away.
        (-18.0, -18.04, -18.40, "supported_rounded"),
    ],
)
def test_a_number_between_two_official_readings_differs_in_the_last_digit(
    claimed: float, observed: float, second: float, outcome: str
) -> None:
    one = dollars(claimed, second_reading={"source": "UN Comtrade", "evidence": "select 1"})
    found = add_second_reading(one, observed * BN, second * BN, "UN Comtrade", compare_value(one, observed * BN))
    assert found.verdict == outcome
    assert "UN Comtrade gives " in found.reason


@pytest.mark.parametrize(
    ("claimed", "observed", "outcome"),
    [
        ("in force", "in force", "supported"),
        ("in force", "signed", "contradicted"),
        (True, True, "supported"),
        (True, False, "contradicted"),
        (False, False, "supported"),
        # A day is claimed as precisely as it is printed.
        ("2015-12-20", date(2015, 12, 20), "supported"),
        ("2015-12-20", date(2015, 12, 21), "contradicted"),
        ("2015-12", date(2015, 12, 20), "supported"),
        ("2015-12", date(2015, 11, 30), "contradicted"),
        (2015, date(2015, 6, 1), "supported"),
        (2015, 2015, "supported"),
        (2015, 2016, "contradicted"),
        ("2015-12", "2015-12", "supported"),
        ("2015-12", "2015-12-20", "supported"),
        ("2015-12", "2015-11-30", "contradicted"),
    ],
)
def test_texts_truth_and_days_are_equal_or_not(claimed: Any, observed: Value, outcome: str) -> None:
    assert compare_value(claim(claimed_value=claimed), observed).verdict == outcome


@pytest.mark.parametrize(
    ("observed", "reason"),
    [
        (date(2025, 10, 30), "This happened on 2025-10-30, in line with the claim."),
        (date(2025, 10, 20), "This happened on 2025-10-20, not from 2025-10-21 to 2025-10-31."),
        (date(2025, 11, 1), "This happened on 2025-11-01, not from 2025-10-21 to 2025-10-31."),
    ],
)
def test_the_period_of_an_event_says_what_a_month_cannot(observed: date, reason: str) -> None:
    late = {"start": date(2025, 10, 21), "end": date(2025, 11, 15)}
    found = compare_value(claim(claimed_value="2025-10", period=late, period_type="event_date"), observed)
    assert found.reason == reason
    # Of a month nobody can tell.
    vague = compare_value(claim(claimed_value="2025-10", period=late, period_type="event_date"), "2025-10")
    assert (vague.verdict, vague.reason) == (
        "not_checkable",
        ("This happened in 2025-10; this does not tell whether it was from 2025-10-21 to 2025-10-31."),
    )
    early = {"start": date(2025, 11, 1), "end": date(2025, 11, 15)}
    assert compare_value(claim(claimed_value="2025-11", period=early, period_type="event_date"), "2025-10").verdict == (
        "contradicted"
    )
    # Of other claims the period says what the figures are about.
    assert compare_value(claim(claimed_value="2025-10", period=late), date(2025, 10, 2)).supports


@pytest.mark.parametrize(
    ("observed", "outcome"), [(342.0 * BN, "supported"), (378.0 * BN, "supported"), (341.9 * BN, "contradicted")]
)
def test_approximately_is_within_its_tolerance(observed: float, outcome: str) -> None:
    about = dollars(360, 0, comparator="approximately", tolerance={"relative_pct": 5})
    assert compare_value(about, observed).verdict == outcome


def test_approximately_does_not_look_at_how_it_was_printed() -> None:
    narrow = dollars(360, 0, comparator="approximately", tolerance={"absolute": 0.1})
    assert compare_value(narrow, 360.4 * BN).verdict == "contradicted"


@pytest.mark.parametrize(
    ("comparator", "observed", "outcome"),
    [
        ("at_least", 310.5 * BN, "supported"),
        ("at_least", 310.0 * BN, "supported"),
        # A bound is asked of the figure itself, however it would be printed.
        ("at_least", 309.6 * BN, "contradicted"),
        ("at_most", 309.4 * BN, "supported"),
        ("at_most", 310.0 * BN, "supported"),
        ("at_most", 310.4 * BN, "contradicted"),
        ("more_than", 310.0 * BN, "contradicted"),
        ("more_than", 310.1 * BN, "supported"),
        ("less_than", 310.0 * BN, "contradicted"),
        ("less_than", 309.9 * BN, "supported"),
    ],
)
def test_a_bound_holds_on_one_side(comparator: str, observed: float, outcome: str) -> None:
    assert compare_value(dollars(310, 0, comparator=comparator), observed).verdict == outcome


def test_a_bound_below_zero_is_the_smaller_number() -> None:
    deficit = dollars(-18, 0, comparator="at_most")
    assert compare_value(deficit, -20 * BN).verdict == "supported"
    assert compare_value(deficit, -17 * BN).verdict == "contradicted"
    assert (
        compare_value(dollars(310, 0, comparator="at_least", tolerance={"absolute": 2}), 308 * BN).verdict
        == "supported"
    )


@pytest.mark.parametrize(
    ("tolerance", "observed", "outcome"),
    [
        (None, 56.83, "supported_rounded"),
        (None, 56.4, "differs_in_last_digit"),
        (None, 55.9, "contradicted"),
        # Half a percentage point, and half a per cent of 57, which is 0.285.
        ({"absolute": 0.6}, 56.4, "supported"),
        ({"relative_pct": 0.5}, 56.72, "supported"),
        ({"relative_pct": 0.5}, 56.4, "differs_in_last_digit"),
    ],
)
def test_a_share_has_its_tolerance_in_points_or_in_per_cent(tolerance: Any, observed: float, outcome: str) -> None:
    share = claim(comparator="share", claimed_value=57, tolerance=tolerance, **PERCENT)
    assert compare_value(share, observed).verdict == outcome


def test_between_percentages_lie_percentage_points() -> None:
    found = compare_value(claim(comparator="share", claimed_value=57, **PERCENT), 55.0)
    assert found.reason == "The figures give 55%, not 57%."
    points = claim(claimed_value=2.0, unit="pp", decimals=1)
    assert (
        compare_value(points, 1.96).reason
        == "The figures give 1.96 percentage points, which rounds to 2.0 percentage points."
    )


def test_a_share_that_is_none_is_refused() -> None:
    for none in (-0.1, 100.1):
        with pytest.raises(EvidenceError, match="between 0 and 100"):
            compare_value(claim(comparator="share", claimed_value=57, **PERCENT), none)


@pytest.mark.parametrize(
    ("comparator", "claimed", "observed", "outcome"),
    [
        ("sign", "negative", -18.04 * BN, "supported"),
        ("sign", "positive", -18.04 * BN, "contradicted"),
        ("sign", "positive", 0.0, "contradicted"),
        ("sign", "zero", 0.0, "supported"),
        ("trend", "falling", -0.43, "supported"),
        ("trend", "rising", -0.43, "contradicted"),
        ("trend", "rising", 2, "supported"),
        ("trend", "flat", 0, "supported"),
        ("trend", "flat", 0.01, "contradicted"),
        ("sign_change", True, True, "supported"),
        ("sign_change", True, False, "contradicted"),
        ("sign_change", False, False, "supported"),
        ("first_since", 1992, 1992, "supported"),
        ("first_since", 1992, 1993, "contradicted"),
        ("first_since", "1992-08", date(1992, 8, 24), "supported"),
        ("first_since", "1992-08", date(1992, 9, 1), "contradicted"),
        ("record", 1, 1, "supported"),
        ("record", 1, 2, "contradicted"),
        ("record", 2, 2, "supported"),
        ("count", 3, 3, "supported"),
        ("count", 3, 2, "contradicted"),
        ("before", "2017-04", date(2017, 3, 31), "supported"),
        ("before", "2017-04", date(2017, 4, 1), "contradicted"),
        ("before", 0, -24, "supported"),
        ("before", 0, 0, "contradicted"),
        ("after", "2017-04", date(2017, 5, 1), "supported"),
        ("after", "2017-04", date(2017, 4, 30), "contradicted"),
        ("after", 0, 24, "supported"),
        ("after", 0, -24, "contradicted"),
        ("after", 2016, 2017, "supported"),
        # Two events, each as precisely as it is known.
        ("before", 0, "2016-08/2017-04-26", "supported"),
        ("after", 0, "2016-08/2017-04-26", "contradicted"),
        ("after", 0, "2016-08/2016-07-08", "supported"),
        ("before", 0, "2016-08/2016-08-04", "not_checkable"),
        ("after", 0, "2016-08/2016", "not_checkable"),
        ("after", 0, "2016-08/2016-08", "not_checkable"),
        ("after", 0, "2016-08-04/2016-08-04", "contradicted"),
        # One that is known less precisely than the other is claimed.
        ("before", "2017-04-26", 2017, "not_checkable"),
        ("before", "2017-04-26", "2017-03", "supported"),
        ("after", "2017-04-26", "2017-04", "not_checkable"),
        ("after", "2017-05", "2017-05", "contradicted"),
        ("first_since", "1992-08", 1992, "not_checkable"),
        ("equals", "2015-12", 2015, "not_checkable"),
        ("equals", "2016-08-04", "2016-08", "not_checkable"),
        ("equals", "2016-08", "2016-08", "supported"),
    ],
)
def test_the_other_comparators(comparator: str, claimed: Any, observed: Value, outcome: str) -> None:
    found = compare_value(claim(comparator=comparator, claimed_value=claimed), observed)
    assert found.verdict == outcome
    assert found.reason.endswith(".")


def test_near_zero_a_tolerance_makes_nothing_of_a_small_number() -> None:
    flat = claim(comparator="trend", claimed_value="flat", unit="pp", tolerance={"absolute": 0.5})
    assert compare_value(flat, 0.5).verdict == "supported"
    assert (
        compare_value(flat, -0.51).reason
        == "The trend line through the figures gives a fall of 0.51 percentage points: falling, not flat."
    )
    balanced = dollars_sign("zero", 1.0)
    assert compare_value(balanced, 0.9 * BN).verdict == "supported"
    assert compare_value(balanced, 1.1 * BN).verdict == "contradicted"
    some = claim(comparator="count", claimed_value=20, tolerance={"absolute": 2})
    assert compare_value(some, 22).verdict == "supported"
    assert compare_value(some, 23).verdict == "contradicted"


def dollars_sign(word: str, near: float) -> Any:
    return claim(
        comparator="sign", claimed_value=word, unit="USD", scale="billion", decimals=1, tolerance={"absolute": near}
    )


@pytest.mark.parametrize(
    ("comparator", "claimed", "observed"),
    [
        ("at_least", 1, "much"),
        ("at_least", 1, True),
        ("sign", "positive", date(2020, 1, 1)),
        ("sign_change", True, 1),
        ("record", 1, 1.5),
        ("count", 1, -1),
        ("first_since", 1992, "long ago"),
        ("equals", True, 1),
        ("equals", "a text", 1),
        ("after", 0, "2016-08/soon"),
        ("after", 0, "2016-08"),
    ],
)
def test_another_kind_of_value_is_a_failing_evidence(comparator: str, claimed: Any, observed: Value) -> None:
    unit = {"unit": "USD"} if comparator == "at_least" else {}
    with pytest.raises(EvidenceError, match="the SELECT gives") as refused:
        compare_value(claim(comparator=comparator, claimed_value=claimed, **unit), observed)
    assert refused.value.remedy


def test_what_only_a_metric_can_answer_is_no_comparator_of_a_claim_with_sql() -> None:
    for one in (one for one, grammar in GRAMMAR.items() if grammar.becomes):
        with pytest.raises(ValueError, match="is not for a claim with `evidence`"):
            claim(comparator=one, claimed_value=1)


def test_each_comparator_has_a_grammar_and_no_word_is_of_two() -> None:
    assert set(GRAMMAR) == set(Comparator)
    for comparator, grammar in GRAMMAR.items():
        assert {read_comparator(word) for word in (comparator, *grammar.words)} == {comparator}
    assert not any(GRAMMAR[Comparator(grammar.becomes)].becomes for grammar in GRAMMAR.values() if grammar.becomes)


@pytest.mark.parametrize(
    ("line", "observed", "reason"),
    [
        (
            "balance KOR CHN 2025 streak deficit 3 years",
            3,
            "The figures show a deficit for 3 years in a row up to 2025.",
        ),
        (
            "balance KOR CHN 2025 streak surplus 3 years",
            2,
            "The figures show a surplus for 2 years in a row up to 2025, not for 3.",
        ),
        (
            "balance KOR CHN 2023 streak deficit 3 years",
            1,
            "The figures show a deficit in 2023 alone, not for 3 years in a row.",
        ),
        (
            "balance KOR CHN 2018 streak deficit 3 years",
            0,
            "The figures show no deficit in 2018, let alone for 3 years in a row.",
        ),
        ("exports KOR CHN 2023 streak fell 2", 2, "The figures show a fall for 2 years in a row up to 2023."),
        # A growth of GDP above zero may still be lower than the year before.
        ("gdp_growth CHN 2024 streak fell 3 years", 0, "By the figures the count is 0, not 3."),
    ],
)
def test_a_streak_says_what_was_counted(evaluator: Evaluator, line: str, observed: int, reason: str) -> None:
    assert compare_value(read_claim(evaluator, line), observed).reason == reason


@pytest.mark.parametrize(
    ("line", "observed", "reason"),
    [
        ("balance KOR CHN 2018 = $55.6bn", 55.636e9, "a surplus of US$55.64bn, which rounds to US$55.6bn"),
        ("balance KOR CHN 2018 = $50bn", 50e9, "a surplus of US$50bn, exactly as claimed"),
        ("balance KOR CHN 2018 = -$50bn", 55.6e9, "a surplus of US$55.6bn, not a deficit of US$50bn"),
        ("exports KOR CHN 2018 = $162.1bn", 162.125e9, "US$162.12bn, which rounds to US$162.1bn"),
        ("exports_growth KOR CHN 2023 = -19.9%", -19.88, "a fall of 19.88%, which rounds to 19.9%"),
        ("exports_growth KOR CHN 2023 = 0.8 times", 0.801, "0.801 times, which rounds to 0.8 times"),
        ("gdp_growth KOR 2020 first_in fell 22 years", 22, "22 years, exactly as claimed"),
    ],
)
def test_a_surplus_and_a_growth_rate_are_named(evaluator: Evaluator, line: str, observed: float, reason: str) -> None:
    assert compare_value(read_claim(evaluator, line), observed).reason == f"The figures give {reason}."
