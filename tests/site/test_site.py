"""A site has what may be passed on and nothing else, fits a small host, and keeps its addresses."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import duckdb
import pytest

from dagster_project import publication
from dagster_project.catalog import Catalog
from dagster_project.errors import BilateralError
from dagster_project.languages import LANGUAGES
from dagster_project.project import Project
from dagster_project.report.pair import Pair
from dagster_project.settings import list_pairs
from dagster_project.site import addresses, write_site
from tests.cli.test_commands import run

pytestmark = pytest.mark.long

# The sources whose terms forbid it, or say nothing, told by other means than the package's.
NOT_PASSED_ON = {"comtrade", "wits", "gacc", "pboc"}
SUMS = """
    select distinct sum(value_usd) from core.product_trade_monthly inner join meta.snapshots using (snapshot_id)
    where not list_contains($1, snapshots.source)
    group by reporter_code, partner_code, flow, product_code, year(period_start)
"""
# The words that say that a newer one exists.
NOTICES = {"en": "A newer one", "ko": "더 새로운 판"}
TEXTS = {".html", ".svg", ".json", ".txt", ".cff", ".xml"}
# Small numbers are everywhere; one of nine digits says whose it is.
LARGE = re.compile(r"(?<![\d.,])(?:\d{9,}|\d{1,3}(?:,\d{3}){2,})(?:\.\d+)?")


def list_amounts(connection: duckdb.DuckDBPyConnection, *, withheld: bool) -> set[float]:
    """List the amounts of the warehouse that only sources with, or without, terms against it have."""
    tables = connection.execute(
        "select schema_name || '.' || table_name, list(column_name) from duckdb_columns() "
        "where database_name = 'bilateral' and schema_name in ('staging', 'core') and data_type = 'DOUBLE' "
        "and (schema_name, table_name) in (select (schema_name, table_name) from duckdb_columns() "
        "where column_name = 'snapshot_id') group by all"
    ).fetchall()
    found: set[float] = set()
    for table, columns in tables:
        for column in columns:
            rows = connection.execute(
                f"select distinct abs({column}) from {table} inner join meta.snapshots using (snapshot_id) "
                f"where abs({column}) >= 1e8 and list_contains($1, snapshots.source) = $2",
                [sorted(NOT_PASSED_ON), withheld],
            )
            # Two sources may have the same round number by chance.
            found |= {value for (value,) in rows.fetchall() if len(f"{value:.0f}".rstrip("0")) >= 8}
    return found


def read_texts(site: Path) -> Iterator[tuple[Path, str]]:
    for path in site.rglob("*"):
        if path.suffix in TEXTS:
            yield path, path.read_text(encoding="utf-8")


def test_it_fits_a_small_host(site: Path) -> None:
    def measure(folder: Path) -> int:
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

    assert {path.name for path in site.iterdir() if path.name in LANGUAGES} == set(LANGUAGES)
    assert measure(site) <= 30e6


def test_nothing_is_there_that_may_not_be_passed_on(site: Path, published: duckdb.DuckDBPyConnection) -> None:
    withheld = {
        name
        for name, source in published.execute("select snapshot_id, source from meta.snapshots").fetchall()
        if source in NOT_PASSED_ON
    }
    files = duckdb.connect()
    files.execute(f"attach '{site / 'bilateral.duckdb'}' as small (read_only)")
    inside = files.execute("select table_name from duckdb_tables() where database_name = 'small'").fetchall()
    tables = [f"small.{name}" for (name,) in inside] + [f"'{path}'" for path in site.glob("data/**/*.parquet")]
    assert len(tables) > 60
    forbidden = list_amounts(published, withheld=True) - list_amounts(published, withheld=False)
    # A publisher's own months make the year that another one has.
    forbidden -= {value for (value,) in published.execute(SUMS, [sorted(NOT_PASSED_ON)]).fetchall()}
    assert len(forbidden) > 10_000
    for table in tables:
        columns = files.execute(f"select column_name, column_type from (describe from {table})").fetchall()
        named = [name for name, _ in columns if "snapshot_id" in name]
        if not table.endswith(("figure_sources", "figure_sources.parquet'")):
            for row in files.execute(f"select {', '.join(named) or 'null'} from {table}").fetchall():
                ids = {one for cell in row for one in (cell if isinstance(cell, list) else [cell])}
                assert not ids & withheld, table
        for name in (name for name, kind in columns if kind == "DOUBLE"):
            values = files.execute(f"select distinct abs({name}) from {table} where abs({name}) >= 1e8").fetchall()
            leaked = {value for (value,) in values} & forbidden
            assert not leaked, (table, name, leaked)
    texts = dict(read_texts(site))
    assert len(texts) > 200
    for path, text in texts.items():
        leaked = {float(one.replace(",", "")) for one in LARGE.findall(text)} & forbidden
        assert not leaked, (path, leaked)
    # The whole file does have such amounts, so that the search finds them.
    assert forbidden & list_amounts(published, withheld=True)


def test_every_citation_resolves_without_a_checkout(site: Path, published: duckdb.DuckDBPyConnection) -> None:
    cited: dict[str, str] = {}
    for path, text in (one for language in LANGUAGES for one in read_texts(site / language)):
        pattern = (
            r'<data value="([^"]*)"[^>]* data-figure="([^"]*)"' if "@" not in path.name else r'()data-figure="([^"]*)"'
        )
        cited |= {one: value for value, one in re.findall(pattern, text)}
    assert len(cited) > 500
    rows = duckdb.execute(f"select id, value, unit from '{site / 'data' / 'figures.parquet'}'").fetchall()
    figures = {name: value for name, value, _ in rows}
    for name, value in cited.items():
        assert value == "" or float(value) == figures[name], name
        series, _, known = name.rpartition("/")
        page = (site / "figures" / f"{series}.html").read_text(encoding="utf-8")
        row = re.search(rf'<tr id="{known}">.*?</tr>', page)
        assert row is not None, name
        assert f'<td title="{figures[name]}">' in row[0], name
        assert "[1]" in page
        assert "sha256:" in page


def test_a_report_links_its_ids_and_contains_no_file_of_figures(site: Path) -> None:
    text = (site / "en" / "KOR-CHN.html").read_text(encoding="utf-8")
    assert len(re.findall(r'<code><a href="../figures/([^"]*).html#([^"]*)">\1/\2</a></code>', text)) > 300
    assert 'data-file="figures"' not in text
    assert '<a href="index.html">' in text


def test_its_figures_are_those_of_the_warehouse(site: Path, built: Project) -> None:
    with publication.open_published(built) as connection:
        known = {
            str(figure.identity.undated): figure.value
            for pair in list_pairs(built)
            for figure in Pair(built, connection, *pair).list_figures()
        }
    rows = duckdb.execute(f"select id, value from '{site / 'data' / 'figures.parquet'}'").fetchall()
    assert len(rows) > 0.95 * len(known)
    for name, value in rows:
        assert known[f"{name.partition('@')[0]}@0001-01-01"] == value, name


def test_a_chart_has_its_table_newest_first_with_the_addresses_of_its_figures(site: Path) -> None:
    (page,) = site.glob("en/balance/KOR/CHN@*.html")
    text = page.read_text(encoding="utf-8")
    years = [int(year) for year in re.findall(r"<tr><td>(\d{4})</td>", text)]
    assert len(years) > 30
    assert years == sorted(years, reverse=True)
    assert 'href="../../../figures/balance/KOR/CHN.html#2023@2025-06-19"' in text
    svg = page.with_suffix(".svg").read_text(encoding="utf-8")
    assert f"en/balance/KOR/{page.stem}</text>" in svg
    assert svg.startswith("<svg")
    assert svg.endswith("</svg>\n")


def test_another_folder_is_left_alone(built: Project, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(BilateralError, match="is neither empty nor"):
        write_site(Catalog(built), tmp_path)
    assert "is neither empty nor" in run(built, "site", str(tmp_path), code=1)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def publish_again(project: Project, folder: Path, day: str, factor: float) -> Project:
    """Copy the published file with figures of Korea's customs that became known on a later day."""
    file = folder / f"{day}.duckdb"
    shutil.copyfile(project.published_file, file)
    file.chmod(0o644)
    with duckdb.connect(str(file)) as connection:
        of_pair = "reporter_code = 'KOR' and partner_code = 'CHN'"
        for table in ("meta.snapshots", "meta.figure_sources"):
            connection.execute(f"update {table} set known_from = '{day}' where snapshot_id like 'kosis/goods_annual/%'")
        connection.execute(
            f"update core.goods_trade_annual_candidates set known_from = '{day}', value_usd = value_usd * {factor} "
            f"where {of_pair} and source = 'kosis'"
        )
        connection.execute(f"update meta.publication set publication_id = 'of {day}'")
    return replace(project, file=file)


def test_two_publications_later_old_addresses_answer(
    built: Project, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dagster_project.site.list_pairs", lambda project: [("KOR", "CHN")])
    folder = tmp_path / "site"
    shutil.copytree(site, folder)
    before = {path.relative_to(folder) for path in folder.glob(addresses.DATED)}
    ids = {one for (one,) in duckdb.execute(f"select id from '{folder / 'data' / 'figures.parquet'}'").fetchall()}
    old = [next(iter(folder.glob(f"{language}/balance/KOR/CHN@*.svg"))) for language in LANGUAGES]
    for one in old:
        assert 'href="CHN@' not in one.read_text(encoding="utf-8")
    # A process that was killed at its end leaves the site before last.
    left = folder.with_name(".site.earlier")
    (left / "en").mkdir(parents=True)
    for day, factor in (("2027-01-15", 1.01), ("2027-02-15", 1.02)):
        content = write_site(Catalog(publish_again(built, tmp_path, day, factor)), folder)
        assert content["id"] == f"of {day}"
        assert not left.exists()
    newest = "CHN@2027-02-15"
    for path in before:
        assert (folder / path).is_file(), path
    for path, suffix in product(old, (".svg", ".html")):
        notice = NOTICES[path.relative_to(folder).parts[0]]
        for stem in (path.stem, "CHN@2027-01-15"):
            text = (path.parent / f"{stem}{suffix}").read_text(encoding="utf-8")
            assert f'href="{newest}{suffix}"' in text
            assert text.count(f"{newest}{suffix}") <= 2
            assert notice in text
        assert notice not in (path.parent / f"{newest}{suffix}").read_text(encoding="utf-8")
    rows = duckdb.execute(f"select id, value, is_current from '{folder / 'data' / 'figures.parquet'}'").fetchall()
    assert ids <= {name for name, *_ in rows}
    values = {name: value for name, value, _ in rows}
    first = next(name for name in sorted(ids) if name.startswith("exports/KOR/CHN/2015@"))
    assert values["exports/KOR/CHN/2015@2027-02-15"] == pytest.approx(1.02 * values[first])
    page = (folder / "figures" / "exports" / "KOR" / "CHN.html").read_text(encoding="utf-8")
    for name in (first, "exports/KOR/CHN/2015@2027-01-15"):
        row = re.search(rf'<tr id="{name.rpartition("/")[2]}">.*?</tr>', page)
        assert row is not None
        assert 'href="#2015@2027-02-15"' in row[0]
    record = (folder / "site.json").read_text(encoding="utf-8")
    assert "https://example.org/bilateral" in record
    assert record.count("of 2027") == 2


def test_the_small_file_answers_like_the_views(site: Path, built: Project) -> None:
    with publication.open_published(built) as connection:
        query = "select year, balance_usd from trade_balance where reporter_code = 'KOR' and partner_code = 'CHN'"
        expected = connection.execute(query).fetchall()
    with duckdb.connect(str(site / "bilateral.duckdb"), read_only=True) as small:
        found = small.execute(query).fetchall()
        assert len(found) > 30
        assert set(found) <= set(expected)
        (version,) = small.execute(
            "select tags['storage_version'] from duckdb_databases() where not internal"
        ).fetchone()  # type: ignore[misc]
    assert version.startswith("v1.2.0")
