"""A refresh goes on where the last one stopped, and keeps the pauses that a publisher asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dagster_project.project import Project
from tests.refresh import example
from tests.refresh.running import FakeTime, ask, project
from tests.refresh.server import Reply, Server


def test_what_was_answered_in_this_period_is_not_asked_again(where: Project, server: Server) -> None:
    where.configuration.write_text(example.THREE)
    time = FakeTime()
    server.reply(example.RIGHT, example.answer_about("JPN"), Reply(status=400))
    (result,) = ask(where, server, time=time)
    assert (result.planned, result.answered, len(result.refusals)) == (3, 2, 1)
    server.reply(example.answer_about("USA"))
    (result,) = ask(where, server, time=time)
    assert (result.already, result.answered, result.requests) == (2, 1, 1)
    (result,) = ask(where, server, time=time)
    assert (result.already, result.requests) == (3, 0)
    (result,) = ask(where, server, time=time, again=True, full=True)
    assert result.requests > 0


def test_a_run_that_meets_the_daily_quota_stops_and_goes_on_the_next_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    example.register(monkeypatch, per_second=2, per_day=2)
    where = project(tmp_path, example.THREE)
    time = FakeTime()
    server.reply(example.RIGHT, example.answer_about("JPN"), example.answer_about("USA"))
    (result,) = ask(where, server, time=time)
    assert (result.answered, len(server.received)) == (2, 2)
    assert "the 2 requests of today are used up" in str(result.skipped)
    assert not result.failed
    (result,) = ask(where, server, time=time)
    assert (result.requests, len(server.received)) == (0, 2)
    time.at += timedelta(hours=13)
    (result,) = ask(where, server, time=time)
    assert (result.already, result.answered, result.skipped) == (2, 1, None)
    assert "partner=USA" in server.received[2].target


def test_a_span_that_takes_more_than_a_quota_is_done_in_a_few_days(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    example.register(monkeypatch, per_second=2, per_day=2)
    where = project(tmp_path, 'pairs = ["KOR-CHN"]\ndonors = ["JPN", "USA", "DEU"]\n')
    time = FakeTime()
    targets = []
    for first, second in (("CHN", "JPN"), ("USA", "DEU"), ("CHN", "JPN")):
        server.reply(example.answer_about(first), example.answer_about(second))
        (result,) = ask(where, server, time=time, full=True)
        assert (result.refusals, len(server.received)) == ([], 2)
        targets += [received.target.partition("partner=")[2][:3] for received in server.received]
        time.at += timedelta(days=1)
    assert targets == ["CHN", "JPN", "USA", "DEU", "CHN", "JPN"]


def test_a_publisher_that_says_enough_is_left_alone_for_as_long_as_it_says(where: Project, server: Server) -> None:
    where.configuration.write_text(example.THREE)
    time = FakeTime()
    server.reply(example.RIGHT, Reply(b"slow down", 429, {"Retry-After": "7200"}))
    (result,) = ask(where, server, time=time)
    assert (result.answered, len(server.received)) == (1, 2)
    assert "the quota is used up for now" in str(result.skipped)
    (result,) = ask(where, server, time=time)
    assert "demanded a pause until 2023-07-01 14:00 UTC" in str(result.skipped)
    assert len(server.received) == 2
    time.at += timedelta(hours=3)
    server.reply(example.answer_about("JPN"), example.answer_about("USA"))
    (result,) = ask(where, server, time=time)
    assert (result.already, result.answered) == (1, 2)


def test_what_a_publisher_says_in_words_of_when_to_come_back_is_kept_over_runs(tmp_path: Path, server: Server) -> None:
    where = project(tmp_path)
    time = FakeTime(datetime(2024, 1, 10, tzinfo=UTC))
    said = b'{"statusCode": 403, "message": "Out of call volume quota. Quota will be replenished in 05:12:33."}'
    server.reply(Reply(said, 403))
    (result,) = ask(where, server, "comtrade", time=time)
    assert (result.stopped, len(server.received)) == ("quota", 1)
    time.at += timedelta(hours=5)
    (result,) = ask(where, server, "comtrade", time=time)
    assert "demanded a pause until 2024-01-10 05:12 UTC" in str(result.skipped)
    assert len(server.received) == 1
    time.at += timedelta(minutes=13)
    ask(where, server, "comtrade", time=time)
    assert len(server.received) == 2
