"""The claims that sentences make, and how sure it is what each of them says.

Here: a sentence, its clauses, and what stands in the way of a verdict. Not here: the parts (`spotting`), what belongs
to a number (`pairs`, `clause`), what it says (`slots`, `wording`), and whole articles (`article`).

A reading is *judged* if every word that carries meaning was read, and nothing was borrowed from another clause or
assumed. Any other is *compared*: it has no verdict, but the figure beside what is printed. Where no reading exists, the
number is *refused*, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from dagster_project.claims.clause import HARMLESS, Clause, Context, Pair, Sentence
from dagster_project.claims.lexicon import detect_language, load_lexicon
from dagster_project.claims.pairs import find_pair, list_pairs
from dagster_project.claims.periods import spot_periods
from dagster_project.claims.slots import PART_OF_A_MONTH, has_whole, read_number
from dagster_project.claims.spotting import NUMBERS, Part, has_any_of
from dagster_project.claims.wording import read_words, says_how_much

__all__ = ["Context", "Pair", "Reading", "read_sentence", "split_sentences"]

# Kinds of words that make a sentence one on trade.
_ON_TRADE = {"metric", "side", "trade", "rank", "share", "event"}
# Kinds of words for whose sake a bracket is read.
_TELLING = {"deny", "narrow", "whole", "hedge", "side", "move", "group", "low", "record"}
_ABBREVIATED = re.compile(
    r"(?:^|[\s(])(?:[A-Z]|[A-Z]\.[A-Z]|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|No|Mr|Ms|Dr|St|vs)$"
)
_STOP = re.compile(r"[.!?。！？]+[\"'”’)\]]*(?=\s|$)|(?<=[。！？])|\n+")
# No sentence of a newspaper has so many words and marks.
LONGEST = 200
_LONGEST = 5000


@dataclass(frozen=True)
class Reading:
    """A reading of a number or a dated event of a text.

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


def split_sentences(text: str) -> Iterator[tuple[int, str]]:
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


def read_sentence(text: str, published_on: date, context: Context | None = None) -> list[Reading]:
    """Read one sentence.

    Args:
        text: The sentence.
        published_on: The day from which `last year` is read.
        context: What it may lean on; it is brought up to date.
    """
    parts = spot_periods(text[:_LONGEST], published_on)
    if len(parts) > LONGEST or len(text) > _LONGEST:
        found = next((one for one in parts if one.kind in NUMBERS), None)
        why = f"a sentence of more than {LONGEST} words is not read"
        return [Reading({}, "refused", found.start, found.end, found.text, (), (why,))] if found else []
    language = load_lexicon(detect_language(text))
    parts = _drop_asides(parts)
    are_two = len({one["economy"] for one in parts if "economy" in one}) > 1
    parts = [_read_word(parts, n, are_two=are_two) for n in range(len(parts))]
    # A language without articles puts a period before its number.
    puts_before = language.has_particles or not language.has_spaces
    sentence = Sentence(parts, context or Context(), language.implied, puts_before)
    sentence.clauses = [Clause(sentence, one) for one in _split_clauses(parts)]
    readings = [one for clause in sentence.clauses for one in _read_clause(clause)]
    is_silent = not has_any_of(parts, "economy", "toward", "both", "group")
    leans_on = sentence.context
    leans_on.near = next(iter(list_pairs(sentence)), leans_on.near if is_silent else None)
    leans_on.period = next((one.span for one in reversed(sentence.periods) if one.is_held), leans_on.period)
    return _drop_rival_verdicts(readings)


def _read_word(parts: Sequence[Part], n: int, *, are_two: bool) -> Part:
    """Read a word by what stands around it: a number that it says, and a deal of two economies, which is trade.

    Doubled is a number, and so is a third behind a movement or a share; what one economy bought of another are imports.
    """
    one = parts[n]
    if are_two and "deal" in one:
        return replace(one, senses=one.senses | {"metric": one["deal"]})
    if "ratio" in one:
        return replace(one, kind="times", number=float(one["ratio"]))
    before = next((other for other in reversed(parts[:n]) if "hedge" not in other), None)
    if "part" in one and before is not None and before.is_any_of("by", "move", "share"):
        return replace(one, kind="percent", number=float(one["part"]))
    return one


def _drop_rival_verdicts(found: Sequence[Reading]) -> list[Reading]:
    """Leave readings of the same figures without a verdict if they give it two numbers: one is of something else."""
    said: dict[tuple[object, ...], set[str]] = {}
    for one in (one for one in found if one.outcome == "judged" and _is_level(one)):
        says = one.slots.get("says", "")
        kind = bool(re.search(r"\b(?:fell|rose)\b", says)), "percent" in says
        said.setdefault((_key_figure(one), kind), set()).add(says)
    doubtful = {key for (key, _), numbers in said.items() if len(numbers) > 1}
    return [
        replace(one, outcome="compared", why=(*one.why, "several numbers are said of the same"))
        if one.outcome == "judged" and _key_figure(one) in doubtful
        else one
        for one in found
    ]


def _key_figure(one: Reading) -> tuple[object, ...]:
    """Return the figure that a reading is about."""
    return tuple(one.slots.get(name) for name in ("metric", "item", "reporter", "partner", "period"))


def _is_level(one: Reading) -> bool:
    """Return whether a reading says a number of a figure, and not a bound, a record or a date."""
    says = one.slots.get("says", "")
    is_bound = re.search(r"\b(?:than|least|most)\b", says) is not None
    return one.slots.get("comparator") == "equals" and re.search(r"\d", says) is not None and not is_bound


def _drop_asides(parts: Sequence[Part]) -> list[Part]:
    """Leave out brackets that only repeat, and why something was so: what follows `amid`, up to the next comma."""
    found: list[Part] = []
    at = 0
    while at < len(parts):
        ends = [n for n in range(at + 1, len(parts)) if parts[n].text == ")"] if parts[at].text == "(" else []
        if ends and _is_gloss(parts[at + 1 : ends[0]], found[-1:]):
            at = ends[0] + 1
            continue
        reason = _take_to_comma(parts[at:]) if "reason" in parts[at] else []
        if reason and not has_any_of(reason, *NUMBERS, "period", "deny", "side"):
            at += len(reason)
            continue
        found.append(parts[at])
        at += 1
    return found


def _take_to_comma(parts: Sequence[Part]) -> Sequence[Part]:
    return parts[: next((n for n, one in enumerate(parts) if one.kind == ","), len(parts))]


def _is_gloss(inside: Sequence[Part], before: Sequence[Part]) -> bool:
    """Return whether a bracket only repeats: an amount in another currency, a name, a gloss."""
    amounts = [one for one in inside if one.kind in NUMBERS]
    if len(amounts) == 1 and before and amounts[0].kind == before[0].kind == "money" and len(inside) <= 3:
        return amounts[0].unit != before[0].unit
    return all(one.kind in {"word", ","} and not one.is_any_of(*_TELLING) for one in inside)


def _split_clauses(parts: Sequence[Part]) -> list[list[Part]]:
    """Split a sentence where another statement begins: at `while`, or with a new metric or partner after a number."""
    starts = [0]
    metric, partner, has_number, comma = "", "", False, 0
    for at, one in enumerate(parts):
        is_boundary = "boundary" in one and not one.is_any_of("mark", "level")
        ahead = _take_to_comma(parts[at:]) if "and" in one and at > 0 and parts[at - 1].kind == "," else []
        # A metric and a period of its own make another statement.
        is_and = has_any_of(ahead, "period") and has_any_of(ahead, "metric", "side")
        if has_number and (is_boundary or is_and):
            starts.append(at)
            metric, has_number = "", False
        if one.kind == "," or ("and" in one and has_number):
            comma = at
        name, toward = one.senses.get("metric", ""), one.senses.get("toward", "")
        is_new = (name and metric and name != metric) or (toward and partner and toward != partner)
        if is_new and has_number and comma > starts[-1]:
            starts.append(comma)
            has_number = False
        metric, partner = name or metric, toward or partner
        has_number = has_number or one.kind in {"money", "percent", "points"}
    return [list(parts[first:last]) for first, last in pairwise([*starts, len(parts)])]


def _read_clause(clause: Clause) -> list[Reading]:
    parts, everywhere = clause.parts, clause.sentence.parts
    pair = find_pair(clause, None, clause.metric_of())
    is_total_fine = pair.partner is not None or bool(clause.of("share")) or has_whole(clause)
    narrow = [one.text for one in parts if "narrow" in one and not (one["narrow"] == "total" and is_total_fine)]
    if any(one.senses.get("metric") == "visitor_arrivals" for one in parts):
        for n, one in enumerate(parts):
            if one.kind == "number" and (one.number >= 1000 or one.scale):
                parts[n] = replace(one, kind="count", unit="persons")
    numbers = clause.of(*NUMBERS)
    if not has_any_of(parts, *_ON_TRADE) and not has_any_of(everywhere, "metric", "side", "trade"):
        return []
    if narrow:
        why = f"it is of {', '.join(dict.fromkeys(narrow))}, and not of all trade"
        return [_refuse_number(parts[n], why) for n in numbers]
    for n in numbers:
        read_number(clause, n)
    read_words(clause)
    # What is said in words alone is refused with the number beside it.
    refused = {at: why for at, why in reversed(clause.refused) if "move" not in parts[at] or not numbers}
    found = [_finish_reading(clause, *one) for one in clause.found]
    return found + [_refuse_number(parts[at], why) for at, why in refused.items()]


def _refuse_number(part: Part, why: str) -> Reading:
    is_held = not why.endswith(PART_OF_A_MONTH)
    return Reading({}, "refused", part.start, part.end, part.text, (), (why,), is_held)


def _finish_reading(clause: Clause, at: int, slots: Mapping[str, str], doubts: Sequence[str]) -> Reading:
    unread = [
        one.text
        for n, one in enumerate(clause.parts)
        if _is_unread(clause, n, slots) and not _is_elsewhere(clause, n, at)
    ]
    unread += [one.text for one in clause.sentence.parts if "deny" in one or one.text in {"?", "？"}]
    one = clause.parts[at]
    outcome = "compared" if unread or doubts else "judged"
    return Reading(slots, outcome, one.start, one.end, one.text, tuple(dict.fromkeys(unread)), tuple(doubts))


def _is_elsewhere(clause: Clause, n: int, at: int) -> bool:
    """Return whether a word belongs to a later part of the clause that has a number of its own."""
    commas = clause.of(",")
    if not any(at < k < n for k in commas):
        return False
    last = max(k for k in commas if k < n)
    end = next((k for k in commas if k > n), len(clause.parts))
    return any(clause.is_number(k) for k in range(last, end))


def _is_unread(clause: Clause, n: int, slots: Mapping[str, str]) -> bool:
    """Return whether a part may say something that the claim does not."""
    one = clause.parts[n]
    if one.kind in {",", "day", *NUMBERS} or n in clause.used:
        return False
    if one.kind != "word":
        return not (one.kind == "period" and (clause.is_dateline(n) or _is_repeated(clause, one)))
    if "degree" in one or one.senses.get("narrow") == "total":
        return False
    if "trade" in one:
        return slots["metric"] not in {"balance", "total_trade"}
    if "pair" in one or "own" in one:
        return not clause.economies
    if "basis" in one:
        return not says_how_much(clause)
    if one.is_any_of(*HARMLESS):
        return False
    # Fell to so much, down so many per cent.
    is_same_move = "move" in one and any(clause.sense(k, "move") == one["move"] for k in clause.used)
    is_same_year = "earlier" in one and any("->" in other.get("period", "") for _, other, _ in clause.found)
    return not (is_same_move or is_same_year)


def _is_repeated(clause: Clause, period: Part) -> bool:
    """Return whether a period is said again."""
    same = [k for k in clause.of("period") if str(clause.parts[k].span) == str(period.span)]
    return len(same) > 1
