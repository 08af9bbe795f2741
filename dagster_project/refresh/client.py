"""Send a request to a publisher: its address and key, rate, daily quota, redirects and deadlines.

Here: the HTTP client. Not here: removing secrets from texts (`secrets`), sending a request again (`retry`), checking a
response (`acceptance`), or planning the requests (`planning`).

The key is added to a request when it is sent and removed from the response before any other code sees it.
"""

from __future__ import annotations

import json
import logging
import time
from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Self
from urllib.parse import quote, urlencode, urljoin, urlsplit
from urllib.request import getproxies

from dagster_project.refresh.log import Log
from dagster_project.refresh.planning import Options, find_base_address, find_key, require_api
from dagster_project.refresh.retry import RequestFailed
from dagster_project.refresh.secrets import Secret, split_password
from dagster_project.sources import Request, Response, Source

if TYPE_CHECKING:
    import ssl

REDIRECTS = frozenset({301, 302, 303, 307, 308})
LONGEST_WAY = 5
# Seconds to wait for a connection.
CONNECT = 5.0
# The content encodings that are decoded. Others, and several at once, could swell without a bound in one step.
ENCODINGS = frozenset({"", "identity", "gzip", "deflate"})


@cache
def _load_authorities() -> ssl.SSLContext:
    """Load the certificate authorities, once, because that takes longer than a response."""
    import httpx

    return httpx.create_ssl_context()


class Client:
    """An HTTP client for one publisher, which sends one request at a time.

    Args:
        source: The publisher.
        log: The log that counts requests.
        options: The options with the environment of keys and addresses, the clock, and how long a response may take.
    """

    def __init__(self, source: Source, log: Log, options: Options) -> None:
        self.source = source
        self.api = require_api(source)
        self.key = find_key(source, options.environment)
        # An address, and that of a proxy, may contain a name and a password: they are sent, but never written anywhere.
        self._base = find_base_address(source, options.environment)
        self.base, *known = split_password(self._base)
        proxies = (word for address in getproxies().values() for word in split_password(address)[1:])
        self.secret = Secret(self.key, *known, *proxies)
        # Counts of requests, redirects, repetitions and bytes.
        self.used = Counter[str]()
        # Whether the last response contained the key.
        self.blanked = False
        self._log = log
        self._clock = options.clock
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
            what = f"no connection can be made with the settings of this machine: {self.secret.blank_text(str(error))}"
            names = "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY (SOCKS is not supported), NO_PROXY, SSL_CERT_FILE, SSL_CERT_DIR"
            raise RequestFailed("setting", f"{what}. Correct these environment variables: {names}.") from None
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def send_request(self, request: Request) -> Response:
        """Send a request once, follow redirects on the same host, and return the response without the key.

        Raises:
            RequestFailed: No complete response came, it redirects to another host, the daily quota is used up, or the
                address or the key cannot be sent.
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
        for _ in range(LONGEST_WAY):
            self._count_request()
            response, location = self._send_once("GET" if body is None else "POST", address, headers, body)
            if response.status not in REDIRECTS or not location:
                return response
            address = self._follow_redirect(address, location, response)
            body = body if response.status in {307, 308} else None
        raise RequestFailed("refused", f"redirected more than {LONGEST_WAY} times", response)

    def _send_once(
        self, method: str, address: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[Response, str | None]:
        """Send a request once; return the response without the user's key, and the redirect address unchanged."""
        import httpx

        try:
            status, found, content = self._receive_content(method, address, headers, body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            what = self.secret.blank_text(str(error)) or "no connection in time"
            # A publisher that has answered in this run is only unavailable for a moment.
            raise RequestFailed(
                "no response" if self.used["bytes"] else "unreachable", f"it cannot be reached: {what}"
            ) from None
        except httpx.TimeoutException:
            raise RequestFailed("no response", f"nothing came for {self.api.timeout:g} seconds") from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            what = f"is not a valid address for {self.source.title}: {self.secret.blank_text(str(error))}"
            raise RequestFailed("setting", f"{self.base} {what} Correct {self.source.address_variable}.") from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            if "location header" in str(error):
                # The error repeats the address, which may contain a part of the key.
                raise RequestFailed("refused", "redirected to an invalid address") from None
            what = self.secret.blank_text(str(error)) or type(error).__name__
            raise RequestFailed("no response", f"the connection failed: {what}") from None
        except ValueError:
            # The error's text may contain the key.
            what = f"The key of {self.source.title} has a character that cannot be sent."
            raise RequestFailed("setting", f"{what} Set {self.source.key_variable} again.") from None
        blanked = self.secret.blank_bytes(content)
        self.blanked = blanked != content
        response = Response(status, {name: self.secret.blank_text(value) for name, value in found.items()}, blanked)
        if len(blanked) > self.api.max_bytes:
            raise RequestFailed("refused", f"a response of more than {self.api.max_bytes:,} bytes", response)
        return response, found.get("location")

    def _receive_content(
        self, method: str, address: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, dict[str, str], bytes]:
        content = bytearray()
        deadline = time.monotonic() + self._whole_response
        with self._http.stream(method, address, headers=headers, content=body) as response:
            encoding = response.headers.get("content-encoding", "").strip().lower()
            if encoding not in ENCODINGS:
                # Without its body, which cannot be decoded.
                raise RequestFailed("refused", f"a response with the content encoding {encoding[:80]!r}")
            try:
                for chunk in response.iter_bytes():
                    content += chunk
                    # A compressed response grows when it is decompressed; the decompressed size counts.
                    if len(content) > self.api.max_bytes:
                        del content[self.api.max_bytes + 1 :]
                        break
                    if time.monotonic() > deadline:
                        raise RequestFailed("no response", f"response not complete in {self._whole_response:g} seconds")
            finally:
                self.used["bytes"] += response.num_bytes_downloaded
            return response.status_code, {k.lower(): v for k, v in response.headers.items()}, bytes(content)

    def _count_request(self) -> None:
        """Wait as the publisher's rate limit requires, and record the request; raise if today's quota is used up."""
        code, allowed, now = self.source.code, self.api.per_day, self._clock.now()
        if allowed is not None and self._log.count_requests(code, now) >= allowed:
            raise RequestFailed("quota", f"the {allowed:,} requests of today are used up")
        # The last request of any process; another machine's clock may be ahead.
        last, apart = self._log.find_last_sent(code), 1 / self.api.per_second
        wait = 0.0 if last is None else min(apart - (now - last).total_seconds(), apart)
        if wait > 0:
            self._clock.sleep(wait)
        self._log.record_request(code, self._clock.now())
        self.used["requests"] += 1

    def _follow_redirect(self, here: str, location: str, response: Response) -> str:
        """Return a redirect's address; the key is sent to no other host, and https never becomes http."""
        try:
            there = urljoin(here, location)
            old, new = urlsplit(here), urlsplit(there)
            _ = new.port
        except ValueError:
            # The error's text may contain the key.
            raise RequestFailed("refused", "redirected to an invalid address", response) from None
        if (
            new.scheme not in {"http", "https"}
            or (old.scheme == "https" and new.scheme == "http")
            or (self.key and old.netloc != new.netloc)
        ):
            shown = urlsplit(self.secret.blank_text(there))
            raise RequestFailed("moved", f"redirected to {shown.scheme}://{shown.hostname}; not followed", response)
        return there
