"""The page about what was measured, and its picture.

Here: medians, ratios, the tables, which targets are met. Not here: the measuring (`run`), the drawing (`plot`).

Nothing on the page is written by hand but the sentences around the figures.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parent
GIB = 2**30
FIRST, AGAIN, IDLE = "ours, first build", "ours, every table again", "ours, nothing changed"
REFRESH, REFRESHED = "ours, one month refreshed", "ours, first build of the refreshed"
NAMES = {
    "bare": "bare DuckDB: the same SQL, nothing else",
    "pandas": "pandas: the main marts only, nothing checked",
    "dbt, first build": "dbt-duckdb: the same models and a test for each expectation",
    "dbt, nothing changed": "dbt-duckdb again, nothing changed",
    "command, first build": "`bilateral build`, first",
    "command, nothing changed": "`bilateral build`, nothing changed",
    FIRST: "our build without the command line, first",
    AGAIN: "our build without the command line, every table again (`--fresh`)",
    IDLE: "our build without the command line, nothing changed",
    REFRESH: "our build without the command line, one month refreshed",
    REFRESHED: "our first build of the refreshed snapshots",
}
# Builds that are compared with dbt's: at most how many times its time by the clock, and its processor time.
DBT = (
    ("`bilateral build`, which also draws the reports,", "command, first build", 1.0, None),
    ("our first build without the command line", FIRST, 0.7, 0.9),
    ("our build of every table again (`--fresh`)", AGAIN, 0.52, 0.52),
)
ASKING = "duckdb in Python"
# At most how many times the processor time of asking DuckDB in Python a command may take.
COMMANDS = {
    "bilateral query": 2.0,
    "bilateral ask 3": 3.0,
    "bilateral status": 3.5,
    "bilateral judge": 5.5,
    "bilateral cite": 6.0,
}
# What was to be reached of starts and runs: in words, which, beside which, and at most how many times it.
STARTS = [
    ("loading our definitions compared with importing dagster", "load our definitions", "import dagster", 2.5),
    (
        "a Dagster run with nothing changed compared with importing dagster",
        "Dagster run, nothing changed",
        "import dagster",
        10,
    ),
    (
        "a build with one source changed compared with one with nothing changed",
        "build, one source changed",
        "build, nothing changed",
        4,
    ),
    (
        "a build with one source of few tables changed compared with one with nothing changed",
        "build, one source of few tables changed",
        "build, nothing changed",
        4,
    ),
    (
        "a Dagster run with one source changed compared with that build",
        "Dagster run, one source changed",
        "build, one source changed",
        1.6,
    ),
]
CAVEATS = """
## What to know before comparing

* Bare DuckDB verifies no hashes, sets no rows aside, and neither checks, documents nor publishes anything. It reads
  CSV directly if only one model needs it, keeps no order of rows and does not count those of a file. It is a lower
  bound, not an alternative. It and dbt get the results of our Python code (seasons, breaks, effects, claims) as
  inputs.
* dbt makes every table again each time, because it does not know what has changed. Its tests are our rules,
  unchanged. It gets only the committed figures: some generated rows break their contract, and it cannot set them
  aside.
* The pandas script makes five tables, where the others make all of them, and keeps no vintages.
* A first build computes the analyses; later ones reuse them as long as their input tables are the same. A refresh of
  months computes seasons and breaks again, so with few figures it may take longer than making every table again.
* With more than 100 million rows only our own build is measured, from zipped files and with `--keep 0`: bare DuckDB
  makes each table in one statement, for which this machine has too little memory and disk.
* Generated rows are products of one level, one month per snapshot, so no total has to agree with them. The refreshed
  month is new. A refresh that revises old months renews as many slices as months.
* After a change to a small table that large ones look up (codes, economies, precedence), the large ones are made
  again as a whole.
* `bilateral build` also draws the reports, which our build without the command line does not. A second process computes
  analyses; its processor time is counted, but not its memory.
* A publication is a separate file: it costs a copy of everything, however little has changed.
"""


def write(found: Mapping[str, Any], page: Path, picture: Path | None, python: Path | None) -> None:
    """Writes the page, and the picture if there is an interpreter that can draw it.

    Args:
        found: What `run` found.
        page: Where the page goes.
        picture: Where the picture goes.
        python: An interpreter with what draws it.
    """
    if picture is not None and python is not None:
        picture.parent.mkdir(parents=True, exist_ok=True)
        command = [python, HERE / "plot.py", picture]
        subprocess.run([str(part) for part in command], input=json.dumps(_points(found)), text=True, check=True)
    page.parent.mkdir(parents=True, exist_ok=True)
    shown = picture if python is not None else None
    page.write_text("\n".join(_page(found, page, shown)) + "\n", encoding="utf-8")


def _page(found: Mapping[str, Any], page: Path, picture: Path | None) -> Iterator[str]:
    machine, workloads = found["machine"], found["workloads"]
    yield "# What it costs"
    yield ""
    yield "<!-- Written by `make bench`; the figures are not edited by hand. -->"
    yield ""
    yield "All tools read the same files on one machine, in turn in every round. The tables show medians, and for"
    yield "memory the highest peak. Compare ratios, not seconds: *busy* is processor time over all cores, which depends"
    yield "least on what else the machine was doing; *clock* is the time from start to end."
    yield '`make bench ARGS="--rows 0 3000000 30000000"` measures again.'
    yield ""
    yield f"Measured on {found['begun'][:10]}: {machine['processor']}, {machine['cores']} cores,"
    yield f"{machine['memory_bytes'] / GIB:.0f} GiB, {machine['system']}, Python {machine['python']}."
    yield ""
    for who, versions in found["versions"].items():
        yield f"* {who}: " + ", ".join(f"{name} {version}" for name, version in versions.items())
    for workload in workloads:
        yield ""
        yield from _workload(workload)
    if sum(bool(workload["rows"]) for workload in workloads) and picture is not None:
        relative = picture.relative_to(page.parent) if picture.is_relative_to(page.parent) else picture
        yield ""
        yield f"![Processor time of a whole build, of bare DuckDB and of a refresh, against rows]({relative})"
    if found["starts"]:
        yield ""
        yield from _starts(found["starts"])
    yield ""
    yield from _targets(found)
    yield ""
    yield from CAVEATS.strip().splitlines()


def _workload(workload: Mapping[str, Any]) -> Iterator[str]:
    rows, measured = workload["rows"], workload["measured"]
    yield f"## {_title(rows)}"
    yield ""
    rounds = max(len(every) for every in measured.values())
    at = f" at {workload['facts']['commit']}" if workload["facts"].get("commit") else ""
    yield f"{workload['read']:,} rows in {workload['csv_bytes'] / 2**20:,.0f} MiB of snapshots; {_times(rounds)}{at}."
    yield f"DuckDB may use {workload['memory']} of memory in each case."
    yield ""
    yield "| what | clock, s | × bare | busy, s | × bare | peak, MiB |"
    yield "|---|--:|--:|--:|--:|--:|"
    for name, every in sorted(measured.items(), key=lambda item: list(NAMES).index(item[0])):
        seconds, busy, peak = _middle(every)
        by_clock = _ratio(seconds, _seconds(measured, "bare"))
        by_busy = _ratio(busy, _busy(measured, "bare"))
        yield f"| {NAMES[name]} | {seconds:.1f} | {by_clock} | {busy:.1f} | {by_busy} | {peak / 2**20:,.0f} |"
    yield ""
    yield "Time of our process by stage, by the clock:"
    yield ""
    yield "| build | importing, s | read, make and audit, s | publish, s | all except importing, s |"
    yield "|---|--:|--:|--:|--:|"
    for name, told in workload["told"].items():
        if name.startswith("ours"):
            each = [_told(told, stage) for stage in ("imports", "make_and_audit", "publish", "build")]
            yield f"| {NAMES[name]} | " + " | ".join(f"{value:.2f}" for value in each) + " |"
    yield ""
    yield from _same(workload)


def _same(workload: Mapping[str, Any]) -> Iterator[str]:
    facts = workload["facts"]
    if facts.get("refresh_equals_full"):
        yield "After the refresh every table had the same hash as after a build from the beginning."
    for name, label in (("bare", "Bare DuckDB"), ("dbt", "dbt")):
        if f"{name}_tables" in facts and not workload["rows"]:
            tables, same = facts[f"{name}_tables"], facts[f"{name}_equal_tables"]
            yield f"{label} produced the same rows in {same} of {tables} tables. The others are all in staging and lack"
            yield "only the row numbers of the file."
    if facts.get("dbt_tests"):
        yield f"dbt ran {facts['dbt_tests']} tests, one for each expectation."
    if facts.get("pandas_balances"):
        held, equal = facts["pandas_balances"]["held"], facts["pandas_balances"]["equal"]
        yield f"Of {held} annual balances of Korea with China, pandas has {equal} equal to ours."


def _starts(starts: Mapping[str, Any]) -> Iterator[str]:
    yield "## Start-up times and interactive commands"
    yield ""
    yield f"{_times(max(len(every) for every in starts.values())).capitalize()}, each in its own process."
    yield ""
    yield "| what | clock, s | busy, s | × its limit (busy) |"
    yield "|---|--:|--:|--:|"
    limits = {
        "load our definitions": "import dagster",
        "Dagster run, nothing changed": "import dagster",
        "build, one source changed": "build, nothing changed",
        "build, one source of few tables changed": "build, nothing changed",
        "Dagster run, one source changed": "build, one source changed",
        **dict.fromkeys(COMMANDS, ASKING),
    }
    for name, every in starts.items():
        seconds, busy, _ = _middle(every)
        limit = limits.get(name)
        ratio = _ratio(busy, _busy(starts, limit)) if limit else "1.00"
        yield f"| {name} | {seconds:.2f} | {busy:.2f} | {ratio} |"


def _targets(found: Mapping[str, Any]) -> Iterator[str]:
    yield "## Targets"
    yield ""
    yield "| what | target | measured | met |"
    yield "|---|---|---|---|"
    for what, limit, value, met in _reached(found):
        yield f"| {what} | {limit} | {value} | {'yes' if met else 'no' if met is not None else 'not measured'} |"


def _compare_with_dbt(measured: Mapping[str, Any]) -> Iterator[tuple[str, str, str, bool]]:
    """List the targets of our builds beside dbt's: what, the target, what was measured, and whether it was met."""
    theirs = _middle(measured["dbt, first build"])
    for what, name, by_clock, by_busy in DBT:
        ours = _middle(measured[name])
        clock, busy = ours[0] / theirs[0], ours[1] / theirs[1]
        limit = f"{by_clock} by the clock" + (f", {by_busy} busy" if by_busy else "")
        met = clock <= by_clock and (by_busy is None or busy <= by_busy)
        yield f"{what} compared with dbt's build with tests", limit, f"{clock:.2f}, {busy:.2f} busy", met


def _reached(found: Mapping[str, Any]) -> Iterator[tuple[str, str, str, bool | None]]:
    by_rows = {workload["rows"]: workload for workload in found["workloads"]}
    default = by_rows.get(0)
    if default is not None:
        outside = _told(default["told"][FIRST], "build")
        busy = _busy(default["measured"], FIRST)
        yield (
            "first build of the committed figures, outside importing",
            "3 s",
            f"{outside:.1f} s by the clock; {busy:.1f} s busy, importing included",
            outside < 3,
        )
        if "dbt, first build" in default["measured"]:
            yield from _compare_with_dbt(default["measured"])
    starts = found["starts"]
    if starts:
        for what, name, beside, most in STARTS:
            if name in starts:
                ratio = _busy(starts, name) / _busy(starts, beside)
                yield what, f"{most}", f"{ratio:.2f} busy", ratio <= most
        for name, most in COMMANDS.items():
            if name in starts:
                ratio = _busy(starts, name) / _busy(starts, ASKING)
                yield f"`{name}` compared with {ASKING} with a query", f"{most:g}", f"{ratio:.2f} busy", ratio <= most
    for rows, workload in by_rows.items():
        if rows:
            yield from _reached_at(rows, workload)
    sizes = [rows for rows in by_rows if rows]
    if len(sizes) > 1:
        fixed = _busy(default["measured"], FIRST) if default is not None else 0
        each = {rows: (_busy(by_rows[rows]["measured"], FIRST) - fixed) / rows * 1e6 for rows in sizes}
        least, most = min(each.values()), max(each.values())
        yield (
            "busy seconds per additional million rows, over all sizes",
            "in proportion to rows",
            " · ".join(f"{value:.1f} s at {_short(rows)}" for rows, value in each.items()),
            most <= 1.5 * least,
        )
    if 270_000_000 not in by_rows:
        yield "270 million rows", "16 GiB", "–", None


def _reached_at(rows: int, workload: Mapping[str, Any]) -> Iterator[tuple[str, str, str, bool | None]]:
    measured, told = workload["measured"], workload["told"]
    size = _short(rows)
    if "bare" in measured:
        ratio = _told(told[FIRST], "make_and_audit") / _told(told["bare"], "build")
        busy = _busy(measured, FIRST) / _busy(measured, "bare")
        yield (
            f"{size} rows: read, build and audit compared with bare DuckDB",
            "1.5",
            f"{ratio:.2f} by the clock; {busy:.2f} busy, importing and publishing included",
            ratio <= 1.5,
        )
    peak = _middle(measured[FIRST])[2]
    limit = 16 if rows > 30_000_000 else 4
    yield f"{size} rows: memory", f"{limit} GiB", f"{peak / GIB:.1f} GiB at most", peak < limit * GIB
    if REFRESHED in measured:
        part = _told(told[REFRESH], "build") / _told(told[REFRESHED], "build")
        busy = _busy(measured, REFRESH) / _busy(measured, REFRESHED)
        yield (
            f"{size} rows: a refresh of one month compared with a full build",
            "0.1",
            f"{part:.3f} by the clock, without importing; {busy:.3f} busy, with it",
            part <= 0.1,
        )


def _points(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the picture shows."""
    shown = {"bare": "bare DuckDB", FIRST: "our build, audited and published", REFRESH: "our refresh of one month"}
    return [
        {"rows": workload["rows"], "what": label, "busy": _busy(workload["measured"], name)}
        for workload in found["workloads"]
        for name, label in shown.items()
        if workload["rows"] and name in workload["measured"]
    ]


def _middle(every: list[dict[str, Any]]) -> tuple[float, float, float]:
    """The median of clock and processor time, and the highest peak of memory."""
    return (
        median(one["seconds"] for one in every),
        median(one["busy"] for one in every),
        max(one["peak"] for one in every),
    )


def _seconds(measured: Mapping[str, Any], name: str) -> float:
    return _middle(measured[name])[0] if name in measured else 0


def _busy(measured: Mapping[str, Any], name: str | None) -> float:
    return _middle(measured[name])[1] if name is not None and name in measured else 0


def _told(every: list[dict[str, Any]], stage: str) -> float:
    return float(median(one[stage] for one in every))


def _ratio(value: float, limit: float) -> str:
    return f"{value / limit:.2f}" if limit else "–"


def _title(rows: int) -> str:
    return f"{_short(rows)} generated rows in addition" if rows else "The committed figures"


def _short(rows: int) -> str:
    return f"{rows / 1e6:g} million" if rows >= 1_000_000 else f"{rows:,}"


def _times(rounds: int) -> str:
    return "measured once" if rounds == 1 else f"measured {rounds} times"
