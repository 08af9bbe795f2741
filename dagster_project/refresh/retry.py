"""Decide whether a failed request is sent again, and after how many seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from dagster_project.sources.responses import parse_http_date

if TYPE_CHECKING:
    from tenacity import RetryCallState, Retrying

    from dagster_project.sources import Response, Trouble

# The kinds of failure beside those of `Trouble`: no response came, the address cannot be reached, it redirects to
# another host, or the address or the key has characters that cannot be sent.
TransportTrouble = Literal["no response", "unreachable", "moved", "setting"]
# The kinds of failure after which the same request is sent again.
PASSING = frozenset({"again", "no response", "unreachable"})
# The attempts to reach an address, before the network or the publisher counts as down.
UNREACHABLE = 2
# The seconds, including waits, after which a request without a usable response is not sent again.
LONGEST_REQUEST = 120.0


@dataclass(frozen=True)
class Clock:
    """A clock: a function for the current time and one that waits. Tests replace both."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep


class RequestFailed(Exception):
    """A request that got no usable response.

    Args:
        reason: The reason, for a person; without the key.
        response: The last response, without the key; None if none came.
        after: Seconds until the publisher may be asked again, if the publisher has said so.
    """

    def __init__(
        self,
        trouble: Trouble | TransportTrouble,
        reason: str,
        response: Response | None = None,
        after: float | None = None,
    ) -> None:
        super().__init__(reason)
        self.trouble = trouble
        self.reason = reason
        self.response = response
        self.after = after
        # The number of times that the request was sent.
        self.attempts = 1


@dataclass(frozen=True)
class RetryPolicy:
    """The policy for sending a request again.

    Args:
        attempts: The most times that a request is sent.
        first_wait: The seconds before the second attempt; each later wait is about twice as long.
        longest_wait: The most seconds between two attempts; if a publisher demands more, its refresh ends.
        whole_response: The most seconds for a complete response, redirects included; by default twice the publisher's
            `timeout`.
    """

    attempts: int = 5
    first_wait: float = 1
    longest_wait: float = 120
    whole_response: float | None = None

    def build_retrying(self, clock: Clock, on_retry: Callable[[], None]) -> Retrying:
        """Build tenacity's loop, which repeats a call after a temporary failure, and raises the failure if it stays."""
        from tenacity import Retrying, retry_if_exception, wait_exponential_jitter

        # Random waits keep several processes from repeating their requests at the same moment.
        backoff = wait_exponential_jitter(multiplier=self.first_wait, max=self.longest_wait, jitter=self.first_wait / 4)

        def find_failure(state: RetryCallState) -> RequestFailed:
            error = state.outcome.exception() if state.outcome else None
            assert isinstance(error, RequestFailed)
            return error

        def is_over(state: RetryCallState) -> bool:
            failure = find_failure(state)
            failure.attempts = state.attempt_number
            most = UNREACHABLE if failure.trouble == "unreachable" else self.attempts
            is_slow = (state.seconds_since_start or 0) > LONGEST_REQUEST
            return is_slow or state.attempt_number >= min(most, self.attempts)

        def choose_wait(state: RetryCallState) -> float:
            after = find_failure(state).after
            return backoff(state) if after is None else after

        return Retrying(
            stop=is_over,
            wait=choose_wait,
            retry=retry_if_exception(lambda error: isinstance(error, RequestFailed) and error.trouble in PASSING),
            sleep=clock.sleep,
            before_sleep=lambda _state: on_retry(),
            reraise=True,
        )


# The policy of a refresh that a schedule repeats: wait only seconds, and leave longer pauses to the next refresh.
PROMPT = RetryPolicy(attempts=3, longest_wait=10)


def read_retry_after(response: Response, now: datetime) -> float | None:
    """Return the seconds until the publisher may be asked again, from the header `Retry-After`, or None."""
    said = response.headers.get("retry-after", "").strip()
    if said.isdecimal():
        return float(said)
    at = parse_http_date(said)
    return None if at is None else max(0.0, (at - now).total_seconds())
