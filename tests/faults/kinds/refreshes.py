"""Garbled responses, given to a whole refresh: asked, read, held against the rules, archived or kept aside, read again.

Here: that a refresh ends with a result for each, and that what it archived can be built from. Not here: what a reader
raises by itself (`responses`).
"""

from __future__ import annotations

from pathlib import Path

from dagster_project.errors import BilateralError
from tests.faults.garbling import Garbled
from tests.faults.kind import Kind, Tally, cause_of, explore
from tests.faults.played import Played, refreshed
from tests.faults.played import cases as garbled_ones
from tests.refresh.running import project, rows
from tests.refresh.server import Reply, Server, serving

KEY = "k0-7f3a-e21b-44c1"


def round_of(seed: int, cases: int, folder: Path, tally: Tally) -> None:
    with serving() as server:

        def check(case: tuple[Played, Garbled]) -> None:
            _check(seed, *case, folder / str(tally.cases), server, tally)

        explore(garbled_ones(), check, seed=seed, cases=cases)


def _check(seed: int, played: Played, made: Garbled, folder: Path, server: Server, tally: Tally) -> None:
    label = (played.source.code, made.how, made.status, made.headers, made.content[:150])
    # What a server cannot send, the reader is given in `responses`.
    headers = {name: value for name, value in made.headers.items() if value.isascii() and value.isprintable()}
    status = made.status if made.status not in {204, 302} else 200
    server.reply(Reply(made.content, status, {"Content-Type": played.publisher.media_type, **headers}))
    with tally.case():
        where = project(folder, played.publisher.configuration)
        try:
            results = refreshed(played, where, server, KEY)
            outcomes = {
                "archived": any(result.archived for result in results),
                "refused": any(result.refusals for result in results),
                "stopped": any(result.stopped for result in results),
                "nothing": any(result.nothing for result in results),
                "unanswered": any(result.unanswered for result in results),
            }
            tally.outcomes[next((name for name, came in outcomes.items() if came), "none")] += 1
            if not any(outcomes.values()):
                tally.fail(seed, f"{played.source.code}: no outcome", label)
            if any(
                "the response cannot be parsed" in refusal.reason for result in results for refusal in result.refusals
            ):
                tally.fail(seed, f"{played.source.code}: a reader that raised", (results[0].refusals, *label))
            if outcomes["archived"]:
                read = rows(where, played.request.dataset)
                if any(value in made.poison for row in read for value in row):
                    tally.fail(seed, f"{played.source.code}: a wrong value without a word", label)
        except BilateralError as error:
            tally.fail(seed, f"{played.source.code}: {cause_of(error)}", (str(error)[:200], *label))
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            tally.fail(seed, f"{played.source.code}: {cause_of(error)}", (str(error)[:200], *label))


KIND = Kind(
    name="refreshes",
    what="The same garbled responses, given to a whole refresh from a server on this machine.",
    goal="Archived and readable, or refused and stored with the reason; no reader crashes, no figure is read partly.",
    round=round_of,
    cases=100,
    share=2,
)
