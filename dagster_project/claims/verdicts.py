"""Verdicts: what the figures say to each claim, as they stood when it was published and as they stand now.

Here: asking the evidence of a register, and judging. Not here: how values compare (`comparators`), and the form of the
published table.

What counts as today is the newest day from which any figure of trade, services or GDP is known. The wall clock has no
say: the same figures give the same verdicts in any year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal

import duckdb
from sqlglot import exp

from dagster_project.claims import evidence, then
from dagster_project.claims.comparators import compare, number, shown, sign
from dagster_project.claims.evidence import Refused, TookTooLong, Value
from dagster_project.claims.register import Claim, Publication, claims
from dagster_project.errors import BilateralError
from dagster_project.models import DIALECT, Model

Word = Literal["supported", "supported_rounded", "contradicted", "reporter_dependent", "pending", "not_checkable"]
SUPPORTED = ("supported", "supported_rounded")
# The columns in which tables say in which snapshots a row's figures stand.
SNAPSHOT_COLUMNS = ("snapshot_ids", "snapshot_id")
# Where the names of economies stand.
ECONOMIES = "core.economies"


@dataclass(frozen=True)
class Verdict:
    """A verdict with its reason, a sentence or two."""

    verdict: Word
    reason: str


@dataclass(frozen=True)
class Asked:
    """What came of a claim.

    Args:
        publication: What published it.
        claim: The claim.
        observed: What its evidence gives; None if that is null, or there is none.
        alternate: The same for the other reporter's.
        now: The verdict by the figures of now; None if an evidence fails.
        observed_then: What the evidence gave on the day of the publication.
        then: The verdict by the figures of that day.
        then_sql: The evidence as of that day; None if there is none.
        snapshot_ids: The snapshots that the evidence rests on.
        error: Which evidence fails and why.
    """

    publication: Publication
    claim: Claim
    observed: Value | None = None
    alternate: Value | None = None
    now: Verdict | None = None
    observed_then: Value | None = None
    then: Verdict | None = None
    then_sql: str | None = None
    snapshot_ids: tuple[str, ...] = ()
    error: BilateralError | None = None


def judge(
    claim: Claim,
    observed: Value | None,
    alternate: Value | None,
    *,
    today: date,
    missing: str | None = None,
    names: Mapping[str, str] = MappingProxyType({}),
) -> Verdict:
    """The verdict on a claim.

    Args:
        claim: The claim.
        observed: What its evidence gives.
        alternate: What the other reporter's gives.
        today: The day on which it is judged.
        missing: What to say where the evidence gives nothing; by default that the figures of the period are not in.
        names: What economies are called, by their codes.

    Raises:
        Refused: The evidence gives another kind of value than the comparator compares.
    """
    if claim.not_checkable is not None:
        return Verdict("not_checkable", claim.not_checkable)
    if claim.period_type == "forecast" and claim.period.end >= today:
        far = f" So far the figures give {shown(claim, observed)}." if observed is not None else ""
        return Verdict("pending", f"The period ends on {claim.period.end}, and it is judged as of {today}.{far}")
    if observed is None:
        period = f"{claim.period.start} to {claim.period.end}"
        return Verdict("pending", missing or f"The figures of {period} are not in.")
    found = compare(claim, observed)
    if claim.alternate is None:
        return Verdict(found.outcome, found.reason)
    other_side = claim.alternate.reporter or "The other side"
    whose = claim.alternate.called or f"{names.get(other_side, other_side)}'s statistics"
    if alternate is None:
        return Verdict(found.outcome, f"{found.reason} {whose} are not in.")
    agrees, other = _beside(claim, observed, alternate, whose)
    if agrees == found.supports or (claim.alternate.compare == "sign" and not found.supports):
        return Verdict(found.outcome, f"{found.reason} {other}")
    if claim.names_reporter:
        return Verdict(found.outcome, f"{found.reason} {other} The sentence names its reporter.")
    return Verdict("reporter_dependent", f"{found.reason} {other}")


def _beside(claim: Claim, observed: Value, alternate: Value, whose: str) -> tuple[bool, str]:
    """Whether the other reporter's value bears the claim out, and what it says."""
    assert claim.alternate is not None
    if claim.alternate.compare == "same":
        other = compare(claim, alternate)
        return other.supports, other.reason.replace("The figures", whose, 1).replace("the figures", whose, 1)
    same = sign(number(claim, alternate)) == sign(number(claim, observed))
    value = shown(claim, alternate, claim.alternate.unit)
    return same, f"{whose} give {value}, {'the same' if same else 'another'} sign."


class Court:
    """A warehouse in which claims are judged.

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
        self.earlier = then.Then(models, connection)
        self.today = self.earlier.newest()
        self.names = self._names()

    def judge_all(self, publications: tuple[Publication, ...]) -> list[Asked]:
        """What comes of every claim, in the register's order.

        Raises:
            BilateralError: An evidence was stopped: the same one may end in time if it is tried again.
        """
        # Day by day, so that what is worked out for a day is worked out once.
        in_days = sorted(claims(publications), key=lambda pair: pair[0].moment)
        found = {claim.claim_id: self.judge(publication, claim) for publication, claim in in_days}
        return [found[claim.claim_id] for _, claim in claims(publications)]

    def judge(self, publication: Publication, claim: Claim) -> Asked:
        """What comes of a claim; a failing evidence is an `error`, not an exception.

        Raises:
            BilateralError: An evidence was stopped.
        """
        if claim.evidence is None:
            verdict = judge(claim, None, None, today=self.today)
            return Asked(publication, claim, now=verdict, then=verdict)
        # The field that a complaint names is the one that is being worked on.
        field = "evidence"
        try:
            tables = self._check(claim.evidence)
            observed = self._ask(claim.evidence)
            _fits(claim, observed)
            alternate, others = None, frozenset[str]()
            if claim.alternate is not None:
                field = "alternate.evidence"
                others = self._check(claim.alternate.evidence)
                alternate = self._ask(claim.alternate.evidence)
            now = judge(claim, observed, alternate, today=self.today, names=self.names)
            field = "evidence as of the day of publication"
            observed_then, verdict_then, text = self._then(publication, claim, (observed, tables), (alternate, others))
        except Refused as refused:
            complaint = BilateralError(f"claim {claim.claim_id}: {field}: {refused.message}", remedy=refused.remedy)
            if isinstance(refused, TookTooLong):
                raise complaint from refused
            return Asked(publication, claim, error=complaint)
        return Asked(
            publication,
            claim,
            observed=observed,
            alternate=alternate,
            now=now,
            observed_then=observed_then,
            then=verdict_then,
            then_sql=text,
            snapshot_ids=self._snapshots(claim),
        )

    def _names(self) -> dict[str, str]:
        return dict(self.connection.execute(f"select economy_code, name from {ECONOMIES}").fetchall())

    def _check(self, sql: str) -> frozenset[str]:
        tables = evidence.check(self.connection, sql, self.models)
        if self.readable is not None and (hidden := tables - self.readable):
            raise Refused(
                f"it names {', '.join(sorted(hidden))} in a form that is easily overlooked.",
                remedy="Write schema.table, without spaces or comments between.",
            )
        return tables

    def _ask(self, sql: str, *, may_be_empty: bool = False) -> Value | None:
        return evidence.ask(self.connection, sql, seconds=self.seconds, may_be_empty=may_be_empty)

    def _then(
        self,
        publication: Publication,
        claim: Claim,
        now: tuple[Value | None, frozenset[str]],
        alternate: tuple[Value | None, frozenset[str]],
    ) -> tuple[Value | None, Verdict, str]:
        assert claim.evidence is not None
        moment = publication.moment
        missing = f"The figures of {claim.period.start} to {claim.period.end} were not held by {moment}."
        try:
            text = self.earlier.text(claim.evidence, moment)
            observed = self._ask_then(claim.evidence, now, moment)
            other = self._ask_then(claim.alternate.evidence, alternate, moment) if claim.alternate else None
        except then.NotToldError as error:
            return None, Verdict("not_checkable", f"As of {moment}: {error}."), claim.evidence
        verdict = judge(claim, observed, other, today=moment, missing=missing, names=self.names)
        return observed, verdict, text

    def _ask_then(self, sql: str, now: tuple[Value | None, frozenset[str]], moment: date) -> Value | None:
        """What an evidence gave on a day: as now if it reads nothing that differs."""
        value, tables = now
        if not self.earlier.differs(tables, moment):
            return value
        return self._ask(self.earlier.quick(sql, moment), may_be_empty=True)

    def _snapshots(self, claim: Claim) -> tuple[str, ...]:
        texts = [claim.evidence, claim.alternate.evidence if claim.alternate else None]
        return tuple(sorted({found for sql in texts if sql for found in self.snapshots(sql)}))

    def snapshots(self, sql: str) -> set[str]:
        """The snapshots behind an evidence: those in which the rows stand that its `from … where` lets through.

        Where rows cannot be told apart that easily, because a SELECT reads its own `with` or an outer row, they are
        all of the table's. Tables without a column of snapshots, which are code lists, add none.
        """
        try:
            selects = list(then.parsed(sql).find_all(exp.Select))
        except then.NotToldError:
            # DuckDB understands more than sqlglot does.
            tables = [exp.to_table(name) for name in sorted(evidence.tables_named(sql))]
            return self._in([query for table in tables if (query := self._all_of(table))])
        found: set[str] = set()
        for select in selects:
            try:
                found |= self._in(self._traces(select))
            except duckdb.Error:
                tables = list(select.find_all(exp.Table))
                found |= self._in([query for table in tables if (query := self._all_of(table))])
        return found

    def _in(self, queries: list[str]) -> set[str]:
        """The snapshots in the cells that queries give."""
        rows = [row for query in queries for row in self.connection.execute(query).fetchall()]
        return {one for row in rows for cell in row if cell for one in cell.split(", ")}

    def _traces(self, select: exp.Select) -> list[str]:
        start = select.args.get("from_")
        sources = [part.this for part in [start, *(select.args.get("joins") or [])] if part is not None]
        columns = [found for source in sources if (found := self._snapshot_column(source))]
        if not columns:
            return []
        if all(isinstance(source, exp.Table) and source.db for source in sources):
            query = exp.Select(expressions=columns, distinct=exp.Distinct())
            for part in ("from_", "joins", "where"):
                if (found := select.args.get(part)) is not None:
                    query.set(part, [one.copy() for one in found] if isinstance(found, list) else found.copy())
            return [query.sql(dialect=DIALECT, comments=False)]
        return [every for source in sources if (every := self._all_of(source))]

    def _snapshot_column(self, source: exp.Expression) -> exp.Expression | None:
        if not isinstance(source, exp.Table):
            return None
        model = self.models.get(then.full_name(source))
        names = {column.name for column in model.columns} if model else set()
        column = next((name for name in SNAPSHOT_COLUMNS if name in names), None)
        return exp.column(column, table=source.alias or source.name) if column else None

    def _all_of(self, source: exp.Expression) -> str | None:
        column = self._snapshot_column(source)
        if column is None or not isinstance(source, exp.Table) or isinstance(source.this, exp.Anonymous):
            return None
        return f"select distinct {column.name} from {then.full_name(source)}"


def _fits(claim: Claim, observed: Value | None) -> None:
    """Refuses a value that the claim's comparator does not compare, pending or not."""
    if observed is not None:
        compare(claim, observed)
