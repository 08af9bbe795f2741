"""Render a page from its template: Markdown, or self-contained HTML with the common head and style (`base.html.j2`).

Here: filling a template, and formatting text between backticks as code. Not here: the content of pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.languages import translate

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

# The colours of all pages and charts, light and dark.
COLOURS = Path(__file__).with_name("colours.css")


def render_page(template: Path, filters: dict[str, Callable[..., Any]] | None = None, /, **values: Any) -> str:
    """Fill a template with plain text values; the template is Markdown, or HTML that extends `base.html.j2`."""
    environment = _make_environment(template)
    environment.filters |= {"marked": _mark_code, **(filters or {})}
    environment.globals["translate"] = translate
    return environment.get_template(template.name).render(values)


@cache
def _make_environment(template: Path) -> Environment:
    """Make the Jinja environment of a template; the environment caches the compiled template."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=FileSystemLoader([template.parent, Path(__file__).parent]),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=template.name.endswith(".md.j2"),
    )


def _mark_code(text: str) -> Markup:
    """Format text between backticks as code, as in Markdown."""
    from markupsafe import Markup

    parts = re.split(r"`([^`]+)`", text)
    return Markup("").join(Markup("<code>{}</code>").format(part) if n % 2 else part for n, part in enumerate(parts))
