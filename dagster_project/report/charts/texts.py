"""Write the words of charts from the templates of `texts.yml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from dagster_project.files import load_yaml
from dagster_project.questions.wording import capitalize_first

_FILE = Path(__file__).with_name("texts.yml")


@cache
def load_texts() -> dict[str, Any]:
    """Load the templates, and the short names of events, the most important first."""
    texts: dict[str, Any] = load_yaml(_FILE.read_text(encoding="utf-8"))
    return texts


def write_text(name: str, /, **fields: Any) -> str:
    """Fill a template; signs, flows and the like (`words`) are translated first."""
    texts = load_texts()
    words = {
        key: texts["words"].get(value, value) if isinstance(value, str) else value for key, value in fields.items()
    }
    return str(texts[name]).format(**words).replace("US$ ", "US$\N{NO-BREAK SPACE}")


def write_title(name: str, /, **fields: Any) -> str:
    """Fill the template of a title, which begins with a capital."""
    return capitalize_first(write_text(name, **fields))
