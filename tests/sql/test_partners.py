"""Partners beside each other: shares, what moved them, both sides' figures, the entrepot, and events beside months."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sql.bench import Bench

ECONOMIES = """
    economy_code is_aggregate
    KOR          false
    CHN          false
    USA          false
    JPN          false
    WLD          true
"""


def _shares(bench: Bench, figures: str, **everywhere: Any) -> None:
    """Partners' shares of what China imports, of two sources of which the first in order has fewer partners."""
    bench.given("core.economies", ECONOMIES)
    bench.given(
        "core.source_precedence",
        """
        source   dataset precedence_rank
        imf      annual  1
        comtrade annual  2
        """,
        metric="goods_total",
        frequency="A",
        basis="published",
        reporter_code="CHN",
        flow="import",
        valid_from_year="0",
        valid_to_year="9999",
    )
    bench.given(
        "core.goods_trade_observations",
        figures,
        **{
            "dataset": "annual",
            "reporter_code": "CHN",
            "flow": "import",
            "frequency": "A",
            "classification": "TOTAL",
            "known_from": "2024-01-01",
            "snapshot_id": "imf/annual/0",
            **everywhere,
        },
    )
    bench.run("marts.partner_share_annual")


def test_a_partner_has_its_share_of_the_world_and_its_rank_among_rivals(bench: Bench) -> None:
    _shares(
        bench,
        """
        source partner_code period_start value_usd
        imf    KOR          2017-01-01   200
        imf    JPN          2017-01-01   300
        imf    USA          2017-01-01   450
        imf    WLD          2017-01-01   1000
        imf    KOR          2018-01-01   264
        imf    JPN          2018-01-01   200
        imf    WLD          2018-01-01   1100
        """,
    )
    assert bench.ask(
        "select year, partner_code, share_pct, partner_rank, partner_count, partners_share_pct, share_change_points, "
        "world_basis from marts.partner_share_annual order by year, partner_code"
    ) == [
        (2017, "JPN", 30.0, 2, 3, 95.0, None, "reported"),
        (2017, "KOR", 20.0, 3, 3, 95.0, None, "reported"),
        (2017, "USA", 45.0, 1, 3, 95.0, None, "reported"),
        # Without most of the world nobody knows who is first.
        (
            2018,
            "JPN",
            pytest.approx(200 / 11),
            None,
            2,
            pytest.approx(464 / 11),
            pytest.approx(200 / 11 - 30),
            "reported",
        ),
        (2018, "KOR", pytest.approx(24), None, 2, pytest.approx(464 / 11), pytest.approx(4), "reported"),
    ]


def test_all_partners_of_a_year_come_from_the_source_that_has_the_most(bench: Bench) -> None:
    _shares(
        bench,
        """
        source   partner_code period_start value_usd snapshot_id
        imf      KOR          2017-01-01   210       imf/annual/0
        imf      WLD          2017-01-01   1000      imf/annual/0
        comtrade KOR          2017-01-01   200       comtrade/annual/0
        comtrade JPN          2017-01-01   300       comtrade/annual/0
        comtrade WLD          2017-01-01   1000      comtrade/annual/0
        """,
    )
    assert bench.ask(
        "select partner_code, value_usd, source, snapshot_ids from marts.partner_share_annual order by partner_code"
    ) == [
        ("JPN", 300.0, "comtrade", "comtrade/annual/0"),
        ("KOR", 200.0, "comtrade", "comtrade/annual/0"),
    ]


def test_some_partners_are_no_world_and_a_figure_that_was_replaced_or_corrected_is_none(bench: Bench) -> None:
    _shares(
        bench,
        """
        source partner_code period_start value_usd known_to   correction_id
        imf    KOR          2016-01-01   200       -          -
        imf    JPN          2016-01-01   300       -          -
        imf    KOR          2017-01-01   222       2024-02-01 -
        imf    KOR          2017-01-01   200       -          -
        imf    JPN          2017-01-01   999       -          wrong
        imf    WLD          2017-01-01   1000      -          -
        """,
    )
    assert bench.ask("select year, partner_code, value_usd, share_pct from marts.partner_share_annual") == [
        (2017, "KOR", 200.0, 20.0)
    ]


def _change(bench: Bench) -> None:
    bench.given(
        "marts.partner_share_annual",
        """
        partner_code year value_usd world_value_usd share_pct partner_rank source
        KOR          2015 80        900             8.8888889 4            imf
        KOR          2017 100       1000            10        3            imf
        KOR          2018 132       1100            12        2            imf
        JPN          2017 50        1000            5         4            imf
        KOR          2019 140       1200            11.666667 2            comtrade
        """,
        reporter_code="CHN",
        flow="import",
        world_basis="reported",
        snapshot_ids="imf/annual/0",
    )


# From 100 of 1000 to 132 of 1100: demand rose by 100 at a mean share of 11%, which is 11, and the share rose by two
# points of a mean of 1050, which is 21.
def test_trade_changed_by_demand_and_by_share_without_a_remainder(bench: Bench) -> None:
    _change(bench)
    bench.run("marts.market_share_change")
    assert bench.ask(
        "select from_year, to_year, span, change_usd, demand_effect_usd, share_effect_usd, from_rank, to_rank "
        "from marts.market_share_change where partner_code = 'KOR' and from_year = 2017"
    ) == [(2017, 2018, "year", 32.0, 11.0, 21.0, 3, 2)]
    # The last year of a source against its first; another source is another line.
    assert bench.ask("select from_year, to_year, span from marts.market_share_change order by 1, 2") == [
        (2015, 2018, "all"),
        (2017, 2018, "year"),
    ]


def test_a_partner_with_trade_in_one_of_two_years_alone_lost_its_share(bench: Bench) -> None:
    _change(bench)
    bench.run("marts.market_share_between")
    assert bench.ask(
        "select partner_code, change_usd, demand_effect_usd, share_effect_usd, from_share_pct, to_share_pct, to_rank, "
        "source from marts.market_share_between('CHN', 'import', 2017, 2018) order by partner_code"
    ) == [
        ("JPN", -50.0, 2.5, -52.5, 5.0, 0.0, None, "imf"),
        ("KOR", 32.0, 11.0, 21.0, 10.0, 12.0, 2, "imf"),
    ]
    assert bench.ask("select distinct source from marts.market_share_between('CHN', 'import', 2018, 2019)") == [(None,)]


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
    bench.given(
        "core.goods_trade_annual",
        f"""
        reporter_code partner_code flow   value_usd valuation
        KOR           CHN          export {exports} FOB
        CHN           KOR          import {imports} CIF
        """,
        period_start="2018-01-01",
        source="x",
        snapshot_ids="x/y/0",
    )
    bench.run("marts.mirror_trade_annual")
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
    bench.run("marts.mirror_trade_annual")
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
    bench.run("marts.trade_balance_annual")
    bench.run("marts.entrepot_balance_annual")


def test_hong_kong_turns_a_deficit_into_a_surplus_on_both_sides(bench: Bench) -> None:
    _hong_kong(
        bench,
        """
        reporter_code partner_code flow   value_usd
        KOR           CHN          export 90
        KOR           CHN          import 100
        KOR           HKG          export 30
        KOR           HKG          import 2
        CHN           KOR          export 108
        CHN           KOR          import 105
        HKG           KOR          export 1
        HKG           KOR          import 29
        """,
    )
    assert bench.ask(
        "select balance_usd, entrepot_balance_usd, balance_with_entrepot_usd, balance_sign, sign_with_entrepot, "
        "sign_changes, balance_mirror_usd, mirror_with_entrepot_usd, signs_agree_with_entrepot, status, reason "
        "from marts.entrepot_balance_annual where reporter_code = 'KOR' and partner_code = 'CHN'"
    ) == [
        (-10.0, 28.0, 18.0, "deficit", "surplus", True, -3.0, 25.0, True, "both_sides", "Everything is held."),
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
        reporter_code partner_code flow   value_usd
        KOR           CHN          export 90
        KOR           CHN          import 100
        JPN           CHN          export 90
        JPN           CHN          import 80
        JPN           HKG          export 5
        JPN           HKG          import 1
        """,
    )
    assert bench.ask(
        "select reporter_code, status, sign_changes, reason from marts.entrepot_balance_annual order by reporter_code"
    ) == [
        ("JPN", "reporter_only", False, "Not held for the year: what CHN reports and what HKG reports."),
        ("KOR", "no_entrepot", None, "No balance of KOR with HKG is held for the year."),
    ]


def _licence(bench: Bench, months: str, scope: str = "8112", touched: str = "WLD") -> None:
    bench.given("core.policy_events", "event_id title\nE1 Licences", snapshot_id="register/stages/0")
    bench.given(
        "core.policy_event_stages",
        """
        event_id stage       event_date
        E1       announced   2023-07-03
        E1       implemented 2023-08-01
        """,
    )
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
        ("E1", "811292", "comtrade/months/0, register/stages/0")
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
    bench.run("marts.balance_change_by_flow")
    rows = bench.ask(
        "select balance_change_usd, driver, exports_contribution_pct + imports_contribution_pct "
        "from marts.balance_change_by_flow"
    )
    assert rows == [(change, driver, pytest.approx(100) if change else None)]


def _two_publishers(bench: Bench, candidates: str) -> None:
    """Exports of two publishers and imports of one, through to the change of the balance."""
    bench.given(
        "core.goods_trade_annual_candidates",
        candidates,
        reporter_code="DEU",
        partner_code="CHN",
        snapshot_ids="x/y/0",
    )
    bench.given(
        "core.goods_trade_annual",
        """
        flow   period_start value_usd source
        export 2013-01-01   94        imf
        export 2014-01-01   99        comtrade
        import 2013-01-01   82        imf
        import 2014-01-01   80        imf
        """,
        reporter_code="DEU",
        partner_code="CHN",
        snapshot_ids="x/y/1",
    )
    bench.run("marts.trade_balance_annual")
    bench.run("core.goods_trade_comparisons")
    bench.run("marts.balance_change_by_flow")
    bench.run("marts.balance_change_between")


CHOSEN = """
    flow   period_start value_usd source   choice
    export 2013-01-01   94        imf      1
    export 2014-01-01   99        comtrade 1
    import 2013-01-01   82        imf      1
    import 2014-01-01   80        imf      1
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
