"""Responses without an end, given to a refresh that allows a request so many seconds.

Here: what a server sends, by a seed, and that the refresh ends. Not here: garbled responses that end (`refreshes`).
"""

from __future__ import annotations

import gzip
import random
import time
from pathlib import Path

import pytest

from dagster_project.refresh.retry import RetryPolicy
from tests.faults.kind import Kind, Tally, cause_of
from tests.refresh import example
from tests.refresh.running import ask, project
from tests.refresh.server import Reply, serving

# Seconds without a byte, and seconds for a request, after which it is given up.
QUIET, WHOLE = 0.3, 0.5
# What a refresh takes beside its one request, on a busy machine.
REST = 2.0
HEAD = b"HTTP/1.1 %d Said\r\n"
EMPTY_BLOCK = b"\0\0\0\xff\xff"
# What a response begins with, and what comes over and over.
ENDLESS = {
    "the status": (HEAD.rstrip(), b"a"),
    "a header": (HEAD + b"name: ", b"a"),
    "headers": (HEAD, b"name: a\r\n"),
    "interim responses": (b"", b"HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n"),
    "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "the body": (HEAD + b"\r\n", b" "),
    "a promised body": (HEAD + b"content-length: 1000000000000\r\n\r\n", b" "),
    "chunks": (HEAD + b"transfer-encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "a chunk's length": (HEAD + b"transfer-encoding: chunked\r\n\r\n", b"0"),
    "a chunk's extension": (HEAD + b"transfer-encoding: chunked\r\n\r\n1;", b"a"),
    "trailers": (HEAD + b"transfer-encoding: chunked\r\n\r\n0\r\n", b"name: a\r\n"),
    "a name in gzip": (HEAD + b"content-encoding: gzip\r\n\r\n\x1f\x8b\x08\x08\0\0\0\0\0\3", b"a"),
    "empty blocks in gzip": (HEAD + b"content-encoding: gzip\r\n\r\n\x1f\x8b\x08\0\0\0\0\0\0\3", EMPTY_BLOCK),
    "empty blocks": (HEAD + b"content-encoding: deflate\r\n\r\n\x78\x9c", EMPTY_BLOCK),
    "archives in gzip": (HEAD + b"content-encoding: gzip\r\n\r\n", gzip.compress(b"")),
    "redirects": (b"", b"HTTP/1.1 302 Found\r\nlocation: /base/trade\r\ncontent-length: 3\r\n\r\n   "),
    "a redirect's body": (b"HTTP/1.1 307 Moved\r\nlocation: /base/trade\r\n\r\n", b" "),
    "no HTTP": (b"", b"\0"),
    "nothing": (b"", b""),
}


def round_of(seed: int, cases: int, folder: Path, tally: Tally) -> None:
    chance = random.Random(seed)
    with serving() as server, pytest.MonkeyPatch.context() as patch:
        example.register(patch, timeout=QUIET)
        for number in range(cases):
            how = chance.choice([*ENDLESS])
            begun, again = ENDLESS[how]
            status = chance.choice((200, 200, 206, 400, 403, 404, 429, 500, 503))
            times, pause = chance.choice((1, 1, 100, 10_000)), chance.choice((0.0, 0.001, 0.05, 0.2, 0.4))
            begun = begun.replace(b"%d", str(status).encode())
            server.reply(Reply(begun, delivery="endless", again=again * times, pause=pause))
            case = (status, times, pause)
            begun_at = time.monotonic()
            with tally.case():
                try:
                    (result,) = ask(
                        project(folder / str(number)), server, retries=RetryPolicy(attempts=1, whole_response=WHOLE)
                    )
                except Exception as error:  # noqa: BLE001 - that is what is looked for
                    tally.fail(seed, f"{how}: {cause_of(error)}", case)
                    continue
            if time.monotonic() - begun_at > WHOLE + REST:
                tally.fail(seed, f"{how}: more than {WHOLE + REST:g} seconds", case)
            if result.archived or not (result.refusals or result.unanswered or result.nothing or result.stopped):
                tally.fail(seed, f"{how}: no reason", case)
            tally.outcomes["refused" if result.refusals else "no response" if result.unanswered else "other"] += 1


KIND = Kind(
    name="servers",
    what="Responses without an end, fast or slow: of headers, interim responses, chunks, redirects, compressed bytes "
    "that decode to nothing.",
    goal=f"A refresh gives a request up after {WHOLE:g} seconds, which the case sets as the limit, and says why within "
    f"{REST:g} seconds more.",
    round=round_of,
    cases=50,
)
