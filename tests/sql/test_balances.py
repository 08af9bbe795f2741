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
