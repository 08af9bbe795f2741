"""Notify people of a build: of the failures that stopped it, or of the changes in its publication.

Here: the facts to report and their texts. Not here: sending (`notify`), and finding changes and their causes
(`publication.changes`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import duckdb

from dagster_project import notify, publication
from dagster_project.audit.results import CheckResult
from dagster_project.database import fetch_records
from dagster_project.errors import BilateralError
from dagster_project.notify import Fact
from dagster_project.project import Project
from dagster_project.questions import Question, ask_question, locate_questions
from dagster_project.settings import Settings, list_pairs


def notify_failure(
    project: Project, stopping: Iterable[CheckResult], environment: Mapping[str, str] = os.environ
) -> None:
    """Send a notice of the failures that stopped a publication."""
    found = [
        Fact(
            f"{result.table} {result.check}",
            f"Nothing was published: {result.table}: {result.check} {result.status}"
            + (f" ({result.unexpected_count:,} rows)" if result.unexpected_count else ""),
        )
        for result in stopping
    ]
    notify.send_facts(project, "Bilateral: a build was stopped", {"audit": found}, environment)


def notify_publication(project: Project, environment: Mapping[str, str] = os.environ) -> None:
    """Send a notice of the changes in the published file and of late releases."""
    if notify.read_address(environment) is None:
        return
    from dagster_project.refresh.notices import list_late_facts
    from dagster_project.refresh.planning import read_settings
    from dagster_project.refresh.state import list_states

    try:
        settings = read_settings(project)
        with publication.open_published(project) as connection:
            found = list_facts(connection, settings) | {"months": list_news(project, connection)}
        found |= {"audit": [], **list_late_facts(list_states(project, environment, datetime.now(UTC)))}
    except (BilateralError, duckdb.Error):
        # Other commands report these errors; a publication must not fail because of them.
        return
    name = publication.get_current_id(project)
    notify.send_facts(project, f"Bilateral: {name} is published", found, environment)


def list_facts(connection: duckdb.DuckDBPyConnection, settings: Settings) -> dict[str, list[Fact]]:
    """List the facts of a publication: the changed figures of the configured economies, and the rows set aside."""
    every = fetch_records(
        connection,
        """
        from meta.changes
        where key is not null and (is_flip or (change = 'revised' and abs(difference_pct) >= $least))
        order by table_name, key, column_name
        """,
        {"least": settings.notify.large_revision_pct},
    )
    aside = connection.execute(
        "select snapshot_id, reason, count(*) from meta.quarantine group by all order by all"
    ).fetchall()
    return {
        "changed": [fact for one in every if (fact := _make_fact(one, settings)) is not None],
        "set aside": [
            Fact(
                f"{snapshot} {reason}",
                f"{snapshot}: {count:,} {'field' if count == 1 else 'fields'} set aside: {reason}",
            )
            for snapshot, reason, count in aside
        ],
    }


def list_news(project: Project, connection: duckdb.DuckDBPyConnection) -> list[Fact]:
    """List the sentences, each with its source, on the newest month of each pair if that month is new or changed."""
    table = "from meta.changes where table_name = 'marts.trade_balance_monthly' and key is not null"
    changed = [json.loads(key) for (key,) in connection.execute(f"select distinct key {table}").fetchall()]
    question = Question.read_file(locate_questions(project)["last_month"])
    found = []
    for reporter, partner in list_pairs(project) if changed else ():
        answer = ask_question(connection, question, {"reporter": reporter, "partner": partner})
        key = {"reporter_code": reporter, "partner_code": partner, "period_start": str(answer.rows[0]["to_month"])}
        if key in changed:
            cited = zip(answer.rows, answer.sentence.parts, strict=True)
            # The name is the text, so that a month with revised figures is sent again.
            found += [Fact(text, text) for row, said in cited if (text := f"{said} {answer.cite_row(row)}".strip())]
    return found


def _make_fact(one: dict[str, Any], settings: Settings) -> Fact | None:
    key: dict[str, Any] = json.loads(one["key"])
    # A warehouse of all economies has hundreds of flips; report only those of the configured pairs.
    if not {key[name] for name in ("reporter_code", "economy_code") if name in key} <= set(settings.reporters):
        return None
    if "partner_code" in key and (key.get("reporter_code"), key["partner_code"]) not in settings.directions:
        return None
    where = " ".join(str(value) for value in key.values())
    # The name stays the same if the same contents are published again, so that no change is sent twice.
    name = f"{one['compared_with']} {one['table_name']} {one['key']} {one['column_name']}"
    because = f"{one['cause']}{': ' + one['reason'] if one['reason'] else ''}"
    if one["value_text"] is not None:
        if one["table_name"] == "meta.checks" and one["value_text"] == "passed":
            return None
        return Fact(name, f"{where}: {one['previous_text']} → {one['value_text']} ({because})")
    what = "changes its sign" if one["is_flip"] else f"is revised by {one['difference_pct']:+.1f}%"
    return Fact(
        name,
        f"{one['column_name']} of {where} {what}: {one['previous_value']:,.10g} → {one['value']:,.10g} ({because})",
    )
