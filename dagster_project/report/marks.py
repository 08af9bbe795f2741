"""The layers of charts of series by year or by month: bars about zero, lines, their axes, and the frame around them.

Here: marks, sizes and colours, which whoever draws a series shares. Not here: titles, words and files (`charts`), and
the charts that the report alone has (`drawing`).

Altair is imported when a layer is made. Sizes, colours and room for words are stated and not measured, so that the same
figures give the same picture, byte for byte, whatever fonts a machine has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt

Row = Mapping[str, Any]

# vl-convert brings the first; where it is not, the next that is there takes its place.
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
INK, QUIET, GRID = "#222222", "#595959", "#dddddd"
# Dark enough on white, and told apart without seeing red and green (Okabe and Ito).
SURPLUS, DEFICIT, UNSIGNED = "#0072b2", "#b8460e", "#a0a0a0"
PROVISIONAL = {SURPLUS: "#6baed6", DEFICIT: "#e08e5f"}
LINES = (SURPLUS, DEFICIT, "#00785a", "#9a4a7d")
# How many years apart two amounts stand; and at most how many years are numbered where there is little room.
APART, FEW = 3, 6
# The least room between two points of a line.
POINT = 5


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


def bars(rows: Sequence[Row], frame: Frame) -> list[Any]:
    """The layers of a balance: a bar a year, zero, and the amounts that a reader looks for.

    Args:
        rows: A row a year, in order, with `year`, `balance_usd`, `balance_sign`, `sign_flipped`, `first_deficit_since`
            and `observation_status`.
        frame: The room that there is.
    """
    import altair as alt

    years = list(range(rows[0]["year"], rows[-1]["year"] + 1))
    known = [row for row in rows if row["balance_usd"] is not None]
    size, unit = scale([row["balance_usd"] for row in known])
    points = [
        {
            "year": row["year"],
            "balance": row["balance_usd"] / size,
            "words": f"{row['balance_usd'] / size:,.1f}".replace("-", "−"),
            "colour": _colour(row),
            "said": f"{row['year']}: {row['balance_usd'] / size:,.3f} {unit}".replace("-", "−"),
        }
        for row in known
    ]
    x = across(years, frame)
    up = alt.Y("balance:Q", axis=alt.Axis(title=unit))
    layers: list[Any] = [
        of_rows(points)
        .mark_bar()
        .encode(
            x=x,
            y=up,
            color=alt.Color("colour:N", scale=None),
            description=alt.Description("said:N"),
        ),
        of_rows([{"balance": 0}]).mark_rule(color=INK).encode(y=up),
    ]
    flip = next((row for row in reversed(known) if row["sign_flipped"]), None)
    last = points[-1]
    widest = max((point for point in points if point["colour"] != UNSIGNED), key=_width, default=last)
    named = [point for point in (last, widest) if flip is None or point["year"] != flip["year"]]
    if last["year"] - widest["year"] < APART:
        named = [point for point in named if point is last]
    layers += [
        of_rows([{**point, "balance": _clear_of(point, points)}])
        .mark_text(baseline="top" if below else "bottom", dy=4 if below else -4, fontSize=frame.font, color=INK)
        .encode(x=x, y=up, text=alt.Text("words:N"))
        for point in named
        for below in [point["balance"] < 0]
    ]
    if flip is not None:
        since, is_late = flip["first_deficit_since"], flip["year"] - years[0] > len(years) / 2
        told = f", the first deficit since {since}" if since else f": {flip['balance_sign']}"
        point = next(point for point in points if point["year"] == flip["year"])
        words = {**point, "words": f"{flip['year']}: {point['words']}{told}"}
        layers.append(
            of_rows([words])
            .mark_text(
                align="right" if is_late else "left",
                baseline="bottom" if point["balance"] < 0 else "top",
                dx=-14 if is_late else 14,
                fontSize=frame.font + (1 if frame.numbered > FEW else -1),
                fontWeight="bold",
                color=INK,
            )
            .encode(x=x, y=up, text=alt.Text("words:N"))
        )
    return layers


def _clear_of(point: Row, points: Sequence[Row]) -> float:
    """Where the amount of a bar stands: beyond the bar before it, too, if that goes farther the same way."""
    balance = float(point["balance"])
    (before,) = [float(other["balance"]) for other in points if other["year"] == point["year"] - 1] or [0.0]
    return before if before * balance > 0 and abs(before) > abs(balance) else balance


def lines(
    rows: Sequence[Row],
    labels: Mapping[str, str],
    unit: str,
    frame: Frame,
    *,
    has_legend: bool = False,
    has_zero: bool = False,
    x: alt.X | None = None,
) -> list[Any]:
    """The layers of columns by year, or by month: a line each, told apart by colour and by dashes.

    Args:
        rows: In order, each with `year`, a number or a text, and the columns.
        labels: What each column that is drawn is called.
        unit: Their unit.
        frame: The room that there is.
        has_legend: Whether a legend names the lines.
        has_zero: Whether the axis begins at zero, as it always does of amounts.
        x: Where the periods stand, if not as `across` has them.
    """
    import altair as alt

    size, shown = 1.0, "%" if unit == "percent" else unit
    if unit == "US$":
        size, shown = scale([row[name] for row in rows for name in labels if row[name] is not None])
    elif unit == "persons":
        size, shown = 1e3, "thousand"
    values = {row["year"]: row for row in rows}
    every: Sequence[int | str] = list(values)
    if isinstance(rows[0]["year"], int):
        every = list(range(rows[0]["year"], rows[-1]["year"] + 1))
    points = [
        {
            "year": period,
            "line": label,
            "value": None if (value := values.get(period, {}).get(name)) is None else value / size,
        }
        for period in every
        for name, label in labels.items()
    ]
    names = list(labels.values())
    base = of_rows(points).encode(
        x=x or across(every, frame),
        y=alt.Y(
            "value:Q", axis=alt.Axis(title=shown), scale=alt.Scale(zero=has_zero or "US$" in unit or unit == "persons")
        ),
        color=alt.Color(
            "line:N",
            scale=alt.Scale(domain=names, range=list(LINES[: len(names)])),
            legend=alt.Legend(title=None, orient="bottom", labelLimit=0, symbolStrokeWidth=0) if has_legend else None,
        ),
    )
    dashed = base.encode(strokeDash=alt.StrokeDash("line:N", scale=alt.Scale(domain=names), legend=None))
    layers: list[Any] = [dashed.mark_line(strokeWidth=2.5)]
    # Of many months points would be a band.
    if len(every) * POINT < frame.width:
        layers.append(base.mark_point(filled=True, size=36, opacity=1))
    if "US$" in unit:
        layers.append(of_rows([{"value": 0}]).mark_rule(color=INK).encode(y=alt.Y("value:Q")))
    return layers


def _width(point: Row) -> float:
    return abs(float(point["balance"]))


def _colour(row: Row) -> str:
    if row["balance_sign"] is None:
        return UNSIGNED
    colour = DEFICIT if row["balance_usd"] < 0 else SURPLUS
    return PROVISIONAL[colour] if row["observation_status"] == "P" else colour


def of_rows(rows: Sequence[Row]) -> alt.Chart:
    """A chart of rows. Altair copies lists at every turn, and of tuples it does not."""
    import altair as alt

    return alt.Chart(alt.InlineData(values=tuple(rows)))


def scale(values: Sequence[float]) -> tuple[float, str]:
    """What amounts are divided by, and the unit that they have then."""
    return (1e9, "US$ billion") if max(abs(value) for value in values) >= 1e9 else (1e6, "US$ million")


def across(periods: Sequence[int | str], frame: Frame) -> alt.X:
    """Years, or months as 2026-01, from left to right; as many years with their numbers as there is room for."""
    import altair as alt

    years: dict[Any, int] = {
        period: int(str(period)[:4]) for period in periods if not str(period)[4:] or str(period).endswith("-01")
    }
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100) if len(years) <= step * frame.numbered)
    axis = alt.Axis(
        values=[period for period, year in years.items() if year % step == 0],
        labelExpr="slice(datum.label, 0, 4)",
        labelAngle=0,
        labelOverlap=False,
        labelPadding=6,
        grid=False,
        ticks=False,
    )
    return alt.X("year:O", title=None, scale=alt.Scale(domain=list(periods)), axis=axis)


def styled(layers: Sequence[Any], frame: Frame) -> alt.LayerChart:
    """A chart in its frame."""
    import altair as alt

    padding = {"left": frame.left, "right": frame.right, "top": frame.top, "bottom": frame.bottom}
    axis = {
        "labelFontSize": frame.font,
        "titleFontSize": frame.font,
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
        "titleX": -frame.left + 16,
        "titleY": -10,
        "ticks": False,
    }
    # All at once, and no properties(): Altair copies a chart for each setting that is added to it.
    return alt.LayerChart(
        layer=list(layers),
        width=frame.width,
        height=frame.height,
        padding=padding,
        autosize=alt.AutoSizeParams(type="none"),
        config={"font": FONT, "view": {"stroke": None}, "axis": axis, "axisY": upright},
    )
