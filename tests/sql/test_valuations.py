"""Valuations: one for each reporter and flow in core, others in a table of their own, and the parts of a mirror gap."""

from __future__ import annotations

from tests.sql.bench import Bench

# US imports from China in 2018: 538.5 billion at customs value, 563.2 CIF; China's exports are 479.3.
FIGURES = """
    given core.economies
    economy_code is_aggregate
    CHN          false
    HKG          false
    USA          false
    given core.goods_trade_observations classification=TOTAL frequency=A period_start=2018-01-01 known_from=2026-01-01
    source    dataset reporter_code partner_code flow   valuation value_usd snapshot_id
    us_census pages   USA           CHN          import CUSTOMS   538.5     a
    comtrade  goods   USA           CHN          import CIF       563.2     b
    us_census pages   USA           CHN          export FOB       120.3     a
    comtrade  goods   USA           CHN          export FOB       120.1     b
    comtrade  goods   CHN           USA          export FOB       479.3     c
    comtrade  goods   HKG           USA          export FOB       45.9      d
    given reference.source_precedence metric=goods_total frequency=A flow=* basis=published
    source    dataset reporter_code rank
    comtrade  goods   *             1
    us_census pages   *             2
    run core.valuations core.source_precedence core.goods_trade_annual_candidates core.goods_trade_annual
"""


def test_the_safe_tables_take_the_declared_valuation_whatever_the_rank(bench: Bench) -> None:
    bench.committed("valuations")
    bench.check(f"""
        {FIGURES}
        expect core.goods_trade_annual where reporter_code = 'USA'
        flow   value_usd valuation source
        import 538.5     CUSTOMS   us_census
        export 120.1     FOB       comtrade
        expect core.valuations
        reporter_code flow   valuation
        CHN           export FOB
        CHN           import CIF
        HKG           export FOB
        HKG           import CIF
        USA           export FOB
        USA           import CUSTOMS
    """)


def test_the_other_valuation_stands_apart_with_both_flows_of_its_source(bench: Bench) -> None:
    """−443.1 by the United Nations' figures, −418.4 with imports at customs value."""
    bench.committed("valuations")
    bench.check(f"""
        {FIGURES}
        expect marts.other_valuation_annual
        reporter_code valuation declared_valuation balance_usd declared_balance_usd imports_premium_pct
        USA           FOB-CIF   FOB-CUSTOMS        -443.1±0.01 -418.4±0.01          4.587±0.001
    """)


def test_the_gap_is_freight_what_an_entrepot_may_explain_and_a_remainder(bench: Bench) -> None:
    bench.committed("valuations", "entrepots")
    bench.check(f"""
        {FIGURES}
        run core.entrepots marts.other_valuation_annual marts.mirror_trade_annual
        expect marts.mirror_gap_annual
        importer_code gap_usd   gap_with_freight_usd freight_usd entrepot_bound_usd entrepot_basis remainder_usd
        USA           59.2±0.01 83.9±0.01            24.7±0.01   45.9               all_trade      13.3±0.01
        expect marts.mirror_trade_annual where reporter_code = 'USA'
        reported_valuation mirror_valuation cif_fob_ratio cif_fob_reading
        CUSTOMS            FOB              1.175±0.001   within
    """)


def test_a_source_may_print_a_valuation_of_its_own_in_some_years(bench: Bench) -> None:
    bench.given("staging.economy_codes", "scheme code economy_code\niso3 CHN CHN\niso3 USA USA\n")
    bench.committed("source_valuations")
    bench.check("""
        given raw.us_census__goods_annual partner_code=CHN
        year through_month exports_musd imports_musd
        2024 2025-11       143226.6     438742.0
        2025 2025-11       97920.5      287275.6
        expect staging.us_census__goods_annual
        flow   valuation period_start value_usd
        export FOB       2024-01-01   143226600000
        import CUSTOMS   2024-01-01   438742000000
    """)


def test_imports_for_consumption_keep_their_vintages_and_join_no_general_imports(bench: Bench) -> None:
    bench.given("staging.economy_codes", "scheme code economy_code\niso3 CHN CHN\n")
    bench.check("""
        given reference.snapshots
        snapshot_id known_from
        older       2021-08-05
        newer       2026-02-04
        given raw.us_census__imports_for_consumption_hs partner_code=CHN month=2018-01
        hs_code value_usd duty_usd snapshot_id
        85      100       3        older
        85      100       3        newer
        87      50        1        older
        87      51        1        newer
        run staging.us_census__imports_for_consumption_hs
        expect core.imports_for_consumption
        classification product_code value_usd duty_usd known_from known_to
        HS2            85           100       3        2021-08-05 -
        HS2            87           50        1        2021-08-05 2026-02-04
        HS2            87           51        1        2026-02-04 -
    """)
    assert bench.ask("select count(*) from core.goods_trade_observations") == [(0,)]
