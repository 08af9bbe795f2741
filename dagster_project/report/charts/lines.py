"""Draw lines by year or month, each with its name beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
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
Point = tuple[float, float]
LOOKS = ("first", "second", "third")
# The widest name of a line, as a share of the picture, and the half width of an interval.
WIDEST, HALF = 0.24, 6


def draw_lines(
    frame: Frame,
    rows: Sequence[Row],
    labels: Mapping[str, str],
    unit: str,
    *,
    has_zero: bool = False,
    is_one_year: bool = False,
    is_shaded: bool = False,
    dashed: Collection[str] = (),
    interval: tuple[str, str] | None = None,
    rule: tuple[str, str] | None = None,
    shared: Sequence[float] = (),
) -> Canvas:
    """Draw columns as lines by year or month, each with its name and last value, with a gap at missing periods.

    Args:
        frame: The size of the chart.
        rows: The rows in order, each with `year` (2026, or 2026-01) and the columns; at least one has a figure.
        labels: The columns to draw, with the name of each line; an empty name leaves the value alone.
        unit: The unit of the columns.
        has_zero: Whether the axis includes zero; it always does for persons.
        is_one_year: Whether `year` is the number of a month, 1 to 12.
        is_shaded: Whether to shade the area between the first two lines.
        dashed: The columns with dashed lines, which are estimates.
        interval: The columns of the lower and the upper end of an interval around the first line, if any.
        rule: The period at which to draw a vertical line, and its name, if any.
        shared: Values that the axis includes as well, so that two charts have the same.
    """
    font = frame.font
    names = [*labels, *(interval or ())]
    size, _ = scale_unit(unit, [row[name] for row in rows for name in names if row[name] is not None])
    held = {row["year"]: row for row in rows}
    periods: Sequence[int | str] = list(range(1, 13)) if is_one_year else list(held)
    if not is_one_year and isinstance(rows[0]["year"], int):
        periods = list(range(rows[0]["year"], rows[-1]["year"] + 1))
    values = {
        name: {p: held[p][name] / size for p in periods if p in held and held[p][name] is not None} for name in names
    }
    drawn = [name for name in labels if values[name]]
    ends = {name: list(values[name])[-1] for name in drawn}
    texts = {
        name: wrap_text(
            write_text("line", name=labels[name], value=_format_value(values[name][ends[name]], unit)).strip(": "),
            font,
            frame.width * WIDEST,
            is_strong=True,
        )
        for name in drawn
    }
    # Names of lines that end at the right edge stand on the right of the plot.
    outside = [name for name in drawn if ends[name] == periods[-1]]
    wide = [measure_text(line, font, is_strong=True) for name in outside for line in texts[name]]
    canvas = Canvas(frame)
    plot = Plot.open(
        canvas,
        [*shared, *(value for name in names for value in values[name].values())],
        top=8 + (font * LINE if rule else 0),
        right=max(wide, default=0) + GAP + 6,
        has_zero=has_zero or unit == "persons",
        pad=font,
    )
    start = plot.left + GAP
    step = (plot.right - start - GAP) / max(len(periods) - 1, 1)
    places = {period: start + step * number for number, period in enumerate(periods)}
    points = {name: {p: (places[p], plot.to_y(value)) for p, value in values[name].items()} for name in names}
    if is_shaded:
        one, other = (points[name] for name in list(labels)[:2])
        for run in _find_runs([p for p in one if p in other], periods):
            area = [one[p] for p in run] + [other[p] for p in reversed(run)]
            canvas.add("path", "band", "band", d="M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in area) + "Z")
    if interval is not None:
        low, high = (points[name] for name in interval)
        for period in low:
            x = places[period]
            canvas.draw_bar("interval", Box(x - HALF, high[period][1], x + HALF, low[period][1]), f"{period}-interval")
    if rule is not None:
        x = places[rule[0]]
        canvas.draw_rule("rule", "", x, 2, x, plot.bottom, "rule")
    for name, look in zip(labels, LOOKS, strict=False):
        for run in _find_runs(list(points[name]), periods):
            if len(run) > 1:
                canvas.draw_line(f"{look} dashed" if name in dashed else look, [points[name][p] for p in run], name)
            else:
                canvas.draw_dot(look, *points[name][run[0]], 2.5, name)
        if name in ends:
            canvas.draw_dot(look, *points[name][ends[name]], 3.0, name)
    if is_one_year:
        for month, x in zip(write_text("months").split(), places.values(), strict=True):
            plot.write_below(month, x)
    else:
        plot.write_periods(list(places.items()))
    if rule is not None:
        top = 2 + font * 0.5
        canvas.place("label", "soft", [rule[1]], [Spot(x + GAP, top), Spot(x - GAP, top, "end")], key="rule")
    looks = dict(zip(labels, LOOKS, strict=False))
    outside.sort(key=lambda name: points[name][ends[name]][1])
    tall = [font * (LINE * (len(texts[name]) - 1) + ASCENT + DESCENT) + 5 for name in outside]
    middles = spread_centres([points[name][ends[name]][1] for name in outside], tall, 0, plot.bottom + font)
    for name, middle in zip(outside, middles, strict=True):
        spot = Spot(places[ends[name]] + GAP + 4, middle)
        canvas.place("label", f"{looks[name]} strong", texts[name], [spot], key=name, is_sure=True)
    for name in drawn:
        if name not in outside:
            spots = list(_list_spots([points[name][p] for p in reversed(points[name])]))
            look = f"{looks[name]} strong"
            if not canvas.place("label", look, texts[name], spots, key=name):
                canvas.place("label", look, [texts[name][-1]], spots, key=name)
    if interval is not None:
        period = list(low)[-1]
        for name, lift, shift in ((interval[1], 1, -4), (interval[0], 0, 4)):
            spot = Spot(places[period], points[name][period][1] + shift, "middle", lift)
            text = _format_value(values[name][period], unit)
            canvas.place("label", "soft", [text], [spot], key=f"{period}-interval")
    return canvas


def _format_value(value: float, unit: str) -> str:
    return f"{format_number(value)}%" if unit == "percent" else format_number(value)


def _list_spots(points: Sequence[Point]) -> Iterator[Spot]:
    """Yield spots for the name of a line: on the right of its end, then above and below its points, from the last on."""
    (x, y), *_ = points
    yield Spot(x + GAP + 4, y)
    for x, y in points:
        for far in (8, 14):
            yield Spot(x, y - far, "middle", 1)
            yield Spot(x, y + far, "middle", 0)
            yield Spot(x, y - far, "end", 1)
            yield Spot(x, y + far, "end", 0)


def _find_runs(known: Sequence[int | str], periods: Sequence[int | str]) -> Iterator[list[int | str]]:
    """Yield the periods with a figure, in runs without a gap."""
    run: list[int | str] = []
    for period in periods:
        if period in known:
            run.append(period)
        elif run:
            yield run
            run = []
    if run:
        yield run
