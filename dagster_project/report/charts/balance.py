"""Draw a balance by year: a bar for each, the amounts that matter, and named events above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations, product
from typing import Any

from dagster_project.report.charts.canvas import GAP, LINE, Box, Canvas, Frame, Plot, Spot, measure_text
from dagster_project.report.charts.scales import format_number, scale_amounts
from dagster_project.report.charts.texts import write_text

Row = Mapping[str, Any]


def draw_balance(frame: Frame, rows: Sequence[Row], events: Sequence[Row] = ()) -> Canvas:
    """Draw a balance: one bar per year, the zero line, the most important amounts, and events above them.

    Args:
        frame: The size of the chart.
        rows: One row per year, in order, with `year`, `balance_usd`, `balance_sign`, `sign_flipped` and
            `observation_status`; at least one has a balance.
        events: The events to name, the most important first, each with `event_id`, `year` and `name`.
    """
    font = frame.font
    known = {row["year"]: row for row in rows if row["balance_usd"] is not None}
    size, _ = scale_amounts([row["balance_usd"] for row in known.values()])
    values = {year: row["balance_usd"] / size for year, row in known.items()}
    years = list(range(rows[0]["year"], rows[-1]["year"] + 1))
    last = max(values)
    right = measure_text(format_number(values[last]), font) + GAP + 8
    room = {"right": right, "has_zero": True, "pad": font * LINE + 4}
    left = Plot.open(Canvas(frame), list(values.values()), **room).left
    step = (frame.width - right - left) / len(years)
    centres = {year: left + step * (place + 0.5) for place, year in enumerate(years)}
    lanes = _arrange_events(frame, [event for event in events if event["year"] in centres], centres)
    lane = font * 1.6
    canvas = Canvas(frame, frame.height + lane * len(lanes))
    plot = Plot.open(canvas, list(values.values()), top=lane * len(lanes) + 8, left=left, **room)
    zero, half = plot.to_y(0), step / 2 - max(step * 0.08, 0.5)
    for year, value in values.items():
        y = plot.to_y(value)
        bar = Box(centres[year] - half, min(y, zero), centres[year] + half, max(y, zero))
        canvas.draw_bar(_choose_look(known[year]), bar, year, data_value=f"{values[year]:.3f}")
    canvas.draw_rule("axis", "zero", plot.left, zero, plot.right, zero)
    plot.write_periods(list(centres.items()))
    edge = Spot(centres[last] + half + GAP, min(max(plot.to_y(values[last]), plot.top), plot.bottom))
    canvas.place("label", "", [format_number(values[last])], [edge], key=last, is_sure=True)
    signed = [year for year in values if known[year]["balance_sign"] is not None]
    peak = max(signed, key=lambda year: abs(values[year]), default=last)
    flip = next((year for year in reversed(signed) if known[year]["sign_flipped"]), peak)
    for year in {flip: 0, peak: 0}:
        if year != last:
            down = values[year] < 0
            spot = Spot(centres[year], plot.to_y(values[year]) + (4 if down else -4), "middle", 0 if down else 1)
            canvas.place("label", "", [format_number(values[year])], [spot], key=year)
    for number, (event, anchor) in enumerate(lanes):
        x, middle = centres[event["year"]], lane * (number + 0.5)
        below = [box.top for box in canvas.taken if box.left - 2 < x < box.right + 2 and box.top > plot.top - 1]
        canvas.draw_rule("rule", "", x, middle - font * 0.5, x, min(below, default=plot.bottom) - 3, event["event_id"])
        shift = GAP if anchor == "start" else -GAP
        name = _name_event(event, frame)
        canvas.place("label", "soft", [name], [Spot(x + shift, middle, anchor)], key=event["event_id"], is_sure=True)
    return canvas


def _name_event(event: Row, frame: Frame) -> str:
    return str(event["name"]) if frame.is_narrow else write_text("event", year=event["year"], name=event["name"])


def _arrange_events(frame: Frame, events: Sequence[Row], centres: Mapping[int, float]) -> list[tuple[Row, str]]:
    """Choose a lane, from the top, and a side for each event, so that no line of one crosses the name of another.

    If there is no such order, leave out the last event, which matters least.
    """
    for lanes in permutations(sorted(events, key=lambda event: event["year"])):
        for anchors in product(("start", "end"), repeat=len(lanes)):
            spans = []
            for event, anchor in zip(lanes, anchors, strict=True):
                x, wide = centres[event["year"]], measure_text(_name_event(event, frame), frame.font) + GAP
                spans.append((x, x + wide) if anchor == "start" else (x - wide, x))
            crossed = any(
                low - 3 < centres[above["year"]] < high + 3
                for number, (low, high) in enumerate(spans)
                for above in lanes[:number]
            )
            if not crossed and all(low >= 0 and high <= frame.width for low, high in spans):
                return list(zip(lanes, anchors, strict=True))
    return _arrange_events(frame, events[:-1], centres) if events else []


def _choose_look(row: Row) -> str:
    if row["balance_sign"] is None:
        return "grey"
    look = "minus" if row["balance_usd"] < 0 else "plus"
    return f"{look}-soft" if row["observation_status"] == "P" else look
