"""The site's own pages in Korean: nothing stays in English."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import html

from dagster_project.catalog import Catalog
from dagster_project.languages import use_language
from dagster_project.project import Project
from dagster_project.site import addresses, write_site
from tests.languages.test_report import list_left

pytestmark = pytest.mark.long

# Names of files, formats and clients, and of articles.
NAMES = re.compile(
    r"Croissant|Data Package|schema\.org|Dataset|DuckDB|SDMX|Parquet|GitHub|Pages|nginx|Apache|Caddy|Python|gzip|HTTP"
    r"|Bilateral|[\w.]+\.(?:parquet|duckdb|html|json|cff|txt)|English"
)


def list_english_texts(folder: Path) -> dict[str, list[str]]:
    """List the English texts of the Korean pages outside the reports, which have a test of their own."""
    left = {}
    for path in sorted((folder / "ko").rglob("*.html")):
        text = re.sub("<!--.*?-->", "", path.read_text(encoding="utf-8"))
        root = html.fromstring(NAMES.sub("", text))
        for element in root.xpath('//*[@lang="en"] | //script'):
            element.drop_tree()
        if path.parent.name != "ko" or path.name == "index.html":
            left[path.relative_to(folder).as_posix()] = list_left(root)
    return left


@pytest.fixture
def pseudo_site(built: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pseudo: None) -> Path:
    monkeypatch.setattr("dagster_project.site.list_pairs", lambda project: [("KOR", "CHN")])
    write_site(Catalog(built), tmp_path / "site")
    return tmp_path / "site"


def test_a_pseudo_language_finds_every_text(pseudo_site: Path) -> None:
    left = list_english_texts(pseudo_site)
    assert len(left) > 5
    assert {path: texts for path, texts in left.items() if texts} == {}


def test_no_english_is_left(site: Path) -> None:
    left = list_english_texts(site)
    assert len(left) > 15
    assert {path: texts for path, texts in left.items() if texts} == {}


def test_notices_are_in_the_language_of_their_address(tmp_path: Path) -> None:
    for language in ("en", "ko"):
        path = tmp_path / "earlier" / language / "balance" / "KOR" / "CHN@2026-01-01.svg"
        path.parent.mkdir(parents=True)
        path.write_text("<svg><!--snapshots closed/a/1--></svg>", encoding="utf-8")
    with use_language("en"):
        addresses.keep_earlier(tmp_path / "earlier", tmp_path / "site", {"closed/a/1"})
    english, korean = (path.read_text(encoding="utf-8") for path in sorted((tmp_path / "site").rglob("*.svg")))
    assert "Removed:" in english
    assert "지움:" in korean
