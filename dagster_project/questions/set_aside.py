"""Describe the figures of a series that are published but set aside (not used), with the reasons.

Here: texts about figures set aside by rules, by persons and by builds. Not here: the decisions (`snapshots`), and the
rules (the model `core.goods_trade_set_aside`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

import duckdb

from dagster_project.questions.series import Gap, Series
from dagster_project.questions.wording import join_words
from dagster_project.sources import Dataset, find_dataset

# A dataset with one of these columns has rows by product, and no row for the total.
_OF_PRODUCTS = frozenset({"product_code", "hs_code", "end_use_code"})
# Patterns for the first characters of the datasets' words for each flow.
_FLOWS = {"export": "(?i)e|x|수출", "import": "(?i)i|m|수입"}


def list_rule_reasons(connection: duckdb.DuckDBPyConnection, series: Series, gap: Gap) -> list[str]:
    """Write a sentence for each rule that sets aside figures of a series in the years of a gap."""
    rows = connection.execute(
        "select reason, list_sort(list_distinct(list(flow))), min(year(period_start)), max(year(period_start)) "
        "from core.goods_trade_set_aside "
        "where reporter_code = $1 and partner_code = $2 and list_contains($3, flow) group by reason order by reason",
        [series.reporter, series.partner, list(series.flows)],
    ).fetchall()
    return [
        f"{join_words(f'{flow}s' for flow in flows).capitalize()} between {first} and {last} were published, "
        f"but a rule sets them aside. {reason}"
        for reason, flows, first, last in rows
        if not gap.years or any(first <= year <= last for year in gap.years)
    ]


def list_decisions(connection: duckdb.DuckDBPyConnection, series: Series, periods: Iterable[str]) -> list[str]:
    """Write a sentence, with dataset and reason, for each decision that may set figures of a series aside.

    A person or a build decides to set aside a row or a whole snapshot. A row counts if it is about the series and one
    of the periods. A snapshot counts if its dataset may have the series.
    """
    decided = connection.execute(
        "select distinct concat(source, '/', dataset), set_aside_by, reason, column_name, row_text "
        "from meta.quarantine where is_current and set_aside_by in ('person', 'build') order by all"
    ).fetchall()
    return list(
        dict.fromkeys(
            f"{'A snapshot' if row is None else 'A row'} of {path} that may contain these figures was set aside by a "
            f"{decider} (see `bilateral set-aside list`): {reason.rstrip('.')}."
            for path, decider, reason, column, row in decided
            if _may_hold(find_dataset(path), series)
            and (row is None or _is_about(connection, json.loads(row), column, series, periods))
        )
    )


def _may_hold(declared: Dataset, series: Series) -> bool:
    """Return whether a dataset may have a series, judged by the dataset's domain, reporters and product columns."""
    columns = {column.name for column in declared.columns}
    offer = declared.offer
    if series.domain != (offer.domain if offer else declared.name.partition("_")[0]):
        return False
    if offer and offer.reporters and series.reporter not in offer.reporters:
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
    """Return whether a publisher's row has the economies and the flow of a series, and one of the periods."""

    def list_values(*beginnings: str) -> list[str]:
        return [value for name, value in row.items() if name.startswith(beginnings) and value is not None]

    def is_named(written: list[str], code: str) -> bool:
        query = "select 1 from staging.economy_codes where economy_code = $1 and list_contains($2, code)"
        return code in written or connection.execute(query, [code, written]).fetchone() is not None

    if not series.partner:
        has_economies = is_named(list_values("economy"), series.reporter)
    else:
        # A dataset with the statistics of one economy names only the partner.
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
    # The UN writes a month as 202403; all other publishers write 2024-03.
    dates = [value.replace("-", "") for value in list_values("year", "month", "period")]
    return not periods or any(date.startswith(one.replace("-", "")) for date in dates for one in periods)
