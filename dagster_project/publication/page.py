"""Render the page about an audit as one self-contained HTML file.

Here: reading the content and filling the template, `page.html.j2`. Not here: the audit itself, and the notes
that explain expectations, which are in their suites.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.audit.results import CheckResult
from dagster_project.database import fetch_records
from dagster_project.publication import Publication, changes
from dagster_project.publication.html import render_page

TEMPLATE = Path(__file__).with_name("page.html.j2")

QUARANTINE_SHOWN = 200
QUARANTINE_OF_ONE = 10
CHANGES_SHOWN = 100

FIRST_ANSWER = """
    select year, exports_usd, imports_usd, balance_usd, sign_flipped, first_deficit_since
    from marts.trade_balance_annual
    where reporter_code = 'KOR' and partner_code = 'CHN' and is_complete
    order by year
"""

# The verdicts, beginning with those that need a reader's attention.
WORST_FIRST = [
    *("contradicted", "reporter_dependent", "differs_in_last_digit", "pending", "not_held"),
    *("supported_rounded", "supported", "not_checkable"),
]
CLAIMS = """
    select claim_id, statement, verdict, reason, verdict_then,
        -- Cut the date to its precision.
        substr(cast(published_on as varchar), 1, case precise when 'year' then 4 when 'month' then 7 else 10 end)
            as published_on
    from marts.claim_verdicts
    inner join (select claim_id, published_on_precision as precise from core.claims) as registered using (claim_id)
    order by list_position($order, verdict), claim_id
"""

CORRECTIONS = """
    select correction_id, source, dataset, reporter_code, flow, period_start, reason,
        string_agg(partner_code, ', ' order by partner_code) as partners,
        string_agg(case when not is_current then partner_code end, ', ' order by partner_code) as mended
    from meta.corrections
    group by all
    order by correction_id
"""


def render_audit_page(
    connection: duckdb.DuckDBPyConnection, publication: Publication | None, results: Iterable[CheckResult]
) -> str:
    """Render the page about the audit of a file; `publication` is None if the file was not published."""
    ordered = sorted(results, key=lambda result: (result.table, result.check))
    balances = fetch_records(connection, FIRST_ANSWER) if publication else []
    return render_page(
        TEMPLATE,
        {
            "thousands": _format_thousands,
            "millions": lambda value: _format_thousands(None if value is None else value / 1e6),
            "moment": lambda value: f"{value:%-d %B %Y, %H:%M} UTC",
            "cell": _format_cell,
        },
        publication=publication,
        results=ordered,
        stopping=[result for result in ordered if result.blocks],
        new=[result for result in ordered if result.status == "failed" and not result.blocks and not result.cause],
        known=[result for result in ordered if result.cause],
        blocking_count=sum(result.severity == "critical" for result in ordered),
        balances=balances,
        claims=fetch_records(connection, CLAIMS, {"order": WORST_FIRST}) if publication else [],
        changed=fetch_records(connection, changes.query_counts("meta.changes")) if publication else [],
        changes=fetch_records(connection, changes.query_largest("meta.changes", CHANGES_SHOWN)) if publication else [],
        widest=max((abs(row["balance_usd"]) for row in balances), default=1),
        snapshots=fetch_records(connection, "select * from meta.snapshots order by source, dataset, known_from"),
        # Some rows of each snapshot, so that a snapshot set aside as a whole does not fill the table.
        quarantine=fetch_records(
            connection,
            "from meta.quarantine qualify row_number() over (partition by snapshot_id, reason order by row_number) <= "
            f"{QUARANTINE_OF_ONE} order by all limit {QUARANTINE_SHOWN}",
        ),
        quarantined_count=fetch_records(connection, "select count(*) as fields from meta.quarantine")[0]["fields"],
        corrections=fetch_records(connection, CORRECTIONS),
    )


def _format_thousands(value: float | None) -> str:
    return "–" if value is None else f"{value:z,.0f}".replace("-", "−")


def _format_cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return "" if value is None else str(value)
