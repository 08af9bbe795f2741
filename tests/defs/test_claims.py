"""In Dagster a contradicted claim is reported, and only one without a verdict is an error."""

from __future__ import annotations

from typing import Any

import dagster as dg
import pytest

from dagster_project.claims import register
from dagster_project.defs.claims import build_check_name, build_claim_specs, describe_verdict
from dagster_project.project import Project

ROW: dict[str, Any] = {
    "claim_id": "surplus_2018",
    "verdict": "supported",
    "reason": "The figures give exactly US$55.6bn.",
    "verdict_then": "pending",
    "reason_then": "The figures for 2018-01-01 to 2018-12-31 as they stood on 2018-12-31 are not available.",
    "claimed_text": "55.6",
    "unit": "USD",
    "observed_text": "55600000000",
    "snapshot_ids": ["kosis/goods_annual/3bc67e4ea62d"],
    "alternate_reporter_code": "CHN",
    "alternate_reporter_text": "95800000000",
    "evidence_sql": "select 1",
    "alternate_sql": "select 2",
    "evidence_error": None,
}


@pytest.mark.parametrize("verdict", ["supported", "not_checkable", "contradicted"])
def test_a_verdict_is_reported_and_stops_nothing(verdict: str) -> None:
    result = describe_verdict("surplus_2018", {**ROW, "verdict": verdict})
    assert result.passed == (verdict != "contradicted")
    assert result.severity == dg.AssetCheckSeverity.WARN
    assert result.description == f"{verdict}: The figures give exactly US$55.6bn."
    assert result.metadata["other_reporter"].value == "CHN: 95800000000"
    assert result.metadata["evidence_sql"].value == "```sql\nselect 1\n```"
    assert result.metadata["verdict_then"].value == "pending"


def test_a_claim_without_a_verdict_is_an_error_that_names_its_evidence() -> None:
    failing = describe_verdict(
        "surplus_2018", {**ROW, "verdict": None, "evidence_error": "claim surplus_2018: evidence: no"}
    )
    missing = describe_verdict("surplus_2018", None)
    for result, said in ((failing, "claim surplus_2018: evidence: no"), (missing, "The claim has no verdict.")):
        assert not result.passed
        assert result.severity == dg.AssetCheckSeverity.ERROR
        assert result.description == said


def test_each_claim_of_the_register_is_a_check_that_links_to_its_file() -> None:
    articles = register.read_register(Project.find().claims)
    registered = list(register.list_claims(articles))
    specs = {spec.name: spec for spec in build_claim_specs(articles)}
    assert set(specs) == {build_check_name(claim.claim_id) for _, claim in registered}
    for article, claim in registered:
        spec = specs[build_check_name(claim.claim_id)]
        assert spec.description is not None
        assert claim.statement in spec.description
        reference: Any = spec.metadata["dagster/code_references"]
        assert reference.code_references[0].file_path.endswith(f"claims/{article.article_id}.yml")
