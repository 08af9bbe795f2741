"""The instructions of docs/deploy.md and the files of deploy/ work: units, image, services, logs, backup, restore."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy
import yaml
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.scheduler.instigation import TickStatus

from dagster_project import snapshots
from dagster_project.definitions import defs
from dagster_project.pipeline import build_warehouse
from dagster_project.project import WAREHOUSE_VARIABLE, Project
from dagster_project.refresh.planning import Options
from dagster_project.refresh.run import run_refresh
from tests import bilateral, making
from tests.defs.answering import answer
from tests.defs.live import home_in, instance_of
from tests.pipeline.test_publishing import table_hashes
from tests.refresh.running import FakeTime
from tests.refresh.server import serving

ROOT = Project.find().root
DEPLOY = ROOT / "deploy"
PAGE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


# The figures of the test are of this day.
NOW = datetime(2026, 11, 25, 6, tzinfo=UTC)


def commands(beginning: str) -> list[str]:
    """List the shell lines of docs/deploy.md with this beginning."""
    shell = "".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL))
    found = [line for line in shell.splitlines() if line.startswith(beginning)]
    assert found, beginning
    return found


# --- files ---


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    units = []
    for unit in DEPLOY.glob("bilateral-*.*"):
        text = unit.read_text(encoding="utf-8").replace("/opt/bilateral/.venv", sys.prefix)
        (tmp_path / unit.name).write_text(text.replace("/opt/bilateral", str(ROOT)), encoding="utf-8")
        units.append(str(tmp_path / unit.name))
    assert len(units) == 7
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    # What it says of units of this machine is not about ours.
    said = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "bilateral" in line]
    assert said == []


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("unit", sorted(DEPLOY.glob("*.service")), ids=lambda path: path.name)
def test_a_unit_may_do_little_else_than_it_needs(unit: Path) -> None:
    rated = ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=40", str(unit)]
    done = subprocess.run(rated, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout.splitlines()[-1]


def test_the_page_makes_the_user_and_gives_it_what_the_units_write() -> None:
    (steps,) = [block for block in re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL) if "systemctl" in block]
    lines = steps.splitlines()
    begins = ("useradd ", "make ", "chown ", "systemctl ")
    order = [next(place for place, line in enumerate(lines) if line.startswith(one)) for one in begins]
    assert order == sorted(order)
    assert lines[order[0]].endswith(" bilateral")
    owned = lines[order[2]].split()
    assert owned[:3] == ["chown", "--recursive", "bilateral:"]
    (made,) = [line.split()[-1] for line in lines if line.startswith("install --directory --owner bilateral ")]
    for unit in DEPLOY.glob("*.service"):
        for line in re.findall(r"^ReadWritePaths=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE):
            assert all(path == made or Path(path).is_relative_to(owned[3]) for path in line.split())


@pytest.mark.parametrize("unit", sorted(DEPLOY.glob("*.service")), ids=lambda path: path.name)
def test_a_unit_starts_what_there_is_and_not_as_root(unit: Path) -> None:
    text = unit.read_text(encoding="utf-8")
    lines = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    assert lines
    for program, *words in map(shlex.split, lines):
        here = program.replace("/opt/bilateral/.venv/bin", str(BIN)).replace("/opt/bilateral", str(ROOT))
        assert os.access(here, os.X_OK)
        for word in words:
            if word.startswith("/opt/bilateral/"):
                assert (ROOT / word.removeprefix("/opt/bilateral/")).exists()
    assert "User=bilateral" in text


def test_the_image_is_made_as_the_environment_is() -> None:
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    said = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    steps = [instruction for instruction, _ in said]
    assert set(steps) == {"FROM", "WORKDIR", "COPY", "RUN", "USER", "ENV", "CMD"}
    # Whatever it runs after the last step is not root's.
    assert dict(said)["USER"] == "bilateral"
    assert steps.index("USER") > max(place for place, step in enumerate(steps) if step == "RUN")
    for instruction, words in said:
        if instruction == "COPY":
            assert all((ROOT / name).exists() for name in words.split()[:-1])
        if instruction == "RUN":
            assert subprocess.run(["bash", "-n", "-c", words], check=False).returncode == 0
    options = {"--quiet", "--no-cache-dir", "--disable-pip-version-check", "$$compile"}

    def installs(text: str) -> list[list[str]]:
        found = re.findall(r"-m pip install ([^;&\n]*)", text)
        return [[word for word in line.split() if word not in options] for line in found]

    made = (ROOT / "Makefile").read_text(encoding="utf-8")
    made = made[made.index("$(READY): pyproject.toml") :]
    assert installs("\n".join(lines)) == installs(made)
    assert ["--require-hashes", "-r", "requirements.lock"] in installs(made)


def test_the_services_are_apart_and_none_is_root() -> None:
    assert set(COMPOSE["services"]) == {"code", "daemon", "webserver", "pages"}
    for service in COMPOSE["services"].values():
        assert service["healthcheck"]["test"][0] == "CMD"
        program, *words = service["command"]
        assert (BIN / program).exists()
        assert service["user"] == "${BILATERAL_UID:-10001}"
        if "--workspace" in words:
            assert (ROOT / words[words.index("--workspace") + 1]).exists()
        for mounted in service["volumes"]:
            assert (DEPLOY / mounted.partition(":")[0]).exists()
    # Publishers are asked by runs, which are processes of the code server; schedules and sensors look there, too.
    files = {name: {file["path"] for file in one["env_file"]} for name, one in COMPOSE["services"].items()}
    assert {name for name, paths in files.items() if "bilateral.env" in paths} == {"code"}
    assert "--read-only" in COMPOSE["services"]["webserver"]["command"]
    assert COMPOSE["services"]["webserver"]["ports"] == ["127.0.0.1:3000:3000"]
    # Who only reads gets what cannot be written.
    assert COMPOSE["services"]["pages"]["volumes"] == ["../warehouse:/opt/bilateral/warehouse:ro"]
    assert COMPOSE["services"]["pages"]["ports"] == ["127.0.0.1:3001:3001"]


@pytest.fixture
def postgresql() -> Iterator[int]:
    """Start a PostgreSQL for one test, with a database `dagster`; yield its port."""
    places = os.pathsep.join([os.environ["PATH"], *map(str, Path("/usr/lib/postgresql").glob("*/bin"))])
    if shutil.which("initdb", path=places) is None:
        # CI installs it.
        (pytest.fail if os.environ.get("CI") else pytest.skip)("PostgreSQL is not installed")
    # It refuses to run as root, and its own user may not look into root's folders.
    others = ["runuser", "--user", "postgres", "--"] if os.getuid() == 0 else []
    folder, port = Path(tempfile.mkdtemp(prefix="bilateral-postgresql-")), str(free_port())
    if others:
        shutil.chown(folder, "postgres")

    def run(program: str, *words: str) -> None:
        where = str(shutil.which(program, path=places))
        subprocess.run([*others, where, *words], check=True, capture_output=True, cwd=folder, timeout=60)

    data, reached = ["--pgdata", str(folder / "data")], ["--host", "127.0.0.1", "--port", port]
    run("initdb", *data, "--username", "bilateral", "--auth", "trust")
    listens = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    run("pg_ctl", *data, "--wait", "--log", str(folder / "log"), "--options", listens, "start")
    try:
        run("createdb", *reached, "--username", "bilateral", "dagster")
        yield int(port)
    finally:
        run("pg_ctl", *data, "--mode", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.mark.long
def test_records_are_kept_in_postgresql(postgresql: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (block,) = re.findall(r"```yaml\n(storage:.*?)```", PAGE, re.DOTALL)
    home = home_in(tmp_path / "home")
    with (home / "dagster.yaml").open("a", encoding="utf-8") as config:
        config.write("\n" + block.replace("port: 5432", f"port: {postgresql}"))
    for name, value in {"HOST": "127.0.0.1", "USER": "bilateral", "PASSWORD": "any"}.items():
        monkeypatch.setenv(f"BILATERAL_PG_{name}", value)
    with instance_of(home) as instance:
        asset = dg.AssetKey(["snapshots", "kosis__goods_annual"])
        job = defs().resolve_job_def("read_snapshots")
        assert job.execute_in_process(instance=instance, asset_selection=[asset]).success
    engine = sqlalchemy.create_engine(f"postgresql+psycopg2://bilateral@127.0.0.1:{postgresql}/dagster")
    with engine.connect() as connection:
        kept = "select status, (select count(*) from event_logs where asset_key is not null) > 0 from runs"
        assert [tuple(row) for row in connection.execute(sqlalchemy.text(kept))] == [("SUCCESS", True)]
    engine.dispose()
    assert list(home.rglob("*.db")) == []


@pytest.mark.long
def test_runs_that_ended_long_ago_are_forgotten(tmp_path: Path) -> None:
    home = home_in(tmp_path / "home")

    def forget(days: str) -> str:
        words = [sys.executable, str(DEPLOY / "forget_runs.py"), days]
        env = {**os.environ, "DAGSTER_HOME": str(home)}
        return subprocess.run(words, env=env, check=True, capture_output=True, text=True).stdout

    with instance_of(home) as instance:
        kept = instance.create_run_for_job(defs().resolve_job_def("read_snapshots"), status=dg.DagsterRunStatus.STARTED)
        ended = instance.create_run_for_job(
            defs().resolve_job_def("read_snapshots"), status=dg.DagsterRunStatus.SUCCESS
        )
        instance.report_engine_event("It ended.", ended)
        assert "0 runs are forgotten" in forget("1")
        assert instance.all_logs(ended.run_id)
        assert "1 runs are forgotten" in forget("0")
        assert [run.run_id for run in instance.get_runs()] == [kept.run_id]
        assert instance.all_logs(ended.run_id) == []
        retention = instance.get_tick_retention_settings(InstigatorType.SENSOR)
    assert retention[TickStatus.SKIPPED] == 7


# --- logs ---


@pytest.mark.long
def test_what_a_command_says_of_its_work_is_json_where_the_environment_says_so() -> None:
    done = bilateral.run(["refresh", "nobody"], os.environ | {"BILATERAL_LOG": "json"})
    (record,) = [json.loads(line) for line in done.stderr.splitlines()]
    assert (record["level"], record["logger"]) == ("ERROR", "bilateral")
    assert record["message"].startswith("There is no source called nobody.")


@pytest.mark.long
def test_logs_of_runs_are_json_where_the_environment_says_so() -> None:
    program = (
        "import dagster as dg\n"
        "from dagster_project.definitions import defs\n"
        "with dg.DagsterInstance.ephemeral() as instance:\n"
        "    defs().resolve_job_def('read_snapshots').execute_in_process(\n"
        "        instance=instance, asset_selection=[dg.AssetKey(['snapshots', 'kosis__goods_annual'])])\n"
    )
    for value, begins in (("json", "{"), ("", "20")):
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True, text=True, check=True, env=os.environ | {"BILATERAL_LOG": value},
        )  # fmt: skip
        said = done.stderr.splitlines()
        assert said
        assert all(line.startswith(begins) for line in said)
        assert value == "" or all(json.loads(line) for line in said)


# --- services ---


@contextmanager
def started(words: list[str], env: dict[str, str], log: Path) -> Iterator[None]:
    with log.open("w") as output:
        process = subprocess.Popen(
            [BIN / words[0], *words[1:]], cwd=ROOT, env=env, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.long
@pytest.mark.timeout(400)
def test_the_services_run_what_is_switched_on_and_the_webserver_changes_nothing(tmp_path: Path) -> None:
    """As in containers, with this machine in place of each."""
    home, where = home_in(tmp_path / "home"), making.checkout(tmp_path / "warehouse")
    ports = {"4000": str(free_port()), "3000": str(free_port())}
    workspace = tmp_path / "workspace.yaml"
    text = (DEPLOY / "workspace.compose.yaml").read_text(encoding="utf-8")
    workspace.write_text(text.replace("host: code", "host: 127.0.0.1").replace("4000", ports["4000"]), "utf-8")
    env = {**os.environ, "DAGSTER_HOME": str(home), WAREHOUSE_VARIABLE: str(where.warehouse), "BILATERAL_LOG": "json"}

    def words(service: str) -> list[str]:
        named = [ports.get(word, word) for word in COMPOSE["services"][service]["command"]]
        here = {"0.0.0.0": "127.0.0.1", "deploy/workspace.compose.yaml": str(workspace)}  # noqa: S104 - replaced
        return [here.get(word, word) for word in named]

    def ask(query: str) -> Any:
        asked = urllib.request.Request(
            f"http://127.0.0.1:{ports['3000']}/graphql",
            json.dumps({"query": query}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(asked, timeout=60) as response:  # noqa: S310
            (value,) = json.load(response)["data"].values()
        return value

    with instance_of(home) as instance, ExitStack() as running:
        for service in ("code", "daemon", "webserver"):
            running.enter_context(started(words(service), env, tmp_path / f"{service}.log"))
            if service == "code":
                check = [BIN / "dagster", *COMPOSE["services"]["code"]["healthcheck"]["test"][2:]]
                check = [ports.get(str(word), word) for word in check]
                for _ in range(60):
                    if subprocess.run(check, capture_output=True, check=False).returncode == 0:
                        break
                else:
                    pytest.fail((tmp_path / "code.log").read_text())
        # The queue is the daemon's, the process the code server's.
        launch = ["job", "launch", "--job", "read_snapshots", "--workspace", str(workspace)]
        subprocess.run([BIN / "dagster", *launch], env=env, check=True, capture_output=True)
        for _ in range(1200):
            (run,) = instance.get_runs()
            if run.is_finished:
                break
            time.sleep(0.1)
        assert run.status == dg.DagsterRunStatus.SUCCESS
        lines = [
            json.loads(line) for line in (tmp_path / "daemon.log").read_text().splitlines() if line.startswith("{")
        ]
        assert lines
        for service in ("webserver", "daemon"):
            check = COMPOSE["services"][service]["healthcheck"]["test"][1:]
            words_of = [word.replace("3000", ports["3000"]) for word in check]
            subprocess.run([BIN / words_of[0], *words_of[1:]], env=env, check=True, capture_output=True)
        for command in commands("dagster "):
            ours = command.replace("deploy/workspace.yaml", str(workspace))
            subprocess.run([BIN / "dagster", *shlex.split(ours)[1:]], env=env, check=True, capture_output=True)
        on = {state.instigator_name for state in instance.all_instigator_state() if state.is_running}
        assert {"update_kcs", "update_imf", "retry_refresh"} <= on
        assert ask("{ runsOrError { __typename ... on Runs { results { status } } } }") == {
            "__typename": "Runs",
            "results": [{"status": "SUCCESS"}],
        }
        refused = ask(f'mutation {{ deleteRun(runId: "{run.run_id}") {{ __typename }} }}')
        assert refused["__typename"] == "UnauthorizedError"


@pytest.mark.long
def test_those_who_only_read_get_the_report_the_dictionary_and_the_file_and_nothing_else(built: Project) -> None:
    port = str(free_port())
    service = COMPOSE["services"]["pages"]
    words = [{"3001": port, "0.0.0.0": "127.0.0.1"}.get(word, word) for word in service["command"]]  # noqa: S104
    env = {**os.environ, WAREHOUSE_VARIABLE: str(built.warehouse)}

    def read(path: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as response:
            content: bytes = response.read()
        return content

    with tempfile.TemporaryDirectory() as folder, started(words, env, Path(folder, "log")):
        check = [word.replace("3001", port) for word in service["healthcheck"]["test"][1:]]
        for _ in range(100):
            if subprocess.run([BIN / check[0], *check[1:]], capture_output=True, check=False).returncode == 0:
                break
            time.sleep(0.2)
        assert read("/") == built.report.read_bytes()
        assert read("/data_dictionary.html") == built.published_dictionary.read_bytes()
        assert read("/bilateral.duckdb") == built.published_file.read_bytes()
        refused = ("/archive/", "/archive/publications/", "/archive/work.duckdb", "/report/../archive/work.duckdb")
        for other in (*refused, "/archive/bilateral.duckdb", "/claims/", "/../x.html"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                read(other)


# --- backup ---


def test_a_backup_is_restored_and_old_ones_go(tmp_path: Path) -> None:
    """In small: the long test below restores a whole archive and builds."""
    (unit,) = re.findall(
        r"ExecStart=/opt/bilateral/(deploy/back_up.sh .*)", (DEPLOY / "bilateral-upkeep.service").read_text()
    )
    where = making.project(tmp_path / "here")
    (where.warehouse / "claims").mkdir()
    backup, restored = tmp_path / "backup", tmp_path / "restored"
    old = backup / "bilateral-2020-01-01.tar.gz"
    backup.mkdir()
    restored.mkdir()
    old.touch()
    os.utime(old, (0, 0))
    env = {**os.environ, "BACKUP": str(backup), "WAREHOUSE": str(where.warehouse), "RESTORED": str(restored)}
    # Before the first refresh, and after it; as the unit says and as the page does.
    as_the_unit = unit.replace("/opt/bilateral/warehouse", '"$WAREHOUSE"').replace(
        "/var/backups/bilateral", '"$BACKUP"'
    )
    subprocess.run(["bash", "-euc", as_the_unit], env=env, check=True, cwd=ROOT)
    made = making.snapshot(where)
    (where.fetched / "example").mkdir(parents=True)
    shutil.copytree(made.folder, where.fetched / "example" / made.folder.name)
    for command in (*commands("deploy/back_up.sh "), *commands("tar ")):
        subprocess.run(["bash", "-euc", command], env=env, check=True, cwd=ROOT)
    assert not old.exists()
    copied = restored / "archive" / "snapshots" / "example" / made.folder.name / made.data.name
    assert copied.read_bytes() == made.data.read_bytes()


@pytest.mark.longest
@pytest.mark.long
def test_a_backup_restored_into_a_fresh_checkout_builds_the_same_tables(warehouse: Project, tmp_path: Path) -> None:
    with serving() as server:
        answer(server, warehouse, {("NE.IMP.GNFS.ZS", "DEU", "2024"): 37.7})
        options = Options(environment={"BILATERAL_WORLDBANK_URL": server.address}, clock=FakeTime(NOW).clock)
        (result,) = run_refresh(warehouse, ["worldbank"], options)
    assert result.archived
    build_warehouse(warehouse)
    restored = making.checkout(tmp_path / "restored")
    env = {
        **os.environ,
        "BACKUP": str(tmp_path),
        "WAREHOUSE": str(warehouse.warehouse),
        "RESTORED": str(restored.warehouse),
    }
    for command in (*commands("deploy/back_up.sh "), *commands("tar ")):
        subprocess.run(["bash", "-euc", command], env=env, check=True, cwd=ROOT)
    found, held = snapshots.find_all_snapshots(restored), snapshots.find_all_snapshots(warehouse)
    assert {path: [one.id for one in every] for path, every in found.items()} == {
        path: [one.id for one in every] for path, every in held.items()
    }
    build_warehouse(restored)
    assert table_hashes(restored) == table_hashes(warehouse)
