"""One request to one publisher: its address and key, the rate, a day's quota, redirects, deadlines.

Here: the HTTP client. Not here: what must not be written down (`secrets`), when a request is sent again (`retry`),
whether a response is what was asked for (`acceptance`), or which requests there are (`planning`).

The key is put into a request when it is sent and taken out of whatever comes back before anybody sees it.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Self, TypeVar
from urllib.parse import quote, urlencode, urljoin, urlsplit

from dagster_project.errors import BilateralError
from dagster_project.refresh.log import Log
from dagster_project.refresh.retry import LONGEST_PAUSE, Clock, Failed, RetryPolicy, retry_after
from dagster_project.refresh.secrets import Secret, without_password
from dagster_project.sources import Api, Request, Response, Source, Unusable

if TYPE_CHECKING:
    import ssl

    import httpx

REDIRECTS = frozenset({301, 302, 303, 307, 308})
LONGEST_WAY = 5
# Seconds after which nobody is taken to be at an address.
CONNECT = 5.0
# Headers of a response that say what it is; only they are kept with it.
KEPT_HEADERS = ("content-type", "last-modified", "etag", "content-disposition")

Found = TypeVar("Found")


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities that publishers' certificates are checked against; reading them takes longer than a response."""
    import httpx

    return httpx.create_ssl_context()


class AddressOrKey(BilateralError):
    """An address or a key that nothing can be sent with."""


class Client:
    """Asks one publisher, one request at a time.

    Args:
        source: The publisher.
        base: The address that requests follow.
        key: The key, if there is one.
        log: Where requests are counted.
        clock: The time.
        policy: When to send a request again.
    """

    def __init__(self, source: Source, base: str, key: str | None, log: Log, clock: Clock, policy: RetryPolicy) -> None:
        assert source.api is not None
        self.source = source
        self.api: Api = source.api
        # An address may have a name and a password in it, for a proxy: they are sent, and written nowhere.
        self._base, (self.base, *known) = base, without_password(base)
        self.secret = Secret(key, *known)
        self.requests = self.bytes = self.retries = 0
        # Whether the key stood in the last response, and where that led.
        self.blanked = False
        self._location: str | None = None
        self._key = key
        self._log = log
        self._clock = clock
        self._policy = policy
        self._next = clock.monotonic() + self._still_to_wait()
        self._runner = asyncio.Runner()
        self._client: httpx.AsyncClient | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._client is not None:
            self._runner.run(self._client.aclose())
        self._runner.close()

    def ask(self, request: Request, read: Callable[[Response], Found]) -> tuple[Response, Found]:
        """The response to a request, and what `read` makes of it; passing troubles are waited out.

        Raises:
            Failed: There is no usable response, or the publisher is not to be asked any more.
        """
        try:
            return self._policy.retrying(self._clock, self._count_retry)(self._once, request, read)
        except Failed as failed:
            if failed.trouble == "again" and failed.response is not None and failed.response.status == 429:
                raise Failed(
                    "quota", f"{failed.reason}, {self._policy.attempts} times", failed.response, failed.until
                ) from None
            raise

    def _count_retry(self) -> None:
        self.retries += 1

    def _once(self, request: Request, read: Callable[[Response], Found]) -> tuple[Response, Found]:
        response = self._fetch(request)
        try:
            return response, read(response)
        except Unusable as unusable:
            after = unusable.after if unusable.after is not None else retry_after(response, self._clock.now())
            until = None if after is None else self._clock.now() + timedelta(seconds=min(after, LONGEST_PAUSE))
            trouble, reason = unusable.trouble, self.secret.blank(unusable.reason)
            if trouble == "again" and after is not None and after > self._policy.longest_wait:
                trouble, reason = "quota", f"{reason}; it asks to be left alone for {after:.0f} seconds"
            raise Failed(trouble, reason, response, until) from None

    def _fetch(self, request: Request) -> Response:
        path = request.path
        query = list(request.query)
        headers = {"accept": request.accept}
        if self._key and self.api.key:
            place, name = self.api.key.place, self.api.key.name
            if place == "header":
                headers[name.lower()] = f"{self.api.key.prefix}{self._key}"
            elif place == "query":
                query.append((name, self._key))
            else:
                path = path.replace("{key}", quote(self._key, safe=""))
        address = f"{self._base}{path}{'?' + urlencode(query) if query else ''}"
        body = None if request.body is None else json.dumps(request.body, ensure_ascii=False).encode()
        if body is not None:
            headers["content-type"] = "application/json"
        for _ in range(LONGEST_WAY):
            self._count()
            response = self._send("GET" if body is None else "POST", address, headers, body)
            if response.status not in REDIRECTS or not self._location:
                return response
            address = self._redirected(address, self._location, response)
            body = body if response.status in {307, 308} else None
        raise Failed("refused", f"sent on more than {LONGEST_WAY} times", response)

    def _send(self, method: str, address: str, headers: Mapping[str, str], body: bytes | None) -> Response:
        import httpx

        try:
            status, found, content = self._runner.run(self._receive(method, address, headers, body))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            what = self.secret.blank(str(error)) or "no connection in time"
            # Whoever has answered in this run is only away for a moment.
            raise Failed("no response" if self.bytes else "unreachable", f"it cannot be reached: {what}") from None
        except httpx.TimeoutException:
            raise Failed("no response", f"nothing came for {self.api.timeout:g} seconds") from None
        except TimeoutError:
            raise Failed("no response", f"no whole response within {self._whole_response:g} seconds") from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise AddressOrKey(
                f"{self.base} is not an address to ask {self.source.title} at: {self.secret.blank(str(error))}",
                remedy=f"Mend {self.source.address_variable}.",
            ) from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            what = self.secret.blank(str(error)) or type(error).__name__
            raise Failed("no response", f"the connection failed: {what}") from None
        except (UnicodeError, ValueError):
            # Its text may hold the key.
            raise AddressOrKey(
                f"The key of {self.source.title} has a character that cannot be sent.",
                remedy=f"Set {self.source.key_variable} again.",
            ) from None
        self._location = found.get("location")
        blanked = self.secret.blank_bytes(content)
        self.blanked, content = blanked != content, blanked
        found = {name: self.secret.blank(value) for name, value in found.items()}
        response = Response(status, found, content)
        if len(content) > self.api.max_bytes:
            raise Failed("refused", f"a response of more than {self.api.max_bytes:,} bytes", response)
        return response

    async def _receive(
        self, method: str, address: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, dict[str, str], bytes]:
        content = bytearray()
        async with asyncio.timeout(self._whole_response):
            client = self._connected()
            async with client.stream(method, address, headers=headers, content=body) as response:
                try:
                    async for chunk in response.aiter_bytes():
                        content += chunk
                        # A compressed answer swells on arrival; what counts is what it holds.
                        if len(content) > self.api.max_bytes:
                            del content[self.api.max_bytes + 1 :]
                            break
                finally:
                    self.bytes += response.num_bytes_downloaded
                return response.status_code, {k.lower(): v for k, v in response.headers.items()}, bytes(content)

    def _connected(self) -> httpx.AsyncClient:
        if self._client is None:
            import httpx

            # They write addresses, and with them the key, at INFO and DEBUG; this process does not want to know.
            for name in ("httpx", "httpcore"):
                logging.getLogger(name).setLevel(logging.WARNING)
            self._client = httpx.AsyncClient(
                verify=_trusted(),
                timeout=httpx.Timeout(self.api.timeout, connect=min(self.api.timeout, CONNECT)),
                headers={"user-agent": f"bilateral/{version('bilateral')} (warehouse of trade statistics)"},
                follow_redirects=False,
            )
        return self._client

    @property
    def _whole_response(self) -> float:
        return self._policy.whole_response or 10 * self.api.timeout

    def _count(self) -> None:
        """Waits for the publisher's rate, and counts a request of today."""
        now = self._clock.now()
        allowed = self.api.per_day
        if allowed is not None and self._log.requests(self.source.code, now) >= allowed:
            raise Failed("quota", f"the {allowed:,} requests of today are used up")
        wait = self._next - self._clock.monotonic()
        if wait > 0:
            self._clock.sleep(wait)
        self._next = self._clock.monotonic() + 1 / self.api.per_second
        self._log.count(self.source.code, self._clock.now())
        self.requests += 1

    def _still_to_wait(self) -> float:
        """Seconds until the rate allows a request after the last one of a run before, in whatever process that was."""
        last = self._log.sent(self.source.code)
        if last is None:
            return 0.0
        apart = 1 / self.api.per_second
        # The clock of another machine may be ahead.
        return min(max(0.0, apart - (self._clock.now() - last).total_seconds()), apart)

    def _redirected(self, here: str, location: str, response: Response) -> str:
        """Where a response sends on to; a key goes to no other host, and nothing leaves encryption."""
        try:
            there = urljoin(here, location)
            old, new = urlsplit(here), urlsplit(there)
            _ = new.port
        except ValueError:
            # What it says may hold the key.
            raise Failed("refused", "sent on to an address that is none", response) from None
        if (
            new.scheme not in {"http", "https"}
            or (old.scheme == "https" and new.scheme == "http")
            or (self._key and old.netloc != new.netloc)
        ):
            where = self.secret.blank(f"{new.scheme}://{new.hostname}")
            raise Failed("moved", f"sent on to {where}, which is not asked", response)
        return there
