"""Services in trade and in GDP, and the trade that an opening of services could affect."""

from __future__ import annotations

import pytest

from tests.sql.bench import Bench, Same

FROM_KOREA = Same(
    "reporter_code=CHN partner_code=KOR flow=import value_basis=balanced source=oecd_wto "
    "snapshot_id=oecd_wto/services/0"
)


def _shares(bench: Bench, services: str, goods: str = "year value_usd", **everywhere: str) -> None:
    """Make the share of services in China's imports from Korea."""
    bench.given("marts.services_trade_annual", services, **{**FROM_KOREA, **everywhere})
    bench.check(f"""
        given core.goods_trade_annual reporter_code=CHN partner_code=KOR flow=import snapshot_ids=imf/goods/0
        {goods.replace("year", "period_start")}
        run marts.services_share_annual
    """)


def test_a_fall_in_services_is_parted_into_demand_and_share_to_the_cent(bench: Bench) -> None:
    # What China imported of travel from Korea and from all economies in 2016 and 2017 (OECD and WTO, BaTIS).
    _shares(
        bench,
        """
        service_item_code year vintage value_usd     world_value_usd share_of_services_pct is_derived_item
        SD                2016 E1      8172661896.00 189204424808.00 40                    false
        SD                2017 E1      5576528044.00 185277263606.00 30                    false
        """,
    )
    change, demand, share, points = bench.ask(
        "select change_usd, demand_effect_usd, share_effect_usd, share_change_points "
        "from marts.services_share_annual where year = 2017"
    )[0]
    assert change == -2596133852.0
    assert round(100 * demand) + round(100 * share) == round(100 * change)
    # By hand: a change of demand of -3927.16 million, times the mean of shares of 4.3195% and 3.0098%.
    assert demand == pytest.approx(-143.92e6, abs=0.01e6)
    assert points == pytest.approx(3.0098 - 4.3195, abs=1e-4)
    assert bench.ask("select change_usd, share_change_points from marts.services_share_annual where year = 2016") == [
        (None, None)
    ]


def test_another_vintage_or_a_year_apart_is_not_compared(bench: Bench) -> None:
    _shares(
        bench,
        """
        service_item_code year vintage value_usd world_value_usd
        S                 2010 E1      10        100
        S                 2012 E1      12        100
        S                 2013 E2      15        100
        """,
    )
    assert bench.ask(
        "select year, change_usd, share_change_points, change_status from marts.services_share_annual order by year"
    ) == [
        (2010, None, None, "no_year_before"),
        (2012, None, None, "no_year_before"),
        (2013, None, None, "other_vintage"),
    ]


def test_an_item_is_a_share_of_goods_and_services_together(bench: Bench) -> None:
    _shares(
        bench,
        """
        service_item_code year vintage value_usd world_value_usd share_of_services_pct
        S                 2010 E1      20        400             100
        SD                2010 E1      5         -               25
        S                 2011 E1      20        400             100
        SD                2009 E1      7         70              -
        """,
        """
        year       value_usd
        2010-01-01 80
        2009-01-01 80
        """,
    )
    bench.check("""
        expect marts.services_share_annual
        service_item_code year share_of_trade_pct partner_share_pct status   snapshot_ids
        SD                2009 -                  10                no_total "imf/goods/0, oecd_wto/services/0"
        S                 2010 20                 5                 complete "imf/goods/0, oecd_wto/services/0"
        SD                2010 5                  -                 no_world "imf/goods/0, oecd_wto/services/0"
        S                 2011 -                  5                 no_goods oecd_wto/services/0
    """)


def test_partners_are_ranked_within_one_item_and_vintage(bench: Bench) -> None:
    _shares(
        bench,
        """
        service_item_code partner_code year vintage value_usd world_value_usd
        SD                KOR          2010 E1      20        400
        SD                JPN          2010 E1      30        400
        SC                JPN          2010 E1      10        400
        SD                USA          2010 E2      99        400
        """,
    )
    assert bench.ask(
        "select service_item_code, partner_code, partner_rank, partner_count from marts.services_share_annual "
        "order by service_item_code, partner_code"
    ) == [("SC", "JPN", 1, 1), ("SD", "JPN", 1, 2), ("SD", "KOR", 2, 2), ("SD", "USA", None, 2)]


def test_a_partner_that_is_read_again_alone_is_not_first_of_one(bench: Bench) -> None:
    """KOR's figure is the old one read again, USA's a new one that the release of 2025 does not show."""
    bench.check(f"""
        given core.services_trade_observations {FROM_KOREA} service_item_code=SD year=2024
        partner_code known_from
        KOR          2025-09-16
        JPN          2025-09-16
        DEU          2025-09-16
        USA          2026-09-16
    """)
    _shares(
        bench,
        """
        partner_code vintage    value_usd
        KOR          2026-09-16 20
        JPN          2025-09-16 30
        DEU          2025-09-16 10
        USA          2026-09-16 99
        """,
        service_item_code="SD",
        year="2024",
    )
    assert bench.ask(
        "select partner_code, rank_vintage, partner_rank, partner_count from marts.services_share_annual order by 1"
    ) == [
        ("DEU", "2025-09-16", 3, 3),
        ("JPN", "2025-09-16", 1, 3),
        ("KOR", "2025-09-16", 2, 3),
        ("USA", "2025-09-16", None, 3),
    ]


def _event(bench: Bench, scopes: str) -> None:
    bench.given("core.policy_events", "event_id title\nE1 Talks", snapshot_id="register/stages/0")
    bench.check(f"""
        given core.policy_event_stages
        event_id stage       event_date
        E1       signed      2015-06-01
        E1       negotiation 2018-03-22
        given core.policy_event_jurisdictions
        event_id economy_code role
        E1       CHN          implementing
        E1       KOR          affected
        E1       WLD          affected
        given core.policy_event_scopes
        {scopes}
        given core.service_items
        service_item_code label                 is_derived
        S                 "All services"        false
        SC                Transport             false
        SD                Travel                false
        SOX               "Commercial services" true
    """)


def _held(bench: Bench) -> None:
    bench.given(
        "marts.services_share_annual",
        """
        service_item_code year value_usd world_value_usd partner_share_pct is_derived_item
        S                 2018 40        400             10                false
        SD                2018 16        200             8                 false
        S                 2019 20        400             5                 false
        SD                2019 12        200             6                 false
        SOX               2019 19        399             4                 true
        S                 2020 44        440             10                false
        """,
        reporter_code="CHN",
        partner_code="KOR",
        flow="import",
        value_basis="balanced",
        source="oecd_wto",
        edition="E1",
        vintage="E1",
        snapshot_ids="oecd_wto/services/0",
    )


def test_an_event_about_services_covers_every_item_in_the_last_year_that_has_items(bench: Bench) -> None:
    _event(bench, "event_id classification product_code\nE1 SCOPE services\nE1 SCOPE investment")
    _held(bench)
    assert bench.ask(
        "select reporter_code, flow, service_item_code, covered_by, year, value_usd, share_change_points, since_year, "
        "last_stage, status from marts.service_opening order by reporter_code, flow desc, service_item_code"
    ) == [
        ("CHN", "import", "S", "services", 2019, 20.0, -5.0, 2018, "negotiation", "held"),
        ("CHN", "import", "SD", "services", 2019, 12.0, -2.0, 2018, "negotiation", "held"),
        ("CHN", "export", "S", "services", None, None, None, None, "negotiation", "not_held"),
        ("KOR", "import", "S", "services", None, None, None, None, "negotiation", "not_held"),
        ("KOR", "export", "S", "services", None, None, None, None, "negotiation", "not_held"),
    ]
    assert bench.ask("select distinct snapshot_ids from marts.service_opening where year = 2019") == [
        (["oecd_wto/services/0", "register/stages/0"],)
    ]


def test_an_event_about_one_item_covers_that_item_and_no_other(bench: Bench) -> None:
    _event(bench, "event_id classification product_code\nE1 EBOPS SC")
    _held(bench)
    assert bench.ask("select distinct service_item_code, covered_by, value_usd, status from marts.service_opening") == [
        ("SC", "SC", None, "not_held")
    ]


def test_where_only_all_services_are_held_the_row_says_so(bench: Bench) -> None:
    _event(bench, "event_id classification product_code\nE1 SCOPE services")
    bench.given(
        "marts.services_share_annual",
        """
        service_item_code year value_usd world_value_usd partner_share_pct is_derived_item
        S                 2019 17127     130684          13.1              false
        """,
        reporter_code="KOR",
        partner_code="CHN",
        flow="import",
        value_basis="reported",
        source="bok",
        snapshot_ids="bok/services/0",
    )
    assert bench.ask(
        "select service_item_code, status, reason, since_year from marts.service_opening "
        "where reporter_code = 'KOR' and flow = 'import'"
    ) == [("S", "total_only", "For KOR with CHN only the total of services is available.", None)]


def test_an_event_about_goods_has_no_rows(bench: Bench) -> None:
    _event(bench, "event_id classification product_code\nE1 HS 8542\nE1 SCOPE goods")
    _held(bench)
    assert bench.ask("select count(*) from marts.service_opening") == [(0,)]


def test_economies_are_ranked_by_what_agriculture_and_industry_leave(bench: Bench) -> None:
    # The World Bank on China and Korea in 2022 ; the others are made up.
    bench.given(
        "marts.gdp_composition_annual",
        """
        economy_code year component     share_pct basis
        CHN          2022 agriculture   7.148     reported
        CHN          2022 industry      37.895    reported
        CHN          2022 services      54.957    derived
        CHN          2022 manufacturing 27        reported
        KOR          2022 agriculture   1.448     reported
        KOR          2022 industry      32.511    reported
        KOR          2022 services      58.034    reported
        HKG          2022 agriculture   0         reported
        HKG          2022 industry      7         reported
        NER          2022 agriculture   40        reported
        IND          2022 services      49        reported
        """,
        source="worldbank",
        snapshot_id="worldbank/wdi/0",
        known_from="2026-07-01",
        shown_until="2026-07-01",
    )
    bench.check("""
        expect marts.services_value_added_annual
        economy_code rest_share_pct rest_rank economy_count services_share_pct services_basis status
        HKG          93             1         3             -                  -              rest_only
        KOR          ~66.041        2         3             58.034             reported       services
        CHN          ~54.957        3         3             54.957             derived        services
        IND          -              -         3             49                 reported       services_only
    """)


def test_a_rank_is_among_economies_of_one_release_and_a_rest_of_two_parts_of_one(bench: Bench) -> None:
    bench.check("""
        given marts.gdp_composition_annual year=2022 basis=reported source=worldbank
        economy_code component   share_pct known_from shown_until
        CHN          agriculture 7         2025-12-17 2026-07-01
        CHN          industry    38        2026-04-01 2026-07-01
        HKG          agriculture 0         2026-07-01 2026-07-01
        HKG          industry    7         2026-07-01 2026-07-01
        KOR          agriculture 1         2026-08-01 2026-08-01
        KOR          industry    32        2026-08-01 2026-08-01
        NER          agriculture 40        2025-12-17 2025-12-17
        NER          industry    20        2026-07-01 2026-07-01
        NER          services    38        2024-02-25 2024-02-25
        # Korea's parts are newer than the release that shows the most economies, and Niger's were never shown together.
        expect marts.services_value_added_annual
        economy_code rest_share_pct rest_shown_until rank_shown_until rest_rank economy_count services_shown_until
        CHN          55             2026-07-01       2026-07-01       2         2             -
        HKG          93             2026-07-01       2026-07-01       1         2             -
        KOR          67             2026-08-01       2026-07-01       -         2             -
        NER          -              -                2026-07-01       -         2             2024-02-25
    """)
