"""Balances: the sign, when it flips, the year since which a deficit is the first, and years without a balance."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.sql.bench import Bench

# KITA's balances of Korea with China as printed (million US$, hankyung.com, 28 March 2023), and of 2023 in its figures.
PRINTED = {2018: 55_636, 2019: 28_974, 2020: 23_680, 2021: 24_285, 2022: 1_213, 2023: -18_040}


def balances(bench: Bench, by_year: dict[int, float | None], pair: tuple[str, str] = ("KOR", "CHN")) -> None:
    """Give years with these balances; a year with null has exports only."""
    reporter, partner = pair
    lines = ["flow period_start value_usd"]
    for year, balance in by_year.items():
        lines.append(f"export {year}-01-01 {1000 + (balance or 0)}")
        if balance is not None:
            lines.append(f"import {year}-01-01 1000")
    bench.given(
        "core.goods_trade_annual",
        "\n".join(lines),
        reporter_code=reporter,
        partner_code=partner,
        source="kosis",
        snapshot_ids="kosis/goods_annual/a",
    )
    bench.run("marts.trade_balance_annual")


def column(bench: Bench, name: str) -> dict[int, object]:
    return dict(bench.ask(f"select year, {name} from marts.trade_balance_annual"))


def test_the_first_deficit_since_is_told_once_and_counted_on(bench: Bench) -> None:
    balances(bench, {1991: -1, 1992: -1, **dict.fromkeys(range(1993, 2018), 5), **PRINTED, 2024: -7})
    assert column(bench, "balance_usd")[2018] == 55_636
    assert {y for y, flipped in column(bench, "sign_flipped").items() if flipped} == {1993, 2023}
    assert column(bench, "first_deficit_since") == {y: 1992 if y == 2023 else None for y in range(1991, 2025)}
    streaks = column(bench, "deficit_streak_years")
    assert [streaks[y] for y in (1991, 1992, 1993, 2022, 2023, 2024)] == [1, 2, 0, 0, 1, 2]
    assert column(bench, "balance_sign")[2023] == "deficit"


def test_the_largest_surplus_ranks_first_and_a_deficit_has_no_rank(bench: Bench) -> None:
    """2013 had 62.8bn, more than the 55.6bn of 2018."""
    balances(bench, {2013: 62_817, **PRINTED})
    ranks = column(bench, "surplus_rank")
    assert (ranks[2013], ranks[2018], ranks[2022], ranks[2023]) == (1, 2, 6, None)


def test_a_year_without_both_flows_has_no_balance_no_sign_and_no_rank(bench: Bench) -> None:
    balances(bench, {2023: -18_040, 2024: -6_867, 2025: None})
    assert bench.ask(
        "select exports_usd, imports_usd, balance_usd, balance_sign, sign_flipped, deficit_streak_years, "
        "first_deficit_since, surplus_rank, is_complete from marts.trade_balance_annual where year = 2025"
    ) == [(1000.0, None, None, None, None, None, None, None, False)]


def test_a_sign_flips_only_against_the_calendar_year_before(bench: Bench) -> None:
    balances(bench, {2000: 5, 2002: -5, 2003: 5})
    assert column(bench, "sign_flipped") == {2000: None, 2002: None, 2003: True}


def test_a_streak_ends_where_a_year_is_missing(bench: Bench) -> None:
    balances(bench, {2000: -1, 2001: -1, 2002: None, 2003: -1})
    assert column(bench, "deficit_streak_years") == {2000: 1, 2001: 2, 2002: None, 2003: 1}


def test_no_deficit_is_called_the_first_since_another_across_years_nobody_knows(bench: Bench) -> None:
    """From 2001 to 2004 there may have been a deficit or not: nothing says that 2006 is the first since 2000."""
    balances(bench, {2000: -1, 2005: 1, 2006: -1})
    assert set(column(bench, "first_deficit_since").values()) == {None}


def test_a_first_deficit_on_record_is_the_first_since_none(bench: Bench) -> None:
    balances(bench, {2000: 1, 2001: -1})
    assert set(column(bench, "first_deficit_since").values()) == {None}


@pytest.mark.parametrize(
    ("earlier", "later", "flipped", "since"),
    [
        # Germany and China, billion US$: the IMF has a surplus in 2013 and in 2014, UN Comtrade a deficit in 2014.
        ("94", "97", None, None),
        ("94", "78", True, 2010),
        ("-", "-", None, None),
    ],
    ids=["one publisher has no flip", "one publisher has it too", "no publisher holds both"],
)
def test_a_flip_between_two_publishers_needs_one_that_has_it(
    bench: Bench, earlier: str, later: str, flipped: bool | None, since: int | None
) -> None:
    bench.check(f"""
        given core.goods_trade_comparisons reporter_code=DEU partner_code=CHN
        flow from_year to_year from_usd to_usd
        export 2013 2014 {earlier} {later}
        given core.goods_trade_annual reporter_code=DEU partner_code=CHN snapshot_ids=x/y/1
        period_start export import source
        2010-01-01   70     77     imf
        2011-01-01   90     79     imf
        2012-01-01   92     80     imf
        2013-01-01   94     82     imf
        2014-01-01   72     .      comtrade
        2014-01-01   .      80     imf
        2015-01-01   71     .      comtrade
        2015-01-01   .      80     imf
        run marts.trade_balance_annual
    """)
    assert column(bench, "sign_flipped") == {
        2010: None,
        2011: True,
        2012: False,
        2013: False,
        2014: flipped,
        2015: False,
    }
    assert column(bench, "first_deficit_since")[2014] == since


def test_no_surplus_ranks_below_one_that_has_no_sign(bench: Bench) -> None:
    bench.check("""
        given core.goods_trade_coverage reporter_code=KOR partner_code=CHN
        flow period_start coverage_status coverage_reason
        import 2020-01-01 insufficient thin
    """)
    balances(bench, {2018: 9, 2019: 2, 2020: 5, 2021: 1})
    assert column(bench, "surplus_rank") == {2018: 1, 2019: None, 2020: None, 2021: None}


def test_pairs_do_not_mix(bench: Bench) -> None:
    bench.check("""
        given core.goods_trade_annual
        reporter_code partner_code flow   period_start value_usd source   snapshot_ids
        KOR           CHN          export 2022-01-01   10        kosis    k
        KOR           CHN          import 2022-01-01   9         kosis    k
        KOR           JPN          export 2023-01-01   1         kosis    k
        KOR           JPN          import 2023-01-01   5         comtrade c
        CHN           KOR          export 2023-01-01   7         comtrade c
        expect marts.trade_balance_annual
        reporter_code partner_code year balance_usd sign_flipped exports_source imports_source snapshot_ids
        CHN           KOR          2023 -           -            comtrade       -              c
        KOR           CHN          2022 1           -            kosis          kosis          k
        KOR           JPN          2023 -4          -            kosis          comtrade       "c, k"
    """)


# By month


def months(
    bench: Bench,
    rows: Mapping[str, tuple[float | None, float | None]],
    reporter: str = "KOR",
    joint: tuple[str, ...] = (),
) -> None:
    lines = ["flow period_start value_usd is_joint_month"]
    for month, (exports, imports) in rows.items():
        is_joint = str(month in joint).lower()
        lines += [f"export {month}-01 {exports} {is_joint}"] if exports is not None else []
        lines += [f"import {month}-01 {imports} {is_joint}"] if imports is not None else []
    bench.given(
        "core.goods_trade_monthly",
        "\n".join(lines),
        reporter_code=reporter,
        partner_code="CHN" if reporter == "KOR" else "KOR",
        source="kcs",
        snapshot_id="k",
    )
    bench.run("marts.trade_balance_monthly")


def monthly(bench: Bench, name: str) -> dict[str, float | None]:
    return dict(bench.ask(f"select strftime(period_start, '%Y-%m'), {name} from marts.trade_balance_monthly"))


def test_the_year_to_date_compares_the_same_months_only(bench: Bench) -> None:
    months(
        bench,
        {
            "2025-01": (10, 4),
            "2025-02": (20, 4),
            "2025-03": (30, 4),
            "2026-01": (11, 5),
            "2026-02": (12, 25),
        },
    )
    assert monthly(bench, "exports_ytd_usd") == {
        "2025-01": 10,
        "2025-02": 30,
        "2025-03": 60,
        "2026-01": 11,
        "2026-02": 23,
    }
    assert monthly(bench, "balance_ytd_usd")["2026-02"] == 23 - 30
    assert monthly(bench, "prior_year_balance_ytd_usd")["2026-02"] == 30 - 8
    assert monthly(bench, "exports_yoy_pct")["2026-02"] == pytest.approx(-40)
    assert monthly(bench, "imports_yoy_pct")["2026-02"] == pytest.approx(525)
    assert monthly(bench, "exports_yoy_pct")["2025-02"] is None


def test_a_gap_stays_a_gap(bench: Bench) -> None:
    """Without February there is no sum to March, and without March's imports no balance to March."""
    months(bench, {"2024-01": (1, 1), "2024-03": (1, 1), "2025-01": (2, 1), "2025-02": (2, 1), "2025-03": (2, None)})
    exports = monthly(bench, "exports_ytd_usd")
    assert exports == {"2024-01": 1, "2024-03": None, "2025-01": 2, "2025-02": 4, "2025-03": 6}
    assert monthly(bench, "balance_ytd_usd")["2025-03"] is None
    assert monthly(bench, "balance_usd")["2025-03"] is None
    assert monthly(bench, "prior_year_balance_ytd_usd")["2025-03"] is None
    assert monthly(bench, "exports_yoy_pct")["2025-02"] is None


def test_twelve_months_are_twelve_months_in_a_row(bench: Bench) -> None:
    whole = {f"2024-{month:02}": (month, 1) for month in range(1, 13)}
    months(bench, {**whole, "2025-01": (13, 1), "2025-03": (15, 1)})
    rolling = monthly(bench, "balance_12m_usd")
    # 1 to 12 add up to 78, 2 to 13 to 90, each less twelve imports of 1.
    assert (rolling["2024-11"], rolling["2024-12"], rolling["2025-01"], rolling["2025-03"]) == (None, 66, 78, None)


def marked(bench: Bench) -> dict[str, bool]:
    """List the months of China's exports that core.goods_trade_monthly marks, from the IMF's and the bulletin's."""
    bench.committed("joint_months")
    bench.run("core.joint_months")
    bench.given("core.economies", "economy_code is_aggregate\nCHN false\nKOR false")
    bench.given(
        "core.source_precedence",
        """
        source precedence_rank
        imf    1
        gacc   2
        """,
        metric="goods_total",
        frequency="M",
        reporter_code="CHN",
        flow="export",
        dataset="goods_monthly",
        basis="published",
        valid_from_year=0,
        valid_to_year=9999,
    )
    bench.given(
        "core.goods_trade_observations",
        """
        source period_start value_usd
        imf    2019-01-01   10
        imf    2020-01-01   10
        imf    2020-02-01   10
        imf    2020-03-01   10
        imf    2023-02-01   10
        gacc   2024-01-01   10
        gacc   2024-02-01   10
        """,
        dataset="goods_monthly",
        reporter_code="CHN",
        partner_code="KOR",
        flow="export",
        classification="TOTAL",
        frequency="M",
    )
    return dict(bench.ask("select strftime(period_start, '%Y-%m'), is_joint_month from core.goods_trade_monthly"))


def test_one_list_says_which_months_china_releases_together(bench: Bench) -> None:
    """Since 2020 in what the IMF passes on; the bulletin's table by country prints them apart."""
    assert sorted(month for month, is_joint in marked(bench).items() if is_joint) == ["2020-01", "2020-02", "2023-02"]


def test_a_joint_month_is_compared_with_nothing(bench: Bench) -> None:
    """Nor is the same month of the next year; their sum is, as February's year to date."""
    rows = {f"{year}-{month:02}": (10 * month, 5) for year in (2019, 2020, 2021) for month in (1, 2, 3)}
    months(bench, rows, reporter="CHN", joint=("2020-01", "2020-02"))
    assert [m for m, ok in sorted(monthly(bench, "is_comparable_month").items()) if not ok] == [
        "2020-01",
        "2020-02",
        "2021-01",
        "2021-02",
    ]
    assert monthly(bench, "imports_yoy_pct") == monthly(bench, "exports_yoy_pct")
    assert {m: yoy for m, yoy in monthly(bench, "exports_yoy_pct").items() if m > "2020"} == {
        "2020-01": None,
        "2020-02": None,
        "2020-03": 0,
        "2021-01": None,
        "2021-02": None,
        "2021-03": 0,
    }
    assert monthly(bench, "exports_ytd_usd")["2020-02"] == 30
    assert monthly(bench, "prior_year_balance_ytd_usd")["2020-02"] == 20


def test_korea_reports_every_month_by_itself(bench: Bench) -> None:
    months(bench, {"2019-01": (10, 5), "2020-01": (11, 5)})
    assert set(monthly(bench, "is_comparable_month").values()) == {True}
    assert monthly(bench, "exports_yoy_pct")["2020-01"] == pytest.approx(10)


# As the partner tells it


def test_a_flow_is_set_beside_the_partners_opposite_flow(bench: Bench) -> None:
    bench.check("""
        given core.goods_trade_annual
        reporter_code partner_code flow   period_start value_usd valuation source snapshot_ids
        KOR           CHN          export 2018-01-01   162       FOB       kosis  k
        CHN           KOR          import 2018-01-01   203       CIF       wits   w
        KOR           CHN          import 2018-01-01   106       CIF       kosis  k
        KOR           CHN          export 2019-01-01   136       FOB       kosis  k
    """)
    assert bench.ask(
        "select reporter_code, year, flow, reported_usd, mirror_usd, abs(gap_usd), reported_valuation, "
        "mirror_valuation, reported_source, mirror_source from marts.mirror_trade_annual order by reporter_code"
    ) == [
        ("CHN", 2018, "import", 203.0, 162.0, 41.0, "CIF", "FOB", "wits", "kosis"),
        ("KOR", 2018, "export", 162.0, 203.0, 41.0, "FOB", "CIF", "kosis", "wits"),
    ]


def test_both_sides_reporting_a_deficit_is_a_disagreement(bench: Bench) -> None:
    """In 2024 Korea had a deficit by its own statistics, and so did China, 35.3bn as its minister said."""
    bench.check("""
        given core.goods_trade_annual source=x
        reporter_code partner_code period_start export import snapshot_ids
        KOR           CHN          2024-01-01   133    140    k
        CHN           KOR          2024-01-01   146.4  181.7  c
        KOR           CHN          2018-01-01   162    106    k
        CHN           KOR          2018-01-01   109    203    c
        KOR           CHN          2025-01-01   131    .      k
        CHN           KOR          2025-01-01   144    180    c
        run marts.trade_balance_annual
    """)
    rows = bench.ask(
        "select year, balance_reported_usd, round(balance_mirror_usd, 1), signs_agree from marts.mirror_balance_annual "
        "where reporter_code = 'KOR' order by year"
    )
    assert rows == [(2018, 56.0, 94.0, True), (2024, -7.0, 35.3, False)]
    signs = bench.ask(
        "select balance_reported_sign, balance_mirror_sign from marts.mirror_balance_annual "
        "where year = 2024 and reporter_code = 'CHN'"
    )
    # China counts a deficit; Korea's statistics imply that China had a surplus.
    assert signs == [("deficit", "surplus")]
    # Of the whole gap of 38 and 42.3 in two years; 38 of trade of 268, 42.3 of 273.
    gaps = bench.ask(
        "select year, round(gap_usd, 1), round(relative_gap_pct, 4), round(cumulated_gap_usd, 1), "
        "round(gap_share_pct, 4), snapshot_ids from marts.mirror_balance_annual "
        "where reporter_code = 'KOR' order by year"
    )
    assert gaps == [
        (2018, -38.0, -14.1791, -38.0, 47.3225, ["c", "k"]),
        (2024, -42.3, -15.4945, -80.3, 52.6775, ["c", "k"]),
    ]


# Every column and every condition, on rows of which no two are alike


def test_a_year_has_of_each_flow_its_own_figures(bench: Bench) -> None:
    """What is the larger of the two flows in the first pair is the smaller in the second."""
    bench.check("""
        given core.goods_trade_annual reporter_code=AAA period_start=2020-01-01 snapshot_ids=s
        partner_code flow   value_usd world_value_usd source precedence_reason
        BBB          export 50        700             y      second
        BBB          import 30        500             x      first
        CCC          export 20        400             u      fourth
        CCC          import 60        800             v      third
        DDD          export 1         400             u      fourth
        EEE          import 2         300             u      fourth
        expect marts.trade_balance_annual
        partner_code exports_usd imports_usd balance_usd world_exports_usd world_imports_usd is_complete
        BBB          50          30          20          700               500               true
        CCC          20          60          -40         400               800               true
        DDD          1           -           -           400               -                 false
        EEE          -           2           -           -                 300               false
        expect marts.trade_balance_annual
        exports_source imports_source exports_source_reason imports_source_reason
        y              x              second                first
        u              v              fourth                third
        u              -              fourth                -
        -              u              -                     fourth
        given core.goods_trade_annual reporter_code=AAA period_start=2020-01-01
        partner_code flow   value_usd rate_date  valuation observation_status vintages snapshot_ids
        BBB          export 50        2020-12-30 FOB       A                  "b, c"   s2
        BBB          import 30        2020-06-30 CIF       E                  "a, b"   "s1, s3"
        CCC          export 20        2020-03-31 DAP       P                  d        s4
        CCC          import 60        2020-09-30 EXW       A                  d        s4
        DDD          export 1         -          FOB       A                  d        s4
        expect marts.trade_balance_annual
        partner_code rate_date  valuation observation_status vintages  snapshot_ids
        BBB          2020-12-30 FOB-CIF   E                  "a, b, c" "s1, s2, s3"
        CCC          2020-09-30 DAP-EXW   P                  d         s4
        DDD          -          FOB       A                  d         s4
    """)


def test_a_balanced_year_is_neither_a_surplus_nor_a_deficit(bench: Bench) -> None:
    """Nor does a deficit after it follow a surplus."""
    balances(bench, {2015: -1, 2016: 0, 2017: 2, 2018: -1, 2019: 0, 2020: -1, 2021: 3, 2022: 0})
    bench.check("""
        expect marts.trade_balance_annual
        year balance_sign sign_flipped deficit_streak_years first_deficit_since surplus_rank
        2015 deficit      -            1                    -                   -
        2016 balanced     true         0                    -                   -
        2017 surplus      true         0                    -                   2
        2018 deficit      true         1                    2015                -
        2019 balanced     true         0                    -                   -
        2020 deficit      true         1                    -                   -
        2021 surplus      true         0                    -                   1
        2022 balanced     true         0                    -                   -
    """)


# Sizes that a partner's balance must exceed to have a rank: of AAA what nobody is named for, 3, 5 and 8; of BBB, CCC
# and DDD what their balances without a sign may be.
HIDING = """
    given marts.trade_coverage
    reporter_code frequency period_start flow   unattributed_usd coverage_status
    AAA           A         2020-01-01   export 3                sufficient
    AAA           A         2020-01-01   import 5                sufficient
    AAA           M         2020-01-01   export 900              sufficient
    AAA           A         2021-01-01   export 0                sufficient
    AAA           A         2021-01-01   import 0                insufficient
    AAA           A         2022-01-01   export 0                sufficient
    AAA           A         2023-01-01   export 5                sufficient
    AAA           A         2023-01-01   import 3                sufficient
    BBB           A         2020-01-01   export 0                sufficient
    BBB           A         2020-01-01   import 0                sufficient
    BBB           A         2021-01-01   export 0                sufficient
    BBB           A         2021-01-01   import 0                sufficient
    CCC           A         2020-01-01   export 0                sufficient
    CCC           A         2020-01-01   import 0                sufficient
    DDD           A         2020-01-01   export 0                sufficient
    DDD           A         2020-01-01   import 0                sufficient
    EEE           A         2020-01-01   export 0                sufficient
    EEE           A         2020-01-01   import 0                sufficient
    FFF           A         2020-01-01   export 0                sufficient
    FFF           A         2020-01-01   import 0                sufficient
    given core.goods_trade_coverage period_start=2020-01-01
    reporter_code partner_code flow   value_usd partner_value_usd other_value_usd coverage_check coverage_status
    BBB           P91          export 10        20                -               partner        insufficient
    BBB           P91          import 5         4                 -               partner        sufficient
    BBB           P92          import 26        -                 30              other_source   insufficient
    CCC           P91          export 20        9                 10              partner        insufficient
    CCC           P91          import 7         15                -               partner        insufficient
    CCC           P92          export 1         2                 -               partner        insufficient
    DDD           P91          export 30        10                -               partner        insufficient
    EEE           P91          export 1         -                 -               own_years      insufficient
    EEE           P91          import 1         -                 -               -              unchecked
    FFF           P91          import 30        -                 10              other_source   insufficient
    AAA           P02          export 13.5      20                -               partner        sufficient
    AAA           P04          import 15.5      20                -               partner        sufficient
"""


def test_a_rank_needs_more_than_what_may_hide(bench: Bench) -> None:
    bench.check(HIDING)
    bench.check("""
        given core.goods_trade_annual snapshot_ids=s
        reporter_code partner_code period_start export import
        # Equal to what may hide, and half a dollar more.
        AAA           P01          2020-01-01   13     10
        AAA           P02          2020-01-01   13.5   10
        AAA           P03          2020-01-01   10     15
        AAA           P04          2020-01-01   10     15.5
        AAA           P05          2020-01-01   4      4
        AAA           P06          2020-01-01   4.25   4.25
        AAA           AAA          2020-01-01   90     90
        AAA           P01          2021-01-01   13     10
        AAA           P01          2022-01-01   13     10
        AAA           P01          2023-01-01   14     10
        AAA           P02          2023-01-01   10     14
        BBB           P01          2020-01-01   24     4
        BBB           P02          2020-01-01   25     4.5
        BBB           P03          2020-01-01   0.25   30.5
        BBB           P04          2020-01-01   0      30
        BBB           P01          2021-01-01   0.5    0
        BBB           P02          2021-01-01   0      0.5
        CCC           P01          2020-01-01   20.5   14.5
        CCC           P02          2020-01-01   20.5   15
        DDD           P01          2020-01-01   30.5   0
        DDD           P02          2020-01-01   30     0
        DDD           P03          2020-01-01   0      0.5
        EEE           P01          2020-01-01   50     20
        FFF           P01          2020-01-01   0.5    0
        expect marts.trade_balance_annual
        reporter_code partner_code year partner_surplus_rank partner_deficit_rank partner_trade_rank
        AAA           P01          2020 -                    -                    4
        AAA           P02          2020 1                    -                    3
        AAA           P03          2020 -                    -                    2
        AAA           P04          2020 -                    1                    1
        AAA           P05          2020 -                    -                    -
        AAA           P06          2020 -                    -                    5
        AAA           AAA          2020 -                    -                    -
        AAA           P01          2021 -                    -                    -
        AAA           P01          2022 -                    -                    -
        AAA           P01          2023 -                    -                    1
        AAA           P02          2023 -                    1                    1
        BBB           P01          2020 -                    -                    -
        BBB           P02          2020 1                    -                    -
        BBB           P03          2020 -                    1                    1
        BBB           P04          2020 -                    -                    -
        BBB           P01          2021 1                    -                    1
        BBB           P02          2021 -                    1                    1
        CCC           P01          2020 -                    -                    -
        CCC           P02          2020 -                    -                    1
        DDD           P01          2020 1                    -                    1
        DDD           P02          2020 -                    -                    -
        DDD           P03          2020 -                    1                    -
        FFF           P01          2020 1                    -                    -
        # What its own years tell against has no bounds.
        EEE           P01          2020 -                    -                    -
    """)


def test_each_pair_has_flips_streaks_and_ranks_of_its_own(bench: Bench) -> None:
    bench.check("""
        given core.goods_trade_annual snapshot_ids=s
        reporter_code partner_code period_start export import
        AAA           CCC          2018-01-01   10     11
        AAA           CCC          2019-01-01   10     11
        AAA           CCC          2020-01-01   13     10
        AAA           CCC          2021-01-01   10     11
        AAA           DDD          2018-01-01   10     11
        AAA           DDD          2019-01-01   12     10
        AAA           DDD          2020-01-01   10     11
        AAA           DDD          2021-01-01   10     11
        AAA           EEE          2018-01-01   10     11
        AAA           EEE          2019-01-01   10     11
        AAA           EEE          2020-01-01   10     11
        BBB           CCC          2018-01-01   11     10
        BBB           CCC          2019-01-01   10     12
        BBB           CCC          2020-01-01   10     11
        BBB           CCC          2021-01-01   15     10
        BBB           DDD          2018-01-01   10     11
        BBB           DDD          2019-01-01   .      11
        BBB           DDD          2020-01-01   10     11
        expect marts.trade_balance_annual
        reporter_code partner_code year deficit_streak_years sign_flipped first_deficit_since surplus_rank
        AAA           CCC          2018 1                    -            -                   -
        AAA           CCC          2019 2                    false        -                   -
        AAA           CCC          2020 0                    true         -                   1
        AAA           CCC          2021 1                    true         2019                -
        AAA           DDD          2018 1                    -            -                   -
        AAA           DDD          2019 0                    true         -                   1
        AAA           DDD          2020 1                    true         2018                -
        AAA           DDD          2021 2                    false        -                   -
        AAA           EEE          2018 1                    -            -                   -
        AAA           EEE          2019 2                    false        -                   -
        AAA           EEE          2020 3                    false        -                   -
        BBB           CCC          2018 0                    -            -                   2
        BBB           CCC          2019 1                    true         -                   -
        BBB           CCC          2020 2                    false        -                   -
        BBB           CCC          2021 0                    true         -                   1
        BBB           DDD          2018 1                    -            -                   -
        BBB           DDD          2019 -                    -            -                   -
        BBB           DDD          2020 1                    -            -                   -
    """)


def test_a_change_of_publisher_is_compared_in_the_flow_that_changed(bench: Bench) -> None:
    """Of the pair's two years the warehouse has 94 and 82, then 72 and 80."""
    bench.check("""
        given core.goods_trade_comparisons partner_code=CHN
        reporter_code partner_code flow   from_year to_year from_usd to_usd
        # One publisher's exports, or imports, or both, turn the sign, too.
        AAA           CHN          export 2013      2014    85       79
        BBB           CHN          import 2013      2014    90       79
        CCC           CHN          export 2013      2014    96       78
        CCC           CHN          import 2013      2014    95       79
        # Nobody's does.
        DDD           CHN          export 2013      2014    70       60
        EEE           CHN          import 2013      2014    100      100
        # Another partner, and years that do not follow each other.
        DDD           JPN          export 2013      2014    99       1
        DDD           CHN          export 2010      2014    99       1
        DDD           CHN          export 2013      2020    99       1
        EEE           JPN          import 2013      2014    1        99
        EEE           CHN          import 2010      2014    1        99
        EEE           CHN          import 2013      2020    1        99
        given core.goods_trade_annual snapshot_ids=s
        reporter_code partner_code period_start export import
        AAA           CHN          2013-01-01   94     82
        AAA           CHN          2014-01-01   72     80
        BBB           CHN          2013-01-01   94     82
        BBB           CHN          2014-01-01   72     80
        CCC           CHN          2013-01-01   94     82
        CCC           CHN          2014-01-01   72     80
        DDD           CHN          2010-01-01   94     82
        DDD           CHN          2013-01-01   94     82
        DDD           CHN          2014-01-01   72     80
        DDD           KOR          2013-01-01   94     82
        DDD           KOR          2014-01-01   72     80
        DDD           CHN          2015-01-01   94     82
        EEE           CHN          2010-01-01   94     82
        EEE           CHN          2013-01-01   94     82
        EEE           CHN          2014-01-01   72     80
        expect marts.trade_balance_annual where year >= 2014
        reporter_code partner_code sign_flipped
        AAA           CHN          true
        BBB           CHN          true
        CCC           CHN          true
        DDD           CHN          -
        DDD           KOR          true
        DDD           CHN          true
        EEE           CHN          -
    """)


def test_no_surplus_ranks_below_what_a_year_without_a_sign_may_be(bench: Bench) -> None:
    """That of 2020 may be 120 less 90 with P1, and 60 less 190 with P2; of the others nobody knows the exports."""
    bench.check("""
        given core.goods_trade_coverage
        reporter_code partner_code flow   period_start value_usd partner_value_usd coverage_check coverage_status
        AAA           P1           export 2018-01-01   140       140               partner        sufficient
        AAA           P1           import 2018-01-01   100       100               partner        sufficient
        AAA           P1           export 2020-01-01   100       120               partner        insufficient
        AAA           P1           import 2020-01-01   100       90                partner        sufficient
        AAA           P1           export 2021-01-01   50        60                partner        insufficient
        AAA           P1           import 2021-01-01   200       200               partner        sufficient
        AAA           P2           export 2020-01-01   50        60                partner        insufficient
        AAA           P2           import 2020-01-01   200       190               partner        sufficient
        AAA           P3           export 2020-01-01   200       300               own_years      insufficient
        BBB           P1           export 2020-01-01   50        -                 earlier_years  insufficient
        BBB           P1           import 2020-01-01   30        -                 -              unchecked
        given core.goods_trade_annual snapshot_ids=s
        reporter_code partner_code period_start export import
        AAA           P1           2017-01-01   129    100
        AAA           P1           2018-01-01   140    100
        AAA           P1           2019-01-01   130    100
        AAA           P1           2020-01-01   80     100
        AAA           P1           2021-01-01   50     200
        AAA           P2           2019-01-01   105    100
        AAA           P2           2020-01-01   50     200
        AAA           P3           2018-01-01   112    100
        AAA           P3           2019-01-01   109    100
        AAA           P3           2020-01-01   200    190
        BBB           P1           2018-01-01   121    100
        BBB           P1           2019-01-01   119    100
        BBB           P1           2020-01-01   50     30
        expect marts.trade_balance_annual
        reporter_code partner_code year balance_usd surplus_rank
        AAA           P1           2017 29          -
        AAA           P1           2018 40          1
        AAA           P1           2019 30          2
        AAA           P1           2020 -20         -
        AAA           P1           2021 -150        -
        AAA           P2           2019 5           1
        AAA           P2           2020 -150        -
        AAA           P3           2018 12          1
        AAA           P3           2019 9           -
        AAA           P3           2020 10          -
        BBB           P1           2018 21          1
        BBB           P1           2019 19          -
        BBB           P1           2020 20          -
    """)


def test_a_reason_names_the_flows_that_failed_and_the_sign_that_the_partner_gives(bench: Bench) -> None:
    figure = "period_start reporter_code partner_code flow value_usd partner_value_usd"
    bench.check(f"""
        given core.goods_trade_coverage
        {figure} coverage_status partner_turns_sign coverage_reason
        2020-01-01 AAA P1  export 10   30   insufficient true  "e of 30 that the partner reports."
        2020-01-01 AAA P1  import 20   5    insufficient true  i.
        2020-01-01 AAA P2  export 10   30   apart        false e.
        2020-01-01 AAA P2  import 50   90   apart        false i.
        # The partner reports one flow.
        2020-01-01 AAA P3  export 10   12   sufficient   true  e.
        2020-01-01 AAA P3  import 11   -    sufficient   -     i.
        2020-01-01 AAA P4  export 10   -    sufficient   -     e.
        2020-01-01 AAA P4  import 11   9    sufficient   true  i.
        2020-01-01 AAA P5  export 10   10.5 sufficient   false e.
        2020-01-01 AAA P5  import 11   -    unchecked    -     i.
        2020-01-01 AAA Q4  export 10   -    sufficient   -     e.
        2020-01-01 AAA Q4  import 11   -    sufficient   -     i.
        2021-01-01 AAA P3  export 10   11   sufficient   false e.
        2021-01-01 AAA P3  import 11   -    sufficient   -     i.
        2020-01-01 BBB P3  export 10   11   apart        false e.
        2020-01-01 BBB P3  import 11   12   apart        false i.
        2020-01-01 P4  ZZZ export 10   11   insufficient true  e.
        2021-01-01 P4  AAA export 10   11   insufficient true  e.
        # The partner reports both.
        2020-01-01 AAA P6  export 10   12   sufficient   true  e.
        2020-01-01 AAA P6  import 11   11.5 sufficient   false i.
        2020-01-01 AAA P7  export 11   10   sufficient   true  e.
        2020-01-01 AAA P7  import 10   10.5 sufficient   true  i.
        2020-01-01 AAA P8  export 10   12   apart        false e.
        2020-01-01 AAA P8  import 11   12   sufficient   false i.
        # The partner has no sign of its own.
        2020-01-01 AAA P9  export 11   10   sufficient   true  e.
        2020-01-01 AAA P9  import 10   10.5 sufficient   true  i.
        2020-01-01 P9  AAA export 10.5 10   insufficient true  "i that the partner reports."
        # There is no balance.
        2020-01-01 AAA Q1  export 10   30   insufficient -     e.
        2020-01-01 AAA Q2  import 10   30   insufficient -     i.
        2020-01-01 BBB P2  export 10   30   insufficient true  "b that the partner reports."
        given core.goods_trade_annual
        period_start reporter_code partner_code export import snapshot_ids
        2020-01-01   AAA           P1           10     20     s
        2020-01-01   AAA           P2           10     50     s
        2020-01-01   AAA           P3           10     11     s
        2020-01-01   AAA           P4           10     11     s
        2020-01-01   AAA           P5           10     11     s
        2020-01-01   AAA           P6           10     11     s
        2020-01-01   AAA           P7           11     10     s
        2020-01-01   AAA           P8           10     11     s
        2020-01-01   AAA           P9           11     10     s
        2020-01-01   AAA           Q1           10     .      s
        2020-01-01   AAA           Q2           .      10     s
        2020-01-01   AAA           Q3           10     10     s
        2020-01-01   AAA           Q4           10     11     s
        2021-01-01   AAA           P3           12     11     s
        2020-01-01   BBB           P3           10     11     s
        2021-01-01   P1            AAA          5      30     t3
        2020-01-01   P1            AAA          5      30     t1
        2020-01-01   P2            AAA          90     30     t2
        expect marts.trade_balance_annual where reporter_code = 'AAA' and year = 2020
        partner_code balance_sign coverage_status partner_shows_other_sign snapshot_ids coverage_reason
        P1 -        insufficient -     "s, t1" "Exports: e of 30 that the partner reports. Imports: i."
        P2 deficit  apart        false s       "Exports: e. Imports: i."
        P3 deficit  sufficient   true  s       "Exports: e."
        P4 deficit  sufficient   true  s       "Imports: i."
        P5 deficit  partly       false s       -
        P6 deficit  sufficient   true  s       "By the partner's statistics the balance is a surplus."
        P7 surplus  sufficient   true  s       "By the partner's statistics the balance is a deficit."
        P8 deficit  apart        true  s       "Exports: e. By the partner's statistics the balance is zero."
        P9 surplus  sufficient   -     s       -
        Q1 -        -            -     s       -
        Q2 -        -            -     s       -
        Q4 deficit  sufficient   -     s       -
        Q3 balanced -            -     s       -
    """)


def test_a_month_has_of_each_flow_its_own_figures(bench: Bench) -> None:
    bench.check("""
        given core.goods_trade_monthly reporter_code=AAA period_start=2020-05-01
        partner_code flow   value_usd value_ytd_usd valuation source precedence_reason rate_date  snapshot_id
        BBB          export 50        700           FOB       y      second            2020-06-30 s2
        BBB          import 30        500           CIF       x      first             2020-05-31 s1
        CCC          export 20        400           DAP       u      fourth            2020-04-30 s1
        CCC          import 60        800           EXW       v      third             2020-05-31 s1
        DDD          export 1         9             FOB       u      fourth            -          s1
        EEE          import 2         9             CIF       u      fourth            -          s1
        expect marts.trade_balance_monthly
        partner_code exports_usd imports_usd balance_usd exports_ytd_usd imports_ytd_usd balance_ytd_usd ytd_basis
        BBB          50          30          20          700             500             200             published
        CCC          20          60          -40         400             800             -400            published
        DDD          1           -           -           9               -               -               published
        EEE          -           2           -           -               9               -               published
        expect marts.trade_balance_monthly
        exports_source imports_source exports_source_reason imports_source_reason valuation rate_date  snapshot_ids
        y              x              second                first                 FOB-CIF   2020-06-30 "s1, s2"
        u              v              fourth                third                 DAP-EXW   2020-05-31 s1
        u              -              fourth                -                     FOB       -          s1
        -              u              -                     fourth                CIF       -          s1
    """)


def test_published_years_to_date_make_twelve_months_and_the_year_before(bench: Bench) -> None:
    """To March 2025 there are 37 less 15, and of 2024 120 less 70 without the 30 less 11 to March."""
    bench.check("""
        given core.goods_trade_monthly source=x snapshot_id=s
        reporter_code partner_code flow   period_start value_usd value_ytd_usd
        AAA           BBB          export 2023-12-01   1         100
        AAA           BBB          import 2023-12-01   1         99
        AAA           BBB          export 2024-03-01   4         30
        AAA           BBB          import 2024-03-01   5         11
        AAA           BBB          export 2024-12-01   1         120
        AAA           BBB          import 2024-12-01   1         70
        AAA           BBB          export 2025-03-01   5         37
        AAA           BBB          import 2025-03-01   4         15
        AAA           CCC          export 2024-03-01   0         3
        AAA           CCC          import 2024-03-01   0         1
        AAA           CCC          export 2024-12-01   2         12
        AAA           CCC          import 2024-12-01   2         7
        AAA           CCC          export 2025-03-01   2         4
        AAA           CCC          import 2025-03-01   2         3
        DDD           BBB          export 2024-03-01   3         9
        DDD           BBB          import 2024-03-01   3         8
        DDD           BBB          export 2024-12-01   3         50
        DDD           BBB          import 2024-12-01   3         10
        expect marts.trade_balance_monthly
        reporter_code partner_code period_start balance_12m_usd exports_yoy_pct imports_yoy_pct
        AAA           BBB          2023-12-01   1               -               -
        AAA           BBB          2024-03-01   -               -               -
        AAA           BBB          2024-12-01   50              0               0
        AAA           BBB          2025-03-01   53              ~25             ~-20
        AAA           CCC          2024-03-01   -               -               -
        AAA           CCC          2024-12-01   5               -               -
        AAA           CCC          2025-03-01   4               -               -
        DDD           BBB          2024-03-01   -               -               -
        DDD           BBB          2024-12-01   40              -               -
        expect marts.trade_balance_monthly where prior_year_exports_ytd_usd is not null
        partner_code period_start prior_year_exports_ytd_usd prior_year_imports_ytd_usd prior_year_balance_ytd_usd
        BBB          2024-12-01   100                        99                         1
        BBB          2025-03-01   30                         11                         19
        CCC          2025-03-01   3                          1                          2
    """)


def test_each_pair_adds_up_its_own_months(bench: Bench) -> None:
    """A month in another currency, or without one of its flows, makes no twelve."""
    pairs = {
        "AAA BBB": (3, 1),
        "CCC BBB": (5, 1),
        "AAA DDD": (9, 2),
        "EEE BBB": (1, 4),
        "FFF BBB": (6, 1),
        "GGG BBB": (7, 1),
    }
    gaps = {("FFF BBB", "export", "2024-03-01"), ("GGG BBB", "import", "2024-03-01")}
    lines = ["reporter_code partner_code flow period_start value_usd rate_date"]
    for pair, (exports, imports) in pairs.items():
        for month in (*(f"2024-{number:02}-01" for number in range(1, 13)), "2025-01-01"):
            rate = month if (pair, month[:7]) == ("EEE BBB", "2024-01") else "-"
            for flow, value in (("export", exports), ("import", imports)):
                lines += [f"{pair} {flow} {month} {value} {rate}"] if (pair, flow, month) not in gaps else []
    bench.given("core.goods_trade_monthly", "\n".join(lines), source="x", snapshot_id="s")
    bench.check("""
        expect marts.trade_balance_monthly where balance_12m_usd is not null
        reporter_code partner_code period_start balance_12m_usd
        AAA           BBB          2024-12-01   24
        AAA           BBB          2025-01-01   24
        CCC           BBB          2024-12-01   48
        CCC           BBB          2025-01-01   48
        AAA           DDD          2024-12-01   84
        AAA           DDD          2025-01-01   84
        EEE           BBB          2025-01-01   -36
        expect marts.trade_balance_monthly where period_start in ('2024-03-01', '2025-01-01')
        reporter_code partner_code exports_ytd_usd imports_ytd_usd ytd_basis prior_year_balance_ytd_usd
        AAA           BBB          9               3               summed    -
        CCC           BBB          15              3               summed    -
        AAA           DDD          27              6               summed    -
        EEE           BBB          3               12              summed    -
        FFF           BBB          -               3               summed    -
        GGG           BBB          21              -               summed    -
        AAA           BBB          3               1               summed    2
        CCC           BBB          5               1               summed    4
        AAA           DDD          9               2               summed    7
        EEE           BBB          1               4               summed    -3
        FFF           BBB          6               1               summed    5
        GGG           BBB          7               1               summed    6
    """)
