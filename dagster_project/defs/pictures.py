"""Series as Dagster can show them: a spark line beside the latest figures, and the whole chart a click away.

Here: SVG in Markdown, which renders in place up to `IN_PLACE` characters. Not here: which series (`subjects`).
"""

from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Any
from xml.sax.saxutils import escape

import dagster as dg
import duckdb

from dagster_project.defs.subjects import SERIES, VERDICTS, Series

IN_PLACE = 1000
INK, LINE = "#1f4e79", "#999"
# More points than these do not fit into a spark line, in characters or to the eye.
SPARK_POINTS = 36

Scale = Callable[[float], int]
Point = tuple[str, float | None]


def shown(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, Any]:
    """What Dagster shows of the figures of a table; nothing of most tables."""
    if table == "marts.claim_verdicts":
        lines = [f"{count} {verdict.replace('_', ' ')}" for verdict, count in connection.execute(VERDICTS).fetchall()]
        return {"figures": dg.MetadataValue.md("\n".join(f"- {line}" for line in lines))}
    if table not in SERIES:
        return {}
    series = SERIES[table]
    values = dict(connection.execute(series.query).fetchall())
    periods = list(values)
    if periods and isinstance(periods[0], int):
        periods = list(range(periods[0], periods[-1] + 1))
    points: list[Point] = [(str(period), values.get(period)) for period in periods]
    # What is missing at either end is no part of the series; in between it is a gap.
    known = [place for place, (_, value) in enumerate(points) if value is not None]
    if not known:
        return {}
    points = points[known[0] : known[-1] + 1]
    metadata = {"figures": dg.MetadataValue.md(in_brief(series, points))}
    if len(points) > 1:
        metadata["chart"] = dg.MetadataValue.md(_image(series.title, chart(series, points)))
    return metadata


def in_brief(series: Series, points: Sequence[Point]) -> str:
    """The latest three figures and a spark line, as Markdown that renders in place."""
    figures = [f"{period}: **{number(value)}**" for period, value in points if value is not None]
    latest = " · ".join(figures[:-4:-1])
    text = f"{series.title} ({series.unit}): {latest}"
    if len(points) == 1:
        return text
    # From the last point backwards, so that it is always there.
    step = -(-len(points) // SPARK_POINTS)
    return f"{text}\n\n{_image(f'since {points[0][0]}', spark([value for _, value in points[::-1][::step]][::-1]))}"


def number(value: float) -> str:
    """A figure with its sign and one decimal; whole numbers have none."""
    text = f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
    return text.replace("-", "−")


def spark(values: Sequence[float | None]) -> str:
    """A line without axes, with zero where the values cross it."""
    width, height = 180, 36
    low, high, across, up = _scales(values, width, height, 2)
    zero = f'<path d="M0 {up(0)}H{width}" stroke="{LINE}"/>' if low < 0 < high else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" fill="none">{zero}'
        f'<path d="{_line(values, across, up)}" stroke="{INK}" stroke-width="2" stroke-linecap="round"/></svg>'
    )


def chart(series: Series, points: Sequence[Point]) -> str:
    """The whole series with its scale, its first and last period and those between."""
    width, height, margin = 720, 300, 50
    values = [value for _, value in points]
    low, high, across, up = _scales(values, width, height, margin)
    ticks = sorted({low, high, *([0.0] if low < 0 < high else [])})
    scale = "".join(
        f'<path d="M{margin} {up(value)}H{width - margin}" stroke="{LINE}"/>'
        f'<text x="{margin - 6}" y="{up(value) + 4}" text-anchor="end">{number(value)}</text>'
        for value in ticks
    )
    places = sorted({round(part * (len(points) - 1) / 6) for part in range(7)})
    periods = "".join(
        f'<text x="{across(place)}" y="{height - margin + 26}" text-anchor="middle">{escape(points[place][0])}</text>'
        for place in places
    )
    title = escape(f"{series.title} ({series.unit})")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" '
        f'font-size="12" fill="#333"><title>{title}</title><rect width="{width}" height="{height}" fill="#fff"/>'
        f'<text x="{margin}" y="24" font-size="14" font-weight="bold">{title}</text>{scale}{periods}'
        f'<path d="{_line(values, across, up)}" fill="none" stroke="{INK}" stroke-width="2" stroke-linecap="round"/>'
        "</svg>"
    )


def _scales(values: Sequence[float | None], width: int, height: int, margin: int) -> tuple[float, float, Scale, Scale]:
    """The least and the greatest value; where in a picture the nth stands from the left, and a value from above."""
    known = [value for value in values if value is not None]
    low, high = min(known), max(known)
    step = (width - 2 * margin) / max(len(values) - 1, 1)
    return (
        low,
        high,
        lambda place: round(margin + place * step),
        lambda value: round(height - margin - (value - low) / ((high - low) or 1) * (height - 2 * margin)),
    )


def _line(values: Sequence[float | None], across: Scale, up: Scale) -> str:
    """A path through the values, broken where one is missing."""
    path = ""
    for place, value in enumerate(values):
        if value is not None:
            begins = place == 0 or values[place - 1] is None
            path += f"M{across(place)} {up(value)}h0" if begins else f"L{across(place)} {up(value)}"
    return path


def _image(words: str, svg: str) -> str:
    return f"![{words}](data:image/svg+xml;base64,{b64encode(svg.encode()).decode()})"
