"""Our own build in a process of its own, by its stages.

    python benchmarks/ours.py WAREHOUSE [--fresh] [--memory 3GiB] [--keep 0]

Here: when each stage of one build began, and what came of it. Not here: what a build does.
"""

from __future__ import annotations

import argparse
import json
import time
from importlib import import_module
from pathlib import Path

# What the analyses import when they are worked out.
LIBRARIES = ("scipy.optimize", "scipy.special", "statsmodels.regression.linear_model", "statsmodels.tsa.seasonal")


def main() -> None:
    reads = argparse.ArgumentParser(description="Build a warehouse and print what it took.")
    reads.add_argument("warehouse", type=Path)
    reads.add_argument("--fresh", action="store_true")
    reads.add_argument("--memory")
    reads.add_argument("--keep", type=int)
    asked = reads.parse_args()

    begun = time.perf_counter()
    from dagster_project.audit.auditor import warm_up
    from dagster_project.engines import Settings
    from dagster_project.pipeline import build_warehouse
    from dagster_project.project import Project

    project = Project.find(warehouse=asked.warehouse)
    warm_up().join()
    if not project.analyses.exists():
        for library in LIBRARIES:
            import_module(library)
    imported = time.perf_counter()
    reached: dict[str, float] = {}

    def note(stage: str, _detail: str, _total: int) -> None:
        reached.setdefault(stage, time.perf_counter())

    made, _ = build_warehouse(
        project,
        Settings(memory=asked.memory),
        fresh=asked.fresh,
        keep=asked.keep,
        on_step=note,
    )
    ended = time.perf_counter()
    published = reached.get("publish", ended)
    print(
        json.dumps(
            {
                "imports": imported - begun,
                "build": ended - imported,
                "read": reached.get("build", published) - imported,
                "make_and_audit": published - imported,
                "publish": ended - published,
                "content_hash": made.content_hash,
            }
        )
    )


if __name__ == "__main__":
    main()
