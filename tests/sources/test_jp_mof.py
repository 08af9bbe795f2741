"""The prints of Japan's Ministry of Finance: their parts, and the figures of a year as known on each day.

The numbers on the right are those of the copy of each day (the manifests name its commit), not computed from the
snapshots that they check.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import cache

import pytest

from tests.sources.committed import SNAPSHOTS, folders, manifest, reference, table

SECTIONS = (
    *("Foodstuff", "Raw Materials", "Mineral Fuels", "Chemicals", "Manufactured Goods", "Machinery"),
    *("Electrical Machinery", "Transport Equipment", "Others"),
)


@cache
def list_prints() -> list[tuple[date, dict[tuple[str, str, str, str], int]]]:
    """List the prints by day; each has figures in thousand yen by partner, flow, heading and last month."""
    found = []
    for folder in folders():
        if folder.parent == SNAPSHOTS / "jp_mof" / "goods_annual_commodities":
            rows = {
                (partner, flow, heading, month): int(value) for partner, flow, heading, month, value in table(folder)[1]
            }
            found.append((manifest(folder)["known_from"], rows))
    return sorted(found, key=lambda one: one[0])


def find_known(day: date) -> dict[tuple[str, str, str, str], int]:
    """Return every figure as it stood at the end of a day."""
    known: dict[tuple[str, str, str, str], int] = {}
    for printed_on, figures in list_prints():
        if printed_on <= day:
            known |= figures
    return known


def test_every_print_stands_on_its_own_day() -> None:
    days = [day for day, _ in list_prints()]
    assert len(days) == len(set(days)) == 62
    assert (days[0], days[-1]) == (date(2021, 3, 23), date(2026, 4, 28))


def test_nine_sections_make_the_grand_total_to_the_thousand_yen() -> None:
    """Of Korea and China in every year; the headings beside them would double the sum."""
    known = find_known(date(2026, 4, 28))
    for partner in ("KOR", "CHN"):
        for flow in ("export", "import"):
            for year in range(2009, 2026):
                parts = sum(known[partner, flow, section, f"{year}-12"] for section in SECTIONS)
                assert parts == pytest.approx(known[partner, flow, "Grand Total", f"{year}-12"], abs=9)
                every = sum(
                    value for key, value in known.items() if (key[0], key[1], key[3]) == (partner, flow, f"{year}-12")
                )
                assert every > 2.5 * parts


@pytest.mark.parametrize(
    ("day", "year_kjpy", "to_date"),
    [
        # Half a year, which is no year.
        (date(2024, 6, 27), None, ("2024-05", 2_781_515_765)),
        (date(2025, 1, 29), None, ("2024-11", 6_377_508_429)),
        (date(2025, 1, 30), 7_027_808_904, ("2024-12", 7_027_808_904)),
        (date(2025, 3, 20), 7_025_305_676, ("2024-12", 7_025_305_676)),
        (date(2025, 11, 27), 7_025_292_909, ("2024-12", 7_025_292_909)),
    ],
)
def test_exports_to_korea_in_2024_as_known_on_a_day(day: date, year_kjpy: int | None, to_date: tuple[str, int]) -> None:
    known = {
        month: value
        for (partner, flow, heading, month), value in find_known(day).items()
        if (partner, flow, heading) == ("KOR", "export", "Grand Total") and month.startswith("2024")
    }
    assert known.get("2024-12") == year_kjpy
    assert max(known.items()) == to_date


def test_no_print_has_a_december_that_is_still_to_come() -> None:
    """The copy of 6 January 2026 is of the print of November, published on 26 December."""
    for day, figures in list_prints():
        last = max(month for *_, month in figures)
        assert (day - date(int(last[:4]), int(last[5:]), 1)).days in range(50, 82) or day == date(2025, 3, 20)
    assert ("KOR", "export", "Grand Total", "2025-12") not in find_known(date(2026, 1, 6))
    assert find_known(date(2026, 1, 29))["KOR", "export", "Grand Total", "2025-12"] == 6_959_196_592
    assert not [key for key in find_known(date(2026, 4, 28)) if key[3] > "2026-03"]


def test_parts_of_a_year_are_no_year() -> None:
    """The list of April 2017 began with exports to Viet Nam and some headings, and ended others."""
    known = find_known(date(2026, 4, 28))
    years = defaultdict(set)
    for partner, flow, heading, month in known:
        if month.endswith("-12"):
            years[partner, flow, heading].add(int(month[:4]))
    assert years["VNM", "export", "Grand Total"] == set(range(2018, 2026))
    assert years["KOR", "export", "Semicon Machinery Etc"] == set(range(2018, 2026))
    assert years["KOR", "export", "Visual Apparatus"] == set(range(2009, 2017))
    assert years["VNM", "import", "Grand Total"] == set(range(2009, 2026))


def test_every_heading_has_a_code_and_a_place() -> None:
    codes = {row["commodity"]: row for row in reference("commodity_codes")}
    products = {row["product_code"]: row for row in reference("products") if row["classification"] == "JP_PC"}
    assert {heading for _, figures in list_prints() for _, _, heading, _ in figures} == codes.keys()
    assert {row["product_code"] for row in codes.values()} == {"TOTAL", *products}
    assert sorted(codes[section]["product_code"] for section in SECTIONS) == [str(code) for code in range(1, 10)]
    for code, product in products.items():
        # An odd number of digits, so that none is taken for a code of the Harmonized System.
        assert int(product["level"]) == len(code) in (1, 3, 5)
        assert product["parent_code"] == ("TOTAL" if len(code) == 1 else code[: len(code) - 2])
    in_brackets = {row["product_code"] for heading, row in codes.items() if heading.startswith("(")}
    assert in_brackets == {code for code in products if len(code) == 5}
