"""A reporter's total comes from the first publisher in the declared order."""

from __future__ import annotations

from tests.sql.bench import Bench


def _totals(bench: Bench, figures: str, indicators: str = "") -> None:
    bench.given("core.economies", "economy_code is_aggregate\nKOR false\nCHN false\nWLD true")
    bench.given(
        "core.source_precedence",
        """
        reporter_code flow   source    dataset basis     precedence_rank
        CHN           import worldbank wdi     published 1
        CHN           import wits      summary published 2
        KOR           export kosis     months  summed    1
        KOR           export worldbank wdi     published 2
        """,
        metric="goods_world",
        frequency="A",
        valid_from_year="0",
        valid_to_year="9999",
        reason="As printed.",
    )
    bench.given(
        "core.goods_trade_observations",
        figures,
        classification="TOTAL",
        observation_status="A",
        known_from="2024-01-01",
        snapshot_id="a/b/0",
    )
    bench.given(
        "core.macro_indicators",
        "economy_code indicator_code year value\n" + indicators,
        source="worldbank",
        dataset="wdi",
        known_from="2026-07-01",
        snapshot_id="worldbank/wdi/0",
    )
    bench.run("core.goods_trade_world_annual_candidates", "core.goods_trade_world_annual")


CHOSEN = "select reporter_code, flow, year(period_start), value_usd, source, basis from core.goods_trade_world_annual"


def test_a_total_is_what_the_first_publisher_prints_and_never_the_partners_added_up(bench: Bench) -> None:
    """China's imports of 2015: WITS prints 1,679,564.32m, the WTO 1,679,566m, and the partners make 1,457bn."""
    _totals(
        bench,
        """
        source reporter_code partner_code flow   dataset frequency period_start value_usd
        imf    CHN           KOR          import annual  A         2015-01-01   174289e6
        wits   CHN           WLD          import summary A         2015-01-01   1679564.32e6
        wits   CHN           WLD          import summary A         2016-01-01   1587920.69e6
        imf    CHN           KOR          import annual  A         2017-01-01   177562e6
        """,
        """
        CHN TM.VAL.MRCH.CD.WT 2015 1679566e6
        CHN TX.VAL.MRCH.CD.WT 2015 2273468e6
        CHN TM.VAL.MRCH.CD.WT 2014 0
        """,
    )
    # No rule names exports, nought is no total, and 2017 has partners alone.
    assert bench.ask(f"{CHOSEN} order by 3") == [
        ("CHN", "import", 2015, 1679566e6, "worldbank", "published"),
        ("CHN", "import", 2016, 1587920.69e6, "wits", "published"),
    ]
    assert bench.ask(
        "select source, choice from core.goods_trade_world_annual_candidates where year(period_start) = 2015 "
        "order by choice"
    ) == [("worldbank", 1), ("wits", 2)]


def test_twelve_months_of_the_world_make_its_year_and_eleven_make_none(bench: Bench) -> None:
    months = [
        f"kosis KOR WLD export months M {year}-{month:02d}-01 10" for year in (2024, 2025) for month in range(1, 13)
    ]
    _totals(
        bench,
        "\n".join(["source reporter_code partner_code flow dataset frequency period_start value_usd", *months[:-1]]),
        "KOR TX.VAL.MRCH.CD.WT 2024 121\nKOR TX.VAL.MRCH.CD.WT 2025 130",
    )
    assert bench.ask(f"{CHOSEN} order by 3") == [
        ("KOR", "export", 2024, 120.0, "kosis", "summed"),
        ("KOR", "export", 2025, 130.0, "worldbank", "published"),
    ]
