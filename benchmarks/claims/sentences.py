"""How well sentences of published articles are read: what is read rightly, what is judged, and what is judged falsely.

Here: both lists of sentences, `sentences.yml`, which was seen while the reader was written, and `unseen.yml`, which was
not. Run it from the root of the checkout: `python -m benchmarks.claims.sentences`; `--missed` says what is not read.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from benchmarks.claims.measure import FOLDER
from dagster_project import publication
from dagster_project.catalog import Catalog
from dagster_project.claims import article, lines, periods, reader, reading
from dagster_project.claims.article import Answer
from dagster_project.claims.evaluator import Evaluator
from dagster_project.claims.lexicon import language_of
from dagster_project.claims.printed import SCALES
from dagster_project.claims.reader import Context, Pair
from dagster_project.errors import BilateralError
from dagster_project.files import load_yaml
from dagster_project.metrics import catalogue
from dagster_project.project import Project

HALVES = ("sentences.yml", "unseen.yml")
SUPPORTED = {"supported", "supported_rounded", "differs_in_last_digit"}
VERDICTS = {*SUPPORTED, "contradicted", "reporter_dependent"}
# The last digit, and what the currency is written in, is left to the judge.
NEAR = 1e-6


@dataclass
class Score:
    """What came of the sentences of one half in one language."""

    sentences: int = 0
    claims: int = 0
    read: int = 0
    judged: int = 0
    wrong: list[str] = field(default_factory=list)
    false_supported: list[str] = field(default_factory=list)
    false_contradicted: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)


def scores(evaluator: Evaluator, half: str) -> dict[str, Score]:
    """The scores of a half, by language."""
    found: dict[str, Score] = {}
    for row in load_yaml((FOLDER / half).read_text(encoding="utf-8")):
        _count(evaluator, row, found.setdefault(language_of(row["text"]), Score()))
    return found


def answers(evaluator: Evaluator, row: Mapping[str, Any]) -> list[Answer]:
    """What the reader and the judge say of a sentence."""
    on = row["published_on"]
    context = Context(pair=Pair(*row["pair"].split(), is_said=True) if row.get("pair") else None)
    head = {"published_on": on, **({"names_reporter": row["names_reporter"]} if row.get("names_reporter") else {})}
    return [
        article.answered(evaluator, one, sentence, head, on)
        for _, sentence in reader.sentences(row["text"])
        for one in reader.read(sentence, on, context)
    ]


def _count(evaluator: Evaluator, row: Mapping[str, Any], score: Score) -> None:
    score.sentences += 1
    found = answers(evaluator, row)
    expected = [(one, _slots(evaluator, one["claim"], row["published_on"])) for one in row["claims"]]
    for answer in found:
        if answer.verdict not in VERDICTS:
            continue
        said = f"{row['text']}\n    {answer.verdict} {dict(answer.reading.slots)}: {answer.reason}"
        right = next((one for one, slots in expected if _same(answer.reading.slots, slots, row["published_on"])), None)
        if right is None and not _repeats(answer.reading.slots, [slots for _, slots in expected], row["published_on"]):
            score.wrong.append(said)
        verdict = right["verdict"] if right else None
        if answer.verdict in SUPPORTED and verdict == "contradicted":
            score.false_supported.append(said)
        if answer.verdict == "contradicted" and verdict != "contradicted":
            score.false_contradicted.append(said)
    for one, slots in expected:
        if one["verdict"] == "none":
            continue
        score.claims += 1
        same = [answer for answer in found if answer.reading.slots and _same(answer.reading.slots, slots, row["published_on"])]
        is_judged = any(
            answer.verdict in SUPPORTED if one["verdict"] == "supported" else answer.verdict == one["verdict"] for answer in same
        )
        is_read = is_judged or any(answer.figure is not None for answer in same)
        score.read += is_read
        score.judged += is_judged
        if not is_judged:
            told = "; ".join(f"{answer.verdict} {dict(answer.reading.slots)} {answer.reading.unread} {answer.reading.why}"
                             for answer in found)  # fmt: skip
            score.missed.append(f"{'unread' if not is_read else 'compared'}: {one['claim']}\n  {row['text']}\n  {told}")


def _slots(evaluator: Evaluator, line: str, on: date) -> dict[str, Any]:
    del on
    return {name: value for name, value in lines.of_line(evaluator.connection, line).items() if value is not None}


def _same(one: Mapping[str, Any], other: Mapping[str, Any], on: date) -> bool:
    """Whether two claims say the same of the same."""
    first, second = _plain(one, on), _plain(other, on)
    if first[:-2] != second[:-2]:
        return False
    is_balance = first[0] == "balance"
    values = zip(first[-2:], second[-2:], strict=True)
    return all(a == b or (a is None and is_balance) or (b is None and is_balance) or _near(a, b) for a, b in values)


def _near(one: Any, other: Any) -> bool:
    if not (isinstance(one, float) and isinstance(other, float)):
        return False
    return abs(one - other) <= NEAR * max(abs(one), abs(other))


def _plain(slots: Mapping[str, Any], on: date) -> tuple[Any, ...]:
    metric = catalogue.find(slots["metric"])
    name = metric.name if metric else slots["metric"]
    span = None
    if slots.get("period"):
        span = periods.read(slots["period"], on)
    try:
        said = reading.read(slots["says"]) if slots.get("says") else None
    except BilateralError:
        said = None
    value = None
    if said is not None and said.value is not None:
        value = float(said.value * SCALES[said.scale][0] if said.scale else said.value)
    side = (said.side or None) if said else None
    way = (said.sign or None) if said else None
    word = slots.get("comparator", "equals")
    if name.endswith("_rank"):
        word = "equals"
    if name.endswith("_growth"):
        name = name.removesuffix("_growth")
    # Growth is on the period before, whether this is said or not.
    now = str(periods.Span(span.start, span.end)) if span else None
    before = str(span.earlier) if span and span.earlier and span.earlier != span.before else None
    is_dated = slots.get("says") if name == "event_date" else None
    value = 1.0 if word == "record" and value is None else value
    return (name, slots.get("item"), slots.get("reporter"), slots.get("partner"), now, before, word, is_dated, way, value, side)


def _repeats(slots: Mapping[str, Any], expected: list[dict[str, Any]], on: date) -> bool:
    """Whether a claim says in words what another one of the sentence says in numbers: fell to so much, down so many %."""
    one = _plain(slots, on)
    if one[-2] is not None and slots["comparator"] == "equals":
        return False
    return any(one[0] == other[0] and one[2:4] == other[2:4] and one[4] == other[4] for other in (_plain(e, on) for e in expected))


def report(half: str, found: Mapping[str, Score], *, missed: bool) -> Iterator[str]:
    """The lines of a half's report."""
    yield f"{half}"
    for language, one in sorted(found.items()):
        pct = [100 * part / max(one.claims, 1) for part in (one.read, one.judged)]
        yield (
            f"  {language}: {one.sentences} sentences, {one.claims} claims; read {pct[0]:.0f}%, judged {pct[1]:.0f}%; verdicts "
            f"from a wrong reading {len(one.wrong)}, false supported {len(one.false_supported)}, false contradicted "
            f"{len(one.false_contradicted)}"
        )
        for name in ("wrong", "false_supported", "false_contradicted", *(["missed"] if missed else [])):
            for text in getattr(one, name):
                yield f"    {name}: {text}"


def main() -> None:
    """Print the scores of both halves."""
    project = Project.find()
    with publication.reading(project) as connection:
        evaluator = Evaluator(connection, Catalog(project).models)
        for half in HALVES:
            if (FOLDER / half).exists():
                found = scores(evaluator, half)
                sys.stdout.writelines(f"{line}\n" for line in report(half, found, missed="--missed" in sys.argv))


if __name__ == "__main__":
    main()
