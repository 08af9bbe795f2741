"""What a clause says in words: records, ranks, firsts, rows, turns and events.

Here: the claims that need no number. Not here: those of numbers (`slots`).
"""

from __future__ import annotations

import re

from dagster_project.claims.clause import Clause
from dagster_project.claims.slots import LEVELS, add_claim
from dagster_project.claims.spans import Span

_FIRSTS = {"first_since", "first_in", "streak", "first_ever"}


def read_words(clause: Clause) -> None:
    """Read the claims that the words of a clause make, after those of its numbers."""
    for reader in (_read_rank, _read_record, _read_largest, _read_first, _read_streak, _read_each, _read_turn):
        clause.doubts = []
        reader(clause)
    clause.doubts = []
    if not clause.found and not clause.refused:
        _read_bare(clause)
    elif not says_how_much(clause):
        _read_move(clause)
    clause.doubts = []
    _read_event(clause)


def says_how_much(clause: Clause) -> bool:
    """Return whether a claim says by how much something moved."""
    return any(
        clause.parts[at].kind in {"percent", "times"} or re.search("percent| by ", slots.get("says", ""))
        for at, slots, _ in clause.found
    )


def _way(clause: Clause, at: int) -> tuple[str, str]:
    """Return the metric and the word for which way it went, of which something is the first or one in a row."""
    for kind in ("side", "move"):
        if places := clause.of(kind):
            n = min(places, key=lambda one: abs(one - at))
            clause.take(n)
            if kind == "move":
                return clause.topic(at)[0], "fell" if clause.sense(n, kind) == "down" else "rose"
            clause.take(*(k for k in clause.of("metric") if clause.sense(k, "metric") == "balance"))
            return "balance", clause.sense(n, kind)
    other = [one["side"] for one in clause.sentence.parts if "side" in one]
    return ("balance", other[-1]) if other else ("", "")


def _start_of(span: Span) -> str:
    return str(span.start)[: 4 if span.frequency == "A" else 7]


def _read_first(clause: Clause) -> None:
    for n, one in enumerate(clause.parts):
        length = next((k for k in clause.of("length") if n - 4 <= k < n + 10), None)
        after = [k for k in clause.of("after") if length is not None and k == length + 1]
        is_first = ("first" in one and n not in clause.used) or (
            one.senses.get("ordinal") == "1" and "first" not in one
        )
        # The highest in three years is no first one.
        if not is_first and not (after and n == length and not clause.of("record", "low")):
            continue
        since = [k for k in clause.of("since") if abs(k - n) <= 6]
        period = next((k for s in since for k in (s + 1, s - 1) if k in clause.of("period")), None)
        if since and period is None:
            period = next((k for k in clause.of("period") if since[0] in clause.list_since_event(k)), None)
            since += [] if period is None else clause.list_since_event(period)
        span = clause.parts[period].span if period is not None else None
        metric, way = _way(clause, n)
        clause.doubt("the first of what it is is not certain", when=not way)
        clause.take(n)
        if length is not None and clause.parts[length].unit != "quarters":
            clause.take(length, *after, *since, *(k for k in clause.of("first") if abs(k - length) < 4))
            clause.take(*([] if period is None else [period]))
            hedge = "at least " if clause.hedge(length).strip() in {"more than", "at least"} else ""
            number = f"{hedge}{int(clause.parts[length].number)} {clause.parts[length].unit}"
            add_claim(clause, n, metric, f"{way} {number}".strip(), "first_in")
        elif span is not None and period is not None:
            clause.take(*since, period)
            add_claim(clause, n, metric, f"{way} {_start_of(span)}".strip(), "first_since")
        elif ever := clause.of("ever"):
            clause.take(*ever)
            add_claim(clause, n, metric, way, "first_ever")
        else:
            clause.used.discard(n)
        return


def _read_record(clause: Clause) -> None:
    # A record rise is no record, nor is a record 20 percent.
    records = [n for n in clause.of("record") if clause.near(n, 1, "move", "percent", "times", over=2) is None]
    moved = [k for k, slots, _ in clause.found if " by " in slots.get("says", "")]
    if not records or clause.of("low") or any(k - 4 < records[0] < k for k in moved):
        return
    n = records[0]
    place = clause.sense(n - 1, "ordinal") or clause.sense(n - 2, "ordinal")
    metric, side = clause.topic(n)
    sides = clause.of("side")
    if sides and not side and (metric == "balance" or abs(sides[0] - n) <= 3):
        metric, side = "balance", clause.sense(sides[0], "side")
    clause.take(n, *clause.of("largest"), *(k for k in clause.of("ordinal") if place and abs(k - n) < 3))
    clause.doubt("a record of what it is is not said", when=metric == "balance" and not side)
    is_of_base = any(clause.is_number(k) and clause.is_base(k) for k in range(n + 1, n + 3))
    clause.doubt("of which period it is a record is not certain", when=is_of_base)
    add_claim(clause, n, metric, f"{place} {side}".strip() or "first", "record")


def _read_largest(clause: Clause) -> None:
    """Read the highest since a month or a year, and a country's own largest, which may be that among partners."""
    for n in clause.of("largest"):
        since = next((k for k in clause.of("since") if n < k <= n + 4), None)
        period = clause.parts[since + 1] if since is not None and since + 1 < len(clause.parts) else None
        span = period.span if period else None
        is_own = clause.word(n - 1) == "its" and bool(clause.sense(n + 1, "side"))
        history = [k for k in clause.of("history") if k > n]
        is_of_move = any(n <= k <= (since or n) for k in clause.of("move"))
        if n in clause.used or is_of_move or not (span or is_own or history):
            continue
        metric, side = clause.topic(n)
        is_either = bool(clause.of("money") and clause.of("percent"))
        clause.doubt("of which number it is the largest is not certain", when=is_either)
        clause.take(n, *history)
        if span is not None and since is not None:
            clause.take(since, since + 1)
            add_claim(clause, n, metric, f"{side} {_start_of(span)}".strip(), "record_since")
        else:
            clause.doubt("whether it is the largest with all is not certain", when=not history)
            add_claim(clause, n, metric, side, "record")


def _read_rank(clause: Clause) -> None:
    if any(clause.parts[n].kind == "nth" for n in clause.used):
        return
    for n in clause.of("rank"):
        before = range(max(0, n - 4), n)
        place = ""
        for k in before:
            nth = str(int(clause.parts[k].number)) if clause.parts[k].kind == "nth" else ""
            place = nth or clause.sense(k, "ordinal") or place or clause.sense(k, "largest")
        if not place:
            continue
        clause.take(n, *(k for k in before if clause.sense(k, "ordinal") or clause.sense(k, "largest")))
        clause.doubt("since when, or how often, is not read", when=bool(clause.of("since", "streak")))
        other = {"import_rank": "exports", "export_rank": "imports"}.get(clause.sense(n, "rank"), "none")
        is_other = any(clause.sense(k, "metric") == other for k in clause.of("metric"))
        clause.doubt("whose rank it is is not certain", when=is_other)
        add_claim(clause, n, clause.sense(n, "rank"), place)


def _read_streak(clause: Clause) -> None:
    for n in clause.of("streak"):
        numbers = clause.of("nth", "length", "ordinal")
        number = next((k for k in (n - 1, n + 1, n - 2) if k in numbers), None)
        if number is None:
            continue
        one = clause.parts[number]
        metric, way = _way(clause, n)
        unit = one.unit if one.kind == "length" else ""
        unit = unit or next((clause.sense(k, "unit") for k in range(n, n + 3) if clause.sense(k, "unit")), "years")
        clause.take(n, number)
        span, _ = clause.when(n)
        is_fit = span is not None and (span.frequency == "A") == (unit == "years") and span.count == 1
        clause.doubt("a row of what it is is not certain", when=not way)
        clause.doubt("from when to when the row goes is not said", when=not is_fit)
        add_claim(clause, n, metric, f"{int(float(one.senses.get('ordinal', one.number)))} {way}".strip(), "streak")
        return


def _read_each(clause: Clause) -> None:
    for n in clause.of("each"):
        metric, way = _way(clause, n)
        if metric == "balance" and way:
            clause.take(n)
            add_claim(clause, n, metric, way, "each")


def _read_turn(clause: Clause) -> None:
    turns, sides = clause.of("turn"), clause.of("side")
    if turns and sides:
        n = turns[0]
        clause.take(n, *sides, *(k for k in clause.of("metric") if clause.sense(k, "metric") == "balance"))
        add_claim(clause, n, "balance", "", "sign_change", both=True)
        last = sides[-1] if sides[-1] > n else sides[0]
        if all(abs(last - k) > 3 for k, _, _ in clause.found if k != n):
            add_claim(clause, last, "balance", clause.sense(last, "side"))


def _read_bare(clause: Clause) -> None:
    """Read a deficit, or a rise, that is said without a number."""
    sides, moves = clause.of("side"), clause.of("move")
    is_said = clause.of("period") and clause.of("economy", "toward", "both") and not clause.of("low", "record")
    if is_said and moves:
        _read_move(clause)
    elif is_said and sides:
        clause.take(*sides)
        add_claim(clause, sides[0], "balance", clause.sense(sides[0], "side"))


def _read_move(clause: Clause) -> None:
    """Read which way something went, where no number says how far."""
    moves, sides = clause.of("move"), clause.of("side")
    if len({clause.sense(n, "move") for n in moves}) != 1 or any(
        slots["comparator"] in _FIRSTS for _, slots, _ in clause.found
    ):
        return
    n = moves[0]
    metric, _ = clause.topic(n)
    span, _ = clause.when(n)
    if any(span is None or base != span.before for base in clause.bases):
        # Two amounts say that it moved, and since when.
        clause.take(*moves)
        return
    if metric not in LEVELS or (metric == "balance" and len(sides) != 1):
        return
    is_one = bool(clause.bases) or len({str(clause.parts[k].span) for k in clause.of("period")}) <= 1
    clause.doubt("which of several periods it is of is not certain", when=not is_one)
    for degree in clause.of("degree")[:1]:
        clause.doubt(f"how much {clause.parts[degree].text} is is not said")
    word = "fell" if clause.sense(n, "move") == "down" else "rose"
    side = clause.sense(sides[0], "side") if metric == "balance" else ""
    clause.take(*moves)
    add_claim(clause, n, metric, f"{side} {word}".strip(), both=metric == "balance")


def _read_event(clause: Clause) -> None:
    events, stages, periods = clause.of("event"), clause.of("stage"), clause.of("period")
    if not events or not stages or not periods:
        return
    at = min(periods, key=lambda n: abs(n - stages[-1]))
    part = clause.parts[at]
    if part.span is None or not (part.is_day or (part.is_held and part.span.count == 1)):
        return
    kinds = [{clause.sense(n, kind) for n in places} for kind, places in (("event", events), ("stage", stages))]
    is_one = len(periods) == len(kinds[0]) == len(kinds[1]) == 1
    clause.doubt("which of several dates it is is not certain", when=not is_one)
    code, name = clause.sense(events[0], "event"), clause.word(events[0])
    if code == "E005" and not re.search(r"[가-힣一-鿿]", name) and not ("korea" in name and "china" in name):
        # A free-trade agreement is with somebody.
        codes = {one["economy"] for one in clause.sentence.parts if "economy" in one}
        asked = clause.sentence.context.pair
        codes |= {str(asked.reporter), str(asked.partner)} if asked and not codes else set()
        clause.doubt("with whom it was is not said", when=not codes >= {"KOR", "CHN"})
    clause.take(*events, *stages, at, *clause.of("economy", "both", "pair"))
    slots = {"metric": "event_date", "item": f"{code}.{clause.sense(stages[-1], 'stage')}", "comparator": "equals",
             "says": str(part.span)}  # fmt: skip
    clause.found.append((at, slots, clause.doubts))
