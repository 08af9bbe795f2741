"""Judge claims in any form: rows, lines, sentences and whole articles; each gets an answer.

An answer is a verdict with a reason, or only the figure for comparison. Not here: reading rows (`inputs`) and sentences
(`reader`), judging a claim (`evaluator`), and showing answers (`cli.judge`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from dagster_project import metrics
from dagster_project.claims import evidence, inputs, reader
from dagster_project.claims.amounts import describe_figure, name_side
from dagster_project.claims.clause import Context, Pair
from dagster_project.claims.lexicon import detect_language, load_lexicon
from dagster_project.claims.notation import format_amount
from dagster_project.claims.periods import spot_periods
from dagster_project.claims.reader import Reading
from dagster_project.claims.reasons import write_reason
from dagster_project.claims.statements import Measure
from dagster_project.claims.tables import build_claim_record, build_verdict_record
from dagster_project.errors import BilateralError
from dagster_project.languages import translate
from dagster_project.metrics import NOBODY, Identity, catalogue
from dagster_project.questions.wording import capitalize_first

if TYPE_CHECKING:
    import duckdb

    from dagster_project.claims.evaluator import Evaluator
    from dagster_project.claims.schema import Claim
    from dagster_project.claims.verdicts import ClaimResult

Row = Mapping[str, Any]
# The fields of a record that are texts for readers, to be translated; verdicts and diagnoses are codes.
_TEXTS = ("reason", "reason_then", "read_as", "unmarked", "held", "observed_text", "alternate_reporter_text")
# Verdicts from the worst to the best.
ORDER = (
    "contradicted", "reporter_dependent", "differs_in_last_digit", "compared", "refused", "not_held", "pending",
    "not_checkable", "supported_rounded", "supported",
)  # fmt: skip
# The verdicts whose words differ from their codes.
WORDS = {
    "supported_rounded": "supported when rounded",
    "differs_in_last_digit": "differs in the last digit",
    "reporter_dependent": "depends on who reports",
    "not_held": "figures missing",
    "not_checkable": "not checkable",
    "compared": "compared, not judged",
    "refused": "not understood",
}
# A number within this share of the partner's figure is probably the partner's.
NEAR = 0.01
# The number of publishers that a citation may name.
MOST_PUBLISHERS = 3
_MARKDOWN = re.compile(r"\[([^\[\]\n]{0,300})\]\(([^()\s]{0,1000})\)")
# A dateline: SEOUL, Dec. 15 (Yonhap) --
_DATELINE = re.compile(
    r"^[A-Z][A-Z .,'/]{2,40}?,? ?(?:[A-Z][a-z]{2,8}\.? \d{1,2} ?)?(?:\([^()\n]{1,40}\) ?)?[-–—]{1,2} ", re.MULTILINE
)


@dataclass(frozen=True)
class Answer:
    """The answer to a claim as it was read (`Reading`): a verdict, or only the figure for comparison."""

    reading: Reading  # the reading; its start and end count from the beginning of the whole text
    sentence: str
    verdict: str  # a verdict, `compared` or `refused`
    reason: str  # the reason, in words
    figure: str | None = None  # the figure in words, "−US$18.04bn"; None if missing
    result: ClaimResult | None = None  # the result of a claim that was judged
    citation: str | None = None  # the publishers of the figure, and its ID
    names: Mapping[str, str] = field(default_factory=dict)  # the names of economies by their codes

    @property
    def wording(self) -> str | None:
        """Return the claim with the figure in place of its wrong number; None if the number is not wrong."""
        if self.verdict not in {"contradicted", "differs_in_last_digit"} or not self.figure:
            return None
        return f"{capitalize_first(translate(reader.describe_claim(self.reading.slots, self.names)))}: {self.figure}"

    def build_record(self, name: str) -> dict[str, Any]:
        """Build the record of the answer; a judged claim also has the register's and the verdict's columns."""
        own = {"claim_id": name, "statement": self.sentence, "verdict": self.verdict, "unmarked": None, "read_as": None}
        if self.result is None:
            slots = self.reading.slots
            shown = {"metric": slots.get("metric"), "printed": self.reading.text, "observed_text": self.figure}
            return {**own, "reason": self.reason, **shown, "unread": list(self.reading.unread)}
        record, result = build_result_record(self.result), self.result
        if self.reading.outcome == "typed":
            own["unmarked"] = describe_assumption(result.claim)
        else:
            own["read_as"] = reader.describe_reading(self.reading.slots, self.names)
        if self.verdict == "reporter_dependent" and record["verdict_then"] == "contradicted":
            record["verdict_then"] = self.verdict
        diagnosis = result.diagnosis.code if result.diagnosis else None
        return {**record, **own, "diagnosis": diagnosis, "held": result.held}


def build_result_record(result: ClaimResult) -> dict[str, Any]:
    """Build the record of a judged claim: the columns of core.claims and of marts.claim_verdicts."""
    return build_claim_record(result.article, result.claim) | build_verdict_record(result)


def translate_record(record: Row) -> dict[str, Any]:
    """Translate the texts of a record into the chosen language, but not its codes."""
    return {name: write_reason(text) if name in _TEXTS and text else text for name, text in record.items()}


def translate_answer(answer: Answer) -> Answer:
    """Translate the texts of an answer into the chosen language; its verdict stays a code."""
    reading, figure = replace(answer.reading, why=tuple(map(translate, answer.reading.why))), answer.figure
    return replace(answer, reading=reading, reason=write_reason(answer.reason), figure=figure and translate(figure))


def describe_assumption(claim: Claim) -> str | None:
    """Describe the assumption about a number without a currency, or a percentage without rise or fall, if any."""
    value, statement = claim.claimed_value, claim.parsed
    if claim.says is None or statement is None or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if statement.value.kind == "percent" and statement.measure is Measure.GROWTH and not statement.metric.growth_of:
        way = "rise" if value > 0 else "fall"
        assumed = f"a {way} of {abs(value):g}% from {statement.spans[1]} to {statement.spans[0]}"
        return None if statement.value.move else assumed
    is_bare = claim.unit == "USD" and statement.value.kind == "number"
    return format_amount(value, claim.unit, claim.scale, claim.decimals) if is_bare else None


def count_verdicts(verdicts: Sequence[str]) -> str:
    """Count verdicts in one line, the worst first, for example "1 contradicted, 2 supported"."""
    counts = Counter(sorted(verdicts, key=rank_verdict)).items()
    return ", ".join(translate("{count} {what}", count=count, what=name_verdict(one)) for one, count in counts)


def name_verdict(verdict: str, reason: str = "") -> str:
    """Name a verdict in words, in the chosen language; `reason` shows whether a number was cut or rounded."""
    is_cut = verdict == "supported_rounded" and re.search("last digits cut off|끝자리를 버리면", reason)
    return translate("supported with the last digits cut off" if is_cut else WORDS.get(verdict, verdict))


def rank_verdict(verdict: str) -> int:
    """Return the rank of a verdict from the worst (0) to the best."""
    return ORDER.index(verdict) if verdict in ORDER else len(ORDER)


# Rows.


def judge_rows(
    evaluator: Evaluator, rows: Sequence[Row], today: date
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[str]]:
    """Judge rows; return the records of the claims, their entries for the register, and the errors.

    Raises:
        BilateralError: There is one row, and it cannot be read.
    """
    records: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    faults: list[str] = []
    for where, row in inputs.number_rows(rows):
        try:
            for record, part in judge_row(evaluator, row, where, today):
                records.append(record)
                entries.append(inputs.make_entry(evaluator.connection, part))
        except BilateralError as error:
            if len(rows) == 1:
                raise
            fault = str(error).removeprefix(f"{where}: ")
            faults.append(f"{where}: {fault}")
            statement = inputs.join_words(row.get("claim") or "")
            records.append({"claim_id": where, "statement": statement, inputs.FAULT: fault})
    return records, entries, faults


def judge_row(evaluator: Evaluator, row: Row, where: str, today: date) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Judge the claims of a row; return the record and the fields of each claim, the worst verdict first."""
    found = []
    for part, reading in inputs.read_claims(evaluator.connection, row, today):
        if reading.outcome == "typed":
            answer = _answer_claim(evaluator, reading, reading.text, part, where, today)
        else:
            answer = answer_reading(evaluator, reading, part["statement"], part, today)
        found.append((answer.build_record(part.get("claim_id") or where), part))
    return sorted(found, key=lambda judged: rank_verdict(judged[0]["verdict"]))


# Readings.


def answer_reading(evaluator: Evaluator, reading: Reading, sentence: str, head: Row, today: date) -> Answer:
    """Answer a reading of a sentence: with a verdict, or with only the figure if the reading is uncertain.

    `head` has the fields of the article; without `published_on`, the article is of the day `today`.
    """
    if reading.outcome == "refused":
        verdict, word = ("refused", "Not read") if reading.can_have_figures else ("not_held", "Figures missing")
        return Answer(reading, sentence, verdict, f"{word}: {'; '.join(reading.why)}.")
    row = {**head, "statement": sentence.strip(), **reading.slots}
    try:
        answer = _answer_claim(evaluator, reading, sentence, row, "The claim", today)
    except BilateralError as error:
        fault = error.message.removeprefix("The claim: ").partition(". ")[0].rstrip(".")
        why = (*reading.why, f"{fault[:1].lower()}{fault[1:]}")
        return Answer(replace(reading, outcome="refused"), sentence, "refused", f"Not read: {'; '.join(why)}.")
    result = answer.result
    if answer.verdict != "contradicted" or result is None:
        return answer
    if _is_of_older_gdp(result):
        reason = f"This warehouse does not have the GDP figures known then. {answer.reason}"
        return Answer(reading, sentence, "not_held", reason)
    # A text that does not say whose statistics it means may mean the partner's.
    is_of_partner = not result.claim.names_reporter and _is_of_partner(result)
    return replace(answer, verdict="reporter_dependent") if is_of_partner else answer


def _answer_claim(evaluator: Evaluator, reading: Reading, sentence: str, row: Row, where: str, today: date) -> Answer:
    """Answer the claim of a row: with a verdict, or with only the figure if the reading is uncertain."""
    article = inputs.make_article(evaluator.connection, row, where=where, published_on=today)
    claim = article.claims[0]
    if reading.outcome == "compared":
        return _compare_figure(evaluator, reading, sentence, claim)
    result = replace(evaluator.evaluate_claim(article, claim), held=evaluator.describe_available(claim))
    if result.error is not None:
        raise BilateralError(result.error.message.removeprefix("claim claim: "), remedy=result.error.remedy)
    assert result.verdict is not None
    observed = result.values.observed
    figure = None if observed is None else describe_figure(claim, observed)
    verdict = result.verdict
    return Answer(reading, sentence, verdict.verdict, verdict.reason, figure, result, names=evaluator.names)


def _is_of_partner(result: ClaimResult) -> bool:
    """Return whether the claimed number is close to the figure of the partner's statistics."""
    if result.diagnosis and result.diagnosis.code == "other_reporter":
        return True
    printed = result.values.alternate_print
    claimed, other = result.claim.claimed_value, result.values.alternate or (printed and printed[1])
    if isinstance(claimed, int | float) and isinstance(other, int | float) and result.claim.comparator == "equals":
        return abs(other - claimed * result.claim.factor) <= NEAR * abs(other)
    return False


def _is_of_older_gdp(result: ClaimResult) -> bool:
    """Return whether a GDP claim lacks figures known on its day; the warehouse may have only figures revised since."""
    statement, then = result.claim.parsed, result.verdict_then
    is_of_gdp = statement is not None and not statement.metric.has_partner and statement.metric.unit == "percent"
    return is_of_gdp and then is not None and then.verdict == "pending"


def _compare_figure(evaluator: Evaluator, reading: Reading, sentence: str, claim: Claim) -> Answer:
    """Make an answer without a verdict: the figure, and the reason why the reading is uncertain."""
    observed = evidence.ask_value(evaluator.connection, claim.evidence) if claim.evidence else None
    figure = None if observed is None else _describe_change(claim, observed)
    sentences = [reader.describe_reading(reading.slots, evaluator.names)]
    if isinstance(observed, bool):
        sentences.append(f"The figures {'confirm' if observed else 'contradict'} the claim.")
    else:
        sentences.append("No figure is available to check it." if figure is None else f"The figures give {figure}.")
    if reading.unread:
        sentences.append(f"Not understood: {', '.join(reading.unread)}.")
    if reading.why:
        sentences.append(f"No verdict: {'; '.join(reading.why)}.")
    return Answer(reading, sentence, "compared", " ".join(sentences), figure, names=evaluator.names)


def _describe_change(claim: Claim, observed: evidence.Value) -> str:
    """Describe a figure; of a change of a deficit or a surplus, how much that grew or shrank, not the balance."""
    statement = claim.parsed
    side = statement.value.side if statement and statement.measure is Measure.DIFFERENCE else 0
    if not side or isinstance(observed, bool) or not isinstance(observed, int | float):
        return describe_figure(claim, observed)
    return f"{describe_figure(claim, side * observed)} in the {name_side(claim)}"


# Articles.


def read_article(
    evaluator: Evaluator, text: str, published_on: date, *, pair: tuple[str, str] | None = None
) -> list[Answer]:
    """Judge an article in text or Markdown: each number and dated event about trade, in order.

    `pair` is the reporter and the partner of the article; by default those that the headline names.
    """
    # Replace the addresses of links and datelines, whose numbers are no claims, by spaces: offsets stay the same.
    plain = _MARKDOWN.sub(lambda one: f" {one[1]} {' ' * (len(one[0]) - len(one[1]) - 2)}", text)
    plain = _DATELINE.sub(lambda one: " " * len(one[0]), plain)
    context = Context(pair=Pair(*pair, is_certain=True) if pair else _find_headline_pair(plain, published_on))
    found: list[Answer] = []
    for start, sentence in reader.split_sentences(plain):
        for reading in sorted(reader.read_sentence(sentence, published_on, context), key=lambda one: one.start):
            placed = replace(reading, start=reading.start + start, end=reading.end + start)
            found.append(answer_reading(evaluator, placed, sentence, {"published_on": published_on}, published_on))
    return _add_citations(evaluator.connection, found)


def _find_headline_pair(text: str, published_on: date) -> Pair | None:
    """Find the pair that a headline names, the first economy as the reporter; None unless two economies are named."""
    first = next((line.strip("# *\t") for line in text.splitlines() if line.strip("# *\t")), "")
    codes: list[str] = []
    for part in spot_periods(first, published_on) if len(first) <= 200 else ():
        codes += [part["economy"]] if "economy" in part else part["both"].split() if "both" in part else []
        if "toward" in part:
            codes += [*filter(None, [load_lexicon(detect_language(first)).implied]), part["toward"]]
    named = list(dict.fromkeys(codes))
    return Pair(named[0], named[1], is_certain=True) if len(named) == 2 else None


def _add_citations(connection: duckdb.DuckDBPyConnection, answers: Sequence[Answer]) -> list[Answer]:
    """Add to each answer the citation of its figure: publishers and figure ID."""
    identities = [_find_identity(answer.reading.slots) if answer.figure else None for answer in answers]
    figures = metrics.read_current_figures(connection, {*filter(None, identities)})
    citations: dict[str, str] = dict(connection.execute("select snapshot_id, citation from meta.snapshots").fetchall())
    found = []
    for answer, identity in zip(answers, identities, strict=True):
        figure = figures.get(identity) if identity else None
        ids = figure.snapshot_ids if figure else answer.result.snapshot_ids if answer.result else ()
        sources = list(dict.fromkeys(citations[one].rstrip(".") for one in ids if citations.get(one)))
        others = [translate("and others")] if len(sources) > MOST_PUBLISHERS else []
        cited = [*sources[:MOST_PUBLISHERS], *others, *([figure.id] if figure else [])]
        found.append(replace(answer, citation=f"{'; '.join(cited)}." if cited and answer.figure else None))
    return found


def _find_identity(slots: Mapping[str, str]) -> Identity | None:
    """Find the ID of the figure that a claim is about; None if it is about several figures."""
    metric, period = catalogue.find_metric(slots["metric"]), slots.get("period", "")
    if metric is None or not metric.figures or metric.item or not re.fullmatch(r"\d{4}(-\d\d)?", period):
        return None
    if re.search(r"\b(?:fell|rose) ", slots.get("says", "")):
        metric = next((one for one in catalogue.load_metrics().values() if one.growth_of == metric.name), None)
    if metric is None:
        return None
    return Identity(metric.name, None, slots["reporter"], slots.get("partner") or NOBODY, period, date.min)
