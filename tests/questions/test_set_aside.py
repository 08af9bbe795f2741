"""Texts name the figures of a series that are set aside, with the reasons."""

from __future__ import annotations

import re

import duckdb
import pytest

from tests.questions.gap_texts import row, said


@pytest.mark.parametrize(
    ("series", "period", "reasons"),
    [
        ("goods/M/KOR/export/USA/TOTAL", "2024-03", ["A row of kosis/goods_monthly", "Misread."]),
        ("goods/A/KOR/export+import/USA/TOTAL", "2024", ["A row of kosis/goods_monthly", "Misread."]),
        ("goods/M/KOR/import/USA/TOTAL", "2024-03", []),
        ("goods/M/KOR/export/USA/TOTAL", "2024-04", []),
        ("goods/M/KOR/export/CHN/TOTAL", "2024-03", []),
        ("goods/M/KOR/export/WLD/TOTAL", "2024-03", []),
        ("goods/A/KOR/export/USA/854231", "2024", []),
        (
            "gdp/A/USA/agriculture",
            "2024",
            ["A row of worldbank/wdi", "by a person (see `bilateral set-aside list`): Of GDP."],
        ),
        ("gdp/A/USA/agriculture", "2023", []),
        ("goods/A/BRA/export/USA/TOTAL", "2024", ["A row of comtrade/goods_annual", "Of Brazil."]),
        ("goods/A/BRA/import/USA/TOTAL", "2024", []),
        ("goods/M/JPN/export/USA/TOTAL", "2019-05", ["Of a month", "A row of comtrade/goods", "Of a total"]),
        ("goods/M/JPN/import/USA/TOTAL", "2019-05", []),
        ("goods/A/JPN/import/USA/854231", "2019", ["A row of comtrade/goods", "Of chips"]),
        ("goods/A/JPN/export/USA/7", "2005", ["A row of unctad/goods_annual_sitc3", "Of a section"]),
        ("services/A/JPN/import/USA/S", "2019", ["A snapshot", "Not readable", "A row of oecd_wto/batis", "Of travel"]),
        (
            "services/A/KOR/export/USA/S",
            "2024",
            ["A snapshot of oecd_wto/services_annual", "by a build (see `bilateral set-aside list`): Not readable."],
        ),
    ],
)
def test_what_somebody_set_aside_is_not_said_to_have_never_been_there(
    held: duckdb.DuckDBPyConnection, series: str, period: str, reasons: list[str]
) -> None:
    (text,) = said(held, row("not_held", series, periods=[period]))
    assert [reason for reason in reasons if reason not in text] == []
    assert text.count("that may contain these figures was set aside by a") == (len(reasons) + 1) // 2
    assert not re.search("Mended|No number", text)
    assert ("Of GDP" in text) == any("Of GDP" in reason for reason in reasons)
