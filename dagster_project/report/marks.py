"""What every chart is made of: the room that it has, layers of marks, the axis of periods, and colours.

Here: parts of specifications of Vega-Lite, as dictionaries. Not here: whole charts (`charts`).

Sizes, colours and room for words are stated and not measured, so that the same figures give the same picture, byte for
byte, whatever fonts a machine has. A page gives a picture other colours at night by what stands in `fill` and `stroke`,
so a chart uses no other colours than those here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dagster_project.errors import BilateralError

Row = Mapping[str, Any]
# A Vega-Lite specification, a layer of one, or a channel of a layer.
Spec = dict[str, Any]

# vl-convert brings the first font; where it is missing, the next that exists takes its place.
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
INK, QUIET, GRID = "#222222", "#595959", "#dddddd"
# Dark enough on white, and told apart without seeing red and green (Okabe and Ito).
SURPLUS, DEFICIT, UNSIGNED = "#0072b2", "#b8460e", "#a0a0a0"
PROVISIONAL = {SURPLUS: "#6baed6", DEFICIT: "#e08e5f"}
LINES = (SURPLUS, DEFICIT, "#00785a", "#9a4a7d")
# An outlined bar, for what is held in part. Its colour has to be drawn, if not seen.
OUTLINED = {"fillOpacity": 0.001, "strokeWidth": 1.5, "strokeDash": [4, 3]}
# At most how many years are numbered where there is little room.
FEW = 6


@dataclass(frozen=True)
class Frame:
    """The room that a chart has, in pixels.

    Args:
        width: Of the plot.
        height: Of the plot.
        left: For the numbers of the axis.
        right: Beside it.
        top: For the unit of the axis, and whatever stands above.
        bottom: For the years.
        font: The size of numbers and words.
        numbered: The most years that have room for their numbers.
    """

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    font: int
    numbered: int

    def write_specification(self, layers: Sequence[Spec]) -> Spec:
        """Return the specification of a chart of these layers."""
        axis = {
            "labelFontSize": self.font,
            "titleFontSize": self.font,
            "titleFontWeight": "normal",
            "labelColor": QUIET,
            "titleColor": QUIET,
            "gridColor": GRID,
            "domain": False,
        }
        upright = {
            "titleAngle": 0,
            "titleAlign": "left",
            "titleBaseline": "bottom",
            "titleX": -self.left + 16,
            "titleY": -10,
            "ticks": False,
        }
        return {
            "layer": list(layers),
            "width": self.width,
            "height": self.height,
            "padding": {"left": self.left, "right": self.right, "top": self.top, "bottom": self.bottom},
            "autosize": {"type": "none"},
            "config": {"font": FONT, "view": {"stroke": None}, "axis": axis, "axisY": upright},
        }


def keep_held(rows: Iterable[Row], names: Collection[str]) -> list[Row]:
    """Return the rows in which at least one of some columns is held.

    Raises:
        BilateralError: There is none, so a chart would show nothing.
    """
    held = [row for row in rows if any(row[name] is not None for name in names)]
    if not held:
        raise BilateralError("No figure is held, so no chart shows any.", remedy="Ask about another pair or period.")
    return held


def scale_amounts(values: Sequence[float]) -> tuple[float, str]:
    """Return the number that amounts are divided by, and the unit that they have then."""
    return (1e9, "US$ billion") if max(abs(value) for value in values) >= 1e9 else (1e6, "US$ million")


def format_number(value: float, decimals: int = 1) -> str:
    """Format a number for a reader: 1,234.5 or −18.0; what rounds to nothing has no sign."""
    return f"{value:z,.{decimals}f}".replace("-", "−")


def make_layer(mark: str, rows: Sequence[Row], channels: Spec, **style: Any) -> Spec:
    """Return a layer: marks of one kind and style, one for each row, placed by channels."""
    return {"mark": {"type": mark, **style}, "data": {"values": list(rows)}, "encoding": channels}


def encode_field(name: str, kind: str = "quantitative", **more: Any) -> Spec:
    """Return a channel that shows a column of the rows."""
    return {"field": name, "type": kind, **more}


def place_periods(periods: Sequence[int | str], frame: Frame) -> Spec:
    """Place years, or months as 2026-01, from left to right, with as many numbers as there is room for."""
    years: dict[Any, int] = {
        period: int(str(period)[:4]) for period in periods if not str(period)[4:] or str(period).endswith("-01")
    }
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100) if len(years) <= step * frame.numbered)
    axis = {
        "values": [period for period, year in years.items() if year % step == 0],
        "labelExpr": "slice(datum.label, 0, 4)",
        "labelAngle": 0,
        "labelOverlap": False,
        "labelPadding": 6,
        "grid": False,
        "ticks": False,
    }
    return encode_field("year", "ordinal", title=None, scale={"domain": list(periods)}, axis=axis)
