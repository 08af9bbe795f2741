"""Whose trade with whom a clause is about.

Here: the economies that a clause names, and whether what stands around each makes it the reporter or the partner. Not
here: which number they are of (`clause`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from dagster_project.claims.spotting import Part
from dagster_project.metrics import catalogue

if TYPE_CHECKING:
    from dagster_project.claims.periods import Span

# Kinds of words that say nothing beside the parts; `basis` is checked where there is no growth.
HARMLESS = {"filler", "level", "within", "joiner", "mark", "and", "boundary", "source", "ending", "remained", "basis"}


@dataclass(frozen=True)
class Pair:
    """Whose trade with whom.

    Args:
        reporter: The code of the reporter.
        partner: The code of the partner; None where only one economy is named.
        is_said: Whether both are named, and which of them reports.
    """

    reporter: str | None = None
    partner: str | None = None
    is_said: bool = False


@dataclass
class Context:
    """What a sentence may lean on.

    Args:
        pair: The pair that the whole text is said to be about; None if nothing says it.
        near: The pair of the sentence before.
        period: The period of the sentence before.
        metric: The metric of the sentence before.
    """

    pair: Pair | None = None
    near: Pair | None = None
    period: Span | None = None
    metric: str | None = None


class Sentence(Protocol):
    """What a clause asks of the sentence that it stands in."""

    parts: list[Part]
    source: str
    implied: str
    names_source: bool
    denied: list[str]
    puts_before: bool
    context: Context

    @property
    def periods(self) -> Sequence[Part]: ...

    def pairs(self, but: Sequence[Part] | None = None) -> list[Pair]: ...


class PairFinder:
    """Finds the pair of a clause, and keeps which of its parts have been read.

    Args:
        sentence: The sentence.
        parts: The parts of the clause.
    """

    def __init__(self, sentence: Sentence, parts: list[Part]) -> None:
        self.sentence = sentence
        self.parts = parts
        self.used: set[int] = set()
        self.economies: list[int] = []

    def of(self, sense: str) -> list[int]:
        """Return where words of a kind stand."""
        return [at for at, one in enumerate(self.parts) if one.kind == sense or sense in one.senses]

    def take(self, *at: int) -> None:
        """Mark parts as read."""
        self.used.update(at)

    def metric_of(self) -> str:
        """The first metric that the clause names."""
        named = (one["metric"] for one in self.parts if "metric" in one)
        return next(named, "balance")

    def pair_of(self, at: int | None, metric: str = "balance") -> Pair:  # noqa: C901 - one way of naming after another
        """The pair that a clause names, as seen from a number; `is_said` where nothing is unsure."""
        known = catalogue.find(metric)
        takes = known.role if known else "both"
        roles: dict[str, list[tuple[int, str]]] = {"reporter": [], "partner": [], "": []}
        both: list[tuple[int, str]] = []
        for n, one in enumerate(self.parts):
            if "toward" in one:
                roles["partner"].append((n, one["toward"]))
            elif "both" in one:
                both.append((n, one["both"]))
            elif "economy" in one or "group" in one:
                role = self.role(n, takes, metric)
                code = one["economy"] if "economy" in one and "group" not in one else f"?{one['group']}"
                if role != "ahead":
                    roles[role].append((n, code))
            else:
                continue
        self.economies = [n for found in roles.values() for n, _ in found] + [n for n, _ in both]
        if metric.endswith("_share") and not any("toward" in one or "both" in one for one in self.parts):
            # China's share of Korea's exports: the exports are those of the economy beside them.
            flows = [n for n, one in enumerate(self.parts) if {"metric", "trade"} & one.senses.keys()]
            named = sorted((n, code) for n, code in [*roles["reporter"], *roles[""]])
            if flows and len({code for _, code in named}) == 2 and not roles["partner"]:
                own = [code for n, code in named if n < flows[-1]] or [named[-1][1]]
                other = next(code for _, code in named if code != own[-1])
                return Pair(own[-1], other, is_said="?" not in own[-1] + other)
        if both and not any(roles.values()):
            first, second = both[0][1].split()
            return self.symmetric(first, second)
        free = roles[""]
        if (
            len(free) == 2
            and not roles["reporter"]
            and not roles["partner"]
            and self.are_joined(free[0][0], free[1][0])
        ):
            return self.symmetric(free[0][1], free[1][1])
        for role in ("partner", "reporter") if metric.endswith("rank") else ("reporter", "partner"):
            if not roles[role] and free:
                roles[role].append(free.pop(0))
        codes = {role: list(dict.fromkeys(code for _, code in roles[role])) for role in ("reporter", "partner")}
        free = [one for one in free if one[1] not in {code for found in codes.values() for code in found}]
        is_sure = all(len(found) == 1 for found in codes.values()) and not free
        is_toward = any("toward" in self.parts[n] for n, _ in roles["partner"])
        if not codes["reporter"] and is_toward and self.sentence.implied:
            codes["reporter"] = [self.sentence.implied]
            is_sure = len(codes["partner"]) == 1 and not free
        source = self.sentence.source
        if (
            not codes["reporter"]
            and len(codes["partner"]) == 1
            and source
            and source != codes["partner"][0]
            and not free
        ):
            # Its customs count its own trade.
            codes["reporter"], is_sure = [source], True
        picked = {}
        for role, found in codes.items():
            near = [code for n, code in roles[role] if at is None or n < at]
            picked[role] = near[-1] if near else (found[0] if found else None)
        if picked["reporter"] == picked["partner"]:
            is_sure = False
        if any(str(code).startswith("?") for code in picked.values()):
            is_sure = False
        return Pair(picked["reporter"], picked["partner"], is_said=is_sure)

    def symmetric(self, first: str, second: str) -> Pair:
        """Two economies side by side: whoever's statistics are named reports, or nobody for sure."""
        source = self.sentence.source
        if source == second:
            first, second = second, first
        return Pair(first, second, is_said=source in {first, second})

    def are_joined(self, first: int, second: int) -> bool:
        return all(
            "and" in one or "joiner" in one or one.senses.get("mark") in {"after_with", "before_with"}
            for one in self.parts[first + 1 : second]
        )

    def role(self, at: int, takes: str, metric: str) -> str:
        """Whether what stands around an economy makes it the reporter or the partner; empty if nothing does."""
        one = self.parts[at]
        back = at - 1
        while back >= 0 and self.parts[back].text.lower() in {"the", "mainland"}:
            back -= 1
        before = self.parts[back].senses.get("mark", "") if back >= 0 else ""
        if back >= 0 and "ahead" in self.parts[back] and "mark" not in self.parts[back]:
            return "ahead"
        after = self.parts[at + 1].senses.get("mark", "") if at + 1 < len(self.parts) else ""
        is_owner = after == "owner" or "adjective" in one
        if metric.endswith("_rank"):
            return "reporter" if is_owner or before == "before_of" else "partner" if after == "after_subject" else ""
        if takes in {"host", "importer"}:
            if (
                before == "before_from"
                or after == "after_from"
                or (is_owner and (takes == "host" or (before == "before_of" and not metric.endswith("_share"))))
            ):
                return "partner"
            if before in {"before_to", "before_in"} or (after == "after_to" and takes == "host"):
                return "reporter"
        has_to = any(one.senses.get("mark") == "before_to" for one in self.parts[at + 1 :])
        if before == "before_from":
            return "reporter" if has_to and takes == "exporter" else "partner"
        if before in {"before_with", "before_to"} or after in {"after_with", "after_to"}:
            return "partner"
        if after == "after_from":
            return "partner" if takes in {"importer", "host"} else ""
        return "reporter" if is_owner or before == "before_of" else ""

    def whose(self, at: int, metric: str, unsure: list[str]) -> Pair:  # noqa: C901 - one source after another
        """The pair of a number, from the clause or what it leans on."""
        known = catalogue.find(metric)
        pair = self.pair_of(at, metric)
        if known is not None and not known.has_partner:
            reporter = pair.reporter or pair.partner
            if not (reporter and len(self.economies) == 1):
                unsure.append("whose it is is not said")
            self.take(*self.economies)
            return Pair(reporter, None, is_said=True)
        context = self.sentence.context
        if pair.is_said:
            self.take(*self.economies)
            return pair
        if pair.reporter and pair.partner:
            unsure.append("which economy reports, or which is the partner, is not certain")
            self.take(*self.economies)
            return pair
        asked = context.pair
        refers = bool(self.of("pair"))
        if pair.partner and not pair.reporter and asked and asked.is_said and pair.partner == asked.partner:
            self.take(*self.economies)
            return asked
        if pair.partner and not pair.reporter:
            others = self.sentence.pairs(but=self.parts)
            if len(others) == 1 and others[0].reporter != pair.partner:
                unsure.append("the reporter is that of another clause")
                self.take(*self.economies)
                return Pair(others[0].reporter, pair.partner)
        if not self.economies:
            others = self.sentence.pairs(but=self.parts)
            if len(others) == 1:
                unsure.append("the pair is that of another clause")
                return others[0]
            if asked and not self.of("own") and (refers or (context.near == asked and self.begins_with_back())):
                self.take(*self.of("pair"), *self.of("back"))
                return asked
        elif pair.reporter and not pair.partner and not refers:
            # Korea's exports alone are those to the world.
            unsure.append("no partner is named")
            return Pair(pair.reporter, None)
        guess = context.near or asked
        if guess is None:
            unsure.append("no pair is named")
            return pair
        unsure.append("the pair is not said here")
        other = guess.partner if guess.reporter == pair.partner else guess.reporter
        return Pair(pair.reporter or other, pair.partner or guess.partner)

    def begins_with_back(self) -> bool:
        """Whether the first word of a clause points back: that flipped to a deficit."""
        for one in self.parts:
            if one.kind == "word" and "back" in one:
                return True
            if one.kind not in {"period", ","} and not {"within", "and", "boundary"} & one.senses.keys():
                return False
        return False
