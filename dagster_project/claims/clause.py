"""Which parts of a clause belong to a number: its metric, its period, its movement and its hedge.

Here: looking for them around the number, with what is unsure about each. Not here: whose trade it is (`pairs`), and
what claim they make (`amounts`).
"""

from __future__ import annotations

from collections.abc import Sequence

from dagster_project.claims.pairs import HARMLESS, PairFinder
from dagster_project.claims.periods import Span
from dagster_project.claims.spotting import NUMBERS, Part


def is_korean(part: Part) -> bool:
    """Whether a part is written in Hangul."""
    return "가" <= part.text[:1] <= "힣"


class Clause(PairFinder):
    """A clause, seen from its numbers."""

    def near(self, at: int, step: int, *kinds: str, over: int = 4) -> int | None:
        """The next part of a kind before or after one, with only harmless words between."""
        place = at + step
        for _ in range(over):
            if not 0 <= place < len(self.parts) or self.parts[place].kind == ",":
                return None
            one = self.parts[place]
            if kinds == ("period",) and one.senses.get("mark") == "after_from" and "within" not in one:
                # From so much in one year, so much in another.
                return None
            if one.kind in kinds or any(kind in one for kind in kinds):
                return place
            if "base" in one and not self.is_range(place + 1, kinds):
                return None
            if not ({"base"} | HARMLESS | {"hedge", "degree", "largest", "record", "by"}) & one.senses.keys():
                return None
            place += step
        return None

    def is_range(self, n: int, kinds: Sequence[str]) -> bool:
        """Whether a `from` begins a period: from January to November."""
        span = self.parts[n].span if n < len(self.parts) else None
        return kinds == ("period",) and span is not None and span.count > 1

    def topic(self, at: int) -> tuple[str, str, list[str]]:
        """The metric and the side that a number is of, and what is unsure about them."""
        named = [n for n, one in enumerate(self.parts) if "metric" in one or "side" in one]
        after = self.near(at, 1, "side")
        if after is not None and "ahead" not in self.parts[after]:
            self.take(after)
            self.take(*(n for n in named if self.parts[n].senses.get("metric") == "balance"))
            return "balance", self.parts[after]["side"], []
        before = [n for n in named if n < at]
        if not before and (trade := [n for n in self.of("trade") if n < at]):
            self.take(*trade)
            return "total_trade", "", []
        if not before and named and self.sentence.parts and named[0] > at:
            # What fell may stand behind how much: a 19.9% fall in exports.
            before = named[:1]
        if before:
            n = before[-1]
            one = self.parts[n]
            is_side = "side" in one
            name = "balance" if is_side else one["metric"]
            kinds = {"balance" if "side" in self.parts[k] else self.parts[k]["metric"] for k in named}
            commas = any(self.parts[k].kind == "," for k in range(min(n, at), max(n, at)))
            is_one = len(kinds) == 1 or not (commas or self.is_listed(n, before))
            unsure = [] if is_one else ["which flow it is of is not certain"]
            self.take(
                *(k for k in named if ("balance" if "side" in self.parts[k] else self.parts[k]["metric"]) == name)
            )
            return name, one["side"] if is_side else "", unsure
        if trade := self.of("trade"):
            self.take(*trade)
            return "total_trade", "", []
        other = [
            "balance" if "side" in one else one["metric"]
            for one in self.sentence.parts
            if "metric" in one or "side" in one
        ]
        if other:
            return other[-1], "", ["the flow is that of another clause"]
        return (self.sentence.context.metric or ""), "", ["no flow is named"]

    def is_listed(self, n: int, before: Sequence[int]) -> bool:
        """Whether a metric is one of several in a row: exports and imports."""
        others = [
            k for k in before if k < n and self.parts[k].senses.get("metric") != self.parts[n].senses.get("metric")
        ]
        return bool(others) and all(HARMLESS & one.senses.keys() for one in self.parts[others[-1] + 1 : n])

    def when(self, at: int, unsure: list[str]) -> tuple[Span | None, Part | None]:
        """The period of a number."""
        own = [n for n in self.of("period") if not (self.is_base_period(n) or self.is_since(n) or self.is_versus(n))]
        steps = (-1, 1) if self.sentence.puts_before else (1, -1)
        beside = [n for step in steps if (n := self.near(at, step, "period", over=4)) is not None and n in own]
        chosen: Part | None = None
        if beside:
            chosen = self.parts[beside[0]]
            self.take(beside[0])
            # A period stands before its number in one language, and behind it in another.
            is_usual = (beside[0] - at) * steps[0] > 0
            others = [n for n in own if (n - at) * steps[0] > 0 and str(self.parts[n].span) != str(chosen.span)]
            if len({str(self.parts[n].span) for n in beside}) > 1 or (not is_usual and others):
                unsure.append("which of two periods it is of is not certain")
        elif own:
            before = [n for n in own if n < at]
            n = before[-1] if before else own[0]
            chosen = self.parts[n]
            self.take(n)
            if any(str(self.parts[k].span) != str(chosen.span) and not self.has_number(k, n, at) for k in own):
                unsure.append("which of several periods it is of is not certain")
        else:
            elsewhere = [one for one in self.sentence.periods if one not in self.parts]
            if len({str(one.span) for one in elsewhere}) == 1 and not any(
                "since" in one or "base" in one for one in self.sentence.parts
            ):
                chosen = elsewhere[0]
            elif elsewhere:
                chosen = elsewhere[0]
                unsure.append("the period is that of another clause")
        if chosen is None and (bases := [n for n in self.of("period") if self.is_base_period(n)]):
            # From so much in 2022: probably the year after.
            base = self.parts[bases[0]].span
            unsure.append("no period is named but that of what it is compared with")
            return (base.after if base else None), None
        if chosen is None:
            span = self.sentence.context.period
            unsure.append("no period is named here" if span else "no period is named")
            return span, None
        n = self.parts.index(chosen) if chosen in self.parts else None
        if n is not None and n + 1 < len(self.parts) and "start" in self.parts[n + 1]:
            unsure.append(f"until when it goes from {chosen.text!r} on is not said")
        if not chosen.is_said:
            unsure.append(f"how far {chosen.text!r} goes is not certain")
        if "through" in chosen or (n is not None and self.near(n, -1, "through", over=2) is not None):
            unsure.append(f"{chosen.text!r} is a day up to which it was counted")
        return chosen.span, chosen

    def has_number(self, other: int, chosen: int, at: int) -> bool:
        """Whether another period has a number of its own, so that it is not the one of this number."""
        first, last = (other, chosen) if other < chosen else (max(at, chosen), other)
        return any(one.kind in NUMBERS for one in self.parts[first + 1 : last])

    def is_base_period(self, n: int) -> bool:
        """Whether a period is that of a base: from $155.7bn in 2022."""
        if self.sentence.puts_before:
            number = self.near(n, 1, *NUMBERS, over=2)
            return number is not None and self.is_base(number)
        before = self.near(n, -1, "money", "percent", over=3)
        if before is None:
            before_of = self.near(n, -1, "base", over=1)
            if self.is_range(n, ("period",)):
                return False
            return before_of is not None and any(one.kind in NUMBERS for one in self.parts[:before_of])
        return self.is_base(before)

    def is_versus(self, n: int) -> bool:
        """Whether a period is what another is compared with: 2023년보다, 2003년 대비."""
        return n + 1 < len(self.parts) and "versus" in self.parts[n + 1]

    def is_since(self, n: int) -> bool:
        places = (n + 1,) if is_korean(self.parts[min(n + 1, len(self.parts) - 1)]) else (n - 1, n + 1)
        return any("since" in self.parts[k] for k in places if 0 <= k < len(self.parts) and k >= n - 1)

    def is_base(self, at: int) -> bool:
        """Whether a number is what another is compared with."""
        before = at - 1 if self.is_repeated(at) else self.near(at, -1, "base", over=5)
        after = at + 1 < len(self.parts) and self.parts[at + 1].senses.get("mark") == "after_from"
        return before is not None or after

    def of_number(self, at: int) -> bool:
        """Whether a number stands here, or behind a hedge: up 6.6%, down by almost a fifth."""
        return any(one.kind in NUMBERS for one in self.parts[at : at + 3])

    def is_repeated(self, at: int) -> bool:
        """Whether a number in brackets is that of the earlier period before them: the same period last year ($20bn)."""
        return (
            at > 1 and self.parts[at - 1].text == "(" and bool({"basis", "earlier"} & self.parts[at - 2].senses.keys())
        )

    def hedge(self, at: int) -> str:
        """The word that bounds or blurs a number: before it, or right behind it where no other number follows."""
        behind = self.parts[at + 1 : at + 3] if self.sentence.puts_before else []
        if behind and "hedge" in behind[0] and not (len(behind) > 1 and behind[1].kind in NUMBERS):
            self.take(at + 1)
            return f"{behind[0]['hedge']} "
        for place in range(at - 1, max(-1, at - 4), -1):
            one = self.parts[place]
            if "hedge" in one:
                self.take(place)
                return f"{one['hedge']} "
            if one.kind != "word" or "move" in one or not ({"filler", "level", "mark"} & one.senses.keys()):
                break
        return ""

    def move(self, at: int) -> str | None:
        """The movement that a number is the size of: the nearest before it in its part of the clause, or after."""
        after = self.near(at, 1, "move")
        if after is not None:
            self.take(after)
            return self.parts[after]["move"]
        place = at - 1
        while place >= 0 and self.parts[place].kind != ",":
            one = self.parts[place]
            if "move" in one:
                self.take(place)
                return one["move"]
            if one.kind in {"percent", "points"}:
                return None
            place -= 1
        return None

    def moved_by(self, at: int) -> str | None:
        """Which way something moved by an amount; None if it is an amount that was reached."""
        after = self.parts[at + 1] if at + 1 < len(self.parts) else None
        if after is not None and "move" in after and is_korean(after):
            self.take(at + 1)
            return after["move"]
        for n in range(at - 1, max(-1, at - 6), -1):
            one = self.parts[n]
            is_by = "by" in one and n > 0 and "move" in self.parts[n - 1]
            is_of = (
                one.text.lower() == "of" and n > 0 and "move" in self.parts[n - 1] and "side" not in self.parts[n - 1]
            )
            if "move" in one and not is_korean(one):
                self.take(n)
                return one["move"]
            if is_by or is_of:
                self.take(n - 1)
                return self.parts[n - 1]["move"]
            is_silent = {"hedge", "record", "degree"} & one.senses.keys() or one.text.lower() in {"a", "an", "some"}
            if not is_silent or "base" in one:
                return None
        return None

    def base_period(self, at: int, unsure: list[str]) -> tuple[Span | None, Part | None]:
        beside = [n for step in (-1, 1) if (n := self.near(at, step, "period", over=3)) is not None]
        if beside:
            n = beside[0] if self.sentence.puts_before else beside[-1]
            self.take(n)
            if len(beside) > 1:
                unsure.append("which of two periods it is of is not certain")
            return self.parts[n].span, self.parts[n]
        earlier = at - 2 if self.is_repeated(at) else self.near(at, 1, "earlier", over=3)
        if earlier is None:
            earlier = self.near(at, -1, "earlier", over=4)
        span, part = self.when(at, unsure)
        if earlier is None:
            unsure.append("the period of what it is compared with is not said")
        else:
            self.take(earlier)
        return (span.before if span else None), part
