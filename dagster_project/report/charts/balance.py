"""Draw a balance by year: a bar for each year, the most important amounts, and named events above the bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations, product
from typing import Any

from dagster_project.questions.wording import format_number
from dagster_project.report.charts.canvas import GAP, LINE, Box, Canvas, Frame, Spot, measure_text
from dagster_project.report.charts.scales import DECIMALS, scale_unit
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
    size, _ = scale_unit("US$", [row["balance_usd"] for row in known.values()])
    values = {year: row["balance_usd"] / size for year, row in known.items()}
    words = {year: format_number(value, DECIMALS.get(size, 1)) for year, value in values.items()}
    years, last = range(rows[0]["year"], rows[-1]["year"] + 1), max(values)
    right, pad = measure_text(words[last], font) + GAP + 8, font * LINE + 4
    trial = Canvas(frame, frame.height)
    trial.open_plot(list(values.values()), pad, right=right)
    left = trial.plot.left
    step = (frame.width - right - left) / len(years)
    centres = {year: left + step * (place + 0.5) for place, year in enumerate(years)}
    named = (
        [{**event, "name": write_text(form, **event)} for event in events if event["year"] in centres]
        for form in ("event", "event_narrow")
    )
    lanes, lane = max((_arrange_events(frame, found, centres) for found in named), key=len), font * 1.6
    canvas = Canvas(frame, frame.height + lane * len(lanes))
    canvas.open_plot(list(values.values()), pad, top=lane * len(lanes) + 8, right=right)
    zero, half = canvas.to_y(0), step / 2 - max(step * 0.08, 0.5)
    for year, value in values.items():
        y = canvas.to_y(value)
        bar = Box(centres[year] - half, min(y, zero), centres[year] + half, max(y, zero))
        canvas.draw_bar(choose_look(known[year]), bar, year, value=f"{value:.3f}")
    canvas.draw_rule("axis", "axis", (left, zero), (canvas.plot.right, zero))
    canvas.write_periods(centres)
    edge = Spot(centres[last] + half + GAP, canvas.to_y(values[last]))
    canvas.place("", [words[last]], [edge], last, is_sure=True)
    signed = [year for year in values if known[year]["balance_sign"] is not None]
    peak = max(signed, key=lambda year: abs(values[year]), default=last)
    flip = next((year for year in reversed(signed) if known[year]["sign_flipped"]), peak)
    for year in {flip, peak} - {last}:
        shift, lift = (4, 0) if values[year] < 0 else (-4, 1)
        y, wide = canvas.to_y(values[year]) + shift, measure_text(words[year], font)
        lines = [centres[event["year"]] - centres[year] for event, _ in lanes if event["year"] != year]
        # The line of an event goes past the amount of another bar, down to its own bar.
        lows = {"middle": -wide / 2, "end": half - wide, "start": -half}
        free = [one for one, low in lows.items() if not any(low - 4 < line < low + wide + 4 for line in lines)]
        # An amount stands in the middle over its bar, above higher bars beside it, or ends with its bar.
        edges = {"middle": (0.0, range(0, 20, 4)), "end": (half, (0,)), "start": (-half, (0,))}
        spots = (
            Spot(centres[year] + edges[anchor][0], y + away * (1 if shift > 0 else -1), anchor, lift)
            for anchor in free or lows
            for away in edges[anchor][1]
        )
        any(canvas.place("", [words[year]], [spot], year) for spot in spots)
    for number, (event, anchor) in enumerate(lanes):
        x, middle, key = centres[event["year"]], lane * (number + 0.5), event["event_id"]
        below = [box.top for box in canvas.taken if box.left - 2 < x < box.right + 2 and box.top > canvas.plot.top - 1]
        canvas.draw_rule("rule", "", (x, middle - font * 0.5), (x, min(below, default=canvas.plot.bottom) - 3), key)
        at = Spot(x + (GAP if anchor == "start" else -GAP), middle, anchor)
        canvas.place("soft", [event["name"]], [at], key, is_sure=True)
    return canvas


def _arrange_events(frame: Frame, events: Sequence[Row], centres: Mapping[int, float]) -> list[tuple[Row, str]]:
    """Arrange events in rows above the bars; return each event with the `text-anchor` of its name, from the top down.

    The line of an event crosses no name of another event. If that is impossible, the last event is left out.
    """
    for lanes in permutations(sorted(events, key=lambda event: event["year"])):
        at = [centres[event["year"]] for event in lanes]
        wide = [measure_text(event["name"], frame.font) + GAP for event in lanes]
        for anchors in product(("start", "end"), repeat=len(lanes)):
            lows = [x - (anchor == "end") * size for x, size, anchor in zip(at, wide, anchors, strict=True)]
            spans = [(low, low + size) for low, size in zip(lows, wide, strict=True)]
            crossed = (low - 3 < x < high + 3 for number, (low, high) in enumerate(spans) for x in at[:number])
            if all(low >= 0 and high <= frame.width for low, high in spans) and not any(crossed):
                return list(zip(lanes, anchors, strict=True))
    return _arrange_events(frame, events[:-1], centres) if events else []


def choose_look(row: Row) -> str:
    """Choose the look of a bar: by the sign of its balance, lighter if it is provisional, grey without a sign."""
    if row["balance_sign"] is None:
        return "grey"
    look = "minus" if row["balance_usd"] < 0 else "plus"
    return f"{look}-soft" if row["observation_status"] == "P" else look
