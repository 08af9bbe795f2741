"""The state of a live dataset, the reason for missing figures, and the notices about it."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dagster_project import notify, snapshots
from dagster_project.project import Project
from dagster_project.publication.freshness import NewestPeriod
from dagster_project.refresh import state
from dagster_project.refresh.log import Log
from dagster_project.refresh.planning import Options
from dagster_project.refresh.run import run_refresh
from dagster_project.refresh.state import State, list_states
from dagster_project.sources import Key
from tests.making import TRADE
from tests.refresh import example
from tests.refresh.running import NOW, FakeTime, ask, project
from tests.refresh.server import Reply, Server

HELD = NewestPeriod("example", "trade_annual", "A", "KOR", "2021", "2022", date(2023, 6, 1), date(2023, 6, 15), True)


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Make a project whose publication ends in 2021 and has every snapshot."""
    example.register(monkeypatch)
    made = project(tmp_path)

    def published(_project: Project) -> tuple[list[NewestPeriod], set[str]]:
        return [HELD], {one.id for one in snapshots.find_snapshots(made, TRADE.path)}

    monkeypatch.setattr(state, "_read_published", published)
    return made


def now_is(where: Project, at: datetime = NOW) -> State:
    (found,) = list_states(where, {}, at)
    return found


def test_what_nobody_asked_for_is_the_schedule_s_fault(where: Project, server: Server) -> None:
    assert now_is(where, datetime(2023, 5, 31, tzinfo=NOW.tzinfo)).in_words == "fresh"
    assert now_is(where, datetime(2023, 6, 14, tzinfo=NOW.tzinfo)).in_words == "due: not asked"
    assert now_is(where).in_words == "late: not asked"
    # It was asked, and before it was due.
    server.reply(example.RIGHT)
    ask(where, server, time=FakeTime(NOW - timedelta(days=60)))
    assert now_is(where).in_words == "late: not asked"


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        pytest.param(example.RIGHT, "publisher", id="nothing newer"),
        pytest.param(Reply(b"{}"), "refused", id="another form"),
        pytest.param(Reply(status=500), "refused", id="it fails"),
        pytest.param(Reply(status=403), "key not accepted", id="the key"),
        pytest.param(Reply(b"", 429, {"Retry-After": "7200"}), "paused", id="left alone"),
    ],
)
def test_whose_fault_it_is_follows_from_the_last_refresh(
    reply: Reply, fault: str, where: Project, server: Server
) -> None:
    server.reply(reply)
    ask(where, server, key="secret")
    found = now_is(where)
    assert (found.freshness, found.fault) == ("late", fault)


@pytest.mark.parametrize(
    ("record", "said"),
    [
        pytest.param({"stopped": "key", "unanswered": ["CHN: silence"]}, "key not accepted", id="silent, then the key"),
        pytest.param({"stopped": None, "unanswered": ["CHN: silence"]}, "no response", id="silent once"),
        pytest.param({"stopped": "quota"}, "paused", id="an old record"),
    ],
)
def test_the_last_result_and_the_fault_are_one(
    record: dict[str, Any], said: str, where: Project, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.reply(example.RIGHT)
    ask(where, server)
    monkeypatch.setattr(Log, "find_last_result", lambda _log, _path: (NOW, {"refusals": [], **record}))
    found = now_is(where)
    assert (found.result, found.fault) == (said, said)


def test_a_publisher_that_does_not_answer_is_said_to(where: Project) -> None:
    with_nobody = Server("http://127.0.0.1:1")
    ask(where, with_nobody)
    assert now_is(where).in_words == "late: no response"


def test_a_key_that_is_missing_and_what_is_turned_off(where: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    example.register(monkeypatch, key=Key(place="query", name="token", how="Ask its master."))
    assert now_is(where).in_words == "late: key missing"
    where.configuration.write_text('pairs = ["KOR-CHN"]\n[example]\nenabled = false\n', encoding="utf-8")
    assert now_is(where).in_words == "late: turned off"


def test_what_came_and_is_not_published_is_the_build_s_fault(
    where: Project, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.reply(example.RIGHT)
    ask(where, server)
    monkeypatch.setattr(state, "_read_published", lambda _project: ([HELD], set()))
    assert now_is(where).in_words == "late: not built"


def test_the_economies_of_the_pairs_count_and_the_first_that_is_due(
    where: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(reporter: str, due: int) -> NewestPeriod:
        return NewestPeriod(
            "example", "trade_annual", "A", reporter, "2022", "2023", date(due, 6, 1), date(due, 7, 1), True
        )

    published = [held("FRA", 2020), held("KOR", 2025), held("CHN", 2024)]
    monkeypatch.setattr(state, "_read_published", lambda _project: (published, set()))
    assert now_is(where).newest == published[2]


def test_a_refused_response_and_a_late_figure_are_told_once(
    where: Project, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def send(_to: str, text: str) -> bool:
        told.append(text)
        return True

    monkeypatch.setattr(notify, "send_message", send)
    time = FakeTime()

    def refreshed(reply: Reply) -> None:
        server.reply(reply)
        environment = {"BILATERAL_EXAMPLE_URL": f"{server.address}/base", notify.ADDRESS: "http://127.0.0.1:1/hook"}
        run_refresh(where, None, Options(environment=environment, clock=time.clock))
        time.at += timedelta(days=30)

    for _ in range(3):
        refreshed(Reply(b"{}"))
    (first,) = told
    assert "example/trade_annual CHN is refused" in first
    assert "example/trade_annual is late: 2022 was due on 2023-06-01 (refused)" in first
    # The publisher is well again, and ill again.
    refreshed(example.RIGHT)
    refreshed(Reply(b"{}"))
    assert len(told) == 2
    assert "is refused" in told[1]
    assert "is late" not in told[1]
    kept = json.loads((where.archive / "told.json").read_text(encoding="utf-8"))
    assert kept["told"]["refused example/trade_annual"] == ["CHN"]


def test_what_a_person_hands_in_says_with_which_period_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parity of September 2026 is due by 28 August."""
    parities = NewestPeriod(
        "pboc", "central_parities", "M", None, "2026-08", "2026-09", date(2026, 8, 28), date(2026, 9, 11), False
    )
    monkeypatch.setattr(state, "_read_published", lambda _project: ([parities], set()))
    told = {
        day: next(one for one in state.list_handed_in(Project.find(), day) if one.dataset == "pboc/central_parities")
        for day in (date(2026, 8, 20), date(2026, 9, 20))
    }
    assert [one.in_words for one in told.values()] == ["fresh", "late: no newer file"]
    assert {(one.stopped, one.newest) for one in told.values()} == {("by hand", parities)}
