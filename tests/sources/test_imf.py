"""The requests to the IMF, and the rows read from its responses."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from dagster_project.sources import ParsedResponse, Request, Response, Unusable, imf
from tests.refresh.publishers.imf import EXPORTS, RIGHT, error, message
from tests.sources.asked import settings

if TYPE_CHECKING:
    from collections.abc import Callable

KOREA = ("KOR", "XG_FOB_USD", "CHN", "A")
# Korea's exports to China in 2024, in the IMF's service and in UN Comtrade.
KOREAS_EXPORTS = message({KOREA: {"2024": "132902972288"}}, 'DERIVATION_TYPE="O"')


def window(first: date = date(1990, 1, 1), last: date = date(2026, 9, 20)) -> Callable[[str], tuple[date, date]]:
    return lambda subject: (first, last)


def asked(**values: Any) -> list[Request]:
    return list(imf.plan_requests(settings(**{"donors": ["USA", "TWN"], **values}), window(), False))


def reading(content: bytes, status: int = 200) -> ParsedResponse:
    return imf.read_response(asked()[0], Response(status, {}, content))


def trouble(content: bytes, status: int = 200) -> tuple[str, str]:
    with pytest.raises(Unusable) as unusable:
        reading(content, status)
    return unusable.value.trouble, unusable.value.reason


def test_each_reporter_is_asked_once_a_frequency_for_all_its_partners() -> None:
    both = "XG_FOB_USD+MG_CIF_USD"
    assert [(request.subject, request.path) for request in asked()] == [
        (f"{reporter}-{named} {frequency}", f"/data/IMF.STA,IMTS/{reporter}.{both}.{partners}.{frequency}")
        for frequency in ("A", "M")
        for reporter, named, partners in (
            ("KOR", "CHN+USA+TWN+WLD", "CHN+USA+TWN+G001"),
            ("CHN", "KOR+USA+TWN+WLD", "KOR+USA+TWN+G001"),
            # A donor is asked for the mirror of what the pair says of it.
            ("USA", "KOR+CHN+WLD", "KOR+CHN+G001"),
            ("TWN", "KOR+CHN+WLD", "KOR+CHN+G001"),
        )
    ]


def test_periods_have_the_form_of_their_frequency() -> None:
    years, months = asked(donors=[])[::2]
    assert years.query == (("startPeriod", "1990"), ("endPeriod", "2026"))
    assert months.query == (("startPeriod", "1990-01"), ("endPeriod", "2026-09"))
    assert (years.periods, months.periods) == (("1990", "2026"), ("1990-01", "2026-09"))


def test_a_refresh_asks_for_its_window_alone() -> None:
    (first, _) = imf.plan_requests(settings(imf={"frequencies": ["M"]}), window(date(2023, 10, 1)), False)
    assert first.query == (("startPeriod", "2023-10"), ("endPeriod", "2026-09"))


def test_an_answer_may_be_about_what_was_asked_alone() -> None:
    first = asked()[0]
    assert first.only == {
        "reporter_code": ("KOR",),
        "partner_code": ("CHN", "USA", "TWN", "G001"),
        "indicator_code": ("XG_FOB_USD", "MG_CIF_USD"),
        "frequency": ("A",),
    }
    assert first.period_column in {column.name for column in imf.IMTS.columns}
    assert set(first.only) <= {column.name for column in imf.IMTS.columns}


def test_the_economies_that_the_imf_codes_otherwise_are_those_of_the_code_list() -> None:
    assert [imf.find_imf_code(settings(), economy) for economy in ("WLD", "XKX", "PSE", "KOR")] == [
        "G001",
        "KOS",
        "WBG",
        "KOR",
    ]
    assert asked(pairs=["KOR-XKX"], donors=[])[1].path.startswith("/data/IMF.STA,IMTS/KOS.XG_FOB_USD+MG_CIF_USD.KOR")


def test_a_value_is_in_whole_dollars_whatever_its_scale() -> None:
    assert b'SCALE="6"' in KOREAS_EXPORTS
    assert list(reading(KOREAS_EXPORTS).rows) == [("KOR", "CHN", "XG_FOB_USD", "A", "2024", "132902972288", "O", None)]


def test_the_rows_are_in_the_order_of_the_columns_and_the_release_is_known() -> None:
    found = reading(RIGHT)
    assert found.published_at == date(2026, 8, 31)
    assert found.notes == ()
    assert [row[:2] for row in found.rows] == [("LAO", partner) for _, _, partner, _ in EXPORTS]
    assert all(len(row) == len(imf.IMTS.columns) for row in found.rows)


def test_a_month_becomes_a_month() -> None:
    found = reading(message({("KOR", "MG_CIF_USD", "CHN", "M"): {"2026-M04": "1"}}))
    assert [row[4] for row in found.rows] == ["2026-04"]


def test_series_stand_in_a_namespace_or_in_none() -> None:
    spaced = (
        RIGHT.replace(b"<Series", b"<ns1:Series").replace(b"</Series", b"</ns1:Series").replace(b"<Obs", b"<ns1:Obs")
    )
    assert reading(spaced).rows == reading(RIGHT).rows


def test_statuses_and_missing_values_are_kept() -> None:
    content = message({KOREA: {"2023": "1", "2024": "NaN"}}, 'DERIVATION_TYPE="SE" STATUS="E"')
    content = content.replace(b"</Series>", b'<Obs TIME_PERIOD="2025" STATUS="M"/></Series>')
    assert [row[4:] for row in reading(content).rows] == [
        ("2023", "1", "SE", "E"),
        ("2024", None, "SE", "E"),
        ("2025", None, None, "M"),
    ]


def test_a_placeholder_without_a_value_is_missing_and_another_name_for_it_is_none() -> None:
    lacking = (
        b'<Obs TIME_PERIOD="2018" STATUS="M"/><Obs TIME_PERIOD="2019" STATUS="A"/><Obs TIME_PERIOD="2020"/></Series>'
    )
    content = message({KOREA: {"2017": "5"}}).replace(b"</Series>", lacking)
    assert [row[5] for row in reading(content).rows] == ["5", None, None, None]
    renamed = content.replace(b'TIME_PERIOD="2020"', b'TIME_PERIOD="2020" VALUE="7"')
    assert trouble(renamed) == ("refused", "the fields OBS_VALUE are missing; there are new ones, VALUE")
    # Nothing but placeholders is nothing.
    assert trouble(message({KOREA: {}}).replace(b"</Series>", lacking))[0] == "nothing"


def test_a_new_attribute_is_noted_once_and_its_rows_are_kept() -> None:
    found = reading(message(EXPORTS, 'DERIVATION_TYPE="M" CONF_STATUS="F"'))
    assert found.notes == ("new fields: CONF_STATUS",)
    assert len(list(found.rows)) == len(EXPORTS)


def test_a_missing_or_renamed_attribute_is_named() -> None:
    assert trouble(RIGHT.replace(b' FREQUENCY="A"', b"")) == ("refused", "the fields FREQUENCY are missing")
    renamed = "the fields OBS_VALUE are missing; there are new ones, VALUE"
    assert trouble(RIGHT.replace(b"OBS_VALUE=", b"VALUE=")) == ("refused", renamed)


@pytest.mark.parametrize(
    ("content", "status", "expected", "said"),
    [
        (
            b'{"status":404,"code":40400,"message":"No such dataflow found: X"}',
            404,
            "refused",
            "No such dataflow found: X",
        ),
        (b'{"status":400,"message":"Not enough key values"}', 400, "refused", "Not enough key values"),
        (b"[]", 400, "refused", "HTTP 400: []"),
        (b"<a/>", 404, "refused", "HTTP 404: <a/>"),
        (error("140", "Syntax error"), 400, "refused", "SDMX error 140"),
        (b"", 429, "again", "HTTP 429"),
        (b"", 500, "again", "HTTP 500"),
        (error("500", "Internal Server error"), 200, "again", "SDMX error 500"),
        (error("150", "Semantic error"), 200, "refused", "SDMX error 150"),
        (RIGHT.replace(b"<Series", b"<Row").replace(b"</Series", b"</Row"), 200, "refused", "an element Row"),
        (b"<a/>", 200, "refused", "got a"),
    ],
)
def test_an_error_is_told_apart(content: bytes, status: int, expected: str, said: str) -> None:
    found, reason = trouble(content, status)
    assert found == expected
    assert said in reason


def test_an_answer_that_the_service_cut_says_so_in_its_footer() -> None:
    footer = (
        b'<footer:Footer><footer:Message code="510"><common:Text>Too large</common:Text></footer:Message>'
        b"</footer:Footer>"
    )
    cut = RIGHT.replace(b"</message:StructureSpecificData>", footer + b"</message:StructureSpecificData>")
    assert trouble(cut) == ("refused", "the IMF says that the response is incomplete: Too large")
