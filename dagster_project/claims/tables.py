"""The register and its verdicts as tables.

Here: the rows of `reference.claims`, and the analysis that `marts.claim_verdicts` reads. Not here: the judging of a
claim (`verdicts`).

Numbers stand in full units, US$ and not billions, so that a claimed value and an observed one can be compared in SQL.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.analysis import Analysis
from dagster_project.claims import evidence, register
from dagster_project.claims.comparison import allowance
from dagster_project.claims.register import Article, Claim
from dagster_project.claims.verdicts import ECONOMIES, ClaimResult, Evaluator
from dagster_project.models import Model
from dagster_project.project import Project
from dagster_project.rows import Rows

CLAIM_COLUMNS = {
    "article_id": "varchar",
    "title": "varchar",
    "publisher": "varchar",
    "published_on": "date",
    "published_on_precision": "varchar",
    "url": "varchar",
    "as_of": "date",
    "claim_id": "varchar",
    "statement": "varchar",
    "metric": "varchar",
    "reporter_code": "varchar",
    "partner_code": "varchar",
    "flow": "varchar",
    "valuation": "varchar",
    "period_start": "date",
    "period_end": "date",
    "period_type": "varchar",
    "comparator": "varchar",
    "claimed_value": "double",
    "claimed_text": "varchar",
    "unit": "varchar",
    "printed_scale": "varchar",
    "printed_decimals": "integer",
    "tolerance": "double",
    "names_reporter": "boolean",
    "evidence_sql": "varchar",
    "alternate_reporter_code": "varchar",
    "alternate_sql": "varchar",
    "alternate_compare": "varchar",
    "alternate_unit": "varchar",
    "second_reading_source": "varchar",
    "second_reading_sql": "varchar",
    "remark_sql": "varchar",
    "look_again_on": "date",
    "not_checkable_reason": "varchar",
    "note": "varchar",
}
VERDICT_COLUMNS = {
    "claim_id": "varchar",
    "observed_value": "double",
    "observed_text": "varchar",
    "alternate_reporter_value": "double",
    "alternate_reporter_text": "varchar",
    "second_reading_value": "double",
    "is_null_if_false": "boolean",
    "verdict": "varchar",
    "reason": "varchar",
    "observed_value_then": "double",
    "observed_text_then": "varchar",
    "verdict_then": "varchar",
    "reason_then": "varchar",
    "evidence_then_sql": "varchar",
    "snapshot_ids": "varchar[]",
    "evidence_error": "varchar",
}


def load(project: Project) -> Rows:
    """The register as a table, a row a claim.

    Raises:
        BilateralError: A file is malformed; the message names the claim and the field.
    """
    found = register.read(project.claims)
    return Rows("claims", CLAIM_COLUMNS, [claim_row(*pair) for pair in register.claims(found)])


def analysis(project: Project) -> Analysis:
    """The verdicts on the register, as what SQL cannot work out.

    Raises:
        BilateralError: A file of the register is malformed.
    """
    articles = register.read(project.claims)
    upstream = _upstream(project, articles)
    readable = frozenset(upstream)

    def compute(connection: duckdb.DuckDBPyConnection, models: Mapping[str, Model]) -> Iterable[Sequence[Any]]:
        # Temporary tables go with the cursor.
        with _cursor(connection) as own:
            return [verdict_row(asked) for asked in Evaluator(own, models, readable=readable).evaluate_all(articles)]

    return Analysis(
        name="claim_verdicts",
        columns=VERDICT_COLUMNS,
        reads=readable,
        compute=compute,
        fingerprint=_fingerprint(project, upstream),
    )


def claim_row(article: Article, claim: Claim) -> list[Any]:
    """A claim in the order of `CLAIM_COLUMNS`."""
    allowed = allowance(claim)
    return [
        article.article_id,
        article.title,
        article.publisher,
        article.published_on.start,
        article.published_on.precision,
        article.url,
        article.moment,
        claim.claim_id,
        claim.statement,
        claim.metric,
        claim.reporter,
        claim.partner,
        claim.flow,
        claim.valuation,
        claim.period.start,
        claim.period.end,
        claim.period_type,
        claim.comparator,
        None if (claimed := _number(claim.claimed_value)) is None else claimed * claim.factor,
        evidence.as_text(claim.claimed_value),
        claim.unit,
        claim.scale,
        claim.decimals if claim.unit else None,
        None if allowed is None else allowed * claim.factor,
        claim.names_reporter,
        _text(claim.evidence),
        claim.alternate.reporter if claim.alternate else None,
        _text(claim.alternate.evidence) if claim.alternate else None,
        claim.alternate.compare if claim.alternate else None,
        claim.alternate.unit or claim.unit if claim.alternate else None,
        claim.second_reading.source if claim.second_reading else None,
        _text(claim.second_reading.evidence) if claim.second_reading else None,
        ";\n\n".join(remark.evidence.strip() for remark in claim.remarks) or None,
        claim.look_again,
        claim.not_checkable,
        claim.notes,
    ]


def verdict_row(asked: ClaimResult) -> list[Any]:
    """What came of a claim, in the order of `VERDICT_COLUMNS`."""
    return [
        asked.claim.claim_id,
        _number(asked.observed),
        evidence.as_text(asked.observed),
        _number(asked.alternate),
        evidence.as_text(asked.alternate),
        _number(asked.second),
        asked.is_null_if_false,
        asked.verdict.verdict if asked.verdict else None,
        asked.verdict.reason if asked.verdict else None,
        _number(asked.observed_then),
        evidence.as_text(asked.observed_then),
        asked.verdict_then.verdict if asked.verdict_then else None,
        asked.verdict_then.reason if asked.verdict_then else None,
        asked.evidence_then_sql,
        list(asked.snapshot_ids),
        str(asked.error) if asked.error else None,
    ]


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _text(sql: str | None) -> str | None:
    return sql.strip() if sql else None


def _upstream(project: Project, articles: tuple[Article, ...]) -> dict[str, str]:
    """The SQL of all tables that the evidence of a register reads, now or as of a day, by name.

    These are the tables it names, those that they are made of, the vintages, whose newest day counts as today, and the
    names of economies.
    """
    texts = [sql for _, claim in register.claims(articles) for sql in claim.questions]
    waiting = {name for sql in texts for name in evidence.tables_named(sql)} - evidence.CLAIMS
    waiting |= {ECONOMIES} | {f"core.{path.stem}" for path in (project.sql / "core").glob("*_observations.sql")}
    found: dict[str, str] = {}
    while waiting:
        name = waiting.pop()
        path = project.sql / f"{name.replace('.', '/')}.sql"
        # Of a table that there is not, the check of the evidence will complain.
        if name not in found and path.is_file():
            found[name] = path.read_text(encoding="utf-8")
            waiting |= evidence.tables_named(found[name].partition("*/")[2])
    return found


def _cursor(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    (catalog,) = connection.execute("select current_database()").fetchone() or ("",)
    own = connection.cursor()
    own.execute(f'use "{catalog}"')
    return own


def _fingerprint(project: Project, upstream: Mapping[str, str]) -> str:
    """A hash of the register, of the SQL that it is asked through, and of the code that judges."""
    digest = hashlib.sha256(repr(sorted(upstream.items())).encode())
    for path in [*sorted(project.claims.glob("*.yml")), *sorted(Path(__file__).parent.glob("*.py"))]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
