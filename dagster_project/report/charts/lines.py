"""Draw lines by year or month, each with its name beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from dagster_project.questions.wording import format_number
from dagster_project.report.charts.canvas import GAP, LINE, Box, Canvas, Frame, Point, Spot, measure_text, wrap_text
from dagster_project.report.charts.scales import DECIMALS, scale_unit
from dagster_project.report.charts.texts import write_text

Row = Mapping[str, Any]
Period = int | str
LOOKS = ("first", "second", "third")
# The widest name of a line, as a share of the picture, and the half width of an interval.
WIDEST, HALF = 0.26, 6
# How far a label may be above or below the end of its line, and a point of it; the spots that are beside its end.
SHIFTS, FAR = (0, 4, -4, 8, -8, 12, -12, 16, -16, 20, -20, 26, -26, 32, -32, 40, -40, 48, -48), (8, 14, 22, 32)
NEAR = len(SHIFTS) + 6 * len(FAR)


class _Line(NamedTuple):
    """A line: its column, CSS class and values by period; its label has the name and the last value."""

    key: str
    look: str
    name: str
    last: str
    values: Mapping[Period, float]


def draw_lines(
    frame: Frame,
    rows: Sequence[Row],
    labels: Mapping[str, str],
    unit: str,
    *,
    has_zero: bool = True,
    has_values: bool = True,
    is_one_year: bool = False,
    is_shaded: bool = False,
    dashed: Collection[str] = (),
    interval: Sequence[str] = (),
    hollow: Mapping[str, Collection[Period]] | None = None,
    rule: tuple[Period, str] | None = None,
    peak: tuple[str, Period, str] | None = None,
    shared: Sequence[float] = (),
) -> Canvas:
    """Draw columns as lines by year or month, each with its name and last value; leave a gap at missing periods.

    Args:
        frame: The size of the chart.
        rows: The rows in order, each with `year` (2026, or 2026-01) and the columns; at least one has a figure.
        labels: The columns to draw, with the name of each line; if a name is empty, the label is only the value.
        unit: The unit of the columns.
        has_zero: Whether the axis includes zero.
        has_values: Whether labels have the last values.
        is_one_year: Whether `year` is the number of a month, 1 to 12.
        is_shaded: Whether to shade the area between the first two lines.
        dashed: The columns with dashed lines, which are estimates.
        interval: The columns of the lower and the upper end of an interval, if any; then the line is only dots.
        hollow: For each column, the periods with values quoted from a publication, drawn as hollow dots, if any.
        rule: The period for a vertical line, and the name to write above the line.
        peak: A column, a period before its last that gets a dot and a label, and the month that the label names.
        shared: Values that the axis includes too, so that two charts have the same axis.
    """
    names = [*labels, *interval]
    size, _ = scale_unit(unit, [row[name] for row in rows for name in names if row[name] is not None])
    held = {name: {row["year"]: row[name] / size for row in rows if row[name] is not None} for name in names}
    ends = {name: list(held[name].values())[-1] for name in names if held[name]}
    last, sign = {name: ends[name] for name in labels if name in ends}, "%" if unit == "percent" else ""
    written = [*ends.values(), *([held[peak[0]].get(peak[1], size)] if peak is not None else [])]
    # An amount below one billion has a decimal more, as in titles, and estimates rounded to whole numbers have none.
    decimals = DECIMALS.get(size, 1) + (unit == "US$" and min(map(abs, written)) < 10 ** (1 - DECIMALS.get(size, 1)))
    decimals *= any(value % 1 for value in written)
    shown = {name: f"{format_number(value, decimals)}{sign}" if has_values else "" for name, value in last.items()}
    looks = zip(labels, LOOKS, strict=False)
    lines = [_Line(name, look, labels[name], shown[name], held[name]) for name, look in looks if name in last]
    latest = [line for line in lines if (12 if is_one_year else rows[-1]["year"]) in line.values]
    texts = [text for line in latest for text in _wrap_label(frame, line.name, line.last)]
    wide = max((measure_text(text, frame.font, is_strong=True) for text in texts), default=0)
    # A label above a line that ends earlier than the others needs room, but charts that share an axis have the same.
    pad = frame.font * (3 if len(lines) > max(len(latest), 1) and not shared else 1)
    over = wrap_text(rule[1], frame.font, frame.width) if rule else []
    top, values = 8 + (frame.font * LINE + 3) * len(over), [value for one in held.values() for value in one.values()]
    canvas = Canvas(frame, frame.height)
    canvas.open_plot([*shared, *values], pad, top=top, right=wide + 2 * GAP + 2, has_zero=has_zero)
    places = _place_periods(canvas, range(1, 13) if is_one_year else [row["year"] for row in rows])
    if is_shaded and len(lines) > 1:
        _shade_between(canvas, places, lines[0].values, lines[1].values)
    if any(held[name] for name in interval):
        _draw_intervals(canvas, places, [held[name] for name in interval], decimals)
    if rule is not None:
        _draw_rule(canvas, places[rule[0]], over)
    for line in lines:
        if interval:
            for period, value in line.values.items():
                canvas.draw_dot(line.look, places[period], canvas.to_y(value), 4, line.key)
        else:
            _draw_line(canvas, places, line, (hollow or {}).get(line.key, ()), is_dashed=line.key in dashed)
    months = "months_narrow" if frame.is_narrow else "months"
    canvas.write_periods(places, write_text(months).split() if is_one_year else ())
    for line in sorted(lines, key=lambda line: last[line.key], reverse=True):
        _write_label(canvas, places, line, is_dashed=line.key in dashed)
    for line in lines:
        if peak is not None and line.key == peak[0] and peak[1] in list(line.values)[:-1]:
            at, value = (places[peak[1]], canvas.to_y(line.values[peak[1]])), line.values[peak[1]]
            _write_peak(canvas, line, at, peak[2], f"{format_number(value, decimals)}{sign}")
    return canvas


def _place_periods(canvas: Canvas, held: Sequence[Period]) -> dict[Period, float]:
    """Return the x coordinate of each period, also of years between them that have no figures."""
    first, last, start, end = held[0], held[-1], canvas.plot.left + GAP, canvas.plot.right - GAP
    periods = range(first, last + 1) if isinstance(first, int) and isinstance(last, int) else held
    return {period: start + (end - start) * number / max(len(periods) - 1, 1) for number, period in enumerate(periods)}


def _wrap_label(frame: Frame, name: str, value: str) -> list[str]:
    """Break the label of a line into rows of text."""
    whole = write_text("line", name=name, value=value) if name and value else name or value
    return [line.removesuffix(":") for line in wrap_text(whole, frame.font, frame.width * WIDEST, is_strong=True)]


def _find_runs(canvas: Canvas, places: Mapping[Period, float], values: Mapping[Period, float]) -> list[list[Point]]:
    """Split the points of a line into runs, each without a missing period."""
    runs: list[list[Point]] = [[]]
    for period, x in places.items():
        if period in values:
            runs[-1].append((x, canvas.to_y(values[period])))
        else:
            runs.append([])
    return [run for run in runs if run]


def _shade_between(
    canvas: Canvas, places: Mapping[Period, float], above: Mapping[Period, float], below: Mapping[Period, float]
) -> None:
    """Shade the area between two lines in the periods in which both lines have values."""
    sides = ({period: one[period] for period in above if period in below} for one in (above, below))
    runs = zip(*(_find_runs(canvas, places, side) for side in sides), strict=True)
    canvas.draw_line("band", ([*one, *reversed(other)] for one, other in runs), role="band")


def _draw_intervals(
    canvas: Canvas, places: Mapping[Period, float], ends: Sequence[Mapping[Period, float]], decimals: int
) -> None:
    """Draw an interval for each period, and write the values of both ends of the last interval."""
    low, high = ends
    for period in low:
        x, key = places[period], f"interval-{period}"
        canvas.draw_bar("interval", Box(x - HALF, canvas.to_y(high[period]), x + HALF, canvas.to_y(low[period])), key)
    for value, lift, shift in ((low[period], 0, 4), (high[period], 1, -4)):
        y = canvas.to_y(value)
        spots = [Spot(x + HALF + GAP, y), Spot(x, y + shift, "middle", lift)]
        canvas.place("soft", [format_number(value, decimals)], spots, key)


def _write_peak(canvas: Canvas, line: _Line, at: Point, month: str, value: str) -> None:
    """Draw a dot on a line, with its month and value, or with its value alone where both have no room."""
    canvas.draw_dot(line.look, *at, 3, line.key)
    spots = [Spot(at[0], at[1] - 6, "middle", 1), *(one for one in _list_spots([at]) if abs(one.y - at[1]) < 30)]
    texts = write_text("peak", month=month, value=value), value
    any(canvas.place(line.look, [text], spots, line.key) for text in texts)


def _draw_rule(canvas: Canvas, x: float, name: Sequence[str]) -> None:
    canvas.draw_rule("rule", "", (x, canvas.plot.top - 6), (x, canvas.plot.bottom), "rule")
    half = max(measure_text(line, canvas.frame.font) for line in name) / 2
    spot = Spot(min(max(x, half), canvas.frame.width - half), 3, "middle", 0)
    canvas.place("soft", name, [spot], "rule", is_sure=True)


def _draw_line(
    canvas: Canvas, places: Mapping[Period, float], line: _Line, hollow: Collection[Period], *, is_dashed: bool
) -> None:
    runs = _find_runs(canvas, places, line.values)
    if is_dashed:
        canvas.draw_line(f"{line.look} dashed", runs, line.key)
        for run in [run for run in runs if len(run) == 1]:
            canvas.draw_dot(line.look, *run[-1], 3, line.key)
    else:
        canvas.draw_line(line.look, runs, line.key)
        canvas.draw_dot(line.look, *runs[-1][-1], 3, line.key)
    for period in hollow:
        canvas.draw_dot(f"{line.look} hollow", places[period], canvas.to_y(line.values[period]), 4, line.key)


def _write_label(canvas: Canvas, places: Mapping[Period, float], line: _Line, *, is_dashed: bool) -> None:
    """Write the name and the value of a line beside its end, or its name alone beside any of its points.

    The name of an estimate stands above its highest point, because another line runs beside its end.
    """
    points = [point for run in _find_runs(canvas, places, line.values) for point in run]
    spots, look = list(_list_spots(points[::-1])), f"{line.look} strong"
    if is_dashed and not line.last:
        x, y = min(points, key=lambda point: point[1])
        spots = [Spot(x, y - far, anchor, 1) for far in FAR for anchor in ("middle", "start", "end")] + spots
    if not canvas.place(look, _wrap_label(canvas.frame, line.name, line.last), spots[:NEAR], line.key) and line.name:
        canvas.place(look, _wrap_label(canvas.frame, line.name, ""), spots, line.key)


def _list_spots(points: Sequence[Point]) -> Iterator[Spot]:
    """Yield spots for the label of a line: right of the last point, then above and below each point, last to first."""
    yield from (Spot(points[0][0] + GAP + 4, points[0][1] + shift) for shift in SHIFTS)
    for x, y in points:
        for far in FAR:
            for anchor in ("start", "middle", "end"):
                yield from (Spot(x, y - far, anchor, 1), Spot(x, y + far, anchor, 0))
