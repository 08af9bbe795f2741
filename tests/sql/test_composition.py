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
