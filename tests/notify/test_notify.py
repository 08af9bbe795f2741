"""Notices reach a webhook on this machine, which also misbehaves."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dagster_project import notify
from dagster_project.notify import ADDRESS, Fact, send_facts
from dagster_project.project import Project
from tests import making
from tests.refresh.server import Reply, Server, serving

OK = Reply(b"ok")
LATE = Fact("imf/imts 2026-08", "imf/imts is late: 2026-08 was due on 2026-11-28 (publisher)")
REFUSED = Fact("KOR-CHN", "kcs/goods_monthly KOR-CHN is refused: another unit")


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(notify, "SECONDS", 0.5)
    monkeypatch.setattr(notify, "WAIT", 0.01)
    with serving() as server:
        monkeypatch.setenv(ADDRESS, f"{server.address}/hook/secret")
        server.reply(OK)
        yield server


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return making.project(tmp_path)


def texts(receiver: Server) -> list[str]:
    return [json.loads(one.body)["text"] for one in receiver.received]


def test_a_message_is_what_slack_takes(receiver: Server, project: Project) -> None:
    send_facts(project, "Bilateral: news", {"late": [LATE], "refused kcs/goods_monthly": [REFUSED]})
    (received,) = receiver.received
    assert (received.method, received.target) == ("POST", "/hook/secret")
    assert received.headers["content-type"] == "application/json"
    assert json.loads(received.body) == {"text": f"Bilateral: news\n• {LATE.text}\n• {REFUSED.text}"}


def test_without_an_address_nobody_is_told(receiver: Server, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ADDRESS)
    send_facts(project, "Bilateral", {"late": [LATE]})
    assert not receiver.received
    assert not project.archive.exists()


def test_a_fact_is_told_once_and_again_if_it_comes_back(receiver: Server, project: Project) -> None:
    for _ in range(3):
        send_facts(project, "Bilateral", {"late": [LATE]})
    # Another scope leaves it as it is.
    send_facts(project, "Bilateral", {"audit": []})
    assert len(texts(receiver)) == 1
    send_facts(project, "Bilateral", {"late": []})
    send_facts(project, "Bilateral", {"late": [LATE]})
    assert len(texts(receiver)) == 2


@pytest.mark.parametrize(
    ("reply", "attempts"),
    [
        pytest.param(Reply(status=500), notify.ATTEMPTS, id="it fails", marks=pytest.mark.long),
        pytest.param(Reply(delivery="hang"), notify.ATTEMPTS, id="it hangs", marks=pytest.mark.long),
        pytest.param(Reply(status=404), 1, id="nobody of that name"),
        pytest.param(
            Reply(status=302, headers={"Location": "/elsewhere"}), 1, id="it sends elsewhere", marks=pytest.mark.long
        ),
    ],
)
def test_a_receiver_that_misbehaves_holds_nobody_and_is_told_later(
    reply: Reply, attempts: int, receiver: Server, project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.reply(reply)
    started = time.monotonic()
    send_facts(project, "Bilateral", {"late": [LATE]})
    assert time.monotonic() - started < 5
    assert len(receiver.received) == attempts
    assert {one.target for one in receiver.received} == {"/hook/secret"}
    assert "did not accept" in caplog.text
    assert "secret" not in caplog.text
    receiver.reply(OK)
    send_facts(project, "Bilateral", {"late": [LATE], "refused kcs/goods_monthly": [REFUSED]})
    assert texts(receiver) == [f"Bilateral\n• {LATE.text}\n• {REFUSED.text}"]
    send_facts(project, "Bilateral", {"late": [LATE]})
    assert len(receiver.received) == 1


def test_the_address_is_in_no_log(receiver: Server, project: Project, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore"):
        caplog.set_level(logging.DEBUG, logger=name)
    send_facts(project, "Bilateral", {"late": [LATE]})
    assert len(receiver.received) == 1
    assert "secret" not in caplog.text


def test_a_response_that_drips_is_no_matter(receiver: Server, project: Project) -> None:
    receiver.reply(Reply(b"ok" * 500, delivery="drip"))
    started = time.monotonic()
    send_facts(project, "Bilateral", {"late": [LATE]})
    assert time.monotonic() - started < 3
    assert len(receiver.received) == 1


def test_what_a_power_cut_left_empty_silences_nobody(receiver: Server, project: Project) -> None:
    send_facts(project, "Bilateral", {"late": [LATE]})
    (project.archive / "told.json").write_bytes(b"")
    send_facts(project, "Bilateral", {"late": [LATE]})
    assert len(receiver.received) == 2


def test_a_passing_trouble_is_waited_out(receiver: Server, project: Project) -> None:
    receiver.reply(Reply(status=503), OK)
    send_facts(project, "Bilateral", {"late": [LATE]})
    assert len(receiver.received) == 2
    assert json.loads((project.archive / "told.json").read_text(encoding="utf-8"))["waiting"] == []


@pytest.mark.parametrize("to", ["http://127.0.0.1:1/", "no address", "ftp://127.0.0.1/"])
def test_nobody_at_the_address_holds_nobody(
    to: str, receiver: Server, project: Project, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(ADDRESS, to)
    send_facts(project, "Bilateral", {"late": [LATE]})
    assert caplog.text
    assert not receiver.received


def test_a_long_list_is_cut_and_counted(receiver: Server, project: Project) -> None:
    send_facts(project, "Bilateral", {"changed": [Fact(str(number), f"figure {number}") for number in range(50)]})
    lines = texts(receiver)[0].splitlines()
    assert len(lines) == 1 + notify.LINES + 1
    assert lines[-1] == "and 30 more in the next message"
    send_facts(project, "Bilateral", {"changed": [Fact(str(number), f"figure {number}") for number in range(50)]})
    send_facts(project, "Bilateral", {"late": []})
    told = [line for text in texts(receiver) for line in text.splitlines() if line.startswith("•")]
    assert told == [f"• figure {number}" for number in range(50)]
    send_facts(project, "Bilateral", {"late": []})
    assert len(receiver.received) == 3
