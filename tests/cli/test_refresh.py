"""From the command line to the published file: publishers are asked, and their figures are built and published."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from dagster_project import publication, snapshots
from dagster_project.cli.commands import app
from dagster_project.errors import BilateralError
from dagster_project.project import GIVEN, HOME_VARIABLE, WAREHOUSE_VARIABLE, Project
from dagster_project.refresh import planning
from tests import bilateral, making
from tests.pipeline.test_publishing import table_hashes
from tests.refresh.publisher import Publisher, publishers
from tests.refresh.publishers.comtrade import NOTHING
from tests.refresh.running import FakeTime
from tests.refresh.server import Reply, Server, serving

YEAR = ("--since", "2024-01-01", "--until", "2024-12-31")
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture
def comtrade() -> Publisher:
    return next(one for one in publishers() if one.dataset == "comtrade/goods")


@pytest.fixture
def time() -> FakeTime:
    return FakeTime(datetime(2026, 11, 25, 6, tzinfo=UTC))


@pytest.fixture
def where(
    warehouse: Project, tmp_path: Path, server: Server, comtrade: Publisher, time: FakeTime, monkeypatch: Any
) -> Project:
    """Copy a part of the built warehouse; one pair is set, and the server stands for Comtrade."""
    home = making.part_without_claims(warehouse, tmp_path / "home", *making.SMALL).root
    (home / "bilateral.toml").write_text(comtrade.configuration)
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    monkeypatch.setenv(WAREHOUSE_VARIABLE, str(warehouse.warehouse))
    for name in [name for name in os.environ if name.startswith("BILATERAL_") and name.endswith("_KEY")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BILATERAL_COMTRADE_URL", server.address)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(planning, "Clock", lambda: time.clock)
    return Project.at(home, warehouse=warehouse.warehouse)


@pytest.fixture
def run(where: Project) -> Callable[..., Result]:
    def invoke(*words: str) -> Result:
        return CliRunner().invoke(app, list(words))

    return invoke


def answering(server: Server, comtrade: Publisher, content: bytes) -> None:
    """Make the server answer one request with `content`, and all others with no figures."""
    server.route({comtrade.url: Reply(content, headers=JSON)}, otherwise=Reply(NOTHING, headers=JSON))


def observations(where: Project) -> list[tuple[Any, ...]]:
    with publication.open_published(where) as connection:
        return connection.execute(
            "select flow, value_usd, known_from, known_to from core.goods_trade_observations "
            "where source = 'comtrade' and dataset = 'goods' order by all"
        ).fetchall()


@pytest.mark.long
def test_the_whole_way_from_a_publisher_to_readers(
    run: Callable[..., Result], where: Project, server: Server, comtrade: Publisher, time: FakeTime
) -> None:
    answering(server, comtrade, comtrade.right)
    said = run("refresh", "comtrade", *YEAR)
    assert said.exit_code == 0, said.output
    assert "1 new snapshot: `bilateral build` publishes them." in said.output
    assert "1 new" in run("status").output
    assert run("build").exit_code == 0
    first = observations(where)
    assert len(first) == 2
    assert all(row[3] is None for row in first)
    hashes = table_hashes(where)
    (fetched,) = [s for s in snapshots.find_snapshots(where, "comtrade/goods") if s.manifest.is_fetched]
    with publication.open_published(where) as connection:
        told = connection.execute(
            "select retrieved_at, known_from, form from meta.snapshots where snapshot_id = $id", {"id": fetched.id}
        ).fetchone()
    assert told == (fetched.manifest.retrieved_moment, fetched.manifest.known_from, "answer")

    # Nothing new the next day: no snapshot, no vintage, the same tables.
    time.at += timedelta(days=1)
    said = run("refresh", "comtrade", *YEAR, "--again")
    assert "The publishers have no new figures" in said.output
    assert run("build").exit_code == 0
    assert table_hashes(where) == hashes

    # One figure revised: one more vintage, and the earlier value ends where it begins.
    answering(server, comtrade, comtrade.revised)
    said = run("refresh", "comtrade", *YEAR, "--again")
    assert said.exit_code == 0, said.output
    assert run("build").exit_code == 0
    second = observations(where)
    assert len(second) == 3
    assert [row[3] for row in second if row[0] == "import"] == [None]
    assert sorted((str(row[2]), str(row[3])) for row in second if row[0] == "export") == [
        ("2026-11-25", "2026-11-26"),
        ("2026-11-26", "None"),
    ]
    assert len(snapshots.find_snapshots(where, "comtrade/goods")) == 2
    assert fetched.id in run("snapshots", "list", "comtrade/goods").output
    shown = run("snapshots", "show", fetched.id).output
    assert "2 in raw, 0 set aside" in shown
    assert comtrade.url.partition("?")[0] in shown

    # The same archive elsewhere makes the same tables.
    revised = table_hashes(where)
    other = Project.at(where.root, warehouse=where.root / "other")
    for name in (*GIVEN, "archive/snapshots", "archive/analyses"):
        if (where.warehouse / name).exists():
            shutil.copytree(where.warehouse / name, other.warehouse / name)
    assert run("--warehouse", str(other.warehouse), "build").exit_code == 0
    assert table_hashes(other) == revised


@pytest.mark.long
def test_the_status_names_who_did_not_answer(
    run: Callable[..., Result], server: Server, comtrade: Publisher, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as unplugged:
        unplugged.setenv("BILATERAL_COMTRADE_URL", "http://127.0.0.1:1")
        said = run("refresh", "comtrade", *YEAR)
    assert "No response came from comtrade" in str(said.exception)
    assert "The last refresh got no response from comtrade." in run("status").output
    answering(server, comtrade, comtrade.right)
    time.at += timedelta(days=1)
    assert run("refresh", "comtrade", *YEAR).exit_code == 0
    assert "no response" not in run("status").output


@pytest.mark.long
def test_a_refused_response_ends_in_an_error_that_says_where_it_is(
    run: Callable[..., Result], where: Project, server: Server, comtrade: Publisher
) -> None:
    answering(server, comtrade, comtrade.scenarios["wrong_economy"].content)
    said = run("refresh", "comtrade", *YEAR)
    assert said.exit_code == 1
    assert isinstance(said.exception, BilateralError)
    assert "1 response was refused and kept in" in str(said.exception)
    assert "reason.yml" in str(said.exception)
    assert snapshots.find_snapshots(where, "comtrade/goods") == []
    listed = json.loads(run("sources", "--format", "json").output)
    state = next(one for one in listed if one["dataset"] == "comtrade/goods")
    assert (state["asked"], state["key"], state["last result"]) == ("yes", "optional", "1 refused")


@pytest.mark.long
def test_publishers_without_their_key_are_skipped_and_no_error(run: Callable[..., Result], where: Project) -> None:
    said = run("refresh", "bok", "kosis")
    assert said.exit_code == 0, said.output
    assert "bok: no key: set BILATERAL_BOK_KEY." in said.output
    assert "kosis: no key: set BILATERAL_KOSIS_KEY." in said.output
    assert "BILATERAL_BOK_KEY (needed)" in run("sources").output
    # Nobody was asked.
    listed = json.loads(run("sources", "--format", "json").output)
    assert {one["last result"] for one in listed if one["dataset"].startswith(("bok/", "kosis/"))} == {"never asked"}


@pytest.mark.long
def test_a_refresh_that_was_stopped_does_not_say_that_there_is_nothing_new(
    run: Callable[..., Result], where: Project, server: Server
) -> None:
    server.reply(Reply(b"", 429, {"Retry-After": "7200"}))
    said = run("refresh", "comtrade", *YEAR)
    assert said.exit_code == 0, said.output
    assert "comtrade: the quota is used up for now" in said.output
    assert "no new figures" not in said.output


@pytest.mark.long
def test_a_dry_run_lists_the_requests_and_sends_none(
    run: Callable[..., Result], where: Project, server: Server, comtrade: Publisher
) -> None:
    answering(server, comtrade, comtrade.right)
    said = run("refresh", "comtrade", *YEAR, "--dry-run")
    assert said.exit_code == 0, said.output
    assert f"{server.address}{comtrade.url}" in said.output
    assert server.received == []


@pytest.mark.long
def test_the_command_asks_and_keeps_its_key_to_itself(where: Project, server: Server) -> None:
    bok = next(one for one in publishers() if one.dataset == "bok/services_annual")
    (where.root / "bilateral.toml").write_text(bok.configuration)
    server.reply(Reply(b'{"RESULT":{"CODE":"INFO-100","MESSAGE":"wrong key open-sesame"}}', headers=JSON))
    where_and_key = {"BILATERAL_BOK_URL": server.address, "BILATERAL_BOK_KEY": "open-sesame"}
    done = bilateral.run(["refresh", "bok"], os.environ | where_and_key)
    assert done.returncode == 1, done.stdout
    assert "the key is not accepted" in done.stdout
    assert "The key was rejected by" in done.stderr
    assert "open-sesame" in server.received[0].target
    assert "open-sesame" not in done.stdout + done.stderr
    assert not [p for p in where.archive.rglob("*") if p.is_file() and b"open-sesame" in p.read_bytes()]


@pytest.mark.long
def test_ids_of_snapshots_may_be_short_and_have_to_be_clear(run: Callable[..., Result], where: Project) -> None:
    assert "kcs/goods_monthly/" in run("snapshots", "show", "kcs/goods_monthly/").output
    assert "Give a longer part of the ID" in str(run("snapshots", "show", "kcs").exception)
    assert "No snapshots have xyz" in str(run("snapshots", "show", "xyz").exception)
