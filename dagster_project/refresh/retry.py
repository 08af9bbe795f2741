"""When a request is sent again, and how long that waits.

Here: the policy, what a publisher's `Retry-After` says, the failure that ends a request. Not here: the sending
(`client`).
"""

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

# Troubles beside those that a response has: none came, nobody is at the address, it leads to another host, the address
# or the key cannot be sent.
TransportTrouble = Literal["no response", "unreachable", "moved", "setting"]
# Troubles after which the same request is sent again.
PASSING = frozenset({"again", "no response", "unreachable"})
# After so many times without anybody at the address there is no network, or no publisher.
UNREACHABLE = 2
# However long a publisher wants to be left alone, it is asked again after so many seconds: a month.
LONGEST_PAUSE = 30 * 86_400.0


@dataclass(frozen=True)
class Clock:
    """The time, and waiting; tests have a clock of their own."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep


class RequestFailed(Exception):
    """A request that got no usable response.

    Args:
        trouble: What it means.
        reason: What is the matter, for a person; without the key.
        response: What came last, if anything did; without the key.
        after: Seconds until the publisher may be asked again, if it said so.
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


@dataclass(frozen=True)
class RetryPolicy:
    """How a request is sent again.

    Args:
        attempts: How often a request is sent at most.
        first_wait: Seconds before the second time; each later wait is about twice as long.
        longest_wait: Seconds that a run waits at most; a publisher that asks for more is left alone until then.
        whole_response: Seconds after which a response that still drips is given up; by default ten times the seconds
            without a byte that the publisher's `timeout` allows.
    """

    attempts: int = 5
    first_wait: float = 1
    longest_wait: float = 120
    whole_response: float | None = None

    def build_retrying(self, clock: Clock, on_retry: Callable[[], None]) -> Retrying:
        """Build what calls a function again while it fails with a passing trouble, and raises the last failure."""
        from tenacity import Retrying, retry_if_exception, wait_exponential_jitter

        # Not all who wait come back in the same moment.
        backoff = wait_exponential_jitter(multiplier=self.first_wait, max=self.longest_wait, jitter=self.first_wait / 4)

        def find_failure(state: RetryCallState) -> RequestFailed:
            error = state.outcome.exception() if state.outcome else None
            assert isinstance(error, RequestFailed)
            return error

        def is_over(state: RetryCallState) -> bool:
            most = UNREACHABLE if find_failure(state).trouble == "unreachable" else self.attempts
            return state.attempt_number >= min(most, self.attempts)

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


# Of a run that comes back by itself: it waits for seconds, and leaves longer pauses to the run that asks again.
PROMPT = RetryPolicy(attempts=3, longest_wait=10)


def read_retry_after(response: Response, now: datetime) -> float | None:
    """Return the seconds until the publisher wants to be asked again, if it says so."""
    said = response.headers.get("retry-after", "").strip()
    if said.isdecimal():
        return min(float(said), LONGEST_PAUSE)
    at = parse_http_date(said)
    return None if at is None else min(max(0.0, (at - now).total_seconds()), LONGEST_PAUSE)
