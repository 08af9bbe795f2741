"""The reasons of verdicts as readers see them."""

from __future__ import annotations

import pytest

from dagster_project.claims.reasons import write_reason


@pytest.mark.parametrize(
    ("reason", "written"),
    [
        (
            (
                "The figures give −US$418.23bn, not −US$419.2bn: US$0.97bn higher. China's statistics give US$1bn, the "
                "opposite sign."
            ),
            (
                "The figures give a deficit of US$418.23bn, not US$419.2bn: US$0.97bn smaller. China's statistics "
                "show the opposite, a surplus of US$1bn."
            ),
        ),
        (
            "By the figures the surplus of 2018 ranks 2, not 1. By China's statistics the surplus of 2018 ranks 1.",
            ("By the figures the surplus of 2018 ranks second, not first. By China's statistics it ranks first."),
        ),
        (
            "The trend line through the figures gives a change of −2 percentage points: falling, not rising.",
            "The trend line through the figures gives a fall of 2 percentage points: falling, not rising.",
        ),
        (
            "The figures give a change of −19.9%; the claim says less than −15%.",
            "The figures give a fall of 19.9%; the claim says a fall of more than 15%.",
        ),
        (
            "The figures give −US$17bn, which is not at most −US$18bn.",
            "The figures give a deficit of US$17bn, which is not a deficit of at least US$18bn.",
        ),
        (
            "The figures give −US$18.04bn, and the UN gives −US$18.2bn: both round to −US$18bn.",
            "The figures give a deficit of US$18.04bn, and the UN gives a deficit of US$18.2bn: both round to US$18bn.",
        ),
        ("This happened on 2015-06-01, not 2015-12.", "This happened on 1 June 2015, not in December 2015."),
        ("This happened on 2015-06-01, not 2015-12-20.", "This happened on 1 June 2015, not on 20 December 2015."),
        (
            "The number is right as first published on 2023-03 (KITA, in Daily), and has been revised since.",
            "The number is right as first published on March 2023 (KITA, quoted in Daily), and has been revised since.",
        ),
        (
            (
                "The figures give −US$2bn, as claimed. China's statistics for this period are not available, but "
                "figures quoted in print (China Customs, in a table) give US$12.7bn, the opposite sign."
            ),
            (
                "The figures give a deficit of US$2bn, as claimed. Figures of China Customs, known here only as quoted "
                "in a table, show the opposite, a surplus of US$12.7bn."
            ),
        ),
        (
            "South Korea's statistics give US$2bn. China's statistics give US$1bn for South Korea, the same sign.",
            "South Korea's statistics give US$2bn. China's statistics also show a surplus for South Korea, of US$1bn.",
        ),
        (
            "The figures give a change of −1.7%, not 5%: 6.7 percentage points lower.",
            "The figures give a fall of 1.7%, not a rise of 5%: 6.7 percentage points apart.",
        ),
        (
            (
                "The figures give −US$6.9bn: negative, not positive. China's statistics give US$5.3bn: positive, in "
                "line with the claim."
            ),
            (
                "The figures give a deficit of US$6.9bn, not a surplus. China's statistics give a surplus of US$5.3bn, "
                "in line with the claim."
            ),
        ),
        ("The figures give US$15.8bn, not US$18.7bn: US$2.9bn lower.",) * 2,
        ("The figures give −19.88%, which rounds to −19.9%.",) * 2,
    ],
)
def test_a_reason_names_deficits_and_falls(reason: str, written: str) -> None:
    assert write_reason(reason) == written
