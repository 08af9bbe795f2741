"""Functions are named by a verb and its object, and docstrings open with a verb, so that a search finds them."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "dagster_project"
# What stands under another's name: a property reads as a noun, and a command is called what people type.
NAMED_BY_OTHERS = ("property", "command", "tool", "callback")
CLAUSE = re.compile(
    r"(What|Whether|How|Who|Whoever|Which|Where|When|That|Those|All that|As|"
    r"The \w+ (that|which|of which|in which|on which|from which))\b"
)


@cache
def list_functions() -> list[tuple[str, ast.FunctionDef]]:
    """List the functions of the package that have a name of their own, each with its module."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("__"):
                decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
                if not any(word in decorator for decorator in decorators for word in NAMED_BY_OTHERS):
                    found.append((path.relative_to(PACKAGE).as_posix(), node))
    return found


def test_at_most_a_fifth_of_functions_has_a_name_of_one_word() -> None:
    named = [f"{module}:{function.name}" for module, function in list_functions()]
    one_word = [name for name in named if "_" not in name.rpartition(":")[2].strip("_")]
    assert len(one_word) <= 0.2 * len(named), f"{len(one_word)} of {len(named)}: {one_word}"


def test_at_most_one_docstring_in_a_hundred_opens_with_a_clause() -> None:
    documented = [
        (module, function.name, text) for module, function in list_functions() if (text := ast.get_docstring(function))
    ]
    clauses = [f"{module}:{name}: {text}" for module, name, text in documented if CLAUSE.match(text)]
    assert len(clauses) <= 0.01 * len(documented), f"{len(clauses)} of {len(documented)}: {clauses}"
