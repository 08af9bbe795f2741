"""What each kind of number in a clause says: the claims that amounts, percentages, counts and places make.

Here: from a number to the slots of a claim. Not here: what belongs to it (`clause`), and what is said without a number
(`wording`).
"""

from __future__ import annotations

from dagster_project.claims.clause import Clause, is_korean
from dagster_project.claims.slots import add_claim
from dagster_project.claims.statements import CONVERTED

_SHARES = {"exports": "export_share", "imports": "import_share", "total_trade": "trade_share"}
_MOVED = {"down": "fell", "up": "rose"}


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
    metric, side = clause.topic(at)
    if metric in {"visitor_arrivals", "gdp_growth"}:
        clause.refuse(at, f"{metric} is no amount of money")
        return
    topics, ranks = ([n for n in clause.of(*kinds) if n < at] for kinds in (("metric", "side"), ("rank",)))
    is_of_rank = bool(ranks) and not (topics and topics[-1] > ranks[-1])
    clause.doubt("what the amount is of is not certain", when=is_of_rank or bool(clause.of("whole")))
    is_base = clause.is_base(at)
    move = "" if is_base else clause.moved_by(at)
    hedge = clause.hedge(at)
    behind = clause.sense(at + 1, "move") and not is_korean(clause.parts[at + 1])
    is_difference = bool(behind) and not any(clause.is_number(n) for n in range(at + 2, at + 5))
    is_either = is_difference or clause.word(at - 1) == "or"
    clause.doubt("whether it is an amount or a change is not said", when=is_either)
    is_than = is_base and (bool(clause.of("times")) or "than" in map(clause.word, range(at - 3, at)))
    clause.doubt("what it is compared with is not certain", when=is_than)
    is_either = metric == "balance" and not side and (bool(move) or one.sign != "-")
    clause.doubt("whether it is a deficit or a surplus is not said", when=is_either)
    if move:
        add_claim(clause, at, metric, f"{side} {_MOVED[move]} by {hedge}{one.says}".strip())
    else:
        add_claim(clause, at, metric, f"{side} of {hedge}{one.says}" if side else f"{hedge}{one.says}", base=is_base)


def _read_percent(clause: Clause, at: int) -> None:
    says = f"{clause.hedge(at)}{clause.parts[at].says}"
    if clause.of("share"):
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
        clause.doubt("per cent of a balance depend on its sign", when=metric == "balance" or bool(side))
        add_claim(clause, at, metric, f"{_MOVED[move]} {says}")


def _read_share(clause: Clause, at: int, says: str) -> None:
    whole = {clause.sense(n, "whole") for n in clause.of("whole")}
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
        if not named:
            clause.refuse(at, "of what it is a share is not said")
            return
        kinds = [clause.sense(n, "metric") or "total_trade" for n in named]
        clause.doubt("of which flow it is a share is not certain", when=len(set(kinds)) > 1)
        clause.take(*named)
        metric = _SHARES[kinds[-1]]
    several = [n for n in clause.of("percent") if n != at and not clause.is_base(n)]
    is_beside = any(clause.near(at, step, "period", over=3) is not None for step in (1, -1))
    clause.doubt("which of several shares it is is not certain", when=bool(several) and not (is_base or is_beside))
    is_level = clause.near(at, -1, "level", over=1) is not None or clause.sense(at + 1, "mark") == "after_to"
    # Grew 2 per cent, or to 2 per cent.
    is_either = bool(clause.of("move")) and not (is_level or is_base or clause.bases)
    clause.doubt("whether it is a level or a change is not certain", when=is_either)
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
