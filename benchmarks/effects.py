"""How often the test of an event's effect is wrong where nothing happened, and how often it finds what is planted.

    .venv/bin/python -m benchmarks.effects

Here: made-up panels, the quiet months and years of the warehouse, and the table in docs/methods.md that both give. Not
here: the test itself (`dagster_project/analysis/effects.py`).
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import count, islice
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from dagster_project.analysis import effects, estimates, stages
from dagster_project.analysis.effects import PLANTED, Finding, get_last_significant_rank
from dagster_project.analysis.estimates import PRIMARY, NoEstimate, Sample, find_refusal, prepare_sample
from dagster_project.analysis.panels import Panels, read_panels
from dagster_project.analysis.periods import get_first_day, get_month_ordinal
from dagster_project.analysis.stages import Key, Stage

SEED = 20170315
RUNS = 1500
PAGE = Path("docs/methods.md")
BEGIN, END = "<!-- The table is written by benchmarks/effects.py. -->", "<!-- End of the table. -->"


@dataclass
class Tally:
    """What was counted over one kind of question.

    Args:
        title: What was asked.
        asked: Questions in which nothing happened.
        apart: Of these, those whose windows do not overlap within their series.
        last: The place of the last of them, by series.
        told: Of these, those that the ranks told from zero.
        by_series: Whether the ranks told each of them from zero, by series.
        level: The sum of the levels that the ranks state.
        first: Of these, those that are first among their own earlier windows.
        first_level: The sum of what that rank states.
        stated: The sum of the chances that are stated, by planted fall.
        found: How many planted falls were estimated and told from zero.
    """

    title: str
    asked: int = 0
    apart: int = 0
    last: dict[Key, int] = field(default_factory=dict)
    told: int = 0
    by_series: dict[Key, list[bool]] = field(default_factory=dict)
    level: float = 0.0
    first: int = 0
    first_level: float = 0.0
    estimated: int = 0
    stated: list[float] = field(default_factory=lambda: [0.0] * len(PLANTED))
    found: list[int] = field(default_factory=lambda: [0] * len(PLANTED))

    def count(self, question: Sample, *, plant: bool = True) -> None:
        """Asks where nothing happened, and again with each fall planted."""
        nothing = question.find_effect()
        if nothing is None or not get_last_significant_rank(nothing.test.placebos):
            return
        self.asked += 1
        # The questions of a series come in order.
        window = PRIMARY[question.key.frequency].window
        if question.place - self.last.get(question.key, -window) >= window:
            self.apart += 1
            self.last[question.key] = question.place
        test, (rank, before) = nothing.test, nothing.in_time
        self.told += test.is_significant
        self.level += test.attainable
        self.by_series.setdefault(question.key, []).append(test.is_significant)
        self.first += rank == 1
        self.first_level += 1 / (before + 1)
        if not plant or estimates.find_poor_fit(nothing) is not None:
            return
        self.estimated += 1
        for place, fall in enumerate(PLANTED):
            planted = question.find_effect(math.log1p(-fall))
            self.stated[place] += nothing.power[place]
            self.found[place] += _is_found(planted, question)

    @property
    def spread(self) -> str:
        """The sizes of single series, from the 10th to the 90th in a hundred, and their number."""
        sizes = [100 * np.mean(told) for told in self.by_series.values()]
        if len(sizes) == self.asked:
            return "–"
        low, middle, high = np.percentile(sizes, (10, 50, 90))
        return f"{low:.0f} to {high:.0f}, median {middle:.0f} ({len(sizes)} series)"

    @property
    def row(self) -> str:
        """The table's row."""
        asked, estimated = self.asked, max(self.estimated, 1)
        power = [
            f"{100 * stated / estimated:.0f} → {100 * found / estimated:.0f}"
            for stated, found in zip(self.stated, self.found, strict=True)
        ]
        cells = [
            self.title,
            f"{asked:,}",
            f"{self.apart:,}",
            f"{100 * self.level / asked:.1f} → {100 * self.told / asked:.1f}",
            self.spread,
            f"{100 * self.first_level / asked:.1f} → {100 * self.first / asked:.1f}",
            *power,
        ]
        return f"| {' | '.join(cells)} |"


def _is_found(found: Finding | None, question: Sample) -> bool:
    return found is not None and find_refusal(found, question) is None and found.test.conclusion == "fall"


def simulated(rng: np.random.Generator, frequency: str, partners: int, length: int, cut: int) -> Iterator[Sample]:
    """Panels in which nothing happens: a shared walk, and what each has of its own, restless and calm ones among them.

    A deviation keeps nine tenths of the year before's; each series has its season and its size.
    """
    season, design = effects.count_seasons(frequency), PRIMARY[frequency]
    keep = 0.9 ** (1 / season)
    index = pd.period_range("2011", periods=length, freq="M" if frequency == "M" else "Y")
    like = min(estimates.MOST_DONORS, max(round(0.6 * partners), estimates.FEWEST_DONORS))
    for run in count():
        key = Key("goods", frequency, "AAA", str(run), "export", "TOTAL")
        shared = np.cumsum(rng.normal(size=length)) * 0.1 / math.sqrt(season)
        restless = np.exp(rng.normal(-2.5, 0.3, size=partners)) * math.sqrt(1 - keep**2)
        own = np.zeros((length, partners))
        noise = rng.normal(size=(length, partners)) * restless
        own[0] = noise[0] / math.sqrt(1 - keep**2)
        for period in range(1, length):
            own[period] = keep * own[period - 1] + noise[period]
        seasonal = rng.normal(size=(season, partners))[np.arange(length) % season] * (0.1 if season > 1 else 0)
        monthly = rng.normal(size=(length, partners)) * restless
        logs = shared[:, None] * rng.normal(1, 0.3, size=partners) + own + seasonal + monthly
        changed = effects.compute_changes(pd.DataFrame(logs, index=index), design).to_numpy()
        donors = np.zeros((partners, partners), dtype=bool)
        donors[:like, :like] = True
        donors[like:] = True
        np.fill_diagonal(donors, val=False)
        donors[:, 0] = False
        yield Sample(
            key, [str(unit) for unit in range(partners)], donors, cut, changed, np.ones_like(changed, dtype=bool)
        )


def quiet(
    panels: Panels, kinds: Sequence[tuple[str, ...]], cuts: Sequence[int], largest: int, sides: Collection[str] = ()
) -> Iterator[Sample]:
    """Questions about an event that never was, of each of the largest partners at each date without a measure.

    Args:
        panels: The series.
        kinds: Which of them.
        cuts: The dates, as ordinals of months or years.
        largest: Of how many partners.
        sides: Economies of which one at least is a side of the series; any without them.
    """
    for kind in kinds:
        _, frequency, reporter, *_ = kind
        table = panels.get_table(kind)
        names = table.mean().where(table.notna().mean() >= 0.8).dropna().nlargest(largest).index
        asked = (key for key in panels.kinds[kind] if key.partner in names)
        for key in (key for key in asked if not sides or not {key.reporter, key.partner}.isdisjoint(sides)):
            for cut in cuts:
                month = cut if frequency == "M" else cut * 12
                stage = Stage(
                    event_id="never",
                    stage="implemented",
                    day=get_first_day(month),
                    precision="day",
                    event_class="security_shock",
                    evaluation="amber",
                    implementing=frozenset({reporter}),
                    affected=frozenset({key.partner}),
                    scope=("all",),
                )
                place = panels.find_row(kind, cut)
                if not 0 <= place < len(table) or not panels.find_quiet(key, PRIMARY[frequency])[place]:
                    continue
                question = prepare_sample(stage, key, panels)
                if not isinstance(question, NoEstimate):
                    yield question


def every_reporter(connection: duckdb.DuckDBPyConnection) -> Panels:
    """The series of every reporter, of which the register asks about few."""
    registered = stages.read_registered(connection)
    reporters = [
        code for (code,) in connection.execute("select distinct reporter_code from core.goods_trade_monthly").fetchall()
    ]
    all_of_them = Stage(
        "all", "announced", date(1900, 1, 1), "day", "diplomatic", "green", frozenset(reporters), frozenset(), ("all",)
    )
    return read_panels(connection, [*registered, *stages.read_agreements(connection), all_of_them])


def measured(file: Path, seed: int, runs: int) -> tuple[list[Tally], Tally]:
    """Every row of the table, and what Korea's and China's own months add to the row of their trade."""
    tallies = []
    for title, frequency, partners, length, cut in (
        ("made up: months, 14 series", "M", 14, 120, 75),
        ("made up: months, 50 series", "M", 50, 96, 74),
        ("made up: years, 50 series", "A", 50, 40, 34),
    ):
        tally = Tally(title)
        rng = np.random.default_rng(seed)
        for run, question in enumerate(islice(simulated(rng, frequency, partners, length, cut), runs)):
            # A panel of fifty takes long: falls are planted in every fourth.
            tally.count(question, plant=partners < 50 or run % 4 == 0)
        tallies.append(tally)
    with duckdb.connect(str(file), read_only=True) as connection:
        panels = every_reporter(connection)
    months = [kind for kind in sorted(panels.kinds) if kind[:2] == ("goods", "M") and kind[4] == "TOTAL"]
    since, until = get_month_ordinal(date(2015, 1, 1)), get_month_ordinal(date(2019, 1, 1))
    own = Tally("")
    for title, kinds, cuts, largest, sides in (
        ("quiet months: goods, every pair", months, range(since, until, 4), 20, ()),
        ("quiet months: goods with Korea or China on a side", months, range(since, until, 2), 20, ("KOR", "CHN")),
        (
            "quiet months: travellers to Korea",
            [kind for kind in panels.kinds if kind[0] == "arrivals"],
            range(get_month_ordinal(date(2013, 7, 1)), get_month_ordinal(date(2016, 4, 1)), 2),
            60,
            (),
        ),
        (
            "quiet years: goods of Korea",
            [kind for kind in panels.kinds if kind[:3] == ("goods", "A", "KOR") and kind[4] == "TOTAL"],
            # Ordinals: 1995 to 2014.
            range(25, 45, 2),
            50,
            (),
        ),
    ):
        tally = Tally(title)
        for question in quiet(panels, kinds, cuts, largest, sides):
            tally.count(question)
            if question.key.reporter in sides:
                own.count(question, plant=False)
        tallies.append(tally)
    return tallies, own


def table(tallies: Sequence[Tally], own: Tally, seed: int) -> str:
    """The table, as the page has it."""
    head = [
        "what is asked",
        "questions",
        "windows apart",
        "rank, on average",
        "rank, by series",
        "first in time",
        *(f"fall of {100 * fall:.0f}%" for fall in PLANTED),
    ]
    return "\n".join(
        [
            f"Per cent, stated → measured; seed {seed}.",
            "",
            f"| {' | '.join(head)} |",
            f"|{'---|' * len(head)}",
            *(tally.row for tally in tallies),
            "",
            (
                f"With Korea or China on a side, {own.asked} questions in {own.apart} windows apart are of their own "
                f"statistics: {100 * own.level / own.asked:.1f} → {100 * own.told / own.asked:.1f} by rank."
            ),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path, default=Path("warehouse/bilateral.duckdb"), help="The published file.")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--runs", type=int, default=RUNS)
    given = parser.parse_args()
    text = table(*measured(given.file, given.seed, given.runs), given.seed)
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
