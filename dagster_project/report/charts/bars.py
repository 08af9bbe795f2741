"""Draw bars: shares by year, and the contributions to a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dagster_project.report.charts.canvas import GAP, LINE, Box, Canvas, Frame, Plot, Spot, measure_text, wrap_text
from dagster_project.report.charts.scales import format_number, scale_amounts

Row = Mapping[str, Any]
# The height of a bar of a contribution, the space between two, and the share of the picture for names beside them.
THICK, SPACE, BESIDE = 18, 14, 0.42


def draw_shares(frame: Frame, rows: Sequence[Row]) -> Canvas:
    """Draw a share by year as bars; outline the bars of incomplete years or products.

    Args:
        frame: The size of the chart.
        rows: One row per year, in order, with `year`, `share_pct`, `is_whole` and `mark`.
    """
    held = [row for row in rows if row["share_pct"] is not None]
    canvas = Canvas(frame)
    plot = Plot.open(canvas, [row["share_pct"] for row in held], has_zero=True, pad=frame.font + 6)
    step = (plot.right - plot.left) / len(rows)
    centres = {row["year"]: plot.left + step * (place + 0.5) for place, row in enumerate(rows)}
    half = step * 0.4
    for row in held:
        x = centres[row["year"]]
        box = Box(x - half, plot.to_y(row["share_pct"]), x + half, plot.bottom)
        canvas.draw_bar("plus" if row["is_whole"] else "plus lacking", box, row["year"])
    plot.write_periods(list(centres.items()))
    # Where a text is wider than a bar, its mark stands above the number.
    texts = {row["year"]: [f"{row['mark']}{format_number(row['share_pct'])}"] for row in held}
    if max(measure_text(text, frame.font) for (text,) in texts.values()) > step - 2:
        texts = {row["year"]: [row["mark"], format_number(row["share_pct"])][not row["mark"] :] for row in held}
    # The newest and the greatest come first, if not all have room.
    for row in sorted(held, key=lambda row: (row is not held[-1], -row["share_pct"])):
        spot = Spot(centres[row["year"]], plot.to_y(row["share_pct"]) - 4, "middle", 1)
        canvas.place("label", "", texts[row["year"]], [spot], key=row["year"])
    return canvas


def draw_contributions(frame: Frame, rows: Sequence[Row]) -> Canvas:
    """Draw the contributions to a change as bars on both sides of zero, each with its name and amount.

    Args:
        frame: The size of the chart; as many bars as there are determine the height.
        rows: The rows in order, each with `label`, `value` in US$, `is_held` (otherwise the bar is only outlined) and
            `is_total` (the change itself).
    """
    font = frame.font
    size, _ = scale_amounts([row["value"] for row in rows])
    values = [row["value"] / size for row in rows]
    texts = [f"{'+' if value > 0 else ''}{format_number(value, 2)}" for value in values]
    wide = max(measure_text(text, font, is_strong=True) for text in texts) + GAP
    # Names stand beside the bars, or above them where there is no room.
    column = 0 if frame.is_narrow else frame.width * BESIDE
    names = [
        wrap_text(row["label"], font, column - 8 if column else frame.width, is_strong=row["is_total"]) for row in rows
    ]
    tall = [font * LINE * (len(name) - 1 if column else len(name)) for name in names]
    low, high = min(0.0, *values), max(0.0, *values)
    left, right = column + GAP + (wide if low < 0 else 0), frame.width - (wide if high > 0 else 0)
    plot = Plot(
        Canvas(replace(frame, height=round(sum(tall) + len(rows) * (THICK + SPACE)))), left, right, 0, 0, low, high
    )
    canvas, top = plot.canvas, SPACE / 2

    def to_x(value: float) -> float:
        return left + (value - low) / (high - low or 1.0) * (right - left)

    for number, (row, value) in enumerate(zip(rows, values, strict=True)):
        strong = "strong" if row["is_total"] else ""
        name = Spot(column - 8, top + (tall[number] + THICK) / 2, "end") if column else Spot(0, top + tall[number] - 2, "start", 1)
        canvas.place("label", strong, names[number], [name], key=number, is_sure=True)
        # A bar stands beside the middle of its name, or below it.
        top += tall[number] / 2 if column else tall[number]
        ends = sorted((to_x(0), to_x(value)))
        look = "plus" if value > 0 else "minus"
        bar = Box(ends[0], top, max(ends[1], ends[0] + 1), top + THICK)
        canvas.draw_bar(look if row["is_held"] else f"{look} lacking", bar, number)
        amount = Spot(bar.right + GAP, top + THICK / 2) if value > 0 else Spot(bar.left - GAP, top + THICK / 2, "end")
        canvas.place("label", strong, [texts[number]], [amount], key=number, is_sure=True)
        canvas.draw_rule("axis", "zero", to_x(0), top - 1, to_x(0), top + THICK + 1)
        top += THICK + SPACE + (tall[number] / 2 if column else 0)
    return canvas
