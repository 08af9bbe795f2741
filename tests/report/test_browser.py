"""In a browser the report makes no request, logs no error, and is accessible.

It needs Chromium, and runs with `make test-all`; the test of accessibility also needs axe-playwright-python.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dagster_project.languages import LANGUAGES, use_language
from dagster_project.project import Project
from dagster_project.report import page as report
from tests.chromium import CHROMIUM, PICTURES_VARIABLE, QUIET
from tests.cli.test_commands import run

WIDTHS = (360, 390, 1280)
BRIEFS = ("brief-KOR-CHN", "brief-USA-CHN", "brief-VNM-KOR", "brief-JPN-CHN-ko")
SCHEMES = ("light", "dark")
TALL = {360: 2300, 390: 2300, 1280: 1600}
BACKGROUNDS = {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 22, 27)"}
# The pairs whose charts are measured: with many events and none, with one sign and both, with products and without.
MEASURED = ("KOR-CHN", "USA-CHN", "JPN-KOR", "DEU-FRA")
# The pictures of the docs, and the narrowest width.
PICTURED = [("KOR-CHN", 360, "light"), *(("KOR-CHN", width, scheme) for width in WIDTHS[1:] for scheme in SCHEMES)]


def vary(pairs: tuple[str, ...], widths: tuple[int, ...]) -> list[tuple[str, int, str]]:
    """List each pair in each width, so that each pair and each width is seen in both colour schemes."""
    return [(pair, width, SCHEMES[(i + j) % 2]) for i, pair in enumerate(pairs) for j, width in enumerate(widths)]


pytestmark = [
    pytest.mark.browser,
    # One process writes the pages.
    pytest.mark.timeout(600),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


@dataclass
class Seen:
    """A page with the messages of its console and its requests to other hosts."""

    page: Any
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright import sync_api as playwright

    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def files(built: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    return {
        "KOR-CHN": built.report,
        **{
            f"{reporter}-{partner}": report.write_report(
                built, reporter, partner, folder / f"{reporter}-{partner}.html"
            )
            for reporter, partner in (("CHN", "KOR"), ("KOR", "VNM"), ("JPN", "MNG"))
        },
        **{pair: write_brief(built, pair, folder) for pair in BRIEFS},
    }


def write_brief(built: Project, pair: str, folder: Path) -> Path:
    path = folder / f"{pair}.html"
    _, reporter, partner, *language = pair.split("-")
    run(built, "brief", reporter, partner, "-o", str(path), "--lang", *(language or ["en"]))
    return path


def opened(browser: Any, file: Path, scheme: str, width: int, **more: Any) -> Seen:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **more)
    seen = Seen(context.new_page())

    def route(asked: Any) -> None:
        if asked.request.url.startswith(("file:", "data:")):
            asked.continue_()
        else:
            seen.asked.append(asked.request.url)
            asked.abort()

    context.route("**/*", route)
    seen.page.on("console", lambda message: seen.said.append(message.text))
    seen.page.on("pageerror", lambda error: seen.said.append(str(error)))
    seen.page.goto(file.as_uri())
    return seen


@pytest.mark.parametrize(
    ("pair", "width", "scheme"), [*PICTURED, *vary(("CHN-KOR", "KOR-VNM", "JPN-MNG", *BRIEFS), WIDTHS)]
)
def test_it_asks_nobody_and_fits(browser: Any, files: dict[str, Path], pair: str, width: int, scheme: str) -> None:
    seen = opened(browser, files[pair], scheme, width)
    shown = seen.page
    for is_open in (False, True):
        shown.evaluate("open => document.querySelectorAll('details').forEach(d => { d.open = open })", is_open)
        # Nothing scrolls sideways but what is meant to.
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
    cards = "[...document.querySelectorAll('.facts div')].every(one => one.scrollWidth <= one.clientWidth)"
    assert shown.evaluate(cards), "a figure is wider than its card"
    assert shown.evaluate("getComputedStyle(document.body).backgroundColor") == BACKGROUNDS[scheme]
    # Of the two sizes of a chart one is seen, and its words are large enough.
    for figure in shown.query_selector_all("figure"):
        visible = [svg for svg in figure.query_selector_all("svg") if svg.is_visible()]
        assert len(visible) == 1
        sizes = visible[0].evaluate(
            "svg => [...svg.querySelectorAll('text')].map(t => parseFloat(getComputedStyle(t).fontSize)"
            " * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width)"
        )
        assert min(sizes) >= 9.5
    assert seen.said == []
    assert seen.asked == []
    if os.environ.get(PICTURES_VARIABLE):
        shown.evaluate("document.querySelectorAll('details').forEach(d => { d.open = false })")
        path = Path(os.environ[PICTURES_VARIABLE]) / f"report-{pair}-{scheme}-{width}.png"
        shown.screenshot(path=path, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": TALL[width]})
    shown.context.close()


@pytest.mark.parametrize(("pair", "width", "scheme"), vary(("KOR-CHN", "KOR-VNM", "JPN-MNG", *BRIEFS), WIDTHS[1:]))
def test_axe_finds_nothing(browser: Any, files: dict[str, Path], pair: str, width: int, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    seen = opened(browser, files[pair], scheme, width)
    for is_open in (False, True):
        seen.page.evaluate("open => document.querySelectorAll('details').forEach(d => { d.open = open })", is_open)
        found = axe.run(seen.page)
        assert found.violations_count == 0, found.generate_report()
    seen.page.context.close()


def test_dark_charts_have_no_ink_on_dark(browser: Any, files: dict[str, Path]) -> None:
    """Every colour of a chart is another at night, so that none of its words is lost."""
    colours = """
        () => [...document.querySelectorAll('figure svg text')].filter(t => t.textContent.trim())
            .map(t => getComputedStyle(t).fill)
    """
    by_scheme = {}
    for scheme in SCHEMES:
        seen = opened(browser, files["KOR-CHN"], scheme, 1280)
        by_scheme[scheme] = seen.page.evaluate(colours)
        seen.page.context.close()
    assert len(by_scheme["light"]) == len(by_scheme["dark"]) > 50
    assert all(day != night for day, night in zip(by_scheme["light"], by_scheme["dark"], strict=True))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", MEASURED)
def test_no_text_of_a_chart_meets_another_part(
    browser: Any, built: Project, tmp_path: Path, pair: str, language: str
) -> None:
    """The ink of each text is free of other texts, marks, axes and rules, and beside the mark that it names."""
    file = tmp_path / f"{pair}.html"
    with use_language(language):
        report.write_report(built, pair[:3], pair[4:], file)
    measure = Path(__file__).with_name("boxes.js").read_text(encoding="utf-8")
    for width in WIDTHS[1:]:
        for scheme in SCHEMES:
            seen = opened(browser, file, scheme, width)
            charts = seen.page.evaluate(measure)
            assert len(charts) >= 4
            assert min(chart["labels"] for chart in charts) > 0
            faults = {chart["title"]: chart["collisions"] + chart["far"] for chart in charts}
            assert {title: found for title, found in faults.items() if found} == {}, (width, scheme)
            seen.page.context.close()


def test_a_text_over_a_mark_and_a_label_far_from_its_own_are_found(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "faults.html"
    file.write_text(
        """<!doctype html><figure><svg width="300" height="200"><title>Faults</title>
        <rect data-role="mark" data-key="a" x="10" y="50" width="40" height="100"/>
        <rect data-role="mark" data-key="b" x="100" y="50" width="40" height="100"/>
        <line data-role="grid" x1="0" x2="300" y1="20" y2="20" stroke="grey"/>
        <line data-role="rule" data-key="c" x1="250" x2="250" y1="0" y2="150" stroke="grey"/>
        <text data-role="label" data-key="a" x="15" y="100">over</text>
        <text data-role="label" data-key="b" x="10" y="48">far</text>
        <text data-role="label" data-key="d" x="160" y="25">grid</text>
        <text data-role="tick" x="165" y="28">tick</text></svg></figure>"""
    )
    measure = Path(__file__).with_name("boxes.js").read_text(encoding="utf-8")
    seen = opened(browser, file, "light", 390)
    (chart,) = seen.page.evaluate(measure)
    assert chart["collisions"] == ["over over mark a", "grid over tick"]
    assert re.sub(r"\d+", "?", chart["far"][0]) == "far is ? from b"
    assert chart["far"][1:] == ["grid names no mark", "c has no label"]
    seen.page.context.close()


def test_it_can_be_used_by_keys_alone(browser: Any, files: dict[str, Path]) -> None:
    seen = opened(browser, files["KOR-CHN"], "light", 1280, reduced_motion="reduce")
    shown = seen.page
    shown.keyboard.press("Tab")
    skip = shown.evaluate("document.activeElement.className")
    assert skip == "skip"
    assert shown.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    shown.keyboard.press("Enter")
    assert shown.evaluate("location.hash") == "#main"
    # On to the first details, which the keys open; its table scrolls by them.
    for _ in range(200):
        shown.keyboard.press("Tab")
        if shown.evaluate("document.activeElement.tagName") == "SUMMARY":
            break
    assert shown.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    shown.keyboard.press("Enter")
    assert shown.evaluate("document.activeElement.parentElement.open")
    assert shown.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    # An ID is an address within the page.
    figure = shown.evaluate("document.querySelector('header data[id]').id")
    assert shown.evaluate("id => document.getElementById(id).textContent", figure).startswith("−US$")
    shown.context.close()


def test_what_is_printed_on_paper_is_whole(browser: Any, files: dict[str, Path]) -> None:
    seen = opened(browser, files["KOR-CHN"], "light", 1280)
    shown = seen.page
    shown.emulate_media(media="print")
    assert not shown.query_selector("nav").is_visible()
    assert shown.query_selector("table[data-table=balance] caption").is_visible()
    assert shown.pdf().startswith(b"%PDF")
    shown.context.close()
