"""Convert amounts, days and lists of periods to Korean, and choose the forms of particles."""

from __future__ import annotations

import re
from calendar import month_name
from decimal import Decimal

_SCALES = {"": 1, " thousand": 10**3, "m": 10**6, "bn": 10**9, "tn": 10**12}
_UNITS = ((10**12, 10**9, "조"), (10**8, 10**4, "억"), (10**4, 10**4, "만"))
_CURRENCIES = {"US$": "달러", "KRW ": "원", "CNY ": "위안", "JPY ": "엔", "HKD ": "홍콩달러", "EUR ": "유로", "": ""}
_AMOUNT = re.compile(r"(US\$|(?:KRW|CNY|JPY|HKD|EUR) |^(?=[\d.]+m$))(\d[\d,]*(?:\.\d+)?)(tn|bn|m| thousand)?(?![a-z])")
_MONTHS = {name: number for number, name in enumerate(month_name) if name}
_MONTH = "|".join(_MONTHS)
_YEAR = "((?:\ue000[^\ue001]*\ue001[^\ue001]*\ue001)?\\d{4}\ue002?)"  # or a number with its value in marks
_BALANCE = re.compile(r"an? (?:(deficit)|surplus) of ((?:about )?\S*?−?(?:[\d,]+[조억만] ?)*[\d,]*\s?달러\ue002?)")
# The final sound of a digit or letter read aloud: ㄹ, another consonant (ㅇ), or a vowel if not listed.
_ENDINGS = {**dict.fromkeys("178LRlr", "ㄹ"), **dict.fromkeys("036MNmn", "ㅇ")}
_PARTICLES = r"은\(는\)|이\(가\)|을\(를\)|과\(와\)|\(으\)로|\(이\)"
_PARTICLE = re.compile(rf"([0-9A-Za-z가-힣%])((?:\ue002|[’”\"'`*]| ?\([^()]*\))*)({_PARTICLES})")


def format_amount(digits: str, scale: str | None, currency: str) -> str:
    """Format an amount in Korean units; for example "18.04", "bn" and "달러" become 180억 4,000만 달러."""
    whole = int(Decimal(digits.replace(",", "")) * _SCALES[scale or ""])
    parts, rest = [f"{n:,}{unit}" for size, most, unit in _UNITS if (n := whole // size % most)], whole % 10**4
    return " ".join([*parts, f"{rest:,}{currency}" if rest or not parts else currency])


def convert_values(text: str) -> str:
    """Convert amounts, balances, days and months in a text from English to Korean."""
    text = _AMOUNT.sub(lambda one: format_amount(one[2], one[3], _CURRENCIES[one[1]]), text)
    text = _BALANCE.sub(lambda one: f"{one[2].replace('about ', '약 ')} {'적자' if one[1] else '흑자'}", text)
    text = re.sub(r"(?<![\w\ue000-])-(?=[\d.]+%)", "−", text.replace("a balance of nothing", "수지 균형"))
    text = re.sub(rf"\b(\d{{1,2}}) ({_MONTH}) {_YEAR}", lambda d: f"{d[3]}년 {_MONTHS[d[2]]}월 {d[1]}일", text)
    text = re.sub(rf"\b({_MONTH}) to (?=({_MONTH}) )", lambda one: f"{_MONTHS[one[1]]}~", text)
    text = re.sub(rf"(\d+~)?\b({_MONTH}) {_YEAR}", lambda m: f"{m[3]}년 {m[1] or ''}{_MONTHS[m[2]]}월", text)
    text = re.sub(rf"^({_MONTH})$", lambda one: f"{_MONTHS[one[1]]}월", text)
    day = r"(?<![\w/@-])(\d{4})-(\d\d)(?:-(\d\d))?(?![\d-])"
    return re.sub(day, lambda d: f"{d[1]}년 {int(d[2])}월" + (f" {int(d[3])}일" if d[3] else ""), text)


def convert_periods(text: str) -> str:
    """Convert a list of years or months; for example "2015–2018 and 2020" becomes 2015~2018년과 2020년."""
    parts = re.split(r", | and | or ", re.sub(r"–| to |\.\.", "~", text))
    every = (convert_values(part if re.search(r"\d-\d|[^\d~\ue002]$", part) else f"{part}년") for part in parts)
    return re.sub(r"(\d{4}년) (\d+)월~\1 ", r"\1 \2~", ", ".join(every).replace(", ", "과 ", 1))


def attach_particles(text: str) -> str:
    """Choose the form of each particle in a text, such as 은 or 는 for 은(는), by the sound before it."""

    def choose_particle(found: re.Match[str]) -> str:
        last, particle = found[1], found[3]
        code = (ord(last) - 0xAC00) % 28 if "가" <= last <= "힣" else -1
        ending = _ENDINGS.get(last, "") if code < 0 else "ㄹ" if code == 8 else "ㅇ" if code else ""
        form = particle.strip("()")[0] if ending else particle[2:3].strip(")")
        return last + found[2] + (("으로" if ending == "ㅇ" else "로") if particle == "(으)로" else form)

    return _PARTICLE.sub(choose_particle, text)
