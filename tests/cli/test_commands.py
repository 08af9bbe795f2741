"""The command line answers in plain words, and an error is one line with its remedy."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import duckdb
import pytest

from dagster_project import publication
from dagster_project.project import HOME_VARIABLE, WAREHOUSE_VARIABLE, Project
from tests import bilateral


def environment_of(project: Project) -> dict[str, str]:
    """Return the environment variables that name the project's folders."""
    return {
        "PATH": "/usr/bin:/bin",
        HOME_VARIABLE: str(project.root),
        WAREHOUSE_VARIABLE: str(project.warehouse),
        "COLUMNS": "200",
        "HOME": str(project.warehouse),
    }


def run(project: Project, *words: str, stdin: str | bytes = "", code: int = 0) -> str:
    """Run a command; return its standard output, or its standard error if `code` is not 0."""
    done = bilateral.run(words, environment_of(project), stdin=stdin)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout if code == 0 else done.stderr


ASKED = (
    "select year, balance_usd, sign_flipped, first_deficit_since from marts.trade_balance_annual "
    "where reporter_code='KOR' and partner_code='CHN' and year>=2016 order by year"
)
ASKED_OF_BOTH = ASKED.replace(", sign_flipped, first_deficit_since", "")


def test_a_question_is_answered_as_a_table_csv_or_json(built: Project, tmp_path: Path) -> None:
    assert "-18,039,656,000" in run(built, "query", ASKED)
    rows = list(csv.DictReader(io.StringIO(run(built, "query", ASKED, "--format", "csv"))))
    assert {row["year"]: row["first_deficit_since"] for row in rows}["2023"] == "1992"
    records = json.loads(run(built, "query", "-f", "json", "-", stdin=ASKED))
    assert next(row for row in records if row["year"] == 2023)["sign_flipped"] is True
    (tmp_path / "q.sql").write_text(ASKED)
    assert json.loads(run(built, "query", "-f", "json", "--sql-file", str(tmp_path / "q.sql"))) == records


HEAVY = {"pandas", "great_expectations", "dagster", "sqlalchemy"}
QUICK = [
    ["query", ASKED],
    ["ask", "3"],
    ["status"],
    ["judge", "balance KOR CHN 2023 = -18bn"],
    ["cite", "balance/KOR/CHN/2023@2025-06-19"],
]


def test_the_list_of_commands_imports_only_what_each_of_them_needs() -> None:
    needless = HEAVY | {"dagster_project.questions", "jinja2", "yaml"}
    program = f"import sys; import dagster_project.cli.commands; print(*sorted({needless!r} & sys.modules.keys()))"
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "\n"


@pytest.mark.long
def test_what_somebody_waits_for_imports_nothing_heavy(built: Project) -> None:
    program = (
        "import contextlib, io, sys; from dagster_project.cli.commands import app\n"
        f"with contextlib.redirect_stdout(io.StringIO()):\n    for words in {QUICK!r}:\n"
        "        app(args=words, standalone_mode=False)\n"
        f"print(*sorted({HEAVY!r} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment_of(built), capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("\n", "")


@pytest.mark.long
def test_a_day_gives_what_was_known_at_its_end(built: Project) -> None:
    # Korea Customs has a surplus of 55,636,463,000 US$ for 2018; in March 2023 another was held, and none of 2023.
    at = ("--as-of", "2023-03-28", "--format", "csv")
    then, now = (dict(csv.reader(io.StringIO(run(built, "query", ASKED_OF_BOTH, *day)))) for day in (at, at[2:]))
    assert (now["2018"], now["2023"]) == ("55636463000", "-18039656000")
    assert then["2018"] not in {"", now["2018"]}
    assert "2023" not in then
    answer = json.loads(run(built, "ask", "balance", "--as-of", "2023-03-28", "--format", "json"))
    assert answer["as_of"] == "2023-03-28"
    assert {row["year"]: row["balance_usd"] for row in answer["rows"]}[2018] == float(then["2018"])
    assert all(row["year"] < 2023 or row["balance_usd"] is None for row in answer["rows"])
    assert "As known at the end of 2023-03-28" in run(built, "ask", "balance", "--as-of", "2023-03-28")


@pytest.mark.long
@pytest.mark.parametrize(
    ("sql", "day", "complaint"),
    [
        ("from marts.trade_breaks", "2023-03-28", "marts.trade_breaks is computed by a program"),
        ("from claims", "2023-03-28", "main.claims depends on marts.claim_verdicts"),
        ("from bilateral.marts.trade_balance_annual", "2023-03-28", "cannot be read as of a day"),
        ("create table t as select 1", "2023-03-28", "one SELECT"),
        ("from duckdb_tables()", "2023-03-28", "duckdb_tables cannot be read as of a day"),
        ("select 1", "2999-01-01", "nothing that became known after 20"),
        ("select 1", "March", "March"),
    ],
)
def test_what_no_day_can_tell_is_an_error(built: Project, sql: str, day: str, complaint: str) -> None:
    assert complaint in run(built, "query", sql, "--as-of", day, code=2 if day == "March" else 1)


@pytest.mark.long
def test_a_day_before_all_figures_says_since_when_they_are_held(built: Project) -> None:
    words = ("query", "from trade_balance", "--format", "csv", "--as-of", "1950-01-01")
    done = bilateral.run(words, environment_of(built))
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 1
    assert re.fullmatch(
        r"On 1950-01-01 no figure of these tables was known; the first became known on \d{4}-\d\d-\d\d\.\n", done.stderr
    )


@pytest.mark.long
@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["query", "select * from marts.trade_balance"], "another version of Bilateral and lacks trade_balance"),
        (["query", "selec 1"], "syntax error"),
        (["query", "create table t as select 1"], "read-only"),
        (["query", ""], "got 0"),
        (["query", "select 1; select 2"], "got 2"),
        (["query", "copy (select 1) to 'x.csv'"], "disabled"),
        (["query", "set memory_limit = '100GB'"], "the configuration has been locked"),
        (["query", "call enable_logging()"], "the configuration has been locked"),
        (["describe", "core.product_trade_anual"], "Did you mean core.product_trade_annual"),
        (["describe", "marts.nonsense"], "See `bilateral tables`"),
        (["describe", "marts.trade_balance_anual"], "Did you mean marts.trade_balance_annual"),
        (["rollback", "p0"], "Publication p0 does not exist"),
        (["diff", "p0"], "Publication p0 does not exist"),
        (["diff"], "is kept, so there is nothing to compare it with"),
        (["build", "--memory", "lots"], "Invalid amount of memory: 'lots'. Write a number and its unit"),
        (["--file", "x.duckdb", "build"], "This command works on a warehouse and takes no --file"),
        (["tables", "--file", "/absent.duckdb"], "/absent.duckdb does not exist"),
    ],
)
def test_an_error_is_one_line(built: Project, words: list[str], complaint: str) -> None:
    said = run(built, *words, code=1)
    assert complaint in said
    assert len(said.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["build", "--keep", "all"], "Invalid value for '--keep': Input should be a valid integer"),
        (
            ["query", "select 1", "--limit", "-3"],
            "'--limit': Input should be greater than or equal to 0. See `",
        ),
        (["refresh", "--since", "yesterday"], "'--since': 'yesterday' does not match the formats '%Y-%m-%d'."),
        (["tables", "--format", "xml"], "'xml' is not one of 'table', 'csv', 'json'"),
        (["ask"], "Missing argument 'question'."),
        (["nonsense"], "'nonsense'"),
    ],
)
def test_a_wrong_call_is_one_line_and_code_2(built: Project, words: list[str], complaint: str) -> None:
    said = run(built, *words, code=2)
    assert complaint in said
    assert len(said.strip().splitlines()) == 1


def test_the_version_is_told(built: Project) -> None:
    assert run(built, "--version") == f"bilateral {version('bilateral')}\n"


@pytest.mark.parametrize("text", ["[/]", "[bold]x", ":smile:", "back\\", "[link=x]y[/link]"])
def test_data_are_shown_as_they_are(built: Project, text: str) -> None:
    asked = f"""select '{text}' as "{text}", 'x' as y"""
    assert run(built, "query", asked).split() == [text, "y", text, "x"]
    # One below the other, where they have no room side by side.
    name = text + 30_000 * "x"
    wide = ", ".join(f"""'{text}' as "{name}{number}" """ for number in range(4))
    assert run(built, "query", "-", stdin=f"select {wide}").split()[:2] == [f"{name}0", text]


def test_an_empty_warehouse_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "snapshots").mkdir()
    project = Project.at(Project.find().root, warehouse=tmp_path)
    for command in ("tables", "status", "check"):
        assert "Run `bilateral build` first" in run(project, command, code=1)
    assert "absent does not exist" in run(Project.at(project.root, warehouse=tmp_path / "absent"), "tables", code=1)


@pytest.mark.long
def test_tables_and_columns_are_described(built: Project) -> None:
    listed = run(built, "tables")
    assert listed.index("marts.trade_balance_annual") < listed.index("core.goods_trade_annual")
    assert "core.goods_trade_as_of(moment)" in listed
    assert "as it was known at the end of a day" in run(built, "describe", "core.goods_trade_as_of")
    assert listed.index("trade_balance ") < listed.index("both_sides") < listed.index("marts.trade_balance_annual")
    assert "Goods trade of a reporter with a partner by product and year" in run(built, "describe", "products")
    assert "Products of each classification" in run(built, "describe", "core.products")
    assert "Did you mean trade_balance," in run(built, "describe", "trade_balanc", code=1)
    described = run(built, "describe", "marts.trade_balance_annual")
    assert "first_deficit_since" in described
    assert "US$" in described


@pytest.mark.long
def test_forecasts_under_seal_are_listed_and_an_altered_ledger_is_named(built: Project, tmp_path: Path) -> None:
    listed = json.loads(run(built, "forecasts", "--format", "json"))
    assert {row["series"] for row in listed if row["reporter"] == "KOR"} == {"exports", "imports", "balance"}
    assert all(row["low"] < row["forecast bn US$"] < row["high"] for row in listed)
    file = tmp_path / "altered.duckdb"
    shutil.copy(built.published_file, file)
    file.chmod(0o600)
    with duckdb.connect(file) as connection:
        connection.execute("update marts.sealed_forecasts set status = 'altered', reason = 'Entry 2 was altered.'")
    said = run(built, "forecasts", "--file", str(file), code=1)
    assert "Entry 2 was altered. So no forecast is shown." in said


@pytest.mark.long
def test_the_status_says_how_fresh_the_figures_are_and_whose_fault_it_is(built: Project) -> None:
    said = run(built, "status")
    (line,) = [one for one in said.splitlines() if one.startswith("kcs/goods_monthly ")]
    assert line.split() == ["kcs/goods_monthly", "2026-07", "2026-09-15", "late:", "key", "missing"]
    assert "more datasets came as files, which no refresh updates." in said
    # Of a file that lies elsewhere nobody knows who is asked.
    said = run(built, "status", "--file", str(built.published_file))
    (line,) = [one for one in said.splitlines() if one.startswith("kcs/goods_monthly ")]
    assert line.split() == ["kcs/goods_monthly", "2026-07", "2026-09-15", "late"]


@pytest.mark.long
def test_the_status_lists_each_known_irregularity_with_its_cause_and_the_check_with_its_rows(built: Project) -> None:
    said = " ".join(run(built, "status").split())
    with publication.open_published(built) as connection:
        failed = connection.execute(
            "select table_name, check_name, known_cause, unexpected_count from meta.checks where status = 'failed'"
        ).fetchall()
    assert f"Known irregularities ({len(failed)}; `bilateral check` shows the rows)" in said
    assert "Warnings without a known cause" not in said
    for table, check, cause, count in failed:
        assert cause, f"{table} {check} fails on the committed figures for a cause that its suite does not say"
        assert f"known {table}: {check} (warning, {count} row" in said
        assert cause in said
    assert "20,915,753" not in said
    checked = bilateral.run(("check",), environment_of(built))
    rows = " ".join(checked.stderr.split())
    assert (checked.returncode, "20,915,753" in rows) == (0, True)
    # Of many rows some are shown, and how many.
    assert "10 of 14 rows:" in rows


@pytest.mark.long
def test_a_warehouse_that_stands_still_fails_a_watchdog(warehouse: Project, tmp_path: Path) -> None:
    from dagster_project.refresh.log import Log
    from dagster_project.sources import Request

    # It builds, and nobody was ever asked.
    assert "✗ No refresh has accepted a response yet." in run(warehouse, "status", "--max-age", "36h", code=1)
    run(warehouse, "status", "--max-age", "36h", "--file", str(warehouse.published_file))
    # It builds, and nothing is accepted any more.
    with Log(warehouse) as log:
        log.record_response(
            "kcs", Request("kcs/goods_monthly", "/", "CHN"), datetime.now(UTC) - timedelta(days=43), "confirmed"
        )
    assert "✗ The last response was accepted 43 days ago, earlier than --max-age allows." in run(
        warehouse, "status", "--max-age", "6w", code=1
    )
    run(warehouse, "status", "--max-age", "44d")
    run(warehouse, "status")
    # It builds no more.
    warehouse.published_file.chmod(0o644)
    with duckdb.connect(str(warehouse.published_file)) as connection:
        connection.execute("update meta.publication set published_at = published_at - interval 41 day")
    assert "✗ The publication is 41 days old, older than --max-age allows." in run(
        warehouse, "status", "--max-age", "40d", code=1
    )
    assert "'--max-age': expected a number and h (hours), d (days) or w (weeks)" in run(
        warehouse, "status", "--max-age", "soon", code=2
    )
    # A wrong clock hides how old it is.
    with duckdb.connect(str(warehouse.published_file)) as connection:
        connection.execute("update meta.publication set published_at = published_at + interval 82 day")
    assert "✗ The publication is dated in the future" in run(warehouse, "status", "--max-age", "40d", code=1)
    (tmp_path / "empty" / "snapshots").mkdir(parents=True)
    empty = Project.at(warehouse.root, warehouse=tmp_path / "empty")
    assert "Nothing is published yet" in run(empty, "status", "--max-age", "40d", code=1)


@pytest.mark.long
def test_the_status_tells_the_publication_and_changed_snapshots(warehouse: Project) -> None:
    from tests import making

    current = publication.get_current_id(warehouse)
    assert current is not None
    assert current in run(warehouse, "status")
    making.edit(warehouse, "kcs/goods_monthly", lambda rows: rows[:-1])
    assert "Snapshots have changed since: 1 new, 1 removed" in run(warehouse, "status")


@pytest.mark.long
def test_a_published_file_that_lies_elsewhere_is_audited_again_by_the_rules_of_the_checkout(
    built: Project, tmp_path: Path
) -> None:
    (tmp_path / "snapshots").mkdir()
    elsewhere = Project.at(built.root, warehouse=tmp_path)
    said = run(elsewhere, "check", "--file", str(built.published_file))
    assert re.search(r"all \d+ critical checks passed; \d+ others found known irregularities\.", said)


@pytest.mark.long
def test_building_ends_with_the_first_answer_and_the_next_question(small: Project) -> None:
    from tests import making

    making.edit(small, "bok/services_annual", lambda rows: rows[:-1])
    said = run(small, "build")
    assert "Published" in said
    assert "2023" in said
    assert "1992" in said
    assert "Ask it of China's statistics" in said
    listed = json.loads(run(small, "publications", "--format", "json"))
    assert [row[""] for row in listed] == ["→", ""]
    assert listed[1]["publication"] in run(small, "rollback")
    assert publication.get_current_id(small) == listed[1]["publication"]
    assert f"A newer publication is kept: {listed[0]['publication']}" in run(small, "status")
    # Without copies there is no going back.
    run(small, "build", "--keep", "0")
    assert list(small.publications.rglob("*.duckdb")) == []
    assert len(json.loads(run(small, "publications", "--format", "json"))) == 1
    assert "no earlier publication" in run(small, "rollback", code=1)


@pytest.mark.long
def test_a_build_that_fails_its_audit_says_which_expectation_and_rows(warehouse: Project) -> None:
    from tests import making

    before = publication.get_current_id(warehouse)
    # Of all datasets with a rule that stops a build, few tables depend on this one.
    making.edit(warehouse, "frb/exchange_rates_monthly", making.invert_a_rate)
    said = run(warehouse, "build", code=1)
    assert "each_rate_is_whole" in said
    assert "2023" in said
    assert "frb/exchange_rates_monthly/" in said
    assert "Nothing was published" in said
    assert publication.get_current_id(warehouse) == before
    told = f"The last build failed its audit, and was not published: {warehouse.failed_audit}"
    assert told in run(warehouse, "status")
    (edited,) = (warehouse.snapshots / "frb" / "exchange_rates_monthly").iterdir()
    shutil.rmtree(edited)
    shutil.copytree(Project.find().snapshots / "frb" / "exchange_rates_monthly", edited.parent, dirs_exist_ok=True)
    run(warehouse, "build")
    # A publication of its own, with the same content.
    assert str(publication.get_current_id(warehouse)).rpartition("-")[2] == str(before).rpartition("-")[2]
    assert told not in run(warehouse, "status")


def test_snapshots_are_listed_and_verified(built: Project) -> None:
    assert "kosis/goods_annual/" in run(built, "snapshots", "list")
    assert "have the bytes that were received" in run(built, "snapshots", "verify")
