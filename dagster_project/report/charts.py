"""Charts of answers that are series, as SVG or PNG that need nothing from elsewhere.

Here: their titles, words and sources, and files of them. Not here: the layers (`marks`), figures, which columns are
drawn, which each question says of itself (`series`), or the charts that the report alone has (`drawing`).
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from dagster_project.errors import BilateralError
from dagster_project.files import atomic_write
from dagster_project.questions.wording import possessive
from dagster_project.report.marks import INK, QUIET, Frame, Row, bars, lines, styled

if TYPE_CHECKING:
    import altair as alt

    from dagster_project.questions import Answer

SUFFIXES = (".svg", ".png")
FRAME = Frame(width=760, height=340, left=60, right=30, top=60, bottom=34, font=12, numbered=12)


@dataclass(frozen=True)
class Drawn:
    """A chart with the words for those who do not see it."""

    chart: alt.LayerChart
    title: str
    description: str

    def svg(self) -> str:
        """As SVG that says what it shows, on white."""
        text = io.StringIO()
        self.chart.save(text, format="svg")
        head, bracket, rest = text.getvalue().partition(">")
        words = f"<title>{escape(self.title)}</title><desc>{escape(self.description)}</desc>"
        return f'{head} role="img"{bracket}{words}{rest}\n'

    def write(self, path: Path) -> None:
        """To a file, as its name ends.

        Raises:
            BilateralError: The name ends in something else, or its folder is not there.
        """
        checked(path)
        with atomic_write(path) as half:
            if path.suffix.lower() == ".svg":
                half.write_text(self.svg(), encoding="utf-8")
            else:
                with half.open("wb") as file:
                    self.chart.save(file, format="png", scale_factor=2)


def checked(path: Path) -> Path:
    """A place for a picture, whose name says of what kind it is.

    Raises:
        BilateralError: It says none of those that can be written, or its folder is not there.
    """
    if not path.parent.is_dir():
        raise BilateralError(f"There is no folder {path.parent}.", remedy="Make it, or name another.")
    if path.suffix.lower() not in SUFFIXES:
        raise BilateralError(f"{path} is no name of a picture.", remedy=f"End it in {' or '.join(SUFFIXES)}.")
    return path


def of(answer: Answer) -> Drawn:
    """The chart of an answer.

    Raises:
        BilateralError: The answer is no series, or fewer than two years of it are held.
    """
    question = answer.question
    if not question.series:
        raise BilateralError(
            f"The answer to question {question.number} ({question.name}) is no series, so no chart shows it.",
            remedy="`bilateral questions` marks those that have a chart.",
        )
    rows = sorted((row for row in answer.rows if row["year"] is not None), key=lambda row: row["year"])
    held = {row["year"] for row in rows if any(row[name] is not None for name in question.series)}
    if len(held) < 2:
        raise BilateralError(
            f"Fewer than two years of the answer to question {question.number} are held, so no chart shows them.",
            remedy="Ask about another pair or more years.",
        )
    rows = [row for row in rows if min(held) <= row["year"] <= max(held)]
    source = _source(answer)
    if question.chart == "balance":
        title = (
            f"{possessive(answer.names['reporter'])} goods trade with {answer.names['partner']}: exports less imports"
        )
        told = f"A bar for each year from {min(held)} to {max(held)}. {answer.sentence}"
        return Drawn(_framed(bars(rows, FRAME), title, source), title, told)
    unit = next(column.unit for column in question.columns if column.name in question.series)
    lines = {name: label.format(**answer.names) for name, label in question.series.items()}
    title = f"{question.question.removesuffix('?')}: {answer.names['reporter']} and {answer.names['partner']}"
    if len(lines) == 1:
        (title,) = lines.values()
    told = f"By year from {min(held)} to {max(held)}: {'; '.join(lines.values())}. {answer.sentence}"
    return Drawn(series(rows, lines, unit, title, source), title, told)


def line(rows: Sequence[Row], title: str, unit: str) -> Drawn:
    """One series that is no answer.

    Args:
        rows: A row a year or a month, in order, with `year` (2026, or 2026-01) and `value`.
        title: What it is.
        unit: Its unit, as it is written.
    """
    told = f"{title} ({unit}), from {rows[0]['year']} to {rows[-1]['year']}."
    note = "From the published tables; a break in the line is a period that is not held."
    return Drawn(series(rows, {"value": title}, unit, title, note), title, told)


def series(rows: Sequence[Row], labels: Mapping[str, str], unit: str, title: str, source: str) -> alt.LayerChart:
    """Columns of one unit by year, a line each, broken where a year is missing; under the title the source."""
    layers = lines(rows, labels, unit, FRAME, has_legend=len(labels) > 1)
    return _framed(layers, title, source, legend=len(labels) > 1)


def _framed(layers: Sequence[Any], title: str, source: str, *, legend: bool = False) -> alt.LayerChart:
    import altair as alt

    title_lines, source_lines = textwrap.wrap(title, 84), textwrap.wrap(source, 125)
    top = FRAME.top + 20 * len(title_lines) + 16 * len(source_lines)
    heading = alt.TitleParams(
        title_lines, subtitle=source_lines, anchor="start", frame="group", dx=-FRAME.left + 16, offset=28
    )
    titled: alt.LayerChart = (
        styled(layers, replace(FRAME, top=top, bottom=FRAME.bottom + (30 if legend else 0)))
        .properties(title=heading, background="white")
        .configure_title(fontSize=17, color=INK, subtitleFontSize=12, subtitleColor=QUIET, subtitlePadding=6)
        .configure_legend(labelFontSize=12, labelColor=INK, offset=26)
    )
    return titled


def _source(answer: Answer) -> str:
    """Who published the figures, and when they were known."""
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
    return f"{text} Grey: figures too thin, or of another kind, for a sign." if thin else text
