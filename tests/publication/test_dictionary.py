"""The data dictionary agrees with the file, its examples run, and its page is self-contained."""

from __future__ import annotations

from html.parser import HTMLParser

import duckdb
import pytest

from dagster_project import publication
from dagster_project.catalog import Catalog
from dagster_project.engines.work_file import read_all_types
from dagster_project.pipeline import open_build
from dagster_project.project import Project
from dagster_project.publication import dictionary
from dagster_project.publication.dictionary import Entry
from tests import making

# What may hold nothing: datasets of which no snapshot is committed, and rows that were set aside.
MAY_BE_EMPTY = ("staging.", "meta.quarantine", "meta.changes", "core.goods_trade_flash", "core.re_exports_annual")


@pytest.fixture(scope="module")
def entries(published: duckdb.DuckDBPyConnection) -> list[Entry]:
    catalog = Catalog(Project.find())
    return dictionary.list_entries([*catalog.views.values(), *catalog.models.values()], read_all_types(published))


class Page(HTMLParser):
    """The links of a page, the addresses that it would fetch, and its ids."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.labelled: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if tag == "a" else []
        self.labelled += [given["for"]] if tag == "label" else []
        self.fetched += [given[name] for name in ("src", "srcset", "data", "action", "poster") if name in given]
        self.fetched += [given["href"]] if tag == "link" else []


@pytest.mark.long
def test_every_example_is_answered(published: duckdb.DuckDBPyConnection, entries: list[Entry]) -> None:
    for entry in entries:
        rows = published.execute(entry.example).fetchall()
        assert rows or entry.name.startswith(MAY_BE_EMPTY), entry.example


@pytest.mark.long
def test_types_and_keys_are_those_of_the_published_file(
    published: duckdb.DuckDBPyConnection, entries: list[Entry]
) -> None:
    columns = published.execute(
        "select schema_name, table_name, column_name, data_type, is_key from meta.columns order by all"
    ).fetchall()
    said = [
        (entry.schema, entry.anchor.rpartition(".")[2], column.name, column.type, column.is_key)
        for entry in entries
        for column in entry.columns
    ]
    assert sorted(said, key=str) == sorted(columns, key=str)
    assert [entry.name for entry in entries if not entry.key] == []
    assert {entry.name for entry in entries if None in {column.type for column in entry.columns}} == {
        entry.name for entry in entries if entry.kind == "macro"
    }


def test_the_views_are_not_counted_in_words_and_come_first(entries: list[Entry]) -> None:
    names = [entry.name for entry in entries]
    assert names[0] == "trade_balance"
    assert dictionary.SCHEMAS["main"].startswith("Views ")
    assert names.index("trade_partners") < names.index("marts.trade_balance_annual") < names.index("core.claims")


@pytest.mark.long
def test_readers_have_the_page_beside_the_file(built: Project, entries: list[Entry]) -> None:
    assert built.published_dictionary.read_text(encoding="utf-8") == dictionary.render_dictionary(entries)


def test_the_page_needs_nothing_but_itself_and_every_link_leads_somewhere(entries: list[Entry]) -> None:
    text = dictionary.render_dictionary(entries)
    page = Page(text)
    assert page.fetched == []
    assert "`" not in text.partition("<script>")[0]
    assert "url(" not in text
    assert "@import" not in text
    assert "fetch(" not in text
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert {link[:1] for link in page.links} == {"#"}
    assert len(page.ids) == len(set(page.ids))
    assert {entry.anchor for entry in entries} <= set(page.ids)
    assert set(page.labelled) == {"words"}


def test_what_a_header_says_is_text_on_the_page() -> None:
    text = "/*\nwhat: Less < more & `so < on`.\ngrain: [a]\ncolumns:\n  a: code | `A` <b>.\n*/\nselect 1 as a"
    page = dictionary.render_dictionary(
        dictionary.list_entries([making.parse_model(text, schema="core", table="t")], {})
    )
    assert page.count("Less &lt; more &amp; <code>so &lt; on</code>.") == 2
    assert "<td><code>A</code> &lt;b&gt;.</td>" in page


def test_a_table_without_an_example_is_asked_for_its_newest_figures() -> None:
    text = (
        "/*\nwhat: T.\ngrain: [reporter_code, flow, year]\ncolumns:\n  reporter_code: code | R.\n  flow: code | F.\n"
        "  year: year | Y.\n  kind: code | K.\n  value_usd: US$ | V.\n  source: code | S.\n*/\n"
        "select reporter_code, flow, year, kind, value_usd, source from raw.t"
    )
    found = {one.name: one for one in dictionary.list_entries([making.parse_model(text, schema="core", table="t")], {})}
    assert found["core.t"].example == (
        "select year, value_usd, kind\nfrom core.t\nwhere reporter_code = 'KOR' and flow = 'export'\n"
        "order by year desc\nlimit 10"
    )


def test_an_example_shows_the_same_rows_each_time() -> None:
    """What is cut off after some rows is in the order of the key, where nothing is newest or several are."""
    columns = "columns:\n  event_id: code | E.\n  stage: code | S.\n"
    text = f"/*\nwhat: T.\ngrain: [event_id, stage]\n{columns}*/\nselect event_id, stage from raw.t"
    (first, *_) = dictionary.list_entries([making.parse_model(text, schema="core", table="a")], {})
    assert first.example == "select event_id, stage\nfrom core.a\norder by event_id, stage\nlimit 10"
    dated = text.replace("columns:\n", "columns:\n  year: year | Y.\n").replace("select ", "select year, ")
    (first, *_) = dictionary.list_entries([making.parse_model(dated, schema="core", table="a")], {})
    assert "order by year desc, event_id, stage\n" in first.example


@pytest.mark.long
def test_a_view_that_changes_is_published_and_one_that_is_gone_leaves(warehouse: Project) -> None:
    before = publication.get_current_id(warehouse)
    with open_build(warehouse) as work:
        (first, *_) = work.catalog.views.values()
        changed = making.parse_model(
            "/*\nwhat: Years.\ngrain: [year]\ncolumns:\n  year: year | It.\n*/\n"
            "select distinct year from marts.trade_balance_annual",
            schema="main",
            table=first.table,
        )
        vars(work.catalog)["views"] = {changed.name: changed}
        made = work.publish_build()
    assert made.publication_id != before
    with publication.open_published(warehouse) as connection:
        assert connection.execute("select view_name from duckdb_views() where not internal").fetchall() == [
            (first.table,)
        ]
        assert connection.execute(f"select count(*) from {first.table} where year = 2023").fetchall() == [(1,)]
        columns = connection.execute("select column_name, data_type from meta.columns where schema_name = 'main'")
        assert columns.fetchall() == [("year", "INTEGER")]
    assert "Years." in warehouse.published_dictionary.read_text(encoding="utf-8")
    # Without another change, the views as the project has them are put back.
    with open_build(warehouse) as work:
        work.publish_build()
    assert publication.roll_back(warehouse, made.publication_id) == made
