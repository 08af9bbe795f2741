"""Every connector and every wrong answer: what is played, and what has to become of it.

Here: the faults that any answer may meet on the way, and the page of the docs that lists them with the publishers' own
(`python -m tests.refresh.matrix` writes it). Not here: the publishers' answers (`publishers`), or the asking
(`test_matrix`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dagster_project import sources
from dagster_project.project import Project
from tests.refresh.publisher import REQUIRED_MOODS, Mood, Outcome, Publisher, publishers
from tests.refresh.server import Play

PAGE = "docs/sources/faults.md"
OUTCOMES: dict[Outcome, str] = {
    "accepted": "archived; its rows reach raw",
    "refused": "kept in `warehouse/archive/refused` with the reason; the last good snapshot stays in force",
    "retried": "asked again; accepted when a later answer is right, refused when none is",
    "key": "the publisher is left alone, and the user is told how to get a key",
    "quota": "the publisher is left alone, and the next refresh goes on from there",
    "nothing": "no figures: fine if none are held of what was asked, refused if some are",
}


@dataclass(frozen=True)
class Fault:
    """What may happen to any publisher's answer on the way.

    Args:
        what: In a few words, for the table in the docs.
        before: What the server answers first.
        mended: Whether the right answer comes after it.
        outcome: What becomes of it.
    """

    what: str
    before: Play
    mended: bool
    outcome: Outcome


FAULTS = {
    "too_many_then_right": Fault("HTTP 429, then the right answer", Play(status=429), True, "retried"),
    "too_many_with_a_wait": Fault(
        "HTTP 429 with `Retry-After` of 7 seconds, then the right answer",
        Play(status=429, headers={"Retry-After": "7"}),
        True,
        "retried",
    ),
    "too_many_with_a_long_wait": Fault(
        "HTTP 429 with `Retry-After` of two hours", Play(status=429, headers={"Retry-After": "7200"}), False, "quota"
    ),
    "too_many_for_ever": Fault("HTTP 429 each time", Play(status=429), False, "quota"),
    "server_error_then_right": Fault("HTTP 500, then the right answer", Play(status=500), True, "retried"),
    "server_error_for_ever": Fault("HTTP 500 each time", Play(status=500), False, "refused"),
    "unavailable_then_right": Fault(
        "HTTP 503 with a page of HTML, then the right answer", Play(b"<html>Maintenance</html>", 503), True, "retried"
    ),
    "cut_then_right": Fault("a connection that is cut, then the right answer", Play(way="cut"), True, "retried"),
    "cut_for_ever": Fault("a connection that is cut each time", Play(way="cut"), False, "refused"),
    "slow_drip": Fault("an answer that comes a byte at a time", Play(way="drip"), False, "refused"),
    "hanging": Fault("a server that takes the question and never answers", Play(way="hang"), False, "refused"),
}
# On a way that holds nothing, the publisher's own right answer is what is cut or dripped.
BORROWED = ("cut", "drip")


def name(publisher: Publisher) -> str:
    """What a publisher's question is called in tests and tables."""
    return f"{publisher.dataset} {publisher.subject}"


def render() -> str:
    """The page of the docs."""
    every = publishers()
    parts = [
        "<!-- Made by `python -m tests.refresh.matrix` from tests/refresh: edit the publishers there. -->\n",
        "# What becomes of a wrong answer\n",
        (
            "Every line is a test: a server on this machine plays the publisher, the real connector asks it, and the "
            "outcome, the rows in raw and the exact address are held against what stands here. In each case but "
            "`accepted` the last good snapshot stays in force and raw stays as it was.\n"
        ),
        _table(["outcome", "what it means"], [[f"`{outcome}`", what] for outcome, what in OUTCOMES.items()]),
        "## On the way, for every publisher\n",
        _table(["what happens", "outcome"], [[fault.what, f"`{fault.outcome}`"] for fault in FAULTS.values()]),
    ]
    for publisher in every:
        source = sources.source(publisher.source)
        rows = [
            [f"`{mood}`", publisher.moods[mood].what, _outcome(publisher.moods[mood])] for mood in _order(publisher)
        ]
        rows += [[f"`{mood}`", f"cannot be: {why}", "–"] for mood, why in publisher.impossible.items()]
        parts += [
            f"## {source.title}: {publisher.subject}\n",
            f"`{publisher.dataset}`, asked as `{publisher.url}`\n",
            _table(["answer", "what is the matter with it", "outcome"], rows),
        ]
    return "\n".join(parts)


def _order(publisher: Publisher) -> list[str]:
    own = [mood for mood in publisher.moods if mood not in REQUIRED_MOODS]
    return [*(mood for mood in REQUIRED_MOODS if mood in publisher.moods), *own]


def _outcome(mood: Mood) -> str:
    return f"`{mood.outcome}`"


def _table(names: list[str], rows: list[list[str]]) -> str:
    lines = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in [names, *rows]]
    return "\n".join([f"| {lines[0]} |", f"|{'---|' * len(names)}", *(f"| {line} |" for line in lines[1:])]) + "\n"


def page() -> Path:
    return Project.find().root / PAGE


if __name__ == "__main__":
    page().write_text(render(), encoding="utf-8")
