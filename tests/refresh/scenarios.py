"""The wrong responses of every publisher, and their required outcomes.

Here: faults that any response may suffer on the way, and the page of the docs that lists them with the publishers' own
(`python -m tests.refresh.scenarios` writes it). Not here: the publishers' responses (`publishers`), or the requests
(`test_scenarios`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dagster_project import sources
from dagster_project.project import Project
from tests.refresh.publisher import REQUIRED_SCENARIOS, Outcome, Publisher, Scenario, publishers
from tests.refresh.server import Reply

PAGE = "docs/sources/faults.md"
OUTCOMES: dict[Outcome, str] = {
    "accepted": "archived; its rows are added to raw",
    "refused": "kept in `warehouse/archive/refused` with the reason; the last good snapshot stays in use",
    "retried": "the request is repeated; accepted if a later response is right, refused if none is",
    "unanswered": "no complete response arrived, so nothing is kept; the next refresh asks again",
    "key": "the publisher is not asked any more in this run, and the user is told how to get a key",
    "address": "the publisher is not asked any more in this run, and the user is told that it blocks their address",
    "quota": "the publisher is not asked any more in this run, and a later refresh continues from there",
    "nothing": "no figures: accepted if none are stored for the request, refused if some are",
}


@dataclass(frozen=True)
class Fault:
    """A fault that any publisher's response may suffer on the way.

    Args:
        what: The fault in a few words, for the table in the docs.
        before: The server's first reply.
        mended: Whether the right response follows.
        outcome: The required outcome.
    """

    what: str
    before: Reply
    mended: bool
    outcome: Outcome


FAULTS = {
    "too_many_then_right": Fault("HTTP 429, then the right response", Reply(status=429), True, "retried"),
    "too_many_with_a_wait": Fault(
        "HTTP 429 with `Retry-After` of 7 seconds, then the right response",
        Reply(status=429, headers={"Retry-After": "7"}),
        True,
        "retried",
    ),
    "too_many_with_a_long_wait": Fault(
        "HTTP 429 with `Retry-After` of two hours", Reply(status=429, headers={"Retry-After": "7200"}), False, "quota"
    ),
    "too_many_for_ever": Fault("HTTP 429 each time", Reply(status=429), False, "quota"),
    "server_error_then_right": Fault("HTTP 500, then the right response", Reply(status=500), True, "retried"),
    "server_error_for_ever": Fault("HTTP 500 each time", Reply(status=500), False, "refused"),
    "unavailable_then_right": Fault(
        "HTTP 503 with a page of HTML, then the right response",
        Reply(b"<html>Maintenance</html>", 503),
        True,
        "retried",
    ),
    "cut_then_right": Fault(
        "a connection that breaks off, then the right response", Reply(delivery="cut"), True, "retried"
    ),
    "cut_for_ever": Fault("a connection that breaks off each time", Reply(delivery="cut"), False, "unanswered"),
    "slow_drip": Fault("a response that arrives byte by byte", Reply(delivery="drip"), False, "unanswered"),
    "hanging": Fault(
        "a server that accepts the request and never answers", Reply(delivery="hang"), False, "unanswered"
    ),
}
# On a way that holds nothing, the publisher's own right response is what is cut or dripped.
BORROWED = ("cut", "drip")


def name(publisher: Publisher) -> str:
    """Name a publisher's request for tests and tables."""
    return f"{publisher.dataset} {publisher.subject}"


def render() -> str:
    """Render the page of the docs."""
    every = publishers()
    parts = [
        "<!-- Made by `python -m tests.refresh.scenarios` from tests/refresh: edit the publishers there. -->\n",
        "# How wrong responses are handled\n",
        (
            "Every line is a test: a server on this machine simulates the publisher, the real connector sends its "
            "request, and the test compares the outcome, the rows in raw and the exact address. In each case except "
            "`accepted` the last good snapshot stays in use and raw does not change.\n"
        ),
        _table(["outcome", "what it means"], [[f"`{outcome}`", what] for outcome, what in OUTCOMES.items()]),
        "## Faults of the connection, for every publisher\n",
        _table(["what happens", "outcome"], [[fault.what, f"`{fault.outcome}`"] for fault in FAULTS.values()]),
    ]
    for publisher in every:
        source = sources.find_source(publisher.source)
        rows = [
            [f"`{scenario}`", publisher.scenarios[scenario].what, _outcome(publisher.scenarios[scenario])]
            for scenario in _order(publisher)
        ]
        rows += [[f"`{scenario}`", f"impossible: {why}", "–"] for scenario, why in publisher.impossible.items()]
        parts += [
            f"## {source.title}: {publisher.subject}\n",
            f"`{publisher.dataset}`, requested as `{publisher.url}`\n",
            _table(["response", "fault", "outcome"], rows),
        ]
    return "\n".join(parts)


def _order(publisher: Publisher) -> list[str]:
    own = [scenario for scenario in publisher.scenarios if scenario not in REQUIRED_SCENARIOS]
    return [*(scenario for scenario in REQUIRED_SCENARIOS if scenario in publisher.scenarios), *own]


def _outcome(scenario: Scenario) -> str:
    return f"`{scenario.outcome}`"


def _table(names: list[str], rows: list[list[str]]) -> str:
    lines = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in [names, *rows]]
    return "\n".join([f"| {lines[0]} |", f"|{'---|' * len(names)}", *(f"| {line} |" for line in lines[1:])]) + "\n"


def page() -> Path:
    return Project.find().root / PAGE


if __name__ == "__main__":
    page().write_text(render(), encoding="utf-8")
