"""How long a whole build takes beside the import of the libraries it needs.

    .venv/bin/python benchmarks/build.py

Here: the default build of the committed snapshots, in one process, as ratios within the run. A first build reads every
snapshot; the later ones find the raw Parquet of the first.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

BUILDS = 5


def main() -> None:
    begun = time.perf_counter()
    from dagster_project.audit.auditor import warm_up
    from dagster_project.build import build

    warm_up().join()
    imports = time.perf_counter() - begun

    from tests import making

    with tempfile.TemporaryDirectory() as folder:
        project = making.checkout(Path(folder) / "warehouse")
        seconds = []
        for _ in range(1 + BUILDS):
            begun = time.perf_counter()
            build(project)
            seconds.append(time.perf_counter() - begun)
    first, later = seconds[0], statistics.median(seconds[1:])
    print("what                          seconds   of the imports")
    print(f"importing libraries          {imports:8.2f}             1.00")
    print(f"first build                  {first:8.2f}         {first / imports:8.2f}")
    print(f"a later build, median of {BUILDS}   {later:8.2f}         {later / imports:8.2f}")


if __name__ == "__main__":
    main()
