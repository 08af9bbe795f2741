"""The requests to the US Census Bureau, and the rows read from its responses."""

from __future__ import annotations

from datetime import date

import pytest

from dagster_project.sources import Request, Response, Unusable
from dagster_project.sources.us_census import plan_requests, read_response
from tests.refresh.publishers.us_census import CHAPTERS, IMPORTS, TOTALS, body
from tests.sources.asked import settings


def asked(pair: str = "USA-CHN", **table: bool) -> dict[str, Request]:
    own = settings(pairs=[pair], donors=["DEU", "NPL"], us_census=table)
    planned = plan_requests(own, lambda _: (date(2013, 1, 1), date(2026, 4, 30)), False)
    return {one.subject: one for one in planned}


def test_totals_are_asked_of_every_partner_and_products_of_the_pairs_and_the_world() -> None:
    found = asked()
    assert [subject.split()[0] for subject in found if subject.endswith("of all goods")] == [
        *["USA-CHN", "USA-CHN", "USA-DEU", "USA-DEU", "USA-WLD", "USA-WLD"]
    ]
    assert sorted({subject for subject in found if not subject.endswith("of all goods")}) == [
        *("USA-CHN exports HS2", "USA-CHN imports HS2", "USA-CHN imports NA3"),
        *("USA-WLD exports HS2", "USA-WLD imports HS2", "USA-WLD imports NA3"),
    ]
    assert dict(found["USA-WLD imports NA3"].query) == {
        "get": "GEN_VAL_MO,CON_VAL_MO,CAL_DUT_MO,NAICS",
        "time": "from 2013-01 to 2026-04",
        "COMM_LVL": "NA3",
        "CTY_CODE": "-",
    }
    assert found["USA-WLD imports NA3"].path == "/timeseries/intltrade/imports/naics"


def test_products_are_not_asked_for_if_they_are_turned_off_nor_anything_of_another_pair() -> None:
    assert all(subject.endswith("of all goods") for subject in asked(chapters=False, industries=False))
    assert asked("KOR-CHN") == {}


def test_rows_have_the_general_imports_beside_those_for_consumption_and_their_duty() -> None:
    found = asked()
    exports = read_response(found["USA-CHN exports of all goods"], Response(200, {}, body(TOTALS))).rows
    assert next(iter(exports)) == ("export", "-", "-", "5700", "2025-01", "9875200000", None, None)
    chapters = read_response(found["USA-CHN imports HS2"], Response(200, {}, body(CHAPTERS))).rows
    assert next(iter(chapters)) == ("import", "HS2", "01", "5700", "2013-01", "1474506", "1474506", "0")
    totals = read_response(found["USA-CHN imports of all goods"], Response(200, {}, body(IMPORTS))).rows
    assert next(iter(totals))[:6] == ("import", "-", "-", "5700", "2025-01", "41770400000")


@pytest.mark.parametrize(
    ("status", "content", "trouble"),
    [
        (204, b"", "nothing"),
        (200, b"<html><title>Invalid Key</title></html>", "key"),
        (200, b"<html><title>Missing Key</title></html>", "key"),
        (400, b"error: unknown variable", "refused"),
        (200, b"[]", "refused"),
        (200, b'{"error": 1}', "refused"),
        (429, b"", "again"),
    ],
)
def test_errors_are_told_apart(status: int, content: bytes, trouble: str) -> None:
    with pytest.raises(Unusable) as unusable:
        read_response(asked()["USA-CHN exports of all goods"], Response(status, {}, content))
    assert unusable.value.trouble == trouble
