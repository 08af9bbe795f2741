"""Load the catalogue of metrics: one YAML file for each metric, such as `balance.yml`, in this folder.

A file has the fields of `Metric`, with `mart` for its places and `other_side` for the same figures in the partner's
statistics; claims look their values up there. A metric of events has neither figures nor places. Not here: figures
(`metrics`), and the SQL of a claim (`claims.compiling`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from dagster_project.errors import BilateralError, raise_fault
from dagster_project.files import load_yaml, read_text

FOLDER = Path(__file__).parent
NOBODY = "-"


@dataclass(frozen=True)
class Place:
    """The table and the columns of a metric's figures."""

    table: str  # a table of core or marts
    column: str  # the column of the figures, or an expression over columns, in full units
    where: str = ""  # a further condition on the rows, such as "flow = 'export'"
    reporter: str = "reporter_code"  # the column of the reporter's code
    partner: str = "partner_code"  # the column of the partner's code
    item: str | None = None  # the column of the item; None if the metric has no items
    period: str = ""  # the column of the year, or of the first day of the month
    to_date: str = ""  # for months, the column of the sum from January on; empty if there is none


@dataclass(frozen=True)
class Metric:
    """A quantity that has a figure for each reporter, partner, item and period."""

    name: str  # the first part of a figure's ID, such as "exports"
    title: str  # the title after the name of a reporter: "Exports of goods to {partner}"
    what: str  # a description
    unit: str  # the unit of the figures
    names: Mapping[str, Sequence[str]]  # common names, by language
    # A SELECT of all figures: reporter_code, partner_code, item if it has items, period, value, observation_status,
    # known_from (null if it is that of the snapshots) and snapshot_ids. Empty if the metric has no figures.
    figures: str = ""
    item: str | None = None  # a regular expression that matches an item; None if the metric has no items
    has_partner: bool = True  # whether a figure is between two economies
    answers: Mapping[str, str] = field(default_factory=dict)  # the columns of answers with its figures, by question
    places: Mapping[str, Place] = field(default_factory=dict)  # the places of its figures, by frequency (A or M)
    others: Mapping[str, Place] = field(default_factory=dict)  # the same figures in the partner's statistics
    domain: str | None = None  # the domain in `questions.series`: goods, services or gdp; None for others
    valuation: str | None = None  # FOB, CIF, or FOB-CIF for exports FOB less or plus imports CIF
    flow: str | None = None  # export or import; None for both or neither
    role: str = "both"  # the reporter's role: exporter, importer, both, host or economy
    frequencies: tuple[str, ...] = ("A", "M")  # A for years, M for months
    adds_up: str = "sum"  # `sum` if the figure of a year is the sum of its months, else `no`
    growth_of: str | None = None  # the metric whose growth on the year before it is, in per cent
    confused_with: Sequence[str] = ()  # metrics that are often mistaken for it
    signed: bool = False  # whether its figures have a sign, as a balance has
    balance: str | None = None  # the metric of its deficit or surplus: `balance` for total_trade
    refuses: str | None = None  # the reason why no figure can support or contradict a claim about it
    unproved: str | None = None  # the reason why `proof` cannot recompute a figure from the rows of its pair and period

    @property
    def called(self) -> str:
        """Return the metric's title without the partner and the item."""
        return re.sub(r" (?:of|with|to|from|in) \{\w+\}| \(\{item\}\)", "", self.title)

    @property
    def is_growth(self) -> bool:
        """Return whether the figures are growth rates, which may be negative without being a deficit."""
        return self.growth_of is not None or self.name == "gdp_growth"

    @property
    def is_of_all(self) -> bool:
        """Return whether a figure depends on the trade with all partners, as a rank or a share does."""
        return self.domain == "goods" and (self.unit == "rank" or (self.unit == "percent" and not self.growth_of))


def load_metrics() -> dict[str, Metric]:
    """Load every metric, by name.

    Raises:
        BilateralError: A file is malformed, has another name than its metric, or names an unknown metric.
    """
    return _load_folder(FOLDER)


@cache
def _load_folder(folder: Path) -> dict[str, Metric]:
    found = {path.stem: _read_metric(path) for path in sorted(folder.glob("*.yml"))}
    for metric in found.values():
        if unknown := sorted({*metric.confused_with, *filter(None, [metric.growth_of])} - found.keys()):
            raise BilateralError(
                f"metrics/{metric.name}.yml: there is no metric {unknown[0]}.", remedy="Correct the name."
            )
    return {
        name: _derive_growth(metric, found[metric.growth_of]) if metric.growth_of else metric
        for name, metric in found.items()
    }


def find_metric(name: str) -> Metric | None:
    """Find a metric by its name or a common name, in upper or lower case; return None if there is none."""
    return load_metrics().get(name) or _index_names(FOLDER).get(" ".join(name.replace("_", " ").casefold().split()))


@cache
def _index_names(folder: Path) -> dict[str, Metric]:
    """Index the metrics by all their names in lower case; a name of several metrics leads to the first."""
    found: dict[str, Metric] = {}
    for metric in _load_folder(folder).values():
        for name in (metric.name.replace("_", " "), *(one for names in metric.names.values() for one in names)):
            found.setdefault(name.casefold(), metric)
    return found


def find_similar(name: str) -> list[str]:
    """Find at most three metrics with names similar to a text."""
    called = {
        one.casefold(): m.name for m in load_metrics().values() for n in ([m.name], *m.names.values()) for one in n
    }
    return list(dict.fromkeys(called[one] for one in get_close_matches(name.casefold(), called, n=3, cutoff=0.75)))


def describe_metric(metric: Metric) -> dict[str, str]:
    """Describe a metric as labels and texts, for `bilateral metrics` and the docs."""
    stands = [f"{one.table}.{one.column}" for one in metric.places.values()]
    return {
        "metric": metric.name,
        "what": metric.what,
        "in English": ", ".join(metric.names["en"]),
        "in Korean": ", ".join(metric.names["ko"]),
        "unit": metric.unit,
        "valuation": metric.valuation or "",
        "flow": metric.flow or "",
        "reporter is": metric.role,
        "by": " and ".join({"A": "year", "M": "month"}[one] for one in metric.frequencies),
        "stands in": ", ".join(dict.fromkeys(stands)),
        "adds up": "as a sum" if metric.adds_up == "sum" else "",
        "is the growth of": metric.growth_of or "",
        "item": metric.item or "",
        "confused with": ", ".join(metric.confused_with),
        "not judged": metric.refuses or "",
        "no proof": metric.unproved or "",
    }


def _read_metric(path: Path) -> Metric:
    content = load_yaml(path.read_text(encoding="utf-8"))
    try:
        places, others = (
            {
                frequency: Place(**{"period": "year" if frequency == "A" else "period_start", **place})
                for frequency, place in content.pop(part, {}).items()
            }
            for part in ("mart", "other_side")
        )
        no_table = f"Write the file, or correct `reads` in metrics/{path.name}."
        reads = [(name, read_text(path.parent / f"{name}.sql", remedy=no_table)) for name in content.pop("reads", ())]
        metric = Metric(**content, places=places, others=others)
    except (AttributeError, TypeError) as error:
        remedy = "`Metric` in dagster_project/metrics/catalogue.py describes the fields."
        raise BilateralError(f"metrics/{path.name} has the wrong fields: {error}.", remedy=remedy) from error
    if metric.name != path.stem:
        raise BilateralError(
            f"metrics/{path.name}: expected the name {path.stem}, got {metric.name}.",
            remedy="Rename the file or the metric.",
        )
    figures = metric.figures.strip() or _select_all_figures(metric)
    if reads:
        shared = ",\n\n".join(f"{name} as (\n{sql})" for name, sql in reads)
        figures = f"with {shared}\n\n{figures}"
    return replace(metric, figures=figures, frequencies=tuple(places) or (("A", "M") if figures else ()))


def _select_all_figures(metric: Metric) -> str:
    selects = []
    for frequency, place in metric.places.items():
        partner = place.partner if metric.has_partner else f"'{NOBODY}'"
        period = f"cast({place.period} as varchar)" if frequency == "A" else f"strftime({place.period}, '%Y-%m')"
        # A row of core has one snapshot_id; a row of marts has a list.
        is_of_one = place.table.startswith("core.")
        known = "known_from, [snapshot_id] as" if is_of_one else "cast(null as date) as known_from,"
        selects.append(
            f"select {place.reporter} as reporter_code, {partner} as partner_code, "
            + (f"{place.item} as item, " if metric.item else "")
            + f"{period} as period, {place.column} as value, 'A' as observation_status, {known} snapshot_ids\n"
            f"from {place.table}\nwhere {place.column} is not null{f' and {place.where}' if place.where else ''}"
        )
    return "\nunion all\n".join(selects)


def _derive_growth(metric: Metric, base: Metric) -> Metric:
    """Complete a metric of growth: each figure is the growth of a figure of `base` over a year, in per cent."""
    before = "cast(cast(left(later.period, 4) as integer) - 1 as varchar) || substr(later.period, 5)"
    columns = ["reporter_code", "partner_code", *(["item"] if base.item else [])]
    same = " and ".join(f"later.{column} = earlier.{column}" for column in columns)
    figures = f"""with base as (
{base.figures}
)

select {", ".join(f"later.{column}" for column in columns)}, later.period,
    100 * (later.value / earlier.value - 1) as value,
    greatest(later.observation_status, earlier.observation_status) as observation_status,
    greatest(later.known_from, earlier.known_from) as known_from,
    later.snapshot_ids || earlier.snapshot_ids as snapshot_ids
from base as later
inner join base as earlier on {same} and earlier.period = {before} and earlier.value > 0"""
    inherited = ("item", "has_partner", "places", "others", "domain", "valuation", "flow", "role", "frequencies")
    return replace(metric, figures=figures, adds_up="no", **{name: getattr(base, name) for name in inherited})


def is_item(metric: Metric, item: str | None) -> bool:
    """Return whether an item is valid for a metric, such as "8542"; for a metric without items, only None is valid."""
    return (metric.item is None) == (item is None) and re.fullmatch(metric.item or "", item or "") is not None


def require_item(metric: Metric, item: str | None) -> None:
    """Check that an item is valid for a metric; raise an error that describes valid items if it is not."""
    remedy = f"Write {metric.name}.ITEM; an item matches {metric.item}." if metric.item else "Leave out the item."
    fault = f"{metric.name} has no item {item}." if item else f"{metric.name} needs an item."
    raise_fault((not is_item(metric, item), fault, f"{remedy} {metric.what}"))
