"""Make the tables of the register: `reference.claims`, and the analysis of verdicts behind `marts.claim_verdicts`.

Numbers are in full units (US$, not billions), so that SQL can compare claimed and observed values. Not here: judging a
claim (`verdicts`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from dagster_project import history
from dagster_project.analysis import Analysis
from dagster_project.claims import conversions, evidence, register
from dagster_project.claims.amounts import get_tolerance
from dagster_project.claims.evaluator import ECONOMIES, Evaluator
from dagster_project.claims.figures import REVISIONS
from dagster_project.claims.schema import Article, Claim
from dagster_project.claims.verdicts import ClaimResult
from dagster_project.files import read_bytes
from dagster_project.metrics import catalogue as metrics
from dagster_project.models import Model, selects
from dagster_project.project import Project
from dagster_project.questions import gaps
from dagster_project.reference.rows import Rows
from dagster_project.sources import list_datasets

# The columns of the tables, each with its type and a function that returns its value.
CLAIMS: dict[str, tuple[str, Callable[[Article, Claim], Any]]] = {
    "article_id": ("varchar", lambda a, _: a.article_id),
    "title": ("varchar", lambda a, _: a.title),
    "publisher": ("varchar", lambda a, _: a.publisher),
    "published_on": ("date", lambda a, _: a.published_on.start),
    "published_on_precision": ("varchar", lambda a, _: a.published_on.precision),
    "url": ("varchar", lambda a, _: a.url),
    "as_of": ("date", lambda a, _: a.moment),
    "claim_id": ("varchar", lambda _, c: c.claim_id),
    "statement": ("varchar", lambda _, c: c.statement),
    "metric": ("varchar", lambda _, c: c.metric),
    "reporter_code": ("varchar", lambda _, c: c.reporter),
    "partner_code": ("varchar", lambda _, c: c.partner),
    "flow": ("varchar", lambda _, c: c.flow),
    "valuation": ("varchar", lambda _, c: c.valuation),
    "period_start": ("date", lambda _, c: c.period.start),
    "period_end": ("date", lambda _, c: c.period.end),
    "period_type": ("varchar", lambda _, c: c.period_type),
    "comparator": ("varchar", lambda _, c: c.comparator.value),
    "claimed_value": ("double", lambda _, c: _get_number(c.claimed_value, c.factor)),
    "claimed_text": ("varchar", lambda _, c: _write_text(c.claimed_value)),
    "unit": ("varchar", lambda _, c: c.unit),
    "printed_scale": ("varchar", lambda _, c: c.scale),
    "printed_decimals": ("integer", lambda _, c: c.decimals if c.unit else None),
    "tolerance": ("double", lambda _, c: _get_number(get_tolerance(c), c.factor)),
    "names_reporter": ("boolean", lambda _, c: c.names_reporter),
    "evidence_sql": ("varchar", lambda _, c: _strip_sql(c.evidence)),
    "alternate_reporter_code": ("varchar", lambda _, c: c.alternate and c.alternate.reporter),
    "alternate_sql": ("varchar", lambda _, c: c.alternate and _strip_sql(c.alternate.evidence)),
    "alternate_compare": ("varchar", lambda _, c: c.alternate and c.alternate.compare),
    "alternate_unit": ("varchar", lambda _, c: c.alternate and (c.alternate.unit or c.unit)),
    "second_reading_source": ("varchar", lambda _, c: c.second_reading and c.second_reading.source),
    "second_reading_sql": ("varchar", lambda _, c: c.second_reading and _strip_sql(c.second_reading.evidence)),
    "remark_sql": ("varchar", lambda _, c: ";\n\n".join(one.evidence.strip() for one in c.remarks) or None),
    "look_again_on": ("date", lambda _, c: c.look_again),
    "not_checkable_reason": ("varchar", lambda _, c: c.not_checkable or c.not_held),
    "note": ("varchar", lambda _, c: c.notes),
}
VERDICTS: dict[str, tuple[str, Callable[[ClaimResult], Any]]] = {
    "claim_id": ("varchar", lambda r: r.claim.claim_id),
    "observed_value": ("double", lambda r: _get_number(r.values.observed)),
    "observed_text": ("varchar", lambda r: _write_text(r.values.observed)),
    "alternate_reporter_value": ("double", lambda r: _get_number(r.values.alternate)),
    "alternate_reporter_text": ("varchar", lambda r: _write_text(r.values.alternate)),
    "second_reading_value": ("double", lambda r: _get_number(r.values.second)),
    "is_null_if_false": ("boolean", lambda r: r.values.denied is not None),
    "verdict": ("varchar", lambda r: r.verdict and r.verdict.verdict),
    "reason": ("varchar", lambda r: r.verdict and r.verdict.reason),
    "observed_value_then": ("double", lambda r: _get_number(r.observed_then)),
    "observed_text_then": ("varchar", lambda r: _write_text(r.observed_then)),
    "verdict_then": ("varchar", lambda r: r.verdict_then and r.verdict_then.verdict),
    "reason_then": ("varchar", lambda r: r.verdict_then and r.verdict_then.reason),
    "snapshot_ids": ("varchar[]", lambda r: list(r.snapshot_ids)),
    "evidence_error": ("varchar", lambda r: str(r.error) if r.error else None),
}
CLAIM_COLUMNS = {name: kind for name, (kind, _) in CLAIMS.items()}
VERDICT_COLUMNS = {name: kind for name, (kind, _) in VERDICTS.items()}


def load_register(project: Project) -> Rows:
    """Load the register as a table, with a row for each claim."""
    found = register.list_claims(register.read_register(project.claims))
    return Rows("claims", CLAIM_COLUMNS, [[*build_claim_record(article, claim).values()] for article, claim in found])


def declare_analysis(project: Project) -> Analysis:
    """Declare the analysis that computes the verdicts on the register."""
    articles = register.read_register(project.claims)
    upstream = _read_upstream(project, articles)
    fingerprint = _hash_inputs(project, upstream)

    def compute_verdicts(connection: duckdb.DuckDBPyConnection, models: Mapping[str, Model]) -> Iterable[Sequence[Any]]:
        # Temporary tables are dropped with the cursor.
        with connection.cursor() as own:
            ((catalog,),) = connection.execute("select current_database()").fetchall()
            own.execute(f'use "{catalog}"')
            answers = evidence.StoredAnswers(project.analyses / "claim_verdicts" / f"{fingerprint[:16]}.json")
            evaluator = Evaluator(own, models, knows_set_aside=False, answers=answers)
            with closing(evaluator.history):
                rows = [[*build_verdict_record(result).values()] for result in evaluator.evaluate_all(articles)]
            answers.write_file()
            return rows

    return Analysis("claim_verdicts", VERDICT_COLUMNS, frozenset(upstream), compute_verdicts, fingerprint)


def build_claim_record(article: Article, claim: Claim) -> dict[str, Any]:
    """Build the row of a claim in core.claims, by column."""
    return {name: get_value(article, claim) for name, (_, get_value) in CLAIMS.items()}


def build_verdict_record(result: ClaimResult) -> dict[str, Any]:
    """Build the row of a verdict in marts.claim_verdicts, by column."""
    return {name: get_value(result) for name, (_, get_value) in VERDICTS.items()}


def _get_number(value: object, factor: float = 1.0) -> float | None:
    """Convert a number from the printed scale to full units; return None for a text or truth value."""
    return float(value) * factor if isinstance(value, int | float) and not isinstance(value, bool) else None


def _write_text(value: object) -> str | None:
    """Write a value in full and without commas, as DuckDB's command line does."""
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def _strip_sql(sql: str | None) -> str | None:
    return sql and sql.strip()


def _read_upstream(project: Project, articles: tuple[Article, ...]) -> dict[str, str]:
    """Read the SQL, by name, of all tables that can change a verdict.

    These are the tables that evidence or metrics name, all tables behind these, vintages, and names of economies.
    Without claims there is none.
    """
    if not articles:
        return {}
    texts = [sql for _, claim in register.list_claims(articles) for sql in claim.queries]
    # The diagnosis of wrong numbers and the description of gaps read all metrics.
    for metric in metrics.load_metrics().values():
        texts += [metric.figures, *(place.table for place in (*metric.places.values(), *metric.others.values()))]
    waiting = {name for sql in texts for name in evidence.list_named_tables(sql)} - evidence.CLAIMS
    waiting |= {ECONOMIES, REVISIONS, *conversions.TABLES, *gaps.TABLES}
    waiting |= {f"core.{path.stem}" for path in (project.sql / "core").glob("*_observations.sql")}
    found: dict[str, str] = {}
    while waiting:
        name = waiting.pop()
        path = project.sql / f"{name.replace('.', '/')}.sql"
        # Skip names of tables that do not exist: the check of the evidence reports them.
        if name not in found and path.is_file():
            found[name] = path.read_text(encoding="utf-8")
            waiting |= evidence.list_named_tables(found[name].partition("*/")[2])
    return found


def _hash_inputs(project: Project, upstream: Mapping[str, str]) -> str:
    """Hash all inputs of verdicts: the register, the SQL of the tables behind it, and the code.

    The code includes the package `questions`, which describes missing figures and their sources.
    """
    brought = [(one.path, one.offer) for one in list_datasets()]
    digest = hashlib.sha256(repr((sorted(upstream.items()), brought)).encode())
    for path in [
        *sorted(project.claims.glob("*.yml")),
        *sorted(path for path in Path(__file__).parent.rglob("*.*") if path.suffix in {".py", ".sql", ".yml"}),
        *sorted(Path(str(gaps.__file__)).parent.glob("*.py")),
        *(Path(str(module.__file__)) for module in (history, selects)),
        *sorted(metrics.FOLDER.iterdir()),
    ]:
        if path.is_file():
            digest.update(path.name.encode() + b"\0" + read_bytes(path) + b"\0")
    return digest.hexdigest()
