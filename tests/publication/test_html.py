"""A page shows text as text, and text between backticks as code."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import UndefinedError

from dagster_project.publication.html import render_page


def test_text_is_escaped_in_html_and_not_in_markdown(tmp_path: Path) -> None:
    page, notes = tmp_path / "page.html.j2", tmp_path / "notes.md.j2"
    page.write_text("{{ text | marked }}\n")
    notes.write_text("{{ text | upper }}\n")
    assert render_page(page, text="`a < b` & <i>c</i>") == "<code>a &lt; b</code> &amp; &lt;i&gt;c&lt;/i&gt;"
    assert render_page(notes, {"upper": str.upper}, text="a < b") == "A < B\n"


def test_a_page_that_is_not_given_what_it_shows_is_an_error(tmp_path: Path) -> None:
    page = tmp_path / "page.html.j2"
    page.write_text("{{ text }}")
    with pytest.raises(UndefinedError, match="'text' is undefined"):
        render_page(page)
