"""Citing a figure: what it was on its day, what it rests on, what it is now, and how to write all that down.

Here: a citation of one identity. Not here: identities and the looking up (`metrics`), or how it is shown (`cli`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project import metrics
from dagster_project.claims.printed import CURRENCY_WORDS
from dagster_project.database import fetch_records
from dagster_project.errors import BilateralError
from dagster_project.history import History
from dagster_project.metrics import NOBODY, Figure, Identity, Metric
from dagster_project.questions.wording import add_article, format_day, make_possessive
from dagster_project.report.marks import format_number

if TYPE_CHECKING:
    import duckdb

    from dagster_project.models import Model

CONVERSION = Path(__file__).with_name("conversion.sql")
# In BibTeX these mean something.
_SPECIAL = re.compile(r"([&%$#_{}])")


@dataclass(frozen=True)
class Citation:
    """A figure under its identity.

    Args:
        metric: What it is a figure of.
        figure: The figure as it was known on its day.
        now: The figure as it is known in this warehouse; None if it has been withdrawn.
        snapshots: The rows of meta.snapshots that it stands in, each with its `publisher`.
        title: What it is, in words.
        conversion: Of a figure that is converted from another currency, that it is, with the day of the last rate.
        coverage: What was found about the coverage of the year's goods, if anything is to be told.
        publication_id: The publication that was asked.
    """

    metric: Metric
    figure: Figure
    now: Figure | None
    snapshots: Sequence[Mapping[str, Any]]
    title: str
    conversion: str | None
    coverage: str | None
    publication_id: str

    @property
    def printed(self) -> str:
        """The value in full, with its unit."""
        return self._print_value(self.figure)

    @property
    def printed_now(self) -> str:
        """What the figure is now."""
        if self.now is None:
            return "withdrawn since, so that there is none now"
        return "the same" if self.is_same else f"{self._print_value(self.now)}, as {self.now.id}"

    @property
    def is_same(self) -> bool:
        """Whether it is now what it was."""
        return self.now is not None and self.now.value == self.figure.value

    def _print_value(self, figure: Figure) -> str:
        if self.metric.unit == "percent":
            return f"{format_number(figure.value, 2)}%"
        return f"{format_number(figure.value, 0)} {self.metric.unit}"

    @property
    def _value_and_conversion(self) -> str:
        return f"{self.printed}, {self.conversion}" if self.conversion else self.printed

    @property
    def text(self) -> str:
        """A citation that can be pasted."""
        sources = "; ".join(dict.fromkeys(str(row["citation"]).rstrip(".") for row in self.snapshots))
        return (
            f"{sources}. {self.title}: {self._value_and_conversion}, "
            f"as known on {format_day(self.figure.identity.as_of)}. "
            f"Bilateral, {self.figure.id}, publication {self.publication_id}."
        )

    @property
    def bibtex(self) -> str:
        """The citation as an entry of BibTeX."""
        identity = self.figure.identity
        publishers = " and ".join(
            dict.fromkeys(f"{{{_escape_bibtex(str(row['publisher']))}}}" for row in self.snapshots)
        )
        note = f"{self._value_and_conversion}, as known on {identity.as_of}; {self.figure.id}"
        fields = {
            "author": f"{{{publishers}}}",
            "title": f"{{{_escape_bibtex(self.title)}}}",
            "year": f"{{{identity.as_of:%Y}}}",
            "url": f"{{{self.snapshots[0]['url']}}}",
            "note": f"{{{_escape_bibtex(note)}}}",
        }
        key = re.sub(r"[^A-Za-z0-9]+", "-", self.figure.id)
        return "\n".join([f"@misc{{{key},", *(f"  {name} = {text}," for name, text in fields.items()), "}"])

    def build_record(self) -> dict[str, Any]:
        """Return the whole as one object."""
        identity, now = self.figure.identity, self.now
        return {
            "id": self.figure.id,
            "metric": identity.metric,
            "item": identity.item,
            "reporter": identity.reporter,
            "partner": None if identity.partner == NOBODY else identity.partner,
            "period": identity.period,
            "as_of": identity.as_of,
            "title": self.title,
            "what": self.metric.what,
            "value": self.figure.value,
            "unit": self.metric.unit,
            "observation_status": self.figure.observation_status,
            "conversion": self.conversion,
            "coverage": self.coverage,
            "snapshots": [dict(row) for row in self.snapshots],
            "now": now and {"id": now.id, "value": now.value, "observation_status": now.observation_status},
            "is_same": self.is_same,
            "publication_id": self.publication_id,
            "citation": self.text,
            "bibtex": self.bibtex,
        }


def cite_figures(
    connection: duckdb.DuckDBPyConnection, models: Mapping[str, Model], texts: Sequence[str]
) -> list[Citation]:
    """Cite figures by their identities, in their order.

    Args:
        connection: A published file.
        models: The models of the warehouse.
        texts: The identities.

    Raises:
        BilateralError: One is no identity, or no such figure was known on its day.
    """
    identities = [metrics.parse_identity(text) if "@" in text else _refuse_undated(connection, text) for text in texts]
    for identity in identities:
        require_known(connection, identity.as_of)
    with closing(History(connection, models)) as history:
        found = metrics.read_past_figures(history, identities)
    now = metrics.read_current_figures(connection, identities)
    unknown = [identity for identity in identities if identity not in found]
    if unknown:
        known = [str(figure.identity) for one in unknown if (figure := now.get(one.undated)) is not None]
        raise BilateralError(
            f"No figure {', '.join(map(str, unknown))} was known on that day.",
            remedy=f"This warehouse knows {', '.join(known)}." if known else "It holds no vintage of that figure.",
        )
    coverage = [
        metrics.describe_coverage(
            connection, metrics.load_metrics()[one.metric], one.reporter, one.partner, [int(one.period[:4])]
        )
        for one in identities
    ]
    names = dict(connection.execute("select economy_code, name from core.economies").fetchall())
    snapshots = _read_snapshots(connection, found.values())
    ((publication_id,),) = connection.execute("select publication_id from meta.publication").fetchall()
    return [
        Citation(
            metrics.load_metrics()[identity.metric],
            found[identity],
            now.get(identity.undated),
            [snapshots[name] for name in snapshots if name in found[identity].snapshot_ids],
            _write_title(names, identity),
            _write_conversion(connection, found[identity]),
            next((one["says"] for one in told), None),
            publication_id,
        )
        for identity, told in zip(identities, coverage, strict=True)
    ]


def _refuse_undated(connection: duckdb.DuckDBPyConnection, text: str) -> Identity:
    """Refuse an identity without its day, and name the newest.

    Raises:
        BilateralError: Always: of a figure that may be revised nobody knows which was meant.
    """
    try:
        identity = metrics.parse_identity(f"{text}@{date.max}")
    except BilateralError:
        return metrics.parse_identity(text)
    newest = metrics.read_current_figures(connection, [identity]).get(identity.undated)
    raise BilateralError(
        f"{text} says no day, and a figure may be revised.",
        remedy=f"Add @ and the day as of which it is meant; the newest is {newest.id}."
        if newest
        else "Add @ and the day as of which it is meant; this warehouse has no such figure now.",
    )


def require_known(connection: duckdb.DuckDBPyConnection, moment: date) -> None:
    """Refuse a day of which the warehouse cannot say what was known on it.

    Raises:
        BilateralError: The warehouse was published before that day.
    """
    ((last,),) = connection.execute(
        "select greatest(max(known_from), (select cast(published_at as date) from meta.publication)) "
        "from meta.snapshots"
    ).fetchall()
    if moment > last:
        raise BilateralError(
            f"This warehouse knows nothing of {moment}: it was published on {last}.", remedy="Name a day up to then."
        )


def _read_snapshots(connection: duckdb.DuckDBPyConnection, figures: Iterable[Figure]) -> dict[str, dict[str, Any]]:
    """Read the snapshots that figures stand in, in the order of their days."""
    found = fetch_records(
        connection,
        """
        select snapshots.snapshot_id, snapshots.known_from, snapshots.edition, snapshots.sha256, sources.publisher,
            snapshots.title, snapshots.url, snapshots.licence_name, snapshots.licence_url, snapshots.citation
        from meta.snapshots as snapshots
        inner join meta.figure_sources as sources on snapshots.snapshot_id = sources.snapshot_id
        where list_contains($named, snapshots.snapshot_id)
        order by snapshots.known_from, snapshots.snapshot_id
        """,
        {"named": sorted({name for figure in figures for name in figure.snapshot_ids})},
    )
    return {row["snapshot_id"]: row for row in found}


def _write_conversion(connection: duckdb.DuckDBPyConnection, figure: Figure) -> str | None:
    """Return the currency that a figure was converted from and the day of the last rate, in words."""
    identity = figure.identity
    given: dict[str, Any] = {name: getattr(identity, name) for name in ("reporter", "partner", "period", "as_of")}
    query = CONVERSION.read_text(encoding="utf-8")
    found = connection.execute(query, {**given, "named": [*figure.snapshot_ids]}).fetchone()
    if found is None:
        return None
    return (
        f"converted from {CURRENCY_WORDS.get(found[0], found[0])} at customs' rates, the last of {format_day(found[1])}"
    )


def _write_title(names: Mapping[str, str], identity: Identity) -> str:
    title = metrics.load_metrics()[identity.metric].title
    reporter, partner = (add_article(names.get(code, code)) for code in (identity.reporter, identity.partner))
    title = (title[:1].lower() + title[1:]).format(partner=partner, item=identity.item)
    whole = f"{make_possessive(reporter)} {title}, {identity.period}"
    return whole[:1].upper() + whole[1:]


def _escape_bibtex(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
