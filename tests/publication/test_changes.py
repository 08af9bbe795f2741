"""What changed between two publications, and why."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project import publication
from dagster_project.database import fetch_records
from dagster_project.errors import BilateralError
from dagster_project.models import Model
from dagster_project.pipeline import publishing
from dagster_project.project import Project
from dagster_project.publication import changes, meta

TRADE = Model.parse(
    """/*
what: Trade.
grain: [reporter_code, partner_code, year]
figures: [balance_usd]
columns:
  reporter_code: code | The reporter.
  partner_code: code | The partner.
  year: year | The year.
  balance_usd: US$ | The balance.
  exports_source: code | The source of exports.
  imports_source: code | The source of imports.
  snapshot_ids: list | The snapshots.
*/
select reporter_code, partner_code, year, balance_usd, exports_source, imports_source, snapshot_ids from core.figures
""",
    schema="marts",
    table="trade",
)
VERDICTS = Model.parse(
    """/*
what: Verdicts.
grain: [claim_id]
figures: [verdict]
columns:
  claim_id: code | The claim.
  verdict: code | The verdict.
*/
select claim_id, verdict from marts.trade
""",
    schema="marts",
    table="verdicts",
)
A, B, C = "kosis/goods_annual/aaa", "imf/goods_annual/bbb", "kosis/goods_annual/ccc"
FIRST = ("KOR", "CHN", 2023, -100.0, "kosis", [A])


@dataclass
class Published:
    """What a publication holds, as far as changes are told of it; a source is of both flows, or `exports/imports`."""

    trade: Sequence[tuple[Any, ...]] = (FIRST,)
    verdicts: Sequence[tuple[str, str]] = (("c1", "supported"),)
    snapshots: Sequence[str] = (A, B)
    corrections: Sequence[tuple[Any, ...]] = ()
    quarantine: Sequence[tuple[str, str, str]] = ()
    inputs: dict[tuple[str, str], str] = field(default_factory=dict)
    checks: Sequence[tuple[str, str, str]] = (("marts.trade", "holds", "passed"),)

    def write(self, path: Path, name: str) -> Path:
        inputs = {
            ("marts.trade", "sql"): "1",
            ("marts.trade", "core.figures"): str(self.trade),
            ("core.figures", "sql"): "1",
            ("marts.verdicts", "sql"): "1",
            ("marts.verdicts", "marts.trade"): str(self.trade),
            **self.inputs,
        }
        with duckdb.connect(str(path)) as connection:
            for schema in ("core", "marts", "meta"):
                connection.execute(f"create schema {schema}")

            def fill(table: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
                connection.execute(f"create table {table} ({columns})")
                for row in rows:
                    connection.execute(f"insert into {table} values ({', '.join('?' * len(row))})", list(row))

            contents = [(name, repr((self.trade, self.verdicts)))]
            fill("meta.publication", "publication_id varchar, content_hash varchar", contents)
            fill(
                "marts.trade",
                "reporter_code varchar, partner_code varchar, year integer, balance_usd double, "
                "exports_source varchar, imports_source varchar, snapshot_ids varchar[]",
                [(*row[:4], *(one or None for one in (row[4].split("/") * 2)[:2]), row[5]) for row in self.trade],
            )
            fill("marts.verdicts", "claim_id varchar, verdict varchar", self.verdicts)
            fill(
                "meta.snapshots",
                "snapshot_id varchar, source varchar, dataset varchar",
                [(one, *one.split("/")[:2]) for one in self.snapshots],
            )
            fill(
                "meta.corrections",
                "correction_id varchar, reporter_code varchar, partner_code varchar, flow varchar, frequency varchar, "
                "period_start date, is_current boolean",
                self.corrections,
            )
            fill(
                "meta.quarantine",
                "snapshot_id varchar, source varchar, dataset varchar, reason varchar, set_aside_by varchar",
                [(one, *one.split("/")[:2], reason, by) for one, reason, by in self.quarantine],
            )
            fill(
                "meta.inputs",
                "table_name varchar, input_name varchar, input_hash varchar",
                [(*key, value) for key, value in inputs.items()],
            )
            fill(
                "meta.table_hashes",
                "table_name varchar, content_hash varchar",
                [("marts.trade", repr(self.trade)), ("marts.verdicts", repr(self.verdicts))],
            )
            fill("meta.checks", "table_name varchar, check_name varchar, status varchar", self.checks)
        return path


def between(now: Path, before: Path) -> tuple[list[str], list[tuple[Any, ...]]]:
    with changes.compare_files(now, before, [TRADE, VERDICTS]) as connection:
        result = connection.execute(f"from {changes.TABLE} order by all")
        return [column[0] for column in result.description or []], result.fetchall()


def found(tmp_path: Path, earlier: Published, later: Published) -> list[dict[str, Any]]:
    before, now = earlier.write(tmp_path / "1.duckdb", "first"), later.write(tmp_path / "2.duckdb", "second")
    names, rows = between(now, before)
    assert names == list(meta.CHANGES.columns)
    every = [dict(zip(names, row, strict=True)) for row in rows]
    assert all(one["compared_with"] == "first" for one in every)
    return every


# The figure as it may stand later: of a new snapshot, of another source, or otherwise from the same snapshot.
NEWER, OTHER, MOVED = (
    (*FIRST[:3], balance, source, [snapshot])
    for balance, source, snapshot in ((-90.0, "kosis", C), (-95.0, "imf", B), (-95.0, "kosis", A))
)
RELEASED = {("core.figures", "raw.kosis__goods_annual"): "2"}
MISPRINT = (A, "A misprint.", "person")
OF_A_MONTH = ("wrong", "KOR", "CHN", "export", "M", "2023-04-01", True)
OF_A_YEAR = ("wrong", "KOR", "CHN", "export", "A", "2023-01-01")
# What is published earlier and later, each where it is not as in `Published`; the change, its cause and its reason.
CAUSES: dict[str, tuple[dict[str, Any], dict[str, Any], str, str, str]] = {
    "a new snapshot": ({}, {"trade": [NEWER], "snapshots": [A, B, C]}, "revised", "publisher", C),
    "new": ({"trade": []}, {"trade": [(*FIRST[:5], [C])], "snapshots": [A, B, C]}, "added", "publisher", C),
    "released again without it": (
        *({}, {"trade": [], "snapshots": [A, B, C], "inputs": RELEASED}),
        *("withdrawn", "publisher", "raw.kosis__goods_annual"),
    ),
    "a snapshot is gone": ({}, {"trade": [OTHER], "snapshots": [B]}, "revised", "publisher", f"no longer there: {A}"),
    "a correction of a month takes the year away": (
        *({}, {"trade": [OTHER], "corrections": [OF_A_MONTH]}),
        *("revised", "correction", "wrong"),
    ),
    "a correction applies again": (
        *({"corrections": [(*OF_A_YEAR, False)]}, {"trade": [], "corrections": [(*OF_A_YEAR, True)]}),
        *("withdrawn", "correction", "wrong"),
    ),
    "another source is chosen": (
        *({}, {"trade": [OTHER], "inputs": {("core.figures", "reference.source_precedence"): "2"}}),
        *("revised", "precedence", "reference.source_precedence"),
    ),
    "a person set it aside": (
        *({}, {"trade": [OTHER], "quarantine": [MISPRINT], "inputs": RELEASED}),
        *("revised", "person", "A misprint."),
    ),
    "a person set another figure of its snapshot aside": (
        *({}, {"trade": [MOVED], "quarantine": [MISPRINT], "inputs": RELEASED}),
        *("revised", "person", "A misprint."),
    ),
    "a person took in what a build had set aside": (
        *({"trade": [], "quarantine": [(A, "core.figures: holds: It jumps.", "build")]}, {"inputs": RELEASED}),
        *("added", "person", "core.figures: holds: It jumps."),
    ),
    "what a build sets aside of a new snapshot is the publisher's": (
        {"quarantine": [MISPRINT]},
        {"trade": [NEWER], "snapshots": [A, B, C], "quarantine": [MISPRINT, (C, "It jumps.", "build")]},
        *("revised", "publisher", C),
    ),
    "code of a table below": (
        *({}, {"trade": [MOVED], "inputs": {("core.figures", "sql"): "2"}}),
        *("revised", "code", "sql/core/figures.sql"),
    ),
    "a reference table": (
        *({}, {"trade": [MOVED], "inputs": {("core.figures", "reference.joint_months"): "2"}}),
        *("revised", "reference", "reference.joint_months"),
    ),
    "a flow is gone, and no source took its place": (
        *({}, {"trade": [(*FIRST[:3], None, "imf", [A])], "inputs": RELEASED}),
        *("withdrawn", "publisher", "raw.kosis__goods_annual"),
    ),
    "other rows of the publisher": (
        *({}, {"trade": [MOVED], "inputs": RELEASED}),
        *("revised", "publisher", "raw.kosis__goods_annual"),
    ),
}


@pytest.mark.parametrize(("earlier", "later", "change", "cause", "reason"), CAUSES.values(), ids=CAUSES)
def test_a_changed_figure_has_its_cause(
    earlier: dict[str, Any], later: dict[str, Any], change: str, cause: str, reason: str, tmp_path: Path
) -> None:
    (one,) = found(tmp_path, Published(**earlier), Published(**later))
    assert (one["table_name"], one["column_name"], one["unit"]) == ("marts.trade", "balance_usd", "US$")
    assert json.loads(one["key"]) == {"reporter_code": "KOR", "partner_code": "CHN", "year": 2023}
    assert (one["change"], one["cause"], one["reason"]) == (change, cause, reason)


def test_a_change_has_its_size_and_a_sign_that_flips_is_named(tmp_path: Path) -> None:
    later = Published(trade=[(*FIRST[:3], 50.0, "kosis", [C])], snapshots=[A, C])
    (one,) = found(tmp_path, Published(), later)
    assert (one["previous_value"], one["value"], one["difference"], one["difference_pct"]) == (-100, 50, 150, 150)
    assert one["is_flip"]


def test_a_verdict_and_a_rule_flip(tmp_path: Path) -> None:
    later = Published(
        verdicts=[("c1", "contradicted"), ("c2", "supported")],
        checks=[("marts.trade", "holds", "failed")],
        inputs={("core.figures", "sql"): "2"},
    )
    verdict, new, rule = sorted(found(tmp_path, Published(), later), key=lambda one: one["key"])
    assert (verdict["previous_text"], verdict["value_text"], verdict["is_flip"]) == ("supported", "contradicted", True)
    assert (new["change"], new["is_flip"]) == ("added", False)
    assert (rule["table_name"], rule["previous_text"], rule["value_text"]) == ("meta.checks", "passed", "failed")
    # What the rule looks at is made otherwise; the verdict's own inputs are the same table, whose rows are the same.
    assert rule["cause"] == "code"
    assert rule["is_flip"]


def test_a_rule_that_fails_on_the_same_rows_is_another_rule(tmp_path: Path) -> None:
    (rule,) = found(tmp_path, Published(), Published(checks=[("marts.trade", "holds", "failed")]))
    assert (rule["cause"], rule["reason"]) == ("code", "the rule, or another table that it reads")


def test_a_sum_in_another_order_is_no_change(tmp_path: Path) -> None:
    assert not found(tmp_path, Published(), Published(trade=[(*FIRST[:3], -100.0 * (1 + 1e-13), "kosis", [A])]))


def test_what_cannot_be_compared_is_said(tmp_path: Path) -> None:
    before, now = Published().write(tmp_path / "1.duckdb", "first"), Published().write(tmp_path / "2.duckdb", "second")
    with duckdb.connect(str(before)) as connection:
        connection.execute(
            "alter table marts.trade drop column year; drop table marts.verdicts; delete from meta.table_hashes"
        )
    names, rows = between(now, before)
    said = {row[1]: (row[names.index("change")], row[names.index("reason")]) for row in rows}
    assert said == {
        "marts.trade": ("not_compared", "The table of the earlier publication lacks year."),
        "marts.verdicts": ("not_compared", "The earlier publication lacks this table."),
    }


def test_what_is_no_publication_is_refused_in_words(tmp_path: Path) -> None:
    now = Published().write(tmp_path / "2.duckdb", "second")
    with duckdb.connect(str(tmp_path / "1.duckdb")) as connection:
        connection.execute("create table t as select 1")
    with pytest.raises(BilateralError, match="cannot be compared"):
        between(now, tmp_path / "1.duckdb")
    (tmp_path / "1.duckdb").write_text("no database")
    with pytest.raises(BilateralError, match="cannot be opened"):
        between(now, tmp_path / "1.duckdb")


def test_a_publication_that_does_not_say_what_it_was_made_from_leaves_a_cause_open(tmp_path: Path) -> None:
    later = Published(trade=[(*FIRST[:3], -95.0, "kosis", [A])], checks=[("marts.trade", "holds", "failed")])
    before, now = Published().write(tmp_path / "1.duckdb", "first"), later.write(tmp_path / "2.duckdb", "second")
    with duckdb.connect(str(before)) as connection:
        connection.execute("drop table meta.inputs")
    names, rows = between(now, before)
    assert [row[names.index("cause")] for row in rows] == ["unknown", "unknown"]


def test_a_person_sees_counts_and_what_weighs_most_first(tmp_path: Path) -> None:
    earlier = Published(trade=[("KOR", "CHN", year, 100.0, "kosis", [A]) for year in (2021, 2022, 2023)])
    values = {2021: 1_234_567.0, 2022: 150.0, 2023: -1.0, 2024: 5.0}
    later = Published(
        trade=[("KOR", "CHN", year, value, "kosis", [C]) for year, value in values.items()], snapshots=[A, B, C]
    )
    before, now = earlier.write(tmp_path / "1.duckdb", "first"), later.write(tmp_path / "2.duckdb", "second")
    with duckdb.connect(str(before)) as connection:
        connection.execute("drop table marts.verdicts; delete from meta.table_hashes")
    with changes.compare_files(now, before, [TRADE, VERDICTS]) as connection:
        counts = connection.execute(changes.query_counts(changes.TABLE)).fetchall()
        first = connection.execute(changes.query_heaviest(changes.TABLE, 2)).fetchall()
    assert counts == [
        ("marts.trade", "balance_usd", "added", "publisher", 1, 0, None),
        ("marts.trade", "balance_usd", "revised", "publisher", 3, 1, None),
        ("marts.verdicts", None, "not_compared", None, 1, 0, "The earlier publication lacks this table."),
    ]
    assert first == [
        ("marts.trade", "KOR CHN 2023", "balance_usd", "100", "-1", "-101.00%", "flips", "publisher", C),
        ("marts.trade", "KOR CHN 2021", "balance_usd", "100", "1,234,567", "+1234467.00%", None, "publisher", C),
    ]


def test_who_publishes_the_same_contents_again_says_what_brought_them(tmp_path: Path) -> None:
    first, other = Published(), Published(trade=[(*FIRST[:3], 50.0, "kosis", [C])], snapshots=[A, C])
    before, now, again, back = (
        one.write(tmp_path / f"{name}.duckdb", name)
        for one, name in ((first, "before"), (other, "now"), (other, "again"), (first, "back"))
    )

    def published(file: Path, earlier: Path) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(file)) as connection:
            changes.attach_file(connection, earlier, "earlier")
            changes.find_changes(connection, file.stem, "earlier", [TRADE, VERDICTS])
            publishing.copy_changes(connection, file.stem, "earlier")
            connection.execute(f"create table meta.changes as from {changes.TABLE} order by all")
            return connection.execute("from meta.changes").fetchall()

    (one,) = published(now, before)
    assert one[0] == "before"
    assert published(again, now) == [one]
    ((compared_with, *_),) = published(back, again)
    assert compared_with == "again"


def test_of_very_many_changes_the_least_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A year a pack.
    monkeypatch.setattr(changes, "PACK", 1)
    monkeypatch.setattr(changes, "LISTED", 2)
    later = Published(
        trade=[("KOR", "CHN", year, 10.0 * year, "kosis", [C]) for year in range(2020, 2025)], snapshots=[A, B, C]
    )
    every = found(tmp_path, Published(trade=[]), later)
    (rest,) = [one for one in every if one["change"] == "not_listed"]
    assert rest["value"] == 3
    listed = [json.loads(one["key"])["year"] for one in every if one["change"] == "added"]
    assert sorted(listed) == [2023, 2024]


@pytest.mark.long
def test_what_builds_change_is_told_with_its_cause(warehouse: Project, tmp_path: Path) -> None:
    """Real publications: without a reading of the publisher and with it, then by another model."""
    from dagster_project.pipeline import build_warehouse

    shutil.copytree(warehouse.root / "sql", tmp_path / "checkout" / "sql")
    shutil.copytree(warehouse.expectations, tmp_path / "checkout" / "expectations")
    project = Project.at(tmp_path / "checkout", warehouse=warehouse.warehouse)
    newest = project.snapshots / "kosis" / "goods_monthly" / "6f9dd2d5e11b"
    aside = tmp_path / "aside"
    newest.rename(aside)
    without, _ = build_warehouse(project)
    aside.rename(newest)
    whole, _ = build_warehouse(project)

    def told() -> list[dict[str, Any]]:
        with publication.open_published(project) as connection:
            return fetch_records(connection, "from meta.changes")

    every = told()
    assert {one["compared_with"] for one in every} == {without.publication_id}
    assert {one["cause"] for one in every} == {"publisher"}
    assert {one["reason"] for one in every} == {"kosis/goods_monthly/6f9dd2d5e11b"}
    with duckdb.connect() as connection:
        for name, made in (("now", whole), ("before", without)):
            changes.attach_file(connection, made.get_file(project), name)
        (expected,) = connection.execute(
            """
            select count(*) from (from now.marts.trade_balance_monthly) as now
            full join (from before.marts.trade_balance_monthly) as before
                using (reporter_code, partner_code, period_start)
            where now.exports_usd is distinct from before.exports_usd
            """
        ).fetchall()
    exports = [one for one in every if one["column_name"] == "exports_usd"]
    assert (len(exports),) == expected
    assert expected > (0,)
    assert [one.publication_id for one in changes.find_pair(project, None, None)] == [
        without.publication_id,
        whole.publication_id,
    ]
    page = whole.get_page(project).read_text(encoding="utf-8")
    assert "Changes since the previous publication" in page
    assert "kosis/goods_monthly/6f9dd2d5e11b" in page.partition("largest changes")[2]

    model = project.sql / "core" / "visitor_arrivals_monthly.sql"
    model.write_text(
        model.read_text(encoding="utf-8").replace(
            "last_retrieved)\n", "last_retrieved) replace (arrivals + 1 as arrivals)\n"
        ),
        encoding="utf-8",
    )
    build_warehouse(project)
    every = told()
    assert {(one["table_name"], one["cause"]) for one in every} == {("core.visitor_arrivals_monthly", "code")}
    assert {one["reason"] for one in every} == {"sql/core/visitor_arrivals_monthly.sql"}


def test_a_publication_that_is_not_kept_is_named(warehouse: Project) -> None:
    with pytest.raises(BilateralError, match="No publication before"):
        changes.find_pair(warehouse, None, None)
    with pytest.raises(BilateralError, match="Publication nowhere does not exist"):
        changes.find_pair(warehouse, "nowhere", None)
