"""Comparisons of sources: differences within and beyond the tolerance, the rule that applies, and exclusions."""

from __future__ import annotations

import pytest

from tests.sql.bench import Bench

TOLERANCES = """
    metric      frequency reporter_code source   other_source valid_from_year rank tolerance_pct tolerance_usd reason
    goods_total *         *             *        *            -               3    1             10            all
    goods_total *         *             comtrade imf          -               2    2             10            pair
    goods_total A         NLD           imf      comtrade     2015            1    130           10            case
    goods_total A         NLD           imf      comtrade     2015            1    120           10            another
    services    A         *             *        *            -               3    1             10            services
"""
CANDIDATES = "source dataset reporter_code period_start value_usd choice\n"


def disagreements(
    bench: Bench, goods: str = "", services: tuple[str, str] = ("", ""), header: str = CANDIDATES
) -> list[tuple]:
    bench.given("reference.source_tolerances", TOLERANCES, partner_code="*", flow="*")
    bench.run("core.source_tolerances")
    bench.given(
        "core.goods_trade_annual_candidates",
        header + goods,
        partner_code="CHN",
        flow="export",
        basis="published",
        precedence_reason="why",
        snapshot_ids="a",
    )
    known = {"reporter_code": "KOR", "flow": "export", "service_item_code": "S", "year": "2019"}
    chosen, others = services
    bench.given("core.services_trade", chosen, **known)
    bench.given("core.services_trade_observations", others, **known)
    return bench.ask(
        "select reporter_code, chosen_source, other_source, gap_usd, round(gap_pct, 6), tolerance_pct, "
        "tolerance_reason, is_documented, is_above_tolerance from marts.source_disagreements order by all"
    )


@pytest.mark.parametrize(("value", "above"), [(10_100, False), (10_101, True), (9_900, False), (9_899, True)])
def test_a_gap_is_above_its_tolerance_on_either_side(bench: Bench, value: int, above: bool) -> None:
    """1% of 10,000 is 100."""
    (row,) = disagreements(
        bench,
        f"kosis goods_annual  KOR 2023-01-01 10000   1\nimf   goods_monthly KOR 2023-01-01 {value} 2\n",
    )
    assert row == ("KOR", "kosis", "imf", value - 10_000, (value - 10_000) / 100, 1.0, "all", False, above)


def test_a_figure_below_its_products_is_known_to_be_apart(bench: Bench) -> None:
    """The IMF's 23.8bn of China's imports from Viet Nam in 2015, beside 29.8 by division."""
    goods = "comtrade sitc4 CHN 2015-01-01 29800 1 false\nimf imts CHN 2015-01-01 23800 2 true\n"
    rows = disagreements(bench, goods, header=CANDIDATES.rstrip() + " is_below_products\n")
    assert [(row[5], row[7], row[8]) for row in rows] == [(2.0, True, False)]
    assert rows[0][6] == "The figure is below the sum of its reporter's products and therefore not used."


def test_what_is_too_little_to_look_at_is_not_looked_at(bench: Bench) -> None:
    """10 of 50 is a fifth, and no more than US$10."""
    goods = """
        kosis goods_annual  KOR 2022-01-01 50 1
        imf   goods_monthly KOR 2022-01-01 60 2
        kosis goods_annual  KOR 2023-01-01 50 1
        imf   goods_monthly KOR 2023-01-01 61 2
        kosis goods_annual  KOR 2024-01-01 0  1
        imf   goods_monthly KOR 2024-01-01 11 2
    """
    assert [(row[4], row[8]) for row in disagreements(bench, goods)] == [(20.0, False), (22.0, True), (None, True)]


def test_the_rule_of_the_least_rank_holds_and_of_one_rank_the_widest(bench: Bench) -> None:
    """Publishers may stand in either order, and a case counts only in its years."""
    goods = """
        comtrade goods_annual  NLD 2014-01-01 1000 1
        imf      goods_monthly NLD 2014-01-01 2000 2
        comtrade goods_annual  NLD 2015-01-01 1000 1
        imf      goods_monthly NLD 2015-01-01 2250 2
        imf      goods_monthly DEU 2015-01-01 1000 1
        comtrade goods_annual  DEU 2015-01-01 1015 2
    """
    assert [row[0:3] + row[5:] for row in disagreements(bench, goods)] == [
        ("DEU", "imf", "comtrade", 2.0, "pair", False, False),
        ("NLD", "comtrade", "imf", 2.0, "pair", False, True),
        ("NLD", "comtrade", "imf", 130.0, "case", True, False),
    ]


def test_each_other_source_stands_beside_the_chosen_one_and_not_beside_another(bench: Bench) -> None:
    goods = """
        kosis    goods_annual  KOR 2023-01-01 1000 1
        comtrade goods_annual  KOR 2023-01-01 1001 2
        imf      goods_monthly KOR 2023-01-01 900  3
        kosis    goods_annual  KOR 2022-01-01 1000 1
    """
    assert [row[1:4] for row in disagreements(bench, goods)] == [("kosis", "comtrade", 1.0), ("kosis", "imf", -100.0)]


def test_months_are_compared_as_known_now_and_without_corrected_ones(bench: Bench) -> None:
    """What holds for a year of the Netherlands does not hold for a month."""
    bench.check("""
        given core.goods_trade_monthly partner_code=CHN flow=export valuation=FOB precedence_reason=why
        source   dataset       reporter_code period_start value_usd
        comtrade goods         NLD           2015-01-01   1000
        kcs      goods_monthly KOR           2017-03-01   1000
        kcs      goods_monthly KOR           2017-04-01   1000
        given core.goods_trade_observations classification=TOTAL frequency=M partner_code=CHN flow=export valuation=FOB
        source   dataset       reporter_code period_start value_usd correction_id known_to
        comtrade goods         NLD           2015-01-01   1000      -             -
        imf      imts          NLD           2015-01-01   2250      -             -
        kcs      goods_monthly KOR           2017-03-01   1000      -             -
        imf      imts          KOR           2017-03-01   1005      -             -
        imf      goods_monthly KOR           2017-03-01   1300      -             2024-01-01
        imf      imts          KOR           2017-04-01   900       slip          -
    """)
    assert disagreements(bench) == [
        ("KOR", "kcs", "imf", 5.0, 0.5, 1.0, "all", False, False),
        ("NLD", "comtrade", "imf", 1250.0, 125.0, 2.0, "pair", False, True),
    ]


def test_services_are_compared_as_reported_and_only_as_known_now(bench: Bench) -> None:
    """The Bank of Korea printed 20,338 million for 2019; BaTIS has 20,338.4 as reported and less as balanced."""
    chosen = """
        source   dataset         partner_code value_usd value_basis
        bok      services_annual CHN          20338e6   reported
        oecd_wto points          CHN          20000e6   balanced
    """
    others = """
        source   dataset         partner_code value_usd value_basis known_to
        bok      services_annual CHN          20338e6   reported    -
        oecd_wto points          CHN          20338.4e6 reported    -
        oecd_wto points          CHN          20000e6   balanced    -
        oecd_wto services_annual CHN          19000e6   balanced    -
        oecd_wto batis           CHN          10000e6   reported    2026-01-01
        oecd_wto batis           CHN          -         reported    -
    """
    assert disagreements(bench, services=(chosen, others)) == [
        ("KOR", "bok", "oecd_wto", 400_000.0, 0.001967, 1.0, "services", False, False)
    ]


def test_the_list_that_is_committed_has_a_reason_for_every_rule_and_a_rule_for_every_pair(bench: Bench) -> None:
    bench.committed("source_tolerances")
    assert bench.ask("select count(*) from core.source_tolerances where reason is null or not tolerance_pct > 0") == [
        (0,)
    ]
    assert bench.ask(
        "select metric from core.source_tolerances where tolerance_rank = 3 and reporter_code = '*' order by metric"
    ) == [("goods_total",), ("services",)]
