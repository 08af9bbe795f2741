"""Checks: for each suite in `expectations/` one set, a check an expectation.

Here: one factory, and how a result looks in Dagster. Not here: the expectations, or the running of them.

Every check is declared blocking, because an expectation that crashes stops a build whatever its severity; one that
fails as a warning is reported as WARN, which does not block.
"""

from collections.abc import Iterator

import dagster as dg

from dagster_project.audit.results import CheckResult
from dagster_project.audit.suites import Suite
from dagster_project.defs.common import code, key, loaded_suites, project
from dagster_project.defs.resources import Warehouse


def _sample(result: CheckResult) -> dict[str, dg.MetadataValue]:
    """The failing rows as a table."""
    if not result.sample:
        return {}
    names = list(result.sample[0])
    return {
        "failing_rows": dg.MetadataValue.table(
            records=[
                dg.TableRecord({name: "" if row[name] is None else str(row[name]) for name in names})
                for row in result.sample
            ],
            schema=dg.TableSchema(columns=[dg.TableColumn(name=name) for name in names]),
        )
    }


def _result(result: CheckResult) -> dg.AssetCheckResult:
    metadata: dict[str, dg.RawMetadataValue] = {"severity": result.severity, "status": result.status}
    if result.observed is not None:
        metadata["observed"] = str(result.observed)
    if result.unexpected_count is not None:
        metadata["unexpected_count"] = int(result.unexpected_count)
    if result.query is not None:
        metadata["query"] = dg.MetadataValue.md(f"```sql\n{result.query}\n```")
    if result.message is not None:
        metadata["message"] = result.message
    return dg.AssetCheckResult(
        asset_key=key(result.table),
        check_name=result.check,
        passed=result.status == "passed",
        severity=dg.AssetCheckSeverity.ERROR
        if result.severity == "critical" or result.status == "crashed"
        else dg.AssetCheckSeverity.WARN,
        description=result.message or result.notes,
        metadata={**metadata, **_sample(result)},
    )


def suite_checks(suite: Suite) -> dg.AssetChecksDefinition:
    """The checks of one table."""

    @dg.multi_asset_check(
        name=f"audit_{suite.table.replace('.', '__')}",
        specs=[
            dg.AssetCheckSpec(
                name=expectation.check,
                asset=key(suite.table),
                additional_deps=[key(table) for table in suite.reads],
                description=expectation.notes,
                blocking=True,
                metadata={
                    "severity": expectation.severity,
                    "expectation": expectation.type,
                    **code(project().expectations / f"{suite.table.replace('.', '/')}.yml"),
                },
            )
            for expectation in suite.expectations
        ],
        can_subset=True,
    )
    def checks(context: dg.AssetCheckExecutionContext, warehouse: Warehouse) -> Iterator[dg.AssetCheckResult]:
        wanted = {selected.name for selected in context.selected_asset_check_keys}
        for result in warehouse.build.verdicts(suite.table):
            if result.check in wanted:
                yield _result(result)

    return checks


@dg.definitions
def checks() -> dg.Definitions:
    return dg.Definitions(asset_checks=[suite_checks(suite) for suite in loaded_suites().values()])
