"""How a snapshot is changed in one cell, or in the series of a cell: gross and fine corruptions.

Here: what becomes of the rows. Not here: which cell is changed, and what comes of it (`kinds/cells`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from dagster_project.sources import Dataset

Row = dict[str, str]
Rows = list[Row]
# Periods of the shortest series that is changed as one.
SHORTEST = 6


@dataclass
class Cell:
    """Where a snapshot is changed: a figure of a row, with what stands around it."""

    rows: Rows
    place: int
    column: str
    kind: Dataset
    chance: random.Random

    @property
    def row(self) -> Row:
        return self.rows[self.place]

    @property
    def period(self) -> str | None:
        return next((column.name for column in self.kind.columns if column.kind in {"year", "month"}), None)

    @property
    def series(self) -> list[Row]:
        """The rows of the cell's series that have a figure, by period; none if they are too few to be one."""
        names, period = [name for name in self.kind.key if name != self.period], self.period
        rows = [row for row in self.rows if row[self.column] and all(row[name] == self.row[name] for name in names)]
        return sorted(rows, key=lambda row: row[period]) if period and len(rows) >= SHORTEST else []

    @property
    def is_money(self) -> bool:
        """Whether the figure is an amount of money: by its column's name, or by its indicator's code."""
        is_amount = self.column.endswith(("usd", "cny")) and "_per_" not in self.column
        return is_amount or ".CD" in self.row.get("indicator_code", "")

    @property
    def year(self) -> int:
        """How many periods a year has."""
        return 12 if "-" in self.row[self.period or ""] else 1

    def rewrite(self, change: Callable[[list[float]], Iterable[float]]) -> None:
        """Puts other figures into the series."""
        rows = self.series
        for row, value in zip(rows, change([float(row[self.column]) for row in rows]), strict=True):
            row[self.column] = f"{value:.{len(row[self.column].partition('.')[2])}f}"

    def swap_series(self, other: Callable[[Row], tuple[str, ...]], column: str | None = None) -> None:
        """Swaps the figures of the series with those of the rows that another key names, perhaps in another column."""
        mates = {tuple(row[name] for name in self.kind.key): row for row in self.rows}
        for row in self.series:
            mate, name = mates.get(other(row)), column or self.column
            if mate is not None and mate[name]:
                row[self.column], mate[name] = mate[name], row[self.column]

    def swap_series_of_flows(self) -> None:
        """Swaps all exports of the series with its imports."""
        column = _other_flow(self.column)
        flow = next((name for name in self.kind.key if name.startswith("flow")), "")
        names = sorted({row[flow] for row in self.rows}) if flow else []
        if column in self.row and column != self.column:
            self.swap_series(lambda row: tuple(row[name] for name in self.kind.key), column)
        elif len(names) == 2:
            turned = dict(zip(names, reversed(names), strict=True))
            self.swap_series(lambda row: tuple(turned[row[n]] if n == flow else row[n] for n in self.kind.key))

    def swap_series_of_codes(self) -> None:
        """Swaps the series with that of another code of the file, such as another partner."""
        codes = [name for name in self.kind.key if name != self.period and not name.startswith("flow")]
        if codes:
            name = self.chance.choice(codes)
            others = sorted({row[name] for row in self.rows} - {self.row[name]})
            other = self.chance.choice(others) if others else ""
            self.swap_series(lambda row: tuple(other if n == name else row[n] for n in self.kind.key))

    def change_some(self, change: Callable[[float], float], count: int, *, last: bool = False) -> None:
        """Changes so many figures of the series, one after the other."""
        length = len(self.series)
        first = length - count if last else self.chance.randrange(max(1, length - count))
        self.rewrite(lambda values: [change(v) if first <= n < first + count else v for n, v in enumerate(values)])

    def change_currency(self) -> None:
        """Puts the series in another currency, if it is money."""
        if self.is_money:
            self.rewrite(lambda values: [v * 7 for v in values])

    def empty_some(self) -> None:
        """Empties a third of the series in its middle."""
        rows = self.series
        for row in rows[len(rows) // 3 : 2 * len(rows) // 3]:
            row[self.column] = ""

    def swap_neighbours(self) -> None:
        """Swaps the figures of a period and the next."""
        rows = self.series
        if rows:
            n = self.chance.randrange(1, len(rows))
            rows[n][self.column], rows[n - 1][self.column] = rows[n - 1][self.column], rows[n][self.column]

    def repeat_neighbour(self) -> None:
        """Prints the figure of a period again for the next."""
        rows = self.series
        if rows:
            n = self.chance.randrange(1, len(rows))
            rows[n][self.column] = rows[n - 1][self.column]

    def cut(self) -> None:
        """Ends the file after some part of its rows."""
        if self.series:
            del self.rows[int(len(self.rows) * self.chance.uniform(0.1, 0.9)) :]

    def scale(self, factor: float) -> None:
        """Puts a multiple into the cell, with as many decimals as it had."""
        self.row[self.column] = self.printed(float(self.row[self.column]) * factor)

    def printed(self, value: float) -> str:
        return f"{value:.{len(self.row[self.column].partition('.')[2])}f}"

    def swap_flows(self) -> None:
        """Swaps the figure with that of the other flow: of the row, or of the row that has it."""
        other = _other_flow(self.column)
        if self.row.get(other):
            self.row[self.column], self.row[other] = self.row[other], self.row[self.column]
            return
        flow = next((name for name in self.row if name.startswith("flow")), None)
        for mate in self.rows if flow else ():
            if mate is not self.row and all(mate[name] == self.row[name] for name in self.kind.key if name != flow):
                self.row[self.column], mate[self.column] = mate[self.column], self.row[self.column]
                return

    def recode(self) -> None:
        """Puts another code of the file into one of the columns of the key."""
        codes = [name for name in self.kind.key if name != self.period]
        if codes:
            name = self.chance.choice(codes)
            others = sorted({row[name] for row in self.rows} - {self.row[name]})
            self.row[name] = self.chance.choice(others) if others else self.row[name][::-1]

    def redate(self) -> None:
        """Puts another year into the period: one before or after, or ten."""
        if self.period:
            year = int(self.row[self.period][:4]) + self.chance.choice((-10, -1, 1, 10))
            self.row[self.period] = f"{year}{self.row[self.period][4:]}"

    def transpose(self) -> None:
        """Swaps two neighbouring digits."""
        text = self.row[self.column]
        pairs = [n for n in range(len(text) - 1) if text[n : n + 2].isdigit() and text[n] != text[n + 1]]
        if pairs:
            n = self.chance.choice(pairs)
            self.row[self.column] = text[:n] + text[n + 1] + text[n] + text[n + 2 :]

    def shift(self) -> None:
        """Takes the figure of the row before, or after the first."""
        self.row[self.column] = self.rows[self.place - 1 if self.place else 1][self.column] or self.row[self.column]

    def take_neighbour(self) -> None:
        """Takes the figure that another series has for the same period."""
        others = [row for row in self.rows if self.period and row[self.period] == self.row[self.period]]
        values = sorted({row[self.column] for row in others} - {"", self.row[self.column]})
        if values:
            self.row[self.column] = min(values, key=lambda text: abs(_number(text) - _number(self.row[self.column])))

    def round(self) -> None:
        """Leaves two or three digits that are not zero."""
        value = float(self.row[self.column])
        self.row[self.column] = self.printed(float(f"{value:.{self.chance.choice((1, 2))}e}"))

    def put(self, text: str) -> None:
        self.row[self.column] = text

    def add_one(self) -> None:
        """Changes the last digit by one."""
        step = 10.0 ** -len(self.row[self.column].partition(".")[2])
        self.row[self.column] = self.printed(float(self.row[self.column]) + self.chance.choice((-step, step)))


GROSS: dict[str, Callable[[Cell], Any]] = {
    "× 10": lambda cell: cell.scale(10),
    "× 1000": lambda cell: cell.scale(1000),
    "÷ 1000": lambda cell: cell.scale(1 / 1000),
    "sign": lambda cell: cell.scale(-1),
    "flows swapped": Cell.swap_flows,
    "wrong code": Cell.recode,
    "wrong period": Cell.redate,
    "row twice": lambda cell: cell.rows.insert(cell.place, dict(cell.row)),
    "row deleted": lambda cell: cell.rows.pop(cell.place),
    "emptied": lambda cell: cell.put(""),
    "garbage": lambda cell: cell.put(cell.chance.choice(("n/a", "…", "1.2.3", "NaN", "12a4", "1e999"))),
}
FINE: dict[str, Callable[[Cell], Any]] = {
    "digits transposed": Cell.transpose,
    "row shifted": Cell.shift,
    "neighbour's": Cell.take_neighbour,
    "rounded": Cell.round,
    "± 1": Cell.add_one,
    "± 10%": lambda cell: cell.scale(cell.chance.choice((0.9, 1.1))),
    "± 50%": lambda cell: cell.scale(cell.chance.choice((0.5, 1.5))),
}
GROSS_SERIES: dict[str, Callable[[Cell], Any]] = {
    "units × 1000": lambda cell: cell.rewrite(lambda values: [v * 1000 for v in values]),
    "units ÷ 1000": lambda cell: cell.rewrite(lambda values: [v / 1000 for v in values]),
    "units × 1000 from a period on": lambda cell: cell.change_some(
        lambda v: v * 1000, len(cell.series) // 3, last=True
    ),
    "another currency": Cell.change_currency,
    "a period × 10": lambda cell: cell.change_some(lambda v: v * 10, 1),
    "a year × 10": lambda cell: cell.change_some(lambda v: v * 10, cell.year),
    "a period's sign": lambda cell: cell.change_some(lambda v: -v, 1),
    "signs": lambda cell: cell.rewrite(lambda values: [-v for v in values]),
    "flows swapped": Cell.swap_series_of_flows,
    "partners or items swapped": Cell.swap_series_of_codes,
    "in reverse": lambda cell: cell.rewrite(lambda values: values[::-1]),
    "cumulated": lambda cell: cell.rewrite(accumulate),
    "the same figure throughout": lambda cell: cell.rewrite(lambda values: values[-1:] * len(values)),
    "a third emptied": Cell.empty_some,
    "file cut": Cell.cut,
}
FINE_SERIES: dict[str, Callable[[Cell], Any]] = {
    "two periods swapped": Cell.swap_neighbours,
    "a period repeated": Cell.repeat_neighbour,
    "a year late": lambda cell: cell.rewrite(lambda values: values[: cell.year] + values[: -cell.year]),
    "a period late": lambda cell: cell.rewrite(lambda values: values[:1] + values[:-1]),
    "the last period in part": lambda cell: cell.change_some(lambda v: v * 0.6, 1, last=True),
    "10% off": lambda cell: cell.rewrite(lambda values: [v * 1.1 for v in values]),
    "two digits": lambda cell: cell.rewrite(lambda values: [float(f"{v:.1e}") for v in values]),
}


def _other_flow(column: str) -> str:
    return column.replace("export", "\0").replace("import", "export").replace("\0", "import")


def _number(text: str) -> float:
    return float(text or "nan")
