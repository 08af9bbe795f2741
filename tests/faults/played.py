"""The publishers that tests play, each with the request that it answers.

Here: the request as the source's own plan makes it. Not here: what is done to the responses (`garbling`).
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path

from hypothesis import strategies as st

from dagster_project import sources
from dagster_project.refresh.planning import read_settings
from dagster_project.sources import Request, Source
from tests.faults.garbling import Body, Garbled, garbled
from tests.refresh.publisher import Publisher, publishers
from tests.refresh.running import project
from tests.refresh.test_scenarios import target

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
    with tempfile.TemporaryDirectory() as folder:
        return tuple(_played(Path(folder) / str(number), one) for number, one in enumerate(publishers()))


def _played(folder: Path, publisher: Publisher) -> Played:
    source = sources.source(publisher.source)
    assert source.api is not None
    window = (date.fromisoformat(publisher.first), date.fromisoformat(publisher.last))
    planned = source.api.plan(read_settings(project(folder, publisher.configuration)), lambda _subject: window, False)
    (request,) = [
        one for one in planned if one.subject == publisher.subject and target(source, one, "KEY") == publisher.url
    ]
    return Played(publisher, source, request)
