"""Make pictures of charts: SVG within a page, and self-contained SVG or PNG files.

Here: the sizes, titles, descriptions and sources of charts, and writing files. Not here: the charts themselves
(`charts`), and the columns to draw for a question (`series` in its header).
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape
from zlib import crc32

from dagster_project.errors import BilateralError
from dagster_project.files import atomic_write
from dagster_project.questions.wording import capitalize_first, make_possessive
from dagster_project.report.charts import INK, QUIET, Frame, Row, Spec, draw_balance, draw_lines

if TYPE_CHECKING:
    from dagster_project.questions import Answer

SUFFIXES = (".svg", ".png")
# The top margin has room for the unit of the axis.
FILE = Frame(width=760, height=340, left=60, right=30, top=60, bottom=34, font=12, numbered=12)
WIDE = Frame(width=640, height=290, left=52, right=16, top=34, bottom=30, font=13, numbered=12)
NARROW = Frame(width=288, height=230, left=44, right=18, top=34, bottom=28, font=12, numbered=5)
# Two of these fit next to each other on a wide page.
HALF = Frame(width=286, height=210, left=40, right=14, top=34, bottom=28, font=12, numbered=5)


@dataclass(frozen=True)
class Drawing:
    """A chart for a file, with a description for screen readers."""

    specification: Spec
    title: str
    description: str

    def to_svg(self) -> str:
        """Return the chart as SVG on white, with its title and description."""
        head, bracket, rest = _draw_svg(self.specification).partition(">")
        words = f"<title>{escape(self.title)}</title><desc>{escape(self.description)}</desc>"
        return f'{head} role="img"{bracket}{words}{rest}\n'

    def write_file(self, path: Path) -> None:
        """Write the chart as SVG or PNG, depending on the suffix of the path.

        Raises:
            BilateralError: The path has another suffix, or its folder does not exist.
        """
        import vl_convert

        if not path.parent.is_dir():
            raise BilateralError(f"The folder {path.parent} does not exist.", remedy="Create it, or name another one.")
        if path.suffix.lower() not in SUFFIXES:
            raise BilateralError(
                f"{path} is not the name of an SVG or PNG file.", remedy=f"End it with {' or '.join(SUFFIXES)}."
            )
        is_svg = path.suffix.lower() == ".svg"
        drawn = self.to_svg().encode() if is_svg else vl_convert.vegalite_to_png(self.specification, scale=2)
        with atomic_write(path) as half:
            half.write_bytes(drawn)


def draw_answer(answer: Answer) -> Drawing:
    """Draw the chart of an answer.

    Raises:
        BilateralError: The question has no chart, or the answer has figures for fewer than two years.
    """
    question = answer.question
    if not question.series:
        raise BilateralError(
            f"Question {question.number} ({question.name}) has no chart, because its answer is not a time series.",
            remedy="`bilateral questions` marks the questions with a chart.",
        )
    rows = sorted((row for row in answer.rows if row["year"] is not None), key=lambda row: row["year"])
    held = [row["year"] for row in rows if any(row[name] is not None for name in question.series)]
    if len(set(held)) < 2:
        raise BilateralError(
            f"The answer to question {question.number} has figures for fewer than two years, too few for a chart.",
            remedy="Ask about another pair or more years.",
        )
    first, last = held[0], held[-1]
    rows = [row for row in rows if first <= row["year"] <= last]
    source, (reporter, partner) = _name_source(answer), (answer.names["reporter"], answer.names["partner"])
    if question.chart == "balance":
        title = capitalize_first(f"{make_possessive(reporter)} goods trade with {partner}: exports less imports")
        description = f"A bar for each year from {first} to {last}. {answer.sentence}"
        return Drawing(_draw_titled(title, source, draw_balance, rows), title, description)
    unit = next(column.unit for column in question.columns if column.name in question.series)
    labels = {name: label.format(**answer.names) for name, label in question.series.items()}
    lines = list(labels.values())
    title = lines[0] if len(lines) == 1 else f"{question.question.removesuffix('?')}: {reporter} and {partner}"
    description = f"By year from {first} to {last}: {'; '.join(lines)}. {answer.sentence}"
    chart = _draw_titled(title, source, draw_lines, rows, labels, unit, has_legend=len(lines) > 1)
    return Drawing(chart, title, description)


def draw_series(rows: Sequence[Row], title: str, unit: str) -> Drawing:
    """Draw one series that is not an answer to a question.

    Args:
        rows: One row per year or month, in order, with `year` (2026, or 2026-01) and `value`.
        title: The title.
        unit: The unit.
    """
    description = f"{title} ({unit}), from {rows[0]['year']} to {rows[-1]['year']}."
    source = "From the published tables; a gap in the line is a period without a figure."
    return Drawing(_draw_titled(title, source, draw_lines, rows, {"value": title}, unit), title, description)


def _draw_titled(title: str, source: str, draw: Callable[..., Spec], *rows: Any, **options: Any) -> Spec:
    """Draw a chart with its title and source above it."""
    title_lines, source_lines = textwrap.wrap(title, 84), textwrap.wrap(source, 125)
    chart = draw(replace(FILE, top=FILE.top + 20 * len(title_lines) + 16 * len(source_lines)), *rows, **options)
    heading = {"text": title_lines, "subtitle": source_lines, "anchor": "start", "frame": "group", "offset": 28}
    fonts = {"fontSize": 17, "color": INK, "subtitleFontSize": 12, "subtitleColor": QUIET, "subtitlePadding": 6}
    chart["config"] |= {"title": fonts, "legend": {"labelFontSize": 12, "labelColor": INK, "offset": 26}}
    return chart | {"title": heading | {"dx": -FILE.left + 16}, "background": "white"}


def _name_source(answer: Answer) -> str:
    """Name the publishers of an answer's figures, the days from which they were known, and the provisional years."""
    publishers = dict.fromkeys(
        vintage.citation.partition(",")[0].partition(":")[0].rstrip(".").removeprefix("The ")
        for vintage in answer.vintages
    )
    days = sorted({vintage.known_from for vintage in answer.vintages})
    known = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    provisional = [str(row["year"]) for row in answer.rows if row.get("observation_status") == "P"]
    text = f"Source: {', '.join(publishers)}; as known from {known}."
    text += f" Provisional: {', '.join(sorted(provisional))}." if provisional else ""
    thin = any(row.get("balance_usd") is not None and row.get("balance_sign", "") is None for row in answer.rows)
    return f"{text} Grey bars fail the coverage check, so their sign is unknown." if thin else text


@dataclass(frozen=True)
class Picture:
    """A chart in a page.

    Args:
        title: The title.
        drawn: The SVG pictures, which may still be in progress, by CSS class: `wide`, `narrow` or `half`.
    """

    title: str
    drawn: Mapping[str, Future[str]]

    @property
    def svgs(self) -> dict[str, str]:
        return {name: svg.result() for name, svg in self.drawn.items()}

    @property
    def is_half(self) -> bool:
        """Return whether the chart is so narrow that two fit side by side."""
        return "half" in self.drawn


def draw_picture(
    title: str, description: str, draw: Callable[..., Spec], *rows: Any, is_half: bool = False, **options: Any
) -> Picture:
    """Draw a chart for wide and for narrow pages, or once at half width.

    Args:
        title: The title.
        description: A description for screen readers.
        draw: The function of `charts` that draws it.
        rows: The positional arguments of `draw` after the frame.
        is_half: Whether to draw it once, at half width.
        options: The keyword arguments of `draw`.
    """
    title = capitalize_first(title)
    frames = {"half": HALF} if is_half else {"wide": WIDE, "narrow": NARROW}
    drawn = {}
    for name, frame in frames.items():
        chart = draw(frame, *rows, **options) | {"background": "transparent"}
        # An ID that is stable between builds and unique in the page.
        number = f"{crc32(json.dumps([title, description, chart]).encode()):08x}"
        drawn[name] = _start_drawer().submit(_draw_svg_within, chart, number, title, description)
    return Picture(title, drawn)


@cache
def _start_drawer() -> ThreadPoolExecutor:
    """Start a thread that draws SVG while the next section is prepared."""
    return ThreadPoolExecutor(1, "charts")


def _draw_svg_within(chart: Spec, number: str, title: str, description: str) -> str:
    """Draw SVG for a page: make its element IDs unique, and drop labels that repeat the title or the table."""
    _, _, rest = _draw_svg(chart).partition(">")
    rest = re.sub(r' (role|aria-[a-z]+|class|pointer-events)="[^"]*"', "", rest)
    rest = re.sub(r'(id="|url\(#)', rf"\g<1>c{number}-", rest)
    rest = re.sub(r"(\d\.\d{2})\d+", r"\1", rest).strip()
    padding = chart["padding"]
    width = padding["left"] + chart["width"] + padding["right"]
    height = padding["top"] + chart["height"] + padding["bottom"]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-labelledby="t{number} d{number}"><title id="t{number}">{escape(title)}</title>'
        f'<desc id="d{number}">{escape(description)}</desc>{rest}'
    )


def _draw_svg(chart: Spec) -> str:
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(chart)
    return svg
