"""Dagster is told of every snapshot, table and check, cheaply; its runs build what the shell builds."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.freshness import CronFreshnessPolicy

from dagster_project import publication
from dagster_project.defs import automation
from dagster_project.defs.refresh import list_live
from dagster_project.project import WAREHOUSE_VARIABLE, Project
from dagster_project.sources import is_live, list_datasets
from tests import making
from tests.pipeline.test_publishing import table_hashes


def specs(defs: dg.Definitions) -> dict[str, dg.AssetSpec]:
    return {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}


def test_definitions_load_and_every_asset_says_what_it_is(defs: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(defs)
    for name, spec in specs(defs).items():
        assert spec.description, name
        assert spec.group_name, name
        assert spec.kinds, name
        assert "dagster/code_references" in spec.metadata, name
        if spec.key.path[0] in {"raw", "staging", "core", "marts", "meta"}:
            assert spec.metadata["dagster/table_name"] == name.replace("/", "."), name
            assert spec.metadata["dagster/column_schema"].columns, name


def test_every_dataset_model_and_expectation_is_there(defs: dg.Definitions) -> None:
    from dagster_project.audit.suites import load_suites
    from dagster_project.catalog import Catalog
    from dagster_project.claims import register
    from dagster_project.defs.claims import build_check_name

    project = Project.find()
    registered = register.read_register(project.claims)
    known = specs(defs)
    for dataset in list_datasets():
        assert f"snapshots/{dataset.table}" in known
        assert f"raw/{dataset.table}" in known
    assert {name.replace(".", "/") for name in Catalog(project).models} <= set(known)
    assert "publication" in known
    checks = {(key.asset_key.to_user_string(), key.name) for key in defs.resolve_asset_graph().asset_check_keys}
    expected = {
        (name.replace(".", "/"), e.check) for name, suite in load_suites(project).items() for e in suite.expectations
    }
    claims = {
        ("marts/claim_verdicts", build_check_name(claim.claim_id)) for _, claim in register.list_claims(registered)
    }
    assert claims
    answered = {(f"refresh/{dataset.table}", "answered") for _, dataset in list_live()}
    assert answered
    fresh = {
        (f"staging/{dataset.table}", "reaches_as_far_as_the_publisher")
        for dataset in list_datasets()
        if is_live(dataset.path)
    }
    assert checks == expected | claims | answered | fresh


def test_assets_say_where_they_belong_and_when_they_are_due(defs: dg.Definitions) -> None:
    for name, spec in specs(defs).items():
        schema = spec.key.path[0]
        if schema in {"refresh", "snapshots", "raw"}:
            assert spec.tags["source"] == spec.key.path[1].partition("__")[0], name
        # What runs by itself is a schedule or a sensor, which says why.
        assert spec.automation_condition is None, name
    policy = specs(defs)["publication"].freshness_policy
    assert isinstance(policy, CronFreshnessPolicy)
    # The day after Korea's customs are asked.
    customs = defs.resolve_schedule_def("update_kcs")
    assert "15" in customs.cron_schedule[0]
    assert (policy.deadline_cron, policy.timezone) == ("0 12 16 * *", customs.execution_timezone)


@pytest.mark.long
def test_loading_them_imports_neither_great_expectations_nor_pandas() -> None:
    program = (
        "import sys, json\nfrom dagster_project.definitions import defs\ndefs().get_repository_def()\n"
        "heavy = {'great_expectations', 'pandas', 'scipy', 'altair', 'httpx', 'numpy', 'lxml'}\n"
        "print(json.dumps(sorted(heavy & set(sys.modules))))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == []


@pytest.mark.long
def test_the_sensor_asks_for_a_build_of_what_is_not_published_once(
    warehouse: Project, defs: dg.Definitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(automation, "find_project", lambda: warehouse)
    sensor = defs.resolve_sensor_def("changed_snapshots")

    def tick(cursor: str | None) -> tuple[int, str | None]:
        with dg.DagsterInstance.ephemeral() as instance:
            context = dg.build_sensor_context(
                instance=instance, cursor=cursor, repository_def=defs.get_repository_def()
            )
            ticked = sensor.evaluate_tick(context)
        return len(ticked.run_requests or []), ticked.cursor

    # The shell has built from what is there.
    assert tick(None) == (0, "")
    making.edit(warehouse, "kcs/goods_monthly", lambda rows: rows[:-1])
    asked, changed = tick("")
    assert asked == 1
    assert tick(changed) == (0, changed)
    # Once the change is undone there is nothing to build, and when it comes again there is.
    edited = warehouse.warehouse / "edited"
    shutil.move(warehouse.snapshots, edited)
    shutil.copytree(Project.find().snapshots, warehouse.snapshots)
    assert tick(changed) == (0, "")
    shutil.rmtree(warehouse.snapshots)
    shutil.move(edited, warehouse.snapshots)
    assert tick("") == (1, changed)
    # Nothing is published: everything has to be built.
    warehouse.published_file.unlink()
    assert tick("") == (1, changed)


@pytest.mark.long
def test_a_run_of_the_job_builds_what_the_shell_builds(
    warehouse: Project, defs: dg.Definitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    from_the_shell = table_hashes(warehouse)
    # With neither a publication nor a work file there is nothing that could be kept.
    shutil.rmtree(warehouse.publications)
    warehouse.published_file.unlink()
    warehouse.work_file.unlink()
    monkeypatch.setenv(WAREHOUSE_VARIABLE, str(warehouse.warehouse))
    with dg.DagsterInstance.ephemeral() as instance:
        result = defs.resolve_job_def("build_warehouse").execute_in_process(
            instance=instance, run_config={"resources": {"warehouse": {"config": {"keep": 0}}}}
        )
        assert result.success
        made = {event.asset_key.to_user_string(): event for event in result.get_asset_materialization_events()}
        checks = result.get_asset_check_evaluations()
    assert table_hashes(warehouse) == from_the_shell
    assert list(warehouse.publications.rglob("*.duckdb")) == []
    assert {"publication", "report"} <= set(made)
    assert checks
    assert all(check.passed or check.severity == dg.AssetCheckSeverity.WARN for check in checks)
    metadata: Any = made["marts/trade_balance_annual"].materialization.metadata
    assert metadata["dagster/row_count"].value > 0
    assert {column.name for column in metadata["dagster/column_schema"].schema.columns} >= {
        "balance_usd",
        "sign_flipped",
    }
    assert metadata["dagster/column_lineage"].lineage.deps_by_column["balance_usd"]


@pytest.mark.long
def test_a_table_or_the_checks_of_one_can_run_alone(
    warehouse: Project, defs: dg.Definitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(WAREHOUSE_VARIABLE, str(warehouse.warehouse))
    before = publication.get_current_id(warehouse)
    table = dg.AssetKey(["marts", "trade_balance_annual"])
    checks = {key for key in defs.resolve_asset_graph().asset_check_keys if key.asset_key == table}
    alone = {
        "checks": dg.define_asset_job("checks", dg.AssetSelection.checks(*checks)),
        "table": dg.define_asset_job("table", dg.AssetSelection.assets(table) - dg.AssetSelection.checks(*checks)),
    }
    ran = {}
    for name, job in alone.items():
        resolved = dg.Definitions.merge(defs, dg.Definitions(jobs=[job])).resolve_job_def(name)
        with dg.DagsterInstance.ephemeral() as instance:
            result = resolved.execute_in_process(instance=instance)
        evaluated = {evaluation.asset_check_key for evaluation in result.get_asset_check_evaluations()}
        ran[name] = ({event.asset_key for event in result.get_asset_materialization_events()}, evaluated)
    assert ran == {"checks": (set(), checks), "table": ({table}, set())}
    assert publication.get_current_id(warehouse) == before


@pytest.mark.long
def test_what_is_downstream_of_a_new_snapshot_can_be_published(
    warehouse: Project, defs: dg.Definitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As the conditions of the assets ask for it.
    before = publication.get_current_id(warehouse)
    making.edit(warehouse, "frb/exchange_rates_monthly", lambda rows: rows[:-1])
    monkeypatch.setenv(WAREHOUSE_VARIABLE, str(warehouse.warehouse))
    downstream = dg.AssetSelection.assets(dg.AssetKey(["raw", "frb__exchange_rates_monthly"])).downstream()
    job = dg.define_asset_job("downstream", downstream)
    resolved = dg.Definitions.merge(defs, dg.Definitions(jobs=[job])).resolve_job_def("downstream")
    with dg.DagsterInstance.ephemeral() as instance:
        result = resolved.execute_in_process(instance=instance)
        made = {event.asset_key.to_user_string() for event in result.get_asset_materialization_events()}
        logs = instance.all_logs(result.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED)
        planned = {
            str(log.get_dagster_event().asset_key and log.get_dagster_event().asset_key.path[-1]) for log in logs
        }
    assert {"core/exchange_rates", "publication", "report"} <= made
    assert "exchange_rates" in planned
    assert "goods_trade_observations" not in planned
    assert publication.get_current_id(warehouse) != before


@pytest.mark.long
def test_a_failing_critical_check_stops_the_run_and_shows_its_rows(
    warehouse: Project, defs: dg.Definitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = publication.get_current_id(warehouse)
    # Of all datasets with a rule that stops a build, few tables depend on this one.
    making.edit(warehouse, "frb/exchange_rates_monthly", making.invert_a_rate)
    monkeypatch.setenv(WAREHOUSE_VARIABLE, str(warehouse.warehouse))
    with dg.DagsterInstance.ephemeral() as instance:
        result = defs.resolve_job_def("build_warehouse").execute_in_process(instance=instance, raise_on_error=False)
        failed = [check for check in result.get_asset_check_evaluations() if not check.passed]
    assert not result.success
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    assert failure.step_key == "warehouse"
    said = failure.step_failure_data.user_failure_data
    assert said is not None
    assert said.description is not None
    stopping = [check for check in failed if check.severity == dg.AssetCheckSeverity.ERROR]
    assert stopping
    staging = dg.AssetKey(["staging", "frb__exchange_rates_monthly"])
    (inverted,) = [
        check for check in stopping if (check.asset_key, check.check_name) == (staging, "each_rate_is_whole")
    ]
    rows: Any = inverted.metadata["failing_rows"]
    (row,) = (record.data for record in rows.records)
    assert (row["currency_code"], row["period_start"]) == ("CNY", "2023-05-01")
    assert float(row["exchange_rate"]) < 1
    assert "frb/exchange_rates_monthly/" in row["snapshot_id"]
    for check in stopping:
        # The error of the run names all of them, each with its rows.
        assert f"{'.'.join(check.asset_key.path)}: {check.check_name} (critical" in said.description
    assert "currency_code=CNY" in said.description
    assert said.metadata["audit"].value == str(warehouse.failed_audit)
    assert publication.get_current_id(warehouse) == before
