"""The picture of cost against rows.

    python benchmarks/plot.py PICTURE < points.json

Here: drawing. It runs in an environment of its own, since nothing else here draws.
"""

from __future__ import annotations

import json
import sys

import altair as alt


def main() -> None:
    points = json.load(sys.stdin)
    rows = alt.X("rows:Q", title="generated rows").scale(type="log").axis(format="~s", tickCount=4)
    busy = alt.Y("busy:Q", title="processor time, s").scale(type="log")
    chart = (
        alt.Chart(alt.Data(values=points))
        .mark_line(point=alt.OverlayMarkDef(size=60, filled=True))
        .encode(x=rows, y=busy, color=alt.Color("what:N", title=None).legend(orient="top", labelLimit=400))
        .properties(width=560, height=320, background="white")
        .configure_axis(grid=True, gridOpacity=0.4)
    )
    chart.save(sys.argv[1])


if __name__ == "__main__":
    main()
