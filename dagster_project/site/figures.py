"""Write every figure with an ID under an address that stays: a page for each series, and all figures as Parquet.

Here: the figures of this publication and of the site's earlier ones. The ID `balance/KOR/CHN/2023@2026-08-20` is the
row `2023@2026-08-20` of the page `figures/balance/KOR/CHN.html`. Not here: IDs and their figures (`metrics`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project import metrics
from dagster_project.database import fetch_records, quote_literal
from dagster_project.metrics import NOBODY, Figure
from dagster_project.publication.html import render_page
from dagster_project.questions.wording import capitalize_first, make_possessive
from dagster_project.report.package import PARQUET

if TYPE_CHECKING:
    import duckdb

PAGE = Path(__file__).with_name("pages") / "figures.html.j2"
FILE = "data/figures.parquet"
COLUMNS = "id, value, unit, observation_status, snapshot_ids, is_current"
# Each figure with the ID of the newest one of its period, this one included, and the series that it is of.
ROWS = """
    select *, regexp_extract(id, '(.*)/', 1) as series, regexp_extract(id, '[^/]*$') as known,
        first(known) over (partition by series, split_part(known, '@', 1) order by known desc) as newest
    from figures
    order by series, known desc
"""


def write_figures(
    earlier: Path,
    folder: Path,
    known: Iterable[Figure],
    withheld: AbstractSet[str],
    names: Mapping[str, str],
    content: Mapping[str, Any],
) -> None:
    """Write the figures, and keep those of an earlier site; a value that may no longer be passed on is removed.

    Args:
        earlier: The folder of the earlier site, which may not exist.
        folder: The folder of the new site.
        known: The figures of this publication.
        withheld: The snapshots that may not be redistributed.
        names: The names of economies by code.
        content: The content of `datapackage.json`, with the sources.
    """
    import duckdb

    with duckdb.connect() as connection:
        _collect_figures(connection, known)
        if (earlier / FILE).exists():
            connection.execute(
                f"insert into figures select {COLUMNS.removesuffix('is_current')} false "
                f"from {quote_literal(earlier / FILE)} where id not in (select id from figures)"
            )
        refused = "list_has_any(snapshot_ids, $withheld::varchar[])"
        connection.execute(f"update figures set value = null where {refused}", {"withheld": sorted(withheld)})
        connection.execute(f"copy (from figures order by id) to {quote_literal(folder / FILE)} (format {PARQUET})")
        rows = fetch_records(connection, ROWS)
    sources = {source["name"]: source for source in content["sources"]}
    for series, group in groupby(rows, key=lambda row: str(row["series"])):
        shown = list(group)
        named = list(dict.fromkeys(one for row in shown for one in row["snapshot_ids"]))
        html = render_page(
            PAGE,
            {"number": _format_exact},
            title=_write_title(series, names),
            series=series,
            rows=shown,
            sources={name: sources.get(name) for name in named},
            numbers={name: number for number, name in enumerate(named, 1)},
            root="../" * (series.count("/") + 1),
        )
        target = folder / "figures" / f"{series}.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(html, encoding="utf-8")


def _collect_figures(connection: duckdb.DuckDBPyConnection, known: Iterable[Figure]) -> None:
    found = list(known)
    units = {name: metric.unit for name, metric in metrics.load_metrics().items()}
    given = {
        "ids": [figure.id for figure in found],
        "amounts": [figure.value for figure in found],
        "units": [units[figure.identity.metric] for figure in found],
        "states": [figure.observation_status for figure in found],
        "named": [list(figure.snapshot_ids) for figure in found],
    }
    connection.execute(
        "create table figures as select unnest($ids::varchar[]) as id, unnest($amounts::double[]) as value, "
        "unnest($units::varchar[]) as unit, unnest($states::varchar[]) as observation_status, "
        "unnest($named::varchar[][]) as snapshot_ids, true as is_current",
        given,
    )


def _format_exact(value: float) -> str:
    """Format a value with every digit that it has."""
    return f"{value:,}".removesuffix(".0")


def _write_title(series: str, names: Mapping[str, str]) -> str:
    """Write the title of a series: South Korea's exports to China."""
    name, reporter, partner = series.split("/")
    metric, _, item = name.partition(".")
    other = "" if partner == NOBODY else names.get(partner, partner)
    title = metrics.load_metrics()[metric].title.format(partner=other, item=item)
    return capitalize_first(f"{make_possessive(names.get(reporter, reporter))} {title[:1].lower()}{title[1:]}")
