"""The client keeps to the publisher's limits whatever happens on the way, and sends the key to nobody else."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest

from dagster_project.project import Project
from dagster_project.refresh import client
from dagster_project.refresh.retry import RetryPolicy
from dagster_project.sources import Request
from tests.making import TRADE
from tests.refresh import example
from tests.refresh.running import FakeTime, ask, project
from tests.refresh.server import Reply, Server, serving


def test_a_publisher_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    example.register(monkeypatch, timeout=0.2)
    server.reply(Reply(delivery="hang"))
    (result,) = ask(project(tmp_path), server, retries=RetryPolicy(attempts=2))
    assert result.unanswered == ["CHN: no byte came for 0.2 seconds (2 times)"]


@pytest.mark.parametrize(
    ("begun", "again"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", b" "),
        (b"HTTP/1.1 200 OK\r\nname: ", b"a"),
        (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
        # A file's name in the header of gzip decodes to nothing.
        (b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n\x1f\x8b\x08\x08\0\0\0\0\0\3", b"a"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n", b"name: a\r\n"),
        (b"", b"HTTP/1.1 302 Found\r\nlocation: /base/trade\r\ncontent-length: 9\r\n\r\n         "),
    ],
)
def test_a_response_without_an_end_is_given_up(where: Project, server: Server, begun: bytes, again: bytes) -> None:
    server.reply(Reply(begun, delivery="endless", again=again))
    begun_at = monotonic()
    (result,) = ask(where, server, retries=RetryPolicy(attempts=1, whole_response=0.2))
    assert monotonic() - begun_at < 2
    assert [*result.unanswered, *(one.reason for one in result.refusals)]


def test_a_publisher_that_cannot_be_reached_is_tried_twice_and_left_alone(where: Project) -> None:
    where.configuration.write_text('pairs = ["KOR-CHN"]\ndonors = ["JPN", "USA", "DEU", "GBR"]\n')
    time = FakeTime()
    with serving() as gone:
        pass
    (result,) = ask(where, gone, time=time, retries=RetryPolicy())
    assert (result.requests, result.stopped, result.failed) == (2, "silence", True)
    assert str(result.skipped).startswith("the publisher cannot be reached: ")
    assert sum(time.waits) < 2, "a refresh without a network takes seconds"
    assert (result.refusals, result.unanswered) == ([], [])
    assert not where.refused.exists()


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
    assert "the response has more than 2,000 bytes" in result.refusals[0].reason
    assert result.bytes < 1_000_000


def test_an_answer_that_is_packed_twice_is_not_unpacked(where: Project, server: Server) -> None:
    # 40 kB on the way, 10 GB when both layers are unpacked.
    server.reply(Reply(gzip.compress(b" " * 10_000_000) * 1_000, headers={"Content-Encoding": "gzip, gzip"}))
    (result,) = ask(where, server)
    assert result.unanswered == ["CHN: the response has the unknown content encoding 'gzip, gzip'"]
    assert (result.bytes, result.requests, result.failed) == (0, 1, True)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:9", "SOCKS"),
        ("HTTPS_PROXY", "127.0.0.1:bad", "bad"),
        ("NO_PROXY", "[::1", ":1"),
        ("SSL_CERT_FILE", "/nowhere/ca.pem", "No such file"),
    ],
)
def test_a_wrong_setting_of_the_machine_is_said(
    where: Project, server: Server, monkeypatch: pytest.MonkeyPatch, name: str, value: str, why: str
) -> None:
    monkeypatch.setenv(name, value)
    client._load_authorities.cache_clear()
    (result,) = ask(where, server)
    client._load_authorities.cache_clear()
    assert (result.stopped, result.requests, result.failed) == ("setting", 0, True)
    assert why in str(result.skipped)
    assert name in str(result.skipped)


def test_the_password_of_a_proxy_is_kept_nowhere(
    where: Project, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.address.replace("http://", "http://me:open-sesame@"))
    monkeypatch.setenv("no_proxy", "")
    packed = base64.b64encode(b"me:open-sesame")
    server.reply(Reply(b"<h1>denied: me:open-sesame, Basic " + packed + b"</h1>"))
    (result,) = ask(where, server)
    assert server.received[0].headers["proxy-authorization"].endswith(packed.decode())
    (kept,) = [path.read_bytes() for path in where.refused.rglob("answer*")]
    assert b"denied" in kept
    assert b"sesame" not in kept
    assert packed.rstrip(b"=") not in kept
    assert "sesame" not in str(result)


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
    server.reply(example.RIGHT)
    ask(project(tmp_path), server)
    (received,) = server.received
    assert received.method == "POST"
    assert json.loads(received.body) == {"limit": 5}
    assert received.headers["content-type"] == received.headers["accept"] == "application/json"


def test_a_publisher_that_has_moved_is_asked_once(where: Project, server: Server) -> None:
    where.configuration.write_text('pairs = ["KOR-CHN"]\ndonors = ["JPN", "USA", "DEU", "GBR"]\n')
    server.reply(Reply(status=301, headers={"Location": "http://elsewhere.example.org/trade"}))
    (result,) = ask(where, server, key="open-sesame")
    assert (len(server.received), len(result.refusals), result.stopped) == (1, 1, "moved")
    assert "redirected to http://elsewhere.example.org" in str(result.skipped)
    assert "BILATERAL_EXAMPLE_URL" in str(result.skipped)


def test_a_redirect_on_the_same_host_is_followed_and_counted(where: Project, server: Server) -> None:
    server.reply(Reply(status=301, headers={"Location": "/moved?partner=CHN"}), example.RIGHT)
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


def test_an_address_that_is_none_is_an_error_that_names_its_variable(where: Project, server: Server) -> None:
    nowhere = type(server)("ftp://example.org")
    (result,) = ask(where, nowhere)
    assert (result.stopped, result.failed) == ("setting", True)
    assert "Correct BILATERAL_EXAMPLE_URL" in str(result.skipped)
