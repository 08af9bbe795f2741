"""What trade is made of and what moved it: products, margins, concentration, prices, shares and Hong Kong."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sql.bench import Bench

# What is the same in every figure of a product, unless a test says otherwise.
KOREA_TO_CHINA = {
    "reporter_code": "KOR",
    "partner_code": "CHN",
    "flow": "export",
    "source": "comtrade",
    "snapshot_id": "comtrade/products/0",
    "is_complete_detail": "true",
}
TOTALS = {
    "reporter_code": "KOR",
    "partner_code": "CHN",
    "flow": "export",
    "source": "kcs",
    "snapshot_ids": "kcs/total/0",
}


def _tables(bench: Bench, products: str, totals: str = "", **everywhere: Any) -> None:
    """The composition of a year or several, by the United Nations' own conversion tables."""
    bench.committed("product_correlations")
    bench.committed("bec4_end_uses")
    bench.run("core.product_correlations")
    bench.given("core.product_trade_annual", products, **{**KOREA_TO_CHINA, **everywhere})
    bench.given("core.goods_trade_annual", totals or "period_start value_usd", **{**TOTALS, **everywhere})
    bench.run("marts.product_trade_annual")


MARGINS = """
    select to_year, entered_count, left_count, continued_count, unmatched_count, change_usd, entered_usd, left_usd,
        continued_usd, unmatched_usd, residual_usd, extensive_pct, status
    from marts.trade_margins_annual
"""


def test_what_entered_and_left_is_the_extensive_margin_and_the_rest_the_intensive(bench: Bench) -> None:
    _tables(
        bench,
        """
        period_start classification level product_code value_usd
        2020-01-01   HS2017         6     010121       100.10
        2020-01-01   HS2017         6     020110       50
        2021-01-01   HS2017         6     010121       180.30
        2021-01-01   HS2017         6     854232       20.05
        2021-01-01   HS2017         6     854231       0
        """,
        """
        period_start value_usd
        2020-01-01   151
        2021-01-01   200.33
        """,
    )
    bench.run("marts.trade_margins_annual")
    # Entered 20.05, left 50, more of the same 80.20; what the products leave of the totals went from 0.90 to -0.02.
    assert bench.ask(f"{MARGINS} where classification = 'HS2017' and level = 6") == [
        (2021, 1, 1, 1, 0, 49.33, 20.05, -50.0, 80.2, 0.0, -0.92, pytest.approx(100 * -29.95 / 49.33), "complete")
    ]


def test_a_code_that_the_other_edition_has_no_goods_for_has_neither_entered_nor_left(bench: Bench) -> None:
    # HS 2017 deleted heading 69.08 (glazed tiles) and moved its goods to 69.07 (WCO, amendments in force from 2017).
    _tables(
        bench,
        """
        period_start classification level product_code value_usd
        2016-01-01   HS2012         6     690790       10
        2016-01-01   HS2012         6     690890       30
        2016-01-01   HS2012         6     010121       7
        2017-01-01   HS2017         6     690721       25
        2017-01-01   HS2017         6     690722       17
        2017-01-01   HS2017         6     854232       5
        """,
    )
    bench.run("marts.trade_margins_annual")
    rows = bench.ask(f"{MARGINS} where classification = 'HS2012' and level = 6")
    assert rows == [
        (2017, 1, 1, 1, 1, 0.0, 5.0, -7.0, 32.0, -30.0, 0.0, None, "unconfirmed"),
    ]
    assert bench.ask(
        "select comparison from marts.trade_margins_annual where classification = 'HS2012' and level = 6"
    ) == [("HS2012 against HS2017 as HS2012, by the conversion tables of the United Nations",)]
    # At the level of chapters the tiles are where they were.
    assert bench.ask(f"{MARGINS} where classification = 'HS2012' and level = 2") == [
        (2017, 1, 1, 1, 0, 0.0, 5.0, -7.0, 2.0, 0.0, 0.0, None, "unconfirmed"),
    ]


def test_each_year_stands_against_the_one_before_and_the_last_complete_against_the_first(bench: Bench) -> None:
    _tables(
        bench,
        """
        period_start classification level product_code value_usd is_complete_detail
        2011-01-01   SITC4          2     77           10        true
        2012-01-01   SITC4          2     77           12        true
        2014-01-01   SITC4          2     77           15        true
        2015-01-01   SITC4          2     77           5         false
        """,
    )
    bench.run("marts.trade_margins_annual")
    assert bench.ask(
        "select from_year, to_year, span, status, continued_usd from marts.trade_margins_annual where level = 2 "
        "order by from_year, to_year"
    ) == [
        (2011, 2012, "year", "unconfirmed", 2.0),
        (2011, 2014, "all", "unconfirmed", 5.0),
        (2012, 2014, "gap", "unconfirmed", 3.0),
        (2014, 2015, "year", "incomplete", None),
    ]


def test_products_that_contradict_the_total_give_no_margin_but_a_reason(bench: Bench) -> None:
    _tables(
        bench,
        """
        period_start classification level product_code value_usd
        2011-01-01   SITC4          2     77           100e6
        2012-01-01   SITC4          2     77           100e6
        """,
        """
        period_start value_usd
        2011-01-01   100e6
        2012-01-01   150e6
        """,
    )
    bench.run("marts.trade_margins_annual")
    assert bench.ask(
        "select change_usd, continued_usd, is_complete_detail, status from marts.trade_margins_annual where level = 2"
    ) == [(50e6, None, False, "excluded")]
    assert bench.ask("select reason from marts.trade_margins_annual where level = 2") == [
        (
            (
                "2011: The products add up to the total of kcs within 2%. "
                "2012: The products add up to US$100m, the total of kcs is US$150m: more than 2% apart."
            ),
        )
    ]


def test_a_year_alone_has_a_row_that_says_so(bench: Bench) -> None:
    _tables(
        bench,
        """
        period_start classification level product_code value_usd is_complete_detail
        2024-01-01   HS2022         6     854232       10        false
        """,
    )
    bench.run("marts.trade_margins_annual")
    assert bench.ask("select from_year, to_year, status, reason from marts.trade_margins_annual") == [
        (2023, 2024, "missing", "No other year is held in HS2022 to compare 2024 with.")
    ]


def _sales(exporters: dict[str, dict[str, float]], market: str, flow: str = "export") -> str:
    """What exporters sell of each product in a market, as a frame of `marts.product_trade_annual`."""
    lines = [
        f"{exporter if flow == 'export' else market} {market if flow == 'export' else exporter} {product} {value}"
        for exporter, values in exporters.items()
        for product, value in values.items()
    ]
    return "\n".join(["reporter_code partner_code product_code value_usd", *lines])


ALL_OF_A_SECTION = {
    "year": "2010",
    "classification": "SITC3",
    "level": "1",
    "is_residual": "false",
    "is_complete_detail": "true",
    "status": "complete",
    "reason": "They add up.",
    "basis": "reported",
    "source": "unctad",
    "snapshot_ids": "unctad/sections/0",
}
ADVANTAGE = """
    select exporter_code, product_code, product_share_pct, total_share_pct, rca_index, exporter_count
    from marts.revealed_comparative_advantage
"""


def test_brazil_sells_over_twenty_times_its_share_of_soybeans(bench: Bench) -> None:
    # The Atlas of Economic Complexity (Hausmann, Hidalgo and others 2011), on 2010: soybeans are US$42 billion or 0.35%
    # of world trade, nearly 11 of them Brazil's, which exports 140 in all: over twenty times its share.
    rest = {f"R{n:02d}": {"2": 31e9 / 99, "7": (42e9 / 0.0035 - 42e9 - 129e9) / 99} for n in range(99)}
    frame = _sales({"BRA": {"2": 11e9, "7": 129e9}, **rest}, "CHN")
    bench.given("marts.product_trade_annual", frame, flow="export", **ALL_OF_A_SECTION)
    bench.run("marts.revealed_comparative_advantage")
    assert bench.ask(f"{ADVANTAGE} where exporter_code = 'BRA' and product_code = '2'") == [
        ("BRA", "2", pytest.approx(26.2, abs=0.1), pytest.approx(1.17, abs=0.01), pytest.approx(22.4, abs=0.1), 100)
    ]
    # In the world as a market nobody's exports are held, which every exporter's row says.
    assert bench.ask(
        "select count(*), min(status), max(status), count(rca_index) from marts.revealed_comparative_advantage "
        "where market_code = 'WLD'"
    ) == [(100, "no_denominator", "no_denominator", 0)]


def test_ninety_nine_exporters_are_no_world(bench: Bench) -> None:
    frame = _sales({f"R{n:02d}": {"2": 1, "7": 2} for n in range(99)}, "CHN")
    bench.given("marts.product_trade_annual", frame, flow="export", **ALL_OF_A_SECTION)
    bench.run("marts.revealed_comparative_advantage")
    assert bench.ask(
        "select distinct product_code, rca_index, exporter_count, status, reason "
        "from marts.revealed_comparative_advantage where market_code = 'CHN'"
    ) == [
        (
            "TOTAL",
            None,
            99,
            "no_denominator",
            "Of what is sold to CHN, the products of 99 economies are held, and a hundred are needed.",
        )
    ]


def test_what_a_market_imports_from_the_world_is_a_world_of_its_own(bench: Bench) -> None:
    # Of 50 of machinery that China imports 20 are Korea's, of all 200 a quarter: (20 / 50) / (50 / 200).
    bench.given(
        "marts.product_trade_annual",
        _sales({"KOR": {"2": 30, "7": 20}}, "CHN", "import"),
        flow="import",
        **{**ALL_OF_A_SECTION, "source": "comtrade"},
    )
    bench.given(
        "core.goods_trade_observations",
        """
        product_code value_usd known_from known_to   correction_id dataset
        2            150       2024-01-01 -          -             goods
        7            50        2024-01-01 -          -             goods
        7            60        2023-01-01 2024-01-01 -             goods
        7            999       2023-06-01 -          -             goods_older
        8            888       2024-01-01 -          wrong         goods
        """,
        source="comtrade",
        reporter_code="CHN",
        partner_code="WLD",
        flow="import",
        classification="SITC3",
        level="1",
        frequency="A",
        period_start="2010-01-01",
        coverage="complete",
        snapshot_id="comtrade/goods/0",
    )
    bench.run("marts.revealed_comparative_advantage")
    assert bench.ask(f"{ADVANTAGE} order by product_code") == [
        ("KOR", "2", 20.0, 25.0, 0.8, None),
        ("KOR", "7", 40.0, 25.0, 1.6, None),
    ]


def test_an_exporter_whose_products_contradict_its_total_has_no_index(bench: Bench) -> None:
    bench.given(
        "marts.product_trade_annual",
        """
        reporter_code partner_code product_code is_residual value_usd total_usd
        KOR           CHN          RESIDUAL     true        10        10
        """,
        flow="export",
        **{
            **{name: value for name, value in ALL_OF_A_SECTION.items() if name != "is_residual"},
            "is_complete_detail": "false",
            "status": "excluded",
            "reason": "They do not add up.",
        },
    )
    bench.run("marts.revealed_comparative_advantage")
    assert bench.ask(
        "select market_code, product_code, value_usd, rca_index, status, reason "
        "from marts.revealed_comparative_advantage"
    ) == [("CHN", "TOTAL", 10.0, None, "excluded", "They do not add up.")]
