"""Draw lines by year or month, each with its name beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from dagster_project.report.charts.canvas import (
    ASCENT,
    GAP,
    LINE,
    Box,
    Canvas,
    Frame,
    Point,
    Spot,
    measure_text,
    wrap_text,
)
from dagster_project.report.charts.scales import format_number, scale_unit
from dagster_project.report.charts.texts import write_text

Row = Mapping[str, Any]
Period = int | str
LOOKS = ("first", "second", "third")
# The widest name of a line, as a share of the picture, and the half width of an interval.
WIDEST, HALF = 0.26, 6
# How far a label may be above or below the end of its line, and a point of it; the spots that are beside its end.
SHIFTS, FAR = (0, 4, -4, 8, -8, 12, -12, 16, -16, 20, -20, 26, -26, 32, -32, 40, -40, 48, -48), (8, 14, 22, 32)
NEAR = len(SHIFTS) + 6 * len(FAR)


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
    shared: Sequence[float] = (),
) -> Canvas:
    """Draw columns as lines by year or month, each with its name and last value, with a gap at missing periods.

    Args:
        frame: The size of the chart.
        rows: The rows in order, each with `year` (2026, or 2026-01) and the columns; at least one has a figure.
        labels: The columns to draw, with the name of each line; an empty name leaves the value alone.
        unit: The unit of the columns.
        has_zero: Whether the axis includes zero.
        has_values: Whether labels have the last values.
        is_one_year: Whether `year` is the number of a month, 1 to 12.
        is_shaded: Whether to shade the area between the first two lines.
        dashed: The columns with dashed lines, which are estimates.
        interval: The columns of the lower and the upper end of an interval around the first line, if any.
        hollow: The periods of each column at which to draw a hollow dot, because it is only quoted, if any.
        rule: The period at which to draw a vertical line, and its name, if any.
        shared: Values that the axis includes as well, so that two charts have the same.
    """
    names = [*labels, *interval]
    size, _ = scale_unit(unit, [row[name] for row in rows for name in names if row[name] is not None])
    held = {name: {row["year"]: row[name] / size for row in rows if row[name] is not None} for name in names}
    periods: Sequence[Period] = list(range(1, 13)) if is_one_year else [row["year"] for row in rows]
    if not is_one_year and isinstance(rows[0]["year"], int):
        periods = range(rows[0]["year"], rows[-1]["year"] + 1)
    drawn = {name: look for name, look in zip(labels, LOOKS, strict=False) if held[name]}
    ends = {name: list(held[name])[-1] for name in drawn}
    texts = {
        name: _wrap_label(frame, labels[name], _format_value(held[name][ends[name]], unit) if has_values else "")
        for name in drawn
    }
    outside = [text for name, lines in texts.items() if ends[name] == periods[-1] for text in lines]
    wide = max((measure_text(text, frame.font, is_strong=True) for text in outside), default=0)
    canvas = Canvas(frame, frame.height)
    values = [*shared, *(value for one in held.values() for value in one.values())]
    top = 8 + (frame.font * LINE if rule else 0)
    # A label above a line that ends earlier than the others needs room, but charts that share an axis have the same.
    is_early = len(drawn) > 1 and not shared and any(end != periods[-1] for end in ends.values())
    pad = frame.font * (3 if is_early else 1)
    canvas.open_plot(values, pad, top=top, right=wide + 2 * GAP + 2, has_zero=has_zero)
    start, end = canvas.plot.left + GAP, canvas.plot.right - GAP
    places = {p: start + (end - start) * number / max(len(periods) - 1, 1) for number, p in enumerate(periods)}
    points = {name: {p: (places[p], canvas.to_y(value)) for p, value in held[name].items()} for name in names}
    if is_shaded and len(drawn) > 1:
        above, below = (points[name] for name in list(drawn)[:2])
        shared_runs = _find_runs([p for p in above if p in below], periods)
        areas = ([*(above[p] for p in run), *(below[p] for p in reversed(run))] for run in shared_runs)
        canvas.draw_line("band", areas, role="band")
    if any(held[name] for name in interval):
        _draw_intervals(canvas, places, [held[name] for name in interval], unit)
    if rule is not None:
        x, high = places[rule[0]], frame.font * ASCENT / 2 + 2
        canvas.draw_rule("rule", "", (x, 2), (x, canvas.plot.bottom), "rule")
        canvas.place("soft", [rule[1]], [Spot(x + GAP, high), Spot(x - GAP, high, "end")], "rule")
    for name, look in drawn.items():
        runs = ([points[name][p] for p in run] for run in _find_runs(points[name], periods))
        canvas.draw_line(f"{look} dashed" if name in dashed else look, runs, name)
        canvas.draw_dot(look, *points[name][ends[name]], 3, name)
        for period in (hollow or {}).get(name, ()):
            canvas.draw_dot(f"{look} hollow", *points[name][period], 4, name)
    if is_one_year:
        for month, x in zip(write_text("months").split(), places.values(), strict=True):
            canvas.write_below(month, x)
    else:
        canvas.write_periods(places)
    for name in sorted(drawn, key=lambda name: points[name][ends[name]][1]):
        spots, look = list(_list_spots(list(points[name].values())[::-1])), f"{drawn[name]} strong"
        # A value stands beside the end of its line, a name beside any of its points.
        if not canvas.place(look, texts[name], spots[:NEAR], name) and labels[name]:
            canvas.place(look, _wrap_label(frame, labels[name], ""), spots, name)
    return canvas


def _format_value(value: float, unit: str) -> str:
    return f"{format_number(value)}%" if unit == "percent" else format_number(value)


def _wrap_label(frame: Frame, name: str, value: str) -> list[str]:
    """Write the label of a line in one line if it has room, and otherwise with its value in a line of its own."""
    widest = frame.width * WIDEST
    whole = write_text("line", name=name, value=value) if name and value else name or value
    if measure_text(whole, frame.font, is_strong=True) <= widest:
        return [whole]
    return [*wrap_text(name, frame.font, widest, is_strong=True), *([value] if value else [])]


def _draw_intervals(
    canvas: Canvas, places: Mapping[Period, float], ends: Sequence[Mapping[Period, float]], unit: str
) -> None:
    """Draw an interval for each period, with the values of its lower and upper end for the last."""
    low, high = ends
    for period in low:
        x, key = places[period], f"interval-{period}"
        canvas.draw_bar("interval", Box(x - HALF, canvas.to_y(high[period]), x + HALF, canvas.to_y(low[period])), key)
    for value, lift, shift in ((low[period], 0, 4), (high[period], 1, -4)):
        canvas.place("soft", [_format_value(value, unit)], [Spot(x, canvas.to_y(value) + shift, "middle", lift)], key)


def _list_spots(points: Sequence[Point]) -> Iterator[Spot]:
    """Yield spots for the label of a line: on the right of its end, then above and below its points, from the last."""
    yield from (Spot(points[0][0] + GAP + 4, points[0][1] + shift) for shift in SHIFTS)
    for x, y in points:
        for far in FAR:
            for anchor in ("start", "middle", "end"):
                yield from (Spot(x, y - far, anchor, 1), Spot(x, y + far, anchor, 0))


def _find_runs(known: Collection[Period], periods: Sequence[Period]) -> Iterator[list[Period]]:
    """Yield the periods with a figure, in runs without a gap."""
    run: list[Period] = []
    for period in [*periods, None]:
        if period is not None and period in known:
            run.append(period)
        elif run:
            yield run
            run = []
