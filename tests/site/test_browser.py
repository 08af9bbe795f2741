"""In a browser the site's pages fit a phone and a desktop, ask no other host, and are accessible."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chromium import CHROMIUM, QUIET

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(900),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]
PAGES = ("en/index.html", "en/balance/KOR/CHN@*.html", "en/articles/kita_2024@*.html", "figures/balance/KOR/CHN.html")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright import sync_api as playwright

    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield opened
        opened.close()


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
@pytest.mark.parametrize("pattern", PAGES)
def test_a_page_fits_asks_nobody_and_is_accessible(
    browser: Any, site: Path, pattern: str, width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    (page,) = site.glob(pattern)
    shown = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    asked: list[str] = []
    shown.on("request", lambda request: asked.append(request.url))
    shown.goto(page.as_uri())
    shown.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    assert all(url.startswith("file:") for url in asked)
    found = axe.run(shown)
    assert found.violations_count == 0, found.generate_report()
