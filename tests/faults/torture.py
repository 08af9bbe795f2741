"""Every kind of fault, over and over: `make torture`.

Here: how long each kind runs, by which seeds, what is told of it, and docs/trust.md. Not here: the kinds (`kinds/`), or
the form that they fill (`kind`).

    python -m tests.faults.torture                          30 minutes of all kinds, and docs/trust.md anew
    python -m tests.faults.torture --kinds keys,files       some of them
    python -m tests.faults.torture --replay files:7:200     the round of a failure again: kind, seed and cases
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import tempfile
import time
import warnings
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from datetime import UTC, datetime
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import yaml

from dagster_project.project import Project
from tests.faults.kind import Failure, Kind, Tally, kinds

PAGE = "docs/trust.md"
RECORD = "tests/faults/last_run.yml"
MINUTES = 30.0


def run_round(kind: Kind, seed: int, cases: int) -> Tally:
    """One round of a kind."""
    tally = Tally(kind.name, seeds=[seed])
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="bilateral-torture-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kind.round(seed, cases, Path(folder), tally)
    tally.seconds = time.perf_counter() - begun
    return tally


def main(arguments: list[str] | None = None) -> int:
    known = kinds()
    options = _options(arguments, known)
    if options.replay:
        name, seed, *cases = options.replay.split(":")
        tally = run_round(known[name], int(seed), int(cases[0]) if cases else known[name].cases)
        _tell(tally)
        return bool(tally.causes)
    chosen = [known[name] for name in options.kinds.split(",")] if options.kinds else list(known.values())
    first = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
    shares = sum(kind.share for kind in chosen)
    print(f"seeds from {first} on, {options.minutes:g} minutes: {', '.join(kind.name for kind in chosen)}", flush=True)
    tallies = []
    with ProcessPoolExecutor(options.workers, get_context("spawn")) as processes:
        for kind in chosen:
            seconds = 60 * options.minutes * kind.share / shares
            tally = Tally(kind.name)
            for found in _rounds(processes, kind.name, first, seconds, options.workers):
                tally.add(found)
            _tell(tally)
            tallies.append(tally)
    if not options.no_page:
        _keep(tallies, options.workers)
    return any(tally.causes for tally in tallies)


def _round_of(name: str, seed: int) -> Tally:
    # By its name, since what a kind does cannot be pickled.
    kind = kinds()[name]
    return run_round(kind, seed, kind.cases)


def _rounds(processes: Executor, name: str, first: int, seconds: float, at_once: int) -> Iterator[Tally]:
    """Rounds of a kind by one seed after the other, until their time is over; so many run at once."""
    until = time.monotonic() + seconds
    running = deque(processes.submit(_round_of, name, seed) for seed in range(first, first + at_once))
    following = itertools.count(first + at_once)
    while running:
        yield running.popleft().result()
        if time.monotonic() < until:
            running.append(processes.submit(_round_of, name, next(following)))


def _options(arguments: list[str] | None, known: dict[str, Kind]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make torture ARGS=", description="Every kind of fault, over and over.")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="how long in all")
    parser.add_argument("--kinds", help=f"some of {','.join(known)}")
    parser.add_argument("--seed", type=int, help="the first seed; another one each time by default")
    parser.add_argument("--workers", type=int, default=1, help="how many rounds run at once")
    parser.add_argument("--replay", help="KIND:SEED, or KIND:SEED:CASES: one round again, with its failures")
    parser.add_argument("--no-page", action="store_true", help=f"leave {PAGE} as it is")
    options = parser.parse_args(arguments)
    asked = [options.replay.split(":")[0]] if options.replay else (options.kinds or "").split(",")
    if unknown := [name for name in asked if name and name not in known]:
        parser.error(f"there is no kind {', '.join(unknown)}; there are {', '.join(known)}")
    return options


def _tell(tally: Tally) -> None:
    failed = sum(tally.causes.values())
    outcomes = ", ".join(f"{count:,} {what}" for what, count in tally.outcomes.most_common())
    print(
        f"{tally.kind}: {tally.cases:,} cases in rounds of {tally.seconds:.0f} s, seeds {tally.seeds[0]} to "
        f"{tally.seeds[-1]}, {failed:,} failed; {outcomes}",
        flush=True,
    )
    for one in tally.survivors:
        print(f"  passed {one.cause}  --replay {one.kind}:{one.seed}   {one.case}")
    for what, value in tally.measures.items():
        print(f"  {what}: {value:.3f}")
    for cause, count in tally.causes.most_common():
        print(f"  {count:,} × {cause}")
        for one in [one for one in tally.failures if one.cause == cause]:
            print(f"      --replay {one.kind}:{one.seed}   {one.case}", flush=True)


def _keep(tallies: list[Tally], workers: int) -> None:
    """Write the record and the page; kinds that did not run stay there as they were."""
    root = Project.find().root
    record = root / RECORD
    known = yaml.safe_load(record.read_text(encoding="utf-8"))
    for tally in tallies:
        today = datetime.now(UTC).date().isoformat()
        known[tally.kind] = summarise(tally) | {"run_on": today, "version": version("bilateral"), "workers": workers}
    record.write_text(yaml.safe_dump(known, width=120, allow_unicode=True, default_flow_style=None), encoding="utf-8")
    (root / PAGE).write_text(page(known), encoding="utf-8")


def summarise(tally: Tally) -> dict[str, Any]:
    """Return what the page says of a tally: its counts, and of each cause the seed of a round that had it."""
    return {
        "cases": tally.cases,
        "seeds": [tally.seeds[0], tally.seeds[-1]],
        "slowest": round(tally.slowest, 2),
        "outcomes": dict(tally.outcomes),
        "measures": {what: round(value, 2) for what, value in tally.measures.items()},
        "passed": _count(Counter(one.cause for one in tally.survivors), tally.survivors),
        "failed": _count(tally.causes, tally.failures),
    }


def _count(causes: Counter[str], examples: list[Failure]) -> dict[str, list[int]]:
    seeds = {one.cause: one.seed for one in examples}
    return {cause: [count, seeds[cause]] for cause, count in causes.items()}


def page(record: dict[str, dict[str, Any]]) -> str:
    """Return docs/trust.md, made of what the last run of each kind found."""
    every = kinds()
    parts = [
        "<!-- Made by `make torture` from tests/faults: edit the kinds there. -->\n",
        "# Tests with faults\n",
        (
            "`make torture` injects many random faults that publishers, people and disks may cause. Each kind of fault "
            "is a module in `tests/faults/kinds`. A round of cases depends only on its seed, the code and the figures. "
            'Repeat it with `make torture ARGS="--replay KIND:SEED"`. The table shows the last run of each kind. '
            "`at once` is the number of rounds that ran at the same time; more make each case slower. `version` is the "
            "version of Bilateral: the code is that of this version or of a later commit before the next one.\n"
        ),
        "| kind | cases | failed | slowest case | at once | seeds | run on | version |",
        f"|{'---|' * 8}",
    ]
    found = {name: record[name] for name in sorted(record.keys() & every)}
    for name, run in found.items():
        failed = sum(count for count, _ in run["failed"].values())
        first, last = run["seeds"]
        parts.append(
            f"| [{name}](#{name}) | {run['cases']:,} | {failed:,} | {run['slowest']:.2f} s | {run['workers']} "
            f"| {first} to {last} | {run['run_on']} | {run['version']} |"
        )
    for name, run in found.items():
        parts += [f"\n## {name}\n", f"{every[name].what}\n", f"Required result: {every[name].goal}\n"]
        parts.append("| result | cases |\n|---|---|")
        parts += [f"| {what} | {count:,} |" for what, count in sorted(run["outcomes"].items())]
        parts += [f"| {what} | {value:.2f} |" for what, value in sorted(run["measures"].items())]
        if summary := every[name].summary(Counter(run["outcomes"])):
            parts.append(f"\n{summary}")
        if run["passed"]:
            parts += ["\nNot noticed:\n", *_list_causes(name, run["passed"])]
        parts += ["\nFailed:\n", *_list_causes(name, run["failed"])] if run["failed"] else ["\nNone failed."]
    return "\n".join(parts) + "\n"


def _list_causes(kind: str, causes: dict[str, list[int]]) -> list[str]:
    return [
        f"* {cause}: {count:,}, such as `--replay {kind}:{seed}`" for cause, (count, seed) in sorted(causes.items())
    ]


if __name__ == "__main__":
    sys.exit(main())
