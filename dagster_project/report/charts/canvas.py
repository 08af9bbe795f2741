"""Draw the parts of a chart as SVG: marks, axes, and labels that find a free place.

Each part has a role, by which tests tell text, marks and grid apart: `grid`, `axis`, `band`, `mark`, `rule`, `tick`
(the text of an axis) or `label`. A label has the same `data-key` as the mark that the label names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple
from unicodedata import east_asian_width
from xml.sax.saxutils import escape, quoteattr

from dagster_project.report.charts.scales import list_ticks

# The widths of characters in DejaVu Sans, the widest font that readers may have, as a share of the font size. Others
# are as wide as a digit, and Hangul as the font is high.
_WIDTHS = {
    **dict.fromkeys("ijlI'| ", 0.32),
    **dict.fromkeys("ft.,:;!/[]()-r", 0.41),
    **dict.fromkeys("mMwW%−+≥←→", 0.93),
    **dict.fromkeys("ABCDEGHKNOPQRSUVXYZ", 0.77),
}
DIGIT, BOLD, LINE, ASCENT, DESCENT = 0.64, 1.12, 1.25, 0.85, 0.22
# The space between a label and its mark, the free space around a text, and the space for the years below a plot.
GAP, CLEAR, YEARS = 5.0, 2.0, 24
Point = tuple[float, float]


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

    def widen(self, by: float) -> Box:
        """Return the rectangle enlarged by `by` pixels on each side."""
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def is_overlapping(self, other: Box) -> bool:
        """Return whether two rectangles overlap."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


class Spot(NamedTuple):
    """A position for a label: the point (x, y), the `text-anchor`, and the share of the label's height above y."""

    x: float
    y: float
    anchor: str = "start"
    lift: float = 0.5


def measure_text(text: str, font: float, *, is_strong: bool = False) -> float:
    """Estimate the width of a text in pixels."""
    width = sum(1.0 if east_asian_width(one) in "WF" else _WIDTHS.get(one, DIGIT) for one in text)
    return width * font * (BOLD if is_strong else 1.0)


def wrap_text(text: str, font: float, width: float, *, is_strong: bool = False) -> list[str]:
    """Break a text into lines of at most this width; a longer word has a line of its own."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and measure_text(f"{lines[-1]} {word}", font, is_strong=is_strong) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


@dataclass
class Canvas:
    """A picture in progress: its parts, the rectangles that texts and marks take, and the plot between its axes."""

    frame: Frame
    height: float
    parts: list[str] = field(default_factory=list)
    taken: list[Box] = field(default_factory=list)
    grid: list[Box] = field(default_factory=list)
    plot: Box = field(init=False)
    low: float = 0
    high: float = 1

    def add_part(self, tag: str, role: str, look: str, key: object, text: str = "", **more: object) -> None:
        """Add an SVG element with a role (`data-role`), a CSS class, a key (`data-key`) and other attributes."""
        shown = (f"{one:.1f}".removesuffix(".0") if isinstance(one, float) else one for one in more.values())
        named = {"class": look, "data-role": role, "data-key": key, **dict(zip(more, shown, strict=True))}
        inside = "".join(f" {name}={quoteattr(str(one))}" for name, one in named.items() if one not in ("", None))
        self.parts.append(f"<{tag}{inside}>{escape(text)}</{tag}>" if text else f"<{tag}{inside}/>")

    def draw_rule(self, role: str, look: str, one: Point, other: Point, key: object = None) -> None:
        """Draw a straight line, down or to the right; labels may cover the line only if its role is `grid`."""
        self.add_part("line", role, look, key, x1=one[0], y1=one[1], x2=other[0], y2=other[1])
        (self.grid if role == "grid" else self.taken).append(Box(*one, *other).widen(1))

    def draw_bar(self, look: str, box: Box, key: object = None, role: str = "mark", value: object = None) -> None:
        """Draw a bar, with its value as the attribute `data-value`; no label may cover a bar whose role is `mark`."""
        more: dict[str, Any] = {"x": box.left, "y": box.top, "width": box.right - box.left, "data-value": value}
        self.add_part("rect", role, look, key, height=box.bottom - box.top, **more)
        if role == "mark":
            self.taken.append(box)

    def draw_dot(self, look: str, x: float, y: float, radius: float, key: object = None) -> None:
        """Draw a dot."""
        self.add_part("circle", "mark", look, key, cx=x, cy=y, r=radius)
        self.taken.append(Box(x, y, x, y).widen(radius))

    def draw_line(self, look: str, runs: Iterable[Sequence[Point]], key: object = None, role: str = "mark") -> None:
        """Draw a path through the points of each run; no label may cover a path whose role is `mark`."""
        runs = list(runs)
        # `h0` is a line of no length, so that a point between two gaps is drawn as a dot.
        text = "".join(f"M{'L'.join(f'{x:.1f} {y:.1f}' for x, y in run)}{'h0' * (len(run) == 1)}" for run in runs)
        self.add_part("path", role, look, key, d=text)
        for (x1, y1), (x2, y2) in (pair for run in runs for pair in pairwise([run[0], *run]) if role == "mark"):
            steps = max(1, round(max(abs(x2 - x1), abs(y2 - y1)) / 3))
            for step in range(steps + 1):
                x, y = x1 + (x2 - x1) * step / steps, y1 + (y2 - y1) * step / steps
                self.taken.append(Box(x, y, x, y).widen(2))

    def place(
        self, look: str, lines: Sequence[str], spots: Iterable[Spot], key: object = None, *, is_sure: bool = False
    ) -> bool:
        """Write a text at the first free spot, if possible off the grid; return whether there is a free spot.

        Args:
            look: The classes of the text; `strong` is bold, and `tick` belongs to an axis.
            lines: The lines of the text.
            spots: The spots, the best first.
            key: The key of the mark that the text names.
            is_sure: Whether to use the first spot unchecked, because the layout of the chart keeps it free.
        """
        font = self.frame.font
        wide = max(measure_text(line, font, is_strong="strong" in look) for line in lines)
        tall = font * (LINE * (len(lines) - 1) + ASCENT + DESCENT)
        free: list[tuple[bool, Spot, Box]] = []
        for spot in spots:
            left = spot.x - wide * {"start": 0.0, "middle": 0.5, "end": 1.0}[spot.anchor]
            top = spot.y - tall * spot.lift
            box = Box(left, top, left + wide, top + tall)
            inside = left >= 0 and box.right <= self.frame.width and top >= 0 and box.bottom <= self.height
            needed = box.widen(CLEAR)
            if is_sure or (inside and not any(needed.is_overlapping(other) for other in self.taken)):
                free.append((any(box.is_overlapping(line) for line in self.grid), spot, box))
        if not free:
            return False
        is_over, spot, box = min(free, key=lambda found: found[0])
        if is_over and look != "tick":
            self.draw_bar("ground", box, role="")
        for number, line in enumerate(lines):
            y = box.top + font * (ASCENT + LINE * number)
            role, looks = "tick" if look == "tick" else "label", f"{look} {spot.anchor}".strip()
            self.add_part("text", role, looks, key, line, x=spot.x, y=y)
        self.taken.append(box)
        return True

    def open_plot(
        self, values: Sequence[float], pad: float, *, top: float = 8, right: float, has_zero: bool = True
    ) -> None:
        """Set up the plot for `values`; draw its horizontal grid, with the numbers on the left.

        Args:
            values: All values that are to be shown.
            pad: The space for labels beyond the least and the greatest value.
            top: The space above the plot.
            right: The space to the right of the plot.
            has_zero: Whether the axis includes zero.
        """
        low, high = (min(0.0, *values), max(0.0, *values)) if has_zero else (min(values), max(values))
        high += (high == low) * 1.0
        bottom, font = self.height - YEARS, self.frame.font
        ticks = list_ticks(low, high, 7)
        beyond = pad * (max(ticks) - min(ticks)) / max(bottom - top - 2 * pad, 1)
        self.low = min(*ticks, low - beyond * (low < 0 or not has_zero))
        self.high = max(*ticks, high + beyond * (high > 0 or not has_zero))
        left = max(measure_text(text, font) + 8 for text in ticks.values())
        self.plot = Box(left, top, self.frame.width - right, bottom)
        for value, text in ticks.items():
            y, role = self.to_y(value), "grid" if value else "axis"
            self.draw_rule(role, role, (left, y), (self.plot.right, y))
            self.place("tick", [text], [Spot(left - 6, y, "end")], is_sure=True)

    def to_y(self, value: float) -> float:
        """Return the y coordinate of a value."""
        return self.plot.bottom - (value - self.low) / (self.high - self.low) * (self.plot.bottom - self.plot.top)

    def write_periods(self, places: Mapping[Any, float], texts: Sequence[str] = ()) -> None:
        """Write `texts` below the periods; by default, write as many years as fit, each at its place or January.

        Between months, a short line marks each January.
        """
        years = {int(str(period)[:4]): x for period, x in places.items() if str(period)[4:] in ("", "-01")}
        wide = 4 * DIGIT * self.frame.font + 14
        room = wide * max(len(years), 1) / (self.plot.right - self.plot.left)
        step = next(size for size in (1, 2, 5, 10, 20, 50, 100) if size >= room or size == 100)
        fitting = [(str(year), x) for year, x in years.items() if (max(years) - year) % step == 0]
        if fitting and (first := min(years)) != int(fitting[0][0]):
            # The first year, which titles name, takes the place of a year that is too near.
            if fitting[0][1] - years[first] <= wide - 8:
                del fitting[0]
            fitting.insert(0, (str(first), years[first]))
        if not all(isinstance(period, int) for period in places):
            for x in years.values():
                self.draw_rule("axis", "axis", (x, self.plot.bottom), (x, self.plot.bottom + 4))
        for text, x in zip(texts, places.values(), strict=True) if texts else fitting:
            self.place("tick", [text], [Spot(x, self.plot.bottom + 7, "middle", 0)], is_sure=True)
