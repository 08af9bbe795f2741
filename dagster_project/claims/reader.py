"""The claims that sentences make, and how sure it is what each of them says.

Here: from the parts of a sentence to the slots of a claim for each number, and what stands in the way of a verdict. Not
here: the parts (`spotting`), what becomes of slots (`compiling`), and whole articles (`article`).

A reading is *judged* if every word that carries meaning was read, and nothing was borrowed from another clause or
assumed. Any other is *compared*: it has no verdict, but the figure beside what is printed. Where no reading exists, the
number is *refused*, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from dagster_project.claims.periods import Span
from dagster_project.claims.spotting import Part, spot
from dagster_project.metrics import catalogue

# Kinds of words that say nothing beside the parts; `basis` is checked where there is no growth.
_HARMLESS = {"filler", "level", "within", "joiner", "mark", "and", "boundary", "source", "ending", "remained", "basis"}
# Kinds of words for whose sake a bracket is read.
_TELLING = {"deny", "narrow", "whole", "hedge", "side", "move", "group", "low", "record"}
_NUMBERS = {"money", "percent", "points", "nth", "count", "times"}
_SHARES = {"exports": "export_share", "imports": "import_share", "total_trade": "trade_share"}
_LEVELS = {"exports", "imports", "total_trade", "balance"}
_ABBREVIATED = re.compile(r"(?:^|[\s(])(?:[A-Z]|[A-Z]\.[A-Z]|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|No|Mr|Ms|Dr|St|vs)$")
_STOP = re.compile(r"[.!?。！？]+[\"'”’)\]]*(?=\s|$)|(?<=[。！？])|\n+")
# No sentence of a newspaper has so many words and marks.
LONGEST = 200
_PART_OF_A_MONTH = "is a part of a month, and no such figures are held"


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


@dataclass(frozen=True)
class Reading:
    """What a number or a dated event of a text says.

    Args:
        slots: The claim, as a row has it; empty if there is none.
        outcome: `judged`, `compared` or `refused`.
        start: Where what it rests on begins in the sentence.
        end: Where it ends.
        text: The number, as it stands in the text.
        unread: The words that were not understood.
        why: What was borrowed, assumed or is missing, in words.
        is_held: Whether figures of such a period can be held: not of a part of a month.
    """

    slots: Mapping[str, str]
    outcome: str
    start: int
    end: int
    text: str
    unread: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    is_held: bool = True


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


@dataclass
class _Clause:
    """Neighbouring parts that make one statement, with what of them has been read."""

    parts: list[Part]
    offset: int
    used: set[int] = field(default_factory=set)

    def of(self, sense: str) -> list[int]:
        return [at for at, one in enumerate(self.parts) if sense in one or one.kind == sense]

    def take(self, *at: int) -> None:
        self.used.update(at)


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Split a text into sentences, each with where it begins."""
    start = 0
    for stop in _STOP.finditer(text):
        if stop[0].startswith(".") and _ABBREVIATED.search(text[max(0, stop.start() - 6) : stop.start()]):
            continue
        if text[start : stop.end()].strip():
            yield start, text[start : stop.end()]
        start = stop.end()
    if text[start:].strip():
        yield start, text[start:]


def read(text: str, published_on: date, context: Context | None = None) -> list[Reading]:
    """Read one sentence.

    Args:
        text: The sentence.
        published_on: The day from which `last year` is read.
        context: What it may lean on; it is brought up to date.
    """
    parts = spot(text, published_on)
    if len(parts) > LONGEST:
        found = next((one for one in parts if one.kind in _NUMBERS), None)
        why = f"a sentence of more than {LONGEST} words is not read"
        return [Reading({}, "refused", found.start, found.end, found.text, (), (why,))] if found else []
    return _Sentence(parts, published_on, context or Context()).readings()


class _Sentence:
    """A sentence in parts."""

    def __init__(self, parts: Sequence[Part], published_on: date, context: Context) -> None:
        self.published_on = published_on
        self.context = context
        self.parts = _without_reasons(_without_brackets(parts))
        # A language that puts a period before its number.
        self.puts_before = any("\u1100" <= letter for one in self.parts for letter in one.text[:1])
        self.source = next((one["source"] for one in self.parts if one.senses.get("source")), "")
        self.denied = [one.text for one in self.parts if "deny" in one or one.text in {"?", "？"}]
        self.clauses = _clauses(self.parts)
        self.periods = [one for one in self.parts if one.kind == "period"]

    def readings(self) -> list[Reading]:
        found: list[Reading] = []
        for clause in self.clauses:
            found += _Reader(self, clause).readings()
        said = next(iter(self.pairs()), None)
        self.context.near = said if said else self.context.near if _is_silent(self.parts) else None
        if self.periods:
            self.context.period = self.periods[-1].span
        return found


    def pairs(self, but: _Clause | None = None) -> list[Pair]:
        """The pairs that clauses name, but one, each once."""
        readers = [_Reader(self, clause) for clause in self.clauses if clause is not but]
        named = (one.pair_of(None, one.metric_of()) for one in readers)
        return list(dict.fromkeys(one for one in named if one.is_said))


def _is_silent(parts: Sequence[Part]) -> bool:
    """Whether a sentence names no economy."""
    return not any({"economy", "toward", "both", "group"} & one.senses.keys() for one in parts)


def _without_brackets(parts: Sequence[Part]) -> list[Part]:
    """Leave out what stands in brackets and only repeats: an amount in another currency, a name, a gloss."""
    found: list[Part] = []
    at = 0
    while at < len(parts):
        if parts[at].text == "(":
            end = next((n for n in range(at + 1, len(parts)) if parts[n].text == ")"), at)
            inside = parts[at + 1 : end]
            amounts = [one for one in inside if one.kind in _NUMBERS]
            before = found[-1] if found else None
            is_same = before is not None and before.kind == "money" and len(amounts) == 1 and amounts[0].kind == "money"
            if is_same and before is not None and amounts[0].unit != before.unit and end - at <= 4:
                at = end + 1
                continue
            is_gloss = all(one.kind in {"word", ","} for one in inside) and not any(
                _TELLING & one.senses.keys() for one in inside
            )
            if end > at and is_gloss:
                at = end + 1
                continue
        found.append(parts[at])
        at += 1
    return found


def _without_reasons(parts: Sequence[Part]) -> list[Part]:
    """Leave out why something was so: what follows `amid`, up to the next comma, if it has no number."""
    found: list[Part] = []
    at = 0
    while at < len(parts):
        if "reason" in parts[at]:
            end = next((n for n in range(at, len(parts)) if parts[n].kind == ","), len(parts))
            tail = parts[at:end]
            if not any(one.kind in {*_NUMBERS, "period"} or "deny" in one or "side" in one for one in tail):
                at = end
                continue
        found.append(parts[at])
        at += 1
    return found


def _clauses(parts: Sequence[Part]) -> list[_Clause]:
    """Split a sentence where another statement begins: at `while`, and where a new metric follows a number."""
    starts = [0]
    metric, has_number, comma = "", False, 0
    for at, one in enumerate(parts):
        if "boundary" in one and not ({"mark", "level"} & one.senses.keys()) and has_number:
            starts.append(at)
            metric, has_number = "", False
        if "and" in one and has_number and at and parts[at - 1].kind == "," and _is_statement(parts[at:]):
            starts.append(at)
            metric, has_number = "", False
        if one.kind == "," or ("and" in one and has_number):
            comma = at
        name = one["metric"] if "metric" in one else ""
        if name and metric and name != metric and has_number and comma > starts[-1]:
            starts.append(comma)
            has_number = False
        metric = name or metric
        has_number = has_number or one.kind in {"money", "percent", "points"}
    ends = [*starts[1:], len(parts)]
    return [_Clause(list(parts[first:last]), first) for first, last in zip(starts, ends, strict=True) if first < last]


def _is_korean(part: Part) -> bool:
    return "가" <= part.text[:1] <= "힣"


def _written(span: Span) -> str:
    return str(span).replace(" to ", "..")


def _is_statement(parts: Sequence[Part]) -> bool:
    """Whether what follows has a metric and a period of its own, up to the next comma."""
    end = next((n for n, one in enumerate(parts) if one.kind == ","), len(parts))
    return any(one.kind == "period" for one in parts[:end]) and any(
        {"metric", "side"} & one.senses.keys() for one in parts[:end]
    )


class _Reader:
    """Reads one clause."""

    def __init__(self, sentence: _Sentence, clause: _Clause) -> None:
        self.sentence = sentence
        self.clause = clause
        self.parts = clause.parts
        self.economies: list[int] = []
        self.found: list[tuple[int, dict[str, str], list[str]]] = []
        self.refused: list[tuple[int, str]] = []

    # Which part belongs to which.

    def near(self, at: int, step: int, *kinds: str, over: int = 4) -> int | None:
        """The next part of a kind before or after one, with only harmless words between."""
        place = at + step
        for _ in range(over):
            if not 0 <= place < len(self.parts) or self.parts[place].kind == ",":
                return None
            one = self.parts[place]
            if one.kind in kinds or any(kind in one for kind in kinds):
                return place
            if "base" in one and not self.is_range(place + 1, kinds):
                return None
            if not ({"base"} | _HARMLESS | {"hedge", "degree", "largest", "record", "by"}) & one.senses.keys():
                return None
            place += step
        return None

    def is_range(self, n: int, kinds: Sequence[str]) -> bool:
        """Whether a `from` begins a period: from January to November."""
        span = self.parts[n].span if n < len(self.parts) else None
        return kinds == ("period",) and span is not None and span.count > 1

    def metric_of(self) -> str:
        """The first metric that the clause names."""
        named = (one["metric"] for one in self.parts if "metric" in one)
        return next(named, "balance")

    def topic(self, at: int) -> tuple[str, str, list[str]]:
        """The metric and the side that a number is of, and what is unsure about them."""
        named = [n for n, one in enumerate(self.parts) if "metric" in one or "side" in one]
        after = self.near(at, 1, "side")
        if after is not None and "ahead" not in self.parts[after]:
            self.clause.take(after)
            self.clause.take(*(n for n in named if self.parts[n].senses.get("metric") == "balance"))
            return "balance", self.parts[after]["side"], []
        before = [n for n in named if n < at]
        if not before and named and self.sentence.parts and named[0] > at:
            # 19.9% fall in exports
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
            self.clause.take(*(k for k in named if ("balance" if "side" in self.parts[k] else self.parts[k]["metric"]) == name))
            return name, one["side"] if is_side else "", unsure
        if trade := self.clause.of("trade"):
            self.clause.take(*trade)
            return "total_trade", "", []
        other = [
            "balance" if "side" in one else one["metric"] for one in self.sentence.parts if "metric" in one or "side" in one
        ]
        if other:
            return other[-1], "", ["the flow is that of another clause"]
        return (self.sentence.context.metric or ""), "", ["no flow is named"]

    def is_listed(self, n: int, before: Sequence[int]) -> bool:
        """Whether a metric is one of several in a row: exports and imports."""
        others = [k for k in before if k < n and self.parts[k].senses.get("metric") != self.parts[n].senses.get("metric")]
        return bool(others) and all(_HARMLESS & one.senses.keys() for one in self.parts[others[-1] + 1 : n])

    def pair_of(self, at: int | None, metric: str = "balance") -> Pair:
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
        if len(free) == 2 and not roles["reporter"] and not roles["partner"] and self.are_joined(free[0][0], free[1][0]):
            return self.symmetric(free[0][1], free[1][1])
        for role in ("partner", "reporter") if metric.endswith("rank") else ("reporter", "partner"):
            if not roles[role] and free:
                roles[role].append(free.pop(0))
        codes = {role: list(dict.fromkeys(code for _, code in roles[role])) for role in ("reporter", "partner")}
        free = [one for one in free if one[1] not in {code for found in codes.values() for code in found}]
        is_sure = all(len(found) == 1 for found in codes.values()) and not free
        if not codes["reporter"] and codes["partner"] and any("toward" in self.parts[n] for n, _ in roles["partner"]):
            # In Korean, 대중 alone is said of Korea's trade.
            if re.search(r"[가-힣]", self.parts[roles["partner"][0][0]].text):
                codes["reporter"] = ["KOR"]
                is_sure = len(codes["partner"]) == 1 and not free
        source = self.sentence.source
        if not codes["reporter"] and len(codes["partner"]) == 1 and source and source != codes["partner"][0] and not free:
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
        is_adjective = "economy" in one and one.text.lower().endswith(("ese", "ean", "ian", "ish", "can", "man", "nch", "iss", "hai", "tch"))  # noqa: E501
        is_owner = after == "owner" or is_adjective
        if metric.endswith("_rank"):
            return "reporter" if is_owner or before == "before_of" else "partner" if after == "after_subject" else ""
        if takes in {"host", "importer"}:
            if before == "before_from" or after == "after_from" or (is_owner and (takes == "host" or before == "before_of")):
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

    def whose(self, at: int, metric: str, unsure: list[str]) -> Pair:
        """The pair of a number, from the clause or what it leans on."""
        known = catalogue.find(metric)
        pair = self.pair_of(at, metric)
        if known is not None and not known.has_partner:
            reporter = pair.reporter or pair.partner
            if not (reporter and len(self.economies) == 1):
                unsure.append("whose it is is not said")
            self.clause.take(*self.economies)
            return Pair(reporter, None, is_said=True)
        context = self.sentence.context
        if pair.is_said:
            self.clause.take(*self.economies)
            return pair
        if pair.reporter and pair.partner:
            unsure.append("which economy reports, or which is the partner, is not certain")
            self.clause.take(*self.economies)
            return pair
        asked = context.pair
        refers = bool(self.clause.of("pair"))
        if pair.partner and not pair.reporter and asked and asked.is_said and pair.partner == asked.partner:
            self.clause.take(*self.economies)
            return asked
        if not self.economies:
            others = self.sentence.pairs(but=self.clause)
            if len(others) == 1:
                unsure.append("the pair is that of another clause")
                return others[0]
            if asked and not self.clause.of("own") and (refers or (context.near == asked and self.begins_with_back())):
                self.clause.take(*self.clause.of("pair"), *self.clause.of("back"))
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
        return Pair(pair.reporter or guess.reporter, guess.partner if not pair.reporter else pair.partner or guess.partner)

    def begins_with_back(self) -> bool:
        """Whether the first word of a clause points back: that flipped to a deficit."""
        for one in self.parts:
            if one.kind == "word" and "back" in one:
                return True
            if one.kind not in {"period", ","} and not {"within", "and", "boundary"} & one.senses.keys():
                return False
        return False

    def when(self, at: int, unsure: list[str]) -> tuple[Span | None, Part | None]:
        """The period of a number."""
        own = [
            n for n in self.clause.of("period") if not (self.is_base_period(n) or self.is_since(n) or self.is_versus(n))
        ]
        steps = (-1, 1) if self.sentence.puts_before else (1, -1)
        beside = [n for step in steps if (n := self.near(at, step, "period", over=4)) is not None and n in own]
        chosen: Part | None = None
        if beside:
            chosen = self.parts[beside[0]]
            self.clause.take(beside[0])
            if len({str(self.parts[n].span) for n in beside}) > 1:
                unsure.append("which of two periods it is of is not certain")
        elif own:
            before = [n for n in own if n < at]
            n = before[-1] if before else own[0]
            chosen = self.parts[n]
            self.clause.take(n)
            if any(str(self.parts[k].span) != str(chosen.span) and not self.has_number(k, n, at) for k in own):
                unsure.append("which of several periods it is of is not certain")
        else:
            others = [one for one in self.sentence.periods if one not in self.parts]
            if len({str(one.span) for one in others}) == 1 and not any(
                "since" in one or "base" in one for one in self.sentence.parts
            ):
                chosen = others[0]
            elif others:
                chosen = others[0]
                unsure.append("the period is that of another clause")
        if chosen is None and (bases := [n for n in self.clause.of("period") if self.is_base_period(n)]):
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
        return any(one.kind in _NUMBERS for one in self.parts[first + 1 : last])

    def is_base_period(self, n: int) -> bool:
        """Whether a period is that of a base: from $155.7bn in 2022."""
        before = self.near(n, -1, "money", "percent", over=3)
        if before is None:
            before_of = self.near(n, -1, "base", over=1)
            return before_of is not None and any(one.kind in _NUMBERS for one in self.parts[:before_of])
        return self.is_base(before)

    def is_versus(self, n: int) -> bool:
        """Whether a period is what another is compared with: 2023년보다, 2003년 대비."""
        return n + 1 < len(self.parts) and "versus" in self.parts[n + 1]

    def is_since(self, n: int) -> bool:
        places = (n + 1,) if _is_korean(self.parts[min(n + 1, len(self.parts) - 1)]) else (n - 1, n + 1)
        return any("since" in self.parts[k] for k in places if 0 <= k < len(self.parts) and k >= n - 1)

    def is_base(self, at: int) -> bool:
        """Whether a number is what another is compared with."""
        before = self.near(at, -1, "base", over=5)
        after = at + 1 < len(self.parts) and self.parts[at + 1].senses.get("mark") == "after_from"
        return before is not None or after

    def hedge(self, at: int) -> str:
        for step in (-1, 1):
            place = at + step
            while 0 <= place < len(self.parts) and self.parts[place].kind == "word":
                one = self.parts[place]
                if "hedge" in one:
                    self.clause.take(place)
                    return f"{one['hedge']} "
                if not ({"filler", "level", "mark"} & one.senses.keys()) or "move" in one or abs(place - at) > 2:
                    break
                place += step
        return ""

    def move(self, at: int) -> str | None:
        """The movement that a number is the size of: the nearest before it in its part of the clause, or after."""
        after = self.near(at, 1, "move")
        if after is not None and not self.is_level(after):
            self.clause.take(after)
            return self.parts[after]["move"]
        place = at - 1
        while place >= 0 and self.parts[place].kind != ",":
            one = self.parts[place]
            if "move" in one:
                self.clause.take(place)
                return one["move"]
            if one.kind in {"percent", "points"}:
                return None
            place -= 1
        return None

    def is_level(self, after: int) -> bool:
        return False

    # What each kind of number says.

    def readings(self) -> list[Reading]:
        has_share = bool(self.clause.of("share"))
        is_bilateral = self.pair_of(None, self.metric_of()).partner is not None
        narrow = [
            one.text
            for one in self.parts
            if "narrow" in one and not (one["narrow"] == "total" and (has_share or is_bilateral))
        ]
        has_visitors = any(one.senses.get("metric") == "visitor_arrivals" for one in self.parts)
        for n, one in enumerate(self.parts):
            if has_visitors and one.kind == "number" and (one.number >= 1000 or not one.says.replace(".", "").isdigit()):
                self.parts[n] = replace(one, kind="count", says=f"{one.says} people")
        anchors = [n for n, one in enumerate(self.parts) if one.kind in _NUMBERS]
        is_trade = any({"metric", "side", "trade", "rank", "share", "event"} & one.senses.keys() for one in self.parts)
        is_near = is_trade or any({"metric", "side", "trade"} & one.senses.keys() for one in self.sentence.parts)
        if not is_near:
            return []
        if narrow:
            why = f"it is of {', '.join(dict.fromkeys(narrow))}, and not of all trade"
            return [self.refusal(n, why) for n in anchors]
        for n in anchors:
            getattr(self, f"_{self.parts[n].kind}")(n)
        self._in_words(anchors)
        self._event()
        # What is said in words alone is refused with the number beside it.
        refused = {at: why for at, why in reversed(self.refused) if "move" not in self.parts[at] or not anchors}
        return [self.finished(*one) for one in self.found] + [self.refusal(*one) for one in refused.items()]

    def refusal(self, at: int, why: str) -> Reading:
        one = self.parts[at]
        is_held = not why.endswith(_PART_OF_A_MONTH)
        return Reading({}, "refused", one.start, one.end, one.text, (), (why,), is_held)

    def claim(self, at: int, metric: str, says: str, comparator: str = "equals", *, unsure: Sequence[str] = (),
              base: bool = False, both: bool = False) -> None:  # fmt: skip
        """Add a claim: the slots that are the same for all kinds.

        Args:
            at: Where the number stands.
            metric: The metric.
            says: The value.
            comparator: How it compares.
            unsure: What is not certain of it.
            base: Whether it is of what the number is compared with.
            both: Whether the period before is the other one of two.
        """
        doubts = list(unsure)
        if not metric:
            self.refused.append((at, "what it counts is not said"))
            return
        pair = self.whose(at, metric, doubts)
        span, part = self._base_period(at, doubts) if base else self.when(at, doubts)
        known = catalogue.find(metric)
        if pair.reporter is None or (pair.partner is None and known is not None and known.has_partner):
            self.refused.append((at, f"{doubts[0] if doubts else 'no pair is named'}, so no figure stands beside it"))
            return
        if span is None:
            self.refused.append((at, "no period is named"))
            return
        if part is not None and not part.is_held:
            self.refused.append((at, f"{part.text!r} {_PART_OF_A_MONTH}"))
            return
        period = _written(span)
        has_moved = says.startswith(("fell", "rose")) and re.search(r"\d", says) is not None
        if has_moved and (versus := [n for n in self.clause.of("period") if self.is_versus(n)]):
            self.clause.take(*versus, *(n + 1 for n in versus))
            earlier = self.parts[versus[0]].span
            if earlier is not None and earlier != span.before:
                period = f"{_written(earlier)}->{period}"
        elif has_moved and span.frequency == "A" and span.count > 1:
            # Fell from 2018 to 2023.
            period = f"{span.start.year}->{span.end.year}"
        if both:
            period = f"{_written(span.before)}->{period}"
        slots = {"metric": metric, "reporter": pair.reporter, "partner": pair.partner or "", "period": period,
                 "comparator": comparator, "says": says}  # fmt: skip
        self.clause.take(at)
        self.found.append((at, {name: value for name, value in slots.items() if value}, doubts))
        self.sentence.context.metric = metric if metric in _LEVELS else self.sentence.context.metric

    def _base_period(self, at: int, unsure: list[str]) -> tuple[Span | None, Part | None]:
        beside = [n for step in (-1, 1) if (n := self.near(at, step, "period", over=3)) is not None]
        if beside:
            n = beside[0] if self.sentence.puts_before else beside[-1]
            self.clause.take(n)
            if len(beside) > 1:
                unsure.append("which of two periods it is of is not certain")
            return self.parts[n].span, self.parts[n]
        earlier = self.near(at, 1, "earlier", over=3)
        if earlier is None:
            earlier = self.near(at, -1, "earlier", over=4)
        span, part = self.when(at, unsure)
        if earlier is None:
            unsure.append("the period of what it is compared with is not said")
        else:
            self.clause.take(earlier)
        return (span.before if span else None), part

    def _money(self, at: int) -> None:
        one = self.parts[at]
        if one.unit == "other":
            self.refused.append((at, f"no rate is held for {one.text}"))
            return
        before = self.parts[at - 1] if at else None
        if before is not None and before.text == "(" and at >= 2 and self.parts[at - 2].kind == "money":
            # The same amount in another currency.
            self.refused.append((at, "it repeats another amount in another currency"))
            return
        metric, side, unsure = self.topic(at)
        if metric in {"visitor_arrivals", "gdp_growth"}:
            self.refused.append((at, f"{metric} is no amount of money"))
            return
        topics = [n for n in self.clause.of("metric") + self.clause.of("side") if n < at]
        ranks = [n for n in self.clause.of("rank") if n < at]
        if self.clause.of("whole") or (ranks and not (topics and topics[-1] > ranks[-1])):
            unsure = [*unsure, "what the amount is of is not certain"]
        base = self.is_base(at)
        if base and (n := self.near(at, -1, "base", over=5)) is not None:
            self.clause.take(n)
        by = None if base else self.moved_by(at)
        hedge = self.hedge(at)
        if by:
            self.claim(at, metric, f"{'fell' if by == 'down' else 'rose'} by {hedge}{one.says}", unsure=unsure)
            return
        if metric == "balance" and not side and not one.says.startswith("-"):
            unsure = [*unsure, "whether it is a deficit or a surplus is not said"]
        self.claim(at, metric, f"{side} of {hedge}{one.says}" if side else f"{hedge}{one.says}", unsure=unsure, base=base)

    def moved_by(self, at: int) -> str | None:
        """Which way something moved by an amount; None if it is an amount that was reached."""
        after = self.parts[at + 1] if at + 1 < len(self.parts) else None
        if after is not None and "move" in after and _is_korean(after):
            self.clause.take(at + 1)
            return after["move"]
        for n in range(at - 1, max(-1, at - 6), -1):
            one = self.parts[n]
            is_by = "by" in one and n > 0 and "move" in self.parts[n - 1]
            is_of = one.text.lower() == "of" and n > 0 and "move" in self.parts[n - 1] and "side" not in self.parts[n - 1]
            if "move" in one and not _is_korean(one):
                self.clause.take(n)
                return one["move"]
            if is_by or is_of:
                self.clause.take(n - 1)
                return self.parts[n - 1]["move"]
            is_silent = {"hedge", "record", "degree"} & one.senses.keys() or one.text.lower() in {"a", "an", "some"}
            if not is_silent or "base" in one:
                return None
        return None

    def _percent(self, at: int) -> None:
        one = self.parts[at]
        hedge = self.hedge(at)
        share = self.clause.of("share")
        if share:
            self._share(at, hedge, share)
            return
        metric, side, unsure = self.topic(at)
        move = self.move(at)
        if metric in {"export_share", "import_share", "trade_share", "services_in_gdp", "gdp_share"}:
            self.claim(at, metric, f"{hedge}{one.says}", unsure=unsure, base=self.is_base(at))
            return
        if metric == "gdp_growth":
            self.claim(at, metric, f"{hedge}{one.says}", unsure=unsure)
            return
        if move is None:
            self.refused.append((at, "what it is per cent of is not said"))
            return
        if self.clause.of("other_basis"):
            self.refused.append((at, "growth on another basis than the year before is not held"))
            return
        if metric == "balance" or side:
            unsure = [*unsure, "per cent of a balance depend on its sign"]
        self.claim(at, metric, f"{'fell' if move == 'down' else 'rose'} {hedge}{one.says}", unsure=unsure)

    def _share(self, at: int, hedge: str, share: list[int]) -> None:
        one = self.parts[at]
        self.clause.take(*share)
        whole = self.clause.of("whole")
        unsure: list[str] = []
        if any(self.parts[n]["whole"] == "services" for n in whole):
            self.clause.take(*whole)
            metric = "services_in_gdp"
            if not any(self.parts[n]["whole"] == "gdp" for n in whole):
                unsure.append("of what it is a share is not said")
        else:
            known = [n for n in self.clause.of("metric") if self.parts[n]["metric"] in _SHARES.values()]
            if known:
                self.clause.take(*known, *self.clause.of("move"))
                unsure = ["which of several shares it is is not certain"] if len(known) > 1 else []
                self.claim(at, self.parts[known[0]]["metric"], f"{hedge}{one.says}", unsure=unsure, base=self.is_base(at))
                return
            named = [n for n in self.clause.of("metric") if self.parts[n]["metric"] in _SHARES] or self.clause.of("trade")
            kinds = {self.parts[n].senses.get("metric", "total_trade") for n in named}
            if not kinds:
                self.refused.append((at, "of what it is a share is not said"))
                return
            if len(kinds) > 1:
                unsure.append("of which flow it is a share is not certain")
            metric = _SHARES[self.parts[named[-1]].senses.get("metric", "total_trade")]
            self.clause.take(*named)
        if len([n for n in self.clause.of("percent")]) > 1 and not self.is_base(at):
            unsure += [] if self.near(at, 1, "period", over=3) is not None else ["which of several shares it is is not certain"]
        moves = self.clause.of("move")
        levels = self.near(at, -1, "level", over=1)
        if moves and levels is None and not self.is_base(at):
            # Grew 2 per cent, or to 2 per cent.
            unsure.append("whether it is a level or a change is not certain")
        self.clause.take(*moves)
        self.claim(at, metric, f"{hedge}{one.says}", unsure=unsure, base=self.is_base(at))

    def _points(self, at: int) -> None:
        share, move = self.clause.of("share"), self.move(at)
        kinds = [self.parts[n]["metric"] for n in self.clause.of("metric") if self.parts[n]["metric"] in _SHARES]
        if not share or not kinds or move is None:
            self.refused.append((at, "of what it is a change is not said"))
            return
        self.clause.take(*share, *self.clause.of("metric"))
        unsure = [] if len(set(kinds)) == 1 else ["of which flow it is a share is not certain"]
        self.claim(at, _SHARES[kinds[-1]], f"{'fell' if move == 'down' else 'rose'} {self.parts[at].says}", unsure=unsure)

    def _count(self, at: int) -> None:
        if metric := self.clause.of("metric"):
            named = {self.parts[n]["metric"] for n in metric}
            if named == {"visitor_arrivals"}:
                self.clause.take(*metric)
                base = self.is_base(at)
                if base and (n := self.near(at, -1, "base", over=5)) is not None:
                    self.clause.take(n)
                self.claim(at, "visitor_arrivals", f"{self.hedge(at)}{self.parts[at].says}", base=base)
        elif any(word in self.parts[at].text.lower() for word in ("tourist", "visitor", "travel")):
            self.claim(at, "visitor_arrivals", f"{self.hedge(at)}{self.parts[at].says}")

    def _times(self, at: int) -> None:
        metric, _, unsure = self.topic(at)
        self.claim(at, metric, self.parts[at].says, unsure=[*unsure, "against which period it is is not certain"])

    def _nth(self, at: int) -> None:
        """A place: 22위."""
        if rank := self.clause.of("rank"):
            self.clause.take(*rank)
            self.claim(at, self.parts[rank[0]]["rank"], str(int(self.parts[at].number)))

    # What is said in words.

    def _in_words(self, anchors: Sequence[int]) -> None:
        self._rank()
        self._record()
        self._first()
        self._streak()
        self._each()
        self._turn()
        said = {n for n, _, _ in self.found} | {n for n, _ in self.refused}
        if not said:
            self._bare()
        elif not self.says_how_much():
            self._moved()

    def way(self, at: int) -> tuple[str, str, int | None]:
        """The metric and the word for which way it went that something is the first of."""
        sides = self.clause.of("side")
        if sides:
            n = min(sides, key=lambda one: abs(one - at))
            self.clause.take(n)
            return "balance", self.parts[n]["side"], n
        moves = self.clause.of("move")
        if moves:
            n = min(moves, key=lambda one: abs(one - at))
            self.clause.take(n)
            metric, _, _ = self.topic(at)
            return metric, "fell" if self.parts[n]["move"] == "down" else "rose", n
        other = [one["side"] for one in self.sentence.parts if "side" in one]
        return ("balance", other[-1], None) if other else ("", "", None)

    def _first(self) -> None:
        for n, one in enumerate(self.parts):
            is_first = "first" in one or one.senses.get("ordinal") == "1"
            length = next((k for k in range(max(0, n - 4), min(len(self.parts), n + 10)) if self.parts[k].kind == "length"), None)
            after = [k for k in self.clause.of("after") if length is not None and k == length + 1]
            since = [k for k in self.clause.of("since") if abs(k - n) <= 6]
            if not is_first and not (after and n == length):
                continue
            if n in self.clause.used and "first" in one:
                continue
            metric, way, _ = self.way(n)
            doubts = [] if way else ["the first of what it is is not certain"]
            self.clause.take(n)
            period = next((k for s in since for k in (s + 1, s - 1) if 0 <= k < len(self.parts) and self.parts[k].kind == "period"), None)
            is_long = length is not None and self.parts[length].unit in {"years", "months"}
            if is_long:
                self.clause.take(*since, *([period] if period is not None else []))
            if not is_long and since and period is not None and (span := self.parts[period].span):
                self.clause.take(*since, period)
                year = str(span.start)[: 4 if span.frequency == "A" else 7]
                self.claim(n, metric, f"{way} {year}".strip(), "first_since", unsure=doubts)
            elif is_long and length is not None:
                self.clause.take(length, *after, *(k for k in self.clause.of("first") if abs(k - length) < 4))
                hedge = "at least " if self.hedge(length).strip() in {"more than", "at least"} else ""
                number = f"{hedge}{int(self.parts[length].number)} {self.parts[length].unit}"
                self.claim(n, metric, f"{way} {number}".strip(), "first_in", unsure=doubts)
            elif ever := self.clause.of("ever"):
                self.clause.take(*ever)
                self.claim(n, metric, way, "first_ever", unsure=doubts)
            else:
                self.clause.used.discard(n)
            return

    def _record(self) -> None:
        for n in self.clause.of("record"):
            near_move = self.near(n, 1, "move", over=2)
            if near_move is not None and self.parts[near_move]["move"] == "down":
                continue
            if self.clause.of("low") or any(" by " in slots.get("says", "") and k - 4 < n < k for k, slots, _ in self.found):
                return
            place = next((self.parts[k]["ordinal"] for k in (n - 1, n - 2) if k >= 0 and "ordinal" in self.parts[k]), "")
            metric, side, unsure = self.topic(n)
            sides = [k for k in self.clause.of("side")]
            if sides and metric != "balance" and abs(sides[0] - n) <= 3:
                metric, side = "balance", self.parts[sides[0]]["side"]
            elif sides and metric == "balance" and not side:
                side = self.parts[sides[0]]["side"]
            self.clause.take(n, *self.clause.of("largest"), *(k for k in self.clause.of("ordinal") if place and abs(k - n) < 3))
            if metric == "balance" and not side:
                unsure = [*unsure, "a record of what it is is not said"]
            words = f"{place or ''} {side}".strip()
            self.claim(n, metric, words or "first", "record", unsure=unsure)
            return

    def _rank(self) -> None:
        if any(self.parts[n].kind == "nth" for n in self.clause.used):
            return
        for n in self.clause.of("rank"):
            place = ""
            for k in range(max(0, n - 4), n):
                place = self.parts[k].senses.get("ordinal") or place or self.parts[k].senses.get("largest", "")
                if self.parts[k].kind == "nth":
                    place = str(int(self.parts[k].number))
            if not place:
                continue
            self.clause.take(n, *(k for k in range(max(0, n - 4), n) if {"ordinal", "largest"} & self.parts[k].senses.keys()))
            doubts = ["since when, or how often, is not read"] if self.clause.of("since") or self.clause.of("streak") else []
            self.claim(n, self.parts[n]["rank"], place, unsure=doubts)

    def _streak(self) -> None:
        for n in self.clause.of("streak"):
            number = next((k for k in (n - 1, n + 1, n - 2) if 0 <= k < len(self.parts)
                           and (self.parts[k].kind in {"nth", "length"} or "ordinal" in self.parts[k])), None)  # fmt: skip
            if number is None:
                continue
            one = self.parts[number]
            count = int(one["ordinal"]) if "ordinal" in one else int(one.number)
            metric, way, _ = self.way(n)
            unit = one.unit if one.kind == "length" else next(
                (self.parts[k].senses["unit"] for k in range(n, min(n + 3, len(self.parts))) if "unit" in self.parts[k]), "years"
            )  # fmt: skip
            self.clause.take(n, number)
            span, _ = self.when(n, [])
            doubts = [] if way else ["a row of what it is is not certain"]
            if span is None or (span.frequency == "A") != (unit == "years") or span.count != 1:
                doubts.append("from when to when the row goes is not said")
            self.claim(n, metric, f"{count} {way}".strip(), "streak", unsure=doubts)
            return

    def _each(self) -> None:
        for n in self.clause.of("each"):
            metric, way, _ = self.way(n)
            if metric == "balance" and way:
                self.clause.take(n)
                self.claim(n, metric, way, "each")

    def _turn(self) -> None:
        for n in self.clause.of("turn"):
            if sides := self.clause.of("side"):
                self.clause.take(n, *sides)
                self.claim(n, "balance", "", "sign_change", both=True)
                last = sides[-1] if sides[-1] > n else sides[0]
                if all(abs(last - k) > 3 for k, _, _ in self.found if k != n):
                    self.claim(last, "balance", self.parts[last]["side"])
                return

    def _bare(self) -> None:
        """A deficit, or a rise, that is said without a number."""
        sides, moves = self.clause.of("side"), self.clause.of("move")
        if not self.clause.of("period") or not (sides or moves) or self.clause.of("low") or self.clause.of("record"):
            return
        if not any({"economy", "toward", "both"} & one.senses.keys() for one in self.parts):
            return
        if moves:
            self._moved()
        else:
            self.clause.take(*sides)
            self.claim(sides[0], "balance", self.parts[sides[0]]["side"])

    def _moved(self) -> None:
        moves = [n for n in self.clause.of("move") if n not in self.clause.used or True]
        if len(moves) != 1:
            return
        n = moves[0]
        if any(k for k, slots, _ in self.found if slots["comparator"] in {"first_since", "first_in", "streak", "first_ever"}):
            return
        metric, side, unsure = self.topic(n)
        if metric not in _LEVELS:
            return
        word = "fell" if self.parts[n]["move"] == "down" else "rose"
        if degree := self.clause.of("degree"):
            unsure = [*unsure, f"how much {self.parts[degree[0]].text} is is not said"]
        if metric == "balance":
            sides = self.clause.of("side")
            if len(sides) != 1:
                return
            self.clause.take(n)
            self.claim(n, metric, f"{self.parts[sides[0]]['side']} {word}", unsure=unsure, both=True)
        else:
            self.clause.take(n)
            self.claim(n, metric, word, unsure=unsure)

    def _event(self) -> None:
        events, stages = self.clause.of("event"), self.clause.of("stage")
        if not events or not stages or not self.clause.of("period"):
            return
        periods = sorted(self.clause.of("period"), key=lambda n: abs(n - stages[-1]))[:1]
        part = self.parts[periods[0]]
        assert part.span is not None
        code, stage = self.parts[events[0]]["event"], self.parts[stages[-1]]["stage"]
        says = part.says or str(part.span.start)[: 4 if part.span.frequency == "A" else 7]
        is_one = len({self.parts[n]["event"] for n in events}) == len({self.parts[n]["stage"] for n in stages}) == 1
        doubts = [] if is_one and len(self.clause.of("period")) == 1 else ["which of several dates it is is not certain"]
        if not part.says and part.span.count != 1:
            return
        name = self.parts[events[0]].text.lower()
        if code == "E005" and not re.search(r"[가-힣一-鿿]", name) and not ("korea" in name and "china" in name):
            # A free-trade agreement is with somebody.
            codes = {one["economy"] for one in self.sentence.parts if "economy" in one}
            asked = self.sentence.context.pair
            if not ({"KOR", "CHN"} <= codes or (not codes and asked and {asked.reporter, asked.partner} == {"KOR", "CHN"})):
                doubts.append("with whom it was is not said")
        self.clause.take(*events, *stages, *periods, *self.clause.of("economy"), *self.clause.of("pair"))
        slots = {"metric": "event_date", "item": f"{code}.{stage}", "comparator": "equals", "says": says}
        self.found.append((periods[0], slots, doubts))

    # How sure it is.

    def finished(self, at: int, slots: Mapping[str, str], doubts: Sequence[str]) -> Reading:
        unread = [one.text for n, one in enumerate(self.parts) if self.is_unread(n, slots) and not self.is_elsewhere(n, at)]
        unread += [word for word in self.sentence.denied if word not in unread]
        one = self.parts[at]
        outcome = "compared" if unread or doubts else "judged"
        return Reading(slots, outcome, one.start, one.end, one.text, tuple(dict.fromkeys(unread)), tuple(doubts))

    def is_elsewhere(self, n: int, at: int) -> bool:
        """Whether a word belongs to a later part of the clause that has a number of its own."""
        commas = [k for k, one in enumerate(self.parts) if one.kind == ","]
        first = next((k for k in commas if at < k < n), None)
        if first is None:
            return False
        last = [k for k in commas if k < n][-1]
        end = next((k for k in commas if k > n), len(self.parts))
        return any(self.parts[k].kind in _NUMBERS for k in range(last, end))

    def is_unread(self, n: int, slots: Mapping[str, str]) -> bool:
        one = self.parts[n]
        if one.kind == "," or n in self.clause.used:
            return False
        if one.kind not in {"word", "day"}:
            return one.kind not in _NUMBERS and not (one.kind == "period" and self.is_twice(one))
        if "deny" in one and "filler" not in one:
            return True
        if "degree" in one or one.kind == "day":
            return False
        if "trade" in one:
            return slots["metric"] not in {"balance", "total_trade"}
        if "pair" in one or "own" in one:
            return not self.economies
        if one.senses.get("narrow") == "total":
            return False
        if "basis" in one:
            return not self.says_how_much()
        return not _HARMLESS & one.senses.keys() and not self.repeats(one)

    def says_how_much(self) -> bool:
        """Whether a claim says by how much something moved."""
        return any("percent" in slots.get("says", "") or " by " in slots.get("says", "") for _, slots, _ in self.found)

    def repeats(self, one: Part) -> bool:
        """Whether a word says again what has been read."""
        if "move" in one:
            # Fell to so much, down so many per cent.
            return any(self.parts[n].senses.get("move") == one["move"] for n in self.clause.used)
        return "earlier" in one and any("->" in slots["period"] for _, slots, _ in self.found if "period" in slots)

    def is_twice(self, one: Part) -> bool:
        return any(other is not one and str(other.span) == str(one.span) for other in self.parts if other.kind == "period")


def with_pair(context: Context, reporter: str, partner: str) -> Context:
    """Say what pair a whole text is about."""
    return replace(context, pair=Pair(reporter, partner, is_said=True))
