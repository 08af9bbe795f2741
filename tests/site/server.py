"""A static server on this machine that answers HTTP ranges and counts the bytes that it sends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Counted(ThreadingHTTPServer):
    """The server, with the bytes of bodies that it has sent, and its address."""

    sent = 0
    requests = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Ranges(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Counted

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base names it so
        """Print nothing."""

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        data = path.read_bytes()
        asked = self.headers.get("Range", "")
        first, last = 0, len(data) - 1
        if asked.startswith("bytes="):
            one, _, other = asked.removeprefix("bytes=").partition("-")
            first = int(one) if one else len(data) - int(other)
            last = min(int(other), last) if one and other else last
        body = data[first : last + 1]
        self.send_response(206 if asked else 200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", self.date_time_string(int(path.stat().st_mtime)))
        if asked:
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
        self.end_headers()
        if with_body:
            self.server.sent += len(body)
            self.server.requests += 1
            self.wfile.write(body)


@contextmanager
def serve(folder: Path) -> Iterator[Counted]:
    """Serve a folder on a free port of this machine."""
    with Counted(("127.0.0.1", 0), partial(Ranges, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
