"""Series as Dagster can show them: a spark line beside the latest figures, and the whole chart a click away.

Here: how they stand in Markdown. Not here: which series (`subjects`), or how a chart is drawn (`report.pictures`).
"""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import dagster as dg
import duckdb

from dagster_project.defs.subjects import SERIES, VERDICT_COUNTS, Series

# More bars than these do not fit into a spark line.
SPARK_POINTS = 36
BARS = "▁▂▃▄▅▆▇█"

Point = tuple[int | str, float | None]


def shown(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, Any]:
    """What Dagster shows of the figures of a table; nothing of most tables."""
    if table == "marts.claim_verdicts":
        counts = connection.execute(VERDICT_COUNTS).fetchall()
        lines = [f"{count} {verdict.replace('_', ' ')}" for verdict, count in counts]
        return {"figures": dg.MetadataValue.md("\n".join(f"- {line}" for line in lines))}
    if table not in SERIES:
        return {}
    series = SERIES[table]
    values = dict(connection.execute(series.query).fetchall())
    periods = list(values)
    if periods and isinstance(periods[0], int):
        periods = list(range(periods[0], periods[-1] + 1))
    points: list[Point] = [
        (period, None if (value := values.get(period)) is None else float(value)) for period in periods
    ]
    # What is missing at either end is no part of the series; in between it is a gap.
    known = [place for place, (_, value) in enumerate(points) if value is not None]
    if not known:
        return {}
    points = points[known[0] : known[-1] + 1]
    metadata = {"figures": dg.MetadataValue.md(in_brief(series, points))}
    if len(points) > 1:
        # vl-convert is imported for the tables that have a chart alone.
        from dagster_project.report.pictures import draw_series

        rows = [{"year": period, "value": value} for period, value in points]
        svg = draw_series(rows, series.title, series.unit).to_svg()
        image = f"![{series.title}](data:image/svg+xml;base64,{b64encode(svg.encode()).decode()})"
        metadata["chart"] = dg.MetadataValue.md(image)
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
    return f"{text}\n\n{spark([value for _, value in points[::-1][::step]][::-1])} since {points[0][0]}"


def number(value: float) -> str:
    """A figure with its sign and one decimal; whole numbers have none."""
    text = f"{value:z,.0f}" if value == int(value) else f"{value:z,.1f}"
    return text.replace("-", "−")


def spark(values: Sequence[float | None]) -> str:
    """Values as bars from the least to the greatest, in characters; what is missing is a gap."""
    known = [value for value in values if value is not None]
    low, span = min(known), max(known) - min(known) or 1
    return "".join(" " if value is None else BARS[round((value - low) / span * (len(BARS) - 1))] for value in values)
