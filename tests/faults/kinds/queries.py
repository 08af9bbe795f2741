"""Hostile evidence: SELECTs that would take all memory or time, or whose answer is chance.

Here: SQL made of parts that DuckDB takes, asked as evidence is asked. Not here: SQL that reaches outside
(`tests/claims/test_evidence.py`).
"""

from __future__ import annotations

import random
import time
from pathlib import Path

import duckdb

from dagster_project.claims import evidence
from dagster_project.claims.query_limits import EvidenceError, EvidenceTimeoutError, limit_question
from dagster_project.models import Model
from tests.claims.making_claims import small
from tests.faults.kind import Kind, Tally, cause_of
from tests.faults.memory import peak, reserved

SECONDS = 2.0
MEMORY = 500_000_000
# What DuckDB takes between an interruption and its end, on a machine with other work.
PATIENCE = 30.0

LARGE = ("10", "1000", "100000", "10000000", "3000000000", "9223372036854775807", "-1", "1e12")
VALUES = (
    "max(length(repeat('x', {n})))",
    "length(string_agg(repeat('x', {m}), '' order by year))",
    "len(list(repeat('y', {m}) order by year))",
    "max(len(range({n})))",
    "max(length(lpad('x', {n}, 'ab')))",
    "max(len(list_transform(range({m}), x -> x + 1)))",
    "count(distinct year * {m})",
    "sum(year * {n})",
    "max(length(json_array(range({m}))::varchar))",
    "max(length(array_to_string(range({m}), ',')))",
    "median(year + {m})",
    "max(power(year, {m}))",
    "max(factorial({m}))",
    "max(bit_count({n}))",
    "max(balance_usd) / {n}",
    "any_value(balance_usd)",
    "first(balance_usd)",
    "max(rowid)",
    "max(random() + {m})",
    "list(year)[1]",
    "mode(year)",
)
TABLES = (
    "marts.balances",
    "marts.balances, range({n})",
    "marts.balances, range({m}) as a, range({m}) as b",
    "(select * from marts.balances limit {m})",
    "(select * from marts.balances order by year limit {m})",
    "marts.balances, unnest(range({m}))",
    "(select year, balance_usd, row_number() over () as n from marts.balances)",
    "marts.balances where year in (select range from range({m}))",
)


def round_of(seed: int, cases: int, _folder: Path, tally: Tally) -> None:
    chance = random.Random(seed)
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.balances as select range as year, range * 1.5 as balance_usd from range(99)"
        )
        for _ in range(cases):
            value, table = chance.choice(VALUES), chance.choice(TABLES)
            sql = f"select {value} from {table}"
            sql = sql.replace("{n}", chance.choice(LARGE)).replace("{m}", chance.choice(LARGE[:5]))
            with tally.case():
                _check(seed, connection, sql, small(), tally)


def _check(seed: int, connection: duckdb.DuckDBPyConnection, sql: str, models: dict[str, Model], tally: Tally) -> None:
    grown: list[int] = []
    # Beyond the limit it may use what it had reserved before.
    allowed = MEMORY + reserved()
    begun = time.perf_counter()
    try:
        with peak(grown), limit_question(connection, memory=MEMORY):
            evidence.check_select(connection, sql, models)
            found = evidence.ask_value(connection, sql, seconds=SECONDS)
            again = evidence.ask_value(connection, sql, seconds=SECONDS)
        tally.outcomes["answered"] += 1
        if found != again:
            tally.fail(seed, "another answer the second time", sql)
    except EvidenceError as error:
        tally.outcomes["stopped" if isinstance(error, EvidenceTimeoutError) else "refused"] += 1
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        tally.fail(seed, cause_of(error), (sql, str(error)[:200]))
    if time.perf_counter() - begun > 2 * SECONDS + PATIENCE:
        tally.fail(seed, "not stopped in time", (sql, time.perf_counter() - begun))
    if grown and grown[0] > allowed:
        tally.fail(seed, "more memory than allowed", (sql, grown[0]))


KIND = Kind(
    name="queries",
    what="Evidence that would use all memory or time, or whose answer is random.",
    goal="The same answer each time, or a refusal, within the allowed time and memory.",
    round=round_of,
    cases=60,
)
