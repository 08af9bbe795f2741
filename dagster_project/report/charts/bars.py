"""Draw bars: shares by year, and the contributions to a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dagster_project.report.charts.canvas import CLEAR, GAP, LINE, Box, Canvas, Frame, Spot, measure_text, wrap_text
from dagster_project.report.charts.scales import DECIMALS, format_number, scale_unit

Row = Mapping[str, Any]
# The height of a bar of a contribution, the space between two, and the share of the picture for names beside them.
THICK, SPACE, BESIDE = 18, 14, 0.42


def draw_shares(frame: Frame, rows: Sequence[Row]) -> Canvas:
    """Draw a share by year as bars, from the first to the last share; outline a bar whose share is incomplete.

    Args:
        frame: The size of the chart.
        rows: One row per year, in order, with `year`, `share_pct`, `is_whole` and `mark` (a text before the number).
    """
    held = [row for row in rows if row["share_pct"] is not None]
    rows = [row for row in rows if held[0]["year"] <= row["year"] <= held[-1]["year"]]
    canvas = Canvas(frame, frame.height)
    canvas.open_plot([row["share_pct"] for row in held], frame.font + 6)
    step = (canvas.plot.right - canvas.plot.left) / len(rows)
    centres = {row["year"]: canvas.plot.left + step * (place + 0.5) for place, row in enumerate(rows)}
    canvas.write_periods(centres)
    texts = {row["year"]: [f"{row['mark']}{format_number(row['share_pct'])}"] for row in held}
    # Where not all texts have room, the first, the last whole and the last year have one, below the mark that each has.
    if max(measure_text(text, frame.font) for (text,) in texts.values()) + 2 * CLEAR > step:
        shown = [held[0], *[row for row in held if row["is_whole"]][-1:], held[-1]]
        marks = {row["year"]: [row["mark"]] if row["mark"] else [] for row in held}
        texts = marks | {row["year"]: [*marks[row["year"]], format_number(row["share_pct"])] for row in shown}
    for row in held:
        x, y = centres[row["year"]], canvas.to_y(row["share_pct"])
        look = "plus" if row["is_whole"] else "plus lacking"
        canvas.draw_bar(look, Box(x - step * 0.4, y, x + step * 0.4, canvas.plot.bottom), row["year"])
    for row in held:
        if texts[row["year"]]:
            spot = Spot(centres[row["year"]], canvas.to_y(row["share_pct"]) - 4, "middle", 1)
            canvas.place("", texts[row["year"]], [spot], row["year"])
    return canvas


def draw_contributions(frame: Frame, rows: Sequence[Row]) -> Canvas:
    """Draw the contributions to a change as bars on both sides of zero, each with its name and amount.

    Args:
        frame: The size of the chart; the number of bars determines the height.
        rows: The rows in order, each with `label`, `value` in US$ and `is_held` (if false, the bar is only outlined);
            the last row is the change itself.
    """
    font = frame.font
    values, decimals = _scale_contributions(rows)
    texts = [f"{'+' if value > 0 else ''}{format_number(value, decimals)}" for value in values]
    wide = max(measure_text(text, font, is_strong=True) for text in texts) + GAP
    # Names stand beside the bars, or above them where there is no room.
    column = 0 if frame.is_narrow else frame.width * BESIDE
    names = [wrap_text(row["label"], font, column - 8 if column else frame.width, is_strong=True) for row in rows]
    tall = [font * LINE * (len(name) - 1 if column else len(name)) for name in names]
    low, high = min(0.0, *values), max(0.0, *values)
    left, right = column + GAP + (wide if low < 0 else 0), frame.width - (wide if high > 0 else 0)
    canvas, top = Canvas(frame, sum(tall) + len(rows) * (THICK + SPACE)), SPACE / 2
    zero, pixels = left - low * (right - left) / (high - low or 1), (right - left) / (high - low or 1)
    for number, (row, value) in enumerate(zip(rows, values, strict=True)):
        strong = "strong" if row is rows[-1] else ""
        above = Spot(1, top + tall[number] - 2, "start", 1)
        name = Spot(column - 8, top + (tall[number] + THICK) / 2, "end") if column else above
        canvas.place(strong, names[number], [name], number, is_sure=True)
        top += tall[number] / 2 if column else tall[number]
        edges = sorted((zero, zero + value * pixels))
        look = f"{'plus' if value > 0 else 'minus'}{'' if row['is_held'] else ' lacking'}"
        canvas.draw_bar(look, Box(edges[0], top, max(edges[1], edges[0] + 1), top + THICK), number)
        amount = Spot(edges[1] + GAP, top + THICK / 2) if value > 0 else Spot(edges[0] - GAP, top + THICK / 2, "end")
        canvas.place(strong, [texts[number]], [amount], number, is_sure=True)
        canvas.draw_rule("axis", "axis", (zero, top - 1), (zero, top + THICK + 1))
        top += THICK + SPACE + (tall[number] / 2 if column else 0)
    return canvas


def add_up(rows: Sequence[Row]) -> bool:
    """Return whether the printed contributions add up to the printed change."""
    values, decimals = _scale_contributions(rows)
    *parts, total = (round(value, decimals) for value in values)
    return round(sum(parts), decimals) == total


def _scale_contributions(rows: Sequence[Row]) -> tuple[list[float], int]:
    """Return contributions in the unit of the chart, and the number of decimals to print."""
    size, _ = scale_unit("US$", [row["value"] for row in rows])
    return [row["value"] / size for row in rows], DECIMALS.get(size, 1) + 1
