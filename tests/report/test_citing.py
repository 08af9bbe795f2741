"""Figures are cited by their IDs."""

from __future__ import annotations

import csv
import io
import json

import pytest

from dagster_project.project import Project
from tests.cli.test_commands import run

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


def test_several_are_cited_in_the_order_in_which_they_are_asked_for(built: Project) -> None:
    asked = ["imports/KOR/CHN/2023@2025-06-19", "exports/KOR/CHN/2023@2025-06-19"]
    told = list(csv.DictReader(io.StringIO(run(built, "cite", *asked, "--format", "csv"))))
    assert [one["id"] for one in told] == asked
    assert [float(one["value"]) for one in told] == [142_857_338_000, 124_817_682_000]
    words = run(built, "cite", "-", stdin="\n".join(asked))
    assert words.index("142,857,338,000 US$") < words.index("124,817,682,000 US$")
    unknown = " ".join(run(built, "cite", asked[0], "balance/KOR/CHN/2023@1999-01-01", code=1).split())
    assert "on the day that each names: balance/KOR/CHN/2023@1999-01-01. Cite today's instead" in unknown
    assert "No figure ID was given" in run(built, "cite", "-", code=1)
    one = json.loads(run(built, "cite", asked[0], "--format", "json"))
    assert (one["id"], one["value"]) == (asked[0], 142_857_338_000)
    assert one["source"] == "Source: Korea Customs Service"
    assert "\nSource: Korea Customs Service\n" in words
