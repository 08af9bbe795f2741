"""Series that an answer may lack, and the keys that name them.

Here: the parts of a key, and the gap of rows that lack the same. Not here: how a gap is worded (`questions.missing`).

A series is written as in `marts.policy_event_effects`: `goods/A/KOR/export/CHN/TOTAL` are Korea's exports of all goods
to China by year, and `export+import` are both flows. An item is TOTAL, a code, AG2, AG4 or AG6 for every code of the
Harmonized System of that length, HS for all products, or END_USE for goods by their use. The partner WLD is the world.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dagster_project.errors import BilateralError

# The partner of a key that stands for all partners but the one that is asked about.
OTHERS = "OTHERS"
# Partners that are no economy, in words.
ALL_PARTNERS = {"WLD": "the world", OTHERS: "all its other partners"}


@dataclass(frozen=True)
class Series:
    """A series by the parts of its key; of GDP and agreements some are empty."""

    domain: str
    frequency: str = ""
    reporter: str = ""
    flows: tuple[str, ...] = ()
    partner: str = ""
    item: str = ""

    @classmethod
    def parse_key(cls, key: str) -> Series:
        """Parse the key of a series.

        Raises:
            BilateralError: The key is not of the form above.
        """
        match key.split("/"):
            case ["goods" | "services" as domain, "A" | "M" as frequency, reporter, flows, partner, item] if set(
                flows.split("+")
            ) <= {"export", "import"}:
                return cls(domain, frequency, reporter, tuple(flows.split("+")), partner, item)
            case ["gdp", "A", reporter, component]:
                return cls("gdp", "A", reporter, item=component)
            case ["agreement", reporter, partner]:
                return cls("agreement", reporter=reporter, partner=partner)
            case ["agreement", event]:
                return cls("agreement", item=event)
        raise BilateralError(f"{key} is the key of no series.", remedy="dagster_project/questions/series.py has them.")


@dataclass
class Gap:
    """What one or more rows of an answer lack.

    Args:
        code: What is the matter, one of `missing.CODES`.
        series: What is lacking.
        periods: The years (2024) or months (2024-03) of which it is; empty if of any.
    """

    code: str
    series: tuple[Series, ...]
    periods: set[str] = field(default_factory=set)

    @property
    def years(self) -> set[int]:
        return {int(period[:4]) for period in self.periods}


def list_gaps(rows: Iterable[Mapping[str, Any]]) -> list[Gap]:
    """List the gaps of rows, one for all rows that lack the same."""
    found: dict[tuple[str, tuple[str, ...]], Gap] = {}
    for row in rows:
        if row["missing_code"] is not None:
            keys = tuple(row["missing_series"])
            new = Gap(row["missing_code"], tuple(map(Series.parse_key, keys)))
            found.setdefault((new.code, keys), new).periods.update(filter(None, row["missing_periods"] or ()))
    return list(found.values())
