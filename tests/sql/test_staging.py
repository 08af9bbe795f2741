"""Staging: codes become economies, thousands become US$, a zero that stands for no figure becomes null."""

from __future__ import annotations

import pytest

from tests.sql.bench import PROJECT, Bench

CODES = """
    scheme      code    economy_code exclusion_reason
    comtrade    410     KOR          -
    comtrade    156     CHN          -
    comtrade    490     TWN          -
    comtrade    899     -            "a remainder"
    imf_name    Korea   KOR          -
    imf_name    China   CHN          -
    unctad_name Korea   KOR          -
    unctad_name China   CHN          -
    iso2        CN      CHN          -
    iso3        KOR     KOR          -
    iso3        CHN     CHN          -
    iso3        JPN     JPN          -
    iso3        WLD     WLD          -
    iso3        ZZZ     -            "no economy"
    kosis_name  China   CHN          -
    batis_name  CHN     CHN          -
    batis_name  Korea   KOR          -
"""
# China's customs print yuan and Japan's yen, which become US$ in core; a flash is no month, and stays apart.
OTHERS = {
    *("gacc__goods_monthly", "gacc__goods_monthly_all_partners", "jp_mof__goods_annual_commodities"),
    "kcs__goods_flash",
}
GOODS = sorted({path.stem for path in (PROJECT.sql / "staging").glob("*__goods_*.sql")} - OTHERS)


@pytest.fixture(autouse=True)
def codes(bench: Bench) -> None:
    """Map the codes that the raw rows have."""
    bench.given("staging.economy_codes", CODES)


@pytest.mark.parametrize("table", GOODS)
def test_every_dataset_of_goods_has_one_shape(bench: Bench, table: str) -> None:
    shapes = []
    for name in (GOODS[0], table):
        bench.run(f"staging.{name}")
        # A balance that a publisher prints is there to be audited, and feeds no other table.
        shapes.append(
            bench.ask(
                f"select column_name, column_type from (describe staging.{name}) where column_name != 'balance_usd'"
            )
        )
    assert shapes[0] == shapes[1]


def test_a_flow_that_is_not_there_is_missing_and_not_zero(bench: Bench) -> None:
    bench.check("""
        given raw.kosis__goods_annual snapshot_id=s
        partner_code year exports_usd imports_usd
        CHN          2023 124800000   -
        JPN          1965 0           7000
        expect staging.kosis__goods_annual
        partner_code flow   period_start period_end value_usd valuation observation_status
        CHN          export 2023-01-01   2023-12-31 124800000 FOB       A
        CHN          import 2023-01-01   2023-12-31 -         CIF       M
        JPN          export 1965-01-01   1965-12-31 0         FOB       A
        JPN          import 1965-01-01   1965-12-31 7000      CIF       A
    """)


def test_an_unknown_code_stays_for_the_audit_to_name_and_an_excluded_one_goes(bench: Bench) -> None:
    bench.check("""
        given raw.kosis__goods_annual snapshot_id=s
        partner_code year exports_usd imports_usd
        QQQ          2023 1           -
        ZZZ          2023 1           -
        KOR          2023 1           -
        expect staging.kosis__goods_annual
        partner_label partner_code flow
        QQQ           -            export
        QQQ           -            import
    """)


def test_two_unknown_codes_are_not_taken_for_one_economy(bench: Bench) -> None:
    """An economy exports nothing to itself, but its own goods come back; two codes nobody knows stay apart."""
    bench.check("""
        given raw.comtrade__goods_annual snapshot_id=s
        reporter_code partner_code year flow_code value_usd
        998           999          2023 X         1
        156           156          2023 M         104296025695
        156           156          2023 X         1
        156           899          2023 M         1
        156           490          2023 M         1
        expect staging.comtrade__goods_annual
        reporter_label partner_label reporter_code partner_code flow   valuation
        998            999           -             -            export FOB
        156            156           CHN           CHN          import CIF
        156            490           CHN           TWN          import CIF
    """)


def test_thousands_become_us_dollars(bench: Bench) -> None:
    """KOSIS, 2017.04: exports to China of 10,589,664 and imports of 7,913,344 thousand US$."""
    bench.check("""
        given raw.kosis__goods_monthly snapshot_id=s
        partner_name month exports_kusd imports_kusd
        China 2017-04 10589664 7913344
        expect staging.kosis__goods_monthly
        flow   period_start period_end value_usd
        export 2017-04-01   2017-04-30 10589664000
        import 2017-04-01   2017-04-30 7913344000
    """)


def test_millions_become_us_dollars_without_binary_noise_and_the_imfs_zero_is_missing(bench: Bench) -> None:
    """299.71574 times a million is not exactly 299,715,740 in binary."""
    bench.check("""
        given raw.imf__goods_monthly snapshot_id=s
        reporter_name partner_name month   flow   value_musd
        Korea         China        2016-02 export 299.71574
        Korea         China        2016-03 import 0
        expect staging.imf__goods_monthly
        reporter_label partner_label flow   period_end value_usd observation_status
        Korea          China         export 2016-02-29 299715740 A
        Korea          China         import 2016-03-31 -         M
    """)


def test_a_year_says_in_which_edition_korea_reported_its_products(bench: Bench) -> None:
    bench.check("""
        given raw.comtrade__goods_annual_hs6_selected snapshot_id=s
        reporter_code partner_code year flow_code product_code value_usd
        410           156          2016 X         854231       1
        410           156          2017 X         854231       1
        410           156          2021 X         854231       1
        410           156          2022 X         854231       1
        expect staging.comtrade__goods_annual_hs6_selected
        year(period_start) classification level coverage
        2016               HS2012         6     selected
        2017               HS2017         6     selected
        2021               HS2017         6     selected
        2022               HS2022         6     selected
    """)


def test_customs_headings_carry_their_weight(bench: Bench) -> None:
    bench.check("""
        given raw.kcs__goods_monthly_hs snapshot_id=s
        hs_code partner_iso2 month exports_usd exports_kg
        8542 CN 2021-12 7 3
        8542 CN 2022-01 8 4
        expect staging.kcs__goods_monthly_hs
        classification level product_code flow   value_usd net_weight_kg coverage
        HS2017         4     8542         export 7         3             selected
        HS2022         4     8542         export 8         4             selected
    """)


def test_unctads_all_is_the_total_and_its_sections_are_detail(bench: Bench) -> None:
    bench.check("""
        given raw.unctad__goods_annual_sitc3 snapshot_id=s
        exporter_name importer_name year product_code exports_kusd
        Korea         China         1995 All          9143600
        Korea         China         1995 7            8678.95199999999
        expect staging.unctad__goods_annual_sitc3
        reporter_label partner_label classification level product_code flow   value_usd
        Korea          China         TOTAL          0     TOTAL        export 9143600000
        Korea          China         SITC3          1     7            export 8678952
    """)


def test_a_row_of_both_flows_becomes_two(bench: Bench) -> None:
    """WITS, China with Korea, 1989, in thousands of US$."""
    bench.check("""
        given raw.wits__goods_annual_products snapshot_id=s
        reporter_code partner_code year exports_kusd imports_kusd
        CHN KOR 1989 472029.184 426151.296
        expect staging.wits__goods_annual_products
        reporter_code partner_code flow   value_usd valuation
        CHN           KOR          export 472029184 FOB
        CHN           KOR          import 426151296 CIF
    """)


def test_a_pairs_total_keeps_unknown_codes_and_takes_the_valuation_that_is_stated_for_its_year(bench: Bench) -> None:
    bench.check("""
        given staging.economy_codes
        scheme   code economy_code exclusion_reason
        iso3     CHN  CHN          -
        iso3     KOR  KOR          -
        iso3     TWN  -            "in Others"
        comtrade CHN  CUB          -
        comtrade KOR  PRK          -
        given reference.source_valuations
        source dataset                reporter_code flow   valid_from_year valid_to_year valuation
        wits   *                      CHN           import 1990            1991          FOB
        wits   goods_annual_bilateral CHN           export -               1989          CIF
        wits   *                      CHN           export 1991            -             CIF
        imf    *                      CHN           import 1989            1989          FOB
        wits   goods_annual_products  CHN           import 1989            1989          FOB
        wits   *                      KOR           import 1989            1989          FOB
        given raw.wits__goods_annual_bilateral snapshot_id=s
        reporter_code partner_code year exports_kusd imports_kusd
        CHN           KOR          1989 1.2343       2
        CHN           KOR          1990 3            4
        CHN           KOR          1991 5            6
        CHN           KOR          1992 7            -
        QQQ           KOR          1993 8            9
        CHN           QQQ          1993 10           11
        TWN           KOR          1994 12           13
        CHN           TWN          1994 14           15
        CHN           CHN          1994 16           17
        expect staging.wits__goods_annual_bilateral
        reporter_label reporter_code partner_label partner_code flow   period_start value_usd valuation
        CHN            CHN           KOR           KOR          export 1989-01-01   1234      CIF
        CHN            CHN           KOR           KOR          import 1989-01-01   2000      CIF
        CHN            CHN           KOR           KOR          export 1990-01-01   3000      FOB
        CHN            CHN           KOR           KOR          import 1990-01-01   4000      FOB
        CHN            CHN           KOR           KOR          export 1991-01-01   5000      CIF
        CHN            CHN           KOR           KOR          import 1991-01-01   6000      FOB
        CHN            CHN           KOR           KOR          export 1992-01-01   7000      CIF
        CHN            CHN           KOR           KOR          import 1992-01-01   -         CIF
        QQQ            -             KOR           KOR          export 1993-01-01   8000      FOB
        QQQ            -             KOR           KOR          import 1993-01-01   9000      CIF
        CHN            CHN           QQQ           -            export 1993-01-01   10000     CIF
        CHN            CHN           QQQ           -            import 1993-01-01   11000     CIF
        expect staging.wits__goods_annual_bilateral where period_start = date '1992-01-01'
        flow   source dataset                level period_end observation_status classification product_code
        export wits   goods_annual_bilateral 0     1992-12-31 A                  TOTAL          TOTAL
        import wits   goods_annual_bilateral 0     1992-12-31 M                  TOTAL          TOTAL
    """)


def test_travellers_are_the_arrivals_whose_age_is_known(bench: Bench) -> None:
    """The rest are crews; a nationality that no list has stays without a code."""
    bench.check("""
        given staging.economy_codes
        scheme   code    economy_code exclusion_reason
        kto_name China   CHN          -
        kto_name Unknown -            "no economy"
        iso3     China   TWN          -
        given raw.kto__arrivals_monthly snapshot_id=s month=2024-02
        nationality arrivals aged_0_20 aged_21_30 aged_31_40 aged_41_50 aged_51_60 aged_61_up
        China       70       1         2          4          8          16         32
        Atlantis    6        1         1          1          1          1          1
        Unknown     9        1         1          1          1          1          1
        expect staging.kto__arrivals_monthly
        nationality economy_code visitor_code period_start period_end arrivals traveller_arrivals
        China       KOR          CHN          2024-02-01   2024-02-29 70       63
        Atlantis    KOR          -            2024-02-01   2024-02-29 6        6
    """)


def test_services_name_their_basis_and_their_edition(bench: Bench) -> None:
    bench.given("reference.snapshots", "snapshot_id edition known_from\ns 2025-12 2026-09-16")
    bench.check("""
        given raw.oecd_wto__services_annual_points snapshot_id=s
        reporter_code partner_code flow item_code year value_musd value_basis
        KOR           CHN          EXP  S         2019 20338.4    reported
        KOR           WLD          IMP  S         2024 162654.3   balanced
        expect staging.oecd_wto__services_annual_points
        partner_code flow   service_item_code year value_usd    value_basis
        CHN          export S                 2019 20338400000  reported
        WLD          import S                 2024 162654300000 balanced
    """)


def test_a_date_is_as_exact_as_its_source(bench: Bench) -> None:
    bench.given("reference.snapshots", "snapshot_id known_from retrieved_at\ns 2026-11-25 2026-11-25")
    bench.check("""
        given raw.register__policy_event_stages snapshot_id=s
        event_id event_date date_precision
        E005     2015-12-20 day
        E006     2012-05    month
        E007     2016       year
        expect staging.register__policy_event_stages
        event_date date_precision
        2015-12-20 day
        2012-05-01 month
        2016-01-01 year
    """)


def test_a_period_ends_with_the_last_day_of_its_month_or_year(bench: Bench) -> None:
    bench.given("reference.snapshots", "snapshot_id known_from retrieved_at\ns 2026-11-25 2026-11-25")
    bench.check("""
        given raw.register__published_figures snapshot_id=s
        figure_id period_start period_end
        a         2025-01      2025-11
        b         2024         2024
        c         2025-07-01   2025-12-31
        expect staging.register__published_figures
        period_start period_end
        2025-01-01   2025-11-30
        2024-01-01   2024-12-31
        2025-07-01   2025-12-31
    """)


def test_the_newest_register_is_the_current_one(bench: Bench) -> None:
    bench.check("""
        given reference.snapshots
        snapshot_id known_from retrieved_at
        older 2026-01-01 2026-01-01
        newer 2026-11-25 2026-11-25
    """)
    bench.check(f"""
        given staging.economy_codes
        {CODES}
    """)
    bench.given(
        "raw.register__published_figures",
        """
        figure_id reporter_code partner_code period_start period_end value precision published_on snapshot_id row_number
        f         CHN           KOR          2024-01-01   2024-12-31 -35.3 1         2025-12      newer       1
        f         CHN           KOR          2024-01-01   2024-12-31 -35   0         2025-12-14   older       1
        """,
    )
    bench.check("""
        expect staging.register__published_figures
        value printed_decimals published_on published_on_precision is_current
        -35   0                2025-12-14   day                    false
        -35.3 1                2025-12-01   month                  true
    """)


def test_an_iso_code_stands_for_itself_unless_the_list_says_otherwise(bench: Bench) -> None:
    bench.given("reference.economies", "economy_code name\nKOR Korea\nROU Romania\nROM Romania\n")
    bench.check("""
        given reference.economy_codes
        scheme code economy_code exclusion_reason
        iso3   ROM  ROU          -
        iso2   KR   KOR          -
        run staging.economy_codes
        expect staging.economy_codes
        scheme code economy_code
        iso2   KR   KOR
        iso3   KOR  KOR
        iso3   ROM  ROU
        iso3   ROU  ROU
    """)


def test_a_zero_of_a_partner_that_is_not_listed_is_no_figure(bench: Bench) -> None:
    bench.check("""
        given raw.bok__goods_monthly snapshot_id=s
        partner_code month   exports_kusd imports_kusd
        CHN          2025-06 10435000     -
        JPN          2025-06 0            4100000
        WLD          2025-06 59784000     0
        expect staging.bok__goods_monthly
        partner_code flow   value_usd
        CHN          export 10435000000
        JPN          import 4100000000
        WLD          export 59784000000
    """)


def test_a_month_between_two_bulletins_is_what_their_years_to_date_leave(bench: Bench) -> None:
    """No month is derived before the first of two missing ones, and none that another snapshot has printed."""
    bench.given("staging.economy_codes", "scheme code economy_code\ngacc_name 美国 USA\ngacc_name 韩国 KOR")
    columns = " ".join(f"{flow}_{span}10k_cny" for flow in ("exports", "imports", "total") for span in ("", "ytd_"))
    bench.check(f"""
        given raw.gacc__goods_monthly
        partner_name month   {columns} snapshot_id row_number
        美国         2025-02 200 500  90 190 290 690   a 1
        美国         2025-04 240 1030 90 370 330 1400  a 2
        美国         2025-07 300 1900 90 700 390 2600  a 3
        韩国         2025-03 10  30   10 30  20  60    a 4
        韩国         2025-05 10  50   10 50  20  100   a 5
        韩国         2025-04 11  41   11 41  22  82    b 6
        expect staging.gacc__goods_monthly where flow = 'export'
        partner_code period_start value_cny value_ytd_cny total_cny is_derived
        KOR          2025-03-01   100000    300000        200000    false
        KOR          2025-04-01   110000    410000        220000    false
        KOR          2025-05-01   100000    500000        200000    false
        USA          2025-01-01   3000000   3000000       4000000   true
        USA          2025-02-01   2000000   5000000       2900000   false
        USA          2025-03-01   2900000   7900000       3800000   true
        USA          2025-04-01   2400000   10300000      3300000   false
        USA          2025-07-01   3000000   19000000      3900000   false
    """)


# Every column and every condition of single tables


def test_a_summary_of_wits_has_both_economies_and_no_exports_to_oneself(bench: Bench) -> None:
    bench.check("""
        given raw.wits__goods_annual_summary snapshot_id=s
        reporter_code partner_code flow   year value_musd row_number
        KOR           CHN          Export 2015 1.5        1
        KOR           CHN          Import 2015 -          2
        KOR           KOR          Import 2015 2          3
        KOR           KOR          Export 2015 3          4
        ZZZ           KOR          Export 2015 4          5
        KOR           ZZZ          Export 2015 5          6
        QQQ           KOR          Export 2015 6          7
        156           KOR          Export 2015 7          8
        KOR           156          Export 2015 8          9
        expect staging.wits__goods_annual_summary
        reporter_label partner_label reporter_code partner_code flow   value_usd valuation observation_status
        KOR            CHN           KOR           CHN          export 1500000   FOB       A
        KOR            CHN           KOR           CHN          import -         CIF       M
        KOR            KOR           KOR           KOR          import 2000000   CIF       A
        QQQ            KOR           -             KOR          export 6000000   FOB       A
        156            KOR           -             KOR          export 7000000   FOB       A
        KOR            156           KOR           -            export 8000000   FOB       A
        expect distinct staging.wits__goods_annual_summary
        source dataset              classification level product_code frequency period_start period_end coverage
        wits   goods_annual_summary TOTAL          0     TOTAL        A         2015-01-01   2015-12-31 complete
    """)


def test_products_of_a_month_are_in_the_edition_of_its_year(bench: Bench) -> None:
    """The United States used HS2012 through December 2016 here; Korea has changed in each January of an edition."""
    bench.check("""
        given raw.us_census__exports_hs snapshot_id=s
        partner_code month   hs_code value_usd row_number
        CHN          2016-12 8542    7         1
        CHN          2017-01 8542    8         2
        expect staging.us_census__exports_hs
        reporter_label partner_label flow   frequency period_start classification product_code value_usd coverage
        USA            CHN           export M         2016-12-01   HS2012         8542         7         complete
        USA            CHN           export M         2017-01-01   HS2017         8542         8         complete
        expect distinct staging.us_census__exports_hs
        dataset    reporter_code partner_code level valuation observation_status max(period_end)over()
        exports_hs -             CHN          4     FOB       A                  2017-01-31
        given raw.kcs__goods_monthly_hs partner_iso2=CN hs_code=8542 snapshot_id=s
        month   exports_usd exports_kg imports_usd imports_kg row_number
        2001-12 1           11         21          31         1
        2002-01 2           12         22          32         2
        2006-12 3           13         23          33         3
        2007-01 4           14         24          34         4
        2011-12 5           15         25          35         5
        2012-01 6           16         26          36         6
        2016-12 7           17         27          37         7
        2017-01 8           18         28          38         8
        2021-12 9           19         29          39         9
        2022-01 10          20         30          40         10
        # Withdrawn; not asked for.
        2022-02 -           -          -           -          11
        2022-03 10          20         -           -          12
        expect staging.kcs__goods_monthly_hs where flow = 'import'
        reporter_label partner_label period_start classification value_usd net_weight_kg
        KOR            CN            2001-12-01   HS1996         21        31
        KOR            CN            2002-01-01   HS2002         22        32
        KOR            CN            2006-12-01   HS2002         23        33
        KOR            CN            2007-01-01   HS2007         24        34
        KOR            CN            2011-12-01   HS2007         25        35
        KOR            CN            2012-01-01   HS2012         26        36
        KOR            CN            2016-12-01   HS2012         27        37
        KOR            CN            2017-01-01   HS2017         28        38
        KOR            CN            2021-12-01   HS2017         29        39
        KOR            CN            2022-01-01   HS2022         30        40
        KOR            CN            2022-02-01   HS2022         -         -
        expect distinct staging.kcs__goods_monthly_hs where period_start < '2022-02-01'
        dataset          flow   reporter_code partner_code level valuation observation_status max(period_end)over()
        goods_monthly_hs export KOR           CHN          4     FOB       A                  2022-01-31
        goods_monthly_hs import KOR           CHN          4     CIF       A                  2022-01-31
        expect staging.kcs__goods_monthly_hs where flow = 'export' and period_start >= '2022-01-01'
        period_start value_usd net_weight_kg
        2022-01-01   10        20
        2022-02-01   -         -
        2022-03-01   10        20
    """)


def test_a_published_figure_has_both_economies_and_is_current_in_the_newest_snapshot(bench: Bench) -> None:
    """Of two snapshots of one day the one that was retrieved last is the newest, then the last by name."""
    bench.check("""
        given reference.snapshots
        snapshot_id known_from retrieved_at
        a           2026-01-02 2026-01-02
        z           2026-01-01 2026-01-09
        b           2026-01-02 2026-01-03
        c           2026-01-02 2026-01-03
        given raw.register__published_figures period_start=2024 period_end=2024
        figure_id reporter_code partner_code published_on snapshot_id
        f1        KOR           CHN          2025-12-14   c
        f2        CHN           KOR          2025-12      b
        f3        QQQ           KOR          2025         a
        f4        KOR           QQQ          2025         z
        f5        ZZZ           KOR          2025         c
        f6        KOR           ZZZ          2025         c
        f7        156           KOR          2025         c
        f8        KOR           156          2025         c
        expect staging.register__published_figures
        figure_id reporter_label reporter_code partner_label partner_code published_on published_on_precision is_current
        f1        KOR            KOR           CHN           CHN          2025-12-14   day                    true
        f2        CHN            CHN           KOR           KOR          2025-12-01   month                  false
        f3        QQQ            -             KOR           KOR          2025-01-01   year                   false
        f4        KOR            KOR           QQQ           -            2025-01-01   year                   false
        f7        156            -             KOR           KOR          2025-01-01   year                   true
        f8        KOR            KOR           156           -            2025-01-01   year                   true
    """)


def test_figures_of_kosis_are_koreas(bench: Bench) -> None:
    """A row of Korea itself is left out."""
    bench.check("""
        given raw.kosis__goods_annual_world snapshot_id=s year=2024
        exports_usd imports_usd row_number
        5           7           1
        expect staging.kosis__goods_annual_world
        reporter_label reporter_code partner_code flow   value_usd valuation observation_status
        KOR            KOR           WLD          export 5         FOB       A
        KOR            KOR           WLD          import 7         CIF       A
        given staging.economy_codes scheme=kosis_name
        code  economy_code
        China CHN
        Korea KOR
        given raw.kosis__goods_monthly snapshot_id=s month=2024-02
        partner_name exports_kusd imports_kusd row_number
        China        3            4            1
        Korea        1            1            2
        expect staging.kosis__goods_monthly
        reporter_label reporter_code partner_label partner_code flow   value_usd valuation period_end
        KOR            KOR           China         CHN          export 3000      FOB       2024-02-29
        KOR            KOR           China         CHN          import 4000      CIF       2024-02-29
    """)
