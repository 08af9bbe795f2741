"""Stages of policy events: what each could move, and what else happened meanwhile.

Here: who acts on whom, which way the goods or travellers go, which series a stage covers, which measures share a
window. Not here: the series themselves (`panels`), or what an event did to them (`effects`, `events`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import duckdb

from dagster_project.analysis.periods import get_month_ordinal

EVERYONE = "WLD"
# Talks and visits move trade through the measures that follow; so do announcements. They are named, not counted.
IN_EFFECT = frozenset({"implemented", "in_force", "partial", "amended", "suspended", "removed"})
TALKS = frozenset({"diplomatic"})
# Which way the goods or travellers go that a measure hits: to those who act, from those who act, or both.
TO_THOSE_WHO_ACT = frozenset({"import_ban", "safeguard", "tariff", "informal_restriction"})
FROM_THOSE_WHO_ACT = frozenset({"export_control", "border_measure"})
# Controls on goods that hold technology of those who act bind the trade of those affected with each other, too.
REACHES_FURTHER = frozenset({"export_control"})


@dataclass(frozen=True, order=True)
class Key:
    """A series that is held.

    Args:
        domain: goods, services, or arrivals (visitors who come to the reporter, which is an export of travel).
        frequency: M or A.
        reporter: Whose statistics.
        partner: With whom.
        flow: export or import.
        product: TOTAL, `HS` and a code, or an item of services.
    """

    domain: str
    frequency: str
    reporter: str
    partner: str
    flow: str
    product: str

    @property
    def route(self) -> tuple[str, str]:
        """The seller and the buyer."""
        return (self.reporter, self.partner) if self.flow == "export" else (self.partner, self.reporter)

    @property
    def kind(self) -> tuple[str, ...]:
        """What it shares with the reporter's series of other partners."""
        return (self.domain, self.frequency, self.reporter, self.flow, self.product)

    @property
    def name(self) -> str:
        return f"{self.domain}/{self.frequency}/{self.reporter}/{self.flow}/{self.partner}/{self.product}"


@dataclass(frozen=True)
class Stage:
    """A dated stage of a policy event.

    Args:
        event_id: The event.
        stage: How far it has come.
        day: When.
        precision: day, month or year.
        event_class: The kind of measure.
        evaluation: red, amber or green.
        implementing: Who acts.
        affected: Whom it touches.
        scope: What it covers: `HS` and a code, `EBOPS:` and an item, or a word.
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
        """The month from which it counts: its own, or the next one if it falls in the second half of a month."""
        return get_month_ordinal(self.day) + (1 if self.precision == "day" and self.day.day > 15 else 0)

    def get_first_period(self, frequency: str) -> int:
        """Return the first period after it: its month, or the year that begins nearest to it."""
        return self.start if frequency == "M" else (self.start + 6) // 12

    @property
    def is_in_effect(self) -> bool:
        return self.stage in IN_EFFECT and self.event_class not in TALKS

    def acts_on(self, implementing: str, affected: str) -> bool:
        """Return whether the one acts on the other."""
        return implementing in self.implementing and (affected in self.affected or EVERYONE in self.affected)

    def can_move(self, exporter: str, importer: str) -> bool:
        """Return whether it could move what the one sells to the other."""
        if self.event_class in REACHES_FURTHER and {exporter, importer} <= self.affected - self.implementing:
            return True
        inward = self.event_class not in FROM_THOSE_WHO_ACT and self.acts_on(importer, exporter)
        outward = self.event_class not in TO_THOSE_WHO_ACT and self.acts_on(exporter, importer)
        return inward or outward

    def covers_series(self, domain: str, product: str) -> bool:
        """Return whether its scope covers a series: all of it, or its product."""
        for word in self.scope:
            if word == "all" or word == domain:
                return True
            code = word.removeprefix("EBOPS:")
            # A measure on some goods is no measure on all goods, but one on a heading is one on its products.
            if product != "TOTAL" and word.startswith(("HS", "EBOPS:")) and product.startswith(code):
                return True
        return False

    def can_move_series(self, key: Key) -> bool:
        """Return whether it could move a series."""
        return self.covers_series(key.domain, key.product) and self.can_move(*key.route)

    def list_routes(self) -> list[tuple[str, str]]:
        """List who sells to whom in the trade that it could move, between economies that it names."""
        named = (self.implementing | self.affected) - {EVERYONE}
        return sorted((one, other) for one in named for other in named if one != other and self.can_move(one, other))

    def list_series(self) -> Iterator[tuple[str, list[Key]]]:
        """Yield the name of each flow that it could move, with the series of each side's own statistics."""
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
    """List what can be measured of a word of a scope: domain and product."""
    if word == "all":
        return [("goods", "TOTAL"), ("services", "S"), ("arrivals", "SD")]
    if word == "goods":
        return [("goods", "TOTAL")]
    if word == "services":
        return [("services", "S")]
    if word.startswith("EBOPS:"):
        item = word.removeprefix("EBOPS:")
        return [("services", item), *([("arrivals", "SD")] if item == "SD" else [])]
    return [("goods", word)] if word.startswith("HS") else []


def find_overlaps(
    stage: Stage, key: Key, start: int, end: int, stages: Sequence[Stage]
) -> tuple[list[Stage], list[str]]:
    """Find what else happened between two months: measures that refuse an estimate, and all other events.

    A measure refuses it if it takes effect there, moves the series, and the same side acts on the same one. What the
    other side does in answer is part of the story and is only named, as is all talk. Of the event itself only an
    earlier stage in the opposite sense refuses: its lifting cannot be told from its beginning.
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
    """Read the stages of the register, not those of Global Trade Alert, which repeat some of them."""
    return _read_stages(
        connection,
        "select event_id, stage, event_date, date_precision, event_class, evaluation, implementing, affected, scope "
        "from core.policy_event_stages where source = 'register' order by event_id, event_date, stage",
    )


def read_agreements(connection: duckdb.DuckDBPyConnection) -> list[Stage]:
    """Read the agreements that the register does not have, as they come into force."""
    return _read_stages(
        connection,
        "select agreement_id, 'in_force', in_force_on, date_precision, 'trade_agreement', 'green', side_codes, "
        "other_side_codes, 'goods' from core.agreements where event_id is null order by agreement_id",
    )


def _read_stages(connection: duckdb.DuckDBPyConnection, query: str) -> list[Stage]:
    """Read the stages of a query's rows, whose last three columns are lists in text."""
    return [
        Stage(event, stage, day, precision, kind, evaluation, frozenset(acting), frozenset(touched), tuple(scope))
        for event, stage, day, precision, kind, evaluation, *lists in connection.execute(query).fetchall()
        for acting, touched, scope in [[text.split(", ") for text in lists]]
    ]
