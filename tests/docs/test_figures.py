"""The figures that hand-written pages print are those of the warehouse, and none stands there unchecked."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from string import Formatter
from typing import Any

import pytest
import yaml

from dagster_project import publication
from dagster_project.project import Project
from dagster_project.questions import load as load_questions

ROOT = Project.find().root
CHECKED = ROOT / "tests" / "docs" / "figures.yml"
LISTS = yaml.safe_load(CHECKED.read_text(encoding="utf-8"))
# Pages that are made by a program: from the code, and from measurements.
MADE = {"data_dictionary.md", "expectations.md", "questions.md", "settings.md", "faults.md", "benchmarks.md"}
PAGES = {
    str(page.relative_to(ROOT)): page.read_text(encoding="utf-8").replace("−", "-")
    for page in [ROOT / "README.md", ROOT / "warehouse" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    if page.name not in MADE
}
WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()
COUNTED = (
    "agreements|aggregates|claims|codes|datasets|economies|estimates|events|expectations|indicators|numbers|partners|questions|"
    "readings|reporters|rows|snapshots|stages|subheadings|tables|zeros"
)
IN_WORDS = r"\w+teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:-\w+)?|four|five|six|seven|eight|nine|ten|eleven|twelve|hundred"
NUMBER = r"\d[\d,]*(?:\.\d+)?"
DAY = r"(?:19|20)\d\d(?:-\d\d){0,2}"
FIGURE = re.compile(
    rf"""
    (?:US\$\s?)?{NUMBER}(?:(?:[–-]|\sto\s){NUMBER})?\s?(?:%|points|percentage\spoints|(?:hundred\s)?million|billion|bn\b|m\b)
    | US\$\s?{NUMBER}
    | \b{DAY}\s?(?:–|to|and)\s?{DAY}\b
    | \b(?:19|20)\d\d-\d\d(?:-\d\d)?\b
    | \b\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?
    | (?<![\d.])\d+\.\d+(?![\d.])
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
    """What finds a text on a page, however it is broken into lines, with a group for each place: of any or these values."""
    rest = iter(values or ())
    found = ""
    for text, name, spec, _ in Formatter().parse(says.strip()):
        found += r"\s+".join(re.escape(word) for word in re.split(r"\s+", text))
        if name is not None:
            anything = r"(-?[\d,.]*\d)" if spec and spec[-1] in "df" else "(.+?)"
            found += anything if values is None else f"({re.escape(format(next(rest), spec or ''))})"
    return re.compile(found, re.IGNORECASE)


def test_a_page_prints_what_the_warehouse_gives(built: Project, subtests: pytest.Subtests) -> None:
    with publication.reading(built) as connection:
        for entry in LISTS["printed"]:
            with subtests.test(entry["says"]):
                rows = connection.execute(entry["sql"]).fetchall()
                values = [Count(value) if isinstance(value, int) else value for row in rows for value in row]
                assert len(values) == entry["says"].count("{"), f"{values} for: {entry['says']}"
                assert None not in values, f"{values} for: {entry['says']}"
                assert pattern(entry["says"], values).search(PAGES[entry["page"]]), (
                    f"{entry['page']} does not say: {entry['says'].format(*values)}"
                )


def test_the_readme_counts_the_questions() -> None:
    assert f"## {WORDS[len(load_questions(Project.find()))].capitalize()} questions\n" in PAGES["README.md"]


def covered(page: str) -> list[tuple[int, int]]:
    """Where a page's figures are checked: in places of a text, in a text if its query has them, and in what is exempt."""
    text = PAGES[page]
    spans = [found.span() for entry in exempt(page) for found in re.finditer(entry["match"], text, re.MULTILINE)]
    for entry in LISTS["printed"]:
        found = pattern(entry["says"]).search(text) if entry["page"] == page else None
        if found:
            spans += [found.span(group) for group in range(1, found.re.groups + 1)]
            spans += [
                (found.start() + figure.start(), found.start() + figure.end())
                for figure in FIGURE.finditer(found[0])
                if all(number in entry["sql"] for number in re.findall(r"\d+", figure[0])) and re.search(r"\d", figure[0])
            ]
    return spans


def exempt(page: str) -> list[dict[str, str]]:
    return [entry for entry in LISTS["exempt"] if fnmatch(page, entry["page"])]


def figures(page: str) -> list[re.Match[str]]:
    """Figures in a page's prose and tables; commands, queries, code and addresses are left out."""
    text = CODE.sub(lambda code: re.sub(r"[^\n]", "~", code[0]), PAGES[page])
    found = list(FIGURE.finditer(text))
    if page.startswith("docs/sources/"):
        found += [year for cell in HELD.finditer(text) for year in re.compile(r"\b(?:19|20)\d\d\b").finditer(text, *cell.span())]
    return found


@pytest.mark.parametrize("page", sorted(PAGES))
def test_every_figure_of_a_page_is_checked_or_exempt(page: str) -> None:
    spans = covered(page)
    left = [
        f"{page}:{PAGES[page].count(chr(10), 0, figure.start()) + 1}: {' '.join(figure[0].split())}"
        for figure in figures(page)
        if not any(start < figure.end() and figure.start() < end for start, end in spans)
    ]
    assert not left, "\n".join(["Neither in tests/docs/figures.yml nor exempt there, with a reason:", *left])


@pytest.mark.parametrize("entry", LISTS["exempt"], ids=lambda entry: f"{entry['page']} {entry['match']}")
def test_what_is_exempt_is_there_and_has_a_reason(entry: dict[str, str]) -> None:
    assert entry["reason"]
    pages = [page for page in PAGES if fnmatch(page, entry["page"])]
    assert any(
        start < figure.end() and figure.start() < end
        for page in pages
        for found in re.finditer(entry["match"], PAGES[page], re.MULTILINE)
        for start, end in [found.span()]
        for figure in figures(page)
    )
