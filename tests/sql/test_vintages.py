"""Vintages: two of one day, the size of revisions, and a live dataset beside its committed copy."""

from __future__ import annotations

from datetime import date

import pytest

from tests.sql.bench import Bench, Same

TOTAL = Same(
    "reporter_code=KOR partner_code=CHN flow=export classification=TOTAL level=0 product_code=TOTAL frequency=A "
    "period_start=2024-01-01 valuation=FOB coverage=complete observation_status=A"
)
# The second snapshot by name is the first by time of day.
ONE_DAY = """
    snapshot_id source   dataset      known_from retrieved_at
    before      comtrade goods        2024-01-10 2024-01-10T09:00:00
    evening     comtrade goods        2024-02-10 2024-02-10T18:00:00
    noon        comtrade goods        2024-02-10 2024-02-10T12:00:00
    after       comtrade goods        2024-03-10 2024-03-10T09:00:00
    copy        comtrade goods_annual 2024-02-20 2024-02-20T00:00:00
"""


def of_one_day(bench: Bench, frame: str) -> list[tuple]:
    bench.given("reference.snapshots", ONE_DAY)
    bench.given(
        "staging.comtrade__goods", "snapshot_id value_usd\n" + frame, source="comtrade", dataset="goods", **TOTAL
    )
    return bench.ask(
        "select value_usd, snapshot_id, known_from, known_to from core.goods_trade_observations order by known_from"
    )


def test_of_two_snapshots_of_one_day_the_later_counts(bench: Bench) -> None:
    assert of_one_day(bench, "before 100\nnoon 110\nevening 120\nafter 130\n") == [
        (100.0, "before", date(2024, 1, 10), date(2024, 2, 10)),
        (120.0, "evening", date(2024, 2, 10), date(2024, 3, 10)),
        (130.0, "after", date(2024, 3, 10), None),
    ]


def test_what_is_back_by_the_evening_has_not_changed(bench: Bench) -> None:
    assert of_one_day(bench, "before 100\nnoon 110\nevening 100\n") == [(100.0, "before", date(2024, 1, 10), None)]


def test_two_snapshots_of_one_day_about_different_figures_both_count(bench: Bench) -> None:
    bench.given("reference.snapshots", ONE_DAY)
    bench.check(f"""
        given staging.comtrade__goods source=comtrade dataset=goods {TOTAL}
        snapshot_id partner_code value_usd
        noon        CHN          110
        evening     JPN          120
        expect core.goods_trade_observations
        partner_code value_usd
        CHN          110
        JPN          120
    """)


def test_of_one_day_the_later_counts_for_services_and_indicators_too(bench: Bench) -> None:
    bench.given("reference.snapshots", ONE_DAY)
    bench.given(
        "staging.bok__services_annual",
        """
        snapshot_id value_usd
        before      20
        noon        21
        evening     22
        """,
        source="bok",
        dataset="services_annual",
        reporter_code="KOR",
        partner_code="CHN",
        flow="export",
        service_item_code="S",
        year="2019",
        value_basis="reported",
    )
    bench.check("""
        given staging.worldbank__wdi economy_code=KOR indicator_code=NY.GDP.MKTP.CD year=2023
        snapshot_id value
        before      5
        noon        -
        evening     6
        run core.services_trade_observations core.indicators core.macro_indicators_observations
    """)
    asked = "select {}, known_to is null from core.{} order by known_from"
    assert bench.ask(asked.format("value_usd", "services_trade_observations")) == [(20.0, False), (22.0, True)]
    assert bench.ask(asked.format("value", "macro_indicators_observations")) == [(5.0, False), (6.0, True)]


def test_a_figure_of_one_snapshot_stands_as_it_is_whether_others_of_its_dataset_have_it_or_not(bench: Bench) -> None:
    """The copy is the only snapshot of its dataset; the other dataset has four, of which one speaks."""
    bench.given("reference.snapshots", ONE_DAY)
    bench.given("staging.comtrade__goods", "snapshot_id value_usd\nnoon 5", source="comtrade", dataset="goods", **TOTAL)
    bench.check(f"""
        given staging.comtrade__goods_annual source=comtrade dataset=goods_annual {TOTAL}
        snapshot_id value_usd
        copy 6
        expect core.goods_trade_observations
        dataset      value_usd known_from known_to
        goods        5         2024-02-10 -
        goods_annual 6         2024-02-20 -
    """)


# A live dataset beside its committed copy, by the list that is committed


ECONOMIES = """
    economy_code is_aggregate
    KOR          false
    CHN          false
    DEU          false
    WLD          true
"""
HEADER = "source dataset reporter_code partner_code flow frequency period_start value_usd known_from snapshot_id\n"


def chosen(bench: Bench, frame: str) -> list[tuple]:
    bench.given("core.economies", ECONOMIES)
    bench.committed("source_precedence")
    bench.check(f"""
        run core.source_precedence
        given core.goods_trade_observations classification=TOTAL product_code=TOTAL valuation=FOB observation_status=A
        {HEADER + frame}
        run core.goods_trade_annual_candidates core.goods_trade_monthly
    """)
    return bench.ask(
        "select reporter_code, strftime(period_start, '%Y'), dataset, value_usd from core.goods_trade_annual "
        "order by all"
    )


def test_of_one_publishers_live_figure_and_its_copy_the_newer_counts(bench: Bench) -> None:
    frame = """
        comtrade goods        DEU CHN export A 2023-01-01 101 2026-05-01 live
        comtrade goods_annual DEU CHN export A 2023-01-01 100 2026-03-04 copy
        comtrade goods        DEU CHN export A 2024-01-01 90  2026-02-01 live
        comtrade goods_annual DEU CHN export A 2024-01-01 91  2026-03-04 copy
        comtrade goods_annual DEU CHN export A 2022-01-01 80  2026-03-04 copy
    """
    assert chosen(bench, frame) == [
        ("DEU", "2022", "goods_annual", 80.0),
        ("DEU", "2023", "goods", 101.0),
        ("DEU", "2024", "goods_annual", 91.0),
    ]


def test_a_newer_figure_of_a_lesser_source_does_not_win(bench: Bench) -> None:
    frame = """
        imf      imts         KOR CHN export A 2024-01-01 99  2026-12-01 i
        comtrade goods_annual KOR CHN export A 2024-01-01 100 2026-03-04 c
        kosis    goods_annual KOR CHN export A 2023-01-01 124 2024-02-01 k
        comtrade goods        KOR CHN export A 2023-01-01 125 2026-12-01 l
    """
    assert chosen(bench, frame) == [("KOR", "2023", "goods_annual", 124.0), ("KOR", "2024", "goods_annual", 100.0)]
    assert bench.ask("select source from core.goods_trade_annual order by period_start") == [("kosis",), ("comtrade",)]


def test_live_customs_months_come_first_and_make_the_year_where_customs_has_none(bench: Bench) -> None:
    months = "".join(
        f"{source} KOR CHN export M 2025-{month:02}-01 {value} 2026-01-15 s\n"
        for month in range(1, 13)
        for source, value in (("kcs goods_monthly", 10), ("comtrade goods", 9), ("imf imts", 8))
    )
    assert chosen(bench, months + "comtrade goods KOR CHN export A 2025-01-01 119 2026-06-01 c\n") == [
        ("KOR", "2025", "goods_monthly", 120.0)
    ]
    assert bench.ask("select distinct source, value_usd from core.goods_trade_monthly") == [("kcs", 10.0)]


def test_the_world_is_the_newer_of_two_datasets_of_one_publisher(bench: Bench) -> None:
    chosen(
        bench,
        """
        comtrade goods        DEU CHN export A 2023-01-01 10  2026-05-01 a
        comtrade goods        DEU WLD export A 2023-01-01 200 2026-05-01 a
        comtrade goods_annual DEU WLD export A 2023-01-01 190 2026-03-04 b
        """,
    )
    assert bench.ask("select world_value_usd, snapshot_ids from core.goods_trade_annual") == [(200.0, ["a"])]


def test_live_datasets_may_be_empty(bench: Bench) -> None:
    """Nothing was fetched: the committed copies alone make the tables."""
    bench.given("reference.snapshots", ONE_DAY)
    bench.given("core.economies", ECONOMIES)
    bench.check(f"""
        given staging.comtrade__goods_annual source=comtrade dataset=goods_annual {TOTAL}
        snapshot_id value_usd
        copy 6
    """)
    bench.committed("source_precedence")
    bench.committed("source_tolerances")
    for name in (
        "core.source_precedence",
        "core.source_tolerances",
        "core.indicators",
        "core.goods_trade_observations",
        "core.services_trade_observations",
        "core.macro_indicators_observations",
        "core.gdp_components_observations",
        "core.goods_trade_annual_candidates",
        "core.goods_trade_annual",
        "core.goods_trade_monthly",
        "core.product_trade",
        "core.services_trade",
        "marts.revisions",
        "marts.source_disagreements",
    ):
        bench.run(name)
    assert bench.ask("select value_usd, dataset from core.goods_trade_annual") == [(6.0, "goods_annual")]
    assert bench.ask("select * from marts.revisions") == bench.ask("select * from marts.source_disagreements") == []


def test_every_rule_of_the_list_that_is_committed_is_typed_and_has_a_reason(bench: Bench) -> None:
    bench.given("core.economies", ECONOMIES)
    bench.committed("source_precedence")
    bench.check("""
        expect core.source_precedence where reason is null or precedence_rank < 1
        count(*)
        0
        # Korea has an order of its own for all goods and what they are held against, and of its products everyone's.
        expect distinct core.source_precedence where reporter_code = 'KOR' and metric like 'goods%'
        metric         frequency declared_for
        goods_evidence A         KOR
        goods_product  A         *
        goods_product  M         *
        goods_total    A         KOR
        goods_total    M         KOR
        goods_world    A         KOR
    """)
    assert bench.ask(
        "select flow, valid_from_year, valid_to_year from core.source_precedence where reporter_code = 'CHN' "
        "and source = 'wits' and dataset = 'goods_annual_products' order by flow"
    ) == [("export", 1992, 2016), ("import", 1992, 2016)]


# Revisions


def revisions(bench: Bench) -> None:
    bench.run("core.indicators", "marts.revisions")


def test_china_revised_the_agriculture_of_2024_by_a_third_of_a_per_cent(bench: Bench) -> None:
    """6.776% of GDP in the release of 17 December 2025 and 6.798% in that of 1 July 2026: 0.022 points, 0.325%."""
    bench.check("""
        given core.gdp_components_observations source=worldbank dataset=wdi observation_status=A
        economy_code component   basis    year share_pct snapshot_id known_from known_to
        CHN          agriculture reported 2024 6.776     r2          2025-12-17 2026-07-01
        CHN          agriculture reported 2024 6.798     r3          2026-07-01 -
        CHN          industry    reported 2024 36.371    r3          2026-07-01 -
    """)
    revisions(bench)
    assert bench.ask(
        "select metric, source, series, period_start, change, previous_value, value, unit, round(revision, 3), "
        "round(revision_pct, 3), known_from, days_since_previous, previous_snapshot_id, snapshot_id "
        "from marts.revisions"
    ) == [
        (
            "gdp_component",
            "worldbank",
            "CHN agriculture reported",
            date(2024, 1, 1),
            "revised",
            6.776,
            6.798,
            "% of GDP",
            0.022,
            0.325,
            date(2026, 7, 1),
            # 14 days of December, 181 of the half-year, and the first of July.
            196,
            "r2",
            "r3",
        )
    ]


def test_a_revision_has_the_sign_of_its_direction_whatever_the_sign_of_the_value(bench: Bench) -> None:
    """A deficit that grows from 100 to 110 is revised down by 10%."""
    bench.check("""
        given reference.indicators
        indicator_code    unit component
        BN.CAB.XOKA.CD    US$  -
        NV.AGR.TOTL.ZS    %    agriculture
        given core.macro_indicators_observations unit=US$
        economy_code indicator_code year value snapshot_id known_from known_to
        KOR          BN.CAB.XOKA.CD 2021 -100  a           2024-01-10 2024-02-10
        KOR          BN.CAB.XOKA.CD 2021 -110  b           2024-02-10 -
        KOR          BN.CAB.XOKA.CD 2022 0     a           2024-01-10 2024-02-10
        KOR          BN.CAB.XOKA.CD 2022 5     b           2024-02-10 -
        KOR          BN.CAB.XOKA.CD 2023 200   a           2024-01-10 2024-02-10
        KOR          BN.CAB.XOKA.CD 2023 150   b           2024-02-10 -
        KOR          NV.AGR.TOTL.ZS 2023 2     a           2024-01-10 2024-02-10
        KOR          NV.AGR.TOTL.ZS 2023 3     b           2024-02-10 -
    """)
    revisions(bench)
    rows = bench.ask(
        "select year(period_start), unit, revision, revision_pct from marts.revisions where metric = 'indicator' "
        "order by period_start"
    )
    # The share of agriculture is a component of GDP and told once, as such.
    assert rows == [(2021, "US$", -10.0, pytest.approx(-10)), (2022, "US$", 5.0, None), (2023, "US$", -50.0, -25.0)]


def test_withdrawals_returns_and_mended_figures_are_called_what_they_are(bench: Bench) -> None:
    bench.check(f"""
        given core.goods_trade_observations source=imf dataset=imts {TOTAL}
        period_start value_usd correction_id snapshot_id known_from known_to
        2021-01-01   100       -             a           2024-01-10 2024-02-10
        2021-01-01   -         -             b           2024-02-10 2024-03-10
        2021-01-01   100       -             c           2024-03-10 -
        2017-04-01   90        slip          a           2024-01-10 2024-02-10
        2017-04-01   101       -             b           2024-02-10 -
        2018-04-01   90        slip2         a           2024-01-10 2024-02-10
        2018-04-01   90.1      slip2         b           2024-02-10 -
        2022-01-01   100       -             a           2024-01-10 -
    """)
    revisions(bench)
    bench.check("""
        expect marts.revisions
        "strftime(period_start, '%Y')" change    previous_value value revision correction_id snapshot_id
        2017                           mended    90             101   11       slip          b
        2018                           revised   90             90.1  ~0.1     -             b
        2021                           withdrawn 100            -     -        -             b
        2021                           restored  -              100   -        -             c
    """)


def test_the_value_before_has_stood_since_the_first_vintage_that_shows_it(bench: Bench) -> None:
    """In between a month became final, and its weight another."""
    bench.check(f"""
        given core.goods_trade_observations source=kcs dataset=goods_monthly_hs {TOTAL}
        value_usd net_weight_kg observation_status snapshot_id known_from known_to
        100       7             P                  a           2024-01-10 2024-02-10
        100       7             A                  b           2024-02-10 2024-03-10
        100       8             A                  c           2024-03-10 2024-04-10
        110       8             A                  d           2024-04-10 2024-05-10
        110       9             A                  e           2024-05-10 2024-06-10
        120       9             A                  f           2024-06-10 -
    """)
    revisions(bench)
    assert bench.ask(
        "select value, previous_known_from, days_since_previous, previous_snapshot_id, snapshot_id "
        "from marts.revisions order by known_from"
    ) == [(110.0, date(2024, 1, 10), 91, "a", "d"), (120.0, date(2024, 4, 10), 61, "d", "f")]


def test_what_leaves_the_value_as_it_was_is_no_revision(bench: Bench) -> None:
    """Another weight, and a new edition that repeats a value; one that changes it estimates anew."""
    bench.check(f"""
        given core.goods_trade_observations source=kcs dataset=goods_monthly_hs {TOTAL}
        value_usd net_weight_kg snapshot_id known_from known_to
        100       7             a           2024-01-10 2024-02-10
        100       8             b           2024-02-10 -
    """)
    bench.given(
        "core.services_trade_observations",
        """
        service_item_code value_usd edition snapshot_id known_from known_to
        S                 20        2022-09 a           2024-01-10 2024-02-10
        S                 25        2025-12 b           2024-02-10 -
        SD                6         2022-09 a           2024-01-10 2024-02-10
        SD                6         2025-12 b           2024-02-10 -
        SC                4         2025-12 a           2024-01-10 2024-02-10
        SC                5         2025-12 b           2024-02-10 -
        """,
        source="oecd_wto",
        dataset="batis",
        reporter_code="KOR",
        partner_code="CHN",
        flow="export",
        year="2019",
        value_basis="balanced",
    )
    revisions(bench)
    assert bench.ask("select series, change, revision_pct from marts.revisions order by series") == [
        ("KOR CHN export S balanced", "re_estimated", 25.0),
        ("KOR CHN export SC balanced", "revised", 25.0),
    ]
