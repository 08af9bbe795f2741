"""One wrong series in a committed snapshot of Korea or China: whether a mart changes, and whether anybody is told.

Here: the kind. Not here: the corruptions (`corrupting`), and a build of the changed snapshot (`cells`).
"""

from __future__ import annotations

from pathlib import Path

from tests.faults.corrupting import FINE_SERIES, GROSS_SERIES
from tests.faults.kind import Kind, Tally
from tests.faults.kinds import cells


def round_of(seed: int, cases: int, folder: Path, tally: Tally) -> None:
    cells.run_cases(
        seed, cases, folder, tally, (("gross", GROSS_SERIES), ("gross", GROSS_SERIES), ("fine", FINE_SERIES))
    )


KIND = Kind(
    name="series",
    what="One wrong series in a committed snapshot of Korea or China, with a new hash. Gross faults: units, signs, "
    "flows or partners, a year × 10, one figure throughout, a third emptied, the file cut. Fine faults: two months "
    "swapped, a month repeated, 10% off, a period late.",
    goal="Of the faults that are caught or change a mart, 98% of the gross ones stop the build or are named in a "
    "warning.",
    round=round_of,
    cases=30,
    share=4,
    summary=cells.summary,
)
