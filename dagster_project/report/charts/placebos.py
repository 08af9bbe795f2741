"""Draw the placebo test of an event: a dot for the series, and a dot for each comparable series (placebo)."""

from __future__ import annotations

from collections.abc import Sequence

from dagster_project.questions.wording import format_number
from dagster_project.report.charts.canvas import GAP, LINE, Box, Canvas, Frame, Spot, wrap_text
from dagster_project.report.charts.texts import write_text

RADIUS = 4.0
# The widest label, as a part of the chart.
WIDEST = 0.24


def draw_placebos(frame: Frame, placebos: Sequence[float], own: float, critical: float | None, label: str) -> Canvas:
    """Draw a dot for the change of the series and one for each placebo; a band marks changes of usual size.

    Args:
        frame: The size of the chart; the highest stack of dots determines the height.
        placebos: The change of each placebo, as a multiple of its usual size.
        own: The change of the series, as a multiple of its usual size.
        critical: The multiple from which a change is significant; None if there are too few placebos.
        label: The label of the series.
    """
    wide, lane, middle = 2 * RADIUS + 1, frame.font * LINE + 6, frame.width / 2
    # Both ends of the band are seen.
    far = max(abs(own), *(abs(value) for value in placebos), 1.2 * (critical or 0)) * 1.05 or 1
    dots: list[tuple[float, int, bool]] = []
    ends: list[float] = []  # of each row of dots, from the axis up, where its last dot is
    for value, is_own in sorted([(own, True), *((value, False) for value in placebos)]):
        x = middle + value / far * (middle - RADIUS)
        level = next((row for row, end in enumerate(ends) if x - end >= wide), len(ends))
        ends[level : level + 1] = [x]  # a new row if no row is free
        dots.append((x, level, is_own))
        if is_own:
            own_x, own_level = x, level
    lines = wrap_text(label, frame.font, frame.width * WIDEST, is_strong=True)
    # The label has room above the highest stack.
    high = lane + max(2 * lane, frame.font * LINE * len(lines) + 14) + len(ends) * wide
    canvas = Canvas(frame, high + 2 * lane + 4)
    if critical is not None:
        edge = critical / far * (middle - RADIUS)
        canvas.draw_bar("usual", Box(middle - edge, lane, middle + edge, high), "usual", "band")
        usual = [Spot(middle, lane - 4, "middle", 1)]
        canvas.place("soft", [write_text("placebos_usual")], usual, "usual", is_sure=True)
    for x, level, is_own in dots:
        look, key = ("first", "own") if is_own else ("grey", None)
        canvas.draw_dot(look, x, high - (level + 0.5) * wide, RADIUS + is_own * 0.5, key)
    x, y = own_x, high - (own_level + 0.5) * wide
    canvas.draw_rule("axis", "axis", (0, high), (frame.width, high))
    anchors = ("start", "end") if own < 0 else ("end", "start")
    beside = [Spot(x + (GAP + 5) * (1 if anchor == "start" else -1), y, anchor) for anchor in anchors]
    above = [Spot(x, y - 9 - up, one, 1) for up in range(0, 60, 3) for one in (*anchors, "middle")]
    canvas.place("first strong", lines, [*beside, *above], "own")
    step = next(one for power in range(10) for one in (10**power, 2 * 10**power, 5 * 10**power) if far / one <= 4)
    for number in range(-3, 4):
        at = middle + number * step / far * (middle - RADIUS)
        if abs(number * step) < 0.93 * far:
            below = Spot(at, high + 6, "middle", 0)
            tick = write_text("placebos_times", size=format_number(number * step, 0)) if number else "0"
            canvas.place("tick", [tick], [below], is_sure=True)
    for text, at, anchor in (("fell", 0, "start"), ("none", middle, "middle"), ("rose", frame.width, "end")):
        below = Spot(at, high + lane + 2, anchor, 0)
        canvas.place("tick", [write_text(f"placebos_{text}")], [below], is_sure=True)
    return canvas
