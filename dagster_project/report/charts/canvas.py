"""Draw the parts of a chart as SVG: marks, axes, and labels that find a free place.

Each part has a role: `grid`, `axis`, `band`, `mark`, `rule`, `tick` (the text of an axis) or `label`. A label has the
key of the mark that it names. So a test can tell text, marks and grid apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from dagster_project.report.charts.scales import list_ticks

# The widths of characters in DejaVu Sans, the widest font that readers may have, as a share of the font size. Others
# are as wide as a digit, Hangul as it is high.
_WIDTHS = {
    **dict.fromkeys("ijlI'| ", 0.32),
    **dict.fromkeys("ft.,:;!/[]()-r", 0.41),
    **dict.fromkeys("mMwW%−+≥←→", 0.93),
    **dict.fromkeys("ABCDEGHKNOPQRSUVXYZ", 0.77),
}
DIGIT, BOLD, LINE, ASCENT, DESCENT = 0.64, 1.12, 1.25, 0.75, 0.22
# The space between a label and its mark, the free space around a text, and the space for the years below a plot.
GAP, CLEAR, YEARS = 5.0, 2.0, 24


@dataclass(frozen=True)
class Frame:
    """The size of a picture and of its font, in pixels."""

    width: int
    height: int
    font: int

    @property
    def is_narrow(self) -> bool:
        return self.width < 500


class Box(NamedTuple):
    """A rectangle that a text or a mark takes."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Return whether two rectangles overlap."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


class Spot(NamedTuple):
    """A place for a label: a point, and the part of the label that is there.

    Args:
        x: The point.
        y: The point.
        anchor: The side of the text at x: `start`, `middle` or `end`.
        lift: The share of the text's height that is above y: 0.5 centres it, 1 puts it above, 0 below.
    """

    x: float
    y: float
    anchor: str = "start"
    lift: float = 0.5


def measure_text(text: str, font: float, *, is_strong: bool = False) -> float:
    """Estimate the width of a text in pixels."""
    width = sum(1.0 if character >= "ᄀ" else _WIDTHS.get(character, DIGIT) for character in text)
    return width * font * (BOLD if is_strong else 1.0)


def wrap_text(text: str, font: float, width: float, *, is_strong: bool = False) -> list[str]:
    """Break a text into lines of at most this width; a longer word has a line of its own."""
    lines: list[str] = []
    for word in text.split():
        if lines and measure_text(f"{lines[-1]} {word}", font, is_strong=is_strong) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def spread_centres(centres: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Move centres, in order from the top, apart by so much that parts of these heights do not overlap."""
    placed = list(centres)
    for _ in range(60):
        for place in range(len(placed) - 1):
            lack = placed[place] + (heights[place] + heights[place + 1]) / 2 - placed[place + 1]
            if lack > 0:
                placed[place] -= lack / 2
                placed[place + 1] += lack / 2
        placed = [min(max(y, low + tall / 2), high - tall / 2) for y, tall in zip(placed, heights, strict=True)]
    return placed


@dataclass
class Canvas:
    """A picture in progress: its parts, and the rectangles that texts and marks take."""

    frame: Frame
    height: float = 0
    parts: list[str] = field(default_factory=list)
    taken: list[Box] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.height = self.height or self.frame.height

    def add(
        self, tag: str, role: str, look: str = "", *, text: str = "", key: object = None, **attributes: object
    ) -> None:
        """Add a part with its role, its class, the key of its mark and its attributes."""
        named = {"class": look, "data-role": role, "data-key": key, **attributes}
        shown = {
            name: f"{one:.1f}".removesuffix(".0") if isinstance(one, float) else one for name, one in named.items()
        }
        inside = "".join(
            f" {name.replace('_', '-')}={quoteattr(str(one))}" for name, one in shown.items() if one not in ("", None)
        )
        self.parts.append(f"<{tag}{inside}>{escape(text)}</{tag}>" if text else f"<{tag}{inside}/>")

    def draw_rule(self, role: str, look: str, x1: float, y1: float, x2: float, y2: float, key: object = None) -> None:
        """Draw a straight line; all but grid lines take their place."""
        self.add("line", role, look, key=key, x1=x1, y1=y1, x2=x2, y2=y2)
        if role != "grid":
            self.taken.append(Box(min(x1, x2) - 1, min(y1, y2) - 1, max(x1, x2) + 1, max(y1, y2) + 1))

    def draw_bar(self, look: str, box: Box, key: object = None, **attributes: object) -> None:
        """Draw a bar."""
        size = {"x": box.left, "y": box.top, "width": box.right - box.left, "height": box.bottom - box.top}
        self.add("rect", "mark", look, key=key, **size, **attributes)
        self.taken.append(box)

    def draw_dot(self, look: str, x: float, y: float, radius: float = 3.0, key: object = None) -> None:
        """Draw a dot."""
        self.add("circle", "mark", look, key=key, cx=x, cy=y, r=radius)
        self.taken.append(Box(x - radius, y - radius, x + radius, y + radius))

    def draw_line(self, look: str, points: Sequence[tuple[float, float]], key: object = None) -> None:
        """Draw a line through points."""
        self.add("path", "mark", look, key=key, d="M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points))
        for (x1, y1), (x2, y2) in pairwise(points):
            steps = max(1, round(max(abs(x2 - x1), abs(y2 - y1)) / 3))
            for step in range(steps + 1):
                x, y = x1 + (x2 - x1) * step / steps, y1 + (y2 - y1) * step / steps
                self.taken.append(Box(x - 2, y - 2, x + 2, y + 2))

    def fit(self, lines: Sequence[str], spot: Spot, font: float, *, is_strong: bool = False) -> Box:
        """Return the rectangle of a text at a spot."""
        wide = max(measure_text(line, font, is_strong=is_strong) for line in lines)
        tall = font * (LINE * (len(lines) - 1) + ASCENT + DESCENT)
        left = spot.x - wide * {"start": 0.0, "middle": 0.5, "end": 1.0}[spot.anchor]
        top = spot.y - tall * spot.lift
        return Box(left, top, left + wide, top + tall)

    def place(
        self,
        role: str,
        look: str,
        lines: Sequence[str],
        spots: Iterable[Spot],
        *,
        key: object = None,
        is_sure: bool = False,
    ) -> bool:
        """Write a text at the first spot that is free; return whether there is one.

        Args:
            role: `label` or `tick`.
            look: The classes of the text; `strong` is bold.
            lines: The lines of the text.
            spots: The spots, the best first.
            key: The key of the mark that it names.
            is_sure: Whether to write it at the first spot in any case.
        """
        font, is_strong = self.frame.font, "strong" in look
        for spot in spots:
            box = self.fit(lines, spot, font, is_strong=is_strong)
            around = Box(box.left - CLEAR, box.top - CLEAR, box.right + CLEAR, box.bottom + CLEAR)
            inside = box.left >= 0 and box.right <= self.frame.width and box.top >= 0 and box.bottom <= self.height
            if is_sure or (inside and not any(around.meets(other) for other in self.taken)):
                for number, line in enumerate(lines):
                    y = box.top + font * (ASCENT + LINE * number)
                    anchor = spot.anchor if spot.anchor != "start" else None
                    self.add("text", role, look, text=line, key=key, x=spot.x, y=y, text_anchor=anchor)
                self.taken.append(box)
                return True
        return False


@dataclass
class Plot:
    """The area of a canvas between the axes, with the values at its lower and upper edge."""

    canvas: Canvas
    left: float
    right: float
    top: float
    bottom: float
    low: float
    high: float

    @classmethod
    def open(
        cls,
        canvas: Canvas,
        values: Sequence[float],
        *,
        top: float = 8,
        right: float = 8,
        left: float = 0,
        has_zero: bool,
        pad: float = 0,
    ) -> Plot:
        """Open the plot of values on a canvas, with its horizontal grid, and the numbers left of it.

        Args:
            canvas: The canvas.
            values: All values that are to be shown.
            top: The space above the plot.
            right: The space on its right.
            left: The least space on its left.
            has_zero: Whether the axis includes zero.
            pad: The space for labels beyond the least and the greatest value.
        """
        low, high = (min(0.0, *values), max(0.0, *values)) if has_zero else (min(values), max(values))
        high += (high == low) * 1.0
        bottom, font = canvas.height - YEARS, canvas.frame.font
        size = (high - low) / max(bottom - top - pad * ((low < 0) + (high > 0)), 1)
        low, high = low - pad * size * (low < 0 or not has_zero), high + pad * size * (high > 0 or not has_zero)
        ticks = list_ticks(low, high, 4 if canvas.frame.is_narrow else 5)
        left = max(left, *(measure_text(text, font) + 8 for text in ticks.values()))
        plot = cls(canvas, left, canvas.frame.width - right, top, bottom, low, high)
        for value, text in ticks.items():
            y = plot.to_y(value)
            plot.canvas.draw_rule(
                "axis" if value == 0 else "grid", "zero" if value == 0 else "grid", left, y, plot.right, y
            )
            canvas.place("tick", "soft", [text], [Spot(left - 6, y, "end")], is_sure=True)
        return plot

    def to_y(self, value: float) -> float:
        """Return the height of a value."""
        return self.bottom - (value - self.low) / (self.high - self.low) * (self.bottom - self.top)

    def write_periods(self, places: Sequence[tuple[int | str, float]], room: float | None = None) -> None:
        """Write years below the plot, as many as fit; of months their January has the year.

        Args:
            places: The periods (2026, or 2026-01) and where they are.
            room: The space of one label; by default that of a year.
        """
        years = [(int(str(period)[:4]), x) for period, x in places if not str(period)[4:] or str(period)[4:] == "-01"]
        room = room or 4 * DIGIT * self.canvas.frame.font + 14
        apart = (self.right - self.left) / max(len(years), 1)
        step = next(size for size in (1, 2, 5, 10, 20, 50, 100) if apart * size >= room or size == 100)
        for year, x in years:
            if year % step == 0:
                self.write_below(str(year), x)

    def write_below(self, text: str, x: float) -> None:
        """Write a text below the plot."""
        self.canvas.place("tick", "soft", [text], [Spot(x, self.bottom + 7, "middle", 0)], is_sure=True)
