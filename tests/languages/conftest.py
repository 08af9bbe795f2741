"""The pseudo-language, which shows the texts that are not translated."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dagster_project import languages
from dagster_project.languages import use_language


@pytest.fixture
def pseudo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Speak a language in which each translated text is the English one between marks."""
    cached = languages._list_patterns, languages._translate_text, languages._find_message
    messages = languages.read_messages("ko")
    monkeypatch.setattr(languages, "read_messages", lambda _: {text: f"⟦{text}⟧" for text in messages})
    for one in cached:
        one.cache_clear()
    with use_language("ko"):
        yield
    for one in cached:
        one.cache_clear()
