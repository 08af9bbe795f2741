"""Figures that are printed and not used: which of a series, and why.

Here: what rules, persons and builds have set aside of a series, in words. Not here: the decisions (`snapshots`), and
the rules, which are SQL (`core.goods_trade_set_aside`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from dagster_project.questions.series import Gap, Series
from dagster_project.questions.wording import join_words
from dagster_project.sources import Dataset, find_dataset

if TYPE_CHECKING:
    import duckdb

# Columns of datasets that tell products apart, and have no total.
_OF_PRODUCTS = frozenset({"product_code", "hs_code", "end_use_code"})
# The beginnings of what datasets write for a flow.
_FLOWS = {"export": "(?i)e|x|수출", "import": "(?i)i|m|수입"}


def list_rule_reasons(connection: duckdb.DuckDBPyConnection, series: Series, gap: Gap) -> list[str]:
    """List the figures of a series that a rule sets aside in the years of a gap, in words."""
    rows = connection.execute(
        "select reason, list_sort(list_distinct(list(flow))), min(year(period_start)), max(year(period_start)) "
        "from core.goods_trade_set_aside "
        "where reporter_code = $1 and partner_code = $2 and list_contains($3, flow) group by reason order by reason",
        [series.reporter, series.partner, list(series.flows)],
    ).fetchall()
    return [
        f"{join_words(f'{flow}s' for flow in flows).capitalize()} between {first} and {last} are printed, "
        f"and set aside by rule. {reason}"
        for reason, flows, first, last in rows
        if not gap.years or any(first <= year <= last for year in gap.years)
    ]


def list_decisions(connection: duckdb.DuckDBPyConnection, series: Series, periods: Iterable[str]) -> list[str]:
    """List what persons and builds have set aside of a series in periods, in words: of which dataset, and why.

    A snapshot that is set aside whole may be about any series of its domain.
    """
    decided = connection.execute(
        "select distinct concat(source, '/', dataset), set_aside_by, reason, column_name, row_text "
        "from meta.quarantine where is_current and set_aside_by in ('person', 'build') order by all"
    ).fetchall()
    return list(
        dict.fromkeys(
            f"{'A snapshot' if row is None else 'A row'} of {path} that may be about it is set aside by a {decider} "
            f"(`bilateral set-aside list`): {reason.rstrip('.')}."
            for path, decider, reason, column, row in decided
            if _may_hold(find_dataset(path), series)
            and (row is None or _is_about(connection, json.loads(row), column, series, periods))
        )
    )


def _may_hold(declared: Dataset, series: Series) -> bool:
    """Return whether a dataset may hold a series, by its domain, its reporters and whether it tells products apart."""
    columns = {column.name for column in declared.columns}
    brings = declared.brings
    if series.domain != (brings.domain if brings else declared.name.partition("_")[0]):
        return False
    if brings and brings.reporters and series.reporter not in brings.reporters:
        return False
    tells_products = not columns.isdisjoint(_OF_PRODUCTS)
    return series.domain != "goods" or "cmd_code" in columns or tells_products != (series.item == "TOTAL")


def _is_about(
    connection: duckdb.DuckDBPyConnection,
    row: Mapping[str, str | None],
    column: str,
    series: Series,
    periods: Iterable[str],
) -> bool:
    """Return whether a publisher's row is about a series: its economies as they are written, its flow and a period."""

    def list_values(*beginnings: str) -> list[str]:
        return [value for name, value in row.items() if name.startswith(beginnings) and value is not None]

    def is_named(written: list[str], code: str) -> bool:
        query = "select 1 from staging.economy_codes where economy_code = $1 and list_contains($2, code)"
        return code in written or connection.execute(query, [code, written]).fetchone() is not None

    if not series.partner:
        has_economies = is_named(list_values("economy"), series.reporter)
    else:
        # A dataset of one economy's statistics names the partner alone.
        reporters = list_values("reporter", "exporter") or [series.reporter]
        has_economies = is_named(list_values("partner", "importer"), series.partner) and is_named(
            reporters, series.reporter
        )
    if not has_economies or ("cmd_code" in row and (row["cmd_code"] == "TOTAL") != (series.item == "TOTAL")):
        return False
    if len(series.flows) == 1:
        (flow,), written = series.flows, list_values("flow", "indicator")
        is_other = column.startswith("import" if flow == "export" else "export")
        if is_other or (written and not re.match(_FLOWS[flow], written[0])):
            return False
    # The UN writes 202403, all others 2024-03.
    dates = [value.replace("-", "") for value in list_values("year", "month", "period")]
    return not periods or any(date.startswith(one.replace("-", "")) for date in dates for one in periods)
