"""A figure that differs has its cause."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pytest

from tests.publication.test_changes import FIRST, MOVED, NEWER, OTHER, A, B, C, Published, found

RELEASED = {("core.figures", "raw.kosis__goods_annual"): "2"}


MISPRINT = (A, "A misprint.", "person")


OF_A_MONTH = ("wrong", "KOR", "CHN", "export", "M", "2023-04-01", True)


OF_A_YEAR = ("wrong", "KOR", "CHN", "export", "A", "2023-01-01")


# What is published earlier and later, each where it is not as in `Published`; the change, its cause and its reason.
CAUSES: dict[str, tuple[dict[str, Any], dict[str, Any], str, str, str]] = {
    "a new snapshot": ({}, {"trade": [NEWER], "snapshots": [A, B, C]}, "revised", "publisher", C),
    "new": ({"trade": []}, {"trade": [(*FIRST[:5], [C])], "snapshots": [A, B, C]}, "added", "publisher", C),
    "released again without it": (
        *({}, {"trade": [], "snapshots": [A, B, C], "inputs": RELEASED}),
        *("withdrawn", "publisher", "raw.kosis__goods_annual"),
    ),
    "a snapshot is gone": ({}, {"trade": [OTHER], "snapshots": [B]}, "revised", "publisher", f"no longer there: {A}"),
    "a correction of a month takes the year away": (
        *({}, {"trade": [OTHER], "corrections": [OF_A_MONTH]}),
        *("revised", "correction", "wrong"),
    ),
    "a correction applies again": (
        *({"corrections": [(*OF_A_YEAR, False)]}, {"trade": [], "corrections": [(*OF_A_YEAR, True)]}),
        *("withdrawn", "correction", "wrong"),
    ),
    "another source is chosen": (
        *({}, {"trade": [OTHER], "inputs": {("core.figures", "reference.source_precedence"): "2"}}),
        *("revised", "precedence", "reference.source_precedence"),
    ),
    "a person set it aside": (
        *({}, {"trade": [OTHER], "quarantine": [MISPRINT], "inputs": RELEASED}),
        *("revised", "person", "A misprint."),
    ),
    "a person set another figure of its snapshot aside": (
        *({}, {"trade": [MOVED], "quarantine": [MISPRINT], "inputs": RELEASED}),
        *("revised", "person", "A misprint."),
    ),
    "a person took in what a build had set aside": (
        *({"trade": [], "quarantine": [(A, "core.figures: holds: It jumps.", "build")]}, {"inputs": RELEASED}),
        *("added", "person", "core.figures: holds: It jumps."),
    ),
    "what a build sets aside of a new snapshot is the publisher's": (
        {"quarantine": [MISPRINT]},
        {"trade": [NEWER], "snapshots": [A, B, C], "quarantine": [MISPRINT, (C, "It jumps.", "build")]},
        *("revised", "publisher", C),
    ),
    "code of a table below": (
        *({}, {"trade": [MOVED], "inputs": {("core.figures", "sql"): "2"}}),
        *("revised", "code", "sql/core/figures.sql"),
    ),
    "a reference table": (
        *({}, {"trade": [MOVED], "inputs": {("core.figures", "reference.joint_months"): "2"}}),
        *("revised", "reference", "reference.joint_months"),
    ),
    "a flow is gone, and no source took its place": (
        *({}, {"trade": [(*FIRST[:3], None, "imf", [A])], "inputs": RELEASED}),
        *("withdrawn", "publisher", "raw.kosis__goods_annual"),
    ),
    "other rows of the publisher": (
        *({}, {"trade": [MOVED], "inputs": RELEASED}),
        *("revised", "publisher", "raw.kosis__goods_annual"),
    ),
}


@pytest.mark.parametrize(("earlier", "later", "change", "cause", "reason"), CAUSES.values(), ids=CAUSES)
def test_a_changed_figure_has_its_cause(
    memory: duckdb.DuckDBPyConnection,
    earlier: dict[str, Any],
    later: dict[str, Any],
    change: str,
    cause: str,
    reason: str,
) -> None:
    (one,) = found(memory, Published(**earlier), Published(**later))
    assert (one["table_name"], one["column_name"], one["unit"]) == ("marts.trade", "balance_usd", "US$")
    assert json.loads(one["key"]) == {"reporter_code": "KOR", "partner_code": "CHN", "year": 2023}
    assert (one["change"], one["cause"], one["reason"]) == (change, cause, reason)


def test_a_rule_that_fails_on_the_same_rows_is_another_rule(memory: duckdb.DuckDBPyConnection) -> None:
    (rule,) = found(memory, Published(), Published(checks=[("marts.trade", "holds", "failed")]))
    assert (rule["cause"], rule["reason"]) == ("code", "the rule, or another table that it reads")
