"""A question that takes too long or too much memory is stopped, and the connection is as good as before."""

from __future__ import annotations

import resource

import duckdb
import pytest

from dagster_project.claims.query_limits import EvidenceMemoryError, EvidenceTimeoutError, limit_question

ENDLESS = "select count(*) from range(1000000) as a, range(1000000) as b where a.range + b.range = -1"


def test_a_question_that_takes_too_long_is_stopped() -> None:
    with duckdb.connect() as connection:
        with (
            pytest.raises(EvidenceTimeoutError, match=r"more than 0\.1 seconds"),
            limit_question(connection, seconds=0.1),
        ):
            connection.execute(ENDLESS)
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_question_that_takes_too_much_memory_is_refused_and_the_limit_is_lifted() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    with (
        duckdb.connect() as connection,
        pytest.raises(EvidenceMemoryError, match="more than 1 GB of memory"),
        limit_question(connection, memory=1_000_000_000),
    ):
        raise MemoryError
    assert resource.getrlimit(resource.RLIMIT_AS) == before
