"""Templates of pages, each one HTML file that needs nothing else.

Here: setting Jinja up, and text between backticks as code. Not here: what a page says (`page`, `dictionary`,
`report.page`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup


@cache
def template(path: Path, **filters: Callable[..., Any]) -> Template:
    """A template, with filters of its own beside `marked`; what it is filled with is text, and no HTML."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"marked": _marked, **filters}
    return environment.from_string(path.read_text(encoding="utf-8"))


def _marked(text: str) -> Markup:
    """Text in which what stands between backticks is code, as in Markdown."""
    from markupsafe import Markup

    parts = re.split(r"`([^`]+)`", text)
    return Markup("").join(Markup("<code>{}</code>").format(part) if n % 2 else part for n, part in enumerate(parts))
