"""The slots of the claims that the numbers of a clause make: amounts, percentages, counts, multiples and places.

Here: from a number to a claim of its clause, or why there is none. Not here: what belongs to a number (`clause`), whose
trade it is (`pairs`), and what is said without a number (`wording`).
"""

from __future__ import annotations

import re

from dagster_project.claims.clause import Clause, is_korean
from dagster_project.claims.pairs import pair_of_number
from dagster_project.claims.spans import Span
from dagster_project.claims.spotting import Part, has_any_of
from dagster_project.claims.statements import CONVERTED
from dagster_project.metrics import catalogue

LEVELS = {"exports", "imports", "total_trade", "balance"}
PART_OF_A_MONTH = "is a part of a month, and no such figures are held"
_SHARES = {"exports": "export_share", "imports": "import_share", "total_trade": "trade_share"}
_MOVED = {"down": "fell", "up": "rose"}
# In units of money; no figure of trade between two economies that papers print is smaller.
_LARGE = 1_000_000
# What a round number is that something passes.
_MARKS = {"mark", "level", "threshold", "line", "milestone", "barrier"}
# Who counts trade in money of their own, in which it may have grown by another share than in dollars.
_IN_OWN_MONEY = {"AUS", "CAN", "CHE", "DEU", "ESP", "FRA", "GBR", "ITA", "JPN", "NLD", "SGP"}


def write_span(span: Span) -> str:
    """Write a period as a line has it."""
    return str(span).replace(" to ", "..")


def add_claim(
    clause: Clause,
    at: int,
    metric: str,
    says: str,
    comparator: str = "equals",
    *,
    base: bool = False,
    both: bool = False,
) -> None:
    """Add a claim to a clause, with the doubts about it.

    Args:
        clause: The clause.
        at: Where its number stands.
        metric: The metric.
        says: The value.
        comparator: How it compares.
        base: Whether it is of what the number is compared with.
        both: Whether the period before is the other one of two.
    """
    if not metric:
        clause.refuse(at, "what it counts is not said")
        return
    pair = pair_of_number(clause, at, metric)
    is_growth = re.search(r"\b(?:fell|rose) .*percent", says) is not None and metric in LEVELS
    clause.doubt("whether it is in dollars is not said", when=is_growth and pair.reporter in _IN_OWN_MONEY)
    clause.doubt(
        "the statistics that are named are another's", when=any(one != pair.reporter for one in clause.sentence.sources)
    )
    span, part = clause.base_period(at) if base else clause.when(at)
    doubts, clause.doubts = clause.doubts, []
    known = catalogue.find_metric(metric)
    if pair.reporter is None or (pair.partner is None and known is not None and known.has_partner):
        clause.refuse(at, f"{doubts[0] if doubts else 'no pair is named'}, so no figure stands beside it")
    elif span is None:
        clause.refuse(at, "no period is named")
    elif part is not None and not part.is_held:
        clause.refuse(at, f"{part.text!r} {PART_OF_A_MONTH}")
    else:
        if base:
            clause.bases.append(span)
            clause.take(*(n for n in [clause.near(at, -1, "base", over=5)] if n is not None))
        period = write_span(span.before) + "->" + write_span(span) if both else _write_period(clause, at, span, says)
        slots = {"metric": metric, "reporter": pair.reporter, "partner": pair.partner or "", "period": period,
                 "comparator": comparator, "says": says}  # fmt: skip
        clause.take(at)
        clause.found.append((at, {name: value for name, value in slots.items() if value}, doubts))
        clause.sentence.context.metric = metric if metric in LEVELS else clause.sentence.context.metric


def _write_period(clause: Clause, at: int, span: Span, says: str) -> str:
    """Write the period of a claim, with the one that it is compared with if that is not the year before."""
    has_moved = clause.parts[at].kind == "times" or re.search(r"\b(?:fell|rose) ", says) is not None
    versus = [n for n in clause.of("period") if has_moved and clause.is_versus(n)]
    spans = list(dict.fromkeys(one for n in versus if (one := clause.parts[n].span) is not None))
    if len(spans) > 1 or any(one.months != span.months or one.start >= span.start for one in spans):
        versus, spans = [], []
    words = (n + 1 if clause.sense(n + 1, "versus") else clause.near(n, -1, "base", over=2) for n in versus)
    clause.take(*versus, *(n for n in words if n is not None))
    earlier = spans[0] if spans else None
    if clause.parts[at].kind == "times" and clause.bases:
        earlier = clause.bases[-1]
    if earlier is not None and earlier != span.before:
        return f"{write_span(earlier)}->{write_span(span)}"
    if has_moved and not versus and span.frequency == "A" and span.count > 1:
        # Fell from 2018 to 2023.
        return f"{span.start.year}->{span.end.year}"
    return write_span(span)


def read_number(clause: Clause, at: int) -> None:
    """Read the claim that a number makes."""
    clause.doubts = []
    _READERS[clause.parts[at].kind](clause, at)


def _read_money(clause: Clause, at: int) -> None:
    one = clause.parts[at]
    if one.unit not in {"USD", *CONVERTED}:
        clause.refuse(at, f"no rate is held for {one.text}")
        return
    if clause.word(at - 1) == "(" and at >= 2 and clause.parts[at - 2].kind == "money":
        clause.refuse(at, "it repeats another amount in another currency")
        return
    if _is_of_whole(clause, at):
        clause.refuse(at, "it is of all trade")
        return
    metric, side = clause.topic(at)
    if metric in {"visitor_arrivals", "gdp_growth"}:
        clause.refuse(at, f"{metric} is no amount of money")
        return
    topics, ranks = ([n for n in clause.of(*kinds) if n < at] for kinds in (("metric", "side", "trade"), ("rank",)))
    is_of_rank = bool(ranks) and not (topics and (topics[-1] > ranks[-1] or _is_apposition(clause, ranks[-1], at)))
    clause.doubt("what the amount is of is not certain", when=is_of_rank or bool(clause.of("whole")))
    is_base = clause.is_base(at)
    move = "" if is_base else clause.moved_by(at)
    hedge = clause.hedge(at)
    clause.doubt("its scale is not said", when=_is_without_scale(clause, one))
    is_second = any(n < at for n in clause.of("money")) and clause.near(at, 1, "period", over=2) is not None
    is_other = is_second or (clause.word(at - 1) == "the" and clause.word(at + 1) not in _MARKS)
    clause.doubt("whether it is a bound or another figure is not certain", when=hedge.endswith("than ") and is_other)
    whole = next((part for part in reversed(clause.parts[:at]) if part.text.lower() != "the"), one)
    is_of_part = whole.text.lower() == "of" and clause.parts[clause.parts.index(whole) - 1].kind in {"percent", "times"}
    clause.doubt("of what it is a part is not certain", when=is_of_part)
    behind = clause.sense(at + 1, "move") and not is_korean(clause.parts[at + 1])
    is_difference = bool(behind) and not any(clause.is_number(n) for n in range(at + 2, at + 5))
    is_either = is_difference or clause.word(at - 1) == "or"
    clause.doubt("whether it is an amount or a change is not said", when=is_either)
    is_than = is_base and (bool(clause.of("times")) or "than" in map(clause.word, range(at - 3, at)))
    clause.doubt("what it is compared with is not certain", when=is_than)
    side = side or (_find_only_side(clause) if metric == "balance" and one.sign != "-" else "")
    is_either = metric == "balance" and not side and (bool(move) or one.sign != "-")
    clause.doubt("whether it is a deficit or a surplus is not said", when=is_either)
    if move:
        add_claim(clause, at, metric, f"{side} {_MOVED[move]} by {hedge}{one.says}".strip())
    else:
        add_claim(clause, at, metric, f"{side} of {hedge}{one.says}" if side else f"{hedge}{one.says}", base=is_base)


def _is_without_scale(clause: Clause, amount: Part) -> bool:
    """Return whether an amount has no scale where another of its sentence has one: from $227.3 billion to $211.4."""
    others = (one for one in clause.sentence.parts if one.kind == "money" and one is not amount)
    return not amount.scale and amount.number < _LARGE and any(one.scale for one in others)


def has_whole(clause: Clause) -> bool:
    """Return whether a clause says of which trade a number is per cent."""
    return any(_find_whole(clause, n) is not None for n in clause.of("percent"))


def _is_apposition(clause: Clause, rank: int, at: int) -> bool:
    """Return whether a rank only names a partner: exports to its largest partner, China, rose 14 percent to $128bn."""
    comma = next((n for n in range(at, rank, -1) if clause.parts[n].kind == ","), None)
    return comma is not None and any(
        "move" in one or ("level" in one and "mark" not in one) for one in clause.parts[comma:at]
    )


def _find_whole(clause: Clause, at: int) -> int | None:
    """Return where the trade stands that a number is per cent of: 19.7 percent of its total exports."""
    if clause.word(at + 1) != "of":
        return None
    for n in range(at + 2, len(clause.parts)):
        one = clause.parts[n]
        if "trade" in one or one.senses.get("metric") in _SHARES:
            return n
        if not one.is_any_of("filler", "own", "economy", "mark", "narrow", "within", "pair"):
            return None
    return None


def _find_only_side(clause: Clause) -> str:
    """Return the side that a clause names once, with no amount of its own: the balance was $44bn, a record surplus."""
    places = clause.of("side")
    if (
        len(places) != 1
        or any(clause.near(places[0], step, "money") is not None for step in (-1, 1))
        or clause.of("base")
    ):
        return ""
    clause.take(*places)
    return clause.sense(places[0], "side")


def _is_of_whole(clause: Clause, at: int) -> bool:
    """Return whether an amount is that of which another number is a share: 4.5 percent of its exports of $3.36tn."""
    wholes = [_find_whole(clause, n) for n in clause.of("percent") if n < at]
    between = [clause.parts[n + 1 : at] for n in wholes if n is not None and n < at]
    return any(all(one.is_any_of("level", "filler", "hedge") for one in parts) for parts in between)


def _is_of_movement(clause: Clause, at: int) -> bool:
    """Return whether a number is per cent of a movement: 30 percent of the fall in exports."""
    after = clause.parts[at + 2 :] if clause.word(at + 1) == "of" else []
    first = next((one for one in after if one.is_any_of("move", "metric", "trade", "side", ",")), None)
    return first is not None and "move" in first


def _is_moved(clause: Clause, at: int) -> bool:
    """Return whether a number is by how much something moved: it rose 14.1 percent."""
    before = (one for one in reversed(clause.parts[:at]) if not one.is_any_of("hedge", "by", "degree"))
    return "move" in next(before, ())


def _read_percent(clause: Clause, at: int) -> None:
    says = f"{clause.hedge(at)}{clause.parts[at].says}"
    if _is_share(clause, at):
        _read_share(clause, at, says)
        return
    metric, side = clause.topic(at)
    move = clause.move(at)
    if metric in {*_SHARES.values(), "services_in_gdp", "gdp_share", "gdp_growth"}:
        add_claim(clause, at, metric, says, base=metric != "gdp_growth" and clause.is_base(at))
    elif not move:
        clause.refuse(at, "what it is per cent of is not said")
    elif clause.of("other_basis"):
        clause.refuse(at, "growth on another basis than the year before is not held")
    else:
        clause.doubt("per cent of a balance depend on its sign", when=metric == "balance" and not side)
        clause.doubt("whether the movement itself moved is not certain", when=clause.word(at - 1) == "to")
        add_claim(clause, at, metric, f"{side} {_MOVED[move]} {says}".strip())


def _is_share(clause: Clause, at: int) -> bool:
    is_other = has_whole(clause) and _is_moved(clause, at)
    return _find_whole(clause, at) is not None or (bool(clause.of("share")) and not is_other)


def _read_share(clause: Clause, at: int, says: str) -> None:
    whole = {clause.sense(n, "whole") for n in clause.of("whole")}
    total = _find_whole(clause, at)
    flows = clause.of("metric")
    named = [n for n in flows if clause.sense(n, "metric") in _SHARES.values()]
    is_base = clause.is_base(at)
    clause.take(*clause.of("share"))
    if "services" in whole:
        clause.take(*clause.of("whole"))
        clause.doubt("of what it is a share is not said", when="gdp" not in whole)
        metric = "services_in_gdp"
    elif named:
        clause.take(*named, *clause.of("move"))
        clause.doubt("which of several shares it is is not certain", when=len(named) > 1)
        add_claim(clause, at, clause.sense(named[0], "metric"), says, base=is_base)
        return
    else:
        named = [n for n in flows if clause.sense(n, "metric") in _SHARES] or clause.of("trade")
        if total is not None:
            named = [total, *(n for n in flows if clause.sense(n, "metric") == clause.sense(total, "metric"))]
            after = clause.parts[total + 1 : total + 4]
            is_of_pair = clause.sense(total + 1, "mark").startswith("before_") and has_any_of(after, "economy")
            clause.doubt("it is a share of the trade with one partner", when=is_of_pair)
        if not named:
            clause.refuse(at, "of what it is a share is not said")
            return
        kinds = [clause.sense(n, "metric") or "total_trade" for n in named]
        clause.doubt("of which flow it is a share is not certain", when=len(set(kinds)) > 1)
        clause.take(*named)
        metric = _SHARES[kinds[-1]]
    several = [n for n in clause.of("percent") if n != at and not clause.is_base(n) and _is_share(clause, n)]
    is_beside = any(clause.near(at, step, "period", over=3) is not None for step in (1, -1))
    clause.doubt("which of several shares it is is not certain", when=bool(several) and not (is_base or is_beside))
    is_level = clause.near(at, -1, "level", "share", over=1) is not None or clause.sense(at + 1, "mark") == "after_to"
    # Grew 2 per cent, or to 2 per cent.
    is_level = is_level or (total is not None and not _is_moved(clause, at))
    is_either = bool(clause.of("move")) and not (is_level or is_base or clause.bases)
    clause.doubt("whether it is a level or a change is not certain", when=is_either)
    clause.doubt("of what it is a share is not said", when=_is_of_movement(clause, at))
    clause.take(*clause.of("move"))
    add_claim(clause, at, metric, says, base=is_base)


def _read_points(clause: Clause, at: int) -> None:
    move = clause.move(at)
    kinds = [one for n in clause.of("metric") if (one := clause.sense(n, "metric")) in _SHARES]
    if not clause.of("share") or not kinds or not move:
        clause.refuse(at, "of what it is a change is not said")
        return
    clause.take(*clause.of("share", "metric"))
    clause.doubt("of which flow it is a share is not certain", when=len(set(kinds)) > 1)
    add_claim(clause, at, _SHARES[kinds[-1]], f"{_MOVED[move]} {clause.parts[at].says}")


def _read_count(clause: Clause, at: int) -> None:
    flows = clause.of("metric")
    is_of_visitors = {clause.sense(n, "metric") for n in flows} == {"visitor_arrivals"}
    if is_of_visitors or (not flows and any(word in clause.word(at) for word in ("tourist", "visitor", "travel"))):
        clause.take(*flows)
        is_base = bool(flows) and clause.is_base(at)
        add_claim(clause, at, "visitor_arrivals", f"{clause.hedge(at)}{clause.parts[at].says}", base=is_base)


def _read_times(clause: Clause, at: int) -> None:
    metric, side = clause.topic(at)
    is_range = any(clause.is_range(n) for n in clause.of("period"))
    is_sure = bool(clause.bases) or ("ratio" in clause.parts[at] and (is_range or bool(clause.of("basis"))))
    clause.doubt("against which period it is is not certain", when=not is_sure)
    add_claim(clause, at, metric, f"{side} {clause.hedge(at)}{clause.parts[at].says}".strip())


def _read_place(clause: Clause, at: int) -> None:
    if ranks := clause.of("rank"):
        clause.take(*ranks)
        add_claim(clause, at, clause.sense(ranks[0], "rank"), str(int(clause.parts[at].number)))


_READERS = {
    "money": _read_money, "percent": _read_percent, "points": _read_points, "count": _read_count,
    "times": _read_times, "nth": _read_place,
}  # fmt: skip
