"""The key is sent to its publisher and shown to nobody else."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import pytest

from dagster_project.project import Project
from dagster_project.refresh.retry import RetryPolicy
from dagster_project.sources import Key
from tests.refresh import example
from tests.refresh.running import ask, project
from tests.refresh.server import Reply, Server, serving

KEY = "s3cret/+=key äß"


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
        other.reply(example.RIGHT)
        server.reply(Reply(status=302, headers={"Location": f"{other.address}/trade?token={KEY}"}))
        (result,) = ask(where, server, key="open-sesame")
        assert "redirected to http://127.0.0.1" in result.refusals[0].reason
        assert other.received == []
        # Without a key a publisher may well keep its files elsewhere.
        (result,) = ask(where, server)
        assert result.new == 4
        assert len(other.received) == 1


def test_a_key_that_cannot_be_sent_is_an_error_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    example.register(monkeypatch, key=replace(example.KEY, place="header"))
    server.reply(example.RIGHT)
    (result,) = ask(project(tmp_path), server, key="schlüssel-s3cret")
    assert (result.stopped, result.failed) == ("setting", True)
    assert "cannot be sent" in str(result.skipped)
    assert "s3cret" not in str(result.skipped)
