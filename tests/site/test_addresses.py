"""Addresses that name a day stay, say when a newer one exists, and show nothing that its terms have come to forbid."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import duckdb

from dagster_project.metrics import Figure, Identity
from dagster_project.report.package import Package
from dagster_project.site import addresses

NAMES = {"KOR": "South Korea", "CHN": "China"}


def write_dated(folder: Path, name: str, snapshots: str) -> Path:
    """Write a dated file with the marks of its snapshots and of a newer one."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"<svg><!--snapshots {snapshots}--><!--newer--><!--/newer-->secret</svg>", encoding="utf-8")
    return path


def test_an_older_one_names_the_newest_and_only_once(tmp_path: Path) -> None:
    old, middle, new = (
        write_dated(tmp_path, f"en/balance/KOR/CHN@2026-0{month}-01.svg", "a/b/c") for month in (1, 2, 3)
    )
    other = write_dated(tmp_path, "en/balance/KOR/USA@2026-01-01.svg", "a/b/c")
    page = write_dated(tmp_path, "en/balance/KOR/CHN@2026-03-01.html", "a/b/c")
    for _ in range(2):
        assert addresses.mark_newer(tmp_path) == ["en/balance/KOR/CHN@2026-03-01.html"]
    for path in (old, middle):
        assert path.read_text(encoding="utf-8").count('href="CHN@2026-03-01.svg"') == 1
    for path in (new, other, page):
        assert "href" not in path.read_text(encoding="utf-8")


def test_what_terms_have_come_to_forbid_is_removed_from_its_address(tmp_path: Path) -> None:
    earlier, folder = tmp_path / "earlier", tmp_path / "site"
    kept = write_dated(earlier, "en/balance/KOR/CHN@2026-01-01.svg", "free/a/1")
    gone = write_dated(earlier, "en/balance/KOR/USA@2026-01-01.svg", "free/a/1 closed/b/2")
    page = write_dated(earlier, "en/articles/some@2026-01-01.html", "closed/b/2")
    newer = write_dated(folder, "en/balance/JPN/CHN@2026-01-01.svg", "free/a/3")
    write_dated(earlier, "en/balance/JPN/CHN@2026-01-01.svg", "closed/b/2")
    addresses.keep_earlier(earlier, folder, {"closed/b/2"})
    read = {path: (folder / path.relative_to(earlier)).read_text(encoding="utf-8") for path in (kept, gone, page)}
    assert read[kept] == kept.read_text(encoding="utf-8")
    assert "free/a/3" in newer.read_text(encoding="utf-8")
    for path in (gone, page):
        assert "secret" not in read[path]
        assert "emoved" in read[path]
        assert addresses.NEWER.search(read[path])
    # The next publication keeps the notice.
    addresses.keep_earlier(folder, tmp_path / "next", {"closed/b/2"})
    assert "emoved" in (tmp_path / "next" / gone.relative_to(earlier)).read_text(encoding="utf-8")


def test_a_site_without_figures_has_their_table(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    chosen = SimpleNamespace(withheld=set(), snapshots={})
    addresses.write_figures(tmp_path / "none", tmp_path, [], NAMES, cast(Package, chosen))
    columns = duckdb.execute(f"describe from '{tmp_path / 'data' / 'figures.parquet'}'").fetchall()
    assert ("value", "DOUBLE") in {row[:2] for row in columns}


def make_figure(period: str, day: date, value: float, snapshot: str = "free/a/1") -> Figure:
    return Figure(Identity("balance", None, "KOR", "CHN", period, day), value, "A", (snapshot,))


def test_a_figure_keeps_its_row_when_it_is_revised_withdrawn_or_forbidden(tmp_path: Path) -> None:
    first, second, third = (tmp_path / name for name in ("first", "second", "third"))
    day, later = date(2026, 1, 1), date(2026, 2, 1)
    sources = {"free/a/1": {"citation": "Customs.", "known_from": day, "licence_name": "free", "sha256": "ab"}}
    published = {
        first: [
            make_figure("2022", day, 1.5),
            make_figure("2023", day, 2e9),
            make_figure("2024", day, 3, "closed/b/2"),
        ],
        second: [make_figure("2022", day, 1.5), make_figure("2023", later, -123456789.25)],
        third: [make_figure("2023", later, -123456789.25)],
    }
    earlier = tmp_path / "none"
    for folder, figures in published.items():
        (folder / "data").mkdir(parents=True)
        chosen = SimpleNamespace(withheld={"closed/b/2"} if folder == third else set(), snapshots=sources)
        addresses.write_figures(earlier, folder, figures, NAMES, cast(Package, chosen))
        earlier = folder
    page = (third / "figures" / "balance" / "KOR" / "CHN.html").read_text(encoding="utf-8")
    rows = {line.partition('"')[2].partition('"')[0]: line for line in page.splitlines() if line.startswith("<tr id")}
    assert list(rows) == ["2024@2026-01-01", "2023@2026-02-01", "2023@2026-01-01", "2022@2026-01-01"]
    assert 'href="#2023@2026-02-01"' in rows["2023@2026-01-01"]
    assert '<td title="2000000000.0">2,000,000,000 US$</td>' in rows["2023@2026-01-01"]
    assert '<td title="-123456789.25">−123,456,789 US$</td>' in rows["2023@2026-02-01"]
    assert "newer" not in rows["2023@2026-02-01"] + rows["2022@2026-01-01"]
    assert "no longer published" in rows["2022@2026-01-01"]
    assert "do not allow redistribution" in rows["2024@2026-01-01"]
    assert "South Korea&#39;s" in page
    found = duckdb.execute(
        f"select id, value from '{third / 'data' / 'figures.parquet'}' where value is null"
    ).fetchall()
    assert found == [("balance/KOR/CHN/2024@2026-01-01", None)]
