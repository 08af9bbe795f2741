"""Values as they are printed: `$55.6 billion`, `556억 달러`, `(55.6bn)`, `57 percent`, `about twofold`, `third deficit`.

Here: the closed types of a value, of a comparator and of a unit, and reading a printed value into them. Not here: writing
values (`printed`), periods (`periods`), which of them a metric takes (`compiling`), and comparing (`comparison`).

A text is read word by word from one table of words. A word that is not in it is refused: it may deny or narrow what the
others say.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from enum import StrEnum

from dagster_project.claims.periods import NUMBERS
from dagster_project.claims.printed import SCALES
from dagster_project.errors import BilateralError


class Comparator(StrEnum):
    """How a claimed value is held against the figures."""

    EQUALS = "equals"
    APPROXIMATELY = "approximately"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    MORE_THAN = "more_than"
    LESS_THAN = "less_than"
    SHARE = "share"
    SIGN = "sign"
    SIGN_CHANGE = "sign_change"
    FIRST_SINCE = "first_since"
    RECORD = "record"
    TREND = "trend"
    BEFORE = "before"
    AFTER = "after"
    COUNT = "count"
    # Only claims without SQL have these, which become some of those above.
    FIRST_IN = "first_in"
    FIRST_EVER = "first_ever"
    RECORD_SINCE = "record_since"
    STREAK = "streak"
    EACH = "each"


BOUNDS = (Comparator.AT_LEAST, Comparator.AT_MOST, Comparator.MORE_THAN, Comparator.LESS_THAN)
# The same bound of the negative number.
OPPOSITE = {
    Comparator.AT_LEAST: Comparator.AT_MOST,
    Comparator.AT_MOST: Comparator.AT_LEAST,
    Comparator.MORE_THAN: Comparator.LESS_THAN,
    Comparator.LESS_THAN: Comparator.MORE_THAN,
}
WITHOUT_SQL = (
    Comparator.FIRST_IN,
    Comparator.FIRST_EVER,
    Comparator.RECORD_SINCE,
    Comparator.STREAK,
    Comparator.EACH,
)


class Kind(StrEnum):
    """What a value is of, as a refusal calls it."""

    MONEY = "an amount of money"
    PERCENT = "per cent"
    POINTS = "percentage points"
    TIMES = "a multiple"
    COUNT = "a number of people"
    PLAIN = "a number"
    PLACE = "a place in a row"
    LENGTH = "how long"
    TIME = "when"


@dataclass(frozen=True)
class Quantity:
    """A number with its kind, as it was printed.

    Args:
        kind: What it is of.
        number: The number, in its scale; below zero with a minus or in brackets.
        unit: The currency of money, or years or months of a length; None of other kinds.
        scale: The power of ten it is printed in.
        decimals: Its decimals, in that scale.
    """

    kind: Kind
    number: float
    unit: str | None = None
    scale: str | None = None
    decimals: int = 0

    @property
    def factor(self) -> float:
        """What the number is multiplied by to be in full units."""
        return SCALES[self.scale][0] if self.scale else 1.0


@dataclass(frozen=True)
class Said:
    """A printed value, read.

    Args:
        text: The text.
        quantity: The number; None if there are only words.
        bound: A bound or approximately; None if it is said as it is.
        side: -1 for a deficit, 1 for a surplus, 0 if neither is said.
        move: -1 for a fall, 1 for a rise, 0 if neither is said.
        by: True if the number is by how much something moved, False if to how much; None if it does not say.
    """

    text: str = ""
    quantity: Quantity | None = None
    bound: Comparator | None = None
    side: int = 0
    move: int = 0
    by: bool | None = None

    @property
    def is_of(self) -> Kind | None:
        """The kind of its number."""
        return self.quantity.kind if self.quantity else None


_SCALED = {
    "trillion": "trillion", "tn": "trillion", "trn": "trillion", "billion": "billion", "bn": "billion", "b": "billion",
    "bln": "billion", "million": "million", "mn": "million", "m": "million", "mln": "million", "thousand": "thousand",
    "k": "thousand", "hundred million": "hundred million", "ten thousand": "ten thousand",
}  # fmt: skip
_WORTH = {"조": 1e12, "억": 1e8, "만": 1e4, "천": 1e3, "백": 1e2, "십": 10.0}
_BY_FACTOR = {factor: name for name, (factor, _) in SCALES.items()}
_MULTIPLES = {
    "twofold": 2.0, "doubled": 2.0, "double": 2.0, "tripled": 3.0, "threefold": 3.0, "quadrupled": 4.0,
    "fourfold": 4.0, "halved": 0.5, "half": 0.5, "두 배": 2.0, "세 배": 3.0, "네 배": 4.0, "절반": 0.5,
}  # fmt: skip
# More digits than any figure has are no amount, and a longer text is no value.
_DIGITS, _LONGEST = 24, 300

NEGATIVE = (
    r"\b(?:down|less|fell|fall\w*|drop\w*|declin\w*|decreas\w*|shr[aiu]nk\w*|slump\w*|plung\w*|slid|lower|loss)\b"
    r"|감소\w*|줄\w*|하락\w*|급감\w*"
)
POSITIVE = (
    r"\b(?:up|more|rose|ris\w*|grew|grow\w*|increas\w*|higher|climb\w*|jump\w*|surg\w*)\b|증가\w*|늘\w*|상승\w*|급증\w*"
)
_DEFICIT, _SURPLUS = r"\bdeficits?\b|적자", r"\bsurplus\w*|흑자"
_DOLLARS = {
    "AUD": r"\b(?:A|AU)\$|australian dollars?|호주\s?달러",
    "CAD": r"\b(?:C|CA)\$|canadian dollars?|캐나다\s?달러",
    "HKD": r"\bHK\$|hong kong dollars?|홍콩\s?달러",
    "NZD": r"\bNZ\$|new zealand dollars?|뉴질랜드\s?달러",
    "SGD": r"\bS\$|singapore(?:an)? dollars?|싱가포르\s?달러",
    "TWD": r"\bNT\$|(?:new )?taiwan(?:ese)? dollars?|대만\s?달러",
    "BRL": r"\bR\$|\breais\b|\breals?\b",
    "another dollar": r"\b(?!US)[A-Z]{1,3}\$",
    "EUR": r"€|\beuros?\b|\beur\b|유로화?",
    "GBP": r"£|\bpounds?(?: sterling)?\b|\bgbp\b|파운드",
    "CNY": r"\b(?:CN|RMB ?)¥|\byuan\b|\brmb\b|\bcny\b|\brenminbi\b|위안화?|元",
    "JPY": r"\bJP¥|\byen\b|\bjpy\b|엔화?",
    "¥ (yen or yuan)": r"¥|￥",
    "INR": r"₹|\brupees?\b",
    "CHF": r"\b(?:swiss )?francs?\b|\bchf\b",
    "KRW": r"₩|\bwon\b|\bkrw\b|원화?",
    "USD": r"\bu\.?s\.?\s?\$|\b(?:u\.?s\.? )?dollars?\b|\busd\b|\$|(?:미국|미)?\s?달러화?|불(?![가-힣])",
}
CURRENCIES = {re.sub(r"\W+", "_", name): name for name in _DOLLARS}
_COUNTED = "|".join(one for one in NUMBERS if one.isascii())
_NUMBER = r"\d[\d,]*(?:\.\d+)?|\.\d+"
_SCALE = "|".join(sorted(_SCALED, key=len, reverse=True))
# What a text is made of; of two patterns that fit at a place, the first is read.
_WORDS = (
    ("basis", r"\bcompared (?:to|with)\b"),
    ("time", r"\b(?:since|from|in|until|till|before|after|by)\s+(?:19|20)\d\d\b(?![,.]\d)"
             r"|\b(?:19|20)\d\d\s*년?\s*(?:이후|이래|부터|까지|에)"),
    ("at_least", r"\b(?:no|not) (?:less|fewer) than\b|\bat least\b|>=|≥|이상"),
    ("at_most", r"\b(?:no|not) more than\b|\bat most\b|\bup to\b|<=|≤|이하"),
    ("more_than", r"\bmore than\b|\bover\b|\babove\b|\bexceed\w*|\bupwards of\b|\bsurpass\w*|\btopp(?:ed|ing)\b|>"
                  r"|초과|넘\w*|돌파\w*|상회\w*|웃돌\w*"),
    ("less_than", r"\b(?:less|fewer) than\b|\bunder\b|\bbelow\b|\bshort of\b|<|미만|못\s?미\w*|하회\w*|밑돌\w*"),
    ("approximately", r"\babout\b|\baround\b|\balmost\b|\bnearly\b|\broughly\b|\bsome\b|\bapprox(?:imately)?\b\.?"
                      r"|\bclose to\b|~|약(?![가-힣])|거의|가까\w*|육박\w*|안팎\w*|정도\w*|가량\w*"),
    ("people", r"\b(?:people|persons?|visitors?|tourists?|travell?ers?|arrivals?)\b|명"),
    ("points", r"percentage[- ]points?|%\s?p(?:oints?)?\b|%포인트|퍼센트\s?포인트|\bpp\b|\bp\.p\.?"),
    ("percent", r"%|\bper\s?cent\b|퍼센트|프로"),
    ("quarter", r"\b(?:a|one)[ -]quarter\b"),
    ("third_of", r"\b(?:a|one)[ -]third\b"),
    ("fifth_of", r"\b(?:a|one)[ -]fifth\b"),
    ("years", r"(?<![a-z])years?\b|년\s*(?:연속|만에|째)|(?<=\d)\s*년|개년|(?<![a-z])decades\b"),
    ("months", r"(?<![a-z])months?\b|개월"),
    ("minus", r"\bminus\b|마이너스|[▲△]|(?<![\d\w])-(?=\s?[$₩€£¥\d(a-z])"),
    ("times", r"(?<=\d)\s*(?:배|times\b|-?\s?fold\b|x\b)"),
    ("multiple", "|".join(rf"\b{one}\b" for one in _MULTIPLES)),
    ("deficit", _DEFICIT),
    ("surplus", _SURPLUS),
    ("by_korean", r"만큼"),
    ("fell", NEGATIVE),
    ("rose", POSITIVE),
    ("to", r"\bto\b|(?<=[러안원명%])으?로(?![가-힣])"),
    ("by", r"\bby\b"),
    *((name, pattern) for name, pattern in zip(CURRENCIES, _DOLLARS.values(), strict=True)),
    ("nth_largest", rf"\b(?:{_COUNTED}|\d\d?(?:st|nd|rd|th))[- ](?:largest|biggest|highest)\b"),
    ("korean", r"\d[\d,.]*\s*[조억만천백십](?:[\d,.\s조억만천백십]*[\d조억만천백십])?"),
    ("number", rf"(?:{_NUMBER})(?:(?:st|nd|rd|th)\b|\s*(?:위|번째)|(?:\s*-?\s*(?:{_SCALE})s?(?![a-z])))?"),
    ("of_whole", r"\bof (?:(?:its|all|total|the) ){0,3}(?:exports|imports|trade|gdp|economy)\b"),
    ("word", r"[^\W\d_]+(?:'\w+)?"),
)  # fmt: skip
_TOKENS = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _WORDS), re.IGNORECASE)
# What may stand beside a value without changing it.
_BESIDE = {
    *[
        "a",
        "an",
        "the",
        "of",
        "at",
        "in",
        "on",
        "its",
        "it",
        "was",
        "is",
        "were",
        "are",
        "be",
        "been",
        "for",
        "and",
        "since",
        "from",
        "until",
        "total",
        "totaled",
        "totalled",
        "amounted",
        "reached",
        "stood",
        "recorded",
        "logged",
        "posted",
        "registered",
        "hit",
        "came",
        "worth",
        "value",
        "valued",
        "trade",
        "goods",
        "partner",
        "market",
        "place",
        "rank",
        "ranked",
        "ranks",
        "high",
        "row",
        "straight",
        "consecutive",
        "time",
        "times",
        "compared",
        "with",
        "previous",
        "earlier",
        "ago",
        "last",
        "same",
        "period",
        "yoy",
        "y",
        "only",
        "just",
        "annual",
        "annually",
        "on-year",
        "balance",
    ],
    *[
        "로",
        "으로",
        "를",
        "을",
        "이",
        "가",
        "의",
        "은",
        "는",
        "에",
        "나",
        "위",
        "번째",
        "째",
        "제",
        "총",
        "기록",
        "기록했다",
        "달했다",
        "달성",
        "였다",
        "이었다",
        "했다",
        "됐다",
        "했고",
        "규모",
        "수준",
        "전년",
        "전년보다",
        "대비",
        "동기",
        "동월",
        "연속",
        "만에",
        "만",
        "년",
        "처음",
        "처음으로",
        "이후",
        "이래",
        "부터",
        "쯤",
        "넘게",
    ],
}
_YEAR = re.compile(r"\s*(?:19|20)\d\d\s*")
_BRACKETS = re.compile(r"\s*((?:us)?\$|[₩€])?\s*\(\s*([^()]*\d[^()]*)\)\s*(.*)", re.IGNORECASE)
_EXAMPLES = "Write it as printed: $55.6 billion, -18bn, 556억 달러, 1.2 trillion won, 57 percent, twofold."


def side(text: str) -> int:
    """-1 if a text says deficit, 1 if it says surplus, else 0."""
    return -1 if re.search(_DEFICIT, text, re.IGNORECASE) else int(bool(re.search(_SURPLUS, text, re.IGNORECASE)))


def amounts(text: str) -> list[tuple[float, Kind | None]]:
    """The numbers with a scale, a unit or decimals that a text prints, each in full units with its kind if that is said."""
    found = [(match.lastgroup or "", match[0].casefold()) for match in _TOKENS.finditer(text)]
    kinds = {"points": Kind.POINTS, "percent": Kind.PERCENT, "people": Kind.COUNT, "times": Kind.TIMES}
    kinds |= dict.fromkeys(CURRENCIES, Kind.MONEY)
    numbers = []
    for at, (name, word) in enumerate(found):
        number = {"number": _english, "korean": _korean}.get(name, lambda _: None)(word)
        if number is None or sum(one.isdigit() for one in word) > _DIGITS:
            continue
        after, before = ([one for one, _ in found[start : start + 1]] for start in (at + 1, max(at - 1, 0)))
        kind = next((kinds[one] for one in (*after, *before) if one in kinds), None)
        if kind or number[1] or number[2] or "," in word:
            numbers.append((number[0] * (SCALES[number[1]][0] if number[1] else 1.0), kind))
    return numbers


def read(text: object) -> Said:
    """Read a printed value.

    Raises:
        BilateralError: It has more than one number, a word that is not known, or nothing that is.
    """
    said = " ".join(str(text)[: _LONGEST + 1].replace("−", "-").replace("–", "-").replace("’", "'").split())
    if len(said) > _LONGEST:
        raise BilateralError(f"A value has at most {_LONGEST} characters.", remedy=_EXAMPLES)
    if _YEAR.fullmatch(said):
        return Said(said, Quantity(Kind.TIME, float(said)))
    plain, is_negative = said, False
    if (bracketed := _BRACKETS.fullmatch(said)) is not None:
        # So accountants write a number below zero.
        plain, is_negative = f"{bracketed[1] or ''}{bracketed[2]} {bracketed[3]}", True
    found = [(match.lastgroup or "", match[0].casefold()) for match in _TOKENS.finditer(plain)]
    if marks := re.findall(r"[^\w\s,.;:'\"()/-]", _TOKENS.sub("", plain)):
        raise BilateralError(f"{said} is no value: {marks[0]} is not understood.", remedy=_EXAMPLES)
    kinds = {name for name, _ in found}
    words = [word for name, word in found if name == "word" and word not in _BESIDE and word not in NUMBERS]
    if words:
        raise BilateralError(
            f"{said} is no value: {', '.join(words)} is not understood, and may change what is said.",
            remedy="Leave it out if it does not: $55.6 billion, 556억 달러, 57 percent.",
        )
    bounds = [Comparator(name) for name, _ in found if name in {*BOUNDS, Comparator.APPROXIMATELY}]
    move = _one(said, kinds, "fell", "rose")
    which = _one(said, kinds, "deficit", "surplus")
    is_negative |= "minus" in kinds
    if len(set(bounds)) > 1 or (is_negative and (move > 0 or which > 0)):
        raise BilateralError(f"{said} says two things at once.", remedy="Write one of them.")
    quantity = _quantity(said, found, kinds)
    bound = bounds[0] if bounds else None
    if quantity is None and not (move or which):
        raise BilateralError(f"{said} is no value.", remedy=_EXAMPLES)
    if quantity is not None and bound is None and kinds & {"quarter", "third_of", "fifth_of", "multiple"}:
        bound = Comparator.APPROXIMATELY
    if quantity is not None and is_negative:
        quantity = replace(quantity, number=-quantity.number)
    return Said(said, quantity, bound, which, move, _has_moved_by(said, kinds) if move else None)


def _one(said: str, kinds: set[str], negative: str, positive: str) -> int:
    if {negative, positive} <= kinds:
        raise BilateralError(f"{said} says {negative} and {positive}.", remedy="Write one of them.")
    return -1 if negative in kinds else int(positive in kinds)


def _has_moved_by(said: str, kinds: set[str]) -> bool | None:
    if "to" in kinds:
        return False
    # In Korean an amount without 로 before the word of movement is by how much: 43억 달러 증가했다.
    korean = (
        r"[러안원명]\s*(?:이상|초과|미만|이하|넘게|가까이|가량|안팎|정도|쯤)?\s*(?:증가|감소|늘|줄|상승|하락|급증|급감)"
    )
    return True if kinds & {"by", "by_korean"} or re.search(korean, said) else None


def _quantity(said: str, found: list[tuple[str, str]], kinds: set[str]) -> Quantity | None:
    """The one number of a text; None if it has only words."""
    parts = {"quarter": 25.0, "third_of": 33.0, "fifth_of": 20.0}
    numbers = [(name, word) for name, word in found if name in {"number", "korean", "multiple", *parts, "time"}]
    spoken = [NUMBERS[word] for name, word in found if name == "word" and word in NUMBERS]
    spoken += [
        NUMBERS.get(nth := word.rpartition(" ")[0] or word.rpartition("-")[0]) or int(re.sub(r"\D", "", nth))
        for name, word in found
        if name == "nth_largest"
    ]
    if not numbers:
        if not spoken:
            return None
        unit = _unit(said, kinds)
        kind = Kind.PLACE if unit[0] is Kind.PLAIN else unit[0]
        return Quantity(kind, float(spoken[0]), unit[1])
    if len(numbers) + len(spoken) > 1:
        raise BilateralError(f"{said} is no value: it has more than one number.", remedy=_EXAMPLES)
    ((name, word),) = numbers
    if name == "time":
        return Quantity(Kind.TIME, float(re.sub(r"\D", "", word)))
    if name in parts:
        return Quantity(Kind.PERCENT, parts[name])
    if name == "multiple":
        return Quantity(Kind.TIMES, _MULTIPLES[word], decimals=int(_MULTIPLES[word] < 1))
    if sum(one.isdigit() for one in word) > _DIGITS:
        raise BilateralError(f"A value has at most {_DIGITS} digits.", remedy=_EXAMPLES)
    kind, unit = _unit(said, kinds)
    if re.search(r"(?:st|nd|rd|th|위|번째)$", word) and kind is Kind.PLAIN:
        kind = Kind.PLACE
    number = _korean(word) if name == "korean" else _english(word)
    if number is None:
        raise BilateralError(f"{said} is no value.", remedy=_EXAMPLES)
    value, scale, decimals = _without_zeros(*number)
    if kind is Kind.LENGTH and scale:
        # An amount of so much in the year.
        kind, unit = Kind.PLAIN, None
    return Quantity(kind, value, unit, scale, decimals)


def _unit(said: str, kinds: set[str]) -> tuple[Kind, str | None]:
    """The one unit that is named."""
    named = {
        "people": Kind.COUNT, "points": Kind.POINTS, "percent": Kind.PERCENT, "times": Kind.TIMES,
        "years": Kind.LENGTH, "months": Kind.LENGTH,
    }  # fmt: skip
    # A year beside a number with a unit of its own is no length: 3% from a year earlier.
    lengths = kinds & {"years", "months"}
    others = (kinds & (named.keys() | CURRENCIES.keys())) - lengths
    units = others or lengths
    if len(units) > 1:
        raise BilateralError(f"{said} is no value: it has two units.", remedy=_EXAMPLES)
    if not units:
        return Kind.PLAIN, None
    (unit,) = units
    if unit in CURRENCIES:
        return Kind.MONEY, CURRENCIES[unit]
    return named[unit], unit if unit in lengths else None


def _english(word: str) -> tuple[float, str | None, int] | None:
    found = re.fullmatch(rf"({_NUMBER})(?:st|nd|rd|th|\s*(?:위|번째))?(?:\s*-?\s*([a-z ]+))?", word)
    if found is None:
        return None
    digits, scale = found[1].replace(",", ""), found[2] or ""
    return float(digits), _SCALED.get(scale) or _SCALED.get(scale.removesuffix("s")), _decimals(digits)


def _korean(word: str) -> tuple[float, str | None, int] | None:
    """A number of parts such as 5억3000만 or 3백57억, with its last printed digit as its precision.

    Zeros at the end of a part below another one are not counted as printed: 5억3000만 is 5.3억.
    """
    number = re.sub(r"[\s,]", "", word).rstrip(".")
    if not re.fullmatch(r"(?:(?:\d+(?:\.\d+)?)?[조억만천백십])*(?:\d+(?:\.\d+)?)?", number):
        return None
    parts = re.findall(r"([\d.천백십]+)([조억만]?)", number)
    total, digit, largest = 0.0, 1.0, 1.0
    for digits, unit in parts:
        factor = _WORTH.get(unit, 1.0)
        value, smallest = _below_ten_thousand(digits)
        total += value * factor
        digit, largest = smallest * factor, max(largest, factor)
    if len(parts) > 1:
        while digit < largest and round(total / digit) % 10 == 0:
            digit *= 10
    decimals = max(0, round(math.log10(largest / digit)))
    return round(total / largest, decimals), _BY_FACTOR.get(largest), decimals


def _below_ten_thousand(digits: str) -> tuple[float, float]:
    """A number such as 3백57 or 3000, and its last digit's worth."""
    total, rest, smallest = 0.0, digits, 1.0
    for letter in "천백십":
        before, mark, after = rest.partition(letter)
        if mark:
            total += float(before or 1) * _WORTH[letter]
            rest, smallest = after, _WORTH[letter]
    return (total + float(rest), 10.0 ** -_decimals(rest)) if rest else (total, smallest)


def _without_zeros(number: float, scale: str | None, decimals: int) -> tuple[float, str | None, int]:
    """A number in a larger scale, where the zeros that a long one ends with are rounding: 8,070,000 is 8.07 million."""
    digits = f"{number:.0f}"
    zeros = len(digits) - len(digits.rstrip("0"))
    is_long = len(digits) >= 7 and zeros and scale is None
    if decimals or not (is_long or (len(digits) >= 5 and zeros >= 3)):
        return number, scale, decimals
    factor = SCALES[scale][0] if scale else 1.0
    larger = max((one for one in (1e3, 1e6, 1e9, 1e12) if one <= number * factor), default=1.0)
    decimals = max(0, round(math.log10(larger / factor)) - zeros)
    return round(number * factor / larger, decimals), _BY_FACTOR.get(larger), decimals


def _decimals(digits: str) -> int:
    return len(digits.partition(".")[2])
