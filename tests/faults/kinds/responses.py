"""Garbled responses, given to the readers of all publishers.

Here: what may come of one: rows, or a refusal in the publisher's own words, soon and in little memory. Not here: how
they are garbled (`garbling`), and a whole refresh (`refreshes`).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from dagster_project import sources
from dagster_project.refresh.retry import read_retry_after
from dagster_project.sources import Response, Unusable
from dagster_project.sources.responses import MOST_PAGES
from tests.faults.garbling import Garbled
from tests.faults.kind import Kind, Tally, cause_of, explore
from tests.faults.memory import peak
from tests.faults.played import Played
from tests.faults.played import cases as garbled_ones
from tests.refresh.running import NOW

SECONDS = 5.0
MEMORY = 500_000_000


def round_of(seed: int, cases: int, _folder: Path, tally: Tally) -> None:
    explore(garbled_ones(), lambda case: _check(seed, *case, tally), seed=seed, cases=cases)


def _check(seed: int, played: Played, made: Garbled, tally: Tally) -> None:
    label = (played.source.code, made.how, made.status, made.headers, made.content[:150])
    response = Response(made.status, made.headers, made.content)
    api = played.source.api
    assert api is not None
    grown: list[int] = []
    begun = time.perf_counter()
    with tally.case(), peak(grown):
        try:
            read_retry_after(response, NOW)
            reading = api.read(played.request, response)
            rows = list(reading.rows)
        except Unusable as unusable:
            tally.outcomes[unusable.trouble] += 1
            rows = None
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            tally.fail(seed, f"{played.source.code}: {cause_of(error)}", (str(error)[:100], *label))
            return
    if time.perf_counter() - begun > SECONDS:
        tally.fail(seed, f"{played.source.code}: more than {SECONDS:g} seconds", label)
    if grown and grown[0] > MEMORY:
        tally.fail(seed, f"{played.source.code}: more than {MEMORY // 10**6} MB", (grown[0], *label))
    if rows is None:
        return
    tally.outcomes["read"] += 1
    if len(reading.more) > MOST_PAGES:
        tally.fail(seed, f"{played.source.code}: {len(reading.more)} pages", label)
    wrong = _wrong(played, rows, made)
    if wrong:
        tally.fail(seed, f"{played.source.code}: {wrong}", label)


def _wrong(played: Played, rows: Sequence[tuple[object, ...]], made: Garbled) -> str | None:
    """What is wrong with rows that were read without a word."""
    width = len(sources.find_dataset(played.request.dataset).columns)
    for row in rows:
        if len(row) != width:
            return "a row of another length"
        for value in row:
            if value is None:
                continue
            if not isinstance(value, str):
                return f"a value that is a {type(value).__name__}"
            if value in made.poison:
                return "a wrong value without a word"
            try:
                value.encode()
            except UnicodeEncodeError:
                return "half a character"
    return None


KIND = Kind(
    name="responses",
    what="Garbled responses of every publisher: cut, spliced, of another type, deeply nested, compressed, in another "
    "encoding.",
    goal="Rows, or a refusal with its reason, within 5 seconds and 500 MB; no figure is read partly.",
    round=round_of,
    cases=1000,
    share=4,
)
