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
from dagster_project.claims.comparison import Verdict, compare, describe_figure, number, shown
from dagster_project.claims.compiling import list_stages
from dagster_project.claims.diagnosis import Diagnosis
from dagster_project.claims.evidence import Value
from dagster_project.claims.figures import FEW, Figures, labels, statement_of
from dagster_project.claims.form import Article, Claim
from dagster_project.claims.limits import EvidenceError, TooLong
from dagster_project.claims.register import claims
from dagster_project.claims.series import looks_back
from dagster_project.claims.values import Comparator
from dagster_project.claims.verdicts import SUPPORTED, ClaimResult, Observed, evaluate
from dagster_project.errors import BilateralError
from dagster_project.history import FIGURES, History, NotRebuiltError, TradeFilter
from dagster_project.metrics import catalogue
from dagster_project.models import Model
from dagster_project.questions.wording import format_usd

# A number that is the one of another time may still be that of an earlier release.
OF_TIME = {"period", "partial", "cumulative"}
# Whoever counts on another basis, and does not say so, is not wrong.
OF_BASIS = {"basis", "coverage"}
# Where the names of economies stand.
ECONOMIES = "core.economies"
# Of these a revision since the publication may be the reason.
OFF = ("contradicted", "differs_in_last_digit")


class Evaluator:
    """Evaluates claims in a warehouse.

    Args:
        connection: The warehouse. It is only read; temporary tables are this connection's own.
        models: Every model, by name, in an order in which they can run.
        knows_set_aside: Whether the warehouse says what is set aside; a build that judges claims does not yet.
        seconds: After how long an evidence is stopped.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        models: Mapping[str, Model],
        *,
        knows_set_aside: bool = True,
        seconds: float = evidence.SECONDS,
    ) -> None:
        self.connection = connection
        self.models = models
        self.seconds = seconds
        self.history = History(connection, models)
        # What evidence gives now, and the tables that it reads.
        self._answers: dict[str, tuple[Value | None, frozenset[str]]] = {}
        self.today = self.history.find_newest_day()
        self.names: dict[str, str] = dict(connection.execute(f"select economy_code, name from {ECONOMIES}").fetchall())
        self.figures = Figures(connection, self.names, self.today, knows_set_aside=knows_set_aside)

    def evaluate_all(self, articles: tuple[Article, ...]) -> list[ClaimResult]:
        """Return the result of every claim, in the register's order.

        Raises:
            BilateralError: An evidence was stopped: the same one may end in time if it is tried again.
        """
        return [self.evaluate(article, claim) for article, claim in claims(articles)]

    def evaluate(self, article: Article, claim: Claim) -> ClaimResult:
        """Return the result of a claim; a failing evidence is an `error`, not an exception.

        Raises:
            BilateralError: An evidence was stopped.
        """
        try:
            return self._evaluate(article, claim)
        except EvidenceError as failed:
            error = BilateralError(f"claim {claim.claim_id}: {failed.message}", remedy=failed.remedy)
            if isinstance(failed, TooLong):
                raise error from failed
            return ClaimResult(article, claim, error=error)

    def held(self, claim: Claim) -> str | None:
        """Return what is held of the figures that a claim is about, and until when; None if that is not of a metric."""
        asked = statement_of(claim)
        if asked and asked.metric.name == "balance":  # One without a sign is held, too.
            asked = replace(asked, metric=catalogue.load_metrics()["total_trade"])
        return self.figures.held(asked) if asked else None

    def _evaluate(self, article: Article, given: Claim) -> ClaimResult:
        claim = given
        if self.models.keys() >= conversions.READS:
            claim = conversions.complete(claim, self.connection, self.figures)
        self._require_stage(claim)
        found, thin = self._with_coverage(claim, self._observe(claim, partial(self._ask, claim)))
        if claim.alternate and found.alternate is None and self.models.keys() >= conversions.READS:
            found = replace(found, alternate_print=conversions.find_partners_print(claim, self.connection))
        lacking = None
        if claim.asked is not None and claim.evidence is not None and found.observed is None:
            lacking = self.figures.lacking(claim.asked, claim.evidence)
        verdict = evaluate(claim, found, today=self.today, lacking=lacking, names=self.names)
        is_held = verdict.verdict != "not_held"
        if not is_held and claim.comparator in {Comparator.EQUALS, Comparator.APPROXIMATELY}:
            verdict = self._compare_print(claim, found, verdict)
        is_then = article.moment < self.today
        observed_then, verdict_then = self._then(article, claim) if is_then else (found.observed, verdict)
        # A number that is right, and what is said beside it is not, is no other figure.
        is_off = verdict.verdict in OFF
        slip = diagnosis.diagnose(claim, self.figures) if is_off and found.beside is None else None
        if is_off and is_then and found.observed is not None:
            verdict = self._revised(article, claim, found, verdict, verdict_then, slip)
        if not is_held and verdict_then.verdict == "pending":
            # What no time brings was not waited for on the day either.
            verdict_then = Verdict("not_held", verdict_then.reason)
        if slip is not None and verdict.verdict == "contradicted":
            verdict = _with_slip(verdict, slip)
            verdict_then = _with_slip(verdict_then, slip) if slip.code in OF_BASIS else verdict_then
        else:
            slip = None
        if thin is not None:
            verdict, verdict_then, slip = thin, verdict_then if verdict_then.verdict == "pending" else thin, None
        if not is_then:
            # Nothing became known since: one day has one verdict.
            verdict_then = verdict
        return ClaimResult(
            article,
            given,
            found=found,
            verdict=verdict,
            observed_then=observed_then,
            verdict_then=verdict_then,
            snapshot_ids=tuple(sorted(evidence.list_snapshots(self.connection, claim.questions, self.models))),
            diagnosis=slip,
        )

    def _compare_print(self, claim: Claim, found: Observed, verdict: Verdict) -> Verdict:
        """Return the verdict on figures that are not held, with what an authority printed of them.

        A print is no figure of ours: it may bear a claim out, and contradicts none.
        """
        if self.models.keys() < conversions.READS or not (printed := conversions.find_print(claim, self.connection)):
            return verdict
        publisher, _, value = printed
        # What is not held of the other side is no news here.
        asked = claim if found.alternate is not None else claim.model_copy(update={"alternate": None})
        by_print = evaluate(asked, replace(found, observed=value), today=self.today, names=self.names)
        if by_print.verdict in SUPPORTED:
            reason = by_print.reason.replace("The figures give", f"{publisher}, has", 1)
            return Verdict(by_print.verdict, f"{reason} It is held only as printed.")
        return Verdict(verdict.verdict, f"{publisher}, has {shown(claim, value)}. {verdict.reason}")

    def _observe(self, claim: Claim, ask: Callable[[str, str], Value | None]) -> Observed:
        """Return what the questions of a claim give, each asked with the field that it stands in."""
        observed = ask("evidence", claim.evidence) if claim.evidence else None
        return Observed(
            observed=observed,
            alternate=ask("alternate.evidence", claim.alternate.evidence) if claim.alternate else None,
            second=ask("second_reading.evidence", claim.second_reading.evidence) if claim.second_reading else None,
            denied=_find_denial(self.connection, claim, ask) if claim.evidence and observed is None else None,
            beside=_find_beside(claim, ask) if observed is not None else None,
            remarks=tuple(_tell_remarks(claim, ask)),
        )

    def _ask(self, claim: Claim, field: str, sql: str) -> Value | None:
        """Return what a question gives now, if it may be asked, and the claim can be compared with it."""
        with _naming(field):
            # What is worked out of a metric needs no check.
            is_ours = claim.asked is not None and field in {"evidence", "denials"}
            read = evidence.tables_named(sql) if is_ours else evidence.check(self.connection, sql, self.models)
            tables = frozenset(read)
            if field == "evidence" and tables == {FIGURES}:
                raise EvidenceError(
                    "it reads nothing but printed figures, which are sentences as the claim is one.",
                    remedy="Read a table of figures; what was printed may stand beside them, as alternate or remark.",
                )
            # What fails is told before what can only be answered in one way.
            value = evidence.ask(self.connection, sql, seconds=self.seconds)
            if claim.asked is None:
                evidence.check_answer(self.connection, sql, self.models)
            if value is not None and field == "alternate.evidence" and claim.alternate.compare == "sign":  # type: ignore[union-attr]
                number(claim, value)
            elif value is not None and not field.startswith(("remarks", "denials")):
                compare(claim, value)
            self._answers[sql] = value, tables
            return value

    def _then(self, article: Article, claim: Claim) -> tuple[Value | None, Verdict]:
        """Return what the evidence gave on the day of the publication, and the verdict by the figures of that day."""
        moment = article.moment
        waiting = f"The figures of {claim.period.start} to {claim.period.end} were not held by {moment}."
        try:
            found = self._observe(claim, partial(self._ask_as_of, moment))
        except NotRebuiltError as error:
            return None, Verdict("not_checkable", f"As of {moment}: {error.message}")
        return found.observed, evaluate(claim, found, today=moment, missing=waiting, names=self.names)

    def _ask_as_of(self, moment: date, field: str, sql: str, among: TradeFilter | None = None) -> Value | None:
        """Return what a question gave on a day; reuse today's answer if it reads nothing that differs."""
        with _naming(f"{field} as of {moment}"):
            if sql not in self._answers:
                # Whether an evidence denies its claim is asked only where it gives nothing.
                tables = evidence.check(self.connection, sql, self.models)
                self._answers[sql] = evidence.ask(self.connection, sql, seconds=self.seconds), tables
            value, tables = self._answers[sql]
            if not self.history.is_changed_since(tables, moment):
                return value
            then = self.history.open_day(moment, tables, among)
            return evidence.ask(then, sql, seconds=self.seconds, may_be_empty=True)

    def _with_coverage(self, claim: Claim, found: Observed) -> tuple[Observed, Verdict | None]:
        """Return what was found with remarks on its coverage that no alternate tells, and the verdict if unsigned."""
        asked = statement_of(claim)
        if asked is None:
            return found, None
        metric, years = asked.metric, {int(one[:4]) for span in asked.spans for one in labels(span)}
        if found.observed is None and looks_back(claim.evidence or ""):
            years |= set(range(1900, max(years)))
        told = self.figures.list_coverage(asked, years)
        thin = [one["says"] for one in told if one["is_thin"]]
        if thin and not metric.flow and (metric.signed or metric.unit == "rank"):
            said = ["The figures are too thin, or of another kind, for the sign of a balance.", *thin[:FEW]]
            flows = [
                self.figures.value(replace(asked, metric=catalogue.load_metrics()[one]))
                for one in ("exports", "imports")
            ]
            if metric.name == "balance" and None not in flows:
                out, into = (flow or 0.0 for flow in flows)
                flows_held = f"exports of {format_usd(out)} and imports of {format_usd(into)}"
                said.append(f"Held are {flows_held}; their difference of {format_usd(out - into)} is no balance.")
            return found, Verdict("not_checkable", " ".join(said))
        says = [one["says"] for one in told if found.alternate is None or not one["shows_other_sign"]]
        is_record = claim.asked is not None and claim.comparator is Comparator.RECORD and metric.unit != "rank"
        if is_record and found.observed is not None:
            says = [*self.figures.list_compared(asked), *says]
        return replace(found, remarks=(*found.remarks, *says[:FEW])), None

    def _revised(
        self, article: Article, claim: Claim, found: Observed, verdict: Verdict, then: Verdict, slip: Diagnosis | None
    ) -> Verdict:
        """Return the verdict of the day of publication, where the figures have been revised since.

        If none were held then, and the number is no slip of another kind, it is that of any later vintage that fits.
        """
        assert found.observed is not None
        now = f"revised since to {shown(claim, found.observed)}."
        if then.verdict in SUPPORTED:
            told = [one for one in found.remarks if one not in then.reason]
            return Verdict(then.verdict, " ".join([f"Right then; {now} By {article.moment}: {then.reason}", *told]))
        among, asked = self.among(claim), claim.asked
        is_slip = slip is not None and slip.code not in OF_TIME
        if is_slip or found.beside or then.verdict != "pending" or among is None or not (claim.evidence and asked):
            return verdict
        # What looks back may rest on any year.
        first, last = (asked.span.earlier or asked.span).start.year - 1, asked.span.end.year
        years = None if looks_back(claim.evidence) else (first, last)
        _, tables = self._answers[claim.evidence]
        for day in self.history.list_vintages(among, article.moment, tables, years):
            value = self._ask_as_of(day, "evidence", claim.evidence, among)
            if value is not None and (earlier := compare(claim, value)).verdict in SUPPORTED:
                return Verdict(earlier.verdict, f"Right by the figures of {day}; {now} By that day: {earlier.reason}")
        is_number = claim.comparator is Comparator.EQUALS and claim.unit in {"USD", "%"}
        if verdict.verdict != "contradicted" or not is_number:
            return verdict
        allowed = self.figures.revision(asked, number(claim, found.observed), article.moment)
        if allowed is None or abs(found.observed - claim.claimed_value * claim.factor) > allowed:  # type: ignore[operator]
            return verdict
        return Verdict(
            "not_held",
            f"Not held: what was known on {article.moment}. "
            f"Figures known since give {describe_figure(claim, found.observed)}, "
            "and so little may be a revision.",
        )

    def among(self, claim: Claim) -> TradeFilter | None:
        """Return the trade on which alone a claim without SQL rests; of a rank or share, that with all partners."""
        asked = claim.asked
        if asked is None or claim.not_held or asked.metric.domain == "services":
            return None
        if asked.partner is None:
            return TradeFilter((asked.reporter,))
        if not any(key.startswith("goods/") for key in asked.lacks):
            return None
        both = (asked.reporter, asked.partner)
        return TradeFilter((asked.reporter,)) if asked.metric.is_of_all else TradeFilter(both, (*both, "WLD"))

    def _require_stage(self, claim: Claim) -> None:
        """Refuse an event, or a stage of one, that the register of events does not have."""
        metric = catalogue.find_metric(claim.metric)
        if metric is None or metric.unit not in {"date", "order"} or not claim.item:
            return
        for event, stage in list_stages(claim.item):
            rows = self.connection.execute(
                "select distinct stage from core.policy_event_stages where event_id = $1 order by stage", [event]
            )
            stages = [one for (one,) in rows.fetchall()]
            if not stages:
                remedy = "core.policy_event_stages has those that exist."
                raise EvidenceError(f"item: there is no event {event}.", remedy=remedy)
            if stage and stage not in stages:
                raise EvidenceError(
                    f"item: {event} has no stage {stage}.", remedy=f"Its stages are {', '.join(stages)}."
                )


def _find_denial(
    connection: duckdb.DuckDBPyConnection, claim: Claim, ask: Callable[[str, str], Value | None]
) -> str | None:
    """Return what the figures show where the evidence gives nothing because the claim is false."""
    denials = (one for one in claim.denials if not one.always)
    if says := next((one.says for one in denials if ask("denials", one.evidence) is True), None):
        return says
    for sql, says in evidence.list_denials(connection, claim.evidence or ""):
        try:
            if ask("denials", sql) is True:
                return says
        except TooLong:
            raise
        except EvidenceError:
            # It rests on its own `with` or on an outer row, and cannot be asked alone.
            continue
    return None


def _find_beside(claim: Claim, ask: Callable[[str, str], Value | None]) -> Verdict | None:
    """Return what the figures show against a claim whose number is right: that it rose to so much, and it fell."""
    for one in claim.denials:
        shown_so = ask("denials", one.evidence) if one.always else False
        if shown_so is None:
            return Verdict("not_held", f"Not held: whether there was {one.says.removeprefix('no ')}.")
        if shown_so:
            return Verdict("contradicted", f"But they show {one.says}.")
    return None


def _tell_remarks(claim: Claim, ask: Callable[[str, str], Value | None]) -> Iterator[str]:
    for place, remark in enumerate(claim.remarks):
        try:
            value = ask(f"remarks.{place}.evidence", remark.evidence)
        except NotRebuiltError:
            continue
        if value is not None:
            yield remark.rendered(value)


def _with_slip(verdict: Verdict, slip: Diagnosis) -> Verdict:
    """Return a verdict with what the claimed number is; one on another basis is not contradicted."""
    if verdict.verdict != "contradicted":
        return verdict
    return Verdict("supported_rounded" if slip.code in OF_BASIS else "contradicted", f"{verdict.reason} {slip.says}")


@contextmanager
def _naming(field: str) -> Iterator[None]:
    """Name the field in what a refused question says."""
    try:
        yield
    except EvidenceError as refused:
        raise type(refused)(f"{field}: {refused.message}", remedy=refused.remedy) from refused
