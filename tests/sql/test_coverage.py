"""Coverage: which figures are too thin for a sign, which are set aside, and which ranks stand."""

from __future__ import annotations

import pytest

from tests.sql.bench import Bench

EVIDENCE = """
    metric         frequency reporter_code flow   source dataset
    goods_evidence A         {reporter}    export wits   goods_annual_bilateral
    goods_evidence A         {reporter}    import wits   goods_annual_bilateral
"""


def figures(bench: Bench, rows: str, **everywhere: object) -> None:
    shared = {"source": "comtrade", "snapshot_ids": "c", **everywhere}
    bench.given("core.goods_trade_annual", rows, **shared)
    bench.given("core.goods_trade_annual_candidates", rows, **shared, choice=1)


def judged(
    bench: Bench, what: str = "flow, year(period_start), coverage_status, coverage_check"
) -> list[tuple[object, ...]]:
    bench.committed("entrepots")
    bench.run("core.entrepots")
    bench.run("core.goods_trade_coverage")
    return bench.ask(f"select {what} from core.goods_trade_coverage order by all")


# Saudi Arabia and China in 2014 to 2016, million US$: UN Comtrade's figures of Saudi Arabia, the IMF's of China.
GULF = """
    reporter_code partner_code flow   period_start value_usd
    SAU           CHN          export 2014-01-01   7318e6
    SAU           CHN          import 2014-01-01   23078e6
    CHN           SAU          import 2014-01-01   48679e6
    SAU           CHN          export 2015-01-01   5729e6
    SAU           CHN          import 2015-01-01   24655e6
    CHN           SAU          import 2015-01-01   30155e6
    SAU           CHN          export 2016-01-01   4949e6
    SAU           CHN          import 2016-01-01   19777e6
    CHN           SAU          import 2016-01-01   23595e6
"""


def test_exports_that_leave_oil_out_are_insufficient_and_stay_so_when_nobody_checks(bench: Bench) -> None:
    later = """
    SAU           CHN          export 2023-01-01   7611e6
    SAU           CHN          import 2023-01-01   43347e6
    """
    figures(bench, GULF + later)
    bench.committed("entrepots")
    bench.run("core.entrepots")
    bench.run("core.goods_trade_coverage")
    assert bench.ask(
        "select year(period_start), coverage_status, coverage_check, round(partner_ratio, 2) "
        "from core.goods_trade_coverage where reporter_code = 'SAU' and flow = 'export' order by all"
    ) == [
        (2014, "insufficient", "partner", 0.15),
        (2015, "insufficient", "partner", 0.19),
        (2016, "insufficient", "partner", 0.21),
        (2023, "insufficient", "earlier_years", None),
    ]
    assert bench.ask(
        "select distinct coverage_status from core.goods_trade_coverage where reporter_code = 'SAU' and flow = 'import'"
    ) == [("unchecked",)]


def test_a_balance_of_insufficient_figures_stays_and_has_no_sign(bench: Bench) -> None:
    figures(bench, GULF)
    bench.committed("entrepots")
    bench.run("core.entrepots")
    bench.run("core.goods_trade_coverage")
    bench.run("marts.trade_coverage")
    bench.run("marts.trade_balance_annual")
    rows = bench.ask(
        "select balance_usd, balance_sign, sign_flipped, deficit_streak_years, first_deficit_since, surplus_rank, "
        "partner_surplus_rank, partner_deficit_rank, coverage_status, "
        "coverage_reason like 'Exports: The figure is 15%%' "
        "from marts.trade_balance_annual where reporter_code = 'SAU' and year = 2014"
    )
    assert rows == [(7318e6 - 23078e6, None, None, None, None, None, None, None, "insufficient", True)]


def test_a_gap_that_leaves_the_sign_as_it_is_fails_nothing(bench: Bench) -> None:
    """The Philippines in 2018: China has 2.4 times the exports, and the deficit is a deficit by both."""
    figures(
        bench,
        """
        reporter_code partner_code flow   period_start value_usd
        PHL           CHN          export 2018-01-01   8.7e9
        PHL           CHN          import 2018-01-01   22.6e9
        CHN           PHL          import 2018-01-01   22e9
        """,
    )
    assert ("export", 2018, "short", "partner") in judged(bench)


def test_one_year_out_of_line_with_the_partner_fails_nothing(bench: Bench) -> None:
    lines = ["reporter_code partner_code flow period_start value_usd"]
    for year in range(2014, 2019):
        lines += [
            f"CRI CHN export {year}-01-01 {0.3e9 if year == 2016 else 1.6e9}",
            f"CRI CHN import {year}-01-01 1.5e9",
            f"CHN CRI import {year}-01-01 1.7e9",
        ]
    figures(bench, "\n".join(lines))
    assert [row for row in judged(bench) if row[2] == "insufficient"] == []


def test_goods_through_an_entrepot_are_not_held_against_it(bench: Bench) -> None:
    """Hong Kong sends on what China counts by where it was made: 12bn of Hong Kong's 250bn."""
    figures(
        bench,
        """
        reporter_code partner_code flow   period_start value_usd
        CHN           HKG          import 2014-01-01   12e9
        CHN           HKG          export 2014-01-01   200e9
        HKG           CHN          export 2014-01-01   250e9
        """,
    )
    assert ("import", 2014, "unchecked", None) in judged(bench)


def test_a_halved_copy_fails_against_another_tabulation_and_in_the_years_after(bench: Bench) -> None:
    """Belgium's imports from China of 2014 to 2016, million US$: the copy of UN Comtrade, and WITS."""
    figures(
        bench,
        """
        reporter_code partner_code flow   period_start value_usd
        BEL           CHN          import 2014-01-01   8662e6
        BEL           CHN          import 2015-01-01   7664e6
        BEL           CHN          import 2016-01-01   7416e6
        BEL           CHN          import 2017-01-01   7739e6
        """,
    )
    bench.given("core.source_precedence", EVIDENCE.format(reporter="BEL"))
    bench.given(
        "core.goods_trade_observations",
        """
        reporter_code partner_code flow   period_start value_usd
        BEL           CHN          import 2014-01-01   18109e6
        BEL           CHN          import 2015-01-01   16213e6
        BEL           CHN          import 2016-01-01   16173e6
        """,
        source="wits",
        dataset="goods_annual_bilateral",
        classification="TOTAL",
        frequency="A",
    )
    assert judged(bench, "year(period_start), coverage_status, coverage_check") == [
        (2014, "insufficient", "other_source"),
        (2015, "insufficient", "other_source"),
        (2016, "insufficient", "other_source"),
        (2017, "insufficient", "earlier_years"),
    ]


def kazakhstan(bench: Bench, *, partner_agrees: bool) -> list[tuple[object, ...]]:
    """Kazakhstan's imports from China and from the world, billion US$: UN Comtrade and the WTO."""
    imports = {2018: 5.38, 2019: 6.79, 2020: 1.96, 2021: 2.42, 2022: 3.58, 2023: 16.77, 2024: 15.15}
    world = {2018: 32.5, 2019: 37.8, 2020: 37.2, 2021: 41.2, 2022: 50.9, 2023: 60.7, 2024: 59.1}
    lines = ["reporter_code partner_code flow period_start value_usd"]
    lines += [f"KAZ CHN import {year}-01-01 {value}e9" for year, value in imports.items()]
    if partner_agrees:
        lines += [f"CHN KAZ export {year}-01-01 {imports[year]}e9" for year in (2020, 2021, 2022)]
    figures(bench, "\n".join(lines))
    totals = [f"import {year}-01-01 {value}e9" for year, value in world.items()]
    bench.given(
        "core.goods_trade_world_annual", "\n".join(["flow period_start value_usd", *totals]), reporter_code="KAZ"
    )
    bench.committed("entrepots")
    bench.run("core.entrepots")
    bench.run("core.goods_trade_coverage")
    return bench.ask(
        "select year(period_start) from core.goods_trade_coverage "
        "where reporter_code = 'KAZ' and coverage_check = 'own_years' order by all"
    )


def test_a_share_that_falls_and_comes_back_is_a_hole_unless_the_partner_has_it_too(bench: Bench) -> None:
    assert kazakhstan(bench, partner_agrees=False) == [(2020,), (2021,), (2022,)]


def test_a_share_that_the_partner_confirms_is_no_hole(bench: Bench) -> None:
    assert kazakhstan(bench, partner_agrees=True) == []


def test_a_reporter_whose_partners_make_its_total_leaves_nothing_out(bench: Bench) -> None:
    """Korea's statistics are whole; the partner's three times as much is cars that came through third countries."""
    figures(
        bench,
        """
        reporter_code partner_code flow   period_start value_usd
        KOR           MDA          export 2014-01-01   10e6
        KOR           MDA          import 2014-01-01   17e6
        MDA           KOR          import 2014-01-01   38e6
        KOR           CHN          export 2014-01-01   145e9
        """,
        source="kosis",
    )
    bench.given(
        "core.goods_trade_world_annual",
        "flow period_start value_usd\nexport 2014-01-01 146e9",
        reporter_code="KOR",
    )
    assert ("export", 2014, "sufficient", "total") in judged(bench)


# What is set aside by rule


def set_aside(bench: Bench, rows: str, **everywhere: object) -> list[tuple[object, ...]]:
    bench.given(
        "core.goods_trade_observations",
        rows,
        **{"source": "kosis", "dataset": "goods_annual", "classification": "TOTAL", "frequency": "A", **everywhere},
    )
    bench.run("core.goods_trade_set_aside")
    return bench.ask(
        "select rule, flow, count(*), min(year(period_start)), max(year(period_start)) "
        "from core.goods_trade_set_aside group by all order by all"
    )


def tanzania(years: range) -> str:
    """Korea and Tanzania, US$, as KOSIS's copy has it: exports printed a second time as imports from 1971 to 1979."""
    lines = ["reporter_code partner_code flow period_start value_usd"]
    for year in years:
        lines += [f"KOR TZA {flow} {year}-01-01 {75_001 + year}" for flow in ("export", "import")]
    return "\n".join(lines)


def test_flows_that_are_identical_for_three_years_are_set_aside(bench: Bench) -> None:
    assert set_aside(bench, tanzania(range(1971, 1980))) == [
        ("identical_flows", "export", 9, 1971, 1979),
        ("identical_flows", "import", 9, 1971, 1979),
    ]


def test_flows_that_are_identical_for_two_years_may_be_chance(bench: Bench) -> None:
    assert set_aside(bench, tanzania(range(1971, 1973))) == []


def palestine(*odd: int) -> str:
    """A flow of 29 even figures, beside two others that are odd as often as even."""
    lines = ["reporter_code partner_code flow period_start value_usd"]
    for year in range(1993, 2022):
        lines.append(f"KOR PSE export {year}-01-01 {2000 * (year - 1990) + (1000 if year in odd else 0)}")
        lines.append(f"KOR JPN export {year}-01-01 {1000 * (2 * year + 1)}")
        lines.append(f"KOR USA export {year}-01-01 {1000 * (year + year % 3)}")
    return "\n".join(lines)


def test_a_flow_that_is_even_throughout_was_counted_twice(bench: Bench) -> None:
    assert set_aside(bench, palestine()) == [("counted_twice", "export", 29, 1993, 2021)]


def test_one_odd_figure_is_a_slip_and_three_clear_a_flow(bench: Bench) -> None:
    assert set_aside(bench, palestine(2000)) == [("counted_twice", "export", 29, 1993, 2021)]
    assert set_aside(bench, palestine(2000, 2001, 2002)) == []


@pytest.mark.parametrize(("value", "confirmed"), [(20_100, True), (10_000, False)])
def test_what_somebody_confirms_is_not_set_aside(bench: Bench, value: int, confirmed: bool) -> None:
    """KOSIS's copy has 20,000 in 2000; UNCTAD had exactly half of its figure in 2005."""
    bench.given(
        "core.goods_trade_observations",
        palestine()
        .replace("flow period_start value_usd", "flow period_start value_usd source")
        .replace("\n", " kosis\n")
        .replace("value_usd source kosis", "value_usd source")
        + f" kosis\nPSE KOR import 2000-01-01 {value} comtrade",
        dataset="goods_annual",
        classification="TOTAL",
        frequency="A",
    )
    bench.run("core.goods_trade_set_aside")
    years = {year for (year,) in bench.ask("select year(period_start) from core.goods_trade_set_aside")}
    assert (2000 not in years) == confirmed
    assert 2001 in years


# Ranks of partners


def ranks(bench: Bench, world: tuple[float, float]) -> dict[str, tuple[int | None, ...]]:
    """Places by surplus, deficit and trade, of four partners that Korea has in a year; the world as given."""
    figures(
        bench,
        """
        partner_code flow   period_start value_usd
        CHN          export 2023-01-01   125
        CHN          import 2023-01-01   143
        JPN          export 2023-01-01   29
        JPN          import 2023-01-01   48
        USA          export 2023-01-01   116
        USA          import 2023-01-01   71
        MNG          export 2023-01-01   2
        MNG          import 2023-01-01   2
        """,
        reporter_code="KOR",
        source="kosis",
    )
    bench.given(
        "core.goods_trade_world_annual",
        f"flow period_start value_usd\nexport 2023-01-01 {world[0]}\nimport 2023-01-01 {world[1]}",
        reporter_code="KOR",
    )
    bench.committed("entrepots")
    bench.run("core.entrepots")
    bench.run("core.goods_trade_coverage")
    bench.run("marts.trade_coverage")
    bench.run("marts.trade_balance_annual")
    rows = bench.ask(
        "select partner_code, partner_surplus_rank, partner_deficit_rank, partner_trade_rank "
        "from marts.trade_balance_annual"
    )
    return {partner: tuple(found) for partner, *found in rows}


def test_partners_are_ranked_where_nearly_all_are_held(bench: Bench) -> None:
    assert ranks(bench, (272, 264)) == {
        "CHN": (None, 2, 1),
        "JPN": (None, 1, 3),
        "USA": (1, None, 2),
        "MNG": (None, None, 4),
    }


def test_partners_are_not_ranked_where_most_are_missing(bench: Bench) -> None:
    assert set(ranks(bench, (632, 643)).values()) == {(None, None, None)}


def test_a_rank_falls_where_an_unnamed_partner_could_stand_above(bench: Bench) -> None:
    """Of 282 imports 18 are from nobody who is named: a deficit of 18 is no longer sure to be second."""
    assert ranks(bench, (272, 282)) == {
        "CHN": (None, None, 1),
        "JPN": (None, 1, 3),
        "USA": (1, None, 2),
        "MNG": (None, None, None),
    }
