"""Verdicts: what the figures say to each claim, as they stood when it was published and as they stand now.

Here: asking the evidence of a register, and judging. Not here: how values compare (`comparators`), and the form of the
published table.

What counts as today is the newest day from which any figure of trade, services or GDP is known. The wall clock has no
say: the same figures give the same verdicts in any year.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Literal

import duckdb

from dagster_project.claims import as_of, evidence
from dagster_project.claims.comparators import compare, with_second_reading
from dagster_project.claims.comparison import Comparison, number, shown, sign
from dagster_project.claims.evidence import EvidenceError, EvidenceTimeout, Value
from dagster_project.claims.lineage import Lineage
from dagster_project.claims.register import Article, Claim, claims
from dagster_project.errors import BilateralError
from dagster_project.models import Model

Word = Literal[
    "supported",
    "supported_rounded",
    "differs_in_last_digit",
    "contradicted",
    "reporter_dependent",
    "pending",
    "not_checkable",
]
SUPPORTED = ("supported", "supported_rounded")
# Where the names of economies stand.
ECONOMIES = "core.economies"


@dataclass(frozen=True)
class Verdict:
    """A verdict with its reason, a sentence or two."""

    verdict: Word
    reason: str


@dataclass(frozen=True)
class ClaimResult:
    """The result of a claim: its verdict, and what its evidence gives.

    Args:
        article: What published it.
        claim: The claim.
        observed: What its evidence gives; None if that is null, or there is none.
        alternate: The same for the other reporter's.
        second: The second official reading.
        is_null_if_false: Whether the evidence gives null because what the claim tells of is not there.
        verdict: The verdict by the figures of now; None if an evidence fails.
        observed_then: What the evidence gave on the day of the publication.
        verdict_then: The verdict by the figures of that day.
        evidence_then_sql: The evidence as of that day; None if there is none.
        snapshot_ids: The snapshots that the evidence rests on.
        error: Which evidence fails and why.
    """

    article: Article
    claim: Claim
    observed: Value | None = None
    alternate: Value | None = None
    second: Value | None = None
    is_null_if_false: bool = False
    verdict: Verdict | None = None
    observed_then: Value | None = None
    verdict_then: Verdict | None = None
    evidence_then_sql: str | None = None
    snapshot_ids: tuple[str, ...] = ()
    error: BilateralError | None = None


@dataclass(frozen=True)
class Observed:
    """What the questions of a claim give.

    Args:
        observed: What its evidence gives.
        alternate: What the other reporter's gives.
        second: The second official reading.
        denied: What the figures show where the evidence gives null because the claim is false, after "they show".
        remarks: What is told beside the verdict, each a sentence.
    """

    observed: Value | None = None
    alternate: Value | None = None
    second: Value | None = None
    denied: str | None = None
    remarks: tuple[str, ...] = ()


def evaluate(
    claim: Claim,
    found: Observed,
    *,
    today: date,
    missing: str | None = None,
    names: Mapping[str, str] = MappingProxyType({}),
) -> Verdict:
    """The verdict on a claim.

    Args:
        claim: The claim.
        found: What its questions give.
        today: The day on which it is judged.
        missing: What to say where the evidence gives nothing; by default that the figures of the period are not in.
        names: What economies are called, by their codes.

    Raises:
        EvidenceError: The evidence gives another kind of value than the comparator compares.
    """
    verdict = _verdict(claim, found, today=today, missing=missing, names=names)
    return Verdict(verdict.verdict, " ".join([verdict.reason.strip(), *found.remarks]))


def _verdict(claim: Claim, found: Observed, *, today: date, missing: str | None, names: Mapping[str, str]) -> Verdict:
    if claim.not_checkable is not None:
        return Verdict("not_checkable", claim.not_checkable)
    observed = found.observed
    if claim.period_type == "forecast" and claim.period.end >= today:
        far = f" So far the figures give {shown(claim, observed)}." if observed is not None else ""
        return Verdict("pending", f"The period ends on {claim.period.end}, and it is judged as of {today}.{far}")
    if observed is not None:
        compared = compare(claim, observed)
        if claim.second_reading and found.second is not None:
            compared = with_second_reading(claim, observed, found.second, claim.second_reading.source, compared)
    elif found.denied:
        compared = Comparison("contradicted", f"The figures are in, and they show {found.denied}.")
    else:
        return Verdict("pending", missing or f"The figures of {claim.period.start} to {claim.period.end} are not in.")
    if claim.alternate is None or compared.outcome == "not_checkable":
        return Verdict(compared.outcome, compared.reason)
    other_side = claim.alternate.reporter or "The other side"
    whose = claim.alternate.called or f"{names.get(other_side, other_side)}'s statistics"
    if found.alternate is None:
        of = "" if claim.alternate.called else " of the period"
        return Verdict(compared.outcome, f"{compared.reason} {whose}{of} are not in.")
    agrees, other = _alternate(claim, observed, found.alternate, whose)
    if agrees == compared.supports or (claim.alternate.compare == "sign" and not compared.supports):
        return Verdict(compared.outcome, f"{compared.reason} {other}")
    if claim.names_reporter:
        its = claim.reporter or ""
        by = f", {names.get(its, its)}'s" if its else ""
        return Verdict(compared.outcome, f"{compared.reason} {other} It is judged by the statistics that it names{by}.")
    return Verdict("reporter_dependent", f"{compared.reason} {other}")


def _alternate(claim: Claim, observed: Value | None, alternate: Value, whose: str) -> tuple[bool, str]:
    """Whether the other reporter's value bears the claim out, and what it says."""
    assert claim.alternate is not None
    if claim.alternate.compare == "same":
        other = compare(claim, alternate)
        return other.supports, other.reason.replace("The figures", whose, 1).replace("the figures", whose, 1)
    if observed is None:
        return False, f"{whose} give {shown(claim, alternate, claim.alternate.unit)}."
    same = sign(number(claim, alternate)) == sign(number(claim, observed))
    value = shown(claim, alternate, claim.alternate.unit)
    return same, f"{whose} give {value}, {'the same' if same else 'another'} sign."


class Evaluator:
    """Evaluates claims in a warehouse.

    Args:
        connection: The warehouse. It is only read; temporary tables are this connection's own.
        models: Every model, by name, in an order in which they can run.
        readable: The tables that evidence may read, if not all of core and marts.
        seconds: After how long an evidence is stopped.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        models: Mapping[str, Model],
        *,
        readable: frozenset[str] | None = None,
        seconds: float = evidence.SECONDS,
    ) -> None:
        self.connection = connection
        self.models = models
        self.readable = readable
        self.seconds = seconds
        self.as_of = as_of.AsOf(models, connection)
        self.lineage = Lineage(connection, models)
        self._answers: dict[str, tuple[Value | None, frozenset[str]]] = {}
        self.today = self.as_of.newest()
        self.names = self._names()

    def evaluate_all(self, articles: tuple[Article, ...]) -> list[ClaimResult]:
        """The result of every claim, in the register's order.

        Raises:
            BilateralError: An evidence was stopped: the same one may end in time if it is tried again.
        """
        # Day by day, so that what is worked out for a day is worked out once.
        in_days = sorted(claims(articles), key=lambda pair: pair[0].moment)
        found = {claim.claim_id: self.evaluate(article, claim) for article, claim in in_days}
        return [found[claim.claim_id] for _, claim in claims(articles)]

    def evaluate(self, article: Article, claim: Claim) -> ClaimResult:
        """The result of a claim; a failing evidence is an `error`, not an exception.

        Raises:
            BilateralError: An evidence was stopped.
        """
        try:
            found = self._found(claim, partial(self._now, claim))
            with _complaining(claim, "evidence"):
                _fits(claim, found.observed)
            with _complaining(claim, "second_reading.evidence"):
                _fits(claim, found.second)
            with _complaining(claim, "alternate.evidence"):
                verdict = evaluate(claim, found, today=self.today, names=self.names)
            with _complaining(claim, "evidence as of the day of publication"):
                observed_then, verdict_then, text = self._then(article, claim)
        except ClaimError as failed:
            return ClaimResult(article, claim, error=failed)
        return ClaimResult(
            article,
            claim,
            observed=found.observed,
            alternate=found.alternate,
            second=found.second,
            is_null_if_false=found.denied is not None,
            verdict=verdict,
            observed_then=observed_then,
            verdict_then=verdict_then,
            evidence_then_sql=text,
            snapshot_ids=tuple(sorted({one for sql in claim.questions for one in self.lineage.snapshots(sql)})),
        )

    def _names(self) -> dict[str, str]:
        return dict(self.connection.execute(f"select economy_code, name from {ECONOMIES}").fetchall())

    def _found(self, claim: Claim, ask: Callable[[str, str], Value | None]) -> Observed:
        """What the questions of a claim give, each asked with the field that it stands in."""
        observed = ask("evidence", claim.evidence) if claim.evidence else None
        return Observed(
            observed=observed,
            alternate=ask("alternate.evidence", claim.alternate.evidence) if claim.alternate else None,
            second=ask("second_reading.evidence", claim.second_reading.evidence) if claim.second_reading else None,
            denied=self._denied(claim.evidence, ask) if claim.evidence and observed is None else None,
            remarks=tuple(self._remarks(claim, ask)),
        )

    def _denied(self, sql: str, ask: Callable[[str, str], Value | None]) -> str | None:
        return next((meaning for asks, meaning in self.lineage.denied(sql) if ask("evidence", asks) is True), None)

    def _remarks(self, claim: Claim, ask: Callable[[str, str], Value | None]) -> Iterator[str]:
        for number_of, remark in enumerate(claim.remarks):
            try:
                value = ask(f"remarks.{number_of}.evidence", remark.evidence)
            except as_of.NoVintagesError:
                continue
            if value is not None:
                yield remark.rendered(value)

    def _now(self, claim: Claim, field: str, sql: str) -> Value | None:
        """What a question gives now, if it may be asked."""
        with _complaining(claim, field):
            tables = self._check(sql)
            if field == "evidence" and tables == {as_of.FIGURES}:
                raise EvidenceError(
                    "it reads nothing but printed figures, which are sentences as the claim is one.",
                    remedy="Read a table of figures; what was printed may stand beside them, as alternate or remark.",
                )
            # What fails is told before what can only be answered in one way.
            value = evidence.ask(self.connection, sql, seconds=self.seconds)
            self.lineage.refuse_fixed(sql)
            self.lineage.refuse_false_days(sql)
            self._answers[sql] = value, tables
            return value

    def _check(self, sql: str) -> frozenset[str]:
        tables = evidence.check(self.connection, sql, self.models)
        if self.readable is not None and (hidden := tables - self.readable):
            raise EvidenceError(
                f"it names {', '.join(sorted(hidden))} in a form that is easily overlooked.",
                remedy="Write schema.table, without spaces or comments between.",
            )
        return tables

    def _then(self, article: Article, claim: Claim) -> tuple[Value | None, Verdict, str | None]:
        moment = article.moment
        missing = f"The figures of {claim.period.start} to {claim.period.end} were not held by {moment}."
        try:
            text = self.as_of.text(claim.evidence, moment) if claim.evidence else None
            found = self._found(claim, partial(self._as_of, moment))
        except as_of.NoVintagesError as error:
            return None, Verdict("not_checkable", f"As of {moment}: {error}."), claim.evidence
        return found.observed, evaluate(claim, found, today=moment, missing=missing, names=self.names), text

    def _as_of(self, moment: date, _: str, sql: str) -> Value | None:
        """What a question gave on a day: as now if it reads nothing that differs."""
        if sql not in self._answers:
            # Whether an evidence denies its claim is asked only where it gives nothing.
            self._answers[sql] = evidence.ask(self.connection, sql, seconds=self.seconds), self._check(sql)
        value, tables = self._answers[sql]
        if not self.as_of.differs(tables, moment):
            return value
        prepared = self.as_of.prepared(sql, moment)
        return evidence.ask(self.connection, prepared, seconds=self.seconds, may_be_empty=True)


class ClaimError(BilateralError):
    """A question of a claim that may not be asked, or gives no value to compare."""


@contextmanager
def _complaining(claim: Claim, field: str) -> Iterator[None]:
    """Names the claim and the field in what a refused question says."""
    try:
        yield
    except EvidenceError as refused:
        kind = BilateralError if isinstance(refused, EvidenceTimeout) else ClaimError
        raise kind(f"claim {claim.claim_id}: {field}: {refused.message}", remedy=refused.remedy) from refused


def _fits(claim: Claim, observed: Value | None) -> None:
    """Refuses a value that the claim's comparator does not compare, pending or not."""
    if observed is not None:
        compare(claim, observed)
