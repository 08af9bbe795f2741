"""Lines in spoken words: `first since 1992` and `second-largest` become the comparator and the place that they are.

Here: rewriting a line before its parts are looked up. Not here: sentences (`reader`).
"""

from __future__ import annotations

import re

NUMBERS = {word: n for n, word in enumerate("one two three four five six seven eight nine ten".split(), start=1)}  # noqa: SIM905
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
NUMBERS |= {word: n for n, word in enumerate(_ORDINALS.split(), start=1)}

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
_COUNTED = "|".join(one for one in NUMBERS if one.isascii())
_NTH = re.compile(rf"(?:\b({_COUNTED}|\d)(?:st|nd|rd|th)?[- ])?\b(?:largest|biggest)\b", re.IGNORECASE)


def first(text: str) -> str:
    """Write the first one since 1992, or in 31 years, as the comparator that it is."""
    for pattern, comparator in _FIRST:
        if found := pattern.search(text):
            said = found.groupdict()
            what = said.get("what") or said.get("that") or ""
            words = " ".join(filter(None, [comparator, what.strip(), (said.get("at") or "").strip()]))
            return f"{text[: found.start()]} {words}{text[found.end() :]}"
    return text


def ranked(text: str) -> tuple[int | None, str]:
    """Return the place that `second-largest` or `largest` says, and the text with `largest` in its stead."""
    found = _NTH.search(text)
    if found is None:
        return (1 if re.search(r"(?<!사상)(?<!역대)(?<!사상 )(?<!역대 )최대", text) else None), text
    place = (found[1] or "first").casefold()
    return NUMBERS.get(place) or int(place), f"{text[: found.start()]}largest{text[found.end() :]}"
