"""The result of a refresh says whether a person should look at it, and whether it is over."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_project.refresh.refused import Refusal
from dagster_project.refresh.result import Result

REFUSAL = Refusal("example/trade_annual", "CHN", "It is cut.", Path("refused/CHN"))


@pytest.mark.parametrize(
    ("fields", "failed"),
    [
        ({}, False),
        ({"refusals": [REFUSAL]}, True),
        ({"unanswered": ["CHN: silence"]}, True),
        ({"stopped": "key"}, True),
        ({"stopped": "no key"}, False),
        ({"stopped": "quota"}, False),
    ],
)
def test_a_person_should_look_at_what_does_not_pass_by_itself(fields, failed) -> None:
    assert Result("example", "example/trade_annual", **fields).failed is failed


def test_it_is_over_when_each_request_is_answered_refused_or_given_up() -> None:
    result = Result("example", "example/trade_annual", planned=4, answered=1, already=1, unanswered=["JPN: silence"])
    assert not result.is_over
    result.refusals.append(REFUSAL)
    assert result.is_over


def test_counts_are_added_and_the_log_has_all_fields() -> None:
    result = Result("example", "example/trade_annual", new=1, refusals=[REFUSAL])
    result.add_counts({"new": 2, "bytes": 10})
    assert (result.new, result.bytes, result.changed) == (3, 10, 0)
    assert result.record == {**vars(result), "refusals": [["It is cut.", "refused/CHN"]]}
