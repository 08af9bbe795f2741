"""Rows of answers that lack figures, and the texts about their gaps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

from dagster_project.questions.gaps import describe_gap
from dagster_project.questions.series import list_gaps

NAMES = {"KOR": "South Korea", "CHN": "China", "HKG": "Hong Kong", "USA": "United States"}


def row(code: str | None, *keys: str, periods: list[str] | None = None) -> Mapping[str, Any]:
    return {"missing_code": code, "missing_series": list(keys) or None, "missing_periods": periods}


def said(held: duckdb.DuckDBPyConnection, *rows: Mapping[str, Any]) -> list[str]:
    gaps = [describe_gap(held, gap, NAMES, ("KOR", "CHN")) for gap in list_gaps(rows)]
    return [" ".join(filter(None, gap)) for gap in gaps]
