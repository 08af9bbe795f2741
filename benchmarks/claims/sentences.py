"""How well sentences of published articles are read: what is read rightly, what is judged, and what is judged falsely.

Here: scoring three lists of sentences: `sentences.yml`, which was seen while the reader was written, and `unseen.yml`
and `fresh.yml`, which were not, up to their first measure. Run it from the root of the checkout:
`python -m benchmarks.claims.sentences`; `--missed` says what is not read.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.claims.measure import FOLDER
from dagster_project import publication
from dagster_project.catalog import Catalog
from dagster_project.claims import inputs, reader
from dagster_project.claims.clause import Context, Pair
from dagster_project.claims.evaluator import Evaluator
from dagster_project.claims.judging import Answer, answer_reading
from dagster_project.claims.lexicon import detect_language
from dagster_project.claims.schema import Claim
from dagster_project.errors import BilateralError
from dagster_project.files import load_yaml
from dagster_project.metrics import catalogue
from dagster_project.project import Project

HALVES = ("sentences.yml", "unseen.yml", "fresh.yml")
SUPPORTED = {"supported", "supported_rounded", "differs_in_last_digit"}
VERDICTS = {*SUPPORTED, "contradicted", "reporter_dependent"}
# Two numbers that differ by less are one.
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
        _count(evaluator, row, found.setdefault(detect_language(row["text"]), Score()))
    return found


def answers(evaluator: Evaluator, row: Mapping[str, Any]) -> list[Answer]:
    """What the reader and the judge say of a sentence."""
    on = row["published_on"]
    reporter, _, partner = str(row.get("pair") or "").partition(" ")
    context = Context(pair=Pair(reporter, partner, is_certain=True) if partner else None)
    head = {"published_on": on, **({"names_reporter": row["names_reporter"]} if row.get("names_reporter") else {})}
    return [
        answer_reading(evaluator, one, sentence, head, on)
        for _, sentence in reader.split_sentences(row["text"])
        for one in reader.read_sentence(sentence, on, context)
    ]


def _count(evaluator: Evaluator, row: Mapping[str, Any], score: Score) -> None:
    score.sentences += 1
    found = answers(evaluator, row)
    expected = [(one, _claim(evaluator, {"claim": one["claim"]}, row)) for one in row["claims"]]
    read = [
        (answer, _claim(evaluator, answer.reading.slots, row) if answer.reading.slots else None) for answer in found
    ]
    for answer, claim in read:
        if answer.verdict not in VERDICTS or claim is None:
            continue
        said = f"{row['text']}\n    {answer.verdict} {dict(answer.reading.slots)}: {answer.reason}"
        right = next((one for one, other in expected if _is_same(claim, other)), None)
        if right is None and not any(_repeats(claim, other) for _, other in expected):
            score.wrong.append(said)
        verdict = right["verdict"] if right else None
        if answer.verdict in SUPPORTED and verdict == "contradicted":
            score.false_supported.append(said)
        if answer.verdict == "contradicted" and verdict != "contradicted":
            score.false_contradicted.append(said)
    for one, claim in expected:
        if one["verdict"] == "none":
            continue
        score.claims += 1
        same = [answer for answer, other in read if other is not None and _is_same(other, claim)]
        is_judged = any(
            answer.verdict in SUPPORTED if one["verdict"] == "supported" else answer.verdict == one["verdict"]
            for answer in same
        )
        is_read = is_judged or any(answer.figure is not None for answer in same)
        score.read += is_read
        score.judged += is_judged
        if not is_judged:
            told = "; ".join(
                f"{answer.verdict} {dict(answer.reading.slots)} {answer.reading.unread} {answer.reading.why}"
                for answer in found
            )
            score.missed.append(f"{'unread' if not is_read else 'compared'}: {one['claim']}\n  {row['text']}\n  {told}")


def _claim(evaluator: Evaluator, slots: Mapping[str, Any], row: Mapping[str, Any]) -> Claim | None:
    """The claim that slots or a line become; None if they become none."""
    try:
        given = {"published_on": row["published_on"], **slots}
        return inputs.make_article(evaluator.connection, given, where="x", published_on=row["published_on"]).claims[0]
    except BilateralError:
        return None


def _is_same(one: Claim | None, other: Claim | None) -> bool:
    """Return whether two claims say the same of the same."""
    if one is None or other is None or _about(one) != _about(other) or _word(one) != _word(other):
        return False
    first, second = one.claimed_value, other.claimed_value
    if isinstance(first, int | float) and isinstance(second, int | float) and not isinstance(first, bool):
        return abs(first * one.factor - second * other.factor) <= NEAR * max(abs(second * other.factor), 1)
    return str(first) == str(second)


def _about(claim: Claim) -> tuple[Any, ...]:
    metric = catalogue.find_metric(claim.metric)
    name = (metric.growth_of or metric.name) if metric else claim.metric
    return name, claim.item, claim.reporter, claim.partner, claim.period.start, claim.period.end, _earlier(claim)


def _earlier(claim: Claim) -> Any:
    """The period that it is compared with, if it is not the year before, which growth is on anyway."""
    earlier = claim.parsed.spans[1] if claim.parsed and len(claim.parsed.spans) > 1 else None
    return None if earlier is None or earlier.end.year == claim.period.end.year - 1 else (earlier.start, earlier.end)


def _word(claim: Claim) -> str:
    return {"share": "equals", "approximately": "equals"}.get(str(claim.comparator), str(claim.comparator))


def _repeats(one: Claim, other: Claim | None) -> bool:
    """Return whether a claim says in words what another one says in numbers: fell to so much, down so many per cent."""
    if other is None or not (isinstance(one.claimed_value, str | bool) or one.comparator == "record"):
        return False
    return _about(one)[:6] == _about(other)[:6]


def report(half: str, found: Mapping[str, Score], *, missed: bool) -> Iterator[str]:
    """The lines of a half's report."""
    yield f"{half}"
    for language, one in sorted(found.items()):
        pct = [100 * part / max(one.claims, 1) for part in (one.read, one.judged)]
        yield (
            f"  {language}: {one.sentences} sentences, {one.claims} claims; "
            f"read {pct[0]:.0f}%, judged {pct[1]:.0f}%; verdicts from a wrong reading {len(one.wrong)}, "
            f"false supported {len(one.false_supported)}, false contradicted {len(one.false_contradicted)}"
        )
        for name in ("wrong", "false_supported", "false_contradicted", *(["missed"] if missed else [])):
            for text in getattr(one, name):
                yield f"    {name}: {text}"


def main() -> None:
    """Print the scores of each list."""
    project = Project.find()
    with publication.open_published(project) as connection:
        evaluator = Evaluator(connection, Catalog(project).models)
        for half in HALVES:
            if (FOLDER / half).exists():
                found = scores(evaluator, half)
                sys.stdout.writelines(f"{line}\n" for line in report(half, found, missed="--missed" in sys.argv))


if __name__ == "__main__":
    main()
