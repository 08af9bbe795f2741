"""Draw bars: shares by year, and the contributions to a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dagster_project.questions.wording import format_number
from dagster_project.report.charts.canvas import GAP, LINE, Box, Canvas, Frame, Spot, measure_text, wrap_text
from dagster_project.report.charts.scales import DECIMALS, scale_unit
from dagster_project.report.charts.texts import write_text

Row = Mapping[str, Any]
# The height of a bar of a contribution, the space between two, and the share of the picture for names beside them.
THICK, SPACE, BESIDE = 18, 14, 0.42


def draw_shares(frame: Frame, rows: Sequence[Row]) -> Canvas:
    """Draw a share by year as bars, one below the other, from the first to the last share.

    Args:
        frame: The size of the chart; the number of years determines the height.
        rows: One row per year, in order, with `year`, `share_pct`, `look` (`lacking` if a share is a lower bound) and
            `part` (the months of a part of a year).
    """
    font, lane, held = frame.font, frame.font * 1.75, [row for row in rows if row["share_pct"] is not None]
    rows = [row for row in rows if held[0]["year"] <= row["year"] <= held[-1]["year"]]
    names = [write_text("share_row", **row) if row["part"] else str(row["year"]) for row in rows]
    marks = {row["year"]: "≥\N{NO-BREAK SPACE}" if "lacking" in row["look"] else "" for row in held}
    texts = {row["year"]: f"{marks[row['year']]}{format_number(row['share_pct'])}" for row in held}
    left, right = (max(measure_text(text, font) for text in found) + 8 for found in (names, texts.values()))
    canvas = Canvas(frame, lane * len(rows))
    pixels = (frame.width - left - right) / (max(row["share_pct"] for row in held) or 1.0)
    for number, (row, name) in enumerate(zip(rows, names, strict=True)):
        top, middle = lane * number + 2, lane * (number + 0.5)
        canvas.place("tick", [name], [Spot(left - 8, middle, "end")], is_sure=True)
        if row["year"] in texts:
            edge = left + row["share_pct"] * pixels
            canvas.draw_bar(row["look"], Box(left, top, edge, top + lane - 4), row["year"])
            canvas.place("", [texts[row["year"]]], [Spot(edge + GAP, middle)], row["year"], is_sure=True)
    canvas.draw_rule("axis", "axis", (left, 0), (left, canvas.height))
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
    values, decimals = [row["value"] / size for row in rows], DECIMALS.get(size, 1)
    return values, decimals + (max(map(abs, values)) < 10 ** (2 - decimals))
