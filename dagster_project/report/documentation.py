"""Generate the pages and the picture of `docs/` from the code and the published figures.

Here: writing the pages (data dictionary, expectations, questions, settings) and the picture (the balance), and finding
outdated files. Not here: the texts of the pages (the templates in `pages/`), and the drawing of charts (`pictures`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from dagster_project import metrics, publication, settings, sources
from dagster_project.audit.suites import load_suites
from dagster_project.catalog import Catalog
from dagster_project.claims import register
from dagster_project.engines.empty import open_empty
from dagster_project.engines.work_file import read_all_types
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.publication import DICTIONARY as DICTIONARY_PAGE
from dagster_project.publication import dictionary
from dagster_project.publication.dictionary import Entry
from dagster_project.publication.html import render_page
from dagster_project.questions import Question, ask_question, load_questions, name_option
from dagster_project.report.pictures import draw_answer
from dagster_project.sources.declaration_files import FOLDER

# The first year of the picture: it includes the deficits before the surpluses, but no bars too small to see.
PICTURED_FROM = 1990
TEMPLATES = Path(__file__).with_name("pages")


def write_pages(project: Project) -> list[Path]:
    """Write every page, and the picture if anything is published; return their paths."""
    found = _render_all(project)
    for path, text in found.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(found)


def list_stale(project: Project) -> list[Path]:
    """List the outdated files of `docs/`: those that differ from what `write_pages` would write now."""
    return [p for p, text in _render_all(project).items() if not p.exists() or p.read_text(encoding="utf-8") != text]


def _render_all(project: Project) -> dict[Path, str]:
    docs = project.root / "docs"
    questions = load_questions(project, [])
    schema = settings.build_schema(sources.list_settings())
    declared = [(one, (FOLDER / f"{one.code}.yml").read_text(encoding="utf-8")) for one in sources.list_sources()]
    pages = {
        docs / "data_dictionary.md": render_dictionary(list_entries(project)),
        docs / "expectations.md": _render_markdown("expectations", suites=load_suites(project)),
        docs / "questions.md": _render_markdown("questions", questions=questions),
        docs / "sources" / "declarations.md": _render_markdown("declarations", sources=declared),
        docs / "settings.md": _render_markdown("settings", tables=_list_settings(schema)),
        docs / register.SCHEMA_FILE: _print_json(register.build_json_schema()),
        docs / "bilateral.schema.json": _print_json(schema),
    }
    if project.published_file.exists():
        pages[docs / "pictures" / "balance.svg"] = _draw_balance(project, questions)
    return pages


def render_dictionary(entries: Sequence[Entry]) -> str:
    """Render the data dictionary, with the catalogue of metrics."""
    known = list(metrics.load_metrics().values())
    return _render_markdown(
        "data_dictionary", page=DICTIONARY_PAGE, schemas=dictionary.SCHEMAS, entries=entries, metrics=known
    )


def _render_markdown(name: str, **values: Any) -> str:
    """Fill the template of a page in Markdown."""
    filters = {
        "cell": lambda text: " ".join(text.split()).replace("|", "\\|"),
        "codes": lambda names: ", ".join(f"`{name}`" for name in names),
        "option": name_option,
        "json": json.dumps,
    }
    return render_page(TEMPLATES / f"{name}.md.j2", filters, **values)


def _draw_balance(project: Project, questions: Iterable[Question]) -> str:
    """Draw Korea's published balance with China as SVG; the same figures always give the same bytes."""
    (question,) = (question for question in questions if question.name == "balance")
    try:
        with publication.open_published(project) as connection:
            answer = ask_question(
                connection, question, {"reporter": "KOR", "partner": "CHN", "from_year": PICTURED_FROM}
            )
    except duckdb.Error as error:
        found = f"{project.published_file} is of another version of Bilateral."
        raise BilateralError(found, remedy="Run `bilateral build`.") from error
    return draw_answer(answer).to_svg()


def list_entries(project: Project) -> list[Entry]:
    """List the entries of the data dictionary without a build; the types of columns come from empty tables."""
    catalog = Catalog(project)
    with open_empty(catalog) as engine:
        engine.create_views(catalog.views.values())
        types = read_all_types(engine.connection)
    return dictionary.list_entries([*catalog.views.values(), *catalog.models.values()], types)


def _list_settings(schema: Mapping[str, Any]) -> list[tuple[str, str, Mapping[str, Any]]]:
    """List the tables of `bilateral.toml`, each with its title, description and settings."""
    tables = {name: one["$ref"].rpartition("/")[2] for name, one in schema["properties"].items() if "$ref" in one}
    whole = {name: one for name, one in schema["properties"].items() if name not in tables}
    defined = [(name, schema["$defs"][model]) for name, model in tables.items()]
    return [
        ("At the top", "The economies whose figures to fetch.", whole),
        *((f"`[{name}]`", one["description"], one["properties"]) for name, one in defined),
    ]


def _print_json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
