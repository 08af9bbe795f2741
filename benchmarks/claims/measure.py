"""How well claims without SQL are judged: claims of published reports, and planted errors.

Here: judging both lists by a published warehouse, and the figures that come of it. Run it from the root of the
checkout: `python -m benchmarks.claims.measure`; it says what it misses.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import mean
from typing import Any

import duckdb

from dagster_project import publication
from dagster_project.catalog import Catalog
from dagster_project.claims import inputs
from dagster_project.claims.evaluator import Evaluator
from dagster_project.files import load_yaml
from dagster_project.project import Project

FOLDER = Path(__file__).parent
# What is neither judged nor refused for good reason.
UNJUDGED = ("not_held", "pending")
# When the planted errors are read: after all figures that they are made of.
READ_ON = date(2026, 10, 1)


@dataclass(frozen=True)
class Judged:
    """A claim of a list, as it was judged.

    Args:
        claim: The line.
        expected: The verdict or the diagnosis that it calls for.
        verdict: The verdict.
        diagnosis: What it is, if it is another figure.
        reason: Why.
        seconds: How long it took.
        worked: How long processors worked on it.
    """

    claim: str
    expected: str
    verdict: str
    diagnosis: str | None
    reason: str
    seconds: float
    worked: float


def claims(connection: duckdb.DuckDBPyConnection, evaluator: Evaluator) -> Iterator[Judged]:
    """The claims of published reports."""
    for article in load_yaml((FOLDER / "claims.yml").read_text(encoding="utf-8")):
        head = {name: value for name, value in article.items() if name != "claims"}
        for one in article["claims"]:
            # A sentence may make several claims, each with its verdict.
            rows = inputs.read_claims(connection, {**head, "claim": one["claim"]}, READ_ON)
            verdicts = one["verdict"] if isinstance(one["verdict"], list) else [one["verdict"]]
            for (row, _), verdict in zip(rows, verdicts, strict=True):
                yield _judged(connection, evaluator, row, verdict)


def errors(connection: duckdb.DuckDBPyConnection, evaluator: Evaluator) -> Iterator[Judged]:
    """The planted errors."""
    for kind in load_yaml((FOLDER / "errors.yml").read_text(encoding="utf-8")):
        for line in kind["claims"]:
            yield _judged(connection, evaluator, {"claim": line}, kind["diagnosis"])


def _judged(connection: duckdb.DuckDBPyConnection, evaluator: Evaluator, row: dict[str, Any], expected: str) -> Judged:
    said = row.get("claim") or row["statement"]
    began, used = time.perf_counter(), time.process_time()
    article = inputs.make_article(connection, row, where=said, published_on=READ_ON)
    found = evaluator.evaluate_claim(article, article.claims[0])
    took, worked = time.perf_counter() - began, time.process_time() - used
    if found.error is not None or found.verdict is None:
        raise found.error or AssertionError(said)
    code = found.diagnosis.code if found.diagnosis else None
    return Judged(said, expected, found.verdict.verdict, code, found.verdict.reason, took, worked)


def summary(reports: list[Judged], planted: list[Judged]) -> dict[str, float]:
    """The figures that count."""
    return {
        "claims": len(reports),
        "false_contradicted": sum(one.verdict == "contradicted" != one.expected for one in reports),
        "judged_pct": 100 * sum(one.verdict not in UNJUDGED for one in reports) / len(reports),
        "as_expected_pct": 100 * sum(one.verdict == one.expected for one in reports) / len(reports),
        "planted": len(planted),
        "diagnosed_pct": 100 * sum(one.diagnosis == one.expected for one in planted) / len(planted),
        "milliseconds_a_claim": 1000 * mean(one.seconds for one in [*reports, *planted]),
        "processor_milliseconds_a_claim": 1000 * mean(one.worked for one in [*reports, *planted]),
    }


def main() -> None:
    """Prints what is missed, and the figures."""
    project = Project.find()
    with publication.open_published(project) as connection:
        evaluator = Evaluator(connection, Catalog(project).models)
        reports, planted = list(claims(connection, evaluator)), list(errors(connection, evaluator))
    missed = [one for one in reports if one.verdict != one.expected]
    missed += [one for one in planted if one.diagnosis != one.expected]
    for one in missed:
        found = f"{one.verdict}{f' ({one.diagnosis})' if one.diagnosis else ''}"
        sys.stdout.write(f"{one.claim}: {found}, not {one.expected}. {one.reason}\n")
    for name, value in summary(reports, planted).items():
        sys.stdout.write(f"{name}: {value:.4g}\n")


if __name__ == "__main__":
    main()
