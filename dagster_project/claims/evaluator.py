"""Evaluate claims: run their SELECTs on the figures of today and of the day of publication, and judge both answers.

Not here: the verdict on the answers (`verdicts`), comparing two values (`comparison`), and the published table
(`tables`). "Today" is the newest day from which any figure of trade, services or GDP is known, not the day of the
clock. So the same figures always give the same verdicts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import partial

import duckdb

from dagster_project.claims import conversions, evidence
from dagster_project.claims.amounts import describe_figure, get_claimed_number, write_amount
from dagster_project.claims.comparison import Verdict, compare_value, require_number
from dagster_project.claims.compiling import list_stages
from dagster_project.claims.diagnosis import Diagnosis, diagnose_number
from dagster_project.claims.evidence import StoredAnswers, Value
from dagster_project.claims.figures import MOST_REMARKS, Figures, find_statement
from dagster_project.claims.query_limits import EvidenceError, EvidenceTimeoutError
from dagster_project.claims.register import list_claims
from dagster_project.claims.schema import Article, Claim
from dagster_project.claims.series import is_looking_back
from dagster_project.claims.values import Comparator
from dagster_project.claims.verdicts import SUPPORTED, ClaimResult, EvidenceValues, judge_claim, name_print
from dagster_project.errors import BilateralError
from dagster_project.history import FIGURES, History, NotRebuiltError, TradeFilter
from dagster_project.metrics import catalogue
from dagster_project.models import Model
from dagster_project.questions.wording import capitalize_first, format_periods

# Diagnoses of another period: the number may still be the right figure of an earlier release.
OF_TIME = {"period", "partial", "cumulative"}
# Diagnoses of another basis, such as CIF: the number is right if the claim names no basis.
OF_BASIS = {"basis", "coverage", "printed_currency"}
ECONOMIES = "core.economies"
# Verdicts of wrong numbers, which a revision since the publication may explain.
WRONG_NUMBER = ("contradicted", "differs_in_last_digit")

_Ask = Callable[[str, str], Value | None]


class Evaluator:
    """The judge of claims by the figures of a warehouse, as known today and as known on earlier days.

    Args:
        connection: The warehouse, which is only read.
        models: Every model by name, in an order in which they can run.
        knows_set_aside: Whether the table of set-aside rows exists; a build judges claims before it writes the table.
        seconds: The time limit of a SELECT.
        answers: The stored answers of SELECTs on the figures of earlier days.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        models: Mapping[str, Model],
        *,
        knows_set_aside: bool = True,
        seconds: float = evidence.SECONDS,
        answers: StoredAnswers | None = None,
    ) -> None:
        self.connection, self.models, self.seconds, self.answers = connection, models, seconds, answers
        self.history = History(connection, models)
        self.today = self.history.find_newest_day()
        self.names: dict[str, str] = dict(connection.execute(f"select economy_code, name from {ECONOMIES}").fetchall())
        self.figures = Figures(connection, self.names, self.today, knows_set_aside=knows_set_aside)
        # Today's answer to each SELECT, and the tables that the SELECT reads.
        self._answers: dict[str, tuple[Value | None, frozenset[str]]] = {}
        # The pair of the first claim that was judged as of a day.
        self._first_trade: dict[date, TradeFilter] = {}

    def evaluate_all(self, articles: tuple[Article, ...]) -> list[ClaimResult]:
        """Evaluate the claims of `articles`, in order."""
        return [self.evaluate_claim(article, claim) for article, claim in list_claims(articles)]

    def evaluate_claim(self, article: Article, claim: Claim) -> ClaimResult:
        """Evaluate a claim; if one of its SELECTs fails, return a result with the `error`.

        Raises:
            BilateralError: A SELECT took too long; the next try may succeed.
        """
        try:
            return self._judge_claim(article, claim)
        except EvidenceError as failed:
            error = BilateralError(f"claim {claim.claim_id}: {failed.message}", remedy=failed.remedy)
            if isinstance(failed, EvidenceTimeoutError):
                raise error from failed
            return ClaimResult(article, claim, error=error)

    def describe_available(self, claim: Claim) -> str | None:
        """Describe the available figures of a claim's series, such as "for 1988–2025 by year"; None if none are."""
        statement = find_statement(claim)
        if statement and statement.metric.name == "balance":
            # A balance is missing in years without a sign; total trade is not.
            statement = replace(statement, metric=catalogue.load_metrics()["total_trade"])
        return self.figures.describe_available(statement) if statement else None

    def find_trade_filter(self, claim: Claim) -> TradeFilter | None:
        """Return a filter of the trade that a claim depends on; None if the claim also depends on other figures."""
        statement = claim.parsed
        if statement is None or claim.not_held or statement.metric.domain == "services":
            return None
        if statement.partner is None or (statement.metric.is_of_all and statement.needed_series):
            return TradeFilter((statement.reporter,))
        # Both sides of a pair share one filter.
        both = tuple(sorted((statement.reporter, statement.partner)))
        return (
            TradeFilter(both, (*both, "WLD"))
            if any(one.startswith("goods/") for one in statement.needed_series)
            else None
        )

    def _judge_claim(self, article: Article, given: Claim) -> ClaimResult:
        """Judge a claim by the figures of today and of its day of publication, and explain a wrong number."""
        claim = conversions.add_terms(given, self.connection, self.figures)
        claim = conversions.use_printed_currency(claim, self.connection, self.figures)
        self._require_stage(claim)
        values, unsigned = self._add_coverage(claim, self._ask_all(claim, partial(self._ask_sql, claim, None, None)))
        if claim.alternate and values.alternate is None:
            values = replace(values, alternate_print=conversions.find_partners_print(claim, self.connection))
        missing = None
        if claim.parsed is not None and claim.evidence is not None and values.observed is None:
            missing = self.figures.describe_missing(claim.parsed, claim.evidence)
        verdict = judge_claim(claim, values, today=self.today, lacking=missing, names=self._list_names(claim))
        is_older = article.moment < self.today
        # If no figure became known after the publication, its day has today's verdict.
        observed_then, then = self._judge_then(claim, article.moment) if is_older else (values.observed, None)
        diagnosis = None
        if verdict.verdict == "not_held":
            if then and then.verdict == "pending":
                # The figure will not be published, so it was not awaited on the day of publication either.
                then = Verdict("not_held", then.reason)
            verdict = self._add_print(claim, values, verdict)
        if verdict.verdict == "contradicted" and values.beside is None:
            verdict = conversions.explain_by_print(claim, self.connection, verdict)
        if verdict.verdict in WRONG_NUMBER:
            # A right number needs no diagnosis.
            diagnosis = diagnose_number(claim, self.figures) if values.beside is None else None
            if then and values.observed is not None:
                verdict = self._explain_by_revision(claim, article.moment, values, verdict, then, diagnosis)
        diagnosis = diagnosis if verdict.verdict == "contradicted" else None
        if diagnosis is not None:
            verdict = _add_diagnosis(verdict, diagnosis)
            then = _add_diagnosis(then, diagnosis) if then and diagnosis.code in OF_BASIS else then
        if unsigned is not None:
            verdict, diagnosis = unsigned, None
            then = then if then and then.verdict == "pending" else unsigned
        snapshot_ids = tuple(sorted(evidence.list_snapshots(self.connection, claim.queries, self.models)))
        return ClaimResult(
            article, given, values, verdict, observed_then, then or verdict, snapshot_ids, diagnosis=diagnosis
        )

    def _judge_then(self, claim: Claim, moment: date) -> tuple[Value | None, Verdict]:
        """Judge a claim by the figures of its day of publication; return the evidence's answer, and the verdict."""
        # The sign of a balance depends on the reporter's trade with all partners (core.goods_trade_coverage).
        has_sign = any("balance_sign" in sql or "mirror_sign" in sql for sql in claim.queries)
        is_of_all = claim.parsed is None or claim.parsed.metric.is_of_all or has_sign
        trade = None if is_of_all else self.find_trade_filter(claim)
        if trade is not None and self._first_trade.setdefault(moment, trade) != trade:
            # Rebuilding one pair takes a third of the time, but a second pair on the same day needs all trade.
            trade = None
        try:
            values = self._ask_all(claim, partial(self._ask_sql, claim, moment, trade))
        except NotRebuiltError as error:
            return None, Verdict("not_checkable", f"As of {moment}: {error.message}")
        waiting = (
            f"The figures for {claim.period.start} to {claim.period.end} as they stood on {moment} are not available."
        )
        names = self._list_names(claim)
        return values.observed, judge_claim(claim, values, today=moment, waiting=waiting, names=names)

    def _list_names(self, claim: Claim) -> Mapping[str, str]:
        """List the names of economies by their codes; for a claim about the order of two events, also their titles."""
        if claim.period_type != "event_order" or not claim.item:
            return self.names
        titles = self.connection.execute("select event_id, title from core.policy_events").fetchall()
        return self.names | dict(titles)

    # SELECTs.

    def _ask_all(self, claim: Claim, ask: _Ask) -> EvidenceValues:
        observed = ask("evidence", claim.evidence) if claim.evidence else None
        return EvidenceValues(
            observed=observed,
            alternate=ask("alternate.evidence", claim.alternate.evidence) if claim.alternate else None,
            second=ask("second_reading.evidence", claim.second_reading.evidence) if claim.second_reading else None,
            denied=_find_denial(self.connection, claim, ask) if claim.evidence and observed is None else None,
            beside=_find_beside(claim, ask) if observed is not None else None,
            remarks=tuple(_list_remarks(claim, ask)),
        )

    def _ask_sql(self, claim: Claim, day: date | None, trade: TradeFilter | None, field: str, sql: str) -> Value | None:
        """Run one SELECT on today's figures, or on those of `day`; an error names the `field` of the claim."""
        try:
            return self._ask_now(claim, field, sql) if day is None else self._ask_as_of(day, trade, sql)
        except EvidenceError as refused:
            where = field if day is None else f"{field} as of {day}"
            raise type(refused)(f"{where}: {refused.message}", remedy=refused.remedy) from refused

    def _ask_now(self, claim: Claim, field: str, sql: str) -> Value | None:
        """Run one SELECT on today's figures, and check the SELECT and its answer."""
        # SQL that was built from a metric needs no check.
        is_ours = claim.parsed is not None and field in {"evidence", "denials"}
        named = evidence.list_named_tables(sql)
        read = named if is_ours else evidence.check_select(self.connection, sql, self.models)
        if field == "evidence" and set(read) == {FIGURES}:
            remedy = "Read a table of figures; a printed figure may stand in `alternate` or `remarks`."
            fault = (
                "the SELECT reads no table but core.published_figures; its figures are claims, which are no evidence."
            )
            raise EvidenceError(fault, remedy=remedy)
        value = evidence.ask_value(self.connection, sql, seconds=self.seconds)
        if claim.parsed is None:
            evidence.check_answer(self.connection, sql, self.models)
        is_sign = field == "alternate.evidence" and claim.alternate is not None and claim.alternate.compare == "sign"
        if value is not None and is_sign:
            require_number(claim, value)
        elif value is not None and not field.startswith(("remarks", "denials")):
            compare_value(claim, value)
        self._answers[sql] = value, frozenset(read)
        return value

    def _ask_as_of(self, moment: date, trade: TradeFilter | None, sql: str) -> Value | None:
        """Run one SELECT on the figures of a day; reuse today's answer if the tables have not changed since."""
        if sql not in self._answers:
            # A denial that was not asked today, because the evidence had an answer.
            tables = evidence.check_select(self.connection, sql, self.models)
            self._answers[sql] = evidence.ask_value(self.connection, sql, seconds=self.seconds), tables
        value, tables = self._answers[sql]
        if not self.history.is_changed_since(tables, moment):
            return value

        def ask_as_of_day() -> Value | None:
            then = self.history.open_day(moment, tables, trade)
            return evidence.ask_value(then, sql, seconds=self.seconds, may_be_empty=True)

        if self.answers is None:
            return ask_as_of_day()
        return self.answers.recall_answer(f"{sql} {self.history.hash_day(moment, tables, trade)}", ask_as_of_day)

    def _require_stage(self, claim: Claim) -> None:
        """Raise `EvidenceError` if the register of events lacks the event or the stage that a claim names."""
        metric = catalogue.find_metric(claim.metric)
        is_of_events = metric is not None and metric.unit in {"date", "order"}
        sql = "select distinct stage from core.policy_event_stages where event_id = $1 order by stage"
        for event, stage in list_stages(claim.item or "") if is_of_events else ():
            stages = [one for (one,) in self.connection.execute(sql, [event]).fetchall()]
            if not stages:
                remedy = "core.policy_event_stages lists the events."
                raise EvidenceError(f"item: there is no event {event}.", remedy=remedy)
            if stage and stage not in stages:
                remedy = f"Its stages are {', '.join(stages)}."
                raise EvidenceError(f"item: {event} has no stage {stage}.", remedy=remedy)

    # Additions to a verdict.

    def _add_coverage(self, claim: Claim, values: EvidenceValues) -> tuple[EvidenceValues, Verdict | None]:
        """Add remarks on incomplete figures to `values`; return a verdict if a balance lacks too many figures."""
        statement = find_statement(claim)
        if statement is None:
            return values, None
        is_open = values.observed is None and is_looking_back(claim.evidence or "")
        coverage = self.figures.list_coverage(statement, with_earlier=is_open)
        if why := self.figures.describe_failed_coverage(statement, coverage):
            return values, Verdict("not_checkable", why)
        shown = (one for one in coverage if values.alternate is None or not one["shows_other_sign"])
        says = _join_years(one["says"] for one in shown)
        is_record = bool(claim.parsed) and claim.comparator is Comparator.RECORD and statement.metric.unit != "rank"
        if is_record and values.observed is not None:
            says = [*self.figures.describe_compared(statement), *says]
        return replace(values, remarks=(*values.remarks, *says[:MOST_REMARKS])), None

    def _add_print(self, claim: Claim, values: EvidenceValues, verdict: Verdict) -> Verdict:
        """Judge a claim whose figures are missing: by the value that an authority printed, if there is one.

        An official value can support the claim, but not contradict it, because the warehouse lacks the figure itself.
        """
        is_level = claim.comparator in {Comparator.EQUALS, Comparator.APPROXIMATELY}
        printed = conversions.find_print(claim, self.connection) if is_level else None
        if printed is None:
            return verdict
        publisher, _, value, is_official = printed
        printed_figures = capitalize_first(name_print(publisher))
        # The reason already says that the partner's figures are missing.
        own_claim = claim if values.alternate is not None else claim.model_copy(update={"alternate": None})
        by_print = judge_claim(own_claim, replace(values, observed=value), today=self.today, names=self.names)
        if is_official and by_print.verdict in SUPPORTED:
            return Verdict(by_print.verdict, f"{printed_figures} give {by_print.reason.partition(' give ')[2]}")
        return Verdict(verdict.verdict, f"{printed_figures} give {write_amount(claim, value)}. {verdict.reason}")

    def _explain_by_revision(
        self,
        claim: Claim,
        moment: date,
        values: EvidenceValues,
        verdict: Verdict,
        then: Verdict,
        diagnosis: Diagnosis | None,
    ) -> Verdict:
        """Explain a wrong number by a revision: return the verdict `then` if the number was right when published.

        If the figures of that day are missing, return the verdict by later figures that support the number, or else
        `not_held` if a usual revision is as large as the error. If a mistake explains the number, return `verdict`.
        """
        assert values.observed is not None
        now = describe_figure(claim, values.observed)
        if then.verdict in SUPPORTED:
            remarks = [one for one in values.remarks if one not in then.reason]
            revised = f"The claim was right when published; the figure has since been revised to {now}."
            reason = f"{revised} As of {moment}: {then.reason}"
            return Verdict(then.verdict, " ".join([reason, *remarks]))
        trade, statement = self.find_trade_filter(claim), claim.parsed
        is_slip = diagnosis is not None and diagnosis.code not in OF_TIME
        if is_slip or values.beside or then.verdict != "pending" or trade is None or not (claim.evidence and statement):
            return verdict
        # Evidence that compares with all earlier figures may depend on any year.
        first, last = (statement.span.earlier or statement.span).start.year - 1, statement.span.end.year
        years = None if is_looking_back(claim.evidence) else (first, last)
        _, tables = self._answers[claim.evidence]
        for day in self.history.list_vintages(trade, moment, tables, years):
            value = self._ask_sql(claim, day, trade, "evidence", claim.evidence)
            if value is not None and (earlier := compare_value(claim, value)).verdict in SUPPORTED:
                right = f"The claim is right by the figures of {day}, since revised to {now}."
                return Verdict(earlier.verdict, f"{right} On that day: {earlier.reason}")
        is_number = claim.comparator is Comparator.EQUALS and claim.unit in {"USD", "%"}
        if verdict.verdict != "contradicted" or not is_number:
            return verdict
        observed = require_number(claim, values.observed)
        allowed = self.figures.find_revision(statement, observed, moment)
        if allowed is None or abs(observed - get_claimed_number(claim) * claim.factor) > allowed:
            return verdict
        later = f"Later figures give {describe_figure(claim, values.observed)}; a revision may explain the difference."
        return Verdict("not_held", f"This warehouse does not have the figures known on {moment}. {later}")


def _join_years(sentences: Iterable[str]) -> list[str]:
    """Leave out repeated sentences, and write one sentence for those that differ only in the year at their end."""
    years: dict[tuple[str, str], set[str]] = {}
    for one in sentences:
        before, year = match.groups() if (match := re.fullmatch(r"(By .* in) (\d{4})\.", one)) else (one, "")
        years.setdefault((before, "" if year else one), set()).add(year)
    return [one or f"{before} {format_periods(found)}." for (before, one), found in years.items()]


def _find_denial(connection: duckdb.DuckDBPyConnection, claim: Claim, ask: _Ask) -> str | None:
    """Find the reason why null evidence makes a claim false, such as "no deficit in 2018"; None if there is none."""
    for one in claim.denials:
        if not one.always and ask("denials", one.evidence) is True:
            return one.meaning
    for sql, says in evidence.list_denials(connection, claim.evidence or ""):
        try:
            if ask("denials", sql) is True:
                return says
        except EvidenceTimeoutError:
            raise
        except EvidenceError:
            # It reads a `with` table or an outer row of its evidence, and cannot run alone.
            continue
    return None


def _find_beside(claim: Claim, ask: _Ask) -> Verdict | None:
    """Find a fact against a claim whose number is right, for example a fall to $18bn against "rose to $18bn"."""
    for one in claim.denials:
        is_denied = ask("denials", one.evidence) if one.always else False
        if is_denied is None:
            return Verdict("not_held", f"The figures do not tell whether there was {one.meaning.removeprefix('no ')}.")
        if is_denied:
            return Verdict("contradicted", f"But they show {one.meaning}.")
    return None


def _list_remarks(claim: Claim, ask: _Ask) -> Iterator[str]:
    for place, remark in enumerate(claim.remarks):
        try:
            value = ask(f"remarks.{place}.evidence", remark.evidence)
        except NotRebuiltError:
            continue
        if value is not None:
            yield remark.write_sentence(value)


def _add_diagnosis(verdict: Verdict, diagnosis: Diagnosis) -> Verdict:
    """Add a diagnosis to a contradicted verdict; return `supported_rounded` if only the basis (such as CIF) differs."""
    if verdict.verdict != "contradicted":
        return verdict
    reason = f"{verdict.reason} {diagnosis.sentence}"
    return Verdict("supported_rounded" if diagnosis.code in OF_BASIS else "contradicted", reason)
