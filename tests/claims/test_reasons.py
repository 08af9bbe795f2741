"""The reasons of verdicts as readers see them."""

from __future__ import annotations

import pytest

from dagster_project.claims.reasons import write_reason
from dagster_project.languages import use_language


@pytest.mark.parametrize(
    ("reason", "written"),
    [
        ("This happened on 2015-06-01, not in 2015-12.", "This happened on 1 June 2015, not in December 2015."),
        (
            "This happened in 2025-11, not from 2025-10-21 to 2025-10-31.",
            "This happened in November 2025, not from 21 to 31 October 2025.",
        ),
        ("No figures.\nRun `bilateral refresh kcs`.", "No figures.\nRun `bilateral refresh kcs`."),
    ],
)
def test_a_reason_has_its_days_in_words(reason: str, written: str) -> None:
    assert write_reason(reason) == written


def test_a_reason_is_translated_with_its_offer() -> None:
    with use_language("ko"):
        assert write_reason("The figures confirm the claim.\nThere is no question 9.") == (
            "통계는 주장을 뒷받침한다.\n질문 9는 없다."
        )
