"""The charts that the report alone has, in two sizes: for a page and for a phone.

Here: marks, and how a chart becomes SVG that a page can hold. Each chart is a function from the room that it has and
its rows to layers, and the room that they take. Not here: which figures are drawn and what they say (`sections`), the
colours (`marks`), and the charts of the command line (`charts`).

A page gives the SVG other colours at night by what stands in `fill` and `stroke`, so only colours of `marks` are used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from xml.sax.saxutils import escape
from zlib import crc32

from dagster_project.report import marks
from dagster_project.report.marks import DEFICIT, GRID, INK, LINES, QUIET, SURPLUS, Frame

Row = Mapping[str, Any]
Drawing = tuple[list[Any], Frame]

# The room above a plot is that for the unit of its axis.
WIDE = Frame(width=640, height=290, left=52, right=16, top=34, bottom=30, font=13, numbered=12)
NARROW = Frame(width=288, height=230, left=44, right=18, top=34, bottom=28, font=12, numbered=5)
# Two stand side by side where there is room.
HALF = Frame(width=286, height=210, left=40, right=14, top=34, bottom=28, font=12, numbered=5)
# Above a plot to where events begin; what each step of a waterfall takes; and what stands beside it.
UNIT, STEP, MARGIN = 32, 46, 8
# The least size of a mark that a number fits into.
NUMBERED_FROM = 13
MONTHS = "JFMAMJJASOND"


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


def picture(title: str, description: str, draw: Callable[..., Drawing], *rows: Any, is_half: bool = False) -> Picture:
    """Draws a chart for wide pages and for narrow ones, or once where two stand side by side.

    Args:
        title: What it shows.
        description: What it says, for those who do not see it.
        draw: The chart.
        rows: What it takes beside the room.
        is_half: Whether another may stand beside it.
    """
    from altair.utils.schemapi import debug_mode

    frames = {"half": HALF} if is_half else {"wide": WIDE, "narrow": NARROW}
    # To validate a chart of each size takes longer than to draw it: the tests look at what comes of it.
    with debug_mode(arg=False):
        return Picture(title, {name: _svg(*draw(frame, *rows), title, description) for name, frame in frames.items()})


def _svg(layers: list[Any], frame: Frame, title: str, description: str) -> Future[str]:
    specification = marks.styled(layers, frame).to_dict(validate=False) | {"background": "transparent"}
    # The same in a page as often as it is made, and no other chart's.
    number = f"{crc32(f'{title} {frame.width}'.encode()):08x}"
    width, height = frame.left + frame.width + frame.right, frame.top + frame.height + frame.bottom
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


def balance(frame: Frame, rows: Sequence[Row], events: Sequence[Row]) -> Drawing:
    """The balance by year as `marks.bars` draws it, with numbered events above the year in which each began."""
    import altair as alt

    years = list(range(rows[0]["year"], rows[-1]["year"] + 1))
    x = marks.across(years, frame)
    size = min(15.0, frame.width / len(years) - 1.5)
    lanes: dict[int, list[Row]] = {}
    for event in events:
        stacked = sum(event["year"] == other["year"] for lane in lanes.values() for other in lane)
        lanes.setdefault(stacked, []).append(event)
    layers = marks.bars(rows, frame)
    for lane, found in lanes.items():
        base = marks.of_rows([{"year": event["year"], "number": str(event["number"])} for event in found])
        at = alt.value(-UNIT - (lane + 0.5) * (size + 1))
        layers.append(base.mark_circle(size=size * size * 0.8, color=QUIET, opacity=1).encode(x=x, y=at))
        if size >= NUMBERED_FROM:
            layers.append(
                base.mark_text(fontSize=10, color="white", dy=0.5).encode(x=x, y=at, text=alt.Text("number:N"))
            )
    return layers, replace(frame, top=frame.top + round(len(lanes) * (size + 1)))


def sides(frame: Frame, rows: Sequence[Row], labels: Mapping[str, str]) -> Drawing:
    """Two lines by year over the band in which the second would lie if freight and insurance explained the gap.

    Args:
        frame: The room that there is.
        rows: A row a year, in order, with `year`, the columns of `labels`, `band_low_usd` and `band_high_usd`.
        labels: What each line is called.
    """
    import altair as alt

    size, _ = marks.scale([row[name] for row in rows for name in labels if row[name] is not None])
    known = [
        {"year": row["year"], "low": row["band_low_usd"] / size, "high": row["band_high_usd"] / size}
        for row in rows
        if row["band_low_usd"] is not None
    ]
    band = (
        marks.of_rows(known)
        .mark_rule(strokeWidth=max(frame.width / len(rows) - 2, 3), color=GRID, opacity=1)
        .encode(x=marks.across([row["year"] for row in rows], frame), y=alt.Y("low:Q"), y2=alt.Y2("high:Q"))
    )
    return [band, *marks.lines(rows, labels, "US$", frame)], frame


def months(frame: Frame, rows: Sequence[Row], labels: Mapping[str, str]) -> Drawing:
    """Sums from January on, by month: the year in progress over the one before.

    Args:
        frame: The room that there is.
        rows: A row a month, in order, with `year` (the number of the month) and the columns of `labels`.
        labels: What each line is called, the year in progress first.
    """
    import altair as alt

    axis = alt.Axis(
        values=list(range(1, 13)),
        labelExpr=f"'{MONTHS}'[datum.value - 1]",
        labelAngle=0,
        grid=False,
        ticks=False,
        labelPadding=6,
    )
    x = alt.X("year:O", title=None, axis=axis, scale=alt.Scale(domain=list(range(1, 13))))
    size, _ = marks.scale([row[name] for row in rows for name in labels if row[name] is not None])
    layers = marks.lines(rows, labels, "US$", frame, x=x)
    # The last value of each line, in its colour and above it.
    for name, colour in zip(labels, LINES, strict=False):
        known = [row for row in rows if row[name] is not None]
        if known:
            value = known[-1][name] / size
            last = {"year": known[-1]["year"], "value": value, "words": f"{value:,.1f}".replace("-", "−")}
            layers.append(
                marks.of_rows([last])
                .mark_text(
                    align="right",
                    dy=14 if value < 0 else -11,
                    dx=6,
                    fontSize=frame.font,
                    fontWeight="bold",
                    color=colour,
                )
                .encode(x=alt.X("year:O"), y=alt.Y("value:Q"), text=alt.Text("words:N"))
            )
    return layers, frame


def waterfall(frame: Frame, rows: Sequence[Row]) -> Drawing:
    """Steps from one balance to another, a bar a step with its name above it.

    Args:
        frame: The room that there is.
        rows: In order, each with `label`, `value` in US$, `is_level` (a balance, and no step) and `is_held`.
    """
    import altair as alt

    size, unit = marks.scale([row["value"] for row in rows])
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
    axis = alt.Axis(title=unit, titleAnchor="start", titleX=0, titlePadding=6, tickCount=4, labelPadding=4, ticks=False)
    x = alt.X("start:Q", scale=room, axis=axis)
    y = alt.Y("y:Q", scale=None, axis=None)
    base = marks.of_rows(bars)
    thick: dict[str, Any] = {"height": 16, "yOffset": 26}
    held = base.transform_filter("datum.is_held").mark_bar(**thick)
    lacking = base.transform_filter("!datum.is_held").mark_bar(
        **thick, fillOpacity=0.001, strokeWidth=1.5, strokeDash=[4, 3]
    )
    colour = alt.Color("colour:N", scale=None)
    stroke = alt.Stroke("colour:N", scale=None)
    layers = [
        held.encode(x=x, x2=alt.X2("end:Q"), y=y, color=colour),
        lacking.encode(x=x, x2=alt.X2("end:Q"), y=y, stroke=stroke, fill=alt.Fill("colour:N", scale=None)),
        marks.of_rows([{"start": 0}]).mark_rule(color=INK).encode(x=x),
        base.mark_text(align="left", dy=8, fontSize=frame.font, color=INK).encode(
            x=alt.value(4), y=y, text=alt.Text("label:N")
        ),
        base.mark_text(align="left", dx=6, dy=27, fontSize=frame.font, fontWeight="bold", color=INK).encode(
            x=alt.X("far:Q", scale=room), y=y, text=alt.Text("words:N")
        ),
    ]
    wide = frame.width + frame.left - MARGIN
    return layers, replace(frame, width=wide, left=MARGIN, top=12, height=STEP * len(rows), bottom=frame.bottom + 20)


def shares(frame: Frame, rows: Sequence[Row]) -> Drawing:
    """A share by year as bars: of a year in part, or of a product in part, outlined.

    Args:
        frame: The room that there is.
        rows: A row a year, in order, with `year`, `share_pct`, `is_whole` and `mark`.
    """
    import altair as alt

    points = [
        {**row, "words": f"{row['mark'] if frame.numbered > marks.FEW else ''}{row['share_pct']:.1f}"}
        for row in rows
        if row["share_pct"] is not None
    ]
    base = marks.of_rows(points).encode(
        x=marks.across([row["year"] for row in rows], frame),
        y=alt.Y("share_pct:Q", axis=alt.Axis(title="%")),
    )
    return [
        base.transform_filter("datum.is_whole").mark_bar(color=SURPLUS),
        base.transform_filter("!datum.is_whole").mark_bar(
            color=SURPLUS, fillOpacity=0.001, stroke=SURPLUS, strokeWidth=1.5, strokeDash=[4, 3]
        ),
        base.mark_text(dy=-7, fontSize=frame.font - 1, color=INK).encode(text=alt.Text("words:N")),
    ], frame


def components(frame: Frame, rows: Sequence[Row], labels: Mapping[str, str]) -> Drawing:
    """Shares of one whole by year, a line each."""
    return marks.lines(rows, labels, "percent", frame, has_zero=True), frame
