"""A passing trouble is waited out, for as long as the policy says."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest

from dagster_project.project import Project
from dagster_project.refresh import retry
from dagster_project.refresh.retry import RetryPolicy
from tests.making import TRADE
from tests.refresh import example
from tests.refresh.running import NOW, FakeTime, ask, rows
from tests.refresh.server import Delivery, Reply, Server

QUICK = RetryPolicy(attempts=2, whole_response=0.3)


@pytest.mark.parametrize(
    "first",
    [
        Reply(b"busy", 429, {"Retry-After": "30"}),
        Reply(b""),
        Reply(example.body()[:40]),
        Reply(b"not gzip", headers={"Content-Encoding": "deflate"}),
    ],
)
def test_a_passing_trouble_is_waited_out(where: Project, server: Server, first: Reply) -> None:
    time = FakeTime()
    server.reply(first, example.RIGHT)
    (result,) = ask(where, server, time=time)
    assert (result.new, result.requests, result.retries, result.refusals) == (4, 2, 1, [])
    assert max(time.waits) == 30 if first.headers.get("Retry-After") else 0.7 < time.waits[0] < 1.3


@pytest.mark.parametrize(("delivery", "reason"), [("drip", "not complete after 0.3 seconds"), ("cut", "closed")])
def test_what_never_comes_whole_is_given_up(where: Project, server: Server, delivery: Delivery, reason: str) -> None:
    server.reply(Reply(example.body(), delivery=delivery))
    (result,) = ask(where, server, retries=QUICK)
    (unanswered,) = result.unanswered
    assert reason in unanswered
    assert "(2 times)" in unanswered
    assert (result.requests, result.refusals, result.failed) == (2, [], True)
    assert not where.refused.exists(), "nothing came that could be looked at"
    assert rows(where, TRADE.path)[:-1] == []


def test_a_request_whose_attempts_take_long_is_not_sent_again(
    where: Project, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "LONGEST_REQUEST", 0.5)
    server.reply(Reply(example.body(), delivery="drip"))
    (result,) = ask(where, server, retries=RetryPolicy(attempts=5, whole_response=0.3))
    assert result.unanswered[0].endswith("(2 times)")
    assert result.requests == 2


def test_a_publisher_that_goes_away_in_a_run_is_waited_for(where: Project, server: Server) -> None:
    where.configuration.write_text('pairs = ["KOR-CHN"]\ndonors = ["JPN"]\n')
    away = Reply(status=302, headers={"Location": "http://127.0.0.1:1/"})
    server.play(lambda received: away if "JPN" in received.target else example.RIGHT)
    (result,) = ask(where, server, retries=RetryPolicy(attempts=4))
    assert (result.answered, result.retries, result.stopped) == (1, 3, None)
    assert "the publisher cannot be reached" in result.unanswered[0]


def test_waits_double_and_are_bounded(where: Project, server: Server) -> None:
    time = FakeTime()
    server.reply(Reply(status=500))
    ask(where, server, time=time, retries=RetryPolicy(attempts=9, first_wait=4, longest_wait=100))
    waits = [wait for wait in time.waits if wait > 1]
    assert len(waits) == 8
    assert all(0.74 * 4 * 2**n <= wait <= 1.26 * 4 * 2**n for n, wait in enumerate(waits[:4]))
    assert max(waits) <= 100


def test_a_date_to_come_back_at_is_understood(where: Project, server: Server) -> None:
    time = FakeTime()
    server.reply(
        Reply(status=503, headers={"Retry-After": format_datetime(NOW + timedelta(seconds=50))}), example.RIGHT
    )
    ask(where, server, time=time)
    assert time.waits[0] == pytest.approx(50, abs=1)


@pytest.mark.parametrize("long", ["9" * 15, "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_nobody_is_left_alone_for_ever(where: Project, server: Server, long: str) -> None:
    time = FakeTime()
    server.reply(Reply(status=429, headers={"Retry-After": long}), example.RIGHT)
    (result,) = ask(where, server, time=time)
    assert result.stopped == "quota"
    time.at += timedelta(days=31)
    (result,) = ask(where, server, time=time)
    assert result.new == 4
