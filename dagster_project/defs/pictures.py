"""Show series in Dagster: the latest figures with a spark line, and the whole chart.

Here: the series of `marts.yml` as Markdown. Not here: drawing charts (`report.pictures`).
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from dagster_project.files import load_yaml, read_text
from dagster_project.questions import wording

# More bars than these do not fit into a spark line.
SPARK_POINTS = 36
BARS = "▁▂▃▄▅▆▇█"
VERDICT_COUNTS = "select verdict, count(*) from marts.claim_verdicts group by verdict order by count(*) desc, verdict"

Point = tuple[int | str, float | None]


@dataclass(frozen=True)
class ShownMart:
    """A mart that Dagster shows as a series, or with a link into the report."""

    report: str | None = None  # the anchor of the report's section that shows the mart; None if no section does
    title: str | None = None  # the title of the series; None if Dagster draws no series
    unit: str = ""
    query: str = ""  # a SELECT of a period and a value, in order; a year without a row is a gap


@cache
def load_shown_marts() -> dict[str, ShownMart]:
    """Load the series to show for each mart, by its name."""
    path = Path(__file__).with_name("marts.yml")
    return {name: ShownMart(**fields) for name, fields in load_yaml(read_text(path), path).items()}


def describe_figures(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, Any]:
    """Build metadata that shows a mart's series, or counts claims by verdict; return {} for a table with neither."""
    if table == "marts.claim_verdicts":
        counts = connection.execute(VERDICT_COUNTS).fetchall()
        lines = [f"{count} {verdict.replace('_', ' ')}" for verdict, count in counts]
        return {"figures": dg.MetadataValue.md("\n".join(f"- {line}" for line in lines))}
    mart = load_shown_marts().get(table)
    if mart is None or mart.title is None:
        return {}
    points = _read_points(connection, mart.query)
    if not points:
        return {}
    metadata = {"figures": dg.MetadataValue.md(write_brief(mart.title, mart.unit, points))}
    if len(points) > 1:
        from dagster_project.report.pictures import draw_series

        rows = [{"year": period, "value": value} for period, value in points]
        svg = draw_series(rows, mart.title, mart.unit).to_svg()
        image = f"![{mart.title}](data:image/svg+xml;base64,{b64encode(svg.encode()).decode()})"
        metadata["chart"] = dg.MetadataValue.md(image)
    return metadata


def _read_points(connection: duckdb.DuckDBPyConnection, query: str) -> list[Point]:
    """Read the points of a series, from the first to the last with a value; a missing year in between is a gap."""
    values = dict(connection.execute(query).fetchall())
    periods = list(values)
    if periods and isinstance(periods[0], int):
        periods = list(range(periods[0], periods[-1] + 1))
    points = [(period, None if values.get(period) is None else float(values[period])) for period in periods]
    known = [place for place, (_, value) in enumerate(points) if value is not None]
    return points[known[0] : known[-1] + 1] if known else []


def write_brief(title: str, unit: str, points: Sequence[Point]) -> str:
    """Write the latest three figures and a spark line as Markdown."""
    figures = [f"{period}: **{format_number(value)}**" for period, value in points if value is not None]
    text = f"{title} ({unit}): {' · '.join(figures[:-4:-1])}"
    if len(points) == 1:
        return text
    # From the last point backwards, so that it is always there.
    step = -(-len(points) // SPARK_POINTS)
    return f"{text}\n\n{draw_spark_line([value for _, value in points[::-1][::step]][::-1])} since {points[0][0]}"


def format_number(value: float) -> str:
    """Format a figure with one decimal, or none if it is whole, for example −7.6 and 1,213."""
    return wording.format_number(value, int(value != int(value)))


def draw_spark_line(values: Sequence[float | None]) -> str:
    """Draw values as bars made of characters, scaled from the least to the greatest; a missing value is a gap."""
    known = [value for value in values if value is not None]
    low, span = min(known), max(known) - min(known) or 1
    return "".join(" " if value is None else BARS[round((value - low) / span * (len(BARS) - 1))] for value in values)
