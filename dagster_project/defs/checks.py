"""Declare an asset check for each expectation of each suite in `expectations/`.

Here: the checks, and how Dagster shows their results. Not here: the step that runs them (`warehouse`).

A check that stops a publication is declared blocking. A build makes and audits all tables in one step, so the step
fails if a blocking check fails. The check of a known irregularity only warns; its description gives the cause.
"""

from collections.abc import Iterable

import dagster as dg

from dagster_project.audit.results import CheckResult
from dagster_project.audit.suites import Suite
from dagster_project.defs.common import build_table_key, describe_rows, link_code


def build_check_key(result: CheckResult) -> dg.AssetCheckKey:
    return dg.AssetCheckKey(build_table_key(result.table), result.check)


def list_check_keys(suite: Suite) -> list[dg.AssetCheckKey]:
    return [dg.AssetCheckKey(build_table_key(suite.table), rule.check) for rule in suite.expectations]


def describe_result(result: CheckResult) -> dg.AssetCheckResult:
    """Convert the result of a rule into Dagster's form, with a description and metadata."""
    metadata: dict[str, dg.RawMetadataValue] = {"severity": result.severity, "status": result.status}
    if result.observed is not None:
        metadata["observed"] = str(result.observed)
    if result.unexpected_count is not None:
        metadata["unexpected_count"] = int(result.unexpected_count)
    if result.query is not None:
        metadata["query"] = dg.MetadataValue.md(f"```sql\n{result.query}\n```")
    if result.message is not None:
        metadata["message"] = result.message
    if result.sample:
        metadata["failing_rows"] = describe_rows(result.sample)
    return dg.AssetCheckResult(
        asset_key=build_table_key(result.table),
        check_name=result.check,
        passed=result.passed,
        severity=dg.AssetCheckSeverity.ERROR
        if result.severity == "critical" or result.status == "crashed"
        else dg.AssetCheckSeverity.WARN,
        description=result.message or result.cause or result.notes,
        metadata=metadata,
    )


def build_check_specs(suite: Suite) -> list[dg.AssetCheckSpec]:
    """Declare the checks of one table."""
    key, code = build_table_key(suite.table), link_code(suite.path)
    return [
        dg.AssetCheckSpec(
            name=expectation.check,
            asset=key,
            description=expectation.notes,
            blocking=expectation.severity == "critical",
            metadata={"severity": expectation.severity, "expectation": expectation.type, **code},
        )
        for expectation in suite.expectations
    ]


def describe_failures(results: Iterable[CheckResult]) -> str:
    """List the failed checks in lines of text, each with its failing rows, as the command line does."""
    lines = []
    for result in results:
        count = f", {result.unexpected_count:,} rows" if result.unexpected_count else ""
        lines.append(f"{result.status} {result.table}: {result.check} ({result.severity}{count})")
        lines.append(f"  {result.message or result.cause or result.notes}")
        if result.observed and not result.sample:
            lines.append(f"  observed: {result.observed}")
        for row in result.sample:
            lines.append("  " + ", ".join(f"{name}={'' if value is None else value}" for name, value in row.items()))
    return "\n".join(lines)
