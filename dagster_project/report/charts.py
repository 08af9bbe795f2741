"""Draw charts as Vega-Lite specifications: the balance, lines by year or month, steps, shares, and tests of an event.

Here: one function for each chart, which takes a frame (the space) and rows, and the parts that charts share. Not here:
the choice of figures and their captions (`sections`, `events`), and SVG and PNG pictures (`pictures`).

In dark mode a page replaces the colours of `fill` and `stroke` in a picture. So charts must use only the colours here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

Row = Mapping[str, Any]
# A Vega-Lite specification, one of its layers, or a channel of a layer.
Spec = dict[str, Any]

# vl-convert includes the first font; where it is missing, a reader's program uses the next one.
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
INK, QUIET, GRID = "#222222", "#595959", "#dddddd"
# Colours with enough contrast on white that colour-blind readers can tell apart (Okabe and Ito).
SURPLUS, DEFICIT, UNSIGNED = "#0072b2", "#b8460e", "#a0a0a0"
PROVISIONAL = {SURPLUS: "#6baed6", DEFICIT: "#e08e5f"}
LINES = (SURPLUS, DEFICIT, "#00785a", "#9a4a7d")
# The style of an outlined bar, for incomplete figures. The fill must be drawn, but is practically invisible.
OUTLINED = {"fillOpacity": 0.001, "strokeWidth": 1.5, "strokeDash": [4, 3]}
# The most year labels on a narrow axis, the fewest years between labelled amounts, the pixels that a line's point
# needs, and the smallest mark of an event that has room for its number.
FEW, APART, POINT, NUMBERED_FROM = 6, 3, 5, 13
# The space between the plot and the events above it, the height of a step of a waterfall, and its left margin.
UNIT, STEP, MARGIN = 32, 46, 8


@dataclass(frozen=True)
class Frame:
    """The space of a chart, in pixels.

    Args:
        width: The width of the plot.
        height: The height of the plot.
        left: The left margin, for the numbers of the axis.
        right: The right margin.
        top: The top margin, for the unit of the axis and everything above the plot.
        bottom: The bottom margin, for the years.
        font: The font size.
        numbered: The most year labels that fit on the axis.
    """

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    font: int
    numbered: int

    def write_specification(self, layers: Sequence[Spec]) -> Spec:
        """Return the specification of a chart with these layers."""
        axis = {
            "labelFontSize": self.font,
            "titleFontSize": self.font,
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
            "titleX": -self.left + 16,
            "titleY": -10,
            "ticks": False,
        }
        return {
            "layer": list(layers),
            "width": self.width,
            "height": self.height,
            "padding": {"left": self.left, "right": self.right, "top": self.top, "bottom": self.bottom},
            "autosize": {"type": "none"},
            "config": {"font": FONT, "view": {"stroke": None}, "axis": axis, "axisY": upright},
        }


def scale_amounts(values: Sequence[float]) -> tuple[float, str]:
    """Return the divisor for amounts in US$, and the unit after division."""
    return (1e9, "US$ billion") if max(abs(value) for value in values) >= 1e9 else (1e6, "US$ million")


def format_number(value: float, decimals: int = 1) -> str:
    """Format a number: 1,234.5 or −18.0; a number that rounds to zero has no sign."""
    return f"{value:z,.{decimals}f}".replace("-", "−")


def make_layer(mark: str, rows: Sequence[Row], channels: Spec, **style: Any) -> Spec:
    """Return a layer with one mark for each row, all of one kind and style, placed by the channels."""
    return {"mark": {"type": mark, **style}, "data": {"values": list(rows)}, "encoding": channels}


def encode_field(name: str, kind: str = "quantitative", **more: Any) -> Spec:
    """Return a channel that shows a column of the rows."""
    return {"field": name, "type": kind, **more}


def place_periods(periods: Sequence[int | str], frame: Frame) -> Spec:
    """Return the channel that places years, or months such as 2026-01, from left to right, with labels that fit."""
    years: dict[Any, int] = {
        period: int(str(period)[:4]) for period in periods if not str(period)[4:] or str(period).endswith("-01")
    }
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100) if len(years) <= step * frame.numbered)
    axis = {
        "values": [period for period, year in years.items() if year % step == 0],
        "labelExpr": "slice(datum.label, 0, 4)",
        "labelAngle": 0,
        "labelOverlap": False,
        "labelPadding": 6,
        "grid": False,
        "ticks": False,
    }
    return encode_field("year", "ordinal", title=None, scale={"domain": list(periods)}, axis=axis)


def place_months_of_year() -> Spec:
    """Return the channel that places the twelve months from left to right, each labelled with its initial."""
    twelve = list(range(1, 13))
    axis = {
        "values": twelve,
        "labelExpr": "'JFMAMJJASOND'[datum.value - 1]",
        "labelAngle": 0,
        "grid": False,
        "ticks": False,
        "labelPadding": 6,
    }
    return encode_field("year", "ordinal", title=None, axis=axis, scale={"domain": twelve})


def draw_balance(frame: Frame, rows: Sequence[Row], events: Sequence[Row] = ()) -> Spec:
    """Draw a balance: one bar per year, the zero line, the most important amounts, and numbered events above the years.

    Args:
        frame: The space of the chart.
        rows: One row per year, in order, with `year`, `balance_usd`, `balance_sign`, `sign_flipped`,
            `first_deficit_since` and `observation_status`; at least one has a balance.
        events: The events, each with `year` and `number`.
    """
    known = [row for row in rows if row["balance_usd"] is not None]
    size, unit = scale_amounts([row["balance_usd"] for row in known])
    years = list(range(rows[0]["year"], rows[-1]["year"] + 1))
    points = [
        {
            "year": row["year"],
            "balance": row["balance_usd"] / size,
            "words": format_number(row["balance_usd"] / size),
            "colour": _choose_colour(row),
            "said": f"{row['year']}: {format_number(row['balance_usd'] / size, 3)} {unit}",
        }
        for row in known
    ]
    # The label of the lowest bar stands below it, clear of the years.
    lowest = min(0.0, *(point["balance"] for point in points))
    up = encode_field("balance", axis={"title": unit}, scale={"domainMin": 1.1 * lowest} if lowest else {})
    across = place_periods(years, frame)
    said = {"color": encode_field("colour", "nominal", scale=None), "description": encode_field("said", "nominal")}
    layers = [
        make_layer("bar", points, {"x": across, "y": up, **said}),
        make_layer("rule", [{"balance": 0}], {"y": up}, color=INK),
    ]
    flip = next((row for row in reversed(known) if row["sign_flipped"]), None)
    last = points[-1]
    signed = [point for point in points if point["colour"] != UNSIGNED]
    widest = max(signed, key=lambda point: abs(point["balance"]), default=last)
    named = [point for point in (last, widest) if flip is None or point["year"] != flip["year"]]
    if last["year"] - widest["year"] < APART:
        named = [point for point in named if point is last]
    text = {"x": across, "y": up, "text": encode_field("words", "nominal")}
    for point in named:
        place = {"baseline": "top", "dy": 4} if point["balance"] < 0 else {"baseline": "bottom", "dy": -4}
        clear = {**point, "balance": _clear_neighbour(point, points)}
        layers.append(make_layer("text", [clear], text, **place, fontSize=frame.font, color=INK))
    if flip is not None:
        since, is_late = flip["first_deficit_since"], flip["year"] - years[0] > len(years) / 2
        point = next(point for point in points if point["year"] == flip["year"])
        meaning = f", the first deficit since {since}" if since else f": {flip['balance_sign']}"
        place = {
            "align": "right" if is_late else "left",
            "baseline": "bottom" if point["balance"] < 0 else "top",
            "dx": -14 if is_late else 14,
        }
        font = {"fontSize": frame.font + (1 if frame.numbered > FEW else -1), "fontWeight": "bold", "color": INK}
        words = {**point, "words": f"{flip['year']}: {point['words']}{meaning}"}
        layers.append(make_layer("text", [words], text, **place, **font))
    # Events of the same year are stacked.
    mark = min(15.0, frame.width / len(years) - 1.5)
    lanes: dict[int, list[Row]] = {}
    for event in events:
        lane = sum(event["year"] == other["year"] for others in lanes.values() for other in others)
        lanes.setdefault(lane, []).append({"year": event["year"], "number": str(event["number"])})
    for lane, found in lanes.items():
        at = {"x": across, "y": {"value": -UNIT - (lane + 0.5) * (mark + 1)}}
        layers.append(make_layer("circle", found, at, size=mark * mark * 0.8, color=QUIET, opacity=1))
        if mark >= NUMBERED_FROM:
            numbered = at | {"text": encode_field("number", "nominal")}
            layers.append(make_layer("text", found, numbered, fontSize=10, color="white", dy=0.5))
    return replace(frame, top=frame.top + round(len(lanes) * (mark + 1))).write_specification(layers)


def _clear_neighbour(point: Row, points: Sequence[Row]) -> float:
    """Return the amount at which a bar's label stands: beyond the bar of the year before, if that is longer."""
    balance = float(point["balance"])
    before = next((float(one["balance"]) for one in points if one["year"] == point["year"] - 1), 0.0)
    return max(before, balance, key=abs) if before * balance > 0 else balance


def _choose_colour(row: Row) -> str:
    if row["balance_sign"] is None:
        return UNSIGNED
    colour = DEFICIT if row["balance_usd"] < 0 else SURPLUS
    return PROVISIONAL[colour] if row["observation_status"] == "P" else colour


def draw_lines(
    frame: Frame,
    rows: Sequence[Row],
    labels: Mapping[str, str],
    unit: str,
    *,
    has_legend: bool = False,
    has_zero: bool = False,
    is_one_year: bool = False,
    band: tuple[str, str] | None = None,
    rule: str | None = None,
) -> Spec:
    """Draw columns as lines by year or month, each with its colour and dashes, with a gap at missing periods.

    Args:
        frame: The space of the chart.
        rows: The rows in order, each with `year` (2026, or 2026-01) and the columns; at least one has a figure.
        labels: The columns to draw, with the label of each line.
        unit: The unit of the columns.
        has_legend: Whether to draw a legend below the plot.
        has_zero: Whether the axis includes zero; it always does for amounts and persons.
        is_one_year: Whether `year` is the number of a month, 1 to 12; then the last value of each line is labelled.
        band: The columns of the lower and the upper edge of a band behind the lines, if any.
        rule: The period at which to draw a vertical line, if any.
    """
    frame = replace(frame, bottom=frame.bottom + 30) if has_legend else frame
    size, shown = {"percent": (1.0, "%"), "persons": (1e3, "thousand")}.get(unit, (1.0, unit))
    if unit == "US$":
        size, shown = scale_amounts([row[name] for row in rows for name in labels if row[name] is not None])
    values = {row["year"]: row for row in rows}
    periods: Sequence[int | str] = list(values)
    if isinstance(rows[0]["year"], int):
        periods = list(range(rows[0]["year"], rows[-1]["year"] + 1))
    points: list[Spec] = [
        {
            "year": period,
            "line": label,
            "value": None if (value := values.get(period, {}).get(name)) is None else value / size,
        }
        for period in periods
        for name, label in labels.items()
    ]
    names, is_amount = list(labels.values()), "US$" in unit
    legend = {"title": None, "orient": "bottom", "labelLimit": 0, "symbolStrokeWidth": 0} if has_legend else None
    colours = {"domain": names, "range": list(LINES[: len(names)])}
    across = place_months_of_year() if is_one_year else place_periods(periods, frame)
    channels = {
        "x": across,
        "y": encode_field("value", axis={"title": shown}, scale={"zero": has_zero or is_amount or unit == "persons"}),
        "color": encode_field("line", "nominal", scale=colours, legend=legend),
    }
    dashes = {"strokeDash": encode_field("line", "nominal", scale={"domain": names}, legend=None)}
    layers = []
    if band is not None:
        edges = [(row["year"], row[band[0]], row[band[1]]) for row in rows if row[band[0]] is not None]
        known = [{"year": year, "low": low / size, "high": high / size} for year, low, high in edges]
        heights = {"x": across, "y": encode_field("low"), "y2": {"field": "high"}}
        wide = max(frame.width / (12 if is_one_year else len(rows)) - 2, 3)
        layers.append(make_layer("rule", known, heights, strokeWidth=wide, color=GRID, opacity=1))
    if rule is not None:
        layers.append(make_layer("rule", [{"year": rule}], {"x": across}, color=QUIET, strokeDash=[2, 2]))
    layers.append(make_layer("line", points, channels | dashes, strokeWidth=2.5))
    # With too many periods the points would overlap.
    if len(periods) * POINT < frame.width:
        layers.append(make_layer("point", points, channels, filled=True, size=36, opacity=1))
    if is_amount:
        layers.append(make_layer("rule", [{"value": 0}], {"y": encode_field("value")}, color=INK))
    place = {"x": encode_field("year", "ordinal"), "y": encode_field("value"), "text": encode_field("words", "nominal")}
    for label, colour in zip(names if is_one_year else [], LINES, strict=False):
        held = [point for point in points if point["line"] == label and point["value"] is not None]
        if held:
            end = held[-1] | {"words": format_number(held[-1]["value"])}
            style = {"align": "right", "dy": 14 if end["value"] < 0 else -11, "dx": 6, "fontSize": frame.font}
            layers.append(make_layer("text", [end], place, **style, fontWeight="bold", color=colour))
    return frame.write_specification(layers)


def draw_steps(frame: Frame, rows: Sequence[Row]) -> Spec:
    """Draw the steps from one balance to another as a waterfall: one bar per step, with its name above.

    Args:
        frame: The space of the chart.
        rows: The rows in order, each with `label`, `value` in US$, `is_level` (a balance, not a step) and `is_held`
            (otherwise the bar is only outlined).
    """
    size, unit = scale_amounts([row["value"] for row in rows])
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
                "words": f"{sign}{format_number(value, 2)}",
                "colour": DEFICIT if value < 0 else SURPLUS,
                "is_held": row["is_held"],
                "far": max(start, at, 0.0),
            }
        )
    ends = [edge for bar in bars for edge in (bar["start"], bar["end"], 0.0)]
    low, high = min(ends), max(ends)
    room = {"domain": [low - 0.02 * (high - low), high + 0.24 * (high - low)], "nice": False}
    title = {"title": unit, "titleAnchor": "start", "titleX": 0, "titlePadding": 6}
    across = encode_field("start", scale=room, axis={**title, "tickCount": 4, "labelPadding": 4, "ticks": False})
    down = encode_field("y", scale=None, axis=None)
    span = {"x": across, "x2": {"field": "end"}, "y": down}
    colour = encode_field("colour", "nominal", scale=None)
    thick = {"height": 16, "yOffset": 26}
    held, lacking = ([bar for bar in bars if bar["is_held"] == wanted] for wanted in (True, False))
    label = {"x": {"value": 4}, "y": down, "text": encode_field("label", "nominal")}
    amount = {"x": encode_field("far", scale=room), "y": down, "text": encode_field("words", "nominal")}
    layers = [
        make_layer("bar", held, span | {"color": colour}, **thick),
        make_layer("bar", lacking, span | {"stroke": colour, "fill": colour}, **thick, **OUTLINED),
        make_layer("rule", [{"start": 0}], {"x": across}, color=INK),
        make_layer("text", bars, label, align="left", dy=8, fontSize=frame.font, color=INK),
        make_layer("text", bars, amount, align="left", dx=6, dy=27, fontSize=frame.font, fontWeight="bold", color=INK),
    ]
    size_taken = {"width": frame.width + frame.left - MARGIN, "height": STEP * len(rows)}
    return replace(frame, **size_taken, left=MARGIN, top=12, bottom=frame.bottom + 20).write_specification(layers)


def draw_shares(frame: Frame, rows: Sequence[Row]) -> Spec:
    """Draw a share by year as bars; outline the bars of incomplete years or products.

    Args:
        frame: The space of the chart.
        rows: One row per year, in order, with `year`, `share_pct`, `is_whole` and `mark`.
    """
    points = [
        {**row, "words": f"{row['mark'] if frame.numbered > FEW else ''}{format_number(row['share_pct'])}"}
        for row in rows
        if row["share_pct"] is not None
    ]
    channels = {
        "x": place_periods([row["year"] for row in rows], frame),
        "y": encode_field("share_pct", axis={"title": "%"}),
    }
    whole, part = ([point for point in points if point["is_whole"] == wanted] for wanted in (True, False))
    words = channels | {"text": encode_field("words", "nominal")}
    layers = [
        make_layer("bar", whole, channels, color=SURPLUS),
        make_layer("bar", part, channels, color=SURPLUS, stroke=SURPLUS, **OUTLINED),
        make_layer("text", points, words, dy=-7, fontSize=frame.font - 1, color=INK),
    ]
    return frame.write_specification(layers)


def draw_placebos(frame: Frame, placebos: Sequence[float], own: float, critical: float | None) -> Spec:
    """Draw the effects of the placebos and of the series as ticks, over the band of effects that are not significant.

    Args:
        frame: The space of the chart.
        placebos: The effect of each placebo, as a multiple of its usual size.
        own: The effect on the series, as a multiple of its usual size.
        critical: The multiple from which an effect is significant; None with too few placebos.
    """
    far = max(abs(own), *(abs(value) for value in placebos), critical or 0) * 1.08
    title = {"title": "Effect, in multiples of its usual size", "titleAnchor": "start", "titleX": 0, "titlePadding": 6}
    axis = {**title, "tickCount": 6, "ticks": False, "grid": False}
    across = {"x": encode_field("value", scale={"domain": [-far, far], "nice": False}, axis=axis)}
    layers = [
        make_layer(
            "tick", [{"value": value} for value in placebos], across, color=QUIET, thickness=1.5, size=26, opacity=1
        ),
        make_layer("tick", [{"value": own}], across, color=SURPLUS, thickness=4, size=40, opacity=1),
        make_layer("rule", [{"value": 0}], across, color=INK),
    ]
    if critical is not None:
        band = [{"value": -critical, "end": critical}]
        layers.insert(0, make_layer("bar", band, across | {"x2": {"field": "end"}}, color=GRID, height=34))
    return replace(frame, top=10, height=44, bottom=frame.bottom + 22).write_specification(layers)
