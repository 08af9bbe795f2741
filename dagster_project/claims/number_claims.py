"""Read the claims of a clause's numbers: amounts, percentages, counts, multiples and ranks.

Each number becomes a claim, or is refused with a reason. Not here: finding the words that belong to a number
(`clause`), the two economies (`pairs`), and claims without a number (`word_claims`).
"""

from __future__ import annotations

import re

from dagster_project.claims.clause import Clause
from dagster_project.claims.notation import Span
from dagster_project.claims.pairs import find_pair_of_number
from dagster_project.claims.statements import CONVERTED
from dagster_project.claims.tokens import has_any_of
from dagster_project.metrics import catalogue

LEVELS = {"exports", "imports", "total_trade", "balance"}
PART_OF_A_MONTH = "is part of a month, and there are no figures for parts of months"
MOVED = {"down": "fell", "up": "rose"}
_SHARES = {"exports": "export_share", "imports": "import_share", "total_trade": "trade_share"}
# The smallest amount of trade between two economies that a text may print without a scale, in units of money.
_LARGE = 1_000_000
# Words after a round number that trade has passed, as in "the $100bn mark".
_MARKS = {"mark", "level", "threshold", "line", "milestone", "barrier"}
# Economies that publish trade in their own currency, whose growth differs from that in dollars.
_IN_OWN_MONEY = {"AUS", "CAN", "CHE", "DEU", "ESP", "FRA", "GBR", "ITA", "JPN", "NLD", "SGP"}


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
    """Add the claim of a number to its clause, with the doubts about the claim; or refuse the number with a reason.

    `base`: the number is a base, the earlier of two. `both`: the claim compares its period with the period before.
    """
    if not metric:
        clause.add_refusal(index, "the text does not say what the number counts")
        return
    pair = find_pair_of_number(clause, index, metric)
    is_growth = re.search(r"\b(?:fell|rose) .*percent", says) is not None and metric in LEVELS
    is_in_own_money = is_growth and pair.reporter in _IN_OWN_MONEY
    clause.add_doubt("the claim may measure growth in a currency other than the dollar", when=is_in_own_money)
    is_other = any(source != pair.reporter for source in clause.sentence.sources)
    clause.add_doubt("the named statistics are another economy's", when=is_other)
    span, token = clause.find_base_period(index) if base else clause.find_period(index)
    doubts, clause.doubts = clause.doubts, []
    if pair.reporter is None or (pair.partner is None and catalogue.load_metrics()[metric].has_partner):
        # Where an economy is missing, a doubt says so.
        clause.add_refusal(index, f"{doubts[0]}, so no figure can be compared")
    elif span is None:
        clause.add_refusal(index, "no period is named")
    elif token is not None and not token.can_have_figures:
        clause.add_refusal(index, f"{token.text!r} {PART_OF_A_MONTH}")
    else:
        if base:
            clause.base_spans.append(span)
            clause.mark_read(clause.find_neighbour(index, -1, "base", over=5))
        period = write_spans(span.before, span) if both else _write_period(clause, index, span, says)
        slots = {"metric": metric, "reporter": pair.reporter, "partner": pair.partner or "", "period": period,
                 "comparator": comparator, "says": says}  # fmt: skip
        clause.mark_read(index)
        clause.claims.append((index, {name: value for name, value in slots.items() if value}, doubts))
        clause.sentence.context.metric = metric if metric in LEVELS else clause.sentence.context.metric


def write_spans(*spans: Span) -> str:
    """Write one period, for example "2018..2023", or two that are compared, for example "2022->2023"."""
    return "->".join(str(span).replace(" to ", "..") for span in spans)


def _write_period(clause: Clause, index: int, span: Span, says: str) -> str:
    """Write the period of a claim; add the earlier period of a comparison, unless that is the year before."""
    is_ratio = clause.tokens[index].kind == "times"
    has_moved = is_ratio or re.search(r"\b(?:fell|rose) ", says) is not None
    versus = [i for i in clause.find_tokens("period") if has_moved and clause.is_comparison_period(i)]
    spans = list(dict.fromkeys(other for i in versus if (other := clause.tokens[i].span) is not None))
    if len(spans) > 1 or any(other.months != span.months or other.start >= span.start for other in spans):
        versus, spans = [], []
    for i in versus:
        word = i + 1 if clause.get_sense(i + 1, "versus") else clause.find_neighbour(i, -1, "base", over=2)
        clause.mark_read(i, word)
    earlier = clause.base_spans[-1] if is_ratio and clause.base_spans else spans[0] if spans else None
    if earlier is not None and earlier != span.before:
        return write_spans(earlier, span)
    if has_moved and not versus and span.frequency == "A" and span.count > 1:
        # Fell from 2018 to 2023.
        return f"{span.start.year}->{span.end.year}"
    return write_spans(span)


def read_number(clause: Clause, index: int) -> None:
    """Read the number at an index, and add its claim, or the reason for a refusal, to the clause."""
    clause.doubts = []
    _READERS[clause.tokens[index].kind](clause, index)


# Amounts.


def _read_money(clause: Clause, index: int) -> None:
    token = clause.tokens[index]
    is_again = clause.get_word(index - 1) == "(" and index >= 2 and clause.tokens[index - 2].kind == "money"
    if token.unit not in {"USD", *CONVERTED}:
        clause.add_refusal(index, f"no exchange rate is available to convert {token.text}")
    elif is_again:
        clause.add_refusal(index, "the amount repeats another one in another currency")
    elif _is_of_whole(clause, index):
        clause.add_refusal(index, "the amount is the total of a stated share")
    else:
        metric, side = clause.find_metric_and_side(index)
        if metric not in {"visitor_arrivals", "gdp_growth"}:
            _add_amount(clause, index, metric, side)
        else:
            clause.add_refusal(index, f"{metric} is not an amount of money")


def _add_amount(clause: Clause, index: int, metric: str, side: str) -> None:
    """Add the claim of an amount of money: a level, or the size of a rise or fall."""
    token, is_base = clause.tokens[index], clause.is_base_number(index)
    clause.add_doubt("it is unclear what the amount measures", when=_is_of_rank(clause, index))
    move = "" if is_base else clause.read_movement_by(index)
    hedge = clause.read_hedge(index)
    clause.add_doubt("the amount has no scale such as billion", when=_is_without_scale(clause, index))
    has_period = clause.find_neighbour(index, 1, "period", over=2) is not None
    is_second = has_period and any(i < index for i in clause.find_tokens("money"))
    is_other = is_second or (clause.get_word(index - 1) == "the" and clause.get_word(index + 1) not in _MARKS)
    clause.add_doubt("the amount may be a bound or another figure", when=hedge.endswith("than ") and is_other)
    before = [other for other in clause.tokens[:index] if other.text.lower() != "the"]
    is_of_part = len(before) > 1 and before[-1].text.lower() == "of" and before[-2].kind in {"percent", "times"}
    clause.add_doubt("it is unclear what the amount is a part of", when=is_of_part)
    behind = clause.get_sense(index + 1, "move") and not clause.tokens[index + 1].is_korean
    is_difference = bool(behind) and not any(clause.is_number(i) for i in range(index + 2, index + 5))
    is_either = is_difference or clause.get_word(index - 1) == "or"
    clause.add_doubt("the number may be an amount or a change", when=is_either)
    is_than = is_base and (bool(clause.find_tokens("times")) or "than" in map(clause.get_word, range(index - 3, index)))
    clause.add_doubt("it is unclear what the amount is compared with", when=is_than)
    is_balance = metric == "balance"
    side = side or (_find_only_side(clause) if is_balance and token.sign != "-" else "")
    is_either = is_balance and not side and (bool(move) or token.sign != "-")
    clause.add_doubt("the text does not say whether the balance is a deficit or a surplus", when=is_either)
    if move:
        add_claim(clause, index, metric, f"{side} {MOVED[move]} by {hedge}{token.printed_value}".strip())
    else:
        says = f"{side} of {hedge}{token.printed_value}" if side else f"{hedge}{token.printed_value}"
        add_claim(clause, index, metric, says, base=is_base)


def _is_of_rank(clause: Clause, index: int) -> bool:
    """Return whether an amount is perhaps not the pair's trade but, for example, GDP or a ranked economy's trade."""
    topics = [i for i in clause.find_tokens("metric", "side", "trade") if i < index]
    ranks = [i for i in clause.find_tokens("rank") if i < index]
    if not ranks or (topics and topics[-1] > ranks[-1]):
        return bool(clause.find_tokens("whole"))
    # A rank that only describes a partner: "exports to its largest partner, China, rose to $128bn".
    comma = next((i for i in range(index, ranks[-1], -1) if clause.tokens[i].kind == ","), None)
    between = clause.tokens[comma:index] if comma is not None and topics else []
    is_described = any("move" in token or ("level" in token and "mark" not in token) for token in between)
    return not is_described or bool(clause.find_tokens("whole"))


def _is_without_scale(clause: Clause, index: int) -> bool:
    """Return whether an amount lacks the scale of another, for example 211.4 in "from $227.3 billion to $211.4"."""
    amount = clause.tokens[index]
    others = (token for token in clause.sentence.tokens if token.kind == "money" and token is not amount)
    return not amount.scale and amount.number < _LARGE and any(token.scale for token in others)


def _find_only_side(clause: Clause) -> str:
    """Find the clause's only `deficit` or `surplus`, unless it stands beside an amount; empty if there is none."""
    places = clause.find_tokens("side")
    has_amount = any(clause.find_neighbour(place, step, "money") is not None for place in places for step in (-1, 1))
    if len(places) != 1 or has_amount or clause.find_tokens("base"):
        return ""
    clause.mark_read(*places)
    return clause.get_sense(places[0], "side")


# Percentages.


def has_whole(clause: Clause) -> bool:
    """Return whether a clause has a percentage of a whole, such as "19.7 percent of its exports"."""
    return any(_find_whole(clause, i) is not None for i in clause.find_tokens("percent"))


def _find_whole(clause: Clause, index: int) -> int | None:
    """Find the index of a percentage's whole, for example of "exports" in "19.7 percent of its exports"; else None."""
    if clause.get_word(index + 1) != "of":
        return None
    for i in range(index + 2, len(clause.tokens)):
        token = clause.tokens[i]
        if "trade" in token or token.senses.get("metric") in _SHARES:
            return i
        if not token.is_any_of("filler", "own", "economy", "mark", "narrow", "within", "pair"):
            return None
    return None


def _is_of_whole(clause: Clause, index: int) -> bool:
    """Return whether an amount is the whole of a percentage, as in "4.5 percent of its exports of $3.36tn"."""
    wholes = [_find_whole(clause, i) for i in clause.find_tokens("percent") if i < index]
    between = [clause.tokens[i + 1 : index] for i in wholes if i is not None and i < index]
    return any(all(token.is_any_of("level", "filler", "hedge") for token in tokens) for tokens in between)


def _is_of_movement(clause: Clause, index: int) -> bool:
    """Return whether a percentage is of a movement, as in "30 percent of the fall in exports"."""
    after = clause.tokens[index + 2 :] if clause.get_word(index + 1) == "of" else []
    first = next((token for token in after if token.is_any_of("move", "metric", "trade", "side", ",")), None)
    return first is not None and "move" in first


def _is_moved(clause: Clause, index: int) -> bool:
    """Return whether a number is the size of a movement, as in "exports rose 14.1 percent"."""
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
        clause.add_refusal(index, "the text does not say what the percentage is of")
    elif clause.find_tokens("other_basis"):
        clause.add_refusal(index, "only growth on the year before is available")
    else:
        clause.add_doubt("the growth of a balance depends on its sign", when=metric == "balance" and not side)
        clause.add_doubt("the number may be the new rate of growth", when=clause.get_word(index - 1) == "to")
        add_claim(clause, index, metric, f"{side} {MOVED[move]} {says}".strip())


def _is_share(clause: Clause, index: int) -> bool:
    is_other = has_whole(clause) and _is_moved(clause, index)
    return _find_whole(clause, index) is not None or (bool(clause.find_tokens("share")) and not is_other)


def _read_share(clause: Clause, index: int, says: str) -> None:
    is_base, total = clause.is_base_number(index), _find_whole(clause, index)
    clause.mark_read(*clause.find_tokens("share"))
    metric = _find_share(clause, total)
    if not metric:
        clause.add_refusal(index, "the text does not say what the share is of")
        return
    others = [i for i in clause.find_tokens("percent") if i != index]
    several = [i for i in others if not clause.is_base_number(i) and _is_share(clause, i)]
    is_beside = any(clause.find_neighbour(index, step, "period", over=3) is not None for step in (1, -1))
    clause.add_doubt("the number may be any of several shares", when=bool(several) and not (is_base or is_beside))
    # "Its share grew to 2 percent" states a level, "grew 2 percent" a change.
    is_level = clause.get_sense(index + 1, "mark") == "after_to" or (total is not None and not _is_moved(clause, index))
    is_level = is_level or clause.find_neighbour(index, -1, "level", "share", over=1) is not None
    is_either = bool(clause.find_tokens("move")) and not (is_level or is_base or clause.base_spans)
    clause.add_doubt("the number may be a level or a change", when=is_either)
    clause.add_doubt("the text does not say what the share is of", when=_is_of_movement(clause, index))
    clause.mark_read(*clause.find_tokens("move"))
    add_claim(clause, index, metric, says, base=is_base)


def _find_share(clause: Clause, total: int | None) -> str:
    """Find the metric of a share (`export_share`); `total` is the index of "exports" in "20 percent of its exports"."""
    wholes = clause.find_tokens("whole")
    kinds = {clause.get_sense(i, "whole") for i in wholes}
    if "services" in kinds:
        clause.mark_read(*wholes)
        clause.add_doubt("the text does not say what the share is of", when="gdp" not in kinds)
        return "services_in_gdp"
    named = clause.find_metrics(*_SHARES) or clause.find_tokens("trade")
    if total is not None:
        named = [total, *clause.find_metrics(clause.get_sense(total, "metric"))]
        after = clause.tokens[total + 1 : total + 4]
        is_of_pair = clause.get_sense(total + 1, "mark").startswith("before_") and has_any_of(after, "economy")
        clause.add_doubt("the share is of the trade with one partner", when=is_of_pair)
    flows = [clause.get_sense(i, "metric") or "total_trade" for i in named]
    clause.add_doubt("it is unclear which flow the share is of", when=len(set(flows)) > 1)
    clause.mark_read(*named)
    return _SHARES[flows[-1]] if flows else ""


def _read_points(clause: Clause, index: int) -> None:
    move, flows = clause.read_movement(index), clause.find_metrics(*_SHARES)
    if not clause.find_tokens("share") or not flows or not move:
        clause.add_refusal(index, "the text does not say what changed")
        return
    clause.mark_read(*clause.find_tokens("share", "metric"))
    kinds = [clause.get_sense(i, "metric") for i in flows]
    clause.add_doubt("it is unclear which flow the share is of", when=len(set(kinds)) > 1)
    add_claim(clause, index, _SHARES[kinds[-1]], f"{MOVED[move]} {clause.tokens[index].printed_value}")


# Counts, multiples and places.


def _read_count(clause: Clause, index: int) -> None:
    flows = clause.find_tokens("metric")
    is_named = any(word in clause.get_word(index) for word in ("tourist", "visitor", "travel"))
    if flows == clause.find_metrics("visitor_arrivals") and (flows or is_named):
        clause.mark_read(*flows)
        is_base = bool(flows) and clause.is_base_number(index)
        says = f"{clause.read_hedge(index)}{clause.tokens[index].printed_value}"
        add_claim(clause, index, "visitor_arrivals", says, base=is_base)


def _read_times(clause: Clause, index: int) -> None:
    metric, side = clause.find_metric_and_side(index)
    is_range = any(clause.is_range(i) for i in clause.find_tokens("period"))
    is_ratio = "ratio" in clause.tokens[index] and (is_range or bool(clause.find_tokens("basis")))
    is_sure = bool(clause.base_spans) or is_ratio
    clause.add_doubt("it is unclear which period the number is compared with", when=not is_sure)
    add_claim(clause, index, metric, f"{side} {clause.read_hedge(index)}{clause.tokens[index].printed_value}".strip())


def _read_place(clause: Clause, index: int) -> None:
    if ranks := clause.find_tokens("rank"):
        clause.mark_read(*ranks)
        add_claim(clause, index, clause.get_sense(ranks[0], "rank"), str(int(clause.tokens[index].number)))


_READERS = {
    "money": _read_money, "percent": _read_percent, "points": _read_points, "count": _read_count,
    "times": _read_times, "nth": _read_place,
}  # fmt: skip
