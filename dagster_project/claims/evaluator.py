"""Evaluating claims: asking their evidence now and as of a day, and what comes of both.

Here: what is asked in which order, revisions, and what is not held. Not here: the verdict on what was found
(`verdicts`), how values compare (`comparison`), and the form of the published table (`tables`).

What counts as today is the newest day from which any figure of trade, services or GDP is known. The wall clock has no
say: the same figures give the same verdicts in any year.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial

import duckdb

from dagster_project.claims import conversions, diagnosis, evidence
from dagster_project.claims.comparison import Verdict, compare, shown
from dagster_project.claims.compiling import stages_of
from dagster_project.claims.evidence import Value
from dagster_project.claims.figures import FEW, Figures, labels, statement_of
from dagster_project.claims.form import Article, Claim
from dagster_project.claims.limits import EvidenceError, TooLong
from dagster_project.claims.lineage import Lineage
from dagster_project.claims.register import claims
from dagster_project.claims.series import looks_back
from dagster_project.claims.values import Comparator
from dagster_project.claims.verdicts import SUPPORTED, ClaimResult, Observed, evaluate
from dagster_project.errors import BilateralError
from dagster_project.history import FIGURES, History, NotRebuiltError, TradeFilter
from dagster_project.metrics import catalogue, coverage
from dagster_project.models import Model
from dagster_project.questions.wording import usd

# A number that is the one of another time may still be that of an earlier release.
OF_TIME = {"period", "partial", "cumulative"}
# Where the names of economies stand.
ECONOMIES = "core.economies"
# Of these a revision since the publication may be the reason.
OFF = ("contradicted", "differs_in_last_digit")


class Evaluator:
    """Evaluates claims in a warehouse.

    Args:
        connection: The warehouse. It is only read; temporary tables are this connection's own.
        models: Every model, by name, in an order in which they can run.
        readable: The tables that evidence may read, if not all of core and marts.
        knows_set_aside: Whether the warehouse says what is set aside; a build that judges claims does not yet.
        seconds: After how long an evidence is stopped.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        models: Mapping[str, Model],
        *,
        readable: frozenset[str] | None = None,
        knows_set_aside: bool = True,
        seconds: float = evidence.SECONDS,
    ) -> None:
        self.connection = connection
        self.models = models
        self.readable = readable
        self.seconds = seconds
        self.history = History(connection, models)
        self.lineage = Lineage(connection, models)
        self._answers: dict[str, tuple[Value | None, frozenset[str]]] = {}
        self.today = self.history.newest()
        self.names: dict[str, str] = dict(connection.execute(f"select economy_code, name from {ECONOMIES}").fetchall())
        self.figures = Figures(connection, self.names, self.today, knows_set_aside=knows_set_aside)

    def evaluate_all(self, articles: tuple[Article, ...]) -> list[ClaimResult]:
        """The result of every claim, in the register's order.

        Raises:
            BilateralError: An evidence was stopped: the same one may end in time if it is tried again.
        """
        return [self.evaluate(article, claim) for article, claim in claims(articles)]

    def evaluate(self, article: Article, claim: Claim) -> ClaimResult:
        """The result of a claim; a failing evidence is an `error`, not an exception.

        Raises:
            BilateralError: An evidence was stopped.
        """
        given = claim
        if self.models.keys() >= conversions.READS:
            claim = conversions.complete(claim, self.connection, self.figures)
        try:
            with _complaining(claim, "item"):
                self._require_stage(claim)
            found = self._found(claim, partial(self._now, claim))
            found, thin = self._with_coverage(claim, found)
            with _complaining(claim, "evidence"):
                _fits(claim, found.observed)
            with _complaining(claim, "second_reading.evidence"):
                _fits(claim, found.second)
            with _complaining(claim, "alternate.evidence"):
                lacking = self._lacking(claim) if found.observed is None else None
                verdict = evaluate(claim, found, today=self.today, lacking=lacking, names=self.names)
            with _complaining(claim, "evidence as of the day of publication"):
                observed_then, verdict_then = self._then(article, claim)
            # A number that is right, and what is said beside it is not, is no other figure.
            is_off = verdict.verdict in OFF and found.beside is None
            slip = diagnosis.diagnose(claim, self.figures) if is_off else None
            with _complaining(claim, "evidence as of a later day"):
                verdict = self._revised(
                    article, claim, found, verdict, verdict_then, look=slip is None or slip.code in OF_TIME
                )
        except ClaimError as failed:
            return ClaimResult(article, given, error=failed)
        if verdict.verdict == "not_held" and verdict_then.verdict == "pending":
            # What no time brings was not waited for on the day either.
            verdict_then = Verdict("not_held", verdict_then.reason)
        if slip is not None and verdict.verdict == "contradicted":
            # Whoever counts on another basis, and does not say so, is not wrong.
            is_basis = slip.code in {"basis", "coverage"}
            word = "supported_rounded" if is_basis else verdict.verdict
            verdict = Verdict(word, f"{verdict.reason} {slip.says}")
            if is_basis and verdict_then.verdict == "contradicted":
                verdict_then = Verdict(word, f"{verdict_then.reason} {slip.says}")
        if thin is not None:
            verdict, verdict_then = thin, verdict_then if verdict_then.verdict == "pending" else thin
        return ClaimResult(
            article,
            given,
            found=found,
            verdict=verdict,
            observed_then=observed_then,
            verdict_then=verdict_then,
            snapshot_ids=tuple(sorted({one for sql in claim.questions for one in self.lineage.snapshots(sql)})),
            diagnosis=slip if slip and verdict.reason.endswith(slip.says) else None,
        )

    def _with_coverage(self, claim: Claim, found: Observed) -> tuple[Observed, Verdict | None]:
        """Return what was found with remarks on its coverage that no alternate tells, and the verdict if unsigned."""
        asked = statement_of(claim)
        if asked is None:
            return found, None
        metric, years = asked.metric, {int(one[:4]) for span in asked.spans for one in labels(span)}
        if found.observed is None and looks_back(claim.evidence or ""):
            years |= set(range(1900, max(years)))
        told = coverage(self.connection, metric, asked.reporter, asked.partner, years)
        thin = [one["says"] for one in told if one["is_thin"]]
        if thin and not metric.flow and (metric.signed or metric.unit == "rank"):
            said = ["The figures are too thin, or of another kind, for the sign of a balance.", *thin[:FEW]]
            flows = [self.figures.value(replace(asked, metric=catalogue.load()[one])) for one in ("exports", "imports")]
            if metric.name == "balance" and None not in flows:
                out, into = (flow or 0.0 for flow in flows)
                flows_held = f"exports of {usd(out)} and imports of {usd(into)}"
                said.append(f"Held are {flows_held}; their difference of {usd(out - into)} is no balance.")
            return found, Verdict("not_checkable", " ".join(said))
        says = [one["says"] for one in told if found.alternate is None or not one["shows_other_sign"]]
        return replace(found, remarks=(*found.remarks, *says[:FEW])), None

    def held(self, claim: Claim) -> str | None:
        """What is held of the figures that a claim is about, and until when; None if that is not of a metric."""
        asked = statement_of(claim)
        if asked and asked.metric.name == "balance":  # One without a sign is held, too.
            asked = replace(asked, metric=catalogue.load()["total_trade"])
        return self.figures.held(asked) if asked else None

    def _lacking(self, claim: Claim) -> str | None:
        is_asked = claim.asked is not None and claim.evidence is not None
        return self.figures.lacking(claim.asked, claim.evidence) if is_asked else None  # type: ignore[arg-type]

    def _revised(
        self, article: Article, claim: Claim, found: Observed, verdict: Verdict, then: Verdict, *, look: bool
    ) -> Verdict:
        """The verdict of the day of publication, where the figures have been revised since.

        If none were held then and `look` is set, it is that of any figures that are held from a later day.
        """
        if verdict.verdict not in OFF or found.observed is None:
            return verdict
        now = f"revised since to {shown(claim, found.observed)}."
        if then.verdict in SUPPORTED:
            told = [one for one in found.remarks if one not in then.reason]
            return Verdict(then.verdict, " ".join([f"Right then; {now} By {article.moment}: {then.reason}", *told]))
        among = self.among(claim)
        if not look or found.beside or then.verdict != "pending" or among is None or claim.evidence is None:
            return verdict
        _, tables = self._answers[claim.evidence]
        for day in self.history.vintages(among, article.moment, tables, self._years(claim)):
            value = self._as_of(day, "evidence", claim.evidence, among)
            if value is not None and (earlier := compare(claim, value)).verdict in SUPPORTED:
                return Verdict(earlier.verdict, f"Right by the figures of {day}; {now} By that day: {earlier.reason}")
        if verdict.verdict == "contradicted":
            return self._of_unknown_vintage(article, claim, found.observed) or verdict
        return verdict

    @staticmethod
    def _years(claim: Claim) -> tuple[int, int] | None:
        """Return the years whose figures alone tell of a claim, and the one before; None if it may be any."""
        asked = claim.asked
        if asked is None or looks_back(claim.evidence or ""):
            return None
        return (asked.span.earlier or asked.span).start.year - 1, asked.span.end.year

    def _of_unknown_vintage(self, article: Article, claim: Claim, observed: Value) -> Verdict | None:
        """What is said of a difference that a revision may explain, where the figures of the day are not held."""
        asked = claim.asked
        if asked is None or claim.comparator is not Comparator.EQUALS or not isinstance(observed, float | int):
            return None
        assert isinstance(claim.claimed_value, float | int)
        allowed = self.figures.revision(asked, observed, article.moment) if claim.unit in {"USD", "%"} else None
        if allowed is None or abs(observed - claim.claimed_value * claim.factor) > allowed:
            return None
        return Verdict(
            "not_held",
            f"Not held: what was known on {article.moment}. Figures known since give {shown(claim, observed)}, and so "
            "little may be a revision.",
        )

    def among(self, claim: Claim) -> TradeFilter | None:
        """The trade on which alone a claim without SQL rests; a rank or a share rests on that with all partners."""
        asked = claim.asked
        if asked is None or claim.not_held or asked.metric.domain == "services":
            return None
        if asked.partner is None:
            return TradeFilter((asked.reporter,))
        if not any(key.startswith("goods/") for key in asked.lacks):
            return None
        both = (asked.reporter, asked.partner)
        return TradeFilter((asked.reporter,)) if asked.metric.is_of_all else TradeFilter(both, (*both, "WLD"))

    def _found(self, claim: Claim, ask: Callable[[str, str], Value | None]) -> Observed:
        """What the questions of a claim give, each asked with the field that it stands in."""
        observed = ask("evidence", claim.evidence) if claim.evidence else None
        return Observed(
            observed=observed,
            alternate=ask("alternate.evidence", claim.alternate.evidence) if claim.alternate else None,
            second=ask("second_reading.evidence", claim.second_reading.evidence) if claim.second_reading else None,
            denied=self._denied(claim, ask) if claim.evidence and observed is None else None,
            beside=self._beside(claim, ask) if observed is not None else None,
            remarks=tuple(self._remarks(claim, ask)),
        )

    def _denied(self, claim: Claim, ask: Callable[[str, str], Value | None]) -> str | None:
        sql = claim.evidence or ""
        for one in claim.denials:
            if not one.always and ask("evidence", one.evidence) is True:
                return one.says
        return next((meaning for asks, meaning in self.lineage.denied(sql) if ask("evidence", asks) is True), None)

    @staticmethod
    def _beside(claim: Claim, ask: Callable[[str, str], Value | None]) -> Verdict | None:
        """What the figures show against a claim whose number is right: that it rose to so much, and it fell."""
        for one in claim.denials:
            shown_so = ask("evidence", one.evidence) if one.always else False
            if shown_so is None:
                return Verdict("not_held", f"Not held: whether there was {one.says.removeprefix('no ')}.")
            if shown_so:
                return Verdict("contradicted", f"But they show {one.says}.")
        return None

    def _require_stage(self, claim: Claim) -> None:
        """Refuse an event, or a stage of one, that the register of events does not have."""
        metric = catalogue.find(claim.metric)
        if metric is None or metric.unit not in {"date", "order"} or not claim.item:
            return
        for event, stage in stages_of(claim.item):
            rows = self.connection.execute(
                "select distinct stage from core.policy_event_stages where event_id = $1 order by stage", [event]
            )
            stages = [one for (one,) in rows.fetchall()]
            if not stages:
                raise EvidenceError(
                    f"there is no event {event}.", remedy="core.policy_event_stages has those that exist."
                )
            if stage and stage not in stages:
                raise EvidenceError(f"{event} has no stage {stage}.", remedy=f"Its stages are {', '.join(stages)}.")

    def _remarks(self, claim: Claim, ask: Callable[[str, str], Value | None]) -> Iterator[str]:
        for number_of, remark in enumerate(claim.remarks):
            try:
                value = ask(f"remarks.{number_of}.evidence", remark.evidence)
            except NotRebuiltError:
                continue
            if value is not None:
                yield remark.rendered(value)

    def _now(self, claim: Claim, field: str, sql: str) -> Value | None:
        """What a question gives now, if it may be asked."""
        with _complaining(claim, field):
            # What is worked out of a metric needs no check.
            is_ours = claim.asked is not None and field == "evidence"
            tables = frozenset(evidence.tables_named(sql)) if is_ours else self._check(sql)
            if field == "evidence" and tables == {FIGURES}:
                raise EvidenceError(
                    "it reads nothing but printed figures, which are sentences as the claim is one.",
                    remedy="Read a table of figures; what was printed may stand beside them, as alternate or remark.",
                )
            # What fails is told before what can only be answered in one way.
            value = evidence.ask(self.connection, sql, seconds=self.seconds)
            if claim.asked is None:
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

    def _then(self, article: Article, claim: Claim) -> tuple[Value | None, Verdict]:
        moment = article.moment
        waiting = f"The figures of {claim.period.start} to {claim.period.end} were not held by {moment}."
        try:
            found = self._found(claim, partial(self._as_of, moment))
        except NotRebuiltError as error:
            return None, Verdict("not_checkable", f"As of {moment}: {error.message}")
        return found.observed, evaluate(claim, found, today=moment, missing=waiting, names=self.names)

    def _as_of(self, moment: date, field: str, sql: str, among: TradeFilter | None = None) -> Value | None:
        """What a question gave on a day: as now if it reads nothing that differs."""
        if sql not in self._answers:
            # Whether an evidence denies its claim is asked only where it gives nothing.
            tables = self._check(sql)
            self._answers[sql] = evidence.ask(self.connection, sql, seconds=self.seconds), tables
        value, tables = self._answers[sql]
        if not self.history.differs(tables, moment):
            return value
        then = self.history.at(moment, tables, among)
        return evidence.ask(then, sql, seconds=self.seconds, may_be_empty=True)


class ClaimError(BilateralError):
    """A question of a claim that may not be asked, or gives no value to compare."""


@contextmanager
def _complaining(claim: Claim, field: str) -> Iterator[None]:
    """Names the claim and the field in what a refused question says."""
    try:
        yield
    except EvidenceError as refused:
        kind = BilateralError if isinstance(refused, TooLong) else ClaimError
        raise kind(f"claim {claim.claim_id}: {field}: {refused.message}", remedy=refused.remedy) from refused


def _fits(claim: Claim, observed: Value | None) -> None:
    """Refuses a value that the claim's comparator does not compare, pending or not."""
    if observed is not None:
        compare(claim, observed)
