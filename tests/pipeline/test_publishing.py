"""Readers, killed builds and two builds at once: the published file is always whole."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import duckdb
import pytest

from dagster_project import publication
from dagster_project.errors import BilateralError
from dagster_project.pipeline import build_warehouse, open_build
from dagster_project.project import Project
from dagster_project.snapshots import hash_file
from tests import making
from tests.pipeline.test_refusals import KOSIS, make, only, verdicts

pytestmark = pytest.mark.long

QUESTION = (
    "select count(*), sum(balance_usd) from marts.trade_balance_annual "
    "where reporter_code = 'KOR' and partner_code = 'CHN' and is_complete"
)


def table_hashes(project: Project) -> dict[str, str]:
    with publication.open_published(project) as connection:
        return dict(connection.execute("select table_name, content_hash from meta.table_hashes").fetchall())


def test_readers_go_on_through_a_build_and_publications(project: Project) -> None:
    """One reader holds the file open, another opens it again and again, while others are published over it.

    All of them are equal, since they are built of the same snapshots.
    """
    first = table_hashes(project)
    holding = duckdb.connect(str(project.published_file), read_only=True)
    expected = holding.execute(QUESTION).fetchone()
    errors: list[BaseException] = []
    answers: set[tuple] = set()
    reads = 0
    done = threading.Event()

    def reopen() -> None:
        nonlocal reads
        program = textwrap.dedent(
            f"""
            import duckdb, sys
            for line in sys.stdin:
                with duckdb.connect({str(project.published_file)!r}, read_only=True) as c:
                    print(*c.execute({QUESTION!r}).fetchone(), flush=True)
            """
        )
        # Another process, as a reader is: DuckDB shares one database among a process's connections to a path.
        with subprocess.Popen(
            [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as reader:
            assert reader.stdin
            assert reader.stdout
            while not done.is_set():
                reader.stdin.write("\n")
                reader.stdin.flush()
                line = reader.stdout.readline().split()
                if len(line) != 2:
                    errors.append(RuntimeError("the reader stopped"))
                    return
                answers.add((int(line[0]), float(line[1])))
                reads += 1
            reader.stdin.close()

    thread = threading.Thread(target=reopen)
    thread.start()
    try:
        build_warehouse(project, fresh=True)
        for _ in range(3):
            with open_build(project) as work:
                work.records.forget_publication()
                work.publish_build()
            assert holding.execute(QUESTION).fetchone() == expected
    finally:
        done.set()
        thread.join()
        holding.close()
    assert errors == []
    assert answers == {expected}
    assert reads >= 10
    assert table_hashes(project) == first
    assert len(publication.list_publications(project)) == 1
    assert not publication.get_wal(project.published_file).exists()


KILLED = """
import os, signal, sys, time
from pathlib import Path
from dagster_project.audit.translation import import_great_expectations
from dagster_project.pipeline import build_warehouse
from dagster_project.project import Project

import_great_expectations()  # before the fork: a build is then little more than its own work
project = Project.at(Path(sys.argv[1]), warehouse=Path(sys.argv[2]))
for moment in map(float, sys.argv[3:]):
    child = os.fork()
    if child == 0:
        build_warehouse(project, fresh=True)
        os._exit(0)
    time.sleep(moment)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    print("killed" if os.WIFSIGNALED(status) else "finished", flush=True)
"""


@pytest.mark.longest
def test_a_build_killed_at_any_moment_leaves_the_last_publication_whole(project: Project) -> None:
    before = hash_file(project.published_file)
    moments = ["0.05", "0.3", "0.6", "1.0", "1.5", "2.0"]
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", KILLED, str(project.root), str(project.warehouse), *moments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout.split().count("killed") >= 3, ran.stderr
    if "finished" not in ran.stdout:
        assert hash_file(project.published_file) == before
    first = table_hashes(project)
    build_warehouse(project)
    assert table_hashes(project) == first


KILLED_AT_A_CALL = """
import os, signal, sys
from pathlib import Path
from dagster_project import publication
from dagster_project.pipeline import open_build
from dagster_project.project import Project

project = Project.at(Path(sys.argv[1]), warehouse=Path(sys.argv[2]))


def deadly(original):
    def call(*args, **kwargs):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*args, **kwargs)

    return call


os.replace = deadly(os.replace)
publication._copy_file = deadly(publication._copy_file)
publication.sync_to_disk = deadly(publication.sync_to_disk)
for line in sys.stdin:
    left = int(line)
    if (child := os.fork()) == 0:
        with open_build(project) as work:
            work.records.forget_publication()
            work.publish_build()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)
"""


def test_a_publication_killed_at_any_step_is_the_old_one_or_the_new_one(project: Project) -> None:
    """Before each copy, each sync and each rename in turn, until a run gets to its end."""
    whole = {hash_file(project.published_file)}
    codes: list[int] = []
    words = [sys.executable, "-W", "ignore", "-c", KILLED_AT_A_CALL, str(project.root), str(project.warehouse)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as publisher:
        assert publisher.stdin
        assert publisher.stdout
        while codes[-1:] != [0] and len(codes) < 30:
            publisher.stdin.write(f"{len(codes) + 1}\n")
            publisher.stdin.flush()
            codes.append(int(publisher.stdout.readline()))
            whole |= {hash_file(file) for file in project.publications.glob("*/bilateral.duckdb")}
            assert hash_file(project.published_file) in whole
            assert publication.get_current_id(project) is not None
        publisher.stdin.close()
    assert codes == [-9] * (len(codes) - 1) + [0]
    assert len(codes) > 5
    assert [path.name for path in project.warehouse.glob(".bilateral*")] == []


def test_a_second_build_says_that_it_waits(project: Project) -> None:
    waits = threading.Event()
    ended: list[str] = []

    def second() -> None:
        with open_build(project, on_wait=waits.set):
            ended.append("second")

    with open_build(project):
        thread = threading.Thread(target=second)
        thread.start()
        assert waits.wait(timeout=30)
        thread.join(timeout=0.5)
        assert ended == []
        ended.append("first")
    thread.join(timeout=30)
    assert ended == ["first", "second"]


def test_a_failing_build_leaves_nothing_half_done_beside_the_publication(project: Project, tmp_path: Path) -> None:
    (project.corrections / "nonsense.yml").write_text("reason: none\n")
    with pytest.raises(BilateralError, match=r"nonsense\.yml is not a correction"):
        build_warehouse(project)
    assert [path.name for path in project.warehouse.glob(".*")] == []


def test_nothing_is_published_that_was_not_made_or_not_audited_as_it_stands(project: Project) -> None:
    with open_build(project, fresh=True) as work:
        with pytest.raises(BilateralError, match="has not been made"):
            work.publish_build()
        with pytest.raises(BilateralError, match="has not been made yet"):
            work.tables.make_table("marts.trade_balance_annual")
        # Rules of a table that is not made yet crash, and nothing else does.
        assert {result.status for result in verdicts(work, "marts.trade_balance_annual")} == {"crashed"}
        make(work, *work.catalog.models)
        with pytest.raises(BilateralError, match="was not audited since it was last made"):
            work.publish_build()


def test_a_table_older_than_its_inputs_is_not_published(project: Project) -> None:
    with open_build(project) as work:
        # The work file that the last build left is whole.
        work.tables.require_current()
        work.audit.require_audited()
    making.edit(project, KOSIS, only(lambda row: row.update(exports_usd="1"), partner_code="ABW", year="2000"))
    with open_build(project) as work:
        table = "staging.kosis__goods_annual"
        assert work.tables.hash_inputs(work.catalog.models[table]) != work.records.tables[table].inputs
        # The first one named may be another: what reads the list of snapshots is older than it, too.
        with pytest.raises(BilateralError, match=r"staging\.\w+ is older than its inputs"):
            work.publish_build()
    assert publication.get_current_id(project) is not None


def test_a_macro_that_was_changed_is_made_again_before_it_is_published(project: Project) -> None:
    making.replace_text(project.sql / "core" / "goods_trade_as_of.sql", "known_from <= moment", "known_from < moment")
    with open_build(project) as work, pytest.raises(BilateralError, match=r"core\.goods_trade_as_of is older"):
        work.publish_build()


def test_a_table_whose_model_is_gone_is_not_published(project: Project) -> None:
    (project.sql / "core" / "product_trade_monthly.sql").unlink()
    (project.expectations / "core" / "product_trade_monthly.yml").unlink()
    with open_build(project) as work:
        work.publish_build()
    with publication.open_published(project) as connection:
        listed = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
        audited = {name for (name,) in connection.execute("select table_name from meta.checks").fetchall()}
    assert "trade_balance_annual" in listed
    assert "product_trade_monthly" not in listed
    assert "core.product_trade_monthly" not in audited
