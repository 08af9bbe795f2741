"""Revealed comparative advantage: whose sales, of which table, stand above and below each line of the fraction."""

from __future__ import annotations

from tests.sql.bench import Bench


def test_shares_are_of_one_markets_imports_in_one_year_and_table(bench: Bench) -> None:
    """Of China's 400, of which 150 are 2 and 50 are 7, Korea sells 80, 30 and 20: a fifth, a fifth and two fifths."""
    # Each of these markets and tables differs from the first in one respect.
    keys = [
        ("CHN", 2010, "SITC3", 1, "un"),
        ("IND", 2010, "SITC3", 1, "un"),
        ("CHN", 2011, "SITC3", 1, "un"),
        ("CHN", 2010, "HS2", 1, "un"),
        ("CHN", 2010, "SITC3", 2, "un"),
        ("CHN", 2010, "SITC3", 1, "wits"),
    ]
    held = [
        "reporter_code year classification level source partner_code flow product_code value_usd is_complete_detail"
    ]
    worlds = ["reporter_code period_start classification level source flow product_code value_usd"]
    for market, year, classification, level, source in keys:
        codes = ("21", "71") if level == 2 else ("2", "7")
        for code, sold, bought in zip(codes, (30, 20), (150, 50), strict=True):
            held.append(f"{market} {year} {classification} {level} {source} KOR import {code} {sold} true")
            worlds.append(f"{market} {year}-01-01 {classification} {level} {source} import {code} {bought}")
    held += [f"CHN 2010 SITC3 1 un KOR import {code} {value} true" for code, value in (("6", 0), ("8", 5), ("9", 1))]
    # Half of a total is enough.
    partial = (("LUX", 30), ("VNM", 29.99), ("TWN", 60.01), ("MLT", 0.01))
    held += [f"CHN 2010 SITC3 1 un {partner} import 7 {value} false" for partner, value in partial]
    # Nothing below has a world to be set against.
    bare = (
        "CHN 2012 SITC3 1 un",
        "CHN 2010 HS4 1 un",
        "CHN 2010 SITC3 3 un",
        "CHN 2010 SITC3 1 oecd",
        "DEU 2010 HS2 1 un",
    )
    held += [f"{key} KOR import 7 20 true" for key in bare]
    held += ["KOR 2010 SITC3 1 un CHN export 7 25 true"]
    lines = [f"{line} {'basis is_residual' if line is held[0] else 'reported false'}" for line in held]
    lines = [f"{line} {'total_usd' if line is lines[0] else 60 if ' TWN ' in line else '-'}" for line in lines]
    lines += ["CHN 2010 SITC3 1 un KOR import RESIDUAL 24 true reported true -"]
    lines += ["CHN 2010 SITC3 1 un KOR import 5 7 false rolled_up false -"]
    bench.given("marts.product_trade_annual", "\n".join(lines), status="complete", reason="R", snapshot_ids="h")
    # None of these is what China imports of 8.
    usual = "CHN 2010-01-01 SITC3 1 un import"
    end = "2025-01-01 - - goods"
    lines = [f"{worlds[0]} known_from known_to correction_id dataset partner_code frequency coverage"]
    lines += [f"{line} 2024-01-01 - - goods WLD A complete" for line in worlds[1:]]
    lines += [
        f"{usual} 2 160 2024-01-01 - - later WLD A complete",
        f"{usual} 9 1 {end} WLD A complete",
        f"{usual} 8 0 {end} WLD A complete",
        f"{usual} 8 888 {end} DEU A complete",
        f"{usual} 8 888 {end} WLD M complete",
        f"{usual} 8 888 {end} WLD A selected",
        f"{usual} 8 888 2025-01-01 2025-02-01 - goods WLD A complete",
        f"{usual} 8 888 2025-01-01 - c goods WLD A complete",
        f"CHN 2010-01-01 SITC3 1 un export 8 888 {end} WLD A complete",
    ]
    bench.given("core.goods_trade_observations", "\n".join(lines), snapshot_id="w")
    bench.check(
        """
        given core.product_trade_annual coverage=complete
        reporter_code partner_code flow   period_start source total_usd
        CHN           KOR          import 2010-01-01   un     79
        CHN           KOR          import 2010-01-01   un     80
        IND           KOR          import 2010-01-01   un     160
        CHN           KOR          import 2011-01-01   un     160
        CHN           KOR          import 2010-01-01   wits   160
        KOR           CHN          export 2010-01-01   un     160
        CHN           JPN          import 2010-01-01   un     900
        WLD           CHN          export 2010-01-01   un     800
        CHN           LUX          import 2010-01-01   un     60
        IND           LUX          import 2010-01-01   un     61
        CHN           LUX          import 2011-01-01   un     61
        CHN           LUX          import 2010-01-01   wits   61
        LUX           CHN          export 2010-01-01   un     61
        CHN           VNM          import 2010-01-01   un     60
        CHN           TWN          import 2010-01-01   un     60
        CHN           MLT          import 2010-01-01   un     0.02
        given core.goods_trade_world_annual_candidates
        reporter_code flow   period_start source value_usd
        CHN           import 2010-01-01   un     399
        CHN           import 2010-01-01   un     400
        IND           import 2010-01-01   un     800
        CHN           import 2011-01-01   un     800
        CHN           import 2010-01-01   wits   800
        CHN           export 2010-01-01   un     900
        given core.products
        classification product_code label
        SITC3          2            Materials
        SITC3          7            Machines
        HS2            2            Meat
        expect marts.revealed_comparative_advantage where rca_index is not null and exporter_code = 'KOR'
        market_code year classification level source product_code product value_usd exporter_total_usd \
market_value_usd market_total_usd product_share_pct total_share_pct rca_index
        CHN 2010 SITC3 1 un   2  Materials 30 80  150 400 20  20 1
        CHN 2010 SITC3 1 un   7  Machines  20 80  50  400 40  20 2
        CHN 2010 SITC3 1 un   9  -         1  80  1   400 100 20 5
        IND 2010 SITC3 1 un   2  Materials 30 160 150 800 20  20 1
        IND 2010 SITC3 1 un   7  Machines  20 160 50  800 40  20 2
        CHN 2011 SITC3 1 un   2  Materials 30 160 150 800 20  20 1
        CHN 2011 SITC3 1 un   7  Machines  20 160 50  800 40  20 2
        CHN 2010 HS2   1 un   2  Meat      30 80  150 400 20  20 1
        CHN 2010 HS2   1 un   7  -         20 80  50  400 40  20 2
        CHN 2010 SITC3 2 un   21 -         30 80  150 400 20  20 1
        CHN 2010 SITC3 2 un   71 -         20 80  50  400 40  20 2
        CHN 2010 SITC3 1 wits 2  Materials 30 160 150 800 20  20 1
        CHN 2010 SITC3 1 wits 7  Machines  20 160 50  800 40  20 2
    """
    )
    bench.check("""
        expect marts.revealed_comparative_advantage where rca_index is null and market_code != 'WLD'
        exporter_code market_code flow year classification level source product_code status left(reason,9) \
exporter_count
        KOR CHN import 2010 SITC3 1 un   8     complete       R -
        KOR CHN import 2012 SITC3 1 un   TOTAL no_denominator "Imports o" -
        KOR CHN import 2010 HS4   1 un   TOTAL no_denominator "Imports o" -
        KOR CHN import 2010 SITC3 3 un   TOTAL no_denominator "Imports o" -
        KOR CHN import 2010 SITC3 1 oecd TOTAL no_denominator "Imports o" -
        KOR DEU import 2010 HS2   1 un   TOTAL no_denominator "Imports o" -
        KOR CHN export 2010 SITC3 1 un   TOTAL no_denominator "Exports t" 1
        VNM CHN import 2010 SITC3 1 un   TOTAL complete       R -
        TWN CHN import 2010 SITC3 1 un   TOTAL complete       R -
        expect marts.revealed_comparative_advantage where exporter_code = 'TWN'
        value_usd exporter_total_usd
        60        60
        expect marts.revealed_comparative_advantage where status = 'partial'
        exporter_code product_code products_share_pct exporter_total_usd
        LUX           7            50                 60
        MLT           7            50                 0.02
        expect marts.revealed_comparative_advantage where market_code = 'WLD'
        exporter_code flow   product_code status         left(reason,16)
        KOR           export TOTAL        no_denominator "Exports to the w"
    """)


def test_what_a_hundred_economies_sell_to_the_world_is_a_market_of_its_own(bench: Bench) -> None:
    """Korea sells 10 of 1,000 and 30 of 1,020, and 60 of the 2,040 in all: 1% and 2.9% where it sells 2.9% of all."""
    lines = ["reporter_code flow product_code value_usd", "KOR export 2 10", "KOR export 7 30"]
    lines += [f"R{number:02} export {code} 10" for number in range(99) for code in ("2", "7")]
    lines += ["KOR import 2 500", "KOR import 7 500"]
    same = {"classification": "SITC3", "level": 1, "source": "un", "dataset": "d", "known_from": "2024-01-01"}
    same |= {"partner_code": "WLD", "frequency": "A", "coverage": "complete", "period_start": "2010-01-01"}
    bench.given("core.goods_trade_observations", "\n".join(lines), snapshot_id="w", **same)
    # A hundred sell to one of these too; what it sells is no part of that.
    sellers = "\n".join(f"R{number:02} R00 export 7 10 true" for number in range(1, 99))
    bench.check(f"""
        given core.goods_trade_world_annual_candidates period_start=2010-01-01 source=un
        reporter_code flow   value_usd
        KOR           export 60
        KOR           import 2000
        given marts.product_trade_annual year=2010 classification=SITC3 level=1 source=un basis=reported \
            status=complete reason=R snapshot_ids=h is_residual=false
        reporter_code partner_code flow   product_code value_usd is_complete_detail
        KOR           CHN          export 7            5         true
        KOR           JPN          import 7            5         true
        R00           CHN          export 7            5         false
        KOR           R00          export 7            10        true
        JPN           R00          export 7            10        true
        {sellers}
        expect marts.revealed_comparative_advantage where exporter_code = 'KOR' and rca_index is not null
        market_code flow   product_code value_usd market_value_usd market_total_usd exporter_count status      rca_index
        WLD         export 2            10        1000             2040             100            unconfirmed ~0.34
        WLD         export 7            30        1020             2040             100            unconfirmed ~1
        R00         export 7            10        1000             1000             100            complete    1
        expect marts.revealed_comparative_advantage where market_code = 'WLD' and exporter_code != 'JPN'
        count(*) count(rca_index) min(exporter_count) min(reason)
        200      200              100 "The products are those that the source lists as sold to the world."
    """)
