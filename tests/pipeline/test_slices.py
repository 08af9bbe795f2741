"""Tables made by slices, and their audits, equal those made as a whole."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from benchmarks import generate
from dagster_project import publication, snapshots
from dagster_project.audit.auditor import Auditor, Parts
from dagster_project.engines.duckdb import DuckDB
from dagster_project.errors import BilateralError
from dagster_project.models import find_upstream
from dagster_project.pipeline import AuditFailed, build_warehouse, open_build
from dagster_project.project import Project
from tests import making

GOODS = "comtrade/goods"
# More than any committed table has, so that only what is generated is large.
ROWS = 60_000
A_MONTH = 6_000
# One process makes the fixtures.
pytestmark = pytest.mark.long

# The months that are generated, and the one that a refresh adds.
MADE = [date(2030 + month // 12, month % 12 + 1, 1) for month in range(25)]
LARGE = ("staging.comtrade__goods", "core.goods_trade_observations", "core.product_trade", "core.product_trade_monthly")


@contextmanager
def large_is(rows: int) -> Iterator[None]:
    """Make tables with more than `rows` rows by slices, within the block."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dagster_project.engines.duckdb.SLICE_ROWS", rows)
        patch.setattr("dagster_project.incremental.changes.RENEWED_FROM", rows)
        yield


@pytest.fixture(scope="module")
def before(plain: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Build a warehouse by slices, before the refresh."""
    made = making.copy_of(plain, tmp_path_factory.mktemp("slices") / "warehouse")
    generate.generate(made, 24 * A_MONTH, months=24)
    with large_is(ROWS):
        build_warehouse(made)
    return made


@pytest.fixture
def project(before: Project, tmp_path: Path) -> Project:
    return making.copy_of(before, tmp_path / "warehouse")


@pytest.fixture(scope="module")
def after(plain: Project, before: Project, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[tuple], list[tuple]]:
    """Return the tables and checks after the refresh, from a fresh build that makes every table as a whole."""
    made = making.copy_of(plain, tmp_path_factory.mktemp("whole") / "warehouse")
    home = made.snapshots / GOODS
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(before.snapshots / GOODS, home)
    refresh(made)
    build_warehouse(made)
    return held(made)


def held(project: Project) -> tuple[list[tuple], list[tuple]]:
    with publication.open_published(project) as published:
        tables = published.sql("select * from meta.table_hashes order by table_name").fetchall()
        checks = published.sql("select * from meta.checks order by table_name, check_name").fetchall()
    return tables, checks


def revise(project: Project) -> None:
    """Add a snapshot of a month again, two months later, with one figure changed."""
    old = snapshots.find_snapshots(project, GOODS)[3]
    new = old.folder.with_name("unsealed-revision")
    new.mkdir()
    header, first, *others = old.data.read_text(encoding="utf-8").splitlines()
    fields = first.split(",")
    place = header.split(",").index("primary_value")
    fields[place] = str(int(fields[place] or 0) + 1)
    (new / old.data.name).write_text("\n".join([header, ",".join(fields), *others]) + "\n", encoding="utf-8")
    replace(old.manifest, retrieved_at=old.manifest.known_from + timedelta(60)).write_file(new / snapshots.MANIFEST)
    snapshots.seal_snapshot(new, known_from=old.manifest.known_from + timedelta(60))


def date_anew(project: Project) -> None:
    """Change the day from which a month's snapshot is known."""
    found = snapshots.find_snapshots(project, GOODS)[8]
    replace(found.manifest, known_from=found.manifest.known_from + timedelta(9)).write_file(
        found.folder / snapshots.MANIFEST
    )


def take_away(project: Project) -> None:
    found = snapshots.find_snapshots(project, GOODS)[12]
    for file in (*found.folder.iterdir(), found.folder):
        file.rmdir() if file.is_dir() else file.unlink()


def refresh(project: Project) -> None:
    """Add one month, revise one, change the day of one, and remove one."""
    generate.add_month(project, A_MONTH, month=24)
    revise(project)
    date_anew(project)
    take_away(project)


def test_slices_come_to_what_the_whole_comes_to(
    project: Project, after: tuple[list[tuple], list[tuple]], monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = held(project)
    refresh(project)
    renewed = {}
    renew = DuckDB.renew_slices

    def watch(engine, model, known, slicing, values):
        renewed[model.name] = values
        return renew(engine, model, known, slicing, values)

    asked: dict[str, list[Parts]] = {}
    audit = Auditor.audit_suite

    def listen(auditor, suite, parts=()):
        asked.setdefault(suite.table, []).extend(parts)
        return audit(auditor, suite, parts)

    monkeypatch.setattr(DuckDB, "renew_slices", watch)
    monkeypatch.setattr(Auditor, "audit_suite", listen)
    with large_is(ROWS):
        build_warehouse(project)
    assert held(project) == after
    assert after != earlier
    for table in LARGE:
        # Of the month that was dated anew only the days differ, which not every table has.
        assert len(renewed[table]) in {3, 4}, table
        # And each rule that can be is asked of these alone.
        in_parts = asked[table]
        assert in_parts
        for each in in_parts:
            # Of a month that was dated anew the staged rows are the same, and nothing is asked.
            (part,) = each.parts
            months = {value for value in MADE if f"date '{value}'" in part[table]}
            assert months <= renewed[table], each.checks
            assert len(months) >= 3, each.checks


def test_many_slices_are_made_in_packs(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten months more, three a statement: all of them in one would need the memory of all."""
    for month in range(24, 34):
        generate.add_month(project, A_MONTH, month=month)
    statements: list[str] = []
    replace_part = DuckDB.replace_part

    def count(engine, model, known, condition, select):
        statements.append(model.name)
        return replace_part(engine, model, known, condition, select)

    monkeypatch.setattr(DuckDB, "replace_part", count)
    with large_is(ROWS), open_build(project) as work:
        monkeypatch.setattr("dagster_project.engines.duckdb.SLICE_ROWS", 3 * A_MONTH)
        work.inputs.receive_all()
        for name in LARGE:
            for needed in sorted(work.catalog.models[name].depends_on - set(LARGE)):
                if needed in work.catalog.models:
                    work.tables.make_if_outdated(needed)
            sliced = work.tables.make_if_outdated(name)
            assert sliced is not None
            with monkeypatch.context() as patch:
                patch.setattr("dagster_project.engines.duckdb.SLICE_ROWS", 10**9)
                whole = work.engine.make_table(work.catalog.models[name])
            assert whole is not None
            assert (sliced.row_count, sliced.content_hash) == (whole.row_count, whole.content_hash)
    assert {name: statements.count(name) for name in LARGE} == dict.fromkeys(LARGE, 4)


def test_what_no_slice_of_has_changed_is_left_as_it_is(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another dataset is dated anew: every figure looks its snapshot up, and none of the large table's has that one."""
    (found, *_) = snapshots.find_snapshots(project, "worldbank/wdi")
    replace(found.manifest, known_from=found.manifest.known_from + timedelta(1)).write_file(
        found.folder / snapshots.MANIFEST
    )
    monkeypatch.setattr(DuckDB, "replace_part", lambda *_: pytest.fail("a part was made again"))
    with large_is(ROWS), open_build(project) as work:
        work.inputs.receive_all()
        table = "core.goods_trade_observations"
        before = work.records.tables[table]
        assert not work.tables.is_current(table)
        for name in work.catalog.models:
            if name in find_upstream(work.catalog.models, table):
                work.tables.make_if_outdated(name)
        made = work.tables.make_table(table)
        assert made is not None
        assert (made.row_count, made.content_hash) == before[:2]
        assert work.tables.is_current(table)


def test_a_small_table_that_is_made_as_a_whole_renews_no_more_than_what_differs(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One figure of one month, of a source whose table is far too small to be made a part at a time."""

    def raise_one(rows):
        rows[0]["exports_usd"] = str(int(rows[0]["exports_usd"]) + 1)
        return rows

    making.edit(project, "kcs/goods_monthly", raise_one)
    renewed = {}
    renew = DuckDB.renew_slices

    def watch(engine, model, known, slicing, values):
        renewed[model.name] = values
        return renew(engine, model, known, slicing, values)

    monkeypatch.setattr(DuckDB, "renew_slices", watch)
    table = "core.goods_trade_observations"
    with large_is(ROWS), open_build(project) as work:
        work.inputs.receive_all()
        content_hash = work.records.tables[table].content_hash
        for name in work.catalog.models:
            if name in find_upstream(work.catalog.models, table):
                work.tables.make_if_outdated(name)
        made = work.tables.make_if_outdated(table)
        assert made is not None
        assert made.content_hash != content_hash
        # Its three months: the snapshot that they came from is another one now.
        assert len(renewed[table]) == 3
        whole = work.engine.make_table(work.catalog.models[table])
        assert whole is not None
        assert (made.row_count, made.content_hash) == (whole.row_count, whole.content_hash)


def test_a_row_whose_month_cannot_be_read_stops_nothing(project: Project) -> None:
    """Of another flow than any that is kept, so that the model leaves it out."""

    def nonsense(rows):
        return [rows[0] | {"period": "209913", "flow_code": "RX"}, *rows]

    making.edit(project, GOODS, nonsense)
    with large_is(ROWS), open_build(project) as work:
        work.inputs.receive_all()
        for name in ("staging.economy_codes", LARGE[0]):
            work.tables.make_if_outdated(name)
        rows, content_hash, *_ = work.records.tables[LARGE[0]]
        whole = work.engine.make_table(work.catalog.models[LARGE[0]])
        assert whole is not None
        assert (rows, content_hash) == (whole.row_count, whole.content_hash)


@pytest.mark.longest
def test_what_an_interrupted_build_left_is_not_taken_for_a_slice(
    project: Project, after: tuple[list[tuple], list[tuple]]
) -> None:
    """A table was renewed, the build ended early, and nobody knows what that changed: what is made from it is whole."""
    refresh(project)
    with large_is(ROWS):
        with open_build(project) as work:
            work.inputs.receive_all()
            work.tables.make_table("staging.comtrade__goods")
        build_warehouse(project)
    assert held(project) == after


def test_a_rule_that_a_slice_breaks_is_shown_as_a_whole(project: Project) -> None:
    """A product of one digit, in one month that is new: the audit says just what it says of the whole."""
    generate.add_month(project, A_MONTH, month=24)

    def broad(rows):
        rows[0]["cmd_code"] = "8"
        return rows

    making.edit(project, GOODS, broad)
    with large_is(ROWS), pytest.raises(AuditFailed) as refused:
        build_warehouse(project)
    table = "staging.comtrade__goods"
    (found,) = (result for result in refused.value.results if result.table == table)
    with open_build(project) as work:
        (whole,) = (result for result in work.audit.auditor.audit_suite(work.catalog.suites[table]) if result.blocks)
    assert (found.check, found.unexpected_count, found.sample) == (whole.check, whole.unexpected_count, whole.sample)
    assert found.sample[0]["product_code"] == "8"


def test_a_code_that_nobody_knows_is_named_with_its_row_and_snapshot(project: Project) -> None:
    generate.add_month(project, A_MONTH, month=24)

    def nowhere(rows):
        rows[0]["reporter_code"] = "990"
        return rows

    making.edit(project, GOODS, nowhere)
    said = (
        r"staging\.comtrade__goods has 1 row without reporter_code: .*snapshot_id=comtrade/goods/.*reporter_label=990"
    )
    with large_is(ROWS), pytest.raises(BilateralError, match=said):
        build_warehouse(project)
