"""When a request is sent again, and how long that waits.

Here: the policy, what a publisher's `Retry-After` says, the failure that ends a request. Not here: the sending
(`client`).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from dagster_project.sources.responses import http_date

if TYPE_CHECKING:
    from tenacity import RetryCallState, Retrying

    from dagster_project.sources import Response, Trouble

# Troubles beside those that a response has: none came, nobody is at the address, it leads to another host.
OnTheWay = Literal["no response", "unreachable", "moved"]
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
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


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

    def retrying(self, clock: Clock, on_retry: Callable[[], None]) -> Retrying:
        """Calls a function again while it raises `Failed` for a passing trouble; the last failure is raised on."""
        from tenacity import Retrying, retry_if_exception

        def wait(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            if isinstance(error, Failed) and error.response is not None:
                asked = retry_after(error.response, clock.now())
                if asked is not None:
                    return asked
            seconds = self.first_wait * 2 ** (state.attempt_number - 1)
            # Not all who wait come back in the same moment.
            return float(min(seconds * random.uniform(0.75, 1.25), self.longest_wait))  # noqa: S311 - no secret

        def stop(state: RetryCallState) -> bool:
            error = state.outcome.exception() if state.outcome else None
            away = isinstance(error, Failed) and error.trouble == "unreachable"
            return state.attempt_number >= (min(UNREACHABLE, self.attempts) if away else self.attempts)

        return Retrying(
            stop=stop,
            wait=wait,
            retry=retry_if_exception(lambda error: isinstance(error, Failed) and error.trouble in PASSING),
            sleep=clock.sleep,
            before_sleep=lambda _state: on_retry(),
            reraise=True,
        )


# Of a run that comes back by itself: it waits for seconds, and leaves longer pauses to the run that asks again.
PROMPT = RetryPolicy(attempts=3, longest_wait=10)


class Failed(Exception):
    """A request that got no usable response.

    Args:
        trouble: What it means.
        reason: What is the matter, for a person; without the key.
        response: What came last, if anything did; without the key.
        until: When the publisher may be asked again, if it said so.
    """

    def __init__(
        self, trouble: Trouble | OnTheWay, reason: str, response: Response | None = None, until: datetime | None = None
    ) -> None:
        super().__init__(reason)
        self.trouble = trouble
        self.reason = reason
        self.response = response
        self.until = until


def retry_after(response: Response, now: datetime) -> float | None:
    """Seconds until the publisher wants to be asked again, if it says so."""
    said = response.headers.get("retry-after", "").strip()
    if not said:
        return None
    if said.isdecimal():
        return min(float(said), LONGEST_PAUSE)
    at = http_date(said)
    return None if at is None else min(max(0.0, (at - now).total_seconds()), LONGEST_PAUSE)
