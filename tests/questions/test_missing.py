"""What is not held is said with what would bring it, as the sources declare it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
import pytest

from dagster_project.errors import BilateralError
from dagster_project.questions import offers
from dagster_project.questions.missing import describe_gap
from dagster_project.questions.series import Series, list_gaps
from dagster_project.sources import sources

NAMES = {"KOR": "South Korea", "CHN": "China", "HKG": "Hong Kong", "USA": "United States"}
BROUGHT = {dataset.path: (source, dataset) for source in sources() for dataset in source.datasets if dataset.brings}


@pytest.fixture(scope="module")
def held() -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables that a text looks into, with a figure that is too thin and one that a rule sets aside."""
    with duckdb.connect() as connection:
        connection.execute(
            """
            create schema core;
            create schema marts;
            create schema meta;
            create schema staging;
            create table meta.quarantine as
            select source, dataset, column_name, whose as set_aside_by, reason, is_current, row_text
            from (
                values
                    ('kosis', 'goods_monthly', 'exports_kusd', 'person', 'Misread', true,
                        '{"partner_name": "미국", "month": "2024-03", "exports_kusd": "20240401"}'),
                    ('kosis', 'goods_monthly', 'month', 'person', 'Mended', false,
                        '{"partner_name": "미국", "month": "2024-03", "exports_kusd": "1"}'),
                    ('kosis', 'goods_monthly', 'month', 'contract', 'No number', true,
                        '{"partner_name": "미국", "month": "2024-03", "exports_kusd": "1"}'),
                    ('comtrade', 'goods_annual', 'value_usd', 'build', 'Of Brazil', true,
                        '{"reporter_code": "76", "partner_code": "842", "year": "2024", "flow_code": "X"}'),
                    ('worldbank', 'wdi', 'value', 'person', 'Of GDP', true,
                        '{"economy_code": "USA", "indicator_code": "NY.GDP", "year": "2024", "value": "1"}'),
                    ('oecd_wto', 'services_annual', 'year', 'build', 'Not readable', true, null),
                    ('oecd_wto', 'batis', 'balanced_musd', 'build', 'Of travel', true,
                        '{"reporter_code": "JPN", "partner_code": "USA", "flow": "IMP", "year": "2019"}'),
                    ('imf', 'imts', 'value_usd', 'build', 'Of a month', true,
                        '{"reporter_code": "JPN", "partner_code": "USA", "indicator_code": "XG_FOB_USD",'
                        ' "frequency": "M", "period": "2019-05"}'),
                    ('comtrade', 'goods', 'primary_value', 'build', 'Of a total', true,
                        '{"reporter_code": "JPN", "partner_code": "842", "period": "201905", "flow_code": "X",'
                        ' "cmd_code": "TOTAL"}'),
                    ('comtrade', 'goods', 'primary_value', 'build', 'Of chips', true,
                        '{"reporter_code": "JPN", "partner_code": "842", "period": "2019", "flow_code": "M",'
                        ' "cmd_code": "854231"}'),
                    ('unctad', 'goods_annual_sitc3', 'exports_kusd', 'person', 'Of a section', true,
                        '{"exporter_name": "JPN", "importer_name": "USA", "year": "2005", "product_code": "7"}')
            ) as decisions (source, dataset, column_name, whose, reason, is_current, row_text);
            create table core.entrepots as select 'CHN' as partner_code, 'HKG' as entrepot_code;
            create table staging.economy_codes as
            select * from (values ('미국', 'USA'), ('842', 'USA'), ('76', 'BRA')) as codes (code, economy_code);
            create table core.service_items as select 'SD' as service_item_code, 'Travel' as label;
            create table core.agreements as select 'DESTA913' as agreement_id, 'An agreement' as agreement;
            create table core.policy_events as select 'E005' as event_id, 'Another' as title;
            create table core.goods_trade_set_aside as
            select 'KOR' as reporter_code, 'HKG' as partner_code, 'export' as flow,
                make_date(year, 1, 1) as period_start, 'All are even.' as reason
            from range(1993, 1996) as years (year);
            create table marts.trade_balance_annual as
            select 'USA' as reporter_code, 'CHN' as partner_code, year, 'insufficient' as coverage_status,
                null::boolean as partner_shows_other_sign, 'Oil is left out of ' || year || '.' as coverage_reason
            from range(2020, 2023) as years (year);
            create table core.goods_trade_coverage as
            select reporter_code, partner_code, flow, period_start, reason as coverage_status,
                reason as coverage_reason
            from core.goods_trade_set_aside where false;
            """
        )
        yield connection


def row(code: str | None, *keys: str, periods: list[str] | None = None) -> Mapping[str, Any]:
    return {"missing_code": code, "missing_series": list(keys) or None, "missing_periods": periods}


def said(held: duckdb.DuckDBPyConnection, *rows: Mapping[str, Any]) -> list[str]:
    gaps = [describe_gap(held, gap, NAMES, ("KOR", "CHN")) for gap in list_gaps(rows)]
    return [" ".join(filter(None, gap)) for gap in gaps]


def test_rows_that_lack_the_same_are_said_together_with_their_years(held: duckdb.DuckDBPyConnection) -> None:
    series = "gdp/A/USA/services"
    years = ["2025", "2019", "2018", "2017", "2021", "2022"]
    (text,) = said(held, row(None), *(row("not_held", series, periods=[year]) for year in years))
    assert text == (
        "Not held for 2017–2019, 2021, 2022 and 2025: the share of services in the GDP of the United States. "
        "`bilateral refresh worldbank` (no key) brings it. bilateral.toml needs USA in a pair (or "
        "world = true)."
    )


@pytest.mark.parametrize(
    ("series", "period", "reasons"),
    [
        ("goods/M/KOR/export/USA/TOTAL", "2024-03", ["A row of kosis/goods_monthly", "Misread."]),
        ("goods/A/KOR/export+import/USA/TOTAL", "2024", ["A row of kosis/goods_monthly", "Misread."]),
        ("goods/M/KOR/import/USA/TOTAL", "2024-03", []),
        ("goods/M/KOR/export/USA/TOTAL", "2024-04", []),
        ("goods/M/KOR/export/CHN/TOTAL", "2024-03", []),
        ("goods/M/KOR/export/WLD/TOTAL", "2024-03", []),
        ("goods/A/KOR/export/USA/854231", "2024", []),
        (
            "gdp/A/USA/agriculture",
            "2024",
            ["A row of worldbank/wdi", "by a person (`bilateral set-aside list`): Of GDP."],
        ),
        ("gdp/A/USA/agriculture", "2023", []),
        ("goods/A/BRA/export/USA/TOTAL", "2024", ["A row of comtrade/goods_annual", "Of Brazil."]),
        ("goods/A/BRA/import/USA/TOTAL", "2024", []),
        ("goods/M/JPN/export/USA/TOTAL", "2019-05", ["Of a month", "A row of comtrade/goods", "Of a total"]),
        ("goods/M/JPN/import/USA/TOTAL", "2019-05", []),
        ("goods/A/JPN/import/USA/854231", "2019", ["A row of comtrade/goods", "Of chips"]),
        ("goods/A/JPN/export/USA/7", "2005", ["A row of unctad/goods_annual_sitc3", "Of a section"]),
        ("services/A/JPN/import/USA/S", "2019", ["A snapshot", "Not readable", "A row of oecd_wto/batis", "Of travel"]),
        (
            "services/A/KOR/export/USA/S",
            "2024",
            ["A snapshot of oecd_wto/services_annual", "by a build (`bilateral set-aside list`): Not readable."],
        ),
    ],
)
def test_what_somebody_set_aside_is_not_said_to_have_never_been_there(
    held: duckdb.DuckDBPyConnection, series: str, period: str, reasons: list[str]
) -> None:
    (text,) = said(held, row("not_held", series, periods=[period]))
    assert [reason for reason in reasons if reason not in text] == []
    assert text.count("that may be about it is set aside by a") == (len(reasons) + 1) // 2
    assert not re.search("Mended|No number", text)
    assert ("Of GDP" in text) == any("Of GDP" in reason for reason in reasons)


def test_a_flow_of_all_goods_is_brought_by_whoever_has_its_reporter(
    held: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The sentence is about these, whatever source is added.
    some = tuple(one for one in sources() if one.code in {"comtrade", "imf", "kcs", "kosis"})
    monkeypatch.setattr(offers, "sources", lambda: some)
    (koreas,) = said(held, row("not_held", "goods/A/KOR/import/CHN/TOTAL", periods=["2024"]))
    assert koreas == (
        "Not held for 2024: South Korea's imports from China. `bilateral refresh imf` (no key), "
        "`bilateral refresh comtrade` (BILATERAL_COMTRADE_KEY, or less without it), `bilateral refresh kcs` "
        "(BILATERAL_KCS_KEY, by month) or `bilateral refresh kosis` (BILATERAL_KOSIS_KEY, by month) brings it. "
        "bilateral.toml needs the pair KOR-CHN (or for imf world = true)."
    )
    # The order of a pair does not matter, and is that of the question.
    (chinas,) = said(held, row("not_held", "goods/A/CHN/export+import/KOR/TOTAL"))
    assert chinas.startswith("Not held for any year: both flows of China's trade with South Korea. ")
    assert "the pair KOR-CHN" in chinas
    assert "kcs" not in chinas
    (months,) = said(
        held, row("not_held", "goods/M/USA/export/CHN/TOTAL", periods=[f"2026-{month:02}" for month in (8, 9, 10)])
    )
    assert months.startswith("Not held for 2026-08 to 2026-10: the United States' exports to China by month. ")
    # A year cannot be taken apart into its months.
    assert "comtrade" not in months


def test_what_a_source_needs_in_the_configuration_is_said(held: duckdb.DuckDBPyConnection) -> None:
    keys = [f"goods/A/KOR/export/CHN/{code}" for code in ("8542", "283691")]
    (products,) = said(held, row("not_held", *keys, periods=["2008", "2012"]))
    assert products.startswith("Not held for 2008 and 2012: South Korea's exports of HS 8542 and 283691 to China. ")
    assert products.endswith(
        "needs the pair KOR-CHN and under [comtrade] and [kcs] 8542, 283691 among the products and first_year = 2008."
    )
    (uses,) = said(held, row("not_held", "goods/A/KOR/export/CHN/END_USE"))
    assert "under [comtrade] AG6 among the products" in uses
    assert "kcs" not in uses, "customs sorts imports alone by use"
    assert "refresh kcs" in said(held, row("not_held", "goods/A/KOR/import/CHN/END_USE"))[0]


def test_two_kinds_of_trade_are_each_brought_by_their_own_source(held: duckdb.DuckDBPyConnection) -> None:
    (text,) = said(
        held, row("not_held", "services/A/KOR/import/CHN/S", "goods/A/KOR/import/CHN/TOTAL", periods=["2024"])
    )
    assert "South Korea's imports of services from China and South Korea's imports from China" in text
    assert "`bilateral refresh oecd_wto` (no key) for services" in text
    assert "`bilateral refresh imf` (no key) for goods" in text
    assert "under [oecd_wto] enabled = true" in text
    (travel,) = said(held, row("too_short", "services/A/KOR/export/HKG/SD", periods=["2017"]))
    assert travel.startswith("Not held for long enough around 2017: South Korea's exports of travel to Hong Kong. ")
    assert "bok" not in travel, "the Bank of Korea has no items, and no Hong Kong"


def test_a_source_that_begins_later_is_not_named(held: duckdb.DuckDBPyConnection) -> None:
    (text,) = said(held, row("not_held", "services/A/USA/export/CHN/SD", periods=["1999"]))
    assert text.endswith("No source that `bilateral refresh` asks has it.")


def test_why_a_figure_is_there_and_not_used_is_said(held: duckdb.DuckDBPyConnection) -> None:
    thin = row("too_thin", "goods/A/USA/export+import/CHN/TOTAL", periods=["2020", "2021"])
    (text,) = said(held, thin)
    assert text == (
        "Too thin, or of another kind, in 2020 and 2021 for the sign of a balance: both flows of the United States' "
        "trade with China. Coverage of 2021: Oil is left out of 2021."
    )
    held.execute(
        "update marts.trade_balance_annual set coverage_reason = 'Exports: Oil is left out.' where year = 2022"
    )
    (text,) = said(held, row("too_thin", "goods/A/USA/export+import/CHN/TOTAL", periods=["2022"]))
    assert text.endswith("balance: the United States' exports to China. Coverage of 2022: Exports: Oil is left out.")
    held.execute("insert into core.entrepots values ('MEX', 'USA')")
    (text,) = said(held, thin)
    assert text.endswith("Much of what the United States trades only passes through (re-exports).")
    aside = "Exports between 1993 and 1995 are printed, and set aside by rule. All are even."
    series = "goods/A/KOR/export+import/HKG/TOTAL"
    assert aside in said(held, row("not_held", series, periods=["1994"]))[0]
    assert aside in said(held, row("not_held", series))[0]
    assert "set aside" not in said(held, row("not_held", series, periods=["2024"]))[0]
    assert "set aside" not in said(held, row("not_held", "goods/A/KOR/import/HKG/TOTAL", periods=["1994"]))[0]


def test_what_is_kept_by_hand_is_brought_by_no_refresh(held: duckdb.DuckDBPyConnection) -> None:
    texts = said(
        held, row("no_agreement", "agreement/KOR/HKG"), row("day_unknown", "agreement/DESTA913", periods=["2011"])
    )
    assert texts[0].startswith("Not held: an agreement in force between South Korea and Hong Kong. ")
    assert texts[1].startswith("Not held: the day from which An agreement is in force; only the year 2011 is known")
    assert not any("bilateral refresh" in text for text in texts)


@pytest.mark.parametrize("key", ["goods/A/KOR", "goods/D/KOR/export/CHN/TOTAL", "goods/A/KOR/exports/CHN/TOTAL", ""])
def test_a_key_of_another_form_is_refused(key: str) -> None:
    with pytest.raises(BilateralError, match="is the key of no series"):
        Series.parse_key(key)


@pytest.mark.parametrize("path", BROUGHT)
def test_what_a_dataset_brings_is_what_is_asked_for(path: str) -> None:
    """The first year is the one in docs/settings.md, and a publisher that needs turning on says so."""
    source, dataset = BROUGHT[path]
    assert dataset.name in source.live
    brings = dataset.brings
    assert brings is not None
    assert source.api is not None
    setting = source.api.settings()
    assert brings.is_earliest or brings.since == getattr(setting, "first_year", None)
    assert brings.is_earliest == (not hasattr(setting, "first_year"))
    assert (brings.setting == "enabled = true") == (not setting.enabled)
    assert set(brings.frequencies) >= set(getattr(setting, "frequencies", ()))
    assert any("products" in need for need in brings.items.values()) <= hasattr(setting, "products")


def test_every_dataset_that_a_refresh_fills_says_what_it_brings() -> None:
    filled = {f"{source.code}/{name}" for source in sources() for name in source.live}
    # Interventions are no series; the others stand beside the figures that a question may lack.
    beside = {"bok/exchange_rates_monthly", "cnsd/re_exports_annual", "kcs/goods_flash"}
    assert filled - BROUGHT.keys() == {"gta/interventions", *beside}
