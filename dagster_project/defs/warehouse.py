"""Build in one step the tables, checks and publication that a run selects.

Here: the multi-asset, as in Dagster's integration of dbt. Not here: the declarations of assets and checks (`tables`,
`checks`, `claims`, `publication`), the events that a run reports (`reporting`), and the order of the work (`pipeline`).

The step keeps the work file open from the first table to the publication, so a refresh cannot affect the build.
A run that selects the publication makes and audits all outdated tables, selected or not. Changes are reported after the
publication, because a failed audit publishes none of them.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import dagster as dg

from dagster_project import publication
from dagster_project.audit.results import CheckResult
from dagster_project.defs import checks, claims, reporting, tables
from dagster_project.defs import publication as publishing
from dagster_project.defs.common import PUBLICATION, build_table_key, load_catalog
from dagster_project.defs.resources import Warehouse
from dagster_project.snapshots.set_aside import SetAside

if TYPE_CHECKING:
    from dagster_project.pipeline import Build

# A step yields results for the assets and checks that the run planned, and events for the others that it changed.
Event = dg.MaterializeResult | dg.AssetCheckResult | reporting.Event  # type: ignore[type-arg]


def build_warehouse_assets() -> dg.AssetsDefinition:
    """Declare every table, every check and the publication."""
    declared = load_catalog()

    @dg.multi_asset(
        name="warehouse",
        specs=[
            *(tables.build_table_spec(model) for model in declared.models.values()),
            publishing.build_publication_spec(),
        ],
        check_specs=[
            *(spec for suite in declared.suites.values() for spec in checks.build_check_specs(suite)),
            *claims.build_claim_specs(declared.claims),
        ],
        can_subset=True,
        # A second build waits for the first; refreshes wait for neither.
        pool="build",
        # After the steps that ask publishers, on which this step does not depend.
        op_tags={"dagster/priority": "-1"},
    )
    def assets(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Iterator[Event]:
        from dagster_project.pipeline import AuditFailed
        from dagster_project.pipeline.setting_aside import SetAsideSearch

        def log_waiting() -> None:
            context.log.info("Another build is running in this warehouse: waiting for it to end.")

        def log_decision(decision: SetAside) -> None:
            context.log.warning("Set aside: %s: %s: %s", decision.name, decision.rule, decision.reason)
            context.instance.add_run_tags(context.run.run_id, {"bilateral/set_aside": decision.name})

        with warehouse.open_build(log_waiting) as build:
            if PUBLICATION not in context.selected_asset_keys:
                yield from _make_selected(context, build)
                return
            # A new snapshot also affects tables that look it up, and rules that compare tables, so all outdated tables
            # and rules are selected.
            for _ in SetAsideSearch(build, declared.models, declared.suites, on_decision=log_decision).run_steps():
                pass
            try:
                build.publish_build(keep=warehouse.keep)
            except AuditFailed as error:
                yield from _report_changes(context, build, error.results)
                raise publishing.describe_refusal(build.project, error) from None
            yield from _report_changes(context, build)

    return assets


def _make_selected(context: dg.AssetExecutionContext, build: "Build") -> Iterator[Event]:
    """Make and audit the selected tables and checks in the work file, without publishing."""
    declared, asked = build.catalog, context.selected_asset_check_keys
    named = [name for name in declared.models if build_table_key(name) in context.selected_asset_keys]
    suites = [name for name, suite in declared.suites.items() if not asked.isdisjoint(checks.list_check_keys(suite))]
    for step in build.run_steps(named, suites):
        if step.results is None:
            yield tables.report_table(declared.models[step.name], step.table, build.file.connection)
        else:
            yield from (checks.describe_result(one) for one in step.results if checks.build_check_key(one) in asked)
    ids = [claim.claim_id for article in declared.claims for claim in article.claims]
    judged = [claim_id for claim_id in ids if claims.build_check_key(claim_id) in asked]
    verdicts = claims.read_verdicts(build.file.connection) if judged else {}
    yield from (claims.describe_verdict(claim_id, verdicts.get(claim_id)) for claim_id in judged)


def _report_changes(
    context: dg.AssetExecutionContext, build: "Build", refused: Sequence[CheckResult] = ()
) -> Iterator[Event]:
    """Report to Dagster all assets and checks that a build changed or that the run planned.

    `refused` has the results that stopped the publication; they are reported instead of the published results.
    """
    failed = {checks.build_check_key(result): checks.describe_result(result) for result in refused}
    planned = context.selected_asset_keys | context.selected_asset_check_keys
    withheld = {PUBLICATION, *failed} if failed else set()
    # If the first build is refused, nothing is published.
    if publication.get_current_id(build.project) is not None:
        with publication.open_published(build.project) as connection:
            for event in reporting.list_events(context.instance, build.project, connection, planned):
                key = event.asset_check_key if isinstance(event, dg.AssetCheckEvaluation) else event.asset_key
                if key not in withheld:
                    yield reporting.build_result(event) if key in planned else event
    for key, result in failed.items():
        yield result if key in planned else reporting.build_evaluation(key, result)


@dg.definitions
def warehouse() -> dg.Definitions:
    return dg.Definitions(assets=[build_warehouse_assets()])
