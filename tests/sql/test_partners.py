"""Partners compared: their shares and the changes of these, both sides' figures, entrepots, and events with months."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sql.bench import Bench


def _shares(bench: Bench, figures: str, worlds: str, **everywhere: Any) -> None:
    """Make partners' shares of China's imports, from core's candidates."""
    shared = {"reporter_code": "CHN", "flow": "import", "choice": "1", **everywhere}
    bench.given(
        "core.goods_trade_annual_candidates",
        figures,
        **{"precedence_rank": "1", "snapshot_ids": "imf/annual/0", **shared},
    )
    bench.engine.connection.execute(
        "update core.goods_trade_annual_candidates set publisher_code = coalesce(publisher_code, source)"
    )
    bench.given(
        "core.goods_trade_world_annual_candidates",
        worlds,
        **{"snapshot_ids": "worldbank/wdi/0", "dataset": "totals", **shared},
    )
    bench.check("""
        given core.source_precedence metric=goods_world dataset=totals
        source    publisher_code
        imf       imf
        kosis     kcs
        wits      wits
        worldbank worldbank
        run marts.partner_share_annual
    """)


def _partners(year: int, count: int, each: float) -> str:
    """Write lines for `count` partners of one size, in a source that lists every partner."""
    return "".join(f"imf P{number:02d} {year}-01-01 {each}\n" for number in range(count))


SHARES = (
    "select year, partner_code, partner_kind, value_usd, share_pct, partner_rank, status "
    "from marts.partner_share_annual"
)


def test_shares_are_of_the_published_total_and_the_rest_is_a_row(bench: Bench) -> None:
    """China's imports of 2015: the partners that the IMF lists make 1,457bn of 1,679.6bn, re-imports 143.4bn."""
    _shares(
        bench,
        "source partner_code period_start value_usd\n"
        "imf KOR 2015-01-01 174.3\nimf USA 2015-01-01 144.9\n"
        + _partners(2015, 30, 37.94)
        + "comtrade CHN 2015-01-01 143.4\n",
        "source period_start value_usd\nworldbank 2015-01-01 1679.6",
    )
    kept = bench.ask(f"{SHARES} where partner_code in ('KOR', 'USA', 'CHN', '_X') order by partner_code")
    share = pytest.approx
    assert kept == [
        # Goods that come back are part of the total, and nobody's rival.
        (2015, "CHN", "own_goods", 143.4, share(8.5377, rel=1e-4), None, "complete"),
        (2015, "KOR", "economy", 174.3, share(10.3775, rel=1e-4), 1, "complete"),
        (2015, "USA", "economy", 144.9, share(8.6270, rel=1e-4), 2, "complete"),
        (2015, "_X", "not_allocated", share(78.8), share(4.6916, rel=1e-4), None, "complete"),
    ]
    assert bench.ask(
        "select distinct partner_count, world_source, snapshot_ids, round(partners_share_pct, 2) "
        "from marts.partner_share_annual"
    ) == [(32, "worldbank", ["imf/annual/0", "worldbank/wdi/0"], 95.31)]
    assert bench.ask("select sum(share_pct) from marts.partner_share_annual") == [(share(100),)]
    assert bench.ask("select source from marts.partner_share_annual where partner_code = 'CHN'") == [("comtrade",)]


def test_without_a_published_total_there_is_no_share_however_many_partners_there_are(bench: Bench) -> None:
    _shares(bench, "source partner_code period_start value_usd\n" + _partners(2015, 40, 10), "source value_usd")
    assert bench.ask(
        "select distinct share_pct, world_value_usd, partner_rank, partners_share_pct, status, reason "
        "from marts.partner_share_annual"
    ) == [(None, None, None, None, "no_total", "No published total of CHN's imports is available.")]
    assert bench.ask("select count(*) from marts.partner_share_annual where partner_code = '_X'") == [(0,)]


def test_some_partners_have_shares_and_no_ranks_and_the_rest_is_not_theirs(bench: Bench) -> None:
    """Nine tenths are not enough: Canada's exports to fourteen partners are, and Mexico is not among them."""
    _shares(
        bench,
        """
        source partner_code period_start value_usd
        imf    USA          2015-01-01   764
        imf    CHN          2015-01-01   150
        """,
        "source period_start value_usd\nworldbank 2015-01-01 1000",
        reporter_code="CAN",
    )
    assert bench.ask(f"{SHARES} order by partner_code") == [
        (2015, "CHN", "economy", 150.0, 15.0, None, "some_partners"),
        (2015, "USA", "economy", 764.0, pytest.approx(76.4), None, "some_partners"),
        (2015, "_X", "not_held", 86.0, pytest.approx(8.6), None, "some_partners"),
    ]


def test_partners_that_exceed_the_total_leave_a_negative_rest_and_are_flagged(bench: Bench) -> None:
    """Korea's imports of 1979: the partners of KOSIS make 101.4% of its total."""
    _shares(
        bench,
        "source partner_code period_start value_usd\n" + _partners(1979, 40, 2.535),
        "source period_start value_usd\nimf 1979-01-01 100",
        reporter_code="KOR",
    )
    assert bench.ask(f"{SHARES} where partner_code = '_X'") == [
        (1979, "_X", "not_allocated", pytest.approx(-1.4), None, None, "partners_exceed_total")
    ]
    assert bench.ask("select reason from marts.partner_share_annual limit 1") == [
        ("The partners of imf make 101.4% of the total of imf: two readings of one year.",)
    ]


def test_a_partner_below_its_products_has_the_figure_of_the_safe_table(bench: Bench) -> None:
    """Viet Nam in China's imports of 2015: 23.8bn at the IMF, 29.8 by division. Japan is the same in both."""
    _shares(
        bench,
        """
        source   partner_code period_start value_usd choice is_below_products snapshot_ids
        imf      VNM          2015-01-01   23.8      2      true              imf/annual/0
        comtrade VNM          2015-01-01   29.8      1      false             comtrade/annual/0
        imf      JPN          2015-01-01   142.7     2      false             imf/annual/0
        comtrade JPN          2015-01-01   142.9     1      false             comtrade/annual/0
        imf      USA          2015-01-01   144.9     1      false             imf/annual/0
        """,
        "source period_start value_usd\nimf 2015-01-01 1000",
    )
    assert bench.ask(
        "select partner_code, value_usd, share_pct, source from marts.partner_share_annual order by partner_code"
    ) == [
        ("JPN", 142.7, pytest.approx(14.27), "imf"),
        ("USA", 144.9, pytest.approx(14.49), "imf"),
        ("VNM", 29.8, pytest.approx(2.98), "comtrade"),
        ("_X", pytest.approx(682.6), pytest.approx(68.26), "imf"),
    ]


def test_the_total_is_of_the_partners_own_publisher_where_it_prints_one(bench: Bench) -> None:
    _shares(
        bench,
        """
        source partner_code period_start value_usd
        wits   KOR          2018-01-01   204.6
        imf    KOR          2019-01-01   173.6
        """,
        """
        source    period_start value_usd choice
        worldbank 2018-01-01   2135.7    1
        wits      2018-01-01   2135.0    2
        worldbank 2019-01-01   2078.4    1
        wits      2019-01-01   2069.0    2
        """,
    )
    assert bench.ask(
        "select year, world_source, world_value_usd from marts.partner_share_annual "
        "where partner_code = 'KOR' order by year"
    ) == [(2018, "wits", 2135.0), (2019, "worldbank", 2078.4)]


@pytest.mark.parametrize(
    ("source", "world_source", "change"),
    [("imf", "worldbank", 0.66), ("wits", "worldbank", None), ("imf", "wits", None)],
)
def test_a_share_changed_only_between_two_years_of_one_base(
    bench: Bench, source: str, world_source: str, change: float | None
) -> None:
    """Korea's share of China's imports rose by 0.66 points in 2015."""
    _shares(
        bench,
        f"source partner_code period_start value_usd\nimf KOR 2014-01-01 190.29\n{source} KOR 2015-01-01 174.29",
        f"source period_start value_usd\nworldbank 2014-01-01 1959.2\n{world_source} 2015-01-01 1679.6",
    )
    assert bench.ask(
        "select share_change_points from marts.partner_share_annual where partner_code = 'KOR' and year = 2015"
    ) == [(change if change is None else pytest.approx(change, abs=0.005),)]
    # What is left over of two lists of partners is no series.
    assert (
        bench.ask("select share_change_points from marts.partner_share_annual where partner_code = '_X'")
        == [(None,)] * 2
    )


def test_a_channel_that_passes_figures_on_is_no_other_publisher(bench: Bench) -> None:
    """Korea's customs through the statistical office in 2017 and through the central bank in 2018."""
    _shares(
        bench,
        """
        source partner_code period_start value_usd publisher_code
        kosis  CHN          2017-01-01   142       kcs
        bok    CHN          2018-01-01   162       kcs
        """,
        """
        source    period_start value_usd choice
        kosis     2017-01-01   574       1
        worldbank 2018-01-01   604.9     1
        kosis     2018-01-01   605       2
        """,
        reporter_code="KOR",
        flow="export",
    )
    assert bench.ask(
        "select source, publisher_code, world_source, world_publisher_code, share_change_points "
        "from marts.partner_share_annual where partner_code = 'CHN' order by year"
    ) == [
        ("kosis", "kcs", "kosis", "kcs", None),
        ("bok", "kcs", "kosis", "kcs", pytest.approx(100 * 162 / 605 - 100 * 142 / 574)),
    ]
    assert bench.ask("select publisher_code, source, world_source, snapshot_ids from marts.market_share_change") == [
        ("kcs", "kosis, bok", "kosis", ["imf/annual/0", "worldbank/wdi/0"])
    ]
    assert bench.ask(
        "select publisher_code, world_publisher_code, source, world_source, snapshot_ids "
        "from marts.market_share_between('KOR', 'export', 2017, 2018)"
    ) == [("kcs", "kcs", None, "kosis", ["imf/annual/0", "worldbank/wdi/0"])]


def test_all_partners_of_a_year_come_from_the_source_that_has_the_most(bench: Bench) -> None:
    _shares(
        bench,
        """
        source   partner_code period_start value_usd snapshot_ids      precedence_rank choice
        imf      KOR          2017-01-01   210       imf/annual/0      1               1
        comtrade KOR          2017-01-01   200       comtrade/annual/0 2               2
        comtrade JPN          2017-01-01   300       comtrade/annual/0 2               1
        """,
        "source period_start value_usd\nworldbank 2017-01-01 1000",
    )
    assert bench.ask(
        "select partner_code, value_usd, source, snapshot_ids from marts.partner_share_annual order by partner_code"
    ) == [
        ("JPN", 300.0, "comtrade", ["comtrade/annual/0", "worldbank/wdi/0"]),
        ("KOR", 200.0, "comtrade", ["comtrade/annual/0", "worldbank/wdi/0"]),
        ("_X", 500.0, "comtrade", ["comtrade/annual/0", "worldbank/wdi/0"]),
    ]


def _change(bench: Bench) -> None:
    bench.given(
        "marts.partner_share_annual",
        """
        partner_code partner_kind  year value_usd world_value_usd share_pct partner_rank publisher_code status
        KOR          economy       2015 80        900             8.8888889 4            imf      complete
        KOR          economy       2017 100       1000            10        3            imf      complete
        KOR          economy       2018 132       1100            12        2            imf      complete
        JPN          economy       2017 50        1000            5         4            imf      complete
        _X           not_allocated 2017 850       1000            85        -            imf      complete
        _X           not_allocated 2018 968       1100            88        -            imf      complete
        KOR          economy       2019 140       1200            11.666667 2            comtrade some_partners
        """,
        reporter_code="CHN",
        flow="import",
        source="x",
        world_source="worldbank",
        world_publisher_code="worldbank",
        snapshot_ids="imf/annual/0",
    )


# From 100 of 1000 to 132 of 1100: demand rose by 100 at a mean share of 11%, which is 11, and the share rose by two
# points of a mean of 1050, which is 21.
def test_trade_changed_by_demand_and_by_share_without_a_remainder(bench: Bench) -> None:
    _change(bench)
    assert bench.ask(
        "select from_year, to_year, span, change_usd, demand_effect_usd, share_effect_usd, from_rank, to_rank "
        "from marts.market_share_change where partner_code = 'KOR' and from_year = 2017"
    ) == [(2017, 2018, "year", 32.0, 11.0, 21.0, 3, 2)]
    # The last year of a source against its first; another source is another line, and the rest is no partner.
    assert bench.ask("select from_year, to_year, span from marts.market_share_change order by 1, 2") == [
        (2015, 2018, "all"),
        (2017, 2018, "year"),
    ]


def test_a_partner_with_trade_in_one_of_two_years_alone_lost_its_share(bench: Bench) -> None:
    _change(bench)
    assert bench.ask(
        "select partner_code, change_usd, demand_effect_usd, share_effect_usd, from_share_pct, to_share_pct, to_rank, "
        "publisher_code from marts.market_share_between('CHN', 'import', 2017, 2018) order by partner_code"
    ) == [
        ("JPN", -50.0, 2.5, -52.5, 5.0, 0.0, None, "imf"),
        ("KOR", 32.0, 11.0, 21.0, 10.0, 12.0, 2, "imf"),
    ]
    # Two publishers are named by none; and who is not among some partners did not lose its share.
    assert bench.ask(
        "select partner_code, publisher_code, world_publisher_code "
        "from marts.market_share_between('CHN', 'import', 2017, 2019)"
    ) == [("KOR", None, "worldbank")]


@pytest.mark.parametrize(
    ("exports", "imports", "ratio", "reading"),
    [
        (100.0, 99.9, 0.999, "below"),
        (100.0, 100.0, 1.0, "within"),
        (100.0, 106.0, 1.06, "within"),
        (100.0, 120.0, 1.2, "within"),
        (100.0, 120.1, 1.201, "above"),
        (0.0, 5.0, None, None),
    ],
)
def test_the_importers_figure_over_the_exporters_is_read_by_the_band_whoever_reports(
    bench: Bench, exports: float, imports: float, ratio: float | None, reading: str | None
) -> None:
    bench.check(f"""
        given core.goods_trade_annual period_start=2018-01-01 source=x snapshot_ids=x/y/0
        reporter_code partner_code flow   value_usd valuation
        KOR           CHN          export {exports} FOB
        CHN           KOR          import {imports} CIF
    """)
    assert (
        bench.ask("select cif_fob_ratio, cif_fob_reading from marts.mirror_trade_annual")
        == [(ratio if ratio is None else pytest.approx(ratio), reading)] * 2
    )


def test_gaps_are_added_up_and_each_year_has_its_part_of_them(bench: Bench) -> None:
    lines = [
        f"{reporter} {partner} {flow} {year}-01-01 {value}"
        for year, ours, theirs in ((2016, 100, 110), (2017, 100, 90), (2018, 100.125, 130.125))
        for reporter, partner, flow, value in (("KOR", "CHN", "export", ours), ("CHN", "KOR", "import", theirs))
    ]
    bench.given(
        "core.goods_trade_annual",
        "\n".join(["reporter_code partner_code flow period_start value_usd", *lines]),
        source="x",
        snapshot_ids="x/y/0",
    )
    assert bench.ask(
        "select year, gap_usd, cumulated_gap_usd, gap_share_pct, relative_gap_pct from marts.mirror_trade_annual "
        "where reporter_code = 'KOR' order by year"
    ) == [
        (2016, -10.0, -10.0, 20.0, pytest.approx(-1000 / 110)),
        (2017, 10.0, 0.0, 20.0, pytest.approx(1000 / 90)),
        (2018, -30.0, -30.0, 60.0, pytest.approx(-3000 / 130.125)),
    ]


def _hong_kong(bench: Bench, figures: str) -> None:
    bench.given("core.goods_trade_annual", figures, period_start="2019-01-01", source="x", snapshot_ids="x/y/0")
    bench.committed("entrepots")
    bench.run("core.entrepots", "marts.trade_balance_annual", "marts.entrepot_balance_annual")


def test_hong_kong_turns_a_deficit_into_a_surplus_on_both_sides(bench: Bench) -> None:
    _hong_kong(
        bench,
        """
        reporter_code partner_code export import
        KOR           CHN          90     100
        KOR           HKG          30     2
        CHN           KOR          108    105
        HKG           KOR          1      29
        """,
    )
    assert bench.ask(
        "select balance_usd, entrepot_balance_usd, balance_with_entrepot_usd, balance_sign, sign_with_entrepot, "
        "sign_changes, balance_mirror_usd, mirror_with_entrepot_usd, signs_agree_with_entrepot, status, reason "
        "from marts.entrepot_balance_annual where reporter_code = 'KOR' and partner_code = 'CHN'"
    ) == [
        (-10.0, 28.0, 18.0, "deficit", "surplus", True, -3.0, 25.0, True, "both_sides", "Nothing is missing."),
    ]
    # Hong Kong's own balance with China goes through no entrepot, nor does China's with Korea.
    assert bench.ask("select distinct partner_code, entrepot_code from marts.entrepot_balance_annual") == [
        ("CHN", "HKG")
    ]
    assert bench.ask("select count(*) from marts.entrepot_balance_annual where reporter_code = 'HKG'") == [(0,)]


def test_what_is_not_held_of_the_entrepot_is_said(bench: Bench) -> None:
    _hong_kong(
        bench,
        """
        reporter_code partner_code export import
        KOR           CHN          90     100
        JPN           CHN          90     80
        JPN           HKG          5      1
        """,
    )
    assert bench.ask(
        "select reporter_code, status, sign_changes, reason from marts.entrepot_balance_annual order by reporter_code"
    ) == [
        ("JPN", "reporter_only", False, "This warehouse does not have the figures of CHN and HKG for the year."),
        ("KOR", "no_entrepot", None, "This warehouse has no balance of KOR with HKG for the year."),
    ]


def _licence(bench: Bench, months: str, scope: str = "8112", touched: str = "WLD") -> None:
    bench.given("core.policy_events", "event_id title\nE1 Licences", snapshot_id="register/stages/0")
    bench.check("""
        given core.policy_event_stages
        event_id stage       event_date
        E1       announced   2023-07-03
        E1       implemented 2023-08-01
    """)
    bench.given("core.policy_event_scopes", f"event_id classification product_code\nE1 HS {scope}")
    bench.given(
        "core.policy_event_jurisdictions",
        f"event_id economy_code role\nE1 CHN implementing\nE1 {touched} affected",
    )
    bench.given(
        "core.product_trade_monthly",
        months,
        reporter_code="CHN",
        flow="export",
        classification="HS2022",
        level="6",
        source="comtrade",
        snapshot_id="comtrade/months/0",
    )
    bench.run("marts.policy_product_monthly")


def test_months_stand_beside_the_event_that_names_the_product(bench: Bench) -> None:
    """China's licences for gallium and germanium: announced on 3 July 2023, in force from 1 August."""
    before = [f"2022-{month:02d}-01 KOR 811292 10 2" for month in range(7, 13)]
    before += [f"2023-{month:02d}-01 KOR 811292 30 2" for month in range(1, 7)]
    _licence(
        bench,
        "\n".join(
            [
                "period_start partner_code product_code value_usd net_weight_kg",
                *before,
                "2023-07-01 KOR 811292 80 4",
                "2023-08-01 KOR 811292 5 1",
                "2023-08-01 JPN 811292 15 1",
                "2023-08-01 KOR 854231 99 1",
            ]
        ),
    )
    assert bench.ask(
        "select period_start::varchar, partner_code, months_since, value_usd, unit_value, partner_share_pct, "
        "partner_count, before_mean_usd, index_to_before from marts.policy_product_monthly "
        "where period_start >= date '2023-07-01' order by period_start, partner_code"
    ) == [
        ("2023-07-01", "KOR", -1, 80.0, 20.0, 100.0, 1, 20.0, 4.0),
        ("2023-08-01", "JPN", 0, 15.0, 15.0, 75.0, 2, None, None),
        ("2023-08-01", "KOR", 0, 5.0, 5.0, 25.0, 2, 20.0, 0.25),
    ]
    assert bench.ask("select distinct event_id, product_code, snapshot_ids from marts.policy_product_monthly") == [
        ("E1", "811292", ["comtrade/months/0", "register/stages/0"])
    ]


def test_an_event_concerns_the_trade_of_those_it_touches_alone(bench: Bench) -> None:
    _licence(
        bench,
        """
        period_start partner_code product_code value_usd net_weight_kg
        2023-08-01   KOR          811292       5         1
        2023-08-01   JPN          811292       15        1
        """,
        touched="JPN",
    )
    assert bench.ask("select partner_code, partner_share_pct from marts.policy_product_monthly") == [("JPN", 75.0)]


def test_eleven_months_before_are_no_mean(bench: Bench) -> None:
    lines = [f"2022-{month:02d}-01 KOR 811292 10 2" for month in range(8, 13)]
    lines += [f"2023-{month:02d}-01 KOR 811292 10 2" for month in range(1, 9)]
    _licence(bench, "\n".join(["period_start partner_code product_code value_usd net_weight_kg", *lines]))
    assert bench.ask("select distinct before_mean_usd, index_to_before from marts.policy_product_monthly") == [
        (None, None)
    ]


@pytest.mark.parametrize(
    ("exports", "imports", "change", "driver"),
    [
        ((100, 80), (50, 60), -30.0, "exports_lost"),
        ((100, 95), (50, 60), -15.0, "imports_gained"),
        ((100, 130), (50, 60), 20.0, "exports_gained"),
        ((100, 99), (50, 30), 19.0, "imports_lost"),
        ((100, 110), (50, 60), 0.0, None),
    ],
)
def test_a_balance_is_driven_by_the_flow_that_moved_it_most(
    bench: Bench, exports: tuple[int, int], imports: tuple[int, int], change: float, driver: str | None
) -> None:
    lines = [
        f"{flow} {year}-01-01 {value}"
        for flow, values in (("export", exports), ("import", imports))
        for year, value in zip((2017, 2018), values, strict=True)
    ]
    bench.given(
        "core.goods_trade_annual",
        "\n".join(["flow period_start value_usd", *lines]),
        reporter_code="KOR",
        partner_code="CHN",
        source="x",
        snapshot_ids="x/y/0",
    )
    bench.run("marts.trade_balance_annual")
    rows = bench.ask(
        "select balance_change_usd, driver, exports_contribution_pct + imports_contribution_pct "
        "from marts.balance_change_by_flow"
    )
    assert rows == [(change, driver, pytest.approx(100) if change else None)]


def _two_publishers(bench: Bench, candidates: str) -> None:
    """Make the change of the balance from exports of two publishers and imports of one."""
    bench.check(f"""
        given core.goods_trade_annual_candidates reporter_code=DEU partner_code=CHN snapshot_ids=x/y/0
        {candidates}
        given core.goods_trade_annual reporter_code=DEU partner_code=CHN snapshot_ids=x/y/1
        flow   period_start value_usd source
        export 2013-01-01   94        imf
        export 2014-01-01   99        comtrade
        import 2013-01-01   82        imf
        import 2014-01-01   80        imf
        run marts.trade_balance_annual core.goods_trade_comparisons marts.balance_change_by_flow
        run marts.balance_change_between
    """)


CHOSEN = """
    flow   period_start value_usd publisher_code choice
    export 2013-01-01   94        imf            1
    export 2014-01-01   99        comtrade       1
    import 2013-01-01   82        imf            1
    import 2014-01-01   80        imf            1
"""


def test_two_years_of_two_publishers_are_taken_from_one_that_holds_both(bench: Bench) -> None:
    _two_publishers(bench, CHOSEN + "export 2014-01-01 97 imf 2\nexport 2014-01-01 96 wits 3\n")
    assert bench.ask(
        "select flow, from_source, to_source, from_usd, to_usd, source from core.goods_trade_comparisons"
    ) == [("export", "imf", "comtrade", 94.0, 97.0, "imf")]
    # 97 less 94 of exports, and 80 less 82 of imports; 99 less 94 would be a change of publisher.
    assert bench.ask(
        "select change_status, exports_source, imports_source, balance_from_usd, balance_to_usd, exports_change_usd, "
        "imports_change_usd, balance_change_usd from marts.balance_change_by_flow"
    ) == [("common_publisher", "imf", "imf", 12.0, 17.0, 3.0, -2.0, 5.0)]
    assert bench.ask(
        "select flow, contribution_usd, balance_change_usd "
        "from marts.balance_change_between('DEU', 'CHN', 2013, 2014) order by flow"
    ) == [("export", 3.0, 5.0), ("import", 2.0, 5.0)]


def test_two_years_that_no_publisher_holds_stand_side_by_side_without_a_change(bench: Bench) -> None:
    _two_publishers(bench, CHOSEN)
    assert bench.ask("select from_usd, to_usd, source from core.goods_trade_comparisons") == [(None, None, None)]
    assert bench.ask(
        "select change_status, exports_source, balance_from_usd, balance_to_usd, balance_change_usd, driver "
        "from marts.balance_change_by_flow"
    ) == [("no_common_publisher", "imf / comtrade", 12.0, 19.0, None, None)]
    assert bench.ask("select * from marts.balance_change_between('DEU', 'CHN', 2013, 2014)") == []


def test_of_figures_too_thin_nobody_says_what_moved_the_balance(bench: Bench) -> None:
    """Saudi Arabia with China in 2014, whose exports leave out the oil."""
    bench.given(
        "marts.trade_balance_annual",
        """
        year exports_usd imports_usd coverage_status
        2014 46          13          insufficient
        2015 20          24          sufficient
        2016 18          25          unchecked
        """,
        reporter_code="SAU",
        partner_code="CHN",
        is_complete="true",
        exports_source="comtrade",
        imports_source="comtrade",
        snapshot_ids="x/y/0",
    )
    assert bench.ask(
        "select from_year, change_status, balance_change_usd, exports_contribution_pct, imports_contribution_pct, "
        "driver from marts.balance_change_by_flow where span = 'year' order by from_year"
    ) == [
        (2014, "too_thin", -37, None, None, None),
        (2015, "chosen", -3, pytest.approx(200 / 3), pytest.approx(100 / 3), "exports_lost"),
    ]
    assert bench.ask(
        "select flow, contribution_usd, contribution_pct, change_status "
        "from marts.balance_change_between('SAU', 'CHN', 2014, 2015) order by flow"
    ) == [("export", -26, None, "too_thin"), ("import", -11, None, "too_thin")]
    assert bench.ask("select distinct change_status from marts.balance_change_between('SAU', 'CHN', 2015, 2016)") == [
        ("compared",)
    ]
