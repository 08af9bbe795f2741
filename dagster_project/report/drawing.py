"""The charts that the report alone has, in two sizes: for a page and for a phone.

Here: marks, and how a chart becomes SVG that a page can hold. Not here: which figures are drawn and what they say
(`sections`), the colours and the charts that the command line draws, too (`charts`).

A page gives the SVG other colours at night by what stands in `fill` and `stroke`, so only colours of `charts` are used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape
from zlib import crc32

from dagster_project.report import charts
from dagster_project.report.charts import DEFICIT, GRID, INK, LINES, QUIET, SURPLUS, Frame

if TYPE_CHECKING:
    import altair as alt

    Row = Mapping[str, Any]
    Draw = Callable[[Frame], "Drawing"]

WIDE = Frame(width=640, height=290, left=52, right=16, bottom=30, font=13, numbered=12)
NARROW = Frame(width=288, height=230, left=44, right=18, bottom=28, font=12, numbered=5)
# Two stand side by side where there is room.
HALF = Frame(width=286, height=210, left=40, right=14, bottom=28, font=12, numbered=5)
# Room above a plot for the unit of its axis; and for what each step of a waterfall is called.
UNIT, ABOVE, STEP, MARGIN = 32, 34, 46, 8
# The least size of a mark that a number fits into.
NUMBERED_FROM = 13
MONTHS = "JFMAMJJASOND"


@dataclass(frozen=True)
class Drawing:
    """Layers, the room above them, and where it is not the frame's their height, more room below and the left."""

    layers: Sequence[Any]
    above: int = ABOVE
    height: int | None = None
    below: int = 0
    left: int | None = None


@dataclass(frozen=True)
class Picture:
    """A chart as a page holds it.

    Args:
        title: What it shows.
        drawn: SVG, or SVG to be, by the class that decides where it is seen: `wide`, `narrow` or `half`.
    """

    title: str
    drawn: Mapping[str, Future[str]]

    @property
    def svgs(self) -> dict[str, str]:
        return {name: svg.result() for name, svg in self.drawn.items()}

    @property
    def is_half(self) -> bool:
        """Whether another may stand beside it."""
        return "half" in self.drawn


@cache
def _beside() -> Executor:
    """Where charts become SVG, which takes a processor of its own, while the next section is asked for."""
    return ThreadPoolExecutor(1, "charts")


def picture(title: str, description: str, draw: Draw, *, is_half: bool = False) -> Picture:
    """Draws a chart for wide pages and for narrow ones, or once where two stand side by side.

    Args:
        title: What it shows.
        description: What it says, for those who do not see it.
        draw: Its layers in a frame.
        is_half: Whether another may stand beside it.
    """
    from altair.utils.schemapi import debug_mode

    frames = {"half": HALF} if is_half else {"wide": WIDE, "narrow": NARROW}
    # To validate a chart of each size takes longer than to draw it: the tests look at what comes of it.
    with debug_mode(arg=False):
        drawn = {name: _svg(draw(frame), frame, title, description) for name, frame in frames.items()}
    return Picture(title, drawn)


def _svg(drawing: Drawing, frame: Frame, title: str, description: str) -> Future[str]:
    import altair as alt

    left = frame.left if drawing.left is None else drawing.left
    frame = replace(
        frame,
        height=drawing.height or frame.height,
        bottom=frame.bottom + drawing.below,
        left=left,
        width=frame.width + frame.left - left,
    )
    chart = charts.styled(alt.LayerChart(layer=list(drawing.layers)), frame, top=drawing.above)
    specification = chart.to_dict(validate=False) | {"background": "transparent"}
    # The same in a page as often as it is made, and no other chart's.
    number = f"{crc32(f'{title} {frame.width}'.encode()):08x}"
    width, height = frame.left + frame.width + frame.right, drawing.above + frame.height + frame.bottom
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-labelledby="t{number} d{number}"><title id="t{number}">{escape(title)}</title>'
        f'<desc id="d{number}">{escape(description)}</desc>'
    )
    return _beside().submit(lambda: head + _marks(specification, number))


def _marks(specification: dict[str, Any], number: str) -> str:
    """What a chart draws, as the rest of an SVG: without words that its title has said, or that the table has."""
    import altair as alt
    import vl_convert

    version = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])
    _, _, rest = vl_convert.vegalite_to_svg(specification, vl_version=version).partition(">")
    rest = re.sub(r' (role|aria-[a-z]+|class|pointer-events)="[^"]*"', "", rest)
    rest = re.sub(r'(id="|url\(#)', rf"\g<1>c{number}-", rest)
    return re.sub(r"(\d\.\d{2})\d+", r"\1", rest).strip()


def balance(rows: Sequence[Row], events: Sequence[Row]) -> Draw:
    """The balance by year, with numbered events above the year in which each began.

    Args:
        rows: As `charts.bars` takes them.
        events: Each with its `number` and `year`.
    """

    def draw(frame: Frame) -> Drawing:
        import altair as alt

        years = list(range(rows[0]["year"], rows[-1]["year"] + 1))
        x = charts.across(years, frame)
        size = min(15.0, frame.width / len(years) - 1.5)
        above: dict[int, list[Row]] = {}
        for event in events:
            stacked = sum(event["year"] == other["year"] for lane in above.values() for other in lane)
            above.setdefault(stacked, []).append(event)
        layers = charts.bars(rows, frame)
        for lane, found in above.items():
            base = charts.of_rows([{"year": event["year"], "number": str(event["number"])} for event in found])
            at = alt.value(-UNIT - (lane + 0.5) * (size + 1))
            layers.append(base.mark_circle(size=size * size * 0.8, color=QUIET, opacity=1).encode(x=x, y=at))
            if size >= NUMBERED_FROM:
                layers.append(base.mark_text(fontSize=10, color="white", dy=0.5).encode(x=x, y=at, text="number:N"))
        return Drawing(layers, ABOVE + (round(len(above) * (size + 1)) if above else 0))

    return draw


def sides(rows: Sequence[Row], labels: Mapping[str, str]) -> Draw:
    """Two lines by year over the band in which the second would lie if freight and insurance explained the gap.

    Args:
        rows: A row a year, in order, with `year`, the columns of `labels`, `band_low_usd` and `band_high_usd`.
        labels: What each line is called.
    """

    def draw(frame: Frame) -> Drawing:

        size, _ = charts.scale([row[name] for row in rows for name in labels if row[name] is not None])
        known = [
            {"year": row["year"], "low": row["band_low_usd"] / size, "high": row["band_high_usd"] / size}
            for row in rows
            if row["band_low_usd"] is not None
        ]
        band = (
            charts.of_rows(known)
            .mark_rule(strokeWidth=max(frame.width / len(rows) - 2, 3), color=GRID, opacity=1)
            .encode(x=charts.across([row["year"] for row in rows], frame), y="low:Q", y2="high:Q")
        )
        return Drawing([band, *charts.lines(rows, labels, "US$", frame)])

    return draw


def months(rows: Sequence[Row], labels: Mapping[str, str]) -> Draw:
    """Sums from January on, by month: the year in progress over the one before.

    Args:
        rows: A row a month, in order, with `month` and the columns of `labels`.
        labels: What each line is called, the year in progress last.
    """

    def draw(frame: Frame) -> Drawing:
        import altair as alt

        size, unit = charts.scale([row[name] for row in rows for name in labels if row[name] is not None])
        points = [
            {"month": row["month"], "line": label, "value": None if row[name] is None else row[name] / size}
            for row in rows
            for name, label in labels.items()
        ]
        names = list(labels.values())
        axis = alt.Axis(
            values=list(range(1, 13)),
            labelExpr=f"'{MONTHS}'[datum.value - 1]",
            labelAngle=0,
            grid=False,
            ticks=False,
            labelPadding=6,
        )
        base = charts.of_rows(points).encode(
            x=alt.X("month:O", title=None, axis=axis, scale=alt.Scale(domain=list(range(1, 13)))),
            y=alt.Y("value:Q", axis=alt.Axis(title=unit)),
            color=alt.Color("line:N", scale=alt.Scale(domain=names, range=[LINES[1], LINES[0]]), legend=None),
        )
        dashed = base.encode(strokeDash=alt.StrokeDash("line:N", scale=_dashes(names), legend=None))
        return Drawing(
            [
                dashed.mark_line(strokeWidth=2.5),
                base.mark_point(filled=True, size=36, opacity=1),
                charts.of_rows([{"value": 0}]).mark_rule(color=INK).encode(y="value:Q"),
                *_ends(points, names, [LINES[1], LINES[0]], "month", frame, decimals=1),
            ]
        )

    return draw


def _dashes(names: Sequence[str]) -> alt.Scale:
    """The last line is whole, and those before it are dashed."""
    import altair as alt

    return alt.Scale(domain=list(names), range=[[5, 3]] * (len(names) - 1) + [[1, 0]])


def _ends(
    points: Sequence[Row], names: Sequence[str], colours: Sequence[str], across: str, frame: Frame, *, decimals: int
) -> list[Any]:
    """The last value of each line, in its colour and above it."""
    layers = []
    for name, colour in zip(names, colours, strict=True):
        known = [point for point in points if point["line"] == name and point["value"] is not None]
        if known:
            last = {**known[-1], "words": f"{known[-1]['value']:,.{decimals}f}".replace("-", "−")}
            below = last["value"] < 0
            layers.append(
                charts.of_rows([last])
                .mark_text(
                    align="right", dy=14 if below else -11, dx=6, fontSize=frame.font, fontWeight="bold", color=colour
                )
                .encode(x=f"{across}:O", y="value:Q", text="words:N")
            )
    return layers


def waterfall(rows: Sequence[Row]) -> Draw:
    """Steps from one balance to another, a bar a step with its name above it.

    Args:
        rows: In order, each with `label`, `value` in US$, `is_level` (a balance, and no step) and `is_held`.
    """

    def draw(frame: Frame) -> Drawing:
        import altair as alt

        size, unit = charts.scale([row["value"] for row in rows])
        bars, at = [], 0.0
        for place, row in enumerate(rows):
            value = row["value"] / size
            start = 0.0 if row["is_level"] else at
            at = value if row["is_level"] else at + value
            sign = "+" if value > 0 and not row["is_level"] else ""
            bars.append(
                {
                    "y": place * STEP,
                    "start": start,
                    "end": at,
                    "label": row["label"] if len(row["label"]) < 48 else f"{row['label'][:46]}…",
                    "words": f"{sign}{value:,.2f}".replace("-", "−"),
                    "colour": DEFICIT if value < 0 else SURPLUS,
                    "is_held": row["is_held"],
                    "far": max(start, at, 0.0),
                }
            )
        ends = [edge for bar in bars for edge in (bar["start"], bar["end"], 0.0)]
        low, high = min(ends), max(ends)
        room = alt.Scale(domain=[low - 0.02 * (high - low), high + 0.24 * (high - low)], nice=False)
        axis = alt.Axis(
            title=unit, titleAnchor="start", titleX=0, titlePadding=6, tickCount=4, labelPadding=4, ticks=False
        )
        x = alt.X("start:Q", scale=room, axis=axis)
        y = alt.Y("y:Q", scale=None, axis=None)
        base = charts.of_rows(bars)
        thick: dict[str, Any] = {"height": 16, "yOffset": 26}
        held = base.transform_filter("datum.is_held").mark_bar(**thick)
        lacking = base.transform_filter("!datum.is_held").mark_bar(
            **thick, fillOpacity=0.001, strokeWidth=1.5, strokeDash=[4, 3]
        )
        colour = alt.Color("colour:N", scale=None)
        stroke = alt.Stroke("colour:N", scale=None)
        layers = [
            held.encode(x=x, x2="end:Q", y=y, color=colour),
            lacking.encode(x=x, x2="end:Q", y=y, stroke=stroke, fill=alt.Fill("colour:N", scale=None)),
            charts.of_rows([{"start": 0}]).mark_rule(color=INK).encode(x=x),
            base.mark_text(align="left", dy=8, fontSize=frame.font, color=INK).encode(
                x=alt.value(4), y=y, text="label:N"
            ),
            base.mark_text(align="left", dx=6, dy=27, fontSize=frame.font, fontWeight="bold", color=INK).encode(
                x=alt.X("far:Q", scale=room), y=y, text="words:N"
            ),
        ]
        return Drawing(layers, 12, STEP * len(rows), 20, left=MARGIN)

    return draw


def shares(rows: Sequence[Row]) -> Draw:
    """A share by year as bars: of a year in part, or of a product in part, outlined.

    Args:
        rows: A row a year, in order, with `year`, `share_pct` and `is_whole`.
    """

    def draw(frame: Frame) -> Drawing:
        import altair as alt

        points = [
            {**row, "words": f"{row['mark'] if frame.numbered > charts.FEW else ''}{row['share_pct']:.1f}"}
            for row in rows
            if row["share_pct"] is not None
        ]
        base = charts.of_rows(points).encode(
            x=charts.across([row["year"] for row in rows], frame),
            y=alt.Y("share_pct:Q", axis=alt.Axis(title="%")),
        )
        return Drawing(
            [
                base.transform_filter("datum.is_whole").mark_bar(color=SURPLUS),
                base.transform_filter("!datum.is_whole").mark_bar(
                    color=SURPLUS, fillOpacity=0.001, stroke=SURPLUS, strokeWidth=1.5, strokeDash=[4, 3]
                ),
                base.mark_text(dy=-7, fontSize=frame.font - 1, color=INK).encode(text="words:N"),
            ]
        )

    return draw


def components(rows: Sequence[Row], labels: Mapping[str, str]) -> Draw:
    """Shares of one whole by year, a line each."""

    def draw(frame: Frame) -> Drawing:
        return Drawing(charts.lines(rows, labels, "percent", frame, has_zero=True))

    return draw
