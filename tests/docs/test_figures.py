"""Every figure on a hand-written page equals the warehouse's; no figure is unchecked."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from functools import cache
from string import Formatter
from typing import Any

import duckdb
import pytest
import yaml

from dagster_project.project import Project

ROOT = Project.find().root
CHECKED = ROOT / "tests" / "docs" / "figures.yml"
LISTS = yaml.safe_load(CHECKED.read_text(encoding="utf-8"))
PRINTED = [
    (page, entry["says"].strip(), entry["sql"]) for page, entries in LISTS["printed"].items() for entry in entries
]
EXEMPT = [
    (pages, match) for pages, entries in LISTS["exempt"].items() for entry in entries for match in entry["matches"]
]
# Pages that are made by a program: from the code, and from measurements.
MADE = {
    "data_dictionary.md",
    "declarations.md",
    "expectations.md",
    "settings.md",
    "faults.md",
    "benchmarks.md",
    "trust.md",
}
PAGES = {
    str(page.relative_to(ROOT)): page.read_text(encoding="utf-8").replace("−", "-")
    for page in [ROOT / "README.md", ROOT / "warehouse" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    if page.name not in MADE
}
WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
WORDS += ["thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"]
COUNTED = (
    "agreements|aggregates|claims|codes|datasets|economies|estimates|events|expectations|indicators|numbers|partners|"
    "questions|readings|reporters|rows|snapshots|stages|subheadings|tables|zeros"
)
TENS = "(?:twen|thir|for|fif|six|seven|eigh|nine)ty"
IN_WORDS = rf"four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|{TENS}(?:-\w+)?|hundred"
NUMBER = r"\d[\d,]*(?:\.\d+)?"
DAY = r"(?:19|20)\d\d(?:-\d\d){0,2}"
FIGURE = re.compile(
    rf"""
    (?:US\$\s?)?{NUMBER}(?:(?:[–-]|\sto\s){NUMBER})?\s?(?:%|points|percentage\spoints|(?:hundred\s)?million|billion|bn\b|m\b)
    | US\$\s?{NUMBER}
    | \b{DAY}\s?(?:–|to|and)\s?{DAY}\b
    | \b(?:19|20)\d\d-\d\d(?:-\d\d)?\b
    | \b\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?
    | (?<![\d.])\d+\.\d+(?!\d|\.\d)
    | (?<!-)\b(?:\d+|{IN_WORDS})\s(?:(?!if|two|with)\w+\s)?(?:{COUNTED})\b
    | \b\d+\s(?:months|years|series|sections|items|figures|publishers)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
HELD = re.compile(r"(?<=\|)[^|\n]*(?:19|20)\d\d[^|\n]*(?=\|)")  # years in a cell of a table about a source
CODE = re.compile(r"^```\w+\n.*?^```|`[^`\n]+`|https?://\S+|\]\([^)]*\)", re.MULTILINE | re.DOTALL)


class Count(int):
    """A whole number that `{:w}` writes as a word."""

    def __format__(self, spec: str) -> str:
        return WORDS[self] if spec == "w" else format(int(self), spec)


def pattern(says: str, values: list[Any] | None = None) -> re.Pattern[str]:
    """Compile a pattern of a text, with any line breaks, with one group per placeholder: for these or any values."""
    rest = iter(values or ())
    found = ""
    for text, name, spec, _ in Formatter().parse(says.strip()):
        found += r"\s+".join(re.escape(word) for word in re.split(r"\s+", text))
        if name is not None:
            anything = r"(-?[\d,.]*\d)" if spec and spec[-1] in "df" else "(.+?)"
            found += anything if values is None else f"({re.escape(format(next(rest), spec or ''))})"
    return re.compile(found, re.IGNORECASE)


@pytest.mark.long
def test_pages_print_what_the_warehouse_gives(published: duckdb.DuckDBPyConnection) -> None:
    wrong = []
    for page, says, query in PRINTED:
        values = [value for row in published.execute(query).fetchall() for value in row]
        values = [Count(value) if isinstance(value, int) else value for value in values]
        assert len(values) == says.count("{"), (page, says, values)
        assert None not in values, (page, says)
        if not pattern(says, values).search(PAGES[page]):
            wrong.append(f"{page} has to say: {says.format(*values)}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("rose by 4.5 to 9.3% to US$28–40bn", ["4.5 to 9.3%", "US$28–40bn"]),
        (
            "(2012–2018), from 2001-01 to 2026-07, in 1995 and 2005",
            ["2012–2018", "2001-01 to 2026-07", "1995 and 2005"],
        ),
        (
            "36 claims, fifteen reporters, thirty late reporters",
            ["36 claims", "fifteen reporters", "thirty late reporters"],
        ),
        ("133,011.4 against 18.0.", ["133,011.4", "18.0"]),
        ("in 2018, of HS2012, by 3.11.7", []),
    ],
)
def test_figures_are_found(text: str, found: list[str]) -> None:
    assert [figure[0] for figure in FIGURE.finditer(text)] == found


def covered(page: str) -> list[tuple[int, int]]:
    """List the spans of a page's figures that are checked (placeholders, and figures in the query) or exempt."""
    text = PAGES[page]
    spans = [
        found.span()
        for match in EXEMPT
        if fnmatch(page, match[0])
        for found in re.finditer(match[1], text, re.MULTILINE)
    ]
    for printed_on, says, query in PRINTED:
        found = pattern(says).search(text) if printed_on == page else None
        if found:
            spans += [found.span(group) for group in range(1, found.re.groups + 1)]
            spans += [
                (found.start() + figure.start(), found.start() + figure.end())
                for figure in FIGURE.finditer(found[0])
                if set() < set(re.findall(r"\d+", figure[0])) <= set(re.findall(r"\d+", query))
            ]
    return spans


@cache
def figures(page: str) -> list[re.Match[str]]:
    """Find the figures in a page's prose and tables, without commands, queries, code and addresses."""
    text = CODE.sub(lambda code: re.sub(r"[^\n]", "~", code[0]), PAGES[page])
    found = list(FIGURE.finditer(text))
    if page.startswith("docs/sources/"):
        found += [
            year
            for cell in HELD.finditer(text)
            for year in re.compile(r"\b(?:19|20)\d\d\b").finditer(text, *cell.span())
        ]
    return found


def lies(figure: re.Match[str], spans: list[tuple[int, int]]) -> bool:
    return any(start < figure.end() and figure.start() < end for start, end in spans)


def test_every_figure_of_a_page_is_checked_or_exempt() -> None:
    left = [
        f"{page}:{PAGES[page].count(chr(10), 0, figure.start()) + 1}: {' '.join(figure[0].split())}"
        for page, spans in ((page, covered(page)) for page in sorted(PAGES))
        for figure in figures(page)
        if not lies(figure, spans)
    ]
    assert not left, "\n".join(["Neither in tests/docs/figures.yml nor exempt there, with a reason:", *left])


def test_what_is_exempt_stands_on_a_page() -> None:
    for pages, match in EXEMPT:
        found = {
            page: [at.span() for at in re.finditer(match, PAGES[page], re.MULTILINE)]
            for page in PAGES
            if fnmatch(page, pages)
        }
        assert any(lies(figure, spans) for page, spans in found.items() for figure in figures(page)), (pages, match)


def test_every_exemption_has_a_reason() -> None:
    assert all(entry["reason"] for entries in LISTS["exempt"].values() for entry in entries)
