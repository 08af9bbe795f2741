"""The step that builds: the tables, checks and publication that a run selects, as events of one build.

Here: the one multi-asset, as Dagster's integration of dbt has one. Not here: what each asset and check is (`tables`,
`checks`, `claims`, `publication`), and the order of the work (`pipeline`).

One step has the work file open from its first table to the publication, so a refresh meanwhile changes nothing halfway.
"""

from collections.abc import Iterator

import dagster as dg

from dagster_project.defs import checks, claims, tables
from dagster_project.defs import publication as publishing
from dagster_project.defs.common import PUBLICATION, build_table_key, load_catalog
from dagster_project.defs.resources import Warehouse
from dagster_project.pipeline.records import Step
from dagster_project.pipeline.setting_aside import SettingAside
from dagster_project.snapshots.set_aside import SetAside

STEP = "warehouse"

Event = dg.MaterializeResult | dg.AssetCheckResult  # type: ignore[type-arg]


def build_warehouse_assets() -> dg.AssetsDefinition:
    """Declare every table, every check and the publication."""
    declared = load_catalog()
    claim_ids = [claim.claim_id for article in declared.claims for claim in article.claims]

    @dg.multi_asset(
        name=STEP,
        specs=[
            *(tables.build_table_spec(model) for model in declared.models.values()),
            publishing.build_publication_spec(),
        ],
        check_specs=[
            *(spec for suite in declared.suites.values() for spec in checks.build_check_specs(suite)),
            *claims.build_claim_specs(declared.claims),
        ],
        can_subset=True,
        # A second build waits for the first, and no refresh for either.
        pool="build",
    )
    def assets(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Iterator[Event]:
        def say_so() -> None:
            context.log.info("Another build is running in this warehouse: waiting for it to end.")

        def say_of(decision: SetAside) -> None:
            context.log.warning("Set aside: %s: %s: %s", decision.name, decision.rule, decision.reason)

        wanted, asked = context.selected_asset_keys, context.selected_asset_check_keys
        named = [name for name in declared.models if build_table_key(name) in wanted]
        suites = [
            name for name, suite in declared.suites.items() if not asked.isdisjoint(checks.list_check_keys(suite))
        ]
        if PUBLICATION in wanted:
            # A new snapshot changes more than is downstream of it: what looks it up, and rules that compare tables.
            # What is as it has to be is neither made nor audited again.
            named, suites = list(declared.models), list(declared.suites)
        with warehouse.open_build(say_so) as build:
            if PUBLICATION in wanted:
                steps: Iterator[Step] = SettingAside(build, named, suites, on_decision=say_of).run_steps()
            else:
                steps = build.run_steps(named, suites)
            for step in steps:
                if step.results is not None:
                    yield from (
                        checks.describe_result(result)
                        for result in step.results
                        if checks.build_check_key(result) in asked
                    )
                elif build_table_key(step.name) in wanted:
                    yield tables.report_table(declared.models[step.name], step.table, build.file.connection)
            judged = [claim_id for claim_id in claim_ids if claims.build_check_key(claim_id) in asked]
            verdicts = claims.read_verdicts(build.file.connection) if judged else {}
            yield from (claims.describe_verdict(claim_id, verdicts.get(claim_id)) for claim_id in judged)
            if PUBLICATION in wanted:
                yield publishing.publish_build(build, warehouse.keep)

    return assets


@dg.definitions
def warehouse() -> dg.Definitions:
    return dg.Definitions(assets=[build_warehouse_assets()])
