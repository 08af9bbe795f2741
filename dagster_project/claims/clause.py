"""Which parts of a clause belong to a number: its metric, its period, its movement and its hedge.

Here: sentences, their clauses, and looking around a number, with what is unsure about it. Not here: whose trade it is
(`pairs`), and what is claimed (`slots`, `wording`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dagster_project.claims.spans import Span
from dagster_project.claims.spotting import NUMBERS, Part, has_any_of

# Kinds of words that say nothing beside the parts; `basis` is checked where there is no growth.
HARMLESS = {"filler", "level", "within", "joiner", "mark", "and", "boundary", "source", "ending", "remained", "basis"}
# Kinds of words that may stand between a number and what belongs to it.
_PASSED = HARMLESS | {"base", "hedge", "degree", "largest", "record", "by"}


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
    """The pair, the period and the metric that a sentence may lean on.

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


@dataclass
class Sentence:
    """A sentence in parts.

    Args:
        parts: Its parts.
        context: What it may lean on.
        implied: The reporter whom its language implies.
        puts_before: Whether its language puts a period before its number.
        clauses: Its clauses.
    """

    parts: Sequence[Part]
    context: Context
    implied: str
    puts_before: bool
    clauses: list[Clause] = field(default_factory=list)

    @property
    def sources(self) -> list[str]:
        """Return whose statistics it names."""
        return [one["source"] for one in self.parts if one.senses.get("source")]

    @property
    def periods(self) -> list[Part]:
        """Return its periods."""
        return [one for one in self.parts if one.kind == "period"]


def flow_of(part: Part) -> str:
    """Return the metric that a part names: a deficit is of the balance; empty if it names none."""
    return "balance" if "side" in part else part.senses.get("metric", "")


def is_korean(part: Part) -> bool:
    """Return whether a part is written in Hangul."""
    return "가" <= part.text[:1] <= "힣"


class Clause:
    """A clause, seen from its numbers, with the claims that were found in it.

    Args:
        sentence: The sentence.
        parts: The parts of the clause.
    """

    def __init__(self, sentence: Sentence, parts: list[Part]) -> None:
        self.sentence, self.parts = sentence, parts
        self.used: set[int] = set()
        self.economies: list[int] = []
        self.doubts: list[str] = []
        self.found: list[tuple[int, dict[str, str], list[str]]] = []
        self.refused: list[tuple[int, str]] = []
        self.bases: list[Span] = []

    def of(self, *senses: str) -> list[int]:
        """Return where words of some kinds stand."""
        return [at for at, one in enumerate(self.parts) if one.is_any_of(*senses)]

    def sense(self, at: int, kind: str) -> str:
        """Return what the word at a place stands for; empty if it is of another kind."""
        return self.parts[at].senses.get(kind, "") if 0 <= at < len(self.parts) else ""

    def word(self, at: int) -> str:
        """Return the text of the part at a place; empty if there is none."""
        return self.parts[at].text.lower() if 0 <= at < len(self.parts) else ""

    def is_number(self, at: int) -> bool:
        """Return whether a number for which a claim is made stands at a place."""
        return 0 <= at < len(self.parts) and self.parts[at].kind in NUMBERS

    def take(self, *at: int) -> None:
        """Mark parts as read."""
        self.used.update(at)

    def doubt(self, why: str, *, when: bool = True) -> None:
        """Keep why the next claim is not certain."""
        self.doubts += [why] if when and why not in self.doubts else []

    def refuse(self, at: int, why: str) -> None:
        """Keep why a number makes no claim."""
        self.refused.append((at, why))

    def near(self, at: int, step: int, *kinds: str, over: int = 4) -> int | None:
        """Return the next part of some kinds before or after one, with only harmless words between."""
        for place in range(at + step, at + step * (over + 1), step):
            if not 0 <= place < len(self.parts) or self.parts[place].kind == ",":
                return None
            one = self.parts[place]
            if "period" in kinds and one.senses.get("mark") == "after_from" and "within" not in one:
                # From so much in one year, so much in another.
                return None
            if one.is_any_of(*kinds):
                return place
            is_base = "base" in one and not ("period" in kinds and self.is_range(place + 1))
            if is_base or not one.is_any_of(*_PASSED):
                return None
        return None

    def is_range(self, at: int) -> bool:
        """Return whether a period of several years or months stands at a place: from January to November."""
        span = self.parts[at].span if at < len(self.parts) else None
        return span is not None and span.count > 1

    def metric_of(self) -> str:
        """Return the first metric that the clause names."""
        return next((one["metric"] for one in self.parts if "metric" in one), "balance")

    def topic(self, at: int) -> tuple[str, str]:
        """Return the metric and the side that a number is of."""
        flows = {n: flow_of(one) for n, one in enumerate(self.parts) if flow_of(one)}
        trade, after = self.of("trade"), self.near(at, 1, "side")
        if after is not None and not has_any_of(self.parts[at + 1 : after], "and"):
            self.take(after, *(n for n in flows if self.sense(n, "metric") == "balance"))
            return "balance", self.sense(after, "side")
        # What fell may stand behind how much: a 19.9% fall in exports.
        before = [n for n in flows if n < at]
        if not before and trade and (trade[0] < at or not flows):
            self.take(*trade)
            return "total_trade", ""
        if flows:
            n = before[-1] if before else min(flows)
            has_comma = any(self.parts[k].kind == "," for k in range(min(n, at), max(n, at)))
            is_sure = len(set(flows.values())) == 1 or not (has_comma or self.is_listed(n, before))
            self.doubt("which flow it is of is not certain", when=not is_sure)
            self.take(*(k for k, flow in flows.items() if flow == flows[n]))
            return flows[n], self.sense(n, "side")
        other = [flow for one in self.sentence.parts if (flow := flow_of(one))]
        self.doubt("the flow is that of another clause" if other else "no flow is named")
        return (other[-1] if other else self.sentence.context.metric or ""), ""

    def is_listed(self, n: int, before: Sequence[int]) -> bool:
        """Return whether a metric is one of several in a row: exports and imports."""
        others = [k for k in before if k < n and self.sense(k, "metric") != self.sense(n, "metric")]
        return bool(others) and all(one.is_any_of(*HARMLESS) for one in self.parts[others[-1] + 1 : n])

    def are_joined(self, first: int, second: int) -> bool:
        """Return whether only words such as `and` stand between two parts."""
        between = self.parts[first + 1 : second]
        return all(one.is_any_of("and", "joiner") or "_with" in one.senses.get("mark", "") for one in between)

    def begins_with_back(self) -> bool:
        """Return whether the first word of a clause points back: that flipped to a deficit."""
        words = (one for one in self.parts if one.kind not in {"period", ","})
        first = next((one for one in words if not one.is_any_of("within", "and", "boundary")), None)
        return first is not None and "back" in first

    def when(self, at: int) -> tuple[Span | None, Part | None]:
        """Return the period of a number."""
        bases = [n for n in self.of("period") if self.is_base_period(n)]
        others = (self.is_since, self.is_versus, self.is_dateline)
        own = [n for n in self.of("period") if not (n in bases or any(is_other(n) for is_other in others))]
        steps = (-1, 1) if self.sentence.puts_before else (1, -1)
        ends = {-1: at, 1: self.find_end(at)}
        beside = [n for step in steps if (n := self.near(ends[step], step, "period")) in own and n is not None]
        if len(beside) > 1 and not self.sentence.puts_before and self.near(beside[1], -1, *NUMBERS, over=2) is not None:
            # So much in one year, and so much in another.
            beside.pop()
        elsewhere = [one for one in self.sentence.periods if one not in self.parts]
        n = -1
        if beside:
            n = beside[0]
            # A period stands before its number in one language, and behind it in another.
            rivals = [k for k in own if k in beside or (k - at) * steps[0] > 0 > (n - at) * steps[0]]
            is_one = len({str(self.parts[k].span) for k in rivals}) == 1
            self.doubt("which of two periods it is of is not certain", when=not is_one)
        elif own:
            n = next((k for k in reversed(own) if k < at), own[0])
            several = [k for k in own if str(self.parts[k].span) != str(self.parts[n].span)]
            is_sure = all(self.has_number(k, n, at) for k in several)
            self.doubt("which of several periods it is of is not certain", when=not is_sure)
        chosen = self.parts[n] if n >= 0 else next(iter(elsewhere), None)
        if chosen is None:
            # From so much in 2022: probably the year after.
            span = self.parts[bases[0]].span if bases else None
            of_base = "no period is named but that of what it is compared with"
            said = "no period is named here" if self.sentence.context.period else "no period is named"
            self.doubt(of_base if bases else said)
            return (span.after if span else None if bases else self.sentence.context.period), None
        if n < 0:
            is_one = len({str(one.span) for one in elsewhere}) == 1
            is_compared = has_any_of(self.sentence.parts, "since", "base")
            self.doubt("the period is that of another clause", when=not is_one or is_compared)
        self.take(*([n] if n >= 0 else []))
        is_open = n >= 0 and bool(self.sense(n + 1, "start"))
        self.doubt(f"until when it goes from {chosen.text!r} on is not said", when=is_open)
        self.doubt(f"how far {chosen.text!r} goes is not certain", when=not chosen.is_said)
        is_through = "through" in chosen or (n >= 0 and self.near(n, -1, "through", over=2) is not None)
        self.doubt(f"{chosen.text!r} is a day up to which it was counted", when=is_through)
        return chosen.span, chosen

    def has_number(self, other: int, chosen: int, at: int) -> bool:
        """Return whether another period has a number of its own, so that it is not the one of this number."""
        first, last = (other, chosen) if other < chosen else (max(at, chosen), other)
        return any(self.is_number(n) for n in range(first + 1, last))

    def find_end(self, at: int) -> int:
        """Return where what a number counts ends: a $1.2 billion surplus, a 20 percent fall."""
        is_followed = at + 1 < len(self.parts) and self.parts[at + 1].is_any_of("side", "move")
        return at + 1 if is_followed and not self.sentence.puts_before else at

    def is_versus(self, n: int) -> bool:
        """Return whether a period is only what a movement is compared with: up 5 percent from 2022."""
        if self.sense(n + 1, "versus"):
            return True
        if self.sentence.puts_before or self.is_range(n) or self.near(n, 1, *NUMBERS, over=2) is not None:
            return False
        return self.near(n, -1, "base", over=2) is not None

    def is_base_period(self, n: int) -> bool:
        """Return whether a period is that of a base: from $155.7bn in 2022."""
        if self.sentence.puts_before:
            number = self.near(n, 1, *NUMBERS, over=2)
        else:
            number = self.near(n, -1, "money", "percent", over=3)
            if number is None and not self.is_range(n):
                word = self.near(n, -1, "base", over=1)
                return word is not None and any(self.is_number(k) for k in range(word))
        return number is not None and self.is_base(number)

    def is_dateline(self, n: int) -> bool:
        """Return whether a period is the day on which somebody said something, and not up to which it was counted."""
        is_day = self.parts[n].is_day and self.near(n, -1, "through", over=2) is None
        is_said = any("source" in one for one in self.sentence.parts)
        return is_day and is_said and any(one.is_held for one in self.sentence.periods)

    def is_since(self, n: int) -> bool:
        """Return whether a first one, or a row, is counted from a period."""
        places = (n + 1,) if n + 1 < len(self.parts) and is_korean(self.parts[n + 1]) else (n - 1, n + 1)
        return any(self.sense(k, "since") for k in places) or bool(self.list_since_event(n))

    def list_since_event(self, n: int) -> list[int]:
        """Return the words that name an event from whose year on it is counted: since they established ties in 1992."""
        for k in range(n - 1, -1, -1):
            if "since" in self.parts[k]:
                between = [*range(k, n)]
                return between if any("event" in self.parts[one] for one in between) else []
            if not self.parts[k].is_any_of("event", "stage", "pair", "economy", "and", *_PASSED):
                break
        return []

    def is_base(self, at: int) -> bool:
        """Return whether a number is what another is compared with."""
        is_from = self.is_repeated(at) or self.near(at, -1, "base", over=5) is not None
        return is_from or self.sense(at + 1, "mark") == "after_from"

    def is_repeated(self, at: int) -> bool:
        """Return whether a number in brackets is that of the earlier period before them.

        Such as: the same period last year ($20bn).
        """
        return self.word(at - 1) == "(" and bool(self.sense(at - 2, "basis") or self.sense(at - 2, "earlier"))

    def hedge(self, at: int) -> str:
        """Return the word that bounds or blurs a number: before it, or behind it where no other number follows."""
        behind = at + 1 if self.sentence.puts_before and not self.is_number(at + 2) else at
        place = behind if self.sense(behind, "hedge") else at - 1
        while self.sense(place, "filler") and not self.sense(place, "hedge") and place > at - 3:
            place -= 1
        if hedge := self.sense(place, "hedge"):
            self.take(place)
        return f"{hedge} " if hedge else ""

    def move(self, at: int) -> str:
        """Return the movement that a number is the size of: right after it, or the nearest before it."""
        place = self.near(at, 1, "move")
        if place is None:
            stops, back = {",", "percent", "points"}, range(at - 1, -1, -1)
            place = next((n for n in back if self.parts[n].kind in stops or self.sense(n, "move")), -1)
        if self.sense(place, "move"):
            self.take(place)
        return self.sense(place, "move")

    def moved_by(self, at: int) -> str:
        """Return which way something moved by an amount; empty if it is an amount that was reached."""
        if self.word(at - 1) == "(" and at >= 2 and self.parts[at - 2].kind == "percent":
            # Down 9.3 percent ($6.7 billion).
            return self.move(at - 2)
        if self.sense(at + 1, "move") and is_korean(self.parts[at + 1]):
            self.take(at + 1)
            return self.sense(at + 1, "move")
        for n in range(at - 1, max(-1, at - 6), -1):
            one = self.parts[n]
            is_by = "by" in one or one.text.lower() == "of"
            # A word that also says which level was reached, such as the Chinese for `grew to`, names no difference.
            is_move = "move" in one and "level" not in one and not is_korean(one)
            place = n if is_move else n - 1 if is_by and n else -1
            if place >= 0 and self.sense(place, "move"):
                self.take(place)
                return self.sense(place, "move")
            is_silent = one.is_any_of("hedge", "record", "degree") or one.text.lower() in {"a", "an", "some"}
            if not is_silent or "base" in one:
                break
        return ""

    def base_period(self, at: int) -> tuple[Span | None, Part | None]:
        """Return the period of a number that another one is compared with."""
        end = self.find_end(at)
        beside = [n for k, step in ((at, -1), (end, 1)) if (n := self.near(k, step, "period", over=3)) is not None]
        if beside:
            n = beside[0] if self.sentence.puts_before else beside[-1]
            self.take(n)
            self.doubt("which of two periods it is of is not certain", when=len(beside) > 1)
            return self.parts[n].span, self.parts[n]
        places = (
            at - 2 if self.is_repeated(at) else None,
            self.near(end, 1, "earlier", over=3),
            self.near(at, -1, "earlier"),
        )
        earlier = next((n for n in places if n is not None), None)
        span, part = self.when(at)
        self.doubt("the period of what it is compared with is not said", when=earlier is None)
        self.take(*([] if earlier is None else [earlier]))
        return (span.before if span else None), part
