"""Read panels: tables of all series of one kind, with one row per period and one column per partner.

Here: reading panels, and finding similar partners and the periods that a measure affects. Not here: estimates
(`effects`), and the measures (`stages`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dagster_project.analysis import effects
from dagster_project.analysis.effects import Design
from dagster_project.analysis.periods import MONTH, YEAR
from dagster_project.analysis.series import get_periods, join_new_year_months, make_series
from dagster_project.analysis.stages import Key, Stage, list_targets

# Regions treated as one for arrivals, because few travellers come from there.
OVERSEAS = frozenset({"africa", "americas", "oceania"})


class Panels:
    """All series, and the measures that affect them.

    Args:
        series: The series by key: logarithms with a `PeriodIndex`.
        described: The main kind of exports and the region of each economy.
        stages: All stages, of which only measures in effect are used.
        caveats: Caveats of estimates, by series.
    """

    def __init__(
        self,
        series: dict[Key, pd.Series],
        described: Mapping[str, tuple[str, str]],
        stages: Sequence[Stage],
        caveats: dict[Key, str] | None = None,
    ) -> None:
        self.series = series
        self.described = described
        self.caveats = caveats or {}
        self.measures = [stage for stage in stages if stage.is_in_effect]
        kinds: dict[tuple[str, ...], list[Key]] = defaultdict(list)
        for key in sorted(series):
            kinds[key.kind].append(key)
        self.kinds = dict(kinds)
        self.get_table = cache(self._make_table)
        self.get_changes = cache(self._compute_changes)
        self.list_measures = cache(self._list_measures)
        self.find_quiet = cache(self._find_quiet)
        self.list_first_months = cache(self._list_first_months)

    def _make_table(self, kind: tuple[str, ...]) -> pd.DataFrame:
        """Build the table of all series of a kind (`Key.kind`), with one column per partner and one row per period.

        A month is blanked for all partners if it has fewer than half as many partners as the months around it, so that
        all comparisons use the same months.
        """
        held = {key.partner: self.series[key] for key in self.kinds[kind]}
        months = pd.period_range(
            min(series.index.min() for series in held.values()), max(series.index.max() for series in held.values())
        )
        figures = np.full((len(months), len(held)), np.nan)
        for column, series in enumerate(held.values()):
            figures[get_periods(series).asi8 - months.asi8[0], column] = series
        # Columns of Python's own strings are found faster than those of Arrow.
        table = pd.DataFrame(figures, index=months, columns=pd.Index(list(held), dtype=object))
        if kind[1] == "A":
            return table
        count = table.notna().sum(axis=1)
        thin = count < count.rolling(13, center=True, min_periods=1).median() / 2
        return table.mask(thin, axis=0)

    def _compute_changes(self, kind: tuple[str, ...], design: Design) -> pd.DataFrame:
        return effects.compute_changes(self.get_table(kind), design)

    def _list_measures(self, key: Key) -> frozenset[Stage]:
        """List the measures that could move a series."""
        return frozenset(stage for stage in self.measures if stage.can_move_series(key))

    def _find_quiet(self, key: Key, design: Design) -> NDArray[np.bool_]:
        """Mark each period for which no measure starts within the base and window of the design."""
        months, year = self.list_first_months(key.kind), 12 // effects.count_seasons(key.frequency)
        starts = np.array([stage.start for stage in self.list_measures(key)], dtype=int)
        since, until = months - design.base * year, months + design.window * year
        return ~((since[:, None] < starts) & (starts < until[:, None])).any(axis=1)

    def _list_first_months(self, kind: tuple[str, ...]) -> NDArray[np.int64]:
        """List the first month, as an ordinal, of each period in the table of a kind."""
        return get_periods(self.get_table(kind)).asfreq("M", how="START").asi8

    def find_row(self, kind: tuple[str, ...], period: int) -> int:
        """Return the row of a period, given by its ordinal; the row may lie outside the table."""
        return period - int(get_periods(self.get_table(kind)).asi8[0])

    def get_likeness(self, domain: str, economy: str) -> str | None:
        """Return an economy's group of similar economies: its region for arrivals, its main exports for trade."""
        if economy not in self.described:
            return None
        exports, region = self.described[economy]
        if domain == "arrivals":
            return "overseas" if region in OVERSEAS else region
        return exports


def read_panels(connection: duckdb.DuckDBPyConnection, stages: Sequence[Stage]) -> Panels:
    """Read only the series that the stages could move, because a warehouse may have every product and service."""
    given = {
        "reporters": sorted({economy for stage in stages for economy in stage.implementing | stage.affected}),
        "products": sorted({product for stage in stages for word in stage.scope for _, product in list_targets(word)}),
    }
    found, caveats = {}, {}
    for *parts, ordinals, figures, classifications, is_joint in connection.execute(_SERIES, given).fetchall():
        key = Key(*parts)
        values = make_series(ordinals, figures, key.frequency)
        found[key] = np.log(join_new_year_months(values) if is_joint else values)
        if key.domain == "services":
            caveats[key] = "The figures reconcile the accounts of both partners and are partly modelled."
        elif classifications and ", " in classifications:
            editions = classifications.replace(", ", " and ")
            caveats[key] = (
                f"The figures of {editions} are joined as they are, though the editions number some goods differently."
            )
    described = connection.execute("select economy_code, exports_mostly, region from core.economy_likeness").fetchall()
    likeness = {code: (exports, region) for code, exports, region in described}
    return Panels(found, likeness, stages, caveats)


_SERIES = f"""
    with figures as (
        select 'goods' as domain, 'M' as frequency, reporter_code, partner_code, flow, 'TOTAL' as product,
            {MONTH} as period, value_usd as figure, null as classification, is_joint_month as is_joint
        from core.goods_trade_monthly as months
        -- Leave out years whose months do not add up to the reporter's annual figure.
        anti join marts.source_disagreements as years
            on
                months.reporter_code = years.reporter_code and months.partner_code = years.partner_code
                and months.flow = years.flow and year(months.period_start) = year(years.period_start)
                and months.source = years.other_source and months.dataset = years.other_dataset
                and years.frequency = 'A' and years.other_basis = 'summed' and abs(years.gap_pct) > 5
        union all
        select 'goods', 'A', reporter_code, partner_code, flow, 'TOTAL', year(period_start) - 1970, value_usd, null,
            false
        from core.goods_trade_annual
        union all
        select 'goods', 'M', figures.reporter_code, partner_code, flow, 'HS' || product_code, {MONTH}, value_usd,
            classification, joint_months.first_month is not null
        from core.product_trade_monthly as figures
        left join core.joint_months as joint_months
            on
                figures.reporter_code = joint_months.reporter_code and figures.source = joint_months.source
                and year(period_start) between joint_months.valid_from_year and joint_months.valid_to_year
                and month(period_start) between joint_months.first_month and joint_months.last_month
        where starts_with(classification, 'HS') and list_contains($products, 'HS' || product_code)
        union all
        select 'goods', 'A', reporter_code, partner_code, flow, 'HS' || product_code, year(period_start) - 1970,
            value_usd, classification, false
        from core.product_trade_annual
        where starts_with(classification, 'HS') and list_contains($products, 'HS' || product_code)
        union all
        -- Only the reconciled ("balanced") figures cover several partners and years on one basis.
        select 'services', 'A', reporter_code, partner_code, flow, service_item_code, {YEAR}, value_usd, null, false
        from core.services_trade
        where value_basis = 'balanced' and list_contains($products, service_item_code)
        union all
        -- Arrivals of visitors count as the host economy's exports of travel.
        select 'arrivals', 'M', economy_code, visitor_code, 'export', 'SD', {MONTH}, traveller_arrivals, null, false
        from core.visitor_arrivals_monthly
        where visitor_code != 'WLD'
    )
    select domain, frequency, reporter_code, partner_code, flow, product, list(period order by period),
        list(figure order by period), string_agg(distinct classification, ', ' order by classification),
        bool_or(is_joint)
    from figures
    where figure > 0 and list_contains($reporters, reporter_code)
    group by domain, frequency, reporter_code, partner_code, flow, product
"""
