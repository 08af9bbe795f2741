"""How a snapshot is changed in one cell: gross and fine corruptions.

Here: what becomes of a row. Not here: which cell is changed, and what comes of it (`kinds/cells`).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dagster_project.sources import Dataset

Row = dict[str, str]
Rows = list[Row]


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


def _other_flow(column: str) -> str:
    return column.replace("export", "\0").replace("import", "export").replace("\0", "import")


def _number(text: str) -> float:
    return float(text or "nan")
