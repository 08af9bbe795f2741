"""Staging of Korea Customs: missing imports, end uses that differ by flow, partners by name."""

from __future__ import annotations

from tests.sql.bench import Bench

CODES = "scheme code economy_code exclusion_reason\niso2 CN CHN -\niso2 US USA -\niso2 KR KOR -\niso2 ZZ - unknown\n"


def test_imports_of_a_heading_are_rows_where_customs_has_been_asked_for_them(bench: Bench) -> None:
    """January 2026, memory chips; a zero is a month without imports, a gap is a copy that left them out."""
    bench.given("staging.economy_codes", CODES)
    bench.check("""
        given raw.kcs__goods_monthly_hs snapshot_id=s
        parent_code hs_code partner_iso2 month   exports_usd exports_kg imports_usd imports_kg row_number
        8542        854232  CN           2026-01 4934026496  124261     2026883877  65094      1
        85          8542    CN           2026-01 5980211066  435454     -           -          2
        85          8503    CN           2015-12 7           1          0           0          3
        expect staging.kcs__goods_monthly_hs
        product_code level classification flow   valuation value_usd  net_weight_kg observation_status coverage
        854232       6     HS2022         export FOB       4934026496 124261        A                  selected
        854232       6     HS2022         import CIF       2026883877 65094         A                  selected
        8542         4     HS2022         export FOB       5980211066 435454        A                  selected
        8503         4     HS2012         export FOB       7          1             A                  selected
        8503         4     HS2012         import CIF       0          0             A                  selected
    """)


def test_end_uses_of_exports_are_not_those_of_imports(bench: Bench) -> None:
    """11201 is meat among exports and rice among imports."""
    bench.given("staging.economy_codes", CODES)
    bench.check("""
        given raw.kcs__goods_monthly_end_use snapshot_id=s
        flow partner_iso2 month   end_use_code value_usd net_weight_kg row_number
        수출 US           2026-01 11201        506177    72904         1
        수입 CN           2026-02 11201        9         3             2
        수입 ZZ           2026-02 11201        1         1             3
        expect staging.kcs__goods_monthly_end_use
        partner_code flow   classification    level product_code value_usd net_weight_kg valuation coverage
        USA          export KCS_ENDUSE_EXPORT 5     11201        506177    72904         FOB       complete
        CHN          import KCS_ENDUSE_IMPORT 5     11201        9         3             CIF       complete
        expect staging.kcs__goods_monthly_end_use where partner_code = 'CHN'
        period_start period_end
        2026-02-01   2026-02-28
    """)


def test_the_portals_partners_have_names_and_what_is_nobodys_is_left_out(bench: Bench) -> None:
    """January 2020: exports to China of 9,642,031 and imports of 9,428,226 thousand US$; 0 is below US$500."""
    bench.check("""
        given staging.economy_codes
        scheme   code   economy_code exclusion_reason
        kcs_name 중국   CHN          -
        kcs_name 기타국 -            "a remainder"
        kcs_name 니우에 NIU          -
        given raw.kcs__goods_monthly_all_partners snapshot_id=s
        partner_name month   exports_kusd export_declarations imports_kusd import_declarations row_number
        중국         2020-01 9642031      141438              9428226      311812              1
        기타국       2020-01 120          3                   139625       615                 2
        니우에       2020-01 0            2                   93           1                   3
        달나라       2020-01 1            1                   1            1                   4
        expect staging.kcs__goods_monthly_all_partners
        partner_code flow   valuation period_end value_usd  observation_status
        CHN          export FOB       2020-01-31 9642031000 A
        CHN          import CIF       2020-01-31 9428226000 A
        NIU          export FOB       2020-01-31 0          A
        NIU          import CIF       2020-01-31 93000      A
        # A name that nobody mapped stays, so that the audit stops at it.
        -            export FOB       2020-01-31 1000       A
        -            import CIF       2020-01-31 1000       A
    """)
