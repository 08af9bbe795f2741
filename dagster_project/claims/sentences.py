"""Sentences as they are printed: their parts are found by known names, and become lines.

Here: from `South Korea logged a trade deficit of $18 billion with China in 2023` to `trade deficit KOR CHN 2023 = $18
billion`. Not here: what a line means (`lines`), and judging. There is no grammar: a word that is in no list refuses the
sentence, since it may deny or narrow what the other words say.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from dagster_project.claims import periods
from dagster_project.claims import values as reading
from dagster_project.claims.periods import NUMBERS, Span
from dagster_project.errors import BilateralError
from dagster_project.metrics import catalogue
from dagster_project.reference import economies

if TYPE_CHECKING:
    import duckdb

# The first one since or in so long becomes the comparator that it is.
_MOVED = r"(?P<what> (?:trade )?(?:deficit|surplus|rise|fall|increase|decrease|decline|drop))?"
_ITS_FIRST = r"(?:= )?(?:\b(?:its|the|a) )?\bfirst(?: time)?"
_LONG = r"(?:(?:about|almost|nearly|over|more than|at least) )?[\w-]+ (?:years?|months?)\b"
_THEN = r"\s*(?:처음|최초|첫)(?:으로|로)?(?P<what>\s*(?:적자|흑자|감소|증가))?"
_FIRST = tuple(
    (re.compile(pattern), comparator)
    for pattern, comparator in (
        (rf"{_ITS_FIRST}{_MOVED} since (?:the )?(?P<at>\d{{4}}(?:-\d\d)?)", "first_since"),
        (rf"{_ITS_FIRST}{_MOVED} in (?P<at>{_LONG})", "first_in"),
        (rf"{_ITS_FIRST}[- ]ever{_MOVED}|{_ITS_FIRST}(?P<that> (?:deficit|surplus)) ever", "first_ever"),
        (rf"(?:= )?(?P<at>\d{{4}})년?\s*(?:이후|이래|부터){_THEN}", "first_since"),
        (rf"(?:= )?(?P<at>\d+년)\s*만에{_THEN}", "first_in"),
        (rf"(?:= )?(?:사상|역대){_THEN}", "first_ever"),
    )
)
# What else a sentence says in words that are a comparator; high and low may be said of anything.
_IN_WORDS = (
    *_FIRST,
    (
        re.compile(
            r"\b(?:(?:to|at) )?(?:(?:an?|its) )?(?:(?:new|all-time) )?record(?: high)?\b(?! (?:low|fall|drop))"
            r"(?: of\b)?|(?:사상|역대)\s*(?:최대|최고)(?:치|액|로|를|인|의)*",
            re.IGNORECASE,
        ),
        "record",
    ),
    (re.compile(r"\b(?:in )?(?:every|each) year\b|매년|해마다", re.IGNORECASE), "each"),
)
_COUNTED = "|".join(one for one in NUMBERS if one.isascii())
_NTH = re.compile(rf"(?:\b({_COUNTED}|\d)(?:st|nd|rd|th)?[- ])?\b(?:largest|biggest)\b", re.IGNORECASE)
_HEDGE = (
    r"(?:(?:about|around|almost|nearly|roughly|no (?:more|less) than|(?:more|less|fewer) than|over|above|upwards of"
    r"|at (?:least|most)|under|below|up to|약|거의)\s+)?"
)
# Without one of these a claim may be the contrary.
_NO = re.compile(r"not|no|never|neither|nor|without|except|\w*n't|(?:아니|않|못|없|제외)\w*", re.IGNORECASE)
_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_SCALE = r"(?:[\s-]?(?:trillion|billion|million|thousand|tn|bn|mn|m)\b)?"
_KOREAN = r"\d[\d,.]*(?:\s?[조억만천백십]+\s?(?:\d[\d,.]*)?)*"
_MORE = r"(?:\s?(?:이상|이하|미만|초과))?"
_AMOUNT = re.compile(
    rf"{_HEDGE}(?:\bminus |[-−])?\s?(?:(?:\b(?:US|U\.S\.))?\s?[$€₩]\s?{_NUMBER}{_SCALE}"
    rf"|{_NUMBER}{_SCALE}\s?(?:(?:US|U\.S\.)\s)?(?:dollars?|yuan|won|people)\b|{_KOREAN}\s?(?:달러|위안|원|명){_MORE})",
    re.IGNORECASE,
)
_TO = re.compile(r"\bto(?: an?)?(?: (?:new|all-time))?(?: record)?(?: high)?(?: of)?\s*$", re.IGNORECASE)
_TO_RECORD = re.compile(r"\bto (?:an? |its )?(?:new |all-time )?record\b", re.IGNORECASE)
_PERCENT = re.compile(
    rf"{_HEDGE}{_NUMBER}\s?(?:%p|%포인트|percentage points?|%|per\s?cent\b|퍼센트){_MORE}", re.IGNORECASE
)
_MOVEMENT = re.compile(rf"{reading.NEGATIVE}|{reading.POSITIVE}", re.IGNORECASE)
_TRADE = re.compile(r"\btrade\b|교역", re.IGNORECASE)
# Growth is on the year before, whether this is said or not.
_BASIS = re.compile(
    r"\b(?:from|compared (?:with|to)|over) (?:a year (?:earlier|ago|before)|(?:the )?(?:previous|prior) year)\b"
    r"|\b(?:year|on)[- ](?:on[- ])?year\b|전년\s*(?:동기|동월)?\s*(?:대비|보다|에\s?비해)",
    re.IGNORECASE,
)
_MONTHS = "|".join(name for name in (*calendar.month_name, *calendar.month_abbr) if name)
_OF_PERIOD = re.compile(
    rf"(?:from|to|through|of|the|this|last|previous|year|months?|first|second|third|fourth|half|quarter|q[1-4]|h[12]"
    rf"|(?:19|20)\d\d(?:-\d\d)?|(?:19|20)\d\d년|\d\d?(?:[~-]\d\d?)?월|[1-4]분기|[상하]반기"
    rf"|지난해|작년|재작년|올해|지난달|이달|(?:{_MONTHS})\.?|{_COUNTED})(?:에는|에|은|의)?",
    re.IGNORECASE,
)
_PAIR = ("reporter", "partner")
# How the particles begin that make an economy the partner.
_TOWARDS = {"과", "와", "에", "로", "으"}
_JOINS = {"from", "to", "through", "of", "the"}
BALANCE = "balance"
# Words that say nothing beside the parts.
_BESIDE_IN = {
    "en": "a an the of in on at for was were is are has had have been its it and as between during logged recorded "
    "posted registered ran reported saw reached amounted totaled totalled stood came marked worth trade goods",
    "ko": "로 으로 를 을 이 가 의 은 는 에 에서 와 과 위 기록했다 기록 달했다 했다 됐다 냈다 이었다 였다 이다 집계됐다 "
    "나타났다 규모 무역 무역에서 교역 교역에서 대한 간 사이",
}
_BESIDE = {word for words in _BESIDE_IN.values() for word in words.split()}


@dataclass
class _Text:
    """A sentence in which what has been read is blotted out.

    Args:
        said: The sentence.
        rest: The same, with bars in the place of what is read.
    """

    said: str
    rest: str = field(default="")

    def take(self, pattern: re.Pattern[str]) -> list[re.Match[str]]:
        found = list(pattern.finditer(self.rest))
        for one in found:
            self.blot(*one.span())
        return found

    def blot(self, start: int, end: int) -> None:
        self.rest = self.rest[:start] + "|" * (end - start) + self.rest[end:]


def first(text: str) -> str:
    """A text in which the first one since 1992, or in 31 years, is written as the comparator that it is."""
    for pattern, comparator in _FIRST:
        if found := pattern.search(text):
            return f"{text[: found.start()]} {_comparator(found, comparator)}{text[found.end() :]}"
    return text


def _comparator(found: re.Match[str], comparator: str) -> str:
    said = found.groupdict()
    what = said.get("what") or said.get("that") or ""
    return " ".join(filter(None, [comparator, what.strip(), (said.get("at") or "").strip()]))


def ranked(text: str) -> tuple[int | None, str]:
    """The place that `second-largest` or `largest` says, and the text with `largest` in its stead."""
    found = _NTH.search(text)
    if found is None:
        return (1 if re.search(r"(?<!사상)(?<!역대)(?<!사상 )(?<!역대 )최대", text) else None), text
    place = (found[1] or "first").casefold()
    return NUMBERS.get(place) or int(place), f"{text[: found.start()]}largest{text[found.end() :]}"


def read(connection: duckdb.DuckDBPyConnection, sentence: str, published_on: date) -> list[tuple[str, str]]:
    """The claims that a sentence makes, each as a line, with a sentence on how its parts were read.

    Args:
        connection: A published file, which knows the economies.
        sentence: The sentence.
        published_on: The day from which `last year` is read.

    Raises:
        BilateralError: A part lacks, or a word is left over.
    """
    place, said = ranked(" ".join(sentence.replace("’", "'").split()).rstrip(".!。"))
    text = _Text(said, said)
    firsts = [_comparator(found, word) for pattern, word in _IN_WORDS for found in text.take(pattern)]
    amounts, shares, basis = (text.take(one) for one in (_AMOUNT, _PERCENT, _BASIS))
    # A first deficit is one of the trade balance, if nothing else is named.
    metric = _metric(text) or next((BALANCE for one in firsts if reading.side(one)), None)
    moves = [one[0] for one in text.take(_MOVEMENT)]
    known = catalogue.find(metric) if metric else None
    pair, ahead_of, left = _sides(text, economies.every_name(connection) | economies.ADJECTIVES, known)
    text.rest = re.sub(r"\b(?:to|by|of|at)(?=\s*\|)", lambda one: "|" * len(one[0]), text.rest)
    period = _period(text, published_on)
    compared = _compared(known, place, firsts, amounts, shares, moves, text) if known else []
    parts = {"metric": metric, **{side: said for side, (_, said) in pair.items()}, "period": period and period[0]}
    sides = _PAIR if known is None or known.has_partner else _PAIR[:1]
    lacks = [one for one in ("metric", *sides, "period") if not parts.get(one)]
    lacks += ["value"] if known and not compared else []
    left += [word for word in re.findall(r"[^\W_]+(?:'\w+)?", text.rest) if word.casefold() not in _BESIDE]
    left += [one[0] for one in basis if not shares]
    left += ["every year"] if "each" in firsts and period and period[1].frequency != "A" else []
    if known is None or known.unit != "rank":
        left += ahead_of + (["largest"] if place else [])
    elif place != 1:
        # Only the first one is ahead of all others.
        left += ahead_of
    if lacks or left or known is None or period is None:
        values = [one[0].strip() for one in (*amounts, *shares)]
        given = {
            "metric": metric,
            **{side: pair[side][0] if side in pair else None for side in sides},
            "period": period and str(period[1]).replace(" to ", ".."),
            "value": " ".join([*moves, *values]) if len(values) == 1 and len(moves) < 2 else None,
        }
        raise _unread(parts, given, lacks, left)
    codes = " ".join(code for code, _ in pair.values())
    how = ", ".join(f"{side} {code} ({said})" for side, (code, said) in pair.items())
    since = "" if re.search(r"\d{4}", period[0]) else f", said on {published_on}; --published gives another day"
    how = f"metric {known.name} ({metric}), {how}, period {period[1]} ({period[0]}{since})"
    at, before = (str(span).replace(" to ", "..") for span in (period[1], period[1].before))
    # Growth is on the year before; a balance has none, and is held to that of the year before.
    has_moved = [f"= {move}" for move in moves if known.name == BALANCE]
    lines = [f"{metric} {codes} {f'{before}->{at}' if one in has_moved else at} {one}" for one in compared]
    return [(line, f"Read as {line}: {how}.") for line in lines]


def _unread(
    parts: Mapping[str, str | None], given: Mapping[str, str | None], lacks: list[str], left: list[str]
) -> BilateralError:
    """What is said of a sentence that cannot be read.

    Args:
        parts: Its parts as they stand in it; None for what is not found.
        given: The same as a line has them, with the value.
        lacks: What is not found, or found more than once.
        left: The words that are not understood.
    """
    found = [f"{name} {part}" for name, part in parts.items() if part]
    said = "A claim is read as METRIC REPORTER PARTNER PERIOD COMPARATOR VALUE. "
    said += f"Found: {', '.join(found) or 'none of these'}."
    said += f" Lacking, or more than one: {', '.join(lacks)}." if lacks else ""
    said += f" Not understood: {', '.join(dict.fromkeys(left))}." if left else ""
    *head, value = (part or name.upper() for name, part in given.items())
    line = f"'{' '.join(head)} = {value}'"
    if any(_NO.fullmatch(word) for word in left):
        return BilateralError(said, remedy="Write what it says without a no, as a line.")
    if left:
        return BilateralError(
            said, remedy=f"A word that is not understood may turn what is said around. A claim without it is {line}."
        )
    return BilateralError(said, remedy=f"Try: {line}")


def _compared(
    metric: catalogue.Metric,
    place: int | None,
    firsts: list[str],
    amounts: list[re.Match[str]],
    shares: list[re.Match[str]],
    moves: list[str],
    text: _Text,
) -> list[str]:
    """Comparators with values, one for each claim; none if it is not plain which belong together."""
    if len(moves) == 2 and len(amounts) == len(shares) == 1 and _is_level(amounts[0], text):
        # Fell to so much, down so many per cent.
        falls = [bool(re.search(reading.NEGATIVE, one, re.IGNORECASE)) for one in moves]
        moves = moves[1:] if falls[0] == falls[1] else moves
    if max(len(amounts), len(shares), len(moves), len(firsts)) > 1:
        return []
    if metric.unit == "rank":
        return [f"= {place}"] if place and not (amounts or shares or moves or firsts) else []
    if "record" in firsts and moves and not _TO_RECORD.search(text.said):
        # A record fall is no record.
        return []
    if "each" in firsts and (moves or amounts or shares or not reading.side(text.said.casefold())):
        # Which way each is has to be said by the metric: a deficit, a surplus.
        return []
    found, moved = [], "".join(moves)
    for one in amounts:
        if metric.unit == "percent":
            return []
        by = moved and not shares and not _is_level(one, text)
        said = one[0].strip()
        found.append(f"= {moved} by {said}" if by and moved.isascii() else f"= {said} {moved if by else ''}".rstrip())
        moved = "" if by else moved
    for one in shares:
        if bool(moved) == (metric.unit == "percent" and metric.growth_of is None):
            return []
        found.append(
            f"= {moved} {one[0].strip()}" if moved and moved.isascii() else f"= {one[0].strip()} {moved}".rstrip()
        )
    if moved and not shares:
        found.append(f"= {moved}")
    return found + firsts


def _is_level(amount: re.Match[str], text: _Text) -> bool:
    """Whether an amount is said to be reached: fell to $124.8bn."""
    return bool(_TO.search(text.said[: amount.start()]) or re.match(r"으?로", text.said[amount.end() :]))


def _metric(text: _Text) -> str | None:
    """The name of the one metric that is named; the longest of several names, and None for several metrics."""
    names = {
        called
        for metric in catalogue.load().values()
        if metric.figures and not metric.item
        for called in (metric.name.replace("_", " "), *(one for names in metric.names.values() for one in names))
    }
    every = "|".join(re.escape(one) for one in sorted(names, key=len, reverse=True) if one not in {"trade", "교역"})
    found = text.take(re.compile(rf"(?<![^\W_])(?:{every})s?(?![a-z])", re.IGNORECASE))
    # Trade alone is a metric only where no other is named: "a deficit in trade with China".
    said = [one[0] for one in found or text.take(_TRADE)]
    said = [one if catalogue.find(one) else one.removesuffix("s") for one in said]
    if len({metric.name for one in said if (metric := catalogue.find(one))}) != 1:
        return None
    return next((one for one in said if reading.side(one.casefold())), said[0])


def _sides(
    text: _Text, names: Mapping[str, str], metric: catalogue.Metric | None
) -> tuple[dict[str, tuple[str, str]], list[str], list[str]]:
    """The reporter and the partner, each a code and what is said; the economies that one is ahead of, and others."""
    long, short, korean = (
        "|".join(re.escape(one) for one in sorted(found, key=len, reverse=True))
        for found in (
            [one for one in names if one.isascii() and len(one) >= economies.SHORT],
            [one for one in names if one.isascii() and len(one) < economies.SHORT and one.isupper()],
            [one for one in names if not one.isascii()],
        )
    )
    found = text.take(
        re.compile(
            r"(?:\b(?P<before>ahead of|with|to|from|against|of|in)\s+)?(?:\bthe\s+)?(?<!\w)"
            rf"(?:(?i:(?P<long>{long}|U\.S\.(?:A\.)?))|(?P<short>{short}))(?P<own>'s|')?(?!\w)"
            rf"|(?<!\w)(?P<to>대)?(?P<korean>{korean})(?P<after>{economies.PARTICLES})?(?!\w)"
        )
    )
    has_to = any(one["before"] == "to" for one in found)
    takes = metric.role if metric else "both"
    are_joined = (
        len(found) == len(_PAIR)
        and re.fullmatch(r"\s*(?:and)?\s*", text.said[found[0].end() : found[1].start()])
        # "중국은 한국의 …" says something of China, and whose it is.
        and not (found[0]["after"] in {"은", "는", "이", "가"} and found[1]["after"] == "의")
    )
    roles: dict[str, list[tuple[str, str]]] = {"reporter": [], "partner": [], "ahead of": [], "": []}
    for one in found:
        name = one["long"] or one["short"] or one["korean"]
        role = "" if are_joined and one["to"] is None and not one["before"] else _role(one, name, takes, has_to=has_to)
        roles[role].append((names.get(name) or names.get(name.casefold()) or "USA", one[0]))
    for role in _PAIR:
        if not roles[role] and roles[""]:
            roles[role].append(roles[""].pop(0))
    if not roles["reporter"] and roles["partner"] and (short := roles["partner"][0][1])[:2] in economies.WITH:
        roles["reporter"].append(("KOR", f"as {short[:2]} says"))
    pair = {role: roles[role][0] for role in _PAIR if roles[role]}
    told = {role: code for role, (code, _) in pair.items()}
    others = [said for role in _PAIR for code, said in roles[role] if code != told[role]]
    others += [said for code, said in roles[""] if code not in told.values()]
    return pair, [said for _, said in roles["ahead of"]], others


def _role(one: re.Match[str], name: str, takes: str, *, has_to: bool) -> str:
    """Whether what stands around an economy makes it the reporter or the partner; nothing if it does not say."""
    before, after = one["before"], one["after"] or ""
    is_of = name.casefold() in economies.ADJECTIVES
    if before == "ahead of":
        return before
    if takes in {"host", "importer"}:
        # Goods and travellers come from the partner to the reporter.
        if before == "from" or (is_of and (takes == "host" or before == "of")):
            return "partner"
        if before in {"to", "in"}:
            return "reporter"
    if before == "from":
        return "reporter" if has_to else "partner"
    if before in {"with", "to", "against"} or one["to"] or name in economies.WITH or after[:1] in _TOWARDS:
        return "partner"
    return "reporter" if before == "of" or one["own"] or is_of or after == "의" else ""


def _period(text: _Text, published_on: date) -> tuple[str, Span] | None:
    """The one period that is named, as it is said, and what it is; None if there is none, or more than one."""
    tokens = list(re.finditer(r"[^\s|,:;()]+", text.rest))
    found: list[tuple[str, Span, int, int]] = []
    start = 0
    while start < len(tokens):
        for end in range(min(len(tokens), start + 12), start, -1):
            run = tokens[start:end]
            said = text.rest[run[0].start() : run[-1].end()]
            if (
                "|" in said
                or not all(_OF_PERIOD.fullmatch(one[0]) for one in run)
                or {run[0][0].casefold(), run[-1][0].casefold()} & (_JOINS - {"from"})
            ):
                continue
            # The year to May may be five months, or twelve.
            if re.search(r"(?<!last )(?<!this )(?<!previous )\byear\b", said, re.IGNORECASE):
                continue
            if (run[0][0].casefold() == "from" and len(run) < 4) or said.casefold() in {
                "may",
                "first",
                "second",
                "year",
            }:
                continue
            bare = re.sub(r"(?<=[년월해기달])(?:에는|에|은|의)(?=\s|$)", "", said)
            with suppress(BilateralError):
                found.append((bare, periods.read(bare, published_on), run[0].start(), run[-1].end()))
                start = end - 1
                break
        start += 1
    if len(found) != 1:
        return None
    said, span, begins, ends = found[0]
    text.blot(begins, ends)
    return said, span
