"""A publisher's server on this machine, with replies that a test chooses.

Here: any response, any status, and faults on the way. Not here: the content of publishers' responses (`publishers`,
`example`).
"""

from __future__ import annotations

import gzip
import itertools
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

# What may happen to a response on the way: nothing; it is promised whole and cut; it comes a byte at a time; nothing
# ever comes; it stands for itself, from the status line on, and has no end.
Delivery = Literal["whole", "cut", "drip", "hang", "endless"]


@dataclass(frozen=True)
class Reply:
    """One response, and how it is delivered; an endless one goes on with `again`, after so many seconds each time."""

    content: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delivery: Delivery = "whole"
    again: bytes = b""
    pause: float = 0.05


@dataclass(frozen=True)
class Received:
    """A request as it arrived; `target` is its unchanged path and query."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


class Server:
    """A server that answers requests with replies in turn, the last one for ever; or by the request."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.received: list[Received] = []
        self._replies: list[Reply] = [Reply(status=404)]
        self._routes: dict[str, Reply] = {}
        self._play: Callable[[Received], Reply] | None = None
        self._lock = threading.Lock()
        self.closing = threading.Event()

    def reply(self, *replies: Reply) -> None:
        """Set the replies from now on, and forget the received requests."""
        with self._lock:
            self._replies, self._routes, self._play = list(replies), {}, None
            self.received = []

    def route(self, routes: Mapping[str, Reply], otherwise: Reply) -> None:
        """Set the replies from now on, by path and query."""
        self.reply(otherwise)
        self._routes = dict(routes)

    def play(self, publisher: Callable[[Received], Reply]) -> None:
        """Set the function that answers from now on."""
        self.reply(Reply(status=404))
        self._play = publisher

    def next(self, received: Received) -> Reply:
        with self._lock:
            self.received.append(received)
            if self._play is not None:
                return self._play(received)
            if received.target in self._routes:
                return self._routes[received.target]
            return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stage: Server

    def do_GET(self) -> None:
        length = int(self.headers.get("content-length", 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.stage.next(Received(self.command, self.path, headers, self.rfile.read(length)))
        if reply.delivery == "hang":
            self.stage.closing.wait(20)
            self.close_connection = True
            return
        if reply.delivery == "endless":
            self._send(itertools.chain([reply.content], itertools.repeat(reply.again)), reply.pause)
            return
        self.send_response(reply.status)
        content = reply.content
        for name, value in reply.headers.items():
            self.send_header(name, value)
        for _ in range(reply.headers.get("Content-Encoding", "").count("gzip")):
            content = gzip.compress(content)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if reply.delivery == "cut":
            self.wfile.write(content[: len(content) // 2])
            self.close_connection = True
        elif reply.delivery == "drip":
            self._send((bytes([byte]) for byte in content), 0.02)
        else:
            self.wfile.write(content)

    do_POST = do_GET  # noqa: N815 - the name that the server looks for

    def _send(self, parts: Iterable[bytes], pause: float) -> None:
        try:
            for part in parts:
                if self.stage.closing.is_set():
                    break
                self.wfile.write(part)
                self.wfile.flush()
                time.sleep(pause)
        except OSError:
            pass
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Disable request logging."""


@contextmanager
def serving() -> Iterator[Server]:
    """Run a server on a free port of the loopback address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as listening:
        listening.daemon_threads = True
        stage = Server(f"http://127.0.0.1:{listening.server_address[1]}")
        listening.RequestHandlerClass = type("Handler", (_Handler,), {"stage": stage})
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield stage
        finally:
            stage.closing.set()
            listening.shutdown()
            thread.join()
