"""A kind of fault: what is done to the warehouse over and over, and what has to come of it.

Here: the form that each module in `kinds/` fills, the count of what came, and running a strategy of Hypothesis by a
seed. Not here: the kinds, or the command that runs them (`torture`).

A round of a kind is made by a seed alone: the same seed makes the same cases, so every failure replays.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

from dagster_project.project import Project

Case = TypeVar("Case")
# Failures of one cause that are kept with their case; of the others there is the count.
KEPT = 3


@dataclass(frozen=True)
class Failure:
    """A case that did not come out as it has to.

    Args:
        kind: The kind.
        seed: The seed of its round.
        cause: What went wrong, in words that are the same for each case of one cause.
        case: The case, for a person.
    """

    kind: str
    seed: int
    cause: str
    case: str


@dataclass
class Tally:
    """What came of the cases of a kind.

    Args:
        kind: The kind.
        cases: How many there were.
        outcomes: How many came out in which way.
        causes: How many failed, by cause.
        failures: Some of those, each with its case.
        survivors: Of a kind whose goal is a share, the cases that nobody was told of.
        slowest: Seconds of the slowest case.
        seconds: Seconds in all.
        seeds: The seeds of the rounds.
        measures: What was measured, by name; of several rounds the most.
    """

    kind: str
    cases: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    causes: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    survivors: list[Failure] = field(default_factory=list)
    slowest: float = 0
    seconds: float = 0
    seeds: list[int] = field(default_factory=list)
    measures: dict[str, float] = field(default_factory=dict)

    def measure(self, what: str, value: float) -> None:
        """Keeps what was measured, if it was never more."""
        self.measures[what] = max(value, self.measures.get(what, value))

    def fail(self, seed: int, cause: str, case: object) -> None:
        """Counts a failure; a few of each cause are kept."""
        self.causes[cause] += 1
        if self.causes[cause] <= KEPT:
            self.failures.append(Failure(self.kind, seed, cause, repr(case)[:600]))

    def survive(self, seed: int, name: str, case: object) -> None:
        """Keeps a case that nobody was told of."""
        self.survivors.append(Failure(self.kind, seed, name, repr(case)[:600]))

    @contextmanager
    def case(self) -> Iterator[None]:
        """Counts a case, and how long it takes."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.cases += 1
            self.slowest = max(self.slowest, time.perf_counter() - begun)

    def add(self, other: Tally) -> None:
        self.cases += other.cases
        self.outcomes += other.outcomes
        self.failures += [one for one in other.failures if self.causes[one.cause] < KEPT]
        self.causes += other.causes
        self.survivors += other.survivors
        self.slowest = max(self.slowest, other.slowest)
        self.seconds += other.seconds
        self.seeds += other.seeds
        for what, value in other.measures.items():
            self.measure(what, value)


@dataclass(frozen=True)
class Kind:
    """A kind of fault.

    Args:
        name: Its name, that of its module.
        what: What is done, for docs/trust.md.
        goal: What has to come of it.
        round: Runs a round: given a seed, how many cases about, and a folder of its own, it counts into a tally.
        cases: How many cases a round has by default.
        share: Its share of the time.
        summary: What the outcomes come to, in a sentence.
    """

    name: str
    what: str
    goal: str
    round: Callable[[int, int, Path, Tally], None]
    cases: int = 500
    share: float = 1
    summary: Callable[[Counter[str]], str] = lambda _outcomes: ""


def kinds() -> dict[str, Kind]:
    """Every kind: each module in `kinds/` declares one, as `KIND`."""
    folder = importlib.import_module("tests.faults.kinds")
    names = sorted(module.name for module in pkgutil.iter_modules(folder.__path__))
    return {name: importlib.import_module(f"tests.faults.kinds.{name}").KIND for name in names}


def find_built() -> Project:
    """Find the warehouse that BILATERAL_BUILT names, by default this checkout's own."""
    here = Project.find()
    return Project.at(here.root, warehouse=Path(os.environ.get("BILATERAL_BUILT", here.warehouse)))


def explore(strategy: SearchStrategy[Case], check: Callable[[Case], None], *, seed: int, cases: int) -> None:
    """Calls a function with so many cases of a strategy, the same ones for the same seed."""

    @hypothesis.seed(seed)
    @settings(
        max_examples=cases,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def each(case: Any) -> None:
        check(case)

    each()


@contextmanager
def stopped_after(seconds: float) -> Iterator[None]:
    """Raises a TimeoutError in what waits longer, such as a pipe that nobody writes to."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"not done after {seconds:g} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    left, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, left)
        signal.signal(signal.SIGALRM, before)


def cause_of(error: BaseException) -> str:
    """An error as a cause: its type and the last line of this package that it went through."""
    places = [one for one in traceback.extract_tb(error.__traceback__) if "dagster_project" in one.filename]
    where = f" in {Path(places[-1].filename).name}:{places[-1].name}" if places else ""
    return f"{type(error).__name__}{where}"
