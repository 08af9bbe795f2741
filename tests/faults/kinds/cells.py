"""One wrong cell in a committed snapshot of Korea or China: whether a mart changes, and whether anybody is told.

Here: which cell is changed, a build of the changed snapshot, what came of it. Not here: the corruptions (`corrupting`),
or the rules that catch them (`expectations/`).

A cell is caught if the build stops, or if a warning names its snapshot in a row that the unchanged warehouse does not
give. A note (`info`) catches nothing. A build ends as soon as the cell is caught: it would come to no mart.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from typing import Any

from dagster_project import snapshots
from dagster_project.audit.results import CheckResult, select_blocking
from dagster_project.catalog import Catalog
from dagster_project.errors import BilateralError
from dagster_project.models import find_upstream
from dagster_project.pipeline import Build, open_build
from dagster_project.snapshots import Snapshot
from dagster_project.sources import find_dataset
from tests.faults.corrupting import FINE, GROSS, Cell, Row, Rows
from tests.faults.kind import Kind, Tally, cause_of, find_built
from tests.making import rewrite, work_of

KOREA = {"KOR", "KR", "410", "한국", "South Korea", "Korea, Republic of", "KoreaRepublicof", "Korea", "EXKOUS"}
CHINA = {"CHN", "CN", "156", "중국", "China", "China, peoples' republic of", "China, P.R.: Mainland", "EXCHUS"}
KOREA |= {"Korea, Rep.", "Republic of Korea", "韩国"}
# Whose statistics a dataset is that does not say so in each row.
REPORTERS = {"kosis": KOREA, "kcs": KOREA, "bok": KOREA, "kto": KOREA, "gacc": CHINA}
# How often a dataset is chosen.
WEIGHTS = {
    path: weight
    for weight, paths in {
        4: "worldbank/wdi",
        3: "kosis/goods_annual kosis/goods_monthly imf/goods_monthly comtrade/goods_annual gacc/goods_monthly",
        2: "kcs/goods_monthly kcs/goods_monthly_hs comtrade/goods_annual_sitc4 comtrade/goods_monthly_hs6_selected "
        "bok/services_annual oecd_wto/services_annual oecd_wto/services_annual_points",
        1: "kosis/goods_annual_world kcs/goods_monthly_all_partners imf/goods_annual_chn_imports bok/goods_monthly "
        "wits/goods_annual_bilateral frb/exchange_rates_monthly",
    }.items()
    for path in paths.split()
}
# Marts that are made of other marts or of estimates: what changes them changes those as well.
DERIVED = [
    "revealed_comparative_advantage",
    "market_share_change",
    "trade_margins_annual",
    "balance_change_by_product",
    "balance_change_by_flow",
    "concentration_annual",
    "entrepot_balance_annual",
    "price_volume_annual",
]
SNAPSHOT = "snapshot"
Ways = dict[str, Callable[[Cell], Any]]


class Base:
    """A warehouse of the committed snapshots, and what its audit says of them."""

    def __init__(self, folder: Path) -> None:
        self.project = work_of(find_built(), folder / "warehouse")
        self.catalog = Catalog(self.project)
        left_out = {f"marts.{name}" for name in DERIVED} | {
            name
            for name in self.catalog.models
            if any(one.startswith("analysis.") for one in find_upstream(self.catalog.models, name))
        }
        self.tables = self.catalog.models.keys() - left_out
        self.suites = self.catalog.suites.keys() & self.tables
        self.said: set[object] = set()
        with open_build(self.project, catalog=self.catalog) as work:
            for step in work.run_steps(self.tables, self.suites):
                if step.results is not None:
                    self.said |= {meant for meant, _ in _warnings(work, step.results)}
        self.kept = folder / "kept.duckdb"
        shutil.copyfile(self.project.work_file, self.kept)

    @cached_property
    def marts(self) -> dict[str, str]:
        """The rows of Korea and China of each mart, without what says where they are from, as SQL on a catalog."""
        found = {}
        for name in sorted(self.tables):
            model = self.catalog.models[name]
            columns = [column.name for column in model.columns]
            sides = [one for one in columns if one in {"reporter_code", "partner_code", "economy_code"}]
            if model.schema == "marts" and not model.is_macro and sides:
                shown = ", ".join(f'"{one}"' for one in columns if SNAPSHOT not in one)
                whose = " or ".join(f"{one} in ('KOR', 'CHN')" for one in sides)
                found[name] = f"select {shown} from {{}}{name} where {whose}"
        return found


def _warnings(work: Build, results: list[CheckResult]) -> Iterable[tuple[object, str]]:
    """Each row that a warning names: what identifies it, and its text."""
    for result in results:
        if result.status == "failed" and result.severity == "warning":
            rows = result.sample
            if result.query:
                found = work.file.connection.execute(result.query)
                names = [column[0] for column in found.description or []]
                rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
            for row in rows:
                kept = {k: v for k, v in row.items() if not isinstance(v, float) and SNAPSHOT not in k}
                kept = {k: v for k, v in kept.items() if "row" not in k and not k.endswith(("_usd", "value"))}
                yield (result.table, result.check, repr(kept)), f"{result.table} {result.check} {row}"


def corrupt(base: Base, chance: random.Random, ways: Ways) -> tuple[str, Snapshot, str, bool]:
    """Changes a snapshot and seals it: how, the snapshot, a row before and after, and whether all figures stay near."""
    while True:
        path = chance.choices([*WEIGHTS], [*WEIGHTS.values()])[0]
        found, how = chance.choice(snapshots.find_snapshots(base.project, path)), chance.choice([*ways])
        said: list[tuple[str, bool]] = []

        def change(rows: Rows, path: str = path, how: str = how, said: list[tuple[str, bool]] = said) -> Rows:
            cell = _cell(rows, path, chance)
            if cell is not None:
                before = [dict(row) for row in rows]
                ways[how](cell)
                changed = [(a, dict(b or {})) for a, b in zip_longest(before, rows) if a != b]
                if changed:
                    old, new = (list((row or {}).values()) for row in changed[0])
                    largest = max(abs(float(row[cell.column])) for row in before if row[cell.column])
                    is_near = all(_is_near(a or {}, b, cell.kind.key, largest) for a, b in changed)
                    said.append((f"{cell.column}, rows {len(changed)}: {old} → {new}", is_near))
            return rows

        sealed = rewrite(found, change)
        if said:
            return how, sealed, *said[0]


def _is_near(before: Row, after: Row, key: Sequence[str], largest: float) -> bool:
    """Whether a row has the same key, and no figure of another sign, half as large or twice.

    What differs by less than a ten-thousandth of the largest figure is near, too: no rule can see it.
    """
    if before.keys() != after.keys() or any(before[name] != after[name] for name in key):
        return False
    try:
        pairs = [(float(before[name]), float(after[name])) for name in before if before[name] != after[name]]
    except ValueError:
        return False
    return all((a * b > 0 and 0.5 < a / b < 2) or 1e4 * abs(a - b) < largest for a, b in pairs)


def _cell(rows: Rows, path: str, chance: random.Random) -> Cell | None:
    kind = find_dataset(path)
    implied = REPORTERS.get(kind.source, set())

    def sides(row: Row) -> int:
        texts = set(row.values())
        return sum(bool(texts & names or implied is names) for names in (KOREA, CHINA))

    concerned = [place for place, row in enumerate(rows) if sides(row)]
    pairs = [p for p in concerned if sides(rows[p]) == 2 or rows[p].get("indicator_code", "").startswith("NV.")]
    if not concerned:
        return None
    place = chance.choice(pairs if pairs and chance.random() < 0.75 else concerned)
    measures = [one.name for one in kind.columns if one.kind in {"number", "integer"} and one.name not in kind.key]
    # What is printed to be added up, or beside the figures, comes to no mart.
    measures = [name for name in measures if not name.startswith(("balance", "total")) and "declarations" not in name]
    held = [name for name in measures if rows[place][name] not in {"", "0"}]
    return Cell(rows, place, chance.choice(held), kind, chance) if held else None


def outcome(base: Base, snapshot_id: str) -> str:
    """What came of a changed snapshot: `stopped`, `warned`, `passed` or `no mart changed`."""
    shutil.copyfile(base.kept, base.project.work_file)
    with open_build(base.project, catalog=base.catalog) as work:
        try:
            work.inputs.receive_all()
            with closing(work.run_steps(base.tables, base.suites)) as made:
                for step in made:
                    if step.results is not None:
                        if select_blocking(step.results):
                            return "stopped"
                        for meant, text in _warnings(work, step.results):
                            if meant not in base.said and snapshot_id in text:
                                return "warned"
        except BilateralError:
            return "stopped"
        work.file.connection.execute(f"attach '{base.kept}' as kept (read_only)")
        for rows in base.marts.values():
            now, before = rows.format(""), rows.format("kept.")
            if work.file.connection.execute(
                f"select 1 from (({now} except {before}) union all ({before} except {now})) limit 1"
            ).fetchall():
                return "passed"
    return "no mart changed"


def round_of(seed: int, cases: int, folder: Path, tally: Tally) -> None:
    run_cases(seed, cases, folder, tally, (("gross", GROSS), ("fine", FINE)))


def run_cases(seed: int, cases: int, folder: Path, tally: Tally, sizes: Sequence[tuple[str, Ways]]) -> None:
    """Builds so many changed snapshots, one of each size after the other, and counts what came of them."""
    base = Base(folder)
    for number in range(cases):
        size, ways = sizes[number % len(sizes)]
        chance = random.Random(f"{seed} {number}")
        spare = folder / "spare"
        shutil.copytree(base.project.snapshots, spare, copy_function=shutil.copy2)
        with tally.case():
            how, sealed, said, is_near = corrupt(base, chance, ways)
            size = "fine" if is_near else size
            try:
                came = outcome(base, sealed.id)
                tally.outcomes[f"{size}, {came}"] += 1
                if came == "passed":
                    path = f"{sealed.manifest.source}/{sealed.manifest.dataset}"
                    tally.survive(seed, f"{size}, {how}: {path}", (number, said))
            except Exception as error:  # noqa: BLE001 - that is what is looked for
                tally.fail(seed, f"{size}, {how}: {cause_of(error)}", (number, sealed.id, said, str(error)[:200]))
        shutil.rmtree(base.project.snapshots)
        spare.rename(base.project.snapshots)


def share(outcomes: Counter[str], size: str) -> float:
    """How many of the cells that were caught or changed a mart were caught."""
    caught = outcomes[f"{size}, stopped"] + outcomes[f"{size}, warned"]
    return caught / max(1, caught + outcomes[f"{size}, passed"])


def summary(outcomes: Counter[str]) -> str:
    """The shares of the cells that were caught."""
    shares = " and ".join(f"{100 * share(outcomes, size):.0f}% of the {size} ones" for size in ("gross", "fine"))
    return (
        f"Of the faults that were caught or changed a mart, {shares} were caught. For a caught fault, nobody checks "
        "whether it would have changed a mart."
    )


KIND = Kind(
    name="cells",
    what="One wrong cell in a committed snapshot of Korea or China, with a new hash. Gross faults: × 10, a wrong code, "
    "an empty cell. Fine faults: two digits transposed, 10% off, a wrong last digit.",
    goal="Of the faults that are caught or change a mart, 95% of the gross ones and 60% of the fine ones stop the "
    "build or are named in a warning.",
    round=round_of,
    cases=30,
    share=4,
    summary=summary,
)
