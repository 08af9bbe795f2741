"""Coverage: figures that fail the coverage check, figures that are set aside, and valid ranks."""

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
    return bench.ask(f"select {what} from core.goods_trade_coverage order by all")


# Saudi Arabia and China in 2014 to 2016, million US$: UN Comtrade's figures of Saudi Arabia, the IMF's of China.
GULF = """
    reporter_code partner_code period_start export import
    SAU           CHN          2014-01-01   7318e6 23078e6
    CHN           SAU          2014-01-01   .      48679e6
    SAU           CHN          2015-01-01   5729e6 24655e6
    CHN           SAU          2015-01-01   .      30155e6
    SAU           CHN          2016-01-01   4949e6 19777e6
    CHN           SAU          2016-01-01   .      23595e6
"""


def test_exports_that_leave_oil_out_are_insufficient_and_stay_so_when_nobody_checks(bench: Bench) -> None:
    figures(bench, GULF + "SAU CHN 2023-01-01 7611e6 43347e6")
    bench.committed("entrepots")
    bench.check("""
        run core.entrepots
        expect core.goods_trade_coverage where reporter_code = 'SAU' and flow = 'export'
        year(period_start) coverage_status coverage_check round(partner_ratio,2)
        2014               insufficient    partner        0.15
        2015               insufficient    partner        0.19
        2016               insufficient    partner        0.21
        2023               insufficient    earlier_years  -
        expect distinct core.goods_trade_coverage where reporter_code = 'SAU' and flow = 'import'
        coverage_status
        unchecked
    """)


def balances(bench: Bench, what: str, where: str) -> list[tuple[object, ...]]:
    bench.committed("entrepots")
    for name in ("core.entrepots", "core.goods_trade_coverage", "marts.trade_coverage", "marts.trade_balance_annual"):
        bench.run(name)
    return bench.ask(f"select {what} from marts.trade_balance_annual where {where} order by year, reporter_code")


def test_a_balance_of_insufficient_figures_stays_and_has_no_sign(bench: Bench) -> None:
    figures(bench, GULF)
    rows = balances(
        bench,
        "balance_usd, balance_sign, sign_flipped, deficit_streak_years, first_deficit_since, surplus_rank, "
        "partner_surplus_rank, partner_deficit_rank, coverage_status, partner_shows_other_sign, coverage_reason",
        "reporter_code = 'SAU' and year = 2014",
    )
    reason = (
        "Exports: US$7.32bn is 15.0% of the US$48.68bn that the partner reports, which would turn the sign of the "
        "balance."
    )
    assert rows == [(7318e6 - 23078e6, *[None] * 7, "insufficient", None, reason)]


def test_a_year_that_nobody_checks_names_the_figures_of_the_last_that_was(bench: Bench) -> None:
    figures(bench, GULF + "SAU CHN 2024-01-01 7479e6 55666e6")
    ((sign, reason),) = balances(bench, "balance_sign, coverage_reason", "reporter_code = 'SAU' and year = 2024")
    assert sign is None
    assert "in 2016 US$4.95bn is 21.0% of the US$23." in str(reason)


# One flow of a reporter, both of its partner, and what is made of it: the balance of the reporter is a deficit of 20.
PAIR = """
    reporter_code partner_code period_start export              import
    AAA           BBB          2020-01-01   {exports}e9         {imports}e9
    BBB           AAA          2020-01-01   {partner_exports}e9 {partner_imports}e9
"""


# Billion US$ of a reporter and of its partner, with the sign and the status of the reporter's balance, and whether the
# partner shows another sign.
NEAR = """
    # Below half or above twice of the other side's record, which would turn the sign; of either flow and way.
    10  30  31  29  -       insufficient -
    90  60  40  70  -       insufficient -
    60  90  70  40  -       insufficient -
    30  10  29  31  -       insufficient -
    0   30  31  29  -       insufficient -
    # As far apart, and the sign is the same either way.
    10  30  25  29  deficit apart        false
    90  30  40  33  surplus apart        false
    # Both flows are far away, and neither alone turns the sign; the partner's balance has none.
    100 20  45  50  surplus apart        -
    # Half and twice are no longer far away: the sign is the reporter's, and the partner's stands beside it.
    20  30  40  30  deficit sufficient   true
    20  15  10  15  surplus sufficient   true
    133 140 180 145 deficit sufficient   true
    # Nothing is apart.
    100 120 105 113 deficit sufficient   false
"""


def test_a_sign_stands_as_near_as_the_partners_record_is(bench: Bench) -> None:
    cases = [line.split() for line in NEAR.splitlines() if line.strip() and "#" not in line]
    lines = ["reporter_code partner_code period_start export import"]
    for place, (exports, imports, partner_imports, partner_exports, *_) in enumerate(cases, 1):
        lines += [f"A{place:02} B{place:02} 2020-01-01 {exports}e9 {imports}e9"]
        lines += [f"B{place:02} A{place:02} 2020-01-01 {partner_exports}e9 {partner_imports}e9"]
    figures(bench, "\n".join(lines))
    expected = [f"A{place:02} {' '.join(case[4:])}" for place, case in enumerate(cases, 1)]
    bench.committed("entrepots")
    bench.run("core.entrepots", "core.goods_trade_coverage", "marts.trade_coverage")
    bench.check(
        "expect marts.trade_balance_annual where reporter_code < 'B'\n"
        "reporter_code balance_sign coverage_status partner_shows_other_sign\n" + "\n".join(expected)
    )
    # A figure that is near enough needs no reason.
    assert bench.ask(
        "select count(*) from marts.trade_balance_annual where reporter_code < 'B' and (coverage_reason is null) "
        "!= (coverage_status = 'sufficient' and not coalesce(partner_shows_other_sign, false))"
    ) == [(0,)]


def test_a_partner_that_reports_one_flow_is_compared_in_that_one(bench: Bench) -> None:
    figures(
        bench,
        """
        reporter_code partner_code period_start export import
        AAA           BBB          2020-01-01   10e9   30e9
        BBB           AAA          2020-01-01   .      31e9
        CCC           BBB          2020-01-01   25e9   30e9
        BBB           CCC          2020-01-01   .      31e9
        DDD           BBB          2020-01-01   25e9   30e9
        """,
    )
    rows = balances(
        bench, "reporter_code, balance_sign, coverage_status, partner_shows_other_sign, coverage_reason", "is_complete"
    )
    assert [row[:-1] for row in rows] == [
        ("AAA", None, "insufficient", None),
        ("CCC", "deficit", "partly", True),
        ("DDD", "deficit", "unchecked", None),
    ]
    assert rows[1][-1] == (
        "Exports: US$25.0bn is 80.6% of the US$31.0bn that the partner reports, which would turn the sign of the "
        "balance; the reporter's sign is kept."
    )


def test_a_partner_whose_own_figures_are_too_thin_shows_no_other_sign(bench: Bench) -> None:
    """Whoever buys 40 of the 100, and has no sign of its own, does not say that it is a deficit."""
    figures(bench, PAIR.format(exports=100, imports=20, partner_imports=40, partner_exports=50))
    assert balances(bench, "reporter_code, balance_sign, partner_shows_other_sign", "true") == [
        ("AAA", "surplus", None),
        ("BBB", None, None),
    ]


def test_the_far_figure_of_one_year_is_enough(bench: Bench) -> None:
    lines = ["reporter_code partner_code flow period_start value_usd"]
    for year in range(2014, 2019):
        lines += [
            f"CRI CHN export {year}-01-01 {0.3e9 if year == 2016 else 1.6e9}",
            f"CRI CHN import {year}-01-01 1.5e9",
            f"CHN CRI import {year}-01-01 1.7e9",
        ]
    figures(bench, "\n".join(lines))
    assert [row for row in judged(bench) if row[2] == "insufficient"] == [("export", 2016, "insufficient", "partner")]


# What Iran and China report of their trade, billion US$: UN Comtrade's figures of Iran, the IMF's of China's imports.
def test_iran_has_no_sign_in_2014(bench: Bench) -> None:
    figures(
        bench,
        """
        reporter_code partner_code period_start export  import
        IRN           CHN          2014-01-01   9.39e9  12.72e9
        CHN           IRN          2014-01-01   .       27.46e9
        IRN           CHN          2019-01-01   14.62e9 11.24e9
        CHN           IRN          2019-01-01   .       13.40e9
        """,
    )
    assert balances(bench, "year, balance_sign, coverage_status", "reporter_code = 'IRN'") == [
        (2014, None, "insufficient"),
        (2019, "surplus", "partly"),
    ]


def test_goods_of_others_through_an_entrepot_are_of_another_kind(bench: Bench) -> None:
    """Hong Kong and China in 2015 and 2024, billion US$: Hong Kong counts what it sends on, China where it was made."""
    figures(
        bench,
        """
        reporter_code partner_code period_start export  import
        HKG           CHN          2015-01-01   287.5e9 261.1e9
        CHN           HKG          2015-01-01   .       8.16e9
        HKG           CHN          2023-01-01   329.9e9 261.9e9
        CHN           HKG          2024-01-01   288.0e9 18.3e9
        HKG           CHN          2024-01-01   377.8e9 285.6e9
        CHN           HKG          2025-01-01   334.4e9 31.6e9
        """,
    )
    assert balances(
        bench, "year, reporter_code, balance_sign, coverage_status, left(coverage_reason, 37)", "is_complete"
    ) == [
        (2015, "HKG", None, "insufficient", "Exports: US$287.5bn is 35.2 times the"),
        (2023, "HKG", None, "insufficient", "Exports: No other figure is available"),
        (2024, "CHN", None, "insufficient", "Imports: US$18.3bn is 4.8% of the US$"),
        (2024, "HKG", None, "insufficient", "Exports: US$377.8bn is 20.6 times the"),
        (2025, "CHN", None, "insufficient", "Imports: No other figure is available"),
    ]
    # Without the other flow there is no sign that could turn.
    assert ("import", 2015, "apart", "partner") in judged(bench)


def test_korea_keeps_its_sign_and_chinas_stands_beside_it(bench: Bench) -> None:
    """Billion US$ of Korea Customs, and of China's customs in yuan at the rates of the months."""
    figures(
        bench,
        """
        reporter_code partner_code period_start export   import
        KOR           CHN          2022-01-01   155.79e9 154.58e9
        KOR           CHN          2023-01-01   124.82e9 142.86e9
        KOR           CHN          2024-01-01   133.01e9 139.88e9
        CHN           KOR          2024-01-01   144.70e9 179.71e9
        KOR           CHN          2025-01-01   130.77e9 141.94e9
        CHN           KOR          2025-01-01   143.62e9 186.34e9
        """,
        source="kosis",
    )
    told = "By the partner's statistics the balance is a surplus."
    assert balances(
        bench,
        "year, round(balance_usd / 1e9, 2), balance_sign, sign_flipped, deficit_streak_years, "
        "partner_shows_other_sign, coverage_reason",
        "reporter_code = 'KOR' and year > 2022",
    ) == [
        (2023, -18.04, "deficit", True, 1, None, None),
        (2024, -6.87, "deficit", False, 2, True, told),
        (2025, -11.17, "deficit", False, 3, True, told),
    ]
    bench.check("""
        expect core.goods_trade_coverage where reporter_code = 'KOR' and year(period_start) > 2023
        year(period_start) flow   round(partner_ratio,2) partner_turns_sign
        2024               export 0.74                   true
        2024               import 0.97                   false
        2025               export 0.7                    true
        2025               import 0.99                   false
    """)


def tabulated(bench: Bench, reporter: str, rows: str) -> None:
    """Give the totals that WITS adds up from an economy's records."""
    bench.given("core.source_precedence", EVIDENCE.format(reporter=reporter))
    bench.given(
        "core.goods_trade_observations",
        f"reporter_code partner_code flow period_start value_usd\n{rows}",
        source="wits",
        dataset="goods_annual_bilateral",
        classification="TOTAL",
        frequency="A",
    )


def test_a_tabulation_of_the_partners_records_shows_thin_figures_and_no_large_ones(bench: Bench) -> None:
    """Mauritania's and Austria's imports from China in 2015, and China's exports as WITS has them, US$."""
    figures(
        bench,
        """
        reporter_code partner_code period_start export import source
        MRT           CHN          2015-01-01   580e6  192e6  imf
        AUT           CHN          2015-01-01   3583e6 8756e6 imf
        """,
    )
    tabulated(bench, "CHN", "CHN MRT export 2015-01-01 801e6\nCHN AUT export 2015-01-01 2498e6")
    reason = (
        "Imports: US$192.0m is 24.0% of the total that WITS sums up from the partner's records, which would turn the "
        "sign of the balance."
    )
    assert balances(bench, "reporter_code, balance_sign, coverage_status, coverage_reason", "true") == [
        ("AUT", "deficit", "unchecked", None),
        ("MRT", None, "insufficient", reason),
    ]


def test_a_reason_that_quotes_the_partner_names_its_snapshots(bench: Bench) -> None:
    rows = PAIR.format(exports=10, imports=30, partner_imports=31, partner_exports=29)
    first, *others = rows.strip().splitlines()
    named = [f"{line} {'own' if line.split()[0] == 'AAA' else 'theirs'}" for line in others]
    figures(bench, "\n".join([f"{first} snapshot_ids", *named]))
    assert balances(bench, "snapshot_ids", "reporter_code = 'AAA'") == [(["own", "theirs"],)]


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
    tabulated(
        bench,
        "BEL",
        "\n".join(
            f"BEL CHN import {year}-01-01 {value}e6" for year, value in {2014: 18109, 2015: 16213, 2016: 16173}.items()
        ),
    )
    assert judged(bench, "year(period_start), coverage_status, coverage_check") == [
        (2014, "insufficient", "other_source"),
        (2015, "insufficient", "other_source"),
        (2016, "insufficient", "other_source"),
        (2017, "insufficient", "earlier_years"),
    ]


def kazakhstan(bench: Bench, *, partner_agrees: bool) -> list[tuple[object, ...]]:
    """Give Kazakhstan's imports from China and from the world, billion US$, of UN Comtrade and the WTO."""
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
    return bench.ask(
        "select year(period_start) from core.goods_trade_coverage "
        "where reporter_code = 'KAZ' and coverage_check = 'own_years' order by all"
    )


def test_a_share_that_falls_and_comes_back_is_a_hole_unless_the_partner_has_it_too(bench: Bench) -> None:
    assert kazakhstan(bench, partner_agrees=False) == [(2020,), (2021,), (2022,)]


def test_a_share_that_the_partner_confirms_is_no_hole(bench: Bench) -> None:
    assert kazakhstan(bench, partner_agrees=True) == []


def test_a_reporter_whose_partners_make_its_total_leaves_nothing_out(bench: Bench) -> None:
    """Korea's statistics are whole, and no hole of its own years is one; what Moldova records goes before."""
    figures(
        bench,
        """
        reporter_code partner_code period_start export import
        KOR           MDA          2013-01-01   10e6   17e6
        KOR           MDA          2014-01-01   10e6   17e6
        MDA           KOR          2014-01-01   .      38e6
        KOR           CHN          2013-01-01   145e9  .
        KOR           CHN          2014-01-01   145e9  .
        """,
        source="kosis",
    )
    bench.given(
        "core.goods_trade_world_annual",
        "flow period_start value_usd\nexport 2013-01-01 146e9\nexport 2014-01-01 146e9",
        reporter_code="KOR",
    )
    found = judged(bench, "partner_code, year(period_start), flow, coverage_status, coverage_check")
    assert ("MDA", 2013, "export", "sufficient", "total") in found
    assert ("CHN", 2014, "export", "sufficient", "total") in found
    assert ("MDA", 2014, "export", "insufficient", "partner") in found


# What is set aside by rule


def set_aside(bench: Bench, rows: str, **everywhere: object) -> list[tuple[object, ...]]:
    bench.given(
        "core.goods_trade_observations",
        rows,
        **{"source": "kosis", "dataset": "goods_annual", "classification": "TOTAL", "frequency": "A", **everywhere},
    )
    return bench.ask(
        "select rule, flow, count(*), min(year(period_start)), max(year(period_start)) "
        "from core.goods_trade_set_aside group by all order by all"
    )


def tanzania(years: range) -> str:
    """Write Korea's trade with Tanzania, US$, as in KOSIS's copy: from 1971 to 1979 imports repeat the exports."""
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
    """Write a flow of 29 even figures, and two other flows with as many odd as even ones."""
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
    years = {year for (year,) in bench.ask("select year(period_start) from core.goods_trade_set_aside")}
    assert (2000 not in years) == confirmed
    assert 2001 in years


# Ranks of partners


def ranks(bench: Bench, world: tuple[float, float], also: str = "") -> dict[str, tuple[int | None, ...]]:
    """Return the ranks by surplus, deficit and trade of Korea's four partners in a year, given the world's total."""
    figures(
        bench,
        f"""
        reporter_code partner_code flow   period_start value_usd
        KOR           CHN          export 2023-01-01   125
        KOR           CHN          import 2023-01-01   143
        KOR           JPN          export 2023-01-01   29
        KOR           JPN          import 2023-01-01   48
        KOR           USA          export 2023-01-01   116
        KOR           USA          import 2023-01-01   71
        KOR           MNG          export 2023-01-01   2
        KOR           MNG          import 2023-01-01   2
        {also}
        """,
        source="kosis",
    )
    bench.given(
        "core.goods_trade_world_annual",
        f"flow period_start value_usd\nexport 2023-01-01 {world[0]}\nimport 2023-01-01 {world[1]}",
        reporter_code="KOR",
    )
    bench.committed("entrepots")
    bench.run("core.entrepots", "core.goods_trade_coverage", "marts.trade_coverage")
    rows = bench.ask(
        "select partner_code, partner_surplus_rank, partner_deficit_rank, partner_trade_rank "
        "from marts.trade_balance_annual where reporter_code = 'KOR'"
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


def test_a_partner_without_a_sign_takes_no_rank_from_larger_ones(bench: Bench) -> None:
    """Mongolia records 10 of Korea's 2 in exports: it may have a surplus of up to 10, and trade of up to 12."""
    found = ranks(bench, (272, 264), "MNG KOR import 2023-01-01 10")
    assert found == {"CHN": (None, 2, 1), "JPN": (None, 1, 3), "USA": (1, None, 2), "MNG": (None, None, None)}
    # It may now be larger than the surplus with the USA, and not than the trade with Japan.
    found = ranks(Bench(bench.engine), (272, 264), "MNG KOR import 2023-01-01 70")
    assert found == {"CHN": (None, 2, 1), "JPN": (None, 1, 3), "USA": (None, None, 2), "MNG": (None, None, None)}


def test_a_pair_states_its_spans_their_gaps_and_the_years_of_both_sides(bench: Bench) -> None:
    bench.given("core.economies", "economy_code is_aggregate\nKOR false\nUSA false\nWLD true")
    bench.check("""
        given core.goods_trade_observations classification=TOTAL value_usd=1 source=s snapshot_id=s
        reporter_code partner_code known_from
        KOR           USA          2024-01-01
        KOR           USA          2024-02-01
        KOR           USA          2024-02-01
        KOR           WLD          2024-01-01
        USA           KOR          2024-01-01
        given marts.trade_balance_annual
        reporter_code partner_code year balance_usd
        KOR           USA          2010 1
        KOR           USA          2012 1
        KOR           USA          2016 1
        KOR           USA          2017 -
        USA           KOR          2012 1
        given marts.trade_balance_monthly reporter_code=KOR partner_code=USA
        period_start balance_usd
        2022-06-01   1
        2022-07-01   1
        2022-08-01   -
        2025-07-01   1
        2025-09-01   1
        given core.product_trade_annual reporter_code=KOR partner_code=USA
        classification level period_start coverage
        HS2012         6     2016-01-01   selected
        HS2017         6     2017-01-01   selected
        SITC3          1     1995-01-01   complete
        SITC3          1     2005-01-01   complete
        expect marts.pair_coverage
        partner_code year_count first_year last_year missing_years     both_sides_year_count vintage_count
        USA          3          2010       2016      "2011, 2013–2015" 1                     2
        KOR          1          2012       2012      -                 1                     1
        expect marts.pair_coverage where reporter_code = 'KOR'
        month_count last_month_start missing_months
        4           2025-09-01 "2022-08–2025-06, 2025-08"
        expect marts.pair_coverage where reporter_code = 'KOR'
        products
        "HS 6 digits selected 2016–2017, SITC3 1 digit 1995–2005 (2 years)"
    """)
