"""Send one request to a publisher over HTTP, within the publisher's rate and daily quota, and within deadlines.

The user's key is added to the request when it is sent, and blanked out of the response before other code sees it
(`secrets`). Other modules plan the requests (`planning`), send them again (`retry`) and check the responses.
"""

from __future__ import annotations

import json
import logging
import socket
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from threading import Timer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlencode, urljoin, urlsplit
from urllib.request import getproxies

from dagster_project.refresh.log import Log
from dagster_project.refresh.planning import Options, find_base_address, find_key
from dagster_project.refresh.retry import RequestFailed, TransportTrouble
from dagster_project.refresh.secrets import Secret, split_password
from dagster_project.sources import Request, Response, Source

if TYPE_CHECKING:
    import ssl

REDIRECTS = frozenset({301, 302, 303, 307, 308})
# The most redirects of a request.
MOST_REDIRECTS = 5
# Seconds to wait for a connection.
CONNECT = 5.0
# The content encodings that are decoded. With others a few bytes may decode to more than fits into memory.
ENCODINGS = frozenset({"", "identity", "gzip", "deflate"})


@cache
def _load_authorities() -> ssl.SSLContext:
    """Load the certificate authorities once, because loading them takes longer than a response."""
    import httpx

    return httpx.create_ssl_context()


class Client:
    """An HTTP client for one publisher, which sends one request at a time, and counts requests in the log."""

    def __init__(self, source: Source, log: Log, options: Options) -> None:
        self.source = source
        self.api = source.get_api()
        self.key = find_key(source, options.environment)
        # A user name and a password in the address of a publisher or proxy are blanked out like the key.
        self._base = find_base_address(source, options.environment)
        self.base, *known = split_password(self._base)
        proxies = (word for address in getproxies().values() for word in split_password(address)[1:])
        self.secret = Secret(self.key, *known, *proxies)
        # The number of requests (with redirects and repetitions), of repetitions (`retries`) and of bytes received.
        self.used = Counter[str]()
        # Whether the key was blanked out of the last response.
        self.blanked = False
        self._log = log
        self._clock = options.clock
        self._sockets: list[socket.socket] = []
        self._whole_response = options.retries.whole_response or 2 * self.api.timeout

    def __enter__(self) -> Self:
        import httpx

        # At INFO and DEBUG these libraries log addresses, and with them the key.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)
        agent = f"bilateral/{version('bilateral')} (warehouse of trade statistics)"
        try:
            self._http = httpx.Client(
                verify=_load_authorities(),
                timeout=httpx.Timeout(self.api.timeout, connect=min(self.api.timeout, CONNECT)),
                headers={"user-agent": agent, "accept-encoding": "gzip, deflate"},
                follow_redirects=False,
            )
        except (ImportError, ValueError, OSError, httpx.InvalidURL) as error:
            fault = f"invalid network settings of this machine: {self.secret.blank_text(str(error))}"
            names = "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY (SOCKS is not supported), NO_PROXY, SSL_CERT_FILE, SSL_CERT_DIR"
            raise RequestFailed("setting", f"{fault}. Correct these environment variables: {names}.") from None
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def send_request(self, request: Request) -> Response:
        """Send a request once, follow its redirects, and return the response with the user's key blanked out.

        Raises:
            RequestFailed: No complete response came, a redirect leads to another host, the daily quota is used up, or
                the address or the key has characters that cannot be sent.
        """
        path, query, headers = request.path, list(request.query), {"accept": request.accept}
        if self.key and self.api.key:
            place, name = self.api.key.place, self.api.key.name
            if place == "header":
                headers[name.lower()] = f"{self.api.key.prefix}{self.key}"
            elif place == "query":
                query.append((name, self.key))
            else:
                path = path.replace("{key}", quote(self.key, safe=""))
        address = f"{self._base}{path}{'?' + urlencode(query) if query else ''}"
        body = None if request.body is None else json.dumps(request.body, ensure_ascii=False).encode()
        if body is not None:
            headers["content-type"] = "application/json"
        self._deadline = time.monotonic() + self._whole_response
        for _ in range(MOST_REDIRECTS):
            self._count_request()
            response, location = self._send_once("GET" if body is None else "POST", address, headers, body)
            if response.status not in REDIRECTS or not location:
                return response
            address = self._follow_redirect(address, location, response)
            body = body if response.status in {307, 308} else None
        raise RequestFailed("refused", f"redirected more than {MOST_REDIRECTS} times", response)

    def _send_once(
        self, method: str, address: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[Response, str | None]:
        """Send a request once, without following redirects.

        Returns:
            The response with the user's key blanked out, and the address of a redirect, which may contain the key.
        """
        import httpx

        try:
            status, found, content = self._receive_content(method, address, headers, body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            what = self.secret.blank_text(str(error)) or "no connection in time"
            # A publisher that has sent bytes in this run is only unavailable for a moment.
            trouble: TransportTrouble = "no response" if self.used["bytes"] else "unreachable"
            raise RequestFailed(trouble, f"the publisher cannot be reached: {what}") from None
        except httpx.TimeoutException:
            raise RequestFailed("no response", f"no byte came for {self.api.timeout:g} seconds") from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            what = f"is not a valid address for {self.source.title}: {self.secret.blank_text(str(error))}"
            raise RequestFailed("setting", f"{self.base} {what} Correct {self.source.address_variable}.") from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            if "location header" in str(error):
                # The text of the error has the address, which may contain a part of the key.
                raise RequestFailed("refused", "redirected to an invalid address") from None
            what = self.secret.blank_text(str(error)) or type(error).__name__
            raise RequestFailed("no response", f"the connection failed: {what}") from None
        except ValueError:
            # The text of the error may contain the key.
            fault = f"The key of {self.source.title} has a character that cannot be sent."
            raise RequestFailed("setting", f"{fault} Correct {self.source.key_variable}.") from None
        blanked = self.secret.blank_bytes(content)
        self.blanked = blanked != content
        response = Response(status, {name: self.secret.blank_text(value) for name, value in found.items()}, blanked)
        if len(blanked) > self.api.max_bytes:
            raise RequestFailed("refused", f"the response has more than {self.api.max_bytes:,} bytes", response)
        return response, found.get("location")

    def _receive_content(
        self, method: str, address: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, dict[str, str], bytes]:
        content = bytearray()
        # A server can go on sending headers, or bytes that decode to nothing.
        timer = Timer(self._deadline - time.monotonic(), self._shut_sockets)
        timer.start()
        try:
            with self._http.stream(
                method, address, headers=headers, content=body, extensions={"trace": self._keep_socket}
            ) as response:
                encoding = response.headers.get("content-encoding", "").strip().lower()
                if encoding not in ENCODINGS:
                    raise RequestFailed("refused", f"the response has the unknown content encoding {encoding[:80]!r}")
                try:
                    for chunk in response.iter_bytes():
                        content += chunk
                        # The limit holds for the size after decompression.
                        if len(content) > self.api.max_bytes:
                            del content[self.api.max_bytes + 1 :]
                            break
                finally:
                    self.used["bytes"] += response.num_bytes_downloaded
                return response.status_code, {k.lower(): v for k, v in response.headers.items()}, bytes(content)
        finally:
            timer.cancel()
            if time.monotonic() > self._deadline:
                fault = f"the response was not complete after {self._whole_response:g} seconds"
                raise RequestFailed("no response", fault) from None

    def _keep_socket(self, event: str, facts: Mapping[str, Any]) -> None:
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            new = facts["return_value"].get_extra_info("socket")
            self._sockets = [*(one for one in self._sockets if one.fileno() >= 0), new]

    def _shut_sockets(self) -> None:
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _count_request(self) -> None:
        """Wait as the publisher's rate limit requires, and log the request; raise an error if the quota is used up."""
        code, allowed, now = self.source.code, self.api.per_day, self._clock.now()
        if allowed is not None and self._log.count_requests(code, now) >= allowed:
            raise RequestFailed("quota", f"the {allowed:,} requests of today are used up")
        # Another process may have sent the last request, on a machine whose clock is ahead.
        last, apart = self._log.find_last_sent(code), 1 / self.api.per_second
        wait = 0.0 if last is None else min(apart - (now - last).total_seconds(), apart)
        if wait > 0:
            self._clock.sleep(wait)
        self._log.record_request(code, self._clock.now())
        self.used["requests"] += 1

    def _follow_redirect(self, here: str, location: str, response: Response) -> str:
        """Return the address of a redirect; refuse to go from https to http or, if a key is used, to another host."""
        try:
            there = urljoin(here, location)
            old, new = urlsplit(here), urlsplit(there)
            _ = new.port
        except ValueError:
            # The text of the error may contain the key.
            raise RequestFailed("refused", "redirected to an invalid address", response) from None
        if (
            new.scheme not in {"http", "https"}
            or (old.scheme == "https" and new.scheme == "http")
            or (self.key and old.netloc != new.netloc)
        ):
            shown = urlsplit(self.secret.blank_text(there))
            raise RequestFailed("moved", f"redirected to {shown.scheme}://{shown.hostname}; not followed", response)
        return there
