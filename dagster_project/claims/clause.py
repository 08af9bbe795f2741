"""Find the words of a clause that belong to a number: its metric, period, movement (a rise or fall), hedge ("about").

Not here: the pair (`pairs`), and the claims (`number_claims`, `word_claims`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dagster_project.claims.notation import Span
from dagster_project.claims.tokens import NUMBERS, Token, has_any_of

# Kinds of words without a meaning of their own; `basis` is checked if there is no growth.
HARMLESS = {"filler", "level", "within", "joiner", "mark", "and", "boundary", "source", "ending", "remained", "basis"}
# Kinds of words that may stand between a number and what belongs to it.
_PASSED = HARMLESS | {"base", "hedge", "degree", "largest", "record", "by"}


@dataclass(frozen=True)
class Pair:
    """The two economies of a claim: the reporter, whose statistics are meant, and its partner."""

    reporter: str | None = None  # the code of the reporter
    partner: str | None = None  # the code of the partner; None if only one economy is named
    is_certain: bool = False  # whether the text says who reports and who is the partner


@dataclass
class Context:
    """The pair, period and metric of earlier sentences, for a sentence that refers to them."""

    pair: Pair | None = None  # the pair that the whole text is about; None if nothing says it
    last_pair: Pair | None = None  # the pair of the sentence before
    period: Span | None = None  # the period of the sentence before
    metric: str | None = None  # the metric of the sentence before


@dataclass
class Sentence:
    """A sentence, split into tokens and clauses."""

    tokens: Sequence[Token]
    context: Context  # the pair, period and metric of earlier sentences
    implied: str  # the reporter that its language implies, such as KOR in Korean; empty if none
    puts_before: bool  # whether its language puts a period before its number
    clauses: list[Clause] = field(default_factory=list)

    @property
    def sources(self) -> list[str]:
        """List the economies whose statistics the sentence names."""
        return [token["source"] for token in self.tokens if token.senses.get("source")]

    @property
    def periods(self) -> list[Token]:
        return [token for token in self.tokens if token.kind == "period"]


def get_metric_name(token: Token) -> str:
    """Return the metric that a token names, such as `balance` for "deficit"; empty if it names none."""
    return "balance" if "side" in token else token.senses.get("metric", "")


class Clause:
    """A part of a sentence that makes one statement, with the claims of its numbers and words.

    A claim gets a verdict only if all tokens with a meaning are marked as understood, and no doubt is recorded.
    """

    def __init__(self, sentence: Sentence, tokens: list[Token]) -> None:
        self.sentence, self.tokens = sentence, tokens
        self.read_indexes: set[int] = set()
        self.economy_indexes: list[int] = []
        self.doubts: list[str] = []
        self.claims: list[tuple[int, dict[str, str], list[str]]] = []
        self.refused: list[tuple[int, str]] = []
        self.base_spans: list[Span] = []

    def find_tokens(self, *kinds: str) -> list[int]:
        """Find the indexes of the tokens of any of these kinds, such as `metric` or `money`."""
        return [index for index, token in enumerate(self.tokens) if token.is_any_of(*kinds)]

    def find_metrics(self, *names: str) -> list[int]:
        """Find the indexes of the tokens that name one of these metrics, such as `exports`."""
        return [index for index in self.find_tokens("metric") if self.tokens[index]["metric"] in names]

    def get_sense(self, index: int, kind: str) -> str:
        """Return a token's meaning as a word of `kind`, such as `up` for "rose" as a `move`; empty if it has none."""
        return self.tokens[index].senses.get(kind, "") if 0 <= index < len(self.tokens) else ""

    def get_word(self, index: int) -> str:
        """Return the lower-case text of the token at an index; empty outside of the clause."""
        return self.tokens[index].text.lower() if 0 <= index < len(self.tokens) else ""

    def is_number(self, index: int) -> bool:
        """Return whether a token is a number that can make a claim, such as an amount or a percentage."""
        return 0 <= index < len(self.tokens) and self.tokens[index].kind in NUMBERS

    def mark_read(self, *indexes: int | None) -> None:
        """Mark tokens as understood; a claim with an unmarked word that has a meaning gets no verdict."""
        self.read_indexes.update(index for index in indexes if index is not None)

    def add_doubt(self, why: str, *, when: bool = True) -> None:
        """Record a reason why the reading of the next claim is uncertain, if `when` is true."""
        self.doubts += [why] if when and why not in self.doubts else []

    def add_refusal(self, index: int, why: str) -> None:
        """Record the reason why a number makes no claim, such as "no period is named"."""
        self.refused.append((index, why))

    def find_neighbour(self, index: int, step: int, *kinds: str, over: int = 4) -> int | None:
        """Find the nearest token of any of these kinds, at most `over` tokens to the left (step -1) or right (1).

        Return None if a comma, or a word with a meaning of its own, stands between.
        """
        for place in range(index + step, index + step * (over + 1), step):
            if not 0 <= place < len(self.tokens) or self.tokens[place].kind == ",":
                return None
            token = self.tokens[place]
            if "period" in kinds and token.senses.get("mark") == "after_from" and "within" not in token:
                # From $20bn in 2022, $18bn in 2023.
                return None
            if token.is_any_of(*kinds):
                return place
            is_base = "base" in token and not ("period" in kinds and self.is_range(place + 1))
            if is_base or not token.is_any_of(*_PASSED):
                return None
        return None

    def is_range(self, index: int) -> bool:
        """Return whether a token is a period of several years or months, such as "from January to November"."""
        span = self.tokens[index].span if index < len(self.tokens) else None
        return span is not None and span.count > 1

    def find_first_metric(self) -> str:
        """Find the first metric that the clause names; return `balance` if it names none."""
        return next((token["metric"] for token in self.tokens if "metric" in token), "balance")

    def find_metric_and_side(self, index: int) -> tuple[str, str]:
        """Find the metric and the side (`deficit` or `surplus`) of a number; each is empty if no word names it."""
        flows = {i: get_metric_name(token) for i, token in enumerate(self.tokens) if get_metric_name(token)}
        trade, after = self.find_tokens("trade"), self.find_neighbour(index, 1, "side")
        if after is not None and not has_any_of(self.tokens[index + 1 : after], "and"):
            self.mark_read(after, *(i for i in flows if self.get_sense(i, "metric") == "balance"))
            return "balance", self.get_sense(after, "side")
        # The metric may stand behind its number: a 19.9% fall in exports.
        before = [i for i in flows if i < index]
        if not before and trade and (trade[0] < index or not flows):
            self.mark_read(*trade)
            return "total_trade", ""
        if flows:
            i = before[-1] if before else min(flows)
            has_comma = any(self.tokens[j].kind == "," for j in range(min(i, index), max(i, index)))
            is_sure = len(set(flows.values())) == 1 or not (has_comma or self.is_in_list(i, before))
            self.add_doubt("the number may belong to another flow", when=not is_sure)
            self.mark_read(*(j for j, flow in flows.items() if flow == flows[i]))
            return flows[i], self.get_sense(i, "side")
        other = [flow for token in self.sentence.tokens if (flow := get_metric_name(token))]
        self.add_doubt("the flow is taken from another part of the sentence" if other else "no flow is named")
        return (other[-1] if other else self.sentence.context.metric or ""), ""

    def is_in_list(self, i: int, before: Sequence[int]) -> bool:
        """Return whether a metric ends a list of metrics, for example the imports in "exports and imports"."""
        others = [j for j in before if j < i and self.get_sense(j, "metric") != self.get_sense(i, "metric")]
        return bool(others) and all(token.is_any_of(*HARMLESS) for token in self.tokens[others[-1] + 1 : i])

    def are_joined(self, first: int, second: int) -> bool:
        """Return whether two tokens are next to each other, or joined by words such as "and"."""
        between = self.tokens[first + 1 : second]
        return all(token.is_any_of("and", "joiner") or "_with" in token.senses.get("mark", "") for token in between)

    def has_back_reference(self) -> bool:
        """Return whether the clause begins with a word that refers back, as in "that flipped to a deficit"."""
        words = (token for token in self.tokens if token.kind not in {"period", ","})
        first = next((token for token in words if not token.is_any_of("within", "and", "boundary")), None)
        return first is not None and "back" in first

    def find_period(self, index: int) -> tuple[Span | None, Token | None]:
        """Find the period of a number, and the token that names it; the token is None if the period is guessed."""
        place = self.find_own_period(index)
        elsewhere = [token for token in self.sentence.periods if token not in self.tokens]
        if place is not None:
            chosen = self.tokens[place]
            self.mark_read(place)
            is_open = bool(self.get_sense(place + 1, "start"))
            self.add_doubt(f"the end of the period from {chosen.text!r} on is not named", when=is_open)
        elif elsewhere:
            chosen = elsewhere[0]
            spans = {str(one.span) for one in elsewhere}
            is_sure = len(spans) == 1 and not has_any_of(self.sentence.tokens, "since", "base")
            self.add_doubt("the period is taken from another part of the sentence", when=not is_sure)
        else:
            return self.guess_period(), None
        self.add_doubt(f"it is unclear where the period {chosen.text!r} ends", when=not chosen.is_certain)
        has_limit = place is not None and self.find_neighbour(place, -1, "through", over=2) is not None
        self.add_doubt(f"{chosen.text!r} is only the last day of the period", when=has_limit or "through" in chosen)
        return chosen.span, chosen

    def find_own_period(self, index: int) -> int | None:
        """Find the index of a number's period in the clause: the period beside the number, else the last one before."""
        others = (self.is_base_period, self.is_since_period, self.is_comparison_period, self.is_dateline)
        own = [i for i in self.find_tokens("period") if not any(is_other(i) for is_other in others)]
        end = self.find_phrase_end(index)
        before, behind = self.find_neighbour(index, -1, "period"), self.find_neighbour(end, 1, "period")
        # A period stands before its number in one language, and behind it in another.
        puts_before = self.sentence.puts_before
        beside = [i for i in ((before, behind) if puts_before else (behind, before)) if i is not None and i in own]
        if len(beside) > 1 and not puts_before and self.find_neighbour(beside[1], -1, *NUMBERS, over=2) is not None:
            # $18bn in 2023, and $20bn in 2022.
            beside.pop()
        if beside:
            usual = [i for i in own if (i < index) == puts_before]
            rivals = beside if beside[0] in usual else [*beside, *usual]
            is_one = len({str(self.tokens[i].span) for i in rivals}) == 1
            self.add_doubt("the number may belong to either of two periods", when=not is_one)
            return beside[0]
        last = next((i for i in reversed(own) if i < index), own[0] if own else None)
        several = [i for i in own if last is not None and str(self.tokens[i].span) != str(self.tokens[last].span)]
        is_sure = last is None or all(self.has_own_number(i, last, index) for i in several)
        self.add_doubt("the number may belong to any of several periods", when=not is_sure)
        return last

    def guess_period(self) -> Span | None:
        """Guess a number's period: the year after a base period, else the period of an earlier sentence."""
        base = next((self.tokens[i] for i in self.find_tokens("period") if self.is_base_period(i)), None)
        if base is not None:
            self.add_doubt("the only period named is the one for the comparison")
            return base.span.after if base.span else None
        said = self.sentence.context.period
        self.add_doubt("no period is named here" if said else "no period is named")
        return said

    def has_own_number(self, other: int, chosen: int, index: int) -> bool:
        """Return whether the period `other` has its own number; the period `chosen` has the number at `index`."""
        first, last = (other, chosen) if other < chosen else (max(index, chosen), other)
        return any(self.is_number(i) for i in range(first + 1, last))

    def find_phrase_end(self, index: int) -> int:
        """Find the last token of a phrase such as "$1.2 billion surplus", whose number is at `index`."""
        is_followed = index + 1 < len(self.tokens) and self.tokens[index + 1].is_any_of("side", "move")
        return index + 1 if is_followed and not self.sentence.puts_before else index

    def is_comparison_period(self, i: int) -> bool:
        """Return whether a rise or fall is measured from a period, for example 2022 in "up 5 percent from 2022"."""
        if self.get_sense(i + 1, "versus"):
            return True
        if self.sentence.puts_before or self.is_range(i) or self.find_neighbour(i, 1, *NUMBERS, over=2) is not None:
            return False
        return self.find_neighbour(i, -1, "base", over=2) is not None

    def is_base_period(self, i: int) -> bool:
        """Return whether a period belongs to the earlier of two numbers, as 2022 does in "from $155.7bn in 2022"."""
        if self.sentence.puts_before:
            number = self.find_neighbour(i, 1, *NUMBERS, over=2)
        else:
            number = self.find_neighbour(i, -1, "money", "percent", over=3)
            if number is None and not self.is_range(i):
                word = self.find_neighbour(i, -1, "base", over=1)
                return word is not None and any(self.is_number(j) for j in range(word))
        return number is not None and self.is_base_number(number)

    def is_dateline(self, i: int) -> bool:
        """Return whether a period is the day on which a quoted source spoke, as in "customs said on 1 May"."""
        is_day = self.tokens[i].is_day and self.find_neighbour(i, -1, "through", over=2) is None
        is_quoted = any("source" in token for token in self.sentence.tokens)
        return is_day and is_quoted and any(token.can_have_figures for token in self.sentence.periods)

    def is_since_period(self, i: int) -> bool:
        """Return whether a first time or a streak is counted from a period, as in "the first deficit since 1992"."""
        places = (i + 1,) if i + 1 < len(self.tokens) and self.tokens[i + 1].is_korean else (i - 1, i + 1)
        return any(self.get_sense(j, "since") for j in places) or bool(self.list_event_words(i))

    def list_event_words(self, i: int) -> list[int]:
        """List the words from `since` to a year if they name an event, as in "since they established ties in 1992"."""
        for j in range(i - 1, -1, -1):
            if "since" in self.tokens[j]:
                between = [*range(j, i)]
                return between if any("event" in self.tokens[token] for token in between) else []
            if not self.tokens[j].is_any_of("event", "stage", "pair", "economy", "and", *_PASSED):
                break
        return []

    def is_base_number(self, index: int) -> bool:
        """Return whether a number is a base, the earlier of two numbers: for example 20 in "from $20bn to $18bn"."""
        is_from = self.is_repeated_base(index) or self.find_neighbour(index, -1, "base", over=5) is not None
        return is_from or self.get_sense(index + 1, "mark") == "after_from"

    def is_repeated_base(self, index: int) -> bool:
        """Return whether a number in brackets belongs to the words before it, as in "same period last year ($20bn)"."""
        is_earlier = self.get_sense(index - 2, "basis") or self.get_sense(index - 2, "earlier")
        return self.get_word(index - 1) == "(" and bool(is_earlier)

    def read_hedge(self, index: int) -> str:
        """Return the hedge of a number, such as "about "; empty if it has none."""
        behind = index + 1 if self.sentence.puts_before and not self.is_number(index + 2) else index
        place = behind if self.get_sense(behind, "hedge") else index - 1
        while self.get_sense(place, "filler") and not self.get_sense(place, "hedge") and place > index - 3:
            place -= 1
        if hedge := self.get_sense(place, "hedge"):
            self.mark_read(place)
        return f"{hedge} " if hedge else ""

    def read_movement(self, index: int) -> str:
        """Return `up` or `down` for the rise or fall whose size a number states; empty if no word names one."""
        place = self.find_neighbour(index, 1, "move")
        if place is None:
            stops, back = {",", "percent", "points"}, range(index - 1, -1, -1)
            place = next((i for i in back if self.tokens[i].kind in stops or self.get_sense(i, "move")), -1)
        if self.get_sense(place, "move"):
            self.mark_read(place)
        return self.get_sense(place, "move")

    def read_movement_by(self, index: int) -> str:
        """Return `up` or `down` if an amount is the size of a movement ("rose by $5bn"); empty if it is a level."""
        if self.get_word(index - 1) == "(" and index >= 2 and self.tokens[index - 2].kind == "percent":
            # Down 9.3 percent ($6.7 billion).
            return self.read_movement(index - 2)
        if self.get_sense(index + 1, "move") and self.tokens[index + 1].is_korean:
            self.mark_read(index + 1)
            return self.get_sense(index + 1, "move")
        for i in range(index - 1, max(-1, index - 6), -1):
            token = self.tokens[i]
            is_by = "by" in token or token.text.lower() == "of"
            # A word that also names a level, such as the Chinese for `grew to`, names no difference.
            is_move = "move" in token and "level" not in token and not token.is_korean
            place = i if is_move else i - 1 if is_by and i else -1
            if place >= 0 and self.get_sense(place, "move"):
                self.mark_read(place)
                return self.get_sense(place, "move")
            is_silent = token.is_any_of("hedge", "record", "degree") or token.text.lower() in {"a", "an", "some"}
            if not is_silent or "base" in token:
                break
        return ""

    def find_base_period(self, index: int) -> tuple[Span | None, Token | None]:
        """Find the period of a base (the earlier of two compared numbers), and the token that names it."""
        end = self.find_phrase_end(index)
        sides = (self.find_neighbour(index, -1, "period", over=3), self.find_neighbour(end, 1, "period", over=3))
        if beside := [i for i in sides if i is not None]:
            i = beside[0] if self.sentence.puts_before else beside[-1]
            self.mark_read(i)
            self.add_doubt("the number may belong to either of two periods", when=len(beside) > 1)
            return self.tokens[i].span, self.tokens[i]
        earlier = index - 2 if self.is_repeated_base(index) else self.find_neighbour(end, 1, "earlier", over=3)
        if earlier is None:
            earlier = self.find_neighbour(index, -1, "earlier")
        span, token = self.find_period(index)
        self.add_doubt("the period for the comparison is not named", when=earlier is None)
        self.mark_read(earlier)
        return (span.before if span else None), token
