"""Keep what evidence gave as of earlier days, so that a build asks again only where other figures can be found.

Here: the file of answers, each under its question with a hash of all that the day is made from. Not here: that hash
(`history`), and asking (`evaluator`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

from dagster_project.claims.evidence import Value
from dagster_project.files import atomic_write, read_stored_json

_KINDS: dict[str, Callable[[str], Value | None]] = {
    **{kind.__name__: kind for kind in (float, int, str)},
    "bool": lambda text: text == "True",
    "date": date.fromisoformat,
    "NoneType": lambda _: None,
}


class Answers:
    """The answers of the last build and of this one.

    Args:
        path: The file. Its name has a hash of the code, because other code may give other answers.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._earlier: dict[str, list[str]] = read_stored_json(path) or {}
        self._now: dict[str, list[str]] = {}

    def recall_answer(self, key: str, ask: Callable[[], Value | None]) -> Value | None:
        """Return the answer that is kept under a key; if none is, call `ask` and keep its answer."""
        if (known := self._now.get(key) or self._earlier.get(key)) is None:
            answer = ask()
            known = [type(answer).__name__, str(answer)]
        self._now[key] = known
        kind, text = known
        return _KINDS[kind](text)

    def write_file(self) -> None:
        """Write the answers that this build needed; answers of other code are removed."""
        with atomic_write(self._path) as half:
            half.write_text(json.dumps(self._now), encoding="utf-8")
        for other in set(self._path.parent.glob("*.json")) - {self._path}:
            other.unlink(missing_ok=True)
