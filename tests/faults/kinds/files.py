"""Hostile files: manifests, data, claims, settings, corrections and code lists that somebody mistyped or forged.

Here: each file of those that people and disks give, garbled, and what reads it. Not here: responses of publishers
(`responses`), and what the figures in a right file mean.
"""

from __future__ import annotations

import gzip
import os
import random
import shutil
import string
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_project import raw, snapshots, sources
from dagster_project.claims import register
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.questions import load_questions
from dagster_project.reference import code_lists, corrections
from dagster_project.refresh.planning import read_settings
from dagster_project.settings import Settings
from tests import making
from tests.faults.kind import Kind, Tally, cause_of, stopped_after
from tests.faults.memory import peak

SECONDS = 5.0
MEMORY = 500_000_000
DATASET = "bok/goods_monthly"
SIGNS = string.ascii_letters + string.digits + "\n\t :-[]{}&*!|>'\"%@`#,?=~.\\/$é中\x00\x1b\u202e"
# What somebody may write where a value belongs, in YAML or TOML.
VALUES = (
    *("null", "~", "true", "no", "-1", "0", "1e400", ".nan", "-.inf", "nan", "inf", "1_000", "0x1F", "1:30:00", "''"),
    *("[]", "{}", "[1, 2]", "{a: 1}", "2024-13-45", "0000-00-00", "2024-02-30T25:00:00", "9999-12-31", "=1"),
    *("2024-01-01T00:00:00+99:00", "!!binary aGk=", "!!python/object/apply:os.system [ls]", "!!set {a, b}", "*a", "&a"),
    *("KOR-KOR", "KOR-WLD", "WLD", "../../../etc/passwd", "/etc/passwd", "a/b/c", "NV.AGR/TOTL", "..", ".", "\\ud800"),
    *(
        '"KOR-KOR"',
        '"KOR-WLD"',
        '"../x"',
        '["KOR-KOR"]',
        '["KOR-WLD"]',
        '["NV/../x"]',
        '["A", "A"]',
        '"\\u0000"',
        '"\\uD800"',
    ),
    *(
        "9" * 5000,
        "[" * 2000,
        "[" * 900 + "]" * 900,
        "{a: " * 2000,
        "x" * 100_000,
        "- " * 3000,
        '"',
        "'; drop table x; --",
    ),
    *("<<: *a", "? [a]\n: 1", "\n  a: 1\n  a: 2", "|\n  x", "1 2", "0o777", "1979-05-27T07:32:00Z", "'''x'''", "[[a]]"),
)
LINKS = {"to nowhere": "/nowhere/x", "to elsewhere": "/etc/passwd", "to a device": "/dev/zero"}
LAUGHS = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10) if n else 'x'}]" for n in range(12))


@dataclass(frozen=True)
class Target:
    """A file, and what reads it."""

    path: Callable[[Project], Path]
    read: Callable[[Project], object]


def _raw(where: Project) -> object:
    received = raw.receive_dataset(where, sources.find_dataset(DATASET))
    return duckdb.sql(f"select count(*) from read_parquet({[str(file) for file in received.files]})").fetchall()


def _data(where: Project) -> Path:
    return next(path for path in (where.snapshots / DATASET).rglob("data*") if not path.name.endswith(".yml"))


def _claims(where: Project) -> Path:
    return where.claims / "smallest.yml"


def _sealed(where: Project) -> object:
    """Seals what is there first, as whoever replaces the data would, so that its bytes are believed."""
    snapshots.seal_snapshot(next((where.snapshots / DATASET).glob("*/manifest.yml")).parent)
    return _raw(where)


def _settings(where: Project) -> Settings:
    found = read_settings(where)
    for source in sources.list_sources():
        if source.api is not None:
            from datetime import date

            list(source.api.plan(found, lambda _subject: (date(2020, 1, 1), date(2024, 12, 31)), True))
    if any(len(set(pair)) == 1 or "WLD" in pair for pair in found.directions):
        raise AssertionError("a pair of one economy")
    return found


TARGETS = {
    "manifest": Target(lambda where: next((where.snapshots / DATASET).rglob("manifest.yml")), _raw),
    "data": Target(_data, _sealed),
    "claims": Target(_claims, lambda where: register.check_file(where.claims, _claims(where))),
    "question": Target(lambda where: where.sql / "questions" / "00_balance.sql", load_questions),
    "settings": Target(lambda where: where.configuration, _settings),
    "corrections": Target(lambda where: min(where.corrections.glob("*.yml")), corrections.load_corrections),
    "code lists": Target(lambda where: where.reference / "economies.csv", code_lists.load_economies),
}


def round_of(seed: int, cases: int, folder: Path, tally: Tally) -> None:
    chance = random.Random(seed)
    real = Project.find()
    where = making.project(folder / "project")
    for number in range(cases):
        name = chance.choice(sorted(TARGETS))
        _restored(real, where)
        path = TARGETS[name].path(where)
        how = _garble(path, chance)
        with tally.case():
            _check(seed, name, how, number, where, tally)


def _restored(real: Project, where: Project) -> None:
    """The files as they are committed."""
    for home in (where.snapshots, where.claims, where.corrections, where.archive, where.reference):
        shutil.rmtree(home, ignore_errors=True)
    first = min((real.snapshots / DATASET).iterdir())
    shutil.copytree(first, where.snapshots / DATASET / first.name)
    shutil.copytree(real.corrections, where.corrections)
    shutil.copytree(real.reference, where.reference)
    where.claims.mkdir()
    smallest = min(real.claims.glob("*.yml"), key=lambda path: path.stat().st_size)
    article = smallest.read_text(encoding="utf-8").replace(f"article_id: {smallest.stem}", "article_id: smallest")
    _claims(where).write_text(article, encoding="utf-8")
    shutil.rmtree(where.sql, ignore_errors=True)
    shutil.copytree(real.sql, where.sql, ignore=lambda folder, _: ["questions"] if Path(folder) == real.sql else [])
    (where.sql / "questions").mkdir()
    shutil.copyfile(real.sql / "questions" / "00_balance.sql", where.sql / "questions" / "00_balance.sql")
    if where.configuration.is_dir() and not where.configuration.is_symlink():
        where.configuration.rmdir()
    where.configuration.unlink(missing_ok=True)
    shutil.copyfile(real.configuration, where.configuration)


def _garble(path: Path, chance: random.Random) -> str:
    """Garbles a file where it stands; says how."""
    content = path.read_bytes()
    is_packed = path.suffix == ".gz"
    text = (gzip.decompress(content) if is_packed else content).decode()
    how = chance.choice(
        (
            "value",
            "value",
            "value",
            "value",
            "line",
            "twice",
            "cut",
            "signs",
            "encoding",
            "kind",
            "large",
            "laughs",
            "bytes",
        )
    )
    lines = text.splitlines()
    place = chance.randrange(len(lines))
    if how == "value":
        begin, sign, _ = lines[place].partition(chance.choice((":", "=", ",", "- ")))
        value = chance.choice(VALUES)
        lines[place] = f"{begin}{sign} {value}"
        how = f"value {begin}{sign} {value[:40]}"
    elif how == "line":
        del lines[place]
    elif how == "twice":
        lines.insert(chance.randrange(len(lines)), lines[place])
    elif how == "cut":
        lines = text[: chance.randrange(len(text))].splitlines()
    elif how == "signs":
        at = chance.randrange(len(text))
        lines = (text[:at] + "".join(chance.choices(SIGNS, k=chance.randint(1, 20))) + text[at:]).split("\n")
    elif how == "laughs":
        lines.insert(place if chance.random() < 0.5 else 0, LAUGHS)
    made = "\n".join(lines).encode("utf-8", "replace") + b"\n"
    if how == "encoding":
        made = text.encode(coding := chance.choice(("utf-16", "utf-32", "utf-8-sig", "cp037")), "replace")
        how = f"encoding {coding}"
    elif how == "bytes":
        flipped = bytearray(content)
        for _ in range(chance.randint(1, 10)):
            flipped[chance.randrange(len(flipped))] = chance.randrange(256)
        path.write_bytes(bytes(flipped))
        return how
    elif how == "large":
        size = chance.choice((1, 30, 300)) * 10**6
        part = chance.choice((b"x", b",", b"\n", b"CHN,2022-01,1,1\n", b"[", b"'", b"- "))
        # Rows of a right form are a large table, and no fault: so many are read in the time.
        made += part * (min(size, 3 * 10**7 if part.startswith(b"CHN") else size) // len(part))
        how = f"large {len(made)}"
        made = made[:400_000_000]
    elif how == "kind":
        return _other_kind(path, chance)
    path.write_bytes(gzip.compress(made, 1) if is_packed else made)
    return how


def _other_kind(path: Path, chance: random.Random) -> str:
    path.unlink()
    how = chance.choice(("folder", "pipe", "gone", "empty", "to nowhere", "to elsewhere", "to itself", "to a device"))
    if how == "folder":
        path.mkdir()
    elif how == "pipe":
        os.mkfifo(path)
    elif how == "empty":
        path.touch()
    elif how != "gone":
        path.symlink_to(LINKS.get(how, str(path)))
    return how


def _check(seed: int, name: str, how: str, number: int, where: Project, tally: Tally) -> None:
    grown: list[int] = []
    begun = time.perf_counter()
    try:
        with peak(grown), stopped_after(4 * SECONDS):
            TARGETS[name].read(where)
        tally.outcomes[f"{name} read"] += 1
    except BilateralError as error:
        tally.outcomes[f"{name} refused"] += 1
        if error.remedy is None:
            tally.fail(seed, f"{name}: no remedy", (number, how, str(error)[:200]))
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        tally.fail(seed, f"{name}: {cause_of(error)}", (number, how, str(error)[:200]))
    if time.perf_counter() - begun > SECONDS:
        tally.fail(seed, f"{name}: more than {SECONDS:g} seconds", (number, how))
    if grown and grown[0] > MEMORY:
        tally.fail(seed, f"{name}: more than {MEMORY // 10**6} MB", (number, how, grown[0]))


KIND = Kind(
    name="files",
    what="Manifests, data, claims, questions, settings, corrections, codes: mistyped, forged, of another type, huge.",
    goal="Read, or refused with an error that says what to do, within 5 seconds and 500 MB.",
    round=round_of,
    cases=200,
    share=2,
)
