"""A request keeps the publisher's limits, whatever happens on the way, and the key is seen by nobody else."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import pytest

from dagster_project.project import Project
from dagster_project.refresh.retry import RetryPolicy
from dagster_project.sources import Key, Request
from tests.making import TRADE
from tests.refresh import example
from tests.refresh.running import NOW, FakeTime, ask, project, rows
from tests.refresh.server import Delivery, Reply, Server, serving

RIGHT = Reply(example.body())
KEY = "s3cret/+=key äß"
QUICK = RetryPolicy(attempts=2, whole_response=0.3)


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    example.register(monkeypatch)
    return project(tmp_path)


@pytest.mark.parametrize(
    "first",
    [
        Reply(b"busy", 429),
        Reply(b"busy", 429, {"Retry-After": "30"}),
        Reply(b"oops", 500),
        Reply(b"<html>down</html>", 503),
        Reply(b""),
        Reply(example.body()[:40]),
        Reply(example.body(), delivery="cut"),
        Reply(b"not gzip", headers={"Content-Encoding": "deflate"}),
    ],
)
def test_a_passing_trouble_is_waited_out(where: Project, server: Server, first: Reply) -> None:
    time = FakeTime()
    server.reply(first, RIGHT)
    (result,) = ask(where, server, time=time)
    assert (result.new, result.requests, result.retries, result.refusals) == (4, 2, 1, [])
    assert max(time.waits) == 30 if first.headers.get("Retry-After") else 0.7 < time.waits[0] < 1.3


@pytest.mark.parametrize(("delivery", "reason"), [("drip", "response not complete in 0.3 seconds"), ("cut", "closed")])
def test_what_never_comes_whole_is_given_up(where: Project, server: Server, delivery: Delivery, reason: str) -> None:
    server.reply(Reply(example.body(), delivery=delivery))
    (result,) = ask(where, server, retries=QUICK)
    (unanswered,) = result.unanswered
    assert reason in unanswered
    assert "(2 times)" in unanswered
    assert (result.requests, result.refusals, result.failed) == (2, [], True)
    assert not where.refused.exists(), "nothing came that could be looked at"
    assert rows(where, TRADE.path)[:-1] == []


def test_a_publisher_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    example.register(monkeypatch, timeout=0.2)
    server.reply(Reply(delivery="hang"))
    (result,) = ask(project(tmp_path), server, retries=RetryPolicy(attempts=2))
    assert result.unanswered == ["CHN: nothing came for 0.2 seconds (2 times)"]


def test_a_publisher_that_cannot_be_reached_is_tried_twice_and_left_alone(where: Project) -> None:
    where.configuration.write_text('pairs = ["KOR-CHN"]\ndonors = ["JPN", "USA", "DEU", "GBR"]\n')
    time = FakeTime()
    with serving() as gone:
        pass
    (result,) = ask(where, gone, time=time, retries=RetryPolicy())
    assert (result.requests, result.stopped, result.failed) == (2, "silence", True)
    assert str(result.skipped).startswith("it cannot be reached: ")
    assert sum(time.waits) < 2, "a refresh without a network takes seconds"
    assert (result.refusals, result.unanswered) == ([], [])
    assert not where.refused.exists()


def test_a_publisher_that_goes_away_in_a_run_is_waited_for(where: Project, server: Server) -> None:
    where.configuration.write_text('pairs = ["KOR-CHN"]\ndonors = ["JPN"]\n')
    away = Reply(status=302, headers={"Location": "http://127.0.0.1:1/"})
    server.play(lambda received: away if "JPN" in received.target else RIGHT)
    (result,) = ask(where, server, retries=RetryPolicy(attempts=4))
    assert (result.answered, result.retries, result.stopped) == (1, 3, None)
    assert "it cannot be reached" in result.unanswered[0]


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
    server.reply(Reply(status=503, headers={"Retry-After": format_datetime(NOW + timedelta(seconds=50))}), RIGHT)
    ask(where, server, time=time)
    assert time.waits[0] == pytest.approx(50, abs=1)


def test_too_many_requests_for_ever_are_a_quota(where: Project, server: Server) -> None:
    server.reply(Reply(status=429))
    (result,) = ask(where, server)
    assert "the quota is used up for now" in str(result.skipped)
    assert result.refusals == []


def test_the_rate_of_the_publisher_is_kept(where: Project, server: Server) -> None:
    where.configuration.write_text('pairs = ["KOR-CHN"]\ndonors = ["JPN", "USA"]\n')
    time = FakeTime()
    server.reply(Reply(status=404))
    ask(where, server, time=time)
    assert time.waits == [pytest.approx(0.5), pytest.approx(0.5)]


def test_the_rate_is_kept_from_one_refresh_to_the_next(where: Project, server: Server) -> None:
    time = FakeTime()
    server.reply(Reply(status=404))
    ask(where, server, time=time)
    time.at += timedelta(seconds=0.2)
    ask(where, server, time=time)
    assert time.waits == [pytest.approx(0.3)]
    # Another machine's clock may be behind.
    time.at -= timedelta(hours=1)
    ask(where, server, time=time)
    assert time.waits[1:] == [pytest.approx(0.5)]


def test_an_answer_that_is_too_long_is_not_read_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    example.register(monkeypatch, per_second=9, max_bytes=2_000)
    # It swells on arrival: what counts is what it holds.
    server.reply(Reply(b" " * 10_000_000, headers={"Content-Encoding": "gzip"}))
    (result,) = ask(project(tmp_path), server)
    assert "a response of more than 2,000 bytes" in result.refusals[0].reason
    assert result.bytes < 1_000_000


def test_a_compressed_answer_is_read(where: Project, server: Server) -> None:
    server.reply(Reply(example.body(), headers={"Content-Encoding": "gzip"}))
    (result,) = ask(where, server)
    assert result.new == 4
    assert "gzip" in server.received[0].headers["accept-encoding"]


def test_what_is_posted_is_json_and_an_accept_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    def plan(*_):
        yield Request(TRADE.path, "/trade", "CHN", body={"limit": 5}, accept="application/json")

    example.register(monkeypatch, plan=plan)
    server.reply(RIGHT)
    ask(project(tmp_path), server)
    (received,) = server.received
    assert received.method == "POST"
    assert json.loads(received.body) == {"limit": 5}
    assert received.headers["content-type"] == received.headers["accept"] == "application/json"


@pytest.mark.parametrize("place", ["header", "query", "path"])
def test_the_key_goes_where_it_belongs_and_nowhere_else(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    server: Server,
    caplog: pytest.LogCaptureFixture,
    place: Literal["header", "query", "path"],
) -> None:
    key = KEY if place != "header" else "s3cret/+=key"
    placed: Key = replace(example.KEY, place=place, prefix="APIKey " if place == "header" else "")
    monkeypatch.setattr(example, "KEY", placed)
    example.register(monkeypatch, key=placed)
    where = project(tmp_path)
    caplog.set_level(logging.DEBUG)
    echo = {"you": key, "address": f"/x?token={quote(key, safe='')}", "lower": quote(key, safe="").lower()}
    wrong = {"rows": [{"partner": key, "year": "2022", "flow": "export", "usd": key}]}
    replies = [
        Reply(example.body(echo=echo), headers={"ETag": quote(key)}),
        Reply(example.body((("CHN", "2022", "export", "1"),), echo=echo)),
        Reply(json.dumps({"error": {"trouble": "refused", "message": f"bad key {key}"}}).encode()),
        Reply(json.dumps(wrong).encode()),
        Reply(f"no such thing: {quote(key)}".encode(), 404),
        Reply(f"{key} is unknown".encode(), 403),
        Reply(b"busy", 429, {"Retry-After": "99999", "X-Key": quote(key)}),
    ]
    texts = []
    for reply in replies:
        server.reply(reply)
        results = ask(where, server, key=key, again=True, retries=RetryPolicy(attempts=1))
        texts.append(repr(results))
        (received,) = server.received
        held = quote(key, safe="") if place == "path" else quote(key, safe="").replace("%20", "+")
        assert (received.headers.get("token") == f"APIKey {key}") == (place == "header")
        assert received.target.endswith(f"&token={held}") == (place == "query")
        assert received.target.startswith(f"/base/trade/{held}?") == (place == "path")
    texts.append(caplog.text)
    texts += [path.read_bytes().decode("utf-8", "replace") for path in where.archive.rglob("*") if path.is_file()]
    texts += [str(path) for path in where.archive.rglob("*")]
    for form in {key, quote(key), quote(key, safe=""), quote(key, safe="").lower(), json.dumps(key)[1:-1], "s3cret"}:
        assert not [text for text in texts if form in text]
    assert any("***" in text for text in texts)


def test_the_key_is_not_sent_to_another_host(where: Project, server: Server) -> None:
    with serving() as other:
        other.reply(RIGHT)
        server.reply(Reply(status=302, headers={"Location": f"{other.address}/trade?token={KEY}"}))
        (result,) = ask(where, server, key="open-sesame")
        assert "redirected to http://127.0.0.1" in result.refusals[0].reason
        assert other.received == []
        # Without a key a publisher may well keep its files elsewhere.
        (result,) = ask(where, server)
        assert result.new == 4
        assert len(other.received) == 1


def test_a_publisher_that_has_moved_is_asked_once(where: Project, server: Server) -> None:
    where.configuration.write_text('pairs = ["KOR-CHN"]\ndonors = ["JPN", "USA", "DEU", "GBR"]\n')
    server.reply(Reply(status=301, headers={"Location": "http://elsewhere.example.org/trade"}))
    (result,) = ask(where, server, key="open-sesame")
    assert (len(server.received), len(result.refusals), result.stopped) == (1, 1, "moved")
    assert "redirected to http://elsewhere.example.org" in str(result.skipped)
    assert "BILATERAL_EXAMPLE_URL" in str(result.skipped)


def test_a_redirect_on_the_same_host_is_followed_and_counted(where: Project, server: Server) -> None:
    server.reply(Reply(status=301, headers={"Location": "/moved?partner=CHN"}), RIGHT)
    (result,) = ask(where, server, key="open-sesame")
    assert (result.new, result.requests) == (4, 2)
    assert server.received[1].target == "/moved?partner=CHN"
    server.reply(Reply(status=301, headers={"Location": "/round?token=open-sesame"}))
    (result,) = ask(where, server, key="open-sesame", again=True)
    assert "redirected more than 5 times" in result.refusals[0].reason
    assert "open-sesame" not in (result.refusals[0].folder / "reason.yml").read_text()


@pytest.mark.parametrize(
    "location",
    ["http://[open-sesame", "http://127.0.0.1:99999999/open-sesame", "ftp://example.org/", "file:///etc/passwd"],
)
def test_a_redirect_that_leads_nowhere_is_refused(where: Project, server: Server, location: str) -> None:
    server.reply(Reply(status=302, headers={"Location": location}))
    for key in ("open-sesame", None):
        (result,) = ask(where, server, key=key)
        (refusal,) = result.refusals
        assert refusal.reason.startswith("redirected to ")
        assert "sesame" not in refusal.reason
    assert len(server.received) == 2


@pytest.mark.parametrize("long", ["9" * 15, "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_nobody_is_left_alone_for_ever(where: Project, server: Server, long: str) -> None:
    time = FakeTime()
    server.reply(Reply(status=429, headers={"Retry-After": long}), RIGHT)
    (result,) = ask(where, server, time=time)
    assert result.stopped == "quota"
    time.at += timedelta(days=31)
    (result,) = ask(where, server, time=time)
    assert result.new == 4


def test_a_key_that_cannot_be_sent_is_an_error_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    example.register(monkeypatch, key=replace(example.KEY, place="header"))
    server.reply(RIGHT)
    (result,) = ask(project(tmp_path), server, key="schlüssel-s3cret")
    assert (result.stopped, result.failed) == ("setting", True)
    assert "cannot be sent" in str(result.skipped)
    assert "s3cret" not in str(result.skipped)


def test_an_address_that_is_none_is_an_error_that_names_its_variable(where: Project, server: Server) -> None:
    nowhere = type(server)("ftp://example.org")
    (result,) = ask(where, nowhere)
    assert (result.stopped, result.failed) == ("setting", True)
    assert "Correct BILATERAL_EXAMPLE_URL" in str(result.skipped)
