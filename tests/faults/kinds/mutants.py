"""Mistakes in the SQL of the tables, and who notices: the tests of the models, or the build and its audit.

Here: each mistake of a sample in its turn: first the tests that run the model, then a build of it and of what is made
of it over the committed figures, with their rules, and what the register of claims says then. Not here: macros and
views, and the mistakes themselves (`mutating`).
"""

from __future__ import annotations

import random
import shutil
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Timer
from typing import Any

import duckdb
import pytest
from _pytest.runner import runtestprotocol
from sqlglot import parse_one

from dagster_project.audit.auditor import warm_up
from dagster_project.catalog import Catalog
from dagster_project.engines.duckdb import DuckDB
from dagster_project.engines.empty import open_empty
from dagster_project.models import DIALECT, Model
from dagster_project.pipeline import open_build
from dagster_project.project import Project
from tests import making
from tests.faults.kind import Kind, Tally, find_built
from tests.faults.mutating import Mistake, mistakes
from tests.sql import bench

# Mistakes of which no one may go unnoticed in a mart of balances or of mirror figures; a tenth of all others may.
STRICT = {"sign", "unit", "flow", "reporter"}
# The tests that run models one at a time.
TESTS = ("tests/sql", "tests/analysis/test_models.py", "tests/analysis/test_forecasts.py")
# A join without its condition may take for ever.
SECONDS = 60.0
CLAIMS = "select claim_id, verdict, verdict_then from marts.claim_verdicts order by all"


class Tests:
    """The tests of models, collected once, each of which can be run over and over.

    Args:
        work: What is done with them.
    """

    def __init__(self, work: Callable[[Tests], None]) -> None:
        self._work = work
        self.models = dict(bench.every_model())
        self._items: list[pytest.Item] = []
        self._ran: dict[pytest.Item, set[str]] = {}
        self._right: dict[pytest.Item, list[tuple[str, str]]] = {}
        self._made: list[tuple[str, str]] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._items = [item for item in session.items if "built" not in getattr(item, "fixturenames", ())]

    def pytest_runtestloop(self) -> bool:
        run, every_model = DuckDB.make_table, bench.every_model

        def noting(engine: DuckDB, model: Model, *args: Any) -> Any:
            # A join without its condition may take for ever; one that is stopped fails its test.
            stop = Timer(SECONDS / 4, engine.connection.interrupt)
            stop.start()
            try:
                table = run(engine, model, *args)
            finally:
                stop.cancel()
            self._made.append((model.name, table.content_hash if table else ""))
            return table

        DuckDB.make_table, bench.every_model = noting, lambda: self.models  # type: ignore[method-assign,assignment]
        try:
            self._work(self)
        finally:
            DuckDB.make_table, bench.every_model = run, every_model  # type: ignore[method-assign]
        return True

    def notice(self, mutant: Model) -> tuple[bool, bool]:
        """Whether a test of the model fails with a mutant of it; and whether any saw other rows."""
        right, differs = self.models[mutant.name], False
        for item in self._of(mutant.name):
            with self._with(mutant):
                fails, made = self._run(item)
            if fails:
                # Whatever noticed is asked first of the next mutant.
                self._items.remove(item)
                self._items.insert(0, item)
                return True, True
            if item not in self._right:
                with self._with(right):
                    self._right[item] = self._run(item)[1]
            differs |= made != self._right[item]
        return False, differs

    def _of(self, name: str) -> list[pytest.Item]:
        """The tests that run a model, as far as is known yet."""
        return [
            item
            for item in list(self._items)
            if (name in self._ran[item] if item in self._ran else name in item.path.read_text(encoding="utf-8"))
        ]

    def _run(self, item: pytest.Item) -> tuple[bool, list[tuple[str, str]]]:
        self._made = []
        # The test and its module are torn down, or the next item could not be set up. What is the session's stays.
        reports = runtestprotocol(item, log=False, nextitem=item.session)  # type: ignore[arg-type]
        fails = any(report.failed for report in reports)
        if not fails:
            self._ran[item] = {name for name, _ in self._made}
        return fails, self._made

    @contextmanager
    def _with(self, model: Model) -> Iterator[None]:
        before = self.models[model.name]
        self.models[model.name] = model
        try:
            yield
        finally:
            self.models[model.name] = before


class Built:
    """The committed figures, built once; and what a build says with another model.

    Args:
        folder: Where.
    """

    def __init__(self, folder: Path) -> None:
        self.project = making.work_of(find_built(), folder / "warehouse")
        self.catalog = Catalog(self.project)
        self._verdicts, self._claims, self._hashes = self._with(self.catalog.models, None)
        self._right = folder / "work.duckdb"
        shutil.copyfile(self.project.work_file, self._right)

    def notices(self, mutant: Model) -> str | None:
        """Who notices a mutant: None if nobody does, "nobody can" if it makes the same table."""
        shutil.copyfile(self._right, self.project.work_file)
        try:
            verdicts, claims, hashes = self._with(self.catalog.models | {mutant.name: mutant}, mutant.name)
        except Exception as error:  # noqa: BLE001 - whatever stops a build, it is stopped
            return "the time" if "INTERRUPT" in str(error).upper() else "the build"
        if hashes[mutant.name] == self._hashes[mutant.name]:
            return "nobody can"
        if verdicts - self._verdicts:
            return "the audit"
        return "the claims" if claims != self._claims else None

    def _with(self, models: dict[str, Model], mutated: str | None) -> tuple[set[Any], list[Any], dict[str, str]]:
        catalog = Catalog(self.project)
        catalog.__dict__.update(self.catalog.__dict__, models=models)
        verdicts: set[Any] = set()
        hashes: dict[str, str] = {}
        with open_build(self.project, catalog=catalog) as work:
            stop = Timer(SECONDS, work.file.connection.interrupt)
            stop.start()
            try:
                with closing(work.run_steps(models, catalog.suites)) as steps:
                    for step in steps:
                        if step.results is None:
                            hashes[step.name] = step.table.content_hash if step.table else ""
                        else:
                            verdicts |= {(one.table, one.check, one.status) for one in step.results}
                        if mutated and (verdicts - self._verdicts or hashes.get(mutated) == self._hashes[mutated]):
                            return verdicts, [], hashes
                return verdicts, work.file.connection.execute(CLAIMS).fetchall(), hashes
            finally:
                stop.cancel()


def round_of(seed: int, cases: int, folder: Path, tally: Tally) -> None:
    where = Tests(partial(_check, seed, cases, folder, tally))
    root = Project.find().root
    options = ["-p", "no:cacheprovider", "-p", "no:terminal", "--assert=plain", "-o", "addopts=--import-mode=importlib"]
    ended = pytest.main([*(str(root / place) for place in TESTS), *options], [where])
    if ended != pytest.ExitCode.OK:
        raise RuntimeError(f"The tests of the models could not be collected: {ended!r}.")


def _check(seed: int, cases: int, folder: Path, tally: Tally, tests: Tests) -> None:
    # Pytest would make errors of the warnings of a build.
    warnings.simplefilter("ignore")
    warm_up().join()
    built = Built(folder)
    models = {name: model for name, model in built.catalog.models.items() if not model.is_macro}
    trees = {name: parse_one(model.select, dialect=DIALECT) for name, model in models.items()}
    every = [one for name, tree in trees.items() for one in mistakes(name, tree)]
    with closing(open_empty(built.catalog)) as empty:
        for strict, mistake in _chosen(seed, cases, every):
            select = mistake.made_in(trees[mistake.name])
            if not _is_sql(empty, select):
                continue
            with tally.case():
                mutant = replace(models[mistake.name], select=select)
                noticed, differs = tests.notice(mutant)
                by = "the tests" if noticed else built.notices(mutant)
            which = "signs, units, flows and reporters of balances and mirrors" if strict else "any mistake"
            if by is None or (by == "nobody can" and differs):
                tally.outcomes[f"{which}: nobody notices"] += 1
                tally.survive(seed, str(mistake), select)
                if strict:
                    tally.fail(seed, "a mistake in a balance or a mirror that nobody notices", str(mistake))
            else:
                tally.outcomes[f"{which}: {'no row differs' if by == 'nobody can' else f'noticed by {by}'}"] += 1


def _is_sql(empty: DuckDB, select: str) -> bool:
    """Whether DuckDB takes it at all: what it refuses nobody can publish."""
    try:
        empty.connection.execute(f"explain {select}")
    except duckdb.Error:
        return False
    return True


def _chosen(seed: int, cases: int, every: list[Mistake]) -> Iterator[tuple[bool, Mistake]]:
    """Half of them of those that must be noticed, which seeds that follow each other go through; half of all."""
    random.Random(0).shuffle(strict := [one for one in every if _is_strict(one)])
    begin = seed * (cases // 2)
    yield from ((True, strict[(begin + number) % len(strict)]) for number in range(cases // 2))
    yield from ((False, one) for one in random.Random(seed).sample(every, cases - cases // 2))


def _is_strict(one: Mistake) -> bool:
    schema, _, table = one.name.partition(".")
    return schema == "marts" and ("balance" in table or "mirror" in table) and one.kind in STRICT


KIND = Kind(
    name="mutants",
    what="Mistakes in the SQL of the tables: flows, reporters, signs, units, operators, filters, joins, one at a time.",
    goal=(
        "Nine in ten mistakes are noticed: a test of the model fails, a rule fails that held before, or a claim gets "
        "another verdict. Every wrong sign, unit, flow and reporter in balances and mirrors is noticed. Mistakes that "
        "change no row, neither of the committed figures nor of the tests, are counted separately: no row differs. "
        "Versions before 0.6.0 counted too many as noticed: a test that was not torn down made the next one fail."
    ),
    round=round_of,
    cases=320,
    share=4,
)
