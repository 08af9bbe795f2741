"""Few modules are outside a package, and none is long; `make lint` checks the imports."""

from __future__ import annotations

from dagster_project.project import PACKAGE

LONGEST = 400
LOOSE = {"catalog", "database", "definitions", "errors", "files", "project", "settings"}


def test_at_most_seven_modules_stand_outside_a_room() -> None:
    loose = {path.stem for path in PACKAGE.glob("[!_]*.py")}
    assert len(LOOSE) <= 7
    assert loose == LOOSE


def test_no_module_is_long() -> None:
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in PACKAGE.rglob("*.py")}
    long = {path.relative_to(PACKAGE).as_posix() for path, count in lines.items() if count > LONGEST}
    assert long == set()
