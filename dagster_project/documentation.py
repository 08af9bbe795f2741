"""The pages of `docs/` that are made from the code: the data dictionary, the expectations, the questions, the settings.

Here: writing them and telling whether they are current. Not here: pages that people write.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from dagster_project import models
from dagster_project.analysis import analyses
from dagster_project.audit.suites import load_suites
from dagster_project.claims import register
from dagster_project.models import ColumnDoc, Model
from dagster_project.project import Project
from dagster_project.publication import meta
from dagster_project.questions import Question, option
from dagster_project.questions import load as load_questions
from dagster_project.refresh import configuration

SCHEMAS = {
    "marts": "The answers: one table per question.",
    "core": "Conformed facts and dimensions. The short name is safe to sum; "
    "`…_observations` holds every source and vintage.",
    "staging": "One table per dataset, cleaned, the source still visible.",
    "meta": "What a publication says about itself.",
}
GENERATED = (
    "<!-- Made by `bilateral docs` from the code: edit the headers in sql/ or the suites in expectations/. -->\n"
)
GENERATED_SETTINGS = "<!-- Made by `bilateral docs` from dagster_project/refresh/configuration.py: edit that. -->\n"


def write(project: Project) -> list[Path]:
    """Writes every page; returns their paths."""
    for path, text in _pages(project).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(_pages(project))


def stale(project: Project) -> list[Path]:
    """The pages that are not what the code would write now."""
    return [p for p, text in _pages(project).items() if not p.exists() or p.read_text(encoding="utf-8") != text]


def _pages(project: Project) -> dict[Path, str]:
    docs = project.root / "docs"
    found = models.load(project, analyses(project))
    return {
        docs / "data_dictionary.md": _dictionary(found.values()),
        docs / "expectations.md": _expectations(project),
        docs / "questions.md": _questions(load_questions(project)),
        docs / "settings.md": _settings(),
        docs / register.SCHEMA_FILE: json.dumps(register.json_schema(), indent=2, ensure_ascii=False) + "\n",
        docs / "bilateral.schema.json": json.dumps(configuration.schema(), indent=2, ensure_ascii=False) + "\n",
    }


def _dictionary(found: Iterable[Model]) -> str:
    every = list(found)
    parts = [
        GENERATED,
        "# Data dictionary\n",
        "Every table of the published file, with each column's unit and meaning.\n",
    ]
    for schema, what in SCHEMAS.items():
        parts.append(f"## {schema}\n\n{what}\n")
        for model in sorted((model for model in every if model.schema == schema), key=lambda model: model.table):
            name = f"{model.name}({', '.join(model.parameters)})" if model.is_macro else model.name
            made_of = ", ".join(f"`{needed}`" for needed in sorted(model.depends_on))
            notes = f"One row per {', '.join(f'`{column}`' for column in model.grain)}."
            notes += f" Made of {made_of}." if made_of else ""
            parts.append(_table(name, f"{model.what}\n\n{notes}", model.columns))
        if schema == "meta":
            parts += [_table(f"meta.{table.name}", table.what, table.docs) for table in meta.WRITTEN]
    return "\n".join(parts)


def _table(name: str, what: str, columns: Iterable[ColumnDoc]) -> str:
    rows = "\n".join(f"| `{c.name}` | {c.unit} | {_cell(c.meaning)} |" for c in columns)
    return f"### {name}\n\n{what}\n\n| column | unit | meaning |\n|---|---|---|\n{rows}\n"


def _expectations(project: Project) -> str:
    suites = load_suites(project)
    total = sum(len(suite.expectations) for suite in suites.values())
    parts = [GENERATED, "# Expectations\n", f"{total} expectations in {len(suites)} suites, checked on every build.\n"]
    for name, suite in sorted(suites.items()):
        rows = "\n".join(f"| `{e.check}` | {e.severity} | {_cell(e.notes)} |" for e in suite.expectations)
        parts.append(f"## {name}\n\n| expectation | severity | why |\n|---|---|---|\n{rows}\n")
    return "\n".join(parts)


def _settings() -> str:
    schema = configuration.schema()
    parts = [
        GENERATED_SETTINGS,
        "# Settings\n",
        "What may stand in `bilateral.toml`. Editors have it from `docs/bilateral.schema.json`.\n",
    ]
    tables = {name: one["$ref"].rpartition("/")[2] for name, one in schema["properties"].items() if "$ref" in one}
    whole = {name: one for name, one in schema["properties"].items() if name not in tables}
    parts.append(_settings_table("At the top", "Whom to ask about.", whole))
    for name, model in tables.items():
        described = schema["$defs"][model]
        parts.append(_settings_table(f"`[{name}]`", described["description"], described["properties"]))
    return "\n".join(parts)


def _settings_table(title: str, what: str, settings: dict[str, dict[str, object]]) -> str:
    rows = "\n".join(
        f"| `{name}` | {_default(one)} | {_cell(str(one.get('description', '')))} |" for name, one in settings.items()
    )
    return f"## {title}\n\n{what}\n\n| setting | if it is left out | meaning |\n|---|---|---|\n{rows}\n"


def _default(setting: dict[str, object]) -> str:
    return f"`{json.dumps(setting['default'])}`" if "default" in setting else "has to be there"


QUESTIONS = """\
# Questions

What people ask about trade between two economies, each as one file of SQL that can be pasted, read and changed. Every
answer ends in the same columns: `is_answered`; `missing_code`, `missing_series` and `missing_periods`, which say what
is not held; and `snapshot_ids`, which say what it rests on. No question leaves without a row. `bilateral ask` says the
answer in a sentence, too, and which publisher and key would bring what is not held.

```sh
bilateral questions
bilateral questions --reporter KOR --partner JPN
bilateral ask 3
bilateral ask exports_or_imports --from-year 2018 --to-year 2023
bilateral ask 13 --reporter CHN --partner KOR --format json
bilateral ask 3 --partner VNM --sql
```

## Paste one

Open `warehouse/bilateral.duckdb` in any client of DuckDB and paste a file of `sql/questions/`: it asks about Korea and
China. Its parameters are variables, so set one before to ask about something else, and reset it afterwards:

```
set variable partner = 'JPN';
set variable from_year = 2015;
-- paste the file here
reset variable partner;
```

A variable stays set for the session. `bilateral ask … --sql` prints both, parameters first. The files are written for
DuckDB alone, since other engines have no such variables; the marts that they read are made on Spark, too.
"""


def _questions(found: Iterable[Question]) -> str:
    every = list(found)
    listed = "\n".join(f"| {q.number} | [{q.question}](#{q.number}-{q.name}) | `{q.name}` |" for q in every)
    parts = [GENERATED, QUESTIONS, f"## All\n\n| | question | name |\n|---|---|---|\n{listed}\n"]
    for q in every:
        read = ", ".join(f"`{table}`" for table in sorted(q.reads))
        given = "\n".join(f"| `{option(p.name)}` | {p.default} | {_cell(p.meaning)} |" for p in q.parameters)
        columns = "\n".join(f"| `{c.name}` | {c.unit} | {_cell(c.meaning)} |" for c in q.columns)
        parts.append(
            f"## {q.number} {q.name}\n\n**{q.question}**\n\n{q.read}\n\n*Limits.* {q.limits}\n\n"
            f"Made of {read}; in `sql/questions/{q.path.name}`.\n\n"
            f"| parameter | default | meaning |\n|---|---|---|\n{given}\n\n"
            f"| column | unit | meaning |\n|---|---|---|\n{columns}\n"
        )
    return "\n".join(parts)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
