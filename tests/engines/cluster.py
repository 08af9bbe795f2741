"""A standalone cluster of Spark on the loopback interface: a master and workers, each a process.

Here: starting it, killing a worker, ending it. Not here: what runs on it.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import AbstractContextManager, ExitStack
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

WHY_NOT = (
    "pyspark is not installed: `make spark`"
    if find_spec("pyspark") is None
    else "there is no Java"
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ
    else None
)
# Of the driver, which runs in the test's process: it is reached on the loopback interface only.
OPTIONS = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.executor.memory": "1g",
    "spark.sql.shuffle.partitions": "2",
}


class Cluster(AbstractContextManager["Cluster"]):
    """A master and two workers of a core each.

    Args:
        folder: Where workers put their files.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ends = ExitStack()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = f"spark://127.0.0.1:{self._port}"
        self.workers: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        master = ("master.Master", "--host", "127.0.0.1", "--port", str(self._port), "--webui-port", "0")
        self._start("master", *master)
        self._wait_for("master", "Starting Spark master")
        for name in ("one", "two"):
            place = ("--host", "127.0.0.1", "--webui-port", "0", "--work-dir", str(self._folder / name))
            self.workers.append(self._start(name, "worker.Worker", "--cores", "1", "--memory", "2g", *place, self.url))
        for name in ("one", "two"):
            self._wait_for(name, "Successfully registered with master")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ends.close()

    def kill_a_worker(self) -> None:
        """As a machine that fails does: without a word, and its executor with it."""
        worker = self.workers.pop()
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    def _start(self, name: str, what: str, *arguments: str) -> subprocess.Popen[bytes]:
        import pyspark

        home = Path(pyspark.__file__).parent
        with (self._folder / f"{name}.log").open("wb") as log:
            started = subprocess.Popen(
                [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{what}", *arguments],
                stdout=log,
                stderr=subprocess.STDOUT,
                # Of its own group, so that it ends with its executors.
                start_new_session=True,
                env=os.environ | {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"},
            )
        self._ends.callback(_end, started)
        return started

    def _wait_for(self, name: str, text: str) -> None:
        log = self._folder / f"{name}.log"
        for _ in range(600):
            if text in log.read_text(errors="replace"):
                return
            time.sleep(0.1)
        raise TimeoutError(f"{name} did not say {text!r} within a minute: {log.read_text(errors='replace')[-2000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
