"""Services, shares of GDP and indicators: current and earlier values, reported and derived ones."""

from __future__ import annotations

from datetime import date

import pytest

from tests.sql.bench import Bench, Same

ECONOMIES = """
    economy_code name          is_aggregate
    KOR          "South Korea" false
    CHN          China         false
    WLD          World         true
"""
RELEASES = """
    snapshot_id known_from edition
    r1          2024-02-25 -
    r2          2025-12-17 -
    r3          2026-07-01 -
    old         2022-09-29 "September 2022"
    new         2026-09-16 2025-12
"""
INDICATORS = """
    indicator_code    unit component
    NV.AGR.TOTL.ZS    %    agriculture
    NV.IND.TOTL.ZS    %    industry
    NV.SRV.TOTL.ZS    %    services
    NY.GDP.MKTP.CD    US$  -
"""
SERVICES = Same("reporter_code=KOR flow=export")


def test_editions_stay_apart_whole_even_where_one_repeats_the_other(bench: Bench) -> None:
    bench.given("reference.snapshots", RELEASES)
    bench.check(f"""
        given staging.oecd_wto__services_annual source=oecd_wto dataset=services_annual {SERVICES}
        partner_code service_item_code year value_usd value_basis snapshot_id
        CHN          S                 2019 20        balanced    old
        CHN          S                 2019 21        balanced    new
        CHN          SD                2019 6         balanced    old
        CHN          SD                2019 6         balanced    new
        expect core.services_trade_observations
        service_item_code value_usd edition          known_from known_to
        S                 20        "September 2022" 2022-09-29 2026-09-16
        S                 21        2025-12          2026-09-16 -
        SD                6         "September 2022" 2022-09-29 2026-09-16
        SD                6         2025-12          2026-09-16 -
    """)


def test_value_bases_stand_beside_each_other_and_the_compiler_comes_first(bench: Bench) -> None:
    """The Bank of Korea printed 20,338 million for 2019; BaTIS repeats it as reported 20,338.4."""
    bench.given("core.economies", ECONOMIES)
    bench.check(f"""
        given core.services_trade_observations shown_until=2026-09-16 service_item_code=S {SERVICES}
        source   dataset                partner_code year value_usd value_basis edition known_from known_to
        bok      services_annual        CHN          2019 20338     reported    -       2026-09-16 -
        oecd_wto services_annual_points CHN          2019 20338.4   reported    2025-12 2026-09-16 -
        oecd_wto services_annual_points CHN          2019 20000     balanced    2025-12 2026-09-16 -
        oecd_wto services_annual        CHN          2019 19000     balanced    2022-09 2022-09-29 -
        oecd_wto services_annual_points CHN          2018 18000     balanced    2025-12 2024-01-01 2026-09-16
        bok      services_annual        WLD          2019 103839    reported    -       2026-09-16 -
    """)
    bench.committed("source_precedence")
    bench.check("""
        run core.source_precedence
        expect core.services_trade
        partner_code year value_basis value_usd source   edition world_value_usd
        CHN          2019 balanced    20000     oecd_wto 2025-12 -
        CHN          2019 reported    20338     bok      -       103839
    """)


def test_a_pair_uses_the_basis_of_most_years_and_in_a_tie_reported_before_balanced(bench: Bench) -> None:
    bench.check("""
        given core.services_trade
        reporter_code partner_code service_item_code year flow   value_basis
        # Both flows of a year are one year, and travel is not all services.
        KOR           CHN          S                 2020 export reported
        KOR           CHN          S                 2020 import reported
        KOR           CHN          S                 2020 export balanced
        KOR           CHN          S                 2021 export balanced
        KOR           CHN          SD                2019 export reported
        KOR           CHN          SD                2021 export reported
        KOR           CHN          SD                2022 export reported
        # One year each, in either order.
        KOR           JPN          S                 2020 export estimated
        KOR           JPN          S                 2020 export balanced
        KOR           JPN          S                 2020 export reported
        JPN           KOR          S                 2020 export reported
        JPN           KOR          S                 2020 export balanced
        JPN           KOR          S                 2020 export estimated
        KOR           USA          S                 2020 export estimated
        KOR           USA          S                 2020 export balanced
        USA           KOR          S                 2020 export balanced
        USA           KOR          S                 2020 export estimated
        # A longer series goes before a better basis.
        CHN           KOR          S                 2020 export estimated
        CHN           KOR          S                 2021 export estimated
        CHN           KOR          S                 2021 export reported
        expect core.services_bases
        reporter_code partner_code value_basis
        KOR           CHN          balanced
        KOR           JPN          reported
        JPN           KOR          reported
        KOR           USA          balanced
        USA           KOR          balanced
        CHN           KOR          estimated
    """)


def test_the_edition_that_the_api_answers_takes_the_place_of_older_points_and_brings_its_own_world(
    bench: Bench,
) -> None:
    bench.given("core.economies", ECONOMIES)
    bench.check(f"""
        given core.services_trade_observations source=oecd_wto value_basis=balanced {SERVICES}
        dataset                partner_code service_item_code year value_usd edition known_from
        services_annual        CHN          S                 2019 19000     2022-09 2022-09-29
        services_annual_points CHN          S                 2019 20000     2025-12 2026-09-16
        services_annual_points WLD          S                 2019 90000     2025-12 2026-09-16
        batis                  CHN          S                 2019 21000     2026-12 2026-12-20
        batis                  WLD          S                 2019 99000     2026-12 2026-12-20
        services_annual_points CHN          S                 2018 18000     2025-12 2026-09-16
        services_annual        CHN          S                 2018 17000     2022-09 2022-09-29
    """)
    bench.committed("source_precedence")
    bench.run("core.source_precedence")
    assert bench.ask("select year, dataset, value_usd, world_value_usd from core.services_trade order by year") == [
        (2018, "services_annual_points", 18_000.0, None),
        (2019, "batis", 21_000.0, 99_000.0),
    ]


def test_where_a_publisher_names_no_edition_a_vintage_is_what_one_release_shows(bench: Bench) -> None:
    bench.given("core.economies", ECONOMIES)
    bench.given("reference.snapshots", RELEASES)
    bench.given(
        "staging.bok__services_annual",
        """
        partner_code year value_usd snapshot_id
        CHN          2022 20        r1
        WLD          2022 100       r1
        CHN          2022 20        r2
        WLD          2022 110       r2
        CHN          2023 21        r1
        WLD          2023 120       r2
        """,
        source="bok",
        dataset="services_annual",
        service_item_code="S",
        value_basis="reported",
        **SERVICES,
    )
    bench.check("""
        expect core.services_trade_observations
        partner_code year value_usd known_from shown_until
        CHN          2022 20        2024-02-25 2025-12-17
        CHN          2023 21        2024-02-25 2024-02-25
        WLD          2022 100       2024-02-25 2024-02-25
        WLD          2022 110       2025-12-17 2025-12-17
        WLD          2023 120       2025-12-17 2025-12-17
    """)
    bench.committed("source_precedence")
    bench.run("core.source_precedence")
    # What China bought in 2023 was last shown two years before the world's figure, and is no share of it.
    assert bench.ask("select year, vintage, value_usd, world_value_usd from core.services_trade order by year") == [
        (2022, "2025-12-17", 20.0, 110.0),
        (2023, "2024-02-25", 21.0, None),
    ]


def test_an_item_is_a_share_of_all_services_of_the_same_basis_and_vintage(bench: Bench) -> None:
    bench.check(f"""
        given core.services_trade source=oecd_wto {SERVICES}
        partner_code service_item_code year value_usd value_basis vintage
        CHN          S                 2019 80        balanced    old
        CHN          SD                2019 20        balanced    old
        CHN          SD                2019 30        reported    new
        CHN          SPX4              2019 8         balanced    old
        given core.service_items
        service_item_code label          is_derived
        S                 "All services" false
        SD                Travel         false
        SPX4              "On goods"     true
        expect marts.services_trade_annual
        service_item_code value_basis service_item   is_derived_item share_of_services_pct
        S                 balanced    "All services" false           100
        SD                balanced    Travel         false           25
        SD                reported    Travel         false           -
        SPX4              balanced    "On goods"     true            10
    """)


# Indicators and GDP


def indicators(bench: Bench, frame: str) -> None:
    """Make the shares of GDP from values of indicators by release."""
    bench.given("core.economies", ECONOMIES)
    bench.given("reference.snapshots", RELEASES)
    bench.given("reference.indicators", INDICATORS)
    bench.given("reference.services_residual_economies", "economy_code\nCHN")
    bench.given(
        "staging.worldbank__wdi",
        "economy_code indicator_code year value snapshot_id\n" + frame,
        source="worldbank",
        dataset="wdi",
    )
    bench.committed("source_precedence")
    bench.run("core.source_precedence", "core.indicators", "core.macro_indicators_observations")
    bench.run("core.macro_indicators", "core.macro_indicators_as_of", "core.gdp_components_observations")
    bench.run("core.gdp_components", "core.gdp_components_as_of", "marts.services_in_gdp_annual")


def shares(bench: Bench, table: str, economy: str = "CHN") -> list[tuple]:
    return bench.ask(
        f"select year, round(share_pct, 3), basis from {table} "
        f"where economy_code = '{economy}' and component = 'services' order by year"
    )


# China in the World Bank's releases of 2025-12-17 and 2026-07-01, as its pages print them.
CHINA = """
    CHN NV.AGR.TOTL.ZS 2024 6.776  r2
    CHN NV.IND.TOTL.ZS 2024 36.476 r2
    CHN NV.AGR.TOTL.ZS 2024 6.798  r3
    CHN NV.IND.TOTL.ZS 2024 36.371 r3
"""


def test_chinas_services_are_what_the_other_two_leave_in_the_same_release(bench: Bench) -> None:
    """100 - 6.798 - 36.371 = 56.831, and before the revision 100 - 6.776 - 36.476 = 56.748."""
    indicators(bench, CHINA)
    assert shares(bench, "core.gdp_components") == [(2024, 56.831, "derived")]
    assert shares(bench, "core.gdp_components_as_of(date '2026-06-30')") == [(2024, 56.748, "derived")]
    assert shares(bench, "core.gdp_components_as_of(date '2026-07-01')") == [(2024, 56.831, "derived")]
    assert shares(bench, "core.gdp_components_as_of(date '2025-12-16')") == []


def test_a_revision_of_one_part_alone_revises_what_is_left(bench: Bench) -> None:
    indicators(
        bench,
        """
        CHN NV.AGR.TOTL.ZS 2024 7  r2
        CHN NV.IND.TOTL.ZS 2024 36 r2
        CHN NV.AGR.TOTL.ZS 2024 8  r3
        CHN NV.IND.TOTL.ZS 2024 36 r3
        """,
    )
    bench.check("""
        expect core.gdp_components_observations where component = 'services'
        share_pct snapshot_id known_from known_to
        57        r2          2025-12-17 2026-07-01
        56        r3          2026-07-01 -
    """)


def test_a_release_of_one_part_alone_leaves_what_was_derived_until_a_part_is_gone(bench: Bench) -> None:
    both = "CHN NV.AGR.TOTL.ZS 2024 7 r1\nCHN NV.IND.TOTL.ZS 2024 36 r1\nCHN NV.AGR.TOTL.ZS 2024 8 r2\n"
    derived = "select share_pct, known_to from core.gdp_components_observations where component = 'services'"
    indicators(bench, both)
    assert bench.ask(derived) == [(57.0, None)]
    indicators(bench, both + "CHN NV.AGR.TOTL.ZS 2024 - r3\n")
    assert bench.ask(derived) == [(57.0, date(2026, 7, 1))]


def test_two_parts_of_two_releases_leave_nothing_to_derive(bench: Bench) -> None:
    indicators(bench, "CHN NV.AGR.TOTL.ZS 2024 7 r2\nCHN NV.IND.TOTL.ZS 2024 36 r3\n")
    assert shares(bench, "core.gdp_components") == []


def compared(bench: Bench) -> list[tuple]:
    return bench.ask(
        "select year, share_pct, other_share_pct, round(difference_points, 3), vintage_on, newest_share_pct, "
        "round(other_newest_share_pct, 3), status from marts.services_in_gdp_annual "
        "where economy_code = 'KOR' and other_code = 'CHN' order by year"
    )


# Korea and China in the World Bank's release of 2024-02-25, and China's parts in that of 2026-07-01, as printed.
TOGETHER = """
    KOR NV.SRV.TOTL.ZS 2022 58.034 r1
    CHN NV.SRV.TOTL.ZS 2022 52.776 r1
"""
ALONE = """
    CHN NV.AGR.TOTL.ZS 2022 7.148  r3
    CHN NV.IND.TOTL.ZS 2022 37.895 r3
"""


def test_two_economies_are_compared_in_the_release_that_shows_both_and_what_is_newer_stands_beside(
    bench: Bench,
) -> None:
    indicators(bench, TOGETHER + ALONE)
    assert compared(bench) == [(2022, 58.034, 52.776, 5.258, date(2024, 2, 25), 58.034, 54.957, "superseded")]
    assert bench.ask("select reason from marts.services_in_gdp_annual where economy_code = 'KOR'") == [
        ("A later release has another share of CHN.",)
    ]
    assert bench.ask(
        "select other_code, round(difference_points, 3), newest_shown_until, other_newest_shown_until "
        "from marts.services_in_gdp_annual where economy_code = 'CHN'"
    ) == [("KOR", -5.258, date(2026, 7, 1), date(2024, 2, 25))]


def test_without_a_release_that_shows_both_there_is_no_difference(bench: Bench) -> None:
    indicators(bench, "KOR NV.SRV.TOTL.ZS 2022 58.034 r1" + ALONE)
    assert compared(bench) == [(2022, None, None, None, None, 58.034, 54.957, "no_common_vintage")]
    shown = "no available release shows both."
    assert bench.ask("select reason from marts.services_in_gdp_annual where economy_code = 'KOR'") == [
        ("The share of KOR was last shown on 2024-02-25 and that of CHN on 2026-07-01; " + shown,)
    ]


def test_of_several_releases_that_show_both_the_latest_counts(bench: Bench) -> None:
    indicators(bench, TOGETHER + TOGETHER.replace(" r1", " r2").replace("52.776", "53") + ALONE)
    assert compared(bench) == [(2022, 58.034, 53.0, 5.034, date(2025, 12, 17), 58.034, 54.957, "superseded")]
    indicators(bench, TOGETHER.replace(" r1", " r2"))
    assert compared(bench) == [(2022, 58.034, 52.776, 5.258, date(2025, 12, 17), 58.034, 52.776, "newest")]


def test_a_year_of_one_economy_alone_is_no_comparison(bench: Bench) -> None:
    indicators(bench, TOGETHER + "CHN NV.SRV.TOTL.ZS 2023 57 r3\n")
    assert [row[0] for row in compared(bench)] == [2022]


def test_a_share_is_derived_only_where_the_parts_add_up_to_gdp(bench: Bench) -> None:
    """In Korea net taxes on products stand between them: what agriculture and industry leave is not services."""
    indicators(
        bench,
        """
        KOR NV.AGR.TOTL.ZS 2022 1.6    r1
        KOR NV.IND.TOTL.ZS 2022 31.7   r1
        KOR NV.SRV.TOTL.ZS 2022 58.034 r1
        KOR NV.AGR.TOTL.ZS 2024 1.5    r2
        KOR NV.IND.TOTL.ZS 2024 31.6   r2
        """,
    )
    assert shares(bench, "core.gdp_components", "KOR") == [(2022, 58.034, "reported")]


def test_of_a_reported_and_a_derived_share_the_newer_counts_and_at_equal_age_the_reported(bench: Bench) -> None:
    indicators(
        bench,
        """
        CHN NV.SRV.TOTL.ZS 2021 53.5 r1
        CHN NV.AGR.TOTL.ZS 2021 7.2  r2
        CHN NV.IND.TOTL.ZS 2021 38.3 r2
        CHN NV.SRV.TOTL.ZS 2022 54.2 r2
        CHN NV.AGR.TOTL.ZS 2022 7.1  r2
        CHN NV.IND.TOTL.ZS 2022 38.4 r2
        """,
    )
    assert shares(bench, "core.gdp_components") == [(2021, 54.5, "derived"), (2022, 54.2, "reported")]
    assert shares(bench, "core.gdp_components_as_of(date '2024-12-31')") == [(2021, 53.5, "reported")]


def test_one_part_alone_leaves_nothing_to_derive(bench: Bench) -> None:
    indicators(bench, "CHN NV.AGR.TOTL.ZS 2024 6.8 r2\nCHN NV.IND.TOTL.ZS 2023 37 r2\n")
    assert shares(bench, "core.gdp_components") == []


def test_groups_of_economies_are_observed_but_not_in_the_safe_tables(bench: Bench) -> None:
    indicators(
        bench,
        """
        WLD NV.AGR.TOTL.ZS 2023 4.1   r2
        WLD NY.GDP.MKTP.CD 2023 1e14  r2
        KOR NY.GDP.MKTP.CD 2023 1.7e12 r2
        KOR NY.GDP.MKTP.CD 2023 1.8e12 r3
        """,
    )
    assert bench.ask("select distinct economy_code from core.gdp_components_observations") == [("WLD",)]
    assert bench.ask("select count(*) from core.gdp_components") == [(0,)]
    assert bench.ask("select economy_code, value, unit, snapshot_id from core.macro_indicators") == [
        ("KOR", 1.8e12, "US$", "r3")
    ]
    assert bench.ask(
        "select value, known_to from core.macro_indicators_observations where economy_code = 'KOR' order by known_from"
    ) == [(1.7e12, date(2026, 7, 1)), (1.8e12, None)]


def test_the_mart_has_every_component_of_an_economy(bench: Bench) -> None:
    indicators(bench, CHINA)
    rows = bench.ask(
        "select economy_code, component, share_pct, basis from marts.gdp_composition_annual order by component"
    )
    assert [(code, component, basis) for code, component, _, basis in rows] == [
        ("CHN", "agriculture", "reported"),
        ("CHN", "industry", "reported"),
        ("CHN", "services", "derived"),
    ]
    assert sum(share for _, _, share, _ in rows) == pytest.approx(100)


def test_a_null_after_a_value_is_a_value_withdrawn_and_after_nothing_no_row(bench: Bench) -> None:
    indicators(
        bench,
        """
        KOR NY.GDP.MKTP.CD 2023 -      r1
        KOR NY.GDP.MKTP.CD 2023 1.7e12 r2
        KOR NY.GDP.MKTP.CD 2023 -      r3
        KOR NY.GDP.MKTP.CD 2024 -      r2
        KOR NY.GDP.MKTP.CD 2024 -      r3
        """,
    )
    assert bench.ask(
        "select year, value, observation_status, snapshot_id, known_to from core.macro_indicators_observations "
        "order by known_from"
    ) == [(2023, 1.7e12, "A", "r2", date(2026, 7, 1)), (2023, None, "M", "r3", None)]
    assert bench.ask("select count(*) from core.macro_indicators") == [(0,)]


def test_a_value_that_comes_back_after_it_was_withdrawn_is_a_third_vintage(bench: Bench) -> None:
    indicators(
        bench,
        """
        KOR NY.GDP.MKTP.CD 2023 1.7e12 r1
        KOR NY.GDP.MKTP.CD 2023 -      r2
        KOR NY.GDP.MKTP.CD 2023 1.7e12 r3
        """,
    )
    assert bench.ask("select value from core.macro_indicators_observations order by known_from") == [
        (1.7e12,),
        (None,),
        (1.7e12,),
    ]
    assert bench.ask("select value, known_from from core.macro_indicators") == [(1.7e12, date(2026, 7, 1))]


def test_a_share_that_is_withdrawn_ends_and_what_was_derived_from_it_ends_with_it(bench: Bench) -> None:
    indicators(bench, CHINA.replace("6.798 ", "-     "))
    assert bench.ask(
        "select component, share_pct, observation_status from core.gdp_components_observations "
        "where known_to is null order by component"
    ) == [("agriculture", None, "M"), ("industry", 36.371, "A")]
    assert bench.ask("select component from core.gdp_components") == [("industry",)]
    assert shares(bench, "core.gdp_components_as_of(date '2026-06-30')") == [(2024, 56.748, "derived")]
    assert shares(bench, "core.gdp_components_as_of(date '2026-07-01')") == []


def test_a_reported_share_that_is_withdrawn_leaves_the_derived_one(bench: Bench) -> None:
    indicators(bench, CHINA + "CHN NV.SRV.TOTL.ZS 2024 56.7 r2\nCHN NV.SRV.TOTL.ZS 2024 - r3\n")
    assert shares(bench, "core.gdp_components_as_of(date '2026-06-30')") == [(2024, 56.7, "reported")]
    assert shares(bench, "core.gdp_components") == [(2024, 56.831, "derived")]


def test_a_share_of_nothing_is_no_share_and_no_withdrawal(bench: Bench) -> None:
    """The World Bank writes 0 where it has no breakdown: Brazil before 1981."""
    indicators(bench, "KOR NV.AGR.TOTL.ZS 1960 0 r2\nKOR NV.AGR.TOTL.ZS 1961 38 r2\nKOR NV.AGR.TOTL.ZS 1961 0 r3\n")
    assert bench.ask("select year, share_pct, known_to is null from core.gdp_components_observations") == [
        (1961, 38.0, False)
    ]


def test_the_as_of_macros_count_a_release_from_its_own_day_on(bench: Bench) -> None:
    indicators(bench, "KOR NY.GDP.MKTP.CD 2023 1.7e12 r2\nKOR NY.GDP.MKTP.CD 2023 1.8e12 r3\n")

    def gdp(day: str) -> list[tuple]:
        return bench.ask(f"select value, observation_status from core.macro_indicators_as_of(date '{day}')")

    assert gdp("2025-12-16") == []
    assert gdp("2025-12-17") == gdp("2026-06-30") == [(1.7e12, "A")]
    assert gdp("2026-07-01") == [(1.8e12, "A")]

    bench.check("""
        given core.services_trade_observations
        value_usd observation_status known_from known_to
        20        A                  2024-01-10 2024-03-10
        -         M                  2024-03-10 -
    """)

    def services(day: str) -> list[tuple]:
        return bench.ask(f"select value_usd, observation_status from core.services_trade_as_of(date '{day}')")

    assert services("2024-01-09") == []
    assert services("2024-01-10") == services("2024-03-09") == [(20.0, "A")]
    assert services("2024-03-10") == [(None, "M")]
