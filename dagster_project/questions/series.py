"""Parse the keys of the series that an answer lacks, and collect the rows that lack the same series into gaps.

The key `goods/A/KOR/export/CHN/TOTAL` names Korea's annual exports of all goods to China. M instead of A is monthly,
and `export+import` means both flows. The partner WLD is the world. The last part, the item, is a product code or one
of these words: TOTAL; HS (every product); AG2, AG4 or AG6 (every code of 2, 4 or 6 digits); END_USE (goods by use).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dagster_project.errors import BilateralError

# The forms of a key, for messages.
FORMS = "goods/A/KOR/export/CHN/TOTAL (services; M; import, export+import), gdp/A/KOR/services or agreement/KOR/CHN"
# The code in a key for all partners but the one in the question.
OTHERS = "OTHERS"
# The names of the partner codes that stand for several economies.
ALL_PARTNERS = {"WLD": "the world", OTHERS: "all its other partners"}


@dataclass(frozen=True)
class Series:
    """A series, identified by the parts of its key; a part that the key lacks is empty."""

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
            BilateralError: The key does not have the form that this module describes.
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
        remedy = f"Write {FORMS}."
        raise BilateralError(f"{key!r} is not a valid key of a series in missing_series.", remedy=remedy)


@dataclass
class Gap:
    """Figures that one or more rows of an answer lack."""

    code: str  # one of `gaps.CODES`
    series: tuple[Series, ...]
    periods: set[str] = field(default_factory=set)  # years (2024) or months (2024-03); empty if the rows name none

    @property
    def years(self) -> set[int]:
        return {int(period[:4]) for period in self.periods}


def list_gaps(rows: Iterable[Mapping[str, Any]]) -> list[Gap]:
    """List the gaps of rows; rows that lack the same series for the same reason share one gap."""
    found: dict[tuple[str, tuple[str, ...]], Gap] = {}
    for row in rows:
        if row["missing_code"] is not None:
            keys = tuple(row["missing_series"])
            new = Gap(row["missing_code"], tuple(map(Series.parse_key, keys)))
            found.setdefault((new.code, keys), new).periods.update(filter(None, row["missing_periods"] or ()))
    return list(found.values())
