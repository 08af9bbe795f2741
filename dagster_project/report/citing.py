"""Cite a figure: its value on a day, its sources, its value now, a citation and BibTeX.

Here: the citation of a figure ID. Not here: parsing IDs and finding figures (`metrics`), and printing (`cli`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from dagster_project import metrics
from dagster_project.claims.notation import CURRENCY_WORDS
from dagster_project.database import fetch_records
from dagster_project.errors import BilateralError
from dagster_project.history import History
from dagster_project.languages import translate
from dagster_project.metrics import NOBODY, Figure, Identity
from dagster_project.models import Model
from dagster_project.questions import wording
from dagster_project.questions.wording import add_article, describe_rates, format_day, format_number, make_possessive

CONVERSION = Path(__file__).with_name("conversion.sql")
SNAPSHOTS = """
    select snapshots.snapshot_id, snapshots.known_from, snapshots.edition, snapshots.sha256, sources.source,
        sources.publisher, snapshots.title, snapshots.url, snapshots.licence_name, snapshots.licence_url,
        snapshots.citation
    from meta.snapshots as snapshots
    inner join meta.figure_sources as sources on snapshots.snapshot_id = sources.snapshot_id
    where list_contains($named, snapshots.snapshot_id)
    order by snapshots.known_from, snapshots.snapshot_id
"""
# What the chosen language changes of a record.
TEXTS = ("title", "what", "conversion", "coverage")
# The special characters of BibTeX.
_SPECIAL = re.compile(r"([&%$#_{}])")


def cite_figures(
    connection: duckdb.DuckDBPyConnection, models: Mapping[str, Model], texts: Sequence[str]
) -> list[dict[str, Any]]:
    """Return a record for each figure ID, in order: the value on the ID's day, today's value, sources and citations.

    Raises:
        BilateralError: An ID is invalid, or the figure was not known on the day in the ID.
    """
    identities = [metrics.parse_identity(text) if "@" in text else _refuse_undated(connection, text) for text in texts]
    found, now = _find_figures(connection, models, identities)
    names = dict(connection.execute("select economy_code, name from core.economies").fetchall())
    ((publication_id,),) = connection.execute("select publication_id from meta.publication").fetchall()
    records = []
    for identity in identities:
        record = _describe_figure(connection, found[identity], now.get(identity.undated), names)
        record["publication_id"] = publication_id
        record |= {name: translate(record[name]) for name in TEXTS if record[name]}
        publishers = (wording.name_original(row["source"], row["publisher"]) for row in record["snapshots"])
        record["source"] = wording.cite_publishers(publishers)
        records.append(record | {"citation": _write_citation(record), "bibtex": _write_bibtex(record)})
    return records


def _find_figures(
    connection: duckdb.DuckDBPyConnection, models: Mapping[str, Model], identities: Sequence[Identity]
) -> tuple[dict[Identity, Figure], dict[Identity, Figure]]:
    """Find each figure twice: as known on the day in the ID, and as it is now (by the ID without the day).

    Raises:
        BilateralError: A figure was not known on the day in the ID.
    """
    for identity in identities:
        require_known(connection, identity.as_of)
    now = metrics.read_current_figures(connection, identities)
    found = {figure.identity: figure for figure in now.values()}
    with closing(History(connection, models)) as history:
        found |= metrics.read_past_figures(history, [one for one in identities if one not in found])
    if unknown := [identity for identity in identities if identity not in found]:
        known = [str(figure.identity) for one in unknown if (figure := now.get(one.undated)) is not None]
        raise BilateralError(
            f"The warehouse has no value for these IDs on the day that each names: {', '.join(map(str, unknown))}.",
            remedy=f"Cite today's instead: {', '.join(known)}." if known else "Check metric, economies and period.",
        )
    return found, now


def _describe_figure(
    connection: duckdb.DuckDBPyConnection, figure: Figure, current: Figure | None, names: Mapping[str, str]
) -> dict[str, Any]:
    """Describe in English a figure as known on the day in its ID, with its snapshots and today's value."""
    identity = figure.identity
    metric = metrics.load_metrics()[identity.metric]
    told = metrics.describe_coverage(
        connection, metric, identity.reporter, identity.partner, [int(identity.period[:4])]
    )
    return {
        "id": figure.id,
        "metric": identity.metric,
        "item": identity.item,
        "reporter": identity.reporter,
        "partner": None if identity.partner == NOBODY else identity.partner,
        "period": identity.period,
        "as_of": identity.as_of,
        "title": write_title(names, identity),
        "what": metric.what,
        "value": figure.value,
        "unit": metric.unit,
        "observation_status": figure.observation_status,
        "conversion": _write_conversion(connection, figure),
        "coverage": " ".join(one["says"] for one in told) or None,
        "snapshots": fetch_records(connection, SNAPSHOTS, {"named": list(figure.snapshot_ids)}),
        "now": current and {"id": current.id, "value": current.value, "observation_status": current.observation_status},
        "is_same": current is not None and current.value == figure.value,
    }


def format_value(value: float, unit: str) -> str:
    """Format the value of a figure in full, with its unit."""
    return f"{format_number(value, 2)}%" if unit == "percent" else translate(f"{format_number(value, 0)} {unit}")


def _format_converted(record: Mapping[str, Any]) -> str:
    """Format the value of a cited figure; if the value was converted, also name the original currency."""
    return ", ".join(filter(None, [format_value(record["value"], record["unit"]), record["conversion"]]))


def _write_citation(record: Mapping[str, Any]) -> str:
    """Write the citation of a record as text."""
    sources = "; ".join(dict.fromkeys(str(row["citation"]).rstrip(".") for row in record["snapshots"]))
    return translate(
        "{sources}. {title}: {value}, as known on {day}. Bilateral, {id}, publication {publication}.",
        sources=sources,
        title=record["title"],
        value=_format_converted(record),
        day=translate(format_day(record["as_of"])),
        id=record["id"],
        publication=record["publication_id"],
    )


def _write_bibtex(record: Mapping[str, Any]) -> str:
    """Write the citation of a record as a BibTeX entry."""
    known = translate(f"as known on {record['as_of']}")
    note = f"{_format_converted(record)}, {known}; {record['id']}"
    publishers = dict.fromkeys(f"{{{_escape_bibtex(row['publisher'])}}}" for row in record["snapshots"])
    key = re.sub(r"[^A-Za-z0-9]+", "-", record["id"])
    return f"""@misc{{{key},
  author = {{{" and ".join(publishers)}}},
  title = {{{_escape_bibtex(record["title"])}}},
  year = {{{record["as_of"]:%Y}}},
  url = {{{record["snapshots"][0]["url"]}}},
  note = {{{_escape_bibtex(note)}}},
}}"""


def _refuse_undated(connection: duckdb.DuckDBPyConnection, text: str) -> Identity:
    """Reject a figure ID without a day; the error names the newest complete ID.

    Raises:
        BilateralError: Always: without a day the ID is ambiguous, because figures may be revised.
    """
    try:
        identity = metrics.parse_identity(f"{text}@{date.max}")
    except BilateralError:
        return metrics.parse_identity(text)
    newest = metrics.read_current_figures(connection, [identity]).get(identity.undated)
    raise BilateralError(
        f"{text} has no day, but a figure may be revised.",
        remedy=f"Add @ and the day from which the value was known; the newest is {newest.id}."
        if newest
        else "Add @ and the day from which the value was known. Today no figure has this ID.",
    )


def require_known(connection: duckdb.DuckDBPyConnection, moment: date) -> None:
    """Raise `BilateralError` if a day is later than the publication and than every snapshot."""
    ((last,),) = connection.execute(
        "select greatest(max(known_from), (select cast(published_at as date) from meta.publication)) "
        "from meta.snapshots"
    ).fetchall()
    if moment > last:
        raise BilateralError(
            f"This warehouse holds nothing that became known after {last}.", remedy=f"Give a day up to {last}."
        )


def _write_conversion(connection: duckdb.DuckDBPyConnection, figure: Figure) -> str | None:
    """Describe the conversion of a figure: the original currency and the day of the last exchange rate, or None."""
    identity = figure.identity
    given: dict[str, Any] = {name: getattr(identity, name) for name in ("reporter", "partner", "period", "as_of")}
    query = CONVERSION.read_text(encoding="utf-8")
    found = connection.execute(query, {**given, "named": [*figure.snapshot_ids]}).fetchone()
    if found is None:
        return None
    return f"converted from {CURRENCY_WORDS.get(found[0], found[0])} at {describe_rates(found[1])}"


def write_title(names: Mapping[str, str], identity: Identity) -> str:
    title = metrics.load_metrics()[identity.metric].title
    reporter, partner = (add_article(names.get(code, code)) for code in (identity.reporter, identity.partner))
    title = (title[:1].lower() + title[1:]).format(partner=partner, item=identity.item)
    whole = f"{make_possessive(reporter)} {title}, {identity.period}"
    return whole[:1].upper() + whole[1:]


def _escape_bibtex(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
