"""Charts of answers that are series, as SVG or PNG that need nothing from elsewhere.

Here: how the balance of a pair and other series are drawn, and files of them. Not here: figures, which columns are
drawn, which each question says of itself (`series`), or the charts that the report alone has (`drawing`).

Altair and vl-convert are imported when a chart is drawn. Sizes, colours and room for words are stated and not measured,
so that the same figures give the same picture of a balance, byte for byte, whatever fonts a machine has.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from dagster_project.errors import BilateralError
from dagster_project.files import atomic_write
from dagster_project.questions.wording import possessive

if TYPE_CHECKING:
    import altair as alt

    from dagster_project.questions import Answer

Row = Mapping[str, Any]

SUFFIXES = (".svg", ".png")
# vl-convert brings the first; where it is not, the next that is there takes its place.
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
INK, QUIET, GRID = "#222222", "#595959", "#dddddd"
# Dark enough on white, and told apart without seeing red and green (Okabe and Ito).
SURPLUS, DEFICIT, UNSIGNED = "#0072b2", "#b8460e", "#a0a0a0"
PROVISIONAL = {SURPLUS: "#6baed6", DEFICIT: "#e08e5f"}
LINES = (SURPLUS, DEFICIT, "#00785a", "#9a4a7d")
# How many years apart two amounts stand; and at most how many years are numbered where there is little room.
APART, FEW = 3, 6
# The least room between two points of a line.
POINT = 5


@dataclass(frozen=True)
class Frame:
    """The room that a chart has, in pixels.

    Args:
        width: Of the plot.
        height: Of the plot.
        left: For the numbers of the axis.
        right: Beside it.
        bottom: For the years.
        font: The size of numbers and words.
        numbered: The most years that have room for their numbers.
    """

    width: int
    height: int
    left: int
    right: int
    bottom: int
    font: int
    numbered: int


FRAME = Frame(width=760, height=340, left=60, right=30, bottom=34, font=12, numbered=12)


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


def bars(rows: Sequence[Row], frame: Frame) -> list[Any]:
    """The layers of a balance: a bar a year, zero, and the amounts that a reader looks for.

    Args:
        rows: A row a year, in order, with `year`, `balance_usd`, `balance_sign`, `sign_flipped`, `first_deficit_since`
            and `observation_status`.
        frame: The room that there is.
    """
    import altair as alt

    years = list(range(rows[0]["year"], rows[-1]["year"] + 1))
    known = [row for row in rows if row["balance_usd"] is not None]
    size, unit = scale([row["balance_usd"] for row in known])
    points = [
        {
            "year": row["year"],
            "balance": row["balance_usd"] / size,
            "words": f"{row['balance_usd'] / size:,.1f}".replace("-", "−"),
            "colour": _colour(row),
            "said": f"{row['year']}: {row['balance_usd'] / size:,.3f} {unit}".replace("-", "−"),
        }
        for row in known
    ]
    x = across(years, frame)
    up = alt.Y("balance:Q", axis=alt.Axis(title=unit))
    layers: list[Any] = [
        of_rows(points)
        .mark_bar()
        .encode(
            x=x,
            y=up,
            color=alt.Color("colour:N", scale=None),
            description="said:N",
        ),
        of_rows([{"balance": 0}]).mark_rule(color=INK).encode(y=up),
    ]
    flip = next((row for row in reversed(known) if row["sign_flipped"]), None)
    last = points[-1]
    widest = max((point for point in points if point["colour"] != UNSIGNED), key=_width, default=last)
    named = [point for point in (last, widest) if flip is None or point["year"] != flip["year"]]
    if last["year"] - widest["year"] < APART:
        named = [point for point in named if point is last]
    layers += [
        of_rows([{**point, "balance": _clear_of(point, points)}])
        .mark_text(baseline="top" if below else "bottom", dy=4 if below else -4, fontSize=frame.font, color=INK)
        .encode(x=x, y=up, text="words:N")
        for point in named
        for below in [point["balance"] < 0]
    ]
    if flip is not None:
        since, is_late = flip["first_deficit_since"], flip["year"] - years[0] > len(years) / 2
        told = f", the first deficit since {since}" if since else f": {flip['balance_sign']}"
        point = next(point for point in points if point["year"] == flip["year"])
        words = {**point, "words": f"{flip['year']}: {point['words']}{told}"}
        layers.append(
            of_rows([words])
            .mark_text(
                align="right" if is_late else "left",
                baseline="bottom" if point["balance"] < 0 else "top",
                dx=-14 if is_late else 14,
                fontSize=frame.font + (1 if frame.numbered > FEW else -1),
                fontWeight="bold",
                color=INK,
            )
            .encode(x=x, y=up, text="words:N")
        )
    return layers


def _clear_of(point: Row, points: Sequence[Row]) -> float:
    """Where the amount of a bar stands: beyond the bar before it, too, if that goes farther the same way."""
    balance = float(point["balance"])
    (before,) = [float(other["balance"]) for other in points if other["year"] == point["year"] - 1] or [0.0]
    return before if before * balance > 0 and abs(before) > abs(balance) else balance


def series(rows: Sequence[Row], labels: Mapping[str, str], unit: str, title: str, source: str) -> alt.LayerChart:
    """Columns of one unit by year, a line each, broken where a year is missing; under the title the source."""
    layers = lines(rows, labels, unit, FRAME, has_legend=len(labels) > 1)
    return _framed(layers, title, source, legend=len(labels) > 1)


def lines(
    rows: Sequence[Row],
    labels: Mapping[str, str],
    unit: str,
    frame: Frame,
    *,
    has_legend: bool = False,
    has_zero: bool = False,
) -> list[Any]:
    """The layers of columns by year, or by month: a line each, told apart by colour and by dashes."""
    import altair as alt

    size, shown = 1.0, "%" if unit == "percent" else unit
    if unit == "US$":
        size, shown = scale([row[name] for row in rows for name in labels if row[name] is not None])
    values = {row["year"]: row for row in rows}
    every: Sequence[int | str] = list(values)
    if isinstance(rows[0]["year"], int):
        every = list(range(rows[0]["year"], rows[-1]["year"] + 1))
    points = [
        {
            "year": period,
            "line": label,
            "value": None if (value := values.get(period, {}).get(name)) is None else value / size,
        }
        for period in every
        for name, label in labels.items()
    ]
    names = list(labels.values())
    base = of_rows(points).encode(
        x=across(every, frame),
        y=alt.Y("value:Q", axis=alt.Axis(title=shown), scale=alt.Scale(zero=has_zero or "US$" in unit)),
        color=alt.Color(
            "line:N",
            scale=alt.Scale(domain=names, range=list(LINES[: len(names)])),
            legend=alt.Legend(title=None, orient="bottom", labelLimit=0, symbolStrokeWidth=0) if has_legend else None,
        ),
    )
    dashed = base.encode(strokeDash=alt.StrokeDash("line:N", scale=alt.Scale(domain=names), legend=None))
    layers: list[Any] = [dashed.mark_line(strokeWidth=2.5)]
    # Of many months points would be a band.
    if len(every) * POINT < frame.width:
        layers.append(base.mark_point(filled=True, size=36, opacity=1))
    if "US$" in unit:
        layers.append(of_rows([{"value": 0}]).mark_rule(color=INK).encode(y="value:Q"))
    return layers


def _width(point: Row) -> float:
    return abs(float(point["balance"]))


def _colour(row: Row) -> str:
    if row["balance_sign"] is None:
        return UNSIGNED
    colour = DEFICIT if row["balance_usd"] < 0 else SURPLUS
    return PROVISIONAL[colour] if row["observation_status"] == "P" else colour


def of_rows(rows: Sequence[Row]) -> alt.Chart:
    """A chart of rows. Altair copies lists at every turn, and of tuples it does not."""
    import altair as alt

    return alt.Chart(alt.InlineData(values=tuple(rows)))


def scale(values: Sequence[float]) -> tuple[float, str]:
    """What amounts are divided by, and the unit that they have then."""
    return (1e9, "US$ billion") if max(abs(value) for value in values) >= 1e9 else (1e6, "US$ million")


def across(periods: Sequence[int | str], frame: Frame) -> alt.X:
    """Years, or months as 2026-01, from left to right; as many years with their numbers as there is room for."""
    import altair as alt

    years: dict[Any, int] = {
        period: int(str(period)[:4]) for period in periods if not str(period)[4:] or str(period).endswith("-01")
    }
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100) if len(years) <= step * frame.numbered)
    axis = alt.Axis(
        values=[period for period, year in years.items() if year % step == 0],
        labelExpr="slice(datum.label, 0, 4)",
        labelAngle=0,
        labelOverlap=False,
        labelPadding=6,
        grid=False,
        ticks=False,
    )
    return alt.X("year:O", title=None, scale=alt.Scale(domain=list(periods)), axis=axis)


def _framed(layers: Sequence[Any], title: str, source: str, *, legend: bool = False) -> alt.LayerChart:
    import altair as alt

    title_lines, source_lines = textwrap.wrap(title, 84), textwrap.wrap(source, 125)
    top = 60 + 20 * len(title_lines) + 16 * len(source_lines)
    heading = alt.TitleParams(
        title_lines, subtitle=source_lines, anchor="start", frame="group", dx=-FRAME.left + 16, offset=28
    )
    titled: alt.LayerChart = (
        styled(alt.LayerChart(layer=list(layers)), FRAME, top=top, below=30 if legend else 0)
        .properties(title=heading, background="white")
        .configure_title(fontSize=17, color=INK, subtitleFontSize=12, subtitleColor=QUIET, subtitlePadding=6)
        .configure_legend(labelFontSize=12, labelColor=INK, offset=26)
    )
    return titled


def styled(chart: alt.LayerChart, frame: Frame, *, top: int, below: int = 0) -> alt.LayerChart:
    """A chart in its frame, with room above it and below."""
    import altair as alt

    padding = {"left": frame.left, "right": frame.right, "top": top, "bottom": frame.bottom + below}
    axis = {
        "labelFontSize": frame.font,
        "titleFontSize": frame.font,
        "titleFontWeight": "normal",
        "labelColor": QUIET,
        "titleColor": QUIET,
        "gridColor": GRID,
        "domain": False,
    }
    upright = {
        "titleAngle": 0,
        "titleAlign": "left",
        "titleBaseline": "bottom",
        "titleX": -frame.left + 16,
        "titleY": -10,
        "ticks": False,
    }
    # All at once: Altair copies a chart for each setting that is added to it.
    found: alt.LayerChart = chart.properties(
        width=frame.width,
        height=frame.height,
        padding=padding,
        autosize=alt.AutoSizeParams(type="none"),
        config={"font": FONT, "view": {"stroke": None}, "axis": axis, "axisY": upright},
    )
    return found


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
    return f"{text} Grey: figures too thin for a sign." if thin else text
