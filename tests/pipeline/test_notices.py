"""Notices about a build."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project import notify, publication
from dagster_project.audit.results import CheckResult
from dagster_project.pipeline import notices
from dagster_project.project import Project
from dagster_project.publication import meta
from dagster_project.settings import Notify, Settings

SETTINGS = Settings(pairs=("KOR-CHN",), notify=Notify(large_revision_pct=10))
STOPPING = CheckResult(
    table="core.goods_trade_annual",
    check="the_months_make_the_year",
    expectation_type="unexpected_rows_expectation",
    severity="critical",
    status="failed",
    observed=None,
    unexpected_count=1200,
    sample=[],
    query=None,
    message=None,
    notes="They do.",
)


@pytest.fixture
def published() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("create schema meta")
        types = ", ".join(f"{name} {kind}" for name, kind in meta.CHANGES.types.items())
        connection.execute(f"create table meta.changes ({types})")
        connection.execute("create table meta.publication as select 'p2' as publication_id")
        connection.execute("create table meta.quarantine (snapshot_id varchar, reason varchar)")
        yield connection


def change(connection: duckdb.DuckDBPyConnection, **values: Any) -> None:
    row = {
        "table_name": "marts.trade_balance_annual",
        "key": '{"reporter_code":"KOR","partner_code":"CHN","year":2023}',
        "column_name": "balance_usd",
        "change": "revised",
        "previous_value": 100.0,
        "value": 80.0,
        "difference_pct": -20.0,
        "is_flip": False,
        "cause": "publisher",
        "reason": "kosis/goods_annual/abc",
        **values,
    }
    names = ", ".join(row)
    connection.execute(f"insert into meta.changes ({names}) values ({', '.join('?' * len(row))})", list(row.values()))


def told(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [fact.text for fact in notices.list_facts(connection, SETTINGS)["changed"]]


def test_a_large_revision_of_a_pair_is_told_with_its_cause(published: duckdb.DuckDBPyConnection) -> None:
    change(published)
    change(published, column_name="exports_usd", difference_pct=9.9)
    change(published, key='{"reporter_code":"KOR","partner_code":"USA","year":2023}')
    change(published, key='{"reporter_code":"FRA","partner_code":"DEU","year":2023}', is_flip=True)
    change(published, change="added", difference_pct=None, previous_value=None)
    assert told(published) == [
        "balance_usd of KOR CHN 2023 is revised by -20.0%: 100 → 80 (publisher: kosis/goods_annual/abc)"
    ]


def test_a_sign_a_verdict_and_a_rule_that_flip_are_told(published: duckdb.DuckDBPyConnection) -> None:
    change(published, value=-1.0, difference_pct=-101.0, is_flip=True)
    for name, key, before, now in (
        ("marts.claim_verdicts", '{"claim_id":"c1"}', "supported", "contradicted"),
        ("meta.checks", '{"table_name":"core.x","check_name":"holds"}', "passed", "failed"),
        ("meta.checks", '{"table_name":"core.x","check_name":"holds_again"}', "failed", "passed"),
    ):
        change(
            published,
            table_name=name,
            key=key,
            column_name="verdict",
            previous_text=before,
            value_text=now,
            previous_value=None,
            value=None,
            difference_pct=None,
            is_flip=True,
            cause="code",
            reason="sql/core/x.sql",
        )
    assert told(published) == [
        "c1: supported → contradicted (code: sql/core/x.sql)",
        "balance_usd of KOR CHN 2023 changes its sign: 100 → -1 (publisher: kosis/goods_annual/abc)",
        "core.x holds: passed → failed (code: sql/core/x.sql)",
    ]


@pytest.mark.long
def test_the_brief_of_a_pair_whose_newest_month_changed_is_told_with_its_sources(
    built: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Korea Customs: 21,681 and 16,318 million in July 2026, a surplus of 5,363."""
    monkeypatch.setattr(notices, "list_pairs", lambda _project: [("KOR", "CHN"), ("USA", "CHN")])
    file = tmp_path / "published.duckdb"
    shutil.copyfile(built.published_file, file)
    with duckdb.connect(str(file)) as connection:
        connection.execute("delete from meta.changes")
        assert notices.list_news(built, connection) == []
        table = {"table_name": "marts.trade_balance_monthly", "change": "added", "previous_value": None}
        # July is Korea's newest month; May is not, nor is April of another pair.
        for reporter, partner, month in (("KOR", "CHN", "2026-05-01"), ("USA", "KOR", "2026-04-01")):
            key = f'{{"reporter_code":"{reporter}","partner_code":"{partner}","period_start":"{month}"}}'
            change(connection, **table, key=key)
        assert notices.list_news(built, connection) == []
        for column in ("exports_usd", "imports_usd", "balance_usd"):
            key = '{"reporter_code":"KOR","partner_code":"CHN","period_start":"2026-07-01"}'
            change(connection, **table, key=key, column_name=column)
        news = [fact.text for fact in notices.list_news(built, connection)]
    assert news[0] == (
        "South Korea exported goods worth US$21.68bn to China in July 2026 and imported US$16.32bn, a surplus of "
        "US$5.36bn, after one of US$3.58bn in June 2026. Source: Korea Customs Service"
    )
    assert len(news) == len(set(news)) == 7
    assert all("Source" in text and "United States" not in text for text in news)


def test_what_was_set_aside_is_told_by_snapshot_and_reason(published: duckdb.DuckDBPyConnection) -> None:
    published.execute("insert into meta.quarantine values ('imf/imts/a', 'is negative'), ('imf/imts/a', 'is negative')")
    assert [fact.text for fact in notices.list_facts(published, SETTINGS)["set aside"]] == [
        "imf/imts/a: 2 fields set aside: is negative"
    ]


@pytest.mark.long
def test_a_build_that_was_stopped_and_one_that_is_published_are_told(
    warehouse: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages: list[str] = []

    def send(_to: str, text: str) -> bool:
        messages.append(text)
        return True

    monkeypatch.setattr(notify, "send_message", send)
    environment = {notify.ADDRESS: "http://127.0.0.1:1/hook"}
    notices.notify_failure(warehouse, [STOPPING], environment)
    notices.notify_failure(warehouse, [STOPPING], environment)
    (message,) = messages
    assert message.splitlines() == [
        "Bilateral: a build was stopped",
        "• Nothing was published: core.goods_trade_annual: the_months_make_the_year failed (1,200 rows)",
    ]
    notices.notify_publication(warehouse, environment)
    notices.notify_publication(warehouse, environment)
    # Korea Customs' figures are late, and its key is missing.
    assert len(messages) == 2
    assert messages[1].startswith(f"Bilateral: {publication.get_current_id(warehouse)} is published\n")
    assert "kcs/goods_monthly is late: 2026-08 was due on 2026-09-15 (key missing)" in messages[1]
    # The audit held in between, so that its failure is news.
    notices.notify_failure(warehouse, [STOPPING], environment)
    assert len(messages) == 3
