"""The report in Korean: nothing stays in English, and the figures are those of the English report."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import duckdb
import pytest
from lxml import html

from dagster_project.languages import use_language
from dagster_project.project import Project
from dagster_project.report import page
from dagster_project.report.pair import Pair
from tests.languages.english import list_english

# One process renders the pages.
# The first is short; together they have every section, many figures and few.
PAIRS = [("JPN", "KOR"), ("KOR", "CHN"), ("USA", "CHN"), ("DEU", "FRA"), ("JPN", "MNG")]
by_pair = pytest.mark.parametrize(
    "pair", [pytest.param(pair, marks=pytest.mark.long if pair in PAIRS[1:] else ()) for pair in PAIRS]
)
# What stands in a page as it is: code, and the data of charts and links.
CODE = ("code", "pre", "style")
INLINE = ("a", "b", "br", "code", "data", "i", "span", "time")
ATTRIBUTES = ("aria-label", "title", "alt")
SIZES = {"조": 10**12, "억": 10**8, "만": 10**4, "": 1}


class Pages(dict[tuple[str, str, str], html.HtmlElement]):
    """The pages of pairs in languages, each rendered at its first use."""

    def __init__(self, project: Project, published: duckdb.DuckDBPyConnection) -> None:
        super().__init__()
        self.project, self.published = project, published

    def __missing__(self, named: tuple[str, str, str]) -> html.HtmlElement:
        reporter, partner, language = named
        with use_language(language):
            self[named] = html.fromstring(page.render_pair(Pair(self.project, self.published, reporter, partner)))
        return self[named]


@pytest.fixture(scope="module")
def pages(built: Project, published: duckdb.DuckDBPyConnection) -> Pages:
    return Pages(built, published)


def read_text(element: html.HtmlElement) -> str:
    """Return the text of an element with that of the elements within its lines."""
    inside = (f"{read_text(one) if one.tag in INLINE else ' '}{one.tail or ''}" for one in element)
    return "" if element.tag in CODE else f"{element.text or ''}{''.join(inside)}"


def read_label(line: html.HtmlElement) -> str:
    """Return the text of a chart's label, of which this is the first line; nothing if it is a later one."""

    def is_next(line: html.HtmlElement, other: html.HtmlElement | None) -> bool:
        return other is not None and other.tag == "text" and line.get("data-key") == other.get("data-key") is not None

    if is_next(line, line.getprevious()):
        return ""
    lines = [line]
    while is_next(line, lines[-1].getnext()):
        lines.append(lines[-1].getnext())
    return " ".join(map(read_text, lines))


def list_page_texts(root: html.HtmlElement) -> Iterator[str]:
    """List the texts of a page that people read or hear."""
    for element in root.iter():
        if element.tag == "text":
            yield read_label(element)
        elif element.tag not in INLINE:
            yield read_text(element)
        yield from (element.get(name, "") for name in ATTRIBUTES)


def list_left(root: html.HtmlElement) -> list[str]:
    texts = (" ".join(text.split()) for text in list_page_texts(root))
    return sorted({text for text in texts if list_english(text)})


def list_values(root: html.HtmlElement) -> Counter[tuple[str, str]]:
    """Count the values of a page by the column or the figure that they come from."""
    named = ("data-figure", "data-column")
    return Counter(
        (name, data.get("value")) for data in root.iter("data") for name in map(data.get, named) if name is not None
    )


@pytest.mark.long
@by_pair
def test_no_english_is_left(pages: Pages, pair: tuple[str, str]) -> None:
    root = pages[*pair, "ko"]
    assert root.get("lang") == "ko"
    assert list_left(root) == []


@pytest.mark.long
@pytest.mark.parametrize("pair", PAIRS)
def test_a_pseudo_language_finds_every_text(
    built: Project, published: duckdb.DuckDBPyConnection, pseudo: None, pair: tuple[str, str]
) -> None:
    assert list_left(html.fromstring(page.render_pair(Pair(built, published, *pair)))) == []


@pytest.mark.long
@pytest.mark.parametrize("pair", PAIRS)
def test_figures_are_those_of_the_english_report(pages: Pages, pair: tuple[str, str]) -> None:
    korean, english = pages[*pair, "ko"], pages[*pair, "en"]
    assert list_values(korean) == list_values(english)
    assert (sum(list_values(korean).values()) > 30) == (pair != PAIRS[-1])
    # The formats of a column in Korean and in English have as many digits.
    for data in korean.iter("data"):
        text = str(data.text)
        if found := re.fullmatch(r"−?(?:([\d,]+)조 ?)?(?:([\d,]+)억 ?)?(?:([\d,]+)만 ?)?([\d,]+)? ?달러", text):
            parts = [int((one or "0").replace(",", "")) for one in found.groups()]
            printed = sum(part * size for part, size in zip(parts, SIZES.values(), strict=True))
            assert printed == pytest.approx(abs(float(data.get("value"))), rel=0.01), text


def test_a_text_that_is_not_translated_is_found() -> None:
    root = html.fromstring('<html><body><p aria-label="Left in English">한국 <b>KOR</b> left</p></body></html>')
    assert list_left(root) == ["Left in English", "한국 KOR left"]
