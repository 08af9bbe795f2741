"""Draw the placebos of an event as dots: how unusual the change of the series is among comparable ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from dagster_project.report.charts.canvas import GAP, LINE, Canvas, Frame, Spot
from dagster_project.report.charts.texts import write_text

RADIUS = 4.0


def draw_placebos(frame: Frame, placebos: Sequence[float], own: float, critical: float | None, name: str) -> Canvas:
    """Draw the change of the series and those of the placebos as dots, over the range of usual changes.

    Args:
        frame: The size of the chart; the highest stack of dots determines the height.
        placebos: The change of each placebo, as a multiple of its usual size.
        own: The change of the series, as a multiple of its usual size.
        critical: The multiple from which a change is significant; None with too few placebos.
        name: The name of the series.
    """
    font, wide = frame.font, 2 * RADIUS + 1
    far = max(abs(own), *(abs(value) for value in placebos), critical or 0) * 1.05
    half = frame.width / 2 - RADIUS

    def find_column(value: float) -> int:
        return round(value / far * half / wide)

    columns = Counter(find_column(value) for value in placebos)
    lane = font * LINE + 6
    high = 2 * lane + (max(columns.values()) + 1) * wide
    canvas = Canvas(replace(frame, height=round(high + lane + 4)))
    middle = frame.width / 2
    if critical is not None:
        edge = critical / far * half
        canvas.add("rect", "band", "usual", key="usual", x=middle - edge, y=lane, width=2 * edge, height=high - lane)
        usual = [Spot(middle, lane - 4, "middle", 1)]
        canvas.place("label", "soft", [write_text("placebos_usual")], usual, key="usual", is_sure=True)
    stacked: Counter[int] = Counter()
    x = middle + find_column(own) * wide
    for value in placebos:
        column = find_column(value)
        stacked[column] += 1
        canvas.draw_dot("grey", middle + column * wide, high - (stacked[column] - 0.5) * wide, RADIUS)
    y = high - (columns[find_column(own)] + 0.7) * wide
    canvas.draw_dot("first", x, y, RADIUS + 2, "own")
    canvas.draw_rule("axis", "zero", 0, high, frame.width, high)
    anchors = ("start", "end") if own < 0 else ("end", "start")
    spots = [
        *(Spot(x + (GAP + 7) * (1 if anchor == "start" else -1), y, anchor) for anchor in anchors),
        *(Spot(x, y - 9 - up, anchor, 1) for up in (0, 4, 8, 16, 24) for anchor in ("middle", *anchors)),
    ]
    canvas.place("label", "first strong", [name], spots, key="own")
    for text, at, anchor in (("placebos_fell", 0.0, "start"), ("placebos_rose", float(frame.width), "end")):
        canvas.place("tick", "soft", [write_text(text)], [Spot(at, high + 6, anchor, 0)], is_sure=True)
    none = [Spot(middle, high + 6, "middle", 0)]
    canvas.place("tick", "soft", [write_text("placebos_none")], none)
    return canvas
