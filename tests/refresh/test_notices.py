"""Notices of a refresh: each refusal, a rejected key, and late figures."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dagster_project.publication.freshness import NewestPeriod
from dagster_project.refresh.notices import list_late_facts, list_result_facts
from dagster_project.refresh.refused import Refusal
from dagster_project.refresh.result import Result
from dagster_project.refresh.state import State


def test_a_key_that_one_dataset_of_a_source_found_refused_is_told_whatever_the_others_say() -> None:
    # The flash was over when the key was refused.
    found = [
        Result("kcs", "kcs/goods_monthly", planned=2, requests=1, stopped="key"),
        Result("kcs", "kcs/goods_flash", planned=1, answered=1, requests=1),
    ]
    for results in (found, found[::-1]):
        assert [fact.text for fact in list_result_facts(results)["key kcs"]] == ["kcs: the key is not accepted"]
    assert [len(list_result_facts(found[:1] * 2)["key kcs"]), list_result_facts(found[1:])["key kcs"]] == [1, []]


def test_silence_is_told_until_the_publisher_answers() -> None:
    silent = Result("imf", "imf/imts", planned=2, requests=1, skipped="no response (timed out)", stopped="silence")
    partly = Result("imf", "imf/other", planned=2, answered=1, requests=2, unanswered=["KOR: no response"])
    for results in ([silent, partly], [partly, silent]):
        (fact,) = list_result_facts(results)["silent imf"]
        assert fact.text.startswith(("imf: no response (timed out)", "imf: KOR: no response"))
    assert list_result_facts([Result("imf", "imf/imts", planned=1, answered=1, requests=1)])["silent imf"] == []


def test_a_refusal_is_told_until_the_dataset_is_asked_without_one() -> None:
    refused = Result("kcs", "kcs/goods_flash", requests=1)
    refused.refusals.append(Refusal("kcs/goods_flash", "KOR", "It is no flash.", Path("refused")))
    found = list_result_facts([refused])["refused kcs/goods_flash"]
    assert [(fact.name, fact.text) for fact in found] == [("KOR", "kcs/goods_flash KOR is refused: It is no flash.")]
    assert list_result_facts([Result("kcs", "kcs/goods_flash", requests=1)])["refused kcs/goods_flash"] == []
    # Who was not asked says nothing of what was told.
    assert list_result_facts([Result("kcs", "kcs/goods_flash")]) == {}


@pytest.mark.parametrize(
    ("freshness", "fault", "told"),
    [("late", "publisher", 1), ("late", "turned off", 0), ("due", "not asked", 0)],
)
def test_what_is_late_is_told_with_its_fault_unless_it_is_turned_off(freshness, fault, told) -> None:
    newest = NewestPeriod("imf", "imts", "A", "KOR", "2024", "2025", date(2026, 6, 1), date(2026, 7, 1), True)
    state = State("imf/imts", None, "not needed", 1, 1, None, "accepted", newest, freshness, fault)
    expected = [("imf/imts 2025", "imf/imts is late: 2025 was due on 2026-06-01 (publisher)")] * told
    assert [(fact.name, fact.text) for fact in list_late_facts([state])["late"]] == expected
