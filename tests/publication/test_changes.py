"""What changed between two publications, and why."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project import publication
from dagster_project.database import fetch_records
from dagster_project.errors import BilateralError
from dagster_project.pipeline import publishing
from dagster_project.project import Project
from dagster_project.publication import changes, meta
from tests import making

TRADE = making.parse_model(
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
VERDICTS = making.parse_model(
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
TABLES = """
    create schema core; create schema marts; create schema meta;
    create table meta.publication (publication_id varchar, content_hash varchar);
    create table marts.trade (
        reporter_code varchar, partner_code varchar, year integer, balance_usd double, exports_source varchar,
        imports_source varchar, snapshot_ids varchar[]
    );
    create table marts.verdicts (claim_id varchar, verdict varchar);
    create table meta.snapshots (snapshot_id varchar, source varchar, dataset varchar);
    create table meta.corrections (
        correction_id varchar, reporter_code varchar, partner_code varchar, flow varchar, frequency varchar,
        period_start date, is_current boolean
    );
    create table meta.quarantine (
        snapshot_id varchar, source varchar, dataset varchar, reason varchar, set_aside_by varchar
    );
    create table meta.inputs (table_name varchar, input_name varchar, input_hash varchar);
    create table meta.table_hashes (table_name varchar, content_hash varchar);
    create table meta.checks (table_name varchar, check_name varchar, status varchar);
"""


@dataclass
class Published:
    """The content of a publication that is compared; a source is that of both flows, or `exports/imports`."""

    trade: Sequence[tuple[Any, ...]] = (FIRST,)
    verdicts: Sequence[tuple[str, str]] = (("c1", "supported"),)
    snapshots: Sequence[str] = (A, B)
    corrections: Sequence[tuple[Any, ...]] = ()
    quarantine: Sequence[tuple[str, str, str]] = ()
    inputs: dict[tuple[str, str], str] = field(default_factory=dict)
    checks: Sequence[tuple[str, str, str]] = (("marts.trade", "holds", "passed"),)

    def write(self, connection: duckdb.DuckDBPyConnection, catalog: str, name: str) -> None:
        """Write the content into an attached database."""
        inputs = {
            ("marts.trade", "sql"): "1",
            ("marts.trade", "core.figures"): str(self.trade),
            ("core.figures", "sql"): "1",
            ("marts.verdicts", "sql"): "1",
            ("marts.verdicts", "marts.trade"): str(self.trade),
            **self.inputs,
        }
        rows: dict[str, Sequence[Sequence[Any]]] = {
            "meta.publication": [(name, repr((self.trade, self.verdicts)))],
            "marts.trade": [
                (*row[:4], *(one or None for one in (row[4].split("/") * 2)[:2]), row[5]) for row in self.trade
            ],
            "marts.verdicts": self.verdicts,
            "meta.snapshots": [(one, *one.split("/")[:2]) for one in self.snapshots],
            "meta.corrections": self.corrections,
            "meta.quarantine": [(one, *one.split("/")[:2], reason, by) for one, reason, by in self.quarantine],
            "meta.inputs": [(*key, value) for key, value in inputs.items()],
            "meta.table_hashes": [("marts.trade", repr(self.trade)), ("marts.verdicts", repr(self.verdicts))],
            "meta.checks": self.checks,
        }
        connection.execute(f"use {catalog}; {TABLES}")
        for table, values in rows.items():
            for row in values:
                connection.execute(f"insert into {table} values ({', '.join('?' * len(row))})", list(row))
        connection.execute("use memory")


def hold(connection: duckdb.DuckDBPyConnection, **publications: Published) -> None:
    """Put publications into databases in memory, under their names."""
    for name, one in publications.items():
        connection.execute(f"attach ':memory:' as {name}")
        one.write(connection, name, name)


def compare(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return what changed from the publication `first` to the publication `second`."""
    changes.find_changes(connection, "second", "first", [TRADE, VERDICTS])
    return fetch_records(connection, f"from {changes.TABLE} order by all")


def found(connection: duckdb.DuckDBPyConnection, earlier: Published, later: Published) -> list[dict[str, Any]]:
    hold(connection, first=earlier, second=later)
    every = compare(connection)
    assert all(list(one) == list(meta.CHANGES.columns) for one in every)
    assert all(one["compared_with"] == "first" for one in every)
    return every


# The figure as it may stand later: of a new snapshot, of another source, or otherwise from the same snapshot.
NEWER, OTHER, MOVED = (
    (*FIRST[:3], balance, source, [snapshot])
    for balance, source, snapshot in ((-90.0, "kosis", C), (-95.0, "imf", B), (-95.0, "kosis", A))
)


def test_a_change_has_its_size_and_a_sign_that_flips_is_named(memory: duckdb.DuckDBPyConnection) -> None:
    later = Published(trade=[(*FIRST[:3], 50.0, "kosis", [C])], snapshots=[A, C])
    (one,) = found(memory, Published(), later)
    assert (one["previous_value"], one["value"], one["difference"], one["difference_pct"]) == (-100, 50, 150, 150)
    assert one["is_flip"]


def test_a_verdict_and_a_rule_flip(memory: duckdb.DuckDBPyConnection) -> None:
    later = Published(
        verdicts=[("c1", "contradicted"), ("c2", "supported")],
        checks=[("marts.trade", "holds", "failed")],
        inputs={("core.figures", "sql"): "2"},
    )
    verdict, new, rule = sorted(found(memory, Published(), later), key=lambda one: one["key"])
    assert (verdict["previous_text"], verdict["value_text"], verdict["is_flip"]) == ("supported", "contradicted", True)
    assert (new["change"], new["is_flip"]) == ("added", False)
    assert (rule["table_name"], rule["previous_text"], rule["value_text"]) == ("meta.checks", "passed", "failed")
    # What the rule looks at is made otherwise; the verdict's own inputs are the same table, whose rows are the same.
    assert rule["cause"] == "code"
    assert rule["is_flip"]


def test_a_sum_in_another_order_is_no_change(memory: duckdb.DuckDBPyConnection) -> None:
    assert not found(memory, Published(), Published(trade=[(*FIRST[:3], -100.0 * (1 + 1e-13), "kosis", [A])]))


def test_what_cannot_be_compared_is_said(memory: duckdb.DuckDBPyConnection) -> None:
    hold(memory, first=Published(), second=Published())
    memory.execute(
        "alter table first.marts.trade drop column year; drop table first.marts.verdicts; "
        "delete from first.meta.table_hashes"
    )
    assert {one["table_name"]: (one["change"], one["reason"]) for one in compare(memory)} == {
        "marts.trade": ("not_compared", "The table of the earlier publication lacks year."),
        "marts.verdicts": ("not_compared", "The earlier publication lacks this table."),
    }


def test_files_are_compared_and_what_is_no_publication_is_refused_in_words(
    memory: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    earlier, later = tmp_path / "earlier.duckdb", tmp_path / "later.duckdb"
    for file, one in ((earlier, Published()), (later, Published(trade=[MOVED]))):
        memory.execute(f"attach '{file}' as {file.stem}")
        one.write(memory, file.stem, file.stem)
        memory.execute(f"detach {file.stem}")
    with changes.compare_files(later, earlier, [TRADE, VERDICTS]) as connection:
        assert connection.execute(f"select compared_with, value from {changes.TABLE}").fetchall() == [("earlier", -95)]
    earlier.unlink()
    with duckdb.connect(str(earlier)) as connection:
        connection.execute("create table t as select 1")
    for said in ("cannot be compared", "cannot be opened"):
        with pytest.raises(BilateralError, match=said), changes.compare_files(later, earlier, [TRADE, VERDICTS]):
            pass
        earlier.write_text("no database")


def test_a_person_sees_counts_and_what_weighs_most_first(memory: duckdb.DuckDBPyConnection) -> None:
    earlier = Published(trade=[("KOR", "CHN", year, 100.0, "kosis", [A]) for year in (2021, 2022, 2023)])
    values = {2021: 1_234_567.0, 2022: 150.0, 2023: -1.0, 2024: 5.0}
    later = Published(
        trade=[("KOR", "CHN", year, value, "kosis", [C]) for year, value in values.items()], snapshots=[A, B, C]
    )
    hold(memory, first=earlier, second=later)
    memory.execute("drop table first.marts.verdicts; delete from first.meta.table_hashes")
    compare(memory)
    counts = memory.execute(changes.query_counts(changes.TABLE)).fetchall()
    first = memory.execute(changes.query_largest(changes.TABLE, 2)).fetchall()
    assert counts == [
        ("marts.trade", "balance_usd", "added", "publisher", 1, 0, None),
        ("marts.trade", "balance_usd", "revised", "publisher", 3, 1, None),
        ("marts.verdicts", None, "not_compared", None, 1, 0, "The earlier publication lacks this table."),
    ]
    assert first == [
        ("marts.trade", "KOR CHN 2023", "balance_usd", "100", "-1", "-101.00%", "flips", "publisher", C),
        ("marts.trade", "KOR CHN 2021", "balance_usd", "100", "1,234,567", "+1234467.00%", None, "publisher", C),
    ]


def test_who_publishes_the_same_contents_again_says_what_brought_them(memory: duckdb.DuckDBPyConnection) -> None:
    first, other = Published(), Published(trade=[(*FIRST[:3], 50.0, "kosis", [C])], snapshots=[A, C])
    hold(memory, before=first, now=other, again=other, back=first)

    def published(name: str, earlier: str) -> list[tuple[Any, ...]]:
        changes.find_changes(memory, name, earlier, [TRADE, VERDICTS])
        publishing.copy_changes(memory, name, earlier)
        memory.execute(f"create table {name}.meta.changes as from {changes.TABLE} order by all")
        return memory.execute(f"from {name}.meta.changes").fetchall()

    (one,) = published("now", "before")
    assert one[0] == "before"
    assert published("again", "now") == [one]
    ((compared_with, *_),) = published("back", "again")
    assert compared_with == "again"


def test_of_very_many_changes_the_least_are_counted(
    memory: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A year a pack.
    monkeypatch.setattr(changes, "PACK", 1)
    monkeypatch.setattr(changes, "LISTED", 2)
    later = Published(
        trade=[("KOR", "CHN", year, 10.0 * year, "kosis", [C]) for year in range(2020, 2025)], snapshots=[A, B, C]
    )
    every = found(memory, Published(trade=[]), later)
    (rest,) = [one for one in every if one["change"] == "not_listed"]
    assert rest["value"] == 3
    listed = [json.loads(one["key"])["year"] for one in every if one["change"] == "added"]
    assert sorted(listed) == [2023, 2024]


@pytest.mark.long
def test_what_builds_change_is_told_with_its_cause(warehouse: Project, tmp_path: Path) -> None:
    """Real publications: without a reading of the publisher and with it, then by another model."""
    from dagster_project.pipeline import build_warehouse

    tables = ("core.visitor_arrivals_monthly", "marts.trade_balance_annual", "marts.trade_balance_monthly")
    project = making.part_without_claims(warehouse, tmp_path / "checkout", *tables)
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
    # A rule compares the snapshots of a dataset with each other.
    assert {one["reason"] for one in every} == {"kosis/goods_monthly/6f9dd2d5e11b", "reference.snapshots"}
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
    assert [one.publication_id for one in changes.find_two_publications(project, None, None)] == [
        without.publication_id,
        whole.publication_id,
    ]
    page = (whole.get_folder(project) / publication.PAGE).read_text(encoding="utf-8")
    assert "Changes since the previous publication" in page
    assert "kosis/goods_monthly/6f9dd2d5e11b" in page.partition("largest changes")[2]

    model = project.sql / "core" / "visitor_arrivals_monthly.sql"
    making.replace_text(model, "last_retrieved)\n", "last_retrieved) replace (arrivals + 1 as arrivals)\n")
    build_warehouse(project)
    every = told()
    assert {(one["table_name"], one["cause"]) for one in every} == {("core.visitor_arrivals_monthly", "code")}
    assert {one["reason"] for one in every} == {"sql/core/visitor_arrivals_monthly.sql"}


def test_a_publication_that_is_not_kept_is_named(warehouse: Project) -> None:
    with pytest.raises(BilateralError, match="No publication before"):
        changes.find_two_publications(warehouse, None, None)
    with pytest.raises(BilateralError, match="Publication nowhere does not exist"):
        changes.find_two_publications(warehouse, "nowhere", None)
