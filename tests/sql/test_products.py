"""Products: our own lists, and the codes of the Harmonized System in use, with their headings."""

from __future__ import annotations

from tests.sql.bench import Bench


def test_a_code_in_use_brings_its_heading_and_its_chapter_under_its_edition_and_under_any(bench: Bench) -> None:
    bench.check("""
        given reference.products
        classification product_code level parent_code label
        TOTAL          TOTAL        0     -           "All goods"
        given reference.hs_labels
        product_code label
        85           Electrical
        8542         Chips
        0703         Garlic
        given core.goods_trade_observations
        classification product_code
        HS2022         854232
        SITC4          77
        given core.policy_event_scopes
        classification product_code
        HS             0703
        EBOPS          SD
        expect core.products
        classification product_code level parent_code label
        HS             07           2     TOTAL       "HS 07"
        HS             0703         4     07          Garlic
        HS             85           2     TOTAL       Electrical
        HS             8542         4     85          Chips
        HS             854232       6     8542        "HS 854232"
        HS2022         85           2     TOTAL       Electrical
        HS2022         8542         4     85          Chips
        HS2022         854232       6     8542        "HS 854232"
        TOTAL          TOTAL        0     -           "All goods"
    """)


def test_what_a_traded_code_converts_to_is_a_product_too(bench: Bench) -> None:
    """Telephones for cellular networks were 851712 until the edition of 2022 parted them."""
    bench.committed("product_correlations")
    bench.committed("bec4_end_uses")
    bench.run("core.product_correlations")
    bench.given("core.goods_trade_observations", "classification product_code\nHS2022 851713")
    assert bench.ask(
        "select classification, product_code, parent_code from core.products where level = 6 and classification != 'HS'"
        " order by all"
    ) == [("HS2012", "851712", "8517"), ("HS2022", "851713", "8517")]


def test_a_class_of_end_use_that_is_in_no_list_is_a_product_all_the_same(bench: Bench) -> None:
    bench.check("""
        given reference.products
        classification    product_code level parent_code label
        KCS_ENDUSE_EXPORT 443          3     44          Semiconductors
        KCS_ENDUSE_EXPORT 44301        5     443         "Memory chips"
        given core.goods_trade_observations
        classification    product_code level
        KCS_ENDUSE_EXPORT 44301        5
        KCS_ENDUSE_IMPORT 44301        5
        KCS_ENDUSE_IMPORT 44301        5
    """)
    assert bench.ask("select * from core.products where product_code = '44301' order by classification") == [
        ("KCS_ENDUSE_EXPORT", "44301", 5, "443", "Memory chips"),
        ("KCS_ENDUSE_IMPORT", "44301", 5, "TOTAL", "Customs class 44301"),
    ]
