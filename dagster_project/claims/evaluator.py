"""Evaluating claims: asking their evidence now and as of a day, and what comes of both.

Here: what is asked in which order, revisions, and what is not held. Not here: the verdict on what was found
(`verdicts`), how values compare (`comparators`), and the form of the published table (`tables`).

What counts as today is the newest day from which any figure of trade, services or GDP is known. The wall clock has no
say: the same figures give the same verdicts in any year.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import duckdb

from dagster_project.claims import as_of, conversions, diagnosis, evidence, periods
from dagster_project.claims.as_of import Few
from dagster_project.claims.comparators import compare
from dagster_project.claims.comparison import Verdict, shown
from dagster_project.claims.diagnosis import Figures, query_of
from dagster_project.claims.evidence import Value
from dagster_project.claims.form import Article, Claim
from dagster_project.claims.limits import EvidenceError, TooLong
from dagster_project.claims.lineage import Lineage
from dagster_project.claims.register import claims
from dagster_project.claims.series import MetricQuery, looks_back
from dagster_project.claims.verdicts import SUPPORTED, ClaimResult, Observed, evaluate
from dagster_project.errors import BilateralError
from dagster_project.metrics import catalogue, coverage
from dagster_project.models import Model
from dagster_project.questions import missing
from dagster_project.questions.wording import listed, usd
from dagster_project.questions.wording import periods as in_words

# Where the names of economies stand.
ECONOMIES = "core.economies"
# Of these a revision since the publication may be the reason.
OFF = ("contradicted", "differs_in_last_digit")
# How far figures have been revised after their first release: of amounts of one flow (China Customs' year 2021 by 1.1
# per cent), of balances as a part of both flows, and of growth in percentage points.
REVISED, REVISED_OF_GROSS, REVISED_POINTS = 0.015, 0.0025, 0.3
# So many gaps are named one by one.
FEW = 3
# For so long after a period its figures may still be to come.
COMING = timedelta(days=60)


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
        self.knows_set_aside = knows_set_aside
        self.seconds = seconds
        self.as_of = as_of.AsOf(models, connection)
        self.lineage = Lineage(connection, models)
        self._answers: dict[str, tuple[Value | None, frozenset[str]]] = {}
        self.today = self.as_of.newest()
        self.names: dict[str, str] = dict(connection.execute(f"select economy_code, name from {ECONOMIES}").fetchall())
        self.figures = Figures(connection, self.names)

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
                observed_then, verdict_then, text = self._then(article, claim)
            slip = diagnosis.diagnose(claim, self.figures) if verdict.verdict in OFF else None
            with _complaining(claim, "evidence as of a later day"):
                verdict = self._revised(
                    article, claim, found, verdict, verdict_then, look=slip is None or slip.code == "period"
                )
        except ClaimError as failed:
            return ClaimResult(article, given, error=failed)
        if verdict.verdict == "not_held" and verdict_then.verdict == "pending":
            # What no time brings was not waited for on the day either.
            verdict_then = Verdict("not_held", verdict_then.reason)
        if slip is not None and verdict.verdict == "contradicted":
            # Whoever counts on another basis, and does not say so, is not wrong.
            word = "supported_rounded" if slip.code == "basis" else verdict.verdict
            verdict = Verdict(word, f"{verdict.reason} {slip.says}")
            if slip.code == "basis" and verdict_then.verdict == "contradicted":
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
            evidence_then_sql=text,
            snapshot_ids=tuple(sorted({one for sql in claim.questions for one in self.lineage.snapshots(sql)})),
            diagnosis=slip if slip and verdict.reason.endswith(slip.says) else None,
        )

    def _with_coverage(self, claim: Claim, found: Observed) -> tuple[Observed, Verdict | None]:
        """Return what was found with remarks on its coverage that no alternate tells, and the verdict if unsigned."""
        asked = query_of(claim)
        if asked is None:
            return found, None
        metric, spans = asked.metric, (asked.span, asked.span.earlier)
        years = {int(one[:4]) for span in spans if span for one in diagnosis.labels(span)}
        if found.observed is None and looks_back(claim.evidence or ""):
            years |= set(range(1900, max(years)))
        told = coverage(self.connection, metric, asked.reporter, asked.partner, years)
        thin = [one["says"] for one in told if one["is_thin"]]
        if thin and not metric.flow and (metric.name.startswith("balance") or metric.unit == "rank"):
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
        asked = query_of(claim)
        if asked and asked.metric.name == "balance":  # One without a sign is held, too.
            asked = replace(asked, metric=catalogue.load()["total_trade"])
        held = self.figures.values(asked) if asked else {}
        kinds = []
        for kind, digits in (("year", 4), ("month", 7)):
            if found := sorted(one for one in held if len(one) == digits):
                kinds.append(f"by {kind} {in_words(found)}")
        return f"{'; '.join(kinds)}; nothing is known after {self.today}" if kinds else None

    def _lacking(self, claim: Claim) -> str | None:
        """What is not held, where no time will bring it."""
        asked = query_of(claim)
        if asked is None or not (claim.says or claim.lacks) or claim.period.end >= self.today:
            return None
        wanted = [one for span in (asked.span, asked.span.earlier) if span for one in diagnosis.labels(span)]
        if asked.metric.growth_of and not asked.span.earlier:
            wanted += diagnosis.labels(asked.span.before)
        held = self.figures.values(asked)
        absent = {one for one in wanted if one not in held}
        if not absent and looks_back(claim.evidence or ""):
            absent = self._gaps(held, max(wanted))
        absent = absent or set(wanted)
        aside = self._set_aside(asked, absent) if self.knows_set_aside else []
        if claim.period.end + COMING > self.today and not aside:
            return None
        if not claim.lacks:
            said = [f"Not held for {listed(sorted(absent))}: {asked.metric.called}."]
        else:
            keys = self._lacking_of_all(asked, claim.lacks, absent) if asked.metric.is_of_all else claim.lacks
            gap = missing.Gap("not_held", tuple(map(missing.Series.read, keys)), absent)
            said = [*missing.in_words(self.connection, gap, self.names, today=self.today, knows_set_aside=False)]
        said[1:1] = aside
        until = f"Held: {found}." if (found := self.held(claim)) else ""
        return " ".join(filter(None, [*said, until]))

    def _set_aside(self, asked: MetricQuery, absent: Iterable[str]) -> list[str]:
        """What was set aside of the figures that lack, in words."""
        flows = (asked.metric.flow,) if asked.metric.flow else ("export", "import")
        domain = asked.metric.domain or "gdp"
        item = asked.item or "TOTAL" if domain == "goods" else ""
        series = missing.Series(domain, "", asked.reporter, flows if asked.partner else (), asked.partner or "", item)
        return missing.decisions_about(self.connection, series, absent)

    @staticmethod
    def _gaps(held: Mapping[str, float], last: str) -> set[str]:
        """The years or months that lack between the first that is held and the last that is asked about."""
        like = sorted(one for one in held if len(one) == len(last))
        if not like:
            return set()
        monthly = len(last) > 4
        (year, month), (to_year, to_month) = ((int(one[:4]), int(one[5:] or 0)) for one in (like[0], last))
        span = periods.months(year, month, to_year, to_month) if monthly else periods.years(year, to_year)
        return {one for one in diagnosis.labels(span, monthly=monthly) if one not in held}

    def _lacking_of_all(self, asked: MetricQuery, lacks: tuple[str, ...], absent: set[str]) -> tuple[str, ...]:
        """The series that a rank or a share lacks: those of the other partners, and the pair's own if not held."""
        flow = {"export": "exports", "import": "imports"}.get(asked.metric.flow or "", "total_trade")
        held = self.figures.values(replace(asked, metric=catalogue.load()[flow]))
        others = tuple(key.replace(f"/{asked.partner}/", f"/{missing.OTHERS}/") for key in lacks)
        return others if absent <= held.keys() else (*lacks, *others)

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
        if not look or then.verdict != "pending" or among is None or claim.evidence is None:
            return verdict
        for day in self.as_of.vintages(among, article.moment, claim.evidence, self._years(claim)):
            value = self._as_of(day, among, "evidence", claim.evidence)
            if value is not None and (earlier := compare(claim, value)).verdict in SUPPORTED:
                return Verdict(earlier.verdict, f"Right by the figures of {day}; {now} By that day: {earlier.reason}")
        if verdict.verdict == "contradicted":
            return self._of_unknown_vintage(article, claim, found.observed) or verdict
        return verdict

    @staticmethod
    def _years(claim: Claim) -> tuple[int, int] | None:
        """The years that alone tell of a claim, those of a place among partners; None if it may be any."""
        asked = query_of(claim)
        if asked is None or asked.metric.unit != "rank" or claim.comparator != "record":
            return None
        return asked.span.start.year, asked.span.end.year

    def _of_unknown_vintage(self, article: Article, claim: Claim, observed: Value) -> Verdict | None:
        """What is said of a difference that a revision may explain, where the figures of the day are not held."""
        asked = query_of(claim)
        if asked is None or claim.comparator != "equals" or not isinstance(observed, float | int):
            return None
        assert isinstance(claim.claimed_value, float | int)
        away = abs(observed - claim.claimed_value * claim.factor)
        if asked.metric.is_growth or (asked.metric.unit == "US$" and claim.unit == "%"):
            allowed = REVISED_POINTS
        elif asked.metric.unit != "US$" or claim.unit != "USD" or claim.compared_with:
            return None
        elif asked.metric.name.startswith("balance"):
            # A balance is a difference: what moves is what it is made of.
            gross = self.figures.value(replace(asked, metric=catalogue.load()["total_trade"]))
            allowed = REVISED_OF_GROSS * (gross or 0)
        else:
            allowed = REVISED * abs(observed)
        if away > allowed:
            return None
        return Verdict(
            "not_held",
            f"Not held: what was known on {article.moment}. Figures known since give {shown(claim, observed)}, and so "
            "little may be a revision.",
        )

    def among(self, claim: Claim) -> Few | None:
        """The trade on which alone a claim without SQL rests; a rank or a share rests on that with all partners."""
        asked = query_of(claim)
        if asked is None or asked.metric.domain == "services" or not (claim.says or claim.lacks):
            return None
        if asked.partner is None:
            return Few((asked.reporter,))
        if not any(key.startswith("goods/") for key in claim.lacks):
            return None
        both = (asked.reporter, asked.partner)
        return Few((asked.reporter,)) if asked.metric.is_of_all else Few(both, (*both, "WLD"))

    def _found(self, claim: Claim, ask: Callable[[str, str], Value | None]) -> Observed:
        """What the questions of a claim give, each asked with the field that it stands in."""
        observed = ask("evidence", claim.evidence) if claim.evidence else None
        return Observed(
            observed=observed,
            alternate=ask("alternate.evidence", claim.alternate.evidence) if claim.alternate else None,
            second=ask("second_reading.evidence", claim.second_reading.evidence) if claim.second_reading else None,
            denied=self._denied(claim, ask) if claim.evidence and observed is None else None,
            remarks=tuple(self._remarks(claim, ask)),
        )

    def _denied(self, claim: Claim, ask: Callable[[str, str], Value | None]) -> str | None:
        sql = claim.evidence or ""
        for one in claim.denials:
            if ask("evidence", one.evidence) is True:
                return one.says
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
            if not claim.lacks:
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
        waiting = f"The figures of {claim.period.start} to {claim.period.end} were not held by {moment}."
        try:
            among = self.among(claim)
            text = self.as_of.text(claim.evidence, moment, among) if claim.evidence else None
            found = self._found(claim, partial(self._as_of, moment, among))
        except as_of.NoVintagesError as error:
            return None, Verdict("not_checkable", f"As of {moment}: {error}."), claim.evidence
        return found.observed, evaluate(claim, found, today=moment, missing=waiting, names=self.names), text

    def _as_of(self, moment: date, among: Few | None, field: str, sql: str) -> Value | None:
        """What a question gave on a day: as now if it reads nothing that differs."""
        if sql not in self._answers:
            # Whether an evidence denies its claim is asked only where it gives nothing.
            tables = self._check(sql)
            self._answers[sql] = evidence.ask(self.connection, sql, seconds=self.seconds), tables
        value, tables = self._answers[sql]
        if not self.as_of.differs(tables, moment):
            return value
        # What a person wrote beside it may be about other trade.
        is_worked_out = field in {"evidence", "alternate.evidence"}
        then = self.as_of.of_few(sql, moment, among) if among and is_worked_out else self.as_of.text(sql, moment)
        return evidence.ask(self.connection, then, seconds=self.seconds, may_be_empty=True)


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
