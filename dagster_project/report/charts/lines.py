"""Draw lines by year or month, each with its name beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dagster_project.report.charts.canvas import (
    ASCENT,
    DESCENT,
    GAP,
    LINE,
    Box,
    Canvas,
    Frame,
    Plot,
    Spot,
    measure_text,
    spread_centres,
    wrap_text,
)
from dagster_project.report.charts.scales import format_number, scale_unit
from dagster_project.report.charts.texts import write_text

Row = Mapping[str, Any]
Period = int | str
Point = tuple[float, float]
LOOKS = ("first", "second", "third")
# The widest name of a line, as a share of the picture, and the half width of an interval.
WIDEST, HALF = 0.26, 6


@dataclass
class Line:
    """A line: its values by period, its class, and the lines of its label."""

    name: str
    values: Mapping[Period, float]
    look: str
    label: Sequence[str]

    @property
    def end(self) -> Period:
        return list(self.values)[-1]


def draw_lines(
    frame: Frame,
    rows: Sequence[Row],
    labels: Mapping[str, str],
    unit: str,
    *,
    has_zero: bool = False,
    has_values: bool = True,
    is_one_year: bool = False,
    is_shaded: bool = False,
    dashed: Collection[str] = (),
    interval: tuple[str, str] | None = None,
    rule: tuple[Period, str] | None = None,
    shared: Sequence[float] = (),
) -> Canvas:
    """Draw columns as lines by year or month, each with its name and last value, with a gap at missing periods.

    Args:
        frame: The size of the chart.
        rows: The rows in order, each with `year` (2026, or 2026-01) and the columns; at least one has a figure.
        labels: The columns to draw, with the name of each line; an empty name leaves the value alone.
        unit: The unit of the columns.
        has_zero: Whether the axis includes zero; it always does for persons.
        has_values: Whether labels have the last values.
        is_one_year: Whether `year` is the number of a month, 1 to 12.
        is_shaded: Whether to shade the area between the first two lines.
        dashed: The columns with dashed lines, which are estimates.
        interval: The columns of the lower and the upper end of an interval around the first line, if any.
        rule: The period at which to draw a vertical line, and its name, if any.
        shared: Values that the axis includes as well, so that two charts have the same.
    """
    names = [*labels, *(interval or ())]
    size, _ = scale_unit(unit, [row[name] for row in rows for name in names if row[name] is not None])
    held = {name: {row["year"]: row[name] / size for row in rows if row[name] is not None} for name in names}
    periods: Sequence[Period] = list(range(1, 13)) if is_one_year else [row["year"] for row in rows]
    if not is_one_year and isinstance(rows[0]["year"], int):
        periods = list(range(rows[0]["year"], rows[-1]["year"] + 1))
    lines = [
        Line(name, held[name], f"{look} dashed" if name in dashed else look, [])
        for name, look in zip(labels, LOOKS, strict=False)
        if held[name]
    ]
    for line in lines:
        value = _format_value(line.values[line.end], unit) if has_values else ""
        line.label = _wrap_label(frame, labels[line.name], value)
    wide = max((_measure_label(frame, line) for line in lines if line.end == periods[-1]), default=0)
    plot = Plot.open(
        Canvas(frame),
        [*shared, *(value for values in held.values() for value in values.values())],
        top=8 + (frame.font * LINE if rule else 0),
        right=wide + 2 * GAP + 2,
        has_zero=has_zero or unit == "persons",
        pad=frame.font,
    )
    step = (plot.right - plot.left - 2 * GAP) / max(len(periods) - 1, 1)
    places = {period: plot.left + GAP + step * number for number, period in enumerate(periods)}
    if is_shaded and len(lines) > 1:
        _shade_difference(plot, places, lines[0], lines[1])
    if interval is not None:
        _draw_intervals(plot, places, *(held[name] for name in interval), unit)
    if rule is not None:
        x, high = places[rule[0]], frame.font * ASCENT / 2 + 2
        plot.canvas.draw_rule("rule", "", x, 2, x, plot.bottom, "rule")
        spots = [Spot(x + GAP, high), Spot(x - GAP, high, "end")]
        plot.canvas.place("label", "soft", [rule[1]], spots, key="rule", is_sure=True)
    for line in lines:
        _draw_line(plot, places, line)
    if is_one_year:
        for month, x in zip(write_text("months").split(), places.values(), strict=True):
            plot.write_below(month, x)
    else:
        plot.write_periods(list(places.items()))
    _label_lines(plot, places, lines)
    return plot.canvas


def _format_value(value: float, unit: str) -> str:
    return f"{format_number(value)}%" if unit == "percent" else format_number(value)


def _wrap_label(frame: Frame, name: str, value: str) -> list[str]:
    """Write the label of a line in one line if it has room, and otherwise with its value in a line of its own."""
    widest = frame.width * WIDEST
    whole = write_text("line", name=name, value=value) if name and value else name or value
    if measure_text(whole, frame.font, is_strong=True) <= widest:
        return [whole]
    return [*wrap_text(name, frame.font, widest, is_strong=True), *([value] if value else [])]


def _measure_label(frame: Frame, line: Line) -> float:
    return max(measure_text(text, frame.font, is_strong=True) for text in line.label)


def _find_points(plot: Plot, places: Mapping[Period, float], values: Mapping[Period, float]) -> dict[Period, Point]:
    return {period: (places[period], plot.to_y(value)) for period, value in values.items()}


def _shade_difference(plot: Plot, places: Mapping[Period, float], one: Line, other: Line) -> None:
    above, below = (_find_points(plot, places, line.values) for line in (one, other))
    for run in _find_runs([period for period in above if period in below], list(places)):
        area = [above[period] for period in run] + [below[period] for period in reversed(run)]
        plot.canvas.add("path", "band", "band", d="M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in area) + "Z")


def _draw_intervals(
    plot: Plot, places: Mapping[Period, float], low: Mapping[Period, float], high: Mapping[Period, float], unit: str
) -> None:
    """Draw an interval for each period, with the ends of the last."""
    for period, x in places.items():
        if period in low:
            box = Box(x - HALF, plot.to_y(high[period]), x + HALF, plot.to_y(low[period]))
            plot.canvas.draw_bar("interval", box, f"interval-{period}")
    last = list(low)[-1]
    for value, lift, shift in ((high[last], 1, -4), (low[last], 0, 4)):
        spot = Spot(places[last], plot.to_y(value) + shift, "middle", lift)
        plot.canvas.place("label", "soft", [_format_value(value, unit)], [spot], key=f"interval-{last}")


def _draw_line(plot: Plot, places: Mapping[Period, float], line: Line) -> None:
    """Draw a line with a dot at its end, and a dot for each period between two gaps."""
    points = _find_points(plot, places, line.values)
    for run in _find_runs(list(points), list(places)):
        if len(run) > 1:
            plot.canvas.draw_line(line.look, [points[period] for period in run], line.name)
        else:
            plot.canvas.draw_dot(line.look, *points[run[0]], 2.5, line.name)
    plot.canvas.draw_dot(line.look, *points[line.end], 3.0, line.name)


def _label_lines(plot: Plot, places: Mapping[Period, float], lines: Sequence[Line]) -> None:
    """Write the labels: on the right of the plot where a line ends there, and otherwise at a free place beside it."""
    font, canvas = plot.canvas.frame.font, plot.canvas
    edge = list(places)[-1]
    outside = sorted((line for line in lines if line.end == edge), key=lambda line: -line.values[edge])
    tall = [font * (LINE * (len(line.label) - 1) + ASCENT + DESCENT) + 5 for line in outside]
    middles = spread_centres([plot.to_y(line.values[edge]) for line in outside], tall, 0, plot.bottom + font)
    for line, middle in zip(outside, middles, strict=True):
        spot = Spot(places[edge] + GAP + 4, middle)
        canvas.place("label", f"{line.look} strong", line.label, [spot], key=line.name, is_sure=True)
    for line in lines:
        if line not in outside:
            points = list(_find_points(plot, places, line.values).values())[::-1]
            canvas.place("label", f"{line.look} strong", line.label, list(_list_spots(points)), key=line.name)


def _list_spots(points: Sequence[Point]) -> Iterator[Spot]:
    """Yield spots for the label of a line: on the right of its end, then above and below its points."""
    yield Spot(points[0][0] + GAP + 4, points[0][1])
    for far in (8, 14, 22, 32):
        for x, y in points:
            for anchor in ("middle", "end", "start"):
                yield Spot(x, y - far, anchor, 1)
                yield Spot(x, y + far, anchor, 0)


def _find_runs(known: Collection[Period], periods: Sequence[Period]) -> Iterator[list[Period]]:
    """Yield the periods with a figure, in runs without a gap."""
    run: list[Period] = []
    for period in [*periods, None]:
        if period is not None and period in known:
            run.append(period)
        elif run:
            yield run
            run = []
