"""The composition of trade and of its changes: products, margins, concentration, prices, shares and Hong Kong."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sql.bench import Bench, Same

# What is the same in every figure of a product, unless a test says otherwise.
KOREA_TO_CHINA = Same(
    "reporter_code=KOR partner_code=CHN flow=export source=comtrade snapshot_id=comtrade/products/0 "
    "is_complete_detail=true"
)
TOTALS = Same("reporter_code=KOR partner_code=CHN flow=export source=kcs snapshot_ids=kcs/total/0")


def _tables(bench: Bench, products: str, totals: str = "", **everywhere: Any) -> None:
    """Make the composition of one or several years, with the United Nations' own conversion tables."""
    bench.committed("product_correlations")
    bench.committed("bec4_end_uses")
    bench.run("core.product_correlations")
    bench.given("core.product_trade_annual", products, **{**KOREA_TO_CHINA, **everywhere})
    bench.given("core.goods_trade_annual", totals or "period_start value_usd", **{**TOTALS, **everywhere})
    bench.run("marts.product_trade_annual")


CARS_AND_CHIPS = """
    period_start classification level product_code value_usd net_weight_kg total_usd
    2020-01-01   HS2017         6     854231       60        1             100
    2020-01-01   HS2017         6     854232       20        2             100
    2020-01-01   HS2017         6     870323       15        -             100
    2020-01-01   HS2017         6     270900       4         9             100
"""


def test_subheadings_are_added_up_and_converted_and_what_is_left_of_the_total_is_a_row(bench: Bench) -> None:
    """Chips are parts (42), cars passenger cars (51), crude oil fuel (31) in BEC Rev. 4, by the UN's tables."""
    _tables(bench, CARS_AND_CHIPS, "period_start value_usd\n2020-01-01 100")
    held: dict[tuple[str, int], dict[str, float]] = {}
    for classification, level, product, value in bench.ask(
        "select classification, level, product_code, value_usd from marts.product_trade_annual"
    ):
        held.setdefault((classification, level), {})[product] = value
    assert held == {
        ("HS2017", 6): {"854231": 60, "854232": 20, "870323": 15, "270900": 4, "RESIDUAL": 1},
        ("HS2017", 4): {"8542": 80, "8703": 15, "2709": 4, "RESIDUAL": 1},
        ("HS2017", 2): {"85": 80, "87": 15, "27": 4, "RESIDUAL": 1},
        ("HS2012", 6): {"854231": 60, "854232": 20, "870323": 15, "270900": 4, "RESIDUAL": 1},
        ("HS2012", 4): {"8542": 80, "8703": 15, "2709": 4, "RESIDUAL": 1},
        ("HS2012", 2): {"85": 80, "87": 15, "27": 4, "RESIDUAL": 1},
        ("SITC4", 2): {"77": 80, "78": 15, "33": 4, "RESIDUAL": 1},
        ("SITC4", 1): {"7": 95, "3": 4, "RESIDUAL": 1},
        ("BEC4", 2): {"42": 80, "51": 15, "31": 4, "RESIDUAL": 1},
        ("BEC4_END_USE", 1): {"INTERMEDIATE": 84, "SEVERAL": 15, "RESIDUAL": 1},
        ("UNCTAD_STAGE", 1): {"4": 80, "3": 15, "1": 4, "RESIDUAL": 1},
    }
    assert bench.ask(
        "select share_pct, net_weight_kg, status, basis, origin from marts.product_trade_annual "
        "where classification = 'SITC4' and product_code = '77'"
    ) == [(80.0, 3.0, "complete", "converted", "HS2017, by the conversion tables of the United Nations")]
    # A weight that is not held of one code is not held of the sum.
    assert bench.ask("select net_weight_kg from marts.product_trade_annual where level = 1 and product_code = '7'") == [
        (None,)
    ]


def test_some_products_have_their_share_of_a_known_total_and_are_not_added_up(bench: Bench) -> None:
    _tables(
        bench,
        """
        period_start classification level product_code value_usd is_complete_detail
        2020-01-01   HS2017         6     854231       60        false
        2021-01-01   HS2017         6     854231       70        false
        """,
        "period_start value_usd\n2020-01-01 100",
    )
    # Nobody gives the total of 2021.
    bench.check("""
        expect marts.product_trade_annual
        year level product_code value_usd share_pct status     total_basis
        2020 6     854231       60        60        incomplete reported
        2020 6     RESIDUAL     40        40        incomplete reported
        2021 6     854231       70        -         incomplete -
    """)


def test_products_have_their_share_of_what_their_publisher_alone_prints_as_all_goods(bench: Bench) -> None:
    """Germany's machinery is 59.4% of its exports to China in 1995, and 63.8% of the sections that UNCTAD has."""
    _tables(
        bench,
        """
        period_start classification level product_code value_usd is_complete_detail total_usd
        1995-01-01   SITC3          1     7            4478.4    false              7538.5
        1995-01-01   SITC3          1     8            2544.8    false              7538.5
        """,
        "period_start value_usd",
    )
    bench.check("""
        expect marts.product_trade_annual
        product_code value_usd share_pct    status     total_basis
        7            4478.4    59.407±0.001 incomplete own
        8            2544.8    33.757±0.001 incomplete own
        RESIDUAL     515.3     6.836±0.001  incomplete own
    """)


@pytest.mark.parametrize(
    ("total", "expected"),
    [
        # Shares are of the products' own publisher, and the safe total is what they are held against.
        (101.9, [("77", 100.0, 100.0, 100.0, "complete"), ("RESIDUAL", 0.0, 0.0, 100.0, "complete")]),
        (98.1, [("77", 100.0, 100.0, 100.0, "complete"), ("RESIDUAL", 0.0, 0.0, 100.0, "complete")]),
        (102.1, [("RESIDUAL", 102.1, None, 102.1, "excluded")]),
    ],
)
def test_products_that_are_more_than_two_per_cent_off_are_left_out(
    bench: Bench, total: float, expected: list[tuple]
) -> None:
    _tables(
        bench,
        """
        period_start classification level product_code value_usd
        2020-01-01   SITC4          2     77           100
        """,
        f"period_start value_usd\n2020-01-01 {total}",
    )
    assert (
        bench.ask(
            "select product_code, value_usd, share_pct, total_usd, status from marts.product_trade_annual "
            "where level = 2 order by product_code"
        )
        == expected
    )
    assert bench.ask("select distinct reported_usd from marts.product_trade_annual") == [(total,)]


def test_some_products_that_are_more_than_their_publishers_total_contradict_it(bench: Bench) -> None:
    """Luxembourg's exports to Korea in 1995: UNCTAD prints 9.239m, and 20.916m by section."""
    _tables(
        bench,
        """
        period_start classification level product_code value_usd is_complete_detail total_usd
        1995-01-01   SITC3          1     6            1.188     false              9.239
        1995-01-01   SITC3          1     7            19.523    false              9.239
        """,
        "period_start value_usd",
        source="unctad",
    )
    assert bench.ask(
        "select product_code, value_usd, share_pct, status, total_basis from marts.product_trade_annual"
    ) == [("RESIDUAL", pytest.approx(9.239, abs=0.01), None, "excluded", "own")]


def test_a_total_that_is_made_of_the_products_is_confirmed_by_another_figure(bench: Bench) -> None:
    """China's imports from Australia in 2012 and 2018, US$bn: the IMF has 78.6 of 84.6, and 105.14 beside 105.08."""
    bench.check("""
        given core.goods_trade_annual_candidates reporter_code=CHN partner_code=AUS flow=import
        period_start value_usd source   basis     choice
        2012-01-01   84.568e9    comtrade products  1
        2012-01-01   78.593e9    imf      published 2
        2018-01-01   105.083e9   comtrade products  1
        2018-01-01   105.141e9   imf      published 2
    """)
    _tables(
        bench,
        """
        period_start classification level product_code value_usd
        2012-01-01   SITC4          1     2            84.568e9
        2018-01-01   SITC4          1     2            105.083e9
        """,
        """
        period_start value_usd basis
        2012-01-01   84.568e9    products
        2018-01-01   105.083e9   products
        """,
        reporter_code="CHN",
        partner_code="AUS",
        flow="import",
        source="comtrade",
    )
    assert bench.ask(
        "select year, share_pct, status, total_basis from marts.product_trade_annual where product_code = '2' "
        "order by year"
    ) == [(2012, 100.0, "unconfirmed", "summed"), (2018, 100.0, "complete", "summed")]


def test_twelve_months_make_a_year_of_products_though_one_is_not_traded_in_each(bench: Bench) -> None:
    months = [f"2022-{month:02d}-01 8542 10" for month in range(1, 13)] + ["2022-05-01 8703 7"]
    bench.given(
        "core.product_trade_monthly",
        "\n".join(["period_start product_code value_usd", *months]),
        **KOREA_TO_CHINA,
        classification="HS2022",
        level="4",
    )
    _tables(bench, "period_start value_usd")
    bench.check("""
        expect marts.product_trade_annual where level = 4
        product_code value_usd basis  status
        8542         120       summed unconfirmed
        8703         7         summed unconfirmed
        RESIDUAL     0         summed unconfirmed
    """)


def test_a_complete_roll_up_goes_before_headings_of_which_one_alone_is_held(bench: Bench) -> None:
    months = [f"2020-{month:02d}-01 8542 5" for month in range(1, 13)]
    bench.given(
        "core.product_trade_monthly",
        "\n".join(["period_start product_code value_usd", *months]),
        **{**KOREA_TO_CHINA, "is_complete_detail": "false"},
        classification="HS2017",
        level="4",
    )
    _tables(bench, CARS_AND_CHIPS, "period_start value_usd\n2020-01-01 100")
    bench.check("""
        expect marts.product_trade_annual where classification = 'HS2017' and level = 4
        product_code value_usd basis     status
        2709         4         rolled_up complete
        8542         80        rolled_up complete
        8703         15        rolled_up complete
        RESIDUAL     1         rolled_up complete
    """)


def test_eleven_months_are_no_year_of_products(bench: Bench) -> None:
    months = [f"2022-{month:02d}-01 8542 10" for month in range(1, 12)]
    bench.given(
        "core.product_trade_monthly",
        "\n".join(["period_start product_code value_usd", *months]),
        **KOREA_TO_CHINA,
        classification="HS2022",
        level="4",
    )
    _tables(bench, "period_start value_usd")
    assert bench.ask("select count(*) from marts.product_trade_annual") == [(0,)]


def test_the_largest_product_and_the_sum_of_squares_say_how_concentrated_trade_is(bench: Bench) -> None:
    _tables(bench, CARS_AND_CHIPS, "period_start value_usd\n2020-01-01 100")
    index, equivalent, top, share, five, count = bench.ask(
        "select herfindahl_index, equivalent_products, top_product_code, top_share_pct, top_five_share_pct, "
        "product_count from marts.concentration_annual where classification = 'HS2017' and level = 4"
    )[0]
    # 80, 15 and 4 of a total of 100: what they leave of it is no product.
    assert index == pytest.approx((80**2 + 15**2 + 4**2) / 100**2, abs=1e-12)
    assert equivalent == pytest.approx(1 / index)
    assert (top, share, five, count) == ("8542", pytest.approx(80), pytest.approx(99), 3)


def test_ten_equal_products_are_as_concentrated_as_ten_and_some_products_have_no_index(bench: Bench) -> None:
    lines = [f"2020-01-01 SITC4 1 {section} 10 true" for section in range(10)] + ["2021-01-01 SITC4 1 7 10 false"]
    _tables(bench, "\n".join(["period_start classification level product_code value_usd is_complete_detail", *lines]))
    assert bench.ask(
        "select year, herfindahl_index, equivalent_products, top_five_share_pct, product_count, status "
        "from marts.concentration_annual order by year"
    ) == [(2020, 0.1, 10.0, 50.0, 10, "unconfirmed"), (2021, None, None, None, None, "incomplete")]


BOTH_WAYS = f"""
    given core.product_trade_annual {KOREA_TO_CHINA} classification=SITC4 level=2
    period_start product_code export import
    2017-01-01   77           100.10 80
    2017-01-01   51           50     .
    2018-01-01   77           160.30 70.05
    2018-01-01   84           .      9.99
    given core.goods_trade_annual {TOTALS}
    period_start export import
    2017-01-01   151    80
    2018-01-01   160.30 81
    run marts.product_trade_annual marts.trade_balance_annual
"""


# Exports of 77 rose by 60.20 and those of 51 fell away; imports of 77 fell by 9.95 and 84 came in with 9.99. The totals
# leave 0.90 of exports and nothing of imports in 2017, nothing and 0.96 in 2018.
CONTRIBUTIONS = {
    ("77", "export"): 60.20,
    ("51", "export"): -50.0,
    ("RESIDUAL", "export"): -0.90,
    ("77", "import"): 9.95,
    ("84", "import"): -9.99,
    ("RESIDUAL", "import"): -0.96,
}


def test_what_products_added_to_the_balance_makes_its_change_to_the_cent(bench: Bench) -> None:
    bench.check(BOTH_WAYS)
    rows = bench.ask("select product_code, flow, contribution_usd from marts.balance_change_by_product where level = 2")
    assert {(product, flow): value for product, flow, value in rows} == CONTRIBUTIONS
    assert sum(round(100 * value) for _, _, value in rows) == 830
    bench.check("""
        expect distinct marts.balance_change_by_product where level = 2 and not is_residual
        balance_from_usd balance_to_usd balance_change_usd comparison
        71               79.3           8.3                "the same edition, SITC4"
        expect marts.balance_change_by_product where level = 2 and not is_residual
        product_code flow   contribution_rank change
        77           export 1                 exports_gained
        51           export 2                 exports_lost
        84           import 3                 imports_gained
        77           import 4                 imports_lost
    """)


def test_any_two_years_are_answered_alike(bench: Bench) -> None:
    bench.check(BOTH_WAYS)
    rows = bench.ask(
        "select product_code, flow, contribution_usd, balance_change_usd "
        "from marts.balance_change_between('KOR', 'CHN', 2017, 2018) where classification = 'SITC4' and level = 2"
    )
    assert {(product, flow): value for product, flow, value, _ in rows} == CONTRIBUTIONS
    assert {change for *_, change in rows} == {8.3}
    assert bench.ask(
        "select flow, contribution_usd from marts.balance_change_between('KOR', 'CHN', 2017, 2018) "
        "where classification = 'TOTAL' order by flow"
    ) == [("export", 9.3), ("import", -1.0)]


def test_some_products_explain_what_they_can_and_the_residual_is_the_rest(bench: Bench) -> None:
    """8542 is held in both years; 8703 in one alone, of which nobody knows what it was in the other."""
    bench.check(f"""
        given core.product_trade_annual {KOREA_TO_CHINA} level=4 is_complete_detail=false
        period_start classification flow   product_code value_usd
        2021-01-01   HS2017         export 8542         50
        2021-01-01   HS2017         export 8703         9
        2022-01-01   HS2022         export 8542         52
        given core.goods_trade_annual {TOTALS}
        period_start export import
        2021-01-01   162    138
        2022-01-01   155    154
        run marts.product_trade_annual marts.trade_balance_annual
        expect marts.balance_change_by_product
        product_code flow   contribution_usd balance_change_usd is_complete_detail
        8542         export 2                -23                false
        RESIDUAL     export -9               -23                false
        RESIDUAL     import -16              -23                false
    """)
    assert (
        "HS2017 against HS2022"
        in bench.ask("select comparison from marts.balance_change_by_product where product_code = '8542'")[0][0]
    )


def test_some_products_are_followed_to_the_last_year_that_has_them(bench: Bench) -> None:
    """The last year has another product than the first: the one before it says what became of the first's."""
    bench.check(f"""
        given core.product_trade_annual {KOREA_TO_CHINA} level=4 is_complete_detail=false
        period_start classification flow   product_code value_usd
        2018-01-01   HS2017         export 8542         40
        2020-01-01   HS2017         export 8542         50
        2022-01-01   HS2022         export 8542         52
        2023-01-01   HS2022         export 3304         3
        given core.goods_trade_annual {TOTALS}
        period_start export import
        2018-01-01   162    106
        2020-01-01   132    108
        2022-01-01   155    154
        2023-01-01   124    142
        run marts.product_trade_annual marts.trade_balance_annual
        expect marts.balance_change_by_product
        from_year to_year product_code flow   contribution_usd
        2018      2022    8542         export 12
        2018      2022    RESIDUAL     export -19
        2018      2022    RESIDUAL     import -48
    """)


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


def test_a_product_that_a_year_lists_with_no_partner_has_not_entered(bench: Bench) -> None:
    """China lists gold (SITC 97) with nobody in 2014, and of 5,740.7 million with the United States in 2015.

    Coffee (07), which is listed with one partner alone, has entered.
    """
    gold = """
        period_start partner_code product_code value_usd
        2014-01-01   USA          77           1000
        2014-01-01   HKG          77           1000
        2014-01-01   AUS          28           1000
        2015-01-01   USA          77           1000
        2015-01-01   USA          97           5740.7
        2015-01-01   USA          07           3
        2015-01-01   HKG          77           1000
        2015-01-01   HKG          97           4626.4
        2015-01-01   AUS          28           1000
        2015-01-01   AUS          97           8752.2
    """
    totals = """
        period_start partner_code value_usd
        2014-01-01   USA          1000
        2014-01-01   HKG          1000
        2014-01-01   AUS          1000
        2015-01-01   USA          6743.7
        2015-01-01   HKG          5626.4
        2015-01-01   AUS          9752.2
    """
    china: dict[str, str] = {"reporter_code": "CHN", "flow": "import"}
    for name, frame, usual in (
        ("core.product_trade_annual", gold, {**KOREA_TO_CHINA, "classification": "SITC4", "level": "2"}),
        ("core.goods_trade_annual", totals, TOTALS),
    ):
        bench.given(name, frame, **{key: value for key, value in {**usual, **china}.items() if key != "partner_code"})
    for table in ("product_correlations", "bec4_end_uses"):
        bench.committed(table)
    bench.run("core.product_correlations", "marts.product_trade_annual", "marts.trade_margins_annual")
    margins = "select partner_code, entered_count, entered_usd, unmatched_count, unmatched_usd, continued_usd"
    found = f"{margins} from marts.trade_margins_annual where classification = 'SITC4' and level = 2 order by 1"
    assert bench.ask(found) == [
        ("AUS", 0, 0.0, 1, 8752.2, 0.0),
        ("HKG", 0, 0.0, 1, 4626.4, 0.0),
        ("USA", 1, 3.0, 1, 5740.7, 0.0),
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
    bench.check("""
        expect marts.trade_margins_annual where level = 2
        from_year to_year span status      continued_usd
        2011      2012    year unconfirmed 2
        2011      2014    all  unconfirmed 5
        2012      2014    gap  unconfirmed 3
        2014      2015    year incomplete  -
    """)


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
    assert bench.ask("select from_year, to_year, status, reason from marts.trade_margins_annual") == [
        (2023, 2024, "missing", "No other year in HS2022 can be compared with 2024.")
    ]


def _sales(exporters: dict[str, dict[str, float]], market: str, flow: str = "export") -> str:
    """Write exporters' sales of each product in a market as a frame of `marts.product_trade_annual`."""
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
    assert bench.ask(
        "select distinct product_code, rca_index, exporter_count, status, reason "
        "from marts.revealed_comparative_advantage where market_code = 'CHN'"
    ) == [
        (
            "TOTAL",
            None,
            99,
            "no_denominator",
            "Exports to CHN by product are available for 99 economies; at least a hundred are needed.",
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


def test_an_exporter_counts_in_full_where_its_products_make_less_than_its_total(bench: Bench) -> None:
    """Germany's exports to China in 1995: UNCTAD prints 7,538.5m, of which its sections make 7,023.2m, 4,478.4m of
    machinery. Of Luxembourg's 72.2m they make less than half."""
    rest = {f"R{n:02d}": {"2": 300.0, "7": 300.0} for n in range(98)}
    exporters: dict[str, dict[str, float]] = {"DEU": {"2": 2544.8, "7": 4478.4}, "LUX": {"7": 30.5}, **rest}
    frame = _sales(exporters, "CHN").splitlines()
    lines = [frame[0] + " is_complete_detail status"]
    lines += [
        f"{line} false incomplete" if line.startswith(("DEU", "LUX")) else f"{line} true complete" for line in frame[1:]
    ]
    bench.given("marts.product_trade_annual", "\n".join(lines), flow="export", **ALL_OF_A_SECTION)
    bench.check("""
        given core.product_trade_annual partner_code=CHN flow=export period_start=2010-01-01 source=unctad
        reporter_code total_usd coverage
        DEU 7538.5 complete
        LUX 72.2 complete
        R00 9999 selected
    """)
    world = 7538.5 + 72.2 + 98 * 600
    machinery = 4478.4 + 30.5 + 98 * 300
    assert bench.ask(f"{ADVANTAGE} where exporter_code = 'DEU' and product_code = '7'") == [
        (
            "DEU",
            "7",
            pytest.approx(100 * 4478.4 / machinery),
            pytest.approx(100 * 7538.5 / world),
            pytest.approx((4478.4 / machinery) / (7538.5 / world)),
            100,
        )
    ]
    bench.check("""
        expect marts.revealed_comparative_advantage where exporter_code in ('DEU', 'LUX') and market_code = 'CHN'
        exporter_code product_code status reason round(products_share_pct,1)
        DEU 2 partial "The products make 93.2% of the total that unctad prints." 93.2
        DEU 7 partial "The products make 93.2% of the total that unctad prints." 93.2
        LUX TOTAL incomplete "They add up." -
    """)


def test_an_exporter_whose_products_contradict_its_total_has_no_index(bench: Bench) -> None:
    bench.given(
        "marts.product_trade_annual",
        """
        reporter_code partner_code product_code is_residual value_usd total_usd
        KOR           CHN          RESIDUAL     true        10        10
        """,
        flow="export",
        **{
            **ALL_OF_A_SECTION,
            "is_complete_detail": "false",
            "status": "excluded",
            "reason": "They do not add up.",
        },
    )
    assert bench.ask(
        "select market_code, product_code, value_usd, rca_index, status, reason "
        "from marts.revealed_comparative_advantage"
    ) == [("CHN", "TOTAL", 10.0, None, "excluded", "They do not add up.")]


def test_a_change_in_value_is_one_of_price_and_one_of_volume_without_a_remainder(bench: Bench) -> None:
    # From 10 kg at 10 a kilogram to 12 at 12.50: the logarithmic mean of 100 and 150 is 50 / ln 1.5 = 123.315, of which
    # ln 1.25 is the price's part and ln 1.2 the volume's (Ang 2005).
    _tables(
        bench,
        """
        period_start classification level product_code value_usd net_weight_kg is_complete_detail
        2021-01-01   HS2017         4     8542         100       10            false
        2022-01-01   HS2022         4     8542         150       12            false
        2021-01-01   HS2017         4     8703         30        -             false
        2022-01-01   HS2022         4     8703         30        3             false
        """,
        "period_start value_usd\n2021-01-01 200\n2022-01-01 300",
    )
    rows = bench.ask(
        "select product_code, change_usd, price_effect_usd, volume_effect_usd, from_unit_value, to_unit_value, "
        "laspeyres_price_index, paasche_price_index, fisher_price_index, share_of_total_pct "
        "from marts.price_volume_annual where level = 4 order by product_code"
    )
    # A product without a weight in one of the years has no price, and is in no basket.
    assert [row[0] for row in rows] == ["8542", "BASKET"]
    for row in rows:
        assert row[1:] == (50.0, 27.52, 22.48, 10.0, 12.5, 1.25, 1.25, 1.25, pytest.approx(50))


def test_indices_of_unit_values_weigh_by_the_earlier_and_by_the_later_year(bench: Bench) -> None:
    _tables(
        bench,
        """
        period_start classification level product_code value_usd net_weight_kg
        2021-01-01   SITC4          2     77           100       10
        2022-01-01   SITC4          2     77           300       15
        2021-01-01   SITC4          2     51           80        40
        2022-01-01   SITC4          2     51           20        20
        """,
    )
    # One price doubles from 10, one halves from 2. (20 * 10 + 1 * 40) / 180, (20 * 15 + 1 * 20) / (10 * 15 + 2 * 20).
    assert bench.ask(
        "select laspeyres_price_index, paasche_price_index, fisher_price_index, change_usd, "
        "round(price_effect_usd + volume_effect_usd, 2) from marts.price_volume_annual where product_code = 'BASKET'"
    ) == [
        (
            pytest.approx(240 / 180),
            pytest.approx(320 / 190),
            pytest.approx((240 / 180 * 320 / 190) ** 0.5),
            140.0,
            140.0,
        )
    ]


def test_a_month_is_set_against_the_same_month_of_the_year_before(bench: Bench) -> None:
    bench.check(f"""
        given core.product_trade_monthly level=4 product_code=8542 {KOREA_TO_CHINA}
        period_start classification value_usd net_weight_kg
        2021-12-01   HS2017         100       10
        2022-01-01   HS2022         120       10
        2022-12-01   HS2022         150       12
        2023-12-01   HS2022         -         12
        expect marts.price_volume_monthly
        period_start unit_value change_usd price_effect_usd volume_effect_usd is_same_edition
        2021-12-01   10         -          -                -                 -
        2022-01-01   12         -          -                -                 -
        2022-12-01   12.5       50         27.52            22.48             false
    """)
