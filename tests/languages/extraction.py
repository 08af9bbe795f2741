"""Collect the texts to translate, for Babel: `make texts` runs it by `babel.cfg`.

Here: the texts of questions, metrics, tables, sources, and of `texts.yml`. Not here: texts that Python or a template
passes to `translate`, which Babel collects itself. Each text has the place where it was found: a line and no function.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import IO, Any

from dagster_project.files import load_yaml

Message = tuple[int, None, str, list[str]]


def extract_questions(file: IO[bytes], *_: object, **__: object) -> Iterator[Message]:
    """Extract the texts of a question's header: itself, its notes, defaults, columns with their units, and labels."""
    header = load_yaml(file.read().decode().split("*/")[0].strip().removeprefix("/*"), file.name)
    parameters, columns = header.get("parameters") or {}, header["columns"]
    yield from _number([header["question"], header["read"], header["limits"], *header.get("series", {}).values()])
    defaults = (str(text).partition(" | ")[0] for text in parameters.values())
    yield from _number(text for text in defaults if not re.fullmatch("[A-Z0-9]+", text))
    for each in columns:
        for names, text in each.items() if isinstance(each, dict) else ((each, ""),):
            yield from _number(re.sub(r" \([^)]*\)", "", name) for name in names.split(", "))
            yield from _number([text.partition(" | ")[0]] if text else [])


def extract_metrics(file: IO[bytes], *_: object, **__: object) -> Iterator[Message]:
    """Extract the title of a metric, its title without places, and what it counts."""
    metric = load_yaml(file.read().decode(), file.name)
    called = re.sub(r" (?:of|with|to|from|in) \{\w+\}| \(\{item\}\)", "", metric["title"])
    yield from _number([metric["title"], called, metric["what"]])


def extract_texts(file: IO[bytes], *_: object, **__: object) -> Iterator[Message]:
    """Extract every text of lists under headings."""
    found: Mapping[str, list[Any]] = load_yaml(file.read().decode(), file.name)
    yield from _number(text for texts in found.values() for text in texts)


def extract_tables(file: IO[bytes], *_: object, **__: object) -> Iterator[Message]:
    """Extract the headings of the report's tables."""
    tables = load_yaml(file.read().decode(), file.name)
    yield from _number(text.partition(" | ")[0] for table in tables.values() for text in table.values())


def extract_sources(file: IO[bytes], *_: object, **__: object) -> Iterator[Message]:
    """Extract the publisher of a source, and the titles of its datasets."""
    source = load_yaml(file.read().decode(), file.name)
    yield from _number([source["publisher"], *(dataset["title"] for dataset in source["datasets"].values())])


def _number(texts: Any) -> Iterator[Message]:
    for text in texts:
        if words := " ".join(str(text).split()):
            # A text with places stands for all texts that fit it, unless code fills the places itself.
            yield 0, None, words, ["composed"] if re.sub(r"\{\w+\}", "", words) not in {"", words} else []
