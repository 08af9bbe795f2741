"""Make pictures of charts: SVG within a page, and self-contained SVG or PNG files.

Here: the sizes, titles, descriptions and sources of charts, and writing files. Not here: the charts themselves
(`charts`), and the columns to draw for a question (`series` in its header).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zlib import crc32

from dagster_project.errors import BilateralError
from dagster_project.files import atomic_write
from dagster_project.languages import translate
from dagster_project.publication import html
from dagster_project.questions import Answer
from dagster_project.questions.wording import capitalize_first, cite_publishers, join_words, make_possessive
from dagster_project.report.charts.balance import draw_balance
from dagster_project.report.charts.canvas import ASCENT, LINE, Canvas, Frame, wrap_text
from dagster_project.report.charts.lines import draw_lines
from dagster_project.report.charts.scales import scale_unit
from dagster_project.report.charts.texts import title_balance, write_text, write_title

Row = Mapping[str, Any]
SUFFIXES = (".svg", ".png")
# The source of the project's own registers, which no picture names.
REGISTER = "register"
STYLE = Path(__file__).with_name("charts") / "style.css"
FILE = Frame(width=800, height=400, font=13)
WIDE = Frame(width=720, height=340, font=13)
NARROW = Frame(width=358, height=260, font=12)
# Two of these fit next to each other on a wide page.
HALF = Frame(width=352, height=240, font=12)
# The space around the chart of a file, and the font sizes of its title and of its subtitle and source.
MARGIN, TITLE, NOTE = 20, 19, 13


@dataclass(frozen=True)
class Drawing:
    """A chart for a file, with its title, its measure and unit, its source, and a description for screen readers."""

    canvas: Canvas
    title: str
    subtitle: str
    source: str
    description: str

    def to_svg(self) -> str:
        """Return the chart as SVG on white, with its title above it and its source below."""
        width, y = FILE.width + 2 * MARGIN, float(MARGIN)
        parts: list[str] = []

        def write_lines(text: str, look: str, size: int, y: float) -> float:
            """Write the lines of a text from `y` down, and return the y below them."""
            for line in wrap_text(text, size, FILE.width, is_strong=look == "title"):
                place = f'x="{MARGIN}" y="{y + size * ASCENT:.0f}" font-size="{size}"'
                parts.append(f'<text class="{look}" {place}>{escape(line)}</text>')
                y += size * LINE
            return y + 4

        y = write_lines(self.title, "title", TITLE, y)
        y = write_lines(self.subtitle, "soft", NOTE, y)
        parts.append(f'<g transform="translate({MARGIN} {y + 10:.0f})">{"".join(self.canvas.parts)}</g>')
        y = write_lines(self.source, "soft", NOTE, y + self.canvas.height + 24)
        height = round(y + MARGIN / 2)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" font-size="{FILE.font}"><title>{escape(self.title)}</title>'
            f"<desc>{escape(self.description)}</desc><style>{_resolve_style()}</style>"
            f'<rect class="ground" width="{width}" height="{height}"/>{"".join(parts)}</svg>\n'
        )

    def write_file(self, path: Path) -> None:
        """Write the chart as SVG or PNG, depending on the suffix of the path.

        Raises:
            BilateralError: The path has another suffix, or its folder does not exist.
        """
        if not path.parent.is_dir():
            raise BilateralError(f"The folder {path.parent} does not exist.", remedy="Create it, or name another one.")
        if path.suffix.lower() not in SUFFIXES:
            named = f"The name {path} does not end in {' or '.join(SUFFIXES)}."
            raise BilateralError(named, remedy="Choose a name such as chart.svg.")
        drawn = self.to_svg().encode()
        if path.suffix.lower() == ".png":
            import vl_convert

            drawn = vl_convert.svg_to_png(drawn.decode(), scale=2)
        with atomic_write(path) as half:
            half.write_bytes(drawn)


def _resolve_style() -> str:
    """Return the style of charts, with each CSS variable replaced by its light colour."""
    colours: dict[str, str] = {}
    for name, colour in re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", html.COLOURS.read_text(encoding="utf-8")):
        colours.setdefault(name, colour)
    return re.sub(r"var\(--([a-z-]+)\)", lambda found: colours[found[1]], STYLE.read_text(encoding="utf-8"))


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
    source, names = _name_source(answer), {**answer.names, "whose": make_possessive(answer.names["reporter"])}
    shown_unit = next(column.unit for column in question.columns if column.name in question.series)
    unit = next((unit for unit in ("US$", "percent") if translate(unit) == shown_unit), shown_unit)
    if question.chart == "balance":
        measure = write_title("balance_measure", **names, amounts=[row["balance_usd"] for row in rows])
        description = f"{write_text('bars_described', first=first, last=last)} {answer.sentence}"
        return Drawing(draw_balance(FILE, rows), title_balance(rows, names), measure, source, description)
    labels = {name: label.format(**answer.names) for name, label in question.series.items()}
    lines = list(labels.values())
    title = lines[0] if len(lines) == 1 else write_text("answer", question=answer.title.removesuffix("?"), **names)
    description = write_text("lines_described", first=first, last=last, lines="; ".join(lines))
    printed = [row["year"] for row in rows if row.get("basis") == "printed"]
    options: dict[str, Any] = {"has_zero": unit == "US$", "hollow": {"balance_mirror_usd": printed}}
    chart = draw_lines(FILE, rows, labels if len(lines) > 1 else dict.fromkeys(labels, ""), unit, **options)
    shown = scale_unit(unit, [row[name] for row in rows for name in labels if row[name] is not None])[1]
    return Drawing(chart, capitalize_first(title), shown, source, f"{description} {answer.sentence}")


def draw_series(rows: Sequence[Row], title: str, unit: str) -> Drawing:
    """Draw one series that is not an answer; a row per year (2026) or month (2026-01) has `year` and `value`."""
    first, last = rows[0]["year"], rows[-1]["year"]
    description = write_text("series_described", title=title, unit=unit, first=first, last=last)
    chart = draw_lines(FILE, rows, {"value": ""}, unit, has_zero=unit.startswith("US$"))
    shown = scale_unit(unit, [row["value"] for row in rows if row["value"] is not None])[1]
    return Drawing(chart, title, shown, write_text("series_source"), description)


def _name_source(answer: Answer) -> str:
    """Write the source line of an answer: publishers, days from which figures were known, provisional years."""
    vintages = [vintage for vintage in answer.vintages if vintage.source != REGISTER]
    if answer.question.chart == "balance":
        # The rows also name the snapshots of the partner's figures, which this chart does not draw.
        drawn = {name.partition("@")[0] for row in answer.rows for name in (row["vintages"] or "").split(", ")}
        vintages = [one for one in vintages if one.snapshot_id.rpartition("/")[0] in drawn] or vintages
    days = sorted({vintage.known_from for vintage in vintages})
    provisional = sorted(str(row["year"]) for row in answer.rows if row.get("observation_status") == "P")
    text = f"{cite_publishers([*(vintage.publisher for vintage in vintages), *cite_printed(answer.rows)])}. "
    text += write_text("known" if len(days) == 1 else "known_between", first=days[0], last=days[-1])
    text += f" {write_text('provisional_years', years=', '.join(provisional))}." if provisional else ""
    thin = any(row.get("balance_usd") is not None and row.get("balance_sign", "") is None for row in answer.rows)
    return f"{text} {write_text('unsigned')}" if thin else text


def cite_printed(rows: Sequence[Row]) -> list[str]:
    """Name each publisher of printed figures that rows quote, with the years of these rows."""
    years: dict[str, list[int]] = {}
    for row in rows:
        if row.get("basis") == "printed":
            years.setdefault(row["printed_by"], []).append(row["year"])
    return [write_text("printed_by", name=name, years=join_words(found)) for name, found in years.items()]


@dataclass(frozen=True)
class Picture:
    """A chart in a page.

    Args:
        title: The title, which states the finding.
        subtitle: The measure and its unit.
        source: The publishers of the figures.
        svgs: The SVG pictures by CSS class: `wide`, `narrow` or `half`.
        key: The legend for forms that have no label, for example a hollow dot: the meaning by CSS class.
    """

    title: str
    subtitle: str
    source: str
    svgs: Mapping[str, str]
    key: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_half(self) -> bool:
        """Return whether the chart is so narrow that two fit side by side."""
        return "half" in self.svgs


def draw_picture(
    title: str,
    subtitle: str,
    source: str,
    description: str,
    draw: Callable[..., Canvas],
    *rows: Any,
    is_half: bool = False,
    key: Mapping[str, str] | None = None,
    **options: Any,
) -> Picture:
    """Draw a chart for wide and for narrow pages, or once at half width.

    The first three texts and `key` are those of a `Picture`; `description` is for screen readers. `draw` is a function
    of `charts`; its arguments after the frame are `rows` and `options`.
    """
    frames = {"half": HALF} if is_half else {"wide": WIDE, "narrow": NARROW}
    svgs = {
        name: _write_svg_within(draw(frame, *rows, **options), title, description) for name, frame in frames.items()
    }
    return Picture(title, subtitle, source, svgs, key or {})


def _write_svg_within(canvas: Canvas, title: str, description: str) -> str:
    """Write SVG for a page, with IDs that are stable between builds and unique in the page."""
    inside, width, height = "".join(canvas.parts), canvas.frame.width, round(canvas.height)
    number = f"{crc32(f'{title}{description}{inside}'.encode()):08x}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" font-size="{canvas.frame.font}" role="img" aria-labelledby="t{number} d{number}">'
        f'<title id="t{number}">{escape(title)}</title><desc id="d{number}">{escape(description)}</desc>{inside}</svg>'
    )
