"""Read the claims that a clause makes in words: records, ranks, first times, streaks, changes of sign, events.

Not here: the claims of numbers (`number_claims`).
"""

from __future__ import annotations

import re

from dagster_project.claims.clause import Clause
from dagster_project.claims.number_claims import LEVELS, MOVED, add_claim

_FIRSTS = {"first_since", "first_in", "streak", "first_ever"}


def read_words(clause: Clause) -> None:
    """Add the claims that a clause makes in words; the claims of its numbers must be read first."""
    for reader in (
        _read_rank, _read_record, _read_largest, _read_first, _read_streak, _read_each, _read_turn, _read_unsized,
        _read_event,
    ):  # fmt: skip
        clause.doubts = []
        reader(clause)


def says_how_much(clause: Clause) -> bool:
    """Return whether a claim of the clause states the size of a rise or fall."""
    sizes = [slots for index, slots, _ in clause.claims if clause.tokens[index].kind in {"percent", "times"}]
    return bool(sizes) or any(re.search("percent| by ", slots.get("says", "")) for _, slots, _ in clause.claims)


def _find_direction(clause: Clause, index: int) -> tuple[str, str]:
    """Find the metric and direction ("deficit", "fell") of a first time, a streak or "each year"."""
    for kind in ("side", "move"):
        if places := clause.find_tokens(kind):
            i = min(places, key=lambda place: abs(place - index))
            clause.mark_read(i)
            if kind == "move":
                return clause.find_metric_and_side(index)[0], MOVED[clause.get_sense(i, kind)]
            clause.mark_read(*clause.find_metrics("balance"))
            return "balance", clause.get_sense(i, kind)
    other = [token["side"] for token in clause.sentence.tokens if "side" in token]
    return ("balance", other[-1]) if other else ("", "")


def _read_first(clause: Clause) -> None:
    for i, token in enumerate(clause.tokens):
        length = next((j for j in clause.find_tokens("length") if i - 4 <= j < i + 10), None)
        after = [j for j in clause.find_tokens("after") if length is not None and j == length + 1]
        is_ordinal = token.senses.get("ordinal") == "1" and "first" not in token
        is_first = ("first" in token and i not in clause.read_indexes) or is_ordinal
        # "The highest in three years" is no first time.
        if not is_first and not (after and i == length and not clause.find_tokens("record", "low")):
            continue
        since = [j for j in clause.find_tokens("since") if abs(j - i) <= 6]
        period = next((j for s in since for j in (s + 1, s - 1) if j in clause.find_tokens("period")), None)
        if since and period is None:
            period = next((j for j in clause.find_tokens("period") if since[0] in clause.list_event_words(j)), None)
            since += [] if period is None else clause.list_event_words(period)
        span = clause.tokens[period].span if period is not None else None
        metric, way = _find_direction(clause, i)
        clause.add_doubt("it is unclear what happened for the first time", when=not way)
        clause.mark_read(i)
        if length is not None and clause.tokens[length].unit != "quarters":
            clause.mark_read(length, *after, *since, *(j for j in clause.find_tokens("first") if abs(j - length) < 4))
            clause.mark_read(period)
            hedge = "at least " if clause.read_hedge(length).strip() in {"more than", "at least"} else ""
            number = f"{hedge}{int(clause.tokens[length].number)} {clause.tokens[length].unit}"
            add_claim(clause, i, metric, f"{way} {number}".strip(), "first_in")
        elif span is not None and period is not None:
            clause.mark_read(*since, period)
            add_claim(clause, i, metric, f"{way} {span.part_at(span.start)}".strip(), "first_since")
        elif ever := clause.find_tokens("ever"):
            clause.mark_read(*ever)
            add_claim(clause, i, metric, way, "first_ever")
        else:
            clause.read_indexes.discard(i)
        return


def _read_record(clause: Clause) -> None:
    # In "a record rise" and "a record 20 percent", the level is no record.
    sizes = ("move", "percent", "times")
    records = [i for i in clause.find_tokens("record") if clause.find_neighbour(i, 1, *sizes, over=2) is None]
    moved = [j for j, slots, _ in clause.claims if " by " in slots.get("says", "")]
    if not records or clause.find_tokens("low") or any(j - 4 < records[0] < j for j in moved):
        return
    i = records[0]
    place = clause.get_sense(i - 1, "ordinal") or clause.get_sense(i - 2, "ordinal")
    metric, side = clause.find_metric_and_side(i)
    sides = clause.find_tokens("side")
    if sides and not side and (metric == "balance" or abs(sides[0] - i) <= 3):
        metric, side = "balance", clause.get_sense(sides[0], "side")
    ordinals = [j for j in clause.find_tokens("ordinal") if place and abs(j - i) < 3]
    clause.mark_read(i, *clause.find_tokens("largest"), *ordinals)
    clause.add_doubt("the text does not say what the record is about", when=metric == "balance" and not side)
    is_of_base = any(clause.is_number(j) and clause.is_base_number(j) for j in range(i + 1, i + 3))
    clause.add_doubt("it is unclear which period has the record", when=is_of_base)
    add_claim(clause, i, metric, f"{place} {side}".strip() or "first", "record")


def _read_largest(clause: Clause) -> None:
    """Read claims such as "the largest since 2018"; "its largest deficit" may mean the largest among partners."""
    for i in clause.find_tokens("largest"):
        since = next((j for j in clause.find_tokens("since") if i < j <= i + 4), None)
        period = clause.tokens[since + 1] if since is not None and since + 1 < len(clause.tokens) else None
        span = period.span if period else None
        is_own = clause.get_word(i - 1) == "its" and bool(clause.get_sense(i + 1, "side"))
        history = [j for j in clause.find_tokens("history") if j > i]
        is_of_move = any(i <= j <= (since or i) for j in clause.find_tokens("move"))
        if i in clause.read_indexes or is_of_move or not (span or is_own or history):
            continue
        metric, side = clause.find_metric_and_side(i)
        is_either = bool(clause.find_tokens("money") and clause.find_tokens("percent"))
        clause.add_doubt("it is unclear which number is the largest", when=is_either)
        clause.mark_read(i, *history)
        if span is not None and since is not None:
            clause.mark_read(since, since + 1)
            add_claim(clause, i, metric, f"{side} {span.part_at(span.start)}".strip(), "record_since")
        else:
            clause.add_doubt("the value may be the largest among partners only", when=not history)
            add_claim(clause, i, metric, side, "record")


def _read_rank(clause: Clause) -> None:
    if any(clause.tokens[i].kind == "nth" for i in clause.read_indexes):
        return
    for i in clause.find_tokens("rank"):
        before = range(max(0, i - 4), i)
        place = ""
        for j in before:
            place = clause.get_sense(j, "ordinal") or place or clause.get_sense(j, "largest")
        if not place:
            continue
        clause.mark_read(i, *(j for j in before if clause.get_sense(j, "ordinal") or clause.get_sense(j, "largest")))
        is_since = bool(clause.find_tokens("since", "streak"))
        clause.add_doubt("the words for since when, or how often, were not understood", when=is_since)
        other = {"import_rank": "exports", "export_rank": "imports"}.get(clause.get_sense(i, "rank"), "none")
        clause.add_doubt("it is unclear whose rank is meant", when=bool(clause.find_metrics(other)))
        add_claim(clause, i, clause.get_sense(i, "rank"), place)


def _read_streak(clause: Clause) -> None:
    for i in clause.find_tokens("streak"):
        numbers = clause.find_tokens("nth", "length", "ordinal")
        number = next((j for j in (i - 1, i + 1, i - 2) if j in numbers), None)
        if number is None:
            continue
        token = clause.tokens[number]
        metric, way = _find_direction(clause, i)
        unit = token.unit if token.kind == "length" else ""
        units = (clause.get_sense(j, "unit") for j in range(i, i + 3))
        unit = unit or next(filter(None, units), "years")
        clause.mark_read(i, number)
        span, _ = clause.find_period(i)
        is_fit = span is not None and (span.frequency == "A") == (unit == "years") and span.count == 1
        clause.add_doubt("it is unclear what the streak is of", when=not way)
        clause.add_doubt("the start and the end of the streak are not named", when=not is_fit)
        add_claim(clause, i, metric, f"{int(float(token.senses.get('ordinal', token.number)))} {way}".strip(), "streak")
        return


def _read_each(clause: Clause) -> None:
    for i in clause.find_tokens("each"):
        metric, way = _find_direction(clause, i)
        if metric == "balance" and way:
            clause.mark_read(i)
            add_claim(clause, i, metric, way, "each")


def _read_turn(clause: Clause) -> None:
    turns, sides = clause.find_tokens("turn"), clause.find_tokens("side")
    if turns and sides:
        i = turns[0]
        clause.mark_read(i, *sides, *clause.find_metrics("balance"))
        add_claim(clause, i, "balance", "", "sign_change", both=True)
        last = sides[-1] if sides[-1] > i else sides[0]
        if all(abs(last - j) > 3 for j, _, _ in clause.claims if j != i):
            add_claim(clause, last, "balance", clause.get_sense(last, "side"))


def _read_unsized(clause: Clause) -> None:
    """Read a deficit or a rise that a clause states without a number."""
    if clause.claims or clause.refused:
        if not says_how_much(clause):
            _read_move(clause)
        return
    is_record = clause.find_tokens("low", "record")
    if is_record or not (clause.find_tokens("period") and clause.find_tokens("economy", "toward", "both")):
        return
    if clause.find_tokens("move"):
        _read_move(clause)
    elif sides := clause.find_tokens("side"):
        clause.mark_read(*sides)
        add_claim(clause, sides[0], "balance", clause.get_sense(sides[0], "side"))


def _read_move(clause: Clause) -> None:
    """Read the direction of a rise or fall whose size is not stated."""
    moves, sides = clause.find_tokens("move"), clause.find_tokens("side")
    is_first = any(slots["comparator"] in _FIRSTS for _, slots, _ in clause.claims)
    if is_first or len({clause.get_sense(i, "move") for i in moves}) != 1:
        return
    i = moves[0]
    metric, _ = clause.find_metric_and_side(i)
    span, _ = clause.find_period(i)
    if any(span is None or base != span.before for base in clause.base_spans):
        # The two amounts already state the movement.
        clause.mark_read(*moves)
        return
    if metric not in LEVELS or (metric == "balance" and len(sides) != 1):
        return
    is_one = bool(clause.base_spans) or len({str(clause.tokens[j].span) for j in clause.find_tokens("period")}) <= 1
    clause.add_doubt("the number may belong to any of several periods", when=not is_one)
    for degree in clause.find_tokens("degree")[:1]:
        clause.add_doubt(f"it is unclear how much {clause.tokens[degree].text!r} is")
    side = clause.get_sense(sides[0], "side") if metric == "balance" else ""
    clause.mark_read(*moves)
    add_claim(clause, i, metric, f"{side} {MOVED[clause.get_sense(i, 'move')]}".strip(), both=metric == "balance")


def _read_event(clause: Clause) -> None:
    events, stages, periods = clause.find_tokens("event"), clause.find_tokens("stage"), clause.find_tokens("period")
    if not events or not stages or not periods:
        return
    index = min(periods, key=lambda i: abs(i - stages[-1]))
    token = clause.tokens[index]
    if token.span is None or not (token.is_day or (token.can_have_figures and token.span.count == 1)):
        return
    kinds = [{clause.get_sense(i, kind) for i in places} for kind, places in (("event", events), ("stage", stages))]
    is_one = len(periods) == len(kinds[0]) == len(kinds[1]) == 1
    clause.add_doubt("the event may have any of several dates", when=not is_one)
    code, name = clause.get_sense(events[0], "event"), clause.get_word(events[0])
    if code == "E005" and not re.search(r"[가-힣一-鿿]", name) and not ("korea" in name and "china" in name):
        # E005 is the agreement of Korea and China; a bare "free-trade agreement" may be another one.
        codes = {token["economy"] for token in clause.sentence.tokens if "economy" in token}
        asked = clause.sentence.context.pair
        codes |= {str(asked.reporter), str(asked.partner)} if asked and not codes else set()
        clause.add_doubt("the other side of the agreement is not named", when=not codes >= {"KOR", "CHN"})
    clause.mark_read(*events, *stages, index, *clause.find_tokens("economy", "both", "pair"))
    slots = {"metric": "event_date", "item": f"{code}.{clause.get_sense(stages[-1], 'stage')}", "comparator": "equals",
             "says": str(token.span)}  # fmt: skip
    clause.claims.append((index, slots, clause.doubts))
