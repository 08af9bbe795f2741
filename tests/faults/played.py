"""The publishers that tests play, each with the request that it answers.

Here: the request as the source's own plan makes it. Not here: what is done to the responses (`garbling`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property

from hypothesis import strategies as st

from dagster_project import sources
from dagster_project.project import Project
from dagster_project.refresh.planning import Options
from dagster_project.refresh.result import Result
from dagster_project.refresh.retry import RetryPolicy
from dagster_project.refresh.run import run_refresh
from dagster_project.sources import Request, Source
from tests.faults.garbling import Body, Garbled, garbled
from tests.refresh.publisher import Publisher, publishers
from tests.refresh.running import FakeTime
from tests.refresh.server import Server
from tests.refresh.test_scenarios import NOW

# Responses of half a thousand records are garbled like those of a few.
LARGEST = 20_000


@dataclass(frozen=True)
class Played:
    """A publisher, its source and its request."""

    publisher: Publisher
    source: Source
    request: Request

    def __repr__(self) -> str:
        return f"{self.publisher.dataset} {self.publisher.subject}"

    @cached_property
    def bodies(self) -> tuple[Body, ...]:
        """Its responses, the right ones first."""
        wrong = [one.content for one in self.publisher.scenarios.values() if 0 < len(one.content) < LARGEST]
        return tuple(map(Body, (self.publisher.right, self.publisher.revised, *wrong)))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Played, Garbled]:
    """A garbled response of some publisher."""
    played = draw(st.sampled_from(every()))
    # Most are made of the right ones: what is refused anyway hides what is done to it.
    body = draw(st.sampled_from(played.bodies[:2] if draw(st.booleans()) else played.bodies))
    return played, draw(garbled(body, played.bodies))


@cache
def every() -> tuple[Played, ...]:
    """Every publisher with its request."""
    return tuple(Played(one, sources.find_source(one.source), one.plan_request()) for one in publishers())


def refreshed(played: Played, where: Project, server: Server, key: str, base: str | None = None) -> list[Result]:
    """What comes of asking the publisher's one request of a server; the clock waits for nobody."""
    api = played.source.api
    assert api is not None
    alone = replace(played.source, api=replace(api, plan=lambda *_: iter([played.request])))
    variable = f"BILATERAL_{alone.code.upper()}"
    environment = {f"{variable}_URL": f"{base or server.address}/base"}
    if api.key is not None:
        environment[f"{variable}_KEY"] = key
    known = sources.list_sources
    every_one = tuple(alone if one.code == alone.code else one for one in known())
    sources.list_sources = lambda: every_one  # type: ignore[assignment]
    try:
        return run_refresh(
            where,
            [alone.code],
            Options(
                environment=environment,
                clock=FakeTime(NOW).clock,
                retries=RetryPolicy(attempts=2, whole_response=5),
                again=True,
                since=date.fromisoformat(played.publisher.first),
                until=date.fromisoformat(played.publisher.last),
                datasets={played.request.dataset},
            ),
        )
    finally:
        sources.list_sources = known
