"""Values as newspapers print them: `$55.6 billion`, `556억 달러`, `5억3000만 달러`, `57 percent`, `about twofold`.

Here: reading a printed value with its unit, scale, decimals, sign and hedge. Not here: writing values (`printed`),
periods (`periods`), and comparing (`comparators`).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from dagster_project.claims.periods import NUMBERS
from dagster_project.claims.printed import SCALES
from dagster_project.errors import BilateralError

_UNITS = (
    ("pp", r"percentage[- ]points?|%\s?p(?:oints?)?\b|%포인트|퍼센트\s?포인트|\bpp\b|p\.p\."),
    ("%", r"%|\bper\s?cent\b|\bpercent\b|퍼센트|프로"),
    ("CNY", r"\byuan\b|\brmb\b|\bcny\b|renminbi|위안|元"),
    ("KRW", r"\bwon\b|\bkrw\b|₩|(?<=[\d조억만천백십])\s*원"),
    ("EUR", r"\beuros?\b|\beur\b|€|유로"),
    ("USD", r"\bu\.?s\.?\s?(?:dollars?|\$)|us\$|\$|\bdollars?\b|\busd\b|달러|불\b"),
    ("persons", r"\bpeople\b|\bpersons?\b|\bvisitors?\b|\btourists?\b|\btravell?ers?\b|\barrivals?\b|명"),
    ("years", r"\byears?\b|년\s*(?:연속|만에|째)|(?<=\d)\s*년|개년"),
    ("months", r"\bmonths?\b|개월"),
)
_HEDGES = (
    ("at_least", (r"(?<!no )more than|over\b|at least|above|exceed\w*|upwards of|no less than|>=?"
                  r"|이상|넘\w*|초과|돌파|상회")),
    ("at_most", r"(?<!no )less than|fewer than|under\b|at most|below|no more than|up to|<=?|미만|이하|못\s?미\w*|하회"),
    ("approximately", r"about|around|almost|nearly|roughly|some\b|approx|close to|~|약|거의|가까|육박|안팎|정도|가량"),
)  # fmt: skip
_DEFICIT, _SURPLUS = r"\bdeficits?\b|적자", r"\bsurplus\w*|흑자"
NEGATIVE = (
    r"\bdown\b|\bfell\b|\bfall\w*|\bdrop\w*|\bdeclin\w*|\bdecreas\w*|\bshr[aiu]nk\w*|\blower\b|\bless\b"
    r"|\bminus\b|\bloss\b|감소\w*|줄\w*|하락\w*|급감\w*|마이너스|▲|△"
)
# An amount before one of these words is by how much, with or without a word for nearly so.
_BY_SO_MUCH = r"(?<=[러안원명])\s*(?:이상|넘게|가까이|가량|안팎|정도|쯤)?\s*(?:증가|감소|늘|줄|상승|하락|급증|급감)"
POSITIVE = r"\bup\b|\brose\b|\bris\w*|\bgrew\b|\bgrow\w*|\bincreas\w*|\bhigher\b|증가\w*|늘\w*|상승\w*|급증\w*"
_TIMES: dict[str, float] = {
    "twofold": 2,
    "doubled": 2,
    "double": 2,
    "tripled": 3,
    "threefold": 3,
    "quadrupled": 4,
    "fourfold": 4,
}
_TIMES |= {"halved": 0.5, "half": 0.5, "두 배": 2, "세 배": 3, "네 배": 4, "절반": 0.5}
_PARTS = {r"\b(?:a|one)[ -]quarter\b": 25, r"\b(?:a|one)[ -]third\b": 33, r"\b(?:a|one)[ -]fifth\b": 20}
_KOREAN = {"조": 1e12, "억": 1e8, "만": 1e4}
_SMALL = {"천": 1e3, "백": 1e2, "십": 10}
_ENGLISH = {
    "trillion": "trillion", "tn": "trillion", "billion": "billion", "bn": "billion", "b": "billion",
    "million": "million", "mn": "million", "m": "million", "mln": "million", "bln": "billion",
    "thousand": "thousand", "k": "thousand", "hundred million": "hundred million", "ten thousand": "ten thousand",
}  # fmt: skip
# What may stand beside a value without changing it. Any other word is refused: it may deny or narrow what is said.
_BESIDE_IN = {
    "en": "a an the of by at in to on its it was is were are be been for and since from until total "
    "totaled totalled amounted reached stood recorded logged posted registered hit came worth value valued trade "
    "goods partner market place rank ranked ranks high row straight consecutive time times compared with previous "
    "earlier ago last same period yoy y year years month months balance only just annual annually on-year",
    "ko": "로 으로 를 을 이 가 의 은 는 에 나 위 번째 째 제 총 기록 기록했다 달했다 달성 였다 이었다 했다 됐다 "
    "했고 규모 수준 전년 전년보다 대비 동기 동월 연속 만에 만 년 처음 처음으로 이후 이래 부터",
}
_BESIDE = {word for words in _BESIDE_IN.values() for word in words.split()}
# A time, which is no amount.
_TIME = re.compile(
    r"\b(?:since|from|in|until|till|before|after|by)\s+(?:19|20)\d\d\b(?![,.]\d)"
    r"|\b(?:19|20)\d\d\s*년?\s*(?:이후|이래|부터|까지|에)"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_BY_FACTOR = {factor: name for name, (factor, _) in SCALES.items()}
# A Korean number: 5억3000만, 3백57억, 1.2조.
_PARTS_OF_KOREAN = re.compile(r"(?:(?:\d+(?:\.\d+)?)?[조억만천백십])*(?:\d+(?:\.\d+)?)?")

# A number with its scale, in either language.
_DIGITS = re.compile(
    rf"[\d.,]+(?:st|nd|rd|th)?(?:\s*-?\s*(?:{'|'.join(sorted(_ENGLISH, key=len, reverse=True))})s?\b)?"
    r"|(?<=[\d\s])[조억만천백십]+(?=[\d\s.]|$)"
)


@dataclass(frozen=True)
class Said:
    """A value as it was printed.

    Args:
        value: The number, in its scale, without a sign. None if there are only words.
        unit: Its unit; None if none is printed.
        scale: The power of ten it is printed in.
        decimals: Its decimals, in that scale.
        hedge: `at_least`, `at_most` or `approximately`; None if it is said as it is.
        side: -1 for a deficit, 1 for a surplus, 0 if neither is said.
        sign: -1 for a minus or a fall, 1 for a rise, 0 if neither is said.
    """

    value: float | None
    unit: str | None = None
    scale: str | None = None
    decimals: int = 0
    hedge: str | None = None
    side: int = 0
    sign: int = 0


def read(text: object) -> Said:
    """What a printed value says.

    Raises:
        BilateralError: There is more than one number in it, or nothing that is known.
    """
    said = " ".join(str(text).casefold().replace("−", "-").replace("–", "-").split())
    rest = said
    hedge = unit = None
    for name, words in _HEDGES:
        if (found := re.search(words, rest)) is not None:
            hedge, rest = name, f"{rest[: found.start()]} {rest[found.end() :]}"
            break
    sign = -1 if re.search(NEGATIVE, rest) or re.search(r"(?<![\d\w])-\s?[$₩€\d(a-z]", rest) else 0
    sign = sign or int(re.search(POSITIVE, rest) is not None)
    which = side(rest)
    part = next((pct for words, pct in _PARTS.items() if re.search(words, rest)), None)
    if part is not None and not re.search(r"\d", rest):
        return Said(part, "%", hedge=hedge or "approximately", sign=sign)
    times = next((number for word, number in _TIMES.items() if re.search(rf"\b{word}\b", rest)), None)
    if times is not None and not re.search(r"\d", rest):
        return Said(times, "ratio", None, 0 if times >= 1 else 1, hedge or "approximately", sign=sign)
    if (found := re.search(r"(\d[\d,]*(?:\.\d+)?)\s*(?:배|times|-?fold|x\b)", rest)) is not None:
        return Said(float(found[1].replace(",", "")), "ratio", None, _decimals(found[1]), hedge, sign=sign)
    for name, words in _UNITS:
        if re.search(words, rest):
            unit, rest = name, re.sub(words, " ", rest)
            break
    rest = re.sub(rf"{_DEFICIT}|{_SURPLUS}|{NEGATIVE}|{POSITIVE}", " ", rest)
    number = _korean(rest) if re.search(r"\d\s*[조억만천백십]", rest) else _english(rest)
    if number is None and not re.search(r"\d", rest):
        word = next((NUMBERS[one] for one in re.findall(r"\w+", rest) if one in NUMBERS), None)
        if word or which or sign:
            _refuse_others(text, re.sub(r"\w+", lambda one: "" if one[0] in NUMBERS else one[0], rest))
            return Said(word, unit, hedge=hedge, side=which, sign=sign)
    if number is None:
        raise BilateralError(
            f"{text!s} is no value.",
            remedy="Write it as printed: $55.6 billion, -18bn, 556억 달러, 1.2 trillion won, 57 percent, twofold.",
        )
    value, scale, decimals = number
    _refuse_others(text, _DIGITS.sub(" ", rest))
    return Said(value, unit, scale, decimals, hedge, which, sign)


def has_moved_by(text: str) -> bool | None:
    """Whether a text says by how much something moved (`fell by $31bn`); None if it may be to how much."""
    said = re.sub(r"\bminus\b|\bless\b|마이너스|[▲△]", " ", text.casefold())
    if not re.search(rf"{NEGATIVE}|{POSITIVE}", said) or re.search(r"\bto\b|(?<=[러안원명])으?로", said):
        return False
    # In Korean an amount without 로 before the word of movement is by how much: 43억 달러 증가했다.
    return True if re.search(rf"\bby\b|만큼|{_BY_SO_MUCH}", said) else None


def is_time(text: str) -> bool:
    """Whether the number of a text is a year: `since 1992`, or 1992 alone."""
    return _TIME.search(text.casefold()) is not None or _YEAR.fullmatch(text.strip()) is not None


def _refuse_others(text: object, rest: str) -> None:
    """Refuses words that nothing above has read.

    Raises:
        BilateralError: There are some.
    """
    rest = re.sub(r"\bof (?:its |all |total |the )*(?:exports|imports|trade|gdp|economy)\b", " ", rest)
    others = [word for word in re.findall(r"[^\W\d_]+", rest) if word not in _BESIDE and word not in NUMBERS]
    if others:
        raise BilateralError(
            f"{text!s} is no value: {', '.join(others)} is not understood, and may change what is said.",
            remedy="Leave it out if it does not: $55.6 billion, 556억 달러, 57 percent.",
        )


def side(text: str) -> int:
    """-1 if a text says deficit, 1 if it says surplus, else 0."""
    return -1 if re.search(_DEFICIT, text) else int(re.search(_SURPLUS, text) is not None)


def _english(text: str) -> tuple[float, str | None, int] | None:
    found = re.findall(
        r"(\d[\d,]*(?:\.\d+)?|\.\d+)(?:st|nd|rd|th)?\s*-?\s*(hundred million|ten thousand|[a-z]+)?", text
    )
    if len(found) != 1:
        return None
    digits, word = found[0]
    return float(digits.replace(",", "")), _ENGLISH.get(word) or _ENGLISH.get(word.removesuffix("s")), _decimals(digits)


def _korean(text: str) -> tuple[float, str | None, int] | None:
    """A number of parts such as 5억3000만 or 3백57억, with its last printed digit as its precision.

    Zeros at the end of a part below another one are not counted as printed: 5억3000만 is 5.3억.
    """
    whole = re.sub(r"[\s,]", "", text)
    found = re.search(r"\d[\d.조억만천백십]*", whole)
    # A full stop after it ends the sentence.
    number = found[0].rstrip(".") if found else ""
    if not number or not _PARTS_OF_KOREAN.fullmatch(number):
        return None
    parts = re.findall(r"([\d.천백십]+)([조억만]?)", number)
    total, digit, largest = 0.0, 1.0, 1.0
    for digits, unit in parts:
        factor = _KOREAN.get(unit, 1.0)
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
    total = 0.0
    rest = digits
    for letter, factor in _SMALL.items():
        before, mark, after = rest.partition(letter)
        if mark:
            total += float(before or 1) * factor
            rest, smallest = after, factor
    if rest:
        return total + float(rest), 10.0 ** -_decimals(rest)
    return total, float(smallest)


def _decimals(digits: str) -> int:
    return len(digits.partition(".")[2])
