"""Read the claims that the numbers of a clause make: amounts, percentages, counts, multiples and places.

Here: from a number to a claim, or why there is none. Not here: what belongs to a number (`clause`), whose trade it is
(`pairs`), and what is said without a number (`word_claims`).
"""

from __future__ import annotations

import re

from dagster_project.claims.clause import Clause
from dagster_project.claims.notation import Span
from dagster_project.claims.pairs import find_pair_of_number
from dagster_project.claims.statements import CONVERTED
from dagster_project.claims.tokens import Token, has_any_of
from dagster_project.metrics import catalogue

LEVELS = {"exports", "imports", "total_trade", "balance"}
PART_OF_A_MONTH = "is part of a month, and there are no figures for parts of months"
_SHARES = {"exports": "export_share", "imports": "import_share", "total_trade": "trade_share"}
_MOVED = {"down": "fell", "up": "rose"}
# No printed amount of trade between two economies is smaller, in units of money.
_LARGE = 1_000_000
# Words for a round number that something passes.
_MARKS = {"mark", "level", "threshold", "line", "milestone", "barrier"}
# Economies that count trade in their own currency, in which growth differs from that in dollars.
_IN_OWN_MONEY = {"AUS", "CAN", "CHE", "DEU", "ESP", "FRA", "GBR", "ITA", "JPN", "NLD", "SGP"}


def write_span(span: Span) -> str:
    """Write a period in the form of a line."""
    return str(span).replace(" to ", "..")


def add_claim(
    clause: Clause,
    index: int,
    metric: str,
    says: str,
    comparator: str = "equals",
    *,
    base: bool = False,
    both: bool = False,
) -> None:
    """Add a claim to its clause, with the doubts about it.

    `base` says that its number is the earlier one, with which another is compared; `both` that it compares a period
    with the one before.
    """
    if not metric:
        clause.add_refusal(index, "it is not said what it counts")
        return
    pair = find_pair_of_number(clause, index, metric)
    is_growth = re.search(r"\b(?:fell|rose) .*percent", says) is not None and metric in LEVELS
    clause.add_doubt("it may be in another currency than dollars", when=is_growth and pair.reporter in _IN_OWN_MONEY)
    is_other = any(source != pair.reporter for source in clause.sentence.sources)
    clause.add_doubt("the named statistics are another economy's", when=is_other)
    span, token = clause.find_base_period(index) if base else clause.find_period(index)
    doubts, clause.doubts = clause.doubts, []
    known = catalogue.find_metric(metric)
    if pair.reporter is None or (pair.partner is None and known is not None and known.has_partner):
        clause.add_refusal(index, f"{doubts[0] if doubts else 'no pair is named'}, so no figure stands beside it")
    elif span is None:
        clause.add_refusal(index, "no period is named")
    elif token is not None and not token.is_held:
        clause.add_refusal(index, f"{token.text!r} {PART_OF_A_MONTH}")
    else:
        if base:
            clause.base_spans.append(span)
            clause.mark_read(*(i for i in [clause.find_neighbour(index, -1, "base", over=5)] if i is not None))
        period = write_span(span.before) + "->" + write_span(span) if both else _write_period(clause, index, span, says)
        slots = {"metric": metric, "reporter": pair.reporter, "partner": pair.partner or "", "period": period,
                 "comparator": comparator, "says": says}  # fmt: skip
        clause.mark_read(index)
        clause.claims.append((index, {name: value for name, value in slots.items() if value}, doubts))
        clause.sentence.context.metric = metric if metric in LEVELS else clause.sentence.context.metric


def _write_period(clause: Clause, index: int, span: Span, says: str) -> str:
    """Write the period of a claim, and the period that it is compared with unless that is the year before."""
    has_moved = clause.tokens[index].kind == "times" or re.search(r"\b(?:fell|rose) ", says) is not None
    versus = [i for i in clause.find_tokens("period") if has_moved and clause.is_comparison_period(i)]
    spans = list(dict.fromkeys(other for i in versus if (other := clause.tokens[i].span) is not None))
    if len(spans) > 1 or any(other.months != span.months or other.start >= span.start for other in spans):
        versus, spans = [], []
    words = [
        i + 1 if clause.get_sense(i + 1, "versus") else clause.find_neighbour(i, -1, "base", over=2) for i in versus
    ]
    clause.mark_read(*versus, *(i for i in words if i is not None))
    earlier = spans[0] if spans else None
    if clause.tokens[index].kind == "times" and clause.base_spans:
        earlier = clause.base_spans[-1]
    if earlier is not None and earlier != span.before:
        return f"{write_span(earlier)}->{write_span(span)}"
    if has_moved and not versus and span.frequency == "A" and span.count > 1:
        # Fell from 2018 to 2023.
        return f"{span.start.year}->{span.end.year}"
    return write_span(span)


def read_number(clause: Clause, index: int) -> None:
    """Read the claim around a number, and add it to the clause, or the reason why there is none."""
    clause.doubts = []
    _READERS[clause.tokens[index].kind](clause, index)


def _read_money(clause: Clause, index: int) -> None:
    token = clause.tokens[index]
    if token.unit not in {"USD", *CONVERTED}:
        clause.add_refusal(index, f"there is no exchange rate for {token.text}")
        return
    if clause.get_word(index - 1) == "(" and index >= 2 and clause.tokens[index - 2].kind == "money":
        clause.add_refusal(index, "it repeats another amount in another currency")
        return
    if _is_of_whole(clause, index):
        clause.add_refusal(index, "it is of all trade")
        return
    metric, side = clause.find_metric_and_side(index)
    if metric in {"visitor_arrivals", "gdp_growth"}:
        clause.add_refusal(index, f"{metric} is no amount of money")
        return
    topics = [i for i in clause.find_tokens("metric", "side", "trade") if i < index]
    ranks = [i for i in clause.find_tokens("rank") if i < index]
    is_of_rank = bool(ranks) and not (topics and (topics[-1] > ranks[-1] or _is_apposition(clause, ranks[-1], index)))
    clause.add_doubt("it is unclear what the amount is of", when=is_of_rank or bool(clause.find_tokens("whole")))
    is_base = clause.is_base_number(index)
    move = "" if is_base else clause.read_movement_by(index)
    hedge = clause.read_hedge(index)
    clause.add_doubt("its scale is not said", when=_is_without_scale(clause, token))
    has_period = clause.find_neighbour(index, 1, "period", over=2) is not None
    is_second = has_period and any(i < index for i in clause.find_tokens("money"))
    is_other = is_second or (clause.get_word(index - 1) == "the" and clause.get_word(index + 1) not in _MARKS)
    clause.add_doubt("it may be a bound or another figure", when=hedge.endswith("than ") and is_other)
    whole = next((token for token in reversed(clause.tokens[:index]) if token.text.lower() != "the"), token)
    before_whole = clause.tokens[clause.tokens.index(whole) - 1].kind
    is_of_part = whole.text.lower() == "of" and before_whole in {"percent", "times"}
    clause.add_doubt("it is unclear what it is a part of", when=is_of_part)
    behind = clause.get_sense(index + 1, "move") and not clause.tokens[index + 1].is_korean
    is_difference = bool(behind) and not any(clause.is_number(i) for i in range(index + 2, index + 5))
    is_either = is_difference or clause.get_word(index - 1) == "or"
    clause.add_doubt("it may be an amount or a change", when=is_either)
    is_than = is_base and (bool(clause.find_tokens("times")) or "than" in map(clause.get_word, range(index - 3, index)))
    clause.add_doubt("it is unclear what it is compared with", when=is_than)
    side = side or (_find_only_side(clause) if metric == "balance" and token.sign != "-" else "")
    is_either = metric == "balance" and not side and (bool(move) or token.sign != "-")
    clause.add_doubt("it is not said whether it is a deficit or a surplus", when=is_either)
    if move:
        add_claim(clause, index, metric, f"{side} {_MOVED[move]} by {hedge}{token.printed_value}".strip())
    else:
        says = f"{side} of {hedge}{token.printed_value}" if side else f"{hedge}{token.printed_value}"
        add_claim(clause, index, metric, says, base=is_base)


def _is_without_scale(clause: Clause, amount: Token) -> bool:
    """Return whether an amount lacks the scale that another one has: from $227.3 billion to $211.4."""
    others = (token for token in clause.sentence.tokens if token.kind == "money" and token is not amount)
    return not amount.scale and amount.number < _LARGE and any(token.scale for token in others)


def has_whole(clause: Clause) -> bool:
    """Return whether a clause says which trade a number is a percentage of."""
    return any(_find_whole(clause, i) is not None for i in clause.find_tokens("percent"))


def _is_apposition(clause: Clause, rank: int, index: int) -> bool:
    """Return whether a rank only describes a partner: exports to its largest partner, China, rose to $128bn."""
    comma = next((i for i in range(index, rank, -1) if clause.tokens[i].kind == ","), None)
    between = clause.tokens[comma:index] if comma is not None else []
    return any("move" in token or ("level" in token and "mark" not in token) for token in between)


def _find_whole(clause: Clause, index: int) -> int | None:
    """Find the trade that a number is a percentage of: 19.7 percent of its total exports."""
    if clause.get_word(index + 1) != "of":
        return None
    for i in range(index + 2, len(clause.tokens)):
        token = clause.tokens[i]
        if "trade" in token or token.senses.get("metric") in _SHARES:
            return i
        if not token.is_any_of("filler", "own", "economy", "mark", "narrow", "within", "pair"):
            return None
    return None


def _find_only_side(clause: Clause) -> str:
    """Find the side that a clause names once, without an amount of its own: $44bn, a record surplus."""
    places = clause.find_tokens("side")
    has_amount = any(clause.find_neighbour(place, step, "money") is not None for place in places for step in (-1, 1))
    if len(places) != 1 or has_amount or clause.find_tokens("base"):
        return ""
    clause.mark_read(*places)
    return clause.get_sense(places[0], "side")


def _is_of_whole(clause: Clause, index: int) -> bool:
    """Return whether an amount is the whole of which a share was said: 4.5 percent of its exports of $3.36tn."""
    wholes = [_find_whole(clause, i) for i in clause.find_tokens("percent") if i < index]
    between = [clause.tokens[i + 1 : index] for i in wholes if i is not None and i < index]
    return any(all(token.is_any_of("level", "filler", "hedge") for token in tokens) for tokens in between)


def _is_of_movement(clause: Clause, index: int) -> bool:
    """Return whether a number is a percentage of a movement: 30 percent of the fall in exports."""
    after = clause.tokens[index + 2 :] if clause.get_word(index + 1) == "of" else []
    first = next((token for token in after if token.is_any_of("move", "metric", "trade", "side", ",")), None)
    return first is not None and "move" in first


def _is_moved(clause: Clause, index: int) -> bool:
    """Return whether a number is the size of a movement: it rose 14.1 percent."""
    before = (token for token in reversed(clause.tokens[:index]) if not token.is_any_of("hedge", "by", "degree"))
    return "move" in next(before, ())


def _read_percent(clause: Clause, index: int) -> None:
    says = f"{clause.read_hedge(index)}{clause.tokens[index].printed_value}"
    if _is_share(clause, index):
        _read_share(clause, index, says)
        return
    metric, side = clause.find_metric_and_side(index)
    move = clause.read_movement(index)
    if metric == "gdp_growth":
        add_claim(clause, index, metric, says)
    elif not move:
        clause.add_refusal(index, "it is not said what it is a percentage of")
    elif clause.find_tokens("other_basis"):
        clause.add_refusal(index, "growth on another basis than the year before is not available")
    else:
        clause.add_doubt("growth of a balance depends on its sign", when=metric == "balance" and not side)
        clause.add_doubt("it may be the movement that changed", when=clause.get_word(index - 1) == "to")
        add_claim(clause, index, metric, f"{side} {_MOVED[move]} {says}".strip())


def _is_share(clause: Clause, index: int) -> bool:
    is_other = has_whole(clause) and _is_moved(clause, index)
    return _find_whole(clause, index) is not None or (bool(clause.find_tokens("share")) and not is_other)


def _read_share(clause: Clause, index: int, says: str) -> None:
    whole = {clause.get_sense(i, "whole") for i in clause.find_tokens("whole")}
    total = _find_whole(clause, index)
    flows = clause.find_tokens("metric")
    is_base = clause.is_base_number(index)
    clause.mark_read(*clause.find_tokens("share"))
    if "services" in whole:
        clause.mark_read(*clause.find_tokens("whole"))
        clause.add_doubt("it is not said what it is a share of", when="gdp" not in whole)
        metric = "services_in_gdp"
    else:
        named = [i for i in flows if clause.get_sense(i, "metric") in _SHARES] or clause.find_tokens("trade")
        if total is not None:
            named = [total, *(i for i in flows if clause.get_sense(i, "metric") == clause.get_sense(total, "metric"))]
            after = clause.tokens[total + 1 : total + 4]
            is_of_pair = clause.get_sense(total + 1, "mark").startswith("before_") and has_any_of(after, "economy")
            clause.add_doubt("it is a share of the trade with one partner", when=is_of_pair)
        if not named:
            clause.add_refusal(index, "it is not said what it is a share of")
            return
        kinds = [clause.get_sense(i, "metric") or "total_trade" for i in named]
        clause.add_doubt("it is unclear which flow it is a share of", when=len(set(kinds)) > 1)
        clause.mark_read(*named)
        metric = _SHARES[kinds[-1]]
    others = [i for i in clause.find_tokens("percent") if i != index]
    several = [i for i in others if not clause.is_base_number(i) and _is_share(clause, i)]
    is_beside = any(clause.find_neighbour(index, step, "period", over=3) is not None for step in (1, -1))
    clause.add_doubt("it may be any of several shares", when=bool(several) and not (is_base or is_beside))
    is_level = clause.get_sense(index + 1, "mark") == "after_to"
    is_level = is_level or clause.find_neighbour(index, -1, "level", "share", over=1) is not None
    # Grew 2 per cent, or to 2 per cent.
    is_level = is_level or (total is not None and not _is_moved(clause, index))
    is_either = bool(clause.find_tokens("move")) and not (is_level or is_base or clause.base_spans)
    clause.add_doubt("it may be a level or a change", when=is_either)
    clause.add_doubt("it is not said what it is a share of", when=_is_of_movement(clause, index))
    clause.mark_read(*clause.find_tokens("move"))
    add_claim(clause, index, metric, says, base=is_base)


def _read_points(clause: Clause, index: int) -> None:
    move = clause.read_movement(index)
    kinds = [metric for i in clause.find_tokens("metric") if (metric := clause.get_sense(i, "metric")) in _SHARES]
    if not clause.find_tokens("share") or not kinds or not move:
        clause.add_refusal(index, "it is not said what changed")
        return
    clause.mark_read(*clause.find_tokens("share", "metric"))
    clause.add_doubt("it is unclear which flow it is a share of", when=len(set(kinds)) > 1)
    add_claim(clause, index, _SHARES[kinds[-1]], f"{_MOVED[move]} {clause.tokens[index].printed_value}")


def _read_count(clause: Clause, index: int) -> None:
    flows = clause.find_tokens("metric")
    is_of_visitors = {clause.get_sense(i, "metric") for i in flows} == {"visitor_arrivals"}
    is_named = any(word in clause.get_word(index) for word in ("tourist", "visitor", "travel"))
    if is_of_visitors or (not flows and is_named):
        clause.mark_read(*flows)
        is_base = bool(flows) and clause.is_base_number(index)
        says = f"{clause.read_hedge(index)}{clause.tokens[index].printed_value}"
        add_claim(clause, index, "visitor_arrivals", says, base=is_base)


def _read_times(clause: Clause, index: int) -> None:
    metric, side = clause.find_metric_and_side(index)
    is_range = any(clause.is_range(i) for i in clause.find_tokens("period"))
    is_ratio = "ratio" in clause.tokens[index] and (is_range or bool(clause.find_tokens("basis")))
    is_sure = bool(clause.base_spans) or is_ratio
    clause.add_doubt("it is unclear which period it is compared with", when=not is_sure)
    add_claim(clause, index, metric, f"{side} {clause.read_hedge(index)}{clause.tokens[index].printed_value}".strip())


def _read_place(clause: Clause, index: int) -> None:
    if ranks := clause.find_tokens("rank"):
        clause.mark_read(*ranks)
        add_claim(clause, index, clause.get_sense(ranks[0], "rank"), str(int(clause.tokens[index].number)))


_READERS = {
    "money": _read_money, "percent": _read_percent, "points": _read_points, "count": _read_count,
    "times": _read_times, "nth": _read_place,
}  # fmt: skip
