"""Read the report in tests without a browser: the page as a tree, and its figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import html


@dataclass(frozen=True)
class Printed:
    """A number on the page: its text, its value, and its figure ID or column."""

    text: str
    value: float
    figure: str | None
    of: str | None
    column: str | None
    table: str | None
    heading: str | None


def tree(text: str) -> html.HtmlElement:
    """Parse a page into a tree."""
    return html.document_fromstring(text)


def printed(root: html.HtmlElement) -> Iterator[Printed]:
    """List every number that the page marks."""
    yield from map(mark, root.iter("data"))


def mark(found: html.HtmlElement) -> Printed:
    """Read one marked number."""
    table = next(found.iterancestors("table"), None)
    cell = next((up for up in found.iterancestors() if up.tag in {"td", "th"}), None)
    heading = None
    if table is not None and cell is not None:
        place = list(cell.getparent()).index(cell)
        heading = table.findall("thead/tr/th")[place].text_content()
    return Printed(
        text=found.text_content().strip(),
        value=float(found.get("value")),
        figure=found.get("data-figure"),
        of=found.get("data-of"),
        column=found.get("data-column"),
        table=None if table is None else table.get("data-table"),
        heading=heading,
    )
