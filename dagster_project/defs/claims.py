"""Declare, for each registered claim, a Dagster check that shows the verdict.

Here: the checks, and how Dagster shows a verdict. Not here: judging claims, which makes `marts.claim_verdicts`.

A contradicted claim is reported as WARN and stops nothing. A claim without a verdict, for example because its evidence
fails, is reported as ERROR, and a rule on `marts.claim_verdicts` stops the publication.
"""

from collections.abc import Iterable
from typing import Any

import dagster as dg
import duckdb

from dagster_project.claims.schema import Article
from dagster_project.database import fetch_records
from dagster_project.defs.common import build_table_key, find_project, link_code

VERDICTS = "marts.claim_verdicts"


def build_check_name(claim_id: str) -> str:
    return f"claim_{claim_id}"


def build_check_key(claim_id: str) -> dg.AssetCheckKey:
    return dg.AssetCheckKey(build_table_key(VERDICTS), build_check_name(claim_id))


def read_verdicts(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    """Read the row of each judged claim, by its ID."""
    return {row["claim_id"]: row for row in fetch_records(connection, f"from {VERDICTS}")}


def describe_verdict(claim_id: str, row: dict[str, Any] | None) -> dg.AssetCheckResult:
    """Convert a verdict into the result of a check, with a description and metadata."""
    if row is None or row["verdict"] is None:
        return dg.AssetCheckResult(
            asset_key=build_table_key(VERDICTS),
            check_name=build_check_name(claim_id),
            passed=False,
            severity=dg.AssetCheckSeverity.ERROR,
            description=(row or {}).get("evidence_error") or "The claim has no verdict.",
        )
    texts = ("verdict", "reason", "verdict_then", "reason_then", "claimed_text", "unit", "observed_text")
    metadata: dict[str, dg.RawMetadataValue] = {name: str(row[name]) for name in texts if row[name] is not None}
    metadata["snapshot_ids"] = ", ".join(row["snapshot_ids"] or ())
    if row["alternate_reporter_text"] is not None:
        whose = str(row["alternate_reporter_code"] or "another reporter")
        metadata["other_reporter"] = f"{whose}: {row['alternate_reporter_text']}"
    for name in ("evidence_sql", "alternate_sql"):
        if row[name] is not None:
            metadata[name] = dg.MetadataValue.md(f"```sql\n{row[name]}\n```")
    return dg.AssetCheckResult(
        asset_key=build_table_key(VERDICTS),
        check_name=build_check_name(claim_id),
        passed=row["verdict"] != "contradicted",
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{row['verdict']}: {row['reason']}",
        metadata=metadata,
    )


def build_claim_specs(articles: Iterable[Article]) -> list[dg.AssetCheckSpec]:
    """Declare a check for each claim."""
    return [
        dg.AssetCheckSpec(
            name=build_check_name(claim.claim_id),
            asset=build_table_key(VERDICTS),
            description=f"{claim.statement} ({article.publisher}, {article.published_on})",
            metadata={
                "article": article.article_id,
                "comparator": claim.comparator,
                **link_code(find_project().claims / f"{article.article_id}.yml"),
            },
        )
        for article in articles
        for claim in article.claims
    ]
