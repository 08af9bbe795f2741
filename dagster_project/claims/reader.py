"""Read the claims of a sentence, and decide for each whether its reading is certain.

A reading is *judged* if every word with a meaning was understood, and nothing was assumed or taken from another clause.
Otherwise it is *compared*: it gets no verdict, but the figure is shown beside the printed number. A number that makes
no claim is *refused*, with the reason.

Not here: splitting a text (`tokens`), the words that belong to a number (`pairs`, `clause`), making claims
(`number_claims`, `word_claims`), and whole articles (`judging`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from dagster_project.claims.clause import HARMLESS, Clause, Context, Sentence
from dagster_project.claims.lexicon import detect_language, load_lexicon
from dagster_project.claims.number_claims import PART_OF_A_MONTH, has_whole, read_number
from dagster_project.claims.pairs import find_pair, list_pairs
from dagster_project.claims.periods import spot_periods
from dagster_project.claims.tokens import NUMBERS, Token, has_any_of
from dagster_project.claims.word_claims import read_words, says_how_much
from dagster_project.languages import get_language
from dagster_project.metrics import catalogue
from dagster_project.questions.series import ALL_PARTNERS
from dagster_project.questions.wording import add_article, capitalize_first, make_possessive, spell_days

# Kinds of words of which a sentence about trade has at least one.
_ON_TRADE = {"metric", "side", "trade", "rank", "share", "event"}
# Kinds of words that change a claim if they stand in brackets.
_TELLING = {"deny", "narrow", "whole", "hedge", "side", "move", "group", "low", "record"}
_ABBREVIATED = re.compile(
    r"(?:^|[\s(])(?:[A-Z]|[A-Z]\.[A-Z]|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|No|Mr|Ms|Dr|St|vs)$"
)
_STOP = re.compile(r"[.!?。！？]+[\"'”’)\]]*(?=\s|$)|(?<=[。！？])|\n+")
# The slots that identify the figure of a reading.
_ABOUT = ("metric", "item", "reporter", "partner", "period")
# The most tokens, and the most characters, of a sentence that is read.
LONGEST = 200
_LONGEST = 5000


@dataclass(frozen=True)
class Reading:
    """A claim as it was read from a number or a dated event of a sentence, or the reason for a refusal."""

    slots: Mapping[str, str]  # the fields of the claim, such as metric and period; empty if refused
    outcome: str  # `judged`, `compared` or `refused`; `typed` for a claim that is no sentence
    start: int  # where its number begins in the sentence
    end: int  # where its number ends
    text: str  # the number as it stands in the text
    unread: tuple[str, ...] = ()  # the words that were not understood
    why: tuple[str, ...] = ()  # the doubts, or the reason for the refusal
    can_have_figures: bool = True  # whether its period can have figures; false for a part of a month


def split_sentences(text: str) -> Iterator[tuple[int, str]]:
    """Split a text into sentences, each with the offset of its start."""
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
    """Read the claims of one sentence; update `context` for the next sentences."""
    tokens = spot_periods(text[:_LONGEST], published_on)
    if len(tokens) > LONGEST or len(text) > _LONGEST:
        found = next((token for token in tokens if token.kind in NUMBERS), None)
        return [_refuse_number(found, f"the sentence has more than {LONGEST} words")] if found else []
    language = load_lexicon(detect_language(text))
    tokens = _drop_asides(tokens)
    are_two = len({token["economy"] for token in tokens if "economy" in token}) > 1
    tokens = [_read_word(tokens, i, are_two=are_two) for i in range(len(tokens))]
    # A language without articles puts a period before its number.
    puts_before = language.has_particles or not language.has_spaces
    sentence = Sentence(tokens, context or Context(), language.implied, puts_before)
    sentence.clauses = [Clause(sentence, part) for part in _split_clauses(tokens)]
    readings = [reading for clause in sentence.clauses for reading in _read_clause(clause)]
    is_silent = not has_any_of(tokens, "economy", "toward", "both", "group")
    said, periods = sentence.context, [token.span for token in sentence.periods if token.can_have_figures]
    said.last_pair = next(iter(list_pairs(sentence)), said.last_pair if is_silent else None)
    said.period = periods[-1] if periods else said.period
    return _drop_rival_verdicts(readings)


def _read_word(tokens: Sequence[Token], i: int, *, are_two: bool) -> Token:
    """Reclassify a token by its context: "doubled" is a number, and a "deal" of two economies is trade."""
    token = tokens[i]
    if are_two and "deal" in token:
        return replace(token, senses=token.senses | {"metric": token["deal"]})
    if "ratio" in token:
        return replace(token, kind="times", number=float(token["ratio"]))
    before = next((other for other in reversed(tokens[:i]) if "hedge" not in other), None)
    if "part" in token and before is not None and before.is_any_of("by", "move", "share"):
        return replace(token, kind="percent", number=float(token["part"]))
    return token


def _drop_rival_verdicts(found: Sequence[Reading]) -> list[Reading]:
    """Mark readings as `compared` if they give the same figure different numbers, one of which must be wrong."""
    numbers_of: dict[tuple[object, ...], set[str]] = {}
    for reading in (reading for reading in found if reading.outcome == "judged"):
        says, about = reading.slots.get("says", ""), tuple(reading.slots.get(name) for name in _ABOUT)
        # A bound, a record and a date state no level of a figure.
        is_level = re.search(r"\d", says) is not None and not re.search(r"\b(?:than|least|most)\b", says)
        if is_level and reading.slots.get("comparator") == "equals":
            kind = bool(re.search(r"\b(?:fell|rose)\b", says)), "percent" in says
            numbers_of.setdefault((about, kind), set()).add(says)
    doubtful = {about for (about, _), numbers in numbers_of.items() if len(numbers) > 1}
    return [
        replace(reading, outcome="compared", why=(*reading.why, "the text gives the same figure several numbers"))
        if reading.outcome == "judged" and tuple(reading.slots.get(name) for name in _ABOUT) in doubtful
        else reading
        for reading in found
    ]


def _drop_asides(tokens: Sequence[Token]) -> list[Token]:
    """Drop words that make no claim: brackets that repeat something, and reasons (from "amid" to the next comma)."""
    found: list[Token] = []
    index = 0
    while index < len(tokens):
        ends = [i for i in range(index + 1, len(tokens)) if tokens[i].text == ")"] if tokens[index].text == "(" else []
        if ends and _is_gloss(tokens[index + 1 : ends[0]], found[-1:]):
            index = ends[0] + 1
            continue
        reason = _take_to_comma(tokens[index:]) if "reason" in tokens[index] else []
        if reason and not has_any_of(reason, *NUMBERS, "period", "deny", "side"):
            index += len(reason)
            continue
        found.append(tokens[index])
        index += 1
    return found


def _take_to_comma(tokens: Sequence[Token]) -> Sequence[Token]:
    return tokens[: next((i for i, token in enumerate(tokens) if token.kind == ","), len(tokens))]


def _is_gloss(inside: Sequence[Token], before: Sequence[Token]) -> bool:
    """Return whether brackets only repeat something: an amount in another currency, a name, an explanation."""
    amounts = [token for token in inside if token.kind in NUMBERS]
    if len(amounts) == 1 and before and amounts[0].kind == before[0].kind == "money" and len(inside) <= 3:
        return amounts[0].unit != before[0].unit
    return all(token.kind in {"word", ","} and not token.is_any_of(*_TELLING) for token in inside)


def _split_clauses(tokens: Sequence[Token]) -> list[list[Token]]:
    """Split a sentence into clauses: at words such as "while", and at a new metric or partner after a number."""
    starts = [0]
    metric, partner, has_number, comma = "", "", False, 0
    for index, token in enumerate(tokens):
        is_boundary = "boundary" in token and not token.is_any_of("mark", "level")
        ahead = _take_to_comma(tokens[index:]) if "and" in token and index > 0 and tokens[index - 1].kind == "," else []
        # A comma, "and", a metric and a period begin another statement.
        is_and = has_any_of(ahead, "period") and has_any_of(ahead, "metric", "side")
        if has_number and (is_boundary or is_and):
            starts.append(index)
            metric, has_number = "", False
        if token.kind == "," or ("and" in token and has_number):
            comma = index
        name, toward = token.senses.get("metric", ""), token.senses.get("toward", "")
        is_new = (name and metric and name != metric) or (toward and partner and toward != partner)
        if is_new and has_number and comma > starts[-1]:
            starts.append(comma)
            has_number = False
        metric, partner = name or metric, toward or partner
        has_number = has_number or token.kind in {"money", "percent", "points"}
    return [list(tokens[first:last]) for first, last in pairwise([*starts, len(tokens)])]


def _read_clause(clause: Clause) -> list[Reading]:
    tokens, everywhere = clause.tokens, clause.sentence.tokens
    pair = find_pair(clause, None, clause.find_first_metric())
    is_total_fine = pair.partner is not None or bool(clause.find_tokens("share")) or has_whole(clause)
    total = "total" if is_total_fine else ""
    narrow = [token.text for token in tokens if "narrow" in token and token["narrow"] != total]
    if any(token.senses.get("metric") == "visitor_arrivals" for token in tokens):
        for i, token in enumerate(tokens):
            if token.kind == "number" and (token.number >= 1000 or token.scale):
                tokens[i] = replace(token, kind="count", unit="persons")
    numbers = clause.find_tokens(*NUMBERS)
    if not has_any_of(tokens, *_ON_TRADE) and not has_any_of(everywhere, "metric", "side", "trade"):
        return []
    if narrow:
        why = f'only trade in all goods can be judged, not a part of it ("{", ".join(dict.fromkeys(narrow))}")'
        return [_refuse_number(tokens[i], why) for i in numbers]
    for i in numbers:
        read_number(clause, i)
    read_words(clause)
    # A refused number also stands for the words of movement beside it.
    refused = {index: why for index, why in reversed(clause.refused) if "move" not in tokens[index] or not numbers}
    found = [_finish_reading(clause, *claim) for claim in clause.claims]
    return found + [_refuse_number(tokens[index], why) for index, why in refused.items()]


def _refuse_number(token: Token, why: str) -> Reading:
    is_possible = not why.endswith(PART_OF_A_MONTH)
    return Reading({}, "refused", token.start, token.end, token.text, why=(why,), can_have_figures=is_possible)


def _finish_reading(clause: Clause, index: int, slots: Mapping[str, str], doubts: Sequence[str]) -> Reading:
    places = [i for i in range(len(clause.tokens)) if _is_unread(clause, i, slots)]
    unread = [clause.tokens[i].text for i in places if not _is_elsewhere(clause, i, index)]
    unread += [token.text for token in clause.sentence.tokens if "deny" in token or token.text in {"?", "？"}]
    token = clause.tokens[index]
    outcome = "compared" if unread or doubts else "judged"
    return Reading(slots, outcome, token.start, token.end, token.text, tuple(dict.fromkeys(unread)), tuple(doubts))


def _is_elsewhere(clause: Clause, i: int, index: int) -> bool:
    """Return whether the token at `i` belongs to a later part of the clause, which has its own number."""
    commas = clause.find_tokens(",")
    if not any(index < j < i for j in commas):
        return False
    last = max(j for j in commas if j < i)
    end = next((j for j in commas if j > i), len(clause.tokens))
    return any(clause.is_number(j) for j in range(last, end))


def _is_unread(clause: Clause, i: int, slots: Mapping[str, str]) -> bool:
    """Return whether the token at `i` may have a meaning that the claim leaves out."""
    token = clause.tokens[i]
    if token.kind in {",", "day", *NUMBERS} or i in clause.read_indexes:
        return False
    if token.kind != "word":
        same = [j for j in clause.find_tokens("period") if str(clause.tokens[j].span) == str(token.span)]
        return not (token.kind == "period" and (clause.is_dateline(i) or len(same) > 1))
    if "degree" in token or token.senses.get("narrow") == "total":
        return False
    if "trade" in token:
        return slots["metric"] not in {"balance", "total_trade"}
    if "pair" in token or "own" in token:
        return not clause.economy_indexes
    if "basis" in token:
        return not says_how_much(clause)
    if token.is_any_of(*HARMLESS):
        return False
    # "Fell to $18bn, down 5 percent": the second word of movement adds nothing.
    is_same_move = "move" in token and any(clause.get_sense(j, "move") == token["move"] for j in clause.read_indexes)
    is_same_year = "earlier" in token and any("->" in other.get("period", "") for _, other, _ in clause.claims)
    return not (is_same_move or is_same_year)


def describe_claim(slots: Mapping[str, str], names: Mapping[str, str]) -> str:
    """Describe the figure that a claim is about, for example "South Korea's exports of goods to China in 2023"."""
    metric, period = catalogue.find_metric(slots.get("metric", "")), slots.get("period", "")
    if metric is None or metric.name == "event_date":
        return f"event {slots['item']}" if metric else ""
    sides = [slots.get("reporter") or "", slots.get("partner") or ""]
    if get_language() != "en":
        return f"{metric.called} ({' '.join(filter(None, sides))}, {period})"
    own, partner = (ALL_PARTNERS.get(code) or add_article(names.get(code, code)) for code in sides)
    title = f"{make_possessive(own)} {metric.title[:1].lower()}{metric.title[1:]}"
    # A rank and a share are the partner's: China's share in South Korea's imports of goods.
    title = re.sub(r"^(.+) (rank|share) of {partner} (by|in)\b", rf"{make_possessive(partner)} \2 \3 \1", title)
    when = spell_days(re.sub(r"->|\.\.", " to ", period))
    return f"{title.format(partner=partner, item=slots.get('item'))} {'from' if ' to ' in when else 'in'} {when}"


def describe_reading(slots: Mapping[str, str], names: Mapping[str, str]) -> str:
    """Describe how a claim was read: "Read as: South Korea's exports of goods to China in 2023 fell 19.9 percent."."""
    word, about = slots["comparator"], describe_claim(slots, names)
    value = " ".join(filter(None, ["" if word == "equals" else word.replace("_", " "), slots.get("says")]))
    if get_language() != "en":
        return f"Read as {about}: {value}."
    if moved := re.match("(deficit|surplus) (?=fell|rose)", value):
        about, value = about.replace("balance of", f"{moved[1]} in", 1), value[moved.end() :]
    value = re.sub("^first (in|since) (deficit|surplus) ", r"the first \2 \1 ", value)
    # An event's ID, a streak, a record since a month, or a multiple makes no sentence with "was".
    has_verb = word in {"equals", "record", "first_in", "first_since"} and not about.startswith("event ")
    if not has_verb or re.search(r"doubled|halved|^record (first|\d)|^first ", value):
        return f"Read as: {capitalize_first(about)}: {value}."
    value = re.sub("^(?=(record )?(deficit|surplus))", "a ", value)
    are = re.search(r"\b(ex|im)ports of|arrivals", about) and not re.search(" (growth|rank|share) ", about)
    verb = "" if re.match("fell|rose", value) else "were " if are else "was "
    return f"Read as: {capitalize_first(about)} {verb}{value}."
