"""Read the stages of policy events; find the series that a stage could move, and other measures in the same window.

Here: the economies that act and those affected, the direction of trade or travel, the series that a stage covers, and
overlaps of measures. Not here: the series (`panels`), and the effects on them (`effects`, `events`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import duckdb

from dagster_project.analysis.periods import get_month_ordinal

EVERYONE = "WLD"
# The stages that count as measures. Talks, visits and announcements move trade only through the measures that follow.
IN_EFFECT = frozenset({"implemented", "in_force", "partial", "amended", "suspended", "removed"})
TALKS = frozenset({"diplomatic"})
# Measures that affect only trade (or travel) towards the acting economy, or only trade from it; all others affect both.
TO_THOSE_WHO_ACT = frozenset({"import_ban", "safeguard", "tariff", "informal_restriction"})
FROM_THOSE_WHO_ACT = frozenset({"export_control", "border_measure"})
# Controls on goods with the acting economies' technology also bind trade between the affected economies.
REACHES_FURTHER = frozenset({"export_control"})
# The series of each scope that is a word, as (domain, product).
TARGETS = {
    "all": [("goods", "TOTAL"), ("services", "S"), ("arrivals", "SD")],
    "goods": [("goods", "TOTAL")],
    "services": [("services", "S")],
}


@dataclass(frozen=True, order=True)
class Key:
    """The key of a series of trade or of arrivals.

    Args:
        domain: goods, services, or arrivals (visitors to the reporter, which are an export of travel).
        frequency: M (monthly) or A (annual).
        reporter: The economy whose statistics have the series.
        partner: The economy that the reporter trades with.
        flow: export or import.
        product: `TOTAL`, or `HS` with a code, or a service item.
    """

    domain: str
    frequency: str
    reporter: str
    partner: str
    flow: str
    product: str

    @property
    def route(self) -> tuple[str, str]:
        """Return the seller and the buyer."""
        return (self.reporter, self.partner) if self.flow == "export" else (self.partner, self.reporter)

    @property
    def kind(self) -> tuple[str, ...]:
        """Return the parts of the key without the partner."""
        return (self.domain, self.frequency, self.reporter, self.flow, self.product)

    @property
    def name(self) -> str:
        return f"{self.domain}/{self.frequency}/{self.reporter}/{self.flow}/{self.partner}/{self.product}"


@dataclass(frozen=True)
class Stage:
    """A dated stage of a policy event.

    Args:
        event_id: The event.
        stage: The stage, such as announced, implemented or removed.
        day: The date of the stage.
        precision: The precision of the date: day, month or year.
        event_class: The kind of measure.
        evaluation: red (restricts trade), amber (unclear) or green (eases trade).
        implementing: The economies that act.
        affected: The economies that are affected; `WLD` for all.
        scope: The goods or services covered: `HS` with a code, `EBOPS:` with a service item, or a word of `TARGETS`.
    """

    event_id: str
    stage: str
    day: date
    precision: str
    event_class: str
    evaluation: str
    implementing: frozenset[str]
    affected: frozenset[str]
    scope: tuple[str, ...]

    @cached_property
    def start(self) -> int:
        """Return the month from which the stage counts: the month of `day`, or the next if `day` is after the 15th."""
        return get_month_ordinal(self.day) + (1 if self.precision == "day" and self.day.day > 15 else 0)

    def get_first_period(self, frequency: str) -> int:
        """Return the month `start` for frequency M; for A, return the calendar year that begins nearest to `start`."""
        return self.start if frequency == "M" else (self.start + 6) // 12

    @property
    def is_in_effect(self) -> bool:
        return self.stage in IN_EFFECT and self.event_class not in TALKS

    def acts_on(self, implementing: str, affected: str) -> bool:
        """Return whether the stage is a measure of `implementing` that affects `affected`."""
        return implementing in self.implementing and (affected in self.affected or EVERYONE in self.affected)

    def can_move(self, exporter: str, importer: str) -> bool:
        """Return whether the stage could move the exporter's sales to the importer."""
        if self.event_class in REACHES_FURTHER and {exporter, importer} <= self.affected - self.implementing:
            return True
        inward = self.event_class not in FROM_THOSE_WHO_ACT and self.acts_on(importer, exporter)
        outward = self.event_class not in TO_THOSE_WHO_ACT and self.acts_on(exporter, importer)
        return inward or outward

    def covers_series(self, domain: str, product: str) -> bool:
        """Return whether the scope names everything, or the domain or the product of a series."""
        for word in self.scope:
            if word == "all" or word == domain:
                return True
            code = word.removeprefix("EBOPS:")
            # A measure on some goods does not cover the total of all goods; one on a heading covers its subheadings.
            if product != "TOTAL" and word.startswith(("HS", "EBOPS:")) and product.startswith(code):
                return True
        return False

    def can_move_series(self, key: Key) -> bool:
        """Return whether the stage could move a series."""
        return self.covers_series(key.domain, key.product) and self.can_move(*key.route)

    def list_routes(self) -> list[tuple[str, str]]:
        """List the pairs (exporter, importer) of economies of the stage whose trade the stage could move."""
        named = (self.implementing | self.affected) - {EVERYONE}
        return sorted((one, other) for one in named for other in named if one != other and self.can_move(one, other))

    def list_series(self) -> Iterator[tuple[str, list[Key]]]:
        """Yield the name of each flow that the stage could move, with its series in the statistics of both partners."""
        targets = sorted({target for word in self.scope for target in list_targets(word)})
        for exporter, importer in self.list_routes():
            for domain, product in targets:
                sides = [(exporter, importer, "export")]
                if domain != "arrivals":
                    sides.append((importer, exporter, "import"))
                frequencies = ("M",) if domain == "arrivals" else ("M", "A")
                yield (
                    f"{domain}/{exporter}/{importer}/{product}",
                    [Key(domain, frequency, *side, product) for side in sides for frequency in frequencies],
                )


def list_targets(word: str) -> list[tuple[str, str]]:
    """List the series that a word of a scope stands for, each as (domain, product)."""
    if word in TARGETS:
        return TARGETS[word]
    if word.startswith("EBOPS:"):
        item = word.removeprefix("EBOPS:")
        return [("services", item), *([("arrivals", "SD")] if item == "SD" else [])]
    return [("goods", word)] if word.startswith("HS") else []


def find_overlaps(
    stage: Stage, key: Key, start: int, end: int, stages: Sequence[Stage]
) -> tuple[list[Stage], list[str]]:
    """Find the other events between two months that could move a series.

    Returns:
        The measures that make an estimate invalid, and the IDs of all events found.

    A measure makes an estimate invalid if it takes effect between the months, could move the series, and has the same
    direction: the same economy acts, and the same economy is affected. Other events are only listed, for example talks,
    or a reaction of the affected economy, which is a consequence of the event. Another stage of the same event makes
    the estimate invalid only if that stage is earlier, and if one of the two restricts trade and the other eases trade.
    """
    refusing, others = [], set()
    pair = (key.route, key.route[::-1])
    alone = not any(stage.acts_on(*sides) for sides in pair)
    for other in stages:
        if not start < other.start < end or not other.can_move_series(key):
            continue
        if other.event_id == stage.event_id:
            if other.day < stage.day and {other.evaluation, stage.evaluation} == {"red", "green"}:
                refusing.append(other)
            continue
        others.add(other.event_id)
        same_way = alone or any(stage.acts_on(*sides) and other.acts_on(*sides) for sides in pair)
        if other.is_in_effect and same_way:
            refusing.append(other)
    return refusing, sorted(others)


def read_registered(connection: duckdb.DuckDBPyConnection) -> list[Stage]:
    """Read the stages of the register of events; leave out Global Trade Alert, which has some of the same stages."""
    return _read_stages(
        connection,
        "select event_id, stage, event_date, date_precision, event_class, evaluation, implementing, affected, scope "
        "from core.policy_event_stages where source = 'register' order by event_id, event_date, stage",
    )


def read_agreements(connection: duckdb.DuckDBPyConnection) -> list[Stage]:
    """Read agreements that the register of events lacks, each as a stage on the day it entered into force."""
    return _read_stages(
        connection,
        "select agreement_id, 'in_force', in_force_on, date_precision, 'trade_agreement', 'green', side_codes, "
        "other_side_codes, 'goods' from core.agreements where event_id is null order by agreement_id",
    )


def _read_stages(connection: duckdb.DuckDBPyConnection, query: str) -> list[Stage]:
    """Read stages from the rows of a query; the last three columns are lists as comma-separated text."""
    return [
        Stage(event, stage, day, precision, kind, evaluation, frozenset(acting), frozenset(touched), tuple(scope))
        for event, stage, day, precision, kind, evaluation, *lists in connection.execute(query).fetchall()
        for acting, touched, scope in [[text.split(", ") for text in lists]]
    ]
