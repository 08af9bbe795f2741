"""Dagster's records of a refresh never contain a key that a publisher repeats, in any spelling."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import dagster as dg
import pytest

from dagster_project.project import HOME_VARIABLE, Project
from dagster_project.refresh import client, planning
from dagster_project.refresh.secrets import Secret
from tests.defs.live import home_in, instance_of, run_refresh_job
from tests.defs.test_refresh import COMTRADE, JSON
from tests.faults.kinds.keys import SPELLINGS, found, spelled
from tests.refresh import running
from tests.refresh.running import FakeTime
from tests.refresh.server import Received, Reply, Server

pytestmark = pytest.mark.long

KEY = "Zq7+Xw2/Rt9=Lm4-Kp8.Vb3_Hn6&Jd5"
EVERY = list(SPELLINGS)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return home_in(tmp_path / "home")


@pytest.fixture
def where(tmp_path: Path, home: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = running.project(tmp_path / "checkout", COMTRADE.configuration)
    monkeypatch.setenv(HOME_VARIABLE, str(made.root))
    monkeypatch.setenv("BILATERAL_COMTRADE_URL", server.address)
    monkeypatch.setenv("BILATERAL_COMTRADE_KEY", KEY)
    time = FakeTime(datetime(2026, 11, 25, 6, tzinfo=UTC))
    monkeypatch.setattr(planning, "Clock", lambda: time.clock)
    return made


def refreshed(where: Project, home: Path, **config: int) -> dg.ExecuteInProcessResult:
    """Run the refresh job with its records in a home folder of Dagster."""
    with instance_of(home) as instance:
        return run_refresh_job(instance, where.warehouse, "comtrade/goods", **config)


def places(*folders: Path) -> dict[str, str]:
    """List the files that contain part of the key, each with the spelling found."""
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".db" for path in files)
    assert any("compute_logs" in path.parts or path.suffix in {".err", ".out"} for path in files)
    return {str(path): how for path in files if (how := found(KEY, path.read_bytes())) is not None}


def test_a_key_in_any_spelling_is_in_no_record_of_a_run(where: Project, server: Server, home: Path) -> None:
    asked: list[Received] = []

    def publisher(received: Received) -> Reply:
        given = spelled(KEY, EVERY[len(asked) % len(EVERY)])
        asked.append(received)
        text = given.decode()
        wrong = b'{"count": 1, "error": "' + given + b'", "data": [{"' + given + b'": "' + given + b'"}]}'
        return Reply(wrong, headers=JSON | {"ETag": text, "Last-Modified": text, "Content-Disposition": text})

    server.play(publisher)
    result = refreshed(where, home, since=1992, until=2025)
    assert not result.success
    assert len(asked) >= len(EVERY)
    assert KEY in asked[0].headers.values()
    assert places(home, where.archive) == {}


def test_a_key_in_an_address_that_answers_nothing_is_in_no_record_of_a_run(
    where: Project, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BILATERAL_COMTRADE_URL", f"http://me:{quote(KEY, safe='')}@127.0.0.1:9/base")
    assert not refreshed(where, home, since=2024, until=2024).success
    assert places(home, where.archive) == {}


def test_a_key_that_is_not_blanked_would_be_found(
    where: Project, server: Server, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Open(Secret):
        def blank_text(self, text: str) -> str:
            return text

        def blank_bytes(self, content: bytes) -> bytes:
            return content

    monkeypatch.setattr(client, "Secret", Open)
    server.reply(Reply(b'{"error": "' + spelled(KEY, EVERY[0]) + b'"}', headers=JSON))
    assert not refreshed(where, home, since=2024, until=2024).success
    assert any(place.endswith(".db") for place in places(home, where.archive))
