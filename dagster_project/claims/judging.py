"""Judge rows of claims: a row becomes a record, or one for each claim of its sentence.

Here: from rows to records, entries of the register, and errors. Not here: what a row means (`inputs`), judging a claim
(`evaluator`), and showing a record (`cli.judge`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from dagster_project.claims import article, inputs
from dagster_project.claims.tables import CLAIMS, VERDICTS, make_claim_row, make_verdict_row
from dagster_project.errors import BilateralError

if TYPE_CHECKING:
    from dagster_project.claims.evaluator import Evaluator
    from dagster_project.claims.reader import Reading
    from dagster_project.claims.verdicts import ClaimResult

Row = Mapping[str, Any]


def build_record(result: ClaimResult) -> dict[str, Any]:
    """Build the record of a judged claim: the columns of the register and of its verdict."""
    claim = dict(zip(CLAIMS, make_claim_row(result.article, result.claim), strict=True))
    return claim | dict(zip(VERDICTS, make_verdict_row(result), strict=True))


def judge_rows(
    evaluator: Evaluator, rows: Sequence[Row], today: date
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[str]]:
    """Judge rows; return a record of each claim, its entry for the register, and the errors.

    Raises:
        BilateralError: The only row cannot be read.
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
            statement = inputs.write_line(row.get("claim") or "")
            records.append({"claim_id": where, "statement": statement, inputs.FAULT: fault})
    return records, entries, faults


def judge_row(evaluator: Evaluator, row: Row, where: str, today: date) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Judge the claims of a row: a record of each beside its own row, the worst of a sentence first."""
    parts = inputs.read_claims(evaluator.connection, row, today)
    found = [(_judge_claim(evaluator, part, where, today, reading), part) for part, reading in parts]
    return sorted(found, key=lambda judged: article.rank_verdict(judged[0]["verdict"]))


def _judge_claim(evaluator: Evaluator, row: Row, where: str, today: date, reading: Reading | None) -> dict[str, Any]:
    """Build the record of a claim; a sentence that was not read for certain has no verdict."""
    name = row.get("claim_id") or where
    if reading is None:
        one = inputs.make_article(evaluator.connection, row, where=where, published_on=today)
        result = evaluator.evaluate(one, one.claims[0])
        if result.error is not None:
            raise BilateralError(result.error.message.removeprefix("claim claim: "), remedy=result.error.remedy)
        record = _build_whole_record(evaluator, row, name, result)
        return record | {"read_as": None, "unmarked": article.describe_assumption(result.claim)}
    answer = article.answer_reading(evaluator, reading, row["statement"], row, today)
    common = {"claim_id": name, "statement": row["statement"], "verdict": answer.verdict, "unmarked": None}
    if answer.result is None:
        return common | {
            "reason": answer.reason,
            "metric": reading.slots.get("metric"),
            "printed": reading.text,
            "observed_text": answer.figure,
            "unread": list(reading.unread),
            "read_as": None,
        }
    record = _build_whole_record(evaluator, row, name, answer.result)
    if answer.verdict == "reporter_dependent" and record["verdict_then"] == "contradicted":
        record["verdict_then"] = answer.verdict
    return record | common | {"read_as": article.describe_reading(reading.slots)}


def _build_whole_record(evaluator: Evaluator, row: Row, name: str, result: ClaimResult) -> dict[str, Any]:
    """Build a record with the claim's own words, its diagnosis, and the available figures."""
    record = build_record(result)
    return record | {
        "claim_id": name,
        "statement": row.get("statement") or inputs.write_line(row.get("claim") or record["statement"]),
        "diagnosis": result.diagnosis and result.diagnosis.code,
        "held": evaluator.describe_held(result.claim),
    }
