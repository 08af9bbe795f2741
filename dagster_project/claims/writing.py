"""Writing a claim into the register.

Here: the YAML of an entry, added to a file without touching what people wrote in it. Not here: what a claim has to be
(`register`).
"""

from __future__ import annotations

import os
import re
import textwrap
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from dagster_project.claims.register import SCHEMA_FILE, SCHEMA_LINE
from dagster_project.project import Project


class _Dumper(yaml.SafeDumper):
    """YAML as people write it: a text of several lines stands as a block, and a list is set in."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002 - PyYAML's
        super().increase_indent(flow, indentless=False)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)


def plain(typed: str) -> bool | int | float | date | str:
    """What was typed, as YAML would read it."""
    found = yaml.safe_load(typed) if typed.strip() else typed
    return found if isinstance(found, bool | int | float | date) else typed


def decimals(typed: str) -> int:
    """The decimals of a printed number."""
    match = re.fullmatch(r"[-+]?[\d_]*\.?(\d*)", typed.strip())
    return len(match[1]) if match and "." in typed else 0


def schema_beside(project: Project, path: Path) -> str:
    """The way from a file to the register's JSON Schema."""
    return os.path.relpath(project.root / "docs" / SCHEMA_FILE, path.resolve().parent)


def added(path: Path, head: dict[str, Any] | None, entry: dict[str, Any], *, schema: str) -> str:
    """The text of a register with one more claim.

    Args:
        path: The file; it need not be there.
        head: What was published, if the file is not there.
        entry: The claim; what is None is left out.
        schema: Where the JSON Schema is, seen from the file.
    """
    claim = textwrap.indent(_yaml([_filled(entry)]), "  ")
    if head is None:
        return f"{path.read_text(encoding='utf-8').rstrip()}\n{claim}"
    return f"{SCHEMA_LINE.format(schema=schema)}{_yaml(_filled(head))}claims:\n{claim}"


def _filled(given: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _filled(value) if isinstance(value, dict) else value.rstrip() + "\n" if _is_block(value) else value
        for name, value in given.items()
        if value is not None
    }


def _is_block(value: Any) -> bool:
    return isinstance(value, str) and "\n" in value.strip()


def _yaml(content: Any) -> str:
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
