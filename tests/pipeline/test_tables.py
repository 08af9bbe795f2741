"""A build repeats only work whose inputs have changed, with the same result as a fresh build."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import pytest

from dagster_project import publication, snapshots
from dagster_project.audit.auditor import Auditor, Parts
from dagster_project.audit.results import CheckResult
from dagster_project.audit.suites import Suite, load_suites
from dagster_project.catalog import Catalog
from dagster_project.engines import Table
from dagster_project.engines.duckdb import DuckDB
from dagster_project.incremental.slices import Slicing
from dagster_project.models import Model
from dagster_project.pipeline import AuditFailed, build_warehouse, open_build
from dagster_project.project import Project
from tests import making
from tests.making import replace_text

pytestmark = pytest.mark.long

KOSIS = "kosis/goods_annual"


@dataclass
class Seen:
    """A record of the tables that builds have made and audited."""

    models: list[str] = field(default_factory=list)
    rules: list[tuple[str, str]] = field(default_factory=list)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    found = Seen()
    run, audit = DuckDB.make_table, Auditor.audit_suite

    def running(self: DuckDB, model: Model, slicing: Slicing | None = None) -> Table | None:
        found.models.append(model.name)
        return run(self, model, slicing)

    def auditing(self: Auditor, suite: Suite, parts: Iterable[Parts] = ()) -> list[CheckResult]:
        if suite.table != "main.warm_up":
            found.rules += [(suite.table, rule.check) for rule in suite.expectations]
        return audit(self, suite, parts)

    monkeypatch.setattr(DuckDB, "make_table", running)
    monkeypatch.setattr(Auditor, "audit_suite", auditing)
    return found


def published(project: Project) -> dict[str, list[tuple]]:
    """Return everything that a publication says about its content, without its time."""
    with publication.open_published(project) as connection:
        return {
            "tables": connection.execute("select * from meta.table_hashes order by all").fetchall(),
            "checks": connection.execute("select * from meta.checks order by all").fetchall(),
            "columns": connection.execute("select * from meta.columns order by all").fetchall(),
            "whole": connection.execute("select content_hash, table_count from meta.publication").fetchall(),
        }


def fresh(project: Project, folder: Path) -> dict[str, list[tuple]]:
    """Return the publication of a fresh build from the same inputs, in a new warehouse."""
    anew = making.inputs_of(project, folder)
    build_warehouse(anew, fresh=True)
    return published(anew)


def test_where_nothing_changed_nothing_is_made_audited_or_copied(project: Project, seen: Seen) -> None:
    before, put = publication.list_publications(project), project.published_file.stat()
    made, results = build_warehouse(project)
    assert (seen.models, seen.rules) == ([], [])
    assert [made] == before == publication.list_publications(project)
    assert project.published_file.stat().st_ino == put.st_ino
    assert len(results) == made.check_count


def test_a_published_file_that_somebody_wrote_to_is_put_right(project: Project, seen: Seen) -> None:
    good = published(project)
    project.published_file.chmod(0o644)
    with duckdb.connect(str(project.published_file)) as connection:
        connection.execute("update marts.trade_balance_annual set balance_usd = 0")
    build_warehouse(project)
    assert (seen.models, seen.rules) == ([], [])
    assert published(project) == good
    with publication.open_published(project) as connection:
        assert connection.execute("select max(balance_usd) > 0 from marts.trade_balance_annual").fetchone() == (True,)


def test_going_back_is_undone_by_the_next_build(project: Project) -> None:
    good = published(project)
    change_a_figure_of_a_model(project)
    build_warehouse(project)
    changed = published(project)
    assert changed != good
    publication.roll_back(project)
    assert published(project) == good
    build_warehouse(project)
    assert published(project) == changed


def add_snapshot(project: Project) -> None:
    """Add a later snapshot of a dataset with one figure changed."""
    newest = snapshots.find_snapshots(project, KOSIS)[-1]
    folder = newest.folder.with_name("unsealed")
    shutil.copytree(newest.folder, folder)
    lines = gzip.decompress((folder / "data.csv.gz").read_bytes()).decode().splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith("CHN,2001,"))
    code, year, exports, imports = lines[place].split(",")
    lines[place] = f"{code},{year},{int(exports) + 1000},{imports}"
    (folder / "data.csv.gz").write_bytes(gzip.compress("\n".join([*lines, ""]).encode(), mtime=0))
    replace_text(folder / "manifest.yml", f"known_from: {newest.manifest.known_from}", "known_from: 2026-11-01")
    snapshots.seal_snapshot(folder)


def change_a_model(project: Project) -> None:
    replace_text(project.sql / "core" / "economies.sql", "what: ", "what: Named. ")


def change_a_figure_of_a_model(project: Project) -> None:
    replace_text(project.sql / "marts" / "policy_timeline.sql", "events.title", "upper(events.title) as title")


def change_a_reference_row(project: Project) -> None:
    replace_text(
        project.reference / "source_precedence.csv",
        "Twelve customs months, through the central bank",
        "Twelve months, through the central bank",
    )


def change_a_suite(project: Project) -> None:
    replace_text(
        project.expectations / "marts" / "policy_timeline.yml", "    kwargs:", "    severity: warning\n    kwargs:"
    )


def take_an_expectation_away(project: Project) -> None:
    path = project.expectations / "marts" / "gdp_composition_annual.yml"
    path.write_text(path.read_text().rpartition("\n  - ")[0] + "\n")


def change_nothing(project: Project) -> None:
    """Change no input, but delete derived files."""
    project.work_file.write_bytes(project.work_file.read_bytes()[:50_000])


@dataclass(frozen=True)
class Change:
    """A change, some models that must be made again because of it, and some that must not."""

    change: Callable[[Project], None]
    again: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()


CHANGES = [
    Change(
        add_snapshot,
        again=frozenset({"staging.kosis__goods_annual", "core.goods_trade_annual", "marts.trade_balance_annual"}),
        kept=frozenset(
            {
                *("staging.kosis__goods_monthly", "core.policy_events", "marts.gdp_composition_annual"),
                # These look other datasets up in the table of snapshots.
                *("staging.worldbank__wdi", "core.macro_indicators_observations", "core.services_trade_observations"),
            }
        ),
    ),
    # The table holds what it held, so nobody who reads it is made again.
    Change(
        change_a_model,
        again=frozenset({"core.economies"}),
        kept=frozenset({"core.goods_trade_annual", "marts.trade_balance_annual"}),
    ),
    Change(
        change_a_figure_of_a_model,
        again=frozenset({"marts.policy_timeline"}),
        kept=frozenset({"core.policy_events", "marts.trade_balance_annual"}),
    ),
    Change(
        change_a_reference_row,
        again=frozenset({"core.goods_trade_annual"}),
        kept=frozenset({"core.goods_trade_observations", "staging.kosis__goods_annual"}),
    ),
    Change(change_a_suite, kept=frozenset({"marts.policy_timeline"})),
    Change(take_an_expectation_away, kept=frozenset({"marts.gdp_composition_annual"})),
    Change(change_nothing, again=frozenset({"staging.economy_codes", "marts.policy_timeline"})),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.change.__name__)
def test_what_changed_is_made_and_audited_again_and_nothing_else(change: Change, project: Project, seen: Seen) -> None:
    change.change(project)
    build_warehouse(project)
    again, audited = set(seen.models), list(seen.rules)
    assert change.again <= again
    assert not change.kept & again
    # What is audited is what a rule looks at that was made again, and the rules that are new.
    whole = {name for name, suite in load_suites(project).items() if {name, *suite.reads} & again}
    assert {table for table, _ in audited} <= whole | {"marts.policy_timeline"}
    assert len(set(audited)) == len(audited)
    if change.change is change_nothing:
        # All tables are audited, each rule once.
        rules = sum(len(suite.expectations) for suite in load_suites(project).values())
        assert {table for table, _ in audited} == set(load_suites(project))
        assert len(audited) == rules


def test_where_rules_alone_are_others_the_mapper_is_imported_all_the_same(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not in the thread that audits: SQLAlchemy is in use in the first one."""
    begun: list[threading.Thread] = []
    monkeypatch.setattr("dagster_project.pipeline.import_mapper", lambda: begun.append(threading.current_thread()))
    replace_text(project.expectations / "core" / "goods_trade_annual.yml", "notes: ", "notes: Also, ")
    build_warehouse(project)
    assert begun == [threading.current_thread()]


@pytest.mark.longest
def test_changes_one_after_another_come_to_what_a_fresh_build_comes_to(project: Project, tmp_path: Path) -> None:
    for change in CHANGES:
        # Without its work file a build is a fresh one, and would put right what the others had got wrong.
        if change.change is not change_nothing:
            change.change(project)
            build_warehouse(project)
    assert published(project) == fresh(project, tmp_path / "anew")


def test_an_audit_that_failed_is_not_forgotten_by_the_next_build(project: Project, seen: Seen) -> None:
    model = project.sql / "marts" / "trade_balance_annual.sql"
    replace_text(
        model, "years.imports_usd as balance_usd,\n    answers", "0 * years.imports_usd as balance_usd,\n    answers"
    )
    good = published(project)
    for audited_again in (True, False):
        seen.rules.clear()
        with pytest.raises(AuditFailed):
            build_warehouse(project)
        assert bool(seen.rules) == audited_again
        assert published(project) == good
    replace_text(
        model, "0 * years.imports_usd as balance_usd,\n    answers", "years.imports_usd as balance_usd,\n    answers"
    )
    build_warehouse(project)
    assert published(project) == good


KILLED = """
import os, signal, sys
from pathlib import Path
from dagster_project.pipeline import build_warehouse
from dagster_project.engines.duckdb import DuckDB
from dagster_project.project import Project

left = int(sys.argv[3])
run = DuckDB.make_table


def deadly(self, model, slicing):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return run(self, model, slicing)


DuckDB.make_table = deadly
build_warehouse(Project.at(Path(sys.argv[1]), warehouse=Path(sys.argv[2])))
"""


@pytest.mark.longest
def test_a_killed_build_leaves_nothing_that_the_next_one_trusts_wrongly(project: Project, tmp_path: Path) -> None:
    good = published(project)
    add_snapshot(project)
    for step in (2, 9):
        ran = subprocess.run(
            [sys.executable, "-c", KILLED, str(project.root), str(project.warehouse), str(step)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == -9, ran.stderr
        assert published(project) == good
    build_warehouse(project)
    assert published(project) == fresh(project, tmp_path / "anew")


def test_a_build_of_another_version_of_the_engine_makes_every_table(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def list_current() -> set[str]:
        with open_build(project) as work:
            work.inputs.receive_all()
            return {name for name in work.catalog.models if work.tables.is_current(name)}

    assert list_current() == set(Catalog(project).models)
    monkeypatch.setattr(DuckDB, "version", "another")
    assert list_current() == set()


def test_a_macro_passes_on_what_its_tables_hold(project: Project) -> None:
    """A macro holds no rows, so what it would read counts for those that read it."""
    with open_build(project) as work:
        table = "core.goods_trade_observations"
        model = replace(work.catalog.models["marts.policy_timeline"], depends_on=frozenset({"core.goods_trade_as_of"}))
        before = work.tables.hash_inputs(model)
        work.records.tables[table] = work.records.tables[table]._replace(content_hash="another content")
        work.tables.make_table("core.goods_trade_as_of")
        assert work.tables.hash_inputs(model) != before
