"""Staging of UN Comtrade's responses: totals are distinguished from their parts, and reported sums from estimates."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.sql.bench import Bench, Same

USUAL = Same(
    "reporter_code=410 partner_code=156 partner2_code=0 flow_code=X customs_code=C00 mos_code=0 mot_code=0 "
    "classification_code=H6 freq_code=A period=2024 cmd_code=TOTAL is_reported=true is_aggregate=false snapshot_id=s"
)


def staged(bench: Bench, frame: str, columns: str, **everywhere: str) -> list[tuple[Any, ...]]:
    bench.check("""
        given staging.economy_codes
        scheme   code economy_code exclusion_reason
        comtrade 410  KOR          -
        comtrade 156  CHN          -
        comtrade 0    WLD          -
        comtrade 899  -            "a remainder"
    """)
    lines = [line for line in frame.splitlines() if line.strip()]
    numbered = [f"{lines[0]} row_number", *(f"{line} {n}" for n, line in enumerate(lines[1:], 1))]
    bench.given("raw.comtrade__goods", "\n".join(numbered), **{**USUAL, **everywhere})
    return bench.ask(f"select {columns} from staging.comtrade__goods order by row_number")


def test_staging_takes_the_figure_and_leaves_its_parts(bench: Bench) -> None:
    frame = """
        partner_code flow_code partner2_code customs_code mos_code mot_code primary_value
        156          X         0             C00          0        0        132902972288
        156          X         0             C00          0        2100     130000000000
        156          X         0             C04          0        0        1
        156          X         344           C00          0        0        2
        156          X         0             C00          1        0        3
        156          RX        0             C00          0        0        4
        0            M         0             C00          0        0        631767000000
        410          M         0             C00          0        0        5
        899          M         0             C00          0        0        6
        777          M         0             C00          0        0        7
    """
    assert staged(bench, frame, "partner_label, partner_code, flow, valuation, value_usd, coverage") == [
        ("156", "CHN", "export", "FOB", 132_902_972_288.0, "complete"),
        ("0", "WLD", "import", "CIF", 631_767_000_000.0, "complete"),
        ("777", None, "import", "CIF", 7.0, "complete"),
    ]


def test_staging_knows_years_from_months(bench: Bench) -> None:
    frame = """
        freq_code period primary_value
        A         2024   1
        M         202402 2
    """
    assert staged(bench, frame, "frequency, period_start, period_end") == [
        ("A", date(2024, 1, 1), date(2024, 12, 31)),
        ("M", date(2024, 2, 1), date(2024, 2, 29)),
    ]


def test_staging_names_the_edition_of_a_product_and_none_that_it_does_not_know(bench: Bench) -> None:
    frame = """
        classification_code cmd_code primary_value
        H6                  TOTAL    10
        H0                  85       1
        H1                  8542     1
        H2                  854231   1
        H3                  8541     1
        H4                  8540     1
        H5                  8539     1
        H6                  9999AA   1
        H7                  8538     1
    """
    assert staged(bench, frame, "classification, level, product_code") == [
        ("TOTAL", 0, "TOTAL"),
        ("HS1992", 2, "85"),
        ("HS1996", 4, "8542"),
        ("HS2002", 6, "854231"),
        ("HS2007", 4, "8541"),
        ("HS2012", 4, "8540"),
        ("HS2017", 4, "8539"),
        ("HS2022", 6, "9999AA"),
        (None, 4, "8538"),
    ]


def test_staging_takes_a_sum_of_the_un_for_a_figure_and_its_guess_for_an_estimate(bench: Bench) -> None:
    frame = """
        period primary_value net_wgt is_reported is_aggregate
        2020   1             0       false       true
        2021   2             3.5     true        false
        2022   4             -       false       false
        2023   -             -       true        false
    """
    assert staged(bench, frame, "value_usd, net_weight_kg, observation_status") == [
        (1.0, None, "A"),
        (2.0, 3.5, "A"),
        (4.0, None, "E"),
        (None, None, "M"),
    ]


def test_staging_calls_products_complete_where_they_make_up_all_goods(bench: Bench) -> None:
    """Two chapters make 99 of 100 in exports; in imports they make 98, and in 2023 there is no total to make."""
    frame = """
        period flow_code cmd_code primary_value snapshot_id
        2024   X         TOTAL    100           a
        2024   X         85       60            b
        2024   X         84       39            b
        2024   X         8542     30            c
        2024   M         TOTAL    100           a
        2024   M         85       60            b
        2024   M         84       38            b
        2023   X         85       60            b
    """
    assert staged(bench, frame, "flow, product_code, coverage") == [
        ("export", "TOTAL", "complete"),
        ("export", "85", "complete"),
        ("export", "84", "complete"),
        ("export", "8542", "selected"),
        ("import", "TOTAL", "complete"),
        ("import", "85", "selected"),
        ("import", "84", "selected"),
        ("export", "85", "selected"),
    ]
