"""A text about missing figures names the commands that fetch them, as the sources declare them."""

from __future__ import annotations

import duckdb
import pytest

from dagster_project.questions import offers
from dagster_project.sources import list_sources
from tests.questions.gap_texts import row, said


def test_rows_that_lack_the_same_are_said_together_with_their_years(held: duckdb.DuckDBPyConnection) -> None:
    series = "gdp/A/USA/services"
    years = ["2025", "2019", "2018", "2017", "2021", "2022"]
    (text,) = said(held, row(None), *(row("not_held", series, periods=[year]) for year in years))
    assert text == (
        "No figures on the share of services in the GDP of the United States for 2017–2019, 2021, "
        "2022 and 2025 are available. To fetch more figures, add a pair with USA in bilateral.toml. "
        "Then run `bilateral refresh worldbank` (no API key needed)."
    )


def test_a_flow_of_all_goods_is_brought_by_whoever_has_its_reporter(
    held: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The sentence is about these, whatever source is added.
    some = tuple(one for one in list_sources() if one.code in {"comtrade", "imf", "kcs", "kosis"})
    monkeypatch.setattr(offers, "list_sources", lambda: some)
    (koreas,) = said(held, row("not_held", "goods/A/KOR/import/CHN/TOTAL", periods=["2024"]))
    assert koreas == (
        "No figures on South Korea's imports from China for 2024 are available. To fetch more figures, run `bilateral "
        "pairs add KOR CHN`. Then run `bilateral refresh imf` (no API key needed), `bilateral refresh comtrade` (fewer "
        "figures without the API key BILATERAL_COMTRADE_KEY), `bilateral refresh kcs` (needs the API key "
        "BILATERAL_KCS_KEY) or `bilateral refresh kosis` (needs the API key BILATERAL_KOSIS_KEY)."
    )
    # The order of a pair does not matter, and is that of the question.
    (chinas,) = said(held, row("not_held", "goods/A/CHN/export+import/KOR/TOTAL"))
    assert chinas.startswith("No figures on China's trade with South Korea are available. ")
    assert "`bilateral pairs add KOR CHN`" in chinas
    assert "kcs" not in chinas
    (months,) = said(
        held, row("not_held", "goods/M/USA/export/CHN/TOTAL", periods=[f"2026-{month:02}" for month in (8, 9, 10)])
    )
    assert months.startswith(
        "No monthly figures on the United States' exports to China for 2026-08 to 2026-10 are available. "
    )
    # A year cannot be taken apart into its months.
    assert "comtrade" not in months


def test_what_a_source_needs_in_the_configuration_is_said(held: duckdb.DuckDBPyConnection) -> None:
    keys = [f"goods/A/KOR/export/CHN/{code}" for code in ("8542", "283691")]
    (products,) = said(held, row("not_held", *keys, periods=["2008", "2012"]))
    lacking = "No figures on South Korea's exports of HS 8542 and 283691 to China for 2008 and 2012 are available. "
    assert products.startswith(lacking)
    assert (
        "run `bilateral pairs add KOR CHN`, and add the products 8542, 283691 and "
        "first_year = 2008 under [comtrade] and [kcs] in bilateral.toml. Then run `bilateral refresh"
    ) in products
    (uses,) = said(held, row("not_held", "goods/A/KOR/export/CHN/END_USE"))
    assert "the code AG6 (every six-digit product) under [comtrade]" in uses
    (every,) = said(held, row("not_held", *(f"goods/A/KOR/export/CHN/{code}" for code in ("AG6", "8542"))))
    assert "and add the code AG6 (every six-digit product) under [comtrade]" in every
    assert "kcs" not in uses, "customs sorts imports alone by use"
    assert "refresh kcs" in said(held, row("not_held", "goods/A/KOR/import/CHN/END_USE"))[0]


def test_two_kinds_of_trade_are_each_brought_by_their_own_source(held: duckdb.DuckDBPyConnection) -> None:
    (text,) = said(
        held, row("not_held", "services/A/KOR/import/CHN/S", "goods/A/KOR/import/CHN/TOTAL", periods=["2024"])
    )
    assert "South Korea's imports of goods and services from China for 2024" in text
    assert "South Korea's imports of goods and services" in text
    assert "Then run `bilateral refresh imf` (no API key needed), `bilateral refresh comtrade`" in text
    assert "for goods, and `bilateral refresh oecd_wto` (no API key needed) or `bilateral refresh bok`" in text
    assert text.endswith("(needs the API key BILATERAL_BOK_KEY) for services.")
    assert "enabled = true under [oecd_wto]" in text
    (travel,) = said(held, row("too_short", "services/A/KOR/export/HKG/SD", periods=["2017"]))
    assert travel.startswith(
        "The available figures on South Korea's exports of travel to Hong Kong cover too little time before or after "
        "2017 for a comparison. "
    )
    assert "bok" not in travel, "the Bank of Korea has no items, and no Hong Kong"


def test_a_source_that_begins_later_is_not_named(held: duckdb.DuckDBPyConnection) -> None:
    (text,) = said(held, row("not_held", "services/A/USA/export/CHN/SD", periods=["1999"]))
    assert text.endswith("No source of `bilateral refresh` has these figures.")


def test_why_a_figure_is_there_and_not_used_is_said(held: duckdb.DuckDBPyConnection) -> None:
    thin = row("too_thin", "goods/A/USA/export+import/CHN/TOTAL", periods=["2020", "2021"])
    (text,) = said(held, thin)
    assert text == (
        "The figures on the United States' trade with China are too incomplete to show who had the surplus in 2020 "
        "and 2021. Coverage of 2021, for example: Oil is left out of 2021."
    )
    held.execute(
        "update marts.trade_balance_annual set coverage_reason = 'Exports: Oil is left out.' where year = 2022"
    )
    (text,) = said(held, row("too_thin", "goods/A/USA/export+import/CHN/TOTAL", periods=["2022"]))
    assert text.startswith(
        "The figures on the United States' exports to China are too incomplete to show who had the surplus in 2022. "
    )
    assert text.endswith(" to show who had the surplus in 2022. Exports of 2022: Oil is left out.")
    held.execute(
        "update marts.trade_balance_annual set coverage_reason = 'Exports: Oil is left out. Imports: Gold is too.' "
        "where year = 2022"
    )
    (text,) = said(held, row("too_thin", "goods/A/USA/export+import/CHN/TOTAL", periods=["2022"]))
    assert text.startswith("The figures on the United States' trade with China are too incomplete")
    assert text.endswith("Exports of 2022: Oil is left out. Imports of 2022: Gold is too.")
    held.execute(
        "update marts.trade_balance_annual set coverage_reason = 'Exports: US$2.00bn is 3.1 times the US$0.65bn that "
        "the partner reports, which would turn the sign of the balance.' where year = 2022"
    )
    (text,) = said(held, row("too_thin", "goods/A/USA/export+import/CHN/TOTAL", periods=["2022"]))
    assert text.endswith(
        " In 2022, the United States' exports to China were US$2.00bn, 3.1 times the US$0.65bn that China reports, a "
        "gap wide enough to change who had the surplus."
    )
    held.execute("insert into core.entrepots values ('MEX', 'USA')")
    (text,) = said(held, thin)
    assert text.endswith("Much of the United States' trade only passes through it (re-exports).")
    aside = "Exports between 1993 and 1995 were published, but a rule sets them aside. All are even."
    series = "goods/A/KOR/export+import/HKG/TOTAL"
    assert aside in said(held, row("not_held", series, periods=["1994"]))[0]
    assert aside in said(held, row("not_held", series))[0]
    assert "aside" not in said(held, row("not_held", series, periods=["2024"]))[0]
    assert "aside" not in said(held, row("not_held", "goods/A/KOR/import/HKG/TOTAL", periods=["1994"]))[0]


def test_what_is_kept_by_hand_is_brought_by_no_refresh(held: duckdb.DuckDBPyConnection) -> None:
    texts = said(
        held, row("no_agreement", "agreement/KOR/HKG"), row("day_unknown", "agreement/DESTA913", periods=["2011"])
    )
    assert texts[0].startswith(
        "Bilateral's list of the trade agreements of South Korea and of China has none between "
        "South Korea and Hong Kong."
    )
    assert texts[1].startswith(
        "The An agreement came into force in 2011, but the day is not known here, so its effect cannot be estimated."
    )
    assert not any("bilateral refresh" in text for text in texts)
