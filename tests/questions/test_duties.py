"""Answers about duty charged and origins of US imports agree with the Census Bureau's own rows."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from datetime import date
from functools import cache

import pytest

from tests.questions.conftest import Ask
from tests.sources.committed import SNAPSHOTS


@cache
def sum_rows(year: str) -> tuple[Counter[str], Counter[str]]:
    """Add up imports for consumption and duty of a year or month, by partner, over the Census Bureau's industries."""
    imports, duty = Counter[str](), Counter[str]()
    (path,) = (SNAPSHOTS / "us_census/imports_for_consumption_naics").glob("*/data.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["month"].startswith(year):
                imports[row["partner_code"]] += int(float(row["value_usd"]))
                duty[row["partner_code"]] += int(float(row["duty_usd"]))
    return imports, duty


def test_the_duty_on_chinese_goods_was_48_per_cent_in_may_2025(ask: Ask) -> None:
    """The order of 14 May lowered it to 30 points and more; what was bought before had met 145."""
    answer = ask("duty_charged")
    row = next(row for row in answer.rows if row["period_start"] == date(2025, 5, 1))
    imports, duty = sum_rows("2025-05")
    assert (row["imports_usd"], row["duty_usd"]) == (imports["CHN"], duty["CHN"])
    assert row["duty_rate_pct"] == pytest.approx(100 * duty["CHN"] / imports["CHN"])
    assert row["world_duty_rate_pct"] == pytest.approx(100 * duty["WLD"] / imports["WLD"])
    assert "2025-05-14 E038: Back to 10%" in row["tariff_steps"]
    assert " in January 2024 and peaked at 48.2% in May 2025." in answer.sentence


def test_who_has_no_figures_of_the_duty_is_told_who_has(ask: Ask) -> None:
    answer = ask("duty_charged", reporter="KOR", partner="CHN")
    assert (answer.state, answer.rows[0]["missing_code"]) == ("missing", "no_duty")
    assert "imports from some of its largest suppliers, not for South Korea's imports from China." in answer.missing[0]


def test_origins_moved_from_china_to_vietnam_and_mexico(ask: Ask) -> None:
    answer = ask("origins")
    early, late = sum_rows("2017")[0], sum_rows("2024")[0]
    for code in ("CHN", "MEX", "VNM"):
        row = next(row for row in answer.rows if row["partner_code"] == code)
        assert (row["from_year"], row["to_year"]) == (2017, 2024)
        assert row["from_share_pct"] == pytest.approx(100 * early[code] / early["WLD"])
        assert row["to_share_pct"] == pytest.approx(100 * late[code] / late["WLD"])
    assert sum(row["from_share_pct"] for row in answer.rows) == pytest.approx(100)
    assert answer.rows[0]["partner_code"] == "CHN"
    assert [row["partner_code"] for row in answer.rows[1:3]] == ["VNM", "MEX"]


@pytest.mark.long
def test_imports_fell_where_the_duty_rose_and_2025_is_refused(ask: Ask) -> None:
    assert ask("imports_by_dose", partner="KOR").missing[0].endswith("the United States' imports from South Korea.")
    answer = ask("imports_by_dose")
    lists, emergency = [row for row in answer.rows if row["kind"] == "declared"]
    assert (lists["status"], lists["conclusion"]) == ("estimated", "fall")
    assert lists["ci_low_pct"] < lists["estimate_pct"] < lists["ci_high_pct"] < 0
    assert (lists["placebo_count"], lists["placebos_that_move"]) == (3, 0)
    assert (emergency["status"], emergency["estimate_pct"]) == ("doses_alike", None)
    assert "The tariff lists are more detailed than the figures" in answer.sentence
    assert "There is no estimate for the change from 2024 to 2025, because the duty rose by similar" in answer.sentence
