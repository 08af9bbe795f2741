"""Corrections: valid and invalid files, and the rows made from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.reference import corrections
from tests.sources.committed import ROOT, reference, rows


def test_corrections_name_the_value_they_saw_of_every_partner() -> None:
    listed = corrections.load_corrections(Project.at(ROOT))
    named = {}
    for row in listed.rows:
        found = dict(zip(listed.columns, row, strict=True))
        assert (found["source"], found["dataset"], found["covers_every_partner"]) == ("imf", None, True)
        named[found["flow"], found["partner_code"]] = found["observed_value_usd"]
    codes = {row["code"]: row["economy_code"] for row in reference("economy_codes") if row["scheme"] == "imf_name"}
    seen = {
        (r["flow"], codes[r["partner_name"]]): pytest.approx(float(r["value_musd"]) * 1e6, abs=1)
        for r in rows("imf/goods_monthly")
        if (r["reporter_name"], r["month"]) == ("South Korea", "2017-04") and r["partner_name"] != "South Korea"
    }
    assert named == seen


CORRECTION = """
correction_id: slip
source: imf
reporter_code: KOR
partner_code: "*"
flow: export
frequency: M
period_start: 2017-04-01
observed_value_usd: {CHN: 96, JPN: 50.5}
tolerance_pct: 0.5
action: exclude
reason: It is too low.
evidence: Customs.
"""


def correct(warehouse: Project, text: str) -> Project:
    folder = warehouse.corrections
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "slip.yml").write_text(text, encoding="utf-8")
    return warehouse


def test_a_correction_of_every_partner_has_a_row_for_each_that_was_seen(tmp_path: Path) -> None:
    listed = corrections.load_corrections(correct(Project.at(tmp_path), CORRECTION))
    found = [dict(zip(listed.columns, row, strict=True)) for row in listed.rows]
    assert [(row["partner_code"], row["observed_value_usd"], row["covers_every_partner"]) for row in found] == [
        ("CHN", 96, True),
        ("JPN", 50.5, True),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{CHN: 96, JPN: 50.5}", "96"),
        ("{CHN: 96, JPN: 50.5}", "{}"),
        ("{CHN: 96, JPN: 50.5}", "{NO: 96}"),
        ("{CHN: 96, JPN: 50.5}", "{CHN: low}"),
        ('partner_code: "*"', "partner_code: CHN"),
    ],
)
def test_a_correction_that_names_no_value_is_refused(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(BilateralError, match=r"slip\.yml, observed_value_usd: expected a number"):
        corrections.load_corrections(correct(Project.at(tmp_path), CORRECTION.replace(old, new)))
