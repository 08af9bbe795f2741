"""The pages and the picture of `docs/` that are made from the code and from the published figures.

Here: writing them (the data dictionary, the expectations, the questions, the settings, the balance) and telling whether
they are current. Not here: pages that people write, and how a chart is drawn (`pictures`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

from dagster_project import metrics, publication, settings, sources
from dagster_project.audit.suites import load_suites
from dagster_project.catalog import Catalog
from dagster_project.claims import register
from dagster_project.engines.empty import open_empty
from dagster_project.engines.work_file import all_types
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.publication import DICTIONARY as DICTIONARY_PAGE
from dagster_project.publication import dictionary
from dagster_project.publication.dictionary import Entry
from dagster_project.questions import Question, ask, option
from dagster_project.questions import load as load_questions
from dagster_project.report.pictures import draw_answer

# With the deficits before the surpluses, and without years that are too small to be seen.
PICTURED_FROM = 1990
GENERATED = (
    "<!-- Made by `bilateral docs` from the code: edit the headers in sql/ or the suites in expectations/. -->\n"
)
GENERATED_SETTINGS = "<!-- Made by `bilateral docs` from dagster_project/settings.py and sources/: edit those. -->\n"


def write(project: Project) -> list[Path]:
    """Writes every page, and the picture if anything is published; returns their paths."""
    found = _pages(project) | _pictures(project)
    for path, text in found.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(found)


def stale(project: Project) -> list[Path]:
    """The pages that are not what the code would write now, and the picture if the published figures give another."""
    found = _pages(project) | _pictures(project)
    return [p for p, text in found.items() if not p.exists() or p.read_text(encoding="utf-8") != text]


def _pictures(project: Project) -> dict[Path, str]:
    """The balance of Korea with China as it is published; the same figures give the same bytes."""
    if not project.published_file.exists():
        return {}
    (question,) = (question for question in load_questions(project) if question.name == "balance")
    try:
        with publication.reading(project) as connection:
            answer = ask(connection, question, {"reporter": "KOR", "partner": "CHN", "from_year": PICTURED_FROM})
    except duckdb.Error as error:
        raise BilateralError("The published file is not of this version.", remedy="Run `bilateral build`.") from error
    return {project.root / "docs" / "pictures" / "balance.svg": draw_answer(answer).to_svg()}


def _pages(project: Project) -> dict[Path, str]:
    docs = project.root / "docs"
    found = described(project)
    return {
        docs / "data_dictionary.md": _dictionary(found),
        docs / "expectations.md": _expectations(project),
        docs / "questions.md": _questions(load_questions(project)),
        docs / "settings.md": _settings(),
        docs / register.SCHEMA_FILE: json.dumps(register.json_schema(), indent=2, ensure_ascii=False) + "\n",
        docs / "bilateral.schema.json": json.dumps(_settings_schema(), indent=2, ensure_ascii=False) + "\n",
    }


def described(project: Project) -> list[Entry]:
    """The data dictionary as the code has it; types are those of tables that are made of nothing."""
    catalog = Catalog(project)
    with open_empty(catalog) as engine:
        engine.show(catalog.views.values())
        types = all_types(engine.connection)
    return dictionary.entries([*catalog.views.values(), *catalog.models.values()], types)


DICTIONARY = f"""\
# Data dictionary

Every table of the published file, with each column's type, unit and meaning; columns marked ● make a row unique. Every
build puts the same as a page to search beside the published file, `warehouse/{DICTIONARY_PAGE}`; it needs no network.
`bilateral describe TABLE` and the comments in the file say it, too.
"""


def _dictionary(found: Iterable[Entry]) -> str:
    every = list(found)
    parts = [GENERATED, DICTIONARY]
    for schema, what in dictionary.SCHEMAS.items():
        entries = [entry for entry in every if entry.schema == schema]
        parts.append(f"## {schema}\n\n{what}\n")
        if schema == "staging":
            parts.append("Their columns are in the page to search.\n")
            listed = "\n".join(f"| `{entry.name}` | {_cell(entry.what)} | {_named(entry.key)} |" for entry in entries)
            parts.append(f"| table | what it is | one row per |\n|---|---|---|\n{listed}\n")
        else:
            parts += [_table(entry) for entry in entries]
    return "\n".join([*parts, metrics_page()])


def metrics_page() -> str:
    """The catalogue of metrics, whose names claims and identities use."""
    rows = "\n".join(
        f"| `{one.name}` | {_cell(one.what)} | {one.unit} | {', '.join([*one.names['en'], *one.names['ko']])} |"
        for one in metrics.load().values()
    )
    head = "| metric | what it is | unit | called |\n|---|---|---|---|"
    return f"## metrics\n\nWhat claims, citations and the report call figures; a file each.\n\n{head}\n{rows}\n"


def _table(entry: Entry) -> str:
    made_of = f" Made of {_named(entry.made_of)}." if entry.made_of else ""
    rows = "\n".join(
        f"| {'● ' if c.is_key else ''}`{c.name}` | {f'`{c.type}`' if c.type else ''} | {c.unit} | {_cell(c.meaning)} |"
        for c in entry.columns
    )
    return (
        f"### {entry.name}\n\n{entry.what}\n\nOne row per {_named(entry.key)}.{made_of}\n\n"
        f"```sql\n{entry.example}\n```\n\n| column | type | unit | meaning |\n|---|---|---|---|\n{rows}\n"
    )


def _named(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _expectations(project: Project) -> str:
    suites = load_suites(project)
    total = sum(len(suite.expectations) for suite in suites.values())
    parts = [GENERATED, "# Expectations\n", f"{total} expectations in {len(suites)} suites, checked on every build.\n"]
    for name, suite in sorted(suites.items()):
        rows = "\n".join(f"| `{e.check}` | {e.severity} | {_cell(e.notes)} |" for e in suite.expectations)
        parts.append(f"## {name}\n\n| expectation | severity | why |\n|---|---|---|\n{rows}\n")
    return "\n".join(parts)


def _settings_schema() -> dict[str, Any]:
    return settings.schema(sources.tables())


def _settings() -> str:
    schema = _settings_schema()
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


def _settings_table(title: str, what: str, listed: dict[str, dict[str, object]]) -> str:
    rows = "\n".join(
        f"| `{name}` | {_default(one)} | {_cell(str(one.get('description', '')))} |" for name, one in listed.items()
    )
    return f"## {title}\n\n{what}\n\n| setting | if it is left out | meaning |\n|---|---|---|\n{rows}\n"


def _default(setting: dict[str, object]) -> str:
    return f"`{json.dumps(setting['default'])}`" if "default" in setting else "has to be there"


QUESTIONS = """\
# Questions

Each question about the trade of two economies is one file of SQL that can be pasted, read and changed. Question 0 is
the series that the others are about.

Every answer has at least one row, and every row ends in the same columns. `is_answered` tells whether the row answers
the question. `missing_code`, `missing_series` and `missing_periods` name what is not held. `snapshot_ids` are the
snapshots that the row rests on; `meta.figure_sources` has the publisher, terms, day and citation of each. `bilateral
ask` also gives the answer in a sentence, and names the publisher and the key that would bring what is not held.

```sh
bilateral questions
bilateral questions --reporter KOR --partner Japan
bilateral ask balance KOR CHN
bilateral ask 3
bilateral ask exports_or_imports --from-year 2018 --to-year 2023
bilateral ask 13 China "South Korea" --format json
bilateral ask 3 --partner Vietnam --sql
```

[The command](command.md) describes how economies are named, and how an answer becomes a file, a chart or a citation.

## Paste one

Open `warehouse/bilateral.duckdb` in any client of DuckDB and paste a file of `sql/questions/`. It asks about Korea and
China. Its parameters are variables: set one to ask about something else, and reset it afterwards.

```
set variable partner = 'JPN';
set variable from_year = 2015;
-- paste the file here
reset variable partner;
```

A variable stays set for the session. `bilateral ask … --sql` prints the statements that set the variables, and the
question. The files are for DuckDB alone, since other engines have no such variables.
"""


def _questions(found: Iterable[Question]) -> str:
    every = list(found)
    listed = "\n".join(f"| {q.number} | [{q.question}](#{q.number}-{q.name}) | `{q.name}` |" for q in every)
    parts = [GENERATED, QUESTIONS, f"## All\n\n| | question | name |\n|---|---|---|\n{listed}\n"]
    for q in every:
        read = ", ".join(f"`{table}`" for table in sorted(q.reads))
        given = "\n".join(f"| `{option(p.name)}` | {p.default} | {_cell(p.meaning)} |" for p in q.parameters)
        columns = "\n".join(f"| `{c.name}` | {c.unit} | {_cell(c.meaning)} |" for c in q.columns)
        chart = f" `--chart` draws {', '.join(f'`{name}`' for name in q.series)}." if q.series else ""
        parts.append(
            f"## {q.number} {q.name}\n\n**{q.question}**\n\n{q.read}\n\n*Limits.* {q.limits}\n\n"
            f"Made of {read}; in `sql/questions/{q.path.name}`.{chart}\n\n"
            f"| parameter | default | meaning |\n|---|---|---|\n{given}\n\n"
            f"| column | unit | meaning |\n|---|---|---|\n{columns}\n"
        )
    return "\n".join(parts)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
