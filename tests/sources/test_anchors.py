"""The committed figures agree with what the publishers themselves have printed, and with each other.

The numbers on the right were read in releases and articles, not computed from the files they check.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest

from tests.sources.committed import SNAPSHOTS, folders, manifest, reference, rows, table

MILLION = 1_000_000
BILLION = 1_000 * MILLION


def _korea_china(year: int) -> tuple[float, float]:
    (row,) = [r for r in rows("kosis/goods_annual") if r["partner_code"] == "CHN" and r["year"] == str(year)]
    return float(row["exports_usd"]), float(row["imports_usd"])


@pytest.mark.parametrize(
    ("year", "exports", "imports"),
    [
        (1992, 2_654.17, 3_724.94),
        (2009, 86_703.25, 54_246.06),
        (2013, 145_900, 83_100),
        (2018, 162_125, 106_489),
        (2022, 155_789, 154_576),
        (2023, 124_818, 142_858),
    ],
)
def test_korea_china_totals_as_printed(year: int, exports: float, imports: float) -> None:
    found = _korea_china(year)
    assert found[0] / MILLION == pytest.approx(exports, rel=6e-4)
    assert found[1] / MILLION == pytest.approx(imports, rel=6e-4)


@pytest.mark.parametrize(
    ("year", "balance"),
    [(1992, -1_070.78), (2018, 55_636), (2019, 28_974), (2020, 23_680), (2021, 24_285), (2022, 1_213), (2023, -18_040)],
)
def test_korea_china_balances_as_printed(year: int, balance: float) -> None:
    exports, imports = _korea_china(year)
    assert (exports - imports) / MILLION == pytest.approx(balance, abs=1.0)


def test_only_1980_to_1992_and_2023_are_deficits() -> None:
    deficits = set()
    for row in rows("kosis/goods_annual"):
        both = row["partner_code"] == "CHN" and row["exports_usd"] and row["imports_usd"]
        if both and int(row["year"]) >= 1980 and float(row["exports_usd"]) < float(row["imports_usd"]):
            deficits.add(int(row["year"]))
    assert deficits == {*range(1980, 1993), 2023}


@pytest.mark.parametrize(("year", "total"), [(1997, 23_689.32), (1998, 18_427.95), (2022, 310_400)])
def test_korea_china_total_trade_as_printed(year: int, total: float) -> None:
    assert sum(_korea_china(year)) / MILLION == pytest.approx(total, rel=3e-4)


def _is_china(row: dict[str, str]) -> bool:
    """Return whether a row of KOSIS (by name) or of the Bank of Korea (by code) is about China."""
    return row.get("partner_name") in ("중국", "China, peoples' republic of") or row.get("partner_code") == "CHN"


def test_months_add_up_to_years() -> None:
    """Customs' months are its years, through KOSIS to 2019 and through ECOS from 2020 on."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in [*filter(_is_china, rows("kosis/goods_monthly")), *filter(_is_china, rows("bok/goods_monthly"))]:
        found = sums[row["month"][:4]]
        found[0] += int(row["exports_kusd"])
        found[1] += int(row["imports_kusd"])
        found[2] += 1
    whole = {year for year, (_, _, months) in sums.items() if months == 12}
    assert whole == {str(year) for year in range(2001, 2025)}
    for year in whole - {"2024"}:
        (exports, imports, _), annual = sums[year], _korea_china(int(year))
        assert abs(exports * 1000 - annual[0]) <= 3_000
        assert abs(imports * 1000 - annual[1]) <= 3_000


def _months(path: str, known_from: str | None = None, partner: str | None = None) -> dict[str, tuple[int, int]]:
    """Read Korea's trade by month with China or another partner, thousand US$; from one day's snapshots if given."""
    found = {}
    for folder in folders():
        if folder.parent != SNAPSHOTS / path or str(manifest(folder)["known_from"]) != (
            known_from or str(manifest(folder)["known_from"])
        ):
            continue
        header, values = table(folder)
        for row in (dict(zip(header, value, strict=True)) for value in values):
            if partner in row.values() if partner else _is_china(row):
                found[row["month"]] = (int(row["exports_kusd"]), int(row["imports_kusd"]))
    return found


def _balance(months: dict[str, tuple[int, int]], first: str, last: str) -> int:
    return sum(exports - imports for month, (exports, imports) in months.items() if first <= month <= last)


def test_ecos_has_customs_years() -> None:
    """Korea Customs as ECOS had it in mid-2025, million US$: 2024 and the first half of 2025."""
    months = _months("bok/goods_monthly")
    for year, first, last, exports, imports in (
        ("2024", "2024-01", "2024-12", 133_011.4, 139_878.5),
        ("2025", "2025-01", "2025-06", 60_497.4, 67_402.0),
    ):
        taken = [figures for month, figures in months.items() if first <= month <= last]
        assert sum(figures[0] for figures in taken) / 1000 == pytest.approx(exports, abs=0.05), year
        assert sum(figures[1] for figures in taken) / 1000 == pytest.approx(imports, abs=0.05), year


def test_ecos_has_what_kosis_has_of_other_partners() -> None:
    """Twelve months of each partner and flow are KOSIS's year from 2020 to 2023, and no 0 stands for a figure."""
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in rows("bok/goods_monthly"):
        for flow in ("exports", "imports"):
            assert row[f"{flow}_kusd"] != "0"
            if row[f"{flow}_kusd"]:
                sums[row["partner_code"], row["month"][:4], flow] += 1000 * int(row[f"{flow}_kusd"])
    compared = 0
    for row in rows("kosis/goods_annual"):
        for flow in ("exports", "imports"):
            found = sums.get((row["partner_code"], row["year"], flow))
            if found and row[f"{flow}_usd"]:
                compared += 1
                assert abs(found - float(row[f"{flow}_usd"])) <= 3_000, row
    # Nine partners of exports and ten of imports, in four years.
    assert compared == 4 * 19
    for row in rows("kosis/goods_annual_world"):
        if row["year"] >= "2020":
            assert sums["WLD", row["year"], "exports"] == pytest.approx(float(row["exports_usd"]), abs=3_000)


def test_kosis_has_its_half_years_in_two_readings() -> None:
    """KOSIS's own half-year balances, thousand US$, and what became of the second two days later."""
    first, second = (_months("kosis/goods_monthly", day) for day in ("2026-08-20", "2026-08-22"))
    assert (min(first), max(first), len(first)) == ("2025-07", "2026-06", 12)
    assert (min(second), max(second), len(second)) == ("2025-08", "2026-07", 12)
    assert _balance(first, "2025-07", "2025-12") == -4_264_619
    assert _balance(first, "2026-01", "2026-06") == 13_495_750
    assert _balance(second, "2026-01", "2026-06") == 13_482_160


def test_kosis_has_the_trade_ministrys_third_quarter_of_2025() -> None:
    """First figures, billion US$: exports 65.95 and imports 56.4 in September, exports 185.03 in the quarter."""
    world = _months("kosis/goods_monthly", "2026-08-20", "계")
    assert world["2025-09"][0] / 1e6 == pytest.approx(65.95, rel=1e-3)
    assert world["2025-09"][1] / 1e6 == pytest.approx(56.4, abs=0.05)
    quarter = sum(figures[0] for month, figures in world.items() if month < "2025-10")
    assert quarter / 1e6 == pytest.approx(185.03, rel=1e-3)
    for day in ("2026-08-20", "2026-08-22"):
        assert _months("kosis/goods_monthly", day, "미국")["2025-09"][0] / 1e6 == pytest.approx(10.27, abs=0.005)


def test_kosis_has_fourteen_partners_that_never_make_the_world() -> None:
    for day in ("2026-08-20", "2026-08-22"):
        found = [
            row
            for folder in folders()
            if folder.parent == SNAPSHOTS / "kosis/goods_monthly" and str(manifest(folder)["known_from"]) == day
            for row in (dict(zip(table(folder)[0], values, strict=True)) for values in table(folder)[1])
        ]
        assert len(found) == 15 * 12
        for flow in ("exports_kusd", "imports_kusd"):
            for month in {row["month"] for row in found}:
                (world,) = [int(r[flow]) for r in found if r["month"] == month and r["partner_name"] == "계"]
                parts = [int(r[flow]) for r in found if r["month"] == month and r["partner_name"] != "계"]
                assert 0.7 < sum(parts) / world < 0.85


def test_kosis_has_the_months_of_the_customs_api() -> None:
    months = _months("kosis/goods_monthly", "2026-08-22")
    told = rows("kcs/goods_monthly")
    assert [row["month"] for row in told] == ["2026-05", "2026-06", "2026-07"]
    for row in told:
        assert months[row["month"]] == (round(int(row["exports_usd"]) / 1000), round(int(row["imports_usd"]) / 1000))


def test_2025_of_korea_with_china_as_customs_printed_it() -> None:
    """January to November −10,405.1 and the year −11,169.3 million US$, from two channels of customs."""
    months = _months("bok/goods_monthly") | _months("kosis/goods_monthly", "2026-08-20")
    assert _balance(months, "2025-01", "2025-11") == -10_405_096
    assert _balance(months, "2025-01", "2025-12") == -11_169_250


@pytest.mark.parametrize(("year", "exports", "imports"), [("2024", 1_041.47, 1_293.09), ("2025", 1_031.92, 1_337.90)])
def test_chinas_year_is_decembers_year_to_date(year: str, exports: float, imports: float) -> None:
    """China's customs, billion yuan with Korea; the months, first releases, add up to up to 0.3% more."""
    months = [r for r in rows("gacc/goods_monthly") if r["partner_name"] == "韩国" and r["month"][:4] == year]
    for flow, printed in (("exports", exports), ("imports", imports)):
        (december,) = [float(r[f"{flow}_ytd_10k_cny"]) for r in months if r["month"] == f"{year}-12"]
        assert december / 1e5 == pytest.approx(printed, abs=0.005)
        assert 1 < sum(float(r[f"{flow}_10k_cny"]) for r in months) / december < 1.003


def test_chinas_flows_make_the_printed_totals() -> None:
    table_of_months = rows("gacc/goods_monthly")
    assert len(table_of_months) == 11 * 31 + 2 * 10
    for row in table_of_months:
        for span in ("", "_ytd"):
            exports, imports, total = (
                Decimal(row[f"{what}{span}_10k_cny"]) for what in ("exports", "imports", "total")
            )
            assert exports + imports == total, row


def test_the_portals_months_are_kosis_years_of_every_partner() -> None:
    """All partners of 2020 and 2021, and the printed balances with China, 23,680 and 24,285 million US$."""
    codes = {row["code"]: row["economy_code"] for row in reference("economy_codes") if row["scheme"] == "kcs_name"}
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    world: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows("kcs/goods_monthly_all_partners"):
        for total in (sums[codes[row["partner_name"]], row["month"][:4]], world[row["month"][:4]]):
            total[0] += int(row["exports_kusd"])
            total[1] += int(row["imports_kusd"])
    for row in rows("kosis/goods_annual"):
        if row["year"] in ("2020", "2021") and row["partner_code"] != "PSE":
            exports, imports = sums[row["partner_code"], row["year"]]
            assert not row["exports_usd"] or abs(1000 * exports - float(row["exports_usd"])) <= 3_000, row
            assert not row["imports_usd"] or abs(1000 * imports - float(row["imports_usd"])) <= 3_000, row
    for row in rows("kosis/goods_annual_world"):
        if row["year"] in ("2020", "2021"):
            printed = [float(row["exports_usd"]) / 1000, float(row["imports_usd"]) / 1000]
            assert world[row["year"]] == pytest.approx(printed, rel=1e-6)
    for year, balance in (("2020", 23_680), ("2021", 24_285)):
        exports, imports = sums["CHN", year]
        assert (exports - imports) / 1000 == pytest.approx(balance, abs=1.0)
    # The copy of KOSIS counts exports to Palestine twice.
    (palestine,) = [r for r in rows("kosis/goods_annual") if (r["partner_code"], r["year"]) == ("PSE", "2020")]
    assert float(palestine["exports_usd"]) / 1e6 == pytest.approx(2 * sums["PSE", "2020"][0] / 1e3, rel=1e-3)


def test_partners_never_reach_far_past_the_world() -> None:
    world = {r["year"]: (float(r["exports_usd"]), float(r["imports_usd"])) for r in rows("kosis/goods_annual_world")}
    assert sorted(world) == [str(year) for year in range(1965, 2024)]
    for place, column in enumerate(("exports_usd", "imports_usd")):
        sums: dict[str, float] = defaultdict(float)
        for row in rows("kosis/goods_annual"):
            sums[row["year"]] += float(row[column] or 0)
        for year, total in world.items():
            assert 0.89 < sums[year] / total[place] < 1.015, (year, column)


def test_no_partner_has_one_flow_copied_to_the_other() -> None:
    pairs: dict[str, list[bool]] = defaultdict(list)
    for row in rows("kosis/goods_annual"):
        if row["exports_usd"] and row["imports_usd"] and float(row["exports_usd"]) > MILLION:
            pairs[row["partner_code"]].append(row["exports_usd"] == row["imports_usd"])
    assert [partner for partner, same in pairs.items() if sum(same) > 1] == []
    imports = [r["imports_usd"] for r in rows("kosis/goods_annual") if r["partner_code"] in {"RUS", "SRB", "PSE"}]
    assert set(imports) == {""}


def test_customs_months_print_their_own_balance() -> None:
    for row in rows("kcs/goods_monthly"):
        assert int(row["exports_usd"]) - int(row["imports_usd"]) == int(row["balance_usd"])


def test_chip_exports_agree_with_comtrade_in_2024() -> None:
    chips = sum(
        int(r["exports_usd"])
        for r in rows("kcs/goods_monthly_hs")
        if r["hs_code"] == "8542" and r["month"].startswith("2024")
    )
    largest = sum(
        int(r["value_usd"])
        for r in rows("comtrade/goods_annual_hs6_selected")
        if r["year"] == "2024" and r["flow_code"] == "X" and r["product_code"].startswith("8542")
    )
    assert 0.99 < largest / chips <= 1.0, "three subheadings are nearly all of the heading"


@pytest.mark.parametrize("year", ["2020", "2021", "2022", "2023"])
def test_months_of_cosmetics_add_up_to_what_korea_reports_to_the_un(year: str) -> None:
    months = [
        int(r["exports_usd"])
        for r in rows("kcs/goods_monthly_hs")
        if r["hs_code"] == "330499" and r["month"].startswith(year)
    ]
    (reported,) = [
        int(r["value_usd"])
        for r in rows("comtrade/goods_annual_hs6_selected")
        if (r["reporter_code"], r["partner_code"], r["year"], r["flow_code"], r["product_code"])
        == ("410", "156", year, "X", "330499")
    ]
    assert len(months) == 12
    assert sum(months) == reported


@pytest.mark.parametrize(("year", "exports", "imports"), [(2018, 162.125, 106.488), (2024, 132.903, 139.875)])
def test_comtrade_has_korea_as_printed(year: int, exports: float, imports: float) -> None:
    found = {
        r["flow_code"]: float(r["value_usd"]) / BILLION
        for r in rows("comtrade/goods_annual")
        if (r["reporter_code"], r["partner_code"], r["year"]) == ("410", "156", str(year))
    }
    assert found == {"X": pytest.approx(exports, abs=5e-4), "M": pytest.approx(imports, abs=5e-4)}


@pytest.mark.parametrize(("year", "exports", "imports"), [(2018, 479.279, 156.016), (2023, 501.221, 165.157)])
def test_comtrade_has_china_with_the_united_states_as_printed(year: int, exports: float, imports: float) -> None:
    found = {
        r["flow_code"]: float(r["value_usd"]) / BILLION
        for r in rows("comtrade/goods_annual")
        if (r["reporter_code"], r["partner_code"], r["year"]) == ("156", "842", str(year))
    }
    assert found == {"X": pytest.approx(exports, abs=5e-4), "M": pytest.approx(imports, abs=5e-4)}


def test_comtrade_counts_puerto_rico_with_the_united_states() -> None:
    """Customs count it and the US Virgin Islands apart; with them, their years are those sent to the UN."""
    parts: dict[tuple[str, str], float] = defaultdict(float)
    for r in rows("kosis/goods_annual"):
        if r["partner_code"] in ("USA", "PRI", "VIR"):
            parts[r["year"], "X"] += float(r["exports_usd"] or 0)
            parts[r["year"], "M"] += float(r["imports_usd"] or 0)
    for r in rows("comtrade/goods_annual"):
        if (r["reporter_code"], r["partner_code"]) == ("410", "842") and r["year"] < "2024":
            assert float(r["value_usd"]) == pytest.approx(parts[r["year"], r["flow_code"]], rel=7e-4)


def test_2025_has_exports_and_no_imports_for_korea() -> None:
    flows = {
        r["flow_code"] for r in rows("comtrade/goods_annual") if r["reporter_code"] == "410" and r["year"] == "2025"
    }
    assert flows == {"X"}


def test_no_figure_of_comtrade_stands_in_two_snapshots() -> None:
    keys = [tuple(r.values())[:4] for r in rows("comtrade/goods_annual")]
    assert len(keys) == len(set(keys))


def test_years_of_2025_are_near_those_of_2024() -> None:
    found: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for r in rows("comtrade/goods_annual"):
        if r["partner_code"] == "156" and r["reporter_code"] != "410":
            found[r["reporter_code"], r["flow_code"]][r["year"]] = float(r["value_usd"])
    late = {key: years["2025"] / years["2024"] for key, years in found.items() if "2025" in years}
    assert len(late) == 24
    # Small exporters of crude oil and copper move a lot; a part of a year would be below one.
    assert all(0.85 < ratio < 3.6 for ratio in late.values()), late


@pytest.mark.parametrize(
    ("flow", "year", "billions"),
    [("M", "2011", 162.7), ("M", "2012", 168.7), ("M", "2014", 190.1), ("M", "2017", 177.5)],
)
def test_chinas_divisions_add_up_to_the_printed_total(flow: str, year: str, billions: float) -> None:
    total = sum(
        float(r["value_usd"])
        for r in rows("comtrade/goods_annual_sitc4")
        if (r["partner_code"], r["flow_code"], r["year"]) == ("410", flow, year)
    )
    assert total / BILLION == pytest.approx(billions, abs=0.06)


def _wits(reporter: str, partner: str) -> dict[tuple[str, str], float]:
    """Read a pair's trade from the country summary of WITS, million US$ by flow and year."""
    return {
        (r["flow"], r["year"]): float(r["value_musd"])
        for r in rows("wits/goods_annual_summary")
        if (r["reporter_code"], r["partner_code"]) == (reporter, partner)
    }


# WITS prints Korea's share of China's imports beside the two figures.
@pytest.mark.parametrize(
    ("year", "printed"),
    [("2009", 10.20), ("2010", 9.91), ("2015", 10.39), ("2017", 9.63), ("2018", 9.58), ("2019", 8.39)],
)
def test_koreas_share_of_chinas_imports_is_the_printed_one(year: str, printed: float) -> None:
    share = 100 * _wits("CHN", "KOR")["Import", year] / _wits("CHN", "WLD")["Import", year]
    assert share == pytest.approx(printed, abs=0.005)


# And those of goods that China imports from China.
@pytest.mark.parametrize(
    ("year", "printed"), [("2013", 8.08), ("2014", 7.39), ("2015", 8.54), ("2017", 7.18), ("2018", 6.86)]
)
def test_chinas_share_of_its_own_imports_is_the_printed_one(year: str, printed: float) -> None:
    share = 100 * _wits("CHN", "CHN")["Import", year] / _wits("CHN", "WLD")["Import", year]
    assert share == pytest.approx(printed, abs=0.005)


def test_chinas_re_imports_are_the_same_in_comtrade_and_wits() -> None:
    wits = _wits("CHN", "CHN")
    ours = {
        r["year"]: float(r["value_usd"]) / MILLION
        for r in rows("comtrade/goods_annual")
        if r["reporter_code"] == r["partner_code"] == "156"
    }
    both = [(ours[year], millions) for (_, year), millions in wits.items() if year in ours]
    assert len(both) == 4
    # 2018 was revised after WITS read it.
    assert all(mine == pytest.approx(theirs, rel=0.0012) for mine, theirs in both)


@pytest.mark.parametrize(("flow", "indicator"), [("Export", "TX.VAL.MRCH.CD.WT"), ("Import", "TM.VAL.MRCH.CD.WT")])
def test_the_wtos_totals_are_those_of_wits(flow: str, indicator: str) -> None:
    wto = {
        (r["economy_code"], r["year"]): float(r["value"]) / MILLION
        for r in rows("worldbank/wdi")
        if r["indicator_code"] == indicator
    }
    for reporter in ("CHN", "KOR"):
        for (of, year), millions in _wits(reporter, "WLD").items():
            if of == flow:
                assert wto[reporter, year] == pytest.approx(millions, rel=0.005)


def test_chinas_divisions_add_up_to_the_wits_summary() -> None:
    sums: dict[tuple[str, str], float] = defaultdict(float)
    for r in rows("comtrade/goods_annual_sitc4"):
        if r["partner_code"] == "410":
            sums[{"X": "Export", "M": "Import"}[r["flow_code"]], r["year"]] += float(r["value_usd"])
    summary = {key: millions * MILLION for key, millions in _wits("CHN", "KOR").items()}
    assert len(sums) == 18
    for key, total in sums.items():
        assert total == pytest.approx(summary[key], rel=1e-6)


def test_wits_products_never_exceed_the_summary() -> None:
    summary = _wits("CHN", "KOR")
    for row in rows("wits/goods_annual_products"):
        for flow, column in (("Export", "exports_kusd"), ("Import", "imports_kusd")):
            if (flow, row["year"]) in summary:
                ratio = float(row[column]) / 1000 / summary[flow, row["year"]]
                assert 0.998 < ratio < 1.00001


@pytest.mark.parametrize(("year", "millions"), [("1995", 9_143.6), ("2005", 61_915.0)])
def test_unctad_has_koreas_exports_as_customs_printed(year: str, millions: float) -> None:
    found = {
        r["product_code"]: float(r["exports_kusd"])
        for r in rows("unctad/goods_annual_sitc3")
        if (r["exporter_name"], r["importer_name"], r["year"]) == ("KoreaRepublicof", "China", year)
    }
    assert found["All"] / 1000 == pytest.approx(millions, abs=0.1)
    assert sum(value for product, value in found.items() if product != "All") == pytest.approx(found["All"], rel=1e-6)


def test_unctad_sections_never_exceed_the_total() -> None:
    totals: dict[tuple[str, str, str], float] = {}
    sums: dict[tuple[str, str, str], float] = defaultdict(float)
    for r in rows("unctad/goods_annual_sitc3"):
        key = (r["exporter_name"], r["importer_name"], r["year"])
        if r["product_code"] == "All":
            totals[key] = float(r["exports_kusd"])
        else:
            sums[key] += float(r["exports_kusd"])
    assert set(sums) <= set(totals)
    # One pair of the 1,539 has sections above its total: 20.9 against 9.2 million.
    over = [key for key, total in sums.items() if total > totals[key] * (1 + 1e-6) + 0.01]
    assert over == [("Luxembourg", "KoreaRepublicof", "1995")]


def test_imf_months_are_customs_months_but_for_april_2017() -> None:
    customs = {
        (r["month"], flow): int(r[column]) / 1000
        for r in rows("kosis/goods_monthly")
        if _is_china(r)
        for flow, column in (("export", "exports_kusd"), ("import", "imports_kusd"))
    }
    off = {
        (r["month"], r["flow"])
        for r in rows("imf/goods_monthly")
        if (r["reporter_name"], r["partner_name"]) == ("South Korea", "China")
        and (r["month"], r["flow"]) in customs
        and abs(float(r["value_musd"]) / customs[r["month"], r["flow"]] - 1) > 0.003
    }
    assert off == {("2017-04", "export"), ("2017-04", "import")}


def test_imf_panel_is_whole_and_its_zeros_are_known() -> None:
    panel = rows("imf/goods_monthly")
    assert len(panel) == 15 * 14 * 2 * 120
    assert sum(float(r["value_musd"]) == 0 for r in panel) == 24


def test_imf_months_of_china_add_up_to_its_years() -> None:
    annual = {
        r["year"]: float(r["imports_usd"])
        for r in rows("imf/goods_annual_chn_imports")
        if r["partner_name"] == "Korea, Rep. of"
    }
    sums: dict[str, float] = defaultdict(float)
    for r in rows("imf/goods_monthly"):
        if (r["reporter_name"], r["partner_name"], r["flow"]) == ("China", "South Korea", "import"):
            sums[r["month"][:4]] += float(r["value_musd"]) * MILLION
    for year, total in sums.items():
        assert total == pytest.approx(annual[year], rel=1e-9)
    assert annual["2022"] / BILLION == pytest.approx(200.163, abs=5e-4)


def test_twelve_service_items_add_up_to_all_services() -> None:
    items = {"SA", "SB", "SC", "SD", "SE", "SF", "SG", "SH", "SI", "SJ", "SK", "SL"}
    totals: dict[tuple[str, str, str], float] = {}
    sums: dict[tuple[str, str, str], float] = defaultdict(float)
    for r in rows("oecd_wto/services_annual"):
        key = (r["partner_name"], r["flow"], r["year"])
        if r["item_code"] == "S":
            totals[key] = float(r["value_usd"])
        elif r["item_code"] in items:
            sums[key] += float(r["value_usd"])
    assert len(totals) == 6 * 2 * 15
    for key, total in totals.items():
        assert sums[key] == pytest.approx(total, rel=1e-6)


def test_the_bank_of_korea_and_batis_report_the_same_2019() -> None:
    bank = {
        (r["partner_code"], r["flow"]): float(r["value_musd"])
        for r in rows("bok/services_annual")
        if r["year"] == "2019"
    }
    assert bank["CHN", "EXP"] == 20_338
    assert bank["CHN", "IMP"] == 17_127
    for r in rows("oecd_wto/services_annual_points"):
        key = (r["partner_code"], r["flow"])
        if r["value_basis"] == "reported" and r["year"] == "2019" and key in bank:
            assert float(r["value_musd"]) == pytest.approx(bank[key], abs=0.6)


def test_chinas_services_are_57_percent_of_gdp_in_2024() -> None:
    newest: dict[str, set[float]] = defaultdict(set)
    for r in rows("worldbank/wdi"):
        if (r["economy_code"], r["year"]) == ("CHN", "2024") and r["indicator_code"] in {
            "NV.AGR.TOTL.ZS",
            "NV.IND.TOTL.ZS",
        }:
            newest[r["indicator_code"]].add(float(r["value"]))
    shares = {100 - a - i for a in newest["NV.AGR.TOTL.ZS"] for i in newest["NV.IND.TOTL.ZS"]}
    assert any(share == pytest.approx(56.748, abs=1e-3) for share in shares)
    assert all(share == pytest.approx(57, abs=0.5) for share in shares)


@pytest.mark.parametrize(
    ("month", "exports_cny", "imports_cny", "exports_usd", "imports_usd"),
    [
        # Totals that China's customs printed in both currencies: 10,000 yuan and thousand US$ in the bulletin's tables
        # (2) and (5), billions rounded to 0.01 in the news of 2026-01-14.
        ("2024-09", 2_165_302.736802e6, 1_582_680.890401e6, 303_712_134e3, 222_001_611e3),
        ("2025-12", 2_535_860e6, 1_727_100e6, 357_780e6, 243_640e6),
        ("2026-02", 2_099_430.621455e6, 1_461_876.622843e6, 299_877_987e3, 208_900_488e3),
    ],
)
def test_chinas_customs_converts_a_month_at_its_parity(
    month: str, exports_cny: float, imports_cny: float, exports_usd: float, imports_usd: float
) -> None:
    """The rate that the two currencies imply is the parity of the month, within 0.05%."""
    (parity,) = [float(row["cny_per_usd"]) for row in rows("pboc/central_parities") if row["trade_month"] == month]
    assert exports_cny / exports_usd == pytest.approx(parity, rel=5e-4)
    assert imports_cny / imports_usd == pytest.approx(parity, rel=5e-4)
